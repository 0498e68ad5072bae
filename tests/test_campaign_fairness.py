"""Each person counts once and gets it once: after merging, after giving back, after being erased and coming back."""

from odoo import fields
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestEachPersonCountsOnce(CampaignCase):
    """never 13."""

    def merge(self, source, heir):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source.partner_id | heir.partner_id).ids, heir.partner_id
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def pair(self, campaign):
        """A member who was to get it, and one of the control group."""
        targets = self.run_campaign(campaign)
        return (targets.filtered(lambda target, arm=arm: target.arm == arm)[0] for arm in ("treated", "control"))

    def buy_in(self, target, key):
        return self.env["club.event"]._report(
            [
                {
                    "member_id": target.member_id.id,
                    "type": "purchase",
                    "amount": 50,
                    "occurred_at": fields.Datetime.add(target.starts_at, hours=1),
                    "key": key,
                }
            ]
        )

    def test_of_two_arms_the_heirs_counts_and_the_others_row_is_closed(self):
        for heir_arm in ("treated", "control"):
            with self.subTest(heir_arm=heir_arm):
                campaign = self.campaign(control_share=50)
                treated, control = self.pair(campaign)
                heir, source = (treated, control) if heir_arm == "treated" else (control, treated)
                self.buy_in(source, f"source {heir_arm}")
                self.merge(source.member_id, heir.member_id)
                self.assertTrue(heir.is_first)
                self.assertEqual((source.is_first, source.reason), (False, "merged"))
                self.assertEqual(heir.arm, heir_arm, "as chance had it, whatever the other contact got")
                counted = self.targets(campaign, is_first=True)
                self.assertEqual(len(counted), len(self.targets(campaign)) - 1)
                self.let_days_pass(campaign, 30)
                self.env.cr.execute(
                    "UPDATE club_event SET occurred_at = occurred_at - interval '30 days' WHERE key LIKE %s",
                    (f"%source {heir_arm}",),
                )
                self.work_on(campaign)
                self.work_on(campaign)
                self.assertEqual(campaign.state, "done")
                other = "control" if heir_arm == "treated" else "treated"
                self.assertEqual((campaign.result[heir_arm]["bought"], campaign.result[other]["bought"]), (1, 0))
                # What this one bought is not of the time of the next campaign, whatever arm chance gives it there.
                self.env.cr.execute("UPDATE club_event SET occurred_at = occurred_at - interval '100 days'")
        self.assertInvariantsHold()

    def test_who_was_in_it_as_another_contact_keeps_that_arm_and_counts_once(self):
        """The heir comes in later, for a silence that began after the first was answered: it is the same person."""
        self.buy(self.member, days_ago=140)
        last = fields.Date.add(fields.Date.today(), days=90)
        campaign = self.campaign(trigger="win_back", trigger_days=60, control_share=50, date_to=last)
        [first] = self.run_campaign(campaign)
        self.assertEqual(first.member_id, self.member)
        self.let_days_pass(campaign, 68)
        self.buy(self.member_2, days_ago=65)
        self.merge(self.member, self.member_2)
        self.work_on(campaign)
        second = self.targets(campaign, member_id=self.member_2.id)
        self.assertEqual((second.arm, second.is_first), (first.arm, False))
        self.assertTrue(first.is_first, "the row that chance made first stays")

    def test_a_silence_that_was_answered_as_another_contact_is_not_answered_again(self):
        """The source was won back, or was in the control group; the heir was silent as long, or longer, or had none."""
        for share, days in ((0, None), (0, 65), (0, 200), (90, 65)):
            with self.subTest(control_share=share, days=days):
                source, heir = self.club._enrol(
                    self.env["res.partner"].create(
                        [{"name": f"{name} {share} {days}", "email": f"{name}{share}{days}@x.example"} for name in "sh"]
                    )
                )
                (source | heir).write({"consent_marketing": True})
                self.buy(source, days_ago=70)
                campaign = self.campaign(
                    trigger="win_back", trigger_days=60, action="points", points=50, control_share=share
                )
                campaign._keep(salt=self.find_salt(source, share))
                self.assertEqual(self.run_campaign(campaign).filtered("arm").member_id & source, source)
                if days:
                    self.buy(heir, days_ago=days)
                self.merge(source, heir)
                self.work_on(campaign)
                self.assertFalse(self.targets(campaign, member_id=heir.id))
                self.assertEqual(heir.points, 0 if share else 50)
        self.assertInvariantsHold()

    def find_salt(self, member, share):
        """A salt that puts the member where most are."""
        wanted = "control" if share > 50 else "treated"
        salts = (f"salt {number}" for number in range(1000))
        return next(salt for salt in salts if engine_campaign.arm(salt, member.id, share) == wanted)

    def test_who_could_not_be_reached_as_another_contact_comes_in_as_the_heir(self):
        self.member.write({"consent_marketing": False})
        campaign = self.campaign()
        campaign.action_schedule()
        campaign.sudo()._begin()
        campaign.sudo()._choose([(self.member.id, "once")])
        self.assertEqual(self.targets(campaign).reason, "consent")
        self.merge(self.member, self.member_2)
        self.work_on(campaign)
        self.assertEqual(self.targets(campaign, member_id=self.member_2.id).state, "sent")

    def test_messages_to_a_contact_that_was_merged_count_towards_the_limit(self):
        self.club.write({"campaign_limit": 1, "campaign_limit_days": 30})
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "One", "domain": f"[('id', '=', {self.member.id})]"}
        )
        self.run_campaign(self.campaign(segment_id=segment.id))
        self.merge(self.member, self.member_2)
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.assertEqual(self.targets(campaign, member_id=self.member_2.id).reason, "frequency")
        self.assertEqual(self.targets(campaign, member_id=self.members[3].id).state, "sent")

    def test_more_points_that_were_promised_are_kept_when_the_contact_is_merged(self):
        rule = self.earn_rule("purchase", formula="per_amount", points=1, per_amount=10)
        segment = self.env["club.segment"].create(
            {"club_id": self.club.id, "name": "One", "domain": f"[('id', '=', {self.member.id})]"}
        )
        campaign = self.campaign(action="multiplier", multiplier=3, rule_id=rule.id, segment_id=segment.id)
        self.run_campaign(campaign)
        self.merge(self.member, self.member_2)
        self.buy(self.member_2, 100)
        self.assertEqual(self.member_2.points, 30)
        self.buy(self.members[3], 100)
        self.assertEqual(self.members[3].points, 10)
        self.assertInvariantsHold()

    def test_nothing_more_goes_out_to_who_was_merged(self):
        self.club.write({"quiet_from": 0, "quiet_to": 23.99})
        campaign = self.campaign()
        campaign.action_schedule()
        campaign.sudo()._begin()
        campaign.sudo()._choose(campaign.sudo()._lock_candidates(1000, ()))
        source = self.targets(campaign, member_id=self.member.id)
        self.assertEqual(source.state, "planned")
        self.merge(self.member, self.member_2)
        self.assertEqual((source.state, source.reason, source.is_first), ("skipped", "merged", False))


