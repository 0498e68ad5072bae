"""Banners in the shop and on free pages: asked for by the browser, for its own session, never kept by a cache."""

from odoo import http
from odoo.addons.customer_club.models.banner.club_banner import PLACES
from odoo.http import STORED_SESSION_BYTES, request
from werkzeug.exceptions import NotFound

from .common import find_member, private
from .portal import ClubPortal
from .referral import AHEAD

LONGEST_ID = 9


def is_person():
    """Whether it may be a customer who looks: no known robot, nothing loaded ahead, a session that came along, and
    nobody of the staff.
    """
    headers = request.httprequest.headers
    ahead = any(word in headers.get(name, "").lower() for name in AHEAD for word in ("prefetch", "preview"))
    known = bool(request.httprequest.cookies.get("session_id")) and not request.env.user._is_internal()
    return known and not (ahead or request.httprequest.method == "HEAD" or request.env["ir.http"].is_a_bot())


def get_visitor(club):
    """This visit as it is counted: another hash every day."""
    Hit = request.env["club.banner.hit"].sudo()
    return Hit._hide_visitor(request.session.sid[:STORED_SESSION_BYTES], club._get_today()) if club else ""


def get_network(club):
    """Where this visit comes from as it is counted: another hash every day."""
    Hit = request.env["club.banner.hit"].sudo()
    return Hit._hide_visitor(f"network:{request.httprequest.remote_addr or ''}", club._get_today())


class ClubBanners(http.Controller):
    def _get_viewer(self):
        """Who looks: the memberships, each found by its owner, and whether somebody is signed in."""
        user = request.env.user
        return request.env["club.banner"].sudo()._find_members(user), not user._is_public()

    def _find(self, banner_id):
        """A banner (sudo) that this session may look at; the same 404 for one that is absent and for another's."""
        members, signed_in = self._get_viewer()
        banner = request.env["club.banner"].sudo()._find_candidates(PLACES, request.website)
        banner = banner.filtered(lambda found: found.id == banner_id)
        if not banner or banner._get_viewer_refusals(members, signed_in)[banner.id]:
            raise NotFound
        return banner, members, signed_in

    @http.route(
        "/club/banner/show", type="http", auth="public", website=True, methods=["POST"], sitemap=False, readonly=True
    )
    def club_banner_show(self, place="", **_ignored):
        """The banner of a place for this session, as a piece of a page; empty if there is none."""
        members, signed_in = self._get_viewer()
        Banner = request.env["club.banner"].sudo()
        club = next(iter(members), request.env["club.club"])
        banner = Banner._choose(place, request.website, members, signed_in, visitor=get_visitor(club))
        html = ""
        if banner:
            values = banner._prepare_showing(place, get_visitor(banner.club_id))
            html = request.env["ir.qweb"]._render("customer_club.club_banner_show", values)
        return private(request.make_json_response({"html": html}))

    @http.route("/club/banner/seen", type="http", auth="public", website=True, methods=["POST"], sitemap=False)
    def club_banner_seen(self, banner="", place="", token="", **_ignored):
        """A banner came into view: count it if it was handed out to this session, and the session may see it. The
        answer is the same whether it counts.
        """
        if is_person() and self._is_id(banner) and place in PLACES:
            members, signed_in = self._get_viewer()
            found = request.env["club.banner"].sudo()._find_candidates([place], request.website)
            found = found.filtered(lambda candidate: candidate.id == int(banner))
            if found and not found._get_viewer_refusals(members, signed_in)[found.id]:
                self._count(found, ("view",), place, members, signed_in, token)
        return private(request.make_response("", headers=[("Content-Type", "text/plain")], status=204))

    @http.route("/club/banner/<int:banner_id>/go", type="http", auth="public", website=True, sitemap=False)
    def club_banner_go(self, banner_id, place="", token="", **_ignored):
        """Follow a banner to where the server says it leads (abuse 20). Counts once per visit and day; nothing else
        changes, so a link will do."""
        banner, members, signed_in = self._find(banner_id)
        target = banner._get_target()
        if not target:
            raise NotFound
        if is_person():
            # Who follows it has seen it.
            self._count(banner, ("view", "click"), place, members, signed_in, token)
        response = private(request.redirect(target, local=target.startswith("/")))
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    @http.route(
        "/club/banner/<int:banner_id>/picture",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=True,
    )
    def club_banner_picture(self, banner_id, **_ignored):
        banner, _members, _signed_in = self._find(banner_id)
        if not banner.image:
            raise NotFound
        stream = request.env["ir.binary"].sudo()._get_image_stream_from(banner, "image", width=1024, height=512)
        return private(stream.get_response(max_age=0))

    def _count(self, banner, kinds, place, members, signed_in, token):
        """Count what the block of this very session tells: whoever makes up sessions was handed no mark."""
        visitor = get_visitor(banner.club_id)
        if place in PLACES and request.env["club.banner.hit"]._is_shown(token, banner, place, visitor):
            for kind in kinds:
                banner._count(kind, place, members, signed_in, visitor, get_network(banner.club_id))

    def _is_id(self, text):
        return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


class ClubBannerPortal(ClubPortal):
    """On the member's own pages the banner comes with the page: they are never kept, and need no JavaScript."""

    @http.route()
    def portal_my_club(self):
        """Who is in no club yet, or in several, has the list of clubs for an overview."""
        response = super().portal_my_club()
        if "club_banner" not in response.qcontext:
            Banner = request.env["club.banner"].sudo()
            members = Banner._find_members(request.env.user)
            visitor = get_visitor(next(iter(members), request.env["club.club"]))
            banner = Banner._choose("portal", request.website, members, True, visitor=visitor)
            shown = banner._prepare_showing("portal", get_visitor(banner.club_id)) if banner else None
            response.qcontext["club_banner"] = shown
        return response

    def _render_member(self, member):
        response = super()._render_member(member)
        return self._add_banner(response, member, "portal")

    @http.route()
    def portal_my_club_rewards(self, member_id):
        response = super().portal_my_club_rewards(member_id)
        return self._add_banner(response, find_member(member_id), "rewards")

    def _add_banner(self, response, member, place):
        response.qcontext["club_banner"] = member._get_portal_banner(place, get_visitor(member.club_id))
        return response
