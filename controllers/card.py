"""The member's card: one small page that stands alone, so that it works where the network is poor."""

from odoo import http
from odoo.addons.customer_club.engine import codes
from odoo.http import request

from .common import find_member, render_private


class ClubCard(http.Controller):
    @http.route("/my/club/<int:member_id>/card", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_card(self, member_id):
        member = find_member(member_id)
        lang = request.env["res.lang"]._get_data(code=request.env.lang or "en_US")
        return render_private(
            "customer_club.portal_club_card",
            {
                "member": member,
                "club": member.club_id,
                "reader_lang": lang,
                "barcode": codes.code128(member.number or ""),
                "qr": codes.qr(member.number or ""),
            },
        )
