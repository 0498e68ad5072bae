"""How often and when members may be written to, and which results wait to be read."""

from odoo import fields, models
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.addons.customer_club.engine import periods
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    quiet_from = fields.Float(default=21.0, help="No campaign writes to members from this hour on, by their own clock.")
    quiet_to = fields.Float(string="Quiet Until", default=9.0, help="What fell into the quiet hours goes out then.")
    campaign_limit = fields.Integer(
        string="Most Messages", default=4, help="Of all campaigns together, to one member. 0: no limit."
    )
    campaign_limit_days = fields.Integer(string="Within Days", default=30)

    _quiet_hours = models.Constraint(
        "CHECK(quiet_from IS NULL OR quiet_to IS NULL"
        " OR quiet_from >= 0 AND quiet_from < 24 AND quiet_to >= 0 AND quiet_to < 24)",
        "Quiet hours go from 0:00 to 23:59. Write the same hour twice for none.",
    )
    _campaign_limits = models.Constraint(
        "CHECK(COALESCE(campaign_limit, 0) >= 0 AND COALESCE(campaign_limit_days, 1) > 0)",
        "The most messages of campaigns are 0 (no limit) or more, within one day or more.",
    )

    def _get_next_allowed(self, partner, now):
        """The first moment from ``now`` on (UTC) that is not in the quiet hours, by the clock of ``partner``."""
        self.ensure_one()
        tz = partner.tz or self.tz
        local = periods.local_datetime(now, tz)
        allowed = engine_campaign.next_allowed(local, self.quiet_from, self.quiet_to)
        return now if allowed == local else periods.utc_instant(allowed, tz)

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        unread = dict(
            self.env["club.campaign"]._read_group(self._get_unread_campaign_domain(), ["club_id"], ["__count"])
        )
        for club in self:
            if unread.get(club):
                todos[club.id]["campaigns"] = self.env._(
                    "Campaigns that ended, read what they brought: %(count)s",
                    count=formatLang(self.env, unread[club], digits=0),
                )
        return todos

    def _get_unread_campaign_domain(self):
        return [("club_id", "in", self.ids), ("state", "=", "done"), ("read_at", "=", False)]

    def _get_home_action(self, key):
        if key == "campaigns":
            return self._prepare_home_action(
                self.env._("Campaigns to Read"), "club.campaign", self._get_unread_campaign_domain()
            )
        return super()._get_home_action(key)
