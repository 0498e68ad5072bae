"""The member's pages, as a browser sees them: what they say, to whom, and that reading changes nothing."""

import csv
import io
import json
from datetime import date, datetime

import openpyxl
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

PAYLOAD = "=1<svg onload=alert(1)>\"'{{7*7}}"


class ClubPortalCase(ClubCase, HttpCase):
    """Anna and Ben have accounts; Anna has points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = new_test_user(
            cls.env,
            "club_anna",
            groups="base.group_portal",
            partner_id=cls.partner.id,
            password="club_anna",
            name="Anna",
        )
        cls.ben = new_test_user(
            cls.env,
            "club_ben",
            groups="base.group_portal",
            partner_id=cls.partner_2.id,
            password="club_ben",
            name="Ben",
        )
        cls.per_point = cls.club.program_id.reward_ids[:1]
        cls.per_point.write({"discount": 0.05, "description": "5 cents a point"})
        cls.dear = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "discount",
                "discount": 50,
                "discount_mode": "percent",
                "discount_applicability": "order",
                "required_points": 1000,
                "description": "Half price",
            }
        )

    def url(self, path="", member=None):
        return f"/my/club/{(member or self.member).id}{path}"

    def get(self, path, login="club_anna", status=200):
        self.authenticate(login, login)
        response = self.url_open(path)
        self.assertEqual(response.status_code, status, path)
        return response

    def submit(self, path, status=200, **data):
        """Post a form of the signed-in user, with its token."""
        token = Request.csrf_token(self)
        response = self.url_open(path, data={"csrf_token": token, **data})
        self.assertEqual(response.status_code, status, path)
        return response


@tagged("post_install", "-at_install")
class TestPortalPages(ClubPortalCase):
    def test_the_page_says_what_can_be_spent_and_what_it_is_worth(self):
        self.post(250, "t,1")
        page = self.get("/my/club").text
        self.assertIn("250 Points", page)
        self.assertIn("12.50", page, "250 points of 0.05 are worth 12.50")

    def test_the_page_says_when_pending_points_open_and_what_expires_next(self):
        self.post(40, "t,1", pending=True, available_on=date(2099, 5, 12))
        self.post(30, "t,2", expires_on=date(2098, 7, 1))
        page = self.get("/my/club").text
        self.assertIn("40 Points can be spent from 12 May 2099", page)
        self.assertRegex(page, r"30 Points\s*expire on\s*1 Jul 2098")

    def test_rewards_are_ordered_affordable_first_with_the_missing_points_of_the_rest(self):
        self.post(250, "t,1")
        rewards = self.member._get_portal_rewards()
        self.assertEqual([row["name"] for row in rewards], ["5 cents a point", "Half price"])
        self.assertEqual([row["affordable"] for row in rewards], [True, False])
        self.assertIn("750 Points", rewards[1]["missing"])
        self.assertIn("750 Points", self.get(self.url("/rewards")).text)

    def test_there_are_always_one_to_three_things_to_do(self):
        steps = self.member._get_portal_values()["steps"]
        self.assertTrue(1 <= len(steps) <= 3)
        self.post(30, "t,2", expires_on=self.club._get_today().replace(day=28))
        for step in self.member._get_portal_values()["steps"]:
            self.assertTrue(step["text"] and step["label"])
            self.assertTrue(step["url"].startswith("/"), "a step stays on this site")

    def test_the_way_to_the_next_tier_is_told_in_plain_words(self):
        self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Bud", "threshold": 0, "sequence": 1},
                {"club_id": self.club.id, "name": "Bloom", "threshold": 100, "sequence": 2},
            ]
        )
        self.member.invalidate_recordset()
        tier = self.member._get_portal_tier()
        self.assertEqual(tier["next"], "Bud" if not self.member.tier_id else "Bloom")
        self.assertIn(tier["next"], tier["missing"])
        self.assertTrue(0 <= tier["percent"] <= 100)

    def test_several_clubs_are_a_list(self):
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        second._enrol(self.partner)
        page = self.get("/my/club").text
        self.assertIn("Rose Club", page)
        self.assertIn("Tulip Club", page)

    def test_who_is_in_no_club_is_invited_and_told_what_a_closed_club_wants(self):
        self.env["club.club"].create(
            {"name": "Gold Circle", "tz": "UTC", "join_policy": "closed", "criteria_orders": 3}
        )
        user = new_test_user(self.env, "club_new", groups="base.group_portal", password="club_new")
        page = self.get("/my/club", login="club_new").text
        self.assertIn(f"/club/join/{self.club.id}", page)
        self.assertIn("Gold Circle", page)
        self.assertIn("3", page)
        self.assertFalse(self.club._get_member(user.partner_id), "looking is not joining")

    def test_the_account_page_shows_the_balance_and_not_odoos_own_card(self):
        self.post(250, "t,1")
        page = self.get("/my").text
        self.assertIn("/my/club", page)
        self.assertIn("250 Points", page)
        self.assertNotIn("o_loyalty_card", page, "Odoo's own card of the club's program is left out")

    def test_odoos_own_history_of_a_club_card_leads_to_the_clubs(self):
        response = self.get(f"/my/loyalty_card/{self.member.card_id.id}/history")
        self.assertTrue(response.url.endswith(self.url("/history")))

    def test_the_card_stands_alone_with_bars_and_squares(self):
        page = self.get(self.url("/card")).text
        self.assertEqual(page.count("<svg"), 2)
        self.assertIn(self.member.number, page)
        self.assertNotIn("<script", page)
        self.assertNotIn("<link", page, "nothing to load: it works without network")

    def test_personal_pages_are_never_stored(self):
        """abuse.md 25."""
        for path in (
            "/my",
            "/my/club",
            self.url(),
            self.url("/history"),
            self.url("/card"),
            self.url("/profile"),
            self.url("/data"),
            self.url("/history/export/csv"),
            self.url("/rewards"),
            self.url("/leave"),
            f"/club/join/{self.club.id}",
        ):
            with self.subTest(path=path):
                self.assertEqual(self.get(path).headers["Cache-Control"], "no-store")

    def test_a_foreign_name_is_text_on_every_page(self):
        """abuse.md 18 and 17: nickname, contact, club, tier, reward and rule, on every output."""
        self.member.nickname = PAYLOAD
        self.partner.name = PAYLOAD
        self.club.name = PAYLOAD
        self.club.point_name = PAYLOAD
        self.dear.description = PAYLOAD
        self.member.tier_id = self.env["club.tier"].create(
            {"club_id": self.club.id, "name": PAYLOAD, "benefits": PAYLOAD, "threshold": 0},
        )
        self.env["club.earn.rule"].create({"club_id": self.club.id, "name": PAYLOAD})
        self.post(250, "t,1", note=PAYLOAD)
        for path in (
            "/my",
            "/my/club",
            self.url(),
            self.url("/history"),
            self.url("/card"),
            self.url("/profile"),
            self.url("/rewards"),
            self.url("/leave"),
            self.url("/erase"),
            f"/club/join/{self.club.id}",
        ):
            with self.subTest(path=path):
                page = self.get(path).text
                self.assertNotIn("<svg onload", page)
                self.assertNotIn("1<svg onload=alert(1)>\"'49", page)
        self.assertEqual(json.loads(self.get(self.url("/data")).text)["member"]["nickname"], PAYLOAD)

    def test_reading_changes_nothing(self):
        """abuse.md 19: a link on a page or in a mail never changes anything."""
        before = (
            self.member.state,
            self.member.consent_marketing,
            self.member.erasure_requested_at,
            len(self.member.entry_ids),
        )
        for path in ("/leave?confirm=1", "/erase?confirm=1", "/profile?name=X&phone=1"):
            self.get(self.url(path))
        self.get(self.url("/consents?marketing=1"), status=405)
        self.get(self.url("/birthday?day=1&month=1"), status=405)
        self.member.invalidate_recordset()
        self.assertEqual(
            (
                self.member.state,
                self.member.consent_marketing,
                self.member.erasure_requested_at,
                len(self.member.entry_ids),
            ),
            before,
        )

    def test_a_form_without_its_token_is_refused(self):
        """abuse.md 19."""
        self.authenticate("club_anna", "club_anna")
        for path in ("/profile", "/consents", "/birthday", "/leave", "/erase"):
            with self.subTest(path=path), self.assertLogs("odoo.http", "WARNING"):
                response = self.url_open(self.url(path), data={"confirm": "1", "name": "X"})
                self.assertEqual(response.status_code, 400)
        self.assertEqual(self.member.state, "active")


@tagged("post_install", "-at_install")
class TestPortalHistory(ClubPortalCase):
    def test_each_entry_is_a_sentence_with_the_balance_after_it(self):
        order = self.env["sale.order"].create({"partner_id": self.partner.id})
        self.post(120, "t,1", origin=order, pending=True, available_on=date(2099, 5, 12))
        self.post(100, "t,2", origin=order)
        self.post(-30, "t,3", origin=order)
        rows, following = self.member._get_history()
        self.assertEqual(
            [row["text"] for row in rows],
            [
                f"Order {order.name}, spent: −30 Points",
                f"Order {order.name}: +100 Points",
                f"Order {order.name}: +120 Points",
            ],
        )
        self.assertEqual([row["balance"] for row in rows], [70, 100, 0])
        self.assertIn("12 May 2099", rows[2]["note"])
        self.assertIsNone(following)

    def test_a_day_to_wait_for_is_told_only_while_one_waits(self):
        entry = self.post(120, "t,1", pending=True, available_on=date(2099, 5, 12))
        self.assertIn("Can be spent from 12 May 2099", self.member._get_history()[0][0]["note"])
        entry._open(":1")
        rows, _next = self.member._get_history()
        self.assertEqual([row["note"] for row in rows], ["", ""])
        self.assertEqual([row["balance"] for row in rows], [120, 0])

    def test_every_kind_of_entry_has_its_sentence(self):
        kinds = dict(self.env["club.point.entry"]._fields["kind"].selection)
        Entry = self.env["club.point.entry"]
        for kind in kinds:
            with self.subTest(kind=kind):
                entry = Entry.new(
                    {
                        "member_id": self.member.id,
                        "club_id": self.club.id,
                        "kind": kind,
                        "points": 5,
                        "available": 5,
                        "key": kind,
                    }
                )
                self.assertIn("5 Points", entry._get_portal_text(""))

    def test_pages_follow_each_other_without_gap_or_repeat(self):
        self._post_many(70)
        seen, before, pages = [], None, 0
        while not pages or before:
            rows, before = self.member._get_history(before=before)
            seen += rows
            pages += 1
        self.assertEqual(pages, 3, "70 entries are three pages of 30")
        self.assertEqual(len({row["id"] for row in seen}), 70)
        self.assertEqual([row["balance"] for row in seen], list(range(70, 0, -1)))
        html = self.get(self.url("/history")).text
        self.assertEqual(html.count('name="club_history_row"'), 30)
        self.assertIn(f"before={seen[29]['id']}", html)

    def test_kind_and_period_filter_and_the_balance_stays_true(self):
        self.post(100, "t,1", date=datetime(2025, 1, 31, 12))
        self.post(-30, "t,2", date=datetime(2025, 2, 1, 12))
        self.post(50, "t,3", date=datetime(2025, 2, 28, 23))
        rows, _next = self.member._get_history(kind="spent")
        self.assertEqual([(row["points"], row["balance"]) for row in rows], [(-30, 70)])
        rows, _next = self.member._get_history(date_from=date(2025, 2, 1), date_to=date(2025, 2, 28))
        self.assertEqual([row["balance"] for row in rows], [120, 70])
        html = self.get(self.url("/history?kind=earned&date_from=2025-02-01")).text
        self.assertEqual(html.count('name="club_history_row"'), 1)

    def test_a_jalali_club_takes_and_shows_days_of_its_calendar(self):
        self.club.calendar = "jalali"
        self.post(100, "t,1", date=datetime(2025, 3, 20, 12))
        self.post(-30, "t,2", date=datetime(2025, 3, 21, 12))
        html = self.get(self.url("/history?date_to=۱۴۰۳/۱۲/۳۰")).text
        self.assertEqual(html.count('name="club_history_row"'), 1)
        self.assertIn("1403-12-30", html)
        self.assertIn('value="1403-12-30"', html)

    def test_nonsense_in_the_address_is_ignored(self):
        self.post(100, "t,1")
        for query in (
            "kind=nonsense",
            "before=abc",
            "before=-1",
            "before=99999999999999999999",
            "date_from=2025-13-01",
            "before=²",
        ):
            with self.subTest(query=query):
                self.assertIn("club_history_row", self.get(self.url(f"/history?{query}")).text)

    def test_csv_and_xlsx_have_the_rows_and_no_formula(self):
        """abuse.md 21."""
        self.club.point_name = "=cmd"
        order = self.env["sale.order"].create({"partner_id": self.partner.id, "name": "=HYPERLINK(1)"})
        self.post(100, "t,1", origin=order)
        self.post(-30, "t,2")
        response = self.get(self.url("/history/export/csv"))
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        self.assertEqual(len(rows), 3)
        self.assertEqual([row[2] for row in rows[1:]], ["-30.0", "100.0"])
        for cell in (cell for row in rows for cell in (row[0], row[1], row[4])):
            self.assertFalse(cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell)
        book = openpyxl.load_workbook(io.BytesIO(self.get(self.url("/history/export/xlsx")).content))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        self.assertEqual(len(list(book.active.iter_rows())), 3)
        self.assertFalse([cell.value for cell in cells if cell.data_type == "f"])

    def test_the_history_costs_the_same_queries_with_many_entries(self):
        self._post_many(10)
        queries_10 = self._count_page_queries()
        self._post_many(300, start=10)
        self.assertEqual(self._count_page_queries(), queries_10)

    def _count_page_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.member._get_portal_values()
        self.member._get_history()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.member._get_portal_values()
        self.member._get_history()
        return self.env.cr.sql_log_count - before

    def _post_many(self, count, start=0):
        self.env["club.point.entry"]._post(
            [
                {"member_id": self.member.id, "kind": "earn", "points": 1, "key": f"many,{start + index}"}
                for index in range(count)
            ]
        )
