"""What a simulation or a budget found is written by it alone; and no person stays in it who was erased."""

import base64

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .simulation_common import SimulationCase

REFUSED = UserError  # what the rights refuse is one too


@tagged("post_install", "-at_install")
class TestNobodyTypesAResult(SimulationCase):
    """Abuse 5 and 15: not over RPC, not by import, not by a default in the context, not with rights of the system."""

    def setUp(self):
        super().setUp()
        self.manager = new_test_user(self.env, "kept_manager", groups="customer_club.group_club_manager")
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        self.record = self.simulation().with_user(self.manager)
        self.live, self.draft = self.record.setup_ids

    def assertRefused(self, call, *arguments, **named):
        with self.assertRaises(REFUSED), self.cr.savepoint():
            call(*arguments, **named)
            self.env.flush_all()

    def test_a_budget_s_figures_are_counted_never_typed(self):
        self.club.write({"budget_points": 100, "budget_period": "month"})
        row = self.env["club.budget"]._refresh(self.club).with_user(self.manager)
        for values in (
            {"points": 1},
            {"sales": 1000000.0},
            {"goods": 0.0, "money": 0.0},
            {"warned": 100},
            {"first_on": "2001-01-01"},
            {"refreshed_at": "2001-01-01 00:00:00"},
            {"club_id": self.club.id},
        ):
            with self.subTest(values=values):
                self.assertRefused(row.write, values)
                self.assertRefused(row.sudo().write, values)
                self.assertRefused(row.with_context(club_budget=True).write, values)
        self.assertRefused(row.create, {"club_id": self.club.id, "first_on": "2001-01-01", "sales": 9})
        self.assertRefused(row.sudo().create, {"club_id": self.club.id, "first_on": "2001-01-01", "sales": 9})
        self.assertRefused(row.unlink)
        self.assertTrue(row.message_post(body="Spoken about"), "the chatter is for people")
        row.action_refresh()

    def test_a_set_up_s_result_and_who_made_it_real_are_not_typed(self):
        self.record.action_run()
        for values in (
            {"result": {"points": 1}},
            {"applied_at": "2001-01-01 00:00:00"},
            {"applied_at": False},
            {"applied_by_id": self.env.uid},
        ):
            with self.subTest(values=values):
                self.assertRefused(self.draft.write, values)
                self.assertRefused(self.draft.with_context(club_simulation=True).write, values)
                vals = {"simulation_id": self.record.id, "name": "Forged", **values}
                if any(values.values()):
                    self.assertRefused(self.draft.create, vals)
                    self.assertRefused(self.record.write, {"setup_ids": [Command.create(vals)]})
        defaults = {"default_result": {"points": 1}}
        self.assertRefused(
            self.draft.with_context(**defaults).create, {"simulation_id": self.record.id, "name": "Forged"}
        )

    def test_when_and_by_whom_a_simulation_ran_is_not_typed(self):
        for values in ({"ran_at": "2001-01-01 00:00:00"}, {"ran_by_id": self.env.uid}):
            with self.subTest(values=values):
                self.assertRefused(self.record.write, values)
                self.assertRefused(self.record.create, {"club_id": self.club.id, **values})
        self.assertRefused(
            self.record.with_context(default_ran_at="2001-01-01 00:00:00").create, {"club_id": self.club.id}
        )
        found = self.record.load(["name", "ran_at"], [["Imported", "2001-01-01 00:00:00"]])
        self.assertFalse(found["ids"])
        self.assertTrue(found["messages"])

    def test_the_refusal_names_what_it_is_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.model"]._get("club.simulation").with_context(lang="fr_FR").name = "Essai"
        with self.assertRaisesRegex(UserError, "^Essai: "):
            self.record.with_context(lang="fr_FR").write({"ran_at": "2001-01-01 00:00:00"})

    def test_rows_of_customers_are_not_typed(self):
        self.sell((self.product, 3, 10.0))
        self.later(days=1)
        self.record.action_run()
        row = self.live.customer_ids
        self.assertTrue(row)
        self.assertRefused(row.write, {"points": 1})
        self.assertRefused(row.sudo().write, {"points": 1})
        self.assertRefused(row.sudo().copy)
        self.assertRefused(row.unlink)
        self.assertRefused(self.live.write, {"customer_ids": [Command.create({"points": 9})]})

    def test_what_was_made_real_stays_as_it_was(self):
        self.draft.rule_ids.action_change()
        self.draft.rule_ids.rule_id.points = 2
        self.draft.action_apply()
        line = self.draft.rule_ids
        for call, values in (
            (self.draft.write, {"expiry_policy": "months", "expiry_months": 3}),
            (self.draft.write, {"kind": "live"}),
            (self.draft.write, {"rule_ids": [Command.clear()]}),
            (line.write, {"counts": False}),
        ):
            with self.subTest(values=values):
                self.assertRefused(call, values)
        self.assertRefused(line.unlink)
        self.draft.name = "A name is free"

    def test_the_tiers_of_what_was_made_real_stay_too(self):
        tiers = self.env["club.tier"].create(
            [{"club_id": self.club.id, "name": name, "threshold": at} for name, at in (("Low", 70001), ("High", 70002))]
        )
        self.draft.write({"tier_ids": [Command.create({"tier_id": tier.id, "threshold": 70003}) for tier in tiers[:1]]})
        self.draft.action_apply()
        line = self.draft.tier_ids.filtered(lambda line: line.tier_id == tiers[0])
        self.assertEqual(tiers[0].threshold, 70003)
        self.assertRefused(line.unlink)
        self.assertRefused(line.create, {"setup_id": self.draft.id, "tier_id": tiers[1].id, "threshold": 1})
        self.assertEqual(line.threshold, 70003)

    def test_a_result_does_not_wander_to_another_simulation(self):
        self.record.action_run()
        other = self.simulation().with_user(self.manager)
        self.live.simulation_id = other
        self.assertFalse(self.live.result)

    def test_a_copied_set_up_has_copies_of_its_own(self):
        line = self.draft.rule_ids
        line.action_change()
        other = self.draft.copy()
        self.assertTrue(other.rule_ids.is_copy)
        self.assertNotEqual(other.rule_ids.rule_id, line.rule_id)
        other.unlink()
        self.assertTrue(line.exists().rule_id.exists())


