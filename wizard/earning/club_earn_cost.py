"""What a rule would have cost over the last 12 months, before it is switched on."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.exceptions import UserError
from odoo.tools import format_date

MONTHS = 12


class ClubEarnCost(models.TransientModel):
    """A replay of the club's recorded facts with one rule more; see :mod:`customer_club.models.earning.replay`."""

    _name = "club.earn.cost"
    _description = "Cost of an Earning Rule"
    _inherit = "club.bounded"

    rule_id = fields.Many2one("club.earn.rule", required=True, readonly=True, ondelete="cascade")
    club_id = fields.Many2one(related="rule_id.club_id")
    currency_id = fields.Many2one(related="club_id.currency_id")
    sentence = fields.Char(related="rule_id.sentence")
    points = fields.Float(string="Points Given", digits=(16, 2), readonly=True)
    instead = fields.Float(
        string="Less From Other Rules",
        digits=(16, 2),
        readonly=True,
        help="What other rules of its group, or of the same budget, would have given less.",
    )
    value = fields.Monetary(readonly=True, help="At what a point is worth as a discount in this club.")
    sales_share = fields.Float(string="Share of Sales (%)", digits=(16, 2), readonly=True)
    member_count = fields.Integer(string="Members Reached", readonly=True)
    fact_count = fields.Integer(string="Times", readonly=True)
    is_valued = fields.Boolean(readonly=True)
    note = fields.Text(readonly=True)
    months = fields.Html(string="Month by Month", readonly=True, sanitize=False)

    @api.model_create_multi
    def create(self, vals_list):
        costs = super().create([{"rule_id": vals["rule_id"]} for vals in vals_list])
        for cost in costs:
            cost.sudo().write(cost._measure())
        return costs

    def action_confirm(self):
        """Switch the rule on."""
        self.rule_id.active = True
        return {"type": "ir.actions.act_window_close"}

    # -- measuring -----------------------------------------------------------

    def _measure(self):
        self.rule_id.check_access("read")
        policy = self.env["club.club"]._get_policies().get(self.club_id.id)
        if not policy:
            raise UserError(
                self.env._("The club %(club)s is archived. Activate it to switch on its rules.", club=self.club_id.name)
            )
        last = periods.local_date(fields.Datetime.now(), policy.tz)
        first = periods.add_months(last, -MONTHS, policy.calendar)
        result = Replay(self.env, policy, self.rule_id._to_engine(), first, last).run()
        worth = Decimal(str(self.rule_id._get_award_worth()))
        net = result.points - result.instead
        sales = self.club_id._read_sales(first, last)
        return {
            "points": float(result.points),
            "instead": float(result.instead),
            "value": float(net * worth),
            "is_valued": bool(worth),
            "sales_share": float(100 * net * worth / sales) if sales > 0 else 0.0,
            "member_count": result.members,
            "fact_count": sum(month.facts for month in result.months.values()),
            "note": "\n".join(self._get_notes(result, worth, sales)),
            "months": self._render_months(result, worth, first, last),
        }

    def _get_notes(self, result, worth, sales):
        """What the numbers do not say by themselves."""
        _, number = self.env._, self.rule_id._number
        notes = []
        if not result.facts:
            notes.append(
                _(
                    "Nothing of this kind was recorded in the last 12 months, so the past tells nothing. "
                    "Set a limit, and look at the rule again after some weeks."
                )
            )
        if result.share > 1:
            notes.append(
                _(
                    "Estimated from one in %(share)s members, with %(looked)s of %(facts)s facts.",
                    share=number(result.share),
                    looked=number(result.looked_at),
                    facts=number(result.facts),
                )
            )
        if not worth:
            notes.append(_("Points buy goods only in this club, so they have no value in money here."))
        if worth and sales <= 0:
            notes.append(_("No purchases were recorded, so there is no share of sales."))
        if self.rule_id.max_days_to_pay:
            notes.append(_("Where it is not recorded when a purchase was paid, it counts as paid in time."))
        if self.rule_id.check_overdue:
            notes.append(_("What was overdue at the time is not known: nobody is left out for that."))
        if result.facts:
            notes.append(
                _(
                    "Counted with the tier that each member had at the time, and without what was returned. "
                    "People may do more of what earns points than they did before."
                )
            )
        return notes

    def _render_months(self, result, worth, first, last):
        """The months as bars with their numbers; a table that a screen reader can read."""
        months, day = [], first
        while day < last:
            start, end = periods.period_bounds("month", day, self.club_id.calendar, int(self.club_id.week_start))
            months.append((start, result.months.get(start)))
            day = end
        most = max((month.points for _start, month in months if month), default=Decimal(0))
        rows = [
            {
                "name": periods.format_period("month", start, self.club_id.calendar)
                if self.club_id.calendar != "gregorian"
                else format_date(self.env, start, date_format="MMM y"),
                "points": self.rule_id._number(month.points if month else 0),
                "value": self.rule_id._money((month.points - month.instead) * worth if month else 0) if worth else "",
                "width": int(100 * month.points / most) if month and most else 0,
            }
            for start, month in months
        ]
        return self.env["ir.qweb"]._render("customer_club.club_earn_cost_months", {"rows": rows, "valued": bool(worth)})
