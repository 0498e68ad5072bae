"""Codes that are as good as money, and what an amount costs in points at a merchant's counter.

A code is derived from a secret and a nonce, so that its owner can read it again although only a digest is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .periods import day_bounds
from .text import normalise

#: Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Five bits each: sixty in all.
LENGTH = 12
_GROUP = 4
_MISREAD = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015_.:/\u200c\u200d]+")


def make(secret: bytes, purpose: str, nonce: str) -> str:
    """The code for a nonce: 60 bits of HMAC-SHA256, twelve characters without separators.

    >>> make(b"secret", "voucher", "n1")
    '5F7SDTQVJ7G3'
    >>> make(b"secret", "token", "n1") == make(b"secret", "voucher", "n1")
    False

    :param secret: known to the server only
    :param purpose: what the code is for; codes of two purposes have nothing to do with each other
    :param nonce: random, one per code
    """
    mac = hmac.new(secret, f"code\0{purpose}\0{nonce}".encode(), hashlib.sha256).digest()
    bits = int.from_bytes(mac, "big") >> (256 - 5 * LENGTH)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH)))


def digest(secret: bytes, code: str) -> str:
    """What is stored of a code: it finds the code's document and gives nothing away.

    >>> len(digest(b"secret", "5F7SDTQVJ7G3"))
    64
    """
    return hmac.new(secret, f"digest\0{code}".encode(), hashlib.sha256).hexdigest()


def clean(typed: str) -> str:
    """A code as it was meant, however it was typed: small letters, blanks, O for 0, I or L for 1, Persian digits.

    >>> clean(" 5f7s-dtqv j7g3 "), clean("ol00-0000-000\u06f1"), clean("hello"), clean("UUUU-UUUU-UUUU")
    ('5F7SDTQVJ7G3', '010000000001', '', '')

    :return: twelve characters of the alphabet, or empty if it cannot be a code
    """
    if len(typed or "") > 100:
        return ""
    code = _SEPARATORS.sub("", normalise(typed)).upper().translate(_MISREAD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def grouped(code: str) -> str:
    """A code as it is shown: in groups that a person can read out.

    >>> grouped("5F7SDTQVJ7G3")
    '5F7S-DTQV-J7G3'
    """
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def end_of_validity(issued_on: date, days: int, tz: str) -> datetime:
    """The first instant (naive UTC) at which something no longer counts that counts ``days`` days, the first included.

    It ends at midnight of the club's time zone, never in the middle of a day.

    >>> end_of_validity(date(2026, 3, 1), 30, "UTC")
    datetime.datetime(2026, 3, 31, 0, 0)
    >>> end_of_validity(date(2026, 3, 1), 1, "Asia/Tehran")
    datetime.datetime(2026, 3, 1, 20, 30)
    """
    return day_bounds(issued_on + timedelta(days=days), tz)[0]


def points_for(amount: Decimal, per_point: Decimal, digits: int) -> Decimal:
    """What an amount of money costs in points: rounded up, so that a rounding never pays (abuse 1).

    >>> points_for(Decimal("5.01"), Decimal("0.05"), 0), points_for(Decimal("5.01"), Decimal("0.05"), 2)
    (Decimal('101'), Decimal('100.20'))
    >>> points_for(Decimal("0.01"), Decimal("100"), 0)
    Decimal('1')
    """
    return (amount / per_point).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_CEILING)


def amount_for(points: Decimal, per_point: Decimal, digits: int) -> Decimal:
    """The most money that points pay: rounded down to the currency's ``digits``; :func:`points_for` never asks more.

    >>> amount_for(Decimal(101), Decimal("0.05"), 2), amount_for(Decimal(7), Decimal("0.333"), 0)
    (Decimal('5.05'), Decimal('2'))
    """
    return (points * per_point).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)
