"""Try it: which rules fire for a real order or fact, line by line, and why the others do not."""

from datetime import datetime

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .test_earning_orders import EarningCase


@tagged("post_install", "-at_install")
class TestTryOnFacts(EarningCase):
    def trial(self, rule, **values):
        return self.env["club.earn.try"].with_context(**rule.action_try()["context"]).create(values)

    def visit(self, number=1, **values):
        return self.env["club.event"]._report(
            [
                {
                    "member_id": self.member.id,
                    "type": "visit",
                    "key": f"try:{number}",
                    "occurred_at": datetime(2026, 5, number, 12),
                    **values,
                }
            ]
        )

    def shown(self, trial):
        return {line.rule_id: (line.fires, line.points, line.why) for line in trial.line_ids}

    def test_any_fact_can_be_tried_with_a_rule_that_is_off(self):
        on = self.earn_rule("visit", 3)
        off = self.earn_rule("visit", 5, active=False, nth_mode="every", nth=2)
        self.earn_rule("review", 9)
        first, second = self.visit(1), self.visit(2)
        trial = self.trial(off)
        self.assertEqual((trial.source, trial.event_id), ("event", second), "the last fact of the rule's kind")
        self.assertEqual((trial.points, trial.member_id), (8, self.member))
        shown = {rule: values[:2] for rule, values in self.shown(trial).items()}
        self.assertEqual(shown, {on: (True, 3), off: (True, 5)})
        trial.event_id = first
        self.assertEqual(self.shown(trial)[off], (False, 0, "This is number 1 of the member; every 2nd counts."))
        self.assertPoints(6)  # nothing was posted

    def test_what_the_fact_gave_itself_does_not_count_against_its_limit(self):
        rule = self.earn_rule("visit", 3, limit_member=3, limit_period="lifetime")
        first = self.visit(1)
        self.assertEqual(self.trial(rule, event_id=first.id).points, 3)
        other = self.visit(2)
        self.assertEqual(self.shown(self.trial(rule, event_id=other.id))[rule][0], False)

    def test_an_order_is_told_line_by_line(self):
        vase = self.env["product.product"].create({"name": "Vase", "list_price": 5, "taxes_id": False})
        ribbon = self.env["product.product"].create({"name": "Ribbon", "list_price": 1, "taxes_id": False})
        self.rule.product_ids = self.product
        units = self.earn_rule("purchase", 2, formula="per_unit", product_ids=vase.ids, active=False)
        order = self.quote((self.product, 3, 10.0), (vase, 2, 5.0), (ribbon, 1, 1.0))
        trial = self.trial(units, order_id=order.id)
        self.assertEqual(trial.source, "order")
        self.assertEqual(
            {(line.name, line.rule_id, line.counted.replace("\xa0", " ")) for line in trial.detail_ids},
            {
                ("Roses", self.rule, "$ 30"),
                ("Vase", units, "2 units"),
                ("Ribbon", self.env["club.earn.rule"], "nothing: no rule counts it"),
            },
        )

    def test_a_recorded_purchase_is_told_line_by_line_too(self):
        self.sell((self.product, 3, 10.0))
        self.settle()
        event = self.env["club.event"].search([("member_id", "=", self.member.id), ("type", "=", "purchase")])
        trial = self.trial(self.rule, source="event", event_id=event.id)
        self.assertEqual((trial.points, trial.detail_ids.name), (30, "Roses"))

    def test_the_form_changes_what_it_shows_with_what_is_chosen(self):
        rule = self.earn_rule("visit", 3)
        event = self.visit(1)
        order = self.sell((self.product, 2, 10.0))
        with Form(
            self.env["club.earn.try"].with_context(**rule.action_try()["context"]),
            view="customer_club.club_earn_try_view_form",
        ) as form:
            self.assertEqual((form.event_id, form.points), (event, 3))
            form.source = "order"
            form.order_id = order
            self.assertEqual(form.points, 20)

    def test_a_fact_of_another_club_shows_nothing_and_one_of_another_company_is_refused(self):
        rule = self.earn_rule("visit", 3)
        second = self.env["club.club"].create({"name": "Second", "tz": "UTC"})
        member = second._enrol(self.partner)
        event = self.visit(1, member_id=member.id)
        self.assertFalse(self.trial(rule, source="event", event_id=event.id).line_ids)
        company = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "try_other",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        own = self.visit(2)
        values = {"club_id": self.club.id, "rule_id": rule.id, "source": "event", "event_id": own.id}
        with self.assertRaises(AccessError):
            self.env["club.earn.try"].with_user(user).create(values).mapped("points")
