"""Accepted feedback earns, once, and only while it is accepted: from the record to the ledger."""

from freezegun import freeze_time
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


class FeedbackCase(ClubCase):
    """A manager, a member of staff who answers for suggestions, and another one who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "voice_manager", groups="customer_club.group_club_manager")
        cls.judge = new_test_user(cls.env, "voice_judge", groups="customer_club.group_club_user")
        cls.clerk = new_test_user(cls.env, "voice_clerk", groups="customer_club.group_club_user")
        cls.club.feedback_user_id = cls.judge
        cls.category = cls.env["club.feedback.category"].create({"name": "Vases"})

    def say(self, member=None, user=None, **values):
        return (
            self.env["club.feedback"]
            .with_user(user or self.clerk)
            .create(
                {
                    "member_id": (member or self.member).id,
                    "kind": "suggestion",
                    "subject": "Open on Sundays",
                    "text": "I have time then.",
                    **values,
                }
            )
            .with_user(self.manager)
        )

    def decide(self, feedback, decision, answer="Thank you", user=None, **values):
        wizard = (
            self.env["club.feedback.answer"]
            .with_user(user or self.manager)
            .create({"feedback_ids": feedback.ids, "decision": decision, "answer": answer, **values})
        )
        return wizard.action_decide()

    def merge(self, main, others, user=None):
        wizard = (
            self.env["club.feedback.merge"]
            .with_user(user or self.manager)
            .create({"feedback_ids": (main | others).ids, "main_id": main.id})
        )
        return wizard.action_merge()

    def events(self):
        return self.env["club.event"].search([("type", "=", "feedback"), ("club_id", "=", self.club.id)])


@tagged("post_install", "-at_install")
class TestAcceptedFeedbackEarns(FeedbackCase):
    def setUp(self):
        super().setUp()
        self.rule = self.earn_rule("feedback", 20)

    def test_an_accepted_suggestion_becomes_an_entry_of_the_ledger(self):
        feedback = self.say(category_id=self.category.id)
        self.assertEarned(0, "feedback")
        feedback.write({"usefulness": "4"})
        feedback.action_accept()
        entry = self.env["club.point.entry"].search([("member_id", "=", self.member.id), ("kind", "=", "earn")])
        self.assertEqual((entry.points, entry.rule_id, entry.origin_model), (20, self.rule, "club.feedback"))
        self.assertEqual(entry.origin_id, feedback.id)
        self.assertEqual(
            entry.event_id.payload, {"kind": "suggestion", "category": self.category.id, "usefulness": 4}
        )
        self.assertEqual((feedback.state, feedback.points), ("accepted", 20))
        self.assertInvariantsHold()

    def test_new_reviewed_declined_done_and_withdrawn_feedback_earns_nothing(self):
        self.say()
        self.say(subject="Seen").action_review()
        self.decide(self.say(subject="No"), "declined")
        self.decide(self.say(subject="Answered"), "done")
        self.say(subject="Back").action_withdraw()
        self.assertEarned(0, "feedback")
        self.assertFalse(self.events())

    def test_pressing_accept_twice_earns_once(self):
        feedback = self.say()
        feedback.action_accept()
        with self.assertRaises(UserError):
            feedback.action_accept()
        self.assertEarned(20, "feedback")
        self.assertEqual(len(self.events()), 1)

    def test_carried_out_after_acceptance_it_keeps_its_points(self):
        feedback = self.say(kind="request")
        feedback.action_accept()
        self.assertTrue(feedback.is_open, "a request is open until it is carried out")
        self.decide(feedback, "done")
        self.assertEqual((feedback.state, feedback.is_open), ("done", False))
        self.assertEarned(20, "feedback")

    def test_an_acceptance_that_is_undone_takes_its_points_back_and_a_new_one_earns_anew(self):
        feedback = self.say()
        feedback.action_accept()
        feedback.action_reopen()
        self.assertEarned(0, "feedback")
        self.assertFalse(feedback.points)
        feedback.action_accept()
        self.assertEarned(20, "feedback")
        facts = self.events().filtered(lambda event: not event.revises_id)
        self.assertEqual(
            sorted(facts.mapped("key")),
            [f"club.feedback,{feedback.id}:accepted:1", f"club.feedback,{feedback.id}:accepted:2"],
        )
        self.decide(feedback, "declined")
        self.assertEarned(0, "feedback")
        self.assertInvariantsHold()

    def test_reopening_and_accepting_again_does_not_renew_the_expiry(self):
        """design §2: nothing may launder an expiry, not even with a judge who is a friend."""
        self.rule.expiry_months = 12
        feedback = self.say()
        with freeze_time("2026-01-10 10:00:00"):
            feedback.action_accept()
        first = self.member.entry_ids
        with freeze_time("2027-03-10 10:00:00"):
            with self.jobs_in_test():
                self.env["club.ledger.job"]._cron_expire()
            feedback.action_reopen()
            feedback.action_accept()
            again = self.member.entry_ids.filtered(lambda entry: entry.kind == "earn") - first
            self.assertEqual((again.points, again.expires_on), (20, first.expires_on))
            with self.jobs_in_test():
                self.env["club.ledger.job"]._cron_expire()
        self.assertEqual(self.member.card_id.points, 0)
        self.assertInvariantsHold()

    def test_spent_points_of_an_undone_acceptance_are_owed(self):
        feedback = self.say()
        feedback.action_accept()
        self.post(-20, "spent")
        feedback.action_reopen()
        self.assertEqual(self.member.card_id.points, -20)
        self.assertInvariantsHold()

    def test_who_has_left_earns_nothing_and_can_say_nothing_more(self):
        feedback = self.say()
        self.member._leave()
        feedback.action_accept()
        self.assertEqual(feedback.state, "accepted")
        self.assertEarned(0, "feedback")
        self.assertFalse(self.events())
        with self.assertRaises(UserError):
            self.say()

    def test_another_clubs_rule_gives_nothing(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        self.rule.active = False
        self.earn_rule("feedback", 99, club_id=other.id)
        self.say().action_accept()
        self.assertEarned(0, "feedback")

    def test_the_members_limit_holds(self):
        self.rule.write({"limit_member": 30, "limit_period": "month"})
        for number in range(3):
            self.say(subject=f"Idea {number}").action_accept()
        self.assertEarned(30, "feedback")

    def test_kind_category_and_stars_decide_and_the_rule_says_why(self):
        self.rule.write(
            {
                "feedback_critique": True,
                "feedback_suggestion": True,
                "feedback_category_ids": [(6, 0, self.category.ids)],
                "feedback_usefulness": "3",
            }
        )
        self.assertEqual(
            self.rule.sentence,
            "20 points for every accepted critique or suggestion, about Vases, "
            "judged useful with at least 3 of 5 stars",
        )
        cases = (
            ({"kind": "praise", "category_id": self.category.id}, "5", "feedback_kinds"),
            ({"kind": "critique"}, "5", "feedback_categories"),
            ({"kind": "critique", "category_id": self.category.id}, "2", "feedback_usefulness"),
            ({"kind": "critique", "category_id": self.category.id}, "0", "feedback_usefulness"),
        )
        for values, stars, _code in cases:
            feedback = self.say(**values)
            feedback.write({"usefulness": stars})
            feedback.action_accept()
        self.assertEarned(0, "feedback")
        self.assertEqual(len(self.events()), 4)
        feedback = self.say(kind="critique", category_id=self.category.id)
        feedback.write({"usefulness": "3"})
        feedback.action_accept()
        self.assertEarned(20, "feedback")
        sentences = self.rule._get_reason_sentences()
        self.assertEqual(sentences["feedback_kinds"]({}), "Only for a critique or suggestion.")
        self.assertEqual(sentences["feedback_categories"]({}), "Only about Vases.")
        self.assertEqual(
            sentences["feedback_usefulness"]({"stars": 2, "least": 3}), "Judged with 2 stars; at least 3 are asked."
        )

    def test_the_conditions_ask_nothing_of_other_events(self):
        self.rule.write({"feedback_usefulness": "5", "feedback_praise": True})
        self.rule.event_type = "custom"
        self.env["club.event"]._report([{"member_id": self.member.id, "type": "custom", "key": "kiosk,1"}])
        self.assertEarned(20, "custom")

    def test_what_points_stand_on_does_not_change_under_them(self):
        feedback = self.say()
        feedback.action_accept()
        for change in ({"kind": "praise"}, {"usefulness": "5"}, {"category_id": self.category.id}):
            with self.assertRaises(UserError):
                feedback.write(change)
        feedback.action_reopen()
        feedback.write({"usefulness": "5"})
        self.assertEqual(feedback.usefulness, "5")


@tagged("post_install", "-at_install")
class TestMergedFeedback(FeedbackCase):
    def setUp(self):
        super().setUp()
        self.earn_rule("feedback", 20)
        self.first = self.say()
        self.second = self.say(self.member_2, subject="Sundays!")

    def test_only_who_said_it_first_is_rewarded_unless_the_club_says_otherwise(self):
        self.merge(self.second, self.first)
        self.second.action_accept()
        self.assertEarned(20, "feedback", self.member)
        self.assertEarned(0, "feedback", self.member_2)
        self.assertEqual((self.first.state, self.first.merged_into_id), ("merged", self.second))

    def test_everybody_who_said_it_is_rewarded_if_the_club_says_so_each_once(self):
        self.club.feedback_merge_reward = "all"
        again = self.say(self.member_2, subject="Sundays, please")
        self.merge(self.first, self.second | again)
        self.first.action_accept()
        self.assertEarned(20, "feedback", self.member)
        self.assertEarned(20, "feedback", self.member_2)
        self.first.action_reopen()
        self.assertEarned(0, "feedback", self.member)
        self.assertEarned(0, "feedback", self.member_2)
        self.first.action_accept()
        self.assertEarned(20, "feedback", self.member_2)
        self.assertInvariantsHold()

    def test_a_merged_duplicate_cannot_be_accepted_by_itself(self):
        self.merge(self.first, self.second)
        with self.assertRaises(UserError):
            self.second.action_accept()
        self.assertEarned(0, "feedback", self.member_2)

    def test_merging_into_what_is_accepted_already_rewards_nobody_more(self):
        self.club.feedback_merge_reward = "all"
        self.first.action_accept()
        self.second._merge_into(self.first)
        self.assertEarned(0, "feedback", self.member_2)
        self.assertEqual(self.second.state, "merged")

    def test_who_has_left_is_passed_over(self):
        self.merge(self.second, self.first)
        self.member._leave()
        self.second.action_accept()
        self.assertEarned(0, "feedback", self.member)
        self.assertEarned(20, "feedback", self.member_2)

    def test_duplicates_of_a_duplicate_follow_it(self):
        third = self.say(subject="On Sundays, too")
        self.merge(self.second, third)
        self.merge(self.first, self.second)
        self.assertEqual(third.merged_into_id, self.first)
        self.assertEqual(self.first.duplicate_count, 2)

    def test_a_reopened_duplicate_stands_for_itself_again(self):
        self.merge(self.first, self.second)
        self.second.action_reopen()
        self.assertEqual((self.second.state, self.second.merged_into_id.id), ("review", False))
        self.first.action_accept()
        self.assertEarned(0, "feedback", self.member_2)

    def test_who_takes_it_back_does_not_silence_those_who_said_the_same(self):
        third = self.say(subject="On Sundays, too")
        self.merge(self.first, self.second | third)
        self.first._withdraw_from_portal()
        self.assertEqual((self.second.state, third.merged_into_id), ("review", self.second))
        self.second.action_accept()
        self.assertEarned(20, "feedback", self.member_2)

    def test_clubs_do_not_mix(self):
        club = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        other = self.say(club._enrol(self.partner))
        with self.assertRaises(UserError):
            self.merge(self.first, other)
        self.assertEqual(other.state, "new")

    def test_one_piece_alone_needs_another_to_merge_into(self):
        wizard = self.env["club.feedback.merge"].with_user(self.manager).new({"feedback_ids": self.first.ids})
        self.assertFalse(wizard.main_id)
        wizard = (
            self.env["club.feedback.merge"]
            .with_user(self.manager)
            .create({"feedback_ids": self.first.ids, "main_id": self.first.id})
        )
        with self.assertRaises(UserError):
            wizard.action_merge()


@tagged("post_install", "-at_install")
class TestWhoMayJudge(FeedbackCase):
    def setUp(self):
        super().setUp()
        self.earn_rule("feedback", 20)

    def test_the_supervisor_and_managers_judge_and_nobody_else(self):
        feedback = self.say()
        self.assertEqual(feedback.user_id, self.judge)
        for step in ("action_accept", "action_review", "action_withdraw", "action_reopen"):
            with self.assertRaises(AccessError):
                getattr(feedback.with_user(self.clerk), step)()
        with self.assertRaises(AccessError):
            self.decide(feedback, "done", user=self.clerk)
        with self.assertRaises(AccessError):
            feedback.with_user(self.clerk).write({"user_id": self.clerk.id})
        feedback.with_user(self.judge).action_accept()
        self.assertEarned(20, "feedback")

    def test_a_clerk_cannot_choose_to_be_the_judge(self):
        feedback = self.say(user_id=self.clerk.id, deadline="2099-01-01", usefulness="5")
        self.assertEqual((feedback.user_id, feedback.usefulness), (self.judge, "0"))
        self.assertNotEqual(str(feedback.deadline), "2099-01-01")

    def test_staff_do_not_accept_their_own_feedback(self):
        own = self.say(self.club._enrol(self.manager.partner_id), user=self.manager)
        for step in ("action_accept", "action_review"):
            with self.assertRaises(AccessError):
                getattr(own, step)()
        with self.assertRaises(AccessError):
            self.decide(own, "accepted")
        with self.assertRaises(AccessError):
            own.write({"usefulness": "5"})
        other = self.say()
        with self.assertRaises(AccessError):
            self.merge(other, own)
        self.assertFalse(self.events())

    def test_nor_do_they_accept_what_stands_for_their_own(self):
        self.club.feedback_merge_reward = "all"
        own = self.say(self.club._enrol(self.manager.partner_id))
        other = self.say()
        boss = new_test_user(self.env, "voice_boss", groups="customer_club.group_club_manager")
        self.merge(other, own, user=boss)
        with self.assertRaises(AccessError):
            other.action_accept()
        other.with_user(boss).action_accept()
        self.assertEarned(20, "feedback", own.member_id)

    def test_a_supervisor_who_is_the_member_is_passed_over(self):
        own = self.say(self.club._enrol(self.judge.partner_id))
        self.assertFalse(own.user_id)

    def test_steps_words_and_rewards_are_not_typed_in(self):
        """abuse.md 5: neither by writing nor by creating nor by a default in the context."""
        feedback = self.say()
        for vals in (
            {"state": "accepted"},
            {"text": "Other words"},
            {"member_id": self.member_2.id},
            {"generation": 5},
            {"reward_event_id": False},
            {"merged_into_id": False},
            {"priority": 9},
        ):
            for user in (self.manager, self.judge, self.env.ref("base.user_root")):
                with self.assertRaises(UserError, msg=vals):
                    feedback.with_user(user).with_context(club_feedback=True).write(vals)
        forged = (
            self.env["club.feedback"]
            .with_user(self.manager)
            .with_context(default_state="accepted", default_generation=3, default_source="portal")
            .create(
                {
                    "member_id": self.member.id,
                    "text": "x",
                    "state": "accepted",
                    "author_id": self.partner_2.id,
                    "source": "portal",
                }
            )
        )
        self.assertEqual((forged.state, forged.generation, forged.source), ("new", 0, "staff"))
        self.assertEqual(forged.author_id, self.partner)

    def test_another_companys_staff_see_and_record_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "voice_stranger",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        feedback = self.say()
        self.assertFalse(self.env["club.feedback"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            feedback.with_user(stranger).action_accept()
        with self.assertRaises(AccessError):
            self.say(user=stranger)

    def test_customers_and_other_employees_have_no_rights(self):
        feedback = self.say()
        for groups in ("base.group_portal", "base.group_user"):
            user = new_test_user(self.env, f"voice_{groups[-6:]}", groups=groups)
            for model in ("club.feedback", "club.feedback.category", "club.feedback.desk", "club.feedback.answer"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                feedback.with_user(user).action_accept()
            with self.assertRaises(AccessError):
                feedback.with_user(user).message_post(body="x")
        self.assertEqual(feedback.state, "new")

    def test_orders_and_categories_must_belong_to_the_member_and_the_club(self):
        order = self.env["sale.order"].create({"partner_id": self.partner_2.id})
        with self.assertRaises(UserError):
            self.say(order_id=order.id)
        club = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        category = self.env["club.feedback.category"].create({"name": "Theirs", "club_id": club.id})
        with self.assertRaises(UserError):
            self.say(category_id=category.id)
        mine = self.env["sale.order"].create({"partner_id": self.partner.id})
        self.assertEqual(self.say(order_id=mine.id).order_id, mine)

    def test_what_was_accepted_is_not_deleted_nor_copied(self):
        feedback = self.say()
        feedback.action_accept()
        feedback.action_reopen()
        with self.assertRaises(UserError):
            feedback.unlink()
        with self.assertRaises(UserError):
            feedback.copy()
        with self.assertRaises(AccessError):
            self.say().with_user(self.judge).unlink()
        self.say(subject="Spam").unlink()
