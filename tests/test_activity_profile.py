"""Completing the profile, from the contact's record to the ledger (way 2)."""

from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

ASKED = ("name", "phone", "city", "nickname")


class ProfileCase(ClubCase):
    """A club that asks for name, phone, city and nickname, a quarter each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ask(cls.club, *ASKED)

    @classmethod
    def ask(cls, club, *kinds, **values):
        club.profile_field_ids = [
            Command.clear(),
            *(Command.create({"kind": kind, "sequence": number, **values}) for number, kind in enumerate(kinds)),
        ]

    def question(self, kind, club=None):
        return (club or self.club).profile_field_ids.filtered(lambda question: question.kind == kind)

    def settle(self):
        """What happens when a transaction ends."""
        self.env.cr.flush()
        self.env.invalidate_all()

    def fill(self, partner=None):
        (partner or self.partner).write({"phone": "+4930123456", "city": "Berlin"})
        self.club._get_member(partner or self.partner).nickname = "Annie"
        self.settle()

    def facts(self, member=None):
        return self.env["club.event"].search(
            [("member_id", "=", (member or self.member).id), ("type", "=", "profile")], order="id"
        )


@tagged("post_install", "-at_install")
class TestTheMeter(ProfileCase):
    def test_it_counts_what_is_known_by_weight(self):
        self.assertEqual(self.member.profile_percent, 25)
        self.question("city").weight = 5
        self.partner.city = "Berlin"
        self.env.invalidate_all()
        self.assertEqual(self.member.profile_percent, 75)
        self.assertEqual(self.member.profile_missing, "Mobile number, Nickname")

    def test_blanks_and_a_number_for_a_name_are_no_answers(self):
        self.partner.write({"name": "0912 345 6789", "city": "  \u200c "})
        self.env.invalidate_all()
        self.assertEqual(self.member.profile_percent, 0)

    def test_what_has_no_weight_is_asked_and_not_needed(self):
        self.club.profile_field_ids = [Command.create({"kind": "marketing", "weight": 0, "sequence": 99})]
        self.fill()
        profile = self.member._get_profiles()[self.member]
        self.assertEqual(profile["percent"], 100)
        self.assertEqual(profile["missing"].mapped("kind"), ["marketing"])
        self.member._record_consent("marketing", False, "portal")
        self.assertFalse(self.member._get_profiles()[self.member]["missing"], "no is an answer, too")

    def test_consent_to_marketing_cannot_be_bought(self):
        with self.assertRaisesRegex(ValidationError, "free"):
            self.club.profile_field_ids = [Command.create({"kind": "marketing", "weight": 1})]

    def test_a_birthday_and_a_relatives_day_are_answers(self):
        self.ask(self.club, "birthday", "relative")
        self.member._set_birthday("5", "6", "")
        self.assertEqual(self.member._get_profiles()[self.member]["percent"], 50)
        self.member._add_relative({"name": "My mother", "day": "۷", "month": "8"})
        self.assertEqual(self.member._get_profiles()[self.member]["percent"], 100)
        self.assertEqual(self.member.occasion_ids.filtered(lambda day: day.kind == "relative").day, 7)

    def test_a_club_that_asks_nothing_has_no_meter(self):
        self.ask(self.club)
        self.assertIsNone(self.member._get_profiles()[self.member]["percent"])
        self.assertIsNone(self.member._get_portal_profile())
        self.fill()
        self.assertFalse(self.facts())

    def test_a_new_club_asks_for_the_usual_and_a_list_can_be_asked_back(self):
        club = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        self.assertIn("phone", club.profile_field_ids.mapped("kind"))
        self.ask(club, "name")
        club.action_ask_usual()
        self.assertEqual(len(club.profile_field_ids.filtered(lambda question: question.kind == "name")), 1)
        self.assertIn("relative", club.profile_field_ids.mapped("kind"))
        quiet = self.env["club.club"].create({"name": "X", "tz": "UTC", "profile_field_ids": []})
        self.assertFalse(quiet.profile_field_ids)

    def test_many_members_cost_no_more_queries_than_one(self):
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(30)])
        members = self.club._enrol(partners)
        self.ask(self.club, "name", "birthday", "marketing", weight=0)
        self.question("name").weight = 1
        counts = []
        for size in (1, 30):
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            members[:size]._get_profiles()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestCompletingEarns(ProfileCase):
    def test_it_earns_when_the_last_answer_is_there(self):
        self.earn_rule("profile", 50)
        self.partner.phone = "+4930123456"
        self.settle()
        self.assertEarned(0, "profile")
        self.fill()
        self.assertEarned(50, "profile")
        self.assertEqual(self.facts().payload, {"percent": 100, "before": 0}, "numbers only, nothing personal")
        self.assertInvariantsHold()

    def test_emptied_and_filled_again_earns_nothing_more(self):
        self.earn_rule("profile", 50)
        self.fill()
        self.partner.city = False
        self.settle()
        self.assertEarned(50, "profile")
        self.fill()
        self.assertEarned(50, "profile")
        self.assertEqual(len(self.facts()), 1)

    def test_each_percent_that_a_rule_asks_for_earns_once(self):
        half = self.earn_rule("profile", 10, profile_percent=50)
        self.earn_rule("profile", 50)
        self.partner.city = "Berlin"
        self.settle()
        self.assertEarned(10, "profile")
        self.partner.write({"city": False, "phone": "+4930123456"})
        self.settle()
        self.assertEarned(10, "profile")
        self.fill()
        self.assertEarned(60, "profile")
        self.assertEqual([fact.payload["percent"] for fact in self.facts()], [50, 100])
        self.assertEqual(half.sentence, "10 points for filling in 50% of the profile")

    def test_a_jump_to_the_end_earns_every_step(self):
        self.earn_rule("profile", 10, profile_percent=50)
        self.earn_rule("profile", 50)
        self.fill()
        self.assertEarned(60, "profile")

    def test_a_rule_made_afterwards_pays_nobody_who_was_there_before(self):
        self.fill()
        self.earn_rule("profile", 10, profile_percent=50)
        self.partner.city = "Bonn"
        self.settle()
        self.assertEarned(0, "profile")

    def test_joining_with_a_complete_profile_earns_too(self):
        self.ask(self.club, "name", "phone")
        self.earn_rule("profile", 50)
        partner = self.env["res.partner"].create({"name": "Carla", "phone": "+4930654321"})
        member = self.club._enrol(partner, "checkout")
        self.settle()
        self.assertEarned(50, "profile", member)

    def test_coming_back_after_an_erasure_earns_nothing(self):
        """abuse 8."""
        self.ask(self.club, "name", "phone")
        self.earn_rule("profile", 50)
        self.partner.phone = "+4930123456"
        self.settle()
        self.assertEarned(50, "profile")
        self.member._erase("asked for")
        again = self.club._enrol(self.env["res.partner"].create({"name": "Anna", "phone": "+4930123456"}))
        self.settle()
        self.assertNotEqual(again, self.member)
        self.assertEarned(0, "profile", again)
        self.assertEqual(again._get_profile_prizes(0), [], "nor is it promised")

    def test_a_merge_does_not_pay_a_second_time(self):
        """never 13."""
        self.earn_rule("profile", 50)
        self.fill(self.partner_2)
        self.assertEarned(50, "profile", self.member_2)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.partner_2).ids, dst_partner=self.partner
        )
        self.fill()
        self.assertEarned(0, "profile")
        self.assertEqual(self.member.points, 50)
        self.assertInvariantsHold()

    def test_who_has_left_earns_nothing(self):
        self.earn_rule("profile", 50)
        self.member._leave()
        self.partner.write({"phone": "+4930123456", "city": "Berlin"})
        self.member.sudo().nickname = "Annie"
        self.settle()
        self.assertEarned(0, "profile")
        self.assertFalse(self.facts())

    def test_who_comes_back_with_a_complete_profile_earns_it_then(self):
        self.earn_rule("profile", 50)
        self.member._leave()
        self.partner.write({"phone": "+4930123456", "city": "Berlin"})
        self.member.sudo().nickname = "Annie"
        self.settle()
        self.club._enrol(self.partner)
        self.settle()
        self.assertEarned(50, "profile")

    def test_each_of_two_clubs_has_its_own_questions_and_rules(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC", "company_id": company.id})
        self.ask(second, "name", "city")
        member = second._enrol(self.partner)
        self.earn_rule("profile", 70, club_id=second.id)
        self.earn_rule("profile", 50)
        self.partner.city = "Berlin"
        self.settle()
        self.assertEarned(70, "profile", member)
        self.assertEarned(0, "profile")

    def test_the_list_of_questions_changing_pays_nobody(self):
        self.earn_rule("profile", 50)
        self.question("phone").unlink()
        self.question("city").active = False
        self.question("nickname").weight = 0
        self.settle()
        self.assertEqual(self.member.profile_percent, 100)
        self.assertEarned(0, "profile")

    def test_staff_who_complete_it_at_the_counter_earn_it_for_the_member(self):
        self.earn_rule("profile", 50)
        clerk = new_test_user(self.env, "clerk", groups="customer_club.group_club_user,base.group_partner_manager")
        self.partner.with_user(clerk).write({"phone": "+4930123456", "city": "Berlin"})
        self.member.with_user(clerk).nickname = "Annie"
        self.settle()
        self.assertEarned(50, "profile")

    def test_a_thousand_writes_are_one_look(self):
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        members = self.club._enrol(partners)
        self.settle()
        counts = []
        for size in (1, 20):
            for partner in partners[:size]:
                partner.write({"phone": f"+49301234{size}", "city": "Bonn"})
                partner.write({"city": "Ulm"})
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.env.cr.precommit.run()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
        self.assertFalse(members.event_ids.filtered(lambda event: event.type == "profile"))

    def test_an_import_earns_by_the_job(self):
        self.ask(self.club, "name")
        self.earn_rule("profile", 5)
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(60)])
        members = self.club._enrol(partners, "import")
        self.settle()
        self.assertEarned(0, "profile", members[0])
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertEarned(5, "profile", members[0])

    def test_a_contact_who_is_no_member_costs_one_query(self):
        partner = self.env["res.partner"].create({"name": "Nobody"})
        counts = []
        for name in ("ref", "city"):
            self.settle()
            partner.write({name: "Rome"})
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.env.cr.precommit.run()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[0] + 1)

    def test_a_percent_that_cannot_be_is_refused(self):
        for percent in (0, 101):
            with self.assertRaisesRegex(ValidationError, "Set 1 to 100"):
                self.earn_rule("profile", 5, profile_percent=percent)

    def test_the_rule_says_why_not(self):
        sentences = self.earn_rule("profile", 5)._get_reason_sentences()
        self.assertIn("50% of the 80%", sentences["profile_percent"]({"percent": 50, "asked": 80}))
        self.assertIn("50%", sentences["profile_before"]({"asked": 50}))


@tagged("post_install", "-at_install")
class TestWhatMayBeAsked(ProfileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.model.fields"].create(
            [
                {
                    "name": name,
                    "field_description": label,
                    "model_id": cls.env["ir.model"]._get_id("res.partner"),
                    "state": "manual",
                    **values,
                }
                for name, label, values in (
                    ("x_shoe", "Shoe size", {"ttype": "integer"}),
                    ("x_colour", "Colour", {"ttype": "selection", "selection": "[('red', 'Red'), ('blue', 'Blue')]"}),
                    ("x_wedding", "Wedding day", {"ttype": "date"}),
                    ("x_land", "Born in", {"ttype": "many2one", "relation": "res.country"}),
                    ("x_friend", "Friend", {"ttype": "many2one", "relation": "res.partner"}),
                    ("x_worth", "Worth", {"ttype": "float"}),
                    ("x_code", "Code", {"ttype": "char", "readonly": True}),
                )
            ]
        )

    def test_only_plain_harmless_fields_are_offered(self):
        """abuse 3: nothing of money, rights or relations can be asked, so nothing of them can be written."""
        kinds = self.env["club.profile.field"]._get_kind_names()
        self.assertEqual(
            {kind for kind in kinds if kind.startswith("x_")}, {"x_shoe", "x_colour", "x_wedding", "x_land"}
        )
        for kind in ("credit_limit", "parent_id", "user_id", "active", "comment", "vat", "x_friend", "x_code"):
            self.assertNotIn(kind, kinds)
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.club.profile_field_ids = [Command.create({"kind": kind})]

    def test_own_fields_are_read_as_what_they_are(self):
        self.ask(self.club, "x_shoe", "x_colour", "x_wedding", "x_land")
        germany = self.env.ref("base.de")
        for kind, typed, value in (
            ("x_shoe", "۴۲", 42),
            ("x_colour", "blue", "blue"),
            ("x_wedding", "1400-01-01", self.env["club.occasion"]._fields["next_date"].to_date("2021-03-21")),
            ("x_land", str(germany.id), germany),
        ):
            self.assertTrue(self.member._answer(self.question(kind), {"value": typed}))
            self.assertEqual(self.partner[kind], value)
        self.assertEqual(self.member._get_profiles()[self.member]["percent"], 100)
        self.assertEqual(self.member._get_personal_data()["profile"]["x_shoe"], "42")

    def test_what_is_no_answer_is_told(self):
        own = ("x_shoe", "x_colour", "x_wedding", "x_land")
        self.ask(self.club, *own, "email", "phone", "name", "birthday", "relative")
        for kind, typed in (
            ("x_shoe", {"value": "big"}),
            ("x_shoe", {"value": "-5"}),
            ("x_colour", {"value": "green"}),
            ("x_wedding", {"value": "soon"}),
            ("x_land", {"value": "999999"}),
            ("email", {"value": "anna"}),
            ("phone", {"value": "12"}),
            ("name", {"value": "12"}),
            ("birthday", {"day": "31", "month": "13"}),
            ("relative", {"day": "1", "month": "1"}),
            ("relative", {"name": "Mum", "day": "40", "month": "1"}),
            ("relative", {"name": "Mum", "day": "x", "month": "1"}),
        ):
            with self.subTest(kind=kind, typed=typed), self.assertRaises(UserError), self.cr.savepoint():
                self.member._answer(self.question(kind), typed)

    def test_a_question_of_another_club_or_an_archived_one_is_not_written(self):
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        self.assertFalse(self.member._answer(self.question("city", second), {"value": "Berlin"}))
        self.question("city").active = False
        question = self.club.with_context(active_test=False).profile_field_ids.filtered(lambda q: q.kind == "city")
        self.assertFalse(self.member._answer(question, {"value": "Berlin"}))
        self.assertFalse(self.partner.city)

    def test_the_clubs_own_questions_may_be_part_of_the_profile(self):
        """Answered in the portal or at the counter; who would rather not say has not answered."""
        choice, yesno = self.env["club.question"].create(
            [
                {
                    "name": "Which flowers?",
                    "club_id": self.club.id,
                    "choice_ids": [Command.create({"name": "Roses"}), Command.create({"name": "Tulips"})],
                },
                {"name": "A garden?", "club_id": self.club.id, "kind": "boolean"},
            ]
        )
        self.club.profile_field_ids = [
            Command.clear(),
            Command.create({"kind": "question", "club_question_id": choice.id, "sequence": 1}),
            Command.create({"kind": "question", "club_question_id": yesno.id, "sequence": 2}),
        ]
        self.earn_rule("profile", 50)
        flowers, garden = self.club.profile_field_ids
        self.assertEqual(flowers.display_name, "Which flowers?")
        self.assertEqual([name for _id, name in flowers._get_choices(self.member)], ["Roses", "Tulips"])
        with self.assertRaises(UserError), self.cr.savepoint():
            self.member._answer(flowers, {"value": "999999"})
        self.member._answer(flowers, {"value": str(choice.choice_ids[1].id)})
        self.env["club.question.answer"]._give(self.member, yesno, {"skip": True}, "counter")
        self.settle()
        self.assertEqual(self.member.profile_percent, 50)
        self.env["club.question.answer"]._give(self.member, yesno, {"yes": True}, "counter")
        self.settle()
        self.assertEqual(self.member.profile_percent, 100)
        self.assertEarned(50, "profile")
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        with self.assertRaisesRegex(ValidationError, "Choose which question"):
            second.profile_field_ids = [Command.create({"kind": "question", "club_question_id": yesno.id})]

    def test_blanks_are_no_answer(self):
        self.assertFalse(self.member._answer(self.question("city"), {"value": " \u200c "}))

    def test_an_erased_contact_keeps_no_answer(self):
        self.ask(self.club, "x_shoe", "x_colour", "x_wedding")
        self.partner.write({"x_shoe": 42, "x_colour": "red", "x_wedding": "2020-01-01"})
        self.member._erase("asked for")
        self.assertEqual((self.partner.x_shoe, self.partner.x_colour, self.partner.x_wedding), (0, False, False))

    def test_asked_one_or_two_at_a_time(self):
        self.ask(self.club, "name", "phone", "email", "city")
        (self.question("phone") | self.question("email") | self.question("city")).together = True
        steps = self.club.profile_field_ids._split_steps()
        self.assertEqual([step.mapped("kind") for step in steps], [["name", "phone"], ["email", "city"]])

    @mute_logger("odoo.sql_db")
    def test_nothing_is_asked_twice(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.club.profile_field_ids = [Command.create({"kind": "city"})]

    def test_managers_say_what_is_asked_and_staff_read_it(self):
        clerk = new_test_user(self.env, "clerk", groups="customer_club.group_club_user")
        manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager")
        portal = new_test_user(self.env, "cust", groups="base.group_portal")
        question = self.question("city")
        self.assertEqual(question.with_user(clerk).weight, 1)
        with self.assertRaises(AccessError):
            question.with_user(clerk).weight = 2
        with self.assertRaises(AccessError):
            question.with_user(portal).read(["weight"])
        question.with_user(manager).weight = 2
        self.assertEqual(question.weight, 2)
        self.assertEqual(self.member.with_user(clerk).profile_percent, 20)

    def test_another_companys_questions_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC", "company_id": company.id})
        manager = new_test_user(self.env, "boss", groups="customer_club.group_club_manager")
        with self.assertRaises(AccessError):
            second.profile_field_ids[0].with_user(manager).read(["weight"])
