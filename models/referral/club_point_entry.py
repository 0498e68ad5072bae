"""Points for friends, in the words of the member's history."""

from odoo import models


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    def _get_portal_subject(self, name):
        _ = self.env._
        if self.event_id.type in ("referral_join", "referral_purchase"):
            friend = (self.event_id.payload or {}).get("side") == "friend"
            if self.event_id.type == "referral_join":
                return _("You came through a friend") if friend else _("A friend joined")
            return _("Your purchase, thanks to a friend") if friend else _("A friend's purchase")
        if self.event_id.type == "referral_click":
            return _("A visitor through your link")
        return super()._get_portal_subject(name)
