"""Uninstalling removes what would stand in Odoo's way."""

from odoo.addons.customer_club.hooks import uninstall_hook
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerUninstall(ClubCase):
    def test_the_hook_lets_odoo_drop_the_ledger(self):
        self.post(10, "a")
        self.assertGreaterEqual(self._count_triggers(), 5, "the ledger's, and those of closed contests")
        uninstall_hook(self.env)
        self.assertEqual(self._count_triggers(), 0)
        self.env.cr.execute("DELETE FROM club_point_lot WHERE club_id = %s", (self.club.id,))
        self.env.cr.execute("DELETE FROM club_point_entry WHERE club_id = %s", (self.club.id,))
        self.assertEqual(self.env.cr.rowcount, 1)

    def _count_triggers(self):
        self.env.cr.execute("SELECT COUNT(*) FROM pg_trigger WHERE tgname LIKE 'club_%_immutable'")
        return self.env.cr.fetchone()[0]
