"""How each kind of chart is drawn: numbers, names and written values come in, SVG text goes out; nothing is computed.

Every function keeps what it drew last: its arguments are the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from .chart_paper import (
    DARK,
    DASHES,
    INK,
    LARGE,
    MARKS,
    MIDDLE,
    NORMAL,
    RIM,
    SIDE,
    SMALL,
    TOP,
    Paper,
    Ticks,
    clean,
    cut,
    drawing,
    fit,
    value_side,
)

#: More bars than this carry no value each: the table below the chart does.
_LABELLED = 14
#: Bars apart by a gap from this on (as share) are at most so wide: one alone would be a wall.
_GAP, _WIDEST = 0.1, 90
#: Room for half a name beside the last point of a line.
_WIDEST_RIM = 30
#: More cells than this carry no value each.
_LABELLED_CELLS = 260
#: More than this cannot be read: charts stop here and say so, and the table below has the rest.
MOST_LYING, MOST_STANDING, MOST_STEPS, MOST_CELLS, MOST_POINTS = 40, 366, 12, (60, 60), 2000
#: Charts kept: as text of at most some tens of kilobytes each.
_KEPT = 256


class Row(NamedTuple):
    """A series as it is drawn: its name, its values, and what is written at each."""

    name: str
    values: tuple[float | None, ...]
    words: tuple[str, ...]


@lru_cache(_KEPT)
def bars(
    title: str,
    names: tuple[str, ...],
    rows: tuple[Row, ...],
    ticks: Ticks,
    totals: tuple[str, ...],
    stacked: bool,
    rtl: bool,
    width: int,
    height: int,
    uid: str,
    gap: float,
    note: str,
) -> str:
    with drawing():
        paper = Paper(title, rtl, width, height, note)
        side = value_side(ticks)
        axes = paper.set_axes(side, TOP if len(rows) > 1 else TOP - 14)
        across = (width - side - RIM) / len(names)
        room = 1 - gap if gap < _GAP else min(1 - gap, _WIDEST * (1 if stacked else len(rows)) / across)
        wide = room if stacked else room / len(rows)
        base = [0.0] * len(names)
        marks = []
        for place, row in enumerate(rows):
            values = [value or 0.0 for value in row.values]
            at = [index + (0 if stacked else (place + 0.5) * wide - room / 2) for index in range(len(names))]
            marks.append(axes.bar(at, values, wide * 0.96, bottom=base if stacked else None, **paper.fill(place)))
            if stacked:
                base = [under + value for under, value in zip(base, values, strict=True)]
            elif len(names) * len(rows) <= _LABELLED:
                _write_values(axes, zip(at, values, row.words, strict=True))
        if stacked and len(names) <= _LABELLED:
            _write_values(axes, zip(range(len(names)), base, totals, strict=True))
        paper.set_values(ticks)
        paper.set_names(names)
        paper.add_legend(marks, [row.name for row in rows])
        return paper.to_svg(uid)


def _write_values(axes: Any, found: Any) -> None:
    for x, value, words in found:
        if value:
            axes.annotate(
                words,
                (x, value),
                xytext=(0, 3 if value > 0 else -3),
                textcoords="offset points",
                ha="center",
                va="bottom" if value > 0 else "top",
                size=SMALL,
                color=INK,
            )


@lru_cache(_KEPT)
def lines(
    title: str,
    names: tuple[str, ...],
    rows: tuple[Row, ...],
    ticks: Ticks,
    rtl: bool,
    width: int,
    height: int,
    uid: str,
    banded: bool,
    note: str,
) -> str:
    with drawing():
        paper = Paper(title, rtl, width, height, note)
        rim = max(RIM, min(3 * max(map(len, names)), _WIDEST_RIM))  # the last name is as wide as its point is near
        axes = paper.set_axes(value_side(ticks), TOP if len(rows) > 1 else TOP - 14, rim=rim)
        along = range(len(names))
        marks = []
        if banded:
            low, high = ([float("nan") if value is None else value for value in row.values] for row in rows[2:])
            band = axes.fill_between(along, low, high, facecolor=MIDDLE, alpha=0.35, hatch="//", edgecolor=DARK, lw=0.5)
        for place, row in enumerate(rows[:2] if banded else rows):
            values = [float("nan") if value is None else value for value in row.values]
            marks += axes.plot(
                along,
                values,
                color=INK,
                linestyle=DASHES[place % len(DASHES)],
                marker=MARKS[place % len(MARKS)],
                markersize=4 if len(names) <= 62 else 0,
                linewidth=1.8,
                markerfacecolor=INK if place % 2 == 0 else "#ffffff",
                markeredgecolor=INK,
            )
        legend = [row.name for row in rows]
        if banded:
            marks.append(band)
            legend = [*legend[:2], f"{legend[2]} – {legend[3]}"]
        paper.set_values(ticks)
        paper.set_names(names)
        axes.tick_params(axis="x", pad=8)  # clear of the zero beside the first name
        paper.add_legend(marks, legend)
        return paper.to_svg(uid)


@lru_cache(_KEPT)
def lying(
    title: str,
    names: tuple[str, ...],
    rows: tuple[Row, ...],
    ticks: Ticks,
    rtl: bool,
    width: int,
    uid: str,
    note: str,
) -> str:
    with drawing():
        high = max(20, 15 * len(rows))
        top = TOP if len(rows) > 1 else TOP - 14
        paper = Paper(title, rtl, width, top + 30 + high * len(names), note)
        axes = paper.set_axes(_side(names), top, 22, rim=70)
        wide = 0.76 / len(rows)
        marks = []
        for place, row in enumerate(rows):
            values = [value or 0.0 for value in row.values]
            at = [index + (place + 0.5) * wide - 0.38 for index in range(len(names))]
            marks.append(axes.barh(at, values, wide * 0.94, **paper.fill(place)))
            for y, value, words in zip(at, values, row.words, strict=True):
                outward = (value >= 0) != rtl
                axes.annotate(
                    words,
                    (value, y),
                    xytext=(4 if outward else -4, 0),
                    textcoords="offset points",
                    ha="left" if outward else "right",
                    va="center_baseline",
                    size=SMALL,
                    color=INK,
                )
        paper.set_values(Ticks(ticks.at, ("",) * len(ticks.at)), across=True)
        _set_row_names(paper, names)
        if rtl:
            axes.invert_xaxis()
        paper.add_legend(marks, [row.name for row in rows])
        return paper.to_svg(uid)


@lru_cache(_KEPT)
def funnel(title: str, names: tuple[str, ...], row: Row, rtl: bool, width: int, uid: str, note: str) -> str:
    with drawing():
        paper = Paper(title, rtl, width, TOP + 10 + 34 * len(names), note)
        axes = paper.set_axes(_side(names), TOP - 14, 12)
        values = [value or 0.0 for value in row.values]
        most = max(values)
        steps = [(y, value) for y, value in enumerate(values) if value]  # nothing is not a line
        starts, widths = [-value / 2 for _y, value in steps], [value for _y, value in steps]
        axes.barh([y for y, _value in steps], widths, 0.62, left=starts, **paper.fill(3))
        for y, words in enumerate(row.words):
            axes.annotate(
                words,
                (0, y),
                ha="center",
                va="center_baseline",
                size=NORMAL,
                color="#000000",
                bbox={"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.75, "pad": 1.5},
            )
        axes.set_xlim(-most / 2, most / 2)
        axes.set_xticks([])
        _set_row_names(paper, names)
        return paper.to_svg(uid)


@lru_cache(_KEPT)
def heat(
    title: str,
    names: tuple[str, ...],
    rows: tuple[Row, ...],
    rtl: bool,
    width: int,
    x_label: str,
    y_label: str,
    uid: str,
    note: str,
) -> str:
    with drawing():
        from matplotlib.collections import PatchCollection
        from matplotlib.patches import Rectangle

        high = 24 if len(rows) <= 40 else 12
        side = _side([row.name for row in rows])
        bottom = (44 if x_label else 28) + 13 * any("\n" in name for name in fit(names, width - side - RIM).values())
        paper = Paper(title, rtl, width, TOP + bottom + high * len(rows), note)
        axes = paper.set_axes(side, TOP - 12, bottom)
        cells = [
            (x, y, value, row.words[x])
            for y, row in enumerate(rows)
            for x, value in enumerate(row.values)
            if value is not None
        ]
        numbers = [value for _x, _y, value, _words in cells]
        low, high_value = min(0.0, *numbers), max(numbers)
        span = (high_value - low) or 1.0
        shades = [_shade((value - low) / span) for value in numbers]
        patches = [Rectangle((x - 0.5, y - 0.5), 1, 1) for x, y, _value, _words in cells]
        axes.add_collection(PatchCollection(patches, facecolors=shades, edgecolors=MIDDLE, linewidths=0.5))
        if len(cells) <= _LABELLED_CELLS and len(names) <= 26:
            for x, y, value, words in cells:
                dark = (value - low) / span > 0.7
                axes.annotate(
                    words, (x, y), ha="center", va="center_baseline", size=SMALL, color="#ffffff" if dark else "#000000"
                )
        paper.set_names(names)
        _set_row_names(paper, [clean(cut(row.name, 28)) for row in rows])
        axes.tick_params(axis="x", pad=6)
        if x_label:
            paper.write((side + width - RIM) / 2, paper.height - 6, x_label, size=SMALL)
        if y_label:
            paper.write(8, TOP - 18, y_label, size=SMALL, begin=True)
        return paper.to_svg(uid)


def _set_row_names(paper: Paper, names: Sequence[str]) -> None:
    every = 1 if len(names) <= 60 else -(-len(names) // 60)
    shown = list(range(0, len(names), every))
    paper.axes.set_yticks(shown, [names[index] for index in shown])
    paper.axes.set_ylim(len(names) - 0.5, -0.5)


def _side(names: Sequence[str]) -> float:
    return min(240.0, max(SIDE * 0.6, 7.2 * max(map(len, names), default=0) + 14))


def _shade(share: float) -> tuple[float, float, float]:
    """From white to dark."""
    dark = (0.12, 0.31, 0.37)
    red, green, blue = (round(1 + (part - 1) * share, 4) for part in dark)
    return red, green, blue


@lru_cache(_KEPT)
def nothing(title: str, words: str, rtl: bool, width: int, height: int, uid: str) -> str:
    with drawing():
        paper = Paper(title, rtl, width, height)
        paper.write(width / 2, height / 2, clean(words), size=LARGE)
        return paper.to_svg(uid)
