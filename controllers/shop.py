"""The shop: what a purchase earns, joining at checkout, and choosing how many points to spend."""

from decimal import InvalidOperation

from odoo import http
from odoo.addons.customer_club.engine import errors
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.addons.website_sale.controllers.cart import Cart
from odoo.addons.website_sale_loyalty.controllers.main import WebsiteSale
from odoo.exceptions import UserError
from odoo.http import request

from .common import lock_spending, private
from .referral import read_carried


class ClubShop(WebsiteSale):
    @http.route()
    def product(self, product, category=None, pricelist=None, **kwargs):
        response = super().product(product, category=category, pricelist=pricelist, **kwargs)
        # It says what this member would earn. A visitor's page says what any new member would, so it may be cached.
        return response if request.env.user._is_public() else private(response)

    def _prepare_product_values(self, product, category, **kwargs):
        values = super()._prepare_product_values(product, category, **kwargs)
        user = request.env.user
        values["club_earnings"] = product._get_portal_earnings(None if user._is_public() else user.partner_id)
        return values

    @http.route()
    def shop_payment(self, **post):
        return private(super().shop_payment(**post))

    @http.route()
    def shop_checkout(self, try_skip_step=None, **query_params):
        return private(super().shop_checkout(try_skip_step=try_skip_step, **query_params))

    @http.route()
    def shop_payment_confirmation(self, **post):
        return private(super().shop_payment_confirmation(**post))

    @http.route()
    def claim_reward(self, reward_id, code=None, **post):
        """Odoo takes a claim by a mere link, too; for the club's points only a form with a token will do."""
        if request.httprequest.method != "POST" and self._is_club_reward(reward_id):
            return request.redirect("/shop/cart")
        return super().claim_reward(reward_id, code=code, **post)

    @http.route()
    def shop_payment_validate(self, sale_order_id=None, **post):
        """An order that points pay wholly is confirmed here: by its form only, and one spend at a time."""
        order = request.cart if sale_order_id is None else None
        if order and order.state == "draft" and not order.amount_total and order._club_reward_lines():
            if request.httprequest.method != "POST":
                return request.redirect("/shop/payment")
            busy = lock_spending(order)
            if busy:
                return busy
            try:
                with request.env.cr.savepoint():
                    return super().shop_payment_validate(sale_order_id=sale_order_id, **post)
            except UserError as error:
                request.session["error_promo_code"] = str(error)
                order._recompute_cart()  # the cart shows what is still possible
                return private(request.redirect("/shop/cart"))
        return super().shop_payment_validate(sale_order_id=sale_order_id, **post)

    def _is_club_reward(self, reward_id):
        try:
            number = int(reward_id)  # as Odoo reads it, blanks, signs and underscores included
        except ValueError:
            return False
        reward = request.env["loyalty.reward"].sudo().browse(number).exists()
        return bool(reward) and bool(
            request.env["club.club"]
            .sudo()
            .with_context(active_test=False)
            .search_count(
                [("program_id", "=", reward.program_id.id)],
                limit=1,
            )
        )

    @http.route("/shop/club/points", type="http", auth="public", website=True, methods=["POST"], sitemap=False)
    def shop_club_points(self, reward_id, points="", place="", nothing="", **_ignored):
        """Spend the number of points that the member typed on a reward of the cart."""
        order = request.cart
        back = "/shop/payment" if place == "payment" else "/shop/cart"
        if not order or not str(reward_id).isdecimal():
            return request.redirect("/shop/cart")
        busy = lock_spending(order)
        if busy:
            return busy
        try:
            with request.env.cr.savepoint():
                order._spend_chosen_points(int(reward_id), self._parse_points("0" if nothing else points))
        except UserError as error:
            request.session["error_promo_code"] = str(error)
        return private(request.redirect(back))

    def _parse_points(self, typed):
        try:
            return club_text.parse_decimal(typed)
        except (errors.EngineError, InvalidOperation):
            raise UserError(
                request.env._(
                    '"%(typed)s" is not a number of points. Nothing was changed: type a number like 50.',
                    typed=typed[:20],
                )
            ) from None

    @http.route("/shop/club/join", type="http", auth="public", website=True, methods=["POST"], sitemap=False)
    def shop_club_join(self, club_id="", consent_terms=None, consent_marketing=None, undo=None, **_ignored):
        """Join at checkout: a customer at once, a guest as soon as the account exists."""
        order = request.cart
        if not order:
            return request.redirect("/shop")
        if undo:
            order._forget_club_consent()
            return private(request.redirect("/shop/payment"))
        club = order._get_club_to_offer(request.env.user).filtered(lambda club: str(club.id) == club_id)
        if not club or not consent_terms:
            request.session["club_checkout_error"] = request.env._(
                "Tick that you accept the club's terms, then join. Your order is unchanged.",
            )
        elif request.env.user._is_public():
            order._note_club_consent(club, bool(consent_marketing))
            order._note_club_referral(club, read_carried(club))
        else:
            try:
                club._join(
                    request.env.user.partner_id,
                    consent_terms=True,
                    consent_marketing=bool(consent_marketing),
                    source="checkout",
                    referral=read_carried(club),
                )
            except UserError as error:
                request.session["club_checkout_error"] = str(error)
        return private(request.redirect("/shop/payment"))

    def _get_shop_payment_values(self, order, **kwargs):
        values = super()._get_shop_payment_values(order, **kwargs)
        values["club_offer"] = order._get_club_to_offer(request.env.user)
        values["club_join_waiting"] = order.club_join_id if request.env.user._is_public() else order.env["club.club"]
        values["club_checkout_error"] = request.session.pop("club_checkout_error", "")
        return values


class ClubOrderPortal(CustomerPortal):
    @http.route()
    def portal_order_page(self, *args, **kwargs):
        return private(super().portal_order_page(*args, **kwargs))


class ClubCart(Cart):
    @http.route()
    def cart(self, id=None, access_token=None, revive_method="", **post):
        return private(super().cart(id=id, access_token=access_token, revive_method=revive_method, **post))
