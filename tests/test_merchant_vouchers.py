"""Vouchers at partners: taken for points, redeemed once, undone, returned, over."""

from datetime import datetime, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.merchant_common import MerchantCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAVoucherIsTakenForPoints(MerchantCase):
    def test_points_go_at_once_and_the_voucher_can_be_redeemed(self):
        voucher = self.buy()
        self.assertEqual(voucher.state, "issued")
        self.assertEqual((voucher.points, self.member.points), (100, 400))
        self.assertEqual(voucher.value, 8.0)
        self.assertFalse(voucher.satisfied_at, "the member has got nothing yet (books rule 8)")
        self.assertEqual(voucher.merchant_id, self.merchant)
        self.assertInvariantsHold()

    def test_the_same_request_twice_takes_it_once(self):
        """Never 6: a retry doubles nothing."""
        first = self.buy(key="form-1")
        self.assertEqual(self.buy(key="form-1"), first)
        self.assertEqual(self.member.points, 400)
        other = self.offer.copy({"state": "open"})
        with self.assertRaisesRegex(UserError, "another voucher"):
            self.buy(offer=other, key="form-1")
        self.assertInvariantsHold()

    def test_not_enough_points_takes_nothing(self):
        self.offer.points = 501
        with self.assertRaises(NotEnoughPoints), self.cr.savepoint():
            self.buy()
        self.assertEqual(self.member.points, 500)
        self.assertFalse(self.env["club.voucher"].search([("offer_id", "=", self.offer.id)]))
        self.assertInvariantsHold()

    def test_the_last_one_is_gone_between_the_view_and_the_click(self):
        self.offer.stock = 1
        self.post(500, "ben", member=self.member_2)
        self.buy(member=self.member_2)
        with self.assertRaisesRegex(UserError, "the last one was taken"):
            self.buy()
        self.assertEqual((self.member.points, self.offer.left), (500, 0))
        self.assertInvariantsHold()

    def test_one_given_back_can_be_had_again(self):
        self.offer.stock = 1
        self.buy()._cancel()
        self.assertEqual(self.buy().state, "issued")
        self.assertInvariantsHold()

    def test_a_member_takes_no_more_than_the_limit_of_the_period(self):
        self.offer.write({"per_member": 1, "per_member_period": "month"})
        with freeze_time("2026-03-31 23:59:59"):
            self.buy()
            with self.assertRaisesRegex(UserError, "as often as one may"):
                self.buy()
        with freeze_time("2026-04-01 00:00:00"):
            self.assertEqual(self.buy().state, "issued", "a new month has begun in the club's time zone")
        self.assertInvariantsHold()

    def test_an_offer_is_for_whom_it_is_meant(self):
        """Never 17."""
        self.offer.audience_group_ids = self.env["res.partner.category"].create({"name": "Bees"})
        with self.assertRaisesRegex(UserError, "not meant for your membership"):
            self.buy()
        self.offer.write({"audience_group_ids": [(5,)], "date_to": "2020-01-01"})
        with self.assertRaisesRegex(UserError, "has ended"):
            self.buy()
        self.assertEqual(self.member.points, 500)

    def test_closed_offers_and_suspended_merchants_sell_nothing(self):
        self.offer.action_close()
        with self.assertRaisesRegex(UserError, "not offered any more"):
            self.buy()
        self.offer.action_open()
        self.merchant.action_suspend()
        with self.assertRaisesRegex(UserError, "not offered any more"):
            self.buy()
        with self.assertRaisesRegex(UserError, "Resume it first"):
            self.offer.action_open()
        self.assertEqual(self.member.points, 500)

    def test_a_member_of_another_club_or_company_gets_nothing(self):
        """Never 14."""
        company = self.env["res.company"].create({"name": "Other Company"})
        club = self.env["club.club"].create({"name": "Other Club", "company_id": company.id, "tz": "UTC"})
        stranger = club._enrol(self.env["res.partner"].create({"name": "Stranger"}))
        self.post(500, "stranger", member=stranger)
        with self.assertRaisesRegex(UserError, "not offered in this club"):
            self.buy(member=stranger)
        self.assertEqual(stranger.points, 500)
        self.assertInvariantsHold()

    def test_who_has_left_takes_nothing(self):
        self.club.leave_policy = "keep"
        self.member._leave()
        with self.assertRaisesRegex(UserError, "no active member"):
            self.buy()

    def test_the_merchants_own_people_take_none_of_its_vouchers(self):
        """Abuse 12."""
        for link in ({"staff_ids": [(4, self.partner.id)]}, {"user_ids": [(4, self.portal_user("anna").id)]}):
            with self.subTest(link=link), self.cr.savepoint() as savepoint:
                self.merchant.write(link)
                with self.assertRaisesRegex(UserError, "nobody redeems at their own counter"):
                    self.buy()
                savepoint.rollback()

    def test_terms_stay_as_agreed_when_the_offer_changes(self):
        voucher = self.buy()
        self.offer.write({"value": 1, "expiry": "lost", "reversal": "keep", "can_cancel": False, "undo_minutes": 0})
        self.assertEqual((voucher.value, voucher.expiry, voucher.reversal), (8, "give_back", "give_back"))
        self.assertTrue(voucher.can_cancel)
        with self.assertRaisesRegex(UserError, "its merchant and its kind stay"):
            self.offer.kind = "per_amount"
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.offer.unlink()

    def test_impossible_terms_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "fewer decimals"):
            self.offer.points = 10.5
        with self.assertRaisesRegex(ValidationError, "Lower the first"):
            self.counter_offer.write({"least_points": 50, "most_points": 20})


