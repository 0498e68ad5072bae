"""A fact about a member's behaviour, recorded once and never changed."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubEvent(models.Model):
    """Something a member did, named by a unique ``key``; rules turn it into ledger entries.

    An event only ever gains ``processed_at``. A document that changes records a further event (a revision).
    """

    _name = "club.event"
    _description = "Club Event"
    _order = "occurred_at desc, id desc"
    _log_access = False

    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    type = fields.Selection(
        [
            ("join", "Joined"), ("profile", "Completed the profile"), ("visit", "Visited"), ("purchase", "Bought"),
            ("survey", "Answered a survey"), ("feedback", "Gave feedback"), ("referral_click", "Brought a visitor"),
            ("referral_join", "Brought a member"), ("referral_purchase", "Brought a buyer"), ("occasion", "Occasion"),
            ("review", "Reviewed a product"), ("tier", "Reached a tier"), ("merchant_purchase", "Bought at a partner"),
            ("custom", "Other"),
        ],
        required=True, readonly=True,
    )
    occurred_at = fields.Datetime(required=True, readonly=True, index=True)
    key = fields.Char(required=True, readonly=True)
    amount = fields.Monetary(readonly=True, help="In the company's currency, as the club counts amounts.")
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True)
    payload = fields.Json(readonly=True)
    processed_at = fields.Datetime(readonly=True, index=True)

    _key_unique = models.Constraint("UNIQUE(key)", "This fact is recorded already.")
    _origin_idx = models.Index("(origin_model, origin_id)")

    @api.model
    def _record(self, vals_list):
        """Record facts once. See design §4: the same key again returns the first event; with different content it is an error.

        :param list[dict] vals_list: ``member_id, type, occurred_at, key, amount, origin (a record) or origin_model/origin_id, payload``.
        :return: events in the order of ``vals_list``.
        """
        raise NotImplementedError  # written by the earning room

    def write(self, vals):
        if set(vals) - {"processed_at"}:
            raise UserError(self.env._("A recorded event never changes. Record a further event instead."))
        return super().write(vals)

    def unlink(self):
        raise UserError(self.env._("A recorded event cannot be deleted: the ledger refers to it."))
