"""Web push as a campaign's channel, with the same consents, limits and quiet hours as the others."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    channel = fields.Selection(
        selection_add=[("push", "Notification on the member's device")], ondelete={"push": "set default"}
    )

    @api.constrains("channel", "club_id")
    def _check_push(self):
        for campaign in self:
            if campaign.channel == "push" and not campaign.club_id.push_active:
                raise ValidationError(
                    self.env._(
                        "%(club)s does not write to members' devices. Switch notifications on in the club's settings, "
                        "or choose another channel for %(campaign)s.",
                        club=campaign.club_id.name,
                        campaign=campaign.name,
                    )
                )

    def _get_address(self, member):
        if self.channel == "push":
            return "push" if member._get_push_devices() else ""
        return super()._get_address(member)

    def _find_reasons(self, members):
        reasons = super()._find_reasons(members)
        if self.channel != "push":
            return reasons
        return {member: "device" if reason == "address" else reason for member, reason in reasons.items()}

    def _say_channel(self):
        if self.channel == "push":
            return self.env._("a notification on their device")
        return super()._say_channel()
