"""Two contacts become one, and so do their cards (never.md 13)."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMerge(ClubCase):
    """Nothing is lost and nothing doubles when contacts are merged."""

    def merge(self, dst, *src):
        partners = dst.union(*src)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(partners.ids, dst)

    def test_points_come_together_lot_by_lot(self):
        self.post(100, "m:1", expires_on="2099-01-01")
        self.post(30, "m:2", expires_on="2098-01-01")
        self.post(20, "m:3", member=self.member_2)
        self.post(7, "m:4", pending=True)
        self.merge(self.partner_2, self.partner)
        self.assertEqual(self.member_2.points, 150)
        self.assertEqual(self.member_2.points_pending, 7)
        self.assertEqual(self.member.points, 0)
        lots = self.env["club.point.lot"].search([("member_id", "=", self.member_2.id), ("state", "=", "open")])
        self.assertEqual(
            sorted((str(lot.expires_on), lot.remaining) for lot in lots if lot.expires_on),
            [("2098-01-01", 30), ("2099-01-01", 100)],
        )
        self.assertEqual(
            (self.member.state, self.member.active, self.member.merged_into_id), ("merged", False, self.member_2)
        )
        self.assertFalse(self.member.card_id.active)
        self.assertEqual(self.club._get_member(self.partner_2), self.member_2)
        self.assertInvariantsHold()

    def test_a_debt_is_not_laundered(self):
        entry = self.post(50, "m:1")
        self.post(-50, "m:2")
        entry._reverse()
        self.post(80, "m:3", member=self.member_2)
        self.merge(self.partner_2, self.partner)
        self.assertEqual(self.member_2.points, 30)
        self.assertInvariantsHold()

    def test_only_the_vanishing_contact_is_a_member(self):
        stranger = self.env["res.partner"].create({"name": "Anna Smith"})
        self.post(40, "m:1")
        self.merge(stranger, self.partner)
        self.assertEqual(self.club._get_member(stranger), self.member)
        self.assertEqual(self.member.card_id.partner_id, stranger)
        self.assertEqual(self.member.points, 40)
        self.assertInvariantsHold()

    def test_two_vanishing_members_and_a_stranger(self):
        stranger = self.env["res.partner"].create({"name": "Everybody"})
        self.post(10, "m:1")
        self.post(15, "m:2", member=self.member_2)
        self.merge(stranger, self.partner, self.partner_2)
        member = self.club._get_member(stranger)
        self.assertEqual(member.points, 25)
        self.assertEqual(len(self.env["club.member"].search([("partner_id", "=", stranger.id)])), 1)
        self.assertInvariantsHold()

    def test_the_better_tier_the_older_day_and_the_occasions_stay(self):
        self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Bronze", "threshold": 0},
                {"club_id": self.club.id, "name": "Gold", "threshold": 100},
            ]
        )
        self.club.action_review_tiers()
        self.post(100, "m:1")
        self.env.cr.flush()
        self.assertEqual(self.member.tier_id.name, "Gold")
        self.member.sudo().joined_at = "2020-05-05 10:00:00"
        self.env["club.occasion"].create(
            [
                {"member_id": self.member.id, "kind": "birthday", "month": 5, "day": 5},
                {"member_id": self.member.id, "kind": "relative", "name": "Sam", "month": 6, "day": 6},
                {"member_id": self.member_2.id, "kind": "birthday", "month": 7, "day": 7},
            ]
        )
        self.merge(self.partner_2, self.partner)
        self.assertEqual(self.member_2.tier_id.name, "Gold")
        self.assertEqual(self.member_2.tier_history_ids.sorted("id")[-1].reason, "merge")
        self.assertEqual(str(self.member_2.joined_at), "2020-05-05 10:00:00")
        self.assertEqual(
            sorted(self.member_2.occasion_ids.mapped(lambda o: (o.kind, o.month))), [("birthday", 7), ("relative", 6)]
        )
        self.assertEqual(
            self.club._get_tier_measures(self.member_2)[self.member_2.id], 100, "what Anna earned counts on"
        )

    def test_merging_twice_keeps_one_member(self):
        third = self.env["res.partner"].create({"name": "Third"})
        last = self.club._enrol(third)
        for number, member in enumerate((self.member, self.member_2, last), 1):
            self.post(number, f"m:{number}", member=member)
        self.merge(self.partner_2, self.partner)
        self.merge(third, self.partner_2)
        self.assertEqual(last.points, 6)
        self.assertEqual(self.member.merged_into_id, last)
        self.assertInvariantsHold()

    def test_who_left_and_who_stayed(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30})
        self.post(10, "m:1")
        self.post(5, "m:2", member=self.member_2)
        self.member_2._leave()
        self.merge(self.partner_2, self.partner)
        member = self.club._get_member(self.partner_2)
        self.assertEqual(member, self.member, "the active membership goes on")
        self.assertEqual(member.points, 15)
        self.assertInvariantsHold()

    def test_members_of_different_clubs_both_stay(self):
        other = self.env["club.club"].create({"name": "Other"})
        theirs = other._enrol(self.partner_2)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner
        )
        self.assertEqual(other._get_member(self.partner), theirs)
        self.assertEqual(theirs.state, "active")
        self.assertEqual(self.club._get_member(self.partner), self.member)
