"""The last points and the last money, wanted at the same moment."""

from decimal import Decimal
from unittest.mock import patch

from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests import committed
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.service import model as service_model
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

THREADS = 20


@tagged("post_install", "-at_install")
class TestTheLastMoneyIsSpentOnce(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            club.write({"has_wallet": True, "wallet_back_days": 7})
            cls.wallet_ids = {
                "club": club.wallet_club_id.id,
                "program": club.wallet_club_id.program_id.id,
                "partners": [],
            }

    @classmethod
    def _clean(cls):
        """First the wallet's club, which the club's own row leads to."""
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM club_wallet_conversion WHERE club_id = %s", [cls.ids["club"]])
            cr.execute("UPDATE club_club SET wallet_club_id = NULL WHERE id = %s", [cls.ids["club"]])
            for table in committed.APPEND_ONLY:
                cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", SQL.identifier(table)))
            for table, where in committed.CLEANED:
                cr.execute("SELECT to_regclass(%s)", (table,))
                if cr.fetchone()[0]:
                    cr.execute(f"DELETE FROM {table} WHERE {where}", cls.wallet_ids)  # pylint: disable=sql-injection
            for table in committed.APPEND_ONLY:
                cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", SQL.identifier(table)))
        super()._clean()

    def setUp(self):
        super().setUp()
        # Twenty that want the same row need more tries than the five that a request gets.
        self.startPatcher(patch.object(service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 60))
        self.startPatcher(patch.object(service_model.time, "sleep", lambda seconds: None))

    def in_threads(self, works):
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            return super().in_threads(works)

    def money(self, member_id):
        return self.in_transaction(lambda env: env["club.member"].browse(member_id)._get_wallet().card_id.points)

    def test_twenty_conversions_of_the_last_points_are_one(self):
        member_id = self.member_ids[0]
        self.post({"member_id": member_id, "kind": "earn", "points": 100, "key": f"wallet,{member_id}:a"})

        def convert(number):
            def work(env):
                member = env["club.member"].browse(member_id)
                return env["club.wallet.conversion"]._convert(member, Decimal(100), f"thread-{number}").id

            return work

        results, _seconds = self.in_threads([convert(number) for number in range(THREADS)])
        won = [result for result in results if isinstance(result, int)]
        self.assertEqual(len(won), 1, results)
        self.assertTrue(all(isinstance(error, NotEnoughPoints) for error in results if not isinstance(error, int)))
        self.assertEqual((self.balances(member_id), self.money(member_id)), ([0.0], 1.0))
        self.assertInvariantsHold()

    def test_one_form_sent_twenty_times_is_one_conversion(self):
        """Never 6."""
        member_id = self.member_ids[1]
        self.post({"member_id": member_id, "kind": "earn", "points": 2000, "key": f"wallet,{member_id}:b"})

        def convert(env):
            member = env["club.member"].browse(member_id)
            return env["club.wallet.conversion"]._convert(member, Decimal(100), "the-one-form").id

        results, _seconds = self.in_threads([convert] * THREADS)
        self.assertEqual(len(set(results)), 1, results)
        self.assertEqual((self.balances(member_id), self.money(member_id)), ([1900.0], 1.0))
        self.assertInvariantsHold()

    def test_twenty_spend_the_last_money_and_one_does(self):
        """Never 8."""
        member_id = self.member_ids[2]
        account_id = self.in_transaction(lambda env: env["club.member"].browse(member_id)._get_wallet(create=True).id)
        self.post({"member_id": account_id, "kind": "earn", "points": Decimal("7.5"), "key": f"wallet,{account_id}:c"})

        def spend(number):
            vals = {
                "member_id": account_id,
                "kind": "spend",
                "points": Decimal("-7.5"),
                "key": f"w,{account_id}:{number}",
            }
            return lambda env: env["club.point.entry"]._post([vals]).id

        results, _seconds = self.in_threads([spend(number) for number in range(THREADS)])
        self.assertEqual(sum(isinstance(result, int) for result in results), 1, results)
        self.assertEqual(self.money(member_id), 0.0)
        self.assertInvariantsHold()

    def test_undoing_and_spending_the_same_money_do_not_both_happen(self):
        member_id = self.member_ids[3]
        self.post({"member_id": member_id, "kind": "earn", "points": 100, "key": f"wallet,{member_id}:d"})
        conversion_id, account_id = self.in_transaction(
            lambda env: (
                (
                    made := env["club.wallet.conversion"]._convert(
                        env["club.member"].browse(member_id), Decimal(100), "d"
                    )
                ).id,
                made.account_id.id,
            )
        )

        def spend(number):
            vals = {"member_id": account_id, "kind": "spend", "points": Decimal(-1), "key": f"d,{account_id}:{number}"}
            return lambda env: env["club.point.entry"]._post([vals]).id

        def undo(env):
            env["club.wallet.conversion"].browse(conversion_id)._undo()
            return "undone"

        self.in_threads([work for number in range(THREADS // 2) for work in (spend(number), undo)])
        points, money = self.balances(member_id)[0], self.money(member_id)
        self.assertIn((points, money), ((100.0, 0.0), (0.0, 0.0)), "back whole, or spent, never both")
        self.assertInvariantsHold()
