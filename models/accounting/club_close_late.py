"""What came late: facts of a month that was closed already, which the next close takes up."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods

from .cohorts import Row


class ClubClose(models.Model):
    """A posted close never changes. What becomes known later of its month (an invoice with an earlier accounting date,
    an entry with an earlier day) is in the next close, because that compares sums since the beginning.
    """

    _inherit = "club.close"

    late_entry_count = fields.Integer(string="Late Entries", compute="_compute_late")
    late_deferral_count = fields.Integer(string="Late Invoices", compute="_compute_late")

    @api.depends("computed_at", "state")
    def _compute_late(self):
        Entry, Deferral = self.env["club.point.entry"].sudo(), self.env["club.deferral"].sudo()
        for close in self:
            before = close._get_before() if close.computed_at else close.browse()
            close.late_entry_count = Entry.search_count(before._get_late_entries(close)) if before else 0
            close.late_deferral_count = Deferral.search_count(before._get_late_deferrals(close)) if before else 0

    def action_view_late_entries(self):
        """Open the ledger's entries of closed months that this close takes up."""
        self.check_access("read")
        return self._open_late(
            self.env._("Late Entries"), "club.point.entry", self._get_before()._get_late_entries(self)
        )

    def action_view_late_deferrals(self):
        """Open what invoices of closed months put aside, or took back, that this close takes up."""
        self.check_access("read")
        return self._open_late(
            self.env._("Late Invoices"), "club.deferral", self._get_before()._get_late_deferrals(self)
        )

    # -- helpers -------------------------------------------------------------

    def _get_before(self):
        """The posted close of the month before."""
        self.ensure_one()
        return self.sudo().search(
            [("club_id", "=", self.club_id.id), ("state", "=", "posted"), ("date_to", "<", self.date_from)],
            order="date_to desc",
            limit=1,
        )

    def _get_late_entries(self, until=None):
        """Domain of entries with a day of this close's month or before, posted after it was computed.

        A close that was made before it kept the last entry that it saw lists none.

        :param until: the close that takes them up; else all so far.
        """
        if not self.last_entry_id:
            return [("id", "=", 0)]
        end = periods.day_bounds(self.date_to, self.club_id.tz)[1]
        return [
            ("club_id", "=", self.club_id.id),
            ("id", ">", self.last_entry_id),
            *([("id", "<=", until.last_entry_id)] if until else []),
            ("date", "<", fields.Datetime.to_string(end)),
        ]

    def _get_late_deferrals(self, until=None):
        """Domain of what was put aside with a day of this close's month or before, recorded after it was computed."""
        if not self:
            return [("id", "=", 0)]
        return [
            ("club_id", "=", self.club_id.id),
            ("date", "<=", fields.Date.to_string(self.date_to)),
            ("recorded_at", ">", fields.Datetime.to_string(self.computed_at)),
            *([("recorded_at", "<=", fields.Datetime.to_string(until.computed_at))] if until else []),
        ]

    def _get_without_money(self):
        """Domain of cohorts of sales that still have points, but none of the money that was put aside for them.

        A sale that is returned takes its money with it, and where its own points had been given away, other points of
        the member (books, rule 6). What was given away then (into a voucher that is not used yet, or is cancelled
        later) stands in the cohort of a sale that is no longer there. It is owed as points; what was put aside for the
        others that were taken in its place is revenue of the month of the return, and no consideration is left to be
        allocated (IFRS 15.74). At most what these points would cost by themselves is revenue too early.
        """
        rows = self.cohort_ids.filtered(lambda row: row.nature == "sale" and row.closing > 0 and row.closing_value <= 0)
        bare = [row.id for row in rows if self._has_no_money(Row(*map(Decimal, row.exact["row"])))]
        return [("id", "in", bare)]

    def _has_no_money(self, sums):
        """Did all that was put aside for a cohort go back with its sales? A cohort of which more was redeemed than
        expected has none left either, but that became revenue by being used.
        """
        return sums.reversed > 0 and sums.allocated - sums.returned < Decimal("0.005")

    def _open_late(self, name, model, domain):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }
