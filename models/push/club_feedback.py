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
        self.ensure_one()
        feedback = self.with_context(lang=self.member_id.partner_id.lang or self.env.lang)
        body = feedback.env._("There is an answer to what you wrote.")
        return {
            "member": self.member_id,
            "topic": "feedback",
            "key": f"club.feedback,{self.id}:{state}",
            "title": feedback.club_id.name,
            "body": body,
            "details": (feedback.club_id.name, f"{body} {feedback.subject or ''}"),
            "path": self.portal_path,
        }
