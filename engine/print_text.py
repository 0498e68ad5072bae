"""Texts of a printed page, in pieces that the program which prints draws where they belong.

wkhtmltopdf draws a text of both directions, such as a Persian name with a number, beside its place: over its neighbour
or past the page's edge. Drawn in pieces of one direction each, next to each other, the same line is right. Words of
scripts that run from right to left are named as such, so that they have a font of their own on any page.

>>> pieces("سارا 1727 (x)"), pieces("Sara 12"), pieces("گل سرخ")
(['سارا', ' 1727 (x)'], ['Sara 12'], ['گل سرخ'])
>>> split_texts("<p>گل 12 <b>رز</b> x</p>")
'<p><span class="o_club_rtl">گل</span><span> 12 </span><b><span class="o_club_rtl">رز</span></b> x</p>'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

#: Letters of scripts that run from right to left, with the marks on and between them.
_LETTERS = "".join(
    char
    for char in map(chr, (*range(0x590, 0x900), *range(0xFB1D, 0xFE00), *range(0xFE70, 0xFEFD)))
    if unicodedata.bidirectional(char) in ("R", "AL", "NSM")
)
_WORD = f"[{re.escape(_LETTERS)}\u200c\u200d]+"
_WORDS = re.compile(f"({_WORD}(?: {_WORD})*)")
#: What has a text of its own that is not shown as one.
_HIDDEN = ("script", "style", "title", "textarea", "option")


def pieces(words: str) -> list[str]:
    """A text cut where its direction changes; together they are the text."""
    return [piece for piece in _WORDS.split(words) if piece]


def split_texts(body: str) -> str:
    """A page or a part of one, as HTML, whose texts of both directions are cut into elements of one each."""
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
        span.text = piece
        if _WORDS.fullmatch(piece):
            span.set("class", "o_club_rtl")
        element.insert(place + number, span)
