"""A purchase at a partner merchant, and what it earned."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import api_input, periods
from odoo.exceptions import AccessError, UserError, ValidationError

MANAGER = "customer_club.group_club_manager"
#: What only the steps of a purchase set, never a form, a caller or a context's default.
STEPS = {
    "state": "draft",
    "worth": 0.0,
    "points": 0.0,
    "recorded_at": False,
    "available_on": False,
    "held_reason": False,
    "decided_by_id": False,
}
CONTENT = ("merchant_id", "member_id", "reference", "amount", "occurred_at")


class ClubMerchantPurchase(models.Model):
    """What a member bought at a partner: a draft of staff, or reported by the merchant's system.

    Recording makes a fact ``merchant,<id>:<reference>``; a correction revokes it and records what the purchase is worth
    now (``…:2``); taking back revokes it for good. The amount first told stays.
    """

    _name = "club.merchant.purchase"
    _description = "Purchase at a Partner"
    _inherit = ["mail.thread", "club.bounded"]
    _order = "id desc"
    _rec_name = "reference"

    merchant_id = fields.Many2one("club.merchant", required=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="merchant_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="merchant_id.company_id", store=True)
    currency_id = fields.Many2one(related="merchant_id.currency_id")
    member_id = fields.Many2one(
        "club.member", required=True, index=True, ondelete="restrict", domain="[('club_id', '=', club_id)]"
    )
    reference = fields.Char(required=True, help="The receipt's number: unique per merchant, so that it counts once.")
    amount = fields.Monetary(required=True, help="What was paid, as first told.")
    occurred_at = fields.Datetime(string="Bought On", required=True, default=fields.Datetime.now)
    worth = fields.Monetary(string="Worth Now", readonly=True, copy=False, help="After corrections.")
    points = fields.Float(digits=(16, 2), readonly=True, copy=False, help="Earned, less what was taken back.")
    points_pending = fields.Float(string="Of Them Waiting", compute="_compute_points_pending", digits=(16, 2))
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("held", "Waits for a decision"),
            ("recorded", "Recorded"),
            ("corrected", "Corrected"),
            ("reversed", "Taken back"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    recorded_at = fields.Datetime(readonly=True, copy=False)
    available_on = fields.Date(
        string="Spendable From", readonly=True, copy=False, help="The end of the merchant's hold."
    )
    held_reason = fields.Char(string="Why It Waits", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    _reference_unique = models.Constraint(
        "UNIQUE(merchant_id, reference)", "This merchant has reported a purchase with this reference already."
    )
    _amount_positive = models.Constraint("CHECK(amount > 0)", "A purchase has an amount above zero.")
    _limit_idx = models.Index("(merchant_id, recorded_at) WHERE state IN ('recorded', 'corrected')")
    _held_idx = models.Index("(id) WHERE state = 'held'")

    # -- computes ------------------------------------------------------------

    def _compute_points_pending(self):
        lots = self.env["club.point.lot"].sudo()
        pending = {
            purchase_id: points
            for purchase_id, points in lots._read_group(
                [
                    ("state", "=", "pending"),
                    ("entry_id.origin_model", "=", self._name),
                    ("entry_id.origin_id", "in", self.ids),
                ],
                ["entry_id"],
                ["remaining:sum"],
            )
        }
        by_purchase = {}
        for entry, points in pending.items():
            by_purchase[entry.origin_id] = by_purchase.get(entry.origin_id, 0.0) + points
        for purchase in self:
            purchase.points_pending = round(by_purchase.get(purchase.id, 0.0), 2)

    # -- constrains ----------------------------------------------------------

    @api.constrains("reference")
    def _check_reference(self):
        for purchase in self:
            if not api_input.accepts(api_input.key, purchase.reference):
                raise ValidationError(
                    self.env._(
                        "The reference %(reference)s cannot be used. Write the receipt's number with letters, digits "
                        "and . _ / - only.",
                        reference=purchase.reference,
                    )
                )

    @api.constrains("member_id", "merchant_id")
    def _check_club(self):
        for purchase in self:
            if purchase.member_id.club_id != purchase.merchant_id.club_id:
                raise ValidationError(
                    self.env._(
                        "%(member)s is no member of the club of %(merchant)s. Choose a member of %(club)s.",
                        member=purchase.member_id.display_name,
                        merchant=purchase.merchant_id.name,
                        club=purchase.merchant_id.club_id.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Every purchase begins as a draft, whatever the caller or the context says."""
        return super().create([{**vals, **STEPS} for vals in vals_list])

    def write(self, vals):
        if STEPS.keys() & vals.keys():
            raise AccessError(self.env._("Use the buttons of the purchase: its state and its points are not typed in."))
        fixed = self.filtered(lambda purchase: purchase.state != "draft")
        if fixed and vals.keys() & set(CONTENT):
            raise UserError(
                self.env._(
                    "The purchase %(reference)s was recorded and no longer changes. Correct it or take it back.",
                    reference=fixed[0].reference,
                )
            )
        return super().write(vals)

    def _step(self, vals):
        """Set what only the steps set."""
        return super(ClubMerchantPurchase, self.sudo()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        fixed = self.filtered(lambda purchase: purchase.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "The purchase %(reference)s was recorded and cannot be deleted. Take it back instead.",
                    reference=fixed[0].reference,
                )
            )

    # -- actions -------------------------------------------------------------

    def action_record(self):
        """Record drafts: they earn, or wait for a manager where the merchant's limits are exceeded."""
        self.check_access("write")
        for purchase in self:
            purchase._check_state("draft")
            purchase._check_own(purchase.member_id)
            obstacle = purchase.merchant_id.sudo()._get_obstacle(purchase.member_id.sudo())
            obstacle = obstacle or purchase._get_time_obstacle()
            if obstacle:
                raise UserError(obstacle)
        self._submit()

    def action_accept(self):
        """Let purchases earn that were held back; the manager answers for it by name."""
        self._check_manager()
        for purchase in self:
            purchase._check_state("held")
            purchase._check_own(purchase.member_id)
        self._step({"decided_by_id": self.env.uid})
        self._earn()

    def action_refuse(self):
        """Refuse purchases that were held back: they never earn."""
        self._check_manager()
        for purchase in self:
            purchase._check_state("held")
        self._step({"state": "refused", "decided_by_id": self.env.uid})

    def action_reverse(self):
        """Take purchases back: what they earned is taken back too."""
        self._check_manager()
        for purchase in self:
            purchase._check_state("recorded", "corrected")
        for purchase in self:
            purchase._reverse(self.env._("Taken back by %(user)s", user=self.env.user.name))

    def action_correct(self):
        """Open the form for a corrected amount."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct %(reference)s", reference=self.reference),
            "res_model": "club.merchant.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_purchase_id": self.id, "default_amount": self.worth},
        }

    def _check_manager(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a club manager decides about purchases at partners."))

    def _check_state(self, *states):
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The purchase %(reference)s is in the state \u201c%(state)s\u201d, in which this cannot be done. "
                    "Reload the page to see what can.",
                    reference=self.reference,
                    state=labels[self.state],
                )
            )

    def _check_own(self, member):
        if not self.env.su and member.sudo().partner_id == self.env.user.partner_id:
            raise UserError(
                self.env._(
                    "The purchase %(reference)s is your own. Ask somebody else to record it.", reference=self.reference
                )
            )

    def _get_time_obstacle(self):
        if self.occurred_at > fields.Datetime.now() + timedelta(minutes=5):
            return self.env._(
                "The purchase %(reference)s lies in the future. Correct its date.", reference=self.reference
            )
        tz = self.club_id.tz
        member = self.member_id.sudo()
        if periods.local_date(self.occurred_at, tz) < periods.local_date(member.joined_at, tz):
            return self.env._(
                "The purchase %(reference)s was made before the member joined, so it earns nothing.",
                reference=self.reference,
            )
        return ""

    # -- afterwards ----------------------------------------------------------

    def _correct(self, amount, note):
        """The purchase is worth ``amount`` (club's currency): take back what it earned, earn what it deserves now.

        The rules look at it as of the day on which it was made.

        :raise UserError: it is not recorded, or the amount is not above zero (take it back instead).
        """
        self.ensure_one()
        purchase = self.sudo()
        purchase._check_state("recorded", "corrected")
        if amount <= 0:
            raise UserError(
                self.env._(
                    "The purchase %(reference)s cannot be worth nothing. Take it back instead.",
                    reference=purchase.reference,
                )
            )
        if purchase.currency_id.compare_amounts(amount, purchase.worth) == 0:
            return
        events = purchase._get_events()
        events._revoke(note)
        purchase._step({"state": "corrected", "worth": amount})
        generation = 1 + len(events.filtered(lambda event: not event.revises_id))
        purchase.env["club.event"]._report([{**purchase._prepare_fact(), "key": f"{purchase._get_key()}:{generation}"}])
        purchase._update_points()
        purchase._message_log(body=note)

    def _reverse(self, note):
        """Take the purchase back: what it earned goes, and it is worth nothing. Once, however often called."""
        self.ensure_one()
        purchase = self.sudo()
        if purchase.state == "held":
            purchase._step({"state": "refused"})
            return
        if purchase.state not in ("recorded", "corrected"):
            return
        purchase._get_events()._revoke(note)
        purchase._step({"state": "reversed", "worth": 0.0})
        purchase._update_points()
        purchase._message_log(body=note)
