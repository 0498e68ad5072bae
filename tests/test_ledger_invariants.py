"""The checker finds what is broken."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerInvariants(ClubCase):
    """A check that cannot fail checks nothing: each invariant is broken on purpose."""

    def setUp(self):
        super().setUp()
        self.entry = self.post(10, "a")
        self.spend = self.post(-4, "s")

    def _break(self, *statements):
        """Change the ledger behind its back: triggers and constraints are off within the test's transaction."""
        for statement in statements:
            self.env.cr.execute(statement)
        return self.env["club.ledger.check"]._find_broken()

    def test_nothing_is_broken_at_first(self):
        self.assertFalse(self.env["club.ledger.check"]._find_broken())

    def test_a_balance_without_entries(self):
        broken = self._break(f"UPDATE loyalty_card SET points = points + 1 WHERE id = {self.member.card_id.id}")
        self.assertEqual(set(broken), {"I1", "I2"})
        self.assertIn(str(self.member.card_id.id), broken["I1"][0])

    def test_a_lot_that_holds_more_than_it_should(self):
        broken = self._break(f"UPDATE club_point_lot SET remaining = remaining + 1 WHERE id = {self.entry.id}")
        self.assertEqual(set(broken), {"I2", "I3"})

    def test_a_lot_in_the_wrong_state(self):
        broken = self._break(f"UPDATE club_point_lot SET state = 'pending' WHERE id = {self.entry.id}")
        self.assertIn("I3", broken)

    def test_an_allocation_that_disappears(self):
        broken = self._break(
            "ALTER TABLE club_point_allocation DISABLE TRIGGER USER",
            f"DELETE FROM club_point_allocation WHERE entry_id = {self.spend.id}",
        )
        self.assertEqual(set(broken), {"I2", "I3", "I5"})

    def test_a_key_that_names_two_movements(self):
        broken = self._break(
            "ALTER TABLE club_point_entry DISABLE TRIGGER USER",
            "ALTER TABLE club_point_entry DROP CONSTRAINT club_point_entry_key_unique",
            f"UPDATE club_point_entry SET key = 'a' WHERE id = {self.spend.id}",
        )
        self.assertEqual(set(broken), {"I4"})

    def test_a_spend_of_more_than_there_was(self):
        broken = self._break(
            "ALTER TABLE club_point_entry DISABLE TRIGGER USER",
            f"UPDATE club_point_entry SET points = -40, available = -40 WHERE id = {self.spend.id}",
        )
        self.assertEqual(set(broken), {"I1", "I2", "I5"})

    def test_the_nightly_check_keeps_its_results(self):
        checks = self.env["club.ledger.check"]._run_checks()
        self.assertEqual(checks.mapped("state"), ["ok"] * 5)
        self._break(f"UPDATE loyalty_card SET points = points + 1 WHERE id = {self.member.card_id.id}")
        checks = self.env["club.ledger.job"]._cron_check()
        self.assertEqual({check.invariant: check.state for check in checks}["I1"], "broken")
