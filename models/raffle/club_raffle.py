"""A raffle that anyone can check: what it promises, and what of it may still change."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .club_raffle_guard import guard_raffles

#: Marks our own changes in the context: an object that no caller from outside can name (abuse 5).
OURS = object()
#: What may be written by hand once members have seen the raffle.
FREE = frozenset({"active", "message_main_attachment_id"})
#: Written by the steps only.
STEPPED = frozenset(
    {
        "state",
        "public_id",
        "ticket_number",
        "bought_number",
        "earned_number",
        "free_number",
        "opened_at",
        "rules_text",
        "rules_hash",
        "frozen_at",
        "list_hash",
        "list_file",
        "list_count",
        "round_no",
        "round_at",
        "drawn_at",
        "randomness",
        "randomness_source",
        "seed",
        "proof_file",
        "void_reason",
    }
)
STATES = [
    ("draft", "Draft"),
    ("open", "Open"),
    ("frozen", "List frozen"),
    ("drawn", "Drawn"),
    ("done", "Ended"),
    ("void", "Called off"),
]


class ClubRaffle(models.Model):
    """Tickets for points, for what members do, or for nothing; prizes drawn by ``club-raffle-v1``
    (:mod:`customer_club.engine.raffle`).

    Its life is a chain of steps, each once, in order and at its time: open (the rules are hashed), freeze (the list is
    hashed, and a future round of public randomness named), draw (that round decides), then prizes are confirmed. What a
    step has published never changes: the database refuses it (``club_raffle_guard``). A draw is never repeated: a
    raffle that cannot be drawn is called off with its reason, the points go back, and a redraw is another raffle.

    Buying and entering: ``club_raffle_entering``. Freezing and drawing: ``club_raffle_freezing``,
    ``club_raffle_drawing``. Prizes after the draw: ``club_raffle_claiming``. Words: ``club_raffle_words``.
    """

    _name = "club.raffle"
    _description = "Club Raffle"
    _inherit = ["club.owned", "club.copied", "club.audience", "mail.thread"]
    _order = "closes_at desc, id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="What members read about it.")
    raffles_allowed = fields.Boolean(related="company_id.club_raffles", string="Raffles Are Allowed")
    public_id = fields.Char(
        string="Public Name", readonly=True, copy=False, index=True, default=lambda self: self._make_public_id()
    )
    state = fields.Selection(STATES, default="draft", required=True, readonly=True, copy=False, tracking=True)

    # What it promises; fixed once it is open
    prize_ids = fields.One2many("club.raffle.prize", "raffle_id", copy=True)
    alternates = fields.Integer(
        default=3, help="Who stands in where a winner does not confirm in time. They are drawn with the winners."
    )
    one_prize_each = fields.Boolean(string="One Prize per Member", default=True)
    ticket_price = fields.Float(string="Points per Ticket", digits=(16, 2), help="0: tickets are not sold for points.")
    max_bought = fields.Integer(string="Most Sold in All", help="0: no limit.")
    max_bought_each = fields.Integer(string="Most Sold per Member", default=100, help="0: no limit.")
    free_each = fields.Integer(
        string="Free Entries per Member",
        default=1,
        help="Tickets without points or purchase, of the same weight: on the member's page, or by post through staff. "
        "Many laws ask for this way. 0: none.",
    )
    max_free = fields.Integer(string="Most Free Entries in All", help="0: no limit.")
    earn_type = fields.Selection(
        selection=lambda self: self.env["club.event"]._fields["type"]._description_selection(self.env),
        string="A Ticket for Each",
        help="Members earn a ticket for each of these facts while the raffle is open. Empty: tickets are not earned.",
    )
    earn_amount = fields.Monetary(string="From an Amount Of", help="A purchase of less earns no ticket.")
    max_earned_each = fields.Integer(string="Most Earned per Member", default=10, help="0: no limit.")
    opens_at = fields.Datetime(string="Opens", required=True, default=fields.Datetime.now)
    closes_at = fields.Datetime(
        string="Closes", required=True, default=lambda self: fields.Datetime.add(fields.Datetime.now(), days=14)
    )
    draws_at = fields.Datetime(
        string="Is Drawn",
        required=True,
        default=lambda self: fields.Datetime.add(fields.Datetime.now(), days=14, hours=2),
        help="The first round of randomness at this time or after it decides.",
    )
    draw_grace_hours = fields.Integer(
        string="Hours to Draw",
        default=72,
        help="A draw that has not taken place so long after its time is refused; the raffle is then called off.",
    )
    claim_days = fields.Integer(
        string="Days to Confirm", default=14, help="A prize not confirmed by the end of the last day goes on."
    )
    randomness_kind = fields.Selection(
        [("beacon", "A public beacon"), ("parties", "Several parties together")],
        string="Randomness From",
        default="beacon",
        required=True,
        help="Where no network is allowed, two or more parties each commit to a secret before the list is frozen.",
    )
    beacon_id = fields.Many2one(
        "club.raffle.beacon",
        ondelete="restrict",
        default=lambda self: self.env["club.raffle.beacon"].search([], limit=1),
    )
    party_ids = fields.One2many("club.raffle.party", "raffle_id", copy=True)
    observer_id = fields.Many2one("res.partner", help="Gets every step by e-mail when it is made, and takes no part.")
    merchant_ids = fields.Many2many(
        "club.merchant", string="Partners Who Give Prizes", help="Their people take no part."
    )
    excluded_partner_ids = fields.Many2many(
        "res.partner", string="Also Left Out", help="Staff, the observer and partners' people are left out anyway."
    )
    legal_note = fields.Text(translate=True, help="What the law asks you to tell: organiser, licence, who may enter.")
    redraw_of_id = fields.Many2one("club.raffle", readonly=True, copy=False, ondelete="restrict")
    redraw_reason = fields.Char(readonly=True, copy=False)
    redraw_ids = fields.One2many("club.raffle", "redraw_of_id", string="Redrawn In")

    # Counted with the tickets
    ticket_number = fields.Integer(string="Tickets", readonly=True, copy=False, default=0)
    bought_number = fields.Integer(string="Bought", readonly=True, copy=False, default=0)
    earned_number = fields.Integer(string="Earned", readonly=True, copy=False, default=0)
    free_number = fields.Integer(string="Free Entries", readonly=True, copy=False, default=0)

    # Published by the steps
    opened_at = fields.Datetime(readonly=True, copy=False)
    rules_text = fields.Text(string="Rules as Published", readonly=True, copy=False)
    rules_hash = fields.Char(string="SHA-256 of the Rules", readonly=True, copy=False)
    frozen_at = fields.Datetime(readonly=True, copy=False)
    list_file = fields.Binary(string="List of Tickets", readonly=True, copy=False, attachment=True)
    list_hash = fields.Char(string="SHA-256 of the List", readonly=True, copy=False)
    list_count = fields.Integer(string="Tickets in the List", readonly=True, copy=False)
    round_no = fields.Integer(string="Round", readonly=True, copy=False)
    round_at = fields.Datetime(string="Round Takes Place", readonly=True, copy=False)
    drawn_at = fields.Datetime(readonly=True, copy=False)
    randomness = fields.Char(readonly=True, copy=False)
    randomness_source = fields.Char(readonly=True, copy=False)
    seed = fields.Char(readonly=True, copy=False)
    proof_file = fields.Binary(string="Proof", readonly=True, copy=False, attachment=True)
    void_reason = fields.Char(string="Called Off Because", readonly=True, copy=False)

    step_ids = fields.One2many("club.raffle.step", "raffle_id", readonly=True)
    winner_ids = fields.One2many("club.raffle.winner", "raffle_id", readonly=True)
    purchase_ids = fields.One2many("club.raffle.purchase", "raffle_id", readonly=True)
    entrant_ids = fields.One2many("club.raffle.entrant", "raffle_id", readonly=True)
    exclusion_ids = fields.One2many("club.raffle.exclusion", "raffle_id", readonly=True)
    entrant_count = fields.Integer(string="Members", compute="_compute_counts")
    exclusion_count = fields.Integer(string="Left Out", compute="_compute_counts")
    to_hand_over = fields.Integer(string="Prizes to Hand Over", compute="_compute_counts")
    next_step = fields.Char(string="What Comes Next", compute="_compute_next_step")
    round_text = fields.Char(string="Round, in Words", compute="_compute_round_text")
    public_url = fields.Char(string="Public Page", compute="_compute_public_url")

    _public_id_unique = models.Constraint("UNIQUE(public_id)", "Public names of raffles are given once.")
    _not_negative = models.Constraint(
        "CHECK(ticket_price >= 0 AND max_bought >= 0 AND max_bought_each >= 0 AND free_each >= 0 AND max_free >= 0"
        " AND earn_amount >= 0 AND max_earned_each >= 0 AND alternates >= 0 AND claim_days > 0"
        " AND draw_grace_hours > 0)",
        "Prices and limits of a raffle cannot be negative, and there is at least one day and one hour.",
    )

    def init(self):
        guard_raffles(self.env)

    @api.model
    def _make_public_id(self):
        return secrets.token_hex(8)

    # -- computes ------------------------------------------------------------------------------------

    def _compute_counts(self):
        def count(model, *domain):
            return dict(
                self.env[model]._read_group([("raffle_id", "in", self.ids), *domain], ["raffle_id"], ["__count"])
            )

        entrants, left_out = count("club.raffle.entrant"), count("club.raffle.exclusion")
        waiting = count("club.raffle.winner", ("state", "=", "claimed"))
        for raffle in self:
            raffle.entrant_count = entrants.get(raffle._origin, 0)
            raffle.exclusion_count = left_out.get(raffle._origin, 0)
            raffle.to_hand_over = waiting.get(raffle._origin, 0)

    @api.depends("state", "opens_at", "closes_at", "draws_at", "round_at", "draw_grace_hours", "club_id")
    @api.depends_context("lang")
    def _compute_next_step(self):
        for raffle in self:
            raffle.next_step = raffle._say_next_step() if raffle.club_id else ""

    @api.depends("round_at", "club_id")
    @api.depends_context("lang")
    def _compute_round_text(self):
        for raffle in self:
            raffle.round_text = raffle.club_id._say_moment(raffle.round_at) if raffle.club_id else ""

    def _compute_public_url(self):
        for raffle in self:
            raffle.public_url = f"{raffle.get_base_url()}/raffle/{raffle.public_id}" if raffle.public_id else ""

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("opens_at", "closes_at", "draws_at")
    def _check_times(self):
        for raffle in self:
            if not raffle.opens_at < raffle.closes_at:
                raise ValidationError(
                    self.env._(
                        "%(raffle)s would close before it opens. Set the closing after the opening.",
                        raffle=raffle.name,
                    )
                )
            if raffle.draws_at < fields.Datetime.add(raffle.closes_at, minutes=raffle._get_publish_minutes()):
                raise ValidationError(
                    self.env._(
                        "%(raffle)s is drawn at least %(minutes)s minutes after it closes: the list must be published "
                        "before anybody can know the randomness.",
                        raffle=raffle.name,
                        minutes=raffle._get_publish_minutes(),
                    )
                )

    @api.model
    def _get_publish_minutes(self):
        """How long before the draw the list is published at the latest."""
        return 15

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new raffle is a draft with a public name of its own, whatever a caller or its context says."""
        ours = STEPPED | {"redraw_of_id", "redraw_reason"}
        if self.env.context.get("club_raffle") is OURS:
            return super().create(vals_list)
        vals_list = [{name: value for name, value in vals.items() if name not in ours} for vals in vals_list]
        plain = {name: value for name, value in self.env.context.items() if name.removeprefix("default_") not in ours}
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        return super(ClubRaffle, self.with_context(plain)).create(vals_list)  # pylint: disable=context-overridden

    def write(self, vals):
        if self.env.context.get("club_raffle") is not OURS:
            self._check_change(set(vals))
        return super().write(vals)

    def _check_change(self, names):
        if names & (STEPPED | {"redraw_of_id", "redraw_reason"}):
            raise UserError(self.env._("What a raffle has published follows from its buttons and is never typed in."))
        inverse = {"step_ids", "winner_ids", "purchase_ids", "entrant_ids", "exclusion_ids", "redraw_ids"}
        for raffle in self:
            if "active" in names and raffle.state in ("open", "frozen", "drawn"):
                raise UserError(
                    self.env._(
                        "%(raffle)s is not over, and an archived raffle is neither frozen nor drawn. Wait for its end, "
                        "or call it off with a reason.",
                        raffle=raffle.name,
                    )
                )
            if raffle.state != "draft" and names - FREE - inverse - self._get_mail_fields() - {"party_ids"}:
                raise UserError(
                    self.env._(
                        "Members have seen the rules of %(raffle)s, so they stay. Call it off and make another one.",
                        raffle=raffle.name,
                    )
                )

    @api.model
    def _get_mail_fields(self):
        return {name for name in self._fields if name.startswith(("message_", "rating_", "website_message_"))}

    def _check_draft(self):
        """Refuse changes of what members have seen."""
        for raffle in self:
            if raffle.state != "draft":
                raise UserError(
                    self.env._(
                        "The raffle %(raffle)s is no draft any more: its prizes and who draws stay as published.",
                        raffle=raffle.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        for raffle in self:
            if raffle.state != "draft":
                raise UserError(
                    self.env._("Members have seen the raffle %(raffle)s, so it is not deleted.", raffle=raffle.name)
                )

    # -- helpers -------------------------------------------------------------------------------------

    def _lock(self):
        """Lock these raffles: whoever buys, freezes, draws or calls off takes turns and sees what the one before did.

        Plain FOR NO KEY UPDATE, because a conflict must raise the error that Odoo retries.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_raffle WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self.invalidate_recordset()

    def _set(self, vals):
        """Set what only the steps set, at once, so that the database's guard speaks where the step is."""
        self.sudo().with_context(club_raffle=OURS).write(vals)
        self.flush_recordset()

    def _check_state(self, state):
        self.ensure_one()
        if self.state != state:
            raise UserError(
                self.env._(
                    "The raffle %(raffle)s is %(state)s: each step is made once and in order. Reload the page.",
                    raffle=self.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state].lower(),
                )
            )

    def _check_allowed(self):
        for raffle in self:
            if not raffle.sudo().company_id.club_raffles:
                raise UserError(
                    self.env._(
                        "Raffles are switched off for %(company)s. Nothing was changed. If your law allows them, "
                        "switch them on in the club's settings.",
                        company=raffle.sudo().company_id.name,
                    )
                )

    # -- actions -------------------------------------------------------------------------------------

    def action_open_tickets(self):
        """The tickets of this raffle."""
        self.ensure_one()
        return self._prepare_list_action(self.env._("Tickets of %(raffle)s", raffle=self.name), "club.raffle.ticket")

    def action_open_entrants(self):
        """The members in this raffle."""
        self.ensure_one()
        return self._prepare_list_action(self.env._("Members in %(raffle)s", raffle=self.name), "club.raffle.entrant")

    def action_open_exclusions(self):
        """The tickets left out, with reasons."""
        self.ensure_one()
        return self._prepare_list_action(
            self.env._("Left Out of %(raffle)s", raffle=self.name), "club.raffle.exclusion"
        )

    def _prepare_list_action(self, name, model):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("raffle_id", "=", self.id)],
        }
