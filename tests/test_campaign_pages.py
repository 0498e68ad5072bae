"""Links in messages and notices in the account, as browsers and mail programs see them."""

from datetime import timedelta
from html import unescape

from lxml.html import fromstring
from odoo import fields
from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestCampaignPages(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"quiet_from": 0, "quiet_to": 0, "campaign_limit": 0})
        (cls.member | cls.member_2).write({"consent_marketing": True})
        cls.mailed = cls.run_one(channel="email")
        cls.noticed = cls.run_one(channel="portal", subject=f"Look {PAYLOAD}", body=f"For {{name}} {PAYLOAD}")

    @classmethod
    def run_one(cls, **values):
        campaign = cls.env["club.campaign"].create(
            {
                "club_id": cls.club.id,
                "name": "Pages",
                "control_share": 0,
                "body": "Dear {name}, come and see.",
                "date_to": fields.Date.today() + timedelta(days=3),
                **values,
            }
        )
        campaign.action_schedule()
        for _time in range(2):
            campaign.action_run_now()
        cls.env.flush_all()
        return cls.env["club.campaign.target"].search(
            [("campaign_id", "=", campaign.id), ("member_id", "=", cls.member.id)]
        )

    def link(self, what, target=None):
        target = target or self.mailed
        return target._get_path(what)

    def post_form(self, path, status=200, **data):
        data["csrf_token"] = Request.csrf_token(self)
        response = self.url_open(path, data=data, allow_redirects=False)
        self.assertEqual(response.status_code, status, path)
        return response

    # -- links in messages ---------------------------------------------------------------------------

    def test_the_mail_has_its_links_and_they_count(self):
        mail = self.env["mail.mail"].search([("model", "=", "club.campaign.target"), ("res_id", "=", self.mailed.id)])
        for what in ("go", "stop", "open"):
            self.assertIn(self.link(what), unescape(mail.body_html))
        response = self.url_open(self.link("open"))
        self.assertEqual((response.status_code, response.headers["Content-Type"]), (200, "image/gif"))
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.mailed.invalidate_recordset()
        self.assertTrue(self.mailed.opened_at)
        self.assertFalse(self.mailed.visited_at)

    def test_a_click_counts_here_and_in_odoos_link_statistics(self):
        for _time in range(2):
            response = self.url_open(self.link("go"), allow_redirects=False)
        self.assertTrue(response.headers["Location"].split("//")[-1].split("/", 1)[-1].startswith("r/"))
        self.mailed.invalidate_recordset()
        self.assertEqual(self.mailed.visit_count, 2)
        self.assertTrue(self.mailed.visited_at and self.mailed.opened_at)
        self.url_open(response.headers["Location"], allow_redirects=False)
        self.env.invalidate_all()
        self.assertEqual(self.mailed.campaign_id.link_id.count, 1)

    def assertOver(self, path):
        """Fail unless this leads to the way to the club, with a kind word, and tells nothing of anybody."""
        page = self.url_open(path, allow_redirects=False)
        self.assertEqual((page.status_code, page.headers["Cache-Control"]), (200, "no-store"), path)
        main = fromstring(page.text).xpath("//*[@id='wrap' or self::main]")[0]
        words = " ".join(main.text_content().split())
        self.assertIn("from an older message", words)
        self.assertTrue(main.xpath(".//a[@href='/my/club']"))
        self.assertNotIn("Anna", page.text)
        return words

    def test_wrong_and_absent_links_get_the_same_answer(self):
        """abuse 13, 14."""
        wrong = "0" * 24
        for what in ("go", "open", "stop", "unsubscribe"):
            answers = set()
            for path in (
                f"/club/m/{self.mailed.id}/{wrong}/{what}",
                f"/club/m/{self.mailed.id + 100000}/{self.mailed._get_token(what)}/{what}",
                f"/club/m/{self.noticed.id}/{self.mailed._get_token(what)}/{what}",
                f"/club/m/{self.mailed.id}/%C3%A9/{what}",
                f"/club/m/{self.mailed.id + 100000}/%C3%A9/{what}",
            ):
                if what == "open":
                    self.assertEqual(self.url_open(path).status_code, 404, path)
                else:
                    answers.add(self.assertOver(path))
            self.assertEqual(len(answers), 0 if what == "open" else 1, "nobody learns which rows there are")
        self.assertEqual(
            self.url_open(f"/club/m/{self.mailed.id}/{wrong}/unsubscribe", data={"x": "y"}).status_code, 404
        )
        self.mailed.invalidate_recordset()
        self.assertFalse(self.mailed.visited_at)

    def test_old_links_lead_to_the_club_whatever_became_of_the_campaign(self):
        """A mail is kept for years: the campaign may be archived or gone, the member merged."""
        go, stop = self.link("go"), self.link("stop")
        short = self.mailed._get_short_link("go").removeprefix(self.mailed.get_base_url())
        self.mailed.campaign_id.active = False
        self.assertIn(self.club.name, self.assertOver(go))
        self.mailed.campaign_id.active = True
        heir = self.env["res.partner"].create({"name": "Anna, once more"})
        self.club._enrol(heir)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.member.partner_id | heir).ids, heir)
        self.env.flush_all()
        self.assertEqual(self.url_open(go, allow_redirects=False).status_code, 303)
        self.assertEqual(self.url_open(stop).status_code, 200)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM club_campaign_target WHERE id = %s", (self.mailed.id,))
        self.env.invalidate_all()
        self.assertNotIn(self.club.name, self.assertOver(go))
        self.assertOver(short)
        self.assertIn("Profile and consents", self.assertOver(stop))

    def test_the_token_of_one_purpose_does_nothing_else(self):
        """Who may go to the offer, or sees the picture of an opening, cannot end the consent with it."""
        for has in ("open", "go", "stop"):
            for what in ("open", "go", "stop", "unsubscribe"):
                path = f"/club/m/{self.mailed.id}/{self.mailed._get_token(has)}/{what}"
                right = has == what or (has, what) == ("stop", "unsubscribe")
                with self.subTest(has=has, what=what):
                    answer = self.url_open(path, allow_redirects=False)
                    if right or what == "open":
                        self.assertEqual(answer.status_code, 404 if not right else 303 if what == "go" else 200)
                        self.assertNotIn("club_link_over", answer.text)
                    else:
                        self.assertOver(path)
        self.url_open(f"/club/m/{self.mailed.id}/{self.mailed._get_token('go')}/unsubscribe", data={"x": "y"})
        self.env.invalidate_all()
        self.assertTrue(self.member.consent_marketing)

    def test_short_links_lead_to_the_long_ones_of_their_purpose(self):
        short = {what: self.mailed._get_short_link(what) for what in ("go", "stop")}
        self.assertNotEqual(short["go"].rsplit("-", 1)[-1], short["stop"].rsplit("-", 1)[-1])
        for what, link in short.items():
            path = link.removeprefix(self.mailed.get_base_url())
            self.assertLessEqual(len(path), len("/c/zzzzzz-abcdefghijkl"))
            answer = self.url_open(path, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
            self.assertTrue(answer.headers["Location"].endswith(self.link(what)))
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
        signs, _hyphen, token = short["stop"].rsplit("/", 1)[-1].partition("-")
        for wrong in (f"{signs}-{'A' * 12}", f"zzzzz-{token}", signs, f"-{token}", "é-é", f"{signs}-", "x" * 300):
            with self.subTest(wrong=wrong):
                self.assertOver(f"/c/{wrong}")
        page = self.url_open(short["stop"].removeprefix(self.mailed.get_base_url()))
        self.assertIn("No more messages", page.text)
        self.env.invalidate_all()
        self.assertTrue(self.member.consent_marketing, "abuse 19: only its button does it")

    def test_only_the_button_unsubscribes(self):
        """abuse 19: mail programs follow links to look at them."""
        for _time in range(2):
            page = self.url_open(self.link("stop"))
            self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("No more messages", page.text)
        self.assertNotIn("Anna", page.text, "a forwarded mail tells nobody whose it was")
        self.url_open(self.link("unsubscribe"))
        self.env.invalidate_all()
        self.assertTrue(self.member.consent_marketing)
        self.authenticate(None, None)
        self.post_form(self.link("stop"))
        self.env.invalidate_all()
        self.assertFalse(self.member.consent_marketing)
        self.assertTrue(self.member_2.consent_marketing)
        consents = self.env["club.consent"].search([("member_id", "=", self.member.id), ("source", "=", "unsubscribe")])
        self.assertEqual(len(consents), 1)
        self.post_form(self.link("stop"))
        self.assertEqual(self.env["club.consent"].search_count([("source", "=", "unsubscribe")]), 1)

    def test_the_button_needs_its_token(self):
        self.authenticate(None, None)
        self.assertEqual(self.url_open(self.link("stop"), data={"csrf_token": "x"}).status_code, 400)
        self.env.invalidate_all()
        self.assertTrue(self.member.consent_marketing)

    def test_one_click_of_a_mail_program_unsubscribes(self):
        """RFC 8058: a POST without session or form token, by the secret in the address."""
        response = self.url_open(self.link("unsubscribe"), data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertFalse(self.member.consent_marketing)

    # -- notices -------------------------------------------------------------------------------------

    def test_a_notice_stands_in_the_account_until_it_is_dismissed(self):
        overview = self.get("/my/club").text
        path = self.url(f"/notices/{self.noticed.id}")
        self.assertIn(path, overview)
        page = self.get(path)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.noticed.invalidate_recordset()
        self.assertTrue(self.noticed.opened_at)
        self.assertFalse(self.noticed.dismissed_at, "reading changes nothing")
        self.post_form(f"{path}/dismiss", status=303)
        self.env.invalidate_all()
        self.assertTrue(self.noticed.dismissed_at)
        self.assertNotIn(path, self.get("/my/club").text)
        self.post_form(f"{path}/dismiss", status=404)

    def test_what_the_shop_and_members_typed_is_text(self):
        """abuse 17, 18."""
        page = self.get(self.url(f"/notices/{self.noticed.id}")).text
        self.assertNotIn("<svg onload", page)
        self.assertIn("{{7*7}}", page)
        self.assertNotIn("<svg onload", self.get("/my/club").text)

    def test_another_members_notice_is_as_absent_as_none(self):
        """abuse 14."""
        theirs = self.env["club.campaign.target"].search(
            [("campaign_id", "=", self.noticed.campaign_id.id), ("member_id", "=", self.member_2.id)]
        )
        self.get(self.url(f"/notices/{theirs.id}"), status=404)
        self.get(self.url(f"/notices/{theirs.id}", member=self.member_2), status=404)
        self.get(self.url("/notices/999999999"), status=404)
        self.get(self.url(f"/notices/{self.mailed.id}"), status=404)
        self.get(self.url(f"/notices/{self.noticed.id}"), login="club_ben", status=404)

    def test_a_notice_goes_when_its_time_is_over_or_it_was_stopped(self):
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE club_campaign_target SET ends_at = now() at time zone 'utc' - interval '1 minute'"
                " WHERE id = %s RETURNING id",
                self.noticed.id,
            )
        )
        self.env.invalidate_all()
        self.get(self.url(f"/notices/{self.noticed.id}"), status=404)
        other = self.run_one(channel="portal", subject="Second")
        self.get(self.url(f"/notices/{other.id}"))
        other.campaign_id.action_stop()
        self.env.flush_all()
        self.get(self.url(f"/notices/{other.id}"), status=404)

    def test_who_takes_the_data_along_finds_the_campaigns(self):
        data = self.member._get_personal_data()
        self.assertEqual(len(data["campaigns"]), 2)
