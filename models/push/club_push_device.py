"""A browser on which a member wants the club's notices."""

import base64
import binascii
import json

from cryptography.hazmat.primitives.asymmetric import ec
from odoo import api, fields, models

#: So many of one member; a further one takes the place of the one that was silent longest.
MOST_DEVICES = 5
#: After so many messages in a row that it did not take, a device is forgotten.
MOST_FAILURES = 10


class ClubPushDevice(models.Model):
    """One browser, switched on by a member in person for one membership.

    Odoo's ``mail.push.device`` is for whoever works in the backend: every message to its contact goes there, with its
    text. A member's phone gets what the club decided to tell this member, so it has devices of its own. The address is
    a secret (whoever knows it and the keys can write to the device) and nobody reads it.
    """

    _name = "club.push.device"
    _description = "Device for Notifications"
    _order = "id desc"
    _rec_name = "browser"

    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="cascade")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    user_id = fields.Many2one("res.users", string="Login", required=True, readonly=True, index=True, ondelete="cascade")
    browser = fields.Char(readonly=True)
    details = fields.Boolean(
        string="Shows Amounts and Codes", readonly=True, help="The member wants them on the lock screen too."
    )
    endpoint = fields.Char(required=True, readonly=True, groups="base.group_system")
    p256dh = fields.Char(required=True, readonly=True, groups="base.group_system")
    auth = fields.Char(required=True, readonly=True, groups="base.group_system")
    vapid_key = fields.Char(required=True, readonly=True, groups="base.group_system")
    last_success_at = fields.Datetime(string="Last Taken", readonly=True)
    failures = fields.Integer(string="Failures in a Row", readonly=True)

    _once = models.Constraint("UNIQUE(endpoint, member_id)", "This device is registered already.")

    @api.model
    def _get_vapid_key(self):
        """The public key with which browsers subscribe, or empty: reading makes none."""
        return self.env["ir.config_parameter"].sudo().get_param("mail.web_push_vapid_public_key") or ""

    @api.model
    def _read_key(self, text, size):
        """The bytes of a key that a browser gave in base64url, or ``None`` if it is no key of this size."""
        text = text.rstrip("=")
        if len(text) > 200 or not text.isascii():
            return None
        try:
            found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        return found if len(found) == size else None

    @api.model
    def _are_keys(self, p256dh, auth):
        """Whether these are the keys of a browser: a point of the curve P-256, and 16 secret bytes."""
        point = self._read_key(p256dh, 65)
        if point is None or self._read_key(auth, 16) is None:
            return False
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            return False
        return True

    def _get_keys(self):
        """The keys as ``push_to_end_point`` reads them."""
        self.ensure_one()
        return json.dumps({"p256dh": self.p256dh, "auth": self.auth})

    def _is_usable(self):
        """Whether the member may be written to on this device: still the same person, with a login that works."""
        self.ensure_one()
        member = self.member_id
        return (
            self.user_id.active
            and member.state == "active"
            and member.club_id.active
            and member.club_id.push_active
            and member._is_portal_owner(self.user_id)
            and self.vapid_key == self._get_vapid_key()
        )

    @api.model
    def _clean(self):
        """Forget devices of an older key of ours, and such as took nothing for long."""
        key = self._get_vapid_key()
        self.sudo().search(["|", ("vapid_key", "!=", key), ("failures", ">=", MOST_FAILURES)]).unlink()
