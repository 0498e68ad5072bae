"""The one computation behind every hook: what sales should have earned by now, less what was posted.

Hooks only mark sales (:mod:`club_purchase`). A settlement reads them, and what was recorded and posted before, and
brings the ledger to the target: record events, evaluate the rules, post, take back, make spendable. It may run zero,
one or many times with the same result. Its number of queries does not depend on the number of sales.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction

from odoo import fields
from odoo.addons.customer_club.engine import periods, purchase
from odoo.tools import SQL

from .event_batch import EventBatch, EventRow, decimal
from .movements import Movements
from .purchase_document import DocumentReader
from .sale_history import read_generations
from .till_document import read_till_orders
from .till_facts import TILL

ZERO = Decimal(0)
ROOT_KEY = "%s,%s:purchase:%s"
CENT, MICRO = Decimal("0.01"), Decimal("0.000001")


@dataclass(slots=True)
class Plan:
    """What the settlement found out about one sale in one club.

    ``worth`` is what each line is worth now, and ``final`` how much of it the club's condition makes spendable, both in
    the document's currency. ``grown`` are the lines worth more than they ever counted for, with the worth and quantity
    counted so far.
    """

    document: object
    policy: object
    generation: object | None
    lines: dict
    member_id: int
    card_id: int = 0  #: the member's, if it was read
    worth: dict[int, Fraction] = field(default_factory=dict)
    final: dict[int, Fraction] = field(default_factory=dict)
    grown: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    record: dict | None = None  #: values of the event to record
    row: EventRow | None = None  #: the same for the rules to look at

    def __post_init__(self):
        if self.document.alive:
            for line, values in self.lines.items():
                net = Fraction(values.net)
                self.worth[line] = net * self.document.kept(line)
                self.final[line] = net * self.document.final(line, self.policy.when)

    @property
    def at(self):
        """When the sale was made, in UTC; a document that knows only its day was made at noon in the club's zone."""
        day = self.document.day
        return periods.utc_instant(datetime.combine(day, time(12)), self.policy.tz) if day else self.document.at

    @property
    def amount(self):
        """What the sale is worth now, in company currency: paid for goods that were kept."""
        whole = sum(self.worth.values(), Fraction(0)) * Fraction(self.document.rate)
        return purchase.part_of(CENT, whole / Fraction(CENT), 2) if whole else ZERO

    def quantity(self, line):
        """Units of a line that were not credited."""
        share = self.document.kept(line.id)
        if share == 1:
            return line.quantity
        return (line.quantity * share.numerator / share.denominator).quantize(MICRO)

    def net(self, line):
        """What a line is worth now, in whole units of the document's currency."""
        unit = self.document.unit
        return purchase.part_of(Decimal(1), self.worth.get(line, Fraction(0)), max(-unit.as_tuple().exponent, 0))


