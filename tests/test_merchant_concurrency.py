"""Twenty at one moment: the last voucher, the last points, one code, guesses. One wins, and nothing is lost."""

from decimal import Decimal
from unittest.mock import patch

from odoo.addons.customer_club.engine import vouchers
from odoo.addons.customer_club.models.merchant.club_code_guard import MOST_TRIES
from odoo.addons.customer_club.models.merchant.club_merchant_desk import CodePausedError, CodeRefusedError
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import UserError
from odoo.service import model as service_model
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

THREADS = 20
TABLES = (
    ("club_member_token", "member_id IN (SELECT id FROM club_member WHERE club_id = %(club)s)"),
    ("club_voucher", "club_id = %(club)s"),
    ("club_merchant_offer", "club_id = %(club)s"),
    ("club_merchant", "club_id = %(club)s"),
    ("club_code_guard", "actor = ANY(%(actors)s)"),
)


@tagged("post_install", "-at_install")
class TestTwentyAtOneMoment(CommittedClubCase):
    """Never 8, 14 and 19; abuse 12, 13 and 22."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_vouchers)  # runs before the club is removed
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            business = env["res.partner"].create({"name": "Committed Bakery", "is_company": True})
            desk = new_test_user(env, "committed_desk", groups="base.group_portal")
            cls.ids["partners"] += [business.id]
            merchant = env["club.merchant"].create(
                {
                    "partner_id": business.id,
                    "club_id": cls.ids["club"],
                    "code": "committed",
                    "user_ids": [(4, desk.id)],
                }
            )
            cls.desk_id, cls.merchant_id = desk.id, merchant.id
            cls.desk_partner_id = desk.partner_id.id
            cls.ids["actors"] = [f"user,{desk.id}", "address,committed", "user,0"]

    @classmethod
    def _clean_vouchers(cls):
        with cls.registry.cursor() as cr:
            for table, where in TABLES:
                cr.execute(f"DELETE FROM {table} WHERE {where}", cls.ids)  # pylint: disable=sql-injection
            env = cls._env(cr)
            env["res.users"].browse(cls.desk_id).unlink()
            env["res.partner"].browse(cls.desk_partner_id).unlink()

    def setUp(self):
        super().setUp()
        for target, name, value in (
            (service_model, "MAX_TRIES_ON_CONCURRENCY_FAILURE", 60),
            (service_model.time, "sleep", lambda _seconds: None),
        ):
            patcher = patch.object(target, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.in_transaction(lambda env: env["club.code.guard"].search([("actor", "in", self.ids["actors"])]).unlink())

    def offer(self, **values):
        vals = {"name": "Cake", "merchant_id": self.merchant_id, "state": "open", "points": 10, "value": 5, **values}
        return self.in_transaction(lambda env: env["club.merchant.offer"].create(vals).id)

    def give(self, key, points, *members):
        self.post(
            *(
                {"member_id": member, "kind": "earn", "points": points, "key": f"{self.ids['club']}:{key}:{member}"}
                for member in members
            )
        )

    def buying(self, offer_id, member_id, number):
        def work(env):
            try:
                return (
                    env["club.voucher"]
                    ._buy(
                        env["club.member"].browse(member_id),
                        env["club.merchant.offer"].browse(offer_id),
                        f"{offer_id}:{number}",
                    )
                    .id
                )
            except UserError as error:
                return str(error)

        return work

    def won(self, results):
        for result in results:
            self.assertNotIsInstance(result, Exception)
        return [result for result in results if isinstance(result, int) and not isinstance(result, bool)]

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_the_last_voucher_is_had_by_one(self):
        offer = self.offer(stock=1)
        self.give("stock", 100, *self.member_ids)
        before = self.balances(*self.member_ids)
        results, _seconds = self.in_threads(
            [self.buying(offer, self.member_ids[number % 4], number) for number in range(THREADS)]
        )
        self.assertEqual(len(self.won(results)), 1)
        self.assertEqual(sum(before) - sum(self.balances(*self.member_ids)), 10)
        self.assertInvariantsHold()

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_the_last_points_buy_one(self):
        offer = self.offer(points=100)
        member = self.member_ids[1]
        [left] = self.balances(member)
        self.give("points", 100 - left % 100, member)
        while self.balances(member) != [100]:
            self.post({"member_id": member, "kind": "spend", "points": -100, "key": f"down:{self.balances(member)}"})
        results, _seconds = self.in_threads([self.buying(offer, member, number) for number in range(THREADS)])
        self.assertEqual(len(self.won(results)), 1)
        self.assertEqual(self.balances(member), [0])
        self.assertInvariantsHold()

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_one_code_is_redeemed_once(self):
        offer = self.offer()
        self.give("code", 10, self.member_id)
        voucher = self.in_transaction(self.buying(offer, self.member_id, "code"))

        def redeem(number):
            def work(env):
                found = env["club.voucher"].browse(voucher)
                return found._redeem(env["res.users"].browse(self.desk_id), f"{voucher}:{number}")

            return work

        results, _seconds = self.in_threads([redeem(number) for number in range(THREADS)])
        self.assertEqual(sorted(map(str, results)), ["False"] * (THREADS - 1) + ["True"])
        self.assertInvariantsHold()

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_redeemed_or_returned_but_never_both(self):
        offer = self.offer()
        self.give("both", 10, self.member_id)
        [before] = self.balances(self.member_id)
        voucher = self.in_transaction(self.buying(offer, self.member_id, "both"))

        def redeem(env):
            return env["club.voucher"].browse(voucher)._redeem(env["res.users"].browse(self.desk_id), f"{voucher}:r")

        def cancel(env):
            try:
                env["club.voucher"].browse(voucher)._cancel()
            except UserError:
                return False
            return True

        results, _seconds = self.in_threads([redeem, cancel] * (THREADS // 2))
        self.assertEqual(results.count(True), 1, results)
        redeemed = any(results[::2])
        self.assertEqual(self.balances(self.member_id), [before - 10 if redeemed else before])
        self.assertInvariantsHold()

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_a_redemption_is_undone_once(self):
        offer = self.offer()
        self.give("undo", 10, self.member_id)
        [before] = self.balances(self.member_id)
        voucher = self.in_transaction(self.buying(offer, self.member_id, "undo"))
        self.in_transaction(
            lambda env: env["club.voucher"].browse(voucher)._redeem(env["res.users"].browse(self.desk_id), "undo")
        )

        def undo(env):
            try:
                env["club.voucher"].browse(voucher)._undo(env["res.users"].browse(self.desk_id))
            except UserError:
                return False
            return True

        results, _seconds = self.in_threads([undo] * THREADS)
        self.assertEqual(results.count(True), 1, results)
        self.assertEqual(self.balances(self.member_id), [before])
        self.assertInvariantsHold()

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_a_members_code_is_used_once(self):
        offer = self.offer(kind="per_amount", per_point=0.05, points=0)
        self.give("token", 200, self.other_id)
        [before] = self.balances(self.other_id)
        code = self.in_transaction(
            lambda env: (
                env["club.member.token"]._make_for(env["club.member"].browse(self.other_id), Decimal(100))._get_code()
            )
        )

        def use(number):
            def work(env):
                try:
                    return (
                        env["club.merchant"]
                        .browse(self.merchant_id)
                        ._use_token(
                            code,
                            env["res.users"].browse(self.desk_id),
                            [],
                            f"t{number}",
                            Decimal(0),
                            Decimal("5.00"),
                            env["club.merchant.offer"].browse(offer),
                            "",
                        )
                        .id
                    )
                except UserError as error:
                    return str(error)

            return work

        results, _seconds = self.in_threads([use(number) for number in range(THREADS)])
        self.assertEqual(len(self.won(results)), 1)
        self.assertEqual(self.balances(self.other_id), [before - 100])
        self.assertInvariantsHold()

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_guesses_at_one_moment_count_like_guesses_one_after_another(self):
        """Abuse 13: what is rolled back counts too, as every try has a transaction of its own."""
        looked_up = []

        def guess(number):
            def work(env):
                merchant = env["club.merchant"].browse(self.merchant_id)
                code = vouchers.make(b"guess", "test", str(number))
                try:
                    merchant._check_code(code, env["res.users"].browse(self.desk_id), self.ids["actors"][:2])
                except CodeRefusedError:
                    return "refused"
                except CodePausedError:
                    return "paused"

            return work

        def look(_merchant, typed, _user):
            looked_up.append(typed)

        with patch.object(self.registry["club.merchant"], "_find_code", look):
            results, _seconds = self.in_threads([guess(number) for number in range(THREADS)])
        self.assertEqual(set(results) - {"refused", "paused"}, set())
        self.assertLessEqual(len(looked_up), MOST_TRIES)
        self.assertGreaterEqual(len(looked_up), 1)

        def rolled_back(env):
            env["club.code.guard"]._try("user,0")
            env.cr.rollback()

        for _number in range(MOST_TRIES):
            self.in_transaction(rolled_back)
        self.assertFalse(self.in_transaction(lambda env: env["club.code.guard"]._try("user,0")))
