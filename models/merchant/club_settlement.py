"""What a merchant and the club owe each other for a period: the agreement, its steps and its documents."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import AccessError, UserError, ValidationError

from .club_club_settlement import ROLES

#: What only the steps set: with their first values.
STEPS = {
    "step": "draft",
    "role": False,
    "commission_percent": 0.0,
    "fee": 0.0,
    "issue_price": 0.0,
    "point_value": 0.0,
    "collected_at": False,
    "confirmed_at": False,
    "confirmed_by_id": False,
    "billed_at": False,
    "value_total": 0.0,
    "reversed_total": 0.0,
    "disputed_total": 0.0,
    "commission_total": 0.0,
    "issued_points": 0.0,
    "issued_total": 0.0,
    "issued_liability": 0.0,
    "bill_total": 0.0,
    "invoice_total": 0.0,
    "net_total": 0.0,
}
#: What follows from these and from the merchant.
FOLLOWS = frozenset({"state", "name", "date_from", "merchant_id", "club_id", "company_id"})
SETTLED = ("paid", "in_payment")


class ClubSettlement(models.Model):
    """One merchant, one period.

    ``draft``: a preview that can be collected anew at any time. ``confirmed``: its lines never change again, its
    vouchers are settled, the merchant has its statement. ``billed``: the vendor bill (what the club owes) and the
    customer invoice (what the merchant owes) are posted; ``paid`` once both are. ``cancelled``: the documents are
    reversed, and the vouchers wait for another settlement.

    Periods of a merchant follow each other without gap or overlap. What is collected is everything before the period's
    end that no other settlement has, so nothing is lost when a dispute or a correction comes late.
    """

    _name = "club.settlement"
    _description = "Settlement with a Merchant"
    _inherit = ["mail.thread", "club.bounded"]
    _order = "date_to desc, id desc"

    name = fields.Char(compute="_compute_name", store=True)
    merchant_id = fields.Many2one("club.merchant", required=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="merchant_id.partner_id")
    club_id = fields.Many2one(related="merchant_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="merchant_id.company_id", store=True)
    currency_id = fields.Many2one(related="merchant_id.currency_id")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, help="The last day, in the club's time zone.")
    accounting_date = fields.Date(
        help="Of the bill and the invoice. The period's last day; another one if that is locked.", copy=False
    )
    note = fields.Text(string="Note on the Statement", copy=False)
    step = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("billed", "Billed"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("billed", "Billed"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        tracking=True,
    )
    role = fields.Selection(ROLES, string="Our Role", readonly=True, copy=False)
    commission_percent = fields.Float(string="Commission (%)", digits=(5, 2), readonly=True, copy=False)
    fee = fields.Monetary(string="Fee per Voucher", readonly=True, copy=False)
    issue_price = fields.Float(string="Price of a Point Given", digits=(16, 6), readonly=True, copy=False)
    point_value = fields.Float(string="Fair Value of a Point", digits=(16, 6), readonly=True, copy=False)
    collected_at = fields.Datetime(readonly=True, copy=False)
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    billed_at = fields.Datetime(readonly=True, copy=False)

    line_ids = fields.One2many("club.settlement.line", "settlement_id", readonly=True)
    move_ids = fields.One2many("account.move", "club_settlement_id", string="Documents", readonly=True)
    line_count = fields.Integer(compute="_compute_counts")
    move_count = fields.Integer(compute="_compute_counts")
    value_total = fields.Monetary(string="Vouchers Redeemed", readonly=True, copy=False)
    reversed_total = fields.Monetary(string="Taken Back", readonly=True, copy=False)
    disputed_total = fields.Monetary(string="From Disputes", readonly=True, copy=False)
    commission_total = fields.Monetary(string="Commission", readonly=True, copy=False, help="Without taxes.")
    issued_points = fields.Float(string="Points Given", digits=(16, 2), readonly=True, copy=False)
    issued_total = fields.Monetary(string="For Points Given", readonly=True, copy=False, help="Without taxes.")
    issued_liability = fields.Monetary(
        string="Of It Owed to Members", readonly=True, copy=False, help="The points at their fair value."
    )
    bill_total = fields.Monetary(string="We Owe", readonly=True, copy=False, help="With taxes.")
    invoice_total = fields.Monetary(string="The Merchant Owes", readonly=True, copy=False, help="With taxes.")
    net_total = fields.Monetary(
        string="To Pay to the Merchant", readonly=True, copy=False, help="Negative: the merchant pays."
    )
    preview = fields.Html(string="The Entries", compute="_compute_preview", sanitize=False)
    gaps = fields.Text(string="Missing", compute="_compute_gaps")

    _period_unique = models.UniqueIndex(
        "(merchant_id, date_from) WHERE step <> 'cancelled'", "This period of the merchant has a settlement already."
    )
    _dates_valid = models.Constraint("CHECK(date_from <= date_to)", "A settlement ends on or after its first day.")

    # -- computes ------------------------------------------------------------

    @api.depends("merchant_id", "date_from", "date_to")
    def _compute_name(self):
        for settlement in self:
            settlement.name = f"{settlement.merchant_id.name or ''} {settlement._get_period_name()}".strip()

    def _get_period_name(self):
        """The period in the club's calendar: a month or quarter by its name, else its days."""
        self.ensure_one()
        club = self.club_id
        if not (club and self.date_from and self.date_to):
            return ""
        after = self.date_to + timedelta(days=1)
        for kind in ("month", "quarter"):
            if periods.period_bounds(kind, self.date_from, club.calendar) == (self.date_from, after):
                return periods.format_period(kind, self.date_from, club.calendar)
        days = (periods.format_day(day, club.calendar) for day in (self.date_from, self.date_to))
        return "..".join(days)

    @api.depends("step", "move_ids.payment_state", "move_ids.state")
    def _compute_state(self):
        for settlement in self:
            documents = settlement.move_ids.filtered(lambda move: not move.reversed_entry_id)
            paid = settlement.step == "billed" and all(
                move.payment_state in SETTLED or not move.amount_total for move in documents
            )
            settlement.state = "paid" if paid else settlement.step

    def _compute_counts(self):
        counts = dict(
            self.env["club.settlement.line"]._read_group(
                [("settlement_id", "in", self.ids)], ["settlement_id"], ["__count"]
            )
        )
        for settlement in self:
            settlement.line_count = counts.get(settlement, 0)
            settlement.move_count = len(settlement.sudo().move_ids)

    @api.depends("step", "collected_at", "accounting_date")
    @api.depends_context("lang")
    def _compute_preview(self):
        for settlement in self:
            shown = settlement.collected_at and settlement.step in ("draft", "confirmed")
            settlement.preview = (
                self.env["ir.qweb"]._render(
                    "customer_club.settlement_preview",
                    {"documents": settlement.sudo()._get_preview(), "settlement": settlement},
                )
                if shown
                else False
            )

    @api.depends("step", "merchant_id")
    @api.depends_context("lang")
    def _compute_gaps(self):
        for settlement in self:
            open_ = settlement.merchant_id and settlement.step in ("draft", "confirmed")
            settlement.gaps = "\n".join(settlement.merchant_id._get_settlement_gaps()) if open_ else False

    # -- constrains ----------------------------------------------------------

    @api.constrains("merchant_id", "date_from", "date_to", "step")
    def _check_period(self):
        for settlement in self:
            if settlement.step != "draft":
                continue
            earlier = settlement._get_others(limit=1)
            if earlier.step == "draft":
                raise ValidationError(
                    self.env._(
                        "%(settlement)s is not confirmed yet. Confirm or delete it before the merchant's next one.",
                        settlement=earlier.name,
                    )
                )
            self._check_follows(earlier, settlement.date_from)
            if settlement.date_to >= settlement.club_id._get_today():
                raise ValidationError(
                    self.env._(
                        "%(settlement)s: %(day)s is not over yet. Choose a last day in the past.",
                        settlement=settlement.name,
                        day=settlement.club_id._show_day(settlement.date_to),
                    )
                )

    @api.model
    def _check_follows(self, earlier, first):
        """Refuse a first day that is not the one after the merchant's last settlement."""
        if earlier and first != earlier.date_to + timedelta(days=1):
            raise ValidationError(
                self.env._(
                    "%(merchant)s is settled up to %(day)s, so the next settlement begins the day after: without "
                    "gap or overlap.",
                    merchant=earlier.merchant_id.name,
                    day=earlier.club_id._show_day(earlier.date_to),
                )
            )

    def _get_others(self, limit=None):
        """The merchant's other settlements that count, newest first."""
        return self.sudo().search(
            [("merchant_id", "=", self.merchant_id.id), ("step", "!=", "cancelled"), ("id", "not in", self.ids)],
            order="date_to desc, id desc",
            limit=limit,
        )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A settlement begins as a draft of the merchant's next period, unless its last day is given."""
        settlements = super().create([self._complete({**vals, **STEPS}) for vals in vals_list])
        for settlement in settlements:
            settlement._collect()
        return settlements

    @api.model
    def _complete(self, vals):
        merchant = self.env["club.merchant"].browse(vals.get("merchant_id")).exists()
        if not merchant:
            raise UserError(self.env._("Choose the merchant to settle with."))
        first, last = merchant.sudo()._get_next_period()
        if self.env.su and vals.get("date_from"):
            first = fields.Date.to_date(vals["date_from"])
            self._check_follows(self.new({"merchant_id": merchant.id})._get_others(limit=1), first)
        last = fields.Date.to_date(vals.get("date_to")) or last
        if last < first:
            raise UserError(
                self.env._(
                    "%(merchant)s is settled up to its last complete period. Wait for the next one to end, or choose "
                    "a last day from %(day)s on.",
                    merchant=merchant.name,
                    day=merchant.club_id._show_day(first),
                )
            )
        return {
            **vals,
            "date_from": first,
            "date_to": last,
            "accounting_date": vals.get("accounting_date") or last,
        }

    def write(self, vals):
        if (STEPS.keys() | FOLLOWS) & vals.keys():
            raise AccessError(
                self.env._(
                    "%(settlement)s: its state, its beginning and its amounts are not typed in. Use its buttons.",
                    settlement=self[:1].name,
                )
            )
        allowed = {"draft": vals.keys(), "confirmed": {"accounting_date"}}
        for settlement in self:
            fixed = vals.keys() & {"date_to", "accounting_date", "note"} - set(allowed.get(settlement.step, ()))
            if fixed:
                raise UserError(
                    self.env._(
                        "%(settlement)s is confirmed and no longer changes. Correct it by a dispute in the next one.",
                        settlement=settlement.name,
                    )
                )
        done = super().write(vals)
        if "date_to" in vals:
            for settlement in self:
                settlement._collect()
        return done

    def _step(self, vals):
        """Set what only the steps set."""
        return super(ClubSettlement, self.sudo()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        fixed = self.filtered(lambda settlement: settlement.step != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "%(settlement)s was confirmed and stays. Cancel it instead: that reverses its documents.",
                    settlement=fixed[0].name,
                )
            )

    # -- actions -------------------------------------------------------------

    def action_collect(self):
        """Collect a draft anew: what was redeemed, taken back, decided and given by now."""
        self._check_accountant()
        for settlement in self:
            settlement._check_step("draft")
            settlement._collect()

    def action_confirm(self):
        """Freeze the lines and send the statement; where something changed since the preview, show that instead."""
        self.ensure_one()
        self._check_accountant()
        if not self._confirm():
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": self.env._(
                        "Something was redeemed or taken back since you looked: the preview is new. Look at it, then "
                        "confirm again. Nothing was confirmed yet."
                    ),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return None

    def action_bill(self):
        """Post the vendor bill and the customer invoice."""
        self._check_accountant()
        for settlement in self:
            settlement._bill()

    def action_cancel(self):
        """Reverse the documents; the vouchers wait for another settlement of this period."""
        self._check_accountant()
        for settlement in self:
            settlement._cancel()

    def action_check(self):
        """Compare with the ledger and the documents, and say what was found."""
        self.ensure_one()
        self.check_access("read")
        found = self.sudo()._check_against_ledger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if found else "success",
                "sticky": bool(found),
                "message": "\n".join(found[:10])
                or self.env._("Every line agrees with its voucher, its entry in the ledger and the documents."),
            },
        }

    def action_view_lines(self):
        """Open the lines of the statement."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "club.settlement.line",
            "views": [(False, "list"), (False, "pivot"), (False, "form")],
            "domain": [("settlement_id", "=", self.id)],
        }

    def action_view_moves(self):
        """Open the bill and the invoice, with the reader's own rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Documents of %(settlement)s", settlement=self.name),
            "res_model": "account.move",
            "views": [(False, "list"), (False, "form")],
            "domain": [("club_settlement_id", "=", self.id)],
        }

    def action_export(self):
        """Download the statement as a spreadsheet."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/club/settlement/{self.id}/xlsx", "target": "download"}
