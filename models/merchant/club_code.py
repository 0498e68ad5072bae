"""The secret behind the codes that members show at a partner's counter."""

import secrets

from odoo import api, models
from odoo.addons.customer_club.engine import vouchers

SECRET_PARAMETER = "customer_club.code_secret"


class ClubCode(models.AbstractModel):
    """Codes worth money are stored as digests only, and derived anew when their owner wants to read them.

    The secret is made on first use. Whoever can read the database's parameters could derive codes, as the server can;
    a list of vouchers, an export or a log cannot.
    """

    _name = "club.code"
    _description = "Code Worth Money"

    @api.model
    def _get_secret(self):
        parameters = self.env["ir.config_parameter"].sudo()
        secret = parameters.get_param(SECRET_PARAMETER)
        if not secret:
            secret = secrets.token_hex(32)
            parameters.set_param(SECRET_PARAMETER, secret)
        return secret.encode()

    @api.model
    def _make(self, purpose):
        """A new code.

        :return: ``(nonce, digest)``: what is stored
        """
        secret, nonce = self._get_secret(), secrets.token_hex(16)
        return nonce, vouchers.digest(secret, vouchers.make(secret, purpose, nonce))

    @api.model
    def _read(self, purpose, nonce):
        """The code of a nonce, in groups, for its owner's eyes."""
        return vouchers.grouped(vouchers.make(self._get_secret(), purpose, nonce))

    @api.model
    def _digest(self, typed):
        """The digest that finds what somebody typed or scanned; empty if it cannot be a code."""
        code = vouchers.clean(typed if isinstance(typed, str) else "")
        return vouchers.digest(self._get_secret(), code) if code else ""
