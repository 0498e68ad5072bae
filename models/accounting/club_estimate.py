"""What a point is worth and how many will be redeemed: estimates that two people answer for."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

ACCOUNTANT = "customer_club.group_club_accountant"
FIXED = frozenset({"club_id", "date_from", "point_value", "rate", "reason"})
STEPS = {"state": "draft", "prepared_by_id": False, "approved_by_id": False, "approved_at": False}


class ClubEstimate(models.Model):
    """An estimate holds from a day on, until a later one does. Once proposed it never changes: make a further one."""

    _name = "club.estimate"
    _description = "Estimate of Points"
    _inherit = ["mail.thread", "club.owned"]
    _order = "date_from desc, id desc"
    _rec_name = "date_from"

    date_from = fields.Date(string="Valid From", required=True, default=fields.Date.context_today)
    point_value = fields.Float(
        string="Value of a Point",
        digits=(16, 6),
        required=True,
        help="What one point saves a member, net of tax, in the company's currency.",
    )
    rate = fields.Float(
        string="Expected Redemption",
        digits=(5, 4),
        required=True,
        help="Which share of the points that are issued will be redeemed in the end; above 0, at most 1.",
    )
    reason = fields.Text(required=True, help="What it rests on: past cohorts, a change of rules, a survey.")
    state = fields.Selection(
        [("draft", "Draft"), ("proposed", "Waits for approval"), ("approved", "Approved"), ("refused", "Refused")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    prepared_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    approved_by_id = fields.Many2one("res.users", string="Decided By", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Datetime(string="Decided On", readonly=True, copy=False)

    _bounds = models.Constraint(
        "CHECK(point_value > 0 AND rate > 0 AND rate <= 1)",
        "A point is worth more than nothing, and the share that is redeemed lies above 0 and is at most 1 (100 %).",
    )
    _approved_unique = models.UniqueIndex(
        "(club_id, date_from) WHERE state = 'approved'", "The club has an approved estimate from this day on already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Every estimate begins as a draft, whatever the caller or the context says."""
        return super().create([{**vals, **STEPS} for vals in vals_list])

    def write(self, vals):
        if STEPS.keys() & vals.keys():
            raise AccessError(self.env._("Use the buttons of the estimate: who answers for it is not typed in."))
        fixed = self.filtered(lambda estimate: estimate.state != "draft")
        if fixed and FIXED & vals.keys():
            raise UserError(
                self.env._(
                    "The estimate from %(day)s was proposed and no longer changes. Make a further one instead.",
                    day=fixed[0].date_from,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        fixed = self.filtered(lambda estimate: estimate.state != "draft")
        if fixed:
            raise UserError(
                self.env._("The estimate from %(day)s is part of the books and stays.", day=fixed[0].date_from)
            )

    # -- actions -------------------------------------------------------------

    def action_propose(self):
        """Ask another person to approve."""
        self._check_group()
        for estimate in self:
            estimate._update_state("proposed", ("draft",), prepared_by_id=self.env.uid)

    def action_approve(self):
        """Approve what somebody else has prepared."""
        self._check_group()
        for estimate in self:
            estimate._check_second_person()
            estimate._check_open()
            estimate._update_state(
                "approved", ("proposed",), approved_by_id=self.env.uid, approved_at=fields.Datetime.now()
            )

    def action_refuse(self):
        """Refuse what somebody has prepared; a further estimate can be made."""
        self._check_group()
        for estimate in self:
            estimate._update_state(
                "refused", ("proposed",), approved_by_id=self.env.uid, approved_at=fields.Datetime.now()
            )

    # -- helpers -------------------------------------------------------------

    def _check_group(self):
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(ACCOUNTANT)):
            raise AccessError(self.env._("Estimates are prepared and approved by accountants of the club."))

    def _check_second_person(self):
        if self.prepared_by_id == self.env.user:
            raise UserError(
                self.env._(
                    "You prepared the estimate from %(day)s yourself. Another accountant must approve it.",
                    day=self.date_from,
                )
            )

    def _check_open(self):
        """What a posted close rests on does not change: an estimate begins after the last one.

        :raises ValidationError: with the first day that is possible.
        """
        last = self.env["club.close"].sudo()._get_last(self.club_id)
        if last and self.date_from <= last.date_to:
            raise ValidationError(
                self.env._(
                    "%(club)s is closed until %(day)s, so an estimate cannot begin on %(from)s. Let it begin later.",
                    club=self.club_id.name,
                    day=last.date_to,
                    **{"from": self.date_from},
                )
            )

    def _update_state(self, state, allowed, **vals):
        """The one place where an estimate's state changes.

        :param allowed: the states that it may come from.
        """
        self.ensure_one()
        if self.state not in allowed:
            raise UserError(
                self.env._(
                    "The estimate from %(day)s is %(state)s, so this step is not possible.",
                    day=self.date_from,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state].lower(),
                )
            )
        super(ClubEstimate, self.sudo()).write({"state": state, **vals})
