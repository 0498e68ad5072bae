"""Which banner a person gets in a place, and counting that it was seen or followed."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import audience as engine_audience
from odoo.addons.customer_club.engine import banner as engine_banner
from odoo.addons.customer_club.engine import periods
from odoo.fields import Domain

from .club_banner import PLACES, PUBLIC_PLACES

#: Banners that are looked at for a page; whoever sets up more sees the first ones.
LIMIT = 60


class ClubBanner(models.Model):
    _inherit = "club.banner"

    # -- candidates ----------------------------------------------------------

    @api.model
    def _find_candidates(self, places, website):
        """Banners (sudo) that are switched on for one of the places of a website, whoever asks.

        :param places: names of ``PLACES``; unknown ones are left out.
        """
        places = [place for place in places if place in PLACES]
        if not places:
            return self.sudo().browse()
        return self.sudo().search(
            Domain.OR(Domain(f"at_{place}", "=", True) for place in places)
            & Domain("is_on", "=", True)
            & Domain("club_id.active", "=", True)
            & Domain("company_id", "=", website.sudo().company_id.id)
            & Domain("website_id", "in", (False, website.id)),
            limit=LIMIT,
        )

    @api.model
    def _is_place_used(self, place, website):
        """Whether a public page keeps room for a place: the same answer for everybody, so it may be cached."""
        return place in PUBLIC_PLACES and bool(self._find_candidates([place], website))

    @api.model
    def _find_editable(self, place, website):
        """The banners of a place that an editor of the website may change, by the editor's own rights."""
        return self.search([("id", "in", self._find_candidates([place], website).ids)])

    # -- for whom ------------------------------------------------------------

    @api.model
    def _find_members(self, user):
        """``{club: member}`` (sudo) of a person's memberships; the own one before that of the company.

        :param user: ``res.users``; the public user has none.
        """
        if user._is_public():
            return {}
        Member = self.env["club.member"].sudo()
        members = Member.search(Member._get_portal_domain(user), limit=50)
        found = {}
        for member in members.sorted(lambda member: member._is_portal_owner(user)):
            found[member.club_id] = member
        return found

    def _get_viewer_refusals(self, members, signed_in):
        """Why each of these is not for a person today.

        :param dict members: see :meth:`_find_members`; :param bool signed_in: whether somebody is signed in.
        :return: dict of banner id → ``who``, a refusal of the audience, or empty if the person may see it.
        :rtype: dict[int, str]
        """
        refusals = {}
        for club, banners in self.sudo().grouped("club_id").items():
            member = members.get(club)
            for_members = banners.filtered(lambda banner: banner.who == "members")
            if member:
                refusals.update(for_members._get_audience_refusals(member))
            else:
                refusals.update(dict.fromkeys(for_members.ids, "who"))
            today = club._get_today()
            for banner in banners - for_members:
                wrong = (banner.who == "strangers" and member) or (banner.who == "guests" and signed_in)
                refusals[banner.id] = (
                    "who" if wrong else engine_audience.refusal(banner._get_audience(), engine_audience.Person(), today)
                )
        return refusals

    def _filter_in_hours(self):
        """Those that are shown at this hour, in their club's time zone."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda banner: engine_banner.is_in_hours(
                periods.local_datetime(now, banner.club_id.tz).time(), banner.hour_from, banner.hour_to
            )
        )

    def _filter_fresh(self, members, visitor):
        """Those that the members have not seen on as many visits as they may; this visit counts as one."""
        limited = self.filtered("most_views")
        members = [members[club] for club in limited.club_id if club in members]
        if not (limited and members):
            return self
        seen = {
            banner.id: count
            for banner, count in self.env["club.banner.hit"]
            .sudo()
            ._read_group(
                [
                    ("member_id", "in", [member.id for member in members]),
                    ("banner_id", "in", limited.ids),
                    ("kind", "=", "view"),
                    ("visitor", "!=", visitor or ""),
                ],
                ["banner_id"],
                ["__count"],
            )
        }
        return self.filtered(lambda banner: not banner.most_views or seen.get(banner.id, 0) < banner.most_views)

    @api.model
    def _choose(self, place, website, members, signed_in, visitor="", club=None):
        """The banner that a person gets in a place now, or none.

        :param dict members: see :meth:`_find_members`; :param str visitor: see :meth:`_hide_visitor`.
        :param club: only banners of this club.
        :return: one ``club.banner`` in sudo, or empty.
        """
        banners = self._find_candidates([place], website)
        if club:
            banners = banners.filtered(lambda banner: banner.club_id == club)
        refusals = banners._get_viewer_refusals(members, signed_in)
        banners = banners.filtered(lambda banner: not refusals[banner.id])
        return banners._filter_in_hours()._filter_fresh(members, visitor)[:1]

    # -- what is shown -------------------------------------------------------

    def _prepare_showing(self, place, visitor=""):
        """What the template of a banner expects, with the mark by which this visit's look at it counts.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "banner": self,
            "place": place,
            "title": self.title,
            "text": self._get_shown_text(),
            "picture": f"/club/banner/{self.id}/picture" if self.image else "",
            "link": f"/club/banner/{self.id}/go" if self._get_target() else "",
            "token": self.env["club.banner.hit"]._sign_showing(self, place, visitor),
            "button": self.button or self.env._("Look at it"),
        }

    def _get_shown_text(self):
        """The text; empty where a translation carries a link that banners may not have."""
        hosts = self.club_id._get_banner_hosts()
        links = self._find_links(self.text)
        if all(engine_banner.is_allowed(address, hosts) for _node, _name, address in links):
            return self.text or ""
        return ""

    def _get_target(self):
        """Where the banner leads, asked anew: a host may have left the list. Empty if nowhere."""
        self.ensure_one()
        return self.url if self.url and engine_banner.is_allowed(self.url, self.club_id._get_banner_hosts()) else ""

    # -- counting ------------------------------------------------------------

    def _count(self, kind, place, members, signed_in, visitor, network=""):
        """Count that these were seen or followed; once per visit and day, whoever asks how often.

        :param str kind: ``view`` or ``click``; :param str visitor: see ``club.banner.hit._hide_visitor``.
        :param str network: where a guest comes from, hidden the same way: so many of one address count a day.
        """
        Hit = self.env["club.banner.hit"].sudo()
        network = None if signed_in else network or None
        banners = self.filtered(lambda banner: not Hit._is_crowded(banner, kind, network)) if network else self
        if visitor and banners:
            Hit._note(
                [
                    {
                        "banner_id": banner.id,
                        "club_id": banner.club_id.id,
                        "company_id": banner.company_id.id,
                        "kind": kind,
                        "place": place,
                        "date": banner.club_id._get_today(),
                        "member_id": members[banner.club_id].id if banner.club_id in members else None,
                        "viewer": "member" if banner.club_id in members else "customer" if signed_in else "guest",
                        "visitor": visitor,
                        "network": network,
                    }
                    for banner in banners.sudo()
                ]
            )
