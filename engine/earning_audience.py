"""What a rule may ask of whom it is for: groups of contacts, and segments of members.

>>> rule = Rule(1, event_type="visit", points=Decimal(5), conditions={"groups": frozenset({7, 8})})
>>> florist = Event("visit", datetime(2026, 5, 1), values={"member_groups": frozenset({8})})
>>> evaluate(florist, [rule], History(), Context()).points
Decimal('5')
>>> evaluate(Event("visit", datetime(2026, 5, 1)), [rule], History(), Context()).missed[0].why.code
'groups'
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

NOBODY: frozenset[int] = frozenset()


def _groups(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if value & event.values.get("member_groups", NOBODY) else Why("groups")


def _segments(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if value & event.values.get("member_segments", NOBODY) else Why("segments")


register_condition("groups", _groups)
register_condition("segments", _segments)
