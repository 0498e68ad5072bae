"""Facts never change."""

import psycopg2
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestLedgerImmutable(ClubCase):
    """Design rules 1 and 2; never.md 24: the history does not disappear."""

    def setUp(self):
        super().setUp()
        self.entry = self.post(10, "a")
        self.post(-4, "s")

    @mute_logger("odoo.sql_db")
    def test_plain_sql_changes_no_entry_allocation_or_seal(self):
        with self.jobs_in_test():
            self.env["club.ledger.job"]._cron_seal()
        for table, column in (
            ("club_point_entry", "points"),
            ("club_point_allocation", "points"),
            ("club_ledger_seal", "digest"),
        ):
            for statement in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with (
                    self.subTest(statement=statement),
                    self.assertRaises(psycopg2.errors.RestrictViolation),
                    self.env.cr.savepoint(flush=False),
                ):
                    self.env.cr.execute(statement)

    def test_the_orm_refuses_to_write_the_ledger_even_for_the_superuser(self):
        Entry = self.env["club.point.entry"].sudo()
        values = {"member_id": self.member.id, "kind": "earn", "points": 5, "key": "x"}
        for attempt in (
            lambda: Entry.create(values),
            lambda: self.entry.sudo().write({"points": 1}),
            self.entry.sudo().unlink,
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(self.member.points, 6)

    def test_seals_are_not_typed_in(self):
        Seal = self.env["club.ledger.seal"].sudo()
        with self.jobs_in_test():
            seal = Seal._seal()
        for attempt in (lambda: Seal.create({}), lambda: seal.write({"digest": "x"}), seal.unlink):
            with self.assertRaises(UserError):
                attempt()
