"""Twenty at once on the last ticket, the last points, the same form, the freeze: one wins, and totals are conserved."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

CHILDREN = (
    "club_raffle_exclusion",
    "club_raffle_winner",
    "club_raffle_step",
    "club_raffle_ticket",
    "club_raffle_entrant",
    "club_raffle_purchase",
)


@tagged("post_install", "-at_install")
class TestRaffleConcurrency(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_raffles)
        cls.raffle_ids = []

    @classmethod
    def _clean_raffles(cls):
        with cls.registry.cursor() as cr:
            for table in (*CHILDREN, "club_raffle"):
                cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", SQL.identifier(table)))
            for table in CHILDREN:
                cr.execute(SQL("DELETE FROM %s WHERE raffle_id = ANY(%s)", SQL.identifier(table), list(cls.raffle_ids)))
            cr.execute(SQL("DELETE FROM club_raffle WHERE id = ANY(%s)", list(cls.raffle_ids)))
            for table in (*CHILDREN, "club_raffle"):
                cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", SQL.identifier(table)))

    def setUp(self):
        super().setUp()
        self.keys = iter(range(1000))
        self.raffle_id = self.in_transaction(self.make)
        self.raffle_ids.append(self.raffle_id)
        self.post(
            *(
                {"member_id": member, "kind": "earn", "points": 100, "key": f"r{self.raffle_id}:{member}"}
                for member in self.member_ids
            )
        )

    def make(self, env, **values):
        now = fields.Datetime.now()
        raffle = env["club.raffle"].create(
            {
                "club_id": self.ids["club"],
                "name": "Crowded",
                "ticket_price": 10,
                "max_bought": 5,
                "opens_at": now - timedelta(hours=1),
                "closes_at": now + timedelta(days=1),
                "draws_at": now + timedelta(days=1, hours=1),
                "prize_ids": [Command.create({"name": "Bicycle"})],
                **values,
            }
        )
        raffle.action_open()
        return raffle.id

    def buy(self, member_id, quantity, key):
        def work(env):
            return (
                env["club.raffle"].browse(self.raffle_id)._buy(env["club.member"].browse(member_id), quantity, key).id
            )

        return work

    def read(self, work):
        return self.in_transaction(lambda env: work(env["club.raffle"].browse(self.raffle_id)))

    def assertConserved(self, bought):
        """Points taken = price of the tickets issued; numbers without gaps; invariants."""
        numbers = self.read(
            lambda raffle: sorted(
                raffle.env["club.raffle.ticket"].search([("raffle_id", "=", raffle.id)]).mapped("number")
            )
        )
        self.assertEqual(numbers, list(range(1, bought + 1)))
        self.assertEqual(
            self.read(lambda raffle: (raffle.bought_number, sum(raffle.purchase_ids.mapped("points")))),
            (bought, bought * 10),
        )
        self.assertInvariantsHold()

    def assertRefusals(self, results, count):
        failures = [result for result in results if not isinstance(result, int)]
        self.assertEqual(len(failures), count, failures)
        self.assertTrue(all(isinstance(failure, UserError) for failure in failures), failures)

    def test_twenty_threads_on_the_last_ticket_one_wins(self):
        """abuse 22, never 8"""
        self.in_transaction(self.buy(self.member_ids[3], 4, "before"))
        works = [self.buy(self.member_ids[number % 4], 1, f"thread-{number}") for number in range(20)]
        results, seconds = self.in_threads(works)
        self.assertRefusals(results, 19)
        self.assertConserved(5)
        self.assertLess(seconds, 30)

    def test_twenty_threads_on_the_last_points_one_wins(self):
        """never 8, 19"""
        member = self.in_transaction(
            lambda env: (
                env["club.club"]
                .browse(self.ids["club"])
                ._enrol(env["res.partner"].create({"name": "Poor", "ref": "raffle"}))
                .id
            )
        )
        self.ids["partners"].append(self.in_transaction(lambda env: env["club.member"].browse(member).partner_id.id))
        self.post({"member_id": member, "kind": "earn", "points": 15, "key": f"poor,{self.raffle_id}"})
        results, _seconds = self.in_threads([self.buy(member, 1, f"thread-{number}") for number in range(20)])
        self.assertRefusals(results, 19)
        self.assertEqual(self.balances(member), [5])
        self.assertConserved(1)

    def test_the_same_form_twenty_times_at_once_buys_once(self):
        results, _seconds = self.in_threads([self.buy(self.member_id, 2, "same") for _number in range(20)])
        done = [result for result in results if isinstance(result, int)]
        self.assertEqual(len(set(done)), 1)
        self.assertConserved(2)

    def test_twenty_free_entries_at_once_are_one(self):
        def enter(number):
            def work(env):
                raffle = env["club.raffle"].browse(self.raffle_id)
                return raffle._enter_free(env["club.member"].browse(self.member_id), f"free-{number}").id

            return work

        results, _seconds = self.in_threads([enter(number) for number in range(20)])
        self.assertRefusals(results, 19)
        self.assertEqual(self.read(lambda raffle: (raffle.free_number, raffle.ticket_number)), (1, 1))

    def test_who_buys_while_the_list_is_frozen_is_in_it_or_gets_nothing(self):
        """abuse 22: a freeze and purchases at one moment."""
        self.raffle_id = self.in_transaction(
            lambda env: self.make(
                env,
                max_bought=0,
                opens_at=fields.Datetime.now() - timedelta(days=2),
                closes_at=fields.Datetime.now() + timedelta(seconds=4),
                draws_at=fields.Datetime.now() + timedelta(hours=1),
            )
        )
        self.raffle_ids.append(self.raffle_id)
        self.in_transaction(self.buy(self.member_id, 1, "first"))
        self.read(lambda raffle: raffle.env.cr.execute("SELECT pg_sleep(4)"))

        def freeze(env):
            env["club.raffle"].browse(self.raffle_id).action_close()
            return 0

        # As if the requests had begun before the closing: the sellers look at the state only.
        lenient = patch.object(
            self.registry["club.raffle"], "_check_entering", lambda raffle, member: raffle._check_state("open")
        )
        sellers = [self.buy(self.member_ids[number % 4], 1, f"late-{number}") for number in range(8)]
        with lenient:
            results, _seconds = self.in_threads([freeze, *sellers])
        self.assertEqual(results[0], 0)
        bought = 1 + sum(isinstance(result, int) for result in results[1:])
        self.assertEqual(
            self.read(lambda raffle: (raffle.state, raffle.list_count, raffle.ticket_number)),
            ("frozen", bought, bought),
        )
        self.assertConserved(bought)
