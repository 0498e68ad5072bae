"""The paper that charts are drawn on: Matplotlib's figures, written as SVG that any page can hold.

Texts stay texts, so that the reader's browser shapes them; the same chart is the same text for ever; ids are its own;
ink is the page's colour (``currentColor``), so that a dark page gets light axes and a print black ones. No state of
Matplotlib outlives a drawing, and one lock guards it, as settings are global there. Callers escape nothing.
"""

from __future__ import annotations

import hashlib
import io
import re
import textwrap
import threading
import unicodedata
from collections.abc import Sequence
from contextlib import contextmanager
from html import escape
from typing import Any, NamedTuple

_LOCK = threading.RLock()
#: Stands for the page's colour while Matplotlib draws, which has no name for it.
INK = "#010203"
DARK, MIDDLE, LIGHT, WHITE = "#2b6a80", "#8fa6ad", "#e3e9eb", "#ffffff"
#: Dark, white with strokes, light grey, mid grey, white with crosses, light grey with the other strokes …
FILLS: tuple[tuple[str, str | None], ...] = (
    (DARK, None),
    (WHITE, "////"),
    (LIGHT, None),
    (MIDDLE, None),
    (WHITE, "xx"),
    (LIGHT, "\\\\\\\\"),
    (WHITE, "--"),
    (MIDDLE, "||"),
)
DASHES: tuple[Any, ...] = ("-", (0, (4, 2)), (0, (1, 2)), (0, (6, 2, 2, 2)), (0, (1, 1)))
MARKS = ("o", "s", "^", "D", "v")
SIDE, RIM, TOP, BOTTOM = 90, 16, 50, 34
#: Text sizes in units of the picture.
SMALL, NORMAL, LARGE = 10, 11, 13
#: The fonts of texts, by whether reading begins at the right: the first is for the language of the page.
FAMILIES = {False: "'DejaVu Sans', 'Vazirmatn', sans-serif", True: "'Vazirmatn', 'DejaVu Sans', sans-serif"}
#: Marks that turn the direction of a text: only :func:`clean` sets them.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_RTL = frozenset(("R", "AL"))
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "customer_club",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "hatch.linewidth": 0.8,
    "path.simplify": False,
    "axes.unicode_minus": False,
}


class Ticks(NamedTuple):
    """Where an axis has marks, and what they say; the first and last are its ends."""

    at: tuple[float, ...]
    words: tuple[str, ...]


def clean(words: str) -> str:
    """A text as a chart can show it: one line, no control characters, its own direction.

    >>> clean("Jan\\n2026\\x00"), clean("گل") == "\\u202bگل\\u202c"
    ('Jan 2026', True)
    >>> clean(clean("گل")) == clean("گل")
    True
    """
    line = "".join(" " if char.isspace() else char for char in str(words))
    line = "".join(
        char for char in line if char not in _TURNS and unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co")
    ).strip()
    first = next((kind for kind in map(unicodedata.bidirectional, line) if kind in ("L", "R", "AL")), "L")
    return f"\u202b{line}\u202c" if first in _RTL else line


def cut(words: str, most: int) -> str:
    """A text of at most so many characters.

    >>> cut("Chrysanthemum", 8), cut("Rose", 8)
    ('Chrysan…', 'Rose')
    """
    return words if len(words) <= most else words[: most - 1] + "…"