@tagged("post_install", "-at_install")
class TestAVoucherIsRedeemedOnce(MerchantCase):
    def test_the_merchant_is_owed_its_value(self):
        voucher = self.buy()
        self.assertTrue(voucher._redeem(self.desk, "k1", "R-7"))
        self.assertEqual((voucher.state, voucher.reference, voucher.redeemed_by_id), ("redeemed", "R-7", self.desk))
        self.assertTrue(voucher.satisfied_at)
        self.assertEqual(voucher.unit_cost, 8.0)
        self.assertFalse(voucher._redeem(self.desk, "k2"))
        self.assertEqual(voucher.use_key, "k1")
        self.assertInvariantsHold()

    def test_it_ends_at_midnight_of_the_clubs_time_zone(self):
        """Never 3 and 4: to the second."""
        self.club.tz = "Asia/Tehran"
        self.offer.valid_days = 2
        with freeze_time("2026-03-01 20:29:59"):  # the first of March, a second before midnight there
            voucher = self.buy()
        self.assertEqual(voucher.valid_until, datetime(2026, 3, 2, 20, 30))
        with freeze_time("2026-03-02 20:30:00"), self.cr.savepoint() as savepoint:
            self.assertFalse(voucher._redeem(self.desk, "late"))
            savepoint.rollback()
        with freeze_time("2026-03-02 20:29:59"):
            self.assertTrue(voucher._redeem(self.desk, "in time"))

    def test_nobody_redeems_an_own_voucher(self):
        """Abuse 12: also who became one of the merchant's people after taking it."""
        voucher = self.buy()
        user = self.portal_user("anna")
        self.assertFalse(voucher._redeem(user, "own"))
        self.merchant.staff_ids = self.partner
        self.assertFalse(voucher._redeem(self.desk, "staff"))
        voucher._cancel()
        self.assertEqual(self.member.points, 500)

    def test_undoing_in_time_gives_the_points_back_to_their_lots(self):
        voucher = self.buy()
        voucher._redeem(self.desk, "k1")
        voucher._undo(self.desk)
        self.assertEqual((voucher.state, voucher.points, self.member.points), ("reversed", 0, 500))
        self.assertFalse(voucher.satisfied_at)
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            voucher._undo(self.desk)
        self.assertFalse(voucher._redeem(self.desk, "k2"))
        self.assertInvariantsHold()

    def test_undoing_leaves_the_points_where_the_offer_says_so(self):
        self.offer.reversal = "keep"
        voucher = self.buy()
        voucher._redeem(self.desk, "k1")
        voucher._undo(self.desk)
        self.assertEqual((voucher.state, voucher.points, self.member.points), ("reversed", 100, 400))
        self.assertTrue(voucher.satisfied_at, "the member has no claim to these points any more")
        self.assertInvariantsHold()

    def test_the_merchant_undoes_within_its_time_and_a_manager_later(self):
        with freeze_time("2026-03-01 10:00:00"):
            voucher = self.buy()
            voucher._redeem(self.desk, "k1")
        with freeze_time("2026-03-01 11:00:00"):
            with self.assertRaisesRegex(UserError, "time to undo"):
                voucher._undo(self.desk)
            manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager")
            voucher.with_user(manager).action_reverse()
        self.assertEqual((voucher.state, self.member.points), ("reversed", 500))
        self.assertEqual(voucher.reversed_by_id, manager)


