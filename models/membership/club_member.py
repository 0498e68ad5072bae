"""A member: one person or company in one club."""

from odoo import api, fields, models


class ClubMember(models.Model):
    """A partner's membership of a club. Its card holds the points; only the ledger moves them."""

    _name = "club.member"
    _description = "Club Member"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_names_search = ["number", "partner_id"]

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="club_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    card_id = fields.Many2one("loyalty.card", required=True, readonly=True, ondelete="restrict", copy=False)
    number = fields.Char(readonly=True, copy=False, index=True)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("active", "Active"), ("left", "Left"), ("merged", "Merged"), ("erased", "Erased")],
        default="active", required=True, readonly=True, copy=False, tracking=True,
    )
    source = fields.Selection(
        [
            ("manual", "Staff"), ("portal", "Portal"), ("signup", "Sign-up"), ("checkout", "Checkout"),
            ("import", "Import"), ("adopt", "Adopted program"), ("api", "Other system"),
        ],
        default="manual", required=True, readonly=True,
    )
    joined_at = fields.Datetime(default=fields.Datetime.now, required=True, readonly=True)
    left_at = fields.Datetime(readonly=True, copy=False)
    tier_id = fields.Many2one("club.tier", readonly=True, index="btree_not_null", ondelete="restrict", copy=False)
    tier_since = fields.Date(readonly=True, copy=False)
    nickname = fields.Char()
    consent_terms_at = fields.Datetime(string="Accepted Terms On", readonly=True)
    consent_marketing = fields.Boolean(string="Marketing Messages")

    points = fields.Float(compute="_compute_points", digits=(16, 2), help="What the member can spend now.")
    points_pending = fields.Float(compute="_compute_points", digits=(16, 2))
    points_expiring = fields.Float(compute="_compute_points", digits=(16, 2), help="Points that expire within 30 days.")
    points_expiring_on = fields.Date(compute="_compute_points", help="The next day on which points expire.")
    entry_ids = fields.One2many("club.point.entry", "member_id")
    event_ids = fields.One2many("club.event", "member_id")

    _number_unique = models.UniqueIndex("(club_id, number)", "Two members of a club cannot have the same number.")
    _card_unique = models.Constraint("UNIQUE(card_id)", "A card belongs to one member only.")
    _partner_unique = models.UniqueIndex("(club_id, partner_id) WHERE active", "This contact is a member of the club already.")

    @api.depends("partner_id.name", "number")
    def _compute_display_name(self):
        for member in self:
            member.display_name = f"{member.partner_id.display_name} ({member.number})" if member.number else member.partner_id.display_name

    def _compute_points(self):
        """Read card balances and open lots: two queries for any number of members."""
        lots = self.env["club.point.lot"].sudo()
        pending = dict(lots._read_group(
            [("member_id", "in", self.ids), ("state", "=", "pending")], ["member_id"], ["remaining:sum"],
        ))
        today = fields.Date.context_today(self)
        expiring = {
            member: (points, first) for member, points, first in lots._read_group(
                [("member_id", "in", self.ids), ("state", "=", "open"), ("expires_on", "!=", False),
                 ("expires_on", "<=", fields.Date.add(today, days=30))],
                ["member_id"], ["remaining:sum", "expires_on:min"],
            )
        }
        for member in self:
            member.points = member.sudo().card_id.points
            member.points_pending = pending.get(member, 0.0)
            member.points_expiring, member.points_expiring_on = expiring.get(member, (0.0, False))

    @api.model_create_multi
    def create(self, vals_list):
        Card = self.env["loyalty.card"].sudo().with_context(loyalty_no_mail=True, tracking_disable=True)
        clubs = self.env["club.club"].browse([vals["club_id"] for vals in vals_list])
        without = [(vals, club) for vals, club in zip(vals_list, clubs, strict=True) if not vals.get("card_id")]
        cards = Card.create([
            {"program_id": club.sudo().program_id.id, "partner_id": vals["partner_id"], "points": 0} for vals, club in without
        ])
        for (vals, _club), card in zip(without, cards, strict=True):
            vals["card_id"] = card.id
        return super().create(vals_list)
