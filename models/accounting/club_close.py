"""The close of a month: what the points of a club are worth, and the entry that says so."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import liability
from odoo.exceptions import AccessError, UserError

from .club_close_cohort import MONEY_MOVES
from .cohorts import NOTHING, Row, read_cohorts

ACCOUNTANT = "customer_club.group_club_accountant"
STEPS = {
    "state": "draft",
    "move_id": False,
    "computed_at": False,
    "posted_by_id": False,
    "estimate_id": False,
    "channels": False,
    "analytic": False,
    "last_entry_id": 0,
}
ZERO = Decimal(0)


class ClubClose(models.Model):
    """Cumulative totals of every cohort, rounded, less what earlier closes posted: so nothing is lost by rounding, and
    a fact that comes late falls into the next close by itself.
    """

    _name = "club.close"
    _description = "Close of a Club's Books"
    _inherit = ["mail.thread", "club.owned"]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, readonly=True)
    state = fields.Selection(
        [("draft", "Preview"), ("posted", "Posted"), ("reversed", "Reversed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    estimate_id = fields.Many2one("club.estimate", readonly=True, copy=False, ondelete="restrict")
    cohort_ids = fields.One2many("club.close.cohort", "close_id", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True, copy=False, ondelete="restrict")
    computed_at = fields.Datetime(readonly=True, copy=False)
    last_entry_id = fields.Integer(string="Last Entry Seen", readonly=True, copy=False, help="Later ones are late.")
    posted_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    opening_value = fields.Monetary(compute="_compute_totals")
    closing_value = fields.Monetary(compute="_compute_totals")
    closing_points = fields.Float(compute="_compute_totals", digits=(16, 2))

    _period_valid = models.Constraint("CHECK(date_from <= date_to)", "A period ends on or after the day it begins.")
    _period_unique = models.UniqueIndex(
        "(club_id, date_from) WHERE state <> 'reversed'", "This month of the club is closed, or being closed, already."
    )

    preview = fields.Html(string="The Entry", compute="_compute_preview")

    # -- computes ------------------------------------------------------------

    def _compute_preview(self):
        """What will be posted, as it will look in the journal."""
        Account = self.env["account.account"].sudo()  # names only; who reads a close need not read the chart
        for close in self:
            lines = close._prepare_move_lines() if close.computed_at else []
            close.preview = self.env["ir.qweb"]._render(
                "customer_club.club_close_preview",
                {
                    "close": close,
                    "lines": [
                        {
                            **line,
                            "account": Account.browse(line["account_id"]).display_name,
                            "analytic": close._say_distribution(line.get("analytic_distribution")),
                        }
                        for line in lines
                    ],
                },
            )

    @api.depends("date_from", "club_id")
    def _compute_display_name(self):
        for close in self:
            days = f"{close.date_from} – {close.date_to}" if close.date_from else self.env._("New close")
            close.display_name = f"{close.club_id.name or ''} {days}".strip()

    def _compute_totals(self):
        sums = {
            close.id: values
            for close, *values in self.env["club.close.cohort"]._read_group(
                [("close_id", "in", self.ids)],
                ["close_id"],
                ["opening_value:sum", "closing_value:sum", "closing:sum"],
            )
        }
        for close in self:
            close.opening_value, close.closing_value, close.closing_points = sums.get(close.id, (0, 0, 0))

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A close is of the next open month of its club, whatever the caller says."""
        Club = self.env["club.club"]
        prepared = []
        for vals in vals_list:
            club = Club.browse(vals.get("club_id") or self.default_get(["club_id"]).get("club_id"))
            first, last = self._get_next_period(club)
            prepared.append({**vals, **STEPS, "club_id": club.id, "date_from": first, "date_to": last})
        return super().create(prepared)

    def write(self, vals):
        if (STEPS.keys() | {"club_id", "date_from", "date_to", "cohort_ids"}) & vals.keys():
            raise AccessError(self.env._("Use the buttons of the close: its figures follow from ledger and invoices."))
        return super().write(vals)

    def _step(self, vals):
        """Set what only the steps set."""
        return super(ClubClose, self.sudo()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        fixed = self.filtered(lambda close: close.state != "draft")
        if fixed:
            raise UserError(
                self.env._("%(close)s is part of the books and stays. Reverse it instead.", close=fixed[0].display_name)
            )

    # -- actions -------------------------------------------------------------

    def action_compute(self):
        """Compute the preview anew."""
        self._check_group()
        for close in self:
            close._check_state("draft")
            close._compute_close()

    def action_post(self):
        """Compute a last time, and post the entry."""
        self._check_group()
        for close in self:
            close._check_state("draft")
            close._lock()
            close._compute_close()
            close._check_lock_dates()
            move = close._make_move()
            close._step({"state": "posted", "move_id": move.id, "posted_by_id": self.env.uid})

    def action_reverse(self):
        """Take back the last close; its month is open again."""
        self._check_group()
        for close in self:
            close._check_state("posted")
            if self._get_last(close.club_id) != close:
                raise UserError(
                    self.env._(
                        "Later months are closed. Reverse the last close of %(club)s first.", club=close.club_id.name
                    )
                )
            close._check_lock_dates()
            if close.move_id:
                close.move_id._reverse_moves([{"date": close.date_to, "ref": close.display_name}], cancel=False)._post()
            close._step({"state": "reversed"})

    def action_view_move(self):
        """Open the posted entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }

    def action_view_liability(self):
        """Open what the liability account carries until the end of the month."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.club_id.liability_account_id.display_name,
            "res_model": "account.move.line",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("account_id", "=", self.club_id.liability_account_id.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", self.date_to),
            ],
        }

    # -- periods -------------------------------------------------------------

    @api.model
    def _get_last(self, club):
        """The last posted close of a club."""
        return self.sudo().search([("club_id", "=", club.id), ("state", "=", "posted")], order="date_to desc", limit=1)

    @api.model
    def _get_next_period(self, club):
        """First and last day of the month to be closed next.

        :raises UserError: the books are not set up, with what is missing; or the month is not over yet.
        """
        gaps = club._get_book_gaps()
        if gaps:
            raise UserError("\n".join(gaps))
        last = self._get_last(club)
        first, end = club._get_period(fields.Date.add(last.date_to, days=1) if last else club.close_from)
        if end >= club._get_today():
            raise UserError(
                self.env._(
                    "The next month of %(club)s to be closed ends on %(day)s. Close it when it is over.",
                    club=club.name,
                    day=end,
                )
            )
        return first, end

    # -- computing -----------------------------------------------------------

    def _compute_close(self):
        """Roll every cohort forward from the last close."""
        self.ensure_one()
        club = self.club_id
        self.env["club.deferral"].sudo()._record(club.sudo())
        estimate = club._get_estimate(self.date_to)
        now = read_cohorts(self.env, club.sudo(), self.date_to)
        before = self._read_last_cohorts()
        values = []
        for key in sorted(now.keys() | before.keys()):
            row = self._roll(key, now.get(key, NOTHING), before.get(key), estimate)
            if row:
                values.append(row)
        self.sudo().cohort_ids.unlink()
        self.env["club.close.cohort"].sudo().create(values)
        self._step(
            {
                "computed_at": fields.Datetime.now(),
                "estimate_id": estimate.id,
                "last_entry_id": self.env["club.point.entry"].sudo().search([], order="id desc", limit=1).id,
            }
        )
        self.invalidate_recordset()

    def _read_last_cohorts(self):
        """The newest posted row of every cohort; one that is settled has none in the closes since."""
        newest = (
            self.env["club.close.cohort"]
            .sudo()
            ._read_group(
                [("club_id", "=", self.club_id.id), ("close_id.state", "=", "posted")],
                ["nature", "cohort:day"],
                ["id:max"],
            )
        )
        rows = self.env["club.close.cohort"].sudo().browse([row_id for _nature, _cohort, row_id in newest])
        return {(row.nature, row.cohort): row for row in rows}

    def _roll(self, key, row, before, estimate):
        """Values of one cohort's row: opening + movements = closing."""
        nature, cohort = key
        exact = before.exact if before else {}
        old = Row(*map(Decimal, exact["row"])) if before else NOTHING
        posted = {name: Decimal(exact["posted"][name]) if before else ZERO for name in MONEY_MOVES}
        target = self._value(row, old, posted, estimate)
        moved = {name: target[name] - posted[name] for name in MONEY_MOVES}
        opening, closing = (r.issued - r.reversed - r.redeemed - r.expired for r in (old, row))
        if not any((opening, closing, *moved.values(), *(a - b for a, b in zip(row, old, strict=True)))):
            return None
        opening_value = sum(posted.values(), ZERO)
        return {
            "close_id": self.id,
            "nature": nature,
            "cohort": cohort,
            "opening": opening,
            "issued": row.issued - old.issued,
            "reversed": old.reversed - row.reversed,
            "redeemed": old.redeemed - row.redeemed,
            "expired": old.expired - row.expired,
            "closing": closing,
            "opening_value": opening_value,
            **moved,
            "closing_value": opening_value + sum(moved.values(), ZERO),
            "exact": {"row": list(map(str, row)), "posted": {name: str(target[name]) for name in MONEY_MOVES}},
        }

    def _value(self, row, old, posted, estimate):
        """What should have been posted of a cohort since its issue, by kind of movement, rounded to the currency."""
        digits = self.currency_id.decimal_places
        rate = Decimal(str(round(estimate.rate, 4)))
        aside, returned = liability.rounded(row.allocated, digits), liability.rounded(row.returned, digits)
        whole = aside - returned

        def released(points, allocated):
            # Points given away before their sale came back may outlive it: less than none of it was redeemed then.
            redeemed = max(points.redeemed, ZERO)
            cohort = liability.Cohort(points.issued - points.reversed, redeemed, points.expired, allocated)
            if cohort.redeemed + cohort.expired >= cohort.issued:
                return whole
            return min(liability.rounded(liability.released_to_date(cohort, rate), digits), whole)

        to_date = released(row, row.allocated - row.returned)
        sofar = -(posted["reestimated"] + posted["released"])
        # The new estimate looks at what was there before: so what it changes stands apart from what happened since.
        caught_up = released(old, old.allocated - old.returned) - sofar if old.issued > old.reversed else ZERO
        if old.redeemed + old.expired >= old.issued - old.reversed:
            caught_up = ZERO
        return {
            "allocated": aside,
            "returned": -returned,
            "reestimated": posted["reestimated"] - caught_up,
            "released": -to_date - posted["reestimated"] + caught_up,
        }

    # -- helpers -------------------------------------------------------------

    def _check_group(self):
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(ACCOUNTANT)):
            raise AccessError(self.env._("The books of the club are closed by its accountants."))

    def _check_state(self, state):
        if self.state != state:
            raise UserError(
                self.env._(
                    "%(close)s is %(state)s, so this step is not possible.",
                    close=self.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state].lower(),
                )
            )
