"""From a template to a working club in a few pages, with what it will cost."""

from decimal import ROUND_HALF_UP, Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount, formatLang

from .club_setup_templates import TYPICAL_UNITS

PAGES = ("template", "club", "earn", "spend", "cost")
# A typical purchase where the company has no orders yet, for currencies whose unit is small.
TYPICAL_BY_CURRENCY = {
    "IRR": 10_000_000,
    "VND": 1_000_000,
    "IDR": 500_000,
    "KRW": 50_000,
    "JPY": 5_000,
    "HUF": 15_000,
    "CLP": 40_000,
}


class ClubSetupWizard(models.TransientModel):
    _inherit = "club.setup.wizard"

    page = fields.Selection([(page, page) for page in PAGES], default="template", required=True)
    template = fields.Selection(
        [
            ("florist", "Florist: gifts and seasons, three tiers, 3 % back"),
            ("grocery", "Grocery: many small baskets, 1 % back"),
            ("jewellery", "Jewellery: few large purchases, tiers for life, early access"),
            ("b2b", "B2B: companies, yearly tiers, prompt payment"),
        ],
        default="florist",
        required=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    typical = fields.Monetary(
        string="A Typical Purchase",
        required=True,
        default=lambda self: self._get_typical(self.env.company),
        help="Everything scales with it. Proposed from your orders of the last year, if there are any.",
    )
    name = fields.Char()
    point_name = fields.Char(default=lambda self: self.env._("Points"))
    join_policy = fields.Selection(
        selection=[("open", "Open: anyone may join"), ("closed", "Closed: by criteria or invitation")], default="open"
    )
    earn_when = fields.Selection(
        selection=lambda self: self.env["club.club"]._fields["earn_when"].selection, default="paid"
    )
    hold_days = fields.Integer()
    expiry_policy = fields.Selection(
        selection=[
            ("never", "Never"),
            ("months", "Some months after they were earned"),
            ("inactivity", "Some months without any activity"),
        ],
        default="months",
    )
    expiry_months = fields.Integer(default=12)
    terms = fields.Html()
    tier_basis = fields.Selection(
        selection=lambda self: self.env["club.club"]._fields["tier_basis"].selection, default="points"
    )
    point_value = fields.Float(string="Worth of a Point", digits=(16, 6), help="As a discount, in your currency.")
    tier_ids = fields.One2many("club.setup.tier", "wizard_id")
    rule_ids = fields.One2many("club.setup.rule", "wizard_id")
    reward_ids = fields.One2many("club.setup.reward", "wizard_id")
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    # -- values --------------------------------------------------------------------------------------

    @api.model
    def _get_typical(self, company):
        """A typical purchase of ``company``: the median of its last year's orders, else a guess by currency."""
        amounts = sorted(
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "sale"),
                    ("amount_total", ">", 0),
                    ("currency_id", "=", company.currency_id.id),
                    ("date_order", ">", fields.Datetime.subtract(fields.Datetime.now(), years=1)),
                ],
                limit=1000,
                order="id desc",
            )
            .mapped("amount_total")
        )
        if len(amounts) >= 20:
            return self._round_nicely(amounts[len(amounts) // 2])
        return TYPICAL_BY_CURRENCY.get(
            company.currency_id.name, 5_000 if not company.currency_id.decimal_places else 50
        )

    @api.model
    def _round_nicely(self, amount):
        """The nearest 1, 2 or 5 times a power of ten: amounts that people say.

        :rtype: float
        """
        if amount <= 0:
            return 1.0
        number = Decimal(str(amount))
        power = Decimal(10) ** number.adjusted()
        return float(
            min((Decimal(step) * power for step in (1, 2, 5, 10)), key=lambda candidate: abs(candidate - number))
        )

    def _get_unit(self):
        """The money of one unit of the templates: a fiftieth of a typical purchase, at least the currency's smallest
        coin.
        """
        self.ensure_one()
        return max(self._round_nicely(self.typical / TYPICAL_UNITS), self.currency_id.rounding or 0.01)

    def _load_template(self):
        """Fill the pages from the template, in the company's currency. What was edited before is replaced."""
        self.ensure_one()
        template, unit = self._get_templates()[self.template], self._get_unit()
        club = template["club"]
        money = club.get("tier_basis") == "amount"
        value = float(
            (Decimal(str(unit)) * Decimal(str(template["back"])) / 100).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        )
        self.write(
            {
                "name": template["name"],
                "point_value": value,
                **{
                    name: club[name]
                    for name in ("tier_basis", "hold_days", "earn_when", "expiry_policy")
                    if name in club
                },
                "expiry_months": club.get("expiry_months", 12),
                "join_policy": club.get("join_policy", "open"),
                "tier_ids": [
                    Command.clear(),
                    *(
                        Command.create(dict(tier, threshold=tier["threshold"] * (unit if money else 1)))
                        for tier in template["tiers"]
                    ),
                ],
                "rule_ids": [
                    Command.clear(),
                    *(Command.create(self._prepare_rule(rule, unit)) for rule in template["rules"]),
                ],
                "reward_ids": [
                    Command.clear(),
                    *(Command.create(self._prepare_reward(reward, unit)) for reward in template["rewards"]),
                ],
            }
        )

    def _prepare_rule(self, rule, unit):
        vals = {name: value for name, value in rule.items() if name not in ("per_units", "min_units")}
        return dict(vals, per_amount=rule.get("per_units", 0) * unit, min_amount=rule.get("min_units", 0) * unit)

    def _prepare_reward(self, reward, unit):
        return {
            "kind": reward["kind"],
            "points": reward.get("points", 1),
            "percent": reward.get("percent", 0),
            "amount": reward.get("units", 0) * unit,
        }

    # -- pages ---------------------------------------------------------------------------------------

    def action_next(self):
        """Go to the next page; from the first one, load the template."""
        self.ensure_one()
        if self.page == "template":
            if self.typical <= 0:
                raise UserError(self.env._("Write what a typical purchase costs, more than nothing."))
            self._load_template()
        self._check_page()
        self.page = PAGES[PAGES.index(self.page) + 1]
        return self._reopen()

    def action_back(self):
        """Go to the page before; nothing is lost but a reloaded template."""
        self.ensure_one()
        self.page = PAGES[max(PAGES.index(self.page) - 1, 0)]
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Up a Club"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_page(self):
        if self.page == "club" and not (self.name or "").strip():
            raise UserError(self.env._("Give the club a name that your customers will read."))
        if self.page == "spend":
            if self.point_value <= 0:
                raise UserError(self.env._("A point must be worth something: write its worth as a discount."))
            if not self.reward_ids:
                raise UserError(self.env._("Members need something to spend points on: add a reward."))

    # -- cost ----------------------------------------------------------------------------------------

    @api.depends(
        "typical",
        "point_value",
        "tier_ids.multiplier",
        "rule_ids.points",
        "rule_ids.per_amount",
        "reward_ids.points",
        "name",
    )
    def _compute_explanation(self):
        for wizard in self:
            wizard.explanation = wizard._explain_cost() if wizard.page != "template" else False

    def _get_worth_of_point(self):
        """The most that a point buys, as money: the best of the rewards.

        :rtype: Decimal
        """
        self.ensure_one()
        return max((reward._get_worth() for reward in self.reward_ids), default=Decimal(0))

    def _get_cost(self, multiplier, amount, special=False):
        """Points that a purchase of ``amount`` earns at a tier's multiplier.

        :param bool special: as if the rules that hold only sometimes held, too
        :rtype: Decimal
        """
        self.ensure_one()
        rules = self.rule_ids.filtered(
            lambda rule: rule.event_type == "purchase" and (special or not rule._is_occasional())
        )
        return sum((rule._get_points(amount, multiplier) for rule in rules), Decimal(0))

    def _get_shares(self):
        """The share of purchases that rewards give back: usually at the lowest tier, and at the most.

        The most is looked for at a typical purchase and at every amount from which a rule holds.

        :return: two shares of 1
        :rtype: tuple(Decimal, Decimal)
        """
        self.ensure_one()
        worth, typical = self._get_worth_of_point(), Decimal(str(self.typical or 1))
        multipliers = self.tier_ids.mapped("multiplier") or [1]
        amounts = {typical, *(Decimal(str(amount)) for amount in self.rule_ids.mapped("min_amount") if amount > 0)}
        least = self._get_cost(min(multipliers), typical) * worth / typical
        most = max(self._get_cost(max(multipliers), amount, special=True) * worth / amount for amount in amounts)
        return least, max(least, most)

    def _explain_cost(self):
        """What the club will cost, in words, with a worked example in the company's currency."""
        _, worth = self.env._, self._get_worth_of_point()
        tiers = self.tier_ids.sorted("threshold")
        name = self.point_name or _("Points")
        low = self._get_cost(tiers[:1].multiplier or 1, self.typical)
        lines = [
            _(
                "A member in %(tier)s buys for %(amount)s and earns %(points)s %(name)s. As a reward they are worth "
                "%(worth)s: %(percent)s %% of the purchase.",
                tier=tiers[:1].name or _("the club"),
                amount=self._format_money(self.typical),
                points=self.env["club.club"]._show_number(low),
                name=name,
                worth=self._format_money(low * worth),
                percent=self._format_share(low * worth / Decimal(str(self.typical or 1))),
            )
        ]
        best = max(tiers, key=lambda tier: tier.multiplier, default=tiers)
        high = self._get_cost(best.multiplier or 1, self.typical)
        if high > low:
            lines.append(
                _(
                    "A member in %(tier)s earns %(points)s for the same purchase, worth %(worth)s: %(percent)s %%.",
                    tier=best.name,
                    points=self.env["club.club"]._show_number(high),
                    worth=self._format_money(high * worth),
                    percent=self._format_share(high * worth / Decimal(str(self.typical or 1))),
                )
            )
        lines += [
            _(
                "Each new member gets %(points)s %(name)s once, worth %(worth)s.",
                points=self.env["club.club"]._show_number(rule.points),
                name=name,
                worth=self._format_money(Decimal(str(rule.points)) * worth),
            )
            for rule in self.rule_ids
            if rule.event_type == "join"
        ]
        least, most = self._get_shares()
        lines.append(
            _(
                "So the club gives back %(low)s %% of what members buy, and never more than %(high)s %%, where the "
                "best tier and every special rule "
                "come together. That is what it costs if every point is spent; points that expire cost nothing.",
                low=self._format_share(least),
                high=self._format_share(most),
            )
        )
        return Markup("<ul>%s</ul>") % Markup("").join(Markup("<li>%s</li>") % line for line in lines)

    def _format_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    @api.model
    def _format_share(self, share):
        return formatLang(self.env, float(share) * 100, digits=1)

    # -- create --------------------------------------------------------------------------------------

    def action_create(self):
        """Create the club with its tiers, rules and rewards, and open it."""
        self.ensure_one()
        club = self._create_club()
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.club",
            "res_id": club.id,
            "view_mode": "form",
            "target": "current",
        }

    def _create_club(self):
        """Create what the pages say.

        :rtype: ``club.club``
        """
        club = self.env["club.club"].create(self._prepare_club_values())
        self.env["club.earn.rule"].create([rule._prepare_values(club) for rule in self.rule_ids])
        program = club.program_id.sudo()
        program.write(
            {
                "reward_ids": [
                    Command.clear(),
                    *(Command.create(values) for reward in self.reward_ids for values in [reward._prepare_values()]),
                ]
            }
        )
        return club

    def _prepare_club_values(self):
        template = self._get_templates()[self.template]
        return {
            **template["club"],
            "name": self.name,
            "company_id": self.company_id.id,
            "point_name": self.point_name or self.env._("Points"),
            "join_policy": self.join_policy,
            "earn_when": self.earn_when,
            "hold_days": self.hold_days,
            "expiry_policy": self.expiry_policy,
            "expiry_months": self.expiry_months,
            "terms": self.terms,
            "tier_basis": self.tier_basis,
            "calendar": "jalali" if (self.env.user.lang or "").startswith("fa") else "gregorian",
            "week_start": "5" if (self.env.user.lang or "").startswith("fa") else "0",
            "tier_ids": [Command.create(tier._prepare_values()) for tier in self.tier_ids],
        }
