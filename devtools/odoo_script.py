"""Runs a Python file with `env` of a database, as `odoo shell` would, but with real tracebacks and exit status.

Executed by the virtual environment's Python: `python odoo_script.py <config> <database> <file> [arguments]`.
What the file changes is rolled back unless it commits.
"""

import runpy
import sys

sys.path.pop(0)  # this folder: its modules must not pass for others of the same name

import odoo.api  # noqa: E402
from odoo.modules.registry import Registry  # noqa: E402
from odoo.service import server  # noqa: E402
from odoo.tools import config  # noqa: E402


def main() -> None:
    """Open the database, run the file, roll back."""
    configuration, database, path, *arguments = sys.argv[1:]
    config.parse_config(["-c", configuration, "-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    server.load_server_wide_modules()
    sys.argv = [path, *arguments]
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        context = env["res.users"].context_get()
        runpy.run_path(path, {"env": env(context=context), "odoo": odoo, "self": env.user}, "__main__")
        cr.rollback()


if __name__ == "__main__":
    main()
