"""Databases: templates that are ready, throw-away copies of them, and Odoo run on one.

    stock ──► shop ──► till, extension        (→: a copy with more modules)
      └─────► stock_till
    upgrade                                   (the previous version, filled, then updated to this one)

A template says in its comment from what it was made; without that comment it is half-made and is made anew.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import Progress, Stop, run_logged, step
from .places import ADDON, Places, addon_hash, short_hash
from .postgres import Server
from .previous import previous_revision, unpack_previous
from .sources import Odoo

_PARENT = {"shop": "stock", "till": "shop", "extension": "shop", "stock_till": "stock"}
_SLOTS = 8  # how many throw-away databases there can be at a time


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Workbench:
    """Everything that a command on a database needs."""

    places: Places
    odoo: Odoo
    python: Path
    server: Server
    rtlcss: Path | None

    # ------------------------------------------------------------
    # Running Odoo
    # ------------------------------------------------------------

    def env(self) -> dict[str, str]:
        """The environment of every process that imports Odoo."""
        env = self.server.env()
        for name in ("ODOO_RC", "OPENERP_SERVER", "PYTHONHOME", "VIRTUAL_ENV"):
            env.pop(name, None)
        path = [str(self.python.parent), *([str(self.rtlcss)] if self.rtlcss else []), env.get("PATH", os.defpath)]
        return {
            **env,
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": str(self._importable()),
            "PYTHONPYCACHEPREFIX": str(self.places.shared / "pycache"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.places.state / "hypothesis"),
        }

    def _importable(self) -> Path:
        """A folder with nothing but the package `odoo`: its neighbours must not shadow the virtual environment's."""
        folder = self.places.state / "import"
        link = folder / "odoo"
        if not link.is_symlink() or Path(os.readlink(link)) != self.odoo.package:
            folder.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(self.odoo.package)
        return folder

    def config(self, database: str, **options: str | int) -> Path:
        """Write Odoo's configuration file for a database; return its path."""
        addons = [*self.odoo.addons, self.places.addons]
        if self.test_addons() and "demo" not in database:
            addons.append(self.places.link / "tests")
        values = {
            "addons_path": ",".join(map(str, addons)),
            "data_dir": self.places.data,
            "db_name": database,
            "dbfilter": f"^{re.escape(database)}$",
            "list_db": False,
            "http_interface": "127.0.0.1",
            "max_cron_threads": 0,
            "screenshots": self.places.state / "screenshots",
            **options,
        }
        if self.server.embedded:
            values |= {"db_host": self.server.environment["PGHOST"], "db_user": self.server.environment["PGUSER"]}
        path = self.places.state / "config" / f"{database}.conf"
        path.parent.mkdir(exist_ok=True)
        text = "".join(f"{name} = {value}\n" for name, value in values.items())
        path.write_text("[options]\n" + text, encoding="utf-8")
        return path

    def run_odoo(
        self, database: str, arguments: Sequence[str], title: str, *, check: bool = True, http: bool = False,
    ) -> int:
        """Run `odoo … --stop-after-init` on a database with progress; return its status."""
        progress = Progress(title, every=10.0)

        def on_line(line: str) -> None:
            if match := re.search(r"Loading module (\S+) \((\d+)/(\d+)\)", line):
                progress.show(f"module {match[2]} of {match[3]}, {match[1]}")

        command = [
            self.python, "-m", "odoo", "-c", self.config(database), "-d", database, "--stop-after-init",
            *(["--http-port", str(free_port())] if http else ["--no-http"]), *arguments,
        ]
        log = self.places.logs / f"{database}.log"
        return run_logged(command, log, title, env=self.env(), on_line=on_line, check=check)

    # ------------------------------------------------------------
    # Modules
    # ------------------------------------------------------------

    def test_addons(self) -> list[str]:
        """The test-only addons below tests/, which try the extension points."""
        return sorted(path.parent.name for path in (self.places.checkout / "tests").glob("*/__manifest__.py"))

    def modules(self, kind: str) -> list[str]:
        """What a template installs beyond its parent."""
        if kind == "stock":
            manifest = ast.literal_eval((self.places.checkout / "__manifest__.py").read_text(encoding="utf-8"))
            return [*manifest["depends"], "payment_demo"]
        return {
            "shop": [ADDON], "till": ["pos_loyalty"], "stock_till": ["pos_loyalty"], "extension": self.test_addons(),
            "upgrade": [ADDON],
        }[kind]

    # ------------------------------------------------------------
    # Databases
    # ------------------------------------------------------------

    def name(self, kind: str) -> str:
        """A database's name on this server."""
        return f"{self.server.prefix}_{kind}"

    def stamp(self, name: str) -> str:
        """From what a database was made; empty if it is not there or was never finished."""
        return self.server.sql(
            f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'",
        )

    def is_made(self, name: str) -> bool:
        """Whether a database was finished and its attachments are still here."""
        return bool(self.stamp(name)) and self.filestore(name).exists()

    def set_stamp(self, name: str, stamp: str) -> None:
        """Say that a database is finished."""
        self.server.sql(f"COMMENT ON DATABASE \"{name}\" IS '{stamp}'")

    def drop(self, name: str) -> None:
        """Remove a database and its file store, if they are there."""
        self.server.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def filestore(self, name: str) -> Path:
        """The folder of a database's attachments."""
        return self.places.data / "filestore" / name

    def copy(self, source: str, target: str) -> None:
        """Make `target` anew as a copy of `source`, attachments included."""
        self.drop(target)
        self.server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{source}'")
        self.server.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        if self.filestore(source).exists():
            # Odoo never writes into a stored file again, so that a second name for it will do.
            shutil.copytree(self.filestore(source), self.filestore(target), copy_function=os.link)

    # ------------------------------------------------------------
    # Templates and copies
    # ------------------------------------------------------------

    def template(self, kind: str) -> str:
        """Make or renew a template database; return its name."""
        with self.places.lock(f"{self.places.state.relative_to(self.places.home)}/template.lock"):
            return self._template(kind)[0]

    def _template(self, kind: str) -> tuple[str, str]:
        name, modules = self.name(kind), self.modules(kind)
        parent, base = self._template(_PARENT[kind]) if kind in _PARENT else ("", self.odoo.identity)
        content = ""
        if kind == "shop":
            content = addon_hash(self.places.checkout)
        elif kind == "extension":
            content = short_hash(*(addon_hash(self.places.checkout / "tests" / module) for module in modules))
        elif kind == "upgrade":
            content = short_hash(addon_hash(self.places.checkout), previous_revision(self.places.checkout))
        wanted = short_hash(base, content, *modules)
        if not self.is_made(name) or self.stamp(name) != wanted:
            self.places.need_space(0.3 if parent else 1.0, "a database")
            origin = f"a copy of {parent}" if parent else "the previous version" if kind == "upgrade" else "Odoo"
            with step(f"database {name}: {origin} with {', '.join(modules)}"):
                self.drop(name)
                if parent:
                    self.copy(parent, name)
                if kind == "upgrade":
                    self._install_previous(name)
                    self.run_odoo(name, ["-u", ADDON], f"Updating {name}")
                else:
                    self.run_odoo(name, ["-i", ",".join(modules)], f"Installing into {name}")
                self._check_installed(name, modules)
                self.set_stamp(name, wanted)
        return name, wanted

    def _install_previous(self, name: str) -> None:
        """Install the previous version, with what it depended on, and fill it, as a shop comes to this one."""
        folder = unpack_previous(self.places, previous_revision(self.places.checkout))
        config = self.config(name, addons_path=",".join(map(str, [*self.odoo.addons, folder])))
        log = self.places.logs / f"{name}-previous.log"
        install = ["-m", "odoo", "-c", config, "-d", name, "--stop-after-init", "--no-http", "-i", ADDON]
        run_logged([self.python, *install], log, "Installing the previous version", env=self.env())
        script = Path(__file__).with_name("odoo_script.py")
        seed = self.places.checkout / "tests" / "upgrade" / "seed.py"
        run_logged([self.python, script, config, name, seed], log, "Filling the previous version", env=self.env())

    def _check_installed(self, name: str, modules: Sequence[str]) -> None:
        wanted = ", ".join(f"'{module}'" for module in modules)
        missing = self.server.sql(
            f"SELECT string_agg(m, ', ') FROM unnest(ARRAY[{wanted}]) m WHERE NOT EXISTS "
            f"(SELECT FROM ir_module_module WHERE name = m AND state = 'installed')", name,
        )
        if missing:
            raise Stop(
                f"Odoo did not install {missing}. The log: {self.places.logs / (name + '.log')}",
                "Mend what the log shows; the next run starts this step again.",
            )

    @contextlib.contextmanager
    def throw_away_copy(self, kind: str) -> Iterator[str]:
        """A database that is gone afterwards. What a killed run left is removed by the next that takes its place."""
        template = self.template(kind)
        for slot in range(1, _SLOTS + 1):
            name = f"{self.name('copy')}_{slot}"
            with self.places.try_lock(f"{name}.lock") as free:
                if not free:
                    continue
                with step(f"database {name}: a copy of {template}"):
                    self.copy(template, name)
                try:
                    yield name
                finally:
                    self.drop(name)
                return
        raise Stop(f"{_SLOTS} runs of this checkout are at work already.", "Wait for one of them to end.")

    # ------------------------------------------------------------
    # Demo
    # ------------------------------------------------------------

    def demo(self, fresh: bool = False) -> tuple[str, bool]:
        """Make or update the database with demo data; return its name and whether it is new."""
        name = self.name("demo")
        wanted = short_hash(self.odoo.identity, addon_hash(self.places.checkout, with_demo=True))
        stamp = self.stamp(name) if self.is_made(name) else ""
        if stamp == wanted and not fresh:
            return name, False
        with self.places.lock(f"{self.places.state.relative_to(self.places.home)}/demo.lock"):
            modules = [*self.modules("stock"), ADDON]
            if stamp and not fresh:
                with step(f"database {name}: updating, since the addon changed"):
                    try:
                        self.run_odoo(name, ["-u", ADDON], f"Updating {name}")
                    except Stop as stop:
                        remedy = "Mend what the log shows, or give the demo up: ./dev run --fresh"
                        raise Stop(str(stop), remedy) from stop
            else:
                self.places.need_space(1.5, "the demo database")
                with step(f"database {name}: Odoo and the club with demo data (several minutes, once)"):
                    self.drop(name)
                    self.run_odoo(name, ["--with-demo", "-i", ",".join(modules)], f"Installing into {name}")
                    self._check_installed(name, modules)
            self.set_stamp(name, wanted)
        return name, not stamp or fresh
