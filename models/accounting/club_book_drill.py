"""From an amount in the journal to the member's purchase, and back."""

from odoo import fields, models
from odoo.addons.customer_club.engine import periods

from .club_close import ACCOUNTANT

#: What says of an entry which nature its points have; see ``cohorts.COHORTS``.
NATURES = {
    "sale": [("event_id.type", "=", "purchase")],
    "merchant": [("event_id.type", "=", "merchant_purchase")],
    "opening": [("kind", "=", "opening"), ("event_id", "=", False)],
    "free": [
        ("kind", "!=", "opening"),
        "|",
        ("event_id", "=", False),
        ("event_id.type", "not in", ("purchase", "merchant_purchase")),
    ],
}


class ClubCloseCohort(models.Model):
    _inherit = "club.close.cohort"

    def _get_bounds(self):
        """First and last day of the month of issue."""
        self.ensure_one()
        return self.club_id._get_period(self.cohort)

    def action_view_deferrals(self):
        """Open what invoices of the month of issue put aside, as this close saw it."""
        self.check_access("read")
        first, last = self._get_bounds()
        return self._open(
            self.env._("Put Aside in the Month of Issue"),
            "club.deferral",
            [
                ("club_id", "=", self.club_id.id),
                ("date", ">=", fields.Date.to_string(first)),
                ("date", "<=", fields.Date.to_string(last)),
                *((f"entry_id.{term[0]}", *term[1:]) if len(term) == 3 else term for term in NATURES[self.nature]),
            ],
        )

    def action_view_entries(self):
        """Open the entries of the ledger that brought points of this nature in the month of issue."""
        self.check_access("read")
        first, last = self._get_bounds()
        start, end = periods.range_bounds(first, fields.Date.add(last, days=1), self.club_id.tz)
        return self._open(
            self.env._("Points of the Month of Issue"),
            "club.point.entry",
            [
                ("club_id", "=", self.club_id.id),
                ("date", ">=", fields.Datetime.to_string(start)),
                ("date", "<", fields.Datetime.to_string(end)),
                ("kind", "in", ("earn", "opening", "adjust")),
                ("points", ">", 0),
                ("root_id", "=", False),
                *NATURES[self.nature],
            ],
        )

    def _open(self, name, model, domain):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }


class AccountMove(models.Model):
    _inherit = "account.move"

    club_deferral_count = fields.Integer(compute="_compute_club_books", groups=ACCOUNTANT)
    club_close_id = fields.Many2one("club.close", compute="_compute_club_books", groups=ACCOUNTANT)

    def _compute_club_books(self):
        counts = dict(self.env["club.deferral"]._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"]))
        closes = self.env["club.close"].search(
            [("move_id", "in", (self | self.reversed_entry_id).ids), ("move_id", "!=", False)]
        )
        by_move = {close.move_id.id: close for close in closes}
        for move in self:
            move.club_deferral_count = counts.get(move, 0)
            move.club_close_id = by_move.get(move.id) or by_move.get(move.reversed_entry_id.id) or False

    def action_view_club_deferrals(self):
        """Open what this invoice put aside for points."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put Aside for Points"),
            "res_model": "club.deferral",
            "views": [(False, "list"), (False, "form")],
            "domain": [("move_id", "=", self.id)],
        }

    def action_view_club_close(self):
        """Open the close that this entry was posted or reversed by."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.close",
            "res_id": self.club_close_id.id,
            "views": [(False, "form")],
        }
