"""Rewards on orders: for whom, how often, and what they cost the shop."""

from odoo import api, fields, models, tools
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: What makes a reward one that not everybody can have at any time.
RESTRICTING = frozenset(
    {
        "active",
        "program_id",
        "audience_from_tier_id",
        "audience_tier_ids",
        "audience_group_ids",
        "audience_segment_ids",
        "date_from",
        "date_to",
        "club_limit",
    }
)


class LoyaltyReward(models.Model):
    _name = "loyalty.reward"
    _inherit = ["loyalty.reward", "club.audience"]

    currency_id = fields.Many2one(related="program_id.currency_id")
    club_limit = fields.Integer(
        string="Times per Member",
        help="How often a member can have it on confirmed orders within the period. 0: no limit. An order that is "
        "cancelled does not count, one that is returned does.",
    )
    club_limit_period = fields.Selection(
        [("day", "Day"), ("week", "Week"), ("month", "Month"), ("year", "Year"), ("lifetime", "Ever")],
        string="Per",
        default="month",
        required=True,
        help="In the club's calendar and time zone.",
    )

    _club_limit_positive = models.Constraint(
        "CHECK(club_limit >= 0)", "How often a member can have a reward cannot be negative. Write 0 for no limit."
    )

    def _get_audience_club(self):
        self.ensure_one()
        return self.sudo().with_context(active_test=False).program_id.club_ids[:1].with_env(self.env)

    @api.constrains("audience_from_tier_id", "audience_tier_ids", "audience_segment_ids", "club_limit", "program_id")
    def _check_club_only(self):
        for reward in self:
            asks = reward.audience_from_tier_id or reward.audience_tier_ids or reward.audience_segment_ids
            if (asks or reward.club_limit) and not reward._get_audience_club():
                raise ValidationError(
                    self.env._(
                        "%(reward)s is no reward of a customer club, so it can neither ask for tiers and segments nor "
                        "be limited per member. Use the program's own conditions.",
                        reward=reward.display_name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rewards = super().create(vals_list)
        self.env.registry.clear_cache()
        return rewards

    def write(self, vals):
        result = super().write(vals)
        if not RESTRICTING.isdisjoint(vals):
            self.env.registry.clear_cache()
        return result

    # -- who can have it -----------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_restricted_ids(self):
        """Ids of clubs' rewards that not everybody can have at any time; cached, because every confirmation asks."""
        restricted = (
            Domain("audience_from_tier_id", "!=", False)
            | Domain("audience_tier_ids", "!=", False)
            | Domain("audience_group_ids", "!=", False)
            | Domain("audience_segment_ids", "!=", False)
            | Domain("date_from", "!=", False)
            | Domain("date_to", "!=", False)
            | Domain("club_limit", ">", 0)
        )
        programs = self.env["loyalty.program"]._get_club_program_ids()
        rewards = self.sudo().with_context(active_test=False)
        return frozenset(rewards.search(Domain("program_id", "in", list(programs)) & restricted).ids)

    def _get_club_refusals(self, card, order=None):
        """Why the owner of a club ``card`` cannot have each of these rewards now.

        :param order: the order that it is for: its own claim does not count against the limit.
        :return: dict of reward id → a refusal of the audience, ``limit``, or empty; those not restricted are left out.
        :rtype: dict[int, str]
        """
        restricted = self.filtered(lambda reward: reward.id in self._get_restricted_ids())
        member = (order._get_spender(card) if order else card._club_member()) if restricted else None
        if not member:
            return {}
        refusals = restricted._get_audience_refusals(member)
        limited = restricted.filtered(lambda reward: reward.club_limit and not refusals[reward.id])
        uses = limited.sudo()._read_club_uses(card, order)
        refusals.update({reward.id: "limit" for reward in limited if uses[reward.id] >= reward.club_limit})
        return refusals

    def _read_club_uses(self, card, order=None):
        """How often each of these was used by who pays with ``card`` in its current period, or is held by a payment
        under way: with the member's own card, and with a pool's on the member's own orders.

        One query per kind of period. SQL because a use is one code of possibly several lines of an order.

        :rtype: dict[int, int]
        """
        uses = dict.fromkeys(self.ids, 0)
        club = card._club_member().club_id
        member = order._get_spender(card) if order else card._club_member()
        own, buyers = card, self.env["res.partner"]
        if member.state != "account":
            own = self.env["club.member"].browse(member._get_own_ids()).card_id
            buyers = member._get_buyers()
        if self:
            self.env["sale.order.line"].flush_model(["reward_id", "coupon_id", "reward_identifier_code", "order_id"])
            self.env["sale.order"].flush_model(["state", "date_order", "partner_id"])
        for period, rewards in self.grouped("club_limit_period").items():
            since = None
            if period != "lifetime":
                first, last = periods.period_bounds(period, club._get_today(), club.calendar, int(club.week_start))
                since = periods.range_bounds(first, last, club.tz)[0]
            rows = self.env.execute_query(
                SQL(
                    """
                SELECT line.reward_id, COUNT(DISTINCT (line.order_id, line.reward_identifier_code))
                  FROM sale_order_line line JOIN sale_order o ON o.id = line.order_id
                 WHERE (line.coupon_id = ANY(%(cards)s) OR o.partner_id = ANY(%(buyers)s))
                   AND line.reward_id = ANY(%(rewards)s) AND line.order_id != %(order)s
                   AND ((o.state = 'sale' AND (%(since)s::timestamp IS NULL OR o.date_order >= %(since)s))
                        OR (o.state IN ('draft', 'sent') AND %(held)s))
                 GROUP BY line.reward_id
                """,
                    cards=own.ids,
                    buyers=buyers.ids,
                    rewards=rewards.ids,
                    order=(order._origin.id or 0) if order else 0,
                    since=since,
                    held=self.env["club.point.entry"]._get_paying_condition(),
                )
            )
            uses.update(rows)
        return uses

    def _say_club_refusal(self, reason, member):
        """A refusal of :meth:`_get_club_refusals` in words that tell what to do."""
        self.ensure_one()
        if reason != "limit":
            return self._say_audience_refusal(reason, member)
        return self.env._(
            "%(reward)s can be had %(count)s times %(period)s, and it was. Nothing was taken: choose something else.",
            reward=self.description or self.display_name,
            count=self.club_limit,
            period=self._say_club_period(),
        )

    def _say_club_period(self):
        _ = self.env._
        return {
            "day": _("a day"),
            "week": _("a week"),
            "month": _("a month"),
            "year": _("a year"),
            "lifetime": _("per member"),
        }[self.club_limit_period]

    def _is_per_point(self):
        """Whether the member chooses how many points to use for it."""
        self.ensure_one()
        return self.reward_type == "discount" and self.discount_mode == "per_point" and not self.clear_wallet

    # -- what it is for ------------------------------------------------------

    def _get_discount_product_domain(self):
        """Without the products that points of the club cannot buy."""
        domain = super()._get_discount_product_domain()
        club = self._get_audience_club().sudo()
        if not club or not club._has_spend_exclusions():
            return domain
        excluded = (
            Domain("id", "in", club.spend_excluded_product_ids.ids)
            | Domain("categ_id", "child_of", club.spend_excluded_category_ids.ids)
            | Domain("all_product_tag_ids", "in", club.spend_excluded_tag_ids.ids)
        )
        return Domain(domain) & ~excluded

    # -- at the till ---------------------------------------------------------

    @api.model
    def _load_pos_data_domain(self, data, config):
        """The till cannot ask for whom a reward is: there only those are offered that every member can have now.

        Only the point of sale calls this method; without it, nobody does.
        """
        return Domain(super()._load_pos_data_domain(data, config)) & Domain(
            "id", "not in", sorted(self._get_restricted_ids())
        )
