"""Selling at the counter: one real order, confirmed, handed over, invoiced and paid; and what it earns."""

from decimal import Decimal

from odoo import api, models
from odoo.addons.customer_club.engine import errors, text
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command, Domain

MOST_LINES = 50
MOST = Decimal(10) ** 9


class ClubCounter(models.AbstractModel):
    _inherit = "club.counter"

    # -- what the page asks ------------------------------------------------------------------------

    @api.model
    def find_products(self, query="", club_id=None):
        """Products to sell, by name, reference or barcode.

        :return: dicts of ``id, name, price`` (text).
        :rtype: list[dict]
        """
        self = self._begin()
        club = self._get_club(club_id)
        words = text.normalise(str(query or ""))[:60]
        if len(words) < 2:
            return []
        domain = self._get_product_domain(club) & (
            Domain("barcode", "=", words) | Domain("default_code", "=ilike", words) | Domain("name", "ilike", words)
        )
        products = self.env["product.product"].sudo().with_company(club.company_id).search(domain, limit=8)
        return [
            {"id": product.id, "name": product.display_name, "price": club._show_money(product.lst_price)}
            for product in products
        ]

    @api.model
    def preview_sale(self, sale=None):
        """What a sale would cost and earn, and what points can do for it. Nothing is kept.

        :param dict sale: ``member_id``, ``amount`` (as typed, taxes included), ``lines`` (dicts of ``product_id``,
            ``quantity``, ``price``), ``reward_id`` and ``points`` (of a reward per point), ``journal_id``.
        :return: ``total``, ``saved``, ``earns``, ``why`` (lines), ``rewards``, ``left``, ``problem`` (a sentence).
        :rtype: dict
        """
        self = self._begin()
        member = self._get_member((sale or {}).get("member_id"))
        asked = self._read_sale(member, sale)
        # The order is made as the sale makes it, then taken back: what is shown is what will be.
        with self.env.cr.savepoint() as savepoint:
            try:
                shown = self._preview(member, asked)
            finally:
                savepoint.rollback()
        return shown

    @api.model
    def sell(self, sale=None, token=""):
        """Sell: one order of this member, confirmed, handed over, invoiced and paid.

        :param dict sale: as for :meth:`preview_sale`.
        :return: ``member``, ``message``, ``earned`` (text), ``state`` (when it can be spent), ``visit``,
            ``lines``, ``sale_id``, ``last``, and the ``question`` that is due.
        :raise UserError: what is in the way; nothing was sold then.
        """
        self = self._begin()
        member = self._get_member((sale or {}).get("member_id"))
        club = member.club_id
        asked = self._read_sale(member, sale)
        operation, new = self.env["club.counter.operation"]._begin(club, "sale", token, asked)
        if new:
            journal = self._get_journal(club, asked["journal_id"])
            try:
                order = self._sell(member, asked, journal)
            except RedirectWarning as warning:  # it would send the user to settings that a cashier cannot open
                raise UserError(self.env._("%(problem)s Nothing was sold.", problem=warning.args[0])) from warning
            operation.write(
                {
                    "member_id": member.id,
                    "order_id": order.id,
                    "journal_id": journal.id,
                    "amount": order.amount_total,
                    "event_id": self._note_visit(member, operation).id,
                }
            )
        order = operation.order_id
        earnings = [shown for shown in order._get_portal_earnings() if shown["club"] == club]
        message = self.env._(
            "%(order)s: %(amount)s paid by %(journal)s.",
            order=order.name,
            amount=club._show_money(order.amount_total),
            journal=operation.journal_id.name,
        )
        return {
            **self._show_done(member, message, operation, "sale", order),
            "sale_id": operation.id,
            "earned": earnings[0]["points"] if earnings else "",
            "state": earnings[0]["state"] if earnings else "",
            "visit": self._show_visit(operation),
            "lines": earnings[0]["lines"] if earnings else [],
        }

    def _show_visit(self, operation):
        """What coming brought besides, in words; empty for nothing."""
        points = operation.event_id.points
        if not points:
            return ""
        return self.env._("%(points)s for coming", points=operation.club_id._show_points(points, signed=True))

    # -- reading what was typed --------------------------------------------------------------------

    def _read_sale(self, member, sale):
        """The sale as plain values: numbers read, ids checked. What points it earns is not for the page to say."""
        sale = sale if isinstance(sale, dict) else {}
        lines = sale.get("lines") if isinstance(sale.get("lines"), list) else []
        if len(lines) > MOST_LINES:
            raise UserError(
                self.env._("A sale at the counter has at most %(most)s products. Make a sales order.", most=MOST_LINES)
            )
        _ = self.env._
        return {
            "member_id": member.id,
            "amount": self._read_number(sale.get("amount"), _("amount")),
            "lines": [
                {
                    "product_id": self._read_id(line.get("product_id")),
                    "quantity": self._read_number(line.get("quantity") or "1", _("quantity")),
                    "price": None if line.get("price") in (None, "") else self._read_number(line["price"], _("price")),
                }
                for line in lines
                if isinstance(line, dict)
            ],
            "reward_id": self._read_id(sale.get("reward_id")),
            "reward_product_id": self._read_id(sale.get("reward_product_id")),
            "points": self._read_number(sale.get("points"), _("number of points")),
            "journal_id": self._read_id(sale.get("journal_id")),
        }

    def _read_number(self, typed, what):
        """A number that is not negative; 0 for nothing.

        :rtype: Decimal
        """
        typed = str(typed if typed is not None else "").strip()[:40]
        if not typed:
            return Decimal(0)
        try:
            number = text.parse_decimal(typed)
        except errors.EngineError:
            number = Decimal(-1)
        if not 0 <= number < MOST:
            raise UserError(
                self.env._(
                    '"%(typed)s" is no %(what)s. Nothing was sold: type a number like 12.50.', typed=typed, what=what
                )
            )
        return number

    def _get_journal(self, club, journal_id):
        """The way to pay that was chosen, of those that the club takes; the first for none."""
        journals = club._get_counter_journals()
        chosen = journals.filtered(lambda journal: journal.id == journal_id) if journal_id else journals[:1]
        if not chosen:
            raise UserError(
                self.env._("This way to pay is not offered any more. Nothing was sold: choose another one.")
            )
        if (
            not self.env["account.journal"]
            .sudo()
            .search_count([("company_id", "=", club.company_id.id), ("type", "=", "sale")], limit=1)
        ):
            raise UserError(
                self.env._(
                    "%(company)s has no sales journal, so the counter cannot invoice. Nothing was sold: set up "
                    "Invoicing first.",
                    company=club.company_id.name,
                )
            )
        return chosen

    # -- the order ---------------------------------------------------------------------------------

    def _build_order(self, member, asked):
        """The draft order of a sale (sudo): of the member, in the club's company, with the reward on it.

        :raise UserError: nothing to sell, a product that cannot be sold here, or a reward that cannot be had.
        """
        if not (asked["amount"] or asked["lines"] or asked["reward_id"]):
            raise UserError(self.env._("Nothing is to be sold yet: type an amount, or add a product."))
        club = member.club_id.sudo()
        order = (
            self.env["sale.order"]
            .sudo()
            .with_company(club.company_id)
            .create(self._prepare_order_values(member, asked))
        )
        if asked["amount"]:
            line = order.order_line[-1:]
            line.price_unit = self._get_price_without_taxes(line, asked["amount"])
        order._update_programs_and_rewards()
        return order

    def _prepare_order_values(self, member, asked):
        """Values of the order. An override may add what a shop keeps of its sales."""
        club = member.club_id.sudo()
        partner = member.sudo().partner_id.with_company(club.company_id)
        pricelist = partner.property_product_pricelist
        lines = [self._prepare_line_values(club, line) for line in asked["lines"]]
        if asked["amount"]:
            # A tier's prices are for products; an amount is what the customer pays.
            lines.append(
                {
                    "product_id": club._get_counter_product().id,
                    "product_uom_qty": 1,
                    "price_unit": float(asked["amount"]),
                    "discount": 0,
                }
            )
        return {
            "partner_id": partner.id,
            "company_id": club.company_id.id,
            # The amount is typed in the company's money, and paid at once.
            "pricelist_id": pricelist.id if pricelist.currency_id == club.currency_id else False,
            "payment_term_id": False,
            "user_id": self.env.uid,
            "club_at_counter": True,
            "order_line": [Command.create(line) for line in lines],
        }

    def _prepare_line_values(self, club, line):
        product = (
            self.env["product.product"]
            .sudo()
            .search(self._get_product_domain(club) & Domain("id", "=", line["product_id"]))
        )
        if not product or not line["quantity"]:
            raise UserError(
                self.env._(
                    "%(product)s cannot be sold here. Nothing was sold: take it off, or write a quantity.",
                    product=product.display_name or self.env._("One of the products"),
                )
            )
        values = {"product_id": product.id, "product_uom_qty": float(line["quantity"])}
        return values if line["price"] is None else {**values, "price_unit": float(line["price"]), "discount": 0}

    def _get_product_domain(self, club):
        """What may be sold at the counter. An override may narrow it."""
        return Domain("sale_ok", "=", True) & Domain("company_id", "in", (False, club.company_id.id))

    def _get_price_without_taxes(self, line, amount):
        """The line's price for which the customer pays ``amount``, whatever taxes come on top."""
        taxes = line.tax_ids
        if not taxes:
            return float(amount)
        details = taxes._get_tax_details(
            float(amount),
            1,
            precision_rounding=1e-6,  # a price rounded to cents may come to a cent more than was typed
            product=line.product_id,
            special_mode="total_included",
        )
        contained = sum(data["tax_amount"] for data in details["taxes_data"] if data["tax"].price_include)
        return details["total_excluded"] + contained

    def _apply_reward(self, order, member, asked):
        """Put the chosen reward on the order, paid with the member's points.

        :raise UserError: it cannot be had, or there are not so many points.
        """
        if not asked["reward_id"]:
            return
        club, card = member.club_id.sudo(), member.sudo().card_id
        reward = club.reward_ids.filtered(lambda reward: reward.active and reward.id == asked["reward_id"])
        if not reward:
            raise UserError(self.env._("This reward is not offered any more. Nothing was sold: choose another one."))
        if reward.reward_type == "discount" and reward.discount_mode == "per_point":
            rows = order._prepare_portal_spending(club, card)["rewards"]
            most = next((row["most"] for row in rows if row["reward"] == reward), Decimal(0))
            if asked["points"] > most:
                raise UserError(
                    self.env._(
                        "%(member)s can use up to %(most)s here. Nothing was sold: choose a smaller number.",
                        member=member.partner_id.name,
                        most=club._show_points(most),
                    )
                )
            order._club_apply_points(card, reward, asked["points"])
            return
        order.applied_coupon_ids |= card
        if reward not in order._get_claimable_rewards(forced_coupons=card).get(card, reward.browse()):
            raise UserError(
                self.env._(
                    "%(reward)s cannot be had with this sale: %(member)s has %(points)s to spend, and it costs "
                    "%(cost)s. Nothing was sold.",
                    reward=reward.description,
                    member=member.partner_id.name,
                    points=club._show_points(order._club_points_left(card)),
                    cost=club._show_points(reward.required_points),
                )
            )
        product = reward.reward_product_ids.filtered(lambda product: product.id == asked["reward_product_id"])
        status = order._apply_program_reward(
            reward, card, **({"product": product or reward.reward_product_ids[:1]} if reward.multi_product else {})
        )
        if "error" in status:
            raise UserError(status["error"])
        order._update_programs_and_rewards()
