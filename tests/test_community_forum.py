"""Members ask and answer each other, and what stands of it earns."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


class ForumCase(ClubCase):
    """Anna and Ben have accounts with karma; Cleo moderates and is no member."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.ben = (
            new_test_user(
                cls.env,
                login,
                groups="base.group_portal",
                partner_id=partner.id,
                karma=200,
                name=partner.name,
                email=partner.email,
            )
            for login, partner in (("forum_anna", cls.partner), ("forum_ben", cls.partner_2))
        )
        cls.cleo = new_test_user(cls.env, "forum_cleo", groups="base.group_portal", karma=5000, email="cleo@x.example")
        cls.club.forum_active = True
        cls.forum = cls.club.forum_id
        # One transaction is one moment for create dates: the members and the forum were there before.
        past = datetime(2020, 1, 1)
        (cls.member | cls.member_2).sudo().joined_at = past
        cls.club.forum_since = past

    @classmethod
    def ask(cls, user=None, **values):
        """A question of Anna's, unless somebody else asks."""
        return (
            cls.env["forum.post"]
            .with_user(user or cls.anna)
            .create({"forum_id": cls.forum.id, "name": "How often do I water roses?", **values})
        )

    @classmethod
    def answer(cls, question, user=None, content="<p>Twice a week.</p>"):
        """An answer of Ben's, unless somebody else answers."""
        return (
            cls.env["forum.post"]
            .with_user(user or cls.ben)
            .create({"forum_id": question.forum_id.id, "parent_id": question.id, "content": content})
        )

    def accept(self, answer, user=None, correct=True):
        answer.with_user(user or self.anna).write({"is_correct": correct})

    def comment(self, post, user, body="Thank you!", days=10):
        message = post.with_user(user).message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_comment")
        self.age(message, days)
        return message

    def age(self, message, days):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET create_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=days), message.id),
        )
        self.env.invalidate_all()

    def run_comments(self):
        self.env.flush_all()
        with self.jobs_in_test():
            return self.env["mail.message"]._cron_report_club_comments()


