"""What a member got for points at a partner merchant, and what the merchant is owed for it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.misc import format_time

MANAGER = "customer_club.group_club_manager"


class ClubVoucher(models.Model):
    """A voucher that a member took, or points used as money at a merchant's counter: all that a merchant is owed.

    ``issued``: the points are taken, the member holds a code. ``redeemed``: the merchant gave what it stands for and is
    owed ``value`` (before commission). ``reversed``: a redemption that was undone; nothing is owed. ``expired``,
    ``cancelled``: never redeemed. Points count as redeemed in the books (``satisfied_at``) when the merchant gave
    something, or when they were lost as agreed beforehand: the shop owes nothing from then on.

    The code itself is stored nowhere: only a digest that finds it and a nonce that derives it (see ``club.code``).
    """

    _name = "club.voucher"
    _description = "Voucher of a Partner"
    _inherit = ["club.spending", "mail.thread"]
    _order = "id desc"
    _rec_name = "number"

    _step_fields = frozenset(
        {
            "state",
            "points",
            "satisfied_at",
            "unit_cost",
            "number",
            "redeemed_at",
            "redeemed_by_id",
            "undo_until",
            "reference",
            "use_key",
            "reversed_at",
            "reversed_by_id",
            "reversed_reason",
            "ended_at",
            "disputed",
        }
    )

    number = fields.Char(readonly=True, copy=False, index=True, help="Names the voucher; it opens nothing.")
    state = fields.Selection(
        [
            ("issued", "Issued"),
            ("redeemed", "Redeemed"),
            ("reversed", "Undone"),
            ("expired", "Expired"),
            ("cancelled", "Returned"),
        ],
        default="issued",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    offer_id = fields.Many2one("club.merchant.offer", required=True, readonly=True, index=True, ondelete="restrict")
    merchant_id = fields.Many2one(related="offer_id.merchant_id", store=True, index=True)
    kind = fields.Selection(
        [("voucher", "Voucher"), ("per_amount", "Points at the counter")], required=True, readonly=True
    )
    value = fields.Monetary(
        string="Owed to the Merchant", readonly=True, help="Once it is redeemed, before the merchant's commission."
    )
    issued_at = fields.Datetime(string="Taken On", required=True, readonly=True, default=fields.Datetime.now)
    valid_until = fields.Datetime(readonly=True, help="The first moment at which it can no longer be redeemed.")
    key = fields.Char(required=True, readonly=True, copy=False, help="The same request twice takes it once.")

    # what was agreed when it was taken
    expiry = fields.Selection([("give_back", "The points come back"), ("lost", "The points are lost")], readonly=True)
    reversal = fields.Selection(
        [("give_back", "The points come back"), ("keep", "The points stay spent")], readonly=True
    )
    can_cancel = fields.Boolean(string="Can Be Returned", readonly=True)
    undo_minutes = fields.Integer(readonly=True)

    # its use
    redeemed_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    redeemed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", help="The merchant's user, or its till."
    )
    undo_until = fields.Datetime(string="Can Be Undone Until", readonly=True, copy=False)
    reference = fields.Char(string="Receipt", readonly=True, copy=False, help="The merchant's own receipt.")
    use_key = fields.Char(readonly=True, copy=False, help="The same redemption told twice is one.")
    reversed_at = fields.Datetime(string="Undone On", readonly=True, copy=False, index="btree_not_null")
    reversed_by_id = fields.Many2one("res.users", string="Undone By", readonly=True, copy=False, ondelete="restrict")
    reversed_reason = fields.Char(string="Why It Was Undone", readonly=True, copy=False)
    ended_at = fields.Datetime(
        string="Expired or Returned On", readonly=True, copy=False, help="When it ended without having been redeemed."
    )
    disputed = fields.Boolean(readonly=True, copy=False, help="Left out of settlements until it is decided.")

    code_nonce = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    code_digest = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _key_unique = models.Constraint("UNIQUE(key)", "This voucher was taken already.")
    _code_unique = models.UniqueIndex("(code_digest) WHERE code_digest IS NOT NULL", "Another voucher has this code.")
    _use_key_unique = models.UniqueIndex("(use_key) WHERE use_key IS NOT NULL", "This redemption was made already.")
    _due_idx = models.Index("(valid_until) WHERE state = 'issued'")
    _desk_idx = models.Index("(merchant_id, redeemed_at) WHERE redeemed_at IS NOT NULL")
    _member_idx = models.Index("(member_id, offer_id, issued_at)")

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Vouchers are taken by members, not typed in."))
        vouchers = super(ClubVoucher, self.with_context(mail_create_nolog=True)).create(vals_list)
        for voucher in vouchers:
            voucher._step({"number": f"V{voucher.id:06d}"})
        return vouchers.with_env(self.env)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        for voucher in self:
            raise UserError(
                self.env._(
                    "The voucher %(number)s stays: the ledger names it. Take it back instead.", number=voucher.number
                )
            )

    # -- actions -------------------------------------------------------------

    def action_cancel(self):
        """A manager takes an unused voucher back; the points return to the member."""
        self._check_manager()
        for voucher in self:
            voucher._check_not_own()
        self.sudo()._cancel(force=True)

    def action_reverse(self):
        """A manager undoes a redemption, also after the merchant's time for it; what the offer said happens."""
        self._check_manager()
        for voucher in self:
            voucher._check_not_own()
            voucher.sudo()._reverse(self.env.user, self.env._("Undone by %(user)s", user=self.env.user.name))

    def _check_manager(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a club manager takes vouchers back or undoes redemptions."))

    def _check_not_own(self):
        if not self.env.su and self.sudo().member_id.partner_id == self.env.user.partner_id:
            raise UserError(
                self.env._("The voucher %(number)s is your own. Ask another manager to decide.", number=self.number)
            )

    # -- helpers -------------------------------------------------------------

    def _lock_rows(self):
        """Lock these vouchers, so that one of two redemptions at one moment wins.

        SQL, as ``lock_for_update`` skips rows that are locked: here the second must start over and then see the first.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_voucher WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self.invalidate_recordset(["state", "valid_until"])

    def _is_usable(self):
        """Whether the merchant can redeem it now."""
        self.ensure_one()
        return (
            self.state == "issued"
            and self.kind == "voucher"
            and fields.Datetime.now() < self.valid_until
            and self.merchant_id._is_open()
        )

    def _get_code(self):
        """The code, for the eyes of the member who holds it; empty once it is of no use."""
        self.ensure_one()
        voucher = self.sudo()
        if voucher.state != "issued" or not voucher.code_nonce:
            return ""
        return self.env["club.code"]._read("voucher", voucher.code_nonce)

    def _get_holder(self):
        """The member who holds it: where contacts were merged, the one that remained."""
        self.ensure_one()
        return self.member_id.merged_into_id or self.member_id

    def _show_last_day(self):
        """The last day on which it can be redeemed, in the club's calendar; empty for none."""
        self.ensure_one()
        return self.club_id._show_day(fields.Datetime.subtract(self.valid_until, seconds=1)) if self.valid_until else ""

    def _show_time(self):
        """The time of day at which it was redeemed, in the club's time zone."""
        self.ensure_one()
        return format_time(self.env, self.redeemed_at, tz=self.club_id.tz, time_format="short")
