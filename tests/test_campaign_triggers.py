"""Campaigns that begin when something happens to a member: each trigger, once for each time."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.tests import tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestCampaignTriggers(CampaignCase):
    def chosen(self, campaign):
        return self.targets(campaign).member_id

    def test_who_was_silent_is_won_back_once_for_each_silence(self):
        self.buy(self.member, days_ago=70)
        self.buy(self.member_2, days_ago=70)
        self.buy(self.member_2, days_ago=10)
        campaign = self.campaign(trigger="win_back", trigger_days=60)
        self.run_campaign(campaign, times=2)
        self.assertEqual(self.chosen(campaign), self.member)
        self.assertEqual(len(self.targets(campaign)), 1)
        self.buy(self.member, days_ago=62, key="later")
        self.work_on(campaign)
        rows = self.targets(campaign)
        self.assertEqual(len(rows), 2, "a new silence is a new time")
        self.assertEqual(rows.mapped("is_first"), [True, False], "but the member counts once")
        self.assertEqual(len(set(rows.mapped("arm"))), 1, "and stays in its arm")

    def test_returned_purchases_do_not_begin_a_silence(self):
        self.assertFalse(self.chosen(self._ran(trigger="win_back", trigger_days=60)))

    def _ran(self, **values):
        campaign = self.campaign(**values)
        self.run_campaign(campaign)
        return campaign

    def test_unused_points_are_remembered(self):
        self.post(200, "rich")
        self.post(200, "spender", member=self.member_2)
        self.post(-50, "spent", member=self.member_2)
        campaign = self._ran(trigger="unused", trigger_points=100, trigger_days=30)
        self.assertEqual(self.chosen(campaign), self.member)

    def test_points_about_to_expire_are_told_before(self):
        today = self.club._get_today()
        self.post(200, "soon", expires_on=today + timedelta(days=5))
        self.post(200, "late", member=self.member_2, expires_on=today + timedelta(days=50))
        self.post(20, "few", member=self.members[3], expires_on=today + timedelta(days=5))
        campaign = self._ran(trigger="expiring", trigger_points=100, trigger_days=14, body="{expiring} of {points}")
        self.assertEqual(self.chosen(campaign), self.member)
        self.assertEqual(self.targets(campaign).words, "200 Points of 200 Points")

    def test_a_tier_within_reach_is_told_once(self):
        self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Bud", "threshold": 0, "sequence": 1},
                {"club_id": self.club.id, "name": "Bloom", "threshold": 100, "sequence": 2},
            ]
        )
        self.post(80, "near")
        self.post(10, "far", member=self.member_2)
        campaign = self._ran(trigger="tier_near", trigger_distance=30, body="{next_tier}")
        self.assertEqual(self.chosen(campaign), self.member)
        self.assertEqual(self.targets(campaign).words, "Bloom")
        self.work_on(campaign)
        self.assertEqual(len(self.targets(campaign)), 1)

    def test_an_occasion_is_thought_of_in_time_and_once_a_year(self):
        day = self.club._get_today() + timedelta(days=7)
        occasion = self.env["club.occasion"].create(
            {"member_id": self.member.id, "kind": "birthday", "month": day.month, "day": day.day}
        )
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE club_occasion SET effective_from = '2020-01-01' WHERE id = %s RETURNING id", occasion.id)
        )
        self.env.invalidate_all()
        campaign = self._ran(trigger="occasion", trigger_days=7, occasion_kind="birthday")
        self.assertEqual(self.chosen(campaign), self.member)
        self.work_on(campaign)
        self.assertEqual(len(self.targets(campaign)), 1)
        self.assertFalse(self.chosen(self._ran(trigger="occasion", trigger_days=7, occasion_kind="anniversary")))

    def test_who_joins_is_welcomed_and_who_was_there_before_is_not(self):
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE club_member SET joined_at = joined_at - interval '90 days' WHERE id = ANY(%s) RETURNING id",
                (self.members - self.member).ids,
            )
        )
        self.env.invalidate_all()
        campaign = self._ran(trigger="welcome", trigger_days=0)
        self.assertEqual(self.chosen(campaign), self.member)
        new = self.club._enrol(self.env["res.partner"].create({"name": "New", "email": "new@example.com"}))
        new.consent_marketing = True
        self.work_on(campaign)
        self.assertEqual(self.chosen(campaign), self.member | new)

    def test_nobody_comes_in_after_the_last_day(self):
        campaign = self.campaign(trigger="welcome", trigger_days=0)
        self.run_campaign(campaign)
        self.let_days_pass(campaign, 8)
        self.work_on(campaign)
        count = len(self.targets(campaign))
        self.assertEqual(campaign.state, "measuring")
        self.club._enrol(self.env["res.partner"].create({"name": "Late", "email": "late@example.com"}))
        self.work_on(campaign)
        self.assertEqual(len(self.targets(campaign)), count)

    def test_accounts_and_who_left_are_no_members_to_write_to(self):
        self.member._leave()
        campaign = self._ran()
        self.assertNotIn(self.member, self.chosen(campaign))
        self.assertEqual(set(self.chosen(campaign).mapped("state")), {"active"})

    def test_a_campaign_of_tomorrow_does_nothing_today(self):
        tomorrow = fields.Date.today() + timedelta(days=2)
        campaign = self.campaign(date_from=tomorrow, date_to=tomorrow)
        self.run_campaign(campaign)
        self.assertEqual((campaign.state, len(self.targets(campaign))), ("scheduled", 0))
        with self.jobs_in_test():
            self.env["club.campaign"]._cron_run()
        self.assertEqual(campaign.state, "scheduled")

    def test_choosing_costs_the_same_queries_for_two_and_for_twenty(self):
        self.env.flush_all()
        counts = []
        for few in (True, False):
            domain = f"[('id', 'in', {self.members[:2].ids})]" if few else "[]"
            segment = self.env["club.segment"].create({"club_id": self.club.id, "name": f"{few}", "domain": domain})
            campaign = self.campaign(segment_id=segment.id, action="points", points=5, channel="portal").sudo()
            campaign.action_schedule()
            campaign._begin()
            before = self.env.cr.sql_log_count
            campaign._choose(campaign._lock_candidates(1000, ()))
            campaign._send(campaign._lock_due(1000, ()))
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3, counts)
