"""The manager's home page: right figures, each with its records, at a price that does not grow with the clubs."""

import json

from odoo import Command, fields
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval


@tagged("post_install", "-at_install")
class TestTheHomePage(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "home_manager", groups="customer_club.group_club_manager")
        cls.user = new_test_user(cls.env, "home_user", groups="customer_club.group_club_user")

    def read_figures(self, club=None):
        self.env.flush_all()
        club = club or self.club
        return club._get_home_figures()[club.id]

    def days_ago(self, days):
        return fields.Datetime.subtract(fields.Datetime.now(), days=days)

    def test_points_of_both_periods_are_net_of_what_was_reversed(self):
        earned = self.post(100, "a")
        self.post(40, "b", date=self.days_ago(45))
        spent = self.post(-30, "c")
        earned._reverse(points=20)
        spent._reverse(points=5)
        figures = self.read_figures()
        self.assertEqual((figures["given"], figures["given_before"]), (80, 40))
        self.assertEqual((figures["spent"], figures["spent_before"]), (25, 0))
        self.assertEqual(figures["outstanding"], 95)

    def test_a_return_that_was_undone_was_given_after_all(self):
        earned = self.post(100, "a")
        earned._reverse(key="r", points=20)._reverse(key="rr")
        self.assertEqual(self.read_figures()["given"], 100)

    def test_the_budget_shown_is_what_the_period_gave_net(self):
        """What comes back of the period before makes this one's budget no larger."""
        self.club.write({"budget_points": 100, "budget_period": "month"})
        rule = self.earn_rule("custom", 10)
        self.post(10, "before", date=self.days_ago(45), rule_id=rule.id)._reverse(key="r")
        self.post(10, "now", rule_id=rule.id)._reverse(key="rr", points=4)
        self.assertEqual(self.read_figures()["budget_used"], 6)

    def test_pending_points_are_owed_too(self):
        self.post(100, "a", pending=True)
        figures = self.read_figures()
        self.assertEqual((figures["outstanding"], figures["pending"]), (100, 100))

    def test_points_that_expire_soon_are_told_with_their_members(self):
        self.post(100, "a", expires_on=fields.Date.add(fields.Date.today(), days=10))
        self.post(50, "b", member=self.member_2, expires_on=fields.Date.add(fields.Date.today(), days=90))
        figures = self.read_figures()
        self.assertEqual((figures["expiring"], figures["expiring_members"]), (100, 1))
        self.assertIn("expiring", json.loads(self.club.home)["todo"])

    def test_members_who_came_back_are_compared_with_other_customers(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        for partner in (self.partner, self.partner, self.partner_2, stranger):
            self.env["sale.order"].create(
                {"partner_id": partner.id, "order_line": [Command.create({"product_id": self.product.id})]}
            ).action_confirm()
        figures = self.read_figures()
        self.assertEqual((figures["buyers"], figures["repeat_buyers"]), (2, 1))
        self.assertEqual(figures["sales"], 30)
        others = figures["other_buyers"]
        self.member_2._leave()
        self.assertEqual(self.read_figures()["other_buyers"], others + 1, "who left is an other customer")

    def test_what_was_credited_is_no_sale_and_what_came_back_whole_no_purchase(self):
        """The home page says what reports say of the same days."""
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 3})],
                }
                for partner in (self.partner, self.partner, self.partner_2)
            ]
        )
        orders.action_confirm()
        for order, quantity in zip(orders, (1, 0, 3), strict=True):
            order.order_line.qty_delivered = 3
            invoice = order._create_invoices()
            invoice.action_post()
            if quantity:
                refund = invoice._reverse_moves([{"date": fields.Date.today()}])
                refund.invoice_line_ids.quantity = quantity
                refund.action_post()
        figures = self.read_figures()
        self.assertEqual((figures["buyers"], figures["repeat_buyers"], figures["sales"]), (1, 1, 50))
        today = fields.Date.today()
        month = reporting.Period(fields.Date.subtract(today, days=29), fields.Date.add(today, days=1))
        table = self.env["club.report.block.cost"]._read_block(self.club, month)
        self.assertEqual(table.totals["sales"], 50)

    def test_what_was_bought_without_an_order_counts_too(self):
        """Of the till, of an invoice, of an import: else points would seem to cost more of the sales than they do."""
        facts = [
            {
                "member_id": self.member.id,
                "type": "purchase",
                "amount": amount,
                "occurred_at": fields.Datetime.subtract(fields.Datetime.now(), days=days),
                "key": f"import,{self.club.id}:{days}",
            }
            for amount, days in ((40, 3), (25, 90))
        ]
        events = self.env["club.event"]._report(facts)
        figures = self.read_figures()
        self.assertEqual((figures["buyers"], figures["repeat_buyers"], figures["sales"]), (1, 1, 40))
        events[1]._revoke("It came back")
        figures = self.read_figures()
        self.assertEqual((figures["buyers"], figures["repeat_buyers"], figures["sales"]), (1, 0, 40))

    def test_taxes_of_what_was_bought_without_an_order_are_no_sales(self):
        self.assertEqual(self.club.earn_tax, "included")
        tax = self.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        line = {"product_id": self.product.id, "price_unit": 100, "tax_ids": [Command.set(tax.ids)]}
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner.id, "invoice_line_ids": [Command.create(line)]}
        )
        fact = {"member_id": self.member.id, "type": "purchase", "amount": invoice.amount_total, "key": "taxed"}
        self.env["club.event"]._record([{**fact, "origin": invoice}])
        self.assertEqual((invoice.amount_total, self.read_figures()["sales"]), (125, 100))
        self.club.earn_tax = "excluded"
        self.assertEqual(self.read_figures()["sales"], 125, "the fact was recorded as the club counts")

    def test_every_figure_and_line_opens_its_records(self):
        keys = [
            "active",
            "new",
            "repeat",
            "given",
            "spent",
            "expired",
            "cost",
            "outstanding",
            "broken",
            "late",
            "incidents",
            "ending",
            "no_tier",
            "arrears",
            "expiring",
            "setup_rules",
            "setup_tiers",
            "setup_rewards",
            "setup_members",
        ]
        for key in keys:
            action = self.club.with_user(self.env.ref("base.user_admin")).with_context(club_home=key).action_open_home()
            self.assertTrue(self.env[action["res_model"]].search_count(action.get("domain") or [], limit=1) >= 0, key)

    def test_the_records_behind_are_those_that_were_counted(self):
        self.post(100, "a")
        self.post(-30, "c")._reverse(points=5)
        action = self.club.with_context(club_home="spent").action_open_home()
        self.assertEqual(-sum(self.env["club.point.entry"].search(action["domain"]).mapped("points")), 25)
        action = self.club.with_context(club_home="new").action_open_home()
        self.assertEqual(self.env["club.member"].search(action["domain"]), self.member | self.member_2)

    def test_an_unknown_figure_is_refused_in_words(self):
        with self.assertRaisesRegex(Exception, "Rose Club"):
            self.club.with_context(club_home="nonsense").action_open_home()

    def test_a_user_reads_the_home_page_of_the_own_company_only(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.env["club.club"].create({"name": "Other Club", "company_id": company.id, "tz": "UTC"})
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_home_action")
        clubs = self.env["club.club"].with_user(self.user).search(safe_eval(action["domain"] or "[]"))
        self.assertIn(self.club, clubs)
        self.assertNotIn(other, clubs)
        self.assertTrue(json.loads(clubs.filtered(lambda club: club == self.club).home)["figures"])

    def test_a_broken_check_comes_first(self):
        self.env["club.ledger.check"].sudo().create({"invariant": "I1", "state": "broken"})
        self.assertEqual(next(iter(json.loads(self.club.home)["todo"])), "broken")

    def test_more_clubs_cost_no_more_queries(self):
        clubs = self.club | self.env["club.club"].create([{"name": f"Club {i}", "tz": "UTC"} for i in range(5)])
        self.env.flush_all()
        counts = []
        clubs.mapped("home")
        for some in (clubs[:2], clubs):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            some.mapped("home")
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[0], counts[1])
