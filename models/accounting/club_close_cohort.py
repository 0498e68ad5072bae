"""One cohort in one close: opening, what moved it, closing; in points and in money."""

from odoo import fields, models

#: What moves a cohort's points, and its money; each row: opening + these = closing.
POINT_MOVES = ("issued", "reversed", "redeemed", "expired")
MONEY_MOVES = ("allocated", "returned", "reestimated", "released")


class ClubCloseCohort(models.Model):
    _name = "club.close.cohort"
    _description = "Cohort of a Close"
    _order = "close_id desc, nature, cohort"
    _rec_name = "cohort"

    close_id = fields.Many2one("club.close", required=True, index=True, readonly=True, ondelete="cascade")
    club_id = fields.Many2one(related="close_id.club_id", store=True)
    company_id = fields.Many2one(related="close_id.company_id", store=True)
    currency_id = fields.Many2one(related="close_id.currency_id")
    nature = fields.Selection(
        [
            ("sale", "From sales"),
            ("free", "Free"),
            ("merchant", "Funded by partners"),
            ("opening", "Opening balances"),
        ],
        required=True,
        readonly=True,
    )
    cohort = fields.Date(required=True, readonly=True, help="First day of the month in which they were issued.")
    opening = fields.Float(string="Opening Points", digits=(16, 6), readonly=True)
    issued = fields.Float(digits=(16, 6), readonly=True)
    reversed = fields.Float(digits=(16, 6), readonly=True, help="Taken back by returns; negative.")
    redeemed = fields.Float(digits=(16, 6), readonly=True, help="Negative.")
    expired = fields.Float(digits=(16, 6), readonly=True, help="Negative.")
    closing = fields.Float(string="Closing Points", digits=(16, 6), readonly=True)
    opening_value = fields.Monetary(readonly=True)
    allocated = fields.Monetary(string="Put Aside", readonly=True)
    returned = fields.Monetary(readonly=True, help="Put aside for sales that came back; negative.")
    reestimated = fields.Monetary(readonly=True, help="Released by a changed estimate; negative.")
    released = fields.Monetary(readonly=True, help="Revenue, as points were redeemed or nobody can any more; negative.")
    closing_value = fields.Monetary(readonly=True)
    exact = fields.Json(readonly=True, help="Sums since the beginning, exact, from which the next close goes on.")
