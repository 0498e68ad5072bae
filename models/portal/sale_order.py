"""Orders in the shop: joining while buying, what the order earns, and points that the member chooses to spend."""

import math
from decimal import ROUND_DOWN, Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # A guest has no account to enrol yet, so the consent given at checkout waits on the order for the sign-up.
    club_join_id = fields.Many2one(
        "club.club",
        string="Club to Join",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The customer asked at checkout to join this club; it happens when the account is created.",
    )
    club_join_consent_at = fields.Datetime(string="Accepted the Club's Terms On", copy=False, readonly=True)
    club_join_marketing = fields.Boolean(string="Agreed to Marketing Messages", copy=False, readonly=True)

    # -- joining ----------------------------------------------------------------------------------------

    def _get_club_to_offer(self, user):
        """The club that the checkout invites ``user`` to join, if any; one at a time."""
        self.ensure_one()
        Club = self.env["club.club"]
        if self.club_join_id:
            return Club
        if user._is_public():
            return Club._get_offered("checkout")[:1]
        return Club._get_offered_to(user.partner_id, "checkout")[:1]

    def _note_club_consent(self, club, marketing):
        """Keep a guest's consent until an account exists."""
        self.ensure_one()
        self.write(
            {"club_join_id": club.id, "club_join_consent_at": fields.Datetime.now(), "club_join_marketing": marketing}
        )

    def _forget_club_consent(self):
        self.write({"club_join_id": False, "club_join_consent_at": False, "club_join_marketing": False})

    # -- earning ----------------------------------------------------------------------------------------

    def _get_portal_earnings(self):
        """What this order earns in each club, ready to show.

        A confirmed order of a member shows what the ledger has; until it has anything, and for carts and visitors,
        what the rules say.
        """
        self.ensure_one()
        if self.state == "cancel":
            return []
        return self._get_posted_earnings() or self.env["club.club"]._show_earnings(self.sudo()._club_preview())

    def _get_posted_earnings(self):
        """The ledger's entries that came from this order, rule by rule, per club."""
        if self.state != "sale":
            return []
        entries = (
            self.env["club.point.entry"]
            .sudo()
            .search(
                [
                    ("origin_model", "=", "sale.order"),
                    ("origin_id", "=", self.id),
                    ("kind", "in", ("earn", "reverse")),
                    ("rule_id", "!=", False),
                ],
                order="id",
                limit=200,
            )
        )
        shown = []
        for club, of_club in entries.grouped("club_id").items():
            lines = [
                {
                    "rule": rule,
                    "points": sum(Decimal(str(entry.points)) for entry in of_rule),
                    "why": rule._get_member_sentence(),
                }
                for rule, of_rule in of_club.grouped("rule_id").items()
            ]
            shown.append(
                {
                    "club": club,
                    "member": of_club.member_id[:1],
                    "posted": True,
                    "points": sum((line["points"] for line in lines), Decimal()),
                    "lines": lines,
                    **self._get_earnings_state(of_club),
                }
            )
        return self.env["club.club"]._show_earnings(shown)

    def _get_earnings_state(self, entries):
        """Whether something of these entries still waits, and the last day it waits for, if that is known."""
        lots = self.env["club.point.lot"].sudo().search([("entry_id", "in", entries.ids), ("state", "=", "pending")])
        releases = (
            self.env["club.earn.release"]
            .sudo()
            .search(
                [
                    ("entry_id", "in", lots.entry_id.ids),
                    ("done", "=", False),
                ]
            )
        )
        undated = lots.filtered(lambda lot: not lot.available_on).entry_id - releases.entry_id
        days = [*lots.filtered("available_on").mapped("available_on"), *releases.mapped("due_on")]
        return {"pending": bool(lots), "available_on": max(days, default=False) if not undated else False}

    # -- spending ---------------------------------------------------------------------------------------

    def _get_portal_spending(self):
        """The member's points on this cart: what it uses, what is left, and what can be had for them.

        :return: dicts of ``club, card, used, left`` (text), ``step`` and ``rewards``, each with ``reward, name, cost,
            per_point, worth, most, used, saved, claimable, short``.
        :rtype: list[dict]
        """
        self.ensure_one()
        if self.state not in ("draft", "sent") or self.partner_id.is_public:
            return []
        shown = []
        for club in self.env["club.club"].sudo().search([("company_id", "=", self.company_id.id)], limit=10):
            member = club._get_member(self.partner_id)
            if member and club.program_id.active and club.program_id.ecommerce_ok:
                shown.append(self._prepare_portal_spending(club, member.sudo().card_id))
        return shown

    def _get_rewards_without_clubs(self):
        """The rewards that Odoo's own list in the cart offers; a club's are offered by the club's block."""
        self.ensure_one()
        rewards = self._get_claimable_and_showable_rewards()
        programs = self.env["loyalty.program"].union(*(card.program_id for card in rewards))
        clubs = (
            self.env["club.club"].sudo().with_context(active_test=False).search([("program_id", "in", programs.ids)])
        )
        return {card: found for card, found in rewards.items() if card.program_id not in clubs.program_id}

    def _prepare_portal_spending(self, club, card):
        lines = self.order_line.filtered(lambda line: line.coupon_id == card)
        used = sum(Decimal(str(line.points_cost)) for line in lines)
        step = Decimal(1).scaleb(-club.points_digits)
        left = self._club_points_left(card)
        claimable = self._get_claimable_rewards(forced_coupons=card).get(card, self.env["loyalty.reward"])
        rewards = []
        for reward in club.reward_ids.filtered("active")[:20]:
            per_point = reward.reward_type == "discount" and reward.discount_mode == "per_point"
            of_reward = lines.filtered(lambda line, reward=reward: line.reward_id == reward)
            spent = sum(Decimal(str(line.points_cost)) for line in of_reward)
            short = Decimal(str(reward.required_points)) - left
            rewards.append(
                {
                    "reward": reward,
                    "name": reward.description or reward.display_name,
                    "cost": club._show_points(reward.required_points),
                    "per_point": per_point,
                    "worth": club._show_money(reward.discount) if per_point else "",
                    "most": self._get_most_points(reward, left + spent, of_reward).quantize(step, ROUND_DOWN)
                    if per_point
                    else 0,
                    "used": Decimal(spent).quantize(step) if spent else 0,
                    "saved": club._show_money(-sum(of_reward.mapped("price_total"))) if of_reward else "",
                    "claimable": reward in claimable,
                    "short": club._show_points(short) if short > 0 and not spent else "",
                }
            )
        return {
            "club": club,
            "card": card,
            "rewards": rewards,
            "step": step,
            "used": club._show_points(used) if used else "",
            "left": club._show_points(left),
        }

    def _get_most_points(self, reward, available, lines):
        """The most points that make sense on this order: the balance, and no more than the order is worth."""
        worth = self.amount_total - sum(lines.mapped("price_total"))
        if reward.discount <= 0 or float_compare(worth, 0, precision_digits=2) <= 0:
            return Decimal()
        rate = (
            self.currency_id._convert(1.0, reward.currency_id, self.company_id, fields.Date.today())
            if (reward.currency_id and reward.currency_id != self.currency_id)
            else 1.0
        )
        return min(available, Decimal(math.ceil(round(worth * rate / reward.discount, 6))))

    def _lock_spending(self):
        """Whether this is the only request that spends the buyer's points at the moment; it stays so until it ends.

        :rtype: bool
        """
        self.ensure_one()
        return self.partner_id._lock_club_spending()

    def _spend_chosen_points(self, reward_id, points):
        """Spend exactly ``points`` of the buyer's own card on a reward of this cart; 0 takes the reward off again.

        :param int reward_id: a ``loyalty.reward`` of a club of which the buyer is a member.
        :param Decimal points: how many; bounded by the balance and by what the order is worth.
        :raise UserError: for another's reward, or for more points than can be spent.
        """
        self.ensure_one()
        for spending in self._get_portal_spending():
            for row in spending["rewards"]:
                if row["reward"].id != reward_id or not row["per_point"]:
                    continue
                if points < 0 or points > row["most"]:
                    raise UserError(
                        self.env._(
                            "You can spend up to %(most)s on this order. Nothing was changed: choose a smaller number.",
                            most=spending["club"]._show_points(row["most"]),
                        )
                    )
                return self._club_apply_points(spending["card"], row["reward"], points)
        raise UserError(
            self.env._("This reward is not available for your order. Nothing was changed: choose another one.")
        )
