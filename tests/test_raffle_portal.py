"""Raffles as a member's browser and the public see them."""

import json
from contextlib import closing
from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.raffle_common import VERIFIER, RaffleCase, freeze_time
from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

KEY = "abcdefgh12345678"


@tagged("post_install", "-at_install")
class TestRafflePages(RaffleCase, ClubPortalCase):
    """Requests live in the present, so the raffle does too; a played one lies in the past."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.now()
        cls.running = cls.make_raffle(
            name="Summer Raffle",
            opens_at=now - timedelta(hours=1),
            closes_at=now + timedelta(days=5),
            draws_at=now + timedelta(days=5, hours=1),
            legal_note="Organised by the shop.",
        )
        cls.running.action_open()
        cls.page = f"/my/club/{cls.member.id}/raffles/{cls.running.id}"
        cls.public = f"/raffle/{cls.running.public_id}"

    def played(self, raffle=None, **tickets):
        """The raffle of the past, drawn a minute ago as far as prizes are concerned: they can still be confirmed."""
        raffle = self.play(raffle or self.make_raffle(claim_days=90), **tickets)
        return raffle, f"/my/club/{self.member.id}/raffles/{raffle.id}"

    # -- buying --------------------------------------------------------------------------------------

    def test_from_the_overview_to_tickets_with_the_cost_told_before_it_is_taken(self):
        self.assertIn(f"{self.url()}/raffles", self.get("/my/club").text)
        self.assertIn("Summer Raffle", self.get(f"{self.url()}/raffles").text)
        page = self.get(self.page).text
        for text in ("Bicycle", "You have no ticket yet", "1 in 1", "Free entry", "Organised by the shop."):
            self.assertIn(text, page)
        confirm = self.get(f"{self.page}/buy?quantity=3").text
        self.assertRegex(confirm, r"club_raffle_cost[^>]*><bdi>30 Points")
        self.assertRegex(confirm, r"club_raffle_rest[^>]*><bdi>970 Points")
        self.assertEqual(self.member.points, 1000, "looking takes nothing")
        page = self.submit(f"{self.page}/buy", quantity="3", form_key=KEY).text
        self.assertIn("You have got 3 tickets", page)
        self.assertEqual(page.count('name="club_raffle_ticket"'), 3)
        self.assertEqual(self.member.points, 970)
        self.assertNotIn("You have got", self.get(self.page).text, "the message is shown once")
        self.assertInvariantsHold()

    def test_the_same_form_sent_twice_buys_once(self):
        self.get(self.page)
        for _again in range(2):
            self.assertIn("You have got a ticket", self.submit(f"{self.page}/buy", quantity="1", form_key=KEY).text)
        self.assertEqual((self.member.points, self.running.ticket_number), (990, 1))

    def test_refusals_say_why_and_take_nothing(self):
        self.get(self.page)
        for data, words in (
            ({"quantity": "0", "form_key": KEY}, "Choose 1 to"),
            ({"quantity": "x", "form_key": KEY}, "Choose 1 to"),
            ({"quantity": "-5", "form_key": KEY}, "Choose 1 to"),
            ({"quantity": "101", "form_key": KEY}, "choose fewer"),
            ({"quantity": "1", "form_key": ""}, "not complete"),
            ({"quantity": "1", "form_key": "short"}, "not complete"),
            ({"quantity": "1"}, "not complete"),
        ):
            with self.subTest(data):
                self.assertIn(words, self.submit(f"{self.page}/buy", **data).text)
        self.post(-995, "gone")
        self.assertIn("do not have enough", self.get(f"{self.page}/buy?quantity=1").text)
        self.assertRegex(self.submit(f"{self.page}/buy", quantity="1", form_key=KEY).text, "alert-danger")
        self.assertEqual((self.member.points, self.running.ticket_number), (5, 0))
        self.assertInvariantsHold()

    def test_persian_digits_are_numbers_too(self):
        self.get(self.page)
        self.submit(f"{self.page}/buy", quantity="۲", form_key=KEY)
        self.assertEqual(self.running.ticket_number, 2)

    def test_tickets_that_are_gone_between_look_and_click_are_told(self):
        raffle = self.running
        limited = self.make_raffle(
            name="Small", opens_at=raffle.opens_at, closes_at=raffle.closes_at, draws_at=raffle.draws_at, max_bought=2
        )
        limited.action_open()
        page = f"/my/club/{self.member.id}/raffles/{limited.id}"
        self.assertIn("Buy now", self.get(f"{page}/buy?quantity=2").text)
        limited._buy(self.member_2, 1, "ben")
        self.assertIn("1 more tickets", self.submit(f"{page}/buy", quantity="2", form_key=KEY).text)
        self.assertEqual(self.member.points, 1000)

    def test_a_free_entry_is_a_button_once(self):
        self.get(self.page)
        self.assertIn("your free ticket", self.submit(f"{self.page}/enter", form_key=KEY).text)
        page = self.submit(f"{self.page}/enter", form_key=KEY).text
        self.assertIn("your free ticket", page, "the same form again is the same ticket")
        page = self.submit(f"{self.page}/enter", form_key="another-key-1234").text
        self.assertIn("no free entry left", page)
        self.assertIn("You have had your free entry", page)
        self.assertEqual((self.running.free_number, self.member.points), (1, 1000))

    def test_reading_changes_nothing_and_a_form_needs_its_token(self):
        """abuse 19"""
        self.authenticate("club_anna", "club_anna")
        for path in ("/enter", "/claim", "/nickname"):
            with self.subTest(path):
                self.assertIn(self.url_open(self.page + path).status_code, (404, 405))
        for path in ("/buy", "/enter", "/claim", "/nickname"):
            answer = self.url_open(self.page + path, data={"quantity": "1", "form_key": KEY, "place": "1", "show": "1"})
            self.assertEqual(answer.status_code, 400, path)
        self.assertEqual((self.running.ticket_number, self.member.points), (0, 1000))

    def test_two_spends_at_once_are_one_and_a_429(self):
        """abuse 24"""
        self.get(self.page)
        with closing(db_connect(self.env.cr.dbname).cursor()) as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(hashtext('club.spend'), %s)", [self.partner.commercial_partner_id.id]
            )
            for path in ("/buy", "/enter"):
                with mute_logger("odoo.http"):
                    answer = self.submit(f"{self.page}{path}", status=429, quantity="1", form_key=KEY)
                self.assertIn("Retry-After", answer.headers)
        self.assertEqual(self.running.ticket_number, 0)

    def test_the_same_404_for_anothers_pages_other_clubs_and_what_is_absent(self):
        """abuse 14"""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        club = self.env["club.club"].create({"name": "Other", "company_id": company.id, "tz": "UTC"})
        foreign = self.make_raffle(club_id=club.id)
        self.open(foreign)
        draft = self.make_raffle()
        for path in (
            f"/my/club/{self.member_2.id}/raffles",
            f"/my/club/{self.member_2.id}/raffles/{self.running.id}",
            f"/my/club/{self.member.id}/raffles/{foreign.id}",
            f"/my/club/{self.member.id}/raffles/{draft.id}",
            f"/my/club/{self.member.id}/raffles/99999999",
            f"{self.page}/certificate/1",
            f"/raffle/{draft.public_id}",
            "/raffle/0123456789abcdef",
            f"{self.public}/tickets.txt",
            f"{self.public}/proof.json",
            f"{self.public}/certificate.pdf",
            f"{self.public}/../../etc/passwd",
        ):
            with self.subTest(path):
                self.get(path, status=404)
        self.submit(f"/my/club/{self.member_2.id}/raffles/{self.running.id}/buy", status=404, quantity=1, form_key=KEY)
        self.assertEqual(self.member_2.points, 1000)

    def test_where_law_forbids_raffles_no_page_is_there(self):
        self.club.raffles_allowed = False
        for path in (f"{self.url()}/raffles", self.page, self.public, f"{self.public}/rules.json"):
            self.get(path, status=404)
        self.assertNotIn("raffles", self.get("/my/club").text)

    def test_who_is_not_in_the_audience_sees_nothing(self):
        group = self.env["res.partner.category"].create({"name": "Gardeners"})
        now = fields.Datetime.now()
        raffle = self.make_raffle(
            name="For Gardeners",
            audience_group_ids=group.ids,
            opens_at=now,
            closes_at=now + timedelta(days=2),
            draws_at=now + timedelta(days=3),
        )
        raffle.action_open()
        self.get(f"/my/club/{self.member.id}/raffles/{raffle.id}", status=404)
        self.assertNotIn("For Gardeners", self.get(f"{self.url()}/raffles").text)

    def test_many_tickets_are_shown_page_by_page(self):
        """abuse 24: no page without a limit."""
        self.running._buy(self.member, 60, "many")
        page = self.get(self.page).text
        self.assertEqual(page.count('name="club_raffle_ticket"'), 20)
        self.assertEqual(self.get(f"{self.page}?after=50").text.count('name="club_raffle_ticket"'), 10)

    # -- after the draw ------------------------------------------------------------------------------

    def test_the_winner_confirms_and_takes_the_certificate(self):
        raffle, page = self.played()
        winner = raffle.winner_ids.filtered(lambda winner: winner.member_id == self.member)
        self.assertIn("You have won", self.get("/my/club").text)
        self.assertIn("Yes, I want it", self.get(page).text)
        self.get(f"{page}/certificate/{winner.place}", status=404)
        other = raffle.winner_ids - winner
        self.assertIn("no prize", self.submit(f"{page}/claim", place=other.place).text)
        self.assertIn("Your prize is confirmed", self.submit(f"{page}/claim", place=winner.place).text)
        self.assertEqual((winner.state, other.state), ("claimed", "called"))
        answer = self.get(f"{page}/certificate/{winner.place}")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.get(f"{page}/certificate/{other.place}", status=404)

    def test_a_ticket_can_be_looked_up_in_the_list(self):
        raffle, page = self.played()
        listing = raffle._read_file("list_file").decode().splitlines()
        won, lost = raffle.winner_ids[0].code, listing[0]
        if lost in raffle.winner_ids.mapped("code"):
            lost = next(code for code in listing if code not in raffle.winner_ids.mapped("code"))
        for base in (page, f"/raffle/{raffle.public_id}"):
            self.assertRegex(
                self.get(f"{base}?code={won.lower()}").text,
                rf"number <strong>{listing.index(won) + 1}</strong> of 10[^<]*(<[^>]*>)*\s*It was drawn for place 1",
            )
            self.assertIn("It was not drawn", self.get(f"{base}?code={lost}").text)
            for wrong in ("0000099-AAAA-AAAA-AAAA", won[:-1], won[8:], "0"):
                self.assertIn("is not in the list", self.get(f"{base}?code={wrong}").text, wrong)

    def test_everybody_can_take_the_files_and_prove_the_draw(self):
        raffle, _page = self.played()
        self.authenticate(None, None)
        base = f"/raffle/{raffle.public_id}"
        files = {}
        for name in ("rules.json", "tickets.txt", "proof.json", "verify_raffle.py"):
            answer = self.url_open(f"{base}/{name}")
            self.assertEqual((answer.status_code, answer.headers["X-Content-Type-Options"]), (200, "nosniff"))
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            files[name] = answer.content
        self.assertEqual(self.verify(files["proof.json"], files["tickets.txt"])[0], 0)
        self.assertEqual(files["verify_raffle.py"], VERIFIER.read_bytes())
        self.assertEqual(raffle._hash(files["rules.json"]), raffle.rules_hash)
        self.assertEqual(json.loads(files["proof.json"])["list"]["sha256"], raffle.list_hash)
        page = self.url_open(base).text
        for secret in ("Anna", "anna@", self.member.number, "Notary"):
            self.assertNotIn(secret, page)
        self.assertEqual(self.url_open(f"{base}/certificate.pdf").headers["Content-Type"], "application/pdf")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, _type = report._render_qweb_pdf("customer_club.club_raffle_report", raffle.ids)
        self.assertEqual(content[:4], b"%PDF")

    def test_a_nickname_is_shown_only_if_its_owner_says_so(self):
        """abuse 25"""
        (self.member | self.member_2).write({"nickname": "Rosie"})
        self.member_2.nickname = "Benny"
        raffle, page = self.played()
        base = f"/raffle/{raffle.public_id}"
        self.assertNotIn("Rosie", self.get(base).text)
        self.submit(f"{page}/nickname", show="1")
        shown = self.get(base).text
        self.assertIn("Rosie", shown)
        self.assertNotIn("Benny", shown)
        self.submit(f"{page}/nickname")
        self.assertNotIn("Rosie", self.get(base).text)

    def test_between_freezing_and_drawing_the_page_says_list_and_round(self):
        now = fields.Datetime.now()
        raffle = self.make_raffle(draws_at=now + timedelta(days=1))
        self.open(raffle)
        self.buy(2, raffle=raffle)
        self.freeze(raffle)
        for page in (f"/my/club/{self.member.id}/raffles/{raffle.id}", f"/raffle/{raffle.public_id}"):
            text = self.get(page).text
            self.assertIn(raffle.list_hash, text)
            self.assertIn(str(raffle.round_no), text)
        self.assertEqual(self.get(f"/raffle/{raffle.public_id}/tickets.txt").content, raffle._read_file("list_file"))

    def test_a_raffle_called_off_says_why_to_who_had_tickets_and_to_the_public(self):
        self.running._buy(self.member, 2, "x")
        self.running._void("The bicycle was stolen")
        for page in (self.page, self.public):
            self.assertIn("The bicycle was stolen", self.get(page).text)
        self.get(f"/my/club/{self.member_2.id}/raffles/{self.running.id}", login="club_ben", status=404)
        self.running.active = False
        self.assertIn("The bicycle was stolen", self.get(self.public).text, "abuse 23: what was published stays")

    def test_what_people_typed_is_text_on_every_page_and_in_the_pdf(self):
        """abuse 18"""
        self.partner.name = PAYLOAD
        self.member.nickname = "<b>x"
        raffle = self.make_raffle(
            claim_days=90,
            name=PAYLOAD,
            description=PAYLOAD,
            legal_note=PAYLOAD,
            prize_ids=[(0, 0, {"name": PAYLOAD})],
        )
        raffle, page = self.played(raffle, ben=0)
        raffle.entrant_ids._set({"show_nickname": True})
        base = f"/raffle/{raffle.public_id}"
        for path in (page, base, f"{page}?code={PAYLOAD}", f"{base}?code={PAYLOAD}", f"{self.url()}/raffles"):
            text = self.get(path).text
            self.assertNotIn("<svg onload", text, path)
            self.assertNotIn("<b>x", text, path)
        self.submit(f"{page}/claim", place=1)
        report = self.env["ir.actions.report"]
        for name, record in (
            ("customer_club.club_raffle_winner_report", raffle.winner_ids[:1]),
            ("customer_club.club_raffle_report", raffle),
        ):
            html = report._render_qweb_html(name, record.ids)[0].decode()
            self.assertNotIn("<svg onload", html)
            self.assertIn("&lt;svg onload", html)

    def test_personal_pages_are_kept_by_nobody(self):
        """abuse 25"""
        for path in (f"{self.url()}/raffles", self.page, f"{self.page}/buy?quantity=1"):
            self.assertEqual(self.get(path).headers["Cache-Control"], "no-store", path)

    def test_prizes_that_wait_to_be_confirmed_stand_first_among_the_things_to_do(self):
        with freeze_time(self.start):
            self.post(10, "e", expires_on=fields.Date.today() + timedelta(days=70))
        self.played()
        self.assertIn("You have won", self.member.with_user(self.anna).sudo()._get_portal_values()["steps"][0]["text"])
