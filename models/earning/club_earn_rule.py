"""A rule that turns events into points."""

from odoo import api, fields, models
from odoo.exceptions import UserError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Events that have an amount, a quantity and perhaps lines.
AMOUNT_TYPES = ("purchase", "merchant_purchase", "referral_purchase", "custom")

#: What the sentence is made of.
SENTENCE_FIELDS = frozenset(
    {
        "club_id",
        "event_type",
        "product_ids",
        "categ_ids",
        "tag_ids",
        "min_amount",
        "min_quantity",
        "first_in_category",
        "tier_from_id",
        "tier_ids",
        "currency_id",
        "date_from",
        "date_to",
        *WEEKDAYS,
        "hour_from",
        "hour_to",
        "channel",
        "payment_method_ids",
        "payment_term_ids",
        "max_days_to_pay",
        "check_overdue",
        "max_overdue",
        "nth_mode",
        "nth",
        "within_days",
        "frequency_count",
        "frequency_period",
        "formula",
        "points",
        "per_amount",
        "step_ids",
        "use_multiplier",
        "expiry_months",
        "limit_event",
        "limit_member",
        "limit_period",
        "limit_club",
        "stacking",
        "stacking_group",
    }
)


class ClubEarnRule(models.Model):
    """What members earn for one kind of event: conditions, formula, limits, precedence.

    The arithmetic is :mod:`customer_club.engine.earning`; this model translates a rule to its values. A change of a
    rule touches no point that was posted before: entries keep what the rule counted at the time.

    To add a condition from another addon, register it with ``engine.earning.register_condition`` (or
    ``register_line_filter``), add its fields here and return its value in :meth:`_get_condition_values`; say why it
    refuses in :meth:`_get_reason_sentences` and how it reads in :meth:`_get_clauses`. A formula likewise, with
    ``selection_add``, ``engine.earning.register_formula`` and :meth:`_get_formula_words`.
    """

    _name = "club.earn.rule"
    _description = "Club Earning Rule"
    _inherit = ["mail.thread", "club.owned", "club.copied"]
    _order = "club_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, tracking=True)
    purpose = fields.Selection(
        [("points", "Gives points"), ("follow_up", "Conditions of a follow-up by staff")],
        default="points",
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(
        default=10,
        help="The club's budget goes to lower numbers first; among equally good rules of a group the lowest wins.",
    )
    event_type = fields.Selection(
        selection=lambda self: self.env["club.event"]._fields["type"].selection,
        string="Event",
        required=True,
        default="purchase",
    )
    sentence = fields.Char(string="In Words", compute="_compute_sentence")
    conflicts = fields.Text(compute="_compute_conflicts", help="What keeps the rule from being saved, at once.")
    remarks = fields.Text(compute="_compute_conflicts", help="What is allowed, but perhaps not meant.")

    # What
    product_ids = fields.Many2many("product.product", string="Products", help="Empty: all products.")
    categ_ids = fields.Many2many(
        "product.category", string="Categories", help="Their subcategories count too. Empty: all categories."
    )
    tag_ids = fields.Many2many("product.tag", string="Product Tags", help="Empty: with any tag or none.")
    min_amount = fields.Monetary(
        string="Least Amount", help="What is really paid for the products that count must reach this."
    )
    min_quantity = fields.Float(string="Least Quantity", digits="Product Unit")
    first_in_category = fields.Boolean(
        string="New Category Only",
        help="Only products of a category from which the member has never bought before.",
    )

    # Who and when
    tier_from_id = fields.Many2one(
        "club.tier",
        string="From Tier",
        domain="[('club_id', '=', club_id)]",
        ondelete="restrict",
        help="This tier and all above it, also tiers that come later. Empty: every member.",
    )
    tier_ids = fields.Many2many(
        "club.tier",
        string="Only Tiers",
        domain="[('club_id', '=', club_id)]",
        help="Exactly these tiers. Empty: every member.",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until", help="This day included.")
    monday = fields.Boolean()
    tuesday = fields.Boolean()
    wednesday = fields.Boolean()
    thursday = fields.Boolean()
    friday = fields.Boolean()
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    hour_from = fields.Float(string="From Hour", help="In the club's time zone.")
    hour_to = fields.Float(
        string="To Hour", help="Before the start: over midnight, counted as the day on which it began."
    )

    # How
    channel = fields.Selection(
        [
            ("any", "Anywhere"),
            ("backend", "By our staff"),
            ("website", "In the web shop"),
            ("pos", "At the till"),
            ("counter", "At the counter"),
            ("portal", "In the customer's account"),
        ],
        string="Where",
        default="any",
        required=True,
    )
    payment_method_ids = fields.Many2many(
        "payment.method", string="Payment Methods", help="Of online payments. Empty: however it is paid."
    )
    payment_term_ids = fields.Many2many("account.payment.term", string="Payment Terms", help="Empty: with any terms.")
    max_days_to_pay = fields.Integer(
        string="Paid Within Days",
        help="Counts only when the whole purchase is paid, within this many days of the invoice. 0: not asked.",
    )
    check_overdue = fields.Boolean(string="Limit What Is Overdue")
    max_overdue = fields.Monetary(
        string="Most Overdue", help="Most that the customer may owe past the due date for the rule to count."
    )

    # How often
    nth_mode = fields.Selection(
        [
            ("no", "Every time"),
            ("exact", "Only the time number"),
            ("every", "Every so many times"),
            ("from", "From the time number on"),
        ],
        string="Which Time",
        default="no",
        required=True,
        help="Counted per member: purchases, visits, reviews, whatever the rule is about.",
    )
    nth = fields.Integer(string="Number", default=1)
    within_days = fields.Integer(
        string="Again Within Days", help="The one before was at most this many days ago. 0: not asked."
    )
    frequency_count = fields.Integer(
        string="So Many Within a Period",
        help="Counts with this one of the period, once per period. 0: not asked.",
    )
    frequency_period = fields.Selection(
        [("day", "Day"), ("week", "Week"), ("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        default="month",
        required=True,
    )

    # How many
    formula = fields.Selection(
        [
            ("fixed", "Fixed points"),
            ("per_amount", "Points for each full amount"),
            ("per_unit", "Points for each unit"),
            ("steps_flat", "By steps: the step reached counts for all"),
            ("steps_progressive", "By steps: each step for its own part"),
        ],
        default="fixed",
        required=True,
        tracking=True,
    )
    points = fields.Float(digits=(16, 2), default=1.0, tracking=True)
    per_amount = fields.Monetary(string="For Each Full", default=1.0, tracking=True)
    step_ids = fields.One2many("club.earn.rule.step", "rule_id", copy=True)
    use_multiplier = fields.Boolean(
        string="Tier Multiplier", default=True, help="Multiply by the multiplier of the member's tier."
    )
    expiry_months = fields.Integer(
        string="Own Expiry (Months)", help="Points of this rule expire after so many months. 0: as the club says."
    )

    # Limits
    limit_event = fields.Float(string="Most per Event", digits=(16, 2), help="0: no limit.")
    limit_member = fields.Float(string="Most per Member", digits=(16, 2), help="Within the period. 0: no limit.")
    limit_period = fields.Selection(
        [("day", "Day"), ("week", "Week"), ("month", "Month"), ("year", "Year"), ("lifetime", "Ever")],
        string="Per",
        default="month",
        required=True,
    )
    limit_club = fields.Float(
        string="Budget of This Rule",
        digits=(16, 2),
        help="Most points that all members together may ever get from this rule. 0: no limit.",
    )
    stacking = fields.Selection(
        [("add", "Adds to other rules"), ("best", "Only the best of its group counts")],
        default="add",
        required=True,
    )
    stacking_group = fields.Char(help="Rules of the same group compete.")
    entry_count = fields.Integer(compute="_compute_usage")
    points_given = fields.Float(
        compute="_compute_usage", digits=(16, 2), help="Points given by this rule, less what was taken back."
    )

    _limits_positive = models.Constraint(
        "CHECK(limit_event >= 0 AND limit_member >= 0 AND limit_club >= 0 AND expiry_months >= 0"
        " AND max_days_to_pay >= 0 AND within_days >= 0"
        " AND frequency_count >= 0 AND min_amount >= 0 AND min_quantity >= 0 AND max_overdue >= 0)",
        "Limits, least amounts and days of a rule cannot be negative. Use 0 for no limit.",
    )

    # -- computes ------------------------------------------------------------

    @api.depends(lambda self: [*self._get_sentence_fields(), "club_id.point_name", "club_id.point_name_one"])
    @api.depends_context("lang")
    def _compute_sentence(self):
        for rule in self:
            rule.sentence = rule._sentence()

    @api.depends(lambda self: self._get_sentence_fields())
    @api.depends_context("lang")
    def _compute_conflicts(self):
        for rule in self:
            rule.conflicts = "\n".join(rule._get_conflicts()) or False
            rule.remarks = "\n".join(rule._get_remarks()) or False

    def _compute_usage(self):
        rows = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [("rule_id", "in", self.ids), ("kind", "in", ("earn", "reverse"))],
                ["rule_id"],
                ["__count", "points:sum"],
            )
        )
        usage = {rule.id: (count, points) for rule, count, points in rows}
        for rule in self:
            rule.entry_count, rule.points_given = usage.get(rule.id, (0, 0.0))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["club.point.entry"].sudo().search([("rule_id", "in", self.ids)], limit=1).rule_id
        if used:
            raise UserError(
                self.env._(
                    "The rule %(rule)s has given points, and the ledger refers to it. Archive it instead.",
                    rule=used.name,
                )
            )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env["club.club"]._clear_earning_cache()
        return rules

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "active" not in (default or {}):
            for vals in vals_list:
                vals["active"] = False  # two equal rules would give points twice
        return vals_list

    def write(self, vals):
        result = super().write(vals)
        self.env["club.club"]._clear_earning_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["club.club"]._clear_earning_cache()
        return result

    # -- actions -------------------------------------------------------------

    def action_view_entries(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points of %(rule)s", rule=self.name),
            "res_model": "club.point.entry",
            "view_mode": "list,graph,pivot,form",
            "domain": [("rule_id", "=", self.id)],
        }
