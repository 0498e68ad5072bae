"""The club: policy, points program, tiers and rules of one customer club."""

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.addons.customer_club.engine.text import member_number
from odoo.exceptions import UserError, ValidationError


class ClubClub(models.Model):
    """One club of one company.

    Its points live on the cards of ``program_id``, an Odoo program of type ``loyalty`` whose only rule is an
    anchor that can never be reached (design rule 5): Odoo spends, the club's ledger earns.
    """

    _name = "club.club"
    _description = "Customer Club"
    _inherit = ["mail.thread", "club.bounded", "club.copied"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    program_id = fields.Many2one(
        "loyalty.program",
        string="Points Program",
        ondelete="restrict",
        readonly=True,
        copy=False,
        help="The Odoo loyalty program whose cards hold this club's points and whose rewards the members claim.",
    )
    reward_ids = fields.One2many(related="program_id.reward_ids", readonly=False)
    point_name = fields.Char(
        string="Name of a Point", default=lambda self: self.env._("Points"), required=True, translate=True
    )
    point_name_one = fields.Char(
        string="Name of One Point", translate=True, help="For sentences about a single one: “1 Petal”, not “1 Petals”."
    )
    points_digits = fields.Integer(string="Decimals of Points", default=0, help="0 (whole points) to 2.")

    # Who may join
    join_policy = fields.Selection(
        [("open", "Open: anyone may join"), ("closed", "Closed: by criteria or invitation")],
        default="open",
        required=True,
        tracking=True,
    )
    criteria_orders = fields.Integer(string="Orders Needed", help="Confirmed orders within the period (0: not asked).")
    criteria_amount = fields.Monetary(string="Amount Needed", help="Amount bought within the period (0: not asked).")
    criteria_months = fields.Integer(string="Criteria Period (Months)", default=12)
    join_at_signup = fields.Boolean(string="Offer at Sign-up", default=True)
    join_at_checkout = fields.Boolean(string="Offer at Checkout", default=True)
    invitation_days = fields.Integer(string="Invitations Last (Days)", default=30)
    terms = fields.Html(
        translate=True,
        sanitize=True,
        help="What a new member accepts. Every change is kept as a further version, so that you can show who "
        "accepted which text, and when.",
    )
    terms_id = fields.Many2one("club.terms", string="Terms in Force", compute="_compute_terms_id")
    member_number_prefix = fields.Char(
        default="", help="Up to eight letters A-Z and digits in front of new member numbers."
    )
    number_sequence_id = fields.Many2one("ir.sequence", readonly=True, copy=False, ondelete="restrict")
    earner = fields.Selection(
        [("person", "The person who buys"), ("company", "The person's company")],
        default="person",
        required=True,
        help="For contacts of one company: who becomes the member and earns.",
    )

    # Time
    calendar = fields.Selection([("gregorian", "Gregorian"), ("jalali", "Jalali")], default="gregorian", required=True)
    tz = fields.Selection("_tz_get", string="Time Zone", required=True, default=lambda self: self.env.user.tz or "UTC")
    week_start = fields.Selection(
        [("0", "Monday"), ("5", "Saturday"), ("6", "Sunday")],
        default="0",
        required=True,
    )

    # Earning
    earn_when = fields.Selection(
        [
            ("confirmed", "The order is confirmed"),
            ("invoiced", "The sale is invoiced"),
            ("paid", "The invoice is paid"),
        ],
        string="Points Become Spendable When",
        default="paid",
        required=True,
        tracking=True,
    )
    hold_days = fields.Integer(
        default=14,
        help="Days after that before the points can be spent; at least your return period.",
    )
    earn_tax = fields.Selection(
        [("included", "Including taxes"), ("excluded", "Excluding taxes")],
        string="Amounts Count",
        default="included",
        required=True,
    )
    budget_points = fields.Float(
        string="Points Budget",
        digits=(16, 2),
        help="Most points the club's rules may give in a budget period (0: no limit).",
    )
    budget_period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")], default="month", required=True
    )

    # Expiry
    expiry_policy = fields.Selection(
        [
            ("never", "Never"),
            ("months", "Some months after they were earned"),
            ("inactivity", "Some months without any activity"),
            ("fixed_day", "On a fixed day of the year"),
        ],
        string="Points Expire",
        default="months",
        required=True,
        tracking=True,
    )
    expiry_months = fields.Integer(default=12, tracking=True)
    expiry_month = fields.Integer(default=1, help="Month of the club's calendar, 1 to 12.")
    expiry_day = fields.Integer(
        default=1,
        help="The first day on which the points can no longer be spent; 1 of month 1: they live to the end of a year.",
    )
    expiry_grace_months = fields.Integer(
        string="Least Life (Months)", help="Points younger than this on the fixed day live until the next one."
    )

    # Tiers
    tier_ids = fields.One2many("club.tier", "club_id", copy=True)
    tier_basis = fields.Selection(
        [("points", "Points earned"), ("amount", "Amount bought"), ("orders", "Number of orders")],
        string="Tiers Qualify On",
        default="points",
        required=True,
    )
    tier_window = fields.Selection(
        [("rolling", "Rolling months"), ("year", "Calendar year"), ("lifetime", "Lifetime")],
        default="rolling",
        required=True,
    )
    tier_window_months = fields.Integer(string="Window (Months)", default=12)
    tier_demotion = fields.Selection(
        [("hard", "To the tier deserved"), ("one_step", "One step down"), ("never", "Never")],
        string="At Review, Members Fall",
        default="one_step",
        required=True,
    )
    tier_review = fields.Selection(
        [("month", "Monthly"), ("quarter", "Quarterly"), ("year", "Yearly")], default="year", required=True
    )
    tier_grace_days = fields.Integer(string="Grace Days", default=30)

    # Leaving
    leave_policy = fields.Selection(
        [("expire", "They expire at once"), ("keep", "They are kept for some days")],
        string="Points of Who Leaves",
        default="expire",
        required=True,
        help="Who comes back within the days kept finds the points again.",
    )
    leave_keep_days = fields.Integer(string="Days Kept", default=30)

    # Controls
    adjust_limit = fields.Float(
        string="Adjustment Limit",
        digits=(16, 2),
        default=100.0,
        help="A manual adjustment of more points than this needs a second person.",
    )

    member_ids = fields.One2many("club.member", "club_id")
    member_count = fields.Integer(compute="_compute_member_count")

    invitation_count = fields.Integer(compute="_compute_invitation_count")

    _program_unique = models.Constraint("UNIQUE(program_id)", "A points program belongs to one club only.")
    _digits_range = models.Constraint(
        "CHECK(points_digits BETWEEN 0 AND 2)", "A club's points have 0, 1 or 2 decimals."
    )
    _not_negative = models.Constraint(
        "CHECK(criteria_orders >= 0 AND criteria_amount >= 0 AND hold_days >= 0 AND budget_points >= 0 AND "
        "adjust_limit >= 0"
        " AND tier_grace_days >= 0 AND leave_keep_days >= 0 AND expiry_grace_months >= 0)",
        "Orders, amounts, days, months and limits of a club cannot be negative. Write 0 where you want none.",
    )

    @api.model
    def _tz_get(self):
        return _tz_get(self)

    # -- computes ------------------------------------------------------------------------------------

    def _compute_terms_id(self):
        versions = dict(
            self.env["club.terms"].sudo()._read_group([("club_id", "in", self.ids)], ["club_id"], ["id:max"])
        )
        for club in self:
            club.terms_id = versions.get(club._origin, False)

    def _compute_invitation_count(self):
        counts = dict(
            self.env["club.invitation"]._read_group(
                [("club_id", "in", self.ids), ("state", "=", "open")],
                ["club_id"],
                ["__count"],
            )
        )
        for club in self:
            club.invitation_count = counts.get(club, 0)

    def _compute_member_count(self):
        counts = dict(self.env["club.member"]._read_group([("club_id", "in", self.ids)], ["club_id"], ["__count"]))
        for club in self:
            club.member_count = counts.get(club, 0)

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("company_id")
    def _check_company_change(self):
        for club in self:
            if (
                self.env["club.point.entry"]
                .sudo()
                .search_count(
                    [("club_id", "=", club.id), ("company_id", "!=", club.company_id.id)],
                    limit=1,
                )
            ):
                raise ValidationError(
                    self.env._(
                        "The club %(club)s has points in its ledger, so its company cannot change. Make a new club "
                        "instead.",
                        club=club.name,
                    )
                )

    @api.constrains("join_policy", "criteria_orders", "criteria_amount", "criteria_months")
    def _check_criteria(self):
        for club in self:
            if (club.criteria_orders or club.criteria_amount) and club.criteria_months < 1:
                raise ValidationError(
                    self.env._(
                        "%(club)s asks for orders or an amount within a period: the period must be at least one month.",
                        club=club.name,
                    )
                )

    @api.constrains("invitation_days")
    def _check_invitation_days(self):
        for club in self:
            if not 1 <= club.invitation_days <= 366:
                raise ValidationError(
                    self.env._("Invitations of %(club)s must last between 1 and 366 days.", club=club.name)
                )

    @api.constrains("member_number_prefix")
    def _check_member_number_prefix(self):
        for club in self:
            try:
                member_number(1, club.member_number_prefix or "")
            except EngineError as error:  # noqa: PERF203 - the record must be named
                raise ValidationError(
                    self.env._(
                        "The prefix %(prefix)s of %(club)s may have at most eight letters A-Z and digits.",
                        prefix=club.member_number_prefix,
                        club=club.name,
                    )
                ) from error

    @api.constrains("expiry_policy", "expiry_months", "expiry_month", "expiry_day", "expiry_grace_months", "calendar")
    def _check_expiry(self):
        for club in self:
            if club.expiry_policy in ("months", "inactivity") and club.expiry_months < 1:
                raise ValidationError(
                    self.env._(
                        "Points of %(club)s must live for at least one month. Write the months, or choose that they "
                        "never expire.",
                        club=club.name,
                    )
                )
            if club.expiry_policy == "fixed_day":
                try:
                    periods.next_yearly(club.expiry_month, club.expiry_day, fields.Date.today(), club.calendar)
                except EngineError as error:  # noqa: PERF203 - the record must be named
                    raise ValidationError(
                        self.env._(
                            "Points of %(club)s are to expire on day %(day)s of month %(month)s: no %(calendar)s "
                            "year has that day. "
                            "Choose a month from 1 to 12 and a day of it.",
                            club=club.name,
                            day=club.expiry_day,
                            month=club.expiry_month,
                            calendar=dict(club._fields["calendar"]._description_selection(club.env))[club.calendar],
                        )
                    ) from error

    @api.constrains("tier_window", "tier_window_months")
    def _check_tier_window(self):
        for club in self:
            if club.tier_window == "rolling" and club.tier_window_months < 1:
                raise ValidationError(
                    self.env._(
                        "Tiers of %(club)s look back over rolling months: write at least one month.",
                        club=club.name,
                    )
                )

    @api.constrains("program_id")
    def _check_program(self):
        self.program_id.sudo()._check_club_program()

    # -- create and write ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        clubs = super().create(vals_list)
        for club in clubs.filtered(lambda club: not club.program_id):
            club.program_id = self.env["loyalty.program"].sudo().create(club._prepare_program_values())
        clubs._make_number_sequences()
        clubs.filtered("terms")._publish_terms()
        return clubs

    def write(self, vals):
        before = {club: club.terms for club in self} if "terms" in vals else {}
        result = super().write(vals)
        self.filtered(lambda club: club in before and club.terms and club.terms != before[club])._publish_terms()
        synced = self._prepare_program_sync_values(vals)
        if synced:
            self.program_id.sudo().write(synced)
        if "active" in vals or "company_id" in vals:
            self.env.registry.clear_cache()  # what tiers give: club.tier._is_given
        if set(vals) & {"tier_basis", "tier_window", "tier_window_months", "calendar"}:
            self._mark_tiers_for_check()
        if set(vals) & {"tier_review", "calendar"}:
            self._reschedule_tier_reviews()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_members(self):
        for club in self:
            if (
                self.env["club.member"]
                .sudo()
                .with_context(active_test=False)
                .search_count([("club_id", "=", club.id)], limit=1)
            ):
                raise UserError(
                    self.env._(
                        "%(club)s has or had members, so it cannot be deleted. Archive it instead.", club=club.name
                    )
                )

    # -- actions -------------------------------------------------------------------------------------

    def action_open_members(self):
        """Open this club's members."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_member_action")
        return dict(action, domain=[("club_id", "=", self.id)], context={"search_default_active_members": 1})

    def action_open_rewards(self):
        """Open what the club's points buy."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.loyalty_reward_action_club")
        program = self.sudo().program_id.id
        return {
            **action,
            "name": self.env._("Rewards of %(club)s", club=self.name),
            "domain": [("program_id", "=", program)],
            "context": {"default_program_id": program, "program_type": "loyalty"},
        }

    @api.model
    def _load_demo(self):
        """Make the demo club with its past, once; called by the demo data."""
        from odoo.addons.customer_club.demo import florist  # noqa: PLC0415 - not loaded without demo data

        florist.build(self.env)
