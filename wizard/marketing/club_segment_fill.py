"""Put members on a list, or take them off it: chosen in the members' list, or by their numbers."""

import re

from odoo import Command, api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.exceptions import UserError

#: More numbers than this are a file, and take a request too long.
MOST_NUMBERS = 20_000


class ClubSegmentFill(models.TransientModel):
    """Adds members to one list, or removes them."""

    _name = "club.segment.fill"
    _description = "Fill a List of Members"
    _inherit = "club.bounded"

    segment_id = fields.Many2one(
        "club.segment", string="List", domain="[('kind', '=', 'static')]", ondelete="cascade", help="Empty: a new one."
    )
    name = fields.Char(string="New List", help="How the new list is called.")
    club_id = fields.Many2one("club.club", compute="_compute_club_id", help="Of the list, or of who is chosen.")
    removes = fields.Boolean(string="Take Off the List")
    member_ids = fields.Many2many("club.member", string="Members", domain="[('club_id', '=', club_id)]")
    numbers = fields.Text(
        string="Member Numbers", help="One per line, or with commas between them, as they stand in a column of a sheet."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "club.member" and "member_ids" in fields_list:
            values["member_ids"] = [Command.set(context.get("active_ids") or [])]
        return values

    @api.depends("segment_id", "member_ids")
    def _compute_club_id(self):
        for fill in self:
            clubs = fill.member_ids.club_id
            fill.club_id = fill.segment_id.club_id or clubs[:1] or self.env["club.segment"].new().club_id

    def action_fill(self):
        """Change the list, and say how many it was.

        :raises UserError: nobody or no list was named, a number is unknown, or a member is not of the list's club
        """
        self.ensure_one()
        self.segment_id.check_access("write")
        members = self.member_ids | self._find_numbers()
        if not members:
            raise UserError(self.env._("Nobody was named. Choose members or write their numbers."))
        if not self.segment_id:
            self.segment_id = self._make_list()
        if self.removes:
            count = self.segment_id._remove_members(members)
            message = self.env._("%(count)s members were taken off %(list)s.", count=count, list=self.segment_id.name)
        else:
            count = self.segment_id._add_members(members)
            message = self.env._("%(count)s members were put on %(list)s.", count=count, list=self.segment_id.name)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {
                    "type": "ir.actions.act_window",
                    "res_model": "club.segment",
                    "res_id": self.segment_id.id,
                    "views": [(False, "form")],
                },
            },
        }

    def _make_list(self):
        if self.removes or not (self.name or "").strip():
            raise UserError(self.env._("No list was named. Choose one, or write how the new one is called."))
        return self.env["club.segment"].create(
            {"name": self.name.strip(), "club_id": self.club_id.id, "kind": "static"}
        )

    def _find_numbers(self):
        """The members whose numbers were written; one query. Every number must be known: a list that silently lacks
        somebody is worse than none.
        """
        typed = [part for part in re.split(r"[\n,;\t]+", self.numbers or "") if part.strip()]
        if len(typed) > MOST_NUMBERS:
            raise UserError(
                self.env._(
                    "These are %(count)s numbers. Take them in parts of at most %(most)s.",
                    count=len(typed),
                    most=MOST_NUMBERS,
                )
            )
        wanted = {text.compact_member_number(part): part.strip() for part in typed}
        members = self.env["club.member"].search([("club_id", "=", self.club_id.id), ("number", "in", list(wanted))])
        found = set(members.mapped("number"))
        missing = [shown for number, shown in wanted.items() if number not in found]
        if missing:
            raise UserError(
                self.env._(
                    "%(club)s has no active member with the number %(numbers)s. Nothing was changed: correct them or "
                    "leave them out.",
                    club=self.club_id.name,
                    numbers=", ".join(missing[:10]) + ("…" if len(missing) > 10 else ""),
                )
            )
        return members
