"""A manager runs a win-back campaign with a control group, and reads what it brought, in a browser (Done when)."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAManagerWinsMembersBack(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        company = cls.env["res.company"].create({"name": "Tour Campaigns"})
        cls.club = cls.env["club.club"].create(
            {
                "name": "Campaign Club",
                "company_id": company.id,
                "tz": "UTC",
                "quiet_from": 0,
                "quiet_to": 0,
                "expiry_policy": "never",
            }
        )
        partners = cls.env["res.partner"].create(
            [{"name": f"Silent {number}", "email": f"silent{number}@example.com"} for number in range(150)]
        )
        cls.members = cls.club._enrol(partners)
        cls.members.write({"consent_marketing": True})
        cls.buy(cls.members, timedelta(days=80), "before")
        cls.manager = new_test_user(
            cls.env,
            "campaign_tour_manager",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    @classmethod
    def buy(cls, members, ago, key):
        cls.env["club.event"].sudo()._record(
            [
                {
                    "member_id": member.id,
                    "type": "purchase",
                    "amount": 50,
                    "key": f"tour:{member.id}:{key}",
                    "occurred_at": fields.Datetime.now() - ago,
                }
                for member in members
            ]
        )

    def test_a_win_back_campaign_from_the_idea_to_its_result(self):
        self.start_tour("/odoo/customer-club", "club_campaign_win_back", login="campaign_tour_manager", timeout=120)
        campaign = self.env["club.campaign"].search([("club_id", "=", self.club.id)])
        self.assertEqual((campaign.state, campaign.trigger, campaign.goal), ("running", "win_back", "Ten more buyers"))
        targets = campaign.target_ids
        self.assertEqual(len(targets), 150)
        treated = targets.filtered(lambda target: target.arm == "treated")
        self.assertEqual(treated.mapped("state"), ["sent"] * len(treated))
        self.assertEqual(set(treated.member_id.mapped("points")), {50})

        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_campaign SET date_from = date_from - 60, date_to = date_to - 60 WHERE id = %s", (campaign.id,)
        )
        for column in ("starts_at", "ends_at", "sent_at"):
            self.env.cr.execute(
                f"UPDATE club_campaign_target SET {column} = {column} - interval '60 days' WHERE campaign_id = %s",
                (campaign.id,),
            )
        self.env.invalidate_all()
        self.buy(treated.member_id[: len(treated) // 2], timedelta(days=58), "after")
        for _time in range(2):
            campaign.action_run_now()
        self.env.flush_all()
        self.assertEqual((campaign.state, campaign.result["verdict"]), ("done", "better"))
        self.start_tour("/odoo/customer-club", "club_campaign_result", login="campaign_tour_manager", timeout=120)
        campaign.invalidate_recordset()
        self.assertTrue(campaign.read_at)
