"""Contests as a member's browser sees them: what is shown of whom, and what a form may change."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.test_portal_pages import PAYLOAD, ClubPortalCase
from odoo.http import Request
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestContestPages(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.contest = cls.env["club.contest"].create(
            {
                "club_id": cls.club.id,
                "name": "Visits",
                "date_from": today - timedelta(days=10),
                "date_to": today + timedelta(days=10),
                "type_ids": [Command.create({"event_type": "visit"})],
                "prize_ids": [Command.create({"points": 50})],
            }
        )
        cls.contest.action_open()
        cls.page = f"/my/club/{cls.member.id}/contests/{cls.contest.id}"

    @classmethod
    def visit(cls, member, number, type="visit", amount=0):  # noqa: A002 - the field's name
        cls.env["club.event"].sudo()._report(
            [
                {
                    "member_id": member.id,
                    "type": type,
                    "key": f"test,{member.id}:{type}:{count}",
                    "occurred_at": fields.Datetime.now() - timedelta(days=1, minutes=count),
                    "amount": amount,
                }
                for count in range(number)
            ]
        )

    def end(self):
        """The last day has passed. An open contest keeps its days, so time is turned back in the database."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_contest SET date_from = date_from - 30, date_to = date_to - 11 WHERE id = %s",
            (self.contest.id,),
        )
        self.env.invalidate_all()

    # -- taking part ---------------------------------------------------------------------------------

    def test_a_member_takes_part_changes_the_nickname_and_leaves(self):
        self.visit(self.member, 3)
        overview = self.get("/my/club").text
        self.assertIn(f"{self.url()}/contests", overview)
        self.assertIn("Take part: Visits", overview)
        self.assertIn("You take part", self.submit(f"{self.page}/join", nickname="Rosie", consent="1").text)
        self.assertRegex(self.get(self.page).text, r"You are number <strong>1</strong> of 1")
        self.submit(f"{self.page}/join", nickname="Rose")
        self.assertEqual(self.contest.participant_ids.nickname, "Rose")
        self.submit(f"{self.page}/leave")
        self.assertFalse(self.contest.participant_ids)
        self.assertNotIn("You are number", self.get(self.page).text)

    def test_a_closed_contest_says_that_one_took_part_and_leads_back_to_the_others(self):
        self.visit(self.member, 3)
        self.contest._opt_in(self.member, "Rosie")
        self.assertIn("You take part", self.get(f"{self.url()}/contests").text)
        self.end()
        self.contest.action_close()
        overview = self.get(f"{self.url()}/contests").text
        self.assertIn("You took part", overview)
        self.assertNotIn("You take part", overview)
        page = self.get(self.page).text
        self.assertIn(f'<a href="{self.url()}/contests">Contests</a>', page)
        self.assertRegex(page, r"of 1: <bdi>3 times</bdi>")

    def test_without_the_box_or_with_a_bad_nickname_nothing_is_saved_and_the_reason_is_told(self):
        self.get(self.page)
        self.assertIn("Tick the box", self.submit(f"{self.page}/join", nickname="Rosie").text)
        page = self.submit(f"{self.page}/join", nickname="rosie@example.com", consent="1").text
        self.assertIn("leave out e-mail", page)
        self.assertIn('value="rosie@example.com"', page, "what was typed is still there")
        self.assertFalse(self.contest.participant_ids)

    def test_reading_changes_nothing_and_a_form_needs_its_token(self):
        """abuse 19"""
        self.authenticate("club_anna", "club_anna")
        for path in ("/join", "/leave"):
            with self.subTest(path):
                self.assertIn(self.url_open(self.page + path).status_code, (404, 405))
                self.assertEqual(
                    self.url_open(self.page + path, data={"nickname": "x", "consent": "1"}).status_code, 400
                )
        self.assertFalse(self.contest.participant_ids)

    # -- what is shown of whom -----------------------------------------------------------------------

    def test_nothing_is_shown_of_who_did_not_opt_in(self):
        """abuse 25"""
        self.visit(self.member_2, 5)
        self.visit(self.member, 1)
        self.contest._opt_in(self.member, "Rosie")
        page = self.get(self.page).text
        self.assertNotIn("Ben", page)
        self.assertRegex(page, r"You are number <strong>1</strong> of 1")

    def test_of_others_there_is_a_nickname_and_a_bar_and_what_they_reached_only_if_a_manager_says_so(self):
        """abuse 25: neither names, nor numbers, nor amounts, nor moments."""
        self.visit(self.member_2, 37)
        self.visit(self.member, 1)
        self.contest._opt_in(self.member, "Rosie")
        self.contest._opt_in(self.member_2, "Benny")
        page = self.get(self.page).text
        self.assertIn("Benny", page)
        for secret in (self.member_2.number, self.partner_2.email, ">37<"):
            self.assertNotIn(secret, page)
        self.contest.show_measure = True
        self.assertIn(">37<", self.get(self.page).text)

    def test_amounts_are_never_shown_not_even_by_the_length_of_a_bar(self):
        """abuse 25"""
        contest = self.contest.copy({"measure": "amount", "show_measure": True})
        contest.type_ids.event_type = "purchase"
        contest.action_open()
        boards = []
        for amount in (5432109.87, 1):  # so long that no port or token of the page has it by chance
            self.env["club.event"].sudo()._record(
                [
                    {
                        "member_id": self.member_2.id,
                        "type": "purchase",
                        "key": f"test,{amount}",
                        "amount": amount,
                        "occurred_at": fields.Datetime.now() - timedelta(hours=1),
                    }
                ]
            )
            contest._opt_in(self.member_2, "Benny")
            boards.append(self.member._get_contest_board(contest)["rows"])
        self.assertEqual(boards[0], boards[1])
        page = self.get(f"{self.url()}/contests/{contest.id}").text
        for amount in ("5432109", "5432110", "5,432,109", "5,432,110"):
            self.assertNotIn(amount, page)

    def test_a_payload_in_every_text_stays_text(self):
        """abuse 18: nickname, name and description of the contest, gift; for other members and for staff."""
        self.contest.write(
            {
                "name": PAYLOAD,
                "description": PAYLOAD,
                "prize_ids": [Command.create({"kind": "gift", "gift": PAYLOAD, "place_to": 3})],
            }
        )
        self.visit(self.member, 1)
        self.visit(self.member_2, 2)
        self.contest._opt_in(self.member_2, "<svg onload=alert(1)>")
        self.contest._opt_in(self.member, "<b>&amp;'\"")
        for path in (self.page, f"{self.url()}/contests", "/my/club"):
            with self.subTest(path):
                page = self.get(path).text
                self.assertNotIn("<svg onload", page)
                self.assertNotIn("<b>&amp;'", page)
        self.assertIn("&lt;svg onload=alert(1)&gt;", self.get(self.page).text)
        self.end()
        self.contest.action_close()
        self.assertNotIn("<svg onload", self.get(self.page).text)

    # -- whose ---------------------------------------------------------------------------------------

    def test_another_member_an_absent_contest_and_one_of_another_club_are_the_same_404(self):
        """abuse 14"""
        club = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        foreign = self.contest.copy({"club_id": club.id})
        foreign.action_open()
        draft = self.contest.copy()
        self.authenticate("club_ben", "club_ben")
        absent = draft.id + 1000
        mine = f"/my/club/{self.member_2.id}/contests"
        for path in (
            self.page,
            f"{self.url()}/contests",
            *(f"{mine}/{which}" for which in (absent, foreign.id, draft.id)),
        ):
            with self.subTest(path):
                self.assertEqual(self.url_open(path).status_code, 404)
        for path in (f"{self.page}/join", f"{mine}/{foreign.id}/join", f"{mine}/{draft.id}/join", f"{self.page}/leave"):
            with self.subTest(path):
                token = Request.csrf_token(self)
                data = {"csrf_token": token, "nickname": "Thief", "consent": "1"}
                self.assertEqual(self.url_open(path, data=data).status_code, 404)
        self.assertFalse(self.env["club.contest.participant"].search([("nickname", "=", "Thief")]))
        self.assertEqual(self.url_open(f"{mine}/{self.contest.id}").status_code, 200)

    def test_pages_are_never_kept(self):
        """abuse 25: a cache ignores who asks."""
        for path in (self.page, f"{self.url()}/contests"):
            self.assertEqual(self.get(path).headers["Cache-Control"], "no-store")

    # -- empty, long, over ---------------------------------------------------------------------------

    def test_an_empty_list_and_an_empty_board_say_what_will_be_there(self):
        self.assertIn("stands here under a nickname", self.get(self.page).text)
        self.contest.action_cancel()
        self.assertIn("There is no contest yet", self.get(f"{self.url()}/contests").text)

    def test_a_long_board_comes_in_pages(self):
        """abuse 24: no page without a limit; each goes on where the one before ended."""
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(24)])
        for number, partner in enumerate(partners):
            member = self.club._enrol(partner)
            self.visit(member, 1 + number % 3)
            self.contest._opt_in(member, f"Nick-{number}")
        seen, after = [], 0
        while after is not None:
            board = self.member._get_contest_board(self.contest, after)
            seen += [row["nickname"] for row in board["rows"]]
            after = board["following"]
        self.assertEqual(len(seen), 24)
        self.assertEqual(len(set(seen)), 24)
        page = self.get(self.page).text
        self.assertEqual(page.count('name="club_contest_row"'), 20)
        self.assertEqual(self.get(f"{self.page}?after=20").text.count('name="club_contest_row"'), 4)
        self.assertEqual(self.get(f"{self.page}?after=x%27").text.count('name="club_contest_row"'), 20)

    def test_the_winner_reads_what_was_won_and_may_take_the_nickname_off(self):
        self.visit(self.member, 2)
        self.contest._opt_in(self.member, "Rosie")
        self.end()
        self.assertIn("late facts count until", self.get(self.page).text)
        self.contest.action_close()
        page = self.get(self.page).text
        self.assertIn("You have won", page)
        self.assertIn("50 Points", page)
        self.assertIn("Contest Visits: +50 Points", self.get(self.url("/history")).text)
        self.get(self.page)
        self.submit(f"{self.page}/leave")
        page = self.get(self.page).text
        self.assertNotIn("Rosie", page)
        self.assertRegex(page, r"You are number <strong>1</strong> of 1")
        self.assertEqual(self.contest.action_verify()["params"]["type"], "success")

    def test_a_called_off_contest_is_told_to_who_was_in_it(self):
        self.contest._opt_in(self.member, "Rosie")
        self.contest.action_cancel()
        self.assertIn("Cancelled", self.get(self.page).text)
        self.get(self.page.replace(str(self.member.id), str(self.member_2.id), 1), "club_ben", 404)
