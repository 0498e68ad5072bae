"""Test runs: our own with pytest, Odoo's own with Odoo's runner."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from .console import error, finish, say, start, step
from .database import Workbench

_NO_TESTS = 5  # pytest's exit status when nothing was selected
_OPTIONS_WITH_VALUE = {"-k", "-m", "-n", "-p", "-o", "-c", "-W", "-r", "--maxfail", "--durations", "--tb", "--lf"}

# ------------------------------------------------------------
# Ours
# ------------------------------------------------------------


def split_arguments(arguments: Sequence[str], checkout: Path) -> tuple[list[str], list[str]]:
    """Part pytest's arguments into options and paths; paths may be given from the checkout or from where we stand.

    :return: options as they are, and paths relative to the checkout, with their `::` parts.
    """
    options, paths = [], []
    previous = ""
    for argument in arguments:
        name, colons, rest = argument.partition("::")
        found = None
        if not argument.startswith("-") and previous not in _OPTIONS_WITH_VALUE:
            near = [path.resolve() for path in (checkout / name, Path(name)) if path.exists()]
            found = next((path for path in near if path == checkout or checkout in path.parents), None)
        if found:
            paths.append(f"{found.relative_to(checkout)}{colons}{rest}")
        else:
            options.append(argument)
        previous = argument
    return options, paths


def group_by_template(paths: Iterable[str], checkout: Path) -> dict[str, list[str]]:
    """Say for each test file on which template it runs: `test_till_*` and `test_extension_*` have their own."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        name = path.partition("::")[0]
        files = [path]
        if (checkout / name).is_dir():
            files = sorted(str(file.relative_to(checkout)) for file in (checkout / name).glob("test_*.py"))
        for file in files:
            match = re.match(r"test_(till|extension)_", Path(file.partition("::")[0]).name)
            groups.setdefault(match[1] if match else "shop", []).append(file)
    return dict(sorted(groups.items(), key=lambda group: group[0] != "shop"))


def run_pytest(bench: Workbench, arguments: Sequence[str]) -> int:
    """Run our tests, each group on a copy of its template; return the exit status."""
    checkout = bench.places.checkout
    options, paths = split_arguments(arguments, checkout)
    groups = group_by_template(paths or ["tests"], checkout)
    if not groups:
        error("No tests found.")
        return _NO_TESTS
    began = time.monotonic()
    total: Counter[str] = Counter()
    statuses = []
    for kind, files in groups.items():
        report = bench.places.state / f"pytest-{kind}.xml"
        report.unlink(missing_ok=True)
        with bench.throw_away_copy(kind) as database:
            say(f"pytest on {database} ({len(files)} files)")
            statuses.append(_pytest(bench, database, report, options, files))
        total += count_results(report)
    if len(groups) > 1:
        print(summary(total, time.monotonic() - began), flush=True)
    failed = [status for status in statuses if status not in (0, _NO_TESTS)]
    if failed:
        return failed[0]
    return 0 if 0 in statuses else _NO_TESTS


def _pytest(bench: Workbench, database: str, report: Path, options: Sequence[str], files: Sequence[str]) -> int:
    link = bench.places.link
    command = [
        bench.python, "-m", "pytest", "-c", link / "pyproject.toml", "--rootdir", link,
        "-o", f"cache_dir={bench.places.state / 'pytest_cache'}", "--odoo-config", bench.config(database),
        "--odoo-http", f"--junitxml={report}", *options, *(link / file for file in files),
    ]
    return finish(start(command, cwd=link, env=bench.env()))


def count_results(report: Path) -> Counter[str]:
    """Count the outcomes in a JUnit file; nothing if pytest did not come to write it."""
    if not report.exists():
        return Counter()
    counts: Counter[str] = Counter()
    for suite in ElementTree.parse(report).iter("testsuite"):
        bad = {name: int(suite.get(key, 0)) for name, key in
               (("failed", "failures"), ("errors", "errors"), ("skipped", "skipped"))}
        counts.update(bad)
        counts["passed"] += int(suite.get("tests", 0)) - sum(bad.values())
    return counts


def summary(counts: Counter[str], seconds: float) -> str:
    """One closing line for several pytest runs, in pytest's own form.

    >>> summary(Counter(passed=7, failed=1, skipped=0), 12.3)
    '========= 1 failed, 7 passed in 12.30s ========='
    """
    parts = [f"{counts[name]} {name}" for name in ("failed", "passed", "skipped", "errors") if counts[name]]
    return f"========= {', '.join(parts) or 'no tests ran'} in {seconds:.2f}s ========="


# ------------------------------------------------------------
# Odoo's own
# ------------------------------------------------------------

_NATIVE_TAGS = "/loyalty,/sale_loyalty,/website_sale_loyalty,/pos_loyalty,-/pos_loyalty:TestUi"  # TestUi: its tours


def run_native(bench: Workbench, stock_only: bool) -> int:
    """Run Odoo's loyalty suites with the club installed; where something fails, compare with stock Odoo."""
    if stock_only:
        return 1 if _native(bench, "stock_till") is None else 0
    ours = _native(bench, "till")
    if ours is None:
        return 1
    if not ours:
        say("Odoo's own loyalty suites: no failure with customer_club installed")
        return 0
    stock = _native(bench, "stock_till")
    if stock is None:
        return 1
    for name in sorted(ours & stock):
        print(f"  fails in stock Odoo too: {name}")
    for name in sorted(ours - stock):
        print(f"  FAILS ONLY WITH customer_club: {name}")
    for name in sorted(stock - ours):
        print(f"  fails in stock Odoo only: {name}")
    say(f"Odoo's own loyalty suites: {len(ours - stock)} failures that stock Odoo does not show")
    return 1 if ours - stock else 0


def _native(bench: Workbench, kind: str) -> set[str] | None:
    """Run the suites on a copy of a template; return what failed, or None if they did not run to the end."""
    with bench.throw_away_copy(kind) as database:
        title = "Odoo's own suites, " + ("stock" if kind.startswith("stock") else "with customer_club")
        with step(title):
            status = bench.run_odoo(
                database, ["-u", "loyalty", "--test-tags", _NATIVE_TAGS], title, check=False, http=True,
            )
        log = bench.places.logs / f"native-{kind}.log"
        (bench.places.logs / f"{database}.log").replace(log)
    text = log.read_text(encoding="utf-8", errors="replace")
    totals = re.findall(r"(\d+ failed, \d+ error\(s\) of \d+ tests.*)", text)
    failures = parse_failures(text)
    if not totals or (status and not failures):
        error(f"{title}: the run did not come to its end. The log: {log}")
        return None
    say(f"{title}: {totals[-1].strip()} (log: {log})")
    for name in sorted(failures):
        print(f"  failed: {name}")
    return failures


def parse_failures(log: str) -> set[str]:
    """The tests and classes that an Odoo log says failed.

    >>> sorted(parse_failures("x ERROR db odoo.addons.loyalty.tests.test_a: FAIL: TestA.test_b\\n"
    ...                       "x ERROR db odoo.addons.sale.tests.test_c: ERROR: setUpClass (odoo.addons.x.TestD)"))
    ['loyalty: TestA.test_b', 'sale: setUpClass (odoo.addons.x.TestD)']
    """
    found = re.findall(r"odoo\.addons\.(\w+)\.tests\.[\w.]+: (?:FAIL|ERROR): (.+)", log)
    return {f"{module}: {name.strip()}" for module, name in found}
