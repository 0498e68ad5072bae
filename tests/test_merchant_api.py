"""A merchant's own till redeems vouchers by key; a member's code proves a purchase where the merchant needs it."""

from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.api_common import ApiCase
from odoo.addons.customer_club.tests.merchant_common import MerchantCase
from odoo.tests import tagged


class VoucherApiCase(ApiCase, MerchantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.integration.allow_redeem = True
        cls.merchant.write({"integration_id": cls.integration.id, "hold_days": 0})

    def setUp(self):
        super().setUp()
        guard = self.guard_in_test()
        guard.__enter__()
        self.addCleanup(guard.__exit__, None, None, None)

    def redeem(self, voucher, key="r-1", **values):
        code = voucher if isinstance(voucher, str) else voucher._get_code()
        return self.call("redeem_voucher", **{"code": code, "key": key, **values})


@tagged("post_install", "-at_install")
class TestATillRedeemsVouchers(VoucherApiCase):
    def test_looked_at_redeemed_replayed_and_undone(self):
        """Never 6."""
        voucher = self.buy()
        code = voucher._get_code()
        seen = self.call("check_voucher", code=code.lower())
        self.assertEqual(
            (seen["voucher"], seen["offer"], seen["value"], seen["merchant"]),
            (voucher.number, "Breakfast for two", "8.00", "bakery"),
        )
        self.assertEqual(voucher.state, "issued")
        first = self.redeem(code, reference="R-1")
        self.assertEqual((first["voucher"], first["reference"], first["replayed"]), (voucher.number, "R-1", False))
        self.assertEqual(self.redeem(code, reference="R-1"), {**first, "replayed": True})
        self.assertRefused("code_not_valid", self.redeem(code, key="r-2"))
        self.assertRefused("key_reused", self.redeem("AAAA-BBBB-CCCC", reference="R-1"))
        self.assertEqual(self.call("get_result", key="r-1"), {**first, "replayed": True})
        undone = self.call("undo_voucher", undoes="r-1", key="u-1")
        self.assertEqual((undone["state"], voucher.state, self.member.points), ("reversed", "reversed", 500))
        self.assertEqual(self.call("undo_voucher", undoes="r-1", key="u-1"), {**undone, "replayed": True})
        self.assertRefused("nothing_left", self.call("undo_voucher", undoes="r-1", key="u-2"))
        self.assertInvariantsHold()

    def test_the_answer_names_no_customer(self):
        """Abuse 16."""
        answer = self.redeem(self.buy())
        self.assertNotIn(self.member.number, str(answer))
        self.assertNotIn("Anna", str(answer))

    def test_wrong_foreign_over_and_used_codes_get_one_answer(self):
        """Abuse 13."""
        voucher, over = self.buy(), self.buy()
        with freeze_time(over.valid_until):
            answers = [self.redeem(over._get_code(), key="o")]
        self.redeem(voucher._get_code(), key="x")
        token = self.env["club.member.token"]._make_for(self.member)
        answers += [self.redeem(code, key="y") for code in ("AAAA-BBBB-CCCC", "x", token._get_code())]
        self.assertEqual({answer["error"]["code"] for answer in answers}, {"code_not_valid"})
        self.assertEqual(len({answer["error"]["message"] for answer in answers}), 1)

    def test_guesses_are_counted_and_paused(self):
        """Abuse 13."""
        code = self.buy()._get_code()
        guard = self.env.registry["club.code.guard"]
        with patch.object(guard, "_try", lambda _self, *actors: False):
            self.assertRefused("code_paused", self.redeem(code))
            self.assertRefused("code_paused", self.call("check_voucher", code=code))
        counted = []
        with patch.object(guard, "_try", lambda _self, *actors: counted.append(actors) or True):
            self.assertRefused("code_not_valid", self.redeem("AAAA-BBBB-CCCC"))
        self.assertEqual(counted, [(f"user,{self.user.id}", "")])

    def test_only_the_till_of_the_merchant_and_only_if_allowed(self):
        """Abuse 12 and 16."""
        voucher = self.buy()
        code = voucher._get_code()
        self.integration.allow_redeem = False
        for method, values in (
            ("check_voucher", {"code": code}),
            ("redeem_voucher", {"code": code, "key": "k"}),
            ("undo_voucher", {"undoes": "k", "key": "k2"}),
        ):
            self.assertRefused("forbidden", self.call(method, **values))
        other = self.env["club.integration"].create(
            {"name": "Other Till", "club_ids": self.club.ids, "allow_redeem": True}
        )
        user = other._get_user()
        self.assertRefused("forbidden", self.call("redeem_voucher", user, code=code, key="k"))
        self.env["club.merchant"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Book Shop"}).id,
                "club_id": self.club.id,
                "code": "books",
                "integration_id": other.id,
            }
        )
        self.assertRefused("code_not_valid", self.call("redeem_voucher", user, code=code, key="k"))
        self.assertRefused("forbidden", self.call("redeem_voucher", user, code=code, key="k", merchant="bakery"))
        self.integration.allow_redeem = True
        self.redeem(code)
        self.assertRefused("unknown_key", self.call("undo_voucher", user, undoes="r-1", key="u"))
        self.assertEqual(voucher.state, "redeemed")

    def test_too_late_to_undo(self):
        with freeze_time("2026-03-01 10:00:00"):
            voucher = self.buy()
            self.redeem(voucher)
        with freeze_time("2026-03-01 11:00:00"):
            self.assertRefused("refused", self.call("undo_voucher", undoes="r-1", key="u"))
        self.assertEqual(voucher.state, "redeemed")

    def test_what_is_missing_is_named(self):
        self.assertRefused("bad_input", self.call("redeem_voucher", code="AAAA-BBBB-CCCC"))
        self.assertRefused("bad_input", self.call("undo_voucher", key="k"))
        self.assertRefused("code_not_valid", self.call("check_voucher"))