@tagged("post_install", "-at_install")
class TestNobodyStaysInAResultWhoWasErased(SimulationCase):
    def setUp(self):
        super().setUp()
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        self.partner.write({"name": "Wilhelmina Rosenquist", "email": "wilma@example.com"})

    def erase(self):
        self.member._erase("on request")
        self.env.invalidate_all()

    def read_everything(self, record):
        rows = record.setup_ids.customer_ids
        return " ".join([*rows.mapped("display_name"), *filter(None, rows.mapped("label")), record.body or ""])

    def test_a_row_of_a_file_forgets_the_person_and_the_figures_stay(self):
        text = "customer,date,amount\nWILHELMINA Rosenquist,2029-02-03,100\nBob,2029-02-03,7\n"
        record = self.simulation(
            source="file",
            file=base64.b64encode(text.encode()),
            filename="sales.csv",
            date_from="2029-01-01",
            date_to="2029-12-31",
        )
        record.action_run()
        self.assertIn("WILHELMINA", self.read_everything(record))
        points = record.setup_ids[0].result["points"]
        self.erase()
        self.assertNotIn("wilhelmina", self.read_everything(record).lower())
        self.assertIn("Bob", self.read_everything(record))
        self.assertEqual(record.setup_ids[0].result["points"], points)
        self.assertFalse(record.file, "the file held the name too")

    def test_a_file_that_never_ran_goes_too_if_it_names_the_person(self):
        text = "customer,date,amount\nwilma@example.com,2029-02-03,100\n"
        record = self.simulation(source="file", file=base64.b64encode(text.encode()), filename="wilma.csv")
        other = self.simulation(source="file", file=base64.b64encode(text.replace("wilma", "bob").encode()))
        self.erase()
        self.assertFalse(record.file)
        self.assertTrue(other.file, "another's file stays")

    def test_a_file_that_is_not_looked_at_any_more_goes_too(self):
        text = "customer,date,amount\nwilma@example.com,2029-02-03,100\n"
        record = self.simulation(source="file", file=base64.b64encode(text.encode()), filename="wilma.csv")
        record.source = "facts"
        self.erase()
        self.assertFalse(record.file)

    def test_rows_of_orders_no_longer_lead_to_the_person(self):
        """A contact with orders keeps its name in the books; what was simulated of it is nobody's any more."""
        self.sell((self.product, 3, 10.0))
        self.later(days=1)
        facts, orders = self.simulation(), self.simulation(source="orders")
        (facts | orders).mapped(lambda record: record.action_run())
        self.assertIn("Wilhelmina", self.read_everything(orders))
        self.assertIn("Wilhelmina", self.read_everything(facts))
        self.erase()
        for record in (facts, orders):
            self.assertNotIn("Wilhelmina", self.read_everything(record))
            self.assertEqual(sum(record.setup_ids[0].customer_ids.mapped("points")), 30, "figures stay")
