"""A small club whose members may be written to, and help to let time pass."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tools import SQL


class CampaignCase(ClubCase):
    """Twenty members who agreed to marketing messages; no quiet hours, no limit of messages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"quiet_from": 0, "quiet_to": 0, "campaign_limit": 0})
        partners = cls.env["res.partner"].create(
            [{"name": f"Member {number}", "email": f"member{number}@example.com"} for number in range(18)]
        )
        cls.members = cls.member | cls.member_2 | cls.club._enrol(partners)
        cls.members.write({"consent_marketing": True})

    @classmethod
    def campaign(cls, **values):
        today = fields.Date.today()
        return cls.env["club.campaign"].create(
            {
                "club_id": cls.club.id,
                "name": "Spring",
                "subject": "Dear {name}",
                "body": "Hello {name}: {offer}",
                "control_share": 0,
                "date_from": today,
                "date_to": today + timedelta(days=5),
                "member_days": 10,
                **values,
            }
        )

    def run_campaign(self, campaign, times=1):
        if campaign.state == "draft":
            campaign.action_schedule()
        for _time in range(times):
            self.work_on(campaign)
        return self.targets(campaign)

    def work_on(self, campaign):
        with self.jobs_in_test():
            campaign._take_steps()
        self.env.flush_all()
        self.env.invalidate_all()

    def targets(self, campaign, **values):
        domain = [("campaign_id", "=", campaign.id), *((name, "=", value) for name, value in values.items())]
        return self.env["club.campaign.target"].search(domain, order="id")

    def mails(self, campaign):
        return self.env["mail.mail"].search(
            [("model", "=", "club.campaign.target"), ("res_id", "in", self.targets(campaign).ids)], order="id"
        )

    def let_days_pass(self, campaign, days):
        """Days pass for a campaign: its dates and those of its rows are moved back; nobody can write them otherwise."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE club_campaign SET date_from = date_from - %s, date_to = date_to - %s"
                " WHERE id = %s RETURNING id",
                days,
                days,
                campaign.id,
            )
        )
        back = timedelta(days=days)
        self.env.execute_query(
            SQL(
                "UPDATE club_campaign_target SET starts_at = starts_at - %s, ends_at = ends_at - %s,"
                " sent_at = sent_at - %s, due_at = due_at - %s WHERE campaign_id = %s RETURNING id",
                back,
                back,
                back,
                back,
                campaign.id,
            )
        )
        self.env.invalidate_all()

    def buy(self, member, amount=50, days_ago=0, key=""):
        """The fact of a purchase, so many days ago."""
        return self.env["club.event"]._report(
            [
                {
                    "member_id": member.id,
                    "type": "purchase",
                    "amount": amount,
                    "occurred_at": fields.Datetime.now() - timedelta(days=days_ago, seconds=-1 if not days_ago else 0),
                    "key": f"test:{member.id}:{amount}:{days_ago}:{key}",
                }
            ]
        )