class Settlement:
    """Brings the points of sales to what they should be.

    :param records: sales orders, invoices and orders of the till, by model.
    :param before_joining: let sales count that were made before the member joined (import of past orders).
    :param clubs: ids of the only clubs to look at.
    """

    def __init__(self, env, records, before_joining=False, clubs=None):
        self.env = env(su=True)
        self.records = {model: found.sudo() for model, found in records.items() if found}
        self.before_joining = before_joining
        policies = self.env["club.club"]._get_policies()
        self.policies = {club: policy for club, policy in policies.items() if clubs is None or club in clubs}
        self.needs = frozenset().union(*(policy.needs for policy in self.policies.values()))
        self.now = fields.Datetime.now()
        self.movements = Movements(self.env, self.now)

    @property
    def again(self):
        """Sales to look at once more after what was posted."""
        return self.movements.again

    def run(self):
        """Do it all.

        :return: the entries posted for what was earned.
        """
        Entry = self.env["club.point.entry"]
        if not self.policies or not self.records:
            return Entry
        self.members = self._read_members()
        self.sales = read_generations(self.env, self.records)
        self.records = {model: found.filtered(self._is_concerned) for model, found in self.records.items()}
        if not any(self.records.values()):
            return Entry
        plans = [plan for document in self._read_documents() for plan in self._plans(document)]
        for plan in plans:
            self._prepare_event(plan)
        self._record([plan for plan in plans if plan.record])
        self._evaluate([plan for plan in plans if plan.row])
        for plan in plans:
            for group in plan.generation.groups.values() if plan.generation else ():
                self.movements.adapt(plan, group)
        return self.movements.post()

    # -- reading -----------------------------------------------------------------

    def _is_concerned(self, record):
        partner = record.partner_id
        buyers = {partner.id, partner.parent_id.id, partner.commercial_partner_id.id}
        return (record._name, record.id) in self.sales or bool(buyers & self.members.keys())

    def _read_members(self):
        """Active members among the customers: partner → list of members. One query, cheaper than the ORM's three."""
        partners = self.env["res.partner"].union(*(found.partner_id for found in self.records.values()))
        partners |= partners.commercial_partner_id | partners.parent_id
        members = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT m.id, m.club_id, m.card_id, m.partner_id, m.joined_at, m.tier_id, t.multiplier
                  FROM club_member m LEFT JOIN club_tier t ON t.id = m.tier_id
                 WHERE m.active AND m.state = 'active' AND m.partner_id = ANY(%s) AND m.club_id = ANY(%s)
                 ORDER BY m.club_id
                """,
                partners.ids,
                list(self.policies),
            )
        ):
            members[row["partner_id"]].append(row)
        return members

    def _read_documents(self):
        reader = DocumentReader(self.env, self.needs)
        documents = []
        if self.records.get("sale.order"):
            documents = reader.read_orders(self.records["sale.order"])
            # A sale that was never recorded and never invoiced needs no look at invoices: the common confirmation.
            known = [document for document in documents if document.key in self.sales or self._has_invoices(document)]
            reader.read_invoices_of(known)
        if self.records.get("account.move"):
            documents += reader.read_moves(self.records["account.move"])
        if self.records.get(TILL):
            documents += read_till_orders(reader, self.records[TILL])
        return documents

    def _has_invoices(self, document):
        order = self.env["sale.order"].browse(document.id)
        return order.invoice_status in ("invoiced", "upselling") or any(
            line.qty_invoiced or line.is_downpayment for line in order.order_line
        )

    # -- planning ------------------------------------------------------------------

    def _plans(self, document):
        clubs = self.sales.get(document.key, {})
        number = sum(len(lives) for lives in clubs.values())
        for policy in self.policies.values():
            if policy.company_id != document.company_id:
                continue
            life = clubs[policy.club_id][-1] if policy.club_id in clubs else None
            if life and not life.void:
                yield Plan(document, policy, life, document.count(policy.tax), life.root["member_id"])
                continue
            member = self._member_for(document, policy) if document.alive else None
            lines = document.count(policy.tax) if member else {}
            if lines and (document.model != "account.move" or policy.from_invoices):
                number += 1
                plan = Plan(document, policy, None, lines, member["id"], member["card_id"])
                plan.record = self._prepare_root(plan, number)
                yield plan

    def _member_for(self, document, policy):
        partner = self.env["res.partner"].browse(document.partner_id)
        for candidate in self.env["club.purchase"]._get_earners(policy, partner):
            for member in self.members.get(candidate, ()):
                if member["club_id"] == policy.club_id and self._was_member(member, document, policy):
                    return member
        return None

    def _was_member(self, member, document, policy):
        """The day counts, not the minute: who joins at checkout earns for that order."""
        return self.before_joining or (
            (document.day or periods.local_date(document.at, policy.tz))
            >= periods.local_date(member["joined_at"], policy.tz)
        )

    # -- events ----------------------------------------------------------------------

    def _prepare_root(self, plan, number):
        document = plan.document
        values = {}
        if plan.policy.tax == "included" and document.untaxed != 1:
            # What the club's sales are without taxes: later the document may say something else, or be gone.
            values["untaxed"] = str(document.untaxed)
        return {
            "member_id": plan.member_id,
            "club_id": plan.policy.club_id,
            "company_id": plan.policy.company_id,
            "type": "purchase",
            "occurred_at": plan.at,
            "key": ROOT_KEY % (*document.key, number),
            "amount": plan.amount,
            "origin_model": document.model,
            "origin_id": document.id,
            "payload": self._payload(plan, **values),
            "processed_at": self.now,
        }

    def _payload(self, plan, **values):
        """What the rules look at. Lines are lists of id, product, category, quantity and worth, and what of worth and
        quantity an earlier event counted: nothing the first time; later all of it, except what has grown.
        """
        document = plan.document
        payload = {"lines": [], "channel": document.channel, **values}
        for line in plan.lines.values():
            worth, quantity = plan.net(line.id), plan.quantity(line)
            counted = plan.grown.get(line.id, (worth, quantity)) if plan.grown else (ZERO, ZERO)
            payload["lines"].append(
                [line.id, line.product or None, line.category or None, *map(str, (quantity, worth, *counted))]
            )
        if document.rate != 1:
            payload["rate"] = str(document.rate)
        if document.term:
            payload["term"] = document.term
        if document.methods:
            payload["methods"] = sorted(document.methods)
        return payload

    def _prepare_event(self, plan):
        """The further fact about a sale that is known already: it was cancelled, changed, or paid in full."""
        life = plan.generation
        if not life:
            return
        if not plan.document.alive:
            plan.record = self._prepare_revision(plan, -life.amount, {"void": True}, "void")
            return
        levels, nothing = life.levels, (ZERO, ZERO)
        plan.grown = {
            line: levels.get(line, nothing)
            for line in plan.lines
            if levels and plan.net(line) > levels.get(line, nothing)[0]
        }
        difference = plan.amount - life.amount
        if difference or plan.grown:
            payload = self._payload(plan) if plan.grown else {"worth": str(plan.amount)}
            # What each line is worth now, exactly: whoever looks at the facts later needs no document to see what
            # came back of which line.
            payload["left"] = {str(line): str(worth) for line, worth in plan.worth.items()}
            plan.record = self._prepare_revision(plan, difference, payload, f"rev:{len(life.events)}")
        elif self._is_settled(plan):
            payload = self._payload(plan, settled=True, days_to_pay=plan.document.days_to_pay)
            plan.record = self._prepare_revision(plan, ZERO, payload, "paid")

    def _prepare_revision(self, plan, amount, payload, suffix):
        root = plan.generation.root
        return {
            "member_id": plan.member_id,
            "type": "purchase",
            "occurred_at": self.now,
            "key": f"{root['key']}:{suffix}",
            "amount": amount,
            "origin_model": plan.document.model,
            "origin_id": plan.document.id,
            "revises_id": root["id"],
            "payload": payload,
            "processed_at": self.now,
        }

    def _is_settled(self, plan):
        """Paid in full for the first time, and a rule waits for that."""
        return (
            not plan.generation.settled
            and any(rule.settles for rule in plan.policy.rules)
            and plan.document.days_to_pay is not None
            and all(plan.document.final(line, "paid") == 1 for line, values in plan.lines.items() if values.net)
        )

    def _record(self, plans):
        """Record the facts in one go. A revision is looked at as of the purchase itself: its day, hour and number."""
        events = self.env["club.event"]._record([plan.record for plan in plans])
        for plan, event_id in zip(plans, events.ids, strict=True):
            plan.record["id"] = event_id
            if "lines" in plan.record["payload"]:
                plan.row = self._row(plan, plan.record["payload"])

    def _row(self, plan, payload):
        record, life = plan.record, plan.generation
        return EventRow(
            record["id"],
            plan.member_id,
            plan.policy.club_id,
            "purchase",
            life.root["occurred_at"] if life else record["occurred_at"],
            record["amount"],
            record["key"],
            record["origin_model"],
            record["origin_id"],
            life.root["id"] if life else record["id"],
            payload,
        )

    # -- rules -----------------------------------------------------------------------

    def _evaluate(self, plans):
        """Let the rules look at the events. What the sale gave before does not count against its limits.

        Of a sale that has grown only the difference counts, to what the same rules give for what was counted before:
        so a rule that was changed since changes nothing that was posted.
        """
        if not plans:
            return
        own = {
            (plan.generation.root["id"], rule_id): points
            for plan in plans
            if plan.generation
            for rule_id, points in plan.generation.given.items()
        }
        members = self._known_members(plans)
        before = self._evaluate_before([plan for plan in plans if plan.grown], own, members)
        batch = EventBatch(self.env, [plan.row for plan in plans], own, members=members)
        evaluations = {row.id: evaluation for row, evaluation in batch.evaluate()}
        for plan in plans:
            for award in evaluations[plan.row.id].awards:
                points = award.points - before.get((plan.row.id, award.rule_id), ZERO)
                if points > 0:
                    self.movements.grant(plan, award, points, batch)
        if batch.follow_ups and not self.before_joining:
            self.env["club.follow.up"]._schedule(
                [(row, follow_up) for row, follow_up in batch.follow_ups if row.id == row.root]
            )

    def _evaluate_before(self, plans, own, members):
        """What the rules of today give for what was counted before, by event and rule."""
        rows = []
        for plan in plans:
            lines = [[*line[:3], line[6], line[5]] for line in plan.row.payload["lines"]]
            rows.append(plan.row._replace(payload={**plan.row.payload, "lines": lines}))
        if not rows:
            return {}
        batch = EventBatch(self.env, rows, own, members=members)
        return {(row.id, award.rule_id): award.points for row, result in batch.evaluate() for award in result.awards}

    def _known_members(self, plans):
        """What the batch would read of the members, if they are all known; a member who has left is not."""
        Partner = self.env["res.partner"]
        known = {
            member["id"]: (
                member["tier_id"] or 0,
                decimal(member["multiplier"] or 1),
                Partner.browse(partner).commercial_partner_id.id,
            )
            for partner, members in self.members.items()
            for member in members
        }
        return known if {plan.member_id for plan in plans} <= known.keys() else None
