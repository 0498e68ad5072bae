"""Rules for some members only (never.md 17)."""

from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestRulesForSomeMembers(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.florists = cls.env["res.partner.category"].create({"name": "Florists"})
        cls.partner.category_id = cls.florists
        cls.rule = cls.earn_rule("purchase", 10, audience_group_ids=[Command.set(cls.florists.ids)])

    def buy(self, partner=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.action_confirm()
        self.env.cr.flush()
        return order

    def segment(self, domain, club=None):
        return self.env["club.segment"].create(
            {"name": "A segment", "club_id": (club or self.club).id, "domain": domain}
        )

    def test_a_rule_for_a_group_pays_its_members_only(self):
        self.buy()
        self.buy(self.partner_2)
        self.assertEqual((self.member.points, self.member_2.points), (10, 0))
        self.assertInvariantsHold()

    def test_a_rule_for_a_segment_pays_its_members_only(self):
        segment = self.segment("[('partner_id.name', '=', 'Ben')]")
        self.rule.write({"audience_group_ids": False, "audience_segment_ids": segment})
        self.buy()
        self.buy(self.partner_2)
        self.assertEqual((self.member.points, self.member_2.points), (0, 10))

    def test_both_must_hold(self):
        self.rule.audience_segment_ids = self.segment("[('partner_id.name', '=', 'Ben')]")
        self.buy()
        self.assertEqual(self.member.points, 0)
        self.partner_2.category_id = self.florists
        self.buy(self.partner_2)
        self.assertEqual(self.member_2.points, 10)

    def test_a_visitor_is_in_no_group(self):
        shown = self.product.product_tmpl_id._get_portal_earnings(None)
        self.assertFalse([row for row in shown if row["club"] == self.club])
        shown = self.product.product_tmpl_id._get_portal_earnings(self.partner)
        self.assertTrue([row for row in shown if row["club"] == self.club])

    def test_staff_read_names_and_members_do_not(self):
        self.assertIn("Florists", self.rule.sentence)
        self.assertNotIn("Florists", self.rule._get_member_sentence())
        self.assertIn("for chosen members", self.rule._get_member_sentence())

    def test_a_replay_asks_for_the_same_groups(self):
        self.buy()
        self.buy(self.partner_2)
        other = self.earn_rule(
            "purchase", 7, active=False, audience_segment_ids=self.segment("[('partner_id.name', '=', 'Ben')]").ids
        )
        policy = self.env["club.club"]._get_policies()[self.club.id]
        today = self.club._get_today()
        replay = Replay(self.env, policy, other._to_engine(), today.replace(day=1), today.replace(year=today.year + 1))
        result = replay.run()
        self.assertEqual((result.points, result.members), (7, 1))

    def test_a_segment_of_another_club_is_refused(self):
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        with self.assertRaises(ValidationError):
            self.rule.audience_segment_ids = self.segment("[]", other)

    def test_more_members_do_not_ask_more_queries(self):
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(8)])
        members = self.club._enrol(partners)
        Event = self.env["club.event"]
        rules = [self.rule._to_engine()]

        class Row:
            def __init__(self, member_id):
                self.member_id = member_id

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Event._read_asked({}, [Row(member.id) for member in some], rules)
            return self.env.cr.sql_log_count - before

        count(members)
        self.assertEqual(count(members[:1]), count(members))
