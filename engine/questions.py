"""Which one question is due to a member: at a purchase, at a visit, every so often. One at a time, never twice.

>>> occasion = Question(1, 'sale', repeat='always', min_amount=Decimal(20))
>>> kids = Question(2, 'visit', repeat='once', sequence=5)
>>> at_the_till = Situation('counter', date(2026, 3, 1), 'sale', amount=Decimal(35))
>>> due([occasion, kids], at_the_till, {}).id
1
>>> due([occasion, kids], Situation('counter', date(2026, 3, 1), 'visit'), {2: Past(answered_on=date(2025, 1, 1))})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from .periods import GREGORIAN, add_months

#: When a question may come up.
MOMENTS = ("sale", "visit", "first_visit", "purchases", "days")
#: Days for which a question rests that the member would rather not answer.
REST_DAYS = 30


@dataclass(frozen=True)
class Question:
    """What a manager has defined; ``channels`` says who may ask (``counter``, ``portal``).

    :param moment: one of :data:`MOMENTS`.
    :param repeat: ``once``, ``yearly``, or ``always`` (at each purchase or visit anew); with the moment ``days`` the
        days alone say how often.
    """

    id: int
    moment: str
    repeat: str = "once"
    sequence: int = 10
    min_amount: Decimal = Decimal(0)
    every_days: int = 0
    purchases: int = 0
    categories: frozenset[int] = frozenset()
    first_day: date | None = None
    last_day: date | None = None
    channels: frozenset[str] = frozenset({"counter"})


@dataclass(frozen=True)
class Situation:
    """What is going on with the member now.

    :param happening: ``sale``, ``visit``, or empty when the member is only looked at.
    :param visits: how often the member came so far, now included; :param purchases: the same for purchases.
    """

    channel: str
    today: date
    happening: str = ""
    amount: Decimal = Decimal(0)
    categories: frozenset[int] = field(default_factory=frozenset)
    visits: int = 0
    purchases: int = 0
    calendar: str = GREGORIAN


@dataclass(frozen=True)
class Past:
    """What became of a question before: the last days on which it was answered and put off, and whether it was asked
    in this very happening.
    """

    answered_on: date | None = None
    skipped_on: date | None = None
    here: bool = False


NEVER = Past()


def due(questions: Iterable[Question], situation: Situation, past: Mapping[int, Past]) -> Question | None:
    """The one question to ask now: the first by sequence that fits and has no answer yet; ``None`` for peace.

    >>> yearly = Question(7, 'purchases', repeat='yearly', purchases=3)
    >>> now = Situation('counter', date(2026, 3, 1), purchases=3)
    >>> due([yearly], now, {7: Past(answered_on=date(2025, 3, 2))}) is None
    True
    >>> due([yearly], now, {7: Past(answered_on=date(2025, 3, 1))}).id
    7

    :param past: what became of the questions, by their ids; those never asked are missing.
    """
    for question in sorted(questions, key=lambda question: (question.sequence, question.id)):
        before = past.get(question.id, NEVER)
        if fits(question, situation) and not rests(question, situation, before):
            return question
    return None


def fits(question: Question, situation: Situation) -> bool:
    """Whether the question belongs to this moment, whatever became of it before.

    >>> roses = Question(3, 'sale', categories=frozenset({12}))
    >>> fits(roses, Situation('counter', date(2026, 3, 1), 'sale', categories=frozenset({12, 13})))
    True
    >>> fits(roses, Situation('counter', date(2026, 3, 1), 'sale')), fits(roses, Situation('portal', date(2026, 3, 1)))
    (False, False)
    """
    return (
        situation.channel in question.channels
        and (question.first_day is None or question.first_day <= situation.today)
        and (question.last_day is None or situation.today <= question.last_day)
        and _is_moment(question, situation)
    )


def _is_moment(question: Question, situation: Situation) -> bool:
    if question.moment == "sale":
        return (
            situation.happening == "sale"
            and situation.amount >= question.min_amount
            and (not question.categories or bool(question.categories & situation.categories))
        )
    if question.moment == "visit":
        return situation.happening == "visit"
    if question.moment == "first_visit":
        return situation.happening in ("sale", "visit") and situation.visits == 1
    if question.moment == "purchases":
        return situation.purchases >= max(question.purchases, 1)
    return question.moment == "days"


def rests(question: Question, situation: Situation, past: Past) -> bool:
    """Whether the question was answered, or put off, too recently to be asked.

    >>> monthly = Question(4, 'days', every_days=30)
    >>> [rests(monthly, Situation('portal', date(2026, 3, day)), Past(answered_on=date(2026, 2, 1))) for day in (2, 3)]
    [True, False]
    """
    if past.here:
        return True
    each_time = question.repeat == "always" and question.moment in ("sale", "visit")
    if each_time:
        return False
    if past.skipped_on is not None and situation.today < past.skipped_on + timedelta(days=REST_DAYS):
        return True
    if past.answered_on is None:
        return False
    if question.moment == "days":
        return situation.today < past.answered_on + timedelta(days=max(question.every_days, 1))
    if question.repeat == "yearly":
        return situation.today < add_months(past.answered_on, 12, situation.calendar)
    return True
