"""Becoming a member: once, with a number, a card and the starter tier."""

from odoo import fields
from odoo.addons.customer_club.engine.text import check_member_number
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation


@tagged("post_install", "-at_install")
class TestEnrolment(ClubCase):
    """Somebody becomes a member of a club."""

    def test_enrolling_gives_number_card_and_history(self):
        self.assertTrue(check_member_number(self.member.number))
        self.assertEqual(self.member.card_id.partner_id, self.partner)
        self.assertEqual(self.member.card_id.program_id, self.club.program_id)
        self.assertEqual(self.member.state, "active")
        self.assertNotEqual(self.member.number, self.member_2.number)

    def test_enrolling_twice_gives_the_same_member(self):
        again = self.club._enrol(self.partner | self.partner_2)
        self.assertEqual(again, self.member | self.member_2)
        self.assertEqual(self.env["loyalty.card"].search_count([("partner_id", "=", self.partner.id)]), 1)

    def test_a_thousand_partners_cost_the_queries_of_ten(self):
        def enrol(count):
            partners = self.env["res.partner"].create(
                [{"name": f"P{i}", "email": f"p{count}-{i}@example.com"} for i in range(count)]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            members = self.club._enrol(partners)
            self.env.flush_all()
            self.assertEqual(len(members), count)
            return self.env.cr.sql_log_count - before

        enrol(2)  # warm caches
        few, many = enrol(10), enrol(300)
        # Odoo inserts 100 rows at a time (cards, members and, with tiers, history): nothing else may grow with the
        # partners.
        self.assertLessEqual(many, few + 3 * (300 // 100))

    def test_a_new_member_has_the_starter_tier_at_once(self):
        bronze = self.env["club.tier"].create({"club_id": self.club.id, "name": "Bronze", "threshold": 0})
        self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 100})
        member = self.club._enrol(self.env["res.partner"].create({"name": "Cleo"}))
        self.assertEqual(member.tier_id, bronze)
        self.assertEqual(member.tier_since, self.club._get_today())
        self.assertEqual(member.tier_history_ids.mapped("reason"), ["join"])

    def test_joining_is_recorded_as_one_event(self):
        self.club._enrol(self.partner)
        events = self.env["club.event"].search([("member_id", "=", self.member.id), ("type", "=", "join")])
        self.assertEqual(events.mapped("key"), [f"member,{self.member.id}:join"])

    def test_a_join_rule_rewards_joining_once(self):
        self.env["club.earn.rule"].create(
            {
                "club_id": self.club.id,
                "name": "Welcome",
                "event_type": "join",
                "formula": "fixed",
                "points": 20,
            }
        )
        partner = self.env["res.partner"].create({"name": "New", "email": "new@example.com"})
        member = self.club._enrol(partner)
        self.env["club.event"].search([("member_id", "=", member.id)])._process()
        self.env.cr.flush()
        self.assertEqual(member.points, 20)
        member._leave()
        self.club._enrol(partner)
        self.env["club.event"].search([("member_id", "=", member.id)])._process()
        self.env.cr.flush()
        self.assertEqual(member.points, 0, "no second bonus")

    def test_an_inert_card_is_adopted(self):
        """Odoo makes club cards without asking; a later member takes the card instead of a second one."""
        partner = self.env["res.partner"].create({"name": "Named at the till"})
        card = self.env["loyalty.card"].create({"program_id": self.club.program_id.id, "partner_id": partner.id})
        self.assertFalse(self.club._get_member(partner), "a card without a member makes nobody a member")
        member = self.club._enrol(partner)
        self.assertEqual(member.card_id, card)

    def test_company_earner_makes_the_company_the_member(self):
        self.club.earner = "company"
        company = self.env["res.partner"].create({"name": "Roses Ltd", "is_company": True})
        contacts = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Dan", "Eve")])
        member = self.club._enrol(contacts)
        self.assertEqual(member.partner_id, company)
        self.assertEqual(self.club._get_member(contacts[1]), member)

    def test_one_contact_cannot_have_two_active_members(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["club.member"].sudo().create({"club_id": self.club.id, "partner_id": self.partner.id})
            self.env.flush_all()

    def test_a_race_asks_odoo_to_repeat(self):
        """The other transaction's member is invisible: the unique index speaks, and Odoo must retry."""
        partner = self.env["res.partner"].create({"name": "Racer"})
        self.club._enrol(partner)
        search = type(self.env["club.member"]).search

        def blind(records, domain, *args, **kwargs):
            if any(leaf[0] == "state" for leaf in domain if isinstance(leaf, tuple)):
                return records.browse()
            return search(records, domain, *args, **kwargs)

        self.patch(type(self.env["club.member"]), "search", blind)
        with self.assertRaises(ConcurrencyError):
            self.club._enrol(partner)

    def test_the_same_person_has_no_second_join_event(self):
        """abuse.md 8: another contact with the same e-mail or phone is the same person."""
        twin = self.env["res.partner"].create({"name": "Anna again", "email": "Anna+shop@Example.com"})
        member = self.club._enrol(twin)
        self.assertFalse(self.env["club.event"].search([("member_id", "=", member.id), ("type", "=", "join")]))

    def test_identities_are_salted_hashes_of_their_club(self):
        rows = self.env["club.identity"].search([("club_id", "=", self.club.id)])
        self.assertTrue(rows)
        self.assertFalse(rows.filtered(lambda row: "anna" in row.digest))
        salt = self.env["club.identity"]._get_salt()
        digests = self.env["club.identity"]._get_digests(self.partner, salt)
        self.assertTrue(set(digests) <= set(rows.mapped("digest")))
        self.assertNotEqual(digests, self.env["club.identity"]._get_digests(self.partner, b"another salt"))

    def test_phones_in_any_form_are_one_person(self):
        self.env.company.country_id = self.env.ref("base.ir")
        identity = self.env["club.identity"]
        Partner = self.env["res.partner"]
        forms = ["09123456789", "۰۹۱۲۳۴۵۶۷۸۹", "+98 912 345 6789", "00989123456789"]
        digests = {identity._get_digests(Partner.new({"name": "x", "phone": form}))[0] for form in forms}
        self.assertEqual(len(digests), 1)

    def test_numbers_have_the_clubs_prefix(self):
        self.club.member_number_prefix = "ROSE"
        member = self.club._enrol(self.env["res.partner"].create({"name": "Fay"}))
        self.assertTrue(member.number.startswith("ROSE"))
        self.assertTrue(check_member_number(member.number))
        with self.assertRaisesRegex(ValidationError, "eight letters"):
            self.club.member_number_prefix = "much too long"

    def test_a_number_is_found_however_it_is_typed(self):
        digits = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
        typed = f"{self.member.number[:3]} {self.member.number[3:]}".translate(digits)
        found = self.env["club.member"].name_search(typed, [("club_id", "=", self.club.id)])
        self.assertEqual([member_id for member_id, _name in found], [self.member.id])

    def test_members_cannot_be_deleted_or_archived_by_hand(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.member.unlink()
        member = self.member.with_user(self.env.ref("base.user_admin"))
        with self.assertRaisesRegex(UserError, "nickname"):
            member.active = False
        with self.assertRaisesRegex(UserError, "nickname"):
            member.write({"tier_id": False, "state": "left"})
        member.nickname = "Rosie"
        self.assertEqual(self.member.nickname, "Rosie")

    def test_terms_are_versioned_and_consents_kept(self):
        self.club.terms = "<p>First</p>"
        partner = self.env["res.partner"].create({"name": "Gil"})
        with self.assertRaisesRegex(UserError, "accept its terms"):
            self.club._join(partner)
        member = self.club._join(partner, consent_terms=True, source="portal")
        first = self.club.terms_id
        self.assertEqual(member.consent_terms_id, first)
        self.assertFalse(member.consent_marketing)
        self.club.terms = "<p>Second</p>"
        self.assertEqual(self.club.terms_id.version, 2)
        self.assertEqual(member.consent_terms_id.body, "<p>First</p>")
        self.assertEqual(member.consent_ids.mapped("kind"), ["terms"])
        with self.assertRaisesRegex(UserError, "never"):
            first.with_user(self.env.ref("base.user_admin")).write({"body": "x"})

    def test_marketing_consent_is_separate_and_dated(self):
        self.member.consent_marketing = True
        self.member.consent_marketing = False
        decisions = self.member.consent_ids.sorted("id").mapped(lambda consent: (consent.kind, consent.given))
        self.assertEqual(decisions, [("marketing", True), ("marketing", False)])
        with self.assertRaisesRegex(UserError, "never"):
            self.member.consent_ids[0].unlink()

    def test_joining_twice_is_joining_once(self):
        member = self.club._join(self.partner, consent_marketing=True)
        self.assertEqual(member, self.member)

    def test_an_archived_club_takes_nobody(self):
        self.club.active = False
        status = self.club._get_join_status(self.env["res.partner"].create({"name": "Hal"}))
        self.assertFalse(status["can_join"])
        self.assertEqual(len(status["missing"]), 1)

    def test_staff_enrol_in_bulk_and_say_that_terms_were_accepted(self):
        self.club.terms = "<p>Terms</p>"
        partners = self.env["res.partner"].create([{"name": f"Bulk {i}"} for i in range(3)])
        wizard = self.env["club.enrol.wizard"].create(
            {
                "club_id": self.club.id,
                "partner_ids": [fields.Command.set((partners | self.partner).ids)],
            }
        )
        self.assertIn("3 new members", wizard.summary)
        self.assertIn("1 are members already", wizard.summary)
        with self.assertRaisesRegex(UserError, "has terms"):
            wizard.action_enrol()
        wizard.consent_terms = True
        wizard.action_enrol()
        members = self.env["club.member"].search([("partner_id", "in", partners.ids)])
        self.assertEqual(len(members), 3)
        self.assertTrue(all(members.mapped("consent_terms_at")))
        self.assertFalse(self.member.consent_terms_at, "who was a member before has not accepted anything now")
