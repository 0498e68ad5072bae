"""The demo data can be loaded, holds the ledger's invariants, and comes once."""

import xml.etree.ElementTree as ElementTree
from unittest.mock import patch

from odoo.addons.customer_club.demo import florist, regulars
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.fields import Date, Datetime
from odoo.tests import tagged
from odoo.tools import file_path
from odoo.tools.convert import convert_file

SOME = [visit for visit in florist.VISITS if visit.who in ("customer", "grace", "dmitri")][:9]

#: Ways to earn that the demo data shows, purchases apart.
WAYS = {
    "join",
    "visit",
    "profile",
    "survey",
    "review",
    "feedback",
    "tier",
    "referral_join",
    "contest",
    "custom",
    "merchant_purchase",
}


@tagged("post_install", "-at_install")
class TestTheDemoData(ClubCase):
    def load(self):
        convert_file(self.env, "customer_club", "demo/club_demo.xml", {}, "init", noupdate=True)
        self.env.cr.flush()

    def find_left_over(self, club):
        """What the first night's jobs would still change: then a member would rise on the day the demo is opened."""
        today = Date.today()
        domain = [("club_id", "=", club.id)]
        return [
            *self.env["club.referral.purchase"].search([*domain, ("check_on", "<=", today)]),
            *self.env["club.earn.release"].search([*domain, ("done", "=", False), ("due_on", "<=", today)]),
            *self.env["club.point.lot"].search([*domain, ("state", "=", "pending"), ("available_on", "<=", today)]),
        ]

    def test_half_a_year_is_lived_through_once_and_leaves_a_sound_ledger(self):
        if self.env.ref("customer_club.demo_club", raise_if_not_found=False):
            self.skipTest("this database has the demo data already")
        with (
            patch.object(florist, "VISITS", SOME),
            patch.object(florist, "RETURNS", ((8, 139, "grace"),)),
            patch.multiple(regulars, COUNT=30, SILENT=20),
        ):
            self.load()
            club = self.env.ref("customer_club.demo_club")
            entries = self.env["club.point.entry"].search([("club_id", "=", club.id)])
            self.assertTrue({"earn", "open", "spend", "reverse"} <= set(entries.mapped("kind")))
            self.assertEqual(entries.filtered(lambda entry: entry.date > Datetime.now()), entries.browse())
            earned = entries.filtered(lambda entry: entry.kind == "earn")
            self.assertFalse(WAYS - set(earned.event_id.mapped("type")), "the demo shows each of these ways")
            oldest = min(entries.mapped("date"))
            self.assertLess(oldest, Datetime.subtract(Datetime.now(), days=150))
            self.assertLess(club.member_ids.filtered(lambda m: m.partner_id.name == "Grace Kim").points, 0)
            self.assertInvariantsHold()
            self.check_marketing(club)
            self.load()
            self.assertFalse(self.find_left_over(club), "the nights were lived through too")
        self.assertEqual(
            self.env["club.club"].search_count([("name", "=", "Rose Club"), ("id", "!=", self.club.id)]), 1
        )
        self.assertEqual(self.env["club.point.entry"].search([("club_id", "=", club.id)]), entries)

    def check_marketing(self, club):
        """The members are known: segments, campaigns, stages, banners, a simulation, a budget, a report."""
        ours = [("club_id", "=", club.id)]
        win_back = self.env.ref("customer_club.demo_campaign_win_back")
        welcome = self.env.ref("customer_club.demo_campaign_welcome")
        norooz = self.env.ref("customer_club.demo_campaign_norooz")
        self.assertEqual([win_back.state, welcome.state, norooz.state], ["done", "running", "draft"])
        arms = win_back.sudo().target_ids.grouped("arm")
        self.assertTrue(arms["treated"] and arms["control"], "both arms have members")
        self.assertEqual(set(arms["treated"].mapped("state")), {"sent"})
        self.assertGreater(win_back.result["points"], 0)
        self.assertFalse(
            self.env["mail.mail"]
            .sudo()
            .search_count([("model", "=", "club.campaign.target"), ("state", "=", "outgoing")]),
            "what was sent half a year ago does not go out today",
        )
        segments = self.env["club.segment"].search(ours)
        self.assertEqual(segments.mapped("kind").count("static"), 1)
        self.assertTrue(all(segment.membership_ids for segment in segments))
        self.assertGreater(len(set(self.env["club.stage.change"].search(ours).mapped("date"))), 10)
        for banner in self.env["club.banner"].search(ours):
            self.assertGreater(banner.view_count, banner.click_count)
            self.assertTrue(banner.click_count)
        simulation = self.env.ref("customer_club.demo_simulation_year")
        self.assertEqual(len(simulation.setup_ids.filtered("result")), 2)
        self.assertGreater(len(self.env["club.budget"].search([*ours, ("used", ">", 0)])), 5)
        report = self.env.ref("customer_club.demo_report_monday")
        page = self.env["club.report.page"].create(report._prepare_page_values())
        self.assertEqual(len(page._make_tables()), 5)

    def test_everybody_who_comes_is_a_contact_of_the_demo_data(self):
        tree = ElementTree.parse(file_path("customer_club/demo/club_demo.xml"))  # noqa: S314 - our own file
        contacts = {record.get("id") for record in tree.iter("record")}
        people = {visit.who for visit in florist.VISITS} | set(florist.JOINED)
        self.assertEqual({f"demo_partner_{who}" for who in people} - contacts, set())
