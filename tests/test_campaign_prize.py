"""A campaign may give a prize of the catalogue: it costs the member nothing, and the shop what it costs."""

from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

#: Why a member cannot get it.
REFUSED = "The member may not have anything now."


@tagged("post_install", "-at_install")
class TestCampaignGivesPrizes(CampaignCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vase = cls.make_prize("Vase", cost=12)

    @classmethod
    def make_prize(cls, name, **values):
        return cls.env["club.prize"].create(
            {
                "club_id": cls.club.id,
                "name": name,
                "points": 500,
                "channel": "won",
                "delivery": "service",
                **values,
            }
        )

    def redemptions(self, campaign):
        return self.env["club.redemption"].search(
            [("origin_model", "=", "club.campaign"), ("origin_id", "=", campaign.id)]
        )

    def test_each_member_gets_one_that_costs_nothing_and_waits_to_be_handed_over(self):
        campaign = self.campaign(action="prize", prize_id=self.vase.id, control_share=50)
        targets = self.run_campaign(campaign, times=2)
        treated = targets.filtered(lambda target: target.state == "sent")
        given = self.redemptions(campaign)
        self.assertTrue(treated)
        self.assertEqual(given.member_id, treated.member_id)
        self.assertEqual(len(given), len(treated), "once each, whatever runs again")
        self.assertEqual(treated.redemption_id, given)
        self.assertEqual((set(given.mapped("points")), set(given.mapped("source"))), ({0}, {"won"}))
        self.assertEqual(set(given.mapped("state")), {"ready"})
        self.assertEqual(set(given.mapped("unit_cost")), {12})
        self.assertFalse(any(given.member_id.mapped("points")))
        self.assertIn("Vase is yours", treated[0].words)
        self.assertIn("the prize “Vase”", campaign.sentence)
        self.assertInvariantsHold()

    def test_nobody_gets_more_than_there_is(self):
        """abuse 22: out of stock between choosing and sending."""
        few = self.make_prize("Few", stock_kind="own", stock=3)
        campaign = self.campaign(action="prize", prize_id=few.id)
        self.run_campaign(campaign, times=2)
        self.assertEqual(len(self.redemptions(campaign)), 3)
        left = self.targets(campaign, state="skipped")
        self.assertEqual((len(left), set(left.mapped("reason"))), (17, {"stock"}))
        self.assertEqual(len(self.mails(campaign)), 3, "nobody is promised what is not there")
        self.assertEqual(few._get_left(), 0)

    def test_an_archived_prize_is_gone(self):
        campaign = self.campaign(action="prize", prize_id=self.vase.id)
        self.vase.active = False
        self.run_campaign(campaign)
        self.assertEqual(set(self.targets(campaign).mapped("reason")), {"stock"})

    def test_who_cannot_get_it_is_left_out_with_the_reason_and_the_others_get_it(self):
        """Neither the job nor the button fails for all, and nobody is tried again every half hour."""
        blocked, check = self.member_2, type(self.member)._check_spender

        def refuse(members):
            if blocked in members:
                raise UserError(REFUSED)
            return check(members)

        self.patch(type(self.member), "_check_spender", refuse)
        campaign = self.campaign(action="prize", prize_id=self.vase.id)
        campaign.action_schedule()
        campaign.action_run_now()
        campaign.action_run_now()
        self.env.invalidate_all()
        row = self.targets(campaign, member_id=blocked.id)
        self.assertEqual((row.state, row.reason, row.arm, row.is_first), ("skipped", "refused", "treated", True))
        self.assertFalse(row.sent_at or row.cost)
        self.assertEqual(len(self.redemptions(campaign)), 19)
        self.assertNotIn(blocked.partner_id, self.mails(campaign).recipient_ids, "nobody is told what is not so")
        self.assertEqual(len(self.mails(campaign)), 19)
        self.assertIn("could not be given", campaign.numbers)
        self.assertInvariantsHold()

    def test_the_budget_of_money_counts_what_it_costs(self):
        campaign = self.campaign(action="prize", prize_id=self.vase.id, budget_money=30)
        self.run_campaign(campaign, times=2)
        self.assertEqual(len(self.redemptions(campaign)), 2)
        self.assertEqual(set(self.targets(campaign, state="skipped").mapped("reason")), {"budget"})

    def test_the_result_has_the_cost_of_what_was_given_and_stayed(self):
        campaign = self.campaign(action="prize", prize_id=self.vase.id)
        self.run_campaign(campaign)
        given = self.redemptions(campaign)
        given[:2]._update_state("cancelled", reason="Broken")
        self.let_days_pass(campaign, 30)
        self.work_on(campaign)
        self.work_on(campaign)
        self.assertEqual((campaign.result["prizes"], campaign.result["cost"]), (18, 18 * 12))

    def test_a_recurring_campaign_gives_one_for_each_time(self):
        self.buy(self.member, days_ago=70)
        campaign = self.campaign(action="prize", prize_id=self.vase.id, trigger="win_back", trigger_days=60)
        self.run_campaign(campaign)
        self.buy(self.member, days_ago=62, key="later")
        self.work_on(campaign)
        self.assertEqual(len(self.redemptions(campaign)), 2)

    def test_a_prize_by_an_order_makes_the_order(self):
        bouquet = self.make_prize("Bouquet", delivery="order_line", product_id=self.product.id, cost=4)
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "One", "domain": f"[('id', '=', {self.member.id})]"}
        )
        campaign = self.campaign(action="prize", prize_id=bouquet.id, segment_id=segment.id)
        self.run_campaign(campaign)
        order = self.redemptions(campaign).order_id
        self.assertEqual((order.partner_id, order.amount_total, order.state), (self.partner, 0, "sale"))
        self.assertEqual(order.order_line.product_id, self.product)
        self.env.cr.precommit.run()
        self.assertFalse(self.member.points, "a prize earns nothing")
        self.assertInvariantsHold()

    def test_a_prize_is_needed_and_of_the_same_club(self):
        with self.assertRaisesRegex(ValidationError, "the prize that is given"):
            self.campaign(action="prize")
        other = self.env["club.club"].create({"name": "Other"})
        foreign = self.env["club.prize"].create({"club_id": other.id, "name": "Theirs", "points": 10})
        with self.assertRaisesRegex(ValidationError, "Theirs"):
            self.campaign(action="prize", prize_id=foreign.id)

    def test_who_merges_keeps_the_prize(self):
        """never 13."""
        campaign = self.campaign(action="prize", prize_id=self.vase.id)
        self.run_campaign(campaign)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.partner | self.partner_2).ids, self.partner)
        given = self.redemptions(campaign).filtered(lambda row: row.member_id in (self.member | self.member_2))
        self.assertEqual(len(given), 2, "what was given stays given")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestTwoTexts(CampaignCase):
    def make(self, **values):
        return self.campaign(
            subject="First {name}", body="One", is_ab=True, subject_b="Second {name}", body_b="Two", **values
        )

    def test_chance_gives_each_one_of_them_beside_the_control_group(self):
        self.club._enrol(
            self.env["res.partner"].create([{"name": f"M {n}", "email": f"m{n}@example.com"} for n in range(60)])
        ).write({"consent_marketing": True})
        campaign = self.make(control_share=30)
        targets = self.run_campaign(campaign)
        treated = targets.filtered(lambda target: target.arm == "treated")
        self.assertEqual(set(treated.mapped("variant")), {"a", "b"})
        self.assertFalse(any((targets - treated).mapped("variant")), "the control group gets neither")
        subjects = {mail.res_id: mail.subject for mail in self.mails(campaign)}
        for target in treated:
            begins = {"a": "First", "b": "Second"}[target.variant]
            self.assertEqual(subjects[target.id], f"{begins} {target.partner_id.name}")

    def test_the_result_compares_them_and_says_what_can_be_said(self):
        self.club._enrol(
            self.env["res.partner"].create([{"name": f"M {n}", "email": f"n{n}@example.com"} for n in range(180)])
        ).write({"consent_marketing": True})
        campaign = self.make(control_share=20)
        targets = self.run_campaign(campaign)
        second = targets.filtered(lambda target: target.variant == "b")
        self.env["club.event"]._report(
            [
                {
                    "member_id": target.member_id.id,
                    "type": "purchase",
                    "amount": 20,
                    "occurred_at": target.starts_at,
                    "key": f"ab:{target.id}",
                }
                for target in second[: len(second) // 2]
            ]
        )
        self.let_days_pass(campaign, 30)
        self.env.cr.execute(
            "UPDATE club_event SET occurred_at = occurred_at - interval '30 days' WHERE club_id = %s AND type = %s",
            (self.club.id, "purchase"),
        )
        self.work_on(campaign)
        self.work_on(campaign)
        texts = campaign.result["texts"]
        self.assertEqual((texts["a"]["reached"], texts["b"]["reached"]), (0, len(second) // 2))
        self.assertEqual(texts["a"]["members"] + texts["b"]["members"], campaign.result["treated"]["members"])
        self.assertEqual(texts["verdict"], "worse")
        self.assertLess(texts["interval"][2], 0)
        self.assertIn("The second text is the better one", campaign.outcome)
        self.assertIn("… the second text", campaign.numbers)

    def test_without_a_difference_chance_is_named(self):
        campaign = self.make()
        self.run_campaign(campaign)
        campaign._keep(
            state="done",
            result={
                **campaign.sudo()._compute_result(),
                "texts": {
                    "a": {"members": 50, "reached": 5, "bought": 5, "amount": 0, "squares": 0},
                    "b": {"members": 50, "reached": 6, "bought": 6, "amount": 0, "squares": 0},
                    "interval": [-0.02, -0.15, 0.11],
                    "verdict": "chance",
                },
            },
        )
        self.assertIn("cannot be told from chance", campaign.outcome)

    def test_both_are_needed_and_their_placeholders_are_known(self):
        with self.assertRaisesRegex(ValidationError, "second subject"):
            self.campaign(is_ab=True)
        with self.assertRaisesRegex(ValidationError, "nmae"):
            self.campaign(is_ab=True, subject_b="x", body_b="{nmae}")


@tagged("post_install", "-at_install")
class TestSendMeATest(CampaignCase):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "test_sender", groups="customer_club.group_club_manager", email="boss@example.com"
        )

    def mails_to_me(self):
        return self.env["mail.mail"].search([("email_to", "ilike", "boss@example.com")], order="id")

    def test_every_text_comes_to_who_asks_and_to_nobody_else(self):
        campaign = self.campaign(
            action="points",
            points=50,
            is_ab=True,
            subject_b="Second",
            body_b="<b>Two</b> {name}",
            step_ids=[(0, 0, {"after_days": 3, "subject": "Later", "body": "Again"})],
        )
        told = campaign.with_user(self.manager).action_send_test()
        self.assertIn("boss@example.com", told["params"]["message"])
        mails = self.mails_to_me()
        self.assertEqual(mails.mapped("subject"), ["[Test] Dear Anna", "[Test] Second", "[Test] Later"])
        self.assertNotIn("<b>Two", mails[1].body_html, "abuse 18: what people typed is text")
        self.assertNotIn("/club/m/", "".join(mails.mapped("body_html")), "nothing counts")
        self.assertFalse(mails.recipient_ids)
        self.assertFalse(self.targets(campaign))
        self.assertFalse(self.member.points)
        self.assertEqual(campaign.state, "draft")

    def test_an_sms_comes_to_ones_own_number(self):
        campaign = self.campaign(channel="sms").with_user(self.manager)
        with self.assertRaisesRegex(Exception, "telephone number"):
            campaign.action_send_test()
        self.manager.partner_id.write({"phone": "+49 30 123456", "country_id": self.env.ref("base.de").id})
        campaign.action_send_test()
        sms = self.env["sms.sms"].sudo().search([("partner_id", "=", self.manager.partner_id.id)])
        self.assertEqual(sms.number, "+4930123456")
        self.assertIn("Hello Anna", sms.body)
        self.assertIn("Stop: ", sms.body)

    def test_a_notice_comes_as_a_mail_and_without_anybody_it_is_said(self):
        self.campaign(channel="portal").with_user(self.manager).action_send_test()
        self.assertEqual(len(self.mails_to_me()), 1)
        nobody = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "Nobody", "domain": "[('id', '=', 0)]"}
        )
        with self.assertRaisesRegex(Exception, "Nobody would come"):
            self.campaign(segment_id=nobody.id).with_user(self.manager).action_send_test()

    def test_only_who_may_change_the_campaign_sends_it(self):
        user = new_test_user(self.env, "test_reader", groups="customer_club.group_club_user", email="u@example.com")
        with self.assertRaises(AccessError):
            self.campaign().with_user(user).action_send_test()
