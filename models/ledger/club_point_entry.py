"""The ledger: one immutable row per movement of points."""

from odoo import api, fields, models


class ClubPointEntry(models.Model):
    _name = "club.point.entry"
    _description = "Club Point Entry"
    _order = "id desc"
    _log_access = False

    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    card_id = fields.Many2one("loyalty.card", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("earn", "Earned"), ("open", "Became spendable"), ("spend", "Spent"), ("expire", "Expired"),
            ("transfer", "Transferred"), ("adjust", "Adjusted"), ("opening", "Opening balance"), ("reverse", "Reversed"),
        ],
        required=True, readonly=True,
    )
    points = fields.Float(digits=(16, 2), required=True, readonly=True, help="Signed: what the member owns.")
    available = fields.Float(digits=(16, 2), required=True, readonly=True, help="Signed: what it does to the card's spendable points.")
    date = fields.Datetime(required=True, readonly=True)
    available_on = fields.Date(readonly=True, help="The day from which pending points may open; empty: not known yet.")
    expires_on = fields.Date(readonly=True, help="The first day on which the points can no longer be spent.")
    key = fields.Char(required=True, readonly=True)
    event_id = fields.Many2one("club.event", readonly=True, index="btree_not_null", ondelete="restrict")
    rule_id = fields.Many2one("club.earn.rule", readonly=True, index="btree_not_null", ondelete="restrict")
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True)
    reverses_id = fields.Many2one("club.point.entry", readonly=True, index="btree_not_null", ondelete="restrict")
    root_id = fields.Many2one(
        "club.point.entry", readonly=True, index="btree_not_null", ondelete="restrict",
        help="The entry that first issued these points; empty when this one did. It carries the cohort.",
    )
    happened = fields.Boolean(string="Already Happened", readonly=True, help="Told to us after the fact; it may exceed what was available.")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    note = fields.Char(readonly=True)
    detail = fields.Json(readonly=True, help="What an earning rule counted, line by line.")

    @api.model
    def _post(self, vals_list):
        raise NotImplementedError

    def _reverse(self, key=None, points=None):
        raise NotImplementedError
