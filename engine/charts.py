"""Charts as SVG text: bars, lines, maps, funnels, forecasts; readable in black and white, in the dark, right to left.

Matplotlib draws. Series differ by pattern, dashes and mark, never by colour alone, and are named beside it; values
stand at the bars. Every text is escaped, by Matplotlib. A chart without any value but zero says so in words. The same
numbers give the same text, and are drawn once (the last charts are kept).

>>> svg = bars("Points", ["Jan <1>", "Feb"], [Series("Open", [3, 5])], empty="Nothing yet")
>>> svg.startswith("<svg "), "<1>" in svg, "&lt;1&gt;" in svg
(True, False, True)
>>> "Nothing yet" in bars("Points", [], [], empty="Nothing yet")
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from . import chart_drawing as draw
from .chart_drawing import MOST_CELLS, MOST_LYING, MOST_POINTS, MOST_STANDING, MOST_STEPS, Row
from .chart_paper import Ticks, clean, cut
from .errors import EngineError

Number = Decimal | float | int
Show = Callable[[Number], str]


class ChartError(EngineError):
    """Numbers that cannot be drawn: series of other lengths than the labels, a negative part of a stack."""


class Series(NamedTuple):
    """A row of values with its name; a line, map or forecast may have gaps (``None``)."""

    name: str
    values: Sequence[Any]


def _plain(value: Number) -> str:
    return f"{value:,.0f}"


def bars(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    empty: str,
    stacked: bool = False,
    rtl: bool = False,
    show: Show = _plain,
    width: int = 900,
    height: int = 260,
    uid: str = "",
    more: str = "",
    gap: float = 0.28,
) -> str:
    """Bars side by side, or on top of each other.

    >>> svg = bars("P", ["Jan"], [Series("a", [1]), Series("b", [2])], empty="", stacked=True)
    >>> svg.count("<pattern"), svg == bars("P", ["Jan"], [Series("a", [1]), Series("b", [2])], empty="", stacked=True)
    (1, True)
    >>> bars("P", ["Jan"], [Series("a", [-1])], empty="", stacked=True)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ChartError: a stack has no negative part

    :param labels: of the categories; :param empty: said in place of a chart without any value but zero
    :param show: writes a value for people; :param rtl: the first category stands at the right
    :param uid: tells this chart from an equal one in the same page; :param gap: between categories, as share
    :param more: said where there are more categories than can be read, and only the first are drawn
    :raise ChartError: a series has another length than the labels, or a stack a negative value
    """
    labels, series, note = _limit(labels, series, MOST_STANDING, more)
    rows = _read(series, show)
    if stacked and any(value < 0 for row in rows for value in row.values if value is not None):
        raise ChartError("a stack has no negative part")
    if not _has_values(rows):
        return draw.nothing(title, empty, rtl, width, height, uid)
    totals: tuple[str, ...] = ()
    if stacked:
        sums = [sum(_exact(row.values[index]) for row in series) for index in range(len(labels))]
        tops, totals = [float(value) for value in sums], tuple(clean(show(value)) for value in sums)
    else:
        tops = [value for row in rows for value in row.values if value is not None]
    ticks = _ticks(min(0.0, *tops), max(0.0, *tops), show)
    names = tuple(map(clean, labels))
    return draw.bars(title, names, rows, ticks, totals, stacked, rtl, width, height, uid, gap, note)


def histogram(title: str, labels: Sequence[str], series: Sequence[Series], **options: Any) -> str:
    """Bars without gaps: how many there are in each step of a measure; the labels are the steps."""
    return bars(title, labels, series, gap=0.04, **options)


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    empty: str,
    rtl: bool = False,
    show: Show = _plain,
    width: int = 900,
    height: int = 260,
    uid: str = "",
    more: str = "",
) -> str:
    """A line for each series; they differ by dashes and marks, and by name. ``None`` is a gap. A line of one point is
    a bar: a dot alone says nothing.

    >>> svg = lines("P", ["Jan", "Feb"], [Series("a", [1, 2]), Series("b", [2, None])], empty="")
    >>> svg.count("stroke-dasharray") > 0, "<script" in svg
    (True, False)

    :raise ChartError: a series has another length than the labels
    """
    if len(labels) == 1:
        return bars(
            title, labels, series, empty=empty, rtl=rtl, show=show, width=width, height=height, uid=uid, more=more
        )
    return _draw_lines(title, labels, series, False, empty, rtl, show, width, height, uid, more)


def forecast(title: str, labels: Sequence[str], series: Sequence[Series], *, empty: str, **options: Any) -> str:
    """What was, what is expected, and the band in which it is expected to lie: four series, in this order.

    >>> rows = [Series("Was", [3, None]), Series("Expected", [3, 4]), Series("Low", [3, 2]), Series("High", [3, 6])]
    >>> "Expected" in forecast("Sales", ["Jan", "Feb"], rows, empty="")
    True

    :raise ChartError: other than four series
    """
    if len(series) != 4:
        raise ChartError(f"a forecast has actual, expected, low and high values, not {len(series)} series")
    rtl, show = options.get("rtl", False), options.get("show", _plain)
    width, height, uid = options.get("width", 900), options.get("height", 260), options.get("uid", "")
    return _draw_lines(title, labels, series, True, empty, rtl, show, width, height, uid, options.get("more", ""))


def _draw_lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    banded: bool,
    empty: str,
    rtl: bool,
    show: Show,
    width: int,
    height: int,
    uid: str,
    more: str,
) -> str:
    labels, series, note = _limit(labels, series, MOST_POINTS, more)
    rows = _read(series, show)
    if not _has_values(rows):
        return draw.nothing(title, empty, rtl, width, height, uid)
    ticks = _scale(rows, show)
    return draw.lines(title, tuple(map(clean, labels)), rows, ticks, rtl, width, height, uid, banded, note)


def hbars(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    empty: str,
    rtl: bool = False,
    show: Show = _plain,
    more: str = "",
    width: int = 900,
    uid: str = "",
) -> str:
    """Bars that lie, the first on top: for names that need room. As high as it has bars: at most 40 names with one bar
    each, or 60 bars in all, so that it stays on a page of paper.

    :param more: as in :func:`bars`
    :raise ChartError: a series has another length than the labels
    """
    most = MOST_LYING if len(series) < 2 else max(MOST_LYING * 3 // 2 // len(series), 1)
    labels, series, note = _limit(labels, series, most, more)
    rows = _read(series, show)
    if not _has_values(rows):
        return draw.nothing(title, empty, rtl, width, 260, uid)
    ticks = _scale(rows, show)
    names = tuple(clean(cut(label, 28)) for label in labels)
    return draw.lying(title, names, rows, ticks, rtl, width, uid, note)


def shares(title: str, labels: Sequence[str], series: Sequence[Series], *, empty: str, **options: Any) -> str:
    """Parts of a whole: bars that lie, each with its value and its share: lengths are judged better than angles.

    >>> "1 · 25 %" in shares("Ways", ["Visit", "Order"], [Series("Points", [1, 3])], empty="")
    True

    :raise ChartError: a negative part, or more than one series
    """
    if len(series) != 1 or any(value is not None and value < 0 for value in series[0].values):
        raise ChartError("shares are of one series without a negative part")
    show = options.pop("show", _plain)
    percent = options.pop("percent", lambda share: f"{share:.0%}".replace("%", " %"))
    whole = sum((_exact(value) for value in series[0].values), Decimal(0))
    texts = {
        value: f"{show(value)} · {percent(_exact(value) / whole)}" for value in series[0].values if value and whole
    }
    return hbars(title, labels, series, empty=empty, show=lambda value: texts.get(value, show(value)), **options)


def funnel(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    empty: str,
    rtl: bool = False,
    show: Show = _plain,
    percent: Show = lambda share: f"{share:.0%}".replace("%", " %"),
    width: int = 900,
    uid: str = "",
    more: str = "",
) -> str:
    """How many are left after each step, with the share of the first step.

    >>> "30 · 50 %" in funnel("Campaign", ["Sent", "Opened"], [Series("Members", [60, 30])], empty="")
    True

    :raise ChartError: a negative step, or more than one series
    """
    if len(series) != 1 or any(value is None or value < 0 for value in series[0].values):
        raise ChartError("a funnel has one series without gaps or negative steps")
    labels, series, note = _limit(labels, series, MOST_STEPS, more)
    rows = _read(series, show)
    if not _has_values(rows):
        return draw.nothing(title, empty, rtl, width, 260, uid)
    first = _exact(series[0].values[0])
    words = tuple(
        clean(f"{show(value)} · {percent(_exact(value) / first)}" if first else show(value))
        for value in series[0].values
    )
    names = tuple(clean(cut(label, 28)) for label in labels)
    return draw.funnel(title, names, rows[0]._replace(words=words), rtl, width, uid, note)


def heat(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    empty: str,
    rtl: bool = False,
    show: Show = _plain,
    width: int = 900,
    x_label: str = "",
    y_label: str = "",
    uid: str = "",
    more: str = "",
) -> str:
    """A map: a row for each series, a column for each label, darker for more. ``None`` stays empty: a triangle.

    >>> svg = heat("Hours", ["8", "9"], [Series("Mon", [1, None]), Series("Tue", [3, 2])], empty="")
    >>> "Mon" in svg, svg.count("<image")
    (True, 0)

    :raise ChartError: a series has another length than the labels
    """
    labels, series, note = _limit(labels, series, MOST_CELLS[0], more)
    if len(series) > MOST_CELLS[1]:
        series, note = series[: MOST_CELLS[1]], clean(more)
    rows = _read(series, show)
    if not _has_values(rows):
        return draw.nothing(title, empty, rtl, width, 260, uid)
    names = tuple(map(clean, labels))
    return draw.heat(title, names, rows, rtl, width, clean(x_label), clean(y_label), uid, note)


def triangle(title: str, labels: Sequence[str], series: Sequence[Series], **options: Any) -> str:
    """Cohorts: a row for each, a column for each age; what has not happened yet is ``None`` and stays empty."""
    return heat(title, labels, series, **options)


# -- numbers -------------------------------------------------------------------------------------------


def _limit(
    labels: Sequence[str], series: Sequence[Series], most: int, more: str
) -> tuple[Sequence[str], Sequence[Series], str]:
    """What of a chart can be read, and what it says if that is not all.

    :raise ChartError: a series has another length than the labels
    """
    for row in series:
        if len(row.values) != len(labels):
            raise ChartError(f"{row.name} has {len(row.values)} values for {len(labels)} labels")
    if len(labels) <= most:
        return labels, series, ""
    return labels[:most], [Series(row.name, row.values[:most]) for row in series], clean(more)


def _read(series: Sequence[Series], show: Show) -> tuple[Row, ...]:
    """The series as they are drawn."""
    return tuple(
        Row(
            clean(row.name),
            tuple(None if value is None else float(value) for value in row.values),
            tuple("" if value is None else clean(show(value)) for value in row.values),
        )
        for row in series
    )


def _exact(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


def _has_values(rows: Sequence[Row]) -> bool:
    return any(value for row in rows for value in row.values)


def _scale(rows: Sequence[Row], show: Show) -> Ticks:
    """The marks of the axis of values: from 0, as far as any value goes."""
    values = [value for row in rows for value in row.values if value is not None]
    return _ticks(min(0.0, *values), max(0.0, *values), show)


def _ticks(low: float, high: float, show: Show) -> Ticks:
    """Round numbers from below the lowest value to above the highest, with room for what is written beyond a bar.

    A step that ``show`` has no words for, such as half a member, is none.

    >>> _ticks(0, 95, _plain).at, _ticks(-50, 45, _plain).at
    ((0.0, 25.0, 50.0, 75.0, 100.0, 125.0), (-75.0, -50.0, -25.0, 0.0, 25.0, 50.0, 75.0))
    >>> whole = lambda value: f"{value:.0f}" if value == int(value) else ""
    >>> _ticks(0, 1, whole).words, _ticks(0, 9, whole).words
    (('0', '1', '2'), ('0', '5', '10'))
    """
    step = _nice((high - low) / 4)
    while step < 10 and not show(step):
        step = _nice(step * 1.1)
    count = 0
    while -count * step > low - (high - low) * 0.06 * (low < 0):
        count += 1
    at = [-count * step]
    while at[-1] < high + (high - low) * 0.06:
        at.append(round(at[-1] + step, 9))
    return Ticks(tuple(at), tuple(clean(show(round(value, 6))) for value in at))


def _nice(step: float) -> float:
    """The next number of the form 1, 2, 2.5 or 5 times a power of ten.

    >>> _nice(0.3), _nice(17), _nice(210)
    (0.5, 20.0, 250.0)
    """
    power = 10.0 ** (len(f"{int(step)}") - 1) if step >= 1 else 1.0
    while step < power:
        power /= 10
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step)
