"""A member's own link: a random code, Odoo's short link, and signed proof that a browser came through it."""

import secrets
from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.addons.customer_club.engine import referral as engine
from odoo.tools import consteq, hmac

#: No characters that are taken for one another; twelve of them are more than 68 bits.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_LENGTH = 12
SCOPE = "customer_club.referral"


class ClubMember(models.Model):
    _inherit = "club.member"

    referral_code = fields.Char(readonly=True, copy=False, groups="customer_club.group_club_manager")
    referral_tracker_id = fields.Many2one(
        "link.tracker",
        string="Link for Friends",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    referral_url = fields.Char(string="Own Link", compute="_compute_referral_url", compute_sudo=True)

    _referral_code_unique = models.UniqueIndex(
        "(referral_code) WHERE referral_code IS NOT NULL", "A code leads to one member."
    )

    @api.depends("referral_code")
    def _compute_referral_url(self):
        for member in self:
            code = member.referral_code
            member.referral_url = f"{member.get_base_url()}/r/{code}" if code and member.referral_tracker_id else False

    # -- making ----------------------------------------------------------------------------------------

    def _make_referral_links(self):
        """Give a link to those of these members who have none, in one batch.

        The short link's target is ours: a page of this site that names nothing but the code (abuse.md 20).
        """
        members = self.sudo().filtered(lambda member: member.state == "active" and not member.referral_tracker_id)
        if not members:
            return
        for member in members.filtered(lambda member: not member.referral_code):
            member.referral_code = "".join(secrets.choice(ALPHABET) for _number in range(CODE_LENGTH))
        trackers = (
            self.env["link.tracker"]
            .sudo()
            .create(
                [
                    {
                        "url": f"{member.get_base_url()}/club/invite/{member.referral_code}",
                        "title": member.club_id.name,  # else Odoo would fetch the page to read its title
                        "label": member.referral_code,
                    }
                    for member in members
                ]
            )
        )
        codes = self.env["link.tracker.code"].sudo().search([("link_id", "in", trackers.ids)])
        by_tracker = {code.link_id.id: code for code in codes}
        for member, tracker in zip(members, trackers, strict=True):
            by_tracker[tracker.id].code = member.referral_code
            member.referral_tracker_id = tracker

    # -- finding ---------------------------------------------------------------------------------------

    @api.model
    def _find_by_referral_code(self, code):
        """The active member whose link it is, or was before a merge; the same nothing for all others.

        :return: a sudo record, maybe empty
        """
        if not code or len(code) != CODE_LENGTH:
            return self.browse()
        Member = self.sudo().with_context(active_test=False)
        return Member.search([("referral_code", "=", code)], limit=1)._get_referral_heir()

    def _get_referral_heir(self):
        """The active member that this one is or became, in a club where bringing friends is switched on."""
        member = self.sudo()
        while member.merged_into_id:
            member = member.merged_into_id
        return member.filtered(lambda found: found.state == "active" and found.club_id._is_referral_open())

    # -- proof -----------------------------------------------------------------------------------------

    @api.model
    def _sign_referral(self, *values):
        """A signature of values, under a secret of this database."""
        return hmac(self.env(su=True), SCOPE, tuple(str(value) for value in values))[:40]

    def _prepare_referral_touch(self):
        """What a visitor's browser keeps: the code, the moment, and our signature of both and of the club.

        :rtype: str
        """
        self.ensure_one()
        member = self.sudo()
        stamp = int(fields.Datetime.now().replace(tzinfo=timezone.utc).timestamp())
        signature = self._sign_referral("touch", member.club_id.id, member.referral_code, stamp)
        return f"{member.referral_code}.{stamp}.{signature}"

    @api.model
    def _read_referral_touch(self, club, value):
        """The visit that :meth:`_prepare_referral_touch` described; ``None`` if it is not ours, or of another club.

        :rtype: engine.Touch | None
        """
        parts = (value or "").split(".")
        if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 12):
            return None
        code, stamp, signature = parts
        if not consteq(signature, self._sign_referral("touch", club.id, code, stamp)):
            return None
        member = self._find_by_referral_code(code)
        if member.club_id != club:
            return None
        return engine.Touch(member.id, datetime.fromtimestamp(int(stamp), timezone.utc).replace(tzinfo=None))
