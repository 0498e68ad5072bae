"""What a campaign gives: points through the ledger's one writer, coupons and gifts through Odoo's own programs."""

import secrets
from datetime import timedelta
from decimal import Decimal

from odoo import Command, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.tools import SQL

CARD_CONTEXT = {"loyalty_no_mail": True, "action_no_send_mail": True, "tracking_disable": True}
#: A coupon holds one point, and costs one. What a product must be bought for adds next to nothing to it.
NEXT_TO_NOTHING = 0.01
#: Random bytes of a coupon's code: whoever has it may use it, and Odoo's own 32 bits are guessed where thousands wait
#: to be used, and collide (abuse 13).
CODE_BYTES = 9


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def _prepare_action(self):
        """Make what the action needs before anybody is in it: a rule of its own for whom it reaches."""
        self.ensure_one()
        if self.action == "points":
            self._keep(extra_rule_id=self._make_bonus_rule().id)
        if self.action != "multiplier":
            return
        rule = self.rule_id.sudo()
        factor = self.multiplier - 1
        extra = rule.copy(
            {
                "name": self.env._(
                    "%(rule)s, times %(number)s", rule=rule.name, number=self.club_id._show_number(self.multiplier)
                ),
                "active": True,
                "campaign_ids": [Command.set(self.ids)],
                "points": rule.points * factor,
                "limit_club": self._get_most_points(),
                "date_from": False,
                "date_to": False,
            }
        )
        for step in extra.step_ids:
            step.points *= factor
        self._keep(extra_rule_id=extra.id)

    def _make_bonus_rule(self):
        """The rule under whose name the bonus is posted, so that it counts in the club's budget and among the ways to
        earn. It is archived, for the campaign itself says who gets it.
        """
        return (
            self.env["club.earn.rule"]
            .sudo()
            .create(
                {
                    "club_id": self.club_id.id,
                    "name": self.env._("Bonus of %(campaign)s", campaign=self.name),
                    "active": False,
                    "event_type": "campaign",
                    "formula": "fixed",
                    "points": self.points,
                    "use_multiplier": False,
                    "campaign_ids": [Command.set(self.ids)],
                }
            )
        )

    def _get_most_points(self):
        """The most points that the campaign may give, by both its budgets; 0: no limit."""
        self.ensure_one()
        worth = float(self.club_id._point_worth())
        limits = [self.budget_points] if self.budget_points else []
        if self.budget_money and worth:
            limits.append(self.budget_money / worth)
        return float(self.club_id._round_down(min(limits))) if limits else 0.0

    # -- the budget ----------------------------------------------------------------------------------

    def _get_unit(self):
        """What one member gets at most, as (points, money in company currency)."""
        self.ensure_one()
        points = self.club_id._round_down(self.points) if self.action == "points" else Decimal(0)
        money = points * to_decimal(self.club_id._point_worth())
        if self.action in ("coupon", "favourite", "gift"):
            money += to_decimal(self.unit_cost)
        return points, money

    def _count_affordable(self):
        """How many more members the budget pays for, or ``None`` without a limit. The campaign must be locked."""
        points, money = self._get_unit()
        [(points_given, money_given)] = (
            self.env["club.campaign.target"]
            .sudo()
            ._read_group([("campaign_id", "=", self.id), ("state", "=", "sent")], [], ["points:sum", "cost:sum"])
        )
        left = [
            int((to_decimal(budget) - to_decimal(round(given or 0, 6))) // unit)
            for budget, given, unit in (
                (self.budget_points, points_given, points),
                (self.budget_money, money_given, money),
            )
            if budget and unit
        ]
        club_left = self._get_club_left() if points else None
        if club_left is not None:
            left.append(int(club_left // points))
        return max(0, min(left)) if left else None

    def _get_club_left(self):
        """Points that the club's own budget still allows in its period, or ``None`` if it stops nothing."""
        club = self.club_id
        policy = club._get_policies().get(club.id)
        if not policy or not policy.has_budget:
            return None
        self._lock_club_budget()
        first, last = periods.period_bounds(policy.budget_period, club._get_today(), policy.calendar, policy.week_start)
        allowed = club._get_budget_points(first, last) if policy.budget_share else policy.budget
        return allowed - club._read_budget_used(first, last)

    def _lock_club_budget(self):
        """Let campaigns that give points of one club's budget take turns, until each has posted what it gives.

        An UPDATE that changes nothing, because whoever waited for it must see what the other gave: PostgreSQL then
        raises the error that Odoo retries with a new snapshot. Sales take no turns: they would all wait for one row.
        """
        self.club_id.flush_recordset()
        self.env.execute_query(
            SQL("UPDATE club_club SET budget_points = budget_points WHERE id = %s RETURNING id", self.club_id.id)
        )

    def _keep_in_budget(self, targets):
        """Those of these that the budget still pays for; at its end the campaign sends nothing more."""
        costly = targets.filtered(lambda target: not target.step_id)
        most = self._count_affordable()
        if most is None or len(costly) <= most:
            return targets
        beyond = costly[most:]
        beyond._note(state="skipped", reason="budget")
        self._skip_planned_firsts("budget")
        self._keep(stop_reason="budget")
        return targets - beyond

    def _skip_planned_firsts(self, reason):
        """Nobody new gets anything; who had the first message still gets the further ones."""
        self.env.flush_all()
        self.env["club.campaign.target"].sudo().search(
            [("campaign_id", "=", self.id), ("state", "=", "planned"), ("step_id", "=", False)]
        )._note(state="skipped", reason=reason)

    # -- giving --------------------------------------------------------------------------------------

    def _give(self, targets):
        """Give these members what the campaign promises. An override may add an action."""
        self.ensure_one()
        if not targets:
            return
        points, money = self._get_unit()
        if self.action == "points":
            self._give_points(targets, points)
        elif self.action in ("coupon", "favourite", "gift"):
            self._give_coupons(targets)
        targets._note(points=float(points), cost=float(money))

    def _give_points(self, targets, points):
        """A fact for each member, and its points: the keys name the row, so each comes once whatever is repeated."""
        events = (
            self.env["club.event"]
            .sudo()
            ._report(
                [
                    {
                        "member_id": target.member_id.id,
                        "type": "campaign",
                        "key": f"club.campaign,{self.id}:bonus:{target.id}",
                        "origin": self,
                    }
                    for target in targets
                ]
            )
        )
        expiry = {}
        if self.points_days:
            expiry = {"expires_on": self.club_id._get_today() + timedelta(days=self.points_days)}
        self.env["club.point.entry"].sudo()._post(
            [
                {
                    "member_id": target.member_id.id,
                    "kind": "earn",
                    "points": points,
                    "key": f"club.campaign,{self.id}:points:{target.id}",
                    "event_id": event.id,
                    "rule_id": self.extra_rule_id.id,
                    "origin": self,
                    **expiry,
                }
                for target, event in zip(targets, events, strict=True)
            ]
        )

    def _give_coupons(self, targets):
        programs = self._get_programs(targets)
        coupons = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(**CARD_CONTEXT)
            .create(
                [
                    {
                        "program_id": programs[target.product_id.id].id,
                        "partner_id": target.partner_id.id,
                        "points": 1,
                        "code": f"044{secrets.token_hex(CODE_BYTES)}",  # so begins what Odoo's till scans as a coupon
                        "expiration_date": self.club_id._get_today() + timedelta(days=self.member_days),
                    }
                    for target in targets
                ]
            )
        )
        for target, coupon in zip(targets, coupons, strict=True):
            target._note(coupon_id=coupon.id)

    def _get_programs(self, targets):
        """The coupon program of each product that these get, made where it is missing.

        :return: ``loyalty.program`` (sudo) by product id; False for what is the same for all.
        """
        if self.action == "coupon":
            return {product: self.program_id.sudo() for product in {target.product_id.id for target in targets}}
        if self.action == "gift":
            program = self._make_program(self.product_id)
            return {product: program for product in {target.product_id.id for target in targets}}
        return {product.id: self._make_program(product) for product in targets.product_id}

    def _make_program(self, product):
        """One program for each product of the campaign, which is locked: a second job finds what the first made."""
        Program = self.env["loyalty.program"].sudo().with_company(self.company_id)
        found = Program.search(
            [("club_campaign_id", "=", self.id), ("club_campaign_product_id", "=", product.id)], limit=1
        )
        return found or Program.create(self._prepare_program_values(product))

    def _prepare_program_values(self, product):
        """A program of coupons for one product: a discount on it, some of it free, or a gift."""
        self.ensure_one()
        reward = {"required_points": 1}
        rules = []
        if self.action == "favourite" and self.favourite_offer == "discount":
            reward.update(
                reward_type="discount",
                discount=self.discount,
                discount_mode="percent",
                discount_applicability="specific",
                discount_product_ids=[Command.set(product.ids)],
            )
        else:
            gift = self.action == "gift"
            reward.update(
                reward_type="product",
                reward_product_id=product.id,
                reward_product_qty=1 if gift else self.get_quantity,
            )
            if not gift:
                rule = {
                    "product_ids": [Command.set(product.ids)],
                    "minimum_qty": self.buy_quantity,
                    "reward_point_mode": "order",
                    "reward_point_amount": NEXT_TO_NOTHING,
                }
                rules = [Command.create(rule)]
        return {
            "name": self.env._("%(campaign)s: %(product)s", campaign=self.subject, product=product.display_name),
            "program_type": "coupons",
            "applies_on": "current",
            "trigger": "with_code",
            "portal_visible": False,
            "company_id": self.company_id.id,
            "club_campaign_id": self.id,
            "club_campaign_product_id": product.id,
            "rule_ids": [Command.clear(), *rules],
            "reward_ids": [Command.clear(), Command.create(reward)],
            "communication_plan_ids": [Command.clear()],
        }

    # -- favourite products --------------------------------------------------------------------------

    def _get_favourites(self, members):
        """Each member's favourite product that can still be sold: from its behaviour, which is kept nightly.

        :return: product ids by member id; of who has none, nothing.
        :rtype: dict[int, int]
        """
        if self.action != "favourite" and "{product}" not in f"{self.subject}{self.body}{self.subject_b}{self.body_b}":
            return {}
        rows = (
            self.env["club.behaviour"]
            .sudo()
            .search_fetch(
                [
                    ("member_id", "in", members.ids),
                    ("favourite_product_id.active", "=", True),
                    ("favourite_product_id.sale_ok", "=", True),
                ],
                ["member_id", "favourite_product_id"],
            )
        )
        return {row.member_id.id: row.favourite_product_id.id for row in rows}

    def _read_coupon_use(self):
        """How many coupons of the campaign were used. SQL, for the card's field is hidden from the ORM's groups."""
        self.env.flush_all()
        [(count,)] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM club_campaign_target t JOIN loyalty_card c ON c.id = t.coupon_id"
                " WHERE t.campaign_id = %s AND c.points < 1",
                self.id,
            )
        )
        return count

    def _read_extra_points(self):
        """Points that were given under the campaign's own rule, less what was taken back."""
        rule = self.extra_rule_id.sudo()
        if not rule:
            return 0.0
        [(points,)] = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group([("rule_id", "=", rule.id), ("kind", "in", ("earn", "reverse"))], [], ["points:sum"])
        )
        return points or 0.0

    def _close_action(self):
        """What the campaign made for itself ends with it."""
        self.extra_rule_id.sudo().active = False
        self.env["loyalty.program"].sudo().search([("club_campaign_id", "in", self.ids)]).date_to = fields.Date.today()
