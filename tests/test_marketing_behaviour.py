"""Segments over behaviour, and the page of recency and frequency."""

from odoo import Command
from odoo.addons.customer_club.engine import reporting
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_marketing_conditions import SegmentCase


class BehaviourCase(SegmentCase):
    @classmethod
    def behave(cls, member, **values):
        """Set figures of a member's behaviour. By SQL, as nobody writes them; they follow from facts elsewhere."""
        cls.env["club.behaviour"].flush_model()
        values = {"club_id": cls.club.id, "company_id": cls.club.company_id.id, **values}
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        cls.env.cr.execute("DELETE FROM club_behaviour WHERE member_id = %s", [member.id])
        cls.env.cr.execute(
            f"INSERT INTO club_behaviour (member_id, {names}) VALUES (%s, {marks})", [member.id, *values.values()]
        )
        cls.env.invalidate_all()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scores = {"recency_score": 5, "frequency_score": 4, "monetary_score": 5}
        cls.behave(
            cls.member,
            stage="active",
            ladder="fan",
            rfm_cell="champions",
            order_count=9,
            sales=900,
            recency_days=3,
            refreshed_at="2026-05-01 03:00:00",
            **scores,
        )
        none = {"recency_score": 0, "frequency_score": 0, "monetary_score": 0}
        cls.behave(
            cls.member_2, stage="prospect", ladder="none", rfm_cell="none", order_count=0, recency_days=0, **none
        )


@tagged("post_install", "-at_install")
class TestBehaviour(BehaviourCase):
    def test_stages_rungs_and_cells(self):
        for condition, words in (
            ({"kind": "stage", "stage": "active"}, "are in the stage “Active”"),
            ({"kind": "ladder", "ladder": "fan"}, "stand on the rung “Fan”"),
            ({"kind": "rfm", "rfm_cell": "champions"}, "are among the “Champions”"),
            (
                {"kind": "rfm", "recency_from": 5, "frequency_from": 4, "frequency_to": 4},
                "score recency 5 and frequency 4",
            ),
            ({"kind": "rfm", "monetary_from": 4}, "score money 4 to 5"),
        ):
            with self.subTest(words=words):
                segment = self.make(condition)
                self.assertMeans(segment, self.member)
                self.assertEqual(segment.sentence, f"Members who {words}.")
        self.assertMeans(self.make({"kind": "rfm", "recency_to": 0}), self.member_2)

    def test_figures(self):
        self.assertMeans(self.make({"kind": "behaviour", "figure": "order_count", "value": 9}), self.member)
        few = self.make({"kind": "behaviour", "figure": "order_count", "comparison": "most", "value": 8})
        self.assertMeans(few, self.member_2)
        self.assertEqual(few.sentence, "Members who have at most 8 as “Purchases”.")
        self.assertMeans(self.make({"kind": "behaviour", "figure": "sales", "value": 900}), self.member)

    def test_who_never_bought_is_not_silent_for_few_days(self):
        lately = self.make({"kind": "behaviour", "figure": "recency_days", "comparison": "most", "value": 5})
        self.assertMeans(lately, self.member)

    def test_every_figure_and_choice_can_be_asked(self):
        Condition = self.env["club.segment.condition"]
        self.assertGreater(len(Condition._get_figures()), 10)
        for figure, _label in Condition._get_figures():
            self.make({"kind": "behaviour", "figure": figure})._get_members().get_result_ids()
        for field in ("stage", "ladder", "rfm_cell"):
            kind = "rfm" if field == "rfm_cell" else field
            for choice, _label in Condition._get_behaviour_selection(field):
                self.assertTrue(self.make({"kind": kind, field: choice}).sentence)

    def test_scores_that_there_are_not_are_refused(self):
        for scores in ({"recency_from": 4, "recency_to": 3}, {"monetary_to": 6}, {"frequency_from": -1}):
            with self.assertRaisesRegex(UserError, "0 to 5"):
                self.make({"kind": "rfm", **scores})

    def test_behaviour_and_changes_of_stage_in_the_experts_editor(self):
        manager = new_test_user(self.env, "behaviour_manager", groups="customer_club.group_club_manager")
        segment = self.make(domain="[('behaviour_ids.stage', '=', 'active')]")
        self.assertMeans(segment, self.member)
        segment.with_user(manager).domain = "[('behaviour_ids', 'any', [('sales', '>', 100)])]"
        with self.assertRaisesRegex(UserError, "cannot look at"):
            segment.with_user(manager).domain = "[('behaviour_ids.member_id.partner_id.user_ids', '!=', False)]"


