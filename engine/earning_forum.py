"""What a rule may ask of a fact from a forum: what was written, and in which forum.

>>> event = Event("forum", datetime(2026, 5, 1), values={"what": "answer", "forum": 3})
>>> rule = Rule(1, points=Decimal(5), event_type="forum", conditions={"forum_what": "answer", "forums": frozenset({3})})
>>> evaluate(event, [rule], History(), Context()).points
Decimal('5')
>>> other = Event("forum", datetime(2026, 5, 1), values={"what": "question", "forum": 3})
>>> evaluate(other, [rule], History(), Context()).missed[0].why.code
'forum_what'
"""

from __future__ import annotations

from datetime import datetime  # noqa: F401 - for the example
from decimal import Decimal  # noqa: F401 - for the example

from .earning import (
    Context,
    Event,
    History,
    Rule,  # noqa: F401 - for the example
    Why,
    evaluate,  # noqa: F401 - for the example
    register_condition,
)


def _forum_what(value: str, event: Event, history: History, context: Context) -> Why | None:
    return None if event.values.get("what") == value else Why("forum_what", {"what": value})


def _forums(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if event.values.get("forum") in value else Why("forums")


register_condition("forum_what", _forum_what)
register_condition("forums", _forums)
