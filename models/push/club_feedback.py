"""An answer to what a member wrote, on the devices of members who want that."""

from odoo import models


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    def _tell_authors(self, state):
        result = super()._tell_authors(state)
        told = self if state == "merged" else self._with_duplicates()
        self.env["club.push.message"]._queue([feedback._prepare_push(state) for feedback in told])
        return result

    def _prepare_push(self, state):
        feedback = self.member_id._with_push_lang(self)
        body = feedback.env._("There is an answer to what you wrote.")
        return self.member_id._prepare_push_note(
            "feedback",
            f"club.feedback,{self.id}:{state}",
            body,
            f"{body} {feedback.subject or ''}",
            path=self.portal_path,
        )
