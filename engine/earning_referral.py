"""Conditions of rules about friends: for which side, for which of the friend's purchases, how soon after joining.

They read what a fact says in ``event.values``: ``side`` (``referrer`` or ``friend``), ``number`` (which purchase of the
friend it is) and ``days`` (whole days since the friend joined).

>>> from datetime import datetime
>>> event = Event("referral_join", datetime(2026, 5, 1), values={"side": "friend"})
>>> _side("referrer", event, History(), Context()).code, _side("both", event, History(), Context())
('referral_side', None)
"""

from __future__ import annotations

from .earning import Context, Event, History, Why, register_condition

TYPES = ("referral_click", "referral_join", "referral_purchase")


def _side(value: str, event: Event, history: History, context: Context) -> Why | None:
    side = event.values.get("side", "referrer")
    return None if value in (side, "both") else Why("referral_side", {"side": side})


def _first(value: bool, event: Event, history: History, context: Context) -> Why | None:
    number = event.values.get("number", 1)
    return None if number == 1 else Why("referral_first", {"number": number})


def _days(value: int, event: Event, history: History, context: Context) -> Why | None:
    days = event.values.get("days", 0)
    return None if days <= value else Why("referral_days", {"days": days, "most": value})


register_condition("referral_side", _side)
register_condition("referral_first", _first)
register_condition("referral_days", _days)