@tagged("post_install", "-at_install")
class TestAVoucherEndsUnused(MerchantCase):
    def test_the_member_returns_it_and_gets_the_points_back_once(self):
        voucher = self.buy()
        voucher._cancel()
        self.assertEqual((voucher.state, self.member.points), ("cancelled", 500))
        with self.assertRaisesRegex(UserError, "no longer open"):
            voucher._cancel()
        self.assertFalse(voucher._redeem(self.desk, "k1"))
        self.assertInvariantsHold()

    def test_what_cannot_be_returned_is_not_unless_a_manager_does(self):
        self.offer.can_cancel = False
        voucher = self.buy()
        with self.assertRaisesRegex(UserError, "cannot be returned"):
            voucher._cancel()
        voucher.action_cancel()
        self.assertEqual(self.member.points, 500)

    def test_it_can_be_returned_once_the_merchant_is_suspended(self):
        self.offer.can_cancel = False
        voucher = self.buy()
        self.merchant.action_suspend()
        self.assertFalse(voucher._redeem(self.desk, "k1"))
        voucher._cancel()
        self.assertEqual(self.member.points, 500)

    def expire(self):
        with self.jobs_in_test():
            return self.env["club.voucher"]._cron_expire()

    def test_over_means_points_back_or_lost_as_agreed(self):
        """Never 3 and 4; the job may run as often as it likes."""
        with freeze_time("2026-03-01 10:00:00"):
            back = self.buy()
            self.offer.expiry = "lost"
            lost = self.buy()
        with freeze_time("2026-03-30 23:59:59"):
            self.assertEqual(self.expire(), 0)
        with freeze_time("2026-03-31 00:00:00"):
            self.assertEqual(self.expire(), 2)
            self.assertEqual(self.expire(), 0)
        self.assertEqual((back.state, back.points, lost.state, lost.points), ("expired", 0, "expired", 100))
        self.assertEqual(self.member.points, 400)
        self.assertEqual(lost.satisfied_at, datetime(2026, 3, 31), "the shop owes nothing from then on")
        self.assertFalse(back.satisfied_at)
        self.assertInvariantsHold()

    def test_points_come_back_where_nobody_could_have_redeemed(self):
        self.offer.expiry = "lost"
        with freeze_time("2026-03-01 10:00:00"):
            self.buy()
        self.merchant.action_suspend()
        with freeze_time("2026-04-15 00:00:00"):
            self.expire()
        self.assertEqual(self.member.points, 500)
        self.assertInvariantsHold()

    def test_points_given_back_expire_with_the_lot_they_came_from(self):
        """Nothing launders an expiry: what has expired meanwhile expires again at once."""
        lots = self.env["club.point.lot"].search([("member_id", "=", self.member.id)])
        self.post(60, "short", expires_on=datetime(2026, 3, 10).date(), date=datetime(2026, 3, 1))
        self.assertTrue(lots)
        with freeze_time("2026-03-05 10:00:00"):
            voucher = self.buy()  # 60 of them expire on the tenth
        with freeze_time("2026-03-12 10:00:00"):
            voucher._cancel()
            self.assertEqual(self.member.points, 500)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestPointsPayAtTheCounter(MerchantCase):
    def charge(self, amount, key="c1", **values):
        return self.env["club.voucher"]._charge(
            self.member, self.counter_offer, Decimal(amount), self.desk, f"desk:{key}", **values
        )

    def test_the_cost_is_rounded_up(self):
        """Abuse 1."""
        voucher = self.charge("5.01")
        self.assertEqual((voucher.points, voucher.value, voucher.state), (101, 5.01, "redeemed"))
        self.assertEqual(self.member.points, 399)
        self.assertInvariantsHold()

    def test_limits_per_use_and_day_hold(self):
        self.counter_offer.write({"least_points": 20, "most_points": 150, "most_points_day": 200})
        for amount, words in (("0.50", "at least"), ("8.00", "at most"), ("0", "above zero")):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, words):
                self.charge(amount)
        self.charge("7.00")
        with self.assertRaisesRegex(UserError, "per member and day"):
            self.charge("3.05", key="c2")
        self.charge("3.00", key="c3")
        self.assertEqual(self.member.points, 300)
        self.assertInvariantsHold()

    def test_the_same_request_twice_charges_once(self):
        self.assertEqual(self.charge("5.00"), self.charge("5.00"))
        self.assertEqual(self.member.points, 400)

    def test_undone_at_the_counter_the_points_come_back(self):
        self.charge("5.00")._undo(self.desk)
        self.assertEqual(self.member.points, 500)
        self.assertInvariantsHold()

    def test_a_day_given_back_can_be_used_again(self):
        self.counter_offer.most_points_day = 100
        self.charge("5.00")._undo(self.desk)
        self.assertEqual(self.charge("5.00", key="c2").points, 100)


