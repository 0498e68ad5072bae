"""What a batch of the ledger is made of: movements, the accounts that they touch, and how entries are stored."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from odoo.exceptions import UserError

ZERO = Decimal(0)
# Lots made in this batch are newer than any lot in the database, whose order is its id.
NEWEST = 2**40
CREDIT, DEBIT, OPEN, CLOSE, GIVE_BACK = "credit", "debit", "open", "close", "give_back"

# Column, SQL type and the attribute of a Movement, in the order in which entries are inserted.
ENTRY_COLUMNS = (
    ("member_id", "int"),
    ("card_id", "int"),
    ("club_id", "int"),
    ("company_id", "int"),
    ("kind", "text"),
    ("points", "numeric"),
    ("available", "numeric"),
    ("date", "timestamp"),
    ("available_on", "date"),
    ("expires_on", "date"),
    ("key", "text"),
    ("event_id", "int"),
    ("rule_id", "int"),
    ("origin_model", "text"),
    ("origin_id", "int"),
    ("reverses_id", "int"),
    ("root_id", "int"),
    ("happened", "bool"),
    ("user_id", "int"),
    ("note", "text"),
    ("detail", "jsonb"),
)
# What must agree when a key comes a second time. Dates and words may differ: they tell when and how it was sent.
SAME_CONTENT = ("kind", "event_id", "rule_id", "origin_model", "origin_id", "reverses_id")
# Kinds that bring new points or use them: in the club's decimals. The others move what is there to the last hundredth,
# whatever decimals the club counted with when it came in.
COUNTED = frozenset({"earn", "spend", "adjust", "opening"})
MOST_DIGITS = 2


class NotEnoughPoints(UserError):
    """A spend asked for more points than the member can spend."""


@dataclass(slots=True)
class Account:
    """A member's locked card, with the policy of its club."""

    member_id: int
    card_id: int
    club_id: int
    company_id: int
    balance: Decimal
    digits: int
    expiry: tuple
    calendar: str
    tz: str
    has_milestones: bool


@dataclass(slots=True)
class Movement:
    """One entry in the making.

    ``stay``: on the card of the member that it names, even where that one was merged into another since.
    """

    member_id: int
    kind: str
    key: str
    points: Decimal
    op: str
    date: datetime
    card_id: int = 0
    club_id: int = 0
    company_id: int = 0
    available: Decimal = ZERO
    amount: Decimal = ZERO
    pending: bool = False
    available_on: date | None = None
    expires_on: date | None = None
    event_id: int | None = None
    rule_id: int | None = None
    origin_model: str | None = None
    origin_id: int | None = None
    reverses_id: int | None = None
    root_id: int | None = None
    happened: bool = False
    user_id: int | None = None
    note: str | None = None
    detail: str | None = None
    lots: tuple = ()
    only: bool = False
    undo: tuple = ()
    undo_entry: int | None = None
    stay: bool = False
    asked_id: int = 0
    order: int = 0
    entry_id: int | None = None
    parts: list = field(default_factory=list)
