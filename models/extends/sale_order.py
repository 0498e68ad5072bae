"""Spending points on an order: Odoo's rewards say what they buy, the club what they cost and if they are there."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.models.entry_sql import REVERSED
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError
from odoo.tools import SQL

from .settlement import current_flow, document_flow


class SaleOrder(models.Model):
    _inherit = "sale.order"

    club_points_cap = fields.Float(
        string="Points to Use at Most",
        digits=(16, 2),
        copy=False,
        default=-1.0,
        help="How many points the member wants to use for discounts per point; negative: as many as useful.",
    )

    # -- flows ----------------------------------------------------------------

    def action_confirm(self):
        with document_flow(self) as flow:
            flow.promised.update(self._club_promised_points(flow.card_ids))
            flow.confirming = True
            return super().action_confirm()

    def write(self, vals):
        """A state written past the buttons spends and gives back as they do."""
        if "currency_id" in vals:
            self._club_check_currency(vals["currency_id"])
        if "state" not in vals:
            return super().write(vals)
        with document_flow(self):
            return super().write(vals)

    def _club_check_currency(self, currency_id):
        """What has earned points keeps its currency: amounts in another one would count as a larger purchase."""
        changed = self.filtered(lambda order: order.state == "sale" and order.currency_id.id != currency_id)
        earned = (
            self.env["club.event"]
            .sudo()
            .search([("origin_model", "=", self._name), ("origin_id", "in", changed.ids)], limit=1)
            if changed
            else None
        )
        if earned:
            raise UserError(
                self.env._(
                    "%(order)s is confirmed and has earned points, so its currency cannot change. Cancel it, set it "
                    "to quotation and choose another pricelist.",
                    order=self.browse(earned.origin_id).name,
                )
            )

    def _action_cancel(self):
        with document_flow(self):
            return super()._action_cancel()

    def _update_programs_and_rewards(self):
        with document_flow(self):
            self._club_load_company_cards()
            return super()._update_programs_and_rewards()

    def _club_load_company_cards(self):
        """Where the company is the member, its contacts spend its points: Odoo looks only for a contact's own card."""
        for order in self:
            company = order.partner_id.commercial_partner_id
            if company == order.partner_id:
                continue
            members = (
                self.env["club.member"]
                .sudo()
                .search(
                    [
                        ("partner_id", "=", company.id),
                        ("club_id.earner", "=", "company"),
                        ("company_id", "=", order.company_id.id),
                    ]
                )
            )
            order.applied_coupon_ids += (
                members.card_id.filtered(lambda card: card.points > 0) - order.applied_coupon_ids
            )

    # -- what can be spent ----------------------------------------------------

    def _get_real_points_for_coupon(self, coupon, post_confirm=False):
        """For club cards: exact, rounded down to the club's decimals, less what other payments hold.

        An order whose money was taken keeps what it was promised: the shortfall becomes arrears (never.md 22).
        """
        self.ensure_one()
        if not coupon._club_cards():
            return super()._get_real_points_for_coupon(coupon, post_confirm=post_confirm)
        member = coupon._club_member()
        if not member:
            return 0.0
        using = coupon in self.order_line.coupon_id
        used = self._club_points_cost(coupon) if using and self.state != "sale" else Decimal(0)
        flow = current_flow(self.env)
        points = engine_lots.to_decimal(coupon.sudo().points)
        # While an order that uses none of the card's points is confirmed, Odoo asks only to mention unclaimed rewards.
        if using or not flow or not flow.confirming:
            held = self.env["club.point.entry"].sudo()._get_held_points({(coupon.id, self._name, self._origin.id)})
            points -= sum(held.values(), Decimal(0))
        promised = flow.promised.get((self._origin.id, coupon.id), Decimal(0)) if flow else Decimal(0)
        points = engine_lots.quantize(max(points, promised) - used, member.club_id.points_digits)
        cap = self.env.context.get("club_points_cap")  # lowers only, so a caller who forges it harms nobody
        return float(points if cap is None else max(min(points, engine_lots.to_decimal(cap)), Decimal(0)))

    def _club_points_left(self, card):
        """Points that ``card`` could still spend on this order, as a Decimal."""
        return engine_lots.to_decimal(self._get_real_points_for_coupon(card))

    def _club_points_cost(self, card):
        """Points that this order's rewards cost ``card``: never negative, whatever was written on a line."""
        lines = self.order_line.filtered(lambda line: line.coupon_id == card)
        return sum((engine_lots.to_decimal(line.points_cost) for line in lines if line.points_cost > 0), Decimal(0))

    def _club_promised_points(self, card_ids):
        """Points that orders with money taken (or authorised) have promised to their members."""
        return {
            (order.id, card.id): order._club_points_cost(card)
            for order in self
            if order._club_is_money_taken()
            for card in order.order_line.coupon_id
            if card.id in card_ids
        }

    def _club_is_money_taken(self):
        """Whether as much was paid online as the order asks for, all of it where it asks for no advance: a small part,
        which anybody can pay at any time, promises nothing. Within a flow it is what was true as the flow began: while
        rewards are recomputed the order asks for more than what was paid.
        """
        self.ensure_one()
        flow = current_flow(self.env)
        if flow and self.id in flow.paid:
            return flow.paid[self.id]
        order = self.sudo()
        taken = order.transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done"))
        asked = order._get_prepayment_required_amount() if order.require_payment else order.amount_total
        return bool(taken) and order.currency_id.compare_amounts(sum(taken.mapped("amount")), asked) >= 0

    def _club_check_holds(self):
        """Refuse a payment for points that another payment holds already, or that are gone (never.md 8, abuse.md 22).

        Touching the card's row makes a payment that begins at the same moment fail with a serialization error: Odoo
        retries it, and then it sees this one's hold.

        :raises NotEnoughPoints: with what is left.
        """
        orders = self.filtered(lambda order: order.state in ("draft", "sent"))
        cards = orders.order_line.coupon_id._club_cards()
        if not cards:
            return
        cards._club_lock(touch=True)
        for order in orders:
            for card in order.order_line.coupon_id & cards:
                order._club_check_card(card)
                if order._club_points_left(card) < 0:
                    raise NotEnoughPoints(
                        self.env._(
                            "%(order)s uses %(points)s points, but other orders or payments have taken some of them. "
                            "Nothing was paid. Choose fewer points and pay again.",
                            order=order.name,
                            points=order._club_points_cost(card),
                        )
                    )

    # -- choosing --------------------------------------------------------------

    def _club_get_cap(self, card):
        """How many points of ``card`` the member wants to use on this order; negative: as many as useful."""
        return self.club_points_cap

    def _club_set_cap(self, card, points):
        """Remember how many points of ``card`` the member wants to use on this order."""
        self.club_points_cap = points

    def _club_apply_points(self, card, reward, points):
        """Use ``points`` of ``card`` for ``reward``, a discount per point that the member has chosen the size of.

        :param points: positive points; 0 takes the reward off the order.
        :raises UserError: another customer's card, another club's reward, more points than there are, or a number that
            the club's policy does not allow.
        """
        self.ensure_one()
        self._club_check_card(card)
        points = engine_lots.quantize(points, card._club_member().club_id.points_digits)
        lines = self.order_line.filtered(lambda line: line.reward_id == reward and line.coupon_id == card)
        if reward.program_id != card.program_id or not reward._is_per_point():
            raise UserError(
                self.env._("The reward %(reward)s has no choosable number of points.", reward=reward.description)
            )
        self._check_points_wanted(self._get_point_choices(reward, card), points, reward, card)
        lines.unlink()
        self._update_programs_and_rewards()
        self._club_set_cap(card, float(points))
        if not points:
            return
        self.applied_coupon_ids |= card
        status = self._apply_program_reward(reward, card)
        if "error" in status:
            raise UserError(status["error"])
        self._update_programs_and_rewards()

    # -- settling -------------------------------------------------------------

    def _club_settle_spending(self, card_ids, happened=False):
        """Post what these orders spend of these cards: what it should be, less what is posted.

        Called at the outermost exit of a flow, so that a recompute that writes four times posts once, and one that
        changes nothing posts nothing.

        :param happened: the facts are older than this call, so a shortfall becomes arrears.
        :raises NotEnoughPoints: the points are not there and no money was taken yet.
        """
        cards = self.env["loyalty.card"].sudo().browse(card_ids).exists()._club_cards()
        self.env["loyalty.card"]._club_restore()
        if not cards:
            return
        orders = self.sudo().exists()
        posted = orders._club_posted_spending(cards)
        spends, back = [], []
        for order in orders:
            for card in cards:
                target = order._club_points_owed(card)
                was, count = posted.get((order.id, card.id), (Decimal(0), 0))
                if target > was:
                    if not happened:
                        order._club_check_card(card)
                    spends.append(order._prepare_club_spend_values(card, target - was, count + 1, happened))
                elif target < was:
                    back.append((order, card, was - target))
        for order, card, points in back:
            order._club_spend_entries(card)._give_back(points, f"{order._name},{order.id}:give-back")
        self.env["club.point.entry"].sudo()._post(spends)

    def _prepare_club_spend_values(self, card, points, revision, happened):
        return {
            "member_id": card._club_owner().id,
            "kind": "spend",
            "points": -points,
            "origin": self,
            "key": f"{self._name},{self.id}:spend:{revision}:card,{card.id}",
            "happened": happened or self._club_is_money_taken(),
        }

    def _club_spend_entries(self, card):
        return (
            self.env["club.point.entry"]
            .sudo()
            .search(
                [
                    ("origin_model", "=", self._name),
                    ("origin_id", "=", self.id),
                    ("kind", "=", "spend"),
                    "|",
                    ("card_id", "=", card.id),
                    ("key", "=like", f"%:card,{card.id}"),
                ]
            )
        )

    def _club_posted_spending(self, cards):
        """Per (order, card): points posted as spent less given back, and how many entries say so. One query.

        What was spent for a card since its member was merged is on the heir's; its key names the card of the order.
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT e.origin_id, used.card_id, -SUM(e.points), COUNT(*)
              FROM club_point_entry e %s
             CROSS JOIN LATERAL (
                   SELECT COALESCE(substring(COALESCE(reversed.key, e.key) FROM ':card,([0-9]+)$')::int, e.card_id)
                          AS card_id
             ) used
             WHERE e.origin_model = 'sale.order' AND e.origin_id = ANY(%s) AND used.card_id = ANY(%s)
               AND COALESCE(reversed.kind, e.kind) = 'spend'
             GROUP BY e.origin_id, used.card_id
            """,
                REVERSED,
                self.ids,
                cards.ids,
            )
        )
        return {(order, card): (engine_lots.to_decimal(points), count) for order, card, points, count in rows}

    def _club_check_card(self, card):
        """Refuse a card that is not the customer's own: the partner may have changed after the reward was claimed."""
        self.ensure_one()
        member = card._club_member()
        owner = self.partner_id.commercial_partner_id if member.club_id.earner == "company" else self.partner_id
        if not member or member.partner_id != owner or member.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "The points used on %(order)s are not those of %(customer)s in %(company)s. "
                    "Remove the reward from the order and claim it again.",
                    order=self.name,
                    customer=self.partner_id.display_name,
                    company=self.company_id.name,
                )
            )