@tagged("post_install", "-at_install")
class TestForumEarns(ForumCase):
    def test_a_published_question_earns_once(self):
        self.earn_rule("forum", 5, forum_what="question")
        question = self.ask()
        self.assertEqual(question.state, "active")
        self.assertEarned(5, "forum")
        question.sudo().write({"state": "active", "active": True})
        self.assertEarned(5, "forum")
        event = self.env["club.event"].search([("member_id", "=", self.member.id), ("type", "=", "forum")])
        self.assertEqual(event.payload, {"what": "question", "forum": self.forum.id}, "no word of what was written")
        self.assertInvariantsHold()

    def test_a_question_that_waits_for_moderation_earns_when_it_is_published(self):
        self.earn_rule("forum", 5, forum_what="question")
        self.anna.karma = 10
        question = self.ask()
        self.assertEqual(question.state, "pending")
        self.assertEarned(0, "forum")
        question.with_user(self.cleo).validate()
        self.assertEarned(5, "forum")

    def test_an_answer_earns_when_the_questioner_accepts_it(self):
        self.earn_rule("forum", 10)
        answer = self.answer(self.ask())
        self.assertEarned(0, "forum", self.member_2)
        self.accept(answer)
        self.assertEarned(10, "forum", self.member_2)
        self.assertEarned(0, "forum")
        self.assertInvariantsHold()

    def test_an_answer_that_a_moderator_accepts_earns_too(self):
        self.earn_rule("forum", 10)
        answer = self.answer(self.ask())
        self.accept(answer, self.cleo)
        self.assertEarned(10, "forum", self.member_2)

    def test_taking_the_acceptance_back_takes_the_points_back_and_accepting_anew_gives_them_anew(self):
        self.earn_rule("forum", 10)
        answer = self.answer(self.ask())
        for correct, points in ((True, 10), (False, 0), (True, 10), (True, 10), (False, 0)):
            self.accept(answer, correct=correct)
            self.assertEarned(points, "forum", self.member_2)
        facts = self.env["club.event"].search([("member_id", "=", self.member_2.id), ("type", "=", "forum")])
        keys = facts.filtered(lambda fact: not fact.revises_id).mapped("key")
        self.assertEqual(
            sorted(keys), [f"forum.post,{answer.id}:answer:{self.member_2.id}:{number}" for number in (1, 2)]
        )
        self.assertInvariantsHold()

    def test_accepting_anew_does_not_renew_the_expiry(self):
        """design §2: nothing may launder an expiry."""
        self.earn_rule("forum", 10, expiry_months=12)
        answer = self.answer(self.ask())
        with freeze_time("2026-01-10 10:00:00"):
            self.accept(answer)
        first = self.member_2.entry_ids.expires_on
        with freeze_time("2026-11-10 10:00:00"):
            self.accept(answer, correct=False)
            self.accept(answer)
        again = self.member_2.entry_ids.filtered(lambda entry: entry.kind == "earn").sorted("id")[-1]
        self.assertEqual(again.expires_on, first)
        self.assertEarned(10, "forum", self.member_2)

    def test_accepting_another_answer_moves_the_points(self):
        self.earn_rule("forum", 10)
        question = self.ask()
        first = self.answer(question)
        self.accept(first)
        dora = new_test_user(self.env, "forum_dora", groups="base.group_portal", karma=200, email="dora@x.example")
        member = self.club._enrol(dora.partner_id)
        member.sudo().joined_at = datetime(2020, 1, 1)
        second = self.answer(question, dora)
        (question.child_ids - second).with_user(self.anna).write({"is_correct": False})
        self.accept(second)
        self.assertEarned(0, "forum", self.member_2)
        self.assertEarned(10, "forum", member)

    def test_a_post_voted_up_often_enough_earns_and_loses_it_with_the_votes(self):
        self.earn_rule("forum", 7, forum_what="votes")
        self.club.forum_votes = 2
        answer = self.answer(self.ask())
        answer.with_user(self.anna).vote(upvote=True)
        self.assertEarned(0, "forum", self.member_2)
        answer.with_user(self.cleo).vote(upvote=True)
        self.assertEarned(7, "forum", self.member_2)
        answer.with_user(self.cleo).vote(upvote=False)
        self.assertEarned(0, "forum", self.member_2)

    def test_a_comment_that_stood_its_days_earns_once_per_question(self):
        self.earn_rule("forum", 2, forum_what="comment")
        question = self.ask()
        self.comment(question, self.ben)
        self.comment(question, self.ben, "Once more")
        self.comment(self.answer(question, self.cleo), self.ben, "To the answer")
        self.run_comments()
        self.run_comments()
        self.assertEarned(2, "forum", self.member_2)
        self.assertInvariantsHold()

    def test_a_rule_may_name_forums(self):
        other = self.env["forum.forum"].create({"name": "Elsewhere"})
        self.earn_rule("forum", 10, forum_what="question", forum_ids=other.ids)
        self.ask()
        self.assertEarned(0, "forum")

    def test_the_limit_of_the_rule_holds(self):
        self.earn_rule("forum", 5, forum_what="question", limit_member=10, limit_period="day")
        for _number in range(3):
            self.ask()
        self.assertEarned(10, "forum")

    def test_the_rule_reads_as_a_sentence_and_says_why_it_refuses(self):
        rule = self.earn_rule("forum", 10, forum_ids=self.forum.ids)
        self.assertEqual(rule.sentence, "10 points for every accepted answer in the members' forum, in Rose Club")
        sentences = rule._get_reason_sentences()
        self.assertEqual(sentences["forum_what"]({}), "The rule is about something else: an answer, once accepted.")
        self.assertIn("another forum", sentences["forums"]({}))


