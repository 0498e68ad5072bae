"""One person, one welcome gift: however the address or the number is written (abuse.md 8)."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTheWelcomeGiftIsGivenOnce(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.company_id.country_id = cls.env.ref("base.de")
        cls.env["club.earn.rule"].create(
            {"name": "Welcome", "club_id": cls.club.id, "event_type": "join", "formula": "fixed", "points": 50}
        )

    def join(self, **values):
        return self.club._join(self.env["res.partner"].create({"name": "Guest", **values}), source="portal")

    def test_other_spellings_of_one_address_are_one_person(self):
        self.assertEqual(self.join(email="sly@example.com").points, 50)
        for email in ("SLY@Example.COM", "sly+2@example.com", " sly@example.com ", "Sly <sly@example.com>"):
            self.assertEqual(self.join(email=email).points, 0, email)

    def test_other_spellings_of_one_number_are_one_person(self):
        self.assertEqual(self.join(email="a@sly.example", phone="+49 30 123456").points, 50)
        for number, phone in enumerate(("030 123456", "0049 30 123456", "+4930123456", "(030) 12-34-56", "۰۳۰ ۱۲۳۴۵۶")):
            self.assertEqual(self.join(email=f"b{number}@sly.example", phone=phone).points, 0, phone)

    def test_leaving_erasing_and_coming_back_bring_no_second_gift(self):
        partner = self.env["res.partner"].create({"name": "Guest", "email": "sly@example.com"})
        member = self.club._join(partner, source="portal")
        member._leave()
        self.assertEqual(self.club._join(partner, source="portal").points, 0)
        member._erase()
        self.assertEqual(self.join(email="sly@example.com").points, 0)

    def test_merging_two_guests_and_joining_again_brings_no_third_gift(self):
        first, second = self.join(email="a@sly.example"), self.join(email="b@sly.example")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (first.partner_id | second.partner_id).ids, dst_partner=first.partner_id
        )
        self.assertEqual(first.points, 100)
        self.assertEqual(self.join(email="b@sly.example").points, 0)
        self.assertInvariantsHold()
