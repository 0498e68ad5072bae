"""A database of the previous version, updated to this one, keeps every point (see tests/upgrade)."""

import psycopg2
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestUpdateKeepsTheLedger(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seed = cls.env["ir.config_parameter"].sudo().get_param("customer_club.upgrade_seed")
        if not cls.seed:
            cls.skipTest(cls, "this database was not updated from the previous version; ./dev test makes one that was")
        cls.club = cls.env["club.club"].search([("name", "=", "Upgrade Club")])
        cls.anna = cls.club.member_ids.filtered(lambda member: member.partner_id.name == "Upgrade Anna")
        cls.ben = cls.club.member_ids - cls.anna

    def test_every_entry_is_as_it_was(self):
        entries = self.env["club.point.entry"].search([("key", "=like", "upgrade,%")], order="id")
        now = ",".join(f"{entry.key}={entry.points:g}/{entry.available:g}" for entry in entries)
        self.assertEqual(now, self.seed)
        self.assertEqual(len(entries), 7)

    def test_balances_and_invariants_hold(self):
        self.assertEqual((self.anna.points, self.anna.points_pending), (60, 40))
        self.assertEqual(self.ben.points, -30)
        self.assertFalse(self.env["club.ledger.check"]._find_broken())

    def test_the_ledger_goes_on(self):
        Entry = self.env["club.point.entry"]
        Entry.search([("key", "=", "upgrade,2:earn")])._open()
        self.assertEqual(self.anna.points, 100)
        again = Entry._post([{"member_id": self.anna.id, "kind": "earn", "points": 100, "key": "upgrade,1:earn"}])
        self.assertEqual(again.key, "upgrade,1:earn")
        self.assertEqual(self.anna.points, 100, "a key of the previous version is still known")
        self.assertFalse(self.env["club.ledger.check"]._find_broken())

    @mute_logger("odoo.sql_db")
    def test_entries_are_still_immutable(self):
        with self.assertRaises(psycopg2.errors.RestrictViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE club_point_entry SET points = 5")

    def test_rules_and_facts_are_as_they_were(self):
        rule = self.env["club.earn.rule"].search([("name", "=", "Upgrade Rule")])
        self.assertEqual((rule.points, rule.per_amount, rule.friday), (2, 10, True))
        self.assertEqual((rule.nth_mode, rule.nth, rule.limit_member), ("every", 3, 500))
        self.assertTrue(rule.active)
        self.assertIn("2", rule.sentence)
        event = self.env["club.event"].search([("key", "=", "upgrade,6:custom")])
        self.assertEqual((event.amount, event.member_id, bool(event.processed_at)), (30, self.anna, True))

    def test_what_was_installed_once_is_as_it_is_shipped_now(self):
        cron = self.env.ref("customer_club.ir_cron_club_budget_refresh")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "hours"))
        self.assertIn("t-att-dir", str(self.env.ref("customer_club.mail_template_club_report").body_html))

    def test_what_this_version_needs_was_installed_with_it(self):
        manifest = self.env["ir.module.module"].get_module_info("customer_club")
        wanted = self.env["ir.module.module"].search([("name", "in", manifest["depends"])])
        self.assertEqual(len(wanted), len(manifest["depends"]))
        self.assertEqual(set(wanted.mapped("state")), {"installed"})
