"""What a purchase would earn: the same rules, nothing recorded and nothing posted."""

from odoo import fields

from .event_batch import EventBatch, EventRow, decimal
from .purchase_document import DocumentReader


class Preview:
    """Evaluates documents for their buyers, members or not.

    :param policies: policies by club id, to try rules that are not switched on.
    """

    def __init__(self, env, policies=None):
        self.env = env
        self.policies = policies or env["club.club"].sudo()._get_policies()

    def of_order(self, order, clubs=None):
        """(policy, member, row, evaluation) per club for a sales order, as if it were confirmed now or as it was.

        :param clubs: ids of clubs to look at, default all of the company.
        """
        policies = [
            policy
            for policy in self.policies.values()
            if policy.company_id == order.company_id.id and (clubs is None or policy.club_id in clubs)
        ]
        if not policies:
            return []
        needs = frozenset().union(*(policy.needs for policy in policies))
        (document,) = DocumentReader(self.env, needs).read_orders(order.sudo())
        at = order.date_order if order.state == "sale" else fields.Datetime.now()
        return self._evaluate(
            [
                (policy, order.partner_id, self._payload(document, policy), at, (order._name, order.id))
                for policy in policies
            ]
        )

    def of_lines(self, lines, partner, policies):
        """The same for lines without a document: (product, quantity, total with, without taxes), company currency."""
        candidates = []
        for policy in policies:
            payload = {
                "channel": "website",
                "lines": [
                    [
                        number,
                        product.id,
                        product.categ_id.id,
                        str(quantity),
                        str(decimal(included if policy.tax == "included" else excluded)),
                        "0",
                    ]
                    for number, (product, quantity, included, excluded) in enumerate(lines, 1)
                ],
            }
            candidates.append((policy, partner, payload, fields.Datetime.now(), None))
        return self._evaluate(candidates)

    def of_events(self, events):
        """Recorded facts looked at once more, a constant number of queries for all of them.

        What a fact gave itself does not count against its limits. A purchase is looked at as it was recorded first.

        :return: evaluations by event id; facts of clubs without a policy have none.
        :rtype: dict[int, tuple[EventRow, earning.Evaluation]]
        """
        roots = {event.id: event.revises_id or event for event in events.sudo()}
        facts = (
            events.sudo()
            .browse({root.id for root in roots.values()})
            .sorted(lambda event: (event.occurred_at, event.id))
        )
        rows = [
            EventRow(
                fact.id,
                fact.member_id.merged_into_id.id or fact.member_id.id,
                fact.club_id.id,
                fact.type,
                fact.occurred_at,
                fact.amount,
                fact.key,
                fact.origin_model,
                fact.origin_id,
                fact.id,
                fact.payload,
            )
            for fact in facts
            if fact.club_id.id in self.policies
        ]
        if not rows:
            return {}
        batch = EventBatch(self.env, rows, self._given(facts), self.policies)
        found = {row.id: (row, evaluation) for row, evaluation in batch.evaluate()}
        return {event_id: found[root.id] for event_id, root in roots.items() if root.id in found}

    def _given(self, roots):
        """What rules gave for facts and their revisions, by (fact, rule); two queries."""
        lives = self.env["club.event"].sudo().search_fetch([("revises_id", "in", roots.ids)], ["revises_id"])
        root_of = {event.id: event.id for event in roots} | {life.id: life.revises_id.id for life in lives}
        given = {}
        for event, rule, points in (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [("event_id", "in", list(root_of)), ("rule_id", "!=", False), ("kind", "in", ("earn", "reverse"))],
                ["event_id", "rule_id"],
                ["points:sum"],
            )
        ):
            key = (root_of[event.id], rule.id)
            given[key] = given.get(key, decimal(0)) + decimal(points)
        return given

    def _payload(self, document, policy):
        return {
            "channel": document.channel,
            "term": document.term,
            "methods": list(document.methods),
            "rate": str(document.rate),
            "lines": [
                [line.id, line.product, line.category, str(line.quantity), str(line.net)]
                for line in document.count(policy.tax).values()
            ],
        }

    def _evaluate(self, candidates):
        rows, found = [], []
        for policy, partner, payload, at, origin in candidates:
            club = self.env["club.club"].sudo().browse(policy.club_id)
            known = partner and not partner.is_public
            member = (
                self.env["club.purchase"]._get_earning_member(policy, partner) if known else self.env["club.member"]
            )
            if not member and club.join_policy != "open":
                continue
            root, own = self._recorded(policy, origin, member)
            rows.append(
                (
                    EventRow(
                        0,
                        member.id or 0,
                        policy.club_id,
                        "purchase",
                        at,
                        0.0,
                        "",
                        *(origin or (None, None)),
                        root,
                        payload,
                    ),
                    own,
                    policy,
                    member,
                )
            )
        # One batch each: a preview of one club must not count for another, and there are few clubs.
        for row, own, policy, member in rows:
            ((_row, evaluation),) = EventBatch(self.env, [row], own, self.policies).evaluate()
            found.append((policy, member, row, evaluation))
        return found

    def _recorded(self, policy, origin, member):
        """The event of the same purchase, if it was recorded, and what it gave: it must not count against itself."""
        if not origin or not member:
            return 0, {}
        event = (
            self.env["club.event"]
            .sudo()
            .search(
                [
                    ("origin_model", "=", origin[0]),
                    ("origin_id", "=", origin[1]),
                    ("club_id", "=", policy.club_id),
                    ("revises_id", "=", False),
                ],
                order="id desc",
                limit=1,
            )
        )
        if not event:
            return 0, {}
        given = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    (
                        "event_id",
                        "in",
                        (event | self.env["club.event"].sudo().search([("revises_id", "=", event.id)])).ids,
                    ),
                    ("kind", "in", ("earn", "reverse")),
                ],
                ["rule_id"],
                ["points:sum"],
            )
        )
        return event.id, {(event.id, rule.id): decimal(points) for rule, points in given}

    def show(self, policy, member, evaluation):
        """The evaluation as the rooms of the portal and the shop read it."""
        Rule = self.env["club.earn.rule"].sudo()
        club = self.env["club.club"].sudo().browse(policy.club_id)
        # Browsed together, they are read together: a club may have many rules.
        ids = {outcome.rule_id for outcome in (*evaluation.awards, *evaluation.missed)}
        rules = {rule.id: rule for rule in Rule.browse(ids)}
        lines, missed = [], []
        for award in evaluation.awards:
            rule = rules[award.rule_id]
            lines.append(
                {"rule": rule, "points": award.points, "why": Rule._join(*(rule._explain(why) for why in award.why))}
            )
        for miss in evaluation.missed:
            if miss.why.code != "event_type":
                rule = rules[miss.rule_id]
                missed.append({"rule": rule, "why": rule._explain(miss.why)})
        return {
            "club": club,
            "member": member,
            "points": evaluation.points,
            "money": evaluation.money,
            "lines": lines,
            "missed": missed,
        }
