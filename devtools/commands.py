"""What each command of `./dev` does."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from . import extras, postgres, python_env, sources, suites
from .console import Stop, error, finish, say, start, step, stop_children
from .database import Workbench
from .places import ADDON, Places

_PYLINT_MESSAGES = (
    "--disable=all",  # ruff does the rest
    "--enable=odoolint",
    "--disable=method-required-super,no-raise-unlink",    # facts refuse to be changed: those methods only raise
    "--disable=missing-return,super-method-mismatch",     # wrong about computes and about writing past a catch
    "--disable=no-search-all",                            # a night job means every club
    "--disable=missing-readme",                           # of the test-only addons
    "--disable=prefer-env-translation",                   # a method of many sentences calls self.env._ by the name _
)
_LOGINS = (("manager", "runs the club"), ("accountant", "closes its periods"), ("customer", "is a member"),
           ("admin", "Odoo's administrator"))
_LEFT_OUT_BY_DEBIAN = "mail/static/lib/selfie_segmentation/"  # blurs one's video background; Odoo logs its absence
_WARM_PAGES = ("/", "/shop")  # their assets are built once, before anybody waits for them


@contextlib.contextmanager
def workbench(places: Places) -> Iterator[Workbench]:
    """Everything that is needed to run Odoo, fetched where it is not there yet."""
    places.prepare()
    with ThreadPoolExecutor(3) as pool:
        tasks = [pool.submit(task, places) for task in (python_env.ensure, sources.ensure, extras.ensure_rtlcss)]
        try:
            for task in as_completed(tasks):
                task.result()
        except BaseException:
            stop_children()  # the other tasks' too: the first failure ends the run
            raise
        python, odoo, rtlcss = (task.result() for task in tasks)
    say(f"Odoo 19: {odoo.origin}")
    with postgres.running(places, python) as server:
        yield Workbench(places, odoo, python, server, rtlcss)


# ------------------------------------------------------------
# run
# ------------------------------------------------------------

def run(options: Namespace) -> int:
    """Serve a database with demo data until Ctrl-C."""
    places = Places()
    _check_port(options.port)
    with workbench(places) as bench:
        extras.ensure_pdf(places)
        name, new = bench.demo(options.fresh)
        config = bench.config(name, http_port=options.port, max_cron_threads=1)
        address = f"http://127.0.0.1:{options.port}"
        # Before it starts: links in mails lead there, and prints take their styles from there.
        bench.server.sql(f"UPDATE ir_config_parameter SET value = '{address}' WHERE key = 'web.base.url'", name)
        log = places.logs / "server.log"
        command = [bench.python, "-m", "odoo", "-c", config]
        server = start(
            command, env=bench.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        threading.Thread(target=_show_warnings, args=(server, log), daemon=True).start()
        with step("Odoo: starting"):
            _wait_until_ready(server, address, log)
        if new:
            with step("Odoo: building the pages' styles and scripts, once"):
                _warm(address)
        _print_addresses(address, log)
        try:
            return finish(server)
        except KeyboardInterrupt:
            say("ended")
            return 0


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refused:
            raise Stop(
                f"Port {port} of 127.0.0.1 cannot be had: {refused.strerror}.",
                f"Stop the program that uses it (perhaps another ./dev run), or: ./dev run --port {port + 1}",
            ) from refused


def _show_warnings(server: subprocess.Popen, log: Path) -> None:
    """Keep the server's log in a file, and show warnings and errors."""
    assert server.stdout is not None
    shown = False
    with log.open("w", encoding="utf-8") as file:
        for line in server.stdout:
            file.write(line)
            file.flush()
            if line[:2] == "20":  # a new record, not the next line of a traceback
                loud = any(level in line for level in (" WARNING ", " ERROR ", " CRITICAL "))
                shown = loud and _LEFT_OUT_BY_DEBIAN not in line
            if shown:
                error(line.rstrip())


