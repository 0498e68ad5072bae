"""Another addon adds a way to earn and a condition, without copying a method (tests/club_plant_care)."""

from odoo.tests import tagged

from .common import ClubCase


@tagged("post_install", "-at_install")
class TestAnotherAddonPlugsIn(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "plant.care.visit" not in cls.env:
            cls.skipTest(cls, "club_plant_care is not installed here; ./dev test installs it for this file")
        cls.rule = cls.env["club.earn.rule"].create(
            {
                "name": "Old plants",
                "club_id": cls.club.id,
                "event_type": "plant_care",
                "formula": "fixed",
                "points": 25,
                "min_plant_age": 3,
            }
        )

    def visit(self, age):
        return self.env["plant.care.visit"].create({"member_id": self.member.id, "plant_age": age})

    def test_its_fact_earns_by_its_rule(self):
        entries = self.visit(3)._record_visit()
        self.assertEqual(entries.points, 25)
        self.assertEqual((entries.event_id.type, entries.rule_id), ("plant_care", self.rule))
        self.assertEqual(self.member.points, 25)

    def test_its_condition_refuses(self):
        self.assertFalse(self.visit(2)._record_visit())
        self.assertEqual(self.member.points, 0)

    def test_the_same_visit_told_twice_earns_once(self):
        visit = self.visit(5)
        visit._record_visit()
        visit._record_visit()
        self.assertEqual(self.member.points, 25)
        self.assertInvariantsHold()
