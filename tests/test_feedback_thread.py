"""What author and staff write to each other about a piece of feedback, and what each sees."""

from odoo.tests import tagged

from .test_feedback_portal import PAYLOAD, FeedbackPortalCase


@tagged("post_install", "-at_install")
class TestFeedbackThread(FeedbackPortalCase):
    def test_both_write_and_each_sees_what_is_meant_for_them(self):
        piece = self.say()
        staff = piece.with_user(self.judge)
        staff.message_post(body="We ask the landlord.", message_type="comment", subtype_xmlid="mail.mt_comment")
        staff.message_post(body="He is difficult.", message_type="comment", subtype_xmlid="mail.mt_note")
        self.assertEqual(piece.waiting_for, "member")
        page = self.get(piece.portal_path).text
        self.assertIn("We ask the landlord.", page)
        self.assertIn("Judith", page)
        self.assertNotIn("difficult", page)
        self.assertIn("We have answered you", self.get(self.url()).text)
        self.submit(f"{piece.portal_path}/reply", text="Tell him\nI insist")
        piece.invalidate_recordset()
        self.assertEqual(piece.waiting_for, "staff")
        reply = piece._get_public_messages()[-1]
        self.assertEqual((reply.author_id, reply.message_type), (self.partner, "comment"))
        self.assertIn(self.judge.partner_id, reply.notified_partner_ids, "the supervisor is told")
        self.assertIn("I insist", self.get(piece.portal_path).text)

    def test_the_author_gets_a_mail_that_leads_to_the_page(self):
        piece = self.say()
        with self.mock_mails() as mails:
            piece.with_user(self.judge).message_post(
                body="We ask the landlord.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            piece.with_user(self.judge).action_accept()
        told = [mail for mail in mails if self.partner in mail.recipient_ids]
        self.assertEqual(len(told), 2, "the answer, and the decision")
        for mail in told:
            self.assertIn(piece.portal_path, mail.body_html)
            self.assertNotIn("/mail/view", mail.body_html)

    def test_a_reply_by_mail_passes_the_turn_whatever_its_address(self):
        piece = self.say()
        for author in (self.partner, self.env["res.partner"].create({"name": "Anna's phone"}), None):
            piece.with_user(self.judge).message_post(
                body="Well?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            self.assertEqual(piece.waiting_for, "member")
            piece.message_post(
                body="Yes",
                message_type="email",
                subtype_xmlid="mail.mt_comment",
                author_id=author.id if author else False,
                email_from="anna@phone.example.com",
            )
            self.assertEqual(piece.waiting_for, "staff")

    def mock_mails(self):
        """Mails that are made meanwhile."""
        from contextlib import contextmanager  # noqa: PLC0415
        from unittest.mock import patch  # noqa: PLC0415

        made = []
        Mail = self.env.registry["mail.mail"]
        create = Mail.create

        def record(model, vals_list):
            mails = create(model, vals_list)
            made.extend(mails)
            return mails

        @contextmanager
        def mocked():
            with patch.object(Mail, "create", record), patch.object(Mail, "send", lambda *a, **k: True):
                yield made

        return mocked()

    def test_replies_have_limits(self):
        piece = self.say()
        self.authenticate("club_anna", "club_anna")
        for text in ("", " \x00", "x" * 2001):
            self.assertIn("alert-danger", self.submit(f"{piece.portal_path}/reply", text=text).text)
        self.submit(f"{piece.portal_path}/reply", text="Once")
        self.submit(f"{piece.portal_path}/reply", text="Once")
        self.assertEqual(len(piece._get_public_messages()), 1)
        for number in range(19):
            piece._reply_from_portal(self.partner, f"More {number}")
        self.assertIn("written a lot", self.submit(f"{piece.portal_path}/reply", text="Too much").text)
        piece._update_state("withdrawn")
        self.assertIn("alert-danger", self.submit(f"{piece.portal_path}/reply", text="Still").text)
        self.assertEqual(len(piece._get_public_messages()), 20)

    def test_a_reply_to_what_is_closed_comes_before_somebody(self):
        piece = self.say()
        piece.with_user(self.judge)._update_state("declined", answer="No")
        self.assertFalse(piece.activity_ids)
        piece._reply_from_portal(self.partner, "But why?")
        self.assertEqual(piece.activity_ids.user_id, self.judge)

    def test_decisions_are_told_in_the_members_language_and_in_the_shops_words(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.partner.lang = "de_DE"
        template = self.env.ref("customer_club.mail_template_feedback_declined")
        template.with_context(lang="de_DE").body_html = "<p>Nein: <t t-out='object.answer'/></p>"
        piece = self.say()
        wizard = self.env["club.feedback.answer"].with_user(self.judge)
        wizard.create(
            {"feedback_ids": piece.ids, "decision": "declined", "answer": f"{PAYLOAD} {{{{ object.env }}}}"}
        ).action_decide()
        told = piece._get_public_messages()[-1]
        self.assertIn("Nein: ", told.body)
        self.assertIn("{{ object.env }}", told.body, "what people type is no template (abuse.md 17)")
        self.assertNotIn("<script", told.body)
        self.assertNotIn("<img", told.body)

    def test_a_refusal_needs_an_answer_and_many_get_the_same(self):
        pieces = self.say() | self.say(self.member_2)
        wizard = self.env["club.feedback.answer"].with_user(self.judge)
        values = {"feedback_ids": pieces.ids, "decision": "declined"}
        with self.assertRaises(Exception) as refused:
            wizard.create({**values, "answer": " "}).action_decide()
        self.assertIn("reads your answer", str(refused.exception))
        self.assertEqual(set(pieces.mapped("state")), {"new"})
        wizard.create({**values, "answer": "The law"}).action_decide()
        self.assertEqual(set(pieces.mapped("state")), {"declined"})
        for piece in pieces:
            self.assertIn("The law", piece._get_public_messages()[-1].body)

    def test_a_link_in_a_mail_leads_a_customer_to_the_portal(self):
        piece = self.say()
        self.assertEqual(piece._get_access_action(access_uid=self.anna.id)["url"], piece.portal_path)
        self.assertEqual(piece.with_user(self.judge)._get_access_action()["type"], "ir.actions.act_window")
