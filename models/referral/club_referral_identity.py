"""Salted hashes of who was brought once: a friend counts once per club, ever."""

import hashlib
import hmac

from odoo import api, fields, models
from odoo.addons.customer_club.engine import referral as engine
from odoo.tools import SQL


class ClubReferralIdentity(models.Model):
    """That somebody with this e-mail or phone was brought to this club once. It names nobody and survives erasure.

    As :class:`club.identity`, whose salt it uses, but for persons who were brought.
    """

    _name = "club.referral.identity"
    _description = "Club Referral Identity"
    _log_access = False

    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True)

    _digest_unique = models.Constraint("UNIQUE(club_id, digest)", "A person is brought once per club.")

    @api.model
    def _get_digests(self, partner):
        """The digests of a person's mailbox and phone.

        :rtype: list[str]
        """
        partner = partner.sudo()
        salt = self.env["club.identity"]._get_salt()
        phone = self.env["club.member"]._get_phone_key(partner)
        mailbox = engine.mailbox_key(partner.email or "")
        values = [f"phone:{phone}"] if phone else []
        values += [f"email:{mailbox}"] if mailbox else []
        return [hmac.new(salt, f"referral:{value}".encode(), hashlib.sha256).hexdigest() for value in values]

    @api.model
    def _is_known(self, club, partner):
        digests = self._get_digests(partner)
        return bool(digests) and bool(
            self.sudo().search_count([("club_id", "=", club.id), ("digest", "in", digests)], limit=1)
        )

    @api.model
    def _claim(self, club, partner):
        """Remember the person. SQL for ON CONFLICT: of two who join at one moment, the second raises a serialization
        error, which Odoo retries, and then finds the person known.
        """
        digests = self._get_digests(partner)
        if digests:
            self.env.execute_query(
                SQL(
                    "INSERT INTO club_referral_identity (club_id, digest) SELECT %s, unnest(%s) ON CONFLICT DO NOTHING"
                    " RETURNING id",
                    club.id,
                    sorted(digests),
                )
            )
