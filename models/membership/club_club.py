"""The club: policy, points program, tiers and rules of one customer club."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get


class ClubClub(models.Model):
    """One club of one company.

    Its points live on the cards of ``program_id``, an Odoo program of type ``loyalty`` whose only rule is an
    anchor that can never be reached (design rule 5): Odoo spends, the club's ledger earns.
    """

    _name = "club.club"
    _description = "Customer Club"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    program_id = fields.Many2one(
        "loyalty.program", string="Points Program", ondelete="restrict", readonly=True, copy=False, check_company=True,
        help="The Odoo loyalty program whose cards hold this club's points and whose rewards the members claim.",
    )
    reward_ids = fields.One2many(related="program_id.reward_ids", readonly=False)
    point_name = fields.Char(string="Name of a Point", default=lambda self: self.env._("Points"), required=True, translate=True)
    points_digits = fields.Integer(string="Decimals of Points", default=0, help="0 (whole points) to 2.")

    # Who may join
    join_policy = fields.Selection(
        [("open", "Open: anyone may join"), ("closed", "Closed: by criteria or invitation")],
        default="open", required=True, tracking=True,
    )
    criteria_orders = fields.Integer(string="Orders Needed", help="Confirmed orders within the period (0: not asked).")
    criteria_amount = fields.Monetary(string="Amount Needed", help="Amount bought within the period (0: not asked).")
    criteria_months = fields.Integer(string="Criteria Period (Months)", default=12)
    join_at_signup = fields.Boolean(string="Offer at Sign-up", default=True)
    join_at_checkout = fields.Boolean(string="Offer at Checkout", default=True)
    terms = fields.Html(translate=True, sanitize=True)
    member_number_prefix = fields.Char(default="")
    earner = fields.Selection(
        [("person", "The person who buys"), ("company", "The person's company")],
        default="person", required=True,
        help="For contacts of one company: who becomes the member and earns.",
    )

    # Time
    calendar = fields.Selection([("gregorian", "Gregorian"), ("jalali", "Jalali")], default="gregorian", required=True)
    tz = fields.Selection("_tz_get", string="Time Zone", required=True, default=lambda self: self.env.user.tz or "UTC")
    week_start = fields.Selection(
        [("0", "Monday"), ("5", "Saturday"), ("6", "Sunday")], default="0", required=True,
    )

    # Earning
    earn_when = fields.Selection(
        [("confirmed", "The order is confirmed"), ("invoiced", "The sale is invoiced"), ("paid", "The invoice is paid")],
        string="Points Become Spendable When", default="paid", required=True, tracking=True,
    )
    hold_days = fields.Integer(string="Hold Days", default=14, help="Days after that before the points can be spent; at least your return period.")
    earn_tax = fields.Selection(
        [("included", "Including taxes"), ("excluded", "Excluding taxes")],
        string="Amounts Count", default="included", required=True,
    )
    budget_points = fields.Float(string="Points Budget", digits=(16, 2), help="Most points the club's rules may give in a budget period (0: no limit).")
    budget_period = fields.Selection([("month", "Month"), ("quarter", "Quarter"), ("year", "Year")], default="month", required=True)

    # Expiry
    expiry_policy = fields.Selection(
        [
            ("never", "Never"),
            ("months", "Some months after they were earned"),
            ("inactivity", "Some months without any activity"),
            ("fixed_day", "On a fixed day of the year"),
        ],
        string="Points Expire", default="months", required=True, tracking=True,
    )
    expiry_months = fields.Integer(default=12, tracking=True)
    expiry_month = fields.Integer(string="Expiry Month", default=12, help="Month of the club's calendar, 1 to 12.")
    expiry_day = fields.Integer(string="Expiry Day", default=31)
    expiry_grace_months = fields.Integer(string="Least Life (Months)", help="Points younger than this on the fixed day live until the next one.")

    # Tiers
    tier_ids = fields.One2many("club.tier", "club_id", copy=True)
    tier_basis = fields.Selection(
        [("points", "Points earned"), ("amount", "Amount bought"), ("orders", "Number of orders")],
        string="Tiers Qualify On", default="points", required=True,
    )
    tier_window = fields.Selection(
        [("rolling", "Rolling months"), ("year", "Calendar year"), ("lifetime", "Lifetime")], default="rolling", required=True,
    )
    tier_window_months = fields.Integer(string="Window (Months)", default=12)
    tier_demotion = fields.Selection(
        [("hard", "To the tier deserved"), ("one_step", "One step down"), ("never", "Never")],
        string="At Review, Members Fall", default="one_step", required=True,
    )
    tier_review = fields.Selection([("month", "Monthly"), ("quarter", "Quarterly"), ("year", "Yearly")], default="year", required=True)
    tier_grace_days = fields.Integer(string="Grace Days", default=30)

    # Controls
    adjust_limit = fields.Float(
        string="Adjustment Limit", digits=(16, 2), default=100.0,
        help="A manual adjustment of more points than this needs a second person.",
    )

    member_ids = fields.One2many("club.member", "club_id")
    member_count = fields.Integer(compute="_compute_member_count")

    _program_unique = models.Constraint("UNIQUE(program_id)", "A points program belongs to one club only.")
    _digits_range = models.Constraint("CHECK(points_digits BETWEEN 0 AND 2)", "A club's points have 0, 1 or 2 decimals.")

    @api.model
    def _tz_get(self):
        return _tz_get(self)

    def _compute_member_count(self):
        counts = dict(self.env["club.member"]._read_group([("club_id", "in", self.ids)], ["club_id"], ["__count"]))
        for club in self:
            club.member_count = counts.get(club, 0)

    @api.constrains("company_id")
    def _check_company_change(self):
        for club in self:
            if self.env["club.point.entry"].sudo().search_count(
                [("club_id", "=", club.id), ("company_id", "!=", club.company_id.id)], limit=1,
            ):
                raise ValidationError(self.env._(
                    "The club %(club)s has points in its ledger, so its company cannot change. Make a new club instead.",
                    club=club.name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        clubs = super().create(vals_list)
        for club in clubs.filtered(lambda club: not club.program_id):
            club.program_id = self.env["loyalty.program"].sudo().create(club._prepare_program_values())
        return clubs

    def _prepare_program_values(self):
        """Values of the points program: Odoo's rewards, and the anchor rule that nobody can reach (design rule 5)."""
        self.ensure_one()
        return {
            "name": self.name,
            "program_type": "loyalty",
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "portal_visible": False,
            "portal_point_name": self.point_name,
            "trigger": "auto",
            "applies_on": "both",
            "rule_ids": [(5, 0, 0), (0, 0, self._prepare_anchor_rule_values())],
            "reward_ids": [(5, 0, 0), (0, 0, self._prepare_default_reward_values())],
        }

    def _prepare_anchor_rule_values(self):
        return {
            "mode": "with_code",
            "code": f"club-anchor-{secrets.token_hex(16)}",
            "minimum_amount": 1e12,
            "reward_point_amount": 1,
            "reward_point_mode": "order",
        }

    def _prepare_default_reward_values(self):
        return {
            "reward_type": "discount",
            "discount_mode": "per_point",
            "discount": 0.01,
            "discount_applicability": "order",
            "required_points": 1,
        }

    def _enrol(self, partners, source="manual"):
        """Make ``partners`` members of this club; a partner who is one already stays as it is.

        :param partners: ``res.partner`` records.
        :param str source: how they came: manual, portal, signup, checkout, import, adopt, api.
        :return: the active ``club.member`` records, one per partner (or per company, as the club's ``earner`` says).
        :rtype: recordset of ``club.member``
        """
        self.ensure_one()
        if self.earner == "company":
            partners = partners.commercial_partner_id
        Member = self.env["club.member"]
        members = Member.search([("club_id", "=", self.id), ("partner_id", "in", partners.ids)])
        missing = partners - members.partner_id
        return members | Member.create([
            {"club_id": self.id, "partner_id": partner.id, "source": source} for partner in missing
        ])
