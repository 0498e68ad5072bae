"""A campaign's message on the member's devices."""

from odoo import fields, models
from odoo.addons.customer_club.engine import push as engine_push


class ClubCampaignTarget(models.Model):
    _inherit = "club.campaign.target"

    reason = fields.Selection(
        selection_add=[("device", "No device that takes notifications")], ondelete={"device": "set null"}
    )

    def _send_by_push(self):
        """Queue a notification for each device; who clicks it goes by the campaign's link, so that it counts."""
        self.env["club.push.message"]._queue(
            [target.member_id._with_push_lang(target)._prepare_push() for target in self]
        )

    def _prepare_push(self):
        """What the member's devices show: where the words hold amounts or codes, only that there is something."""
        self.ensure_one()
        subject, message = self._get_texts()
        title, body = self.title, self.words
        if engine_push.is_personal(subject):
            title = self.club_id.name
        if engine_push.is_personal(message):
            body = self.env._("There is something for you. Open it to see what.")
        return {
            "member": self.member_id,
            "topic": "campaign",
            "key": f"club.campaign.target,{self.id}",
            "title": title,
            "body": body,
            "details": (self.title, self.words),
            "path": self._get_path("go"),
            "until": self.ends_at,
            "target": self,
        }

    def _note_unreached(self, reason):
        """No device took the message. The member stays in its arm; what it was given with it is still its own, so such
        a row stays sent, with the reason: budgets count it.
        """
        given = self.filtered(lambda target: target.campaign_id.action != "message" and not target.step_id)
        sent = self.filtered(lambda target: target.state == "sent")
        (sent & given)._note(reason=reason)
        (sent - given)._note(state="skipped", reason=reason)
