"""Joining while signing up, and what a guest agreed to at checkout."""

import logging

from odoo.addons.auth_signup.controllers.main import AuthSignupHome
from odoo.exceptions import UserError
from odoo.http import request

from .referral import read_carried

_logger = logging.getLogger(__name__)


class ClubSignup(AuthSignupHome):
    def get_auth_signup_qcontext(self):
        qcontext = super().get_auth_signup_qcontext()
        if getattr(request, "website", None):
            qcontext["club_offers"] = request.env["club.club"]._get_offered("signup")
            qcontext["club_ticked"] = {name for name in request.httprequest.form if name.startswith("club_")}
        return qcontext

    def _signup_with_values(self, token, values, do_login):
        result = super()._signup_with_values(token, values, do_login)
        User = request.env["res.users"].sudo()
        user = User.search(User._get_login_domain(values.get("login")), order=User._get_login_order(), limit=1)
        if user and user._is_portal():
            self._join_clubs(user.partner_id)
        return result

    def _join_clubs(self, partner):
        """Enrol the new account where the form or an order's checkout carries a consent.

        A club that refuses does not undo the account: its page says what is missing.
        """
        form = request.httprequest.form
        wanted = [
            (club, bool(form.get(f"club_marketing_{club.id}")), "signup")
            for club in request.env["club.club"]._get_offered("signup")
            if form.get(f"club_join_{club.id}")
        ]
        orders = (
            request.env["sale.order"]
            .sudo()
            .search(
                [("partner_id", "=", partner.id), ("club_join_id", "!=", False)],
                order="id desc",
                limit=10,
            )
        )
        wanted += [(order.club_join_id, order.club_join_marketing, "checkout") for order in orders]
        for club, marketing, source in wanted:
            self._join_club(club, partner, marketing, source)
        orders._forget_club_consent()

    def _join_club(self, club, partner, marketing, source):
        try:
            with request.env.cr.savepoint():
                club._join(
                    partner,
                    consent_terms=True,
                    consent_marketing=marketing,
                    source=source,
                    referral=read_carried(club),
                )
        except UserError as error:
            _logger.info("Partner %s could not join club %s while signing up: %s", partner.id, club.id, error)
