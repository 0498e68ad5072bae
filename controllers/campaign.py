"""Campaigns: the links in their messages, and the notices in a member's account."""

import base64

from odoo import fields, http
from odoo.http import request
from werkzeug.exceptions import NotFound
from werkzeug.urls import url_parse

from .common import find_member, private, render_private

#: A picture of one transparent point.
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class ClubCampaigns(http.Controller):
    def _find_target(self, target_id, token, what):
        """The message that a link belongs to; the same 404 for wrong and absent (abuse 14)."""
        target = request.env["club.campaign.target"]._find_by_token(target_id, token, what)
        if not target:
            raise NotFound
        return target

    def _render_over(self, club=None, stop=False):
        """What an old link leads to: the way to the club, with a kind word; alike for wrong and absent (abuse 14)."""
        return render_private("customer_club.campaign_over", {"club": club, "stop": stop})

    # -- links in messages: a GET counts, and changes nothing else (abuse 19) ------------------------

    @http.route(
        "/club/m/<int:target_id>/<string:token>/open", type="http", auth="public", methods=["GET"], sitemap=False
    )
    def campaign_open(self, target_id, token, **_ignored):
        """A picture in the e-mail: it was opened. Mail programs that load pictures ahead count too."""
        self._find_target(target_id, token, "open")._count_opening()
        return private(request.make_response(PIXEL, headers=[("Content-Type", "image/gif")]))

    @http.route(
        "/club/m/<int:target_id>/<string:token>/go",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        multilang=False,
        sitemap=False,
    )
    def campaign_go(self, target_id, token, **_ignored):
        """To the campaign's page, by Odoo's tracked link: always one of our own site (abuse 20)."""
        target = request.env["club.campaign.target"]._find_by_token(target_id, token, "go")
        if not target:
            return self._render_over()
        target._count_visit()
        if not target.campaign_id.active:
            return self._render_over(target.club_id)
        link = target.campaign_id.link_id
        path = url_parse(link.short_url).path if link else target.campaign_id.path or "/my/club"
        return private(request.redirect(path))

    @http.route(
        "/club/m/<int:target_id>/<string:token>/stop",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def campaign_stop(self, target_id, token, **_ignored):
        """A button: only it unsubscribes, for mail programs follow links to look at them."""
        return self._offer_stop(target_id, token)

    @http.route(
        "/club/m/<int:target_id>/<string:token>/stop",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def campaign_stopped(self, target_id, token, **_ignored):
        target = self._find_target(target_id, token, "stop")
        target._unsubscribe()
        return self._render_stop(target, token, done=True)

    @http.route(
        "/club/m/<int:target_id>/<string:token>/unsubscribe",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def campaign_unsubscribe(self, target_id, token, **_ignored):
        """The one click of a mail program (RFC 8058), which has no session: the secret in the address stands for it."""
        self._find_target(target_id, token, "stop")._unsubscribe()
        return private(request.make_response("", headers=[("Content-Type", "text/plain")]))

    @http.route(
        "/club/m/<int:target_id>/<string:token>/unsubscribe",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def campaign_unsubscribe_page(self, target_id, token, **_ignored):
        """Who opens that address by hand gets the button."""
        return self._offer_stop(target_id, token)

    def _offer_stop(self, target_id, token):
        target = request.env["club.campaign.target"]._find_by_token(target_id, token, "stop")
        return self._render_stop(target, token, done=False) if target else self._render_over(stop=True)

    def _render_stop(self, target, token, done):
        return render_private(
            "customer_club.campaign_stop",
            {
                "club": target.club_id,
                "done": done,
                "action": f"/club/m/{target.id}/{token}/stop",
            },
        )

    @http.route(
        "/c/<string:reference>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        multilang=False,
        sitemap=False,
    )
    def campaign_short(self, reference, **_ignored):
        """The short links of an SMS lead to the long ones, each with its own purpose."""
        path = request.env["club.campaign.target"]._find_by_reference(reference)
        return private(request.redirect(path)) if path else self._render_over(stop=True)

    # -- notices in the member's account -------------------------------------------------------------

    def _find_notice(self, member, target_id):
        domain = member._get_notice_domain() & fields.Domain("id", "=", target_id)
        target = request.env["club.campaign.target"].sudo().search(domain, limit=1)
        if not target:
            raise NotFound
        return target._for_reader()

    @http.route(
        "/my/club/<int:member_id>/notices/<int:target_id>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_notice(self, member_id, target_id, **_ignored):
        member = find_member(member_id, owner=True)
        target = self._find_notice(member, target_id)
        target._count_opening()
        return render_private(
            "customer_club.portal_club_notice",
            {
                "page_name": "club_notice",
                "page_title": target.title,
                "member": member,
                "club": member.club_id,
                "target": target,
                "go": target._get_path("go"),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/notices/<int:target_id>/dismiss",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_notice_dismiss(self, member_id, target_id, **_ignored):
        """Not again; twice is once."""
        member = find_member(member_id, owner=True)
        self._find_notice(member, target_id)._note(dismissed_at=fields.Datetime.now())
        return private(request.redirect(f"/my/club/{member.id}"))
