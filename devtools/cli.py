"""The commands' names and options."""

from __future__ import annotations

import argparse
import os

from . import commands
from .console import Stop, end_on_signals, error, explain_os_error, stop_children

_EPILOG = """State (databases, Odoo, Python packages) lies in $CLUB_HOME: by default ~/.cache/customer-club,
for root /var/lib/customer-club. $ODOO_HOME names an Odoo 19 to use; the PG* variables name a PostgreSQL to use."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    end_on_signals()
    options, rest = _parser().parse_known_args(arguments)
    if options.takes_more:
        options.arguments = rest
    elif rest:
        error(f"./dev {options.command} does not know {' '.join(rest)}")
        return 2
    try:
        return options.function(options)
    except Stop as stop:
        error(f"\nStopped: {stop}")
        if stop.remedy:
            error(f"What to do: {stop.remedy}")
        return 1
    except OSError as refused:
        stop = explain_os_error(refused)
        error(f"\nStopped: {stop}\nWhat to do: {stop.remedy or 'Run the same command again.'}")
        return 1
    except KeyboardInterrupt:
        error("\nInterrupted. What was finished is kept; the same command goes on from there.")
        return 130
    finally:
        stop_children()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev", description="Customer Club: a real Odoo 19 with the club, in one command.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_subparsers(dest="command", required=True, metavar="command").add_parser

    def command(name: str, help_text: str, takes_more: bool = False) -> argparse.ArgumentParser:
        sub = add(name, help=help_text, description=help_text, add_help=not takes_more)
        sub.set_defaults(function=getattr(commands, name), takes_more=takes_more)
        return sub

    run = command("run", "serve the club with demo data on 127.0.0.1")
    run.add_argument("--port", type=int, default=int(os.environ.get("CLUB_PORT", "8069")))
    run.add_argument("--fresh", action="store_true", help="make the demo database anew")
    command("test", "run the tests; takes pytest's arguments", takes_more=True)
    native = command("native", "run Odoo's own loyalty suites with the club installed")
    native.add_argument("--stock", action="store_true", help="run them in a like database without the club")
    bench = command("bench", "run the benchmarks, or one: bench NAME [its arguments]", takes_more=True)
    bench.add_argument("name", nargs="?")
    command("lint", "check the sources with ruff, pylint-odoo, mypy and an XML parser")
    databases = ("demo", "stock", "shop", "till", "extension", "stock_till")
    shell = command("shell", "Odoo's shell, or run a file in it: shell [FILE [its arguments]]", takes_more=True)
    shell.add_argument("-d", "--database", default="demo", choices=databases)
    shell.add_argument("file", nargs="?")
    psql = command("psql", "psql on the demo database, or on another: psql [-d NAME] [its arguments]", takes_more=True)
    psql.add_argument("-d", "--database", default="demo", choices=databases)
    clean = command("clean", "remove this checkout's databases and state")
    clean.add_argument("--all", action="store_true", help="of all checkouts, and the shared downloads too")
    return parser
