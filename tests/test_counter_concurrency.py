"""Double taps and two counters at once: real threads on committed data."""

import uuid

from odoo.addons.customer_club.tests.committed import CLEANED, CommittedClubCase
from odoo.tests import tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install", "club_concurrency")
class TestTwoPressesAtOnce(CommittedClubCase):
    """Never 6, never 13: the same request twice is one deed, one phone is one person."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._forget)

    def _forget(self):
        """Remove what the counter left, before the club itself is removed."""
        with self.registry.cursor() as cr:
            cr.execute(SQL("DELETE FROM club_counter_operation WHERE club_id = %s", self.ids["club"]))

    def test_a_double_tap_checks_in_once(self):
        token = str(uuid.uuid4())

        def press(env):
            return env["club.counter"].check_in(self.member_id, token)["last"]["id"]

        results, _seconds = self.in_threads([press] * 4)
        self.assertEqual(len(set(results)), 1, results)
        counts = self.in_transaction(
            lambda env: (
                env["club.counter.operation"].search_count([("club_id", "=", self.ids["club"])]),
                env["club.event"].search_count([("member_id", "=", self.member_id), ("type", "=", "visit")]),
            )
        )
        self.assertEqual(counts, (1, 1))

    def test_a_double_tap_sells_once(self):
        token = str(uuid.uuid4())
        partner_id = self.in_transaction(lambda env: env["club.member"].browse(self.other_id).partner_id.id)

        def press(env):
            sale = {"member_id": self.other_id, "amount": "10"}
            return env["club.counter"].sell(sale, token)["sale_id"]

        self.addCleanup(self._remove_sales, partner_id)
        results, _seconds = self.in_threads([press] * 3)
        self.assertEqual(len(set(results)), 1, results)
        orders = self.in_transaction(
            lambda env: env["sale.order"].search([("partner_id", "=", partner_id)]).mapped("state")
        )
        self.assertEqual(orders, ["sale"])

    def test_an_undo_pressed_several_times_pays_back_once(self):
        """Never 1 and 6: one credit note, the points go once."""
        partner_id = self.in_transaction(lambda env: env["club.member"].browse(self.other_id).partner_id.id)
        self.addCleanup(self._remove_sales, partner_id)
        sale = {"member_id": self.other_id, "amount": "10"}
        sold = self.in_transaction(lambda env: env["club.counter"].sell(sale, str(uuid.uuid4()))["sale_id"])
        results, _seconds = self.in_threads([lambda env: bool(env["club.counter"].undo_last(sold)["message"])] * 3)
        self.assertEqual(results, [True] * 3)
        moves = self.in_transaction(
            lambda env: sorted(env["account.move"].search([("partner_id", "=", partner_id)]).mapped("move_type"))
        )
        self.assertEqual([kind for kind in moves if kind != "entry"], ["out_invoice", "out_refund"])
        self.assertInvariantsHold()

    def _remove_sales(self, partner_id):
        """The books refuse to lose a posted invoice; the cleaning of a test takes the rows."""
        statements = (
            "DELETE FROM club_counter_operation WHERE club_id = %(club)s",
            "DELETE FROM account_payment_register WHERE partner_id = %(partner)s",
            """DELETE FROM account_partial_reconcile
                WHERE debit_move_id IN (SELECT id FROM account_move_line WHERE partner_id = %(partner)s)""",
            "DELETE FROM account_payment WHERE partner_id = %(partner)s",
            """DELETE FROM account_move_line
                WHERE move_id IN (SELECT id FROM account_move WHERE partner_id = %(partner)s)""",
            "DELETE FROM account_move WHERE partner_id = %(partner)s",
            "DELETE FROM sale_order WHERE partner_id = %(partner)s",
            "UPDATE club_club SET counter_product_id = NULL WHERE id = %(club)s",
        )
        with self.registry.cursor() as cr:
            for statement in statements:
                cr.execute(SQL(statement, partner=partner_id, club=self.ids["club"]))

    def test_one_phone_at_two_counters_is_one_person(self):
        def enrol(env):
            club = self.ids["club"]
            return env["club.counter"].enrol_member(club, "+493012340987", token=str(uuid.uuid4()))["member"]["id"]

        try:
            results, _seconds = self.in_threads([enrol] * 4)
            found = self.in_transaction(
                lambda env: env["res.partner"].search([("phone_sanitized", "=", "+493012340987")]).ids
            )
        finally:
            self.ids["partners"] = self.ids["partners"] + self.in_transaction(
                lambda env: env["res.partner"].search([("phone_sanitized", "=", "+493012340987")]).ids
            )
        self.assertEqual(len(set(results)), 1, results)
        self.assertEqual(len(found), 1)
        self.assertIn("club_member", [table for table, _where in CLEANED])
