"""Which question is due: pure decisions, at their boundaries."""

from datetime import date
from decimal import Decimal

from odoo.addons.customer_club.engine.counter import mask_phone, read_search
from odoo.addons.customer_club.engine.questions import Past, Question, Situation, due
from odoo.tests import BaseCase, tagged

TODAY = date(2026, 3, 1)


def at(happening="", channel="counter", **values):
    return Situation(channel, TODAY, happening, **values)


@tagged("post_install", "-at_install")
class TestWhichQuestionIsDue(BaseCase):
    def asked(self, question, situation, past=None):
        found = due([question], situation, {question.id: past} if past else {})
        return found is not None

    def test_a_purchase_from_its_amount_on(self):
        question = Question(1, "sale", min_amount=Decimal("50"))
        self.assertFalse(self.asked(question, at("sale", amount=Decimal("49.99"))))
        self.assertTrue(self.asked(question, at("sale", amount=Decimal("50"))))
        self.assertFalse(self.asked(question, at("visit", amount=Decimal("50"))))

    def test_a_purchase_of_a_category(self):
        question = Question(1, "sale", categories=frozenset({7}))
        self.assertTrue(self.asked(question, at("sale", categories=frozenset({1, 7}))))
        self.assertFalse(self.asked(question, at("sale", categories=frozenset({1}))))

    def test_the_first_visit_only(self):
        question = Question(1, "first_visit")
        self.assertTrue(self.asked(question, at("visit", visits=1)))
        self.assertTrue(self.asked(question, at("sale", visits=1)))
        self.assertFalse(self.asked(question, at("visit", visits=2)))
        self.assertFalse(self.asked(question, at(visits=1)))

    def test_after_some_purchases_whatever_goes_on(self):
        question = Question(1, "purchases", purchases=3)
        self.assertFalse(self.asked(question, at(purchases=2)))
        self.assertTrue(self.asked(question, at(purchases=3)))
        self.assertTrue(self.asked(question, at("sale", purchases=9)))

    def test_every_so_many_days(self):
        question = Question(1, "days", every_days=90)
        self.assertTrue(self.asked(question, at()))
        self.assertFalse(self.asked(question, at(), Past(answered_on=date(2025, 12, 2))))
        self.assertTrue(self.asked(question, at(), Past(answered_on=date(2025, 12, 1))))

    def test_once_is_once_and_yearly_is_a_year_in_the_clubs_calendar(self):
        long_ago = Past(answered_on=date(2010, 1, 1))
        self.assertFalse(self.asked(Question(1, "visit"), at("visit"), long_ago))
        yearly = Question(1, "visit", repeat="yearly")
        self.assertFalse(self.asked(yearly, at("visit"), Past(answered_on=date(2025, 3, 2))))
        self.assertTrue(self.asked(yearly, at("visit"), Past(answered_on=date(2025, 3, 1))))
        # 30 Esfand 1403 is 20 March 2025; its year is over on 29 Esfand 1404, 20 March 2026.
        leap = Past(answered_on=date(2025, 3, 20))
        situation = {"happening": "visit", "calendar": "jalali"}
        self.assertIsNone(due([yearly], Situation("counter", date(2026, 3, 19), **situation), {1: leap}))
        self.assertIsNotNone(due([yearly], Situation("counter", date(2026, 3, 20), **situation), {1: leap}))

    def test_each_time_but_not_twice_at_one_purchase(self):
        question = Question(1, "sale", repeat="always")
        self.assertTrue(self.asked(question, at("sale"), Past(answered_on=TODAY, skipped_on=TODAY)))
        self.assertFalse(self.asked(question, at("sale"), Past(answered_on=TODAY, here=True)))

    def test_who_would_rather_not_say_is_left_in_peace_for_a_month(self):
        question = Question(1, "visit")
        self.assertFalse(self.asked(question, at("visit"), Past(skipped_on=date(2026, 1, 31))))
        self.assertTrue(self.asked(question, at("visit"), Past(skipped_on=date(2026, 1, 30))))

    def test_outside_its_period_and_by_others_it_is_not_asked(self):
        question = Question(1, "visit", first_day=TODAY, last_day=TODAY)
        self.assertTrue(self.asked(question, at("visit")))
        self.assertFalse(self.asked(Question(1, "visit", first_day=date(2026, 3, 2)), at("visit")))
        self.assertFalse(self.asked(Question(1, "visit", last_day=date(2026, 2, 28)), at("visit")))
        self.assertFalse(self.asked(question, at("visit", channel="portal")))

    def test_one_at_a_time_by_sequence_then_age(self):
        late, early, twin = (
            Question(1, "visit", sequence=9),
            Question(2, "visit", sequence=3),
            Question(3, "visit", sequence=3),
        )
        for order in ((late, early, twin), (twin, early, late)):
            self.assertEqual(due(order, at("visit"), {}).id, 2)
        self.assertEqual(due((late, early, twin), at("visit"), {2: Past(answered_on=TODAY)}).id, 3)
        self.assertIsNone(due((), at("visit"), {}))


@tagged("post_install", "-at_install")
class TestReadingWhatWasTyped(BaseCase):
    def test_a_number_may_be_several_things(self):
        found = read_search("00000195", "DE")
        self.assertEqual(found.number, "00000195")
        self.assertFalse(found.name)

    def test_short_and_empty_is_nothing(self):
        for typed in ("", " ", "a", "12", "123", "\u200f", "-"):
            with self.subTest(typed=typed):
                self.assertFalse(read_search(typed, "DE"))

    def test_a_very_long_line_is_cut(self):
        self.assertEqual(len(read_search("x" * 5000).name), 120)

    def test_masks_show_the_end_only(self):
        self.assertEqual(mask_phone("+98 912 345 6789"), "•••• 6789")
        self.assertEqual(mask_phone(""), "")
