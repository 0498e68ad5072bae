"""A place of the draw: a prize to confirm, or an alternate who waits."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .club_raffle import OURS
from .club_raffle_guard import guard_winners


class ClubRaffleWinner(models.Model):
    """Place, ticket and member never change. A prize that is not confirmed within the days goes to the next alternate;
    ``prize_id`` says which prize a place has, and an alternate gets the prize of the place that lapsed.
    """

    _name = "club.raffle.winner"
    _description = "Winner of a Raffle"
    _order = "raffle_id, place"
    _rec_name = "ticket_id"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="raffle_id.club_id")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    place = fields.Integer(required=True, readonly=True)
    ticket_id = fields.Many2one("club.raffle.ticket", required=True, readonly=True, ondelete="restrict")
    code = fields.Char(related="ticket_id.code", string="Ticket Code")
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="member_id.partner_id")
    prize_id = fields.Many2one("club.raffle.prize", readonly=True, ondelete="restrict")
    cost = fields.Monetary(related="prize_id.cost")
    state = fields.Selection(
        [
            ("waiting", "Alternate"),
            ("called", "To confirm"),
            ("claimed", "To hand over"),
            ("given", "Handed over"),
            ("lapsed", "Not confirmed"),
        ],
        required=True,
        readonly=True,
    )
    deadline = fields.Datetime(string="Confirm Before", readonly=True)
    deadline_text = fields.Char(string="Confirm Before, in Words", compute="_compute_deadline_text")
    claimed_at = fields.Datetime(string="Confirmed On", readonly=True)
    given_at = fields.Datetime(string="Handed Over On", readonly=True)
    given_uid = fields.Many2one("res.users", string="Handed Over By", readonly=True, ondelete="restrict")

    _place_unique = models.Constraint("UNIQUE(raffle_id, place)", "Each place is drawn once.")
    _ticket_unique = models.Constraint("UNIQUE(ticket_id)", "A ticket wins once.")
    _due_idx = models.Index("(deadline) WHERE state = 'called'")

    def init(self):
        guard_winners(self.env)

    @api.depends("raffle_id.name", "place")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for winner in self:
            winner.display_name = self.env._(
                "%(raffle)s, place %(place)s", raffle=winner.raffle_id.name or "", place=winner.place
            )

    @api.depends("deadline")
    @api.depends_context("lang")
    def _compute_deadline_text(self):
        for winner in self:
            winner.deadline_text = winner.sudo().raffle_id.club_id._say_moment(winner.deadline)

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("club_raffle") is not OURS:
            raise UserError(self.env._("Winners are drawn, not typed in."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("club_raffle") is not OURS:
            raise AccessError(self.env._("What was drawn stays. Use the buttons to hand a prize over."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was drawn is never deleted."))

    def _set(self, vals):
        return self.sudo().with_context(club_raffle=OURS).write(vals)

    def action_hand_over(self):
        """Note that the winner has got the prize."""
        self.check_access("read")
        if not self.env.user.has_group("customer_club.group_club_user"):
            raise AccessError(self.env._("Only the club's staff hand prizes over. Ask one of them."))
        self.raffle_id._lock()
        self.invalidate_recordset()
        for winner in self:
            if winner.state != "claimed":
                raise UserError(
                    self.env._(
                        "%(winner)s is not waiting to be handed over. Reload the page.", winner=winner.display_name
                    )
                )
        self._set({"state": "given", "given_at": fields.Datetime.now(), "given_uid": self.env.uid})

    def action_print_certificate(self):
        """The certificate of a prize that was confirmed."""
        self.check_access("read")
        return self.env.ref("customer_club.club_raffle_winner_report").report_action(self)
