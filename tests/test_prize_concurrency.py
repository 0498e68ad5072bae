"""Twenty at once want the last piece, code or points: one wins, nothing is lost (abuse 22, never 8, 21)."""

from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.tests import tagged

PRIZES = "(SELECT id FROM club_prize WHERE club_id = %(club)s)"
CLEANED_PRIZES = (
    ("club_prize_code", f"prize_id IN {PRIZES}"),
    ("sale_order_line", "order_id IN (SELECT id FROM sale_order WHERE partner_id = ANY(%(partners)s))"),
    ("sale_order", "partner_id = ANY(%(partners)s)"),
    ("club_redemption", f"prize_id IN {PRIZES}"),
    ("club_prize", "club_id = %(club)s"),
)


@tagged("post_install", "-at_install")
class TestPrizeConcurrency(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            values = {"club_id": cls.ids["club"], "points": 100, "delivery": "service"}
            last = env["club.prize"].create({**values, "name": "Last", "stock_kind": "own", "stock": 1})
            plenty = env["club.prize"].create({**values, "name": "Plenty"})
            coded = env["club.prize"].create({**values, "name": "Coded", "delivery": "code"})
            env["club.prize.code"].create({"prize_id": coded.id, "code": "ONLY-ONE-CODE"})
            cls.last_id, cls.plenty_id, cls.coded_id = last.id, plenty.id, coded.id
            env["club.point.entry"]._post(
                [
                    {"member_id": member, "kind": "earn", "points": 2000, "key": f"prizes:{member}"}
                    for member in cls.member_ids[:3]
                ]
                + [{"member_id": cls.member_ids[3], "kind": "earn", "points": 100, "key": "prizes:poor"}]
            )

    @classmethod
    def _clean(cls):
        with cls.registry.cursor() as cr:
            cr.execute("UPDATE club_redemption SET order_id = NULL WHERE club_id = %(club)s", cls.ids)
            cr.execute("DELETE FROM mail_activity WHERE res_model = 'club.redemption'")
            for table, where in CLEANED_PRIZES:
                cr.execute(f"DELETE FROM {table} WHERE {where}", cls.ids)  # pylint: disable=sql-injection
        super()._clean()

    def take(self, prize_id, member_id, key):
        def work(env):
            member = env["club.member"].browse(member_id)
            return env["club.prize"].browse(prize_id)._redeem(member, key, "counter").id

        return work

    def count(self, prize_id):
        return self.in_transaction(
            lambda env: env["club.redemption"].search_count([("prize_id", "=", prize_id), ("holds_stock", "=", True)])
        )

    def race(self, prize_id, members, **keys):
        before = self.balances(*set(members))
        works = [
            self.take(prize_id, member, keys.get("key") or f"race:{prize_id}:{number}")
            for number, member in enumerate(members)
        ]
        results, seconds = self.in_threads(works)
        won = [result for result in results if isinstance(result, int)]
        lost = [result for result in results if not isinstance(result, int)]
        for error in lost:
            self.assertIsInstance(error, UserError, error)
        spent = sum(before) - sum(self.balances(*set(members)))
        return won, lost, spent, seconds

    def test_twenty_want_the_last_piece(self):
        won, lost, spent, seconds = self.race(self.last_id, (self.member_ids[:3] * 7)[:20])
        self.assertEqual((len(won), len(lost), spent), (1, 19, 100))
        self.assertEqual(self.count(self.last_id), 1)
        self.assertLess(seconds, 20)
        self.assertInvariantsHold()

    def test_twenty_want_the_last_code(self):
        won, lost, spent, _seconds = self.race(self.coded_id, (self.member_ids[:3] * 7)[:20])
        self.assertEqual((len(won), len(lost), spent), (1, 19, 100))
        given = self.in_transaction(
            lambda env: env["club.prize.code"].search_count(
                [("prize_id", "=", self.coded_id), ("state", "=", "given"), ("redemption_id", "=", won[0])]
            )
        )
        self.assertEqual(given, 1)
        self.assertInvariantsHold()

    def test_twenty_requests_for_the_last_points(self):
        won, lost, spent, _seconds = self.race(self.plenty_id, [self.member_ids[3]] * 20)
        self.assertEqual((len(won), len(lost), spent), (1, 19, 100))
        self.assertInvariantsHold()

    def test_one_request_twenty_times_takes_once(self):
        won, lost, spent, _seconds = self.race(self.plenty_id, [self.member_ids[2]] * 20, key="the same form")
        self.assertEqual((len(set(won)), spent), (1, 100))
        self.assertFalse(lost)
        self.assertInvariantsHold()

    def test_handing_over_and_cancelling_at_once_does_one(self):
        redemption_id = self.in_transaction(self.take(self.plenty_id, self.member_ids[1], "both ways"))

        def step(state):
            return lambda env: env["club.redemption"].browse(redemption_id)._update_state(state, "race")

        before = self.balances(self.member_ids[1])[0]
        results, _seconds = self.in_threads([step("delivered"), step("cancelled")] * 10)
        self.assertEqual(sum(not isinstance(result, Exception) for result in results), 1)
        state, points = self.in_transaction(
            lambda env: (
                env["club.redemption"].browse(redemption_id).state,
                env["club.redemption"].browse(redemption_id).points,
            )
        )
        back = self.balances(self.member_ids[1])[0] - before
        self.assertEqual((back, points), (0, 100) if state == "delivered" else (100, 0))
        self.assertInvariantsHold()
