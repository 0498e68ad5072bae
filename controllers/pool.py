"""Pools: make one, invite, put points in, leave; and their points in the cart."""

from odoo import http
from odoo.addons.customer_club.engine import errors
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.customer_club.engine.referral import first_name
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, lock_spending, private, render_private
from .gift import attempt, back, page_values, read_key, read_number, read_points

PATH = "/my/club/<int:member_id>/pool"


class ClubPools(http.Controller):
    # -- finding -----------------------------------------------------------------------------------------

    def _find_owner(self, member_id):
        member = find_member(member_id, owner=True)
        if not member.club_id.pool_active and not member._get_places():
            raise NotFound
        return member

    def _find_place(self, member, pool_id):
        """The member's own place in a pool; the same 404 for one that is absent and for others' (abuse 14)."""
        place = member._get_places().filtered(lambda place: place.pool_id.id == pool_id)
        if not place:
            raise NotFound
        return place

    def _find_other_place(self, place, row_id):
        """Somebody's place in a pool of which ``place`` is the founder's."""
        row = place.pool_id.member_ids.filtered(lambda row: row.id == row_id and row.state in ("invited", "active"))
        if not row or place.role != "founder" or row == place:
            raise NotFound
        return row

    # -- pages -------------------------------------------------------------------------------------------

    @http.route(PATH, type="http", auth="user", website=True, methods=["GET"])
    def portal_my_club_pool(self, member_id, **_ignored):
        member = self._find_owner(member_id)
        club = member.club_id
        values = page_values(member, "club_pool", request.env._("Pools"))
        values.update(
            rows=member._get_pool_rows(),
            invitations=[
                {
                    "place": place,
                    "pool": place.pool_id,
                    "founder": first_name(place.pool_id.founder_id.partner_id.name) or "…",
                }
                for place in member._get_places(("invited",))
            ],
            giveable=club._show_points(member._get_giveable_points()),
            can_found=club.pool_active and member._has_pool_room(),
            step=club._get_point_step(),
            base_url=club.get_base_url(),
        )
        return render_private("customer_club.portal_club_pool", values)

    def _render_confirm(self, member, place, title, sentences, button, action, fields=()):
        """Ask once more, with what it costs and what is left."""
        values = page_values(member, "club_pool_confirm", title)
        values.update(
            page_parent=(f"/my/club/{member.id}/pool", request.env._("Pools")),
            pool=place.pool_id,
            sentences=sentences,
            button=button,
            action=f"/my/club/{member.id}/pool/{place.pool_id.id}/{action}",
            fields=dict(fields),
        )
        return render_private("customer_club.portal_club_pool_confirm", values)

    # -- coming together ---------------------------------------------------------------------------------

    @http.route(f"{PATH}/found", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_found(self, member_id, name="", form_key="", **_ignored):
        member = self._find_owner(member_id)
        pool, error = attempt(lambda: request.env["club.pool"]._found(member, name[:200], read_key(form_key)))
        message = "" if error else request.env._("%(pool)s is made. Invite somebody to it.", pool=pool.name)
        return back(member, "pool", message, error)

    @http.route(f"{PATH}/<int:pool_id>/invite", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_invite(self, member_id, pool_id, number="", **_ignored):
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        try:
            other = member._find_other_member(number)
        except UserError as error:
            return back(member, "pool", error=str(error))
        _row, error = attempt(lambda: place.pool_id._invite(member, other))
        message = "" if error else request.env._("Invited. Nothing is shared until the invitation is accepted.")
        return back(member, "pool", message, error)

    @http.route(f"{PATH}/<int:pool_id>/link", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_link(self, member_id, pool_id, **_ignored):
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        _link, error = attempt(lambda: place.pool_id._make_link(member))
        message = "" if error else request.env._("The link is made. Whoever has it can join within 7 days.")
        return back(member, "pool", message, error)

    @http.route(
        f"{PATH}/invitation/<int:row_id>/<any(accept, decline):answer>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_pool_answer(self, member_id, row_id, answer, **_ignored):
        member = self._find_owner(member_id)
        row = member._get_places(("invited",)).filtered(lambda row: row.id == row_id)
        if not row:
            raise NotFound
        _result, error = attempt(row._accept if answer == "accept" else row._decline)
        _ = request.env._
        message = _("You share this pool now.") if answer == "accept" else _("Declined.")
        return back(member, "pool", "" if error else message, error)

    @http.route(
        "/club/pool/<string:link>", type="http", auth="user", website=True, methods=["GET", "POST"], sitemap=False
    )
    def club_pool_link(self, link, **_ignored):
        """An invitation link: say what it is; joining is a form (abuse 19)."""
        pool = request.env["club.pool"]._find_by_link(link)
        Member = request.env["club.member"].sudo()
        member = pool and Member.search(
            Domain("club_id", "=", pool.club_id.id)
            & Domain("partner_id", "=", request.env.user.partner_id.id)
            & Domain("state", "=", "active"),
            limit=1,
        )
        if not member:
            raise NotFound
        if request.httprequest.method == "POST":
            _row, error = attempt(lambda: pool._join_by_link(member, link))
            message = "" if error else request.env._("You share this pool now.")
            return back(member, "pool", message, error)
        values = page_values(member, "club_pool_link", pool.name)
        values.update(pool=pool, link=link, founder=first_name(pool.founder_id.partner_id.name) or "…")
        return render_private("customer_club.portal_club_pool_link", values)

    @http.route(f"{PATH}/<int:pool_id>/terms/<int:row_id>", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_terms(self, member_id, pool_id, row_id, role="", most="", **_ignored):
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        row = self._find_other_place(place, row_id)

        def set_terms():
            limit = read_points(member.club_id, most) if (most or "").strip("0٠۰ .,") else 0
            row._set_terms(member, role, limit)

        _result, error = attempt(set_terms)
        return back(member, "pool", "" if error else request.env._("Saved."), error)

    # -- points in, parts out ----------------------------------------------------------------------------

    @http.route(f"{PATH}/<int:pool_id>/put/check", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_put_check(self, member_id, pool_id, points="", **_ignored):
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        club, _ = member.club_id, request.env._
        try:
            amount = read_points(club, points)
            member._check_giveable(amount)
        except UserError as error:
            return back(member, "pool", error=str(error))
        left = club._show_points(member.card_id.points - float(amount))
        return self._render_confirm(
            member,
            place,
            _("Put points into the pool"),
            [
                _("%(points)s leave your card; %(left)s are left on it.", points=club._show_points(amount), left=left),
                _(
                    "All who may spend the pool can use them. When you leave, you get your part of what is left, in "
                    "proportion to what you brought."
                ),
                _("They expire on the day on which they would have expired with you."),
            ],
            _("Put %(points)s into the pool", points=club._show_points(amount)),
            "put",
            {"points": amount},
        )

    @http.route(f"{PATH}/<int:pool_id>/put", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_put(self, member_id, pool_id, points="", form_key="", **_ignored):
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        busy = lock_spending(member)
        if busy:
            return busy

        def put():
            amount = read_points(member.club_id, points)
            return request.env["club.pool.contribution"]._contribute(place, amount, read_key(form_key))

        contribution, error = attempt(put)
        if error:
            return back(member, "pool", error=error)
        shown = member.club_id._show_points(contribution.points)
        return back(member, "pool", request.env._("%(points)s are in the pool now.", points=shown))

    @http.route(
        f"{PATH}/<int:pool_id>/<any(leave, close):how>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_club_pool_ask(self, member_id, pool_id, how, **_ignored):
        """What leaving or closing would do, before it is done."""
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        club, _ = member.club_id, request.env._
        if how == "close" and place.role != "founder":
            raise NotFound
        part = place.pool_id._get_parts()[place]["part"]
        shown = club._show_points(abs(part))
        sentences = [
            _("You take over %(points)s that the pool owes.", points=shown)
            if part < 0
            else _("You get your part of what is left: %(points)s.", points=shown),
        ]
        if how == "close":
            sentences.append(_("Everybody else gets their part too, and the pool ends."))
            return self._render_confirm(member, place, _("Close the pool"), sentences, _("Close the pool"), how)
        sentences.append(_("What is given back to the pool later belongs to those who are still in it."))
        if place.role == "founder" and len(place.pool_id._get_rows()) > 1:
            sentences.append(_("Who joined first of those who may spend becomes the founder."))
        return self._render_confirm(member, place, _("Leave the pool"), sentences, _("Leave the pool"), how)

    @http.route(
        f"{PATH}/<int:pool_id>/<any(leave, close):how>", type="http", auth="user", website=True, methods=["POST"]
    )
    def portal_my_club_pool_part(self, member_id, pool_id, how, **_ignored):
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        busy = lock_spending(member)
        if busy:
            return busy
        pool = place.pool_id
        _result, error = attempt(lambda: pool._leave(place) if how == "leave" else pool._close(member))
        _ = request.env._
        message = _("You left the pool.") if how == "leave" else _("The pool is closed.")
        return back(member, "pool", "" if error else message, error)

    @http.route(f"{PATH}/<int:pool_id>/remove/<int:row_id>", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_pool_remove(self, member_id, pool_id, row_id, sure=None, **_ignored):
        """The founder takes somebody out, who gets their part; or takes an invitation back."""
        member = self._find_owner(member_id)
        place = self._find_place(member, pool_id)
        row = self._find_other_place(place, row_id)
        _ = request.env._
        if row.state == "active" and not sure:
            part = place.pool_id._get_parts()[row]["part"]
            name = row.member_id.nickname or first_name(row.member_id.partner_id.name) or "…"
            return self._render_confirm(
                member,
                place,
                _("Take somebody out of the pool"),
                [
                    _(
                        "%(name)s leaves the pool with their part: %(points)s.",
                        name=name,
                        points=member.club_id._show_points(part),
                    )
                ],
                _("Take %(name)s out", name=name),
                f"remove/{row.id}",
                {"sure": 1},
            )
        _result, error = attempt(row._decline if row.state == "invited" else lambda: place.pool_id._leave(row))
        return back(member, "pool", "" if error else _("Done."), error)

    # -- the cart ----------------------------------------------------------------------------------------

    @http.route("/shop/club/pool", type="http", auth="user", website=True, methods=["POST"], sitemap=False)
    def shop_club_pool(self, pool_id="", reward_id="", points=None, **_ignored):
        """Use a pool's points for a reward of the cart."""
        order = request.cart
        if not order:
            return request.redirect("/shop/cart")
        busy = lock_spending(order)
        if busy:
            return busy

        def spend():
            number = None
            if points is not None:
                try:
                    number = club_text.parse_decimal(points[:30])
                except errors.EngineError:
                    raise UserError(request.env._("Type a number of points like 50. Nothing was changed.")) from None
            order._spend_pool_points(read_number(pool_id), read_number(reward_id), number)

        _result, error = attempt(spend)
        if error:
            request.session["error_promo_code"] = error
        return private(request.redirect("/shop/cart"))
