"""Facts about friends: how they become entries."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.earning_referral import TYPES


class ClubEvent(models.Model):
    _inherit = "club.event"

    # For the report, which reads these few among very many facts.
    _referral_idx = models.Index(
        "(occurred_at) WHERE type IN ('referral_click', 'referral_join', 'referral_purchase')"
    )

    @api.model
    def _prepare_award_values(self, row, award, batch):
        """A friend's purchase counts as of its day, weeks later when it is final: the points are of that later day.

        So no closed period gets entries, and the points live as long as any others.
        """
        values = super()._prepare_award_values(row, award, batch)
        if row.type in TYPES:
            now = fields.Datetime.now()
            values["date"] = now
            policy = batch.policies[row.club_id]
            rule = next(rule for rule in policy.rules if rule.id == award.rule_id)
            if rule.expiry_months:
                values["expires_on"] = periods.add_months(
                    periods.local_date(now, policy.tz), rule.expiry_months, policy.calendar
                )
        return values
