"""Staff follow any fact up by rule: once, in batches, with the conditions that rules have."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .test_earning_orders import EarningCase


class FollowUpCase(EarningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.number = 0
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.anna, cls.ben, cls.carl = (
            new_test_user(cls.env, f"follow_{name}", groups="customer_club.group_club_user", name=name.title())
            for name in ("anna", "ben", "carl")
        )
        cls.gold = cls.env["club.tier"].create({"name": "Gold", "club_id": cls.club.id, "threshold": 10**6})

    def follow_up(self, event_type="visit", **values):
        return self.env["club.follow.up"].create(
            {
                "name": "Say hello",
                "club_id": self.club.id,
                "event_type": event_type,
                "activity_type_id": self.call.id,
                "user_id": self.anna.id,
                **values,
            }
        )

    def fact(self, event_type="visit", member=None, days_ago=0, **values):
        type(self).number += 1
        return {
            "member_id": (member or self.member).id,
            "type": event_type,
            "key": f"follow:{self.number}",
            "occurred_at": fields.Datetime.now() - timedelta(days=days_ago),
            **values,
        }

    def report(self, *vals_list):
        return self.env["club.event"]._report(list(vals_list))

    def tasks(self, member=None):
        return self.env["mail.activity"].search(
            [("res_model", "=", "club.member"), ("res_id", "in", (member or self.member).ids)], order="id"
        )


@tagged("post_install", "-at_install")
class TestTasksFollowFacts(FollowUpCase):
    def test_a_gold_member_complained_call_within_a_day(self):
        follow_up = self.follow_up("feedback", name="Complaints", summary="Call", tier_from_id=self.gold.id)
        self.assertTrue(follow_up.summary_sentence.startswith("Call within a day after every accepted "))
        self.assertIn("Gold and above", follow_up.summary_sentence)
        self.assertIn("(by Anna)", follow_up.summary_sentence)
        self.report(self.fact("feedback"))
        self.assertFalse(self.tasks(), "she is no Gold member")
        self.member.tier_id = self.gold
        self.env.flush_all()
        self.report(self.fact("feedback", payload={"kind": "critique"}))
        task = self.tasks()
        self.assertEqual(
            (task.user_id, task.activity_type_id, task.summary, task.date_deadline),
            (self.anna, self.call, "Call", fields.Date.today() + timedelta(days=1)),
        )
        self.assertPoints(0)

    def test_a_fact_calls_once_however_often_it_is_reported_or_processed(self):
        self.follow_up()
        fact = self.fact()
        self.report(fact)
        self.report(fact)._process()
        self.assertEqual(len(self.tasks()), 1)

    def test_conditions_are_those_of_rules(self):
        self.follow_up(nth_mode="every", nth=3)
        for expected in (0, 0, 1, 1):
            self.report(self.fact())
            self.assertEqual(len(self.tasks()), expected)

    def test_a_large_purchase_calls_and_its_later_changes_do_not(self):
        self.follow_up("purchase", min_amount=100, deadline_days=0)
        self.sell((self.product, 5, 10.0))
        self.settle()
        self.assertFalse(self.tasks())
        order = self.sell((self.product, 20, 10.0))
        self.settle()
        self.assertEqual(len(self.tasks()), 1)
        order.order_line.product_uom_qty = 30
        self.settle()
        order._action_cancel()
        self.settle()
        self.assertEqual(len(self.tasks()), 1)

    def test_imported_and_old_facts_call_nobody(self):
        self.follow_up("purchase")
        self.follow_up("visit")
        order = self.quote((self.product, 1, 10.0), partner=self.env["res.partner"].create({"name": "Old"}))
        order.action_confirm()
        member = self.club._enrol(order.partner_id)
        self.env["club.purchase"]._settle(order, before_joining=True)
        self.report(self.fact(days_ago=8), self.fact(days_ago=2))
        self.assertFalse(self.tasks(member))
        self.assertEqual(len(self.tasks()), 1)
        self.assertEqual(self.tasks().date_deadline, fields.Date.today(), "a deadline is never in the past")

    def test_the_salesperson_or_who_stands_in(self):
        self.follow_up(assign="salesperson")
        self.report(self.fact())
        self.partner.user_id = self.ben
        self.report(self.fact())
        stranger = new_test_user(self.env, "follow_stranger", groups="base.group_user")
        self.partner.user_id = stranger
        self.report(self.fact())
        self.assertEqual(self.tasks().mapped("user_id"), self.anna | self.ben)
        self.assertEqual([task.user_id for task in self.tasks()], [self.anna, self.ben, self.anna])

    def test_a_team_takes_turns(self):
        self.follow_up(assign="team", team_user_ids=(self.anna | self.ben | self.carl).ids, user_id=False)
        self.report(*(self.fact() for _number in range(6)))
        users = [task.user_id for task in self.tasks()]
        for user in self.anna | self.ben | self.carl:
            self.assertEqual(users.count(user), 2, user.name)

    def test_an_archived_follow_up_and_another_club_s_call_nobody(self):
        self.follow_up().active = False
        second = self.env["club.club"].create({"name": "Second", "tz": "UTC"})
        self.follow_up(club_id=second.id)
        self.report(self.fact())
        self.assertFalse(self.tasks())

    def test_queries_do_not_grow_with_the_batch(self):
        self.follow_up(assign="team", team_user_ids=(self.anna | self.ben).ids)
        self.report(self.fact())
        counts = []
        for size in (30, 90):
            events = self.env["club.event"]._record([self.fact() for _number in range(size)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            events._process()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_a_club_without_follow_ups_pays_nothing_for_them(self):
        self.report(self.fact())
        counts = []
        for _step in range(2):
            events = self.env["club.event"]._record([self.fact()])
            before = self.cr.sql_log_count
            events._process()
            counts.append(self.cr.sql_log_count - before)
            self.follow_up("review")
            self.report(self.fact())  # fills the caches
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestTheFollowUpItself(FollowUpCase):
    def test_its_conditions_never_give_points_and_stand_in_no_list_of_rules(self):
        follow_up = self.follow_up()
        self.assertFalse(follow_up.condition_id.active)
        self.report(self.fact())
        self.assertEarned(0, "visit")
        action = self.club.action_view_rules()
        shown = self.env["club.earn.rule"].search(action["domain"])
        self.assertNotIn(follow_up.condition_id, shown)
        with self.assertRaisesRegex(ValidationError, "conditions of a follow-up only"):
            follow_up.condition_id.active = True

    def test_the_form_makes_one_and_shows_what_rooms_ask(self):
        with Form(self.env["club.follow.up"].with_context(default_club_id=self.club.id)) as form:
            form.name = "Big orders"
            form.event_type = "purchase"
            form.min_amount = 500
            form.user_id = self.anna
            self.assertEqual(
                form.summary_sentence.replace("\xa0", " "),
                "Call within a day after every purchase, from $ 500 up (by Anna)",
            )
        follow_up = form.record
        self.assertEqual((follow_up.condition_id.min_amount, follow_up.condition_id.purpose), (500, "follow_up"))
        details = self.env["club.earn.rule"].get_view(
            self.env.ref("customer_club.club_earn_rule_view_form").id, "form"
        )["arch"]
        shown = self.env["club.follow.up"].get_view(
            self.env.ref("customer_club.club_follow_up_view_form").id, "form"
        )["arch"]
        for name in ("survey_ids", "review_stars"):
            if name in details:
                self.assertIn(f'name="{name}"', shown)

    def test_a_copy_has_conditions_of_its_own_and_deleting_removes_them(self):
        follow_up = self.follow_up(tier_from_id=self.gold.id)
        copy = follow_up.copy()
        self.assertEqual(copy.name, "Say hello (copy)")
        self.assertNotEqual(copy.condition_id, follow_up.condition_id)
        self.assertEqual(copy.tier_from_id, self.gold)
        rule = copy.condition_id
        copy.unlink()
        self.assertFalse(rule.exists())
        self.assertTrue(follow_up.condition_id.exists())

    def test_nobody_to_do_it_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "team without people"):
            self.follow_up(assign="team")
        with self.assertRaisesRegex(ValidationError, "names nobody"):
            self.follow_up(user_id=False)

    def test_only_managers_of_the_company_change_it(self):
        follow_up = self.follow_up()
        with self.assertRaises(AccessError):
            follow_up.with_user(self.anna).deadline_days = 3
        self.assertEqual(follow_up.with_user(self.anna).name, "Say hello")
        company = self.env["res.company"].create({"name": "Other"})
        other = new_test_user(
            self.env,
            "follow_other",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["club.follow.up"].with_user(other).search([("id", "=", follow_up.id)]))
        manager = new_test_user(self.env, "follow_manager", groups="customer_club.group_club_manager")
        follow_up.with_user(manager).write({"deadline_days": 3, "nth_mode": "exact", "nth": 2})
        self.assertEqual((follow_up.deadline_days, follow_up.condition_id.nth), (3, 2))
        mine = self.env["club.follow.up"].with_user(manager).create(
            {"name": "Mine", "club_id": self.club.id, "event_type": "visit", "activity_type_id": self.call.id}
        )
        self.assertEqual(mine.user_id, manager)


@tagged("post_install", "-at_install")
class TestAComplaint(FollowUpCase):
    def test_a_gold_member_complains_and_somebody_is_to_call_before_it_is_judged(self):
        follow_up = self.follow_up(
            "feedback_sent", name="Complaints", summary="Call", tier_from_id=self.gold.id, feedback_critique=True
        )
        self.assertEqual(
            follow_up.summary_sentence, "Call within a day after every critique, Gold and above (by Anna)"
        )
        Feedback = self.env["club.feedback"]
        Feedback.create({"member_id": self.member.id, "kind": "critique", "text": "Too late"})
        self.assertFalse(self.tasks(), "she is no Gold member")
        self.member.tier_id = self.gold
        self.env.flush_all()
        Feedback.create({"member_id": self.member.id, "kind": "praise", "text": "Lovely"})
        self.assertFalse(self.tasks())
        Feedback.create({"member_id": self.member.id, "kind": "critique", "text": "Too late again"})
        self.assertEqual((self.tasks().user_id, self.tasks().summary), (self.anna, "Call"))
        self.assertEarned(0, "feedback_sent")

    def test_sending_feedback_gives_no_points(self):
        with self.assertRaisesRegex(ValidationError, "once it is accepted"):
            self.earn_rule("feedback_sent", 5)
