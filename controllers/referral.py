"""Bringing friends: the page an invitation leads to, the beacon that counts a person's visit, the member's own page."""

import secrets
import time

from odoo import http
from odoo.addons.customer_club.engine import codes
from odoo.http import content_disposition, request
from odoo.tools import consteq
from werkzeug.exceptions import NotFound

from .common import find_member, private, render_private

#: A random mark of the browser, so that a visitor counts once. It says nothing else and leaves as a salted hash only.
DEVICE = "club_device"
#: How long after a page was rendered its beacon is believed.
BEACON_SECONDS = 3600
#: Headers by which a browser says that it only loads ahead.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def touch_cookie(club):
    return f"club_ref_{club.id}"


def own_cookie(club):
    return f"club_own_{club.id}"


def keep(response, club, name, value):
    """Let the browser keep a value for the club's window, if the visitor has not refused such cookies; for this visit
    it is kept in any case, as the invitation that was followed.
    """
    secure = request.httprequest.scheme == "https"
    if request.env["ir.http"]._is_allowed_cookie("optional"):
        age = club.referral_window_days * 24 * 3600
        response.set_cookie(
            name, value, max_age=age, expires=None, httponly=True, secure=secure, samesite="Lax", cookie_type="optional"
        )
    else:
        request.session[name] = value


def kept(name):
    """What :func:`keep` has kept, at most so many characters of it."""
    return (request.cookies.get(name) or request.session.get(name) or "")[:200]


def read_carried(club):
    """What this browser brings along when somebody joins: see ``club.referral._find_touch``.

    :rtype: dict
    """
    Member = request.env["club.member"].sudo()
    mark = kept(DEVICE)
    own, _dot, signature = kept(own_cookie(club)).partition(".")
    mine = own.isascii() and own.isdecimal() and consteq(signature, Member._sign_referral("own", club.id, own))
    return {
        "touches": [value for value in {kept(touch_cookie(club))} if value],
        "device": Member._sign_referral("visitor", club.id, mark) if mark else "",
        "own": [int(own)] if mine else [],
        "robot": request.env["ir.http"].is_a_bot(),
    }


