"""Way 10: finishing a survey, from the answer to the ledger; and whose answers earn nothing."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.models.earning.event_batch import EventBatch, EventRow
from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, new_test_user, tagged


class SurveyCase(ClubCase):
    """Anna has an account; there is a survey with one scored question."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = new_test_user(
            cls.env, "club_anna", groups="base.group_portal", partner_id=cls.partner.id, password="club_anna"
        )
        cls.survey = cls.make_survey("Tea")

    @classmethod
    def make_survey(cls, title, **values):
        return cls.env["survey.survey"].create(
            {
                "title": title,
                "access_mode": "public",
                "scoring_type": "scoring_without_answers",
                "scoring_success_min": 80,
                "question_and_page_ids": [
                    Command.create(
                        {
                            "title": "Black or green?",
                            "question_type": "simple_choice",
                            "suggested_answer_ids": [
                                Command.create({"value": "Black", "is_correct": True, "answer_score": 10}),
                                Command.create({"value": "Green", "answer_score": 5}),
                            ],
                        }
                    )
                ],
                **values,
            }
        )

    def start(self, user=None, survey=None, **values):
        return (survey or self.survey)._create_answer(user=self.anna if user is None else user, **values)

    def finish(self, answer, choice=0):
        """Answer the question as the web form does, and finish."""
        question = answer.survey_id.question_ids[:1]
        answer._mark_in_progress()
        answer._save_lines(question, str(question.suggested_answer_ids[choice].id))
        answer._mark_done()
        return answer


@tagged("post_install", "-at_install")
class TestFinishedSurveysEarn(SurveyCase):
    def test_a_finished_survey_earns_and_says_so(self):
        self.earn_rule("survey", 10)
        answer = self.finish(self.start())
        self.assertEarned(10, "survey")
        self.assertIn("10 Points", answer._get_club_thanks()[0])
        event = self.member.event_ids.filtered(lambda event: event.type == "survey")
        self.assertEqual((event.origin_model, event.origin_id), ("survey.user_input", answer.id))
        self.assertEqual(
            event.payload,
            {"survey": self.survey.id, "in_time": True, "score": 100.0, "passed": True, "certified": False},
        )
        self.assertInvariantsHold()

    def test_marking_it_done_again_earns_nothing_more(self):
        self.earn_rule("survey", 10)
        answer = self.finish(self.start())
        answer._mark_done()
        answer._report_to_clubs()
        self.assertEarned(10, "survey")

    def test_a_retake_earns_only_if_the_rule_says_so(self):
        self.earn_rule("survey", 10)
        self.earn_rule("survey", 1, survey_each=True)
        for _attempt in range(3):
            self.finish(self.start())
        self.assertEarned(13, "survey")

    def test_the_first_attempt_that_is_good_enough_earns_once(self):
        self.earn_rule("survey", 10, survey_result="passed")
        self.finish(self.start(), choice=1)
        self.assertEarned(0, "survey")
        self.finish(self.start())
        self.finish(self.start())
        self.assertEarned(10, "survey")

    def test_attempts_that_wait_for_the_same_run_earn_once(self):
        """never 6: the cron meets two attempts in one batch."""
        answers = self.start() | self.start()
        for answer in answers:
            self.finish(answer)
        self.earn_rule("survey", 10)
        fact = {"member_id": self.member.id, "type": "survey", "payload": {"survey": self.survey.id}}
        events = self.env["club.event"]._record([{**fact, "key": f"test:{number}"} for number in range(3)])
        events._process()
        self.assertEarned(10, "survey")
        self.assertTrue(all(events.mapped("processed_at")))

    def test_a_replay_counts_each_survey_once_per_member(self):
        """What the rule would have cost, had it been switched on: as often as it would have given."""
        for _attempt in range(3):
            self.finish(self.start())
        self.finish(self.start(survey=self.make_survey("Coffee")))
        rule = self.earn_rule("survey", 10)
        policy = self.env["club.club"]._get_policies()[self.club.id]
        today = self.club._get_today()
        for engine_rule in (rule._to_engine(), self.env["club.earn.rule"].new(origin=rule)._to_engine()):
            result = Replay(self.env, policy, engine_rule, today - timedelta(days=1), today + timedelta(days=1)).run()
            self.assertEqual(result.points, 20)

    def test_a_fact_that_earned_does_not_stand_against_itself(self):
        rule = self.earn_rule("survey", 10)
        self.finish(self.start())
        event = self.member.event_ids.filtered(lambda event: event.type == "survey")
        values = (event.id, event.member_id.id, event.club_id.id, "survey", event.occurred_at, 0.0, event.key)
        row = EventRow(*values, event.origin_model, event.origin_id, event.id, event.payload)
        ((_row, evaluation),) = EventBatch(self.env, [row]).evaluate()
        self.assertEqual([award.rule_id for award in evaluation.awards], rule.ids)
        again = row._replace(id=0, root=0)
        ((_row, evaluation),) = EventBatch(self.env, [again]).evaluate()
        self.assertEqual([missed.why.code for missed in evaluation.missed], ["survey_again"])

    def test_a_score_counts_from_its_boundary_on(self):
        """never 9."""
        self.earn_rule("survey", 7, survey_result="score", survey_min_score=50)
        self.finish(self.start(), choice=1)
        self.assertEarned(7, "survey")

    def test_a_certificate_is_more_than_a_passed_test(self):
        self.earn_rule("survey", 7, survey_result="certified")
        self.finish(self.start())
        self.assertEarned(0, "survey")
        certification = self.make_survey("Tea Master", certification=True)
        self.finish(self.start(survey=certification))
        self.assertEarned(7, "survey")

    def test_a_survey_that_is_not_scored_passes_nothing(self):
        plain = self.make_survey("Opinion", scoring_type="no_scoring")
        self.earn_rule("survey", 7, survey_result="passed")
        self.earn_rule("survey", 1)
        self.finish(self.start(survey=plain))
        self.assertEarned(1, "survey")

    def test_only_the_surveys_of_the_rule_count(self):
        other = self.make_survey("Coffee")
        self.earn_rule("survey", 10, survey_ids=[Command.set(other.ids)])
        self.finish(self.start())
        self.assertEarned(0, "survey")
        self.finish(self.start(survey=other))
        self.assertEarned(10, "survey")

    def test_what_is_finished_too_late_earns_nothing_unless_the_rule_does_not_mind(self):
        self.earn_rule("survey", 10)
        self.earn_rule("survey", 1, survey_in_time=False)
        self.finish(self.start(deadline=fields.Datetime.now() - timedelta(minutes=1)))
        self.assertEarned(1, "survey")
        timed = self.make_survey("Quick", is_time_limited=True, time_limit=2)
        late, soon = self.start(survey=timed), self.start(survey=timed)
        for answer, minutes in ((late, 3), (soon, 1)):
            answer._mark_in_progress()
            with freeze_time(answer.start_datetime + timedelta(minutes=minutes)):
                answer._mark_done()
        facts = self.env["club.event"].search([("origin_id", "in", (late | soon).ids), ("type", "=", "survey")])
        self.assertEqual(
            {event.origin_id: event.payload["in_time"] for event in facts}, {late.id: False, soon.id: True}
        )

    def test_limits_tiers_and_dates_hold_for_surveys_too(self):
        today = self.club._get_today()
        self.earn_rule("survey", 10, survey_each=True, limit_member=15, limit_period="month")
        self.earn_rule("survey", 100, date_to=today - timedelta(days=1))
        for _attempt in range(3):
            self.finish(self.start())
        self.assertEarned(15, "survey")

    def test_a_member_who_was_invited_by_address_earns_without_an_account(self):
        self.earn_rule("survey", 10)
        invite = self.env["survey.invite"].create({"survey_id": self.survey.id})
        answer = invite._prepare_answers(self.env["res.partner"], ["Ben@Example.com"])
        answer.email = "typed@example.com"  # a question may overwrite it
        self.finish(answer)
        self.assertEarned(10, "survey", self.member_2)

    def test_an_invited_contact_earns(self):
        self.earn_rule("survey", 10)
        invite = self.env["survey.invite"].create({"survey_id": self.survey.id})
        self.finish(invite._prepare_answers(self.partner_2, []))
        self.assertEarned(10, "survey", self.member_2)


