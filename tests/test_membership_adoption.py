"""An existing Odoo loyalty program becomes a club: nobody loses a point (never.md 13, 18)."""

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestAdoption(ClubCase):
    """Adopting a loyalty program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.env["loyalty.program"].create(
            {
                "name": "Old Points",
                "program_type": "loyalty",
                "applies_on": "both",
                "trigger": "auto",
                "portal_point_name": "Stars",
                "rule_ids": [
                    fields.Command.clear(),
                    fields.Command.create(
                        {"reward_point_mode": "money", "reward_point_amount": 2, "minimum_amount": 10}
                    ),
                    fields.Command.create({"reward_point_mode": "order", "reward_point_amount": 5}),
                    fields.Command.create(
                        {
                            "reward_point_mode": "unit",
                            "reward_point_amount": 1,
                            "product_ids": [fields.Command.set(cls.product.ids)],
                        }
                    ),
                ],
                "reward_ids": [fields.Command.clear(), fields.Command.create({"discount": 10, "required_points": 100})],
            }
        )
        cls.stranger = cls.env["res.partner"].create({"name": "Cleo"})
        cls.cards = cls.env["loyalty.card"].create(
            [
                {"program_id": cls.old.id, "partner_id": cls.partner.id, "points": 120},
                {"program_id": cls.old.id, "partner_id": cls.partner.id, "points": 30},
                {"program_id": cls.old.id, "partner_id": cls.stranger.id, "points": 0},
                {"program_id": cls.old.id, "points": 77},
            ]
        )

    def wizard(self):
        return self.env["club.adopt.wizard"].create({"program_id": self.old.id})

    def test_the_preview_says_what_will_happen_and_changes_nothing(self):
        preview = self.wizard().preview
        self.assertIn("2 members, with 150 points", preview)
        self.assertIn("Anna: 2 cards", preview)
        self.assertIn(f"{self.cards[3].code}: 77 points", preview)
        self.assertIn("2 for each 1 ", preview)
        self.assertEqual(self.cards.mapped("points"), [120, 30, 0, 77])
        self.assertEqual(len(self.old.rule_ids), 3)

    def test_cards_become_members_and_points_opening_entries(self):
        club = self.wizard()._adopt()
        anna, cleo = club._get_member(self.partner), club._get_member(self.stranger)
        self.assertEqual((anna.points, cleo.points), (150, 0))
        self.assertEqual(anna.card_id, self.cards[0])
        self.assertEqual(
            sorted(anna.entry_ids.mapped(lambda entry: (entry.kind, entry.points))), [("opening", 30), ("opening", 120)]
        )
        self.assertFalse(self.cards[1].active)
        self.assertEqual(club.program_id, self.old)
        self.assertEqual((club.name, club.point_name), ("Old Points", "Stars"))
        self.assertInvariantsHold()

    def test_adopted_members_get_no_join_event(self):
        club = self.wizard()._adopt()
        self.assertFalse(self.env["club.event"].search([("club_id", "=", club.id), ("type", "=", "join")]))

    def test_members_joined_when_they_got_their_card(self):
        self.env.cr.execute(
            "UPDATE loyalty_card SET create_date = '2019-03-04 05:06:07' WHERE id = %s", (self.cards[0].id,)
        )
        club = self.wizard()._adopt()
        self.assertEqual(str(club._get_member(self.partner).joined_at), "2019-03-04 05:06:07")

    def test_the_old_rules_are_proposals_and_the_anchor_is_in_place(self):
        club = self.wizard()._adopt()
        self.assertTrue(self.old.rule_ids._is_club_anchor())
        rules = self.env["club.earn.rule"].with_context(active_test=False).search([("club_id", "=", club.id)])
        self.assertFalse(any(rules.mapped("active")), "nothing earns before the manager has looked")
        self.assertEqual(
            sorted(rules.mapped(lambda rule: (rule.formula, rule.points, rule.min_amount))),
            [("fixed", 5, 0), ("per_amount", 2, 10), ("per_unit", 1, 0)],
        )
        self.assertEqual(rules.filtered(lambda rule: rule.formula == "per_unit").product_ids, self.product)

    def test_rewards_can_still_be_claimed(self):
        club = self.wizard()._adopt()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [fields.Command.create({"product_id": self.product.id})],
            }
        )
        order._update_programs_and_rewards()
        claimable = order._get_claimable_rewards()
        self.assertIn(club._get_member(self.partner).card_id, claimable)

    def test_a_second_adoption_is_refused_and_adds_nothing(self):
        """never.md 18: opening balances do not come twice."""
        wizard = self.wizard()
        club = wizard._adopt()
        entries = self.env["club.point.entry"].search_count([("club_id", "=", club.id)])
        with self.assertRaisesRegex(UserError, "already"):
            wizard._adopt()
        self.assertEqual(self.env["club.point.entry"].search_count([("club_id", "=", club.id)]), entries)

    def test_cards_of_nobody_keep_their_points_and_stay_inert(self):
        club = self.wizard()._adopt()
        self.assertEqual(self.cards[3].points, 77)
        self.assertFalse(club.member_ids.filtered(lambda member: member.card_id == self.cards[3]))
        self.assertInvariantsHold()

    def test_a_card_without_a_member_buys_nothing(self):
        self.wizard()._adopt()
        owner = self.env["res.partner"].create({"name": "Finder"})
        self.cards[3].write({"partner_id": owner.id})
        self.env.cr.execute("UPDATE loyalty_card SET points = 500 WHERE id = %s", (self.cards[3].id,))
        self.cards.invalidate_recordset()
        order = self.env["sale.order"].create(
            {"partner_id": owner.id, "order_line": [fields.Command.create({"product_id": self.product.id})]}
        )
        order._update_programs_and_rewards()
        self.assertNotIn(self.cards[3], order._get_claimable_rewards())

    def test_a_card_of_nobody_that_finds_its_owner_brings_its_points(self):
        club = self.wizard()._adopt()
        owner = self.env["res.partner"].create({"name": "Finder"})
        self.cards[3].partner_id = owner
        member = club._enrol(owner)
        self.assertEqual(member.card_id, self.cards[3])
        self.assertEqual(member.points, 77)
        self.assertEqual(member.entry_ids.mapped("kind"), ["opening"])
        self.assertInvariantsHold()

    def test_a_debt_is_adopted_as_a_debt(self):
        self.env.cr.execute("UPDATE loyalty_card SET points = -20 WHERE id = %s", (self.cards[2].id,))
        self.cards.invalidate_recordset()
        club = self.wizard()._adopt()
        self.assertEqual(club._get_member(self.stranger).points, -20)
        self.assertInvariantsHold()

    def test_fractions_give_the_club_decimals(self):
        self.env.cr.execute("UPDATE loyalty_card SET points = 99.999 WHERE id = %s", (self.cards[2].id,))
        self.cards.invalidate_recordset()
        club = self.wizard()._adopt()
        self.assertEqual(club.points_digits, 2)
        self.assertEqual(club._get_member(self.stranger).points, 99.99, "rounded down: nobody could spend more")
        self.assertInvariantsHold()

    def test_contacts_of_one_company_share_a_membership_if_the_club_says_so(self):
        company = self.env["res.partner"].create({"name": "Ltd", "is_company": True})
        (self.partner | self.stranger).parent_id = company
        self.env.cr.execute("UPDATE loyalty_card SET points = 5 WHERE id = %s", (self.cards[2].id,))
        self.cards.invalidate_recordset()
        wizard = self.wizard()
        wizard.earner = "company"
        club = wizard._adopt()
        self.assertEqual(club._get_member(self.partner).partner_id, company)
        self.assertEqual(club._get_member(self.partner).points, 155)
        self.assertInvariantsHold()

    def test_other_kinds_of_programs_are_refused(self):
        gift = self.env["loyalty.program"].create({"name": "Gift", "program_type": "gift_card"})
        with self.assertRaisesRegex(UserError, "not a loyalty program"):
            self.env["club.adopt.wizard"].create({"program_id": gift.id})._adopt()
