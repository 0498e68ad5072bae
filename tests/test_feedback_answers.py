"""Who answers by when, what happens when nobody does, and where feedback is seen besides: home, leads, members."""

from datetime import date

from freezegun import freeze_time
from odoo.addons.customer_club.tests.test_feedback_earning import FeedbackCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError


@tagged("post_install", "-at_install")
class TestDeadlines(FeedbackCase):
    def setUp(self):
        super().setUp()
        self.club.write({"feedback_days": 5, "feedback_sooner_days": 2})
        self.boss = new_test_user(self.env, "desk_boss", groups="customer_club.group_club_user")

    @freeze_time("2026-05-01 12:00:00")
    def test_kind_and_tier_say_by_when_and_the_higher_tier_comes_first(self):
        self.env["club.feedback.desk"].create({"club_id": self.club.id, "kind": "request", "days": 3})
        self.assertEqual(self.say().deadline, date(2026, 5, 6))
        self.assertEqual(self.say(kind="request").deadline, date(2026, 5, 4))
        gold = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1, "priority": 2})
        self.member_2.tier_id = gold
        first = self.say(self.member_2)
        self.assertEqual((first.priority, first.deadline), (2, date(2026, 5, 2)))
        self.assertEqual(self.env["club.feedback"].search([("club_id", "=", self.club.id)])[0], first)

    @freeze_time("2026-05-01 22:00:00")
    def test_days_are_those_of_the_clubs_time_zone(self):
        self.club.tz = "Asia/Tehran"
        self.assertEqual(self.say().deadline, date(2026, 5, 7), "it is 2 May in Tehran already")

    def test_category_then_desk_then_club_say_who_answers(self):
        self.assertEqual(self.say().user_id, self.judge)
        self.env["club.feedback.desk"].create(
            {"club_id": self.club.id, "kind": "suggestion", "days": 3, "user_id": self.manager.id}
        )
        self.assertEqual(self.say().user_id, self.manager)
        self.category.user_id = self.boss
        self.assertEqual(self.say(category_id=self.category.id).user_id, self.boss)
        self.assertEqual(self.say(kind="praise").user_id, self.judge)
        self.boss.active = False
        self.assertEqual(self.say(category_id=self.category.id).user_id, self.manager, "who has gone is passed over")

    def test_what_is_handed_over_is_on_the_list_of_the_next_by_the_new_day(self):
        feedback = self.say()
        self.assertEqual(feedback.activity_ids.user_id, self.judge)
        feedback.write({"user_id": self.boss.id, "deadline": "2099-05-01"})
        self.assertEqual(len(feedback.activity_ids), 1)
        self.assertEqual(feedback.activity_ids.user_id, self.boss)
        self.assertEqual(feedback.activity_ids.date_deadline, date(2099, 5, 1))
        feedback.write({"user_id": False})
        self.assertFalse(feedback.activity_ids)
        feedback.write({"user_id": self.judge.id})
        self.assertEqual(feedback.activity_ids.user_id, self.judge)
        feedback.action_accept()
        feedback.write({"user_id": self.boss.id})
        self.assertFalse(feedback.activity_ids, "what is decided asks nobody")

    def test_who_makes_a_club_answers_until_it_says_otherwise(self):
        club = self.env["club.club"].with_user(self.manager).create({"name": "New", "tz": "UTC"})
        self.assertEqual(club.feedback_user_id, self.manager)
        self.assertFalse(self.env["club.club"].create({"name": "By the system", "tz": "UTC"}).feedback_user_id)

    def test_settings_are_checked(self):
        for vals in ({"feedback_days": 0}, {"feedback_daily_limit": 0}, {"feedback_sooner_days": -1}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.club.write(vals)
        desk = {"club_id": self.club.id, "kind": "praise", "days": 1}
        self.env["club.feedback.desk"].create(desk)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["club.feedback.desk"].create(desk)

    def escalate(self, day):
        with freeze_time(f"{day} 12:00:00"), self.jobs_in_test():
            return self.env["club.feedback"]._cron_escalate()

    def late(self, feedback, user):
        return feedback.activity_ids.filtered(
            lambda activity: activity.user_id == user and "Late" in (activity.summary or "")
        )

    def test_what_nobody_answers_is_escalated_once_for_each_level(self):
        desk = {"club_id": self.club.id, "kind": "suggestion", "days": 5, "escalation_user_id": self.boss.id}
        self.env["club.feedback.desk"].create(desk)
        self.club.write({"feedback_escalation_user_id": self.manager.id, "feedback_escalation_days": 3})
        with freeze_time("2026-05-01 12:00:00"):
            feedback = self.say()
            answered = self.say(subject="Answered")
            answered.action_accept()
        self.escalate("2026-05-06")
        self.assertEqual(feedback.escalation_level, 0)
        for day, level, boss, manager in (
            ("2026-05-07", 1, 1, 0),
            ("2026-05-08", 1, 1, 0),
            ("2026-05-09", 1, 1, 0),
            ("2026-05-10", 2, 1, 1),
            ("2026-05-20", 2, 1, 1),
        ):
            self.escalate(day)
            self.escalate(day)
            self.assertEqual(feedback.escalation_level, level, day)
            self.assertEqual(len(self.late(feedback, self.boss)), boss, day)
            self.assertEqual(len(self.late(feedback, self.manager)), manager, day)
        self.assertFalse(self.late(answered, self.boss))
        feedback.action_accept()
        self.assertFalse(feedback.activity_ids, "a decision ends what was to do")

    def test_days_without_the_job_skip_no_level_wrongly(self):
        self.club.write({"feedback_escalation_user_id": self.manager.id, "feedback_escalation_days": 3})
        with freeze_time("2026-05-01 12:00:00"):
            feedback = self.say()
        self.escalate("2026-06-01")
        self.assertEqual((feedback.escalation_level, feedback.escalate_on), (2, False))
        self.assertEqual(len(self.late(feedback, self.manager)), 1)

    def test_a_new_deadline_begins_anew_and_nobody_is_told_of_their_own(self):
        self.club.feedback_escalation_user_id = self.manager
        own = self.club._enrol(self.manager.partner_id)
        with freeze_time("2026-05-01 12:00:00"):
            feedback = self.say()
            theirs = self.say(own)
        self.escalate("2026-05-07")
        self.assertFalse(self.late(theirs, self.manager))
        self.assertEqual(len(self.late(theirs, self.judge)), 1, "the supervisor is reminded instead")
        feedback.write({"deadline": "2026-05-20"})
        self.assertEqual((feedback.escalation_level, feedback.escalate_on), (0, date(2026, 5, 21)))
        with self.assertRaises(UserError):
            feedback.write({"deadline": False})

    def test_an_accepted_request_is_due_until_it_is_carried_out(self):
        with freeze_time("2026-05-01 12:00:00"):
            request, suggestion = self.say(kind="request"), self.say()
            (request | suggestion).action_accept()
        with freeze_time("2026-06-01 12:00:00"):
            self.assertTrue(request.is_overdue)
            self.assertFalse(suggestion.is_overdue)
        self.escalate("2026-06-01")
        self.assertEqual((request.escalation_level, suggestion.escalation_level), (2, 0))


@tagged("post_install", "-at_install")
class TestFeedbackElsewhere(FeedbackCase):
    def home(self):
        self.env.invalidate_all()
        club = self.club.with_user(self.manager)
        return club._get_home_todos(club._get_home_figures())[club.id]

    def test_the_home_page_says_what_waits_and_opens_it(self):
        self.assertFalse({"feedback", "feedback_due"} & self.home().keys())
        self.say()
        request = self.say(kind="request")
        request.write({"deadline": "2026-01-01"})
        self.assertEqual(self.home()["feedback"], "Feedback to judge: 2")
        self.assertEqual(self.home()["feedback_due"], "Requests due today or late: 1")
        action = self.club.with_user(self.manager).with_context(club_home="feedback_due").action_open_home()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), request)
        (self.env["club.feedback"].search([("club_id", "=", self.club.id)])).with_user(self.manager)._update_state(
            "done"
        )
        self.assertFalse({"feedback", "feedback_due"} & self.home().keys())

    def test_staff_record_it_at_the_counter_in_two_fields(self):
        with Form(self.env["club.feedback"].with_user(self.clerk)) as form:
            form.member_id = self.member
            form.text = "The vases are too small. I would like larger ones."
        feedback = form.record
        self.assertEqual((feedback.source, feedback.state, feedback.user_id), ("staff", "new", self.judge))
        self.assertEqual(feedback.subject, "The vases are too small. I would like larger ones.")
        with self.assertRaises(UserError):
            self.say(subject=" ", text="")
        with self.assertRaises(ValidationError):
            self.say(text="x" * 4001)

    def test_a_lead_is_made_once_and_both_lead_to_each_other(self):
        seller = new_test_user(
            self.env, "voice_seller", groups="customer_club.group_club_user,sales_team.group_sale_salesman"
        )
        feedback = self.say(text="Do you <b>deliver</b> to offices?").with_user(seller)
        lead = self.env["crm.lead"].browse(feedback.action_make_lead()["res_id"])
        self.assertEqual(feedback.action_make_lead()["res_id"], lead.id)
        self.assertEqual((lead.partner_id, lead.name, lead.user_id), (self.partner, "Open on Sundays", seller))
        self.assertIn("&lt;b&gt;", lead.description)
        self.assertEqual(lead.with_user(seller).club_feedback_count, 1)
        self.assertEqual(lead.with_user(seller).action_open_club_feedback()["res_id"], feedback.id)
        lead.unlink()
        self.assertFalse(feedback.lead_id)
        self.assertTrue(feedback.action_make_lead()["res_id"])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_a_lead_needs_the_right_to_make_leads(self):
        with self.assertRaises(AccessError):
            self.say().with_user(self.judge).action_make_lead()

    def test_the_lead_shows_tier_and_balance_to_people_of_the_club_only(self):
        self.post(120, "e")
        self.member.tier_id = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1})
        both = new_test_user(
            self.env, "voice_both", groups="customer_club.group_club_user,sales_team.group_sale_salesman_all_leads"
        )
        plain = new_test_user(self.env, "voice_plain", groups="sales_team.group_sale_salesman_all_leads")
        leads = self.env["crm.lead"].create(
            [{"name": "A", "partner_id": self.partner.id}, {"name": "B"}]
        )
        lead = leads[0].with_user(both)
        self.assertEqual((lead.club_member_id, lead.club_tier_id.name), (self.member, "Gold"))
        self.assertEqual(lead.club_balance, "120 Points")
        self.assertFalse(leads[1].with_user(both).club_member_id)
        with self.assertRaises(AccessError):
            leads[0].with_user(plain).read(["club_balance"])
        self.assertNotIn("club_balance", self.env["crm.lead"].with_user(plain).get_view(view_type="form")["arch"])
        self.assertIn("club_balance", self.env["crm.lead"].with_user(both).get_view(view_type="form")["arch"])
        company = self.env["res.company"].create({"name": "Elsewhere"})
        leads[0].sudo().write({"company_id": company.id, "user_id": False, "team_id": False})
        both.sudo().write({"company_ids": [Command.link(company.id)]})
        lead.invalidate_recordset()
        self.assertFalse(lead.with_context(allowed_company_ids=both.company_ids.ids).club_member_id)

    def test_reading_many_leads_costs_no_query_each(self):
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        self.club._enrol(partners)
        leads = self.env["crm.lead"].create([{"name": partner.name, "partner_id": partner.id} for partner in partners])
        self.env.flush_all()
        counts = []
        for some in (leads[:2], leads[:2], leads):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.mapped("club_balance")), {"0 Points"})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], "after the first, which fills the caches")

    def test_merged_members_keep_what_they_said(self):
        self.earn_rule("feedback", 20)
        feedback = self.say(self.member_2)
        feedback.action_accept()
        self.member_2._absorb_into(self.member)
        self.assertEqual(feedback.member_id, self.member)
        feedback.action_reopen()
        self.assertInvariantsHold()

    def test_an_erased_member_takes_every_word_along(self):
        self.earn_rule("feedback", 20)
        accepted, waiting = self.say(text="My street is Rose Lane"), self.say(subject="Rose Lane again")
        accepted.write({"answer": "Dear Anna"})
        accepted.action_accept()
        accepted.message_post(body="Anna rang", attachments=[("anna.txt", b"anna")])
        self.env["ir.attachment"].create({"name": "a", "res_model": "club.feedback", "res_id": waiting.id})
        self.member._erase()
        for feedback in accepted | waiting:
            self.assertEqual((feedback.subject, feedback.text, feedback.answer), ("Erased", False, False))
            self.assertFalse(feedback.message_ids or feedback.message_partner_ids or feedback.activity_ids)
            self.assertNotEqual(feedback.author_id.name, "Anna")
            self.assertFalse(
                self.env["ir.attachment"].search(
                    [("res_model", "=", "club.feedback"), ("res_id", "=", feedback.id)]
                )
            )
        self.assertEqual((accepted.state, waiting.state), ("accepted", "withdrawn"))
        self.assertInvariantsHold()

    def test_decisions_about_many_cost_the_same_queries_for_points(self):
        """Facts and entries of a bulk acceptance are made at once, not one by one."""
        self.earn_rule("feedback", 20)
        pieces = self.env["club.feedback"].union(*(self.say(subject=f"Idea {number}") for number in range(6)))
        with self.count_posts() as posts:
            pieces.action_accept()
        self.assertEqual(posts, [6])
        self.assertEarned(120, "feedback")

    def count_posts(self):
        from contextlib import contextmanager  # noqa: PLC0415
        from unittest.mock import patch  # noqa: PLC0415

        Entry = self.env.registry["club.point.entry"]
        post, sizes = Entry._post, []

        def counted(model, vals_list, *args, **kwargs):
            sizes.append(len(vals_list))
            return post(model, vals_list, *args, **kwargs)

        @contextmanager
        def counting():
            with patch.object(Entry, "_post", counted):
                yield sizes

        return counting()
