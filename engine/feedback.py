"""Critiques, suggestions and requests: when an answer is due, when to escalate, which pieces a rule rewards.

A fact of type ``feedback`` says in its payload which ``kind`` of feedback was accepted, in which ``category`` (0:
none) and how many stars of ``usefulness`` its judge gave (0: not rated).

>>> event = earning.Event("feedback", datetime(2026, 5, 1), values={"kind": "suggestion", "usefulness": 2})
>>> rule = earning.Rule(1, event_type="feedback", points=earning.Decimal(10), conditions={"feedback_usefulness": 3})
>>> earning.evaluate(event, [rule], earning.History(), earning.Context()).missed[0].why
Why(code='feedback_usefulness', values={'stars': 2, 'least': 3})
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta  # noqa: F401 - datetime: the examples

from . import earning


def due_on(first: date, days: int, priority: int = 0, sooner: int = 0) -> date:
    """The day until which feedback given on ``first`` is to be answered: the higher the priority, the sooner.

    Everybody waits at least one day, whatever the priority; a negative priority makes nobody wait longer.

    >>> day = date(2026, 5, 1)
    >>> [due_on(day, 5, priority, sooner=2).day for priority in (-1, 0, 1, 2, 9)]
    [6, 6, 4, 2, 2]

    :param days: days for an answer, as the club says for this kind of feedback
    :param priority: of the member's tier
    :param sooner: days sooner for each step of priority
    """
    return first + timedelta(days=max(1, days - max(0, priority) * max(0, sooner)))


def escalation(today: date, due: date, pause: int) -> int:
    """How far an open piece is escalated: 0 not yet, 1 once it is late, 2 when it stays so for ``pause`` days more.

    >>> [escalation(date(2026, 5, day), date(2026, 5, 5), 3) for day in (5, 6, 8, 9)]
    [0, 1, 1, 2]

    :param due: the last day for an answer
    :param pause: days between the levels; 0: there is no second level
    """
    late = (today - due).days
    if late <= 0:
        return 0
    return 2 if pause > 0 and late > pause else 1


def next_escalation(due: date, pause: int, level: int) -> date | None:
    """The first day of the level after ``level``; ``None`` after the last.

    >>> due = date(2026, 5, 5)
    >>> [day and day.day for day in (next_escalation(due, 3, level) for level in (0, 1, 2))]
    [6, 9, None]
    >>> all(escalation(next_escalation(due, 3, level), due, 3) == level + 1 for level in (0, 1))
    True
    """
    if level == 0:
        return due + timedelta(days=1)
    return due + timedelta(days=pause + 1) if level == 1 and pause > 0 else None


def clean(text: str) -> str:
    """What a person typed, without control characters and with plain line ends; the words stay as they are.

    >>> clean(' two\\r\\nlines\\x00\\x08 ')
    'two\\nlines'
    >>> clean('می\\u200cخواهم') == 'می\\u200cخواهم'  # the half-space is spelling
    True
    """
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")).strip()


def headline(text: str, length: int) -> str:
    """The first line of a text, cut at a blank where it is longer than ``length``.

    >>> headline('Please open on Sundays, too. It is the day I have time.\\nThanks', 24)
    'Please open on…'
    """
    line = text.strip().split("\n", 1)[0].strip()
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip() + "…"


# -- conditions --------------------------------------------------------------------------------------


def _kinds(
    value: frozenset[str], event: earning.Event, history: earning.History, context: earning.Context
) -> earning.Why | None:
    return None if event.values.get("kind") in value else earning.Why("feedback_kinds")


def _categories(
    value: frozenset[int], event: earning.Event, history: earning.History, context: earning.Context
) -> earning.Why | None:
    return None if event.values.get("category", 0) in value else earning.Why("feedback_categories")


def _usefulness(
    value: int, event: earning.Event, history: earning.History, context: earning.Context
) -> earning.Why | None:
    stars = event.values.get("usefulness", 0)
    return None if stars >= value else earning.Why("feedback_usefulness", {"stars": stars, "least": value})


earning.register_condition("feedback_kinds", _kinds)
earning.register_condition("feedback_categories", _categories)
earning.register_condition("feedback_usefulness", _usefulness)
