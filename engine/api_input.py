"""What another system may send, checked before anything looks at it: keys, codes, amounts, times, texts.

Every function takes what came over the wire and the name of the field, and returns a clean value or raises
:class:`ApiInputError`, whose message names the field and says what is expected.

>>> key("till-3.000123"), decimal("12.50", "amount"), instant("2026-05-01T14:00:00+02:00", "occurred_at")
('till-3.000123', Decimal('12.50'), datetime.datetime(2026, 5, 1, 12, 0))
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from .errors import EngineError

#: No colon and no comma: the server puts its own around a key, and no caller may imitate them.
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


class ApiInputError(EngineError):
    """A value that the interface does not take. ``field`` names it, ``expected`` says what it should be."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.expected = expected


def fields(values: Any, allowed: Iterable[str], where: str) -> dict[str, Any]:
    """A mapping with no other fields than ``allowed``; empty ones are left out.

    >>> fields({"type": "visit", "note": None}, ("type", "note"), "event")
    {'type': 'visit'}
    >>> fields({"tpye": "visit"}, ("type",), "event")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ApiInputError: event: expected no field 'tpye'
    """
    if not isinstance(values, Mapping):
        raise ApiInputError(where, "an object with named fields")
    known = set(allowed)
    for name in values:
        if name not in known:
            raise ApiInputError(where, f"no field {str(name)[:40]!r}; known are {', '.join(sorted(known))}")
    return {name: value for name, value in values.items() if value is not None and value is not False}


def text(value: Any, field: str, most: int, required: bool = False) -> str:
    """A short text on one line; empty if there is none.

    >>> text("  two   words ", "note", 20), text(None, "note", 20)
    ('two words', '')
    """
    if value is None or value is False:
        value = ""
    if not isinstance(value, str):
        raise ApiInputError(field, "a text")
    clean = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    if len(clean) > most:
        raise ApiInputError(field, f"at most {most} characters")
    if required and not clean:
        raise ApiInputError(field, "a text that is not empty")
    return clean


def key(value: Any, field: str = "key") -> str:
    """An idempotency key: up to 100 letters, digits, dots, hyphens, underscores and slashes.

    >>> key("a:rule:1")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ApiInputError: key: expected …
    """
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise ApiInputError(field, "1 to 100 letters, digits and . _ / - (beginning with a letter or digit)")
    return value


def code(value: Any, field: str = "code") -> str:
    """The code of a fact: small letters, digits, hyphens and underscores, at most 40."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ApiInputError(field, "1 to 40 small letters, digits and _ -")
    return value


def accepts(check: Callable[[Any], Any], value: Any) -> bool:
    """Whether a check of this module takes a value.

    >>> accepts(code, "packaging"), accepts(code, "Packaging!")
    (True, False)
    """
    try:
        check(value)
    except ApiInputError:
        return False
    return True


def decimal(value: Any, field: str, digits: int = 6, positive: bool = True) -> Decimal:
    """An exact number, written as a text or a whole number; never a binary fraction.

    >>> decimal(5, "points"), decimal("0.10", "amount", 2)
    (Decimal('5'), Decimal('0.10'))
    >>> for wrong in (0.1, True, "1e3", "1,5", "-1", "0", "0.123", "NaN", None):
    ...     try:
    ...         print(decimal(wrong, "amount", 2))
    ...     except ApiInputError as error:
    ...         assert error.field == "amount"
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ApiInputError(field, 'a decimal number as text, for example "12.50"')
    written = str(value)
    if not _DECIMAL.fullmatch(written):
        raise ApiInputError(field, 'a decimal number as text with a point, for example "12.50"')
    number = Decimal(written)
    if positive and number <= 0:
        raise ApiInputError(field, "a number above zero")
    if number.normalize().as_tuple().exponent < -digits:  # type: ignore[operator]
        raise ApiInputError(field, f"at most {digits} decimals")
    return number


def instant(value: Any, field: str) -> datetime:
    """A moment with its zone (ISO 8601), as naive UTC without fractions of a second.

    >>> instant("2026-05-01T12:00Z", "at")
    datetime.datetime(2026, 5, 1, 12, 0)
    >>> instant("2026-05-01T12:00:00", "at")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ApiInputError: at: expected …
    """
    expected = "a time with its zone, for example 2026-05-01T14:00:00+02:00"
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ApiInputError(field, expected)
    try:
        moment = datetime.fromisoformat(re.sub(r"\.\d+", "", value).replace("Z", "+00:00"))
        return moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise ApiInputError(field, expected) from error


def digest(content: Any) -> str:
    """A fingerprint of what a call asks for: the same content, however its fields are ordered, gives the same.

    >>> digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"}) != digest({"a": "1"})
    True
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def mask(name: str) -> str:
    """A name that the person recognises and that tells nobody else much: the first letter of each word, three at most.

    >>> mask("Anna Maria Schmidt"), mask("  "), mask("anna@example.com"), mask("0912 345")
    ('A*** M*** S***', '***', 'a***', '***')
    """
    words = [word[0] for word in (name or "").split()[:3] if word[0].isalpha()]
    return " ".join(f"{letter}***" for letter in words) or "***"
