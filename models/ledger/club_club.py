"""Which programs are a club's is cached, and what the ledger asks of a club: a club that comes, changes or goes clears
that.

And who alone may post how many points by hand is not for that person to say.
"""

from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache

#: Fields of a club that the ledger goes by.
LEDGER_FIELDS = frozenset(
    {
        "program_id",
        "company_id",
        "points_digits",
        "expiry_policy",
        "expiry_months",
        "expiry_month",
        "expiry_day",
        "expiry_grace_months",
        "calendar",
        "tz",
    }
)


class LedgerPolicy(NamedTuple):
    """What posting to an account of a club goes by, in the order in which an account has it."""

    company_id: int
    digits: int
    expiry: tuple
    calendar: str
    tz: str
    has_milestones: bool


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
        if LEDGER_FIELDS & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache()
    def _get_ledger_policies(self):
        """What the ledger goes by, of all clubs by id; cached, so that a sale need not read its club.

        :rtype: dict[int, LedgerPolicy]
        """
        clubs = self.sudo().with_context(active_test=False).search([])
        mails = clubs.env["loyalty.mail"].search([("trigger", "=", "points_reach")])
        return {
            club.id: LedgerPolicy(
                club.company_id.id,
                club.points_digits,
                (
                    club.expiry_policy,
                    club.expiry_months,
                    club.expiry_month,
                    club.expiry_day,
                    club.expiry_grace_months,
                ),
                club.calendar,
                club.tz,
                club.program_id in mails.program_id,
            )
            for club in clubs
        }

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
