"""Whether a club writes to members' devices at all."""

from odoo import api, fields, models


class ClubClub(models.Model):
    _inherit = "club.club"

    push_active = fields.Boolean(
        string="Notifications on Members' Devices",
        help="Members may switch on notifications of their browser, on their page “Profile and consents”. Browsers "
        "offer that only on sites with HTTPS. Nobody gets any without switching them on.",
    )
    push_device_count = fields.Integer(string="Devices", compute="_compute_push_device_count", compute_sudo=True)

    def _compute_push_device_count(self):
        counts = dict(self.env["club.push.device"]._read_group([("club_id", "in", self.ids)], ["club_id"], ["__count"]))
        for club in self:
            club.push_device_count = counts.get(club, 0)

    @api.model_create_multi
    def create(self, vals_list):
        clubs = super().create(vals_list)
        if clubs.filtered("push_active"):
            self._make_push_keys()
        return clubs

    def write(self, vals):
        result = super().write(vals)
        if vals.get("push_active"):
            self._make_push_keys()
        return result

    @api.model
    def _make_push_keys(self):
        """The shop's key pair, which Odoo's own notifications use too: made once, for the pages only read it."""
        self.env["mail.push.device"].sudo().get_web_push_vapid_public_key()

    @api.model
    def _cron_push_daily(self):
        """Every day: forget devices that are of no use any more, and tell members which points are about to expire."""
        if self.sudo().search_count([("push_active", "=", True)], limit=1):
            self._make_push_keys()
        self.env["club.push.device"]._clean()
        self.env["club.member"]._cron_tell_expiring()
