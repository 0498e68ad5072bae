"""Test runs: our own with pytest, Odoo's own with Odoo's runner."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .console import error, finish, say, start, step, stop_children
from .database import Workbench
from .previous import previous_revision

_NO_TESTS = 5  # pytest's exit status when nothing was selected
_ONE_PROCESS = {"-x", "--exitfirst", "-s", "--pdb", "--lf", "--ff", "--co", "--collect-only", "-k", "-m"}
_OPTIONS_WITH_VALUE = {"-k", "-m", "-n", "-p", "-o", "-c", "-W", "-r", "--maxfail", "--durations", "--tb"}

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
    """Say for each test file on which template it runs: till, extension and upgrade tests have their own."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        name = path.partition("::")[0]
        files = [path]
        if (checkout / name).is_dir():
            files = sorted(str(file.relative_to(checkout)) for file in (checkout / name).glob("test_*.py"))
        for file in files:
            match = re.match(r"test_(till|extension|upgrade)_", Path(file.partition("::")[0]).name)
            groups.setdefault(match[1] if match else "shop", []).append(file)
    return dict(sorted(groups.items(), key=lambda group: group[0] != "shop"))


def halve(files: Sequence[str], seconds: Mapping[str, float]) -> list[list[str]]:
    """Part test files into two lists that take about as long; each list keeps the files' order.

    >>> halve(["a", "b", "c", "d"], {"a": 60, "b": 10, "c": 20, "d": 25})
    [['a'], ['b', 'c', 'd']]
    """
    halves: list[list[str]] = [[], []]
    loads = [0.0, 0.0]
    for file in sorted(files, key=lambda name: -seconds[name]):
        lighter = loads.index(min(loads))
        halves[lighter].append(file)
        loads[lighter] += seconds[file]
    return [sorted(half, key=files.index) for half in halves if half]


@dataclass
class _Part:
    """Some test files on one database copy, in one process."""

    name: str
    kind: str
    files: list[str]
    report: Path
    database: str = ""
    counts: Counter[str] = field(default_factory=Counter)


def run_pytest(bench: Workbench, arguments: Sequence[str]) -> int:
    """Run our tests, each group on a copy of its template; return the exit status.

    The whole suite runs in two processes where there are two processors; with paths given, or one file, in one.
    """
    checkout = bench.places.checkout
    options, paths = split_arguments(arguments, checkout)
    groups = group_by_template(paths or ["tests"], checkout)
    if "upgrade" in groups and not previous_revision(checkout):
        say("tests of the update are left out: this checkout's history lacks the revision in tests/upgrade/previous")
        del groups["upgrade"]
    if not groups:
        error("No tests found.")
        return _NO_TESTS
    began = time.monotonic()
    both = not paths and not _ONE_PROCESS.intersection(options) and (os.cpu_count() or 1) > 1
    parts = _make_parts(bench, groups, both)
    with contextlib.ExitStack() as copies:
        for part in parts:
            part.database = copies.enter_context(bench.throw_away_copy(part.kind))
        if len(parts) == 1:
            return finish(_start_pytest(bench, parts[0], options))
        with ThreadPoolExecutor(2 if both else 1) as pool:
            tasks = [pool.submit(_follow_pytest, bench, part, options) for part in parts]
            try:
                statuses = [task.result() for task in tasks]
            except BaseException:
                stop_children()
                raise
    _remember_seconds(bench, parts)
    print(summary(sum((part.counts for part in parts), Counter()), time.monotonic() - began), flush=True)
    failed = [status for status in statuses if status not in (0, _NO_TESTS)]
    if failed:
        return failed[0]
    return 0 if 0 in statuses else _NO_TESTS


