"""Steps of a prize, on the devices of members who want that."""

from odoo import models
from odoo.addons.customer_club.models.prize.club_redemption_notice import TEMPLATES


class ClubRedemption(models.Model):
    _inherit = "club.redemption"

    def _notify_member(self, state):
        result = super()._notify_member(state)
        if state in TEMPLATES:
            kinds = TEMPLATES[state][1]
            told = self.filtered(lambda redemption: not kinds or redemption.delivery in kinds)
            self.env["club.push.message"]._queue([redemption._prepare_push(state) for redemption in told])
        return result

    def _prepare_push(self, state):
        """What the member's devices show of a step: never a code, and the prize only where the member wants that."""
        redemption = self.member_id._with_push_lang(self)
        _ = redemption.env._
        body = {
            "ready": _("Your prize is ready."),
            "delivered": _("Your prize is here."),
            "refused": _("There is news of your prize."),
            "cancelled": _("There is news of your prize."),
            "returned": _("There is news of your prize."),
        }[state]
        return self.member_id._prepare_push_note(
            "prize",
            f"club.redemption,{self.id}:{state}",
            body,
            f"{body} {redemption.prize_id.name}",
            path=f"/my/club/{self.member_id.id}/redemptions",
        )
