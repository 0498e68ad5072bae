"""Conditions of rules about surveys. The payload holds ``survey`` (id), ``in_time``, and of a scored one ``score``
(percent), ``passed`` and ``certified``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from .earning import Context, Event, History, Why, register_condition


class Result(NamedTuple):
    """What the answers must reach: any result, ``passed``, ``certified``, or a least ``score`` in percent."""

    kind: str
    score: Decimal = Decimal(0)


def which(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    """Only these surveys count."""
    return None if event.values.get("survey") in value else Why("survey_other")


def in_time(value: bool, event: Event, history: History, context: Context) -> Why | None:
    """Only answers before the deadline and within the time limit count; without either, all are in time."""
    return None if event.values.get("in_time", True) else Why("survey_late")


def result(value: Result, event: Event, history: History, context: Context) -> Why | None:
    """Only answers good enough count; a survey that is not scored reaches no score.

    >>> from datetime import datetime
    >>> event = Event("survey", datetime(2026, 5, 1), values={"score": 79.99, "passed": True})
    >>> result(Result("score", Decimal("79.99")), event, History(), Context()) is None
    True
    >>> result(Result("score", Decimal(80)), event, History(), Context()).code
    'survey_score'
    """
    values = event.values
    if value.kind == "passed" and not values.get("passed"):
        return Why("survey_failed")
    if value.kind == "certified" and not values.get("certified"):
        return Why("survey_uncertified")
    if value.kind == "score":
        score = values.get("score")
        if score is None or Decimal(str(score)) < value.score:
            return Why("survey_score", {"score": score or 0, "least": value.score})
    return None


def once(value: int, event: Event, history: History, context: Context) -> Why | None:
    """A rule gives for a survey once per member; ``value`` is the rule's id.

    ``survey_given`` holds pairs of rule and survey that have given to the member.
    """
    given = event.values.get("survey_given", ())
    return Why("survey_again") if (value, event.values.get("survey")) in given else None


for _name, _condition in (
    ("survey", which),
    ("survey_in_time", in_time),
    ("survey_result", result),
    ("survey_once", once),
):
    register_condition(_name, _condition)
