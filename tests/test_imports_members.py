"""The member import: profiles, occasions, consents, opening balances; any digits, either calendar; never twice."""

import base64
import io
from datetime import datetime

import openpyxl
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

PERSIAN = (
    "کد مشتری,نام,موبایل,تاریخ تولد,سالگرد ازدواج,رضایت بازاریابی,مانده امتیاز\n"
    "M1001,علي كريمي,۰۹۱۹۸۳۴۷۲۶۱,۱۳۷۵/۱۲/۳۰,17/5/2010,بله,۱٬۲۵۰\n"
    "M1002,سارا,٠٩٣٦٥١٨٢٩٤٧,,,,\n"
)


@tagged("post_install", "-at_install")
class TestMembersAreImported(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.ir")

    def new_import(self, content, **values):
        content = content if isinstance(content, bytes) else content.encode()
        return self.env["club.member.import"].create(
            {
                "club_id": self.club.id,
                "file": base64.b64encode(content),
                "filename": "members.csv",
                **values,
            }
        )

    def run_import(self, content, **values):
        record = self.new_import(content, **values)
        record.action_check()
        record.action_import()
        return record

    def member_of(self, ref):
        return self.env["club.member"].search([("club_id", "=", self.club.id), ("partner_id.ref", "=", ref)])

    def state(self):
        return {
            model: self.env[model].search_count([])
            for model in ("res.partner", "club.member", "club.occasion", "club.consent", "club.point.entry")
        }

    def problems(self, content, **values):
        record = self.new_import(content, **values)
        record.action_check()
        return [(problem[0], problem[1], problem[3]) for problem in record.result["problems"]]

    def test_a_list_in_persian_gives_members_with_all_that_it_says(self):
        before = self.state()
        record = self.new_import(PERSIAN)
        record.action_check()
        self.assertEqual(self.state(), before, "a dry run leaves nothing behind")
        tried = record.result["figures"]
        record.action_import()
        self.assertEqual(record.result["figures"], tried)
        self.assertEqual(record.problem_count, 0)
        member = self.member_of("M1001")
        self.assertEqual((member.partner_id.name, member.partner_id.phone_sanitized), ("علی کریمی", "+989198347261"))
        self.assertEqual(member.points, 1250)
        self.assertTrue(member.consent_marketing)
        birthday, anniversary = member.occasion_ids.sorted(lambda occasion: occasion.kind == "anniversary")
        self.assertEqual((birthday.calendar, birthday.year, birthday.month, birthday.day), ("jalali", 1375, 12, 30))
        self.assertEqual((anniversary.calendar, anniversary.month, anniversary.day), ("gregorian", 5, 17))
        other = self.member_of("M1002")
        self.assertFalse(other.consent_marketing or other.occasion_ids or other.points)

    def test_never_18_the_same_list_again_adds_nothing_whatever_its_form(self):
        self.run_import(PERSIAN)
        before, balance = self.state(), self.member_of("M1001").points
        book = openpyxl.Workbook()
        book.active.append(["name", "phone", "points", "birthday"])
        book.active.append(["Ali Karimi", "+98 919 834 7261", 1250, datetime(1997, 3, 20)])
        stream = io.BytesIO()
        book.save(stream)
        for content, filename in ((PERSIAN, "renamed.csv"), (stream.getvalue(), "members.xlsx")):
            record = self.run_import(content, filename=filename)
            self.assertEqual(self.state(), before, filename)
            self.assertEqual(record.result["figures"]["openings_known"], 1)
        self.assertEqual(self.member_of("M1001").points, balance)
        self.assertEqual(self.member_of("M1001").partner_id.name, "علی کریمی", "what is known is not overwritten")

    def test_another_balance_for_the_same_member_is_refused_and_under_another_name_added(self):
        self.run_import(PERSIAN)
        other = PERSIAN.replace("۱٬۲۵۰", "۹۹۹")
        self.assertEqual(self.problems(other), [(2, "points", "other_balance")])
        self.run_import(other, reference="second shop")
        self.assertEqual(self.member_of("M1001").points, 1250 + 999)

    def test_people_are_found_by_reference_phone_or_email(self):
        partners = self.env["res.partner"].create(
            [
                {"name": "By Reference", "ref": "77"},
                {"name": "By Phone", "phone": "0919 711 2233"},
                {"name": "By Mail", "email": "Mail <by.mail@example.com>"},
            ]
        )
        self.run_import("ref,name,phone,email\n77,X,,x@example.com\n78,Y,00989197112233,\n,Z,,BY.MAIL@example.com\n")
        members = self.env["club.member"].search([("partner_id", "in", partners.ids)])
        self.assertEqual(members.partner_id, partners)
        self.assertEqual(partners.mapped("name"), ["By Reference", "By Phone", "By Mail"])
        self.assertEqual(partners[0].email, "x@example.com", "blank fields are filled")
        self.assertEqual(partners[1].ref, "78")

    def test_a_customer_of_whom_only_the_number_was_known_gets_the_name(self):
        history = self.env["club.history.import"].create(
            {
                "club_id": self.club.id,
                "file": base64.b64encode(b"customer,date,amount\nM1001,2025-01-02,10\n"),
            }
        )
        history.action_check()
        history.action_import()
        self.assertEqual(self.member_of("M1001").partner_id.name, "Customer M1001")
        self.run_import(PERSIAN)
        self.assertEqual(self.member_of("M1001").partner_id.name, "علی کریمی")

    def test_who_cannot_be_told_is_left_out(self):
        self.env["res.partner"].create(
            [
                {"name": "A", "ref": "1", "phone": "09197112233"},
                {"name": "B", "ref": "2", "phone": "09197445566"},
                {"name": "C", "email": "twice@example.com"},
                {"name": "D", "email": "twice@example.com"},
            ]
        )
        self.assertEqual(
            self.problems("ref,phone,email\n1,09197445566,\n9,09197112233,\n,,twice@example.com\n,0912,\n"),
            [
                (2, "phone", "other_person"),
                (3, "ref", "other_person"),
                (4, "email", "ambiguous"),
                (5, "phone", "phone:invalid"),
            ],
        )

    def test_a_withdrawn_consent_is_not_given_back_by_a_list(self):
        self.run_import(PERSIAN)
        self.member_of("M1001").write({"consent_marketing": False})
        self.run_import(PERSIAN)
        self.assertFalse(self.member_of("M1001").consent_marketing)

    def test_who_has_left_is_not_brought_back(self):
        self.run_import(PERSIAN)
        self.member_of("M1002").sudo().write({"state": "left", "active": False})
        self.assertEqual(self.problems(PERSIAN), [(3, "ref", "left")])

    def test_nobody_gives_an_opening_balance_to_oneself(self):
        boss = new_test_user(
            self.env, "boss_import", groups="customer_club.group_club_manager", email="boss@example.com"
        )
        record = self.new_import("email,points\nboss@example.com,5000\nother@example.com,1\n").with_user(boss)
        record.action_check()
        self.assertEqual([problem[3] for problem in record.result["problems"]], ["own"])
        self.assertEqual(record.result["figures"]["points"], 1)

    def test_points_finer_than_the_clubs_are_refused(self):
        self.assertEqual(self.problems("email,points\na.b@example.com,12.5\n"), [(2, "points", "decimals")])

    def test_a_balance_expires_when_the_list_says(self):
        record = self.run_import("email,points,expires\none@example.com,10,2020-01-01\ntwo@example.com,20,2099-01-01\n")
        self.assertEqual(record.result["figures"]["points_expired"], 10)
        points = {
            member.partner_id.email: member.points
            for member in self.env["club.member"].search([("club_id", "=", self.club.id)])
        }
        self.assertEqual((points["one@example.com"], points["two@example.com"]), (0, 20))

    def test_members_since_is_the_earliest_day_known(self):
        self.run_import("email,member since\nold@example.com,2019-05-17\n")
        member = self.env["club.member"].search([("partner_id.email", "=", "old@example.com")])
        self.assertEqual(str(member.joined_at), "2019-05-17 00:00:00")
        self.run_import("email,member since\nold@example.com,2021-01-01\n")
        self.assertEqual(str(member.joined_at), "2019-05-17 00:00:00")

    def test_columns_found_on_the_form_are_saved_with_their_places(self):
        form = Form(self.env["club.member.import"])
        form.club_id = self.club
        form.file = base64.b64encode(PERSIAN.encode())
        record = form.save()
        self.assertEqual(record.column_ids.mapped("position"), list(range(7)))
        self.assertEqual(record.column_ids.mapped("name")[:2], ["کد مشتری", "نام"])
        record.action_check()
        self.assertEqual((record.problem_count, record.result["figures"]["people"]), (0, 2))

    def test_a_list_without_any_mark_of_people_is_refused(self):
        with self.assertRaisesRegex(UserError, "No column is marked"):
            self.new_import("name\nAli\n").action_check()

    def test_only_managers_import_members(self):
        user = new_test_user(self.env, "club_user_members", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            self.new_import(PERSIAN).with_user(user).action_check()

    def test_queries_do_not_grow_with_the_people(self):
        def cost(count, prefix):
            lines = "\n".join(
                f"{prefix}{number}@example.com,1990-05-{1 + number % 28:02d},yes,10" for number in range(count)
            )
            record = self.new_import(f"email,birthday,marketing,points\n{lines}\n")
            record.action_check()
            start = self.env.cr.sql_log_count
            record.action_import()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        cost(2, "warm")
        few, many = cost(5, "few"), cost(200, "many")
        self.assertLessEqual(many, few + 20, "195 people more cost a handful of queries more")
