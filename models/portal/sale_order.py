"""Orders in the shop: joining while buying, what the order earns, and points that the member chooses to spend."""

import json
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


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

        :return: dicts of ``club, card, used, left`` (text), ``holds`` (sentences) and ``rewards``, each as
            :meth:`_prepare_portal_reward` says.
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
        member = card._club_member()
        claimable = self._get_claimable_rewards(forced_coupons=card).get(card, self.env["loyalty.reward"])
        used = self._club_points_cost(card)
        left = self._club_points_left(card)
        rewards = self._get_spender(card)._get_order_rewards()[:20]
        refusals = rewards._get_club_refusals(card, self)
        return {
            "club": club,
            "card": card,
            "rewards": [
                self._prepare_portal_reward(club, card, reward, left, reward in claimable, refusals.get(reward.id, ""))
                for reward in rewards
            ],
            "used": club._show_points(used) if used else "",
            "left": club._show_points(left),
            "holds": member.with_env(self.env)._get_portal_holds(besides=self),
        }

    def _prepare_portal_reward(self, club, card, reward, left, claimable, refusal):
        """What the cart shows of one reward.

        :param Decimal left: points that could still be spent; :param str refusal: see ``_get_club_refusals``.
        :return: ``reward, name, cost`` (text), ``per_point``, ``claimable``, ``used`` (a number, 0 if not), ``saved``,
            ``short`` (points missing, text), ``refused``, ``note`` (why it cannot be had, or no more of it); of a
            discount per point also what :meth:`_prepare_point_slider` says.
        :rtype: dict
        """
        per_point = reward._is_per_point()
        own = self.order_line.filtered(lambda line: line.reward_id == reward and line.coupon_id == card)
        used = sum((Decimal(str(line.points_cost)) for line in own), Decimal())
        least = Decimal(str(reward.required_points))
        row = {
            "reward": reward,
            "name": reward.description or reward.display_name,
            "cost": club._show_points(reward.required_points),
            "per_point": per_point,
            "saved": self._show_order_money(-sum(own.mapped("price_total"))) if own else "",
            "claimable": claimable and not refusal,
            "used": used,
            "most": 0,
            "worth": "",
            "refused": bool(refusal),
            "note": reward._say_club_refusal(refusal, self._get_spender(card)) if refusal and not own else "",
        }
        if per_point:
            choices = self._get_point_choices(reward, card, left)
            least = choices.least
            row.update(self._prepare_point_slider(club, card, reward, choices, used, left))
            row["note"] = row["note"] or self._say_point_choices(choices, reward, card)
            if refusal and not own:
                row["most"] = 0
        short = least - left - used
        row["short"] = club._show_points(short) if short > 0 and not used else ""
        return row

    def _prepare_point_slider(self, club, card, reward, choices, used, left):
        """What the cart needs to let somebody choose a number of points, and to say at once what it brings.

        :return: ``least, most, step``, ``chosen`` (what to begin with), ``used``, ``value`` of a point, ``payable``,
            ``spendable`` (numbers); ``worth, bounds, saves, keeps`` (text), and ``patterns`` for other numbers.
        :rtype: dict
        """
        unit = Decimal(1).scaleb(-club.points_digits)
        chosen = used or choices.most
        value = self._get_point_value(reward)
        payable = self._get_payable(reward, club, self.order_line.filtered(lambda line: line.reward_id == reward)).whole
        money = self._show_order_money(0)
        zero = formatLang(self.env, 0, digits=self.currency_id.decimal_places)
        return {
            "least": choices.least.quantize(unit),
            "most": choices.most.quantize(unit),
            "step": choices.step.quantize(unit),
            "chosen": chosen.quantize(unit),
            "used": used.quantize(unit) if used else 0,
            "value": value,
            "payable": payable,
            "spendable": left + used,
            "worth": self._show_order_money(value),
            "bounds": self._say_point_bounds(club, card, reward, choices),
            "saves": self._show_order_money(min(chosen * value, payable)),
            "keeps": club._show_points(left + used - chosen),
            "patterns": json.dumps(
                {
                    "money": money.replace(zero, "§"),
                    "money_digits": self.currency_id.decimal_places,
                    "points": f"§ {club._get_point_name()}",
                    "point": f"§ {club._get_point_name(1)}",
                    "points_digits": club.points_digits,
                }
            ),
        }

    def _say_point_bounds(self, club, card, reward, choices):
        """From where to where a number of points may be chosen, and why no further."""
        _ = self.env._
        unit = Decimal(1).scaleb(-club.points_digits)
        words = []
        if choices.least > choices.step:
            words.append(_("from %(least)s", least=club._show_points(choices.least)))
        if choices.step > unit:
            words.append(_("in steps of %(step)s", step=club._show_points(choices.step)))
        words.append(self._say_point_choices(choices, reward, card))
        return _("; ").join(word for word in words if word)

    def _show_order_money(self, amount):
        """An amount of the order's currency in the reader's format; a part of its smallest coin is not rounded away."""
        amount = Decimal(str(amount))
        digits = self.currency_id.decimal_places
        if amount and round(amount, digits) != amount:
            exact = max(digits, min(-amount.normalize().as_tuple().exponent, 6))
            shown = formatLang(self.env, 0, currency_obj=self.currency_id)
            zero = formatLang(self.env, 0, digits=digits)
            return shown.replace(zero, formatLang(self.env, float(amount), digits=exact))
        return formatLang(self.env, float(amount), currency_obj=self.currency_id)

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
                if points < 0:
                    raise UserError(
                        self.env._("Less than no points cannot be spent. Nothing was changed: type a number like 50.")
                    )
                return self._club_apply_points(spending["card"], row["reward"], points)
        raise UserError(
            self.env._("This reward is not available for your order. Nothing was changed: choose another one.")
        )
