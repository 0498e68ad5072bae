"""The one computation behind every hook: what sales should have earned by now, less what was posted.

Hooks only mark sales (:mod:`club_purchase`). A settlement reads them, what was recorded and posted before, and brings the
ledger to the target: record events, evaluate the rules, post, take back, make spendable. It may run zero, one or many times
with the same result. Its number of queries does not depend on the number of sales.

Words: a *generation* is one life of a sale, from confirmation to cancellation. A *group* is what one rule gave to one
generation: ``award`` points on the ``basis`` of some lines, as its last earning entry says.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from odoo import fields
from odoo.addons.customer_club.engine import periods, purchase
from odoo.tools import SQL

from .event_batch import EventBatch, EventRow, decimal
from .purchase_document import DocumentReader

ZERO = Decimal(0)
ROOT_KEY = "%s,%s:purchase:%s"


@dataclass(slots=True)
class Group:
    """What one rule gave to one generation."""

    rule_id: int
    event_id: int = 0  #: the event whose lines the basis refers to
    award: Decimal = ZERO
    basis: dict[int, Decimal] = field(default_factory=dict)
    owned: Decimal = ZERO
    available: Decimal = ZERO
    waiting: Decimal = ZERO
    by_date: bool = False  #: the ledger's own night job opens it
    earned: list[dict] = field(default_factory=list)
    taken: list[dict] = field(default_factory=list)
    opened: list[dict] = field(default_factory=list)


@dataclass(slots=True)
class Generation:
    """One life of a sale in one club."""

    root: dict
    events: dict[int, dict] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    void: bool = False
    settled: bool = False

    @property
    def amount(self):
        return sum((decimal(event["amount"]) for event in self.events.values()), ZERO)


@dataclass(slots=True)
class Plan:
    """What the settlement found out about one sale in one club."""

    document: object
    policy: object
    generation: Generation | None
    lines: dict  #: line id → DocumentLine
    member_id: int
    record: dict | None = None  #: values of the event to record
    evaluates: bool = False  #: whether the rules look at that event
    row: EventRow | None = None
    awards: list = field(default_factory=list)


class Settlement:
    """Brings the points of sales to what they should be.

    :param before_joining: let sales count that were made before the member joined (import of past orders).
    :param clubs: settle with these clubs only; default: with all.
    """

    def __init__(self, env, orders, moves, before_joining=False, clubs=None):
        self.env = env(su=True)
        self.orders, self.moves = orders.sudo(), moves.sudo()
        self.before_joining = before_joining
        self.policies = self.env["club.club"]._get_policies()
        if clubs is not None:
            self.policies = {club_id: policy for club_id, policy in self.policies.items() if club_id in clubs._ids}
        self.needs = frozenset().union(*(policy.needs for policy in self.policies.values()))
        self.now = fields.Datetime.now()
        self.posts: list[tuple[Plan, Group, dict]] = []
        self.reversals: dict[int, tuple[str, Decimal]] = {}
        self.openings: list[tuple[int, int, int, Decimal, date, bool]] = []
        self.cuts: dict[int, Decimal] = {}
        self.again: set[tuple[str, int]] = set()

    def run(self):
        """Do it all.

        :return: the entries posted for what was earned.
        """
        Entry = self.env["club.point.entry"]
        if not self.policies or not (self.orders or self.moves):
            return Entry
        self.members, generations = self._read_members(), self._read_generations()
        self._keep_concerned(generations)
        if not (self.orders or self.moves):
            return Entry
        documents = self._read_documents(generations)
        plans = [plan for document in documents for plan in self._plans(document, generations)]
        for plan in plans:
            self._prepare_event(plan)
        self._record([plan for plan in plans if plan.record])
        self._evaluate([plan for plan in plans if plan.row])
        for plan in plans:
            self._move(plan)
        return self._apply()

    # -- reading -----------------------------------------------------------------

    def _keep_concerned(self, generations):
        def concerned(record):
            return (record._name, record.id) in generations or (
                {record.partner_id.id, record.partner_id.parent_id.id, record.partner_id.commercial_partner_id.id}
                & self.members.keys()
            )

        self.orders = self.orders.filtered(concerned)
        self.moves = self.moves.filtered(concerned)

    def _read_members(self):
        """Active members among the customers: partner → list of members. One query, cheaper than the ORM's three."""
        partners = self.orders.partner_id | self.moves.partner_id
        partners |= partners.commercial_partner_id | partners.parent_id
        members = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(
                """
            SELECT m.id, m.club_id, m.partner_id, m.joined_at, m.tier_id, t.multiplier, p.commercial_partner_id
              FROM club_member m JOIN res_partner p ON p.id = m.partner_id LEFT JOIN club_tier t ON t.id = m.tier_id
             WHERE m.active AND m.state = 'active' AND m.partner_id = ANY(%s) AND m.club_id = ANY(%s)
             ORDER BY m.club_id
            """,
                partners.ids,
                list(self.policies),
            )
        ):
            members[row["partner_id"]].append(row)
        return members

    def _read_generations(self):
        """What was recorded and posted for these sales: (model, id) → club → generations, oldest first. One query."""
        generations = {}
        events = {}
        for row in self.env.execute_query_dict(
            SQL(
                """
            SELECT e.id, e.origin_model, e.origin_id, e.club_id, e.member_id, e.key, e.amount, e.revises_id, e.payload, e.occurred_at,
                   p.id AS entry_id, p.kind, p.points, p.available, p.rule_id, p.key AS entry_key, p.available_on, p.reverses_id,
                   p.detail,
                   (SELECT SUM(r.points) FROM club_earn_release r WHERE r.entry_id = p.id AND r.done IS NOT TRUE) AS waiting,
                   (SELECT SUM(lot.remaining) FROM club_point_entry x JOIN club_point_lot lot ON lot.entry_id = x.id
                     WHERE (x.id = p.id OR x.root_id = p.id) AND lot.state = 'pending') AS pending
              FROM club_event e
         LEFT JOIN club_point_entry p ON p.event_id = e.id AND p.kind IN ('earn', 'open', 'reverse')
             WHERE e.type = 'purchase' AND (
                   (e.origin_model = 'sale.order' AND e.origin_id = ANY(%s)) OR (e.origin_model = 'account.move' AND e.origin_id = ANY(%s)))
             ORDER BY e.id, p.id
            """,
                self.orders.ids,
                self.moves.ids,
            )
        ):
            if row["id"] not in events:
                self._add_event(row, events, generations)
            if row["entry_id"]:
                self._add_entry(events[row["id"]], row)
        return generations

    def _add_event(self, row, events, generations):
        if row["revises_id"]:
            generation = events[row["revises_id"]]
        else:
            generation = Generation(row)
            clubs = generations.setdefault((row["origin_model"], row["origin_id"]), defaultdict(list))
            clubs[row["club_id"]].append(generation)
        events[row["id"]] = generation
        generation.events[row["id"]] = row
        payload = row["payload"] or {}
        generation.void = generation.void or bool(payload.get("void"))
        generation.settled = generation.settled or bool(payload.get("settled"))

    def _add_entry(self, generation, row):
        group = generation.groups.setdefault(row["rule_id"], Group(row["rule_id"]))
        entry = {
            "id": row["entry_id"],
            "key": row["entry_key"],
            "points": decimal(row["points"]),
            "available": decimal(row["available"]),
            "reverses": row["reverses_id"],
            "left": abs(decimal(row["points"]) or decimal(row["available"])),
            "reversals": 0,
            "waiting": decimal(row["waiting"]),
            "pending": decimal(row["pending"]),
        }
        group.owned += entry["points"]
        group.available += entry["available"]
        if row["kind"] == "earn":
            detail = row["detail"] or {}
            group.event_id, group.award = row["id"], decimal(detail.get("award", row["points"]))
            group.basis = {int(line): decimal(part) for line, part in detail.get("lines", {}).items()}
            group.by_date = group.by_date or bool(row["available_on"])
            group.waiting += entry["waiting"]
            group.earned.append(entry)
        elif row["kind"] == "open":
            group.opened.append(entry)
        else:
            group.taken.append(entry)
            original = next(
                (e for e in group.earned + group.taken + group.opened if e["id"] == entry["reverses"]), None
            )
            if original:
                original["left"] -= entry["left"]
                original["reversals"] += 1
            if original in group.opened:
                group.taken.remove(entry)

    def _read_documents(self, generations):
        reader = DocumentReader(self.env, self.needs)
        orders = reader.read_orders(self.orders)
        # A sale that was never recorded and never invoiced needs no look at invoices: the common confirmation.
        reader.read_invoices_of(
            [document for document in orders if document.key in generations or self._has_invoices(document)]
        )
        return orders + (reader.read_moves(self.moves) if self.moves else [])

    def _has_invoices(self, document):
        order = self.env["sale.order"].browse(document.id)
        return order.invoice_status in ("invoiced", "upselling") or any(
            line.qty_invoiced or line.is_downpayment for line in order.order_line
        )

    # -- planning ------------------------------------------------------------------

    def _plans(self, document, generations):
        clubs = generations.get(document.key, {})
        numbers = sum(len(lives) for lives in clubs.values())
        for policy in self.policies.values():
            if policy.company_id != document.company_id:
                continue
            life = clubs[policy.club_id][-1] if policy.club_id in clubs else None
            if life and not life.void:
                yield Plan(document, policy, life, document.count(policy.tax), life.root["member_id"])
                continue
            member = self._member_for(document, policy)
            lines = document.count(policy.tax) if member and document.alive else {}
            if not lines or (document.model == "account.move" and not policy.from_invoices):
                continue
            numbers += 1
            plan = Plan(document, policy, None, lines, member["id"], evaluates=True)
            plan.record = self._prepare_root(plan, numbers)
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
            periods.local_date(document.at, policy.tz) >= periods.local_date(member["joined_at"], policy.tz)
        )

    def _prepare_root(self, plan, number):
        document = plan.document
        return {
            "member_id": plan.member_id,
            "type": "purchase",
            "occurred_at": document.at,
            "key": ROOT_KEY % (*document.key, number),
            "amount": self._worth(plan),
            "origin_model": document.model,
            "origin_id": document.id,
            "payload": self._payload(plan),
            "processed_at": self.now,
        }

    def _payload(self, plan, **values):
        document = plan.document
        payload = {
            "lines": [
                [
                    line.id,
                    line.product,
                    line.category,
                    str(line.quantity),
                    str(self._kept_net(plan, line)),
                    str(line.gross),
                ]
                for line in plan.lines.values()
            ],
            "channel": document.channel,
            **values,
        }
        if document.rate != 1:
            payload["rate"] = str(document.rate)
        if document.term:
            payload["term"] = document.term
        if document.methods:
            payload["methods"] = sorted(document.methods)
        return payload

    def _kept_net(self, plan, line):
        share = plan.document.kept(line.id)
        return (
            line.net
            if share == 1
            else purchase.part_of(line.net, share, max(-plan.document.unit.as_tuple().exponent, 0))
        )

    def _worth(self, plan):
        """What the sale is worth now, in company currency: paid for goods that were kept."""
        if not plan.document.alive:
            return ZERO
        worth = sum((self._kept_net(plan, line) for line in plan.lines.values()), ZERO) * plan.document.rate
        return worth.quantize(Decimal("0.01"))

    def _prepare_event(self, plan):
        """The further fact about a sale that is known already: it was cancelled, changed, or paid in full."""
        life = plan.generation
        if plan.record or not life:
            return
        if not plan.document.alive:
            plan.record = self._prepare_revision(plan, -life.amount, {"void": True}, "void")
            return
        difference = self._worth(plan) - life.amount
        if difference:
            plan.evaluates = self._has_grown(plan)
            payload = self._payload(plan) if plan.evaluates else {"kept": str(self._worth(plan))}
            plan.record = self._prepare_revision(plan, difference, payload, f"rev:{len(life.events)}")
        elif self._is_settled(plan):
            plan.evaluates = True
            plan.record = self._prepare_revision(
                plan,
                ZERO,
                self._payload(plan, settled=True, days_to_pay=plan.document.days_to_pay),
                "paid",
            )

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

    def _has_grown(self, plan):
        """Whether any line is worth more than when it was last evaluated, or is new."""
        known = self._nets(
            max(
                (event for event in plan.generation.events.values() if "lines" in (event["payload"] or {})),
                key=lambda event: event["id"],
            )
        )
        return any(self._kept_net(plan, line) > known.get(line.id, ZERO) for line in plan.lines.values())

    def _is_settled(self, plan):
        """Paid in full for the first time, and a rule waits for that."""
        return (
            not plan.generation.settled
            and any(rule.settles for rule in plan.policy.rules)
            and plan.document.days_to_pay is not None
            and all(plan.document.final(line, "paid") == 1 for line, values in plan.lines.items() if values.net)
        )

    @staticmethod
    def _nets(event):
        return {line[0]: decimal(line[4]) for line in event["payload"]["lines"]}

    # -- events and rules --------------------------------------------------------------

    def _record(self, plans):
        """Record the facts in one go. A revision is looked at as of the purchase itself: its day, hour and number."""
        events = self.env["club.event"]._record([plan.record for plan in plans])
        for plan, event_id in zip(plans, events.ids, strict=True):
            if plan.evaluates:
                vals, life = plan.record, plan.generation
                plan.row = EventRow(
                    event_id,
                    plan.member_id,
                    plan.policy.club_id,
                    "purchase",
                    life.root["occurred_at"] if life else vals["occurred_at"],
                    vals["amount"],
                    vals["key"],
                    vals["origin_model"],
                    vals["origin_id"],
                    life.root["id"] if life else event_id,
                    vals["payload"],
                )

    def _evaluate(self, plans):
        """Let the rules look at the events. What the sale gave before does not count against its limits."""
        if not plans:
            return
        own = {
            (plan.generation.root["id"], rule_id): group.owned
            for plan in plans
            if plan.generation
            for rule_id, group in plan.generation.groups.items()
        }
        known = {
            member["id"]: (member["tier_id"] or 0, decimal(member["multiplier"] or 1), member["commercial_partner_id"])
            for members in self.members.values()
            for member in members
        }
        if not {plan.member_id for plan in plans} <= known.keys():
            known = None  # a member who has left, say, whose sale has grown: let the batch look
        batch = EventBatch(self.env, [plan.row for plan in plans], own, members=known)
        evaluations = {row.id: evaluation for row, evaluation in batch.evaluate()}
        for plan in plans:
            evaluation = evaluations.get(plan.row.id)
            plan.awards = [(award, batch) for award in evaluation.awards] if evaluation else []

    # -- movements -----------------------------------------------------------------------

    def _move(self, plan):
        """Decide what to post for one sale: what rules gave now, and what every older group gains or loses."""
        groups = plan.generation.groups if plan.generation else {}
        granted = set()
        for award, batch in plan.awards:
            group = groups.get(award.rule_id)
            missing = award.points - (group.owned if group else ZERO)
            if missing > 0:
                granted.add(award.rule_id)
                self._grant(plan, group or Group(award.rule_id), award, missing, batch)
        for rule_id, group in groups.items():
            if rule_id not in granted and group.event_id:
                self._adapt(plan, group)

    def _grant(self, plan, group, award, points, batch):
        values = self.env["club.event"]._prepare_award_values(plan.row, award, batch)
        values.update(points=points, date=plan.record["occurred_at"], **self._availability(plan))
        self.posts.append((plan, group, values))
        group.award, group.basis, group.event_id = award.points, dict(award.detail), plan.row.id
        group.by_date = bool(values.get("available_on"))

    def _availability(self, plan):
        """Whether the points can be spent at once; a hold from the confirmation is left to the ledger's night job."""
        policy = plan.policy
        if policy.when != "confirmed":
            return {"pending": True}
        day = periods.local_date(plan.document.at, policy.tz) + timedelta(days=policy.hold_days)
        return {"pending": True, "available_on": day} if day > self._today(policy) else {}

    def _today(self, policy):
        return periods.local_date(self.now, policy.tz)

    def _adapt(self, plan, group):
        """Take back or restore, in proportion to what the rule counted line by line; then see what may be spent."""
        target = self._target(plan, group)
        if group.owned > target:
            self._take_back(group, group.owned - target)
        elif group.owned < target:
            self._restore(plan, group, target - group.owned)
        self._open_or_close(plan, group, target)

    def _shares(self, plan, group, final=False):
        """Share of each line, of what it was worth when the rule counted it, that the customer keeps (or that is final)."""
        document = plan.document
        if not document.alive:
            return {}
        shares = {}
        for line, then in self._nets(plan.generation.events[group.event_id]).items():
            values = plan.lines.get(line)
            if values and then > 0:
                share = document.final(line, plan.policy.when) if final else document.kept(line)
                shares[line] = min(purchase.ONE, Fraction(values.net) / Fraction(then) * share)
        return shares

    def _target(self, plan, group, final=False):
        share = purchase.proportion(group.basis, self._shares(plan, group, final))
        return purchase.part_of(group.award, share, plan.policy.digits)

    def _take_back(self, group, points):
        for entry in reversed(group.earned):
            part = min(entry["left"], points)
            if part > 0:
                self._reverse(entry, part)
                points -= part
                # The ledger takes from what is pending first.
                entry["pending"] = max(entry["pending"] - part, ZERO)
                pending = max(group.owned - group.available, ZERO)
                group.owned -= part
                group.available -= max(part - pending, ZERO)

    def _restore(self, plan, group, points):
        """A return that was undone: its reversal is reversed, so that the lots get back what was theirs."""
        for entry in reversed(group.taken):
            part = min(entry["left"], points)
            if entry["points"] < 0 and part > 0:
                self._reverse(entry, part)
                points -= part
                group.owned += part
                # Which of it can be spent depends on the lots: look again afterwards.
                self.again.add(plan.document.key)

    def _reverse(self, entry, points):
        self.reversals[entry["id"]] = (f"{entry['key']}:r{entry['reversals'] + 1}", points)

    def _open_or_close(self, plan, group, owned):
        if group.by_date or plan.document.key in self.again:
            return
        change = min(self._target(plan, group, final=True), owned) - group.available - group.waiting
        if change > 0:
            self._open(plan, group, change)
        elif change < 0:
            self._close(group, -change)

    def _open(self, plan, group, points):
        policy = plan.policy
        due = (plan.document.condition_date(policy.when) or self._today(policy)) + timedelta(days=policy.hold_days)
        for entry in group.earned:
            part = min(entry["pending"] - entry["waiting"], points)
            if part > 0:
                self.openings.append(
                    (entry["id"], plan.member_id, policy.club_id, part, due, due <= self._today(policy))
                )
                points -= part

    def _close(self, group, points):
        """The condition ceased to hold: first what still waits, then what was opened becomes pending again."""
        for entry in reversed(group.earned):
            part = min(entry["waiting"], points)
            if part > 0:
                self.cuts[entry["id"]] = part
                points -= part
        for entry in reversed(group.opened):
            part = min(entry["left"], points)
            if part > 0:
                self._reverse(entry, part)
                points -= part

    # -- posting -------------------------------------------------------------------------

    def _apply(self):
        Entry = self.env["club.point.entry"]
        entries = Entry._post([values for _plan, _group, values in self.posts])
        for (plan, group, values), entry_id in zip(self.posts, entries.ids, strict=True):
            self._open_new(plan, group, values, entry_id)
        if self.reversals:
            reversed_entries = Entry.browse(self.reversals)
            keys = {entry_id: key for entry_id, (key, _points) in self.reversals.items()}
            reversed_entries._reverse(
                key=lambda entry: keys[entry.id],
                points={entry_id: points for entry_id, (_key, points) in self.reversals.items()},
            )
        self._cut_releases()
        self._open_releases()
        return entries

    def _open_new(self, plan, group, values, entry_id):
        """What was final before it was earned: paid and invoiced in the same breath as confirmed."""
        if not values.get("pending") or group.by_date:
            return
        known = group.owned, group.available
        group.owned += values["points"]
        group.earned.append(
            {
                "id": entry_id,
                "key": values["key"],
                "left": values["points"],
                "waiting": ZERO,
                "pending": values["points"],
                "reversals": 0,
            }
        )
        if plan.generation is None:
            plan.generation = Generation(plan.record, {group.event_id: plan.record})
        else:
            plan.generation.events.setdefault(group.event_id, plan.record)
        self._open_or_close(plan, group, known[0] + values["points"])

    def _cut_releases(self):
        """Lower or remove what waits for the end of the hold."""
        if not self.cuts:
            return
        waiting = self.env["club.earn.release"].search(
            [("entry_id", "in", list(self.cuts)), ("done", "=", False)],
            order="id desc",
        )
        gone = waiting.browse()
        for release in waiting:
            cut = self.cuts[release.entry_id.id]
            left = decimal(release.points) - cut
            if left <= 0:
                gone |= release
            else:
                release.points = float(left)
            self.cuts[release.entry_id.id] = max(-left, ZERO)
        gone.unlink()

    def _open_releases(self):
        if not self.openings:
            return
        releases = self.env["club.earn.release"].create(
            [
                {"entry_id": entry, "member_id": member, "club_id": club, "points": float(points), "due_on": due}
                for entry, member, club, points, due, _now in self.openings
            ]
        )
        releases.browse(
            [release.id for release, opening in zip(releases, self.openings, strict=True) if opening[-1]]
        )._open()
