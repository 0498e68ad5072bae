"""A sale as plain values: what was sold, and what of it was invoiced, paid and taken back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from odoo.addons.customer_club.engine import purchase

ZERO = Decimal(0)
#: Of a share that is no tax: exact to the cent for amounts of ten digits.
PRECISION = Decimal("0.000000000001")


@dataclass(slots=True)
class DocumentLine:
    """A line that may earn; ``net`` is what is really paid, as the club counts, in the document's currency."""

    id: int
    product: int
    category: int
    quantity: Decimal
    net: Decimal


@dataclass(slots=True)
class Document:
    """A sale. ``parts`` are its lines in both measures; ``facts`` say per line what was invoiced, paid and refunded."""

    model: str
    id: int
    company_id: int
    partner_id: int
    commercial_id: int
    at: datetime
    alive: bool
    unit: Decimal
    rate: Decimal = Decimal(1)
    channel: str = "backend"
    term: int = 0
    methods: tuple[int, ...] = ()
    included: list[purchase.Part] = field(default_factory=list)
    excluded: list[purchase.Part] = field(default_factory=list)
    lines: dict[int, tuple[int, int, Decimal]] = field(default_factory=dict)
    totals: dict[int, Decimal] = field(default_factory=dict)
    facts: dict[int, purchase.Invoiced] = field(default_factory=dict)
    shares: dict[int, Fraction] | None = None  #: kept shares, if the document knows them itself (direct invoices)
    unpaid_advance: Fraction = purchase.NOTHING
    amount_total: Decimal = ZERO
    invoiced_on: date | None = None
    paid_on: date | None = None
    days_to_pay: int | None = None
    day: date | None = None  #: the day, of a document that knows no hour

    @property
    def key(self):
        return self.model, self.id

    def count(self, tax):
        """The lines that earn, with what is really paid for each, as a club counts (``included`` or ``excluded``)."""
        parts = self.included if tax == "included" else self.excluded
        return {
            line: DocumentLine(line, *self.lines[line], net)
            for line, net in purchase.spread(parts, self.unit).items()
            if line in self.lines
        }

    @property
    def untaxed(self):
        """What is no tax of its goods, as a share of them with taxes; 1 where there are no goods, or no taxes.

        :rtype: Decimal
        """
        goods = [
            (part.amount, part.total)
            for part in self.excluded
            if part.kind == purchase.GOODS and part.total > 0 and part.id in self.lines
        ]
        total = sum((total for _amount, total in goods), ZERO)
        if not total:
            return Decimal(1)
        return (sum((amount for amount, _total in goods), ZERO) / total).quantize(PRECISION).normalize()

    def kept(self, line):
        """Share of a line that was not credited."""
        if self.shares is not None:
            return self.shares.get(line, purchase.ONE)
        facts = self.facts.get(line)
        return purchase.kept_share(self.totals[line], facts) if facts else purchase.ONE

    def final(self, line, when):
        """Share of a line for which the club's condition holds."""
        if self.shares is not None:
            kept = self.shares.get(line, purchase.ONE)
            paid = self.facts[line].paid if line in self.facts else purchase.NOTHING
            return kept * paid if when == "paid" else kept
        share = purchase.final_share(self.totals[line], self.facts.get(line, purchase.Invoiced()), when)
        if when == "paid" and self.unpaid_advance > 0:
            share *= purchase.ONE - purchase.ratio(self.unpaid_advance, self.amount_total)
        return share

    def condition_date(self, when):
        """The day on which the condition came to hold, as far as the documents tell."""
        return {"invoiced": self.invoiced_on, "paid": self.paid_on}.get(when)
