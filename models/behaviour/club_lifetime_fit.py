"""One fit of the model of members' lifetimes to the club's own history."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubLifetimeFit(models.Model):
    """Parameters that fitted best on a day, with what they rest on. Never changed: the next fit is a further row."""

    _name = "club.lifetime.fit"
    _description = "Lifetime Model Fit"
    _order = "fitted_on desc, id desc"
    _log_access = False

    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    fitted_on = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("fitted", "Fitted"),
            ("few", "Too Few Customers"),
            ("failed", "No Parameters Found"),
        ],
        required=True,
        readonly=True,
    )
    customer_count = fields.Integer(string="Customers", readonly=True)
    repeat_count = fields.Integer(string="Customers Who Came Back", readonly=True)
    r = fields.Float(readonly=True, digits=(16, 6), aggregator=None)
    alpha = fields.Float(readonly=True, digits=(16, 6), aggregator=None)
    a = fields.Float(readonly=True, digits=(16, 6), aggregator=None)
    b = fields.Float(readonly=True, digits=(16, 6), aggregator=None)
    log_likelihood = fields.Float(readonly=True, digits=(16, 4), aggregator=None)
    spend_p = fields.Float(string="p", readonly=True, digits=(16, 6), aggregator=None)
    spend_q = fields.Float(string="q", readonly=True, digits=(16, 6), aggregator=None)
    spend_gamma = fields.Float(string="γ", readonly=True, digits=(16, 6), aggregator=None)
    spend_log_likelihood = fields.Float(readonly=True, digits=(16, 4), aggregator=None)

    @api.depends("club_id", "fitted_on")
    def _compute_display_name(self):
        for fit in self:
            fit.display_name = f"{fit.club_id.name}, {fit.club_id._show_day(fit.fitted_on)}" if fit.fitted_on else ""

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Fits are made by the nightly job and not typed in."))
        return super().create(vals_list)

    def write(self, vals):
        raise UserError(self.env._("A fit never changes. The next one is a further row."))
