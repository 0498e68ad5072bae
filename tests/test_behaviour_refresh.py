"""A member's row says what the recorded facts say."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.addons.customer_club.engine import behaviour, periods
from odoo.addons.customer_club.models.behaviour import club_club
from odoo.addons.customer_club.models.behaviour.behaviour_night import BehaviourNight
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .behaviour_common import BehaviourCase


@tagged("post_install", "-at_install")
class TestPurchasesMakeTheRow(BehaviourCase):
    def test_a_member_without_purchases_has_an_empty_row(self):
        self.refresh()
        row = self.row()
        self.assertEqual((row.stage, row.ladder, row.rfm_cell, row.order_count), ("prospect", "none", "none", 0))
        self.assertFalse(row.last_purchase_on)
        self.assertEqual((row.recency_score, row.rfm), (0, False))

    def test_counts_sums_days_and_the_own_rhythm(self):
        for days, amount in ((100, 10), (70, 20), (70, 5), (40, 30), (10, 35)):
            self.buy(self.member, self.TODAY - timedelta(days=days), amount)
        self.refresh()
        row = self.row()
        self.assertEqual((row.order_count, row.purchase_days, row.sales), (5, 4, 100))
        self.assertEqual((row.average_basket, row.first_sales), (20, 10))
        self.assertEqual((row.first_purchase_on, row.last_purchase_on), (date(2026, 2, 21), date(2026, 5, 22)))
        self.assertEqual((row.interval_days, row.recency_days, row.gap_days), (30, 10, 30))
        self.assertEqual((row.stage, row.ladder), ("active", "loyal"))

    def test_what_came_back_in_part_counts_for_the_rest_and_what_came_back_whole_not_at_all(self):
        part, whole = self.buy(self.member, date(2026, 5, 1), 100), self.buy(self.member, date(2026, 5, 2), 50)
        self.buy(self.member, date(2026, 5, 20), -40, root=part)
        self.buy(self.member, date(2026, 5, 21), -50, root=whole)
        self.refresh()
        row = self.row()
        self.assertEqual((row.order_count, row.sales, row.last_purchase_on), (1, 60, date(2026, 5, 1)))

    def test_a_return_leads_down_the_ladder_again_and_the_history_says_so(self):
        self.buy(self.member, date(2026, 4, 1))
        second = self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        self.buy(self.member, date(2026, 5, 30), -10, root=second)
        self.refresh()
        self.assertEqual(self.row().ladder, "single")
        steps = self.env["club.stage.change"].search(
            [("member_id", "=", self.member.id), ("field", "=", "ladder")], order="id"
        )
        self.assertEqual(
            [(step.old, step.new, step.date) for step in steps],
            [
                ("none", "single", date(2026, 4, 1)),
                ("single", "repeat", date(2026, 5, 1)),
                ("repeat", "single", self.TODAY),
            ],
        )

    def test_the_day_is_the_clubs_around_midnight(self):
        """never 19: a purchase at 23:30 UTC is tomorrow's in Tehran."""
        self.club.tz = "Asia/Tehran"
        self.buy(self.member, datetime(2026, 5, 1, 20, 29))
        self.buy(self.member, datetime(2026, 5, 1, 20, 30))
        self.refresh()
        row = self.row()
        self.assertEqual((row.first_purchase_on, row.last_purchase_on), (date(2026, 5, 1), date(2026, 5, 2)))
        self.assertEqual(row.purchase_days, 2)

    def test_facts_of_a_merged_contact_count_for_the_member_it_became(self):
        self.buy(self.member_2, date(2026, 4, 1), 70)
        self.buy(self.member, date(2026, 5, 1), 30)
        self.refresh()
        self.member_2._absorb_into(self.member)
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member_2.id)]))
        self.refresh()
        self.assertEqual((self.row().sales, self.row().order_count), (100, 2))
        self.assertInvariantsHold()

    def test_who_leaves_or_is_erased_has_no_row_any_more(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        self.member._leave()
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))
        self.refresh()
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))

    def test_the_row_goes_with_an_erasure_and_the_history_stays_without_a_name(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        self.member._leave()
        self.member._erase("asked for it")
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))
        change = self.env["club.stage.change"].search([("member_id", "=", self.member.id)], limit=1)
        self.assertNotIn("Anna", change.display_name)
        self.refresh()
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))

    def test_refreshing_twice_changes_nothing_and_repeats_no_history(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        changes = self.env["club.stage.change"].search_count([])
        before = self.row().read()
        self.refresh()
        self.assertEqual(self.row().read(), before)
        self.assertEqual(self.env["club.stage.change"].search_count([]), changes)

    def test_one_member_is_refreshed_alone(self):
        self.refresh()
        self.buy(self.member, date(2026, 5, 1))
        self.buy(self.member_2, date(2026, 5, 1))
        self.refresh(self.member)
        self.assertEqual((self.row().order_count, self.row(self.member_2).order_count), (1, 0))

    def test_two_clubs_and_companies_do_not_mix(self):
        other_company = self.env["res.company"].create({"name": "Other"})
        other = self.env["club.club"].create({"name": "Tulips", "company_id": other_company.id, "tz": "UTC"})
        theirs = other._enrol(self.partner)
        self.buy(self.member, date(2026, 5, 1), 10)
        self.buy(theirs, date(2026, 5, 2), 99)
        (self.club | other)._refresh_behaviour()
        self.assertEqual((self.row().sales, self.row(theirs).sales), (10, 99))
        self.assertEqual(self.row(theirs).company_id, other_company)

    def test_a_currency_without_decimals_has_none_here(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        company = self.env["res.company"].create({"name": "Tokyo", "currency_id": yen.id})
        club = self.env["club.club"].create({"name": "Sakura", "company_id": company.id, "tz": "Asia/Tokyo"})
        member = club._enrol(self.partner)
        for number, amount in enumerate((100, 101, 101)):
            self.buy(member, date(2026, 5, 1 + number), amount)
        self.refresh(club=club)
        self.assertEqual((self.row(member).sales, self.row(member).average_basket), (302, 101))

    def test_a_shadow_in_plain_python_agrees_over_a_random_past(self):
        chance = random.Random(2026)
        self.club.tz = "America/New_York"
        members = self.people(40)
        sales = defaultdict(list)
        for _number in range(300):
            member = chance.choice(members[:30])
            at = datetime(2024, 6, 1) + timedelta(minutes=chance.randrange(720 * 1440))
            amount = chance.choice((5, 9.99, 20, 20, 120))
            root = self.buy(member, at, amount)
            back = chance.choice((0, 0, 0, amount, round(amount / 3, 2)))
            if back:
                self.buy(member, at + timedelta(days=1), -back, root=root)
            if amount - back > 0:
                sales[member].append((periods.local_date(at, self.club.tz), round(amount - back, 2)))
        self.refresh()
        today = self.club._get_today()
        figures = {}
        for member, found in sales.items():
            days = sorted({day for day, _amount in found})
            figures[member] = (
                float((days[-1] - date(1970, 1, 1)).days),
                float(len(found)),
                round(sum(amount for _day, amount in found), 2),
            )
            row = self.row(member)
            self.assertEqual(row.order_count, len(found))
            self.assertAlmostEqual(row.sales, figures[member][2], places=2)
            self.assertEqual((row.first_purchase_on, row.last_purchase_on), (days[0], days[-1]))
            self.assertEqual(row.recency_days, (today - days[-1]).days)
            purchases = behaviour.Purchases(
                days[0], days[-1], len(days), (days[-1] - days[-2]).days if len(days) > 1 else 0
            )
            self.assertEqual(row.gap_days, purchases.gap)
            self.assertEqual(
                row.stage, behaviour.stage(purchases, today, self.club._get_behaviour_limits()).name, purchases
            )
            self.assertEqual(row.ladder, behaviour.ladder(len(found), 4, 10))
        for place, name in enumerate(("recency_score", "frequency_score", "monetary_score")):
            cuts = behaviour.cuts([values[place] for values in figures.values()])
            for member, values in figures.items():
                self.assertEqual(self.row(member)[name], behaviour.score(values[place], cuts), (name, values))
        self.assertEqual(self.row(members[35]).stage, "prospect")

    def test_the_ties_of_a_quintile_have_one_score(self):
        members = self.people(9)
        for member in members:
            self.buy(member, date(2026, 5, 1), 20)
        self.refresh()
        rows = self.env["club.behaviour"].search([("member_id", "in", members.ids)])
        self.assertEqual(set(rows.mapped("rfm")), {"333"})

    def test_the_number_of_statements_does_not_grow_with_the_members(self):
        members = self.people(60)
        for member in members:
            self.buy(member, date(2026, 5, 1))
        self.refresh()
        self.env.flush_all()
        with self.subTest("one"):
            before = self.env.cr.sql_log_count
            self.refresh(members[:1])
            one = self.env.cr.sql_log_count - before
        before = self.env.cr.sql_log_count
        self.refresh(members)
        self.assertLessEqual(self.env.cr.sql_log_count - before, one + 3)


@tagged("post_install", "-at_install")
class TestDocumentsTellTaxGoodsAndPayment(BehaviourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})

    def order(self, quantity=2, price=10, partner=None, confirm=True, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [(6, 0, self.tax.ids)],
                        },
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return order

    def test_sales_are_untaxed_in_a_club_that_counts_with_taxes(self):
        self.assertEqual(self.club.earn_tax, "included")
        order = self.order()
        fact = self.env["club.event"].search([("origin_model", "=", "sale.order"), ("origin_id", "=", order.id)])
        self.assertEqual(fact.amount, 25, "the club counts with taxes")
        self.refresh()
        self.assertEqual(self.row().sales, 20)

    def test_margin_is_sales_less_cost_where_the_cost_is_known(self):
        self.product.standard_price = 4
        self.order()
        self.refresh()
        self.assertEqual(self.row().margin, 12)
        self.assertEqual(self.row().favourite_product_id, self.product)
        self.assertEqual(self.row().favourite_categ_id, self.product.categ_id)

    def test_margin_leaves_out_what_has_no_known_cost(self):
        self.product.standard_price = 0
        self.order()
        self.refresh()
        self.assertEqual((self.row().margin, self.row().sales), (0, 20))

    def test_a_cancelled_order_leaves_nothing(self):
        order = self.order()
        order._action_cancel()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.refresh()
        self.assertEqual((self.row().order_count, self.row().sales), (0, 0))
        self.assertFalse(self.row().favourite_product_id)

    def test_the_favourite_is_in_most_purchases_then_most_money_then_the_older(self):
        one, two = self.product, self.env["product.product"].create({"name": "Tulips"})
        line = [1, one.id, one.categ_id.id, "1", "10", "0", "0"]
        other = [2, two.id, two.categ_id.id, "1", "90", "0", "0"]
        self.buy(self.member, date(2026, 5, 1), 100, lines=[line, other])
        self.buy(self.member, date(2026, 5, 2), 10, lines=[line])
        self.buy(self.member_2, date(2026, 5, 2), 100, lines=[line, other])
        self.refresh()
        self.assertEqual(self.row().favourite_product_id, one)
        self.assertEqual(self.row(self.member_2).favourite_product_id, two)

    def test_goods_that_were_deleted_are_no_favourite(self):
        gone = self.env["product.product"].create({"name": "Gone"})
        self.buy(self.member, date(2026, 5, 1), 100, lines=[[1, gone.id, 999999, "1", "100", "0", "0"]])
        gone.unlink()
        self.refresh()
        self.assertFalse(self.row().favourite_product_id)
        self.assertFalse(self.row().favourite_categ_id)

    def test_days_to_pay_are_from_invoice_to_last_payment(self):
        order = self.order()
        move = order._create_invoices()
        move.invoice_date = date(2026, 5, 1)
        move.action_post()
        receivable = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        bank = self.env["account.account"].search(
            [("account_type", "=", "asset_cash"), ("company_ids", "in", self.env.company.ids)], limit=1
        )
        for day, share in ((date(2026, 5, 6), 0.5), (date(2026, 5, 13), 0.5)):
            amount = move.amount_total * share
            paid = self.env["account.move"].create(
                {
                    "date": day,
                    "line_ids": [
                        (0, 0, {"account_id": bank.id, "debit": amount}),
                        (
                            0,
                            0,
                            {
                                "account_id": receivable.account_id.id,
                                "credit": amount,
                                "partner_id": self.partner.id,
                            },
                        ),
                    ],
                }
            )
            paid.action_post()
            (receivable + paid.line_ids.filtered("credit")).reconcile()
            self.refresh()
            figures = (self.row().days_to_pay, self.row().paid_count)
            self.assertEqual(figures, (12, 1) if day.day == 13 else (0, 0), "the last payment counts")

    def test_a_cart_is_abandoned_when_the_website_says_so(self):
        website = self.env["website"].search([], limit=1)
        website.cart_abandoned_delay = 2
        self.club.company_id = website.company_id
        now = datetime(2026, 6, 1, 12)
        for hours in (1, 3, 30):
            cart = self.order(confirm=False, website_id=website.id, company_id=website.company_id.id)
            cart.date_order = now - timedelta(hours=hours)
        self.refresh()
        carts = self.env["sale.order"].search(
            [("partner_id", "=", self.partner.id), ("is_abandoned_cart", "=", True)]
        )
        self.assertEqual((self.row().cart_count, self.row().cart_amount), (len(carts), 20 * len(carts)))
        self.assertEqual(len(carts), 2)


@tagged("post_install", "-at_install")
class TestContactsAndVisits(BehaviourCase):
    def call(self, record, days=0):
        kind = self.env["mail.activity.type"].search([("category", "=", "phonecall")], limit=1)
        message = record.message_post(body="called", subtype_xmlid="mail.mt_note", mail_activity_type_id=kind.id)
        message.date = datetime(2026, 6, 1, 11) - timedelta(days=days)
        return message

    def test_calls_are_counted_on_contact_member_and_lead_once_each(self):
        lead = self.env["crm.lead"].create({"name": "A wedding", "partner_id": self.partner.id})
        for record, days in ((self.partner, 0), (self.member, 5), (lead, 100), (lead, 120), (lead, 500)):
            self.call(record, days)
        self.refresh()
        row = self.row()
        self.assertEqual((row.call_count, row.call_recent, row.call_before), (5, 2, 2))
        self.assertIn("2 calls in the last 90 days after 2 in the 90 before.", row._explain())

    def test_meetings_have_a_length_and_begin_in_the_past(self):
        for days, hours in ((3, 1.5), (-3, 4)):
            start = datetime(2026, 6, 1, 9) - timedelta(days=days)
            self.env["calendar.event"].create(
                {
                    "name": "Meeting",
                    "start": start,
                    "stop": start + timedelta(hours=hours),
                    "partner_ids": [(6, 0, [self.partner.id])],
                }
            )
        self.refresh()
        self.assertEqual((self.row().meeting_count, self.row().contact_minutes), (1, 90))

    def test_mails_are_those_sent_and_received(self):
        sent = self.partner.message_post(body="hello", partner_ids=self.partner.ids, message_type="comment")
        self.assertIn(self.partner, sent.notified_partner_ids)
        self.partner.message_post(body="thanks", author_id=self.partner.id, message_type="email")
        self.refresh()
        self.assertEqual(self.row().mail_count, 2)

    def test_falling_contacts_and_visits_bring_a_member_to_risk_earlier(self):
        self.club.write({"behaviour_risk_factor": 0, "behaviour_lapsed_factor": 0})
        for member in (self.member, self.member_2):
            self.buy(member, self.TODAY - timedelta(days=300))
            self.buy(member, self.TODAY - timedelta(days=60))
        for days in (100, 110, 120, 130):
            self.call(self.partner, days)
            self.env["club.event"]._record(
                [
                    {
                        "member_id": self.member.id,
                        "type": "visit",
                        "key": f"test,visit:{days}",
                        "occurred_at": datetime(2026, 6, 1, 10) - timedelta(days=days),
                        "processed_at": datetime(2026, 6, 1, 10),
                    }
                ]
            )
        self.refresh()
        self.assertEqual((self.row().visit_recent, self.row().visit_before), (0, 4))
        self.assertTrue(self.row().fading)
        self.assertEqual((self.row().stage, self.row(self.member_2).stage), ("at_risk", "active"))
        self.assertIn("falling", self.row()._explain())

    def test_unused_points_now_and_ninety_days_ago(self):
        self.post(100, "t:1", date=datetime(2026, 1, 1))
        self.post(-30, "t:2", date=datetime(2026, 5, 1))
        self.refresh()
        self.assertEqual((self.row().points, self.row().points_before), (70, 100))

    def test_products_viewed_in_the_shop_are_counted(self):
        visitor = self.env["website.visitor"].create({"access_token": self.partner.id, "partner_id": self.partner.id})
        self.env["website.track"].create(
            [
                {"visitor_id": visitor.id, "product_id": self.product.id},
                {"visitor_id": visitor.id, "url": "/"},
            ]
        )
        self.refresh()
        self.assertEqual(self.row().view_count, 1)


@tagged("post_install", "-at_install")
class TestWordsSayWhatTheFiguresSay(BehaviourCase):
    def test_the_sentence_of_the_issue(self):
        for days in (167, 136, 105, 74):
            self.buy(self.member, self.TODAY - timedelta(days=days))
        self.refresh()
        self.assertEqual(self.row()._explain(), "Buys every 31 days, silent for 74: at risk.")

    def test_each_stage_has_its_sentence(self):
        self.refresh()
        self.assertEqual(self.row()._explain(), "Has not bought anything yet.")
        self.buy(self.member, self.TODAY - timedelta(days=500))
        self.refresh()
        self.assertEqual(self.row()._explain(), "Bought once so far, 500 days ago: lapsed.")
        self.buy(self.member, self.TODAY - timedelta(days=5))
        self.refresh()
        self.assertEqual(self.row()._explain(), "Bought 5 days ago, for the first time after 495 days: won back.")

    def test_the_counter_says_that_a_member_was_silent(self):
        for days in (167, 136, 105, 74):
            self.buy(self.member, self.TODAY - timedelta(days=days))
        self.refresh()
        self.assertIn((65, "Buys every 31 days, silent for 74: at risk."), self.member._get_counter_words())


@tagged("post_install", "-at_install")
class TestTheNightlyJobIsResumable(BehaviourCase):
    def test_a_job_that_was_killed_goes_on_where_it_stopped(self):
        members = self.people(7) | self.member | self.member_2
        self.env["club.club"].search([("id", "!=", self.club.id)]).active = False
        for member in members:
            self.buy(member, date(2026, 5, 1))
        with patch.object(club_club, "BATCH", 4), self.jobs_in_test():
            progress = patch.object(
                self.env.registry["ir.cron"],
                "_commit_progress",
                lambda cron, processed=0, **rest: 0.0 if processed > 1 else float("inf"),
            )
            with progress:
                self.env["club.club"]._cron_refresh_behaviour()
            self.assertEqual(self.env["club.behaviour"].search_count([("club_id", "=", self.club.id)]), 4)
            self.env["club.club"]._cron_refresh_behaviour()
        self.assertEqual(self.env["club.behaviour"].search_count([("club_id", "=", self.club.id)]), 9)

    def test_a_second_run_of_the_same_day_finds_nothing_to_do(self):
        self.env["club.club"].search([("id", "!=", self.club.id)]).active = False
        with self.jobs_in_test():
            self.env["club.club"]._cron_refresh_behaviour()
            self.assertEqual(BehaviourNight(self.club.sudo()).find(10, ()), [])


@tagged("post_install", "-at_install")
class TestTheLadderTellsWhoClimbs(BehaviourCase):
    def test_the_share_that_climbs_each_step_in_a_period(self):
        members = self.people(4)
        for member in members:
            self.buy(member, date(2026, 4, 10))
        for member in members[:2]:
            self.buy(member, date(2026, 5, 5))
        for number in range(2):
            self.buy(members[0], date(2026, 5, 10 + number))
        self.refresh()
        climbs = {row["step"]: row for row in self.club._get_climbs(date(2026, 5, 1), date(2026, 5, 31))}
        self.assertEqual((climbs["single"]["standing"], climbs["single"]["climbed"]), (4, 2))
        self.assertEqual(climbs["single"]["share"], 0.5)
        self.assertEqual((climbs["repeat"]["standing"], climbs["repeat"]["climbed"]), (2, 1))
        self.assertEqual((climbs["loyal"]["standing"], climbs["loyal"]["climbed"]), (1, 0))
        april = {row["step"]: row for row in self.club._get_climbs(date(2026, 4, 1), date(2026, 4, 30))}
        self.assertEqual((april["single"]["standing"], april["single"]["climbed"]), (4, 0))


@tagged("post_install", "-at_install")
class TestBehaviourIsReadAndNeverTyped(BehaviourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "beh-user", groups="customer_club.group_club_user")
        cls.auditor = new_test_user(cls.env, "beh-auditor", groups="customer_club.group_club_auditor")
        cls.portal = new_test_user(cls.env, "beh-portal", groups="base.group_portal")

    def test_staff_read_and_others_do_not(self):
        self.refresh()
        self.assertEqual(self.row().with_user(self.user).stage, "prospect")
        for user in (self.auditor, self.portal):
            for model in ("club.behaviour", "club.stage.change", "club.lifetime.fit"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_nobody_writes_makes_or_deletes_rows(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        fit = self.club._fit_lifetimes()
        change = self.env["club.stage.change"].search([("member_id", "=", self.member.id)], limit=1)
        for record in (self.row(), change, fit):
            with self.assertRaises(UserError):
                record.write({"club_id": self.club.id})
            with self.assertRaises(UserError):
                record.with_user(self.user).create({"club_id": self.club.id})
            with self.assertRaises(UserError):
                record.with_user(self.user).unlink()

    def test_staff_of_another_company_see_nothing(self):
        self.refresh()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "beh-other", groups="customer_club.group_club_manager", company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["club.behaviour"].with_user(stranger).search([]))

    def test_limits_that_contradict_each_other_are_refused_with_the_clubs_name(self):
        with self.assertRaisesRegex(ValidationError, "Rose Club"):
            self.club.behaviour_risk_days = 400
        with self.assertRaisesRegex(ValidationError, "Rose Club"):
            self.club.behaviour_fan = 3

    def test_a_segment_can_ask_for_a_stage(self):
        self.buy(self.member, self.TODAY - timedelta(days=500))
        self.refresh()
        segment = self.env["club.segment"].create(
            {
                "name": "Lapsed",
                "club_id": self.club.id,
                "domain": "[('behaviour_ids.stage', '=', 'lapsed')]",
            }
        )
        self.assertEqual(segment._filter_members(self.member | self.member_2), self.member)