def _wait_until_ready(server: subprocess.Popen, address: str, log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if server.poll() is not None:
            text = log.read_text(encoding="utf-8") if log.exists() else ""
            raise Stop(f"Odoo ended while starting.\n{text[-2000:]}", f"The log: {log}")
        try:
            with urllib.request.urlopen(address + "/web/health", timeout=20):
                return
        except urllib.error.HTTPError as answer:
            raise Stop(f"Odoo answers with an error: {answer}", f"The log: {log}") from answer
        except OSError:
            time.sleep(0.2)
    raise Stop("Odoo does not answer.", f"The log: {log}")


def _warm(address: str) -> None:
    for page in _WARM_PAGES:
        with contextlib.suppress(OSError):
            text = urllib.request.urlopen(address + page, timeout=180).read().decode()
            for asset in re.findall(r'(?:href|src)="(/web/assets/[^"]+)"', text):
                urllib.request.urlopen(address + asset, timeout=180).close()


def _print_addresses(address: str, log: Path) -> None:
    say("ready")
    print(f"""
  The shop          {address}/shop
  The member's page {address}/my/club
  The backend       {address}/odoo
""")
    for login, role in _LOGINS:
        print(f"  login {login:<11} password {login:<11} {role}")
    print(f"\n  Log: {log}\n  Ctrl-C ends it.\n", flush=True)


# ------------------------------------------------------------
# Tests and benchmarks
# ------------------------------------------------------------

def test(options: Namespace) -> int:
    """Run our tests."""
    places = Places()
    with workbench(places) as bench:
        extras.ensure_browser(places)
        extras.ensure_pdf(places)
        return suites.run_pytest(bench, options.arguments)


def native(options: Namespace) -> int:
    """Run Odoo's own loyalty suites."""
    places = Places()
    with workbench(places) as bench:
        extras.ensure_browser(places)
        return suites.run_native(bench, options.stock)


def bench(options: Namespace) -> int:
    """Run benchmarks, each on its own copy of the shop template."""
    places = Places()
    files = sorted(path for path in (places.checkout / "bench").glob("*.py") if not path.name.startswith("_"))
    if options.name:
        files = [path for path in files if path.stem == Path(options.name).stem]
    if not files:
        known = ", ".join(path.stem for path in sorted((places.checkout / "bench").glob("[!_]*.py")))
        raise Stop(f"No such benchmark: {options.name or 'bench/ is empty'}.", f"There are: {known}" if known else "")
    statuses = []
    with workbench(places) as tools:
        for file in files:
            with tools.throw_away_copy("shop") as database:
                say(f"bench {file.stem}")
                statuses.append(_run_script(tools, database, file, options.arguments))
    return max(statuses)


def _run_script(tools: Workbench, database: str, file: Path, arguments: list[str]) -> int:
    script = Path(__file__).with_name("odoo_script.py")
    command = [tools.python, script, tools.config(database), database, file, *arguments]
    return finish(start(command, env=tools.env()))


# ------------------------------------------------------------
# Lint
# ------------------------------------------------------------

def lint(_options: Namespace) -> int:
    """Check the sources; every check runs, whatever the others say."""
    places = Places()
    places.prepare()
    python = python_env.ensure(places)
    link, state = places.link, places.state
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(places.shared / "pycache"), "PYLINTHOME": str(state / "pylint")}
    typed = [f"{ADDON}/{name}" for name in ("engine", "clients") if any((places.checkout / name).glob("*.py"))]
    checks = {
        "ruff": ([python, "-m", "ruff", "check", "--cache-dir", state / "ruff", "."], link),
        "pylint-odoo": (
            [python, "-m", "pylint", "--rcfile", link / "pyproject.toml", *_PYLINT_MESSAGES, ADDON], places.addons,
        ),
        "mypy": (
            [python, "-m", "mypy", "--config-file", link / "pyproject.toml", "--cache-dir", state / "mypy", *typed],
            places.addons,
        ),
    }
    if not typed:
        del checks["mypy"]
    failed = [] if _check_xml(places.checkout) else ["XML"]
    for name, (command, folder) in checks.items():
        say(name)
        if finish(start(command, cwd=folder, env=env)):
            failed.append(name)
    say(f"lint: {', '.join(failed)} complained" if failed else "lint: clean")
    return 1 if failed else 0


def _check_xml(checkout: Path) -> bool:
    say("XML files parse")
    wrong = [line for path in sorted(checkout.rglob("*.xml")) if (line := _xml_error(path))]
    for line in wrong:
        error(line)
    return not wrong


def _xml_error(path: Path) -> str:
    try:
        ElementTree.parse(path)
    except ElementTree.ParseError as error_found:
        return f"{path}: {error_found}"
    return ""


# ------------------------------------------------------------
# Looking inside
# ------------------------------------------------------------

def shell(options: Namespace) -> int:
    """Odoo's shell on the demo database, or on another; or run a file there."""
    places = Places()
    with workbench(places) as tools:
        name = tools.name(options.database)
        if options.database == "demo":
            tools.demo()
        else:
            tools.template(options.database)
        if options.file:
            return _run_script(tools, name, Path(options.file).resolve(), options.arguments)
        command = [tools.python, "-m", "odoo", "shell", "-c", tools.config(name), "--no-http", "--log-level=warn"]
        return finish(start(command, env=tools.env()))


def psql(options: Namespace) -> int:
    """psql on one of our databases."""
    places = Places()
    with workbench(places) as tools:
        name = tools.name(options.database)
        if not tools.stamp(name):
            made = tools.server.sql("SELECT string_agg(datname, ', ') FROM pg_database WHERE NOT datistemplate")
            raise Stop(f"There is no database {name}.", f"./dev run makes the demo one. There are: {made}")
        return finish(start([tools.server.psql, "-d", name, *options.arguments], env=tools.server.env()))


def clean(options: Namespace) -> int:
    """Remove this checkout's state, or with --all that of every checkout and the downloads."""
    places = Places()
    states = [places.state]
    if options.all:
        states = sorted((places.home / "checkouts").glob("*"))
    for state in states:
        if state.exists():
            postgres.clear(places, state)
            _remove(state)
    if options.all:
        _remove(places.shared)
    return 0


def _remove(folder: Path) -> None:
    if folder.exists():
        say(f"removing {folder}")
        shutil.rmtree(folder)