@tagged("post_install", "-at_install")
class TestVouchersFollowTheirMember(MerchantCase):
    def test_after_a_merge_the_one_that_remains_holds_them(self):
        """Never 13."""
        voucher = self.buy()
        self.member._absorb_into(self.member_2)
        self.assertEqual(voucher._get_holder(), self.member_2)
        self.assertIn(voucher, self.member_2._get_vouchers())
        self.assertTrue(voucher._get_code())
        voucher._cancel()
        self.assertEqual(self.member_2.points, 500)
        self.assertInvariantsHold()

    def test_after_leaving_or_erasure_the_books_keep_them(self):
        self.club.leave_policy = "keep"
        redeemed, issued = self.buy(), self.buy()
        redeemed._redeem(self.desk, "k1")
        self.member._leave()
        self.member._erase()
        self.assertEqual(redeemed.state, "redeemed")
        with freeze_time(issued.valid_until + timedelta(seconds=1)):
            issued._expire()
        self.assertEqual(issued.state, "expired")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestCodesAreHashedAtRest(MerchantCase):
    def test_the_rows_of_the_database_hold_no_code(self):
        """Abuse 13."""
        voucher = self.buy()
        code = voucher._get_code()
        self.assertRegex(code, r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$")
        self.env.flush_all()
        for table in ("club_voucher", "club_point_entry", "mail_message", "club_code_guard"):
            self.cr.execute(f"SELECT row_to_json(t)::text FROM {table} t")  # pylint: disable=sql-injection
            text = " ".join(row for (row,) in self.cr.fetchall())
            self.assertNotIn(code, text)
            self.assertNotIn(code.replace("-", ""), text)

    def test_nobody_reads_what_derives_the_code(self):
        voucher = self.buy()
        manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager,base.group_system")
        self.assertEqual(voucher.with_user(manager).read(["number"])[0]["number"], voucher.number)
        for name in ("code_nonce", "code_digest"):
            with self.assertRaises(AccessError):
                voucher.with_user(manager).read([name])
            self.assertNotIn(name, voucher.with_user(manager).fields_get())

    def test_a_used_voucher_shows_no_code(self):
        voucher = self.buy()
        voucher._redeem(self.desk, "k1")
        self.assertEqual(voucher._get_code(), "")

    def test_codes_of_many_vouchers_differ(self):
        self.post(900, "more")
        codes = {self.buy()._get_code() for _number in range(12)}
        self.assertEqual(len(codes), 12)


@tagged("post_install", "-at_install")
class TestWhatEachRoleMayDo(MerchantCase):
    def test_vouchers_are_read_by_staff_and_written_by_nobody(self):
        """Abuse 15."""
        voucher = self.buy()
        for group in ("club_user", "club_manager", "club_accountant"):
            user = new_test_user(self.env, f"x_{group}", groups=f"customer_club.group_{group}")
            own = voucher.with_user(user)
            self.assertEqual(own.value, 8)
            with self.assertRaises(AccessError):
                own.write({"value": 1000})
            with self.assertRaises(AccessError):
                own.env["club.voucher"].create({"member_id": self.member.id, "offer_id": self.offer.id, "key": "x"})
            with self.assertRaises(AccessError):
                own.unlink()
            if group != "club_manager":
                with self.assertRaises(AccessError):
                    own.action_reverse()
                with self.assertRaises(AccessError):
                    own.action_cancel()
        for user in (self.desk, self.portal_user("anna")):
            with self.assertRaises(AccessError):
                voucher.with_user(user).read(["number"])
            with self.assertRaises(AccessError):
                self.offer.with_user(user).read(["name"])

    def test_codes_shown_at_partners_and_tries_are_nobodys_to_read_but_a_managers(self):
        """Abuse 15."""
        token = self.env["club.member.token"]._make_for(self.member)
        manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager")
        self.assertEqual(token.with_user(manager).member_id, self.member)
        employee = new_test_user(self.env, "clerk", groups="base.group_user")
        for user in (self.desk, self.portal_user("anna"), employee):
            for model in ("club.member.token", "club.code.guard", "club.voucher", "club.merchant.offer"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        for model in ("club.member.token", "club.code.guard"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(manager).create({})

    def test_a_step_is_not_typed_in(self):
        with self.assertRaisesRegex(AccessError, "not typed in"):
            self.buy().write({"state": "redeemed"})

    def test_nobody_decides_about_an_own_voucher(self):
        voucher = self.buy()
        manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager")
        self.partner.user_ids = manager
        with self.assertRaisesRegex(UserError, "your own"):
            voucher.with_user(manager).action_cancel()
        self.assertEqual(voucher.state, "issued")

    def test_staff_of_another_company_see_nothing(self):
        voucher = self.buy()
        company = self.env["res.company"].create({"name": "Other Company"})
        user = new_test_user(
            self.env,
            "elsewhere",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["club.voucher"].with_user(user).search([("id", "=", voucher.id)]))
        self.assertFalse(self.env["club.merchant.offer"].with_user(user).search([("id", "=", self.offer.id)]))
