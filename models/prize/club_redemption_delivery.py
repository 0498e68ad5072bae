"""How a prize reaches its member: by an order of its own, a coupon, a service or a code; a few small methods each."""

import logging
import secrets

import psycopg2
from odoo import api, fields, models
from odoo.addons.customer_club.engine import feedback as engine_feedback
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)
#: Letters and digits that nobody mistakes for one another; 14 of them are 68 random bits (abuse 13).
ALPHABET, COUPON_LENGTH = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 14


class ClubRedemption(models.Model):
    _inherit = "club.redemption"

    # -- beginning -----------------------------------------------------------------------------------

    def _begin(self):
        """After the points are taken: deliver, queue, or wait for a manager's approval.

        A win never fails here: what cannot be delivered at once stays requested, with an activity for the staff.
        """
        for redemption in self.sudo():
            redemption._step({"unit_cost": redemption.prize_id._get_unit_cost()})
            if redemption.source == "won":
                redemption._proceed_or_queue()
            elif redemption.prize_id.needs_approval:
                redemption._ask_staff(self.env._("Approve or refuse this request."))
            else:
                redemption._proceed()

    def _proceed_or_queue(self):
        try:
            with self.env.cr.savepoint():
                self._proceed()
                self.env.flush_all()
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction: Odoo begins the whole request again
        except Exception as error:
            _logger.exception("prize %s could not be delivered at once", self.name)
            self.invalidate_recordset()
            self._ask_staff(
                self.env._("This could not be delivered by itself (%(error)s). Mend it, then approve.", error=error)
            )

    def _proceed(self):
        """Deliver or queue what may be delivered; each kind says how."""
        for redemption in self.sudo():
            getattr(redemption, f"_proceed_{redemption.delivery}")()

    def _ask_staff(self, note):
        """An activity for who is responsible, due sooner for who has priority."""
        self.ensure_one()
        prize, club = self.prize_id, self.club_id
        user = self.user_id or prize.user_id or club.redemption_user_id
        deadline = engine_feedback.due_on(
            club._get_today(), prize.service_days, self.member_id.priority, club.redemption_sooner_days
        )
        self._step({"deadline": deadline})
        if user:
            self.user_id = user
            self.activity_schedule(
                "customer_club.mail_activity_type_prize",
                date_deadline=deadline,
                user_id=user.id,
                summary=prize.name,
                note=note,
            )

    # -- services ------------------------------------------------------------------------------------

    def _proceed_service(self):
        self._update_state("ready")
        self._ask_staff(self.env._("Fulfil it, then hand it over."))

    # -- codes ---------------------------------------------------------------------------------------

    def _proceed_code(self):
        self._update_state("ready")
        self._update_state("delivered")

    def _hand_out_code(self):
        if not self.env["club.prize.code"]._take(self):
            raise UserError(
                self.env._(
                    "No code of %(prize)s is left. Nothing was taken: choose something else.", prize=self.prize_id.name
                )
            )

    def _take_back_code(self):
        """A code that was seen is never given again."""
        self.sudo().code_ids._mark({"state": "void"})

    # -- coupons -------------------------------------------------------------------------------------

    def _proceed_coupon(self):
        self._update_state("ready")
        self._update_state("delivered")

    def _hand_out_coupon(self):
        self._step({"coupon_id": self.env["loyalty.card"].sudo().create(self._prepare_coupon_values()).id})

    def _prepare_coupon_values(self):
        program, days = self.prize_id.program_id, self.prize_id.coupon_days
        return {
            "program_id": program.id,
            "partner_id": self.member_id.partner_id.id,
            "points": self._get_coupon_points(),
            "code": "".join(secrets.choice(ALPHABET) for _index in range(COUPON_LENGTH)),
            "expiration_date": fields.Date.add(self.club_id._get_today(), days=days) if days else False,
        }

    def _get_coupon_points(self):
        return max(self.prize_id.program_id.reward_ids.mapped("required_points"), default=1) or 1

    def _is_coupon_used(self):
        coupon = self.sudo().coupon_id
        lines = self.env["sale.order.line"].sudo().search_count([("coupon_id", "=", coupon.id)], limit=1)
        return bool(lines) or coupon.points < self._get_coupon_points()

    def _take_back_coupon(self):
        coupon = self.sudo().coupon_id
        if not coupon:
            return
        coupon._club_lock(touch=True)
        coupon.invalidate_recordset()
        if self._is_coupon_used():
            raise UserError(
                self.env._(
                    "The coupon of %(redemption)s was used or is on an order, so it cannot be taken back. Take it off "
                    "the order first.",
                    redemption=self.display_name,
                )
            )
        coupon.write({"points": 0, "active": False})

    # -- orders --------------------------------------------------------------------------------------

    def _proceed_order_line(self):
        """A sales order with this one line: confirmed at once, or paid first where a part is in money."""
        order = self.env["sale.order"].sudo().with_company(self.company_id).create(self._prepare_order_values())
        self._step({"order_id": order.id})
        if self.money:
            self._set_price(order)
            order.write({"state": "sent"})
        else:
            order.with_context(mail_notrack=True).action_confirm()

    def _prepare_order_values(self):
        """An order with nothing of the customer's price list: the price is the part in money, taxes included."""
        partner, club = self.member_id.partner_id, self.club_id
        values = {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "pricelist_id": False,
            "origin": self.name,
            "client_order_ref": self.name,
            "club_redemption_id": self.id,
            "require_signature": False,
            "require_payment": bool(self.money),
            "prepayment_percent": 1.0,
            "user_id": False,
            "order_line": [
                fields.Command.create(
                    {
                        "product_id": self.product_id.id,
                        "product_uom_qty": 1,
                        "price_unit": self.money,
                        "discount": 0.0,
                        "name": self.env._("Prize %(number)s: %(prize)s", number=self.name, prize=self.prize_id.name),
                    }
                )
            ],
        }
        if self.money and club.redemption_unpaid_days:
            values["validity_date"] = fields.Date.add(club._get_today(), days=club.redemption_unpaid_days - 1)
        return values

    def _set_price(self, order):
        """What the member pays is the part in money, whether or not the product's prices hold their taxes.

        Some amounts no price brings with its taxes (9.99 with 19 %); then the member pays the least bit less.
        """
        line, total, currency = order.order_line[:1], order.amount_total, order.currency_id
        if total <= 0 or not currency.compare_amounts(total, self.money):
            return
        price = currency.round(self.money * self.money / total)
        found = {}
        for step in (0, -1, 1, -2):
            line.price_unit = price + step * currency.rounding
            found[line.price_unit] = order.amount_total
            if not currency.compare_amounts(order.amount_total, self.money):
                return
        line.price_unit = max(price for price, paid in found.items() if currency.compare_amounts(paid, self.money) < 0)

    def _order_confirmed(self):
        """The order stands, paid where a part is in money: the prize can be handed over or sent."""
        for redemption in self.sudo().filtered(lambda redemption: redemption.state in ("requested", "approved")):
            redemption._update_state("ready")
            redemption._ask_staff(self.env._("Hand it over, or send it."))

    def _order_cancelled(self, reason):
        """The order came to nothing: so does the redemption, unless the member has the prize already."""
        redemptions = self.sudo().filtered(lambda redemption: redemption.state in ("requested", "approved", "ready"))
        if redemptions:
            redemptions._update_state("cancelled", reason)

    def _order_delivered(self):
        """The goods went out by the order's own delivery."""
        ready = self.sudo().filtered(lambda redemption: redemption.state == "ready")
        if ready:
            ready._update_state("delivered")

    def _hand_out_order_line(self):
        """Handed over at the counter: the order's own delivery is done with it, where there is one."""
        order = self.sudo().order_id
        lines = order.order_line.filtered(lambda line: line.product_id == self.product_id)
        if "picking_ids" in order._fields and self.product_id.type == "consu":
            for picking in order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")):
                self._finish_picking(picking)
            return
        for line in lines.filtered(lambda line: line.qty_delivered_method == "manual"):
            line.qty_delivered = line.product_uom_qty

    @api.model
    def _finish_picking(self, picking):
        """Everything that was asked for goes out."""
        for move in picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel")):
            move.quantity = move.product_uom_qty
            move.picked = True
        picking.with_context(skip_backorder=True, skip_sms=True)._action_done()

    def _undo_order_line(self):
        order = self.sudo().order_id
        if order and order.state != "cancel":
            order.with_context(disable_cancel_warning=True)._action_cancel()

    # -- dispatch ------------------------------------------------------------------------------------

    def _hand_out(self):
        """What happens as the member gets it."""
        self.ensure_one()
        getattr(self, f"_hand_out_{self.delivery}", lambda: None)()

    def _undo_delivery(self):
        """Undo what was prepared for a member who did not get it."""
        self.ensure_one()
        getattr(self, f"_undo_{self.delivery}", lambda: None)()

    def _take_back_delivery(self):
        """Make worthless what a member gives back."""
        self.ensure_one()
        getattr(self, f"_take_back_{self.delivery}", lambda: None)()
