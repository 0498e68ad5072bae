"""Segments: who meets saved conditions now (never 17: offers for a group of customers)."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestSegments(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls.env["club.segment"].create(
            {"name": "Annas", "club_id": cls.club.id, "domain": "[('partner_id.name', '=', 'Anna')]"}
        )

    def test_whoever_meets_the_conditions_belongs_to_it(self):
        self.assertEqual(self.segment.member_count, 1)
        self.assertEqual(self.segment._filter_members(self.member | self.member_2), self.member)
        self.partner_2.name = "Anna"
        self.assertEqual(self.segment._filter_members(self.member | self.member_2), self.member | self.member_2)

    def test_who_has_left_does_not_belong_to_it_where_a_list_shows_archived_records(self):
        self.segment.domain = "[]"
        self.member_2._leave()
        self.env.flush_all()
        shown = self.env["club.member"].with_context(active_test=False)
        self.assertEqual(shown.search([("segment_ids", "in", self.segment.ids)]), self.member)
        self.assertEqual(len(self.segment.with_context(active_test=False)._get_members()), 1)

    def test_members_of_another_club_never_belong_to_it(self):
        other = self.env["club.club"].create({"name": "Other"})._enrol(self.partner)
        self.assertFalse(self.segment._filter_members(other))

    def test_conditions_that_cannot_be_read_are_refused_with_the_name(self):
        for conditions in ("[('nothing', '=', 1)]", "__import__('os')", "[", "{}"):
            with self.assertRaisesRegex(ValidationError, "Annas"):
                self.segment.domain = conditions

    def test_a_manager_cannot_ask_what_they_may_not_read(self):
        manager = new_test_user(self.env, "segment_manager", groups="customer_club.group_club_manager")
        for conditions in (
            "[('partner_id.user_ids.api_key_ids.name', 'ilike', 'a')]",
            "[('partner_id', 'any', [('user_ids', '!=', False)])]",
        ):
            with self.assertRaisesRegex(UserError, "cannot look at"):
                self.segment.with_user(manager).domain = conditions
        self.segment.with_user(manager).domain = "[('partner_id.category_id.name', '=', 'VIP')]"
        self.assertEqual(self.segment.member_count, 0)

    def test_a_user_reads_segments_and_changes_none(self):
        user = new_test_user(self.env, "segment_user", groups="customer_club.group_club_user")
        self.assertEqual(self.segment.with_user(user).name, "Annas")
        with self.assertRaises(AccessError):
            self.segment.with_user(user).name = "Mine"
