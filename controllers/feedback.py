"""What a member tells the shop: writing, following, replying, taking back. Reading changes nothing."""

from odoo import http
from odoo.addons.customer_club.models.voice.club_feedback import SUBJECT_LENGTH, TEXT_LENGTH
from odoo.addons.customer_club.models.voice.club_feedback_portal import REPLY_LENGTH
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from .common import find_member, private, render_private

BASE = "/my/club/<int:member_id>/feedback"


class ClubFeedbackPortal(http.Controller):
    # -- finding -------------------------------------------------------------------------------------

    def _find(self, member_id, feedback_id):
        """The piece that the signed-in user wrote; the same 404 for one that is absent and for another's."""
        member = find_member(member_id)
        Feedback = request.env["club.feedback"].sudo()
        feedback = Feedback.search(
            [*Feedback._get_portal_domain(member, request.env.user.partner_id), ("id", "=", feedback_id)], limit=1
        )
        if not feedback:
            raise NotFound
        return feedback

    def _get_parent(self, member):
        """The list, as the way back from the pages below it."""
        return (f"/my/club/{member.id}/feedback", request.env._("Tell us"))

    def _prepare_values(self, member, title, **values):
        return {
            "page_name": "club_feedback",
            "page_title": title,
            "member": member,
            "club": member.club_id,
            "message": request.session.pop("club_message", None),
            **values,
        }

    # -- the list ------------------------------------------------------------------------------------

    @http.route(BASE, type="http", auth="user", website=True, methods=["GET"])
    def portal_club_feedback(self, member_id, before="", **_ignored):
        member = find_member(member_id)
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
        pieces, following = request.env["club.feedback"]._get_portal_page(
            member, request.env.user.partner_id, before=start
        )
        labels = dict(member._get_feedback_kinds())
        values = self._prepare_values(
            member,
            request.env._("Tell us"),
            rows=[
                {
                    "piece": piece,
                    "kind": labels[piece.kind],
                    "day": member.club_id._show_day(piece.create_date),
                    **piece._get_portal_values(),
                }
                for piece in pieces
            ],
            before=start,
            following=following,
        )
        return render_private("customer_club.portal_club_feedback", values)

    # -- writing -------------------------------------------------------------------------------------

    def _render_form(self, member, typed, error=""):
        values = self._prepare_values(
            member,
            request.env._("Write to us"),
            page_parent=self._get_parent(member),
            typed=typed,
            error=error,
            lengths={"subject": SUBJECT_LENGTH, "text": TEXT_LENGTH},
            **member._get_feedback_choices(),
        )
        return render_private("customer_club.portal_club_feedback_new", values)

    @http.route(f"{BASE}/new", type="http", auth="user", website=True, methods=["GET"])
    def portal_club_feedback_new(self, member_id, kind="suggestion", order_id="", product_id="", **_ignored):
        """The form; a link from an order or a product may fill in what it is about."""
        member = find_member(member_id)
        if not member.club_id.feedback_portal:
            raise NotFound
        return self._render_form(member, {"kind": kind[:20], "order_id": order_id[:12], "product_id": product_id[:12]})

    @http.route(f"{BASE}/new", type="http", auth="user", website=True, methods=["POST"])
    def portal_club_feedback_save(
        self, member_id, kind="", subject="", text="", category_id="", order_id="", product_id="", **_ignored
    ):
        member = find_member(member_id)
        typed = {
            "kind": kind[:20],
            "subject": subject[: 2 * SUBJECT_LENGTH],
            "text": text[: 2 * TEXT_LENGTH],
            "category_id": category_id[:12],
            "order_id": order_id[:12],
            "product_id": product_id[:12],
        }
        try:
            with request.env.cr.savepoint():
                piece = request.env["club.feedback"]._submit(member, request.env.user.partner_id, typed)
                piece._add_pictures(request.httprequest.files.getlist("pictures"))
        except UserError as error:
            return self._render_form(member, typed, str(error))
        return self._back(piece, request.env._("Thank you! We have received it."))

    def _back(self, piece, message):
        request.session["club_message"] = message
        return private(request.redirect(piece.portal_path))

    # -- one piece -----------------------------------------------------------------------------------

    def _render_piece(self, piece, error="", typed=""):
        member = piece.member_id
        values = self._prepare_values(
            member,
            piece.subject,
            page_parent=self._get_parent(member),
            piece=piece,
            error=error,
            typed=typed,
            kind=dict(member._get_feedback_kinds())[piece.kind],
            day=member.club_id._show_day(piece.create_date),
            thread=piece._get_portal_thread(),
            reply_length=REPLY_LENGTH,
            **piece._get_portal_values(),
        )
        return render_private("customer_club.portal_club_feedback_piece", values)

    @http.route(f"{BASE}/<int:feedback_id>", type="http", auth="user", website=True, methods=["GET"])
    def portal_club_feedback_piece(self, member_id, feedback_id, **_ignored):
        return self._render_piece(self._find(member_id, feedback_id))

    @http.route(f"{BASE}/<int:feedback_id>/reply", type="http", auth="user", website=True, methods=["POST"])
    def portal_club_feedback_reply(self, member_id, feedback_id, text="", **_ignored):
        piece = self._find(member_id, feedback_id)
        text = text[: 2 * REPLY_LENGTH]
        try:
            piece._reply_from_portal(request.env.user.partner_id, text)
        except UserError as error:
            return self._render_piece(piece, str(error), text)
        return self._back(piece, request.env._("Your answer is sent."))

    @http.route(f"{BASE}/<int:feedback_id>/withdraw", type="http", auth="user", website=True, methods=["POST"])
    def portal_club_feedback_withdraw(self, member_id, feedback_id, **_ignored):
        piece = self._find(member_id, feedback_id)
        try:
            piece._withdraw_from_portal()
        except UserError:
            return self._render_piece(piece, request.env._("It is decided already, so it can no longer be withdrawn."))
        return self._back(piece, request.env._("You have withdrawn it."))

    @http.route(
        f"{BASE}/<int:feedback_id>/file/<int:attachment_id>", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_club_feedback_file(self, member_id, feedback_id, attachment_id, **_ignored):
        """A file of the conversation, always to be saved, never shown as a page of this site."""
        piece = self._find(member_id, feedback_id)
        attachment = piece._get_portal_files().filtered(lambda file: file.id == attachment_id)
        if not attachment or attachment.type != "binary":
            raise NotFound
        return private(
            request.env["ir.binary"]
            ._get_stream_from(attachment)
            .get_response(as_attachment=True, max_age=0, immutable=False)
        )
