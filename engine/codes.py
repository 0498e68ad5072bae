"""Bars and squares: a member's number as Code 128 and as QR, drawn as paths that a template puts into SVG.

Only numbers leave this module, so nothing that a person typed can become markup.
"""

from __future__ import annotations

from typing import NamedTuple

from reportlab.graphics.barcode import qrencoder
from reportlab.graphics.barcode.code128 import Code128


class Drawing(NamedTuple):
    """A drawing of black rectangles: its size in modules, quiet zone included, and the path of an SVG."""

    width: int
    height: int
    path: str


def code128(text: str, height: int = 40) -> Drawing:
    """Bars of a text, with the ten modules of quiet zone that a scanner needs on both sides.

    >>> code128('12').width, code128('12').path.startswith('M10 0h')
    (66, True)
    >>> code128('')
    Drawing(width=0, height=0, path='')

    :param height: of the bars, in modules
    """
    if not text:
        return Drawing(0, 0, "")
    code = Code128(text, quiet=0)
    code.validate()
    code.encode()
    code.decompose()
    position, bars = 10, []
    for letter in code.decomposed:  # an upper-case letter is a bar, a lower-case one a space; a is one module
        width = "abcd".index(letter.lower()) + 1
        if letter.isupper():
            bars.append(f"M{position} 0h{width}v{height}h-{width}z")
        position += width
    return Drawing(position + 10, height, "".join(bars))


def qr(text: str) -> Drawing:
    """Squares of a text, error correction M, with the four modules of quiet zone around.

    >>> qr('RC-1').width == qr('RC-1').height == 29
    True
    >>> qr('')
    Drawing(width=0, height=0, path='')
    """
    if not text:
        return Drawing(0, 0, "")
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    path = "".join(
        f"M{column + 4} {row + 4}h1v1h-1z" for row in range(size) for column in range(size) if code.isDark(row, column)
    )
    return Drawing(size + 8, size + 8, path)
