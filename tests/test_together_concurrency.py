"""Twenty at one moment: never more than there is, and nothing lost (never 19, abuse 22)."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.tests import tagged
from odoo.tools import mute_logger

OURS = (
    ("club_lookup", "member_id IN (SELECT id FROM club_member WHERE club_id = %(club)s)"),
    ("club_gift", "club_id = %(club)s"),
    ("club_pool_contribution", "pool_id IN (SELECT id FROM club_pool WHERE club_id = %(club)s)"),
    ("club_pool_member", "pool_id IN (SELECT id FROM club_pool WHERE club_id = %(club)s)"),
    ("club_pool", "club_id = %(club)s"),
    ("club_donation", "club_id = %(club)s"),
    ("club_cause", "club_id = %(club)s"),
)
THREADS = 20


@tagged("post_install", "-at_install")
class TestTogetherAtOnce(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_ours)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            club.write(
                {
                    "gift_active": True,
                    "pool_active": True,
                    "gift_accept": False,
                    "gift_cooling_hours": 0,
                    "gift_alert_givers": 0,
                }
            )
            cls.cause_id = (
                env["club.cause"]
                .create(
                    {
                        "club_id": club.id,
                        "name": "Trees",
                        "beneficiary_id": cls.ids["partners"][3],
                        "point_value": 1,
                        "goal": 100,
                    }
                )
                .id
            )

    @classmethod
    def _clean_ours(cls):
        """Before the club's own cleaning; technical contacts of accounts are removed with it."""
        with cls.registry.cursor() as cr:
            cr.execute(
                "SELECT DISTINCT partner_id FROM club_member WHERE club_id = %s AND state = 'account'",
                [cls.ids["club"]],
            )
            cls.ids["partners"] = cls.ids["partners"] + [partner for (partner,) in cr.fetchall()]
            cr.execute("UPDATE club_member SET gift_account_id = NULL WHERE club_id = %s", [cls.ids["club"]])
            cr.execute("UPDATE club_club SET account_partner_id = NULL WHERE id = %s", [cls.ids["club"]])
            for table, where in OURS:
                cr.execute(f"DELETE FROM {table} WHERE {where}", cls.ids)

    def buy(self, member_id, points, key):
        def work(env):
            when = fields.Datetime.now() - timedelta(days=100)
            event = env["club.event"]._record(
                [{"member_id": member_id, "type": "purchase", "key": f"fact:{key}", "occurred_at": when, "amount": 1}]
            )
            env["club.point.entry"]._post(
                [
                    {
                        "member_id": member_id,
                        "kind": "earn",
                        "points": points,
                        "key": key,
                        "date": when,
                        "event_id": event.id,
                    }
                ]
            )

        self.in_transaction(work)

    def setUp(self):
        super().setUp()
        self.in_transaction(self._empty)
        self.before = self.balances(*self.member_ids)

    def _empty(self, env):
        """What the test before left would be there to be given, too."""
        members = env["club.member"].browse(self.member_ids).filtered(lambda member: member.points > 0)
        env["club.point.entry"]._post(
            [
                {
                    "member_id": member.id,
                    "kind": "adjust",
                    "points": -member.points,
                    "key": f"empty:{member.id}:{self._testMethodName}",
                }
                for member in members
            ]
        )

    def gained(self):
        return [now - before for now, before in zip(self.balances(*self.member_ids), self.before, strict=True)]

    def run_threads(self, works):
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            results, _seconds = self.in_threads(works)
        return [result for result in results if not isinstance(result, Exception)]

    def test_never_19_twenty_parallel_gifts_from_100_points_credit_100(self):
        self.buy(self.member_id, 100, "gift:all")
        won = self.run_threads(
            [
                lambda env: (
                    env["club.member"]
                    .browse(self.member_id)
                    ._give(env["club.member"].browse(self.other_id), 100, form_key=f"{env.cr.now()}")
                    .id
                )
            ]
            * THREADS
        )
        self.assertEqual((len(set(won)), self.gained()[:2]), (1, [0, 100]))
        self.assertInvariantsHold()

    def test_the_same_form_from_twenty_windows_gives_once(self):
        self.buy(self.member_id, 100, "gift:form")
        won = self.run_threads(
            [
                lambda env: (
                    env["club.member"]
                    .browse(self.member_id)
                    ._give(env["club.member"].browse(self.member_ids[2]), 10, form_key="one form")
                    .id
                )
            ]
            * THREADS
        )
        self.assertEqual((len(set(won)), self.gained()[0], self.gained()[2]), (1, 90, 10))
        self.assertInvariantsHold()

    def test_a_days_limit_holds_for_gifts_at_one_moment(self):
        self.buy(self.member_id, 100, "gift:limit")
        used = self.in_transaction(
            lambda env: sum(env["club.gift"].search([("giver_id", "=", self.member_id)]).mapped("points"))
        )
        self.in_transaction(
            lambda env: env["club.club"].browse(self.ids["club"]).write({"gift_most_day": used + 10}) and None
        )
        self.addCleanup(
            self.in_transaction,
            lambda env: env["club.club"].browse(self.ids["club"]).write({"gift_most_day": 0}) and None,
        )
        self.run_threads(
            [
                lambda env: (
                    env["club.member"].browse(self.member_id)._give(env["club.member"].browse(self.other_id), 10).id
                )
            ]
            * 8
        )
        self.assertEqual(self.gained()[:2], [90, 10])
        self.assertInvariantsHold()

    def test_a_gift_accepted_and_undone_at_one_moment_is_one_of_both(self):
        self.buy(self.member_id, 100, "gift:race")
        self.in_transaction(lambda env: env["club.club"].browse(self.ids["club"]).write({"gift_accept": True}) and None)
        self.addCleanup(
            self.in_transaction,
            lambda env: env["club.club"].browse(self.ids["club"]).write({"gift_accept": False}) and None,
        )
        gift = self.in_transaction(
            lambda env: env["club.member"].browse(self.member_id)._give(env["club.member"].browse(self.other_id), 50).id
        )
        works = [lambda env: env["club.gift"].browse(gift)._accept(), lambda env: env["club.gift"].browse(gift)._undo()]
        self.run_threads(works * 5)
        state = self.in_transaction(lambda env: env["club.gift"].browse(gift).state)
        self.assertIn((state, self.gained()[:2]), [("done", [50, 50]), ("returned", [100, 0])])
        self.assertInvariantsHold()

    def test_the_last_points_are_donated_once_and_a_goal_is_not_passed(self):
        self.buy(self.member_id, 100, "cause:one")
        self.buy(self.other_id, 100, "cause:two")
        self.in_transaction(lambda env: env["club.cause"].browse(self.cause_id).write({"stop_at_goal": True}) and None)
        give = [
            lambda env, member=member: (
                env["club.cause"].browse(self.cause_id)._give(env["club.member"].browse(member), 60).id
            )
            for member in (self.member_id, self.other_id)
        ]
        won = self.run_threads(give * (THREADS // 2))
        self.assertEqual((len(won), sum(self.gained()[:2])), (1, 140))
        self.assertInvariantsHold()

    def test_the_last_points_of_a_pool_are_put_in_and_taken_out_once(self):
        self.buy(self.member_id, 60, "pool:one")
        self.buy(self.other_id, 40, "pool:two")

        def found(env):
            pool = env["club.pool"]._found(env["club.member"].browse(self.member_id), "Family")
            row = pool._invite(pool.founder_id, env["club.member"].browse(self.other_id))
            row._accept()
            return pool.id, pool._get_row(pool.founder_id).id, row.id

        pool, mine, theirs = self.in_transaction(found)
        put = [
            lambda env, row=row, points=points: (
                env["club.pool.contribution"]._contribute(env["club.pool.member"].browse(row), points).id
            )
            for row, points in ((mine, 60), (theirs, 40))
        ]
        won = self.run_threads(put * (THREADS // 2))
        self.assertEqual((len(won), self.gained()[:2]), (2, [0, 0]))
        spend = [
            lambda env: (
                env["club.point.entry"]
                ._post(
                    [
                        {
                            "member_id": env["club.pool"].browse(pool).account_id.id,
                            "kind": "spend",
                            "points": -100,
                            "key": f"pool spend {env.cr.now()}",
                        }
                    ]
                )
                .ids
            )
        ]
        leave = [lambda env: env["club.pool"].browse(pool)._leave(env["club.pool.member"].browse(theirs))]
        self.run_threads((spend + leave) * 5)
        self.assertIn(self.gained()[:2], ([0, 0], [0, 40]))
        left = self.in_transaction(lambda env: env["club.pool"].browse(pool).points)
        self.assertIn((left, self.gained()[1]), [(0, 0), (60, 40)])
        self.assertInvariantsHold()
