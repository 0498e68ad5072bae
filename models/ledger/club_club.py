"""Which programs are a club's is cached: a club that comes, changes or goes clears that.

And who alone may post how many points by hand is not for that person to say.
"""

from odoo import api, models
from odoo.exceptions import AccessError


class ClubClub(models.Model):
    _inherit = "club.club"

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_adjust_limit")
        self._check_adjust_limit(max((vals.get("adjust_limit", default) or 0 for vals in vals_list), default=0), 0)
        clubs = super().create(vals_list)
        self.env.registry.clear_cache()
        return clubs

    def write(self, vals):
        if "adjust_limit" in vals:
            self._check_adjust_limit(vals["adjust_limit"] or 0, min(self.mapped("adjust_limit"), default=0))
        result = super().write(vals)
        if "program_id" in vals:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _check_adjust_limit(self, limit, before):
        """The second person is the one who may do without: a manager who raises the limit would approve alone."""
        if limit > before and not (self.env.su or self.env.user.has_group("customer_club.group_club_approver")):
            raise AccessError(
                self.env._(
                    "Raising the number of points that one person may adjust from %(before)s to %(limit)s needs "
                    "somebody with the right \u201cApprove point adjustments\u201d. Nothing was changed.",
                    before=before,
                    limit=limit,
                )
            )
