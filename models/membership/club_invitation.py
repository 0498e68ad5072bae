"""Invitations to a club."""

import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize


class ClubInvitation(models.Model):
    """A right to join a club once, for one person or for whoever holds the link.

    The link's secret has 128 random bits and is stored only as its hash: who reads the database cannot join with it.
    """

    _name = "club.invitation"
    _description = "Club Invitation"
    _order = "id desc"

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    partner_id = fields.Many2one("res.partner", string="Contact", index="btree_not_null", ondelete="cascade")
    email = fields.Char(help="Only somebody with this e-mail may use the invitation.")
    inviter_id = fields.Many2one("res.users", string="Invited By", readonly=True, default=lambda self: self.env.uid)
    inviter_member_id = fields.Many2one("club.member", string="Invited By Member", readonly=True, ondelete="set null")
    token_hash = fields.Char(readonly=True, copy=False, groups="base.group_system")
    expires_at = fields.Datetime(string="Valid Until", required=True, readonly=True)
    used_at = fields.Datetime(readonly=True, copy=False)
    member_id = fields.Many2one("club.member", string="Became Member", readonly=True, copy=False, ondelete="set null")
    cancelled = fields.Boolean(readonly=True, copy=False)
    state = fields.Selection(
        [("open", "Open"), ("used", "Used"), ("expired", "Expired"), ("cancelled", "Withdrawn")],
        compute="_compute_state",
        search="_search_state",
    )

    _token_unique = models.UniqueIndex("(token_hash)", "Two invitations cannot share a secret.")

    @api.depends("used_at", "cancelled", "expires_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for invitation in self:
            if invitation.used_at:
                invitation.state = "used"
            elif invitation.cancelled:
                invitation.state = "cancelled"
            else:
                invitation.state = "open" if invitation.expires_at and invitation.expires_at > now else "expired"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        domains = {
            "used": [("used_at", "!=", False)],
            "cancelled": [("used_at", "=", False), ("cancelled", "=", True)],
            "open": [("used_at", "=", False), ("cancelled", "=", False), ("expires_at", ">", now)],
            "expired": [("used_at", "=", False), ("cancelled", "=", False), ("expires_at", "<=", now)],
        }
        return fields.Domain.OR([domains[state] for state in value if state in domains])

    @api.depends("partner_id", "email")
    def _compute_display_name(self):
        for invitation in self:
            invitation.display_name = (
                invitation.partner_id.name or invitation.email or self.env._("Whoever has the link")
            )

    @api.constrains("email")
    def _check_email(self):
        for invitation in self.filtered("email"):
            if not email_normalize(invitation.email):
                raise ValidationError(self.env._("%(email)s is not an e-mail address.", email=invitation.email))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(
                self.env._("Use the button Invite on the club: it makes the secret link and shows it once.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals:
            raise UserError(self.env._("An invitation cannot be changed. Withdraw it and make another."))
        return super().write(vals)

    # -- actions -------------------------------------------------------------------------------------

    def action_withdraw(self):
        """Make the open invitations among these unusable."""
        self.check_access("read")
        self.filtered(lambda invitation: invitation.state == "open").sudo().cancelled = True

    # -- business ------------------------------------------------------------------------------------

    @api.model
    def _invite(self, club, people, days=None, inviter_member=None):
        """Make an invitation for each of ``people``.

        :param people: list of ``res.partner`` records, e-mail addresses, or None for a link that anybody may use
        :return: list of ``(invitation, secret)`` in the same order; the secret is not stored and cannot be read again
        """
        expires_at = fields.Datetime.now() + timedelta(days=days or club.invitation_days)
        secrets_ = [secrets.token_urlsafe(16) for _person in people]
        invitations = self.sudo().create(
            [
                {
                    "club_id": club.id,
                    "partner_id": person.id if isinstance(person, models.BaseModel) else False,
                    "email": person if isinstance(person, str) else False,
                    "token_hash": self._hash(secret),
                    "expires_at": expires_at,
                    "inviter_id": self.env.uid,
                    "inviter_member_id": inviter_member.id if inviter_member else False,
                }
                for person, secret in zip(people, secrets_, strict=True)
            ]
        )
        return list(zip(invitations, secrets_, strict=True))

    @api.model
    def _hash(self, secret):
        return hashlib.sha256(secret.encode()).hexdigest()

    def _fits(self, partner):
        """Whether ``partner`` is the person this invitation is for."""
        self.ensure_one()
        if self.partner_id:
            return (
                partner in (self.partner_id, self.partner_id.commercial_partner_id)
                or partner.commercial_partner_id == self.partner_id
            )
        return not self.email or email_normalize(self.email) == email_normalize(partner.email or "")

    def _use(self, member):
        """Mark as used by ``member``."""
        self.ensure_one()
        self.sudo().write({"used_at": fields.Datetime.now(), "member_id": member.id})
