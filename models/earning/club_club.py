"""The club's policy as the earning engine reads it."""

from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning
from odoo.addons.customer_club.models.entry_sql import WHAT_IT_REVERSES
from odoo.tools import SQL, ormcache


class Policy(NamedTuple):
    """What earning needs to know of a club; cached, so that a confirmation reads neither the club nor its rules."""

    club_id: int
    company_id: int
    currency_id: int
    tz: str
    calendar: str
    week_start: int
    digits: int
    when: str
    hold_days: int
    tax: str
    earner: str
    from_invoices: bool
    budget: Decimal
    budget_period: str
    rules: tuple[earning.Rule, ...]
    follow_ups: tuple[earning.Rule, ...] = ()  #: conditions under which staff get a task; they give nothing
    budget_share: Decimal = Decimal(0)  #: share of sales (0 to 1) that points may cost, in the place of a number

    @property
    def has_budget(self) -> bool:
        """Whether rules stop giving when a period's budget is used up."""
        return bool(self.budget or self.budget_share)

    @property
    def needs(self) -> frozenset[str]:
        """Conditions and counters that any rule of the club asks for."""
        return frozenset().union(*(rule.needs for rule in (*self.rules, *self.follow_ups)))


#: A change of one of these fields changes the policy.
POLICY_FIELDS = frozenset(
    {
        "active",
        "company_id",
        "tz",
        "calendar",
        "week_start",
        "points_digits",
        "earn_when",
        "hold_days",
        "earn_tax",
        "earner",
        "earn_from_invoices",
        "budget_points",
        "budget_period",
        "budget_kind",
        "budget_share",
        "budget_stop",
    }
)


class ClubClub(models.Model):
    _inherit = "club.club"

    earn_from_invoices = fields.Boolean(
        string="Invoices Without an Order Earn",
        default=True,
        help="Invoices that come from no sales order and from no till earn too.",
    )
    rule_ids = fields.One2many("club.earn.rule", "club_id", string="Earning Rules")
    rule_count = fields.Integer(compute="_compute_rule_count")

    def _compute_rule_count(self):
        counts = dict(self.env["club.earn.rule"]._read_group([("club_id", "in", self.ids)], ["club_id"], ["__count"]))
        for club in self:
            club.rule_count = counts.get(club, 0)

    @api.model_create_multi
    def create(self, vals_list):
        clubs = super().create(vals_list)
        self._clear_earning_cache()
        return clubs

    def write(self, vals):
        result = super().write(vals)
        if POLICY_FIELDS & vals.keys():
            self._clear_earning_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self._clear_earning_cache()
        return result

    def action_view_rules(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_earn_rule_action")
        return {
            **action,
            "domain": [
                ("club_id", "=", self.id),
                ("active", "in", (True, False)),
                ("purpose", "=", "points"),
            ],
            "context": {"default_club_id": self.id, "default_active": False},
        }

    # -- the engine's values -------------------------------------------------

    @api.model
    def _clear_earning_cache(self):
        """Forget the cached policies, here and, at commit, in every other process."""
        self.env.registry.clear_cache()

    @api.model
    @ormcache()
    def _get_policies(self):
        """Policies of all active clubs by club id.

        :rtype: dict[int, Policy]
        """
        # Cached for everybody: not with the archived clubs and rules that the first caller may have asked for.
        clubs = self.sudo().with_context(active_test=True).search([])
        rules = clubs.env["club.earn.rule"]._read_engine_rules(clubs)
        follow_ups = clubs.env["club.follow.up"]._read_engine_follow_ups(clubs)
        return {
            club.id: Policy(
                club_id=club.id,
                company_id=club.company_id.id,
                currency_id=club.company_id.currency_id.id,
                tz=club.tz,
                calendar=club.calendar,
                week_start=int(club.week_start),
                digits=club.points_digits,
                when=club.earn_when,
                hold_days=club.hold_days,
                tax=club.earn_tax,
                earner=club.earner,
                from_invoices=club.earn_from_invoices,
                rules=tuple(rules.get(club.id, ())),
                follow_ups=tuple(follow_ups.get(club.id, ())),
                **club._get_budget_values(),
            )
            for club in clubs
        }

    @api.model
    def _read_points_given(self, club_id, start, end, after=0):
        """Points that a club's rules gave between two instants, net of what came back of them whenever that was.

        :param int after: only entries with a greater id: the others were counted before.
        :rtype: Decimal
        """
        # SQL: at every confirmation, from the index alone; what comes back is found by what it reverses.
        ((points,),) = self.env.execute_query(
            SQL(
                """
            SELECT (SELECT COALESCE(SUM(points), 0) FROM club_point_entry
                     WHERE club_id = %(club)s AND date >= %(start)s AND date < %(end)s AND rule_id IS NOT NULL
                       AND kind = 'earn' %(given)s)
                 + (SELECT COALESCE(SUM(e.points), 0)
                      FROM club_point_entry e %(reverses)s
                     WHERE e.club_id = %(club)s AND e.date >= %(start)s AND e.rule_id IS NOT NULL
                       AND e.kind = 'reverse' %(back)s
                       AND COALESCE(origin.date, reversed.date) >= %(start)s
                       AND COALESCE(origin.date, reversed.date) < %(end)s)
            """,
                club=club_id,
                start=start,
                end=end,
                given=SQL("AND id > %s", after) if after else SQL(),  # else the index alone would not do
                back=SQL("AND e.id > %s", after) if after else SQL(),
                reverses=WHAT_IT_REVERSES,
            )
        )
        return Decimal(str(points or 0))