@tagged("post_install", "-at_install")
class TestRecencyAndFrequency(BehaviourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "rfm_user", groups="customer_club.group_club_user")
        cls.manager = new_test_user(cls.env, "rfm_manager", groups="customer_club.group_club_manager")

    def grid(self, user):
        return self.env["club.rfm"].with_user(user).read_grid(self.club.id)

    def test_the_grid_counts_members_and_their_average_money(self):
        third = self.club._enrol(self.env["res.partner"].create({"name": "Cleo"}))
        self.behave(third, recency_score=5, frequency_score=4, monetary_score=3, sales=100, order_count=2)
        grid = self.grid(self.user)
        self.assertEqual([row["recency"] for row in grid["rows"]], [5, 4, 3, 2, 1])
        cells = {(cell["recency"], cell["frequency"]): cell for row in grid["rows"] for cell in row["cells"]}
        self.assertEqual(len(cells), 25)
        self.assertEqual(cells[5, 4]["count"], 2)
        self.assertIn("500", cells[5, 4]["money"])
        self.assertEqual((cells[5, 4]["heat"], cells[1, 1]["count"], cells[1, 1]["money"]), (1, 0, ""))
        self.assertEqual(grid["never"], 1)
        self.assertEqual(grid["never_said"], "Not bought yet, so in no field: 1.")
        self.assertFalse(grid["manager"])

    def test_a_cell_opens_its_members(self):
        action = self.env["club.rfm"].with_user(self.user).open_cell(self.club.id, 5, 4)
        self.assertEqual(self.env["club.member"].with_user(self.user).search(action["domain"]), self.member)

    def test_groups_have_a_name_open_their_members_and_become_segments(self):
        third = self.club._enrol(self.env["res.partner"].create({"name": "Cleo"}))
        self.behave(third, recency_score=1, frequency_score=1, monetary_score=1, rfm_cell="lost", sales=10)
        groups = {group["group"]: group for group in self.grid(self.user)["groups"]}
        self.assertEqual(set(groups), {"champions", "lost"}, "groups of nobody, and who never bought, are not shown")
        self.assertEqual((groups["lost"]["name"], groups["lost"]["shown"]), ("Lost", "1"))
        self.assertIn("900", groups["champions"]["money"])
        self.assertEqual(groups["lost"]["make"], "Make a segment of “Lost”", "each button has a name of its own")
        Rfm = self.env["club.rfm"]
        action = Rfm.with_user(self.user).open_cell(self.club.id, False, False, "lost")
        self.assertEqual(self.env["club.member"].with_user(self.user).search(action["domain"]), third)
        made = Rfm.with_user(self.manager).make_segment(self.club.id, False, False, "lost")
        segment = self.env["club.segment"].browse(made["res_id"])
        self.assertMeans(segment, third)
        self.assertEqual((segment.name, segment.sentence), ("Lost", "Members who are among the “Lost”."))
        for group in ("none", "nothing", 5):
            with self.assertRaisesRegex(UserError, "no such cell"):
                Rfm.with_user(self.manager).make_segment(self.club.id, False, False, group)

    def test_the_report_has_the_same_numbers_as_the_page(self):
        third = self.club._enrol(self.env["res.partner"].create({"name": "Cleo"}))
        self.behave(third, recency_score=1, frequency_score=1, monetary_score=1, rfm_cell="lost", sales=100)
        period = reporting.Period(self.club._get_today(), self.club._get_today())
        table = self.env["club.report.block.rfm"]._read_block(self.club, period)
        shown = {row["group"]: row for row in table.rows if row["members"]}
        self.assertEqual({name: row["members"] for name, row in shown.items()}, {"Champions": 1, "Lost": 1})
        self.assertEqual((shown["Lost"]["sales"], shown["Lost"]["average"]), (100, 100))
        self.assertEqual((shown["Lost"]["share"], table.totals["members"], table.totals["sales"]), (0.5, 2, 1000))
        page = {group["name"]: int(group["shown"]) for group in self.grid(self.user)["groups"]}
        self.assertEqual(page, {name: row["members"] for name, row in shown.items()})
        for number, row in enumerate(table.rows):
            model, domain = table.drill[number]
            self.assertEqual(self.env[model].search_count(domain), row["members"], row["group"])

    def test_who_left_stands_in_no_field(self):
        self.member._leave()
        grid = self.grid(self.user)
        self.assertEqual(sum(cell["count"] for row in grid["rows"] for cell in row["cells"]), 0)

    def test_a_manager_makes_a_segment_of_a_cell(self):
        action = self.env["club.rfm"].with_user(self.manager).make_segment(self.club.id, 5, 4)
        segment = self.env["club.segment"].browse(action["res_id"])
        self.assertEqual(segment.club_id, self.club)
        self.assertMeans(segment, self.member)

    def test_a_user_makes_none_and_strangers_see_nothing(self):
        with self.assertRaises(AccessError):
            self.env["club.rfm"].with_user(self.user).make_segment(self.club.id, 5, 4)
        for groups in ("base.group_user", "base.group_portal"):
            stranger = new_test_user(self.env, f"rfm_{groups}", groups=groups)
            with self.assertRaises(AccessError):
                self.grid(stranger)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env,
            "rfm_other",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertEqual(self.grid(other)["never"], 0)
        with self.assertRaises(UserError):
            self.env["club.rfm"].with_user(other).make_segment(self.club.id, 5, 4)

    def test_a_cell_that_there_is_not_is_refused(self):
        for cell in ((0, 4), (6, 1), ("5", 4), (None, None)):
            with self.subTest(cell=cell), self.assertRaisesRegex(UserError, "no such cell"):
                self.env["club.rfm"].with_user(self.manager).make_segment(self.club.id, *cell)
