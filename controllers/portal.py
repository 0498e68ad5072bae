"""The member's pages: overview, rewards, history, and their downloads."""

import csv
import io
import json
from datetime import date

from odoo import http
from odoo.addons.customer_club.engine import errors, periods, sheets
from odoo.addons.customer_club.engine import text as club_text
from odoo.addons.customer_club.models.portal.club_member import EXPORT_LIMIT, HISTORY_KINDS
from odoo.addons.loyalty.controllers.portal import CustomerPortalLoyalty
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import content_disposition, request

from .common import find_member, private, render_private


class ClubPortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            Member = request.env["club.member"].sudo()
            members = Member.search(Member._get_portal_domain(request.env.user), limit=5)
            values["club_balances"] = [member.club_id._show_points(member.balance) for member in members]
        return values

    @http.route()
    def home(self, **kw):
        return private(super().home(**kw))

    @http.route("/my/club", type="http", auth="user", website=True, readonly=True)
    def portal_my_club(self):
        """The member's page; a list when there is more than one club, an invitation when there is none."""
        Member = request.env["club.member"].sudo()
        members = Member.search(Member._get_portal_domain(request.env.user), limit=20)
        if len(members) == 1:
            return self._render_member(members)
        partner = request.env.user.partner_id
        return render_private(
            "customer_club.portal_clubs",
            {
                "page_name": "club",
                "members": members,
                "offers": [
                    {"club": club, "status": club._get_join_status(partner)}
                    for club in request.env["club.club"]._get_offered("portal")
                    if club not in members.club_id
                ],
            },
        )

    @http.route("/my/club/<int:member_id>", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_member(self, member_id):
        return self._render_member(find_member(member_id))

    def _render_member(self, member):
        return render_private(
            "customer_club.portal_club",
            {
                "page_name": "club",
                "message": request.session.pop("club_message", None),
                "is_owner": member._is_portal_owner(request.env.user),
                **member._get_portal_values(),
            },
        )

    @http.route("/my/club/<int:member_id>/rewards", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_rewards(self, member_id):
        member = find_member(member_id)
        return render_private(
            "customer_club.portal_club_rewards",
            {
                "page_name": "club_rewards",
                "member": member,
                "club": member.club_id,
                "rewards": member._get_portal_rewards(),
            },
        )

    # -- history ----------------------------------------------------------------------------------------

    @http.route("/my/club/<int:member_id>/history", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_history(self, member_id, before=None, **filters):
        member = find_member(member_id)
        asked = self._parse_history_filters(filters)
        rows, following = member._get_history(before=self._parse_id(before), **asked)
        club = member.club_id
        return render_private(
            "customer_club.portal_club_history",
            {
                "page_name": "club_history",
                "member": member,
                "club": club,
                "following": following,
                "before": before,
                "rows": [{**row, "balance": club._show_points(row["balance"])} for row in rows],
                "kinds": self._get_history_kinds(),
                "filters": self._show_history_filters(asked, club.calendar),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/history/export/<string:extension>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_club_export(self, member_id, extension, **filters):
        """The filtered history as a file: the newest rows, at most ``EXPORT_LIMIT``."""
        member = find_member(member_id)
        writers = {
            "csv": (self._write_csv, "text/csv; charset=utf-8"),
            "xlsx": (
                self._write_xlsx,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
        }
        if extension not in writers:
            raise request.not_found()
        write, content_type = writers[extension]
        _ = request.env._
        rows, following = member._get_history(limit=EXPORT_LIMIT, **self._parse_history_filters(filters))
        table = [[_("Date"), _("What happened"), _("Points"), _("Balance"), _("Note")]]
        table += [[row["day"], row["text"], row["points"], row["balance"], row["note"]] for row in rows]
        if following:
            table.append([_("There is more: choose a shorter period for the older rows."), "", "", "", ""])
        name = content_disposition(f"history-{member.number or member.id}.{extension}")
        return private(
            request.make_response(
                write(table),
                headers=[("Content-Type", content_type), ("Content-Disposition", name)],
            )
        )

    def _get_history_kinds(self):
        _ = request.env._
        labels = {
            "earned": _("Earned"),
            "opened": _("Became spendable"),
            "spent": _("Spent"),
            "expired": _("Expired"),
            "returned": _("Returns and cancellations"),
            "other": _("Transfers and corrections"),
        }
        return [(kind, labels[kind]) for kind in HISTORY_KINDS]

    def _parse_history_filters(self, filters):
        """Filters as the address has them, days in either calendar; what cannot be read is left out."""
        return {
            "kind": filters.get("kind", "") if filters.get("kind") in HISTORY_KINDS else "",
            "date_from": self._parse_day(filters.get("date_from")),
            "date_to": self._parse_day(filters.get("date_to")),
        }

    def _show_history_filters(self, asked, calendar):
        """The filters as strings for the form, days in the club's calendar."""
        return {
            name: periods.format_day(value, calendar) if isinstance(value, date) else value
            for name, value in asked.items()
            if value
        }

    def _parse_day(self, value):
        try:
            return periods.parse_date(value) if value else None
        except errors.EngineError:
            return None

    def _parse_id(self, value):
        return int(value) if (value or "").isascii() and (value or "").isdigit() and len(value) < 10 else None

    def _write_csv(self, table):
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        for row in table:
            writer.writerow([club_text.safe_cell(cell) for cell in row])
        # A spreadsheet takes the text for another encoding without the mark.
        return buffer.getvalue().encode("utf-8-sig")

    def _write_xlsx(self, table):
        """A table whose first row has the headings."""
        heads, *rows = table
        book = sheets.Book(rtl=request.env["res.lang"]._is_club_rtl())
        sheet = book.add_sheet("1")
        sheet.write_table(0, heads, rows)
        sheet.set_widths(14, 50)
        return book.to_bytes()

    # -- my data ----------------------------------------------------------------------------------------

    @http.route("/my/club/<int:member_id>/data", type="http", auth="user", website=True, readonly=True)
    def portal_my_club_data(self, member_id):
        """Everything the club knows about the member, as JSON."""
        member = find_member(member_id, owner=True)
        body = json.dumps(member._get_personal_data(), ensure_ascii=False, indent=2, default=str)
        return private(
            request.make_response(
                body,
                headers=[
                    ("Content-Type", "application/json; charset=utf-8"),
                    ("Content-Disposition", content_disposition(f"club-{member.number or member.id}.json")),
                ],
            )
        )


class ClubLoyaltyPortal(CustomerPortalLoyalty):
    """Odoo's own pages of a loyalty card know nothing of pending points, expiry or the ledger: lead to the club's."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cards_per_programs" in values:
            programs = (
                request.env["club.club"]
                .sudo()
                .with_context(active_test=False)
                .search(
                    [("program_id", "in", [program.id for program in values["cards_per_programs"]])],
                )
                .program_id
            )
            values["cards_per_programs"] = {
                program: cards for program, cards in values["cards_per_programs"].items() if program not in programs
            }
        return values

    @http.route()
    def portal_my_loyalty_card_history(self, card_id, page=1, sortby="date", **kw):
        Member = request.env["club.member"].sudo()
        member = Member.search(
            [("card_id", "=", card_id), ("partner_id", "=", request.env.user.partner_id.id)], limit=1
        )
        if member:
            return request.redirect(f"/my/club/{member.id}/history")
        return super().portal_my_loyalty_card_history(card_id, page=page, sortby=sortby, **kw)
