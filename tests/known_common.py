"""A club that knows its members: one record at least of every room that looks at them, named with given words."""

from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.blocks import BlockCase
from odoo.tests import new_test_user


class KnownCase(BlockCase):
    """Anna and Ben bought, were looked at, put in a segment, and simulated; all that has a name says :attr:`words`."""

    words = "Zyx"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.today = today
        company = cls.env.company
        cls.manager = new_test_user(
            cls.env,
            "known_manager",
            groups="customer_club.group_club_manager,customer_club.group_club_accountant,"
            "sales_team.group_sale_salesman_all_leads",
            email="known@example.com",
        )
        cls.club.write({"name": f"Club {cls.words}", "quiet_from": 0, "quiet_to": 0, "campaign_limit": 0})
        company.name = f"Company {cls.words}"
        cls.partner.write({"name": f"Anna {cls.words}"})
        cls.partner_2.write({"name": f"Ben {cls.words}"})
        cls.member.write({"nickname": f"A {cls.words}", "consent_marketing": True})
        cls.member_2.write({"consent_marketing": True})
        category = cls.env["product.category"].create({"name": f"Categ {cls.words}"})
        cls.product.write({"name": f"Roses {cls.words}", "categ_id": category.id})
        tiers = cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": f"Low {cls.words}", "threshold": 0},
                {"club_id": cls.club.id, "name": f"High {cls.words}", "threshold": 10},
            ]
        )
        rule = {"points": 1, "per_amount": 1, "formula": "per_amount", "name": f"Rule {cls.words}"}
        cls.rule = cls.earn_rule("purchase", **rule)
        cls.club._refresh_behaviour()  # before they bought: so their stages changed
        for partner in (cls.partner, cls.partner_2):
            for days in (200, 120, 60, 20, 3):
                cls.buy(partner, datetime.combine(today - timedelta(days=days), datetime.min.time()), 3)
        cls.env["club.event"]._report(
            [{"member_id": cls.member.id, "type": "visit", "occurred_at": fields.Datetime.now(), "key": "known:1"}]
        )
        cls.env.cr.flush()  # purchases are worked out before a commit
        cls.club.action_review_tiers()
        cls.segment = cls.env["club.segment"].create(
            {
                "club_id": cls.club.id,
                "name": f"Segment {cls.words}",
                "condition_ids": [Command.create({"kind": "joined", "days": 30})],
            }
        )
        cls.segment._keep_memberships()
        cls.club._refresh_behaviour()
        cls.campaign = cls.env["club.campaign"].create(
            {
                "club_id": cls.club.id,
                "name": f"Campaign {cls.words}",
                "subject": f"Subject {cls.words} {{name}}",
                "body": f"Body {cls.words} {{name}}",
                "segment_id": cls.segment.id,
                "control_share": 0,
                "date_from": today,
                "date_to": today + timedelta(days=5),
                "member_days": 10,
                "step_ids": [Command.create({"subject": f"Step {cls.words}", "body": f"Step {cls.words}"})],
            }
        )
        cls.banner = cls.env["club.banner"].create(
            {
                "club_id": cls.club.id,
                "title": f"Banner {cls.words}",
                "text": f"<p>Text {cls.words.replace('src=x', '')}</p>",  # pictures of other sites are refused at once
                "audience_segment_ids": [Command.set(cls.segment.ids)],
                "at_portal": True,
                "is_on": True,
            }
        )
        cls.simulation = cls.env["club.simulation"].create(
            {
                "club_id": cls.club.id,
                "name": f"Simulation {cls.words}",
                "source": "orders",
                "date_from": today - timedelta(days=300),
                "date_to": today,
            }
        )
        cls.simulation.setup_ids[0].name = f"Setup {cls.words}"
        cls.simulation.action_run()
        cls.club.write({"budget_kind": "share", "budget_share": 5})
        cls.env["club.budget"]._refresh(cls.club)
        kinds = list(cls.env["club.report.block"]._get_blocks())
        cls.report = cls.env["club.report"].create(
            {
                "name": f"Report {cls.words}",
                "description": cls.words,
                "shared": True,
                "club_ids": [Command.set(cls.club.ids)],
                "line_ids": [
                    Command.create({"kind": kind, "title": f"Title {cls.words}" if number % 2 else False})
                    for number, kind in enumerate(kinds)
                ],
            }
        )
        cls.tiers, cls.category = tiers, category
        cls.env.flush_all()
        cls.env.invalidate_all()

    def run_campaign(self):
        """The campaign writes its messages; also a page of its result."""
        self.campaign.action_schedule()
        with self.jobs_in_test():
            self.campaign._take_steps()
        self.campaign.action_read_result()
        return self.env["club.campaign.target"].search([("campaign_id", "=", self.campaign.id)])

    def page(self):
        """The report with every block, as a manager opens it."""
        values = self.report.with_user(self.manager)._prepare_page_values()
        first = self.today - timedelta(days=330)
        days = {"period_kind": "free", "date_from": first, "date_to": self.today}
        return self.env["club.report.page"].with_user(self.manager).create({**values, **days})

    def send_report(self):
        """A report that is to be sent to the manager, as the night plans it."""
        self.report.write({"schedule": "monthly", "recipient_ids": [Command.set(self.manager.ids)]})
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO club_report_sending (report_id, user_id, date_from, date_to, state)"
            " VALUES (%s, %s, %s, %s, 'planned') RETURNING id",
            [self.report.id, self.manager.id, self.today - timedelta(days=330), self.today],
        )
        return self.env["club.report.sending"].browse(self.env.cr.fetchone())
