"""The forum as members use it on the website: ask, answer, accept; and the club hears of it."""

from odoo.addons.customer_club.tests.test_community_forum import ForumCase
from odoo.http import Request
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestForumPages(ForumCase, HttpCase):
    def send(self, login, path, **data):
        self.authenticate(login, login)
        response = self.url_open(path, data={"csrf_token": Request.csrf_token(self), **data})
        self.assertEqual(response.status_code, 200, path)
        return response

    def toggle(self, login, post):
        self.authenticate(login, login)
        return self.make_jsonrpc_request(f"/forum/{self.forum.id}/post/{post.id}/toggle_correct", {})

    def test_a_member_asks_another_answers_and_the_accepted_answer_earns(self):
        self.earn_rule("forum", 10)
        self.earn_rule("forum", 3, forum_what="question")
        self.send(
            "forum_anna", f"/forum/{self.forum.id}/new", post_name="How deep do I plant?", content="<p>Roses.</p>"
        )
        question = self.forum.post_ids
        self.assertEqual((question.create_uid, question.state), (self.anna, "active"))
        self.assertEarned(3, "forum")
        self.send("forum_ben", f"/forum/{self.forum.id}/{question.id}/reply", content="<p>A hand deep.</p>")
        answer = question.child_ids
        self.assertEarned(0, "forum", self.member_2)
        self.assertEqual(self.toggle("forum_ben", answer), {"error": "own_post"})
        self.assertTrue(self.toggle("forum_anna", answer))
        self.assertEarned(10, "forum", self.member_2)
        self.assertFalse(self.toggle("forum_anna", answer))
        self.assertEarned(0, "forum", self.member_2)
        self.assertInvariantsHold()

    def test_the_forum_is_for_who_is_signed_in(self):
        self.ask()
        self.assertIn(self.url_open(f"/forum/{self.forum.id}").status_code, (403, 404))
        self.authenticate("forum_ben", "forum_ben")
        page = self.url_open(f"/forum/{self.forum.id}")
        self.assertEqual(page.status_code, 200)
        self.assertIn("How often do I water roses?", page.text)
