"""Twenty workers on one campaign send once, and give once."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import mute_logger

THREADS = 20
SPAN = ("2000-01-01 00:00:00", "2100-01-01 00:00:00")


@tagged("post_install", "-at_install")
class TestSendingTogether(CommittedClubCase):
    """abuse 22; never 6 and 19."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_campaigns)  # runs before the club is removed

    @classmethod
    def _clean_campaigns(cls):
        of_club = "campaign_id IN (SELECT id FROM club_campaign WHERE club_id = %s)"
        with cls.registry.cursor() as cr:
            for query in (
                "DELETE FROM mail_message WHERE model = 'club.campaign.target' AND res_id IN"
                f" (SELECT id FROM club_campaign_target WHERE {of_club})",
                f"DELETE FROM club_campaign_target WHERE {of_club}",
                "DELETE FROM mail_message WHERE model = 'club.campaign' AND res_id IN"
                " (SELECT id FROM club_campaign WHERE club_id = %s)",
                "DELETE FROM link_tracker WHERE id IN (SELECT link_id FROM club_campaign WHERE club_id = %s)",
                "DELETE FROM club_campaign WHERE club_id = %s",
            ):
                cr.execute(query, (cls.ids["club"],))
            cr.execute("DELETE FROM club_consent WHERE member_id = ANY(%s)", (cls.member_ids,))
            cr.execute("DELETE FROM utm_campaign WHERE title->>'en_US' = 'Together'")

    def setUp(self):
        super().setUp()
        for target, name, value in (
            (service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 60),
            (service_model.time, "sleep", lambda _seconds: None),
        ):
            patcher = patch.object(target, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def make(self, env, **values):
        members = env["club.member"].browse(self.member_ids)
        env["club.club"].browse(self.ids["club"]).write({"quiet_from": 0, "quiet_to": 0, "campaign_limit": 0})
        for member in members:
            member.partner_id.email = f"together{member.id}@example.com"
        members.filtered(lambda member: not member.consent_marketing).write({"consent_marketing": True})
        campaign = env["club.campaign"].create(
            {
                "club_id": self.ids["club"],
                "name": "Together",
                "control_share": 0,
                "date_to": fields.Date.today() + timedelta(days=3),
                "action": "points",
                "points": 50,
                **values,
            }
        )
        campaign.action_schedule()
        return campaign.id

    def read(self, campaign_id):
        def look(env):
            targets = env["club.campaign.target"].search([("campaign_id", "=", campaign_id)])
            mails = env["mail.mail"].search([("model", "=", "club.campaign.target"), ("res_id", "in", targets.ids)])
            return sorted(targets.mapped("state")), len(mails)

        return self.in_transaction(look)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_twenty_who_send_the_same_campaign_at_once_send_each_message_once(self):
        before = self.balances(*self.member_ids)
        campaign_id = self.in_transaction(self.make)
        results, _seconds = self.in_threads(
            [lambda env: env["club.campaign"].browse(campaign_id)._take_steps(limit=100)] * THREADS
        )
        self.assertFalse([result for result in results if isinstance(result, Exception)], results)
        self.assertEqual(self.read(campaign_id), (["sent"] * 4, 4))
        after = self.balances(*self.member_ids)
        self.assertEqual([now - then for now, then in zip(after, before, strict=True)], [50] * 4)
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_twenty_at_once_never_give_more_than_the_budget(self):
        before = self.balances(*self.member_ids)
        campaign_id = self.in_transaction(lambda env: self.make(env, budget_points=120))
        self.in_threads([lambda env: env["club.campaign"].browse(campaign_id)._take_steps(limit=1)] * THREADS)
        after = self.balances(*self.member_ids)
        self.assertEqual(sorted(now - then for now, then in zip(after, before, strict=True)), [0, 0, 50, 50])
        self.assertEqual(self.read(campaign_id)[1], 2)
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_campaigns_at_once_never_give_more_than_the_clubs_budget(self):
        """Each campaign is locked for itself, and they reach different members: only the budget is theirs together
        (abuse 22).
        """
        before = self.balances(*self.member_ids)

        def begin(env):
            ids = []
            for member in self.member_ids:
                campaign = env["club.campaign"].browse(self.make(env))
                campaign._begin()
                campaign._choose([(member, "once")])
                campaign._keep(enrolled_at=fields.Datetime.now())
                ids.append(campaign.id)
            given = env["club.club"]._read_points_given(self.ids["club"], *SPAN)
            env["club.club"].browse(self.ids["club"]).write(
                {"budget_points": float(given) + 120, "budget_period": "year"}
            )
            return ids

        ids = self.in_transaction(begin)
        results, _seconds = self.in_threads(
            [lambda env, id=id: env["club.campaign"].browse(id)._take_steps(limit=100) for id in ids] * 5
        )
        self.in_transaction(lambda env: env["club.club"].browse(self.ids["club"]).write({"budget_points": 0}))
        self.assertFalse([result for result in results if isinstance(result, Exception)], results)
        given = [now - then for now, then in zip(self.balances(*self.member_ids), before, strict=True)]
        self.assertEqual(sorted(given), [0, 0, 50, 50])
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_worker_that_dies_after_sending_has_sent_nothing_twice(self):
        """The mark and the message are one transaction: what was rolled back was never sent."""
        campaign_id = self.in_transaction(self.make)

        def die(env):
            env["club.campaign"].browse(campaign_id)._take_steps(limit=100)
            env.cr.flush()
            raise RuntimeError("the power went")

        with self.assertRaisesRegex(RuntimeError, "power"):
            self.in_transaction(die)
        self.assertEqual(self.read(campaign_id), ([], 0))
        for _time in range(2):
            self.in_transaction(lambda env: env["club.campaign"].browse(campaign_id)._take_steps(limit=100))
        self.assertEqual(self.read(campaign_id), (["sent"] * 4, 4))
        self.assertInvariantsHold()
