"""What a campaign brought: one look, on one measure, when everybody's time is over."""

from datetime import timedelta

from odoo import Command
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCampaignResult(CampaignCase):
    def end(self, campaign):
        self.let_days_pass(campaign, 30)
        self.work_on(campaign)
        self.work_on(campaign)

    def let_purchases_pass(self, days):
        """Facts never change; the time of a test does."""
        self.env.cr.execute(
            "UPDATE club_event SET occurred_at = occurred_at - %s WHERE club_id = %s AND type = 'purchase'",
            (timedelta(days=days), self.club.id),
        )
        self.env.invalidate_all()

    def buy_in_time(self, target, amount=50, shift=1, key="", **values):
        """A purchase ``shift`` days after the member came in."""
        return self.env["club.event"]._report(
            [
                {
                    "member_id": target.member_id.id,
                    "type": "purchase",
                    "amount": amount,
                    "occurred_at": target.starts_at + timedelta(days=shift),
                    "key": f"test:{target.id}:{shift}:{key}",
                    **values,
                }
            ]
        )

    def many(self, count=120):
        """Many members, so that a difference can be told from chance."""
        partners = self.env["res.partner"].create(
            [{"name": f"Many {number}", "email": f"many{number}@example.com"} for number in range(count)]
        )
        members = self.club._enrol(partners)
        members.write({"consent_marketing": True})
        return members

    def test_before_the_end_nothing_is_said_about_the_difference(self):
        """No peeking: not in the words, not in the numbers, not in the rows that a manager reads."""
        campaign = self.campaign(control_share=50)
        for target in self.run_campaign(campaign)[:5]:
            self.buy_in_time(target)
        self.assertIn("Too early", campaign.outcome)
        self.assertFalse(campaign.result)
        self.assertNotIn("Did it", campaign.numbers)
        self.assertFalse(any(self.targets(campaign).sudo().mapped("bought")))
        self.let_days_pass(campaign, 8)
        self.work_on(campaign)
        self.assertEqual(campaign.state, "measuring")
        self.assertIn("Too early", campaign.outcome)
        self.let_days_pass(campaign, 2)
        self.work_on(campaign)
        self.assertEqual(campaign.state, "done")

    def test_a_campaign_that_works_is_called_so_in_words(self):
        self.many()
        campaign = self.campaign(control_share=40)
        targets = self.run_campaign(campaign)
        treated, control = (
            targets.filtered(lambda target, arm=arm: target.arm == arm) for arm in ("treated", "control")
        )
        for target in treated[: len(treated) // 2]:
            self.buy_in_time(target)
        self.buy_in_time(control[0])
        self.let_days_pass(campaign, 30)
        self.let_purchases_pass(30)
        self.work_on(campaign)
        result = campaign.result
        self.assertEqual(result["verdict"], "better")
        self.assertEqual(result["treated"]["reached"], len(treated) // 2)
        self.assertEqual(result["control"]["reached"], 1)
        self.assertEqual(result["treated"]["amount"], 50 * (len(treated) // 2))
        self.assertRegex(
            campaign.outcome, r"Of 100 who were to get it, \d+ bought; of 100 who were not, .* more, surely"
        )
        self.assertIn("Did it", campaign.numbers)
        self.assertIn("<svg", campaign.numbers)

    def test_without_a_difference_chance_is_named(self):
        self.many(60)
        campaign = self.campaign(control_share=50)
        self.run_campaign(campaign)
        self.end(campaign)
        self.assertEqual(campaign.result["verdict"], "chance")
        self.assertIn("may be chance", campaign.outcome)

    def test_few_members_and_no_control_group_are_said(self):
        lonely = self.campaign(
            segment_id=self.env["club.segment"]
            .create({"club_id": self.club.id, "name": "One", "domain": f"[('id', '=', {self.member.id})]"})
            .id
        )
        self.run_campaign(lonely)
        self.buy_in_time(self.targets(lonely))
        self.end(lonely)
        self.assertEqual(lonely.result["verdict"], "no_control")
        self.assertIn("nobody knows", lonely.outcome)
        few = self.campaign(control_share=50)
        self.run_campaign(few)
        self.end(few)
        self.assertIn(few.result["verdict"], ("few", "chance"))
        self.assertTrue(few.outcome)

    def test_a_campaign_stopped_by_hand_has_no_verdict(self):
        """Whoever stops when it looks good would call chance a success."""
        campaign = self.campaign(control_share=50)
        self.run_campaign(campaign)
        campaign.action_stop()
        self.assertEqual(campaign.state, "stopped")
        self.end(campaign)
        self.assertFalse(campaign.result)
        self.assertIn("stopped by hand", campaign.outcome)

    def test_what_came_back_and_what_was_bought_outside_its_time_does_not_count(self):
        campaign = self.campaign()
        first, second, third, fourth = self.run_campaign(campaign)[:4]
        self.buy_in_time(first)
        sale = self.buy_in_time(second)
        self.env["club.event"]._record(
            [
                {
                    "member_id": second.member_id.id,
                    "type": "purchase",
                    "amount": -50,
                    "revises_id": sale.id,
                    "key": "returned",
                    "occurred_at": second.ends_at + timedelta(days=5),
                }
            ]
        )
        self.buy_in_time(third, shift=-1)
        self.buy_in_time(fourth, shift=10)
        self.env.flush_all()
        self.assertEqual(campaign.sudo()._find_buyers(self.targets(campaign)), first)

    def test_those_who_were_to_get_it_count_whatever_happened_on_the_way(self):
        campaign = self.campaign()
        targets = self.run_campaign(campaign)
        self.member._leave()
        self.end(campaign)
        self.assertEqual(campaign.result["treated"]["members"], len(targets))

    def test_merged_members_count_once_and_with_what_both_did(self):
        """never 13."""
        campaign = self.campaign()
        self.run_campaign(campaign)
        target = self.targets(campaign, member_id=self.member.id)
        self.buy_in_time(self.targets(campaign, member_id=self.member_2.id))
        self.env["base.partner.merge.automatic.wizard"]._merge((self.partner | self.partner_2).ids, self.partner)
        firsts = self.targets(campaign, is_first=True).filtered(
            lambda row: row.member_id in (self.member | self.member_2)
        )
        self.assertEqual(len(firsts), 1)
        self.assertEqual(campaign.sudo()._find_buyers(firsts), firsts)
        self.assertTrue(target.exists())
        self.assertInvariantsHold()

    def test_an_erased_member_stays_a_number_in_the_result(self):
        campaign = self.campaign()
        targets = self.run_campaign(campaign)
        self.buy_in_time(self.targets(campaign, member_id=self.member.id))
        self.member._erase()
        self.let_days_pass(campaign, 30)
        self.let_purchases_pass(30)
        self.work_on(campaign)
        self.work_on(campaign)
        self.assertEqual(
            campaign.result["treated"], {**campaign.result["treated"], "members": len(targets), "reached": 1}
        )

    def test_visits_joins_and_redemptions_are_goals_too(self):
        found = {}
        for goal, fact in (("visits", "visit"), ("joins", "referral_join")):
            campaign = self.campaign(goal_kind=goal, channel="portal")
            target = self.run_campaign(campaign)[0]
            self.env["club.event"]._record(
                [
                    {
                        "member_id": target.member_id.id,
                        "type": fact,
                        "key": f"test:{goal}",
                        "occurred_at": target.starts_at + timedelta(hours=1),
                    }
                ]
            )
            self.env.flush_all()
            found[goal] = [row for (row,) in self.env.execute_query(campaign.sudo()._select_reached())] == target.ids
        campaign = self.campaign(goal_kind="redemption", channel="portal")
        self.post(50, "before")
        target = self.run_campaign(campaign).filtered(lambda row: row.member_id == self.member)
        self.post(-20, "spent", date=target.starts_at + timedelta(hours=1))
        self.env.flush_all()
        found["redemption"] = [
            row for (row,) in self.env.execute_query(campaign.sudo()._select_reached())
        ] == target.ids
        self.assertEqual(found, {"visits": True, "joins": True, "redemption": True})

    def test_what_was_taken_back_was_not_done(self):
        """A check-in undone at the counter, a friend who was none, points that were given back: as a purchase is."""
        for goal, fact in (("visits", "visit"), ("joins", "referral_join")):
            campaign = self.campaign(goal_kind=goal, channel="portal")
            target = self.run_campaign(campaign)[0]
            values = {"member_id": target.member_id.id, "type": fact, "key": f"undone:{goal}"}
            event = self.env["club.event"]._record([{**values, "occurred_at": target.starts_at}])
            event._revoke("Undone")
            self.env.flush_all()
            self.assertFalse(self.env.execute_query(campaign.sudo()._select_reached()), goal)
        campaign = self.campaign(goal_kind="redemption", channel="portal")
        self.post(50, "before")
        target = self.run_campaign(campaign).filtered(lambda row: row.member_id == self.member)
        spent = self.post(-20, "spent", date=target.starts_at + timedelta(hours=1))
        spent._reverse(key="a part", points=5)
        self.env.flush_all()
        self.assertEqual(self.env.execute_query(campaign.sudo()._select_reached()), [(target.id,)])
        spent._reverse(key="the rest", points=15)
        self.env.flush_all()
        self.assertFalse(self.env.execute_query(campaign.sudo()._select_reached()))

    def test_the_home_page_asks_to_read_the_result_until_it_is_read(self):
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.end(campaign)
        figures = self.club._get_home_figures()
        self.assertIn("campaigns", self.club._get_home_todos(figures)[self.club.id])
        action = self.club.with_context(club_home="campaigns").action_open_home()
        self.assertEqual(self.env["club.campaign"].search(action["domain"]), campaign)
        campaign.action_read_result()
        self.assertNotIn("campaigns", self.club._get_home_todos(figures)[self.club.id])

    def test_the_cost_is_points_at_their_worth_and_coupons_that_were_used(self):
        campaign = self.campaign(action="points", points=50)
        self.run_campaign(campaign)
        self.end(campaign)
        self.assertEqual(campaign.result["points"], 1000)
        self.assertAlmostEqual(campaign.result["cost"], 1000 * float(self.club._point_worth()))

    def test_the_result_says_what_was_left_of_the_margin(self):
        """Cost against margin, with the interval: what a shopkeeper asks first."""
        self.many()
        self.env.cr.execute(
            "INSERT INTO club_behaviour (member_id, club_id, company_id, sales, margin) VALUES (%s, %s, %s, 1000, 400)"
            " ON CONFLICT (member_id) DO UPDATE SET sales = 1000, margin = 400",
            (self.member.id, self.club.id, self.club.company_id.id),
        )
        campaign = self.campaign(action="points", points=10, control_share=40)
        targets = self.run_campaign(campaign)
        treated = targets.filtered(lambda target: target.arm == "treated")
        for target in treated[: len(treated) // 2]:
            self.buy_in_time(target)
        self.let_days_pass(campaign, 30)
        self.let_purchases_pass(30)
        self.work_on(campaign)
        result = campaign.result
        gain = result["gain"]
        self.assertAlmostEqual(gain["rate"], 0.4)
        self.assertAlmostEqual(gain["sales"][0], 50 * (len(treated) // 2))
        self.assertAlmostEqual(gain["net"][0], gain["sales"][0] * 0.4 - result["cost"])
        self.assertLess(gain["net"][1], gain["net"][2])
        self.assertIn("40 of 100 are margin as usual", campaign.outcome)
        self.assertIn("Control group", campaign.numbers)
        self.assertIn("surely between", campaign.numbers)
        self.assertEqual(campaign.verdict, "better")

    def test_margin_is_of_goods_whose_cost_is_known_and_the_share_of_them_is_said(self):
        """Of 1000 sold the cost of 500 is known, and of these 200 are margin: 40 of 100, not 20."""
        self.many()
        self.env.cr.execute(
            "INSERT INTO club_behaviour (member_id, club_id, company_id, sales, costed_sales, margin)"
            " VALUES (%s, %s, %s, 1000, 500, 200)"
            " ON CONFLICT (member_id) DO UPDATE SET sales = 1000, costed_sales = 500, margin = 200",
            (self.member.id, self.club.id, self.club.company_id.id),
        )
        campaign = self.campaign(control_share=40, body="Come and see.")
        treated = self.run_campaign(campaign).filtered(lambda target: target.arm == "treated")
        for target in treated[: len(treated) // 2]:
            self.buy_in_time(target)
        self.let_days_pass(campaign, 30)
        self.let_purchases_pass(30)
        self.work_on(campaign)
        gain = campaign.result["gain"]
        self.assertAlmostEqual(gain["rate"], 0.4)
        self.assertAlmostEqual(gain["known"], 0.5)
        self.assertIn("40 of 100 are margin as usual", campaign.outcome)
        self.assertIn("known for 50 of 100 of the sales", campaign.outcome)
        campaign._keep(result={**campaign.result, "gain": {**gain, "known": 1.0}})
        self.assertNotIn("known for", campaign.outcome)

    def test_harm_is_said_once(self):
        campaign = self.campaign()
        self.run_campaign(campaign)
        result = campaign.sudo()._compute_result()
        arms = ({"members": 100, "reached": reached, "bought": 0, "amount": 0, "squares": 0} for reached in (10, 40))
        result.update(zip(("treated", "control"), arms, strict=True))
        result.update(verdict="worse", intervals={"share": [-0.3, -0.4, -0.2], "amount": None})
        campaign._keep(state="done", result=result)
        self.assertEqual(campaign.outcome.lower().count("harm"), 1)
        self.assertIn("less, surely between", campaign.outcome)

    def test_margin_is_no_share_of_the_taxes_that_a_club_counts(self):
        """60 with a tax of 25 % are 48 of sales: 40 of 100 of these are 32 of 100 of what the club counts."""
        self.many()
        self.assertEqual(self.club.earn_tax, "included")
        self.env.cr.execute(
            "INSERT INTO club_behaviour (member_id, club_id, company_id, sales, margin) VALUES (%s, %s, %s, 1000, 400)"
            " ON CONFLICT (member_id) DO UPDATE SET sales = 1000, margin = 400",
            (self.member.id, self.club.id, self.club.company_id.id),
        )
        tax = self.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        line = {"product_id": self.product.id, "price_unit": 48, "tax_ids": [Command.set(tax.ids)]}
        order = self.env["sale.order"].create({"partner_id": self.partner.id, "order_line": [Command.create(line)]})
        self.assertEqual(order.amount_total, 60)
        campaign = self.campaign(action="points", points=10, control_share=40)
        treated = self.run_campaign(campaign).filtered(lambda target: target.arm == "treated")
        for target in treated[: len(treated) // 2]:
            self.buy_in_time(target, amount=60, origin=order)
        self.let_days_pass(campaign, 30)
        self.let_purchases_pass(30)
        self.work_on(campaign)
        gain = campaign.result["gain"]
        self.assertAlmostEqual(gain["sales"][0], 60 * (len(treated) // 2))
        self.assertAlmostEqual(gain["rate"], 0.32)
        self.assertAlmostEqual(gain["net"][0], 0.4 * 48 * (len(treated) // 2) - campaign.result["cost"])

    def test_a_campaign_that_goes_on_shows_its_months_when_it_is_over(self):
        self.buy(self.member, days_ago=70)
        campaign = self.campaign(trigger="win_back", trigger_days=60)
        self.run_campaign(campaign)
        self.buy(self.member_2, days_ago=61)
        self.work_on(campaign)
        self.let_days_pass(campaign, 40)
        self.env.cr.execute(
            "UPDATE club_campaign_target SET starts_at = starts_at - interval '40 days',"
            " ends_at = ends_at - interval '40 days' WHERE member_id = %s",
            (self.member.id,),
        )
        self.env.invalidate_all()
        self.assertNotIn("Month from", campaign.numbers, "nobody looks before the end")
        self.work_on(campaign)
        self.work_on(campaign)
        months = campaign.result["months"]
        self.assertEqual([month["treated"] for month in months], [[1, 0], [1, 0]])
        self.assertLess(months[0]["first"], months[1]["first"])
        self.assertIn("Month from", campaign.numbers)
        once = self.campaign()
        self.run_campaign(once)
        self.end(once)
        self.assertEqual(once.result["months"], [])
