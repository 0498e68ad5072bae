"""The member's own behaviour, fact by fact."""

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request

from .common import find_member, render_private


class ClubTimelinePortal(CustomerPortal):
    @http.route("/my/club/<int:member_id>/timeline", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_timeline(self, member_id, before=None, **kw):
        member = find_member(member_id, owner=True)
        known = int(before) if before and str(before).isascii() and str(before).isdigit() and len(before) < 10 else None
        rows, following = member._get_timeline(before=known)
        return render_private(
            "customer_club.portal_club_timeline",
            {
                "page_name": "club_timeline",
                "page_title": request.env._("What you did"),
                "member": member,
                "club": member.club_id,
                "rows": rows,
                "before": known,
                "following": following,
            },
        )
