"""Salted hashes of the e-mails and phones that have joined a club: a join bonus is given once per person."""

import hashlib
import hmac
import secrets
from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.tools import SQL, email_normalize

SALT_PARAMETER = "customer_club.identity_salt"


class ClubIdentity(models.Model):
    """That somebody with this e-mail or phone has joined this club once. It names no member and survives erasure.

    What is stored is HMAC-SHA256 of the normalised address under a secret of this database: it answers "was this person
    here before?" and nothing else.
    """

    _name = "club.identity"
    _description = "Club Identity"
    _log_access = False

    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True)

    _digest_unique = models.Constraint("UNIQUE(club_id, digest)", "An identity is kept once per club.")

    @api.model
    def _get_salt(self):
        parameters = self.env["ir.config_parameter"].sudo()
        salt = parameters.get_param(SALT_PARAMETER)
        if not salt:
            salt = secrets.token_hex(32)
            parameters.set_param(SALT_PARAMETER, salt)
        return salt.encode()

    @api.model
    def _get_digests(self, partner, salt=None):
        """The digests of a partner's e-mail and phone.

        :rtype: list[str]
        """
        salt = salt or self._get_salt()
        values = []
        email = email_normalize(partner.email or "")
        if email:
            local, _at, domain = email.partition("@")
            values.append(f"email:{local.partition('+')[0]}@{domain}")
        if partner.phone:
            try:
                country = (
                    partner.country_id.code or partner.company_id.country_id.code or self.env.company.country_id.code
                )
                values.append("phone:" + text.phone_e164(partner.phone, country or ""))
            except EngineError:
                values.append(f"phone:{''.join(c for c in text.digits(partner.phone) if c.isdigit())}")
        return [hmac.new(salt, value.encode(), hashlib.sha256).hexdigest() for value in values]

    @api.model
    def _claim(self, club, partners):
        """Remember ``partners`` as persons who joined ``club``, and say who had been there before.

        Two partners of the list with one e-mail or phone are one person: the second counts as known.

        :return: the partners whose person had joined before
        :rtype: recordset of ``res.partner``
        """
        salt = self._get_salt()
        digests = {partner: self._get_digests(partner, salt) for partner in partners}
        wanted = sorted({digest for values in digests.values() for digest in values})
        if not wanted:
            return partners.browse()
        known = {
            digest
            for (digest,) in self.env.execute_query(
                SQL(
                    # Plain SQL with the insert below: thousands of rows in two statements, and ON CONFLICT, which the
                    # ORM lacks.
                    "SELECT digest FROM club_identity WHERE club_id = %s AND digest = ANY(%s)",
                    club.id,
                    wanted,
                )
            )
        }
        new = [digest for digest in wanted if digest not in known]
        if new:
            # A row that another transaction has just inserted raises a serialization error here, which Odoo retries.
            self.env.cr.execute(
                SQL(
                    "INSERT INTO club_identity (club_id, digest) SELECT %s, unnest(%s) ON CONFLICT DO NOTHING",
                    club.id,
                    new,
                )
            )
        returning = []
        for partner, values in digests.items():
            if known.intersection(values):
                returning.append(partner.id)
            known.update(values)
        return partners.browse(returning)

    @api.model
    def _remember(self, members):
        """Keep the present e-mails and phones of ``members`` as digests, before they are erased."""
        by_club = defaultdict(lambda: self.env["res.partner"])
        for member in members:
            by_club[member.club_id] |= member.partner_id
        for club, partners in by_club.items():
            self._claim(club, partners.sudo())
