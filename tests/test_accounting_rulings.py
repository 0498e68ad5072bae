"""Rulings on what the rules leave open: what comes back late, what comes back after it expired, who leaves."""

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged

from .test_accounting_ties import TieCase
from .test_accounting_worked_life import AccountingCase


class RulingCase(TieCase, AccountingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.joined_at = cls.member_2.joined_at = "2025-12-01 12:00:00"
        cls.estimate("2026-01-01", 0.10, 0.80)

    def sell_in(self, day, price, points=0, **kwargs):
        with freeze_time(f"{day} 10:00:00"):
            move = self.invoice(self.buy(price, points, **kwargs))
            self.pay(move)
        return move

    def close_in(self, day):
        with freeze_time(f"{day} 12:00:00"):
            close = self.close()
        self.assertRollsForward(close)
        return close


@tagged("post_install", "-at_install")
class TestWhatComesBackAfterItExpired(RulingCase):
    """A return of a sale whose points have expired. What was put aside for them is revenue by then: nobody could use
    them any more. The price of that sale changes, and the change belongs to the goods and to the points in the same
    proportion (IFRS 15.88), so in a perfect world points revenue (411) falls and the contra-income (410) too. Both are
    revenue from the same contracts, what is shown as revenue in all is right to the cent, and no points of other sales
    are taken; so it is left between these two accounts.
    """

    def test_no_other_points_are_taken_and_revenue_is_right_in_all(self):
        self.rule.expiry_months = 1
        move = self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-02-15 00:30:00"):
            self.expire(None)
        self.rule.expiry_months = 0
        self.sell_in("2026-02-20", 600.0)
        self.assertEqual(self.lines(self.close_in("2026-02-22")), [("410", "251", 74.07)])
        self.assertEqual(self.lines(self.close_in("2026-03-02")), [("410", "251", 44.44), ("251", "411", 74.07)])
        with freeze_time("2026-03-10 10:00:00"):
            self.refund(move)
        self.env.invalidate_all()
        self.assertEqual(self.member.points, 600, "those of the other sale stay")
        self.assertEqual(self.lines(self.close_in("2026-04-02")), [])
        balances = [self.balance(code) for code in ("410", "411", "251")]
        self.assertEqual(balances, [118.51, -74.07, -44.44], "410 and 411: 44.44 put aside for the sale that stands")
        self.assertInvariantsHold()

    def test_a_part_that_was_used_before_is_taken_from_others(self):
        """Books 6: 400 were used, 600 expired; what was used is owed back, what expired is not."""
        self.rule.expiry_months = 1
        move = self.sell_in("2026-01-10", 1000.0)
        self.sell_in("2026-01-20", 500.0, 400)
        self.rule.expiry_months = 0
        with freeze_time("2026-02-15 00:30:00"):
            self.expire(None)
        self.sell_in("2026-02-20", 600.0)
        for day in ("2026-02-22", "2026-03-02"):
            self.close_in(day)
        with freeze_time("2026-03-10 10:00:00"):
            self.refund(move)
        close = self.close_in("2026-04-02")
        self.assertAlmostEqual(sum(close.cohort_ids.mapped("closing")), self.member.points, 2)
        put_aside = self.env["club.deferral"].search([("club_id", "=", self.club.id)])
        self.assertAlmostEqual(
            self.balance("410") + self.balance("411") + self.balance("251"), 0, 2, "nothing comes from nowhere"
        )
        self.assertLessEqual(-self.balance("251"), sum(put_aside.mapped("allocated")))
        self.assertInvariantsHold()

    def balance(self, code):
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.accounts[code].id), ("parent_state", "=", "posted")]
        )
        return round(sum(lines.mapped("balance")), 2)


@tagged("post_install", "-at_install")
class TestPointsThatStandWithoutMoney(RulingCase):
    """Books 6: a voucher holds the points of a sale; the sale comes back and takes other points; then the voucher gives
    its points back. They stand in the cohort of a sale that is no longer there, with nothing left to be put aside.
    """

    NAME = "Points of returned sales that stand without money"

    def test_they_are_listed_with_their_cohort(self):
        sale = self.sell_in("2026-01-10", 1000.0)
        merchant = self.env["club.merchant"].create(
            {"partner_id": self.partner_2.id, "club_id": self.club.id, "code": "bakery"}
        )
        offer = self.env["club.merchant.offer"].create(
            {"name": "Bread", "merchant_id": merchant.id, "state": "open", "points": 400, "value": 8, "valid_days": 90}
        )
        with freeze_time("2026-01-12 10:00:00"):
            voucher = self.env["club.voucher"]._buy(self.member, offer, "form")
        self.close_in("2026-02-02")
        self.assertGreen(self.NAME)
        self.sell_in("2026-02-14", 600.0)
        with freeze_time("2026-02-20 10:00:00"):
            self.refund(sale)
        self.close_in("2026-03-02")
        with freeze_time("2026-03-10 10:00:00"):
            voucher._cancel(force=True)
        close = self.close_in("2026-04-02")
        self.env.invalidate_all()
        self.assertEqual(self.member.points, close.closing_points)
        line = self.look()[self.NAME]
        self.assertEqual(line.state, "note")
        action = line.action_open_behind()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual([(str(row.cohort), row.closing, row.closing_value) for row in rows], [("2026-01-01", 400, 0)])
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestPointsThatWereWon(RulingCase):
    def test_a_play_releases_its_points_and_what_it_wins_is_never_booked(self):
        """Free points, usable with a purchase only, are no consideration of anybody (IFRS 15.B40): no accrual."""
        self.sell_in("2026-01-10", 1000.0)
        draw = self.env["club.draw"].create(
            {
                "club_id": self.club.id,
                "name": "Wheel",
                "points": 100,
                "prize_ids": [(0, 0, {"kind": "points", "points": 50, "weight": 1})],
            }
        )
        draw.action_open()
        with freeze_time("2026-01-20 10:00:00"):
            play = draw._play(self.member, "click")
            play._deliver()
        self.settle()
        self.assertPoints(950)
        close = self.close_in("2026-02-02")
        self.assertEqual(self.lines(close), [("410", "251", 74.07), ("251", "411", 9.26)], "100 of 800")
        free = close.cohort_ids.filtered(lambda row: row.nature == "free")
        self.assertEqual((free.closing, free.closing_value), (50, 0))
        self.assertEqual(self.cost().get("club.draw.play"), 0, "the play's points cost when they are used")

    def cost(self):
        self.env.flush_all()
        rows = self.env["club.spending.report"]._read_group(
            [("club_id", "=", self.club.id)], ["channel"], ["cost:sum"]
        )
        return {channel: round(cost, 2) for channel, cost in rows}