def _make_parts(bench: Workbench, groups: Mapping[str, list[str]], both: bool) -> list[_Part]:
    parts = []
    for kind, files in groups.items():
        halves = halve(files, _expected_seconds(bench, files)) if both and kind == "shop" else [files]
        for number, half in enumerate(halves, 1):
            name = f"{kind} {number}" if len(halves) > 1 else kind
            report = bench.places.state / f"pytest-{name.replace(' ', '-')}.xml"
            report.unlink(missing_ok=True)
            parts.append(_Part(name, kind, half, report))
    return parts


def _start_pytest(bench: Workbench, part: _Part, options: Sequence[str], **kwargs) -> subprocess.Popen:
    link = bench.places.link
    command = [
        bench.python, "-m", "pytest", "-c", link / "pyproject.toml", "--rootdir", link,
        "-o", f"cache_dir={bench.places.state / 'pytest_cache'}", "--odoo-config", bench.config(part.database),
        "--odoo-http", f"--junitxml={part.report}", *options, *(link / file for file in part.files),
    ]
    say(f"pytest {part.name}: {len(part.files)} files on {part.database}")
    return start(command, cwd=bench.places.addons, env=bench.env(), **kwargs)


def _follow_pytest(bench: Workbench, part: _Part, options: Sequence[str]) -> int:
    """Run one of several parts: every line says of which it is, and the counts are kept for the sum."""
    child = _start_pytest(
        bench, part, options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    assert child.stdout is not None
    for line in child.stdout:
        print(f"[{part.name}] {line}", end="", flush=True)
        part.counts = read_closing_line(line) or part.counts
    status = finish(child)
    if status not in (0, 1, _NO_TESTS):  # it broke off: no count of its own says so
        part.counts["errors"] += 1
    return status


def _expected_seconds(bench: Workbench, files: Sequence[str]) -> dict[str, float]:
    """What each file took last time; where that is unknown, a guess from its size and whether it needs a browser."""
    known: dict[str, float] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(_seconds_file(bench).read_text(encoding="utf-8"))
    guesses = {}
    for file in files:
        text = (bench.places.checkout / file).read_text(encoding="utf-8")
        guesses[file] = len(text) / 2000 + 15 * len(re.findall(r"start_tour|browser_js", text))
    return {file: known.get(Path(file).stem, guesses[file]) for file in files}


def _remember_seconds(bench: Workbench, parts: Sequence[_Part]) -> None:
    seconds: Counter[str] = Counter()
    for part in parts:
        if part.report.exists():
            for case in ElementTree.parse(part.report).iter("testcase"):
                if match := re.search(r"\btests\.(test_\w+)", case.get("classname", "")):
                    seconds[match[1]] += float(case.get("time", 0))
    _seconds_file(bench).write_text(json.dumps(seconds), encoding="utf-8")


def _seconds_file(bench: Workbench) -> Path:
    return bench.places.state / "test-seconds.json"


def read_closing_line(line: str) -> Counter[str]:
    """The counts in pytest's closing line; nothing from any other line.

    >>> sorted(read_closing_line("1 failed, 7 passed, 2 subtests passed in 12.30s").items())
    [('failed', 1), ('passed', 7), ('subtests passed', 2)]
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", line).strip(" =\n")
    if not re.fullmatch(r"(no tests ran|\d+ [a-z ]+(, \d+ [a-z ]+)*) in [\d.]+s( \(.*\))?", text):
        return Counter()
    counts: Counter[str] = Counter()
    for number, what in re.findall(r"(\d+) ((?:subtests )?[a-z]+)", text.rpartition(" in ")[0]):
        counts["errors" if what == "error" else what] += int(number)
    return counts


def summary(counts: Counter[str], seconds: float) -> str:
    """One closing line for several pytest runs, in pytest's own form.

    >>> summary(Counter(passed=7, failed=1, skipped=0), 12.3)
    '========= 1 failed, 7 passed in 12.30s ========='
    """
    order = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "errors")
    names = [*order, *sorted(set(counts) - set(order))]
    parts = [f"{counts[name]} {name}" for name in names if counts[name]]
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