@tagged("post_install", "-at_install")
class TestForumEarnsNothing(ForumCase):
    """The negative cases: draft, repeated, other club, oneself, taken down."""

    def test_nobody_answers_oneself_for_points(self):
        """abuse 9: own question, own answer, accepted by oneself."""
        self.earn_rule("forum", 10)
        answer = self.answer(self.ask(), self.anna)
        self.accept(answer, self.anna)
        self.assertEarned(0, "forum")

    def test_a_moderator_who_accepts_the_own_answer_earns_nothing(self):
        self.earn_rule("forum", 10)
        self.ben.karma = 5000
        answer = self.answer(self.ask())
        self.accept(answer, self.ben)
        self.assertEarned(0, "forum", self.member_2)

    def test_two_accounts_of_one_person_or_company_earn_nothing(self):
        """never 20: the same company, the same e-mail with a tag, the same telephone."""
        self.earn_rule("forum", 10)
        company = self.env["res.partner"].create({"name": "Company", "is_company": True})
        for change, undo in (
            ({"parent_id": company.id}, {"parent_id": False}),
            ({"email": "anna+two@example.com"}, {"email": "ben@example.com"}),
        ):
            with self.subTest(change=change):
                if "parent_id" in change:
                    self.partner.parent_id = company
                self.partner_2.write(change)
                self.accept(self.answer(self.ask()))
                self.assertEarned(0, "forum", self.member_2)
                self.partner_2.write(undo)
                self.partner.parent_id = False
        (self.partner | self.partner_2).phone = "+4930123456"
        self.accept(self.answer(self.ask()))
        self.assertEarned(0, "forum", self.member_2)

    def test_votes_of_the_authors_other_account_do_not_count(self):
        self.earn_rule("forum", 7, forum_what="votes")
        self.club.forum_votes = 1
        answer = self.answer(self.ask())
        self.partner.email = "ben+vote@example.com"
        answer.with_user(self.anna).vote(upvote=True)
        self.assertEarned(0, "forum", self.member_2)

    def test_who_is_no_member_or_has_left_earns_nothing(self):
        self.earn_rule("forum", 10)
        self.earn_rule("forum", 5, forum_what="question")
        self.member_2._leave()
        self.accept(self.answer(self.ask()))
        self.ask(self.cleo)
        self.assertEarned(0, "forum", self.member_2)
        self.assertFalse(self.env["club.event"].search([("type", "=", "forum"), ("member_id", "!=", self.member.id)]))

    def test_another_forum_or_a_club_that_switched_its_forum_off_earns_nothing(self):
        self.earn_rule("forum", 5, forum_what="question")
        other = self.env["forum.forum"].create({"name": "Elsewhere"})
        self.ask(forum_id=other.id)
        self.club.forum_active = False
        self.ask()
        self.assertEarned(0, "forum")

    def test_another_companys_club_earns_nothing_in_this_forum(self):
        """never 14"""
        company = self.env["res.company"].create({"name": "Other"})
        club = self.env["club.club"].create({"name": "Other Club", "company_id": company.id, "tz": "UTC"})
        stranger = club._enrol(self.partner)
        self.ask()
        self.assertFalse(self.env["club.event"].search([("member_id", "=", stranger.id), ("type", "=", "forum")]))

    def test_what_was_written_before_joining_is_no_fact(self):
        self.earn_rule("forum", 5, forum_what="question")
        question = self.ask(self.cleo)
        member = self.club._enrol(self.cleo.partner_id)
        member.sudo().joined_at = fields.Datetime.now() + timedelta(days=1)
        question.sudo().write({"state": "active"})
        self.assertEarned(0, "forum", member)

    def test_what_is_deleted_closed_flagged_or_offensive_loses_its_points(self):
        self.earn_rule("forum", 5, forum_what="question")
        spam = self.env.ref("website_forum.reason_8").id
        downfalls = {
            "closed": lambda post: post.close(self.env.ref("website_forum.reason_1").id),
            "spam": lambda post: post.close(spam),
            "flagged": lambda post: post._flag(),
            "offensive": lambda post: post._mark_as_offensive(spam),
            "hidden": lambda post: post.write({"active": False}),
            "deleted": lambda post: post.unlink(),
        }
        for name, fall in downfalls.items():
            with self.subTest(name):
                self.anna.karma = 200  # Odoo takes some for spam
                question = self.ask()
                self.assertEarned(5, "forum")
                fall(question.with_user(self.cleo))
                self.assertEarned(0, "forum")
        self.assertInvariantsHold()

    def test_reopening_and_undeleting_bring_the_points_back(self):
        self.earn_rule("forum", 5, forum_what="question")
        question = self.ask().with_user(self.cleo)
        question.close(self.env.ref("website_forum.reason_1").id)
        question.reopen()
        self.assertEarned(5, "forum")
        question.active = False
        question.active = True
        self.assertEarned(5, "forum")

    def test_an_accepted_answer_falls_with_a_bad_question_but_not_with_a_closed_one(self):
        self.earn_rule("forum", 10)
        question = self.ask()
        self.accept(self.answer(question))
        question.with_user(self.cleo).close(self.env.ref("website_forum.reason_1").id)
        self.assertEarned(10, "forum", self.member_2)
        question.with_user(self.cleo).reopen()
        question.with_user(self.cleo).close(self.env.ref("website_forum.reason_8").id)
        self.assertEarned(0, "forum", self.member_2)

    def test_deleting_a_question_takes_back_what_its_answers_and_comments_earned(self):
        self.earn_rule("forum", 10)
        self.earn_rule("forum", 2, forum_what="comment")
        question = self.ask()
        self.accept(self.answer(question))
        self.comment(question, self.ben)
        self.run_comments()
        self.assertEarned(12, "forum", self.member_2)
        question.with_user(self.cleo).unlink()
        self.assertEarned(0, "forum", self.member_2)
        self.assertInvariantsHold()

    def test_an_answer_turned_into_a_comment_loses_its_points(self):
        self.earn_rule("forum", 10)
        answer = self.answer(self.ask())
        self.accept(answer)
        answer.with_user(self.cleo).convert_answer_to_comment()
        self.assertEarned(0, "forum", self.member_2)

    def test_comments_that_are_young_own_or_taken_down_earn_nothing(self):
        self.earn_rule("forum", 2, forum_what="comment")
        question = self.ask()
        self.comment(question, self.anna, "My own question")
        young = self.comment(question, self.ben, days=1)
        self.run_comments()
        self.assertEarned(0, "forum")
        self.assertEarned(0, "forum", self.member_2)
        young.sudo().date = fields.Datetime.now() - timedelta(days=40)
        self.run_comments()
        self.assertEarned(0, "forum", self.member_2)
        self.age(young, 4)
        self.run_comments()
        self.assertEarned(2, "forum", self.member_2)
        question.with_user(self.cleo).unlink_comment(young.id)
        self.assertEarned(0, "forum", self.member_2)

    def test_a_post_created_as_correct_was_accepted_by_nobody(self):
        """abuse 15: an RPC may name every field of a post."""
        self.earn_rule("forum", 10)
        question = self.ask()
        self.env["forum.post"].with_user(self.ben).with_context(default_club_accepted_uid=self.anna.id).create(
            {
                "forum_id": self.forum.id,
                "parent_id": question.id,
                "content": "<p>Mine is right.</p>",
                "is_correct": True,
                "club_accepted_uid": self.anna.id,
            }
        )
        self.assertEarned(0, "forum", self.member_2)

    def test_an_author_publishes_nothing_past_the_moderators(self):
        self.earn_rule("forum", 5, forum_what="question")
        question = self.ask(self.cleo)
        self.anna.karma = 20
        answer = self.answer(question, self.anna)
        answer.with_user(self.anna).write({"parent_id": False, "name": "A question after all"})
        self.assertEqual((answer.state, answer.parent_id.id), ("active", False))
        self.assertEarned(0, "forum")

    def test_an_author_does_not_undo_what_moderators_did(self):
        self.earn_rule("forum", 5, forum_what="question")
        flagged = self.ask()
        flagged.with_user(self.cleo)._flag()
        flagged.with_user(self.anna).write({"state": "active"})
        self.assertEarned(0, "forum")
        spam = self.ask()
        spam.with_user(self.cleo).close(self.env.ref("website_forum.reason_8").id)
        self.anna.karma = 200
        for user in (self.anna, self.ben):
            with self.assertRaises(AccessError):
                spam.with_user(user).reopen()
        self.assertEarned(0, "forum")

    def test_a_member_who_left_keeps_what_stands(self):
        """Nothing is taken back because somebody looks at an old question again."""
        self.earn_rule("forum", 5, forum_what="question")
        question = self.ask()
        self.member._leave()
        question.with_user(self.cleo).write({"state": "active"})
        self.assertEarned(5, "forum")
        self.assertEqual(question.sudo().club_facts, {f"{self.member.id}:question": 1})

    def test_a_merged_members_post_is_not_counted_twice(self):
        """never 13"""
        self.earn_rule("forum", 5, forum_what="question")
        question = self.ask()
        other = self.env["res.partner"].create({"name": "Anna, too"})
        heir = self.club._enrol(other)
        heir.sudo().joined_at = datetime(2020, 1, 1)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.partner | other).ids, other)
        question.with_user(self.cleo).write({"state": "active"})
        self.env.flush_all()
        self.assertEqual((self.anna.partner_id, heir.points), (other, 5))
        self.assertInvariantsHold()

    def test_nobody_writes_who_accepted_or_what_was_counted(self):
        """abuse 5 and 15: an RPC that names the club's fields changes nothing."""
        question = self.ask(club_facts={"1:question": 1}, club_accepted_uid=self.cleo.id)
        self.assertEqual(set(question.sudo().club_facts), {f"{self.member.id}:question"})
        answer = self.answer(question)
        answer.with_user(self.anna).write({"is_correct": True, "club_accepted_uid": self.cleo.id})
        self.assertEqual(answer.sudo().club_accepted_uid, self.anna)
        with self.assertRaises(AccessError):
            question.with_user(self.anna).read(["club_facts"])
