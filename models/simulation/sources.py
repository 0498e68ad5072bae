"""Where a simulation's facts come from: what was recorded, orders of anybody, a file, or assumptions.

Each source yields chunks of rows in order of time, with what else the simulator asks: when rules looked at a fact, and
which purchases have their payment as a fact of its own. Customers who are no members have negative numbers, so that
nothing of a real member is ever read for them.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL

from ..earning.event_batch import EventRow
from ..earning.purchase_document import DocumentReader
from .values import BUYING, CHUNK

#: Orders that are read together.
ORDERS = 500


class Chunk(NamedTuple):
    rows: list
    times: dict
    settled: frozenset
    untaxed: dict  #: share of a purchase that is no tax, by id, where it is not all of it


def read_facts(env, setting, first, end):
    """The club's recorded facts, as far as the rules and tiers of the set-up look at them.

    Facts from before the period are read if a rule counts them.
    """
    policy = setting.policy
    types = sorted({*BUYING, *(rule.event_type for rule in policy.rules)})
    counts = {"nth", "within_days", "frequency", "first_in_category"} & policy.needs
    since, until = periods.range_bounds(first, end, policy.tz)
    mark = (datetime(1900, 1, 1) if counts or _has_amounts(setting) else since.replace(tzinfo=None), 0)
    while True:
        # SQL: a club may have a million facts, and the ORM would read them one field after the other.
        found = env(su=True).execute_query(
            SQL(
                """
                SELECT root.id, COALESCE(m.merged_into_id, m.id), root.club_id, root.type, root.occurred_at,
                       root.amount, root.key, root.origin_model, root.origin_id, COALESCE(root.revises_id, root.id),
                       root.payload, root.processed_at,
                       root.revises_id IS NULL AND root.type = 'purchase' AND EXISTS (
                           SELECT FROM club_event paid WHERE paid.revises_id = root.id AND paid.payload ? 'settled'),
                       CASE WHEN root.revises_id IS NULL AND root.type = 'purchase' THEN %(untaxed)s::text END
                  FROM club_event root
                  JOIN club_member m ON m.id = root.member_id
                  JOIN club_club club ON club.id = root.club_id
                 WHERE root.club_id = %(club)s AND root.type = ANY(%(types)s)
                   AND root.occurred_at >= %(since)s AND root.occurred_at < %(until)s
                   AND (root.occurred_at, root.id) > (%(at)s, %(id)s)
                 ORDER BY root.occurred_at, root.id
                 LIMIT %(most)s
                """,
                untaxed=env["club.club"]._get_untaxed_share(orders=True),
                club=policy.club_id,
                types=types,
                since=mark[0],
                until=until,
                at=mark[0],
                id=mark[1],
                most=CHUNK,
            )
        )
        rows = [EventRow(*values[:11]) for values in found]
        if rows:
            yield Chunk(
                rows,
                {values[0]: values[11] for values in found if values[11]},
                frozenset(values[0] for values in found if values[12]),
                {values[0]: Decimal(values[13]) for values in found if values[13] not in (None, "1")},
            )
        if len(found) < CHUNK:
            return
        mark = (found[-1][4], found[-1][0])


def _has_amounts(setting):
    """Whether what was bought before the period counts towards tiers."""
    return not setting.by_history and setting.basis in ("amount", "orders")


def read_tiers(env, club, first):
    """The tier that each member had on a day: what they climb on from. SQL: one read for a whole club."""
    start, _end = periods.day_bounds(first, club.tz)
    return dict(
        env(su=True).execute_query(
            SQL(
                """
                SELECT DISTINCT ON (1) COALESCE(m.merged_into_id, m.id), h.to_tier_id
                  FROM club_tier_history h JOIN club_member m ON m.id = h.member_id
                 WHERE m.club_id = %s AND h.date < %s
                 ORDER BY 1, h.date DESC, h.id DESC
                """,
                club.id,
                start,
            )
        )
    )


class Orders:
    """Confirmed orders, and invoices without an order, of every customer, as if all had been members.

    ``orders`` and ``moves`` are what the reader's own rights show.
    """

    def __init__(self, env, setting, orders, moves):
        self.env = env
        self.setting = setting
        self.orders = orders
        self.moves = moves
        self.number = 0
        self.untaxed = {}

    def read(self):
        policy = self.setting.policy
        documents = [
            *self._read(self.orders, DocumentReader.read_orders),
            *self._read(self.moves, DocumentReader.read_moves),
        ]
        rows = []
        for document in documents:
            if document.alive:
                rows += self._make_rows(document, policy)
        rows.sort(key=lambda row: (row.occurred_at, -row.id))
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            shares = {row.id: self.untaxed[row.id] for row in part if row.id in self.untaxed}
            yield Chunk(part, {}, frozenset(), shares)

    def _read(self, records, read):
        records = records.sudo()
        for start in range(0, len(records), ORDERS):
            reader = DocumentReader(self.env, self.setting.policy.needs)
            documents = read(reader, records[start : start + ORDERS])
            if records._name == "sale.order":
                reader.read_invoices_of(documents)
            yield from documents

    def _make_rows(self, document, policy):
        """The purchase, with what of it was kept."""
        lines = document.count(policy.tax)
        if not lines:
            return []
        partner = self.env["res.partner"].sudo().browse(document.partner_id)
        earner = self.env["club.purchase"]._get_earners(policy, partner)[-1]
        self.number -= 1
        amount, kept = Decimal(0), []
        for line in lines.values():
            share = document.kept(line.id)
            net = line.net * share.numerator / share.denominator
            amount += net * document.rate
            kept.append(
                [
                    line.id,
                    line.product or None,
                    line.category or None,
                    str(line.quantity * share.numerator / share.denominator),
                    str(net.quantize(Decimal("0.000001"))),
                    "0",
                    "0",
                ]
            )
        if amount <= 0:
            return []
        at = document.at
        if document.day:
            at = periods.utc_instant(datetime.combine(document.day, time(12)), policy.tz).replace(tzinfo=None)
        payload = {
            "channel": document.channel,
            "term": document.term,
            "methods": list(document.methods),
            "lines": kept,
        }
        if document.rate != 1:
            payload["rate"] = str(document.rate)
        if policy.tax == "included" and document.untaxed != 1:
            self.untaxed[self.number] = document.untaxed
        return [
            EventRow(
                self.number,
                -earner,
                policy.club_id,
                "purchase",
                at,
                amount.quantize(Decimal("0.01")),
                "",
                document.model,
                document.id,
                self.number,
                payload,
            )
        ]


def read_purchases(policy, purchases, first, end):
    """Purchases of a file within the period. The customers are numbered as they come.

    :return: chunks, and names of the customers by number
    """
    numbers, rows = {}, []
    for purchase in purchases:
        if first <= purchase.day < end:
            customer = numbers.setdefault(purchase.customer, -1 - len(numbers))
            at = periods.utc_instant(datetime.combine(purchase.day, time(12)), policy.tz)
            rows.append(_simple_row(policy, len(rows), customer, at, purchase.amount, purchase.quantity))
    names = {number: customer for customer, number in numbers.items()}
    return _chunks(rows), names


def make_up(policy, made_up):
    """Purchases of imagined customers."""
    rows = [
        _simple_row(
            policy,
            number,
            -purchase.customer,
            periods.utc_instant(datetime.combine(purchase.day, time()) + timedelta(minutes=purchase.minute), policy.tz),
            purchase.amount,
            Decimal(1),
        )
        for number, purchase in enumerate(made_up)
    ]
    rows.sort(key=lambda row: (row.occurred_at, -row.id))
    return _chunks(rows)


def _simple_row(policy, number, customer, at, amount, quantity):
    return EventRow(
        -1 - number,
        customer,
        policy.club_id,
        "purchase",
        at.replace(tzinfo=None),
        amount,
        "",
        None,
        None,
        -1 - number,
        {"quantity": str(quantity)} if quantity else None,
    )


def _chunks(rows):
    return [Chunk(rows[start : start + CHUNK], {}, frozenset(), {}) for start in range(0, len(rows), CHUNK)]
