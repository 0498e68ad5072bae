"""Gifts, pools, causes and the honour roll as a browser sees them."""

import re
from contextlib import closing

from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.addons.customer_club.tests.together_common import TogetherCase
from odoo.sql_db import db_connect
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

#: One pixel.
PICTURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


class TogetherPortalCase(TogetherCase, ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cleo = new_test_user(
            cls.env,
            "club_cleo",
            groups="base.group_portal",
            partner_id=cls.partner_3.id,
            password="club_cleo",
            name="Cleo",
        )

        for partner in (cls.partner, cls.partner_2, cls.partner_3):  # their users' addresses are all the same
            partner.email = f"{partner.name.lower()}@example.com"

    def key(self, text):
        return re.search(r'name="form_key" value="([^"]+)"', text).group(1)

    def action(self, text, part):
        return re.search(rf'action="([^"]*{part}[^"]*)"', text).group(1)


@tagged("post_install", "-at_install")
class TestGiftPages(TogetherPortalCase):
    def send(self, points=20, number=None, note="Enjoy", **data):
        number = number or self.member_2.number
        page = self.submit(self.url("/gift/check"), number=number, points=points, note=note).text
        if "club_gift_check" not in page:
            return page
        return self.submit(
            self.url("/gift/send"), number=number, points=points, note=note, form_key=self.key(page), **data
        ).text

    def test_a_gift_is_looked_at_sent_accepted_and_undone(self):
        self.buy(100, "a")
        self.assertIn("/gift", self.get("/my/club").text)
        self.get(self.url("/gift"))
        check = self.submit(
            self.url("/gift/check"), number=self.member_2.number.lower(), points="20", note="Enjoy"
        ).text
        self.assertIn("<bdi>B…</bdi>", check)
        self.assertIn("80 Points", check, "what is left")
        self.assertNotIn("Ben", check, "no more of a name than a letter")
        self.assertEqual(self.points_of(self.member), [100], "looking takes nothing")
        sent = self.submit(
            self.url("/gift/send"), number=self.member_2.number, points="20", note="Enjoy", form_key=self.key(check)
        ).text
        self.assertIn("20 Points are on their way to B…", sent)
        gift = self.member.gift_sent_ids
        self.assertIn("gives you 20 Points", self.get("/my/club", "club_ben").text)
        theirs = self.get(self.url("/gift", self.member_2), "club_ben").text
        self.assertIn("Enjoy", theirs)
        self.assertNotIn("Anna", theirs)
        self.assertIn("Accepted", self.submit(self.url(f"/gift/{gift.id}/accept", self.member_2)).text)
        self.assertEqual(gift.state, "accepted")
        self.get(self.url("/gift"))
        self.assertIn("Undone", self.submit(self.url(f"/gift/{gift.id}/undo")).text)
        self.assertEqual(self.points_of(self.member, self.member_2), [100, 0])
        self.assertInvariantsHold()

    def test_never_19_the_same_form_twice_gives_once(self):
        self.buy(100, "a")
        self.get(self.url("/gift"))
        page = self.submit(self.url("/gift/check"), number=self.member_2.number, points="20").text
        for _again in range(3):
            self.submit(self.url("/gift/send"), number=self.member_2.number, points="20", form_key=self.key(page))
        self.assertEqual((len(self.member.gift_sent_ids), self.points_of(self.member)), (1, [80]))

    def test_abuse_14_whose_gift_it_is_not_finds_nothing(self):
        self.buy(100, "a")
        gift = self.member._give(self.member_2, 10)
        self.get(self.url("/gift", self.member_3), "club_cleo")
        for path in (f"/gift/{gift.id}/accept", f"/gift/{gift.id}/undo", f"/gift/{gift.id + 999}/accept"):
            self.submit(self.url(path, self.member_3), status=404)
            self.submit(self.url(path), status=404)
        self.get(self.url("/gift"))
        self.submit(self.url(f"/gift/{gift.id}/accept"), status=404)
        self.submit(self.url(f"/gift/{gift.id}/decline"), status=404)
        self.assertEqual(gift.state, "offered")

    def test_abuse_19_reading_changes_nothing_and_a_form_needs_its_token(self):
        self.buy(100, "a")
        gift = self.member._give(self.member_2, 10)
        self.authenticate("club_ben", "club_ben")
        self.url_open(self.url(f"/gift/{gift.id}/accept", self.member_2))
        self.url_open(self.url(f"/gift/{gift.id}/accept", self.member_2), data={"csrf_token": "wrong"})
        self.assertEqual(gift.state, "offered")

    def test_abuse_18_a_message_is_text(self):
        self.buy(100, "a")
        self.get(self.url("/gift"))
        page = self.submit(self.url("/gift/check"), number=self.member_2.number, points="5", note=PAYLOAD).text
        self.assertNotIn("<svg onload", page)
        self.send(5, note=PAYLOAD)
        self.assertNotIn("<svg onload", self.get(self.url("/gift", self.member_2), "club_ben").text)

    def test_what_is_refused_is_said_and_what_was_typed_stays(self):
        self.buy(10, "a")
        self.get(self.url("/gift"))
        page = self.send(11)
        self.assertIn("You can give 10 Points", page)
        self.assertIn(f'value="{self.member_2.number}"', page)
        self.assertIn("no member with this number", self.send(5, number="00000000"))
        self.assertIn("is not a number of points", self.send("x"))
        self.assertEqual(self.points_of(self.member), [10])

    def test_the_code_of_a_member_leads_to_ones_own_page(self):
        self.buy(10, "a")
        page = self.get(f"/club/gift/{self.club.id}/{self.member_2.number}").text
        self.assertIn(f'value="{self.member_2.number}"', page)
        self.get(f"/club/gift/{self.club.id + 999}/{self.member_2.number}", status=404)
        new_test_user(self.env, "club_nobody", groups="base.group_portal", password="club_nobody")
        self.get(f"/club/gift/{self.club.id}/{self.member_2.number}", "club_nobody", status=404)

    def test_the_page_is_never_kept_and_is_gone_when_gifts_are_off(self):
        self.assertEqual(self.get(self.url("/gift")).headers["Cache-Control"], "no-store")
        self.club.gift_active = False
        self.get(self.url("/gift"), status=404)
        self.assertNotIn(self.url("/gift"), self.get("/my/club").text)

    def test_abuse_24_one_gift_in_flight(self):
        self.buy(100, "a")
        self.get(self.url("/gift"))
        with closing(db_connect(self.env.cr.dbname).cursor()) as other, mute_logger("odoo.http"):
            other.execute("SELECT pg_advisory_xact_lock(hashtext('club.spend'), %s)", (self.partner.id,))
            self.submit(self.url("/gift/send"), status=429, number=self.member_2.number, points="5", form_key="k")
            other.rollback()
        self.assertEqual(self.points_of(self.member), [100])


@tagged("post_install", "-at_install")
class TestPoolPages(TogetherPortalCase):
    def test_a_family_makes_a_pool_fills_it_and_parts(self):
        self.buy(60, "a")
        self.buy(30, "b", member=self.member_2)
        page = self.get(self.url("/pool")).text
        page = self.submit(self.url("/pool/found"), name="Family", form_key=self.key(page)).text
        pool = self.env["club.pool"].search([("club_id", "=", self.club.id)])
        self.assertIn("Family", page)
        base = f"/pool/{pool.id}"
        self.assertIn("Invited", self.submit(self.url(f"{base}/invite"), number=self.member_2.number).text)
        check = self.submit(self.url(f"{base}/put/check"), points="60").text
        self.assertIn("0 Points", check)
        self.assertEqual(pool.points, 0)
        data = {"points": "60", "form_key": self.key(check)}
        self.assertIn("are in the pool now", self.submit(self.url(f"{base}/put"), **data).text)
        self.submit(self.url(f"{base}/put"), **data)
        self.env.invalidate_all()
        self.assertEqual(pool.points, 60)
        self.assertIn("invited to share the pool Family", self.get("/my/club", "club_ben").text)
        row = pool._get_row(self.member_2, ("invited",))
        self.submit(self.url(f"/pool/invitation/{row.id}/accept", self.member_2))
        self.assertEqual(row.state, "active")
        check = self.submit(self.url(f"{base}/put/check", self.member_2), points="30").text
        page = self.submit(self.url(f"{base}/put", self.member_2), points="30", form_key=self.key(check)).text
        self.assertIn("90 Points", page)
        self.assertIn("Anna", page)
        leaving = self.get(self.url(f"{base}/leave", self.member_2), "club_ben").text
        self.assertIn("30 Points", leaving)
        self.assertEqual(row.state, "active", "asking changes nothing")
        self.assertIn("You left", self.submit(self.url(f"{base}/leave", self.member_2)).text)
        self.get(self.url(f"{base}/close"))
        self.assertIn("closed", self.submit(self.url(f"{base}/close")).text)
        self.assertEqual(self.points_of(self.member, self.member_2), [60, 30])
        self.assertInvariantsHold()

    def test_abuse_14_whose_pool_it_is_not_finds_nothing(self):
        pool = self.env["club.pool"]._found(self.member, "Family")
        row = pool._invite(self.member, self.member_2)
        mine = pool._get_row(self.member)
        self.get(self.url("/pool", self.member_3), "club_cleo")
        for path in (
            f"/{pool.id}/invite",
            f"/{pool.id}/link",
            f"/{pool.id}/put",
            f"/{pool.id}/leave",
            f"/{pool.id}/close",
            f"/{pool.id}/remove/{mine.id}",
            f"/{pool.id}/terms/{mine.id}",
            f"/invitation/{row.id}/accept",
            f"/{pool.id + 999}/leave",
        ):
            self.submit(self.url(f"/pool{path}", self.member_3), status=404)
            self.submit(self.url(f"/pool{path}"), status=404)
        self.get(self.url(f"/pool/{pool.id}/leave", self.member_3), "club_cleo", status=404)
        self.assertEqual((row.state, mine.state, pool.state), ("invited", "active", "open"))

    def test_who_is_not_the_founder_changes_nobody(self):
        pool = self.env["club.pool"]._found(self.member, "Family")
        pool._invite(self.member, self.member_2)._accept()
        mine = pool._get_row(self.member)
        self.get(self.url("/pool", self.member_2), "club_ben")
        for path in (f"remove/{mine.id}", f"terms/{mine.id}"):
            self.submit(self.url(f"/pool/{pool.id}/{path}", self.member_2), status=404, role="contributor", sure="1")
        self.submit(self.url(f"/pool/{pool.id}/close", self.member_2))
        self.assertEqual((mine.role, mine.state, pool.state), ("founder", "active", "open"))

    def test_the_founder_sets_terms_and_takes_out(self):
        pool = self.env["club.pool"]._found(self.member, "Family")
        row = pool._invite(self.member, self.member_2)
        row._accept()
        self.get(self.url("/pool"))
        self.submit(self.url(f"/pool/{pool.id}/terms/{row.id}"), role="contributor", most="25")
        self.assertEqual((row.role, row.month_most), ("contributor", 25))
        self.submit(self.url(f"/pool/{pool.id}/terms/{row.id}"), role="founder", most="0")
        self.assertEqual(row.role, "contributor")
        self.assertIn("with their part", self.submit(self.url(f"/pool/{pool.id}/remove/{row.id}")).text)
        self.assertEqual(row.state, "active")
        self.submit(self.url(f"/pool/{pool.id}/remove/{row.id}"), sure="1")
        self.assertEqual(row.state, "left")

    def test_a_link_asks_first_and_lets_members_of_the_club_in(self):
        pool = self.env["club.pool"]._found(self.member, "Family")
        self.get(self.url("/pool"))
        self.submit(self.url(f"/pool/{pool.id}/link"))
        link = f"/club/pool/{pool.link}"
        self.assertIn(pool.link, self.get(self.url("/pool")).text)
        self.assertIn("invites you", self.get(link, "club_cleo").text)
        self.assertFalse(pool._get_row(self.member_3), "a link only shows a button")
        self.submit(link)
        self.assertEqual(pool._get_row(self.member_3).role, "contributor")
        self.get(f"{link}x", "club_cleo", status=404)
        new_test_user(self.env, "club_nobody", groups="base.group_portal", password="club_nobody")
        self.get(link, "club_nobody", status=404)

    def test_abuse_18_a_pools_name_is_text(self):
        page = self.get(self.url("/pool")).text
        self.submit(self.url("/pool/found"), name=PAYLOAD, form_key=self.key(page))
        self.assertNotIn("<svg onload", self.get(self.url("/pool")).text)


@tagged("post_install", "-at_install")
class TestCausePages(TogetherPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.env["club.cause"].create(
            {
                "club_id": cls.club.id,
                "name": "Trees",
                "story": "One tree a day.\nFor ever.",
                "beneficiary_id": cls.env["res.partner"].create({"name": "Trees e.V."}).id,
                "point_value": 0.05,
                "goal": 100,
                "is_public": True,
                "image_1920": PICTURE,
            }
        )

    def test_points_are_given_once_and_everybody_sees_the_total(self):
        self.post(150, "t")
        self.member.nickname = "Rosie"
        self.assertIn("Trees", self.get(self.url("/causes")).text)
        base = self.url(f"/causes/{self.cause.id}")
        self.assertIn("One tree a day.", self.get(base).text)
        check = self.submit(f"{base}/check", points="100", named="1").text
        self.assertIn("5.00", check)
        self.assertIn("50 Points", check)
        for _again in range(2):
            self.submit(f"{base}/give", points="100", named="1", form_key=self.key(check))
        self.assertEqual(self.points_of(self.member), [50])
        history = self.get(self.url("/history")).text
        self.assertIn("Donation to Trees, spent: −100 Points", history)
        self.authenticate(None, None)
        public = self.url_open(f"/club/cause/{self.cause.id}")
        self.assertIn("5.00", public.text)
        self.assertIn("Rosie", public.text)
        self.assertNotIn("Anna", public.text)
        self.assertEqual(self.url_open(f"/club/cause/{self.cause.id}/image").headers["Content-Type"], "image/png")

    def test_abuse_14_a_cause_that_is_not_public_or_not_for_the_member_is_not_there(self):
        self.cause.is_public = False
        for path in (f"/club/cause/{self.cause.id}", f"/club/cause/{self.cause.id}/image", "/club/cause/999999999"):
            self.authenticate(None, None)
            self.assertEqual(self.url_open(path).status_code, 404)
        self.get(f"/club/cause/{self.cause.id}/image")
        self.cause.audience_from_tier_id = self.env["club.tier"].create(
            {"club_id": self.club.id, "name": "Gold", "threshold": 1000}
        )
        self.get(self.url(f"/causes/{self.cause.id}"), status=404)
        self.submit(self.url(f"/causes/{self.cause.id}/give"), status=404, points="1")
        self.get(self.url(f"/causes/{self.cause.id}", self.member_2), status=404)

    def test_more_than_there_is_is_said_and_nothing_is_taken(self):
        self.post(10, "t")
        self.get(self.url("/causes"))
        base = self.url(f"/causes/{self.cause.id}")
        self.assertIn("You have 10 Points", self.submit(f"{base}/check", points="11").text)
        self.assertIn("can spend 10", self.submit(f"{base}/give", points="11", form_key="k").text)
        self.assertFalse(self.cause.donation_ids, "what failed leaves nothing")
        self.assertEqual(self.points_of(self.member), [10])

    def test_abuse_18_words_of_a_cause_are_text(self):
        self.cause.write({"name": PAYLOAD, "story": PAYLOAD})
        self.post(10, "t")
        self.member.nickname = PAYLOAD[:30]
        self.cause._give(self.member, 5, show_nickname=True)
        for path in (self.url("/causes"), self.url(f"/causes/{self.cause.id}"), f"/club/cause/{self.cause.id}"):
            self.assertNotIn("<svg onload", self.get(path).text)


@tagged("post_install", "-at_install")
class TestHonourPages(TogetherPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.env["club.cause"].create(
            {
                "club_id": cls.club.id,
                "name": "Trees",
                "beneficiary_id": cls.partner_3.id,
                "point_value": 0.05,
            }
        )
        cls.post(100, "t")
        cls.cause._give(cls.member, 77)

    def test_abuse_25_the_roll_shows_nicknames_of_who_agreed_and_neither_amounts_nor_dates(self):
        self.get(self.url("/honour"))
        self.assertIn("Tick the box", self.submit(self.url("/honour/join"), nickname="Rosie").text)
        self.submit(self.url("/honour/join"), nickname="Rosie", consent="1")
        page = self.get(self.url("/honour", self.member_2), "club_ben").text
        self.assertIn("<bdi>Rosie</bdi>", page)
        self.assertNotIn("Anna", page)
        main = re.sub(r"[0-9a-f]{7,}", "", page.split("<main")[-1].split("</main")[0])
        self.assertNotRegex(main, r"(?<!\d)77(?!\d)")  # a number of its own, not a part of a record's id
        self.get(self.url("/honour"))
        self.submit(self.url("/honour/leave"))
        self.assertNotIn("Rosie", self.get(self.url("/honour", self.member_2), "club_ben").text)

    def test_a_certificate_is_for_its_member_alone(self):
        pdf = self.get(self.url("/certificate/donor"))
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertEqual(pdf.headers["Cache-Control"], "no-store")
        self.get(self.url("/certificate/honour"), status=404)
        self.get(self.url("/certificate/donor"), "club_ben", status=404)
        self.get(self.url("/certificate/donor", self.member_2), "club_ben", status=404)

    def test_a_certificate_says_what_was_given_and_escapes_the_name(self):
        """abuse 18"""
        self.partner.name = PAYLOAD
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "customer_club.action_report_certificate", self.member.ids, data={"kind": "donor"}
        )
        html = html.decode()
        self.assertIn("Trees: ", html)
        self.assertIn("3.85", html)
        self.assertNotIn("<svg onload", html)

    def test_there_is_no_roll_where_the_club_has_none(self):
        self.club.honour_active = False
        self.get(self.url("/honour"), status=404)
        self.get(self.url("/gift"))
        self.submit(self.url("/honour/join"), status=404, nickname="Rosie", consent="1")
