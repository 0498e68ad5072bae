"""A member in a raffle: how many tickets, whether others may see the nickname, what was told."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .club_raffle import OURS


class ClubRaffleEntrant(models.Model):
    """One row for each member with tickets; counted up with the tickets, so that limits cost no counting."""

    _name = "club.raffle.entrant"
    _description = "Member in a Raffle"
    _order = "raffle_id, id"
    _rec_name = "member_id"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one(related="raffle_id.club_id")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    partner_id = fields.Many2one(related="member_id.partner_id")
    bought = fields.Integer(readonly=True, default=0)
    earned = fields.Integer(readonly=True, default=0)
    free = fields.Integer(string="Free Entries", readonly=True, default=0)
    show_nickname = fields.Boolean(
        string="Shows the Nickname", readonly=True, help="The member lets the result show its nickname if it wins."
    )
    told_freeze = fields.Boolean(readonly=True)
    told_result = fields.Boolean(readonly=True)

    _member_unique = models.Constraint("UNIQUE(raffle_id, member_id)", "A member is in a raffle once.")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Members are in a raffle by their tickets, not typed in."))

    def write(self, vals):
        if self.env.context.get("club_raffle") is not OURS:
            raise AccessError(self.env._("What a member has in a raffle follows from its tickets."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Who has tickets stays in the raffle. Name the contact to leave out instead."))

    @api.model
    def _count(self, raffle, rows):
        """Add tickets to their members; SQL for the ORM knows no ON CONFLICT, and many may come at once."""
        counts = {}
        for row in rows:
            member = counts.setdefault(row["member_id"], {"points": 0, "earned": 0, "free": 0})
            member[row["source"]] += row.get("count", 1)
        members = sorted(counts)
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
            INSERT INTO club_raffle_entrant AS e
                   (raffle_id, company_id, member_id, bought, earned, free, show_nickname, told_freeze, told_result)
            SELECT %s, %s, n.member, n.bought, n.earned, n.free, FALSE, FALSE, FALSE
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS n(member, bought, earned, free)
             ORDER BY n.member
                ON CONFLICT (raffle_id, member_id) DO UPDATE SET bought = e.bought + EXCLUDED.bought,
                   earned = e.earned + EXCLUDED.earned, free = e.free + EXCLUDED.free
            RETURNING id
            """,
                raffle.id,
                raffle.company_id.id,
                members,
                [counts[member]["points"] for member in members],
                [counts[member]["earned"] for member in members],
                [counts[member]["free"] for member in members],
            )
        )
        self.invalidate_model(["bought", "earned", "free"], flush=False)

    def _set(self, vals):
        return self.sudo().with_context(club_raffle=OURS).write(vals)