def fit(names: Sequence[str], room: float) -> dict[int, str]:
    """Names of categories side by side, by their place: short ones are left out where they would touch, as the days
    between others explain themselves; longer ones each get two lines.

    >>> fit(["01", "02", "03", "04"], 40), fit(["Win back", "Everybody who bought roses"], 200)
    ({0: '01', 2: '03'}, {0: 'Win back', 1: 'Everybody who\\nbought roses'})
    >>> fit(["Chrysanthemums of the late season"] * 2, 140)[1]
    'Chrysanthe\\nmums of…'
    """
    longest = max(map(len, names), default=0)
    letters = int(room / max(len(names), 1) / 7)
    if longest > 12 and letters >= 5:
        return {index: wrap(name, letters) for index, name in enumerate(names)}
    every = max(1, -(-longest // letters)) if letters else len(names)
    return {index: name for index, name in enumerate(names) if index % every == 0}


def wrap(words: str, most: int) -> str:
    """A text in at most two lines of so many characters, each with its own direction."""
    lines = textwrap.wrap("".join(char for char in words if char not in _TURNS), most, max_lines=2, placeholder="…")
    return "\n".join(map(clean, lines))


def value_side(ticks: Ticks) -> float:
    """The room that what an axis of values says needs beside it: amounts of millions are not cut at the rim.

    >>> value_side(Ticks((0, 1), ("0", "1"))), value_side(Ticks((0, 1), ("0", "80,000,000.00 rials")))
    (90, 144.5)
    """
    widest = max(sum(3.5 if char in ",. " else 7 for char in words if char not in _TURNS) for words in ticks.words)
    return min(max(SIDE, widest + 25.5), 200)


class Paper:
    """A figure with one pair of axes whose reading begins left or right."""

    def __init__(self, title: str, rtl: bool, width: int, height: int, note: str = "") -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG  # heavy, and only here
        from matplotlib.figure import Figure

        self.title, self.rtl, self.width, self.height = title, rtl, width, height
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="none")
        FigureCanvasSVG(self.figure)
        self.axes: Any = None
        self.write(8, 18, clean(title), size=LARGE, weight="bold", begin=True)
        if note:  # opposite the title
            self.write(width - 8, 18, note, size=SMALL, ha="left" if rtl else "right")

    def write(self, along: float, down: float, words: str, *, begin: bool = False, **style: Any) -> None:
        """Text at a place counted from where reading begins, and from the top; centred unless it begins there."""
        anchor = ("right" if self.rtl else "left") if begin else "center"
        x = self.width - along if self.rtl else along
        style = {"size": NORMAL, "color": INK, "ha": anchor, "va": "baseline", **style}
        self.figure.text(x / self.width, 1 - down / self.height, words, **style)

    def set_axes(self, side: float = SIDE, top: float = TOP, bottom: float = BOTTOM, rim: float = RIM) -> Any:
        """Axes without a frame; ``side`` is where the reading of values begins."""
        left = rim if self.rtl else side
        self.axes = self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                (self.width - side - rim) / self.width,
                (self.height - top - bottom) / self.height,
            ),
            facecolor="none",
        )
        for spine in self.axes.spines.values():
            spine.set_visible(False)
        self.axes.tick_params(length=0, labelcolor=INK, labelsize=NORMAL, pad=4)
        if self.rtl:
            self.axes.yaxis.tick_right()
        return self.axes

    def set_values(self, ticks: Ticks, *, across: bool = False) -> None:
        """The axis of values with faint lines, the one at zero strong; ``across`` for bars that lie."""
        axis = self.axes.xaxis if across else self.axes.yaxis
        (self.axes.set_xlim if across else self.axes.set_ylim)(ticks.at[0], ticks.at[-1])
        axis.set_ticks(ticks.at, ticks.words)
        self.axes.set_axisbelow(True)
        axis.grid(True, color=INK, alpha=0.18, linewidth=0.8)
        (self.axes.axvline if across else self.axes.axhline)(0, color=INK, linewidth=0.8, zorder=1.5)

    def set_names(self, names: Sequence[str]) -> None:
        """Names below the categories 0, 1 …, as :func:`fit` them into their room."""
        shown = fit(names, self.width * self.axes.get_position().width)
        self.axes.set_xticks(list(shown), list(shown.values()))
        self.axes.set_xlim(-0.5, len(names) - 0.5)
        if self.rtl:
            self.axes.invert_xaxis()

    def add_legend(self, marks: Sequence[Any], names: Sequence[str]) -> None:
        """Which mark is which series: beside the title's beginning, in the order of reading."""
        if len(names) < 2:
            return
        columns = max(1, min(len(names), int((self.width - 40) / (60 + 7 * max(map(len, names))))))
        rows = -(-len(names) // columns)
        order = list(range(len(names)))
        if self.rtl and rows == 1:
            order.reverse()
        self.figure.legend(
            [marks[index] for index in order],
            [names[index] for index in order],
            loc="upper right" if self.rtl else "upper left",
            bbox_to_anchor=((self.width - 4) / self.width if self.rtl else 4 / self.width, 1 - 23 / self.height),
            ncols=columns,
            frameon=False,
            fontsize=NORMAL,
            labelcolor=INK,
            markerfirst=not self.rtl,
            handlelength=1.6,
            handleheight=0.9,
            borderpad=0.2,
            borderaxespad=0,
            columnspacing=1.4,
        )

    def fill(self, place: int) -> dict[str, Any]:
        """How the bars of a series look: apart without colour."""
        color, hatch = FILLS[place % len(FILLS)]
        return {"facecolor": color, "hatch": hatch, "edgecolor": DARK, "linewidth": 0.7}

    def to_svg(self, uid: str) -> str:
        """The picture as text that starts with ``<svg``; ``uid`` keeps ids of equal charts in one page apart."""
        buffer = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.figure.savefig(buffer, format="svg", metadata=nothing, transparent=True)
        body = buffer.getvalue()
        body = body[body.index(">", body.index("<svg")) + 1 : body.rindex("</svg>")]
        return _frame(_own(body, uid, self.rtl), self.title, self.width, self.height)


def _own(body: str, uid: str, rtl: bool) -> str:
    """Matplotlib's drawing without what only it needs, with ids that no other chart of the page has."""
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|xlink:href="#)([\w-]+)', body))
    prefix = "c" + hashlib.sha256(f"{uid}\n{body}".encode()).hexdigest()[:10]

    def rename(match: re.Match[str]) -> str:
        return f' id="{prefix}-{match[1]}"' if match[1] in used else ""

    # A name cannot forge these: Matplotlib escapes quotes nowhere in texts, but it escapes "<", and attributes are
    # only renamed within tags.
    def in_tag(match: re.Match[str]) -> str:
        tag = re.sub(r' id="([^"]*)"', rename, match[0])
        tag = re.sub(r'(url\(#|xlink:href="#)([\w-]+)', rf"\g<1>{prefix}-\g<2>", tag)
        return tag.replace(INK, "currentColor").replace("'DejaVu Sans'", FAMILIES[rtl])

    body = re.sub(r"<[^<>]*>", in_tag, body)
    return re.sub(r">\s*\n\s*<", "><", body).strip()


def _frame(body: str, title: str, width: int, height: int) -> str:
    name = escape("".join(char for char in str(title) if char.isprintable()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img" stroke-linejoin="round" direction="ltr" '
        f'style="max-width: 100%; height: auto; direction: ltr"><title>{name}</title>{body}</svg>'
    )


@contextmanager
def drawing() -> Any:
    """Within, Matplotlib has our settings and is ours alone."""
    import logging
    import warnings

    import matplotlib as mpl

    with _LOCK, mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # glyphs that its own font lacks: the reader's has them
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        yield
