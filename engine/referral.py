"""Who brought whom, and whether it counts: attribution of a join to a visit, and the guards, each with its reason.

Everything is a value; nothing here knows Odoo, a database or the clock.

>>> at = datetime(2026, 5, 1, 12)
>>> judge(Person(1, emails=frozenset({"anna@x.org"})), Person(2, emails=frozenset({"anna@x.org"})), Facts())
Verdict(decision='hold', reasons=('same_email',))
>>> judge(Person(1), Person(2), Facts())
Verdict(decision='count', reasons=())
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from .text import digits, search_key

COUNT, HOLD, REJECT = "count", "hold", "reject"
#: Reasons that no manager can set aside: points for oneself or for the same person twice (never.md 20).
FINAL_REASONS = ("oneself", "twice")
#: Reasons that hold a referral back until somebody decides.
HELD_REASONS = (
    "same_company",
    "same_email",
    "same_phone",
    "same_household",
    "same_device",
    "device_again",
    "robot",
    "customer_before",
    "member_before",
    "too_many_day",
    "too_many_week",
    "first_returned",
)
REASONS = (*FINAL_REASONS, *HELD_REASONS)


class Touch(NamedTuple):
    """A visit through somebody's link: whose, and when (UTC)."""

    referrer: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """What is compared of a person. Addresses are keys: see :func:`email_key`, :func:`home_key`.

    ``devices`` are opaque marks of browsers. An empty set is compared with nothing.
    """

    partner: int
    company: int = 0
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What else is known when it is judged.

    ``joins_day`` and ``joins_week`` count the referrer's joins of the last 24 hours and 7 days, this one included;
    a limit of 0 asks nothing.
    """

    referred_before: bool = False
    member_before: bool = False
    customer_before: bool = False
    device_again: bool = False
    robot: bool = False
    first_returned: bool = False
    joins_day: int = 1
    joins_week: int = 1
    most_day: int = 0
    most_week: int = 0


class Verdict(NamedTuple):
    """``count``, ``hold`` or ``reject``, and why (codes of :data:`REASONS`, in their order)."""

    decision: str
    reasons: tuple[str, ...] = ()


# -- attribution ---------------------------------------------------------------------------------------


def within_window(visited_at: datetime, at: datetime, days: int) -> bool:
    """Whether a visit still counts: up to and including the instant that is ``days`` times 24 hours later.

    >>> visited = datetime(2026, 5, 1, 12)
    >>> within_window(visited, datetime(2026, 5, 31, 12), 30)
    True
    >>> within_window(visited, datetime(2026, 5, 31, 12, 0, 1), 30), within_window(visited, datetime(2026, 4, 30), 30)
    (False, False)
    """
    return timedelta(0) <= at - visited_at <= timedelta(days=days)


def choose(touches: Iterable[Touch], at: datetime, days: int, mode: str = "last") -> Touch | None:
    """The visit that a join is owed to: the first or the last of those that still count; ``None`` for none.

    >>> anna, ben = Touch(1, datetime(2026, 5, 1)), Touch(2, datetime(2026, 5, 9))
    >>> choose([ben, anna], datetime(2026, 5, 10), 30, "first") == anna
    True
    >>> choose([anna, ben], datetime(2026, 5, 10), 30, "last") == ben
    True
    >>> choose([anna, ben], datetime(2026, 6, 5), 30, "first") == ben  # Anna's is over
    True
    >>> choose([], datetime(2026, 6, 5), 30) is None
    True
    """
    valid = sorted((touch for touch in touches if within_window(touch.at, at, days)), key=lambda touch: touch.at)
    if not valid:
        return None
    return valid[0] if mode == "first" else valid[-1]


def purchase_counts(joined_at: datetime, bought_at: datetime, joined_on: date, bought_on: date, days: int) -> bool:
    """Whether a friend's purchase is in the window: from the day of joining (who joins at checkout bought a moment
    before), for ``days`` times 24 hours; 0 days: for ever.

    >>> joined = datetime(2026, 5, 1, 12)
    >>> purchase_counts(joined, datetime(2026, 5, 1, 9), date(2026, 5, 1), date(2026, 5, 1), 10)
    True
    >>> purchase_counts(joined, datetime(2026, 5, 11, 12), date(2026, 5, 1), date(2026, 5, 11), 10)
    True
    >>> purchase_counts(joined, datetime(2026, 5, 11, 12, 0, 1), date(2026, 5, 1), date(2026, 5, 11), 10)
    False
    >>> purchase_counts(joined, datetime(2026, 4, 30, 23), date(2026, 5, 1), date(2026, 4, 30), 0)
    False
    """
    if bought_on < joined_on:
        return False
    return not days or bought_at - joined_at <= timedelta(days=days)


# -- guards --------------------------------------------------------------------------------------------


def judge(referrer: Person, friend: Person, facts: Facts, accepted: Iterable[str] = ()) -> Verdict:
    """Whether a referral counts, is held back, or can never count; with every reason.

    :param accepted: reasons that a manager has set aside; they hold nothing back any more.

    >>> judge(Person(1), Person(1), Facts(joins_day=9, most_day=5))
    Verdict(decision='reject', reasons=('oneself', 'too_many_day'))
    >>> judge(Person(1), Person(2), Facts(joins_day=9, most_day=5), accepted=("too_many_day",))
    Verdict(decision='count', reasons=())
    >>> judge(Person(1), Person(2), Facts(referred_before=True), accepted=("twice",)).decision
    'reject'
    """
    found = {
        "oneself": referrer.partner == friend.partner,
        "twice": facts.referred_before,
        "same_company": bool(referrer.company) and referrer.company == friend.company,
        "same_email": bool(referrer.emails & friend.emails),
        "same_phone": bool(referrer.phones & friend.phones),
        "same_household": bool(referrer.homes & friend.homes),
        "same_device": bool(referrer.devices & friend.devices),
        "device_again": facts.device_again,
        "robot": facts.robot,
        "customer_before": facts.customer_before,
        "member_before": facts.member_before,
        "too_many_day": bool(facts.most_day) and facts.joins_day > facts.most_day,
        "too_many_week": bool(facts.most_week) and facts.joins_week > facts.most_week,
        "first_returned": facts.first_returned,
    }
    set_aside = set(accepted) - set(FINAL_REASONS)
    reasons = tuple(code for code in REASONS if found[code] and code not in set_aside)
    if any(code in FINAL_REASONS for code in reasons):
        return Verdict(REJECT, reasons)
    return Verdict(HOLD if reasons else COUNT, reasons)


# -- keys ----------------------------------------------------------------------------------------------


def email_key(address: str) -> str:
    """An address as one mailbox: without case, dots and what follows a plus; empty if it is none.

    Stricter than mail itself on purpose: it only decides whether somebody looks at it.

    >>> email_key("An.na+club@Gmail.com"), email_key("anna@googlemail.com"), email_key("Anna")
    ('anna@gmail.com', 'anna@gmail.com', '')
    """
    local, at, domain = (address or "").strip().lower().rpartition("@")
    local = local.partition("+")[0].replace(".", "")
    if not (at and local and domain):
        return ""
    return f"{local}@{'gmail.com' if domain == 'googlemail.com' else domain}"


def mailbox_key(address: str) -> str:
    """An address as a mailbox for certain: what follows a plus is left out everywhere, dots only where they mean
    nothing.

    >>> mailbox_key("An.na+club@Gmail.com"), mailbox_key("an.na+club@Example.com")
    ('anna@gmail.com', 'an.na@example.com')
    """
    key = email_key(address)
    if not key or key.endswith("@gmail.com"):
        return key
    local, _at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def home_key(street: str, zip_code: str, city: str = "") -> str:
    """A home by its street with number and its postal code, or its town where there is none; empty without a street.

    >>> home_key("Rose Street 1 ", "10 115") == home_key("rose street, ۱", "10115", "Berlin") != ""
    True
    >>> home_key("", "10115"), home_key("Rose Street 1", "")
    ('', '')
    """
    where = _plain(zip_code) or _plain(city)
    road = _plain(street)
    return f"{road}|{where}" if road and where else ""


def _plain(text: str) -> str:
    return "".join(character for character in digits(search_key(text or "")) if character.isalnum())


def first_name(name: str, most: int = 30) -> str:
    """What the referrer may read of a friend: the first word of the name; nothing of an address or a number.

    >>> first_name("Rosa Maria Weber"), first_name("rosa@example.com"), first_name("+49 30 12"), first_name("")
    ('Rosa', '', '', '')
    """
    words = (name or "").split()
    if not words or "@" in words[0] or any(character.isdigit() for character in words[0]):
        return ""
    return words[0].strip(",;")[:most]


def local_path(path: str) -> str:
    """A path of the own site, or nothing: whatever a browser might take for another site is refused (abuse.md 20).

    >>> local_path("/shop?tag=1"), local_path("//evil.example"), local_path("https://evil.example")
    ('/shop?tag=1', '', '')
    >>> local_path("/\\\\evil.example"), local_path("/a\\tb"), local_path("shop")
    ('', '', '')
    """
    path = (path or "").strip()
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        return ""
    return "" if any(ord(character) < 33 or ord(character) == 127 for character in path) else path