class ClubInvitationPage(http.Controller):
    """The page that a member's link leads to."""

    def _find_referrer(self, code):
        member = request.env["club.member"].sudo()._find_by_referral_code(code)
        if not member:
            raise NotFound
        return member

    def _get_visitor_state(self, referrer):
        """Who looks: ``own`` (the referrer, or its browser), ``member`` (of the club already), or ``guest``."""
        club = referrer.club_id
        if not request.env.user._is_public():
            mine = club._get_member(request.env.user.partner_id)
            if mine == referrer:
                return "own"
            if mine:
                return "member"
        return "own" if referrer.id in read_carried(club)["own"] else "guest"

    def _is_person(self):
        """Whether it may be a person who looks: no known robot, nothing loaded ahead, no mere check of the address."""
        headers = request.httprequest.headers
        ahead = any(word in headers.get(name, "").lower() for name in AHEAD for word in ("prefetch", "preview"))
        return not (ahead or request.httprequest.method == "HEAD" or request.env["ir.http"].is_a_bot())

    @http.route("/club/invite/<string:code>", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def club_invite(self, code, **_ignored):
        """Whatever else the address says is ignored: the server chooses where the invitation leads (abuse.md 20)."""
        referrer = self._find_referrer(code)
        club = referrer.club_id
        visitor = self._get_visitor_state(referrer)
        counts = visitor == "guest" and self._is_person()
        mark = kept(DEVICE) or secrets.token_urlsafe(16)
        landing = club._get_referral_landing()
        response = render_private(
            "customer_club.portal_club_invite",
            {
                "club": club,
                "code": code,
                "visitor": visitor,
                "referrer_name": referrer.nickname or "",
                "offers": club._get_referral_sentences("friend"),
                "landing": landing,
                "join_url": f"/club/join/{club.id}",
                "beacon": self._sign_beacon(code, mark) if counts else "",
            },
        )
        response.headers["X-Robots-Tag"] = "noindex"
        if counts:
            keep(response, club, DEVICE, mark)
            self._keep_touch(response, referrer)
        return response

    def _keep_touch(self, response, referrer):
        """Keep whose link it was; the first one stays while it counts if the club counts the first."""
        club = referrer.club_id
        Referral = request.env["club.referral"].sudo()
        before = kept(touch_cookie(club))
        known = Referral._choose_touch(club, Referral._read_touches(club, {"touches": [before]}))
        if not (known and club.referral_touch == "first"):
            keep(response, club, touch_cookie(club), referrer._prepare_referral_touch())

    # -- the beacon ------------------------------------------------------------------------------------

    def _sign_beacon(self, code, mark):
        stamp = int(time.time())
        return f"{stamp}.{request.env['club.member']._sign_referral('beacon', code, mark, stamp)}"

    def _is_beacon_ours(self, code, token):
        """Whether a page that we rendered for this very browser, a short time ago, sends it."""
        stamp, _dot, signature = (token or "")[:100].partition(".")
        if not (stamp.isascii() and stamp.isdecimal() and 0 <= time.time() - int(stamp) <= BEACON_SECONDS):
            return False
        mark = kept(DEVICE)
        return bool(mark) and consteq(
            signature, request.env["club.member"]._sign_referral("beacon", code, mark, stamp)
        )

    @http.route(
        "/club/invite/<string:code>/seen", type="http", auth="public", website=True, methods=["POST"], sitemap=False
    )
    def club_invite_seen(self, code, token="", **_ignored):
        """The page was shown to somebody: count the visit. The answer is the same whether it counts or not."""
        referrer = self._find_referrer(code)
        if self._is_person() and self._is_beacon_ours(code, token) and self._get_visitor_state(referrer) == "guest":
            club = referrer.club_id
            Member = request.env["club.member"].sudo()
            agent = request.httprequest.user_agent.string[:300]
            request.env["club.referral.visit"].sudo()._count(
                referrer,
                Member._sign_referral("visitor", club.id, kept(DEVICE)),
                Member._sign_referral("device", club.id, club._get_today(), request.httprequest.remote_addr, agent),
            )
            if not request.env.user._is_public():
                self._note_visitor(club)
        return private(request.make_response("", headers=[("Content-Type", "text/plain")], status=204))

    def _note_visitor(self, club):
        Referral = request.env["club.referral"].sudo()
        touch = Referral._choose_touch(club, Referral._read_touches(club, read_carried(club)))
        if touch:
            Referral._note_visit(club, touch, partner=request.env.user.partner_id)


class ClubReferPage(http.Controller):
    """The member's own page: my link, who came, what it earned."""

    @http.route(
        "/my/club/<int:member_id>/refer", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_refer(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        club = member.club_id
        url = member.referral_url
        before = int(before) if before and before.isascii() and before.isdecimal() and len(before) < 10 else None
        rows, following = member._get_referral_rows(before)
        response = render_private(
            "customer_club.portal_club_refer",
            {
                "page_name": "club_refer",
                "page_title": request.env._("Bring a friend"),
                "member": member,
                "club": club,
                "message": request.session.pop("club_message", None),
                "is_open": club._is_referral_open(),
                "url": url,
                "qr": codes.qr(url or ""),
                "sentences": club._get_referral_sentences("referrer"),
                "offers": club._get_referral_sentences("friend"),
                "totals": member._get_referral_totals(),
                "rows": rows,
                "before": before,
                "following": following,
            },
        )
        # This browser is the member's: who joins in it through the own link is looked at.
        signature = member._sign_referral("own", club.id, member.id)
        keep(response, club, own_cookie(club), f"{member.id}.{signature}")
        return response

    @http.route("/my/club/<int:member_id>/refer", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_refer_make(self, member_id, **_ignored):
        """Make the member's link, where joining has not made it yet."""
        member = find_member(member_id, owner=True)
        if member.club_id._is_referral_open():
            member._make_referral_links()
            request.session["club_message"] = request.env._("Here is your link. Share it with your friends.")
        return private(request.redirect(f"/my/club/{member.id}/refer"))

    @http.route("/my/club/<int:member_id>/refer/qr.svg", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_refer_qr(self, member_id):
        """The QR code of the link, to print or to send. It holds numbers and our own address only."""
        member = find_member(member_id, owner=True)
        if not member.referral_url:
            raise NotFound
        drawing = codes.qr(member.referral_url)
        body = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" width="600"'
            f' height="600" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/>'
            f'<path d="{drawing.path}" fill="#000"/></svg>'
        )
        return private(
            request.make_response(
                body,
                headers=[
                    ("Content-Type", "image/svg+xml; charset=utf-8"),
                    ("Content-Disposition", content_disposition("friends.svg")),
                ],
            )
        )
