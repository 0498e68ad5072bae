"""The honour roll: members who agree stand on it with a nickname, and nothing else (abuse 25)."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.addons.customer_club.models.community.club_contest_participant import (
    LONGEST,
    TELLING,
    _leave_out_invisible,
)
from odoo.exceptions import UserError
from odoo.fields import Domain

PAGE = 50


class ClubMember(models.Model):
    _inherit = "club.member"

    honour_opt_in = fields.Boolean(string="On the Honour Roll", readonly=True, copy=False)
    honour_nickname = fields.Char(readonly=True, copy=False, help="How the member is named on the honour roll.")
    honour_key = fields.Char(compute="_compute_honour_key", store=True, copy=False)

    _honour_unique = models.UniqueIndex(
        "(club_id, honour_key) WHERE honour_key IS NOT NULL",
        "Somebody else is honoured under this nickname. Choose another one.",
    )

    @api.depends("honour_nickname", "honour_opt_in")
    def _compute_honour_key(self):
        for member in self:
            member.honour_key = (member.honour_opt_in and text.search_key(member.honour_nickname or "")) or False

    def _agree_to_honour(self, nickname):
        """Stand on the honour roll under this nickname whenever there is something to honour.

        :raises UserError: too short, too long, telling too much, or taken.
        """
        self.ensure_one()
        nickname = " ".join(_leave_out_invisible(text.normalise(nickname or "")).split())
        if not 2 <= len(nickname) <= LONGEST:
            raise UserError(
                self.env._("Choose a nickname of 2 to %(longest)s characters. Nothing was saved.", longest=LONGEST)
            )
        if TELLING.search(nickname):
            raise UserError(
                self.env._("Everybody can read a nickname: leave out e-mail and web addresses and telephone numbers.")
            )
        Member = self.env["club.member"].sudo()
        if Member.search_count(
            [
                ("club_id", "=", self.club_id.id),
                ("honour_key", "=", text.search_key(nickname)),
                ("id", "!=", self.id),
            ],
            limit=1,
        ):
            raise UserError(self.env._("Somebody else has this nickname. Choose another one; nothing was saved."))
        self.sudo().write({"honour_opt_in": True, "honour_nickname": nickname})

    def _end_honour(self):
        """Off the honour roll; a nickname on donations goes too."""
        self.sudo().write({"honour_opt_in": False, "honour_nickname": False})
        self.sudo().donation_ids._forget_nickname()

    def _get_honours(self):
        """What this member is honoured for in its club: keys of :meth:`club.club._get_honour_domains`.

        :rtype: list[str]
        """
        self.ensure_one()
        Member = self.env["club.member"].sudo()
        return [
            key
            for key, domain in self.sudo().club_id._get_honour_domains().items()
            if Member.search_count(domain & Domain("id", "=", self.id), limit=1)
        ]


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_honour_domains(self):
        """Whom the club honours, by what for: ``donor``, ``helper``, ``tier``. To be extended.

        :rtype: dict[str, Domain]
        """
        self.ensure_one()
        club = self.sudo()
        if not club.honour_active:
            return {}
        domains = {}
        if club.honour_donors:
            domains["donor"] = Domain("donation_ids", "any", [("state", "=", "given")])
        if club.honour_helpers:
            # what was revoked since has a further fact that says so, and no points
            domains["helper"] = Domain(
                "entry_ids",
                "any",
                [("kind", "=", "earn"), ("event_id.type", "=", "feedback"), ("reversal_ids", "=", False)],
            )
        if club.honour_tier_id:
            domains["tier"] = Domain("tier_id.threshold", ">=", club.honour_tier_id.threshold)
        own = Domain("club_id", "=", club.id) & Domain("state", "=", "active")
        return {key: own & domain for key, domain in domains.items()}

    def _get_honour_roll(self, key, after=0, limit=PAGE):
        """One page of the nicknames honoured for something, in the order of joining the club, without any number.

        :param int after: the id that the page before ended with.
        :return: (nicknames, the id to go on from or None)
        """
        self.ensure_one()
        domain = self._get_honour_domains().get(key)
        if domain is None:
            return [], None
        domain &= Domain("honour_opt_in", "=", True) & Domain("id", ">", after)
        members = self.env["club.member"].sudo().search(domain, order="id", limit=limit + 1)
        following = members[limit - 1].id if len(members) > limit else None
        return members[:limit].mapped("honour_nickname"), following

    def _get_honour_names(self):
        """What each kind of honour is called."""
        _ = self.env._
        return {"donor": _("Who gave"), "helper": _("Who helped"), "tier": _("Who is loyal")}
