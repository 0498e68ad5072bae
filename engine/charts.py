"""Charts as SVG text: bars, stacked bars, lines; readable in black and white, right to left too.

Series differ by pattern and are named beside it; values stand at the bars. Every text is escaped. No library draws
here: none of those at hand has patterns, and a chart of rectangles is short.

>>> svg = bars("Points", ["Jan <1>", "Feb"], [Series("Open", [3, 5])], empty="Nothing yet")
>>> svg.startswith("<svg "), "<1>" in svg, "&lt;1&gt;" in svg
(True, False, True)
>>> "Nothing yet" in bars("Points", [], [], empty="Nothing yet")
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

from .errors import EngineError

Number = Decimal | float | int

#: Dark, white with strokes, light grey with dots, mid grey, white with crossed strokes: apart in print too.
_FILLS = ("#1f4e5f", "url(#strokes)", "url(#dots)", "#8fa6ad", "url(#cross)")
_DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 2")
_PATTERNS = (
    '<defs><pattern id="strokes" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff"/><path d="M0 6L6 0" stroke="#1f4e5f" stroke-width="1.2"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#e3e9eb"/><circle cx="3" cy="3" r="1.2" fill="#1f4e5f"/></pattern>'
    '<pattern id="cross" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#fff"/>'
    '<path d="M0 6L6 0M0 0L6 6" stroke="#666" stroke-width="0.8"/></pattern></defs>'
)
_FONT = "DejaVu Sans, Vazirmatn, sans-serif"
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 16, 46, 34
#: More bars than this carry no value each: the table below the chart does.
_LABELLED = 14


class ChartError(EngineError):
    """Numbers that cannot be drawn: series of other lengths than the labels, a negative part of a stack."""


class Series(NamedTuple):
    """A row of values with its name."""

    name: str
    values: Sequence[Number]


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
    show: Callable[[Number], str] = _plain,
    width: int = 900,
    height: int = 260,
) -> str:
    """Bars side by side, or on top of each other.

    >>> bars("P", ["Jan"], [Series("a", [1]), Series("b", [2])], empty="", stacked=True).count('class="bar"')
    2
    >>> bars("P", ["Jan"], [Series("a", [-1])], empty="", stacked=True)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ChartError: a stack has no negative part

    :param labels: of the categories; :param empty: said in place of a chart without any value but zero
    :param show: writes a value for people; :param rtl: the first category stands at the right
    :raise ChartError: a series has another length than the labels, or a stack a negative value
    """
    _check(labels, series)
    if stacked and any(value < 0 for row in series for value in row.values):
        raise ChartError("a stack has no negative part")
    if not _has_values(series):
        return _frame(title, _nothing(empty, width, height), rtl, width, height)
    if stacked:
        tops = [sum(float(row.values[index]) for row in series) for index in range(len(labels))]
    else:
        tops = [float(value) for row in series for value in row.values]
    scale = _Scale(min(0.0, *tops), max(0.0, *tops), len(labels), rtl, width, height)
    body = [scale.axis(show), _names(labels, scale), _legend(series, rtl, width, _swatch)]
    room = scale.step * 0.72
    for index in range(len(labels)):
        base, beside = 0.0, room if stacked else room / len(series)
        for place, row in enumerate(series):
            value = float(row.values[index])
            offset = -room / 2 + (0 if stacked else (len(series) - 1 - place if rtl else place) * beside)
            body.append(_bar(scale, index, offset, beside, base, base + value, place))
            base += value if stacked else 0
            if not stacked and value and len(labels) * len(series) <= _LABELLED:
                body.append(_value(scale, index, offset + beside / 2, value, show(row.values[index])))
        if stacked and base and len(labels) <= _LABELLED:
            total = sum((Decimal(str(row.values[index])) for row in series), Decimal(0))
            body.append(_value(scale, index, 0, base, show(total)))
    return _frame(title, "".join(body), rtl, width, height)


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    empty: str,
    rtl: bool = False,
    show: Callable[[Number], str] = _plain,
    width: int = 900,
    height: int = 260,
) -> str:
    """A line for each series; they differ by dashes, and by name.

    >>> lines("P", ["Jan", "Feb"], [Series("a", [1, 2]), Series("b", [2, 2])], empty="").count("<polyline")
    2

    :raise ChartError: a series has another length than the labels
    """
    _check(labels, series)
    if not _has_values(series):
        return _frame(title, _nothing(empty, width, height), rtl, width, height)
    values = [float(value) for row in series for value in row.values]
    scale = _Scale(min(0.0, *values), max(0.0, *values), len(labels), rtl, width, height)
    body = [scale.axis(show), _names(labels, scale), _legend(series, rtl, width, _dash)]
    for place, row in enumerate(series):
        points = [(scale.x(index), scale.y(float(value))) for index, value in enumerate(row.values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        body.append(
            f'<polyline points="{path}" fill="none" stroke="#1f4e5f" stroke-width="2" '
            f'stroke-dasharray="{_DASHES[place % len(_DASHES)]}"/>'
        )
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#1f4e5f"/>' for x, y in points]
    return _frame(title, "".join(body), rtl, width, height)


# -- parts ---------------------------------------------------------------------------------------------


class _Scale:
    """Where a category and a value are on the paper."""

    def __init__(self, low: float, high: float, count: int, rtl: bool, width: int, height: int) -> None:
        self.grid = _nice((high - low) / 4)
        self.low = self.grid * -(-low // -self.grid) if low < 0 else 0.0
        while self.low > low:
            self.low -= self.grid
        self.high = self.low
        while self.high < high + (high - low) * 0.06:  # room for the value above the highest bar
            self.high += self.grid
        self.rtl, self.width, self.height, self.count = rtl, width, height, count
        self.step = (width - _LEFT - _RIGHT) / count

    def x(self, index: int) -> float:
        along = (index + 0.5) * self.step
        return self.width - _LEFT - along if self.rtl else _LEFT + along

    def y(self, value: float) -> float:
        span = self.height - _TOP - _BOTTOM
        return self.height - _BOTTOM - (value - self.low) / (self.high - self.low) * span

    def axis(self, show: Callable[[Number], str]) -> str:
        """Lines across, with their values at the side where reading begins."""
        first, last = (_RIGHT, self.width - _LEFT) if self.rtl else (_LEFT, self.width - _RIGHT)
        side, anchor = (last + 6, "start") if self.rtl else (first - 6, "end")
        found = []
        value = self.low
        while value <= self.high + self.grid / 2:
            y = self.y(value)
            tone = "#444" if abs(value) < self.grid / 2 else "#ccc"
            found.append(f'<path d="M{first} {y:.1f}H{last}" stroke="{tone}" stroke-width="1"/>')
            found.append(_text(side, y + 4, show(round(value, 6)), anchor))
            value += self.grid
        return "".join(found)


def _nice(step: float) -> float:
    """The next number of the form 1, 2, 2.5 or 5 times a power of ten.

    >>> _nice(0.3), _nice(17), _nice(210)
    (0.5, 20.0, 250.0)
    """
    power = 10.0 ** (len(f"{int(step)}") - 1) if step >= 1 else 1.0
    while step < power:
        power /= 10
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step)


def _check(labels: Sequence[str], series: Sequence[Series]) -> None:
    for row in series:
        if len(row.values) != len(labels):
            raise ChartError(f"{row.name} has {len(row.values)} values for {len(labels)} labels")


def _has_values(series: Sequence[Series]) -> bool:
    return any(value for row in series for value in row.values)


def _text(x: float, y: float, words: str, anchor: str = "middle", size: int = 11, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'font-family="{_FONT}" fill="#222">{escape(words)}</text>'
    )


def _bar(scale: _Scale, index: int, offset: float, width: float, base: float, top: float, place: int) -> str:
    upper, lower = sorted((scale.y(base), scale.y(top)))
    return (
        f'<rect class="bar" x="{scale.x(index) + offset:.1f}" y="{upper:.1f}" width="{max(width - 1, 0.5):.1f}" '
        f'height="{lower - upper:.1f}" fill="{_FILLS[place % len(_FILLS)]}" stroke="#1f4e5f" stroke-width="0.7"/>'
    )


def _value(scale: _Scale, index: int, offset: float, value: float, words: str) -> str:
    return _text(scale.x(index) + offset, scale.y(value) + (-4 if value >= 0 else 12), words, size=10)


def _names(labels: Sequence[str], scale: _Scale) -> str:
    """Names below the categories; only every other or less where they would touch."""
    longest = max(map(len, labels))
    every = max(1, -(-longest * 6 // int(max(scale.step, 1))))
    y = scale.height - _BOTTOM + 16
    return "".join(_text(scale.x(index), y, label) for index, label in enumerate(labels) if index % every == 0)


def _swatch(x: float, place: int) -> str:
    fill = _FILLS[place % len(_FILLS)]
    return f'<rect x="{x:.1f}" y="26" width="14" height="10" fill="{fill}" stroke="#1f4e5f" stroke-width="0.7"/>'


def _dash(x: float, place: int) -> str:
    dash = _DASHES[place % len(_DASHES)]
    return f'<path d="M{x:.1f} 31h14" stroke="#1f4e5f" stroke-width="2" stroke-dasharray="{dash}"/>'


def _legend(series: Sequence[Series], rtl: bool, width: int, mark: Callable[[float, int], str]) -> str:
    if len(series) < 2:
        return ""
    found, along = [], 8.0
    for place, row in enumerate(series):
        found.append(mark(width - along - 14 if rtl else along, place))
        found.append(_text(width - along - 20 if rtl else along + 20, 35, row.name, "end" if rtl else "start"))
        along += 44 + 7 * len(row.name)
    return "".join(found)


def _nothing(words: str, width: int, height: int) -> str:
    return _text(width / 2, height / 2, words, size=13)


def _frame(title: str, body: str, rtl: bool, width: int, height: int) -> str:
    heading = _text(width - 8 if rtl else 8, 16, title, "end" if rtl else "start", 13, "bold")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img"><title>{escape(title)}</title>{_PATTERNS}'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{heading}{body}</svg>'
    )
