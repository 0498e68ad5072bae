"""A further message of a campaign, so many days after the first: a welcome series, a reminder."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.exceptions import ValidationError


class ClubCampaignStep(models.Model):
    _name = "club.campaign.step"
    _description = "Further Message of a Campaign"
    _inherit = "club.bounded"
    _order = "campaign_id, after_days, id"
    _rec_name = "subject"

    campaign_id = fields.Many2one("club.campaign", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    after_days = fields.Integer(string="Days After", required=True, default=7, help="After the first message.")
    only_silent = fields.Boolean(
        string="Only If Not Yet", default=True, help="Not to members who have bought since the first message."
    )
    subject = fields.Char(required=True, translate=True)
    body = fields.Text(string="Message", required=True, translate=True)

    _days_positive = models.Constraint(
        "CHECK(after_days > 0 AND after_days <= 365)", "A further message comes 1 to 365 days after the first."
    )

    @api.constrains("subject", "body")
    def _check_placeholders(self):
        for step in self:
            unknown = engine_campaign.find_unknown(f"{step.subject} {step.body}")
            if unknown:
                raise ValidationError(step.campaign_id._say_unknown(unknown))

    @api.model_create_multi
    def create(self, vals_list):
        self.env["club.campaign"].browse([vals.get("campaign_id") for vals in vals_list])._check_change({"step_ids"})
        return super().create(vals_list)

    def write(self, vals):
        self.campaign_id._check_change({"step_ids"})
        if "campaign_id" in vals:
            self.env["club.campaign"].browse(vals["campaign_id"])._check_change({"step_ids"})
        return super().write(vals)

    def unlink(self):
        self.campaign_id._check_change({"step_ids"})
        return super().unlink()
