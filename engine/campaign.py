"""What a campaign decides without looking: who is in the control group, when a message may go out, what it says.

>>> [arm("salt", member, 50) for member in (1, 2, 3, 4, 5)] == [arm("salt", member, 50) for member in (1, 2, 3, 4, 5)]
True
>>> fill("Dear {name}, {points} wait for you.", {"name": "Anna {points}", "points": "50 points"})
'Dear Anna {points}, 50 points wait for you.'
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

TREATED, CONTROL = "treated", "control"
#: What a message may say of its member. Nothing else is looked up, whatever people type.
PLACEHOLDERS = ("name", "points", "expiring", "tier", "next_tier", "product", "code", "offer", "until", "club")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_RANGE = 2**64
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


def arm(salt: str, member_id: int, share: float) -> str:
    """The arm of a member: by SHA-256 of a salt drawn before and the member, so that nobody can choose.

    The same member has the same arm throughout a campaign, and the order in which members come does not matter.

    >>> arm("salt", 1, 0), arm("salt", 1, 100)
    ('treated', 'control')
    >>> abs(sum(arm("salt", member, 20) == "control" for member in range(10_000)) - 2000) < 120
    True

    :param share: how many of 100 members are left out
    """
    digest = sha256(f"{salt}:{member_id}".encode()).digest()
    return CONTROL if int.from_bytes(digest[:8], "big") < share / 100 * _RANGE else TREATED


def variant(salt: str, member_id: int) -> str:
    """Which of two texts a member gets: by chance too, and independent of its arm.

    >>> both = [(arm("salt", member, 50), variant("salt", member)) for member in range(10_000)]
    >>> all(abs(both.count((left, text)) - 2500) < 150 for left in (TREATED, CONTROL) for text in ("a", "b"))
    True
    """
    return "ab"[sha256(f"{salt}:text:{member_id}".encode()).digest()[0] & 1]


def fill(words: str, values: Mapping[str, str]) -> str:
    """Replace the placeholders once; what is put in is never read again, and unknown ones stay as they are typed.

    >>> fill("{name} {object.env} {unknown}", {"name": "Anna"})
    'Anna {object.env} {unknown}'
    """
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), words)


def mask(code: str) -> str:
    """A code as people see it who are not to use it: its last four signs, if enough stay hidden.

    >>> mask("0443f9a1b"), mask("0443"), mask("")
    ('•••• 9a1b', '••••', '')
    """
    if not code:
        return ""
    return f"•••• {code[-4:]}" if len(code) >= 8 else "••••"


def encode_number(number: int) -> str:
    """A number, not negative, in 36 signs: short enough for an SMS.

    >>> encode_number(0), encode_number(35), encode_number(36), encode_number(1_000_000)
    ('0', 'z', '10', 'lfls')
    """
    signs = ""
    while True:
        number, rest = divmod(number, 36)
        signs = _SIGNS[rest] + signs
        if not number:
            return signs


def decode_number(signs: str) -> int | None:
    """What :func:`encode_number` wrote; ``None`` for anything else.

    >>> decode_number("lfls"), decode_number("LFLS"), decode_number(""), decode_number("é"), decode_number("1" * 20)
    (1000000, None, None, None, None)
    """
    if not 0 < len(signs) <= 6 or any(sign not in _SIGNS for sign in signs):
        return None
    return int(signs, 36)


def find_unknown(words: str, known: Collection[str] = PLACEHOLDERS) -> list[str]:
    """Placeholders that nothing is known of, in order.

    >>> find_unknown("{name}, {nmae}")
    ['nmae']
    """
    return [name for name in _PLACE.findall(words) if name not in known]


def is_quiet(at: datetime, quiet_from: float, quiet_to: float) -> bool:
    """Whether nobody is to be written to at a local time; hours, and from later than to goes over midnight.

    >>> [is_quiet(datetime(2026, 5, 1, hour), 21, 9) for hour in (8, 9, 20, 21)]
    [True, False, False, True]
    >>> is_quiet(datetime(2026, 5, 1, 3), 0, 0)
    False
    """
    hour = at.hour + at.minute / 60 + at.second / 3600
    if quiet_from == quiet_to:
        return False
    if quiet_from < quiet_to:
        return quiet_from <= hour < quiet_to
    return hour >= quiet_from or hour < quiet_to


def next_allowed(at: datetime, quiet_from: float, quiet_to: float) -> datetime:
    """The first local moment from ``at`` on at which members may be written to.

    >>> next_allowed(datetime(2026, 5, 1, 22, 30), 21, 9)
    datetime.datetime(2026, 5, 2, 9, 0)
    >>> next_allowed(datetime(2026, 5, 1, 12), 21, 9)
    datetime.datetime(2026, 5, 1, 12, 0)
    """
    if not is_quiet(at, quiet_from, quiet_to):
        return at
    end = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=round(quiet_to * 60))
    return end if end > at else end + timedelta(days=1)
