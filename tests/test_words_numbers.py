"""Numbers within sentences: whole, and as the reader writes them."""

from freezegun import freeze_time
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class NumbersInSentences(CampaignCase):
    def test_a_large_number_is_written_out(self):
        """Tiers that count rials are millions apart: 5e+06 is no number to a shopkeeper."""
        campaign = self.campaign(action="message", trigger="tier_near", trigger_distance=5_000_000)
        self.assertIn("at most 5,000,000 away", campaign.sentence)

    def test_a_number_loses_no_digit_and_gets_no_zero(self):
        show = self.env["club.club"]._show_number
        for value, shown in ((0, "0"), (2, "2"), (1.5, "1.5"), (12.25, "12.25"), (1_234_567.89, "1,234,567.89")):
            with self.subTest(value=value):
                self.assertEqual(show(value), shown)
        self.assertEqual(show(None), "")

    def test_decimals_are_the_readers(self):
        self.env["res.lang"]._activate_lang("de_DE")
        campaign = self.campaign(action="favourite", favourite_offer="discount", discount=12.5)
        self.assertIn("12.5", campaign.sentence)
        self.assertIn("12,5", campaign.with_context(lang="de_DE").sentence)

    def test_who_leaves_reads_every_point_that_is_lost(self):
        self.post(1_234_567, "many")
        wizard = self.env["club.leave.wizard"].create({"member_id": self.member.id})
        self.assertIn("1,234,567 Points", wizard.consequences)

    def test_the_day_until_which_points_are_kept_is_of_the_clubs_calendar(self):
        self.club.write({"leave_policy": "keep", "leave_keep_days": 30, "calendar": "jalali"})
        with freeze_time("2026-01-01 12:00:00"):
            wizard = self.env["club.leave.wizard"].create({"member_id": self.member.id})
            self.assertIn("until 1404-11-11", wizard.consequences)

    def test_thresholds_of_a_simulation_are_written_out(self):
        self.assertEqual(self.env["club.simulation.setup"]._number(5_000_000), "5,000,000")