@tagged("post_install", "-at_install")
class TestGivingBackBringsNothing(CampaignCase):
    """never 1; abuse 8."""

    def give_back(self, sale, amount=None):
        return self.env["club.event"]._record(
            [
                {
                    "member_id": sale.member_id.id,
                    "type": "purchase",
                    "amount": -(amount or sale.amount),
                    "revises_id": sale.id,
                    "key": f"back:{sale.id}",
                    "occurred_at": fields.Datetime.now(),
                }
            ]
        )

    def test_who_buys_and_gives_back_is_not_won_back_again(self):
        self.buy(self.member, days_ago=200)
        campaign = self.campaign(trigger="win_back", trigger_days=60, action="points", points=50)
        self.run_campaign(campaign)
        self.assertEqual(self.member.points, 50)
        sale = self.buy(self.member, days_ago=61)
        self.give_back(sale)
        self.work_on(campaign)
        self.assertEqual(len(self.targets(campaign)), 1, "the silence goes on, and was answered")
        self.assertEqual(self.member.points, 50)
        kept = self.buy(self.member, days_ago=60, key="kept")
        self.give_back(kept, amount=20)
        self.work_on(campaign)
        self.assertEqual(len(self.targets(campaign)), 2, "what was kept in part is a purchase")

    def test_who_gave_everything_back_was_never_a_customer_to_win_back(self):
        self.give_back(self.buy(self.member, days_ago=90))
        campaign = self.campaign(trigger="win_back", trigger_days=60)
        self.assertFalse(self.run_campaign(campaign))

    def test_a_credited_order_is_nothing_bought(self):
        """A real order, invoiced and credited whole; another one stays."""
        campaign = self.campaign()
        self.run_campaign(campaign)
        orders = self.env["sale.order"]
        for member in (self.member, self.member_2):
            order = orders.create(
                {
                    "partner_id": member.partner_id.id,
                    "order_line": [fields.Command.create({"product_id": self.product.id, "product_uom_qty": 3})],
                }
            )
            order.action_confirm()
            orders |= order
        invoices = orders._create_invoices(grouped=False)
        invoices.action_post()
        self.env.cr.precommit.run()
        both = self.targets(campaign).filtered(lambda row: row.member_id in (self.member | self.member_2))
        self.assertEqual(campaign.sudo()._find_buyers(both), both)
        theirs = invoices.filtered(lambda move: move.partner_id == self.partner)
        theirs._reverse_moves([{"date": fields.Date.today()}], cancel=True)
        self.env.cr.precommit.run()
        self.assertEqual(campaign.sudo()._find_buyers(both).member_id, self.member_2)

    def test_the_multiplied_points_of_a_returned_purchase_go_back(self):
        rule = self.earn_rule("purchase", formula="per_amount", points=1, per_amount=10)
        campaign = self.campaign(action="multiplier", multiplier=3, rule_id=rule.id)
        self.run_campaign(campaign)
        sale = self.buy(self.member, 100)
        self.assertEqual(self.member.points, 30)
        sale._revoke("Returned")
        self.env.flush_all()
        self.assertEqual(self.member.points, 0)
        self.assertEqual(campaign.sudo()._read_extra_points(), 0)
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestNobodyComesBackForASecondWelcome(CampaignCase):
    """abuse 8: leave, be erased, join again."""

    def join(self, email, **values):
        member = self.club._enrol(self.env["res.partner"].create({"name": "New", "email": email, **values}))
        member.write({"consent_marketing": True})
        return member

    def test_the_welcome_bonus_comes_once_per_person_whatever_was_erased(self):
        campaign = self.campaign(trigger="welcome", trigger_days=0, action="points", points=50)
        first = self.join("again@example.com")
        self.run_campaign(campaign)
        self.assertEqual(first.points, 50)
        first._erase()
        second = self.join("again+2@example.com")
        honest = self.join("honest@example.com")
        self.work_on(campaign)
        rows = {row.member_id: (row.state, row.reason) for row in self.targets(campaign)}
        self.assertEqual(rows[second], ("skipped", "returned"))
        self.assertEqual(second.points, 0)
        self.assertEqual((rows[honest], honest.points), (("sent", False), 50))
        self.assertInvariantsHold()

    def test_every_gift_of_a_campaign_comes_once_per_person(self):
        campaign = self.campaign(action="points", points=50)
        campaign.action_schedule()
        campaign.sudo()._begin()
        first = self.join("again@example.com")
        campaign.sudo()._choose(campaign.sudo()._lock_candidates(1000, ()))
        first._erase()
        second = self.join("again@example.com")
        self.work_on(campaign)
        self.assertEqual(self.targets(campaign, member_id=second.id).reason, "returned")

    def test_only_a_message_greets_who_comes_back_too(self):
        campaign = self.campaign(trigger="welcome", trigger_days=0)
        self.join("again@example.com")._erase()
        second = self.join("again@example.com")
        self.run_campaign(campaign)
        self.assertEqual(self.targets(campaign, member_id=second.id).state, "sent")
