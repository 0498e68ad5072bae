"""What the rows of an imported file say: purchases of the past, and members with their profile.

A row that cannot be read becomes a :class:`Problem` with its number and reason; the other rows are not touched by it.
Every purchase has a key that does not depend on its place in the file, so a file that is sent again, re-ordered, longer
or shorter adds only what was not there before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from . import periods, tables, text
from .errors import DateError, EmailError, EngineError, NumberError, PhoneError

#: Names that the columns of a purchase history may have, besides the field's own.
PURCHASE_COLUMNS: dict[str, tuple[str, ...]] = {
    "customer": (
        "customer id",
        "customer ref",
        "customer number",
        "client",
        "member",
        "reference",
        "ref",
        "id",
        "مشتری",
        "کد مشتری",
        "شماره مشتری",
    ),
    "date": ("order date", "purchase date", "day", "invoice date", "تاریخ", "تاریخ خرید"),
    "amount": ("amount usd", "amount eur", "total", "amount total", "value", "price", "مبلغ", "مبلغ خرید", "جمع"),
    "quantity": ("qty", "units", "pieces", "items", "تعداد", "مقدار"),
    "name": ("customer name", "full name", "نام", "نام مشتری", "نام و نام خانوادگی"),
}
#: Names that the columns of a list of members may have, besides the field's own.
MEMBER_COLUMNS: dict[str, tuple[str, ...]] = {
    "ref": ("customer id", "customer ref", "customer number", "reference", "id", "کد مشتری", "شماره مشتری", "کد"),
    "name": ("full name", "customer name", "member", "نام", "نام و نام خانوادگی", "نام مشتری"),
    "phone": ("mobile", "mobile phone", "telephone", "cell", "tel", "موبایل", "تلفن", "تلفن همراه", "همراه"),
    "email": ("e-mail", "mail", "email address", "ایمیل", "پست الکترونیک"),
    "birthday": ("birth date", "date of birth", "born", "تولد", "تاریخ تولد"),
    "anniversary": ("wedding", "wedding day", "wedding date", "wedding anniversary", "سالگرد", "سالگرد ازدواج"),
    "joined": ("join date", "joined on", "member since", "date joined", "تاریخ عضویت", "عضویت"),
    "marketing": ("marketing consent", "consent marketing", "newsletter", "رضایت بازاریابی", "تبلیغات"),
    "terms": ("terms accepted", "consent", "consent terms", "رضایت", "پذیرش شرایط"),
    "points": ("balance", "opening balance", "opening points", "امتیاز", "مانده امتیاز", "مانده"),
    "expires": ("points expire", "expires on", "expiry", "expiry date", "تاریخ انقضا", "انقضا"),
}
_YES = frozenset({"yes", "y", "true", "t", "1", "x", "✓", "✔", "ja", "oui", "بله", "بلی", "آری", "دارد"})
_NO = frozenset({"no", "n", "false", "f", "0", "-", "nein", "non", "خیر", "نه", "ندارد"})

Value = TypeVar("Value")


class Problem(NamedTuple):
    """Why a row is left out: its number, the field, what stands there, and a reason that a program can look up.

    ``reason`` is a ``reason`` of :mod:`.errors` behind the field's kind (``date:no_such_day``, ``number:grouping``,
    ``phone:too_short``, ``email``), or one of ``missing``, ``future``, ``negative``, ``yes_no``, ``nobody``,
    ``duplicate``; models add their own.
    """

    row: int
    field: str
    value: str
    reason: str


class Purchase(NamedTuple):
    """A purchase of the past. ``nth`` counts equal purchases of the same customer and day, from 1."""

    row: int
    customer: str
    name: str
    day: date
    amount: Decimal
    quantity: Decimal
    nth: int

    def key(self) -> str:
        """What names this purchase in every file that contains it.

        >>> Purchase(2, '0001', '', date(1997, 1, 1), Decimal('29.330'), Decimal(2), 1).key()
        '0001:1997-01-01:29.33:2:1'
        """
        return ":".join([self.customer, self.day.isoformat(), plain(self.amount), plain(self.quantity), str(self.nth)])


class Occasion(NamedTuple):
    """A date that matters, and the calendar it was written in."""

    kind: str
    day: date
    calendar: str


class Person(NamedTuple):
    """A member as a row describes one. ``None`` and empty: the row does not say."""

    row: int
    ref: str
    name: str
    phone: str
    email: str
    occasions: tuple[Occasion, ...]
    joined: date | None
    marketing: bool | None
    terms: bool | None
    points: Decimal | None
    expires: date | None


def plain(number: Decimal) -> str:
    """A number in the shortest way without exponent: equal numbers, equal texts.

    >>> plain(Decimal('10.00')), plain(Decimal('0.00')), plain(Decimal('1E+3')), plain(Decimal('-0.0'))
    ('10', '0', '1000', '0')
    """
    return format((number + 0).normalize(), "f") if number else "0"


class _RowError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class _Reader:
    """The cells of one row by field."""

    def __init__(self, row: tables.Row, mapping: Mapping[str, int]) -> None:
        self.number = row.number
        self._row = row
        self._mapping = mapping

    def text(self, field: str) -> str:
        index = self._mapping.get(field)
        return "" if index is None else self._row.values[index]

    def refuse(self, field: str, reason: str) -> _RowError:
        return _RowError(Problem(self.number, field, self.text(field), reason))

    def required(self, field: str) -> str:
        value = self.text(field)
        if not value:
            raise self.refuse(field, "missing")
        return value

    def read(self, field: str, read: Callable[[str], Value]) -> Value | None:
        """The field as ``read`` understands it; ``None`` where the cell is blank."""
        value = self.text(field)
        if not value:
            return None
        try:
            return read(value)
        except EngineError as error:
            raise self.refuse(field, _reason(error)) from error

    def past(self, field: str, calendar: str, today: date) -> tuple[date, str] | None:
        found = self.read(field, lambda value: periods.read_date(value, calendar))
        if found is not None and found[0] > today:
            raise self.refuse(field, "future")
        return found

    def yes_no(self, field: str) -> bool | None:
        value = text.search_key(self.text(field))
        if not value:
            return None
        if value not in _YES | _NO:
            raise self.refuse(field, "yes_no")
        return value in _YES


def _attempt(read: Callable[..., Value], *arguments: object) -> Value | Problem:
    try:
        return read(*arguments)
    except _RowError as error:
        return error.problem


def _reason(error: EngineError) -> str:
    kinds = {DateError: "date", NumberError: "number", PhoneError: "phone"}
    kind = kinds.get(type(error))
    if kind is None:
        return "email" if isinstance(error, EmailError) else "unreadable"
    return f"{kind}:{getattr(error, 'reason', '')}"


def read_purchases(
    table: tables.Table,
    mapping: Mapping[str, int],
    today: date,
    calendar: str = "auto",
) -> tuple[list[Purchase], list[Problem]]:
    """The purchases of a table in the order they happened, and the rows that are none.

    Several purchases of one customer on one day are separate, equal ones too. An amount of 0.00 is a purchase.

    >>> lines = 'customer,date,amount', 'A,2025-01-02,5', 'A,2025-01-02,5.00', 'B,soon,1', 'C,2025-01-01,0.00'
    >>> table = tables.read_table('\\n'.join(lines).encode())
    >>> purchases, problems = read_purchases(table, {'customer': 0, 'date': 1, 'amount': 2}, date(2025, 6, 1))
    >>> [purchase.key() for purchase in purchases]
    ['C:2025-01-01:0:0:1', 'A:2025-01-02:5:0:1', 'A:2025-01-02:5:0:2']
    >>> problems
    [Problem(row=4, field='date', value='soon', reason='date:unreadable')]

    :param mapping: for ``customer``, ``date``, ``amount`` and perhaps ``quantity`` and ``name``: the column's index
    :param today: the club's local day; a later purchase cannot be
    :param calendar: of the dates: ``auto``, ``gregorian`` or ``jalali``
    """
    results = [_attempt(_purchase, _Reader(row, mapping), today, calendar) for row in table.rows]
    found = [result for result in results if isinstance(result, Purchase)]
    problems = [result for result in results if isinstance(result, Problem)]
    found.sort(key=lambda purchase: (purchase.day, purchase.customer, purchase.amount, purchase.quantity, purchase.row))
    seen: Counter[tuple[str, date, Decimal, Decimal]] = Counter()
    numbered: list[Purchase] = []
    for purchase in found:
        same = (purchase.customer, purchase.day, purchase.amount, purchase.quantity)
        seen[same] += 1
        numbered.append(purchase._replace(nth=seen[same]))
    return numbered, problems


def _purchase(reader: _Reader, today: date, calendar: str) -> Purchase:
    customer = reader.required("customer")
    reader.required("date")
    reader.required("amount")
    when = reader.past("date", calendar, today)
    amount = reader.read("amount", text.parse_decimal)
    quantity = reader.read("quantity", text.parse_decimal) or Decimal(0)
    assert when is not None and amount is not None
    if amount < 0:
        raise reader.refuse("amount", "negative")
    if quantity < 0:
        raise reader.refuse("quantity", "negative")
    return Purchase(reader.number, customer, reader.text("name"), when[0], amount, quantity, 1)


def read_people(
    table: tables.Table,
    mapping: Mapping[str, int],
    today: date,
    region: str = "",
    calendar: str = "auto",
) -> tuple[list[Person], list[Problem]]:
    """The members of a table, and the rows that cannot be one.

    A person is known by reference, phone or e-mail; a second row with any of them is a ``duplicate``.

    >>> lines = 'name,mobile,birthday', 'علي,۰۹۱۲۳۴۵۶۷۸۹,1375/12/30', 'X,,', 'Ali,00989123456789,'
    >>> table = tables.read_table('\\n'.join(lines).encode())
    >>> people, problems = read_people(table, {'name': 0, 'phone': 1, 'birthday': 2}, date(2025, 6, 1), 'IR')
    >>> people[0].phone, people[0].occasions
    ('+989123456789', (Occasion(kind='birthday', day=datetime.date(1997, 3, 20), calendar='jalali'),))
    >>> [(problem.row, problem.reason) for problem in problems]
    [(3, 'nobody'), (4, 'duplicate')]

    :param mapping: for fields of :data:`MEMBER_COLUMNS`: the column's index
    :param today: the club's local day; birthdays and joining cannot be later
    :param region: two letters of the country that phones without country code are from
    :param calendar: of the dates: ``auto``, ``gregorian`` or ``jalali``
    """
    people: list[Person] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for row in table.rows:
        reader = _Reader(row, mapping)
        result = _attempt(_person, reader, today, region, calendar)
        if isinstance(result, Problem):
            problems.append(result)
            continue
        marks = [(field, value) for field in ("ref", "phone", "email") if (value := getattr(result, field))]
        again = [field for field, value in marks if (field, value) in seen]
        if again:
            problems.append(reader.refuse(again[0], "duplicate").problem)
            continue
        seen.update(marks)
        people.append(result)
    return people, problems


def _person(reader: _Reader, today: date, region: str, calendar: str) -> Person:
    ref, name = reader.text("ref"), reader.text("name")
    phone = reader.read("phone", lambda value: text.phone_e164(value, region)) or ""
    email = reader.read("email", text.email_key) or ""
    if not (ref or phone or email):
        raise reader.refuse("phone", "nobody")
    occasions = []
    for kind in ("birthday", "anniversary"):
        found = reader.past(kind, calendar, today)
        if found is not None:
            occasions.append(Occasion(kind, *found))
    joined = reader.past("joined", calendar, today)
    points = reader.read("points", text.parse_decimal)
    if points is not None and points < 0:
        raise reader.refuse("points", "negative")
    expires = reader.read("expires", lambda value: periods.parse_date(value, calendar))
    return Person(
        reader.number,
        ref,
        name,
        phone,
        email,
        tuple(occasions),
        joined[0] if joined else None,
        reader.yes_no("marketing"),
        reader.yes_no("terms"),
        points,
        expires,
    )
