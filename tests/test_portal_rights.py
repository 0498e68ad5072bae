"""Nobody reads or spends another's points, by any route or RPC (abuse.md 13, 14, 15)."""

import json
from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

READS = (
    "",
    "/rewards",
    "/history",
    "/history/export/csv",
    "/history/export/xlsx",
    "/card",
    "/profile",
    "/data",
    "/timeline",
    "/leave",
    "/erase",
)
WRITES = ("/profile", "/consents", "/birthday", "/leave", "/erase")
MODELS = ("club.member", "club.event", "club.point.entry")
CLOSED = (
    "club.point.lot",
    "club.point.allocation",
    "club.ledger.seal",
    "club.ledger.check",
    "club.club",
    "club.tier",
    "club.earn.rule",
    "club.follow.up",
)


@tagged("post_install", "-at_install")
class TestPortalRoutesAreOnesOwn(ClubPortalCase):
    def test_another_customer_gets_the_same_404_as_for_nothing(self):
        """abuse.md 14."""
        self.authenticate("club_ben", "club_ben")
        absent = self.env["club.member"].search([], order="id desc", limit=1).id + 1000
        for path in READS:
            with self.subTest(path=path):
                foreign = self.url_open(self.url(path))
                nothing = self.url_open(f"/my/club/{absent}{path}")
                self.assertEqual((foreign.status_code, nothing.status_code), (404, 404))
                self.assertNotIn(self.member.number, foreign.text)
                self.assertEqual(self.url_open(self.url(path, self.member_2)).status_code, 200)

    def test_another_customers_form_changes_nothing(self):
        self.authenticate("club_ben", "club_ben")
        for path in WRITES:
            with self.subTest(path=path):
                self.submit(
                    self.url(path),
                    status=404,
                    confirm="1",
                    marketing="1",
                    terms="1",
                    name="Mallory",
                    day="1",
                    month="1",
                )
        self.member.invalidate_recordset()
        self.assertEqual((self.member.state, self.partner.name), ("active", "Anna"))
        self.assertFalse(
            self.member.consent_marketing or self.member.erasure_requested_at or self.member._get_birthday()
        )

    def test_a_visitor_is_sent_to_sign_in(self):
        self.authenticate(None, None)
        for path in READS:
            with self.subTest(path=path):
                response = self.url_open(self.url(path), allow_redirects=False)
                self.assertEqual(response.status_code, 303)
                self.assertIn("/web/login", response.headers["Location"])

    def test_who_has_left_sees_no_page_any_more(self):
        self.member._leave()
        self.get(self.url(), status=404)

    def test_a_colleague_sees_the_companys_points_and_may_not_leave_for_it(self):
        company = self.env["res.partner"].create({"name": "Flowers Ltd", "is_company": True})
        self.partner.parent_id = company
        club = self.env["club.club"].create({"name": "Trade Club", "tz": "UTC", "earner": "company"})
        member = club._enrol(self.partner)
        self.assertEqual(member.partner_id, company)
        self.get(self.url(member=member))
        self.get(self.url("/leave", member), status=404)
        self.authenticate("club_anna", "club_anna")
        self.submit(self.url("/leave", member), status=404, confirm="1")
        self.assertEqual(member.state, "active")
        self.get(self.url(member=member), login="club_ben", status=404)


@tagged("post_install", "-at_install")
class TestPortalRpcIsOnesOwn(ClubPortalCase):
    """Over both doors: the web client's and JSON-2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.post(100, "t,1")
        cls.post(50, "t,2", member=cls.member_2)
        cls.key = (
            cls.env["res.users.apikeys"]
            .with_user(cls.ben)
            .sudo()
            ._generate(
                "rpc",
                "test",
                fields.Datetime.now() + timedelta(days=1),
            )
        )

    def web_rpc(self, model, method, *args, **kwargs):
        self.authenticate("club_ben", "club_ben")
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            headers={"Content-Type": "application/json"},
            data=json.dumps({"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}),
        )
        return response.json()

    def json_2(self, model, method, **kwargs):
        return self.url_open(
            f"/json/2/{model}/{method}",
            headers={"Content-Type": "application/json", "Authorization": f"bearer {self.key}"},
            data=json.dumps(kwargs),
        )

    def test_searching_finds_ones_own_rows_only(self):
        """abuse.md 15."""
        for model in MODELS:
            owner = "id" if model == "club.member" else "member_id"
            mine = self.env[model].search([(owner, "=", self.member_2.id)]).ids
            with self.subTest(model=model):
                found = self.web_rpc(model, "search_read", [], ["id"])["result"]
                self.assertEqual(sorted(row["id"] for row in found), sorted(mine))
                found = self.json_2(model, "search_read", domain=[], fields=["id"]).json()
                self.assertEqual(sorted(row["id"] for row in found), sorted(mine))

    @mute_logger(
        "odoo.http",
        "odoo.addons.base.models.ir_access",
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
    )
    def test_reading_another_row_or_a_closed_model_is_refused(self):
        entry = self.member.entry_ids[:1]
        for model, record in (("club.member", self.member), ("club.point.entry", entry)):
            with self.subTest(model=model):
                self.assertIn("error", self.web_rpc(model, "read", [record.id], ["id"]))
                self.assertEqual(self.json_2(model, "read", ids=[record.id], fields=["id"]).status_code, 403)
        for model in CLOSED:
            with self.subTest(model=model):
                self.assertIn("error", self.web_rpc(model, "search_read", [], ["id"]))
                self.assertEqual(self.json_2(model, "search_read", domain=[], fields=["id"]).status_code, 403)

    @mute_logger(
        "odoo.http",
        "odoo.addons.base.models.ir_access",
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
    )
    def test_writing_is_refused_even_on_ones_own(self):
        for model in (
            *MODELS,
            *CLOSED,
            "loyalty.card",
            "loyalty.program",
            "loyalty.reward",
            "club.occasion",
            "club.consent",
        ):
            record = self.env[model].sudo().search([], limit=1)
            with self.subTest(model=model):
                ids = record.ids or [1]
                for method, args in (("create", [{}]), ("write", [ids, {"active": False}]), ("unlink", [ids])):
                    self.assertIn("error", self.web_rpc(model, method, *args), method)
        self.member_2.invalidate_recordset()
        self.assertEqual(self.member_2.points, 50)

    @mute_logger("odoo.http")
    def test_the_ledgers_own_methods_cannot_be_called(self):
        for model, method in (
            ("club.point.entry", "_post"),
            ("club.point.entry", "_reverse"),
            ("club.member", "_transfer"),
            ("club.member", "_leave"),
            ("club.member", "_get_personal_data"),
            ("club.member", "_get_history"),
            ("club.club", "_join"),
            ("club.club", "_enrol"),
            ("sale.order", "_club_apply_points"),
            ("sale.order", "_spend_chosen_points"),
        ):
            with self.subTest(method=method):
                self.assertIn("error", self.web_rpc(model, method, [self.member_2.id]))
                self.assertGreaterEqual(self.json_2(model, method, ids=[self.member_2.id]).status_code, 400)

    def test_portal_rights_are_reading_ones_own_and_no_more(self):
        member = self.member.with_user(self.anna)
        self.assertEqual(member.number, self.member.number)
        for change in ({"nickname": "x"}, {"consent_marketing": True}, {"state": "left"}):
            with self.assertRaises(UserError):
                member.write(change)
