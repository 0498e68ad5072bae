"""A rule reads back as one sentence in the reader's language, and says at once what is wrong with it."""

from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.engine.earning import Why
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools.translate import code_translations

from .common import ClubCase

GERMAN = {
    "%(earn)s %(when)s, %(details)s": "%(when)s %(earn)s, %(details)s",
    "%(points)s for each full %(amount)s of %(goods)s": "je volle %(amount)s für %(goods)s gibt es %(points)s",
    "%(points)s points": "%(points)s Punkte",
    "on %(days)s": "An %(days)s",
    "Fridays": "Freitagen",
    "%(tier)s and above": "ab %(tier)s",
    "at most %(points)s a month": "höchstens %(points)s im Monat",
    "%(number)sth": "%(number)s.",
    "every %(nth)s visit": "jeden %(nth)s Besuch",
    "%(points)s for %(event)s": "für %(event)s %(points)s",
}
PERSIAN = {
    "%(earn)s %(when)s, %(details)s": "%(when)s، %(earn)s، %(details)s",
    "%(points)s for each full %(amount)s of %(goods)s": "به ازای هر %(amount)s خرید %(goods)s، %(points)s",
    "%(points)s points": "%(points)s امتیاز",
    "on %(days)s": "%(days)s",
    "Fridays": "جمعه‌ها",
    "%(tier)s and above": "از سطح %(tier)s به بالا",
    "at most %(points)s a month": "حداکثر %(points)s در ماه",
    ", ": "، ",
}
OF_THE_ISSUE = "3 points for each full 10 € of Roses on Fridays, Gold and above, at most 500 a month"


class SentenceCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.company = cls.env["res.company"].create({"name": "Flowers", "currency_id": euro.id})
        cls.club = cls.env["club.club"].create({"name": "Flower Club", "company_id": cls.company.id, "tz": "UTC"})
        cls.silver, cls.gold, cls.platinum = cls.env["club.tier"].create(
            [
                {"name": name, "club_id": cls.club.id, "threshold": threshold}
                for name, threshold in (("Silver", 100), ("Gold", 200), ("Platinum", 300))
            ]
        )

    def rule(self, event_type="purchase", **values):
        return self.earn_rule(event_type, **{"points": 10, **values})

    def rule_of_the_issue(self, **values):
        return self.rule(
            formula="per_amount",
            points=3,
            per_amount=10,
            product_ids=self.product.ids,
            friday=True,
            tier_from_id=self.gold.id,
            limit_member=500,
            limit_period="month",
            **values,
        )

    def assertReads(self, rule, sentence):
        self.assertEqual(rule.sentence.replace("\xa0", " "), sentence)


