"""A merchant's counter: one answer for every wrong code, a pause after five, and the member's one-time code."""

from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.models.merchant.club_code_guard import MOST_TRIES
from odoo.addons.customer_club.models.merchant.club_merchant_desk import (
    BusyError,
    CodePausedError,
    CodeRefusedError,
)
from odoo.addons.customer_club.tests.merchant_common import MerchantCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


class DeskCase(MerchantCase):
    def setUp(self):
        super().setUp()
        guard = self.guard_in_test()
        guard.__enter__()
        self.addCleanup(guard.__exit__, None, None, None)
        self.actors = [f"user,{self.desk.id}", "address,one"]

    def check(self, code, merchant=None, user=None, actors=None):
        return (merchant or self.merchant)._check_code(code, user or self.desk, actors or self.actors)

    def redeem(self, code, key="f1", merchant=None, reference=""):
        return (merchant or self.merchant)._redeem_code(code, self.desk, self.actors, key, reference)

    def other_merchant(self, **values):
        return self.env["club.merchant"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Book Shop", "is_company": True}).id,
                "club_id": self.club.id,
                "code": "books",
                "user_ids": [(4, self.desk.id)],
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestOneAnswerForEveryWrongCode(DeskCase):
    def refusal(self, code, **values):
        with self.assertRaises(CodeRefusedError) as raised:
            self.check(code, **values)
        return str(raised.exception)

    def test_wrong_foreign_over_used_and_own_codes_get_the_same_words(self):
        """Abuse 13."""
        used, over, foreign, own = (self.buy() for _number in range(4))
        codes = {name: voucher._get_code() for name, voucher in (("used", used), ("over", over), ("foreign", foreign))}
        used._redeem(self.desk, "x")
        answers = {
            self.refusal("AAAA-BBBB-CCCC"),
            self.refusal("rubbish"),
            self.refusal(""),
            self.refusal(codes["used"]),
        }
        self.env["club.code.guard"].search([]).unlink()
        answers.add(self.refusal(codes["foreign"], merchant=self.other_merchant()))
        with freeze_time(over.valid_until):
            answers.add(self.refusal(codes["over"]))
        answers.add(self.refusal(own._get_code(), user=self.portal_user("anna")))
        self.assertEqual(len(answers), 1, answers)

    def test_typing_is_forgiven(self):
        voucher = self.buy()
        code = voucher._get_code()
        persian = code.translate(
            str.maketrans("0123456789", "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9")
        )
        for typed in (code.lower(), code.replace("-", " "), code.replace("0", "O").replace("1", "l"), persian):
            with self.subTest(typed=typed):
                self.assertEqual(self.check(typed), voucher)

    def test_looking_redeems_nothing(self):
        voucher = self.buy()
        self.check(voucher._get_code())
        self.assertEqual(voucher.state, "issued")

    def test_the_members_number_opens_nothing(self):
        """Abuse 13: the card's number authorises nothing."""
        self.refusal(self.member.number)
        self.refusal(self.member.card_id.code)


@tagged("post_install", "-at_install")
class TestGuessingIsStopped(DeskCase):
    def guess_once(self, number, actors):
        """Whether the guess was not even looked up."""
        try:
            self.check(f"AAAA-BBBB-CC{number:02d}", actors=actors)
        except CodePausedError:
            return True
        except CodeRefusedError:
            return False
        raise AssertionError("a guess was right")

    def guess(self, times, actors=None):
        return sum(self.guess_once(number, actors) for number in range(times))

    def test_five_wrong_codes_then_a_pause_in_which_even_a_right_one_is_not_looked_up(self):
        """Abuse 13."""
        code = self.buy()._get_code()
        self.assertEqual(self.guess(MOST_TRIES), 0)
        with self.assertRaises(CodePausedError):
            self.check(code)
        with self.assertRaises(CodePausedError):
            self.redeem(code)
        later = fields.Datetime.add(fields.Datetime.now(), minutes=15, seconds=1)
        with freeze_time(later):
            self.assertTrue(self.check(code))

    def test_a_thousand_guesses_an_hour_are_looked_up_twenty_times(self):
        looked_up = 0
        with freeze_time("2026-03-01 10:00:00") as clock:
            for _minute in range(60):
                looked_up += 17 - self.guess(17)
                clock.tick(60)
        self.assertLessEqual(looked_up, 20)

    def test_another_user_at_the_same_address_and_the_same_user_elsewhere_wait_too(self):
        self.guess(MOST_TRIES)
        self.assertEqual(self.guess(1, ["user,999999", "address,one"]), 1)
        self.assertEqual(self.guess(1, [f"user,{self.desk.id}", "address,two"]), 1)
        self.assertEqual(self.guess(1, ["user,999998", "address,three"]), 0)

    def test_right_codes_cost_no_try_and_pay_for_no_other(self):
        code = self.buy()._get_code()
        self.guess(MOST_TRIES - 1)
        for _number in range(10):
            self.check(code)
        self.assertEqual(self.guess(2), 1, "the four wrong ones still count")

    def test_no_address_is_stored_as_it_is(self):
        name = self.env["club.code.guard"]._name_address("203.0.113.7")
        self.assertTrue(name.startswith("address,"))
        self.assertNotIn("203.0.113", name)
        self.assertEqual(self.env["club.code.guard"]._name_address(""), "")

    def test_old_tries_are_forgotten(self):
        with freeze_time("2026-03-01 10:00:00"):
            self.guess(3)
        self.env["club.code.guard"]._gc_guards()
        self.assertFalse(self.env["club.code.guard"].search([("actor", "=", self.actors[0])]))


@tagged("post_install", "-at_install")
class TestRedeemingByCode(DeskCase):
    def test_redeemed_once_and_the_same_request_again_is_the_same(self):
        voucher = self.buy()
        code = voucher._get_code()
        self.assertEqual(self.redeem(code, reference="R-1"), voucher)
        self.assertEqual(self.redeem(code), voucher, "a second press of the button")
        with self.assertRaises(CodeRefusedError):
            self.redeem(code, key="f2")
        with self.assertRaises(CodeRefusedError):
            self.redeem("AAAA-BBBB-CCCC", key="f1")
        self.assertEqual((voucher.reference, voucher.state), ("R-1", "redeemed"))
        self.assertInvariantsHold()

    def test_a_suspended_merchant_redeems_nothing(self):
        code = self.buy()._get_code()
        self.merchant.action_suspend()
        with self.assertRaises(CodeRefusedError):
            self.redeem(code)

    def test_the_day_is_the_clubs_day(self):
        self.club.tz = "Asia/Tokyo"
        with freeze_time("2026-03-01 14:59:00"):  # one minute to midnight there
            self.redeem(self.buy()._get_code(), key="a")
            self.assertEqual(self.merchant._get_desk_day()["count"], 1)
        with freeze_time("2026-03-01 15:00:00"):
            self.assertEqual(self.merchant._get_desk_day()["count"], 0)
            undone = self.redeem(self.buy()._get_code(), key="b")
            self.redeem(self.buy()._get_code(), key="c")
            undone._undo(self.desk)
            day = self.merchant._get_desk_day()
            self.assertEqual((day["count"], day["total"], len(day["vouchers"])), (1, 8, 2))

    def test_a_merchant_redeems_no_more_a_day_than_it_may(self):
        """Abuse 12: it caps what could be redeemed without goods."""
        self.merchant.most_value_day = 16
        with freeze_time("2026-03-01 10:00:00"):
            self.redeem(self.buy()._get_code(), key="a")
            second = self.redeem(self.buy()._get_code(), key="b")
            third = self.buy()
            with self.assertRaisesRegex(UserError, "at most .*16.00 a day"):
                self.redeem(third._get_code(), key="c")
            with self.assertRaisesRegex(UserError, "a day"):
                self.env["club.voucher"]._charge(self.member, self.counter_offer, Decimal("1"), self.desk, "d")
            self.assertEqual(third.state, "issued")
            second._undo(self.desk)
            self.redeem(third._get_code(), key="e")
        with freeze_time("2026-03-02 00:00:00"):
            self.redeem(self.buy()._get_code(), key="f")
        self.assertInvariantsHold()

    def test_only_who_is_named_stands_at_the_counter(self):
        Merchant = self.env["club.merchant"]
        stranger = new_test_user(self.env, "nobody", groups="base.group_portal")
        self.assertEqual(Merchant.search(Merchant._get_desk_domain(self.desk)), self.merchant)
        self.assertFalse(Merchant.search(Merchant._get_desk_domain(stranger)))


@tagged("post_install", "-at_install")
class TestTheMembersOneTimeCode(DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=10)
        cls.merchant.hold_days = 0

    def token(self, most=0, member=None):
        return self.env["club.member.token"]._make_for(member or self.member, Decimal(most))

    def use(self, token, bill="0", paid="0", reference="R-1", key="u1", merchant=None, offer=None):
        return (merchant or self.merchant)._use_token(
            token._get_code() if hasattr(token, "_get_code") else token,
            self.desk,
            self.actors,
            key,
            Decimal(bill),
            Decimal(paid),
            self.counter_offer if offer is None else offer,
            reference,
        )

    def test_a_purchase_is_reported_with_the_code_as_proof(self):
        """Abuse 12."""
        token = self.use(self.token(), bill="50.00")
        purchase = token.purchase_id
        self.assertEqual((purchase.amount, purchase.state, purchase.token_ids), (50, "recorded", token))
        self.assertEqual(self.member.points, 505)
        self.assertInvariantsHold()

    def test_points_pay_a_part_and_only_the_rest_earns(self):
        """Never 11: what points paid earns nothing."""
        token = self.use(self.token(200), bill="50.00", paid="10.00")
        self.assertEqual((token.voucher_id.points, token.voucher_id.value), (200, 10))
        self.assertEqual(token.purchase_id.amount, 40)
        self.assertEqual(self.member.points, 500 - 200 + 4)
        self.assertInvariantsHold()

    def test_it_is_good_once(self):
        token = self.token(200)
        code = token._get_code()
        self.assertEqual(self.use(code, paid="5.00"), token)
        self.assertEqual(self.use(code, paid="5.00"), token, "a second press of the button")
        with self.assertRaises(CodeRefusedError):
            self.use(code, paid="5.00", key="u2")
        self.assertEqual(self.member.points, 400)
        self.assertInvariantsHold()

    def test_it_is_good_for_five_minutes_to_the_second(self):
        with freeze_time("2026-03-01 10:00:00"):
            token = self.token(200)
        with freeze_time("2026-03-01 10:05:00"):
            with self.assertRaises(CodeRefusedError):
                self.check(token._get_code())
            self.assertFalse(self.env["club.member.token"]._find_live(self.member))
        with freeze_time("2026-03-01 10:04:59"):
            self.assertEqual(self.check(token._get_code()), token)

    def test_a_new_code_ends_the_one_before(self):
        old = self.token()._get_code()
        new = self.token()._get_code()
        self.assertNotEqual(old, new)
        with self.assertRaises(CodeRefusedError):
            self.check(old)
        self.assertTrue(self.check(new))

    def test_no_more_points_than_the_member_allowed(self):
        token = self.token(100)
        with self.assertRaisesRegex(UserError, "code allows 100"):
            self.use(token, paid="5.01")
        self.assertEqual(self.use(token, paid="5.00").voucher_id.points, 100)
        self.assertInvariantsHold()

    def test_without_an_allowance_no_points_go(self):
        with self.assertRaisesRegex(UserError, "code allows 0"):
            self.use(self.token(), paid="0.01")

    def test_nobody_allows_more_than_there_is(self):
        for points in (501, -1):
            with self.assertRaisesRegex(UserError, "at most 500"):
                self.token(points)

    def test_points_spent_meanwhile_take_nothing_and_tell_no_balance(self):
        token = self.token(500)
        self.post(-450, "elsewhere")
        with self.assertRaisesRegex(UserError, "not enough points any more") as raised, self.cr.savepoint():
            self.use(token, paid="10.00")
        self.assertNotIn("50", str(raised.exception))
        self.assertEqual(self.member.points, 50)
        self.assertFalse(token.used_at)

    def test_amounts_that_make_no_sense_are_refused_and_the_code_stays_good(self):
        token = self.token(500)
        cases = (
            ({"bill": "0", "paid": "0"}, "above zero"),
            ({"bill": "5", "paid": "6"}, "more than the bill"),
            ({"bill": "-5"}, "above zero"),
            ({"bill": "5", "reference": ""}, "number of the receipt"),
            ({"bill": "5.001"}, "decimals"),
            ({"paid": "5", "offer": self.offer}, "no money at this counter"),
            ({"paid": "5", "offer": self.offer.browse()}, "no money at this counter"),
        )
        for values, words in cases:
            with self.subTest(**values), self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self.use(token, **values)
        self.assertFalse(token.used_at)
        self.assertEqual(self.check(token._get_code()), token)

    def test_a_receipt_counts_once(self):
        """Never 6."""
        self.use(self.token(), bill="50")
        with self.assertRaisesRegex(UserError, "reported before"):
            self.use(self.token(), bill="60", key="u2")
        self.assertEqual(self.member.points, 505)

    def test_a_mistake_is_taken_back_within_the_hour(self):
        with freeze_time("2026-03-01 10:00:00"):
            first = self.use(self.token(), bill="50").purchase_id
            second = self.use(self.token(), bill="60", key="u2", reference="R-2").purchase_id
            self.assertEqual(self.merchant._get_desk_day()["purchases"], second | first)
        with freeze_time("2026-03-01 10:59:59"):
            for _press in range(2):
                first._take_back_at_desk()
        with freeze_time("2026-03-01 11:00:00"), self.assertRaisesRegex(UserError, "is over"):
            second._take_back_at_desk()
        self.assertEqual((first.state, second.state, self.member.points), ("reversed", "recorded", 506))
        self.assertInvariantsHold()

    def test_another_clubs_member_and_the_merchants_people_get_the_one_answer(self):
        """Abuse 12, never 14."""
        club = self.env["club.club"].create({"name": "Second Club", "tz": "UTC"})
        stranger = club._enrol(self.env["res.partner"].create({"name": "Stranger"}))
        with self.assertRaises(CodeRefusedError):
            self.check(self.token(member=stranger)._get_code())
        self.merchant.staff_ids = self.partner
        with self.assertRaises(CodeRefusedError):
            self.check(self.token()._get_code())

    def test_who_left_meanwhile_is_not_served(self):
        token = self.token(100)
        self.member._leave()
        with self.assertRaises(CodeRefusedError):
            self.check(token._get_code())
        with self.assertRaisesRegex(UserError, "no active member"):
            self.token()

    def test_a_token_redeems_no_voucher_and_a_voucher_is_no_token(self):
        voucher, token = self.buy(), self.token(100)
        with self.assertRaises(CodeRefusedError):
            self.redeem(token._get_code())
        with self.assertRaises(CodeRefusedError):
            self.use(voucher._get_code(), paid="1")
        self.assertEqual((voucher.state, token.used_at), ("issued", False))

    def test_it_is_stored_hashed_and_unused_ones_are_forgotten(self):
        with freeze_time("2026-03-01 10:00:00"):
            token = self.token(100)
        code = token._get_code().replace("-", "")
        self.env.flush_all()
        self.cr.execute("SELECT row_to_json(t)::text FROM club_member_token t WHERE id = %s", [token.id])
        self.assertNotIn(code, self.cr.fetchone()[0])
        manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager")
        with self.assertRaises(AccessError):
            token.with_user(manager).read(["nonce"])
        with freeze_time("2026-03-03 10:00:00"):
            self.env["club.member.token"]._gc_tokens()
        self.assertFalse(token.exists())

    def test_what_exceeds_the_merchants_limits_waits_for_a_manager(self):
        """Abuse 12."""
        self.merchant.points_per_day = 3
        token = self.use(self.token(), bill="50.00")
        self.assertEqual((token.purchase_id.state, self.member.points), ("held", 500))

    def test_while_points_are_in_use_the_counter_says_so(self):
        """Abuse 24."""
        token = self.token(100)
        with (
            patch.object(self.env.registry["club.member"], "_lock_spending", lambda member: False),
            self.assertRaises(BusyError),
        ):
            self.use(token, paid="1")
        self.assertFalse(token.used_at)
