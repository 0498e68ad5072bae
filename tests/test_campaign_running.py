"""A campaign from draft to result: who comes in, what goes out, what is counted."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestCampaignLife(CampaignCase):
    def test_every_member_of_the_segment_gets_the_message_once(self):
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "Few", "domain": "[('partner_id.name', 'in', ['Anna', 'Ben'])]"}
        )
        campaign = self.campaign(segment_id=segment.id)
        self.run_campaign(campaign, times=3)
        self.assertEqual(campaign.state, "running")
        self.assertEqual(self.targets(campaign).member_id, self.member | self.member_2)
        mails = self.mails(campaign)
        self.assertEqual(len(mails), 2)
        self.assertEqual(mails.recipient_ids, self.partner | self.partner_2)
        self.assertEqual(set(mails.mapped("subject")), {"Dear Anna", "Dear Ben"})
        self.assertIn("List-Unsubscribe-Post", mails[0].headers)

    def test_the_state_only_follows_from_the_buttons(self):
        campaign = self.campaign()
        with self.assertRaisesRegex(UserError, "follows from its buttons"):
            campaign.state = "done"
        made = (
            self.env["club.campaign"]
            .with_context(default_state="done", default_result={})
            .create(
                {
                    "name": "Forged",
                    "club_id": self.club.id,
                    "date_to": fields.Date.today(),
                    "state": "done",
                    "salt": "mine",
                }
            )
        )
        self.assertEqual((made.state, made.result), ("draft", False))
        self.assertNotEqual(made.sudo().salt, "mine")
        campaign.action_schedule()
        with self.assertRaisesRegex(UserError, "cannot be done any more"):
            campaign.action_schedule()
        with self.assertRaisesRegex(UserError, "no draft any more"):
            campaign.control_share = 50
        campaign.action_reset()
        campaign.control_share = 50

    def test_what_is_asked_cannot_change_once_it_runs(self):
        campaign = self.campaign(step_ids=[Command.create({"subject": "Again", "body": "Hello"})])
        self.run_campaign(campaign)
        for values in ({"metric": "amount"}, {"member_days": 3}, {"goal_kind": "visits"}, {"salt": "mine"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                campaign.sudo().write(values)
        with self.assertRaises(UserError):
            campaign.step_ids.unlink()
        with self.assertRaises(UserError):
            campaign.unlink()

    def test_rows_of_a_campaign_are_for_nobodys_hands(self):
        campaign = self.campaign()
        target = self.run_campaign(campaign)[0]
        for act in (
            lambda: target.sudo().write({"arm": "control"}),
            lambda: target.sudo().unlink(),
            lambda: target.sudo().create({"campaign_id": campaign.id}),
            lambda: target.sudo().with_context(club_target=True).write({"state": "control"}),
        ):
            with self.assertRaises(UserError):
                act()

    def test_a_draft_says_what_it_would_do_and_does_nothing(self):
        campaign = self.campaign(action="points", points=50, control_share=50, budget_points=500)
        self.assertIn("50 Points as a bonus", campaign.sentence)
        self.assertIn("50 of 100 get nothing", campaign.sentence)
        for words in ("are looked at: 20.", "500 Points", "Hello Anna: 50 Points are on"):
            self.assertIn(words, campaign.preview)
        self.assertFalse(self.targets(campaign))
        self.assertFalse(self.member.points)

    def test_one_day_is_no_days(self):
        campaign = self.campaign(member_days=1, trigger="win_back", trigger_days=1)
        self.assertIn("After 1 day without a purchase", campaign.sentence)
        self.assertIn("it counts for 1 day each", campaign.sentence)
        campaign.trigger_days = 30
        self.assertIn("After 30 days without a purchase", campaign.sentence)

    def test_text_of_people_is_only_data(self):
        """abuse 17, 18: neither a template's words nor a script in a name does anything."""
        self.partner.name = "<script>alert(1)</script>{points}"
        campaign = self.campaign(
            subject="{{ object.env.user.login }} {name}",
            body="${object.company_id} <t t-out='1+1'/> {{7*7}} {name} <img src=x>",
        )
        self.run_campaign(campaign)
        mail = self.mails(campaign).filtered(lambda mail: mail.recipient_ids == self.partner)
        self.assertIn("{{ object.env.user.login }}", mail.subject)
        self.assertIn("{{7*7}}", mail.body_html)
        self.assertIn("{points}", mail.body_html)
        self.assertNotIn("<script>", mail.body_html)
        self.assertNotIn("<img src=x", mail.body_html)
        campaign_2 = self.campaign(body="{name} <b>bold</b>")
        self.assertNotIn("<script>", campaign_2.preview)
        self.assertNotIn("<b>bold</b>", campaign_2.preview)

    def test_an_unknown_placeholder_is_refused_with_what_is_known(self):
        with self.assertRaisesRegex(ValidationError, "{nmae}.*{name}"):
            self.campaign(body="Dear {nmae}")

    def test_links_stay_on_the_own_site(self):
        """abuse 20."""
        for path in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a b"):
            with self.subTest(path=path), self.assertRaises(ValidationError):
                self.campaign(path=path)
        self.assertEqual(self.campaign(path="/shop?page=2").path, "/shop?page=2")

    def test_an_action_without_what_it_needs_is_refused(self):
        for values in (
            {"action": "points"},
            {"action": "multiplier", "multiplier": 2},
            {"action": "coupon"},
            {"action": "favourite", "discount": 0},
            {"action": "gift"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.campaign(**values)

    def test_things_of_another_club_are_refused(self):
        other = self.env["club.club"].create({"name": "Other"})
        segment = self.env["club.segment"].create({"club_id": other.id, "name": "Theirs"})
        with self.assertRaisesRegex(ValidationError, "Theirs"):
            self.campaign(segment_id=segment.id)

    def test_the_form_saves_a_new_campaign(self):
        with Form(self.env["club.campaign"]) as form:
            form.name = "Typed"
            form.club_id = self.club
            form.date_to = fields.Date.today() + timedelta(days=3)
        self.assertEqual(form.record.state, "draft")

    # -- who is reached ------------------------------------------------------------------------------

    def test_who_cannot_be_reached_is_skipped_with_the_reason_and_in_no_arm(self):
        anna, ben, third, fourth = self.members[:4]
        anna._record_consent("marketing", False, "manual")
        ben.partner_id.email = False
        self.env["mail.blacklist"]._add(third.partner_id.email)
        self.club.campaign_limit = 1
        first = self.campaign(
            segment_id=self.env["club.segment"]
            .create({"club_id": self.club.id, "name": "One", "domain": f"[('id', '=', {fourth.id})]"})
            .id
        )
        self.run_campaign(first)
        campaign = self.campaign(control_share=50)
        self.run_campaign(campaign)
        reasons = {target.member_id: target.reason for target in self.targets(campaign, state="skipped")}
        self.assertEqual(reasons, {anna: "consent", ben: "address", third: "blacklist", fourth: "frequency"})
        self.assertFalse(any(self.targets(campaign, state="skipped").mapped("arm")))
        self.assertNotIn(anna.partner_id, self.mails(campaign).recipient_ids)
        self.assertIn("No consent", campaign.numbers.replace("no consent", "No consent"))

    def test_consent_withdrawn_before_sending_is_respected_and_the_arm_stays(self):
        campaign = self.campaign(channel="email")
        self.club.write({"quiet_from": 0, "quiet_to": 23.99})
        with patch.object(engine_campaign, "is_quiet", lambda *args: True):
            self.run_campaign(campaign)
        self.assertEqual(set(self.targets(campaign).mapped("state")), {"planned"})
        self.member._record_consent("marketing", False, "manual")
        self.club.write({"quiet_from": 0, "quiet_to": 0})
        self.let_days_pass(campaign, 1)
        self.work_on(campaign)
        target = self.targets(campaign, member_id=self.member.id)
        self.assertEqual((target.state, target.reason, target.arm), ("skipped", "consent", "treated"))
        self.assertEqual(len(self.mails(campaign)), 19)

    def test_quiet_hours_put_off_by_the_members_own_clock(self):
        """A member in Tehran is not written to at night there, and later is."""
        self.club.write({"quiet_from": 21, "quiet_to": 9})
        self.partner.tz = "Asia/Tehran"
        campaign = self.campaign()
        night = fields.Datetime.to_datetime("2026-05-01 20:00:00")
        self.assertEqual(campaign._get_due(self.member, night), fields.Datetime.to_datetime("2026-05-02 05:30:00"))
        self.assertEqual(campaign._get_due(self.member_2, night), night)
        campaign.channel = "portal"
        self.assertEqual(campaign._get_due(self.member, night), night)

    def test_an_sms_goes_to_the_number_and_its_blacklist_counts(self):
        self.partner.write({"phone": "+49 30 123456", "country_id": self.env.ref("base.de").id})
        self.partner_2.write({"phone": "+49 30 654321", "country_id": self.env.ref("base.de").id})
        self.env["phone.blacklist"].sudo().add("+4930654321")
        campaign = self.campaign(channel="sms")
        self.run_campaign(campaign)
        sms = self.env["sms.sms"].search([("partner_id", "in", (self.partner | self.partner_2).ids)])
        self.assertEqual(sms.mapped("number"), ["+4930123456"])
        self.assertIn("Hello Anna", sms.body)
        target = self.targets(campaign, member_id=self.member.id)
        self.assertIn(target._get_short_link("go"), sms.body)
        self.assertIn(f"Stop: {target._get_short_link('stop')}", sms.body)
        self.assertEqual(self.targets(campaign, member_id=self.member_2.id).reason, "blacklist")

    def test_the_message_is_in_the_members_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        campaign = self.campaign(subject="Hello")
        campaign.with_context(lang="fr_FR").subject = "Bonjour {name}"
        self.run_campaign(campaign)
        subjects = {mail.recipient_ids: mail.subject for mail in self.mails(campaign)}
        self.assertEqual(subjects[self.partner], "Bonjour Anna")
        self.assertEqual(subjects[self.partner_2], "Hello")

    # -- the control group ---------------------------------------------------------------------------

    def test_the_control_group_is_drawn_before_sending_and_gets_nothing(self):
        campaign = self.campaign(action="points", points=50, control_share=50)
        campaign.action_schedule()
        campaign.sudo()._begin()
        ids = campaign.sudo()._lock_candidates(1000, ())
        campaign.sudo()._choose(ids)
        before = {target.member_id.id: target.arm for target in self.targets(campaign)}
        self.assertEqual(set(before.values()), {"treated", "control"})
        self.assertFalse(self.mails(campaign), "nothing is sent before everybody has an arm")
        self.assertEqual(
            before, {member.id: engine_campaign.arm(campaign.sudo().salt, member.id, 50) for member in self.members}
        )
        self.work_on(campaign)
        control = self.targets(campaign, arm="control")
        self.assertFalse(any(control.member_id.mapped("points")))
        self.assertFalse(control.partner_id & self.mails(campaign).recipient_ids)
        treated = self.targets(campaign, arm="treated")
        self.assertEqual(set(treated.member_id.mapped("points")), {50})
        self.assertInvariantsHold()

    def test_two_campaigns_draw_their_control_groups_apart(self):
        first, second = (self.campaign(control_share=50) for _time in range(2))
        self.assertNotEqual(first.sudo().salt, second.sudo().salt)
        copy = first.copy()
        self.assertNotEqual(first.sudo().salt, copy.sudo().salt)

    # -- what is given -------------------------------------------------------------------------------

    def test_bonus_points_come_once_with_their_own_expiry(self):
        campaign = self.campaign(action="points", points=50, points_days=10)
        self.run_campaign(campaign, times=2)
        self.assertEqual(self.member.points, 50)
        lot = self.env["club.point.lot"].search([("member_id", "=", self.member.id)])
        self.assertEqual(lot.expires_on, self.club._get_today() + timedelta(days=10))
        self.assertEqual(lot.entry_id.origin_model, "club.campaign")
        self.assertEqual(lot.entry_id.event_id.type, "campaign")
        self.assertEqual(self.targets(campaign)[0].points, 50)
        self.assertInvariantsHold()

    def test_the_budget_stops_it_exactly(self):
        campaign = self.campaign(action="points", points=50, budget_points=320)
        self.run_campaign(campaign, times=2)
        given = self.targets(campaign, state="sent")
        self.assertEqual(len(given), 6)
        self.assertEqual(sum(self.members.mapped("points")), 300)
        self.assertEqual(set(self.targets(campaign, state="skipped").mapped("reason")), {"budget"})
        self.assertEqual((campaign.stop_reason, campaign.state), ("budget", "measuring"))

    def test_the_clubs_own_budget_counts_the_bonus_and_stops_it(self):
        self.club.write({"budget_points": 220, "budget_period": "month"})
        self.earn_rule("visit", points=70)
        self.env["club.event"]._report([{"member_id": self.member.id, "type": "visit", "key": "v"}])
        campaign = self.campaign(action="points", points=50)
        self.run_campaign(campaign)
        self.assertEqual(len(self.targets(campaign, state="sent")), 3)
        self.assertEqual(sum(self.members.mapped("points")), 220)
        self.env["club.event"]._report([{"member_id": self.member_2.id, "type": "visit", "key": "w"}])
        self.assertEqual(sum(self.members.mapped("points")), 220, "and rules find it used up")

    def test_a_budget_of_money_counts_points_at_their_worth(self):
        self.club.program_id.reward_ids[:1].write({"discount": 0.1})
        worth = float(self.club._point_worth())
        self.assertTrue(worth)
        campaign = self.campaign(action="points", points=50, budget_money=50 * worth * 3)
        self.run_campaign(campaign)
        self.assertEqual(len(self.targets(campaign, state="sent")), 3)

    def test_the_multiplier_holds_for_whom_it_reached_and_as_long_as_it_says(self):
        rule = self.earn_rule("purchase", formula="per_amount", points=1, per_amount=10)
        campaign = self.campaign(action="multiplier", multiplier=3, rule_id=rule.id, control_share=50)
        self.run_campaign(campaign)
        treated = self.targets(campaign, arm="treated")[0]
        control = self.targets(campaign, arm="control")[0]
        self.buy(treated.member_id, 100)
        self.buy(control.member_id, 100)
        self.assertEqual(treated.member_id.points, 30)
        self.assertEqual(control.member_id.points, 10)
        self.let_days_pass(campaign, 10)
        self.buy(treated.member_id, 200)
        self.assertEqual(treated.member_id.points, 50, "after its time the rule counts once")
        self.assertEqual(campaign.sudo()._read_extra_points(), 20)
        self.assertInvariantsHold()

    def test_a_member_is_not_told_what_the_campaign_is_called(self):
        rule = self.earn_rule("purchase", formula="per_amount", points=1, per_amount=10)
        campaign = self.campaign(name="Misers", action="multiplier", multiplier=3, rule_id=rule.id)
        self.run_campaign(campaign)
        extra = campaign.extra_rule_id
        self.assertIn("Misers", extra.sentence)
        self.assertNotIn("Misers", extra._get_member_sentence())

    def test_coupons_are_each_members_own(self):
        program = self.env["loyalty.program"].create(
            {"name": "Ten off", "program_type": "coupons", "company_id": self.env.company.id}
        )
        campaign = self.campaign(action="coupon", program_id=program.id, unit_cost=5, body="{code}")
        self.run_campaign(campaign, times=2)
        coupons = self.env["loyalty.card"].search([("program_id", "=", program.id)])
        self.assertEqual(coupons.partner_id, self.members.partner_id)
        self.assertEqual(len(coupons), 20)
        self.assertEqual(set(coupons.mapped("expiration_date")), {self.club._get_today() + timedelta(days=10)})
        mail = self.mails(campaign)[:1]
        self.assertIn(coupons.filtered(lambda coupon: coupon.partner_id == mail.recipient_ids).code, mail.body_html)
        for code in coupons.mapped("code"):
            self.assertRegex(code, "^044[0-9a-f]{18}$", "abuse 13: 72 random bits, not Odoo's 32")

    def _favour(self, member, product):
        """The product that the member buys most, as its behaviour says."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM club_behaviour WHERE member_id = %s", (member.id,))
        self.env.cr.execute(
            "INSERT INTO club_behaviour (member_id, club_id, company_id, favourite_product_id) VALUES (%s, %s, %s, %s)",
            (member.id, self.club.id, self.club.company_id.id, product.id),
        )
        self.env.invalidate_all()

    def test_the_favourite_product_is_each_members_own(self):
        tulips = self.env["product.product"].create({"name": "Tulips", "list_price": 10, "taxes_id": False})
        self._favour(self.member, self.product)
        self._favour(self.member_2, tulips)
        campaign = self.campaign(action="favourite", discount=20)
        self.run_campaign(campaign)
        self.assertEqual(set(self.targets(campaign, state="skipped").mapped("reason")), {"product"})
        self.assertEqual(len(self.targets(campaign, state="sent")), 2)
        order = self._order(self.partner, self.product, 1)
        status = order._try_apply_code(self.targets(campaign, member_id=self.member.id).sudo().coupon_id.code)
        self._claim(order, status)
        self.assertEqual(order.amount_untaxed, 8)
        other = self._order(self.partner_2, self.product, 1)
        with self.assertRaisesRegex(UserError, "nothing to discount"):
            status = other._try_apply_code(self.targets(campaign, member_id=self.member_2.id).sudo().coupon_id.code)
            self._claim(other, status)

    def test_buy_two_get_one_works_once_and_only_when_two_are_bought(self):
        self._favour(self.member, self.product)
        campaign = self.campaign(action="favourite", favourite_offer="buy_get", buy_quantity=2, get_quantity=1)
        self.run_campaign(campaign)
        coupon = self.targets(campaign, member_id=self.member.id).sudo().coupon_id
        few = self._order(self.partner, self.product, 1)
        self.assertIn("error", few._try_apply_code(coupon.code))
        order = self._order(self.partner, self.product, 2)
        self._claim(order, order._try_apply_code(coupon.code))
        self.assertEqual(order.amount_untaxed, 20)
        self.assertEqual(sum(order.order_line.filtered("is_reward_line").mapped("product_uom_qty")), 1)
        order.action_confirm()
        self.assertLess(coupon.points, 1)
        again = self._order(self.partner, self.product, 2)
        self.assertIn("error", again._try_apply_code(coupon.code))
        self.assertEqual(campaign.sudo()._read_coupon_use(), 1)

    def test_a_gift_is_free_with_its_code(self):
        vase = self.env["product.product"].create({"name": "Vase", "list_price": 30, "taxes_id": False})
        campaign = self.campaign(action="gift", product_id=vase.id, unit_cost=12)
        self.run_campaign(campaign)
        order = self._order(self.partner, self.product, 1)
        self._claim(
            order, order._try_apply_code(self.targets(campaign, member_id=self.member.id).sudo().coupon_id.code)
        )
        self.assertIn(vase, order.order_line.product_id)
        self.assertEqual(order.amount_untaxed, 10)
        self.assertEqual(self.targets(campaign)[0].cost, 12)

    def _order(self, partner, product, quantity):
        return self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [Command.create({"product_id": product.id, "product_uom_qty": quantity})],
            }
        )

    def _claim(self, order, status):
        for coupon, rewards in status.items():
            order._apply_program_reward(rewards[:1], coupon)
        order._update_programs_and_rewards()

    # -- further messages ----------------------------------------------------------------------------

    def test_a_further_message_comes_later_to_who_has_not_bought(self):
        campaign = self.campaign(
            step_ids=[Command.create({"after_days": 3, "subject": "Still there?", "body": "Come, {name}"})]
        )
        self.run_campaign(campaign)
        self.assertEqual(len(self.mails(campaign)), 20)
        self.buy(self.member)
        self.let_days_pass(campaign, 3)
        # The purchase of today lies within the days that were moved back.
        self.work_on(campaign)
        further = self.targets(campaign).filtered("step_id")
        self.assertEqual(len(further), 20)
        self.assertEqual(further.filtered(lambda target: target.reason == "bought").member_id, self.member)
        self.assertEqual(set((further - further.filtered("reason")).mapped("title")), {"Still there?"})
        self.work_on(campaign)
        self.assertEqual(len(self.targets(campaign)), 40, "each message once")

    # -- rights --------------------------------------------------------------------------------------

    def test_a_user_reads_and_a_manager_sets_up(self):
        user = new_test_user(self.env, "campaign_user", groups="customer_club.group_club_user")
        manager = new_test_user(self.env, "campaign_manager", groups="customer_club.group_club_manager")
        campaign = self.campaign().with_user(manager)
        campaign.copy().unlink()
        self.assertTrue(campaign.preview)
        campaign.action_schedule()
        campaign.action_run_now()
        self.assertEqual((campaign.state, campaign.sent_count), ("running", 20))
        self.assertTrue(campaign.numbers)
        seen = campaign.with_user(user)
        self.assertTrue(seen.sentence and seen.outcome)
        for act in (seen.action_stop, seen.action_run_now, seen.action_reset):
            with self.assertRaises(AccessError):
                act()
        with self.assertRaises(AccessError):
            self.targets(campaign).with_user(manager)[0].read(["bought"])
        with self.assertRaises(AccessError):
            campaign.read(["salt"])

    def test_another_companys_staff_see_nothing_of_it(self):
        campaign = self.campaign()
        self.run_campaign(campaign)
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "campaign_stranger",
            groups="customer_club.group_club_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["club.campaign"].with_user(stranger).search([("id", "=", campaign.id)]))
        self.assertFalse(
            self.env["club.campaign.target"].with_user(stranger).search([("campaign_id", "=", campaign.id)])
        )
        with self.assertRaises(AccessError):
            campaign.with_user(stranger).action_stop()