@tagged("post_install", "-at_install")
class TestTheSentence(SentenceCase):
    def test_the_sentence_of_the_issue(self):
        self.assertReads(self.rule_of_the_issue(), OF_THE_ISSUE)

    def test_points_are_called_what_the_club_calls_them(self):
        self.club.write({"point_name": "Petals", "point_name_one": "Petal"})
        rule = self.rule_of_the_issue()
        self.assertReads(rule, OF_THE_ISSUE.replace("points", "Petals"))
        rule.write({"points": 1, "limit_club": 900})
        self.assertIn("1 Petal for each full", rule.sentence)
        self.assertIn("until all members together have got 900 Petals", rule.sentence)
        self.club.point_name_one = False
        self.assertIn("1 Petals for each full", rule.sentence, "there is no other word for one")
        rule.write({"formula": "steps_flat", "step_ids": [Command.create({"from_amount": 10, "points": 3})]})
        self.assertIn("Petals by the step that the amount reaches", rule.sentence)
        self.assertNotIn("points", rule.sentence)
        refused = rule._get_reason_sentences()["limit_club"]({"limit": 900, "rule": rule})
        self.assertEqual(refused, "The budget of this rule, 900 Petals, is used up.")

    def test_a_member_reads_of_itself_and_staff_of_the_member(self):
        self.gold.multiplier = 2
        rule = self.rule(
            use_multiplier=True, first_in_category=True, limit_member=50, limit_period="lifetime", near_kind="birthday"
        )
        staff = ("the multiplier of the tier", "new to the member", "50 per member ever", "the member's birthday")
        member = ("the multiplier of your tier", "new to you", "at most 50 ever", "your birthday")
        for sentence, words in ((rule._sentence(), staff), (rule._get_member_sentence(), member)):
            for phrase in words:
                self.assertIn(phrase, sentence)
        self.assertNotIn("member", rule._get_member_sentence())

    def test_a_translation_may_put_its_parts_in_another_order(self):
        rule = self.rule_of_the_issue()
        for lang, terms, expected in (
            (
                "de_DE",
                GERMAN,
                "An Freitagen je volle 10 € für Roses gibt es 3 Punkte, ab Gold, höchstens 500 im Monat",
            ),
            (
                "fa_IR",
                PERSIAN,
                "جمعه‌ها، به ازای هر 10 € خرید Roses، 3 امتیاز، از سطح Gold به بالا، حداکثر 500 در ماه",
            ),
        ):
            self.env["res.lang"]._activate_lang(lang)
            with patch.dict(code_translations.python_translations, {("customer_club", lang): terms}):
                sentence = rule.with_context(lang=lang).sentence
                for sign in ("\xa0", "\u200f", "\u200e"):
                    sentence = sentence.replace(sign, " " if sign == "\xa0" else "")
                self.assertEqual(sentence, expected, lang)

    def test_a_translation_agrees_with_what_is_counted(self):
        rule = self.rule("visit", nth_mode="every", nth=5)
        self.env["res.lang"]._activate_lang("de_DE")
        with patch.dict(code_translations.python_translations, {("customer_club", "de_DE"): GERMAN}):
            self.assertEqual(rule.with_context(lang="de_DE").sentence, "für jeden 5. Besuch 10 Punkte")

    def test_every_kind_of_event_counts_in_its_own_words(self):
        for event_type, values, sentence in (
            ("visit", {"nth_mode": "every", "nth": 5}, "10 points for every 5th visit"),
            ("review", {"nth_mode": "exact", "nth": 1}, "10 points for the first review"),
            ("review", {"nth_mode": "exact", "nth": 22}, "10 points for the 22nd review"),
            ("survey", {"nth_mode": "from", "nth": 3}, "10 points for every survey answered from the 3rd on"),
            ("visit", {"nth_mode": "every", "nth": 11}, "10 points for every 11th visit"),
            ("join", {}, "10 points for joining the club"),
            ("profile", {}, "10 points for completing the profile"),
            ("referral_join", {"points": 1}, "1 point for every friend who joins"),
            ("visit", {"channel": "counter"}, "10 points for every visit, at the counter"),
            ("visit", {"within_days": 7}, "10 points for every visit, again within 7 days"),
            (
                "visit",
                {"frequency_count": 3, "frequency_period": "week"},
                "10 points for every visit, the 3rd of the week only",
            ),
            ("purchase", {}, "10 points for every purchase"),
            ("purchase", {"nth_mode": "exact"}, "10 points for the first purchase"),
            (
                "merchant_purchase",
                {"formula": "per_amount", "per_amount": 2.5},
                "10 points for each full 2.50 € in every purchase at a partner",
            ),
        ):
            with self.subTest(event_type=event_type, values=values):
                # rooms of their own add clauses about reviews and the like
                read = self.rule(event_type, **values).sentence.replace("\xa0", " ")
                self.assertEqual(read[: len(sentence)], sentence)

    def test_no_kind_of_event_is_without_words(self):
        rule = self.rule("visit")
        for event_type, label in self.env["club.event"]._fields["type"]._description_selection(self.env):
            phrase = rule._get_event_phrase(event_type, "every")
            self.assertTrue(phrase)
            self.assertNotIn(label, phrase, f"{event_type} reads with its label only")

    def test_a_type_of_another_addon_reads_with_its_label(self):
        rule = self.rule("visit")
        with patch.object(self.env.registry["club.earn.rule"], "_get_event_phrases", lambda rule, nth: {}):
            self.assertEqual(rule._get_event_phrase("visit", "each", "3rd"), "every 3rd time: Visited")

    def test_weekdays_are_compressed(self):
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        rule = self.rule()
        for chosen, words in (
            ("friday", "on Fridays"),
            ("monday friday", "on Mondays and Fridays"),
            ("monday tuesday wednesday thursday friday", "on Mondays to Fridays"),
            ("saturday sunday", "at weekends"),
            ("monday wednesday friday", "on Mondays, Wednesdays, and Fridays"),
            ("saturday sunday monday", "on Mondays, Saturdays, and Sundays"),
        ):
            rule.write({day: day in chosen.split() for day in days})
            self.assertReads(rule, f"10 points for every purchase {words}")
        rule.write(dict.fromkeys(days, True))
        self.assertReads(rule, "10 points for every purchase")
        self.club.week_start = "5"  # Saturday
        rule.write({day: day in ("saturday", "sunday", "monday") for day in days})
        self.assertReads(rule, "10 points for every purchase on Saturdays to Mondays")
        rule.write({day: day in ("saturday", "sunday") for day in days})
        self.assertReads(rule, "10 points for every purchase on Saturdays and Sundays")

    def test_days_hours_and_dates_together(self):
        rule = self.rule(friday=True, hour_from=18, hour_to=20.5, date_from="2027-05-01", date_to="2027-05-31")
        self.assertReads(
            rule, "10 points for every purchase on Fridays between 18:00 and 20:30 from 1 May 2027 to 31 May 2027"
        )

    def test_dates_are_told_in_the_club_s_calendar(self):
        self.club.calendar = "jalali"
        rule = self.rule(date_from="2026-03-21")
        self.assertIn("1405", rule.sentence)

    def test_goods_beside_each_other(self):
        categ = self.env["product.category"].create({"name": "Garden"})
        tag = self.env["product.tag"].create({"name": "Green"})
        rule = self.rule(formula="per_unit", points=2, categ_ids=categ.ids, tag_ids=tag.ids)
        self.assertReads(rule, "2 points for each unit of Garden, only products tagged Green")

    def test_the_multiplier_is_told_if_a_tier_multiplies(self):
        rule = self.rule(use_multiplier=True)
        self.assertReads(rule, "10 points for every purchase")
        self.gold.multiplier = 2
        rule.invalidate_recordset(["sentence"])
        self.assertReads(rule, "10 points for every purchase, times the multiplier of the tier")


