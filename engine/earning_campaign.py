"""What a rule may ask of whom it is for: members whom a campaign reached, while it lasts for them.

>>> rule = Rule(1, event_type="visit", points=Decimal(5), conditions={"campaigns": frozenset({7})})
>>> reached = {"member_campaigns": ((7, datetime(2026, 5, 1), datetime(2026, 5, 8)),)}
>>> evaluate(Event("visit", datetime(2026, 5, 2), values=reached), [rule], History(), Context()).points
Decimal('5')
>>> evaluate(Event("visit", datetime(2026, 5, 8), values=reached), [rule], History(), Context()).missed[0].why.code
'campaigns'
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


def _campaigns(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    reached = event.values.get("member_campaigns", ())
    if any(campaign in value and first <= event.at < end for campaign, first, end in reached):
        return None
    return Why("campaigns")


register_condition("campaigns", _campaigns)
