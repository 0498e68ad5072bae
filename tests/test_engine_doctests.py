"""The examples in the docstrings of the engine are true."""

import doctest
import importlib
import pathlib

from odoo.tests import BaseCase, tagged

ENGINE = pathlib.Path(__file__).parent.parent / "engine"


@tagged("post_install", "-at_install")
class TestEveryExampleInTheEngineIsTrue(BaseCase):
    def test_every_docstring_example_of_every_module_holds(self):
        """Every module of engine/, whoever writes it, is found by its file."""
        modules = sorted(path.stem for path in ENGINE.glob("*.py") if path.stem != "__init__")
        self.assertIn("periods", modules)
        for name in modules:
            module = importlib.import_module(f"odoo.addons.customer_club.engine.{name}")
            for member in vars(module).values():
                if hasattr(member, "cache_clear"):  # a test that froze time may have left its own kind of dates
                    member.cache_clear()
            with self.subTest(module=name):
                failures = []
                runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
                for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
                    runner.run(test, out=failures.append)
                self.assertFalse(failures, "".join(failures))

    def test_the_rules_know_nothing_of_odoo_or_the_database(self):
        """Design rule 4: engine/ is plain Python."""
        for path in ENGINE.glob("*.py"):
            code = path.read_text(encoding="utf-8")
            for forbidden in (
                "import odoo",
                "from odoo",
                "import psycopg2",
                "datetime.now(",
                "date.today(",
                "random.random(",
            ):
                self.assertNotIn(forbidden, code, f"{path.name} is not deterministic plain Python")
