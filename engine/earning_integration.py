"""What rules may ask of facts that other systems send: which fact it was, and which partner sold.

>>> event = earning.Event("custom", datetime(2026, 5, 1), values={"code": "packaging"})
>>> context = earning.Context()
>>> custom_codes(frozenset({"packaging"}), event, earning.History(), context)
>>> custom_codes(frozenset({"walk"}), event, earning.History(), context).code
'custom_codes'
"""

from __future__ import annotations

from datetime import datetime  # noqa: F401 - the example needs it

from . import earning


def custom_codes(
    value: frozenset[str], event: earning.Event, history: earning.History, context: earning.Context
) -> earning.Why | None:
    """Only facts with one of these codes."""
    code = event.values.get("code") or ""
    return None if code in value else earning.Why("custom_codes", {"code": code})


def merchants(
    value: frozenset[int], event: earning.Event, history: earning.History, context: earning.Context
) -> earning.Why | None:
    """Only purchases at one of these partner merchants."""
    return None if event.values.get("merchant") in value else earning.Why("merchants")


earning.register_condition("custom_codes", custom_codes)
earning.register_condition("merchants", merchants)
