"""Causes, donations, the honour roll and certificates."""

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound

from .common import find_member, lock_spending, private, render_private
from .gift import attempt, back, page_values, read_key, read_number, read_points

PATH = "/my/club/<int:member_id>"
NAMES = 60


class ClubDonations(http.Controller):
    def _find_cause(self, member, cause_id):
        """A cause that is for this member today; the same 404 for whatever else (abuse 14)."""
        causes = request.env["club.cause"]._get_open(member)
        cause = causes.filtered(lambda cause: cause.id == cause_id)
        if not cause:
            raise NotFound
        return cause

    @http.route(f"{PATH}/causes", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_causes(self, member_id, before=None, **_ignored):
        member = find_member(member_id, owner=True)
        given, following = member._get_donation_rows(read_number(before))
        values = page_values(member, "club_causes", request.env._("Causes"))
        values.update(rows=member._get_cause_rows(), given=given, before=read_number(before), following=following)
        return render_private("customer_club.portal_club_causes", values)

    @http.route(f"{PATH}/causes/<int:cause_id>", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_cause(self, member_id, cause_id, **_ignored):
        member = find_member(member_id, owner=True)
        return self._render_cause(member, self._find_cause(member, cause_id))

    def _render_cause(self, member, cause, points="", error=""):
        values = page_values(member, "club_cause", cause.name)
        club = member.club_id
        values.update(
            page_parent=(f"/my/club/{member.id}/causes", request.env._("Causes")),
            row=next(row for row in member._get_cause_rows() if row["cause"] == cause),
            cause=cause,
            points=points,
            step=club._get_point_step(),
            balance=club._show_points(member.card_id.points),
            can_give=member.card_id.points > 0,
            nickname=member.honour_nickname or member.nickname or "",
        )
        values["error"] = error or values["error"]
        return render_private("customer_club.portal_club_cause", values)

    @http.route(f"{PATH}/causes/<int:cause_id>/check", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_cause_check(self, member_id, cause_id, points="", named=None, **_ignored):
        """Say what it costs and what is left, before anything is given."""
        member = find_member(member_id, owner=True)
        cause = self._find_cause(member, cause_id)
        club = member.club_id
        try:
            amount = read_points(club, points)
            if float(amount) > member.card_id.points:
                raise UserError(
                    request.env._(
                        "You have %(points)s. Nothing was taken: give less.",
                        points=club._show_points(member.card_id.points),
                    )
                )
        except UserError as error:
            return self._render_cause(member, cause, points[:30], str(error))
        values = page_values(member, "club_cause_check", cause.name)
        values.update(
            page_parent=(f"/my/club/{member.id}/causes/{cause.id}", cause.name),
            cause=cause,
            points=amount,
            shown=club._show_points(amount),
            money=club._show_money(float(cause._get_worth(amount))),
            left=club._show_points(member.card_id.points - float(amount)),
            named=bool(named),
        )
        return render_private("customer_club.portal_club_cause_check", values)

    @http.route(f"{PATH}/causes/<int:cause_id>/give", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_cause_give(self, member_id, cause_id, points="", named=None, form_key="", **_ignored):
        member = find_member(member_id, owner=True)
        cause = self._find_cause(member, cause_id)
        busy = lock_spending(member)
        if busy:
            return busy
        donation, error = attempt(
            lambda: cause._give(member, read_points(member.club_id, points), bool(named), read_key(form_key))
        )
        if error:
            return back(member, f"causes/{cause.id}", error=error)
        return back(
            member,
            "causes",
            request.env._(
                "Thank you: %(money)s for %(cause)s.",
                money=member.club_id._show_money(donation.value),
                cause=cause.name,
            ),
        )

    # -- for everybody -----------------------------------------------------------------------------------

    def _find_public_cause(self, cause_id):
        cause = request.env["club.cause"].sudo().search([("id", "=", cause_id), ("is_public", "=", True)], limit=1)
        if not cause:
            raise NotFound
        return cause

    @http.route("/club/cause/<int:cause_id>", type="http", auth="public", website=True, methods=["GET"], readonly=True)
    def club_cause(self, cause_id, **_ignored):
        """What was given together, without anybody's amount; nicknames of donors who want to be seen."""
        cause = self._find_public_cause(cause_id)
        club = cause.club_id
        names = (
            request.env["club.donation"]
            .sudo()
            ._read_group(
                [("cause_id", "=", cause.id), ("state", "=", "given"), ("nickname", "!=", False)],
                ["nickname"],
                [],
                limit=NAMES,
                order="nickname",
            )
        )
        return request.render(
            "customer_club.public_cause",
            {
                "cause": cause,
                "club": club,
                "total": club._show_money(cause.total),
                "goal": club._show_money(cause.goal) if cause.goal else "",
                "percent": min(int(100 * cause.total / cause.goal), 100) if cause.goal else None,
                "names": [name for (name,) in names],
            },
        )

    @http.route(
        "/club/cause/<int:cause_id>/image", type="http", auth="public", website=True, methods=["GET"], readonly=True
    )
    def club_cause_image(self, cause_id, **_ignored):
        cause = request.env["club.cause"].sudo().search([("id", "=", cause_id)], limit=1)
        if not cause.image_512 or not (cause.is_public or self._may_see(cause)):
            raise NotFound
        return request.env["ir.binary"]._get_image_stream_from(cause, "image_512").get_response()

    def _may_see(self, cause):
        Member = request.env["club.member"].sudo()
        domain = Member._get_portal_domain(request.env.user) & Domain("club_id", "=", cause.club_id.id)
        return not request.env.user._is_public() and bool(Member.search_count(domain, limit=1))

    # -- honour ------------------------------------------------------------------------------------------

    @http.route(f"{PATH}/honour", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_honour(self, member_id, of="", after=None, **_ignored):
        member = find_member(member_id, owner=True)
        club = member.club_id
        if not club.honour_active:
            raise NotFound
        names, after = club._get_honour_names(), read_number(after)
        rolls = []
        for key in club._get_honour_domains():
            if of and key != of:
                continue
            found, following = club._get_honour_roll(key, after if of else 0)
            rolls.append({"key": key, "title": names.get(key, key), "names": found, "following": following})
        values = page_values(member, "club_honour", request.env._("Honour roll"))
        honours = member._get_honours()
        values.update(
            rolls=rolls,
            of=of,
            nickname=member.honour_nickname or member.nickname or "",
            honours=[names.get(key, key) for key in honours],
            certificates=[
                {"key": key, "title": title}
                for key, title in (
                    ("donor", request.env._("Certificate of your donations")),
                    ("tier", request.env._("Certificate of your tier")),
                    ("honour", request.env._("Certificate of honour")),
                )
                if member._get_certificate(key)
            ],
        )
        return render_private("customer_club.portal_club_honour", values)

    @http.route(f"{PATH}/honour/<any(join, leave):how>", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_honour_change(self, member_id, how, nickname="", consent=None, **_ignored):
        member = find_member(member_id, owner=True)
        _ = request.env._
        if not member.club_id.honour_active:
            raise NotFound
        if how == "leave":
            member._end_honour()
            return back(member, "honour", _("Nobody sees you on the honour roll any more."))
        if not consent:
            return back(member, "honour", error=_("Tick the box if others may see your nickname. Nothing was saved."))
        _result, error = attempt(lambda: member._agree_to_honour(nickname[:100]))
        return back(member, "honour", "" if error else _("Your nickname stands on the honour roll."), error)

    @http.route(
        f"{PATH}/certificate/<any(donor, tier, honour):kind>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_certificate(self, member_id, kind, **_ignored):
        """The member's own certificate as PDF."""
        member = find_member(member_id, owner=True)
        if not member._get_certificate(kind):
            raise NotFound
        pdf, _type = (
            request.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf("customer_club.action_report_certificate", member.ids, data={"kind": kind})
        )
        return private(
            request.make_response(
                pdf,
                headers=[
                    ("Content-Type", "application/pdf"),
                    ("Content-Length", len(pdf)),
                    ("Content-Disposition", content_disposition(f"certificate-{kind}.pdf")),
                ],
            )
        )
