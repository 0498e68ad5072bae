"""Prizes as each role, as another company's staff, and as a customer over RPC (abuse 15)."""

from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestPrizeRights(PrizeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        club = "base.group_user,customer_club.group_club_"
        cls.staff = new_test_user(cls.env, "prize_staff", groups=f"{club}user")
        cls.manager = new_test_user(cls.env, "prize_manager", groups=f"{club}manager")
        cls.accountant = new_test_user(cls.env, "prize_accountant", groups=f"{club}accountant")
        cls.employee = new_test_user(cls.env, "prize_employee", groups="base.group_user")
        cls.customer = new_test_user(cls.env, "prize_customer", groups="base.group_portal")
        cls.company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreigner = new_test_user(
            cls.env,
            "prize_foreigner",
            groups=f"{club}manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def close(self, user, redemption, state):
        Wizard = self.env["club.redemption.close"].with_user(user)
        return Wizard.create({"redemption_id": redemption.id, "state": state, "reason": "Because"}).action_close()

    def counter(self, user, prize, **values):
        Wizard = self.env["club.redeem.wizard"].with_user(user)
        return Wizard.create({"member_id": self.member.id, "prize_id": prize.id, **values}).action_redeem()

    def test_staff_gives_hands_over_and_cancels_but_does_not_decide(self):
        prize = self.prizes["service"]
        action = self.counter(self.staff, prize, hand_over=False)
        redemption = self.env["club.redemption"].browse(action["res_id"])
        self.assertEqual((redemption.state, redemption.source), ("ready", "counter"))
        redemption.with_user(self.staff).action_hand_over()
        self.assertEqual((redemption.state, redemption.ended_uid), ("delivered", self.staff))
        with self.assertRaises(AccessError):
            self.close(self.staff, redemption, "returned")
        self.close(self.manager, redemption, "returned")
        waiting = self.redeem(prize)
        self.close(self.staff, waiting, "cancelled")
        prize.needs_approval = True
        asked = self.redeem(prize)
        with self.assertRaises(AccessError):
            asked.with_user(self.staff).action_approve()
        with self.assertRaises(AccessError):
            self.close(self.staff, asked, "refused")
        asked.with_user(self.manager).action_approve()
        self.assertEqual(asked.state, "ready")
        self.assertInvariantsHold()

    def test_every_kind_is_given_at_the_counter_in_one_step(self):
        for kind, prize in self.prizes.items():
            self.assertIn(prize, self.member.with_user(self.staff)._get_affordable_prizes(), kind)
            action = self.counter(self.staff, prize)
            self.assertEqual(self.env["club.redemption"].browse(action["res_id"]).state, "delivered", kind)
        self.assertEqual(self.member.points, 100)
        self.assertInvariantsHold()

    def test_the_same_click_twice_takes_once(self):
        wizard = (
            self.env["club.redeem.wizard"]
            .with_user(self.staff)
            .create({"member_id": self.member.id, "prize_id": self.prizes["code"].id})
        )
        self.assertEqual(wizard.action_redeem()["res_id"], wizard.action_redeem()["res_id"])
        self.assertEqual(self.member.points, 400)

    def test_only_managers_set_up_prizes_and_read_codes(self):
        prize, code = self.prizes["code"], self.prizes["code"].code_ids[:1]
        for user in (self.staff, self.accountant):
            self.assertEqual(prize.with_user(user).name, "Song")
            for work in (
                lambda user=user: prize.with_user(user).write({"points": 1}),
                lambda user=user: self.env["club.prize"].with_user(user).create({"name": "Mine", "points": 1}),
                lambda user=user: code.with_user(user).read(["code"]),
                lambda user=user: self.env["club.prize.code"].with_user(user).search([("code", "=like", "S%")]),
                lambda user=user: self.env["club.prize.code.import"].with_user(user).create({"prize_id": prize.id}),
            ):
                with self.assertRaises(AccessError):
                    work()
        self.assertEqual(code.with_user(self.manager).code, "SONG-0001")
        self.assertEqual(code.with_user(self.manager).display_name, "…001")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_company_sees_nothing(self):
        """never 14"""
        redemption = self.redeem(self.prizes["service"])
        for record in (self.prizes["service"], redemption, self.prizes["code"].code_ids[:1]):
            self.assertFalse(record.with_user(self.foreigner).search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                record.with_user(self.foreigner).read(["display_name"])
        for work in (
            lambda: redemption.with_user(self.foreigner).action_hand_over(),
            lambda: self.close(self.foreigner, redemption, "cancelled"),
            lambda: self.counter(self.foreigner, self.prizes["service"]),
        ):
            with self.assertRaises(AccessError):
                work()
        self.assertEqual(redemption.state, "ready")

    def test_nobody_decides_about_a_prize_of_their_own(self):
        """abuse 3: a manager would read a code and have the points for it back."""
        self.manager.partner_id = self.partner
        song = self.redeem(self.prizes["code"])
        with self.assertRaisesRegex(UserError, "your own"):
            self.close(self.manager, song, "returned")
        self.prizes["service"].needs_approval = True
        asked = self.redeem(self.prizes["service"])
        with self.assertRaisesRegex(UserError, "your own"):
            asked.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "your own"):
            self.close(self.manager, asked, "cancelled")
        self.assertEqual((song.state, asked.state, self.member.points), ("delivered", "requested", 300))
        self.assertInvariantsHold()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_no_wizard_tells_another_company_a_balance_or_a_code(self):
        """never 14: whoever may open the wizard could name any member, and read what somebody else pastes."""
        Wizard = self.env["club.redeem.wizard"].with_user(self.foreigner)
        for name in ("balance", "point_name", "club_id", "prize_ids"):
            self.env.invalidate_all()
            with self.subTest(name), self.assertRaises(AccessError):
                Wizard.create({"member_id": self.member.id}).read([name])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            Wizard.onchange({"member_id": self.member.id}, ["member_id"], {"member_id": {}, "balance": {}})
        pasted = self.env["club.prize.code.import"].with_user(self.manager)
        pasted = pasted.create({"prize_id": self.prizes["code"].id, "text": "SECRET-1"})
        chosen = self.env["club.redeem.wizard"].with_user(self.staff).create({"member_id": self.member.id})
        self.env.flush_all()
        self.env.invalidate_all()
        for record in (pasted, chosen):
            self.assertFalse(record.with_user(self.foreigner).search([]))
            with self.assertRaises(AccessError):
                record.with_user(self.foreigner).read(["display_name"])
            with self.assertRaises(AccessError):
                record.with_user(self.foreigner).write({"display_name": "x"})

    @mute_logger("odoo.addons.base.models.ir_access", "odoo.addons.base.models.ir_model")
    def test_strangers_and_customers_have_no_rights_at_all(self):
        """abuse 15"""
        redemption, prize = self.redeem(self.prizes["service"]), self.prizes["code"]
        for user in (self.employee, self.customer):
            for record in (prize, redemption, prize.code_ids[:1]):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"display_name": "x"})
            for work in (
                lambda user=user: redemption.with_user(user).action_hand_over(),
                lambda user=user: redemption.with_user(user).action_approve(),
                lambda user=user: redemption.with_user(user).action_open_close(),
                lambda user=user: prize.code_ids.with_user(user).action_void(),
                lambda user=user: self.env["club.redeem.wizard"].with_user(user).create({"member_id": self.member.id}),
            ):
                with self.assertRaises(AccessError):
                    work()
        self.assertEqual(redemption.state, "ready")

    def test_a_salesperson_cannot_make_an_order_a_prize(self):
        seller = new_test_user(self.env, "prize_seller", groups="sales_team.group_sale_salesman_all_leads")
        redemption = self.redeem(self.prizes["order_line"])
        order = self.env["sale.order"].create({"partner_id": self.partner.id})
        order.with_user(seller).write({"club_redemption_id": redemption.id})
        self.assertFalse(order.club_redemption_id)
        order = (
            self.env["sale.order"]
            .with_user(seller)
            .create({"partner_id": self.partner.id, "club_redemption_id": redemption.id})
        )
        self.assertFalse(order.sudo().club_redemption_id)
        with self.assertRaises(UserError):
            redemption.order_id.unlink()