@tagged("post_install", "-at_install")
class TestOtherAnswersEarnNothing(SurveyCase):
    def setUp(self):
        super().setUp()
        self.earn_rule("survey", 10)
        self.last = self.env["club.event"].search([], order="id desc", limit=1).id

    def count(self):
        return self.env["club.event"].search_count([("type", "=", "survey"), ("id", ">", self.last)])

    def test_a_test_entry(self):
        officer = new_test_user(self.env, "officer", "survey.group_survey_user")
        self.club._enrol(officer.partner_id)
        self.finish(self.survey.with_user(officer)._create_answer(user=officer, test_entry=True).sudo())
        self.assertFalse(self.count())

    def test_an_answer_that_is_not_finished(self):
        self.start()._mark_in_progress()
        self.assertFalse(self.count())

    def test_an_address_that_was_only_typed(self):
        """Anybody can type Ben's address into a form or a link."""
        answer = self.survey._create_answer(user=self.env.ref("base.public_user"), email="ben@example.com")
        self.finish(answer)
        self.assertFalse(self.count())

    def test_an_address_that_two_members_share(self):
        self.club._enrol(self.env["res.partner"].create({"name": "Bea", "email": "ben@example.com"}))
        invite = self.env["survey.invite"].create({"survey_id": self.survey.id})
        self.finish(invite._prepare_answers(self.env["res.partner"], ["ben@example.com"]))
        self.assertFalse(self.count())

    def test_a_survey_that_was_closed_meanwhile(self):
        answer = self.start()
        self.survey.active = False
        self.finish(answer)
        self.assertFalse(self.count())

    def test_somebody_who_is_no_member_or_has_left(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_portal")
        self.finish(self.start(stranger))
        self.member._leave()
        self.finish(self.start())
        self.assertFalse(self.count())

    def test_a_survey_of_another_club(self):
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        self.survey.club_id = other
        self.finish(self.start())
        self.assertFalse(self.count())
        member = other._enrol(self.partner)
        self.earn_rule("survey", 3, club_id=other.id)
        self.finish(self.start())
        self.assertEarned(3, "survey", member)
        self.assertEarned(0, "survey")

    def test_two_clubs_each_count_for_themselves(self):
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        member = other._enrol(self.partner)
        self.finish(self.start())
        self.assertEarned(10, "survey")
        self.assertEarned(0, "survey", member)
        self.assertEqual(self.count(), 2)

    def test_a_rule_cannot_name_a_survey_of_another_club(self):
        self.survey.club_id = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        with self.assertRaisesRegex(ValidationError, "Tea is for another club"):
            self.earn_rule("survey", 10, survey_ids=[Command.set(self.survey.ids)])

    def test_a_rule_reads_back_and_says_why_not(self):
        rule = self.earn_rule(
            "survey", 10, survey_ids=[Command.set(self.survey.ids)], survey_result="score", survey_min_score=80
        )
        for part in ('"Tea"', "in time", "with at least 80 %", "once per member and survey", "10 points"):
            self.assertIn(part, rule.sentence)
        sentences = rule._get_reason_sentences()
        self.assertIn("79.5 %", sentences["survey_score"]({"score": 79.5, "least": 80}))
        for code in ("survey_other", "survey_late", "survey_failed", "survey_uncertified", "survey_again"):
            self.assertTrue(sentences[code]({}))

    def test_a_least_score_is_a_percentage(self):
        with self.assertRaisesRegex(ValidationError, "percentage"):
            self.earn_rule("survey", 10, survey_result="score", survey_min_score=101)


@tagged("post_install", "-at_install")
class TestSurveyPages(SurveyCase, HttpCase):
    def test_the_list_says_what_is_earned_and_what_was(self):
        self.earn_rule("survey", 10, survey_ids=[Command.set(self.survey.ids)])
        self.authenticate("club_anna", "club_anna")
        path = f"/my/club/{self.member.id}/surveys"
        page = self.url_open(path)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertIn(self.survey.get_start_url(), page.text)
        self.assertIn("10 points", page.text)
        self.assertIn(path, self.url_open(f"/my/club/{self.member.id}").text)
        self.finish(self.start())
        page = self.url_open(path).text
        self.assertIn("Finished", page)
        self.assertIn("10 Points", page)
        self.assertNotIn(self.survey.get_start_url(), page)

    def test_another_members_list_is_not_found(self):
        """abuse 14."""
        self.authenticate("club_anna", "club_anna")
        for member_id in (self.member_2.id, 0, 10**8):
            self.assertEqual(self.url_open(f"/my/club/{member_id}/surveys").status_code, 404)

    def test_an_invitation_of_somebody_else_does_not_show(self):
        self.survey.access_mode = "token"
        self.earn_rule("survey", 10, survey_ids=[Command.set(self.survey.ids)])
        self.start(self.env["res.users"], partner=self.partner_2)
        self.assertEqual(self.member._get_portal_surveys(), [])
        invited = self.start(self.env["res.users"], partner=self.partner)
        self.assertEqual(self.member._get_portal_surveys()[0]["url"], invited.get_start_url())

    def test_a_survey_for_members_is_closed_to_others(self):
        self.survey.write({"club_id": self.club.id, "club_members_only": True})
        start = self.survey.get_start_url()
        self.assertIn("/web/login", self.url_open(start).text)
        new_test_user(self.env, "stranger", groups="base.group_portal", password="stranger")
        self.authenticate("stranger", "stranger")
        page = self.url_open(start).text
        self.assertIn("This survey is for members", page)
        self.assertFalse(self.env["survey.user_input"].search([("survey_id", "=", self.survey.id)]))
        self.authenticate("club_anna", "club_anna")
        self.assertIn("/survey/", self.url_open(start).url)
        answer = self.env["survey.user_input"].search([("survey_id", "=", self.survey.id)])
        self.assertEqual(answer.partner_id, self.partner)

    def test_another_persons_link_earns_neither(self):
        """Odoo turns the wrong person away: nobody earns by it."""
        self.earn_rule("survey", 10)
        self.survey.access_mode = "token"
        invited = self.start(self.env["res.users"], partner=self.partner_2)
        self.authenticate("club_anna", "club_anna")
        page = self.url_open(invited.get_start_url())
        self.assertNotIn("Black or green?", page.text)
        self.assertEqual(invited.state, "new")

    def test_the_last_page_says_what_was_earned(self):
        self.earn_rule("survey", 10)
        answer = self.finish(self.start())
        self.authenticate("club_anna", "club_anna")
        page = self.url_open(f"/survey/{self.survey.access_token}/{answer.access_token}").text
        self.assertIn("You have earned 10 Points in Rose Club.", page)
