"""Merged contacts, erased persons, members who leave, two companies, the owner's report."""

from unittest.mock import patch

from odoo.addons.customer_club.tests.referral_common import ReferralCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMerge(ReferralCase):
    """never 13."""

    def merge(self, *partners):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({"state": "option"})
        wizard._merge([partner.id for partner in partners], partners[0])
        self.env.invalidate_all()

    def test_friends_go_with_the_member_who_brought_them(self):
        referral = self.join(member=self.member_2)
        self.merge(self.partner, self.partner_2)
        self.assertEqual((referral.referrer_id, referral.state), (self.member, "joined"))
        self.assertEqual(self.member.points, 50)
        self.assertInvariantsHold()

    def test_the_referrer_goes_with_the_friend(self):
        referral = self.join()
        friend_partner = referral.friend_id.partner_id
        heir = self.club._enrol(self.make_partner("Rosa Heir", email="heir@example.org"))
        self.merge(heir.partner_id, friend_partner)
        self.assertEqual((referral.friend_id, referral.state), (heir, "joined"))
        self.assertEqual(heir.referred_by_id, self.member)

    def test_a_friend_who_was_brought_twice_counts_for_the_first(self):
        """never 20."""
        first = self.join()
        second = self.join(self.make_partner("Rosa Two", email="two@example.org"), self.member_2)
        self.merge(first.friend_id.partner_id, second.friend_id.partner_id)
        self.assertEqual((first.state, second.state, second.reason_codes), ("joined", "rejected", "twice"))
        self.assertEqual(second.friend_id, first.friend_id)
        self.assertEarned(50, "referral_join")
        self.assertEarned(0, "referral_join", self.member_2)
        self.assertInvariantsHold()

    def test_who_turns_out_to_have_brought_oneself_gives_it_back(self):
        """never 20."""
        self.join_rule.referral_side = "both"
        referral = self.join()
        self.merge(self.partner, referral.friend_id.partner_id)
        self.assertEqual((referral.state, referral.reason_codes), ("rejected", "oneself"))
        self.assertEqual(self.member.points, 0)
        self.assertInvariantsHold()

    def test_a_friend_still_earns_for_the_member_after_a_merge(self):
        self.earn_rule("referral_purchase", 7)
        referral = self.join()
        order, _invoice = self.buy(referral.friend_id.partner_id)
        heir = self.club._enrol(self.make_partner("Rosa Heir", email="heir@example.org"))
        self.merge(heir.partner_id, referral.friend_id.partner_id)
        self.buy(heir.partner_id)
        self.run_jobs()
        self.assertEarned(14, "referral_purchase")


@tagged("post_install", "-at_install")
class TestLeavingAndErasure(ReferralCase):
    def test_an_erased_member_has_neither_link_nor_name(self):
        code, tracker = self.member.sudo().referral_code, self.member.sudo().referral_tracker_id
        referral = self.join()
        self.member._erase("Asked")
        self.env.flush_all()
        self.assertFalse(tracker.exists())
        self.assertFalse(self.env["link.tracker.code"].search([("code", "=", code)]))
        self.assertFalse(self.member.sudo().referral_code)
        self.assertNotIn("Anna", referral.display_name)
        self.assertInvariantsHold()

    def test_an_erased_friend_has_no_name_and_no_browser(self):
        referral = self.join(device="browser-1")
        referral.friend_id._erase("Asked")
        self.env.invalidate_all()
        self.assertFalse(referral.sudo().device)
        self.assertEqual(referral._get_friend_name(), "A friend")
        self.assertEqual(self.member._get_referral_rows()[0][0]["name"], "A friend")
        self.assertNotIn("Rosa", referral.display_name)
        self.assertEarned(50, "referral_join")

    def test_an_erased_persons_open_visit_is_deleted(self):
        partner = self.make_partner()
        friend = self.env["club.club"].create({"name": "Second Club", "tz": "UTC"})._enrol(partner)
        touch = self.Referral._read_touches(self.club, {"touches": [self.touch()]})[0]
        visit = self.Referral._note_visit(self.club, touch, partner=partner)
        friend._erase("Asked")
        self.assertTrue(visit.exists(), "of another club, whose visit it is not")
        self.club._enrol(partner)._erase("Asked")
        self.assertFalse(visit.exists())

    def test_what_a_friend_buys_counts_after_the_friend_has_left(self):
        """The purchase was made as a member; who leaves later has bought all the same."""
        self.earn_rule("referral_purchase", 7, referral_side="both")
        referral = self.join()
        self.buy(referral.friend_id.partner_id)
        referral.friend_id._leave()
        self.run_jobs()
        self.assertEarned(7, "referral_purchase")
        self.assertEarned(0, "referral_purchase", referral.friend_id)

    def test_the_members_own_data_say_what_the_link_brought(self):
        self.join()
        data = self.member._get_personal_data()["friends"]
        self.assertEqual((data["joined"], data["earned"]), (1, 50))
        self.assertTrue(data["link"].endswith(self.member.sudo().referral_code))
        self.assertNotIn("Rosa", str(data))

    def test_nowhere_does_the_member_read_what_a_friend_paid(self):
        """abuse.md 15 and 25: neither in the own data nor by a call."""
        self.earn_rule("referral_purchase", 7)
        self.buy(self.join().friend_id.partner_id, 123.45)
        self.run_jobs()
        self.assertEarned(7, "referral_purchase")
        facts = self.member._get_personal_data()["facts"]
        [bought] = [fact for fact in facts if fact["what"] == "referral_purchase"]
        self.assertEqual((bought["amount"], bought["when"]), (0, "2026-05-04"))
        self.assertNotIn("123.45", str(facts))
        portal = new_test_user(self.env, "club_anna", "base.group_portal")
        portal.partner_id = self.partner
        types = self.env["club.event"].with_user(portal).search([]).mapped("type")
        self.assertIn("referral_join", types)
        self.assertNotIn("referral_purchase", types)
        entries = self.env["club.point.entry"].with_user(portal).search_read([], ["points", "event_id"])
        self.assertEqual(sum(entry["points"] for entry in entries), 57)


