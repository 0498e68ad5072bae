"""Points given or taken by hand: asked for, approved where that is needed, posted once."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import AccessError, UserError, ValidationError

# What only the steps of an adjustment set, never a form, a caller or a context's default.
STEPS = {
    "state": "draft",
    "requested_at": False,
    "approved_by_id": False,
    "approved_at": False,
    "entry_id": False,
    "refusal": False,
}
MANAGER, APPROVER = "customer_club.group_club_manager", "customer_club.group_club_approver"


class ClubPointAdjustment(models.Model):
    """A manual movement of one member's points, with its reason and the people who answer for it.

    Users ask; managers post by themselves up to the club's limit. Above it, and for somebody's own points, a second
    person must approve: an approver who is neither the one who asked nor the one who gains. Splitting does not help:
    all
    that one person has posted or asked for one member within 24 hours counts together.
    """

    _name = "club.point.adjustment"
    _description = "Point Adjustment"
    _inherit = ["mail.thread", "mail.activity.mixin", "club.bounded"]
    _order = "id desc"
    _rec_name = "reason"

    member_id = fields.Many2one("club.member", required=True, index=True, ondelete="restrict", tracking=True)
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="member_id.company_id", store=True, index=True)
    type = fields.Selection(
        [("adjust", "Adjustment"), ("opening", "Opening balance")],
        default="adjust",
        required=True,
        help="An opening balance brings in what the customer had in another system, once per reference.",
    )
    reference = fields.Char(
        help="Names the opening balance, for example the old card's number. It can be brought in once only."
    )
    points = fields.Float(
        digits=(16, 2), required=True, tracking=True, help="Positive: given to the member; negative: taken."
    )
    reason = fields.Char(required=True, tracking=True)
    expiry = fields.Selection(
        [("policy", "As the club's policy says"), ("never", "Never"), ("date", "On a day")],
        default="policy",
        required=True,
        string="Points Expire",
    )
    expires_on = fields.Date(help="The first day on which the points can no longer be spent.")
    state = fields.Selection(
        [("draft", "Draft"), ("to_approve", "To approve"), ("posted", "Posted"), ("refused", "Refused")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    requested_by_id = fields.Many2one(
        "res.users", string="Asked By", required=True, readonly=True, copy=False, ondelete="restrict"
    )
    requested_at = fields.Datetime(string="Asked On", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", string="Decided By", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Datetime(string="Decided On", readonly=True, copy=False)
    refusal = fields.Char(readonly=True, copy=False)
    entry_id = fields.Many2one(
        "club.point.entry", string="Ledger Entry", readonly=True, copy=False, ondelete="restrict"
    )
    needs_second_person = fields.Boolean(compute="_compute_needs_second_person")
    can_decide = fields.Boolean(compute="_compute_can_decide")

    _points_not_zero = models.Constraint("CHECK(points <> 0)", "An adjustment moves at least some points.")
    _opening_unique = models.UniqueIndex(
        "(member_id, reference) WHERE type = 'opening' AND state <> 'refused'",
        "This member has an opening balance with this reference already. Nothing was brought in a second time.",
    )

    # -- computes -------------------------------------------------------------

    @api.depends("points", "member_id", "state", "requested_by_id")
    def _compute_needs_second_person(self):
        needing = self._filter_needing_second_person()
        for adjustment in self:
            adjustment.needs_second_person = adjustment in needing

    @api.depends("state", "requested_by_id", "needs_second_person")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for adjustment in self:
            adjustment.can_decide = adjustment.state == "to_approve" and not adjustment._get_obstacle()

    # -- constrains -----------------------------------------------------------

    @api.constrains("type", "reference", "points")
    def _check_opening(self):
        for adjustment in self:
            if adjustment.type == "opening" and (not adjustment.reference or adjustment.points < 0):
                raise ValidationError(
                    self.env._(
                        "The opening balance of %(member)s needs a reference and positive points: the reference "
                        "keeps it from being "
                        "brought in twice.",
                        member=adjustment.member_id.display_name,
                    )
                )

    @api.constrains("points", "member_id")
    def _check_points(self):
        for adjustment in self:
            points = engine_lots.to_decimal(adjustment.points)
            if points != engine_lots.quantize(points, adjustment.club_id.points_digits):
                raise ValidationError(
                    self.env._(
                        "%(points)s points for %(member)s cannot be posted: the club counts points with %(digits)s "
                        "decimals. Round them.",
                        points=adjustment.points,
                        member=adjustment.member_id.display_name,
                        digits=adjustment.club_id.points_digits,
                    )
                )

    @api.constrains("expiry", "expires_on")
    def _check_expiry(self):
        for adjustment in self:
            if adjustment.expiry == "date" and not adjustment.expires_on:
                raise ValidationError(
                    self.env._(
                        "Say on which day the points of %(member)s expire, or choose another expiry.",
                        member=adjustment.member_id.display_name,
                    )
                )

    # -- CRUD -----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Every adjustment begins as a draft of whoever makes it, whatever the caller or the context says."""
        return super().create([{**vals, **STEPS, "requested_by_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        content = vals.keys() & {
            "member_id",
            "type",
            "reference",
            "points",
            "reason",
            "expiry",
            "expires_on",
            "requested_by_id",
            *STEPS,
        }
        if content & {*STEPS, "requested_by_id"}:
            raise AccessError(
                self.env._("Use the buttons of the adjustment: its state and its people are not typed in.")
            )
        fixed = self.filtered(lambda adjustment: adjustment.state != "draft")
        if content and fixed:
            raise UserError(
                self.env._(
                    "The adjustment \u201c%(reason)s\u201d of %(member)s was sent and no longer changes. Make "
                    "another one.",
                    reason=fixed[0].reason,
                    member=fixed[0].member_id.display_name,
                )
            )
        foreign = self.filtered(lambda adjustment: adjustment.requested_by_id != self.env.user)
        if content and foreign and not self.env.su:
            raise AccessError(
                self.env._(
                    "The draft \u201c%(reason)s\u201d belongs to %(user)s. Make an adjustment of your own.",
                    reason=foreign[0].reason,
                    user=foreign[0].requested_by_id.name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        foreign = self.filtered(lambda adjustment: adjustment.requested_by_id != self.env.user)
        if foreign and not self.env.su:
            raise AccessError(self.env._("Only %(user)s can delete this draft.", user=foreign[0].requested_by_id.name))
        sent = self.filtered(lambda adjustment: adjustment.state != "draft")
        if sent:
            raise UserError(
                self.env._(
                    "The adjustment \u201c%(reason)s\u201d of %(member)s cannot be deleted: it is part of the "
                    "records. Only drafts can.",
                    reason=sent[0].reason,
                    member=sent[0].member_id.display_name,
                )
            )

    # -- actions --------------------------------------------------------------

    def action_submit(self):
        """Post what may be posted at once; ask a second person for the rest."""
        self.check_access("write")
        drafts = self.filtered(lambda adjustment: adjustment.state == "draft")
        foreign = drafts.filtered(lambda adjustment: adjustment.requested_by_id != self.env.user)
        if foreign:
            raise AccessError(self.env._("Only %(user)s can send this draft.", user=foreign[0].requested_by_id.name))
        drafts._step({"state": "to_approve", "requested_at": fields.Datetime.now()})
        at_once = (
            drafts - drafts._filter_needing_second_person() if self.env.user.has_group(MANAGER) else drafts.browse()
        )
        at_once._post()
        (drafts - at_once)._ask_approvers()
        return True

    def action_approve(self):
        """Approve and post, as the second person."""
        self.check_access("read")
        waiting = self.filtered(lambda adjustment: adjustment.state == "to_approve")
        for adjustment in waiting:
            obstacle = adjustment._get_obstacle()
            if obstacle:
                raise AccessError(obstacle)
        waiting._post()
        waiting._close_activities()
        return True

    def action_refuse(self):
        """Refuse; nothing is posted. The one who asked may withdraw the request the same way."""
        self.check_access("read")
        waiting = self.filtered(lambda adjustment: adjustment.state == "to_approve")
        for adjustment in waiting:
            obstacle = adjustment.requested_by_id != self.env.user and adjustment._get_obstacle()
            if obstacle:
                raise AccessError(obstacle)
        waiting._step({"state": "refused", "approved_by_id": self.env.uid, "approved_at": fields.Datetime.now()})
        waiting._close_activities()
        return True

    # -- the second person ----------------------------------------------------

    def _filter_needing_second_person(self):
        """Those that one person alone may not post: above the limit within 24 hours, or for the person's own points."""
        since = fields.Datetime.now() - timedelta(hours=24)
        recent = (
            self.sudo().search(
                [
                    ("member_id", "in", self.member_id.ids),
                    ("requested_by_id", "in", self.requested_by_id.ids),
                    ("state", "in", ("to_approve", "posted")),
                    ("requested_at", ">=", since),
                ]
            )
            if self.member_id
            else self.browse()
        )
        sums = defaultdict(Decimal)
        for adjustment in recent | self._origin:
            sums[adjustment.requested_by_id, adjustment.member_id] += abs(engine_lots.to_decimal(adjustment.points))
        return self.filtered(
            lambda adjustment: (
                adjustment.sudo()._is_for_own_points(adjustment.requested_by_id)
                or (
                    sums[adjustment.requested_by_id, adjustment.member_id]
                    > engine_lots.to_decimal(adjustment.sudo().club_id.adjust_limit)
                )
            )
        )

    def _is_for_own_points(self, user):
        partner = user.sudo().partner_id
        return bool(partner and partner.commercial_partner_id == self.member_id.partner_id.commercial_partner_id)

    def _get_obstacle(self):
        """Why the current user may not decide on this one; ``None`` if they may."""
        self.ensure_one()
        user = self.env.user
        if self.requested_by_id == user:
            return self.env._("You have asked for this adjustment yourself: another person must approve it.")
        if self.sudo()._is_for_own_points(user):
            return self.env._("These are your own points: another person must approve the adjustment.")
        if user.has_group(APPROVER) or (user.has_group(MANAGER) and not self.needs_second_person):
            return None
        return self.env._(
            "The adjustment \u201c%(reason)s\u201d needs somebody with the right \u201cApprove point "
            "adjustments\u201d.",
            reason=self.reason,
        )

    def _ask_approvers(self):
        approvers = self.env.ref(APPROVER).sudo().all_user_ids.filtered(lambda user: user.active and not user.share)
        if not self or not approvers:
            return
        todo = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": adjustment.id,
                    "activity_type_id": todo.id,
                    "user_id": user.id,
                    "summary": self.env._("Approve %(points)+g points", points=adjustment.points),
                    "note": adjustment.reason,
                }
                for adjustment in self
                for user in approvers
                if user != adjustment.requested_by_id and adjustment.company_id in user.company_ids
            ]
        )

    def _close_activities(self):
        self.sudo().activity_ids.unlink()

    # -- posting --------------------------------------------------------------

    def _step(self, values):
        """Set what :meth:`write` refuses; the only way into these fields."""
        if self:
            super(ClubPointAdjustment, self.sudo()).write(values)

    def _post(self):
        """Post these in one batch. The key of each makes a second posting impossible."""
        if not self:
            return
        entries = (
            self.env["club.point.entry"]
            .sudo()
            ._post([adjustment._prepare_entry_values() for adjustment in self.sudo()])
        )
        now = fields.Datetime.now()
        for adjustment, entry in zip(self, entries, strict=True):
            adjustment._step(
                {"state": "posted", "entry_id": entry.id, "approved_by_id": self.env.uid, "approved_at": now}
            )

    def _prepare_entry_values(self):
        self.ensure_one()
        values = {
            "member_id": self.member_id.id,
            "kind": self.type,
            "points": self.points,
            "note": self.reason,
            "origin": self,
            "user_id": self.requested_by_id.id,
            "key": f"{self._name},{self.id}:adjust"
            if self.type == "adjust"
            else f"opening,{self.member_id.id}:{self.reference}",
        }
        if self.points > 0 and self.expiry != "policy":
            values["expires_on"] = self.expires_on if self.expiry == "date" else False
        return values