@tagged("post_install", "-at_install")
class TestFromATierUp(SentenceCase):
    def test_later_tiers_above_count_too(self):
        rule = self.rule_of_the_issue()
        self.assertEqual(self._tiers(rule), {self.gold.id, self.platinum.id})
        diamond = self.env["club.tier"].create({"name": "Diamond", "club_id": self.club.id, "threshold": 999})
        bronze = self.env["club.tier"].create({"name": "Bronze", "club_id": self.club.id, "threshold": 1})
        self.assertIn(diamond.id, self._tiers(rule))
        self.assertNotIn(bronze.id, self._tiers(rule))
        self.gold.threshold = 400
        self.assertEqual(self._tiers(rule), {self.gold.id, diamond.id})

    def _tiers(self, rule):
        policy = self.env["club.club"]._get_policies()[self.club.id]
        return set(next(found for found in policy.rules if found.id == rule.id).conditions["tiers"])

    def test_a_member_below_is_told(self):
        rule = self.rule_of_the_issue()
        self.assertEqual(rule._explain(Why("tiers")), "Only for Gold and above.")


@tagged("post_install", "-at_install")
class TestTheFormTellsAtOnce(SentenceCase):
    def form(self):
        return Form(
            self.env["club.earn.rule"].with_context(default_club_id=self.club.id, default_active=False),
            view="customer_club.club_earn_rule_view_form",
        )

    def test_the_sentence_follows_every_change_before_anything_is_saved(self):
        form = self.form()
        form.name = "Roses"
        self.assertEqual(form.sentence.replace("\xa0", " "), "1 point for each full 10 €")
        form.points = 3
        form.product_ids.add(self.product)
        form.friday = True
        form.tier_from_id = self.gold
        form.limit_member = 500
        self.assertEqual(form.sentence.replace("\xa0", " "), OF_THE_ISSUE)
        rule = form.save()
        self.assertFalse(rule.active, "a rule made on its page begins switched off")
        self.assertReads(rule, OF_THE_ISSUE)

    def test_another_kind_of_event_brings_defaults_that_make_sense(self):
        form = self.form()
        form.product_ids.add(self.product)
        form.event_type = "visit"
        self.assertEqual((form.formula, form.points, len(form.product_ids)), ("fixed", 5, 0))
        self.assertEqual(form.sentence, "5 points for every visit")
        form.event_type = "referral_click"
        self.assertEqual(form.sentence, "1 point for every visitor through the member's link, at most 50 a month")

    def test_a_saved_rule_keeps_its_points_when_its_event_changes(self):
        rule = self.rule("visit", points=7, limit_member=70)
        with Form(rule) as form:
            form.event_type = "review"
        self.assertEqual((rule.points, rule.limit_member), (7, 70))

    def test_conflicts_are_told_while_editing_and_refused_on_saving(self):
        form = self.form()
        form.name = "Roses"
        self.assertFalse(form.conflicts)
        form.points = 0
        self.assertIn("Set more than 0", form.conflicts)
        form.date_from, form.date_to = "2027-05-02", "2027-05-01"
        self.assertIn("ends before it begins", form.conflicts)
        with self.assertRaisesRegex(ValidationError, "Set more than 0"):
            form.save()

    def test_two_ways_to_name_tiers_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "names tiers twice"):
            self.rule(tier_from_id=self.gold.id, tier_ids=self.silver.ids)

    def test_what_is_perhaps_not_meant_is_remarked(self):
        first = self.rule()
        twin = self.rule()
        self.assertIn(first.name, twin.remarks)
        first.active = False
        twin.invalidate_recordset()
        self.assertFalse(twin.remarks)
        twin.limit_event = 5
        self.assertIn("less than the 10 points", twin.remarks)
        twin.write({"limit_event": 0, "date_to": "2020-01-01"})
        self.assertIn("It ended", twin.remarks)

    def test_a_duplicate_is_a_copy_that_is_off(self):
        rule = self.rule(
            formula="steps_flat", step_ids=[Command.create({"from_amount": 10, "points": 1})], active=True
        )
        copy = rule.copy()
        self.assertEqual(copy.name, f"{rule.name} (copy)")
        self.assertFalse(copy.active)
        self.assertEqual(copy.sentence, rule.sentence)