@tagged("post_install", "-at_install")
class TestReport(ReferralCase):
    def read(self, *names):
        self.env.flush_all()
        [row] = self.env["club.referral.report"]._read_group(
            [("club_id", "=", self.club.id)], [], [f"{name}:sum" for name in names]
        )
        return tuple(float(value or 0) for value in row)

    def test_every_figure_is_a_plain_sum(self):
        self.earn_rule("referral_click", 3)
        self.earn_rule("referral_purchase", 7, referral_side="both")
        self.club.referral_joins_day = 2
        visits = self.env["club.referral.visit"]
        for number in range(3):
            visits._count(self.member, f"v{number}", f"d{number}")
        first = self.join()
        self.join(self.make_partner("Second X"))
        self.join(self.make_partner("Third X"))
        _order, invoice = self.buy(first.friend_id.partner_id, 50, 2)
        self.run_jobs()
        figures = ("visits", "joins", "held", "buyers", "revenue", "points")
        self.assertEqual(self.read(*figures), (3, 2, 1, 1, 100, 3 * 3 + 2 * 50 + 2 * 7))
        self.refund(invoice, 1)
        self.run_jobs()
        self.assertEqual(self.read(*figures), (3, 2, 1, 1, 50, 3 * 3 + 2 * 50 + 2 * 7))
        first.action_reject()
        self.assertEqual(self.read(*figures), (3, 1, 1, 0, 0, 3 * 3 + 50))

    def test_lines_lead_to_the_member_and_have_ids_of_their_own(self):
        self.join()
        self.env["club.referral.visit"]._count(self.member, "v", "d")
        rows = self.env["club.referral.report"].search([("club_id", "=", self.club.id)])
        self.assertEqual(len(rows), len(set(rows.ids)))
        self.assertEqual(rows.referrer_id, self.member)

    def test_managers_read_the_report_of_their_company_only(self):
        self.join()
        self.env.flush_all()
        company = self.env["res.company"].create({"name": "Other Ltd"})
        boss = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")
        other = new_test_user(
            self.env, "other_boss", "customer_club.group_club_manager", company_id=company.id, company_ids=company.ids
        )
        staff = new_test_user(self.env, "club_staff", "customer_club.group_club_user")
        Report, mine = self.env["club.referral.report"], [("club_id", "=", self.club.id)]
        self.assertTrue(Report.with_user(boss).search(mine))
        self.assertFalse(Report.with_user(other).search([("company_id", "=", self.club.company_id.id)]))
        with self.assertRaises(AccessError):
            Report.with_user(staff).search(mine)

    def test_the_member_form_says_who_brought_whom(self):
        referral = self.join()
        staff = new_test_user(self.env, "club_staff", "customer_club.group_club_user")
        member, friend = self.member.with_user(staff), referral.friend_id.with_user(staff)
        self.assertEqual((friend.referred_by_id, member.referral_count), (member, 1))
        self.assertEqual(member.referral_ids.friend_id, friend)
        self.assertTrue(member.referral_url)
        self.assertEqual(
            self.env["club.referral"].search(member.action_open_referrals()["domain"]), referral.with_env(self.env)
        )


@tagged("post_install", "-at_install")
class TestWhatItCosts(ReferralCase):
    def test_a_sale_asks_nothing_more_where_nobody_was_ever_brought(self):
        """never 16."""
        self.Referral.search([]).unlink()
        self.env.registry.clear_cache()
        self.assertFalse(self.Referral._has_any())
        Purchase = self.env.registry["club.referral.purchase"]
        with self.assertQueryCount(0):
            self.assertFalse(self.Referral._has_any())
        with patch.object(Purchase, "_notice") as notice:
            self.order(self.partner)
            notice.assert_not_called()
            self.join()
            self.order(self.partner)
            notice.assert_called()

    def test_noticing_a_sale_is_one_statement(self):
        self.join()
        order = self.order(self.partner)
        self.env.flush_all()
        Purchase = self.env["club.referral.purchase"]
        with self.assertQueryCount(1):
            Purchase._notice({"sale.order": order.ids, "account.move": []})

    def test_looking_at_many_purchases_costs_few_queries(self):
        self.earn_rule("referral_purchase", 7)
        friend = self.join().friend_id.partner_id
        def count(number):
            for _number in range(number):
                self.buy(friend)
            self.flush()
            rows = self.env["club.referral.purchase"].search([("check_on", "!=", False)])
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows._check()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        count(2)
        few, many = count(3), count(12)
        self.assertLess(many - few, 30, "the queries do not grow with every purchase")
