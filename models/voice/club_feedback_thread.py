"""The thread between a member and the shop: who is told what, and by which way."""

from odoo import api, fields, models
from odoo.tools import is_html_empty

#: State → the template by which the author is told of it.
TEMPLATES = {
    "accepted": "customer_club.mail_template_feedback_accepted",
    "declined": "customer_club.mail_template_feedback_declined",
    "done": "customer_club.mail_template_feedback_done",
    "merged": "customer_club.mail_template_feedback_merged",
}
#: More mails than this are left to the queue, so that a bulk decision does not wait for the mail server.
DIRECT_MAILS = 10


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    reward_text = fields.Char(compute="_compute_reward_text", help="The points it earned, in the reader's language.")
    portal_path = fields.Char(compute="_compute_portal_path")

    @api.depends("reward_event_id")
    @api.depends_context("lang")
    def _compute_reward_text(self):
        for feedback in self:
            points = feedback.sudo().points
            feedback.reward_text = feedback.sudo().club_id._show_points(points, signed=True) if points > 0 else ""

    @api.depends("member_id")
    def _compute_portal_path(self):
        for feedback in self:
            feedback.portal_path = f"/my/club/{feedback.member_id.id}/feedback/{feedback.id}"

    # -- activities ----------------------------------------------------------------------------------

    def _ask(self, user, summary, day, note=""):
        """Put it on somebody's list of things to do; nobody's, if there is nobody."""
        self.ensure_one()
        if user:
            self.sudo().activity_schedule(
                "customer_club.mail_activity_type_feedback",
                date_deadline=day or fields.Date.context_today(self),
                summary=summary,
                note=note,
                user_id=user.id,
            )

    def _ask_again(self, before):
        """What the supervisor ``before`` was asked to do is asked of the present one, by the present deadline."""
        self.ensure_one()
        feedback = self.sudo()
        kind = self.env.ref("customer_club.mail_activity_type_feedback")
        mine = feedback.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind and activity.user_id == before
        )
        if mine and feedback.user_id:
            mine.write({"user_id": feedback.user_id.id, "date_deadline": feedback.deadline})
        elif feedback.is_open:
            mine.unlink()
            feedback._ask(feedback.user_id, self.env._("Judge and answer"), feedback.deadline)

    def _close_activities(self):
        self.activity_feedback(["customer_club.mail_activity_type_feedback"])

    # -- telling -------------------------------------------------------------------------------------

    def _tell_authors(self, state):
        """Write the decision into the thread of each author, of duplicates too; mail follows as for any message.

        The wording is a mail template that the shop may change; what people typed is data in it (abuse.md 17).
        """
        template = self.env.ref(TEMPLATES[state], raise_if_not_found=False)
        told = self if state == "merged" else self._with_duplicates()
        if not template or not told:
            return
        bodies = template._render_field("body_html", told.ids, compute_lang=True)
        subjects = template._render_field("subject", told.ids, compute_lang=True)
        quick = len(told) <= DIRECT_MAILS
        for feedback in told.with_context(mail_notify_force_send=quick, mail_post_autofollow=False):
            if not is_html_empty(bodies[feedback.id]):
                feedback.message_post(
                    body=bodies[feedback.id],
                    subject=subjects[feedback.id],
                    message_type="auto_comment",
                    subtype_xmlid="mail.mt_comment",
                )

    def _reply(self, author, body):
        """The member writes into the thread, from the portal.

        :param author: the contact who writes; :param body: HTML
        """
        self.ensure_one()
        return self.with_context(mail_post_autofollow=False).message_post(
            author_id=author.id, body=body, message_type="comment", subtype_xmlid="mail.mt_comment"
        )

    def _message_post_after_hook(self, message, msg_values):
        """Note whose turn it is: the list shows who waits for whom. What is told with a decision asks for nothing."""
        result = super()._message_post_after_hook(message, msg_values)
        if message.message_type in ("comment", "email") and message.subtype_id == self.env.ref("mail.mt_comment"):
            for feedback in self.sudo():
                feedback._pass_turn(message.author_id)
        return result

    def _pass_turn(self, author):
        """Who writes and is no member of staff is on the member's side: a reply may come from another address."""
        staff = any(not user.share for user in author.user_ids)
        theirs = not staff or author in (self.author_id, self.partner_id)
        turn = "staff" if theirs else "member"
        if self.waiting_for != turn:
            self._set({"waiting_for": turn})
        if theirs and not self.is_open and not self.activity_ids:
            self._ask(self.user_id, self.env._("The member has written again"), None)

    # -- who sees what -------------------------------------------------------------------------------

    def _get_public_messages(self, limit=100):
        """The messages that the member may read, oldest first: neither notes nor what the system logs.

        :rtype: mail.message
        """
        self.ensure_one()
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("message_type", "in", ("comment", "email", "email_outgoing", "auto_comment")),
                    ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                    ("is_internal", "=", False),
                ],
                order="id desc",
                limit=limit,
            )
            .sorted("id")
        )

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """The author's mail leads to the page of the portal; nobody else outside gets a button."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if len(self) != 1:
            return groups
        author = self.sudo().author_id
        theirs = self.with_context(lang=author.lang or self.env.lang)
        button = {
            "active": True,
            "has_button_access": bool(author.user_ids),
            "button_access": {
                "url": f"{self.get_base_url()}{self.portal_path}",
                "title": theirs.env._("Read and answer"),
            },
        }
        return [["club_author", lambda data: data["id"] == author.id and data["type"] != "user", button], *groups]

    def _get_access_action(self, access_uid=None, force_website=False):
        """A member who follows a link to the record lands on its page."""
        self.ensure_one()
        user = self.env["res.users"].sudo().browse(access_uid) if access_uid else self.env.user
        if user.share or force_website:
            return {
                "type": "ir.actions.act_url",
                "url": self.sudo().portal_path,
                "target": "self",
                "res_id": self.id,
            }
        return super()._get_access_action(access_uid=access_uid, force_website=force_website)
