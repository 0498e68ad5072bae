"""The block of campaigns: how far they came, and no word of what they brought before its time."""

from odoo import fields
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCampaigns(CampaignCase):
    def read(self, comparison=None):
        self.env.flush_all()
        today = fields.Date.today()
        period = reporting.Period(fields.Date.subtract(today, days=40), today)
        return self.env["club.report.block.campaigns"]._make_table(self.club, period, comparison)

    def test_both_arms_are_counted_and_told_apart_only_when_it_is_over(self):
        campaign = self.campaign(control_share=50)
        targets = self.run_campaign(campaign, times=2)
        sent = len(targets.filtered(lambda target: target.state == "sent"))
        self.assertTrue(sent)
        [row] = self.read().rows
        self.assertEqual((row["sent"], row["control"], row["skipped"]), (sent, len(self.members) - sent, 0))
        self.assertEqual((row["treated_share"], row["control_share"], row["cost"]), (None, None, None))
        for target in targets.filtered(lambda target: target.arm == "treated")[:2]:
            self.buy(target.member_id)
        self.let_days_pass(campaign, 30)
        for _time in range(3):
            self.work_on(campaign)
        self.assertEqual(campaign.state, "done")
        [row] = self.read().rows
        self.assertEqual(row["outcome"], campaign._say_outcome())
        treated = campaign.result["treated"]
        self.assertAlmostEqual(float(row["treated_share"]), treated["reached"] / treated["members"], 5)

    def test_a_campaign_of_another_time_is_not_in_it(self):
        campaign = self.campaign()
        self.run_campaign(campaign, times=2)
        self.let_days_pass(campaign, 60)
        self.assertFalse(self.read().rows)
