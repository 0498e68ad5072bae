"""The questions of a club: asked one at a time, answered once, kept on the order, forgotten with the person."""

from odoo import fields
from odoo.addons.customer_club.tests.test_counter_sale import CounterCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


class QuestionCase(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.occasion = cls.env["club.question"].create(
            {
                "club_id": cls.club.id,
                "name": "What is the occasion?",
                "moment": "sale",
                "repeat": "always",
                "min_amount": 20,
                "by_portal": True,
                "choice_ids": [
                    Command.create({"name": "Just so"}),
                    Command.create({"name": "Our anniversary", "occasion_kind": "anniversary"}),
                    Command.create({"name": "My mother's birthday", "occasion_kind": "relative"}),
                ],
            }
        )
        cls.just_so, cls.anniversary, cls.mother = cls.occasion.choice_ids
        cls.garden = cls.env["club.question"].create(
            {"club_id": cls.club.id, "name": "Have you a garden?", "moment": "visit", "kind": "boolean"}
        )

    def answer(self, question, given, result=None, member=None):
        return self.counter.answer_question(
            (member or self.member).id, question.id, given, result["sale_id"] if result else None
        )

    def answers(self, member=None):
        return self.env["club.question.answer"].search([("member_id", "=", (member or self.member).id)])


@tagged("post_install", "-at_install")
class TestAskingAtTheCounter(QuestionCase):
    def test_the_answer_sits_on_the_order(self):
        result = self.sell("50")
        self.assertEqual(result["question"]["text"], "What is the occasion?")
        self.assertEqual([choice["dated"] for choice in result["question"]["choices"]], [False, True, True])
        self.answer(self.occasion, {"choice_id": self.just_so.id}, result)
        order = self.orders()
        self.assertEqual(order.club_answer_ids.value, "Just so")
        self.assertEqual((order.club_answer_ids.source, order.club_answer_ids.user_id), ("counter", self.clerk))
        self.assertFalse(self.member.occasion_ids)

    def test_below_its_amount_it_is_not_asked(self):
        self.assertFalse(self.sell("19.99")["question"])

    def test_each_sale_is_asked_about_once(self):
        first = self.sell("50")
        self.answer(self.occasion, {"choice_id": self.just_so.id}, first)
        self.assertTrue(self.sell("50")["question"])
        self.answer(self.occasion, {"choice_id": self.anniversary.id}, first)
        self.assertEqual(self.answers().mapped("value"), ["Our anniversary"], "the second answer corrects the first")

    def test_an_anniversary_becomes_an_occasion_of_every_year(self):
        result = self.sell("50")
        said = self.answer(self.occasion, {"choice_id": self.anniversary.id}, result)
        today = self.club._get_today()
        occasion = self.member.occasion_ids
        self.assertEqual(
            (occasion.kind, occasion.month, occasion.day, occasion.year), ("anniversary", today.month, today.day, 0)
        )
        self.assertIn("every year", said["message"])
        self.assertEqual(said["member"]["say"], "Anniversary is today!")
        self.assertEqual(self.answers().occasion_id, occasion)

    def test_the_day_may_be_another_one_in_either_calendar(self):
        result = self.sell("50")
        self.answer(self.occasion, {"choice_id": self.mother.id, "date": "۱۴۰۳/۱۲/۳۰"}, result)
        occasion = self.member.occasion_ids
        self.assertEqual(
            (occasion.kind, occasion.calendar, occasion.month, occasion.day), ("relative", "jalali", 12, 30)
        )
        self.assertEqual(occasion.name, "My mother's birthday")

    def test_what_the_member_has_already_stays_as_it_is(self):
        known = self.env["club.occasion"].create(
            {"member_id": self.member.id, "kind": "anniversary", "month": 5, "day": 4}
        )
        self.answer(self.occasion, {"choice_id": self.anniversary.id}, self.sell("50"))
        self.assertEqual(self.member.occasion_ids, known)
        self.assertEqual((known.month, known.day), (5, 4))

    def test_a_date_removed_a_moment_ago_does_not_come_back_by_an_answer(self):
        """Abuse 11."""
        self.env["club.occasion"].create(
            {"member_id": self.member.id, "kind": "anniversary", "month": 5, "day": 4}
        ).unlink()
        self.answer(self.occasion, {"choice_id": self.anniversary.id}, self.sell("50"))
        self.assertFalse(self.member.occasion_ids)
        self.assertEqual(self.answers().value, "Our anniversary")

    def test_checking_in_asks_its_own_question_once_for_all(self):
        result = self.counter.check_in(self.member.id, self.token())
        self.assertEqual(result["question"]["id"], self.garden.id)
        self.answer(self.garden, {"yes": "yes"})
        self.assertEqual(self.answers().value, "Yes")
        self.assertFalse(self.counter.check_in(self.member.id, self.token())["question"])

    def test_who_would_rather_not_say_is_left_in_peace(self):
        self.counter.check_in(self.member.id, self.token())
        self.answer(self.garden, {"skip": True})
        self.assertTrue(self.answers().skipped)
        self.assertFalse(self.counter.check_in(self.member.id, self.token())["question"])

    def test_after_some_purchases_it_comes_up_when_the_member_is_found(self):
        self.garden.write({"moment": "purchases", "purchases": 2})
        self.sell("10")
        self.assertFalse(self.counter.show_member(self.member.id)["question"])
        self.sell("10")
        self.assertEqual(self.counter.show_member(self.member.id)["question"]["id"], self.garden.id)

    def test_a_purchase_that_was_undone_is_none(self):
        self.garden.write({"moment": "purchases", "purchases": 2})
        self.sell("10")
        self.counter.undo_last(self.sell("10")["last"]["id"])
        self.env.cr.flush()
        self.assertFalse(self.counter.show_member(self.member.id)["question"])

    def test_the_first_visit_of_all(self):
        self.garden.moment = "first_visit"
        self.assertTrue(self.counter.check_in(self.member.id, self.token())["question"])

    def test_the_second_visit_is_not_the_first(self):
        self.garden.moment = "first_visit"
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.member._record_visit("counter", at=yesterday)
        self.assertFalse(self.counter.check_in(self.member.id, self.token())["question"])

    def test_a_category_includes_those_below_it(self):
        parent = self.env["product.category"].create({"name": "Flowers"})
        self.product.categ_id = self.env["product.category"].create({"name": "Cut", "parent_id": parent.id})
        self.occasion.category_ids = parent
        self.assertFalse(self.sell("50")["question"])
        sold = self.sell("", lines=[{"product_id": self.product.id, "quantity": "3"}])
        self.assertEqual(sold["question"]["id"], self.occasion.id)

    def test_nonsense_is_no_answer(self):
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        foreign = self.env["club.question"].create(
            {"club_id": other.id, "name": "Foreign?", "moment": "visit", "kind": "text"}
        )
        for question, given, words in (
            (self.occasion, {"choice_id": 0}, "Choose one"),
            (self.occasion, {"choice_id": self.anniversary.id, "date": "soon"}, "not a date"),
            (self.garden, {}, "yes or no"),
            (foreign, {"text": "x"}, "not asked any more"),
        ):
            with self.subTest(given=given), self.assertRaisesRegex(UserError, words):
                self.answer(question, given)
        self.assertFalse(self.answers())

    def test_anothers_order_is_not_touched(self):
        result = self.sell("50", member=self.member_2)
        self.answer(self.occasion, {"choice_id": self.just_so.id}, result)
        self.assertFalse(self.answers().order_id)

    def test_text_is_normalised_and_cut(self):
        self.garden.write({"kind": "text"})
        self.answer(self.garden, {"text": " كريمي " + "x" * 900})
        self.assertEqual(len(self.answers().value_text), 500)
        self.assertTrue(self.answers().value_text.startswith("کریمی"))


@tagged("post_install", "-at_install")
class TestKeepingAnswers(QuestionCase):
    def test_erasing_the_person_erases_the_answers(self):
        self.answer(self.garden, {"yes": "yes"})
        self.member._erase()
        self.assertFalse(self.answers())

    def test_answers_go_along_when_contacts_are_merged(self):
        self.answer(self.garden, {"yes": "yes"})
        self.answer(self.garden, {"yes": "no"}, member=self.member_2)
        self.answer(self.occasion, {"choice_id": self.just_so.id}, member=self.member_2)
        self.member_2._absorb_into(self.member)
        self.assertEqual(sorted(self.answers().mapped("value")), ["Just so", "Yes"])

    def test_the_member_gets_them_with_the_other_data(self):
        self.answer(self.garden, {"yes": "yes"})
        self.assertEqual(self.member.sudo()._get_personal_data()["answers"][0]["answer"], "Yes")

    def test_users_read_and_only_managers_define(self):
        self.answer(self.garden, {"yes": "yes"})
        answer = self.answers().with_user(self.clerk)
        self.assertEqual(answer.value, "Yes")
        for change in (
            lambda: answer.write({"value_boolean": False}),
            lambda: answer.unlink(),
            lambda: self.garden.with_user(self.clerk).write({"name": "X"}),
        ):
            with self.assertRaises(AccessError):
                change()
        strangers = (
            new_test_user(self.env, "q_portal", groups="base.group_portal"),
            new_test_user(self.env, "q_employee", groups="base.group_user"),
        )
        for user in strangers:
            for model in ("club.question", "club.question.choice", "club.question.answer", "club.counter.operation"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_another_companys_answers_are_not_seen(self):
        self.answer(self.garden, {"yes": "yes"})
        company = self.env["res.company"].create({"name": "Far Away"})
        clerk = new_test_user(
            self.env,
            "q_far",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for model in ("club.question", "club.question.choice", "club.question.answer", "club.counter.operation"):
            self.assertFalse(self.env[model].with_user(clerk).search([]), model)

    def test_questions_that_make_no_sense_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "at least two"):
            self.env["club.question"].create({"club_id": self.club.id, "name": "Choose?", "kind": "choice"})
        with self.assertRaisesRegex(ValidationError, "each time"):
            self.garden.write({"moment": "purchases", "repeat": "always"})


@tagged("post_install", "-at_install")
class TestSurveysAnswerQuestions(QuestionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env["survey.survey"].create(
            {
                "title": "About you",
                "question_and_page_ids": [
                    Command.create(
                        {
                            "title": "Garden?",
                            "question_type": "simple_choice",
                            "suggested_answer_ids": [Command.create({"value": "Yes"}), Command.create({"value": "No"})],
                        }
                    )
                ],
            }
        )
        cls.asked = cls.survey.question_and_page_ids
        cls.garden.survey_question_ids = cls.asked

    def take(self, partner, value="Yes", **values):
        user_input = self.env["survey.user_input"].create(
            {"survey_id": self.survey.id, "partner_id": partner.id, **values}
        )
        self.env["survey.user_input.line"].create(
            {
                "user_input_id": user_input.id,
                "question_id": self.asked.id,
                "answer_type": "suggestion",
                "suggested_answer_id": self.asked.suggested_answer_ids.filtered(
                    lambda answer: answer.value == value
                ).id,
            }
        )
        user_input._mark_done()

    def test_who_answered_in_a_survey_is_not_asked_again(self):
        self.take(self.partner)
        self.assertEqual((self.answers().value, self.answers().source), ("Yes", "survey"))
        self.assertFalse(self.counter.check_in(self.member.id, self.token())["question"])

    def test_test_entries_strangers_and_what_fits_no_answer_leave_nothing(self):
        self.take(self.partner, test_entry=True)
        self.take(self.env["res.partner"].create({"name": "Stranger"}))
        self.asked.suggested_answer_ids[0].value = "Perhaps"
        self.take(self.partner, "Perhaps")
        self.assertFalse(self.env["club.question.answer"].search([("question_id", "=", self.garden.id)]))


@tagged("post_install", "-at_install")
class TestTheQuestionOnTheMembersPage(QuestionCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "q_rosa", groups="base.group_portal", password="q_rosa", name="Rosa")
        cls.rosa = cls.club._enrol(cls.user.partner_id)
        cls.garden.write({"moment": "days", "by_portal": True, "by_counter": False})
        cls.url = f"/my/club/{cls.rosa.id}/question/{cls.garden.id}"

    def post_form(self, url, **data):
        page = self.url_open(url)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(url, data={"csrf_token": token, **data})

    def test_the_overview_leads_to_it_and_the_answer_is_kept(self):
        self.authenticate("q_rosa", "q_rosa")
        self.assertIn(self.url, self.url_open(f"/my/club/{self.rosa.id}").text)
        page = self.post_form(self.url, yes="no")
        self.assertIn("Thank you", page.text)
        self.assertEqual((self.answers(self.rosa).value, self.answers(self.rosa).source), ("No", "portal"))
        self.assertNotIn(self.url, self.url_open(f"/my/club/{self.rosa.id}").text)
        self.assertEqual(self.url_open(self.url, allow_redirects=False).status_code, 303)

    def test_an_order_of_the_shop_is_asked_about_and_gets_the_answer(self):
        self.garden.active = False
        order = self.env["sale.order"].create(
            {
                "partner_id": self.rosa.partner_id.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 3})],
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.subtract(fields.Datetime.now(), days=3)
        self.authenticate("q_rosa", "q_rosa")
        url = f"/my/club/{self.rosa.id}/question/{self.occasion.id}"
        page = self.url_open(url)
        self.assertIn(order.name, page.text)
        self.post_form(url, choice_id=str(self.anniversary.id))
        self.assertEqual(order.club_answer_ids.value, "Our anniversary")
        occasion = self.rosa.occasion_ids
        self.assertEqual(occasion.kind, "anniversary")
        self.assertEqual((occasion.month, occasion.day), (order.date_order.month, order.date_order.day))

    def test_a_wrong_answer_is_said_and_nothing_kept(self):
        self.garden.write({"kind": "date"})
        self.authenticate("q_rosa", "q_rosa")
        page = self.post_form(self.url, date="soon")
        self.assertIn("is not a date", page.text)
        self.assertFalse(self.answers(self.rosa))

    def test_a_get_and_a_post_without_token_change_nothing(self):
        """Abuse 19."""
        self.authenticate("q_rosa", "q_rosa")
        self.url_open(f"{self.url}?yes=yes&skip=1")
        self.url_open(self.url, data={"yes": "yes"})
        self.assertFalse(self.answers(self.rosa))

    def test_anothers_page_is_as_absent_as_none(self):
        """Abuse 14."""
        self.authenticate("q_rosa", "q_rosa")
        for path in (
            f"/my/club/{self.member.id}/question/{self.garden.id}",
            f"/my/club/999999/question/{self.garden.id}",
        ):
            self.assertEqual(self.url_open(path).status_code, 404)

    def test_text_of_people_and_managers_is_escaped(self):
        """Abuse 18."""
        self.garden.write({"name": "<script>alert(1)</script>?"})
        self.authenticate("q_rosa", "q_rosa")
        for path in (self.url, f"/my/club/{self.rosa.id}"):
            self.assertNotIn("<script>alert(1)</script>", self.url_open(path).text)