@tagged("post_install", "-at_install")
class TestACodeProvesAPurchase(VoucherApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=10)
        cls.merchant.token_required = True

    def report(self, key="p-1", **values):
        return self.call(
            "record_event",
            **{
                "member": self.member.number,
                "type": "merchant_purchase",
                "key": key,
                "amount": "50",
                "reference": key,
                **values,
            },
        )

    def token(self, member=None):
        return self.env["club.member.token"]._make_for(member or self.member, Decimal(0))

    def test_without_the_members_code_nothing_is_reported(self):
        """Abuse 12."""
        self.assertRefused("code_not_valid", self.report())
        self.assertRefused("code_not_valid", self.report(token="AAAA-BBBB-CCCC"))
        self.assertRefused("code_not_valid", self.report(token=self.token(self.member_2)._get_code()))
        self.assertRefused("code_not_valid", self.report(token=self.buy()._get_code()))
        self.assertFalse(self.env["club.merchant.purchase"].search([("merchant_id", "=", self.merchant.id)]))

    def test_with_it_once_and_a_replay_needs_no_new_one(self):
        token = self.token()
        code = token._get_code()
        first = self.report(token=code)
        self.assertEqual((first["points"], first["state"]), ("5", "recorded"))
        self.assertEqual(token.purchase_id.reference, "p-1")
        self.assertTrue(token.used_at)
        self.assertEqual(self.report(token=code), {**first, "replayed": True})
        self.assertRefused("code_not_valid", self.report(key="p-2", token=code))
        self.assertEqual(self.member.points, 505)
        self.assertInvariantsHold()

    def test_in_a_list_one_code_proves_one_purchase(self):
        token = self.token()
        facts = [
            {
                "member": self.member.number,
                "type": "merchant_purchase",
                "key": key,
                "amount": "50",
                "token": token._get_code(),
            }
            for key in ("p-1", "p-2")
        ]
        answers = self.call("record_events", events=facts)["results"]
        self.assertEqual([answer.get("error", {}).get("code") for answer in answers], [None, "code_not_valid"])
        self.assertEqual(self.member.points, 505)

    def test_a_refused_purchase_leaves_the_code_good(self):
        token = self.token()
        self.env["club.merchant.purchase"]._record_from_api(
            [
                {
                    "merchant_id": self.merchant.id,
                    "member_id": self.member_2.id,
                    "reference": "p-1",
                    "amount": 5.0,
                    "occurred_at": fields.Datetime.now(),
                }
            ]
        )
        self.assertRefused("key_reused", self.report(token=token._get_code()))
        self.assertFalse(token.used_at)
        self.assertEqual(self.report(key="p-2", token=token._get_code())["points"], "5")

    def test_where_the_merchant_needs_none_a_code_is_still_checked(self):
        self.merchant.token_required = False
        self.assertEqual(self.report()["points"], "5")
        self.assertRefused("code_not_valid", self.report(key="p-2", token="AAAA-BBBB-CCCC"))

    def test_only_purchases_take_a_code(self):
        answer = self.call("record_event", member=self.member.number, type="visit", key="v", token="AAAA-BBBB-CCCC")
        self.assertRefused("bad_input", answer)
