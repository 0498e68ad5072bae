"""Texts of a printed page, in pieces that the program which prints draws where they belong.

wkhtmltopdf draws a text of both directions, such as a Persian name with a number, beside its place: over its neighbour
or past the page's edge. And it breaks no line between words that run from right to left: a long text runs off the page.
Drawn word by word, next to each other, the same text is right. Words of such scripts are named so that they have a font
of their own on any page. The texts of charts are cut into words of one script, numbers, and what stands between them.

>>> pieces("سارا 1727 (x)"), pieces("Sara 12"), pieces("گل سرخ")
(['سارا', ' 1727 (x)'], ['Sara 12'], ['گل', ' ', 'سرخ'])
>>> split_texts("<p>گل 12 <b>رز</b> x</p>")
'<p><span class="o_club_rtl">گل</span><span> 12 </span><b><span class="o_club_rtl">رز</span></b> x</p>'
"""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Any

from .chart_paper import FAMILIES

#: Letters of scripts that run from right to left, with the marks on and between them.
_LETTERS = "".join(
    char
    for char in map(chr, (*range(0x590, 0x900), *range(0xFB1D, 0xFE00), *range(0xFE70, 0xFEFD)))
    if unicodedata.bidirectional(char) in ("R", "AL", "NSM")
)
_WORD = f"[{re.escape(_LETTERS)}\u200c\u200d]+"
_WORDS = re.compile(f"({_WORD})")
_NUMBER = r"\d+(?:[.,٫٬/:-]\d+)*"
_RUNS = re.compile(f"({_WORD}(?: {_WORD})*…?|{_NUMBER}|[A-Za-z0-9]+)")
_PICTURE = re.compile(r"(data:image/svg\+xml;base64,)([A-Za-z0-9+/=]+)")
#: How :func:`engine.chart_paper.clean` marks a text that runs from right to left.
_BEGINS_RIGHT, _ENDS = "\u202b", "\u202c"
#: A piece of a single letter would be drawn over its neighbour.
_NOTHING = "\u200c"
_OTHER_END = {"start": "end", "end": "start"}
#: What no element can have as its text, and nobody sees.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: What has a text of its own that is not shown as one.
_HIDDEN = ("script", "style", "title", "textarea", "option")


def pieces(words: str) -> list[str]:
    """A text cut where its direction changes, and between words that run from right to left; together the text."""
    return [piece for piece in _WORDS.split(words) if piece]


def split_texts(body: str) -> str:
    """A page or a part of one, as HTML, whose words that run from right to left are elements of their own."""
    body = _PICTURE.sub(_split_picture, body)
    if not _WORDS.search(body):
        return body
    from lxml import etree, html  # heavy, and only here

    whole = re.match(r"\s*(<!doctype|<html)", body, re.IGNORECASE)
    root = html.document_fromstring(body) if whole else html.fragment_fromstring(body)
    for element in list(root.iter(etree.Element)):
        if element.tag in _HIDDEN:
            continue
        _split_inside(element, etree)
    tree = root.getroottree() if whole else root
    return str(etree.tostring(tree, method="html", encoding="unicode", with_tail=False))


def _split_picture(match: re.Match[str]) -> str:
    """A chart of the page; what somebody wrote that only looks like one stays what it is.

    >>> split_texts("<p>data:image/svg+xml;base64,A</p>")
    '<p>data:image/svg+xml;base64,A</p>'
    """
    try:
        svg = split_chart(base64.b64decode(match[2]).decode())
    except (ValueError, SyntaxError):  # no base64, no text; no XML
        return match[0]
    return match[1] + base64.b64encode(svg.encode()).decode()


def split_chart(svg: str) -> str:
    """A chart whose texts are cut where their direction changes; each stands where it stood.

    >>> split_chart('<svg><text style="text-anchor: start">\u202bگل: 1\u202c</text><text>12 (x)</text></svg>')[5:-25]
    '<text style="text-anchor: end; direction: rtl"><tspan>گل</tspan><tspan>: </tspan><tspan>1</tspan></text>'
    """
    if not _WORDS.search(svg):
        return svg
    from lxml import etree  # heavy, and only here

    root = etree.fromstring(svg, etree.XMLParser(resolve_entities=False, no_network=True))
    for element in list(root.iter("{*}text")):
        words = element.text or ""
        runs = [run for run in _RUNS.split(words.strip(_BEGINS_RIGHT + _ENDS)) if run]
        if len(element) or not _WORDS.search(words):
            continue
        element.set("style", element.get("style", "").replace(FAMILIES[False], FAMILIES[True]))
        if len(runs) < 2:
            continue
        element.text = None
        for run in runs:
            piece = etree.SubElement(element, element.tag.replace("text", "tspan"))
            piece.text = run + _NOTHING if len(run) == 1 and _WORDS.fullmatch(run) else run
        if words.startswith(_BEGINS_RIGHT):
            style = re.sub(
                r"(text-anchor: )(start|end)", lambda found: found[1] + _OTHER_END[found[2]], element.get("style", "")
            )
            element.set("style", f"{style}; direction: rtl")
    return str(etree.tostring(root, encoding="unicode"))


def _split_inside(element: Any, etree: Any) -> None:
    """Cut the text that an element begins with, and those after each of its children."""
    for child in list(element):
        found = pieces(child.tail or "")
        if _is_cut(found):
            child.tail = None
            _put(element, element.index(child) + 1, found, etree)
    found = pieces(element.text or "")
    if _is_cut(found):
        element.text = None
        _put(element, 0, found, etree)


def _is_cut(found: list[str]) -> bool:
    return len(found) > 1 or any(map(_WORDS.fullmatch, found))


def _put(element: Any, place: int, found: list[str], etree: Any) -> None:
    for number, piece in enumerate(found):
        span = etree.Element("span")
        span.text = _UNSEEN.sub("", piece)
        if _WORDS.fullmatch(piece):
            span.set("class", "o_club_rtl")
        element.insert(place + number, span)
