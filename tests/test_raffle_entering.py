"""Getting tickets: for points, for what was done, for nothing; and every way in which it is refused."""

from datetime import timedelta

from odoo.addons.customer_club.tests.raffle_common import AFTER, CLOSES, DRAWN, DURING, OPENS, RaffleCase
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRaffleBuying(RaffleCase):
    def setUp(self):
        super().setUp()
        self.open()

    def assertRefused(self, words, quantity=1, member=None, when=DURING, raffle=None):
        """Fail unless buying is refused with these words and nothing was taken or issued."""
        member, raffle = member or self.member, raffle or self.raffle
        before = member.points, raffle.ticket_number
        with self.assertRaisesRegex(UserError, words):
            self.buy(quantity, member, raffle, when=when)
        self.env.invalidate_all()
        self.assertEqual((member.points, raffle.ticket_number), before)

    def test_tickets_cost_points_and_have_numbers_without_gaps_and_codes_that_nobody_can_guess(self):
        """abuse 13: 60 random bits in each code."""
        first, second = self.buy(3), self.buy(2, self.member_2)
        self.assertEqual((self.member.points, self.member_2.points), (970, 980))
        tickets = first.ticket_ids | second.ticket_ids
        self.assertEqual(sorted(tickets.mapped("number")), [1, 2, 3, 4, 5])
        self.assertEqual(len(set(tickets.mapped("code"))), 5)
        for ticket in tickets:
            self.assertRegex(ticket.code, rf"^{ticket.number:07d}-[A-Z2-7]{{4}}-[A-Z2-7]{{4}}-[A-Z2-7]{{4}}$")
        self.assertEqual((self.raffle.bought_number, self.raffle.entrant_count), (5, 2))
        self.assertInvariantsHold()

    def test_the_same_form_sent_twice_buys_once_and_another_content_is_refused(self):
        first = self.buy(2, key="form-1")
        self.assertEqual(self.buy(2, key="form-1"), first)
        self.assertEqual((self.member.points, self.raffle.ticket_number), (980, 2))
        with self.assertRaisesRegex(UserError, "sent before"):
            self.buy(3, key="form-1")
        self.assertNotEqual(self.buy(2, self.member_2, key="form-1"), first, "another member's key is another key")
        self.freeze()
        self.draw()
        self.assertEqual(self.buy(2, key="form-1", when=DRAWN), first, "a replay after the draw")
        self.assertInvariantsHold()

    def test_who_has_not_enough_points_gets_nothing(self):
        self.assertRefused("(?i)point", 100 + 1, when=DURING, raffle=self.open(self.make_raffle(max_bought_each=0)))
        self.assertInvariantsHold()

    def test_limits_per_member_and_in_all_are_kept_at_their_edges(self):
        raffle = self.open(self.make_raffle(max_bought=7, max_bought_each=5))
        self.buy(5, raffle=raffle)
        self.assertRefused("no more tickets", raffle=raffle)
        self.assertRefused("2 more tickets", 3, self.member_2, raffle=raffle)
        self.buy(2, self.member_2, raffle)
        self.assertRefused("no more tickets", 1, self.member_2, raffle=raffle)
        self.assertEqual(raffle.bought_number, 7)

    def test_numbers_that_make_no_sense_are_refused(self):
        for quantity in (0, -1, 1001, 10**9):
            with self.subTest(quantity):
                self.assertRefused("Choose 1 to", quantity)

    def test_before_opening_after_closing_and_after_freezing_nothing_is_sold(self):
        self.assertRefused("opens on", when=OPENS - timedelta(seconds=1))
        self.buy(1, when=OPENS)
        self.buy(1, when=CLOSES - timedelta(seconds=1))
        self.assertRefused("closed on", when=CLOSES)
        self.freeze()
        for moment in (DURING, AFTER, DRAWN):
            self.assertRefused("closed on", when=moment)

    def test_a_draft_sells_nothing(self):
        self.assertRefused("opens on", raffle=self.make_raffle())

    def test_expired_points_buy_nothing(self):
        """never 3"""
        partner = self.env["res.partner"].create({"name": "Late"})
        member = self.club._enrol(partner)
        with self.at(OPENS):
            day = (self.start + DURING).date()
            self.post(50, "late", member=member, expires_on=day)
        self.assertRefused("(?i)point", 1, member)

    def test_members_of_another_club_or_company_get_nothing(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        club = self.env["club.club"].create({"name": "Other", "company_id": company.id, "tz": "UTC"})
        other = club._enrol(self.env["res.partner"].create({"name": "Cleo"}))
        self.post(100, "other", member=other)
        self.assertRefused("not offered in this club", member=other)
        self.assertInvariantsHold()

    def test_who_left_gets_nothing(self):
        self.member_2._leave()
        self.assertRefused("no active member", member=self.member_2)

    def test_only_the_audience_gets_tickets(self):
        """never 17"""
        group = self.env["res.partner.category"].create({"name": "Gardeners"})
        raffle = self.open(self.make_raffle(audience_group_ids=group.ids))
        self.assertRefused("not meant for", raffle=raffle)
        self.partner.category_id = group
        self.buy(1, raffle=raffle)

    def test_staff_the_observer_partners_people_and_named_contacts_get_no_ticket(self):
        """abuse 23"""
        clerk = new_test_user(self.env, "raffle_clerk", groups="base.group_user")
        baker = self.env["res.partner"].create({"name": "Bakery", "is_company": True})
        owner = self.env["res.partner"].create({"name": "Owner", "parent_id": baker.id})
        helper, named = self.env["res.partner"].create([{"name": "Helper"}, {"name": "Cousin"}])
        merchant = self.env["club.merchant"].create(
            {"partner_id": baker.id, "club_id": self.club.id, "code": "bakery", "staff_ids": helper.ids}
        )
        raffle = self.open(self.make_raffle(merchant_ids=merchant.ids, excluded_partner_ids=named.ids))
        for partner in (clerk.partner_id, owner, helper, named, self.observer):
            member = self.club._enrol(partner)
            self.post(100, f"x,{partner.id}", member=member)
            with self.subTest(partner.name):
                self.assertRefused("takes no part", member=member, raffle=raffle)
                with self.at(DURING), self.assertRaisesRegex(UserError, "takes no part"):
                    raffle._enter_free(member, "x")

    def test_a_raffle_not_sold_for_points_sells_nothing(self):
        self.assertRefused("not sold for points", raffle=self.open(self.make_raffle(ticket_price=0)))

    def test_where_law_forbids_raffles_nothing_is_opened_bought_or_entered(self):
        """The switch per company."""
        self.club.raffles_allowed = False
        self.assertFalse(self.club.company_id.club_raffles)
        self.assertRefused("switched off")
        with self.at(DURING), self.assertRaisesRegex(UserError, "switched off"):
            self.raffle._enter_free(self.member, "x")
        with self.assertRaisesRegex(UserError, "switched off"):
            self.open(self.make_raffle())
        self.assertFalse(self.member._find_raffles()[0])

    def test_the_history_says_which_raffle(self):
        self.buy(2)
        rows, _next = self.member._get_history()
        self.assertIn("Raffle Spring Raffle", rows[0]["text"])

    def test_the_cost_and_the_day_of_the_draw_are_the_books(self):
        """books 8: redeemed means satisfied, at the draw; the prize is cost."""
        purchase, other = self.buy(4), self.buy(1, self.member_2)
        self.assertFalse(purchase.satisfied_at)
        self.freeze()
        self.draw()
        self.assertEqual(purchase.satisfied_at, self.raffle.drawn_at)
        self.assertAlmostEqual(purchase.unit_cost, 80.0)
        self.assertAlmostEqual(other.unit_cost, 20.0)
        self.assertEqual(purchase.state, "drawn")


@tagged("post_install", "-at_install")
class TestRaffleFreeAndEarned(RaffleCase):
    def test_a_free_entry_costs_nothing_once_and_weighs_the_same(self):
        self.open()
        with self.at(DURING):
            ticket = self.raffle._enter_free(self.member, "form")
            self.assertEqual(self.raffle._enter_free(self.member, "form"), ticket, "a replayed request")
            with self.assertRaisesRegex(UserError, "no free entry left"):
                self.raffle._enter_free(self.member, "another form")
        self.assertEqual((self.member.points, self.raffle.free_number), (1000, 1))
        self.buy(1, self.member_2)
        self.freeze()
        listing = self.raffle._read_file("list_file").decode().splitlines()
        self.assertEqual(len(listing), 2, "one line each, whatever it cost")
        self.assertIn(ticket.code, listing)

    def test_staff_enter_a_member_from_a_letter_within_the_same_limit(self):
        clerk = new_test_user(self.env, "raffle_staff", groups="customer_club.group_club_user")
        self.open()
        with self.at(DURING):
            enter = self.env["club.raffle.enter"].with_user(clerk)
            form = enter.create({"raffle_id": self.raffle.id, "member_id": self.member.id})
            form.action_confirm()
            form.action_confirm()
            with self.assertRaisesRegex(UserError, "no free entry left"):
                enter.create({"raffle_id": self.raffle.id, "member_id": self.member.id}).action_confirm()
        ticket = self.env["club.raffle.ticket"].search([("raffle_id", "=", self.raffle.id)])
        self.assertEqual((ticket.source, ticket.user_id), ("free", clerk))

    def test_free_entries_have_a_limit_in_all(self):
        raffle = self.open(self.make_raffle(max_free=1))
        with self.at(DURING):
            raffle._enter_free(self.member, "x")
            with self.assertRaisesRegex(UserError, "no free entry left"):
                raffle._enter_free(self.member_2, "x")

    def report(self, member, key, when=DURING, event_type="visit", **values):
        with self.at(when):
            return (
                self.env["club.event"]
                .sudo()
                ._report([{"member_id": member.id, "type": event_type, "key": key, **values}])
            )

    def test_facts_earn_tickets_once_within_the_limit_and_while_it_is_open(self):
        raffle = self.open(self.make_raffle(earn_type="visit", max_earned_each=2))
        for key in ("v,1", "v,1", "v,2", "v,3"):
            self.report(self.member, key)
        self.assertEqual(raffle.earned_number, 2)
        self.report(self.member_2, "v,4", event_type="survey")
        self.report(self.member_2, "v,5", when=CLOSES)
        self.assertEqual(raffle.earned_number, 2)
        self.report(self.member_2, "v,6")
        self.assertEqual(raffle.earned_number, 3)
        self.assertEqual((self.member.points, self.member_2.points), (1000, 1000))

    def test_a_fact_that_is_taken_back_keeps_its_ticket_out_of_the_list(self):
        raffle = self.open(self.make_raffle(earn_type="visit"))
        kept, gone = self.report(self.member, "v,1"), self.report(self.member_2, "v,2")
        with self.at(DURING):
            gone._revoke("never happened")
        self.freeze(raffle)
        self.assertEqual((raffle.ticket_number, raffle.list_count), (2, 1), "left out, not deleted")
        self.assertEqual(raffle.exclusion_ids.mapped("reason"), ["returned"])
        self.assertEqual(raffle.exclusion_ids.ticket_id.event_id, gone)
        self.assertTrue(kept)

    def test_only_a_purchase_from_the_amount_on_earns_and_one_that_came_back_is_left_out(self):
        raffle = self.open(self.make_raffle(earn_type="merchant_purchase", earn_amount=50))
        self.report(self.member, "m,1", event_type="merchant_purchase", amount=49.99)
        self.assertFalse(raffle.earned_number)
        root = self.report(self.member, "m,2", event_type="merchant_purchase", amount=50)
        self.assertEqual(raffle.earned_number, 1)
        self.report(self.member, "m,2:2", event_type="merchant_purchase", amount=-1, revises_id=root.id)
        self.report(self.member_2, "m,3", event_type="merchant_purchase", amount=80)
        self.freeze(raffle)
        self.assertEqual(raffle.exclusion_ids.ticket_id.event_id, root)
        self.assertEqual(raffle.list_count, 1)

    def test_an_order_earns_a_ticket_which_takes_part_only_if_it_is_paid(self):
        """never 7"""
        raffle = self.open(self.make_raffle(earn_type="purchase", earn_amount=20))
        orders = []
        with self.at(DURING):
            for partner in (self.partner, self.partner_2):
                order = self.env["sale.order"].create(
                    {
                        "partner_id": partner.id,
                        "order_line": [(0, 0, {"product_id": self.product.id, "product_uom_qty": 3})],
                    }
                )
                order.action_confirm()
                orders.append(order)
            self.env.flush_all()
            self.env.cr.precommit.run()
        self.assertEqual(raffle.earned_number, 2)
        with self.at(DURING):
            invoice = orders[0]._create_invoices()
            invoice.action_post()
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({}).action_create_payments()
        self.freeze(raffle)
        self.assertEqual(raffle.list_count, 1)
        self.assertEqual(raffle.exclusion_ids.mapped("reason"), ["unpaid"])
        self.assertEqual(raffle.exclusion_ids.member_id, self.member_2)

    def test_who_became_staff_is_left_out_at_the_closing_and_gets_the_points_back(self):
        """abuse 23; the points go back to the lots they came from."""
        self.open()
        self.buy(3)
        self.buy(3, self.member_2)
        new_test_user(self.env, "raffle_ben", groups="base.group_user", partner_id=self.partner_2.id)
        self.freeze()
        self.assertEqual(set(self.raffle.exclusion_ids.mapped("reason")), {"staff"})
        self.assertEqual((self.raffle.list_count, self.member_2.points, self.member.points), (3, 1000, 970))
        self.assertEqual(self.raffle.step_ids[-1:]._read_content()["left_out"], {"staff": 3})
        self.assertInvariantsHold()

    def test_a_sale_asks_nothing_more_where_no_raffle_earns(self):
        self.env["club.raffle"]._get_earning_clubs()
        events = self.env["club.event"].sudo()._record([{"member_id": self.member.id, "type": "visit", "key": "q,1"}])
        events.mapped("processed_at")
        with self.assertQueryCount(0):
            self.assertFalse(self.env["club.raffle"]._get_earning_clubs())