@tagged("post_install", "-at_install")
class TestWhoLeavesTheBooks(RulingCase):
    def test_a_merged_members_points_stay_in_their_cohort(self):
        """Books 5, never 13."""
        self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-02-02 10:00:00"):
            before = self.close()
        with freeze_time("2026-02-10 10:00:00"):
            self.env["base.partner.merge.automatic.wizard"]._merge(
                (self.partner | self.partner_2).ids, dst_partner=self.partner_2
            )
            self.settle()
        self.assertEqual(self.member_2.points, 1000)
        with freeze_time("2026-02-20 10:00:00"):
            self.post(-400, "used by the heir", member=self.member_2)
        close = self.close_in("2026-03-02")
        self.assertEqual(self.lines(close), [("251", "411", 37.04)], "of January's cohort: 400 of 800")
        self.assertEqual(close.cohort_ids.mapped("cohort"), before.cohort_ids.mapped("cohort"))
        self.assertEqual(len(self.env["club.deferral"].search([("club_id", "=", self.club.id)])), 1)
        self.assertGreen("Ledger value and liability account")
        self.assertInvariantsHold()

    def test_an_erased_members_points_expire_and_what_was_put_aside_stays_proven(self):
        move = self.sell_in("2026-01-10", 1000.0)
        self.close_in("2026-02-02")
        with freeze_time("2026-02-10 10:00:00"):
            self.member._erase("Asked by letter")
            self.settle()
        close = self.close_in("2026-03-02")
        self.assertEqual(self.lines(close), [("251", "411", 74.07)], "nobody can redeem them any more (15.B46)")
        self.assertEqual(self.liability(), 0)
        deferral = self.env["club.deferral"].search([("move_id", "=", move.id)])
        self.assertEqual((deferral.points, round(deferral.allocated, 2)), (1000, 74.07))
        self.assertGreen("Ledger value and liability account")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestWhatIsListedAsLate(RulingCase):
    ENTRIES = "Entries of a closed month that were posted later: the next close takes them up"

    def test_an_entry_of_a_closed_month_is_on_the_tie_outs_and_then_on_the_close(self):
        self.sell_in("2026-01-10", 1000.0)
        self.close_in("2026-02-02")
        self.assertGreen(self.ENTRIES)
        with freeze_time("2026-02-10 10:00:00"):
            late = self.post(-100, "till that was offline", date=fields.Datetime.to_datetime("2026-01-25 10:00:00"))
            self.post(-50, "in time")
        line = self.look()[self.ENTRIES]
        self.assertEqual(line.state, "note")
        action = line.action_open_behind()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), late)
        close = self.close_in("2026-03-02")
        self.assertEqual((close.late_entry_count, close.late_deferral_count), (1, 0))
        action = close.action_view_late_entries()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), late)
        self.assertGreen(self.ENTRIES)
        self.assertEqual(self.lines(close), [("251", "411", 13.89)], "150 of 800")

    def test_an_invoice_of_a_closed_month_is_on_the_close_that_takes_it_up(self):
        self.sell_in("2026-01-10", 1000.0)
        january = self.close_in("2026-02-02")
        with freeze_time("2026-02-10 10:00:00"):
            move = self.invoice(self.buy(600.0), post=False)
            move.write({"invoice_date": "2026-01-20", "date": "2026-01-20"})
            move.action_post()
            self.settle()
        close = self.close_in("2026-03-02")
        self.assertEqual((january.late_deferral_count, close.late_deferral_count), (0, 1))
        action = close.action_view_late_deferrals()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).move_id, move)

    def test_the_first_close_has_nothing_late(self):
        self.sell_in("2026-01-10", 1000.0)
        with freeze_time("2026-02-02 10:00:00"):
            close = self.env["club.close"].with_user(self.ada).create({"club_id": self.club.id})
            self.assertEqual((close.late_entry_count, close.late_deferral_count), (0, 0))
            close.action_compute()
            self.assertEqual((close.late_entry_count, close.late_deferral_count), (0, 0))
