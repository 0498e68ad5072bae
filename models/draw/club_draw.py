"""A draw: for points, or as a free play, a member wins one of several prizes by chance."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

#: What a play costs and may bring: changed only while nobody can play, and every change is a dated version.
TERMS = frozenset(
    {"points", "prize_ids", "fallback_id", "limit_day", "limit_week", "limit_month", "limit_member", "limit_total"}
)
#: What only the steps set.
STEPS = frozenset({"state", "opened_at", "closed_at"})
#: Which states a state is reached from.
BEFORE = {"open": ("draft", "paused"), "paused": ("open",), "closed": ("open", "paused")}
#: Marks our own writes in the context: an object that no caller from outside can name (abuse 5).
OURS = object()


class ClubDraw(models.Model):
    """Prizes with weights: a prize comes in ``weight`` of ``sum of weights`` plays on average.

    A prize that has run out leaves its weight to ``fallback_id``, or to nothing, so that no other prize gets likelier.
    What a play costs, the weights, the stock and the limits can only be changed while the draw is a draft or paused;
    opening it again asks for a reason and makes a :class:`version <ClubDrawVersion>`, which every play names.

    The order of a play is in :meth:`_play`: lock, check, charge, and only then choose; nothing can fail after that.
    """

    _name = "club.draw"
    _description = "Club Draw"
    _inherit = ["club.owned", "club.copied", "club.audience", "mail.thread", "image.mixin"]
    _order = "sequence, id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True, help="What members read about it.")
    kind = fields.Selection(
        [("wheel", "Wheel"), ("scratch", "Scratch card"), ("box", "Lucky box")],
        string="Shown As",
        default="wheel",
        required=True,
        help="How the result is shown. It is decided before anything moves.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("open", "Open"), ("paused", "Paused"), ("closed", "Closed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    opened_at = fields.Datetime(readonly=True, copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False)
    points = fields.Float(string="Points per Play", digits=(16, 2), tracking=True, help="0: playing is free.")
    limit_day = fields.Integer(string="Plays per Day", help="Per member, in the club's calendar. 0: no limit.")
    limit_week = fields.Integer(string="Plays per Week", help="Per member, in the club's calendar. 0: no limit.")
    limit_month = fields.Integer(string="Plays per Month", help="Per member, in the club's calendar. 0: no limit.")
    limit_member = fields.Integer(string="Plays per Member", help="In all. 0: no limit.")
    limit_total = fields.Integer(string="Plays in All", help="Of all members together. 0: no limit.")
    show_left = fields.Boolean(string="Show What Is Left", help="Members see how many of each limited prize are left.")
    prize_ids = fields.One2many("club.draw.prize", "draw_id", string="Prizes", copy=True)
    fallback_id = fields.Many2one(
        "club.draw.prize",
        string="When a Prize Is Out",
        domain="[('draw_id', '=', id), ('stock', '=', 0), ('kind', '!=', 'prize')]",
        ondelete="restrict",
        copy=False,
        help="What comes instead of a prize that has run out. Empty: nothing.",
    )
    change_reason = fields.Char(
        copy=False, help="Why the cost, the odds or the limits changed. Members read it, with the day."
    )
    version_ids = fields.One2many("club.draw.version", "draw_id", readonly=True)
    play_ids = fields.One2many("club.draw.play", "draw_id", readonly=True)
    chance_ids = fields.One2many("club.draw.chance", "draw_id")

    _not_negative = models.Constraint(
        "CHECK(points >= 0 AND limit_day >= 0 AND limit_week >= 0 AND limit_month >= 0 AND limit_member >= 0"
        " AND limit_total >= 0)",
        "What a play costs and the limits cannot be negative. Use 0 for free and for no limit.",
    )

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("points", "club_id")
    def _check_points(self):
        for draw in self:
            if engine_lots.quantize(draw.points, draw.club_id.points_digits) != engine_lots.to_decimal(draw.points):
                raise ValidationError(
                    self.env._(
                        "The draw %(draw)s costs a part of a point that %(club)s does not know. Write it with "
                        "%(digits)s decimals.",
                        draw=draw.name,
                        club=draw.club_id.name,
                        digits=draw.club_id.points_digits,
                    )
                )

    @api.constrains("fallback_id", "prize_ids")
    def _check_fallback(self):
        for draw in self:
            if draw.fallback_id and (draw.fallback_id not in draw.prize_ids or draw.fallback_id._is_limited()):
                raise ValidationError(
                    self.env._(
                        "What comes when a prize of %(draw)s is out must be a prize of this draw that never runs out.",
                        draw=draw.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new draw is a draft, whatever a caller or its context says."""
        vals_list = [{**{name: value for name, value in vals.items() if name not in STEPS}} for vals in vals_list]
        plain = {name: value for name, value in self.env.context.items() if name.removeprefix("default_") not in STEPS}
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        return super(ClubDraw, self.with_context(plain)).create(vals_list)  # pylint: disable=context-overridden

    def write(self, vals):
        if self.env.context.get("club_draw") is not OURS:
            self._check_change(set(vals))
        return super().write(vals)

    def _check_change(self, names):
        """Refuse what members rely on.

        Terms are changed under the draw's lock, so that it cannot be opened with the old ones meanwhile.

        :raises UserError: with the draw, the reason and the remedy.
        """
        if names & TERMS:
            self.sudo()._lock()
        for draw in self:
            if names & STEPS:
                raise UserError(self.env._("The state of the draw %(draw)s follows from its buttons.", draw=draw.name))
            if "club_id" in names and draw.version_ids:
                raise UserError(
                    self.env._("The draw %(draw)s was open: its club stays. Duplicate it for another.", draw=draw.name)
                )
            if draw.state in ("open", "closed") and names & TERMS:
                raise UserError(
                    self.env._(
                        "Members play the draw %(draw)s as it is: cost, odds, stock and limits stay. Pause it, change "
                        "them and open it again with a reason, which members read.",
                        draw=draw.name,
                    )
                    if draw.state == "open"
                    else self.env._(
                        "The draw %(draw)s is closed and stays as it was. Duplicate it for a new one.", draw=draw.name
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        for draw in self:
            if draw.version_ids:
                raise UserError(
                    self.env._("Members have seen the draw %(draw)s, so it is not deleted. Archive it.", draw=draw.name)
                )

    # -- actions -------------------------------------------------------------------------------------

    def action_open(self):
        """Let members play, from now on or again; changed terms need a reason and become a new version."""
        self.check_access("write")
        self._lock()
        for draw in self:
            draw._check_ready()
            draw._check_reason()
        self._update_state("open")
        for draw in self:
            draw._make_version("opened")

    def action_pause(self):
        """Nobody can play until it is opened again; now it can be changed."""
        self.check_access("write")
        self._update_state("paused")

    def action_close(self):
        """End it for good."""
        self.check_access("write")
        self._update_state("closed")

    def action_view_plays(self):
        """Open the plays of this draw."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plays of %(draw)s", draw=self.name),
            "res_model": "club.draw.play",
            "view_mode": "list,pivot,graph,form",
            "domain": [("draw_id", "=", self.id)],
        }

    # -- states --------------------------------------------------------------------------------------

    def _update_state(self, state):
        """Change the state, under a lock; the only code that does.

        :raises UserError: one is in a state from which that cannot be reached.
        """
        self._lock()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for draw in self:
            if draw.state not in BEFORE[state]:
                raise UserError(
                    self.env._(
                        "The draw %(draw)s is %(state)s: that cannot be done any more. Reload the page.",
                        draw=draw.name,
                        state=labels[draw.state].lower(),
                    )
                )
            vals = {"state": state}
            if state == "open" and not draw.opened_at:
                vals["opened_at"] = fields.Datetime.now()
            if state == "closed":
                vals["closed_at"] = fields.Datetime.now()
            draw.with_context(club_draw=OURS).write(vals)

    def _lock(self):
        """Take turns: who comes second sees what the first did, or Odoo repeats the request.

        Touching the row is what makes a transaction with an older view of the plays fail and be repeated; a lock alone
        would let it go on and not see them. SQL, because the ORM cannot lock so.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                """
            UPDATE club_draw SET state = state
             WHERE id IN (SELECT id FROM club_draw WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
         RETURNING id""",
                self.ids,
            )
        )
        self.invalidate_recordset()
        self.prize_ids.invalidate_recordset()

    def _lock_for_play(self):
        """Lock what a play depends on: everything scarce; where nothing is scarce, players do not wait for each other,
        only for a change of the draw."""
        if self.limit_total or self.prize_ids.filtered(lambda prize: prize._is_limited()):
            self._lock()
            self.prize_ids._lock_scarce()
            return
        self.flush_recordset()
        self.env.execute_query(SQL("SELECT id FROM club_draw WHERE id = ANY(%s) FOR SHARE", self.ids))
        self.invalidate_recordset()

    def _check_ready(self):
        self.ensure_one()
        if not self.prize_ids.filtered(lambda prize: prize.weight and prize.kind != "word"):
            raise UserError(
                self.env._("The draw %(draw)s has nothing to win yet. Add a prize with a weight.", draw=self.name)
            )
        self._get_chances()  # says what is wrong with the weights
        if not self.club_id.active:
            raise UserError(self.env._("The club of the draw %(draw)s is archived. Activate it first.", draw=self.name))

    @api.model
    def _cron_close(self):
        """Close draws whose last day has passed."""
        over = self.sudo().search(
            [("state", "in", ("open", "paused")), ("date_to", "<", fields.Date.today() + timedelta(days=1))]
        )
        over.filtered(lambda draw: draw.date_to < draw.club_id._get_today())._update_state("closed")
