"""What one may change is not moved to where one may not: Odoo's record rules ask where a record was, not where it goes.

abuse 3 and 15, over RPC: a manager of one company gives points in another's club by a rule or a step that is moved
there; whoever composes a report of their own moves a block into everybody's.
"""

from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestNothingIsMovedToOthers(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.elsewhere = cls.env["club.club"].create({"name": "Elsewhere Club", "company_id": company.id})
        cls.both = cls.club.company_id | company
        cls.manager, cls.user = (
            new_test_user(
                cls.env,
                f"moving_{role}",
                groups=f"customer_club.group_club_{role}",
                company_id=cls.club.company_id.id,
                company_ids=[Command.set(cls.club.company_id.ids)],
            )
            for role in ("manager", "user")
        )
        cls.mine, cls.theirs = cls.earn_rule("visit", 10), cls.earn_rule("visit", 1, club_id=cls.elsewhere.id)

    def assertStays(self, record, person, name, goal):
        before = record[name]
        with self.assertRaises(AccessError):
            record.with_user(person).write({name: goal.id})
        self.env.invalidate_all()
        self.assertEqual(record[name], before)

    def test_a_rule_gives_nothing_in_another_companys_club(self):
        self.assertStays(self.mine, self.manager, "club_id", self.elsewhere)

    def test_a_tier_multiplies_nothing_in_another_companys_club(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Highest", "threshold": 70001})
        self.assertStays(tier, self.manager, "club_id", self.elsewhere)

    def test_a_rule_s_step_does_not_become_a_step_of_theirs(self):
        step = self.env["club.earn.rule.step"].create({"rule_id": self.mine.id, "from_amount": 0, "points": 1000})
        self.assertStays(step, self.manager, "rule_id", self.theirs)

    def test_a_condition_does_not_change_who_is_in_their_segment(self):
        mine, theirs = self.env["club.segment"].create(
            [{"name": "Segment", "club_id": club.id} for club in (self.club, self.elsewhere)]
        )
        line = self.env["club.segment.condition"].create({"segment_id": mine.id, "kind": "joined", "days": 30})
        self.assertStays(line, self.manager, "segment_id", theirs)

    def test_a_manager_of_both_moves_what_is_theirs(self):
        self.manager.company_ids = [Command.set(self.both.ids)]
        self.mine.with_user(self.manager).club_id = self.elsewhere
        self.assertEqual(self.mine.company_id, self.elsewhere.company_id)

    def test_a_block_of_ones_own_does_not_get_into_everybodys_report(self):
        shared = self.env["club.report"].create({"name": "Everybody's", "shared": True})
        own = (
            self.env["club.report"]
            .with_user(self.user)
            .create({"name": "Mine", "line_ids": [Command.create({"kind": "growth", "title": "Pay here"})]})
        )
        self.assertStays(own.sudo().line_ids, self.user, "report_id", shared)

    def test_a_report_of_ones_own_does_not_become_the_owners_letter(self):
        Report = self.env["club.report"].with_user(self.user)
        with self.assertRaises(AccessError):
            Report.create({"name": "Letter", "letter_club_id": self.club.id})
        with self.assertRaises(AccessError):
            Report.with_context(default_letter_club_id=self.club.id).create({"name": "Letter"})
        own = Report.create({"name": "Mine"})
        self.assertStays(own.sudo(), self.user, "letter_club_id", self.club)
        self.club.with_user(self.manager).letter_user_ids = self.manager
        letter = self.env["club.report"].search([("letter_club_id", "=", self.club.id)])
        self.assertEqual(letter.recipient_ids, self.manager)
