"""A draw: for points, or as a free play, a member wins one of several prizes by chance."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
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
#: Limits of plays per member, by the period that they count in.
LIMITS = {"limit_day": "day", "limit_week": "week", "limit_month": "month", "limit_member": "lifetime"}
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
    _inherit = ["club.owned", "club.audience", "mail.thread", "image.mixin"]
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

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" in (default or {}):
            return vals_list
        return [
            dict(vals, name=self.env._("%(name)s (copy)", name=draw.name))
            for draw, vals in zip(self, vals_list, strict=True)
        ]

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

    # -- who may play --------------------------------------------------------------------------------

    def _get_refusal(self, member):
        """Why ``member`` cannot play now, in words; empty if it can. Points are not asked here.

        :rtype: str
        """
        self.ensure_one()
        _ = self.env._
        draw, name = self.sudo(), self.sudo().display_name
        if draw.state == "paused":
            return _("%(draw)s has a break. Nothing was taken: come back later.", draw=name)
        if draw.state != "open" or not draw.active:
            return _("%(draw)s is not open. Nothing was taken: choose something else.", draw=name)
        if draw.club_id != member.sudo().club_id:
            return _("%(draw)s is not offered in this club. Nothing was taken.", draw=name)
        reason = draw._get_audience_refusals(member)[draw.id]
        if reason:
            return draw._say_audience_refusal(reason, member)
        if draw.limit_total and draw._count_plays() >= draw.limit_total:
            return _("All plays of %(draw)s are used up. Nothing was taken: choose something else.", draw=name)
        if draw._find_chance(member):
            return ""  # a play that was given stands beside the limits
        return draw._get_limit_refusal(member)

    def _get_limit_refusal(self, member):
        _ = self.env._
        words = {
            "limit_day": lambda n, draw: _("You have played %(draw)s %(count)s times today.", count=n, draw=draw),
            "limit_week": lambda n, draw: _("You have played %(draw)s %(count)s times this week.", count=n, draw=draw),
            "limit_month": lambda n, draw: _(
                "You have played %(draw)s %(count)s times this month.", count=n, draw=draw
            ),
            "limit_member": lambda n, draw: _("You have played %(draw)s %(count)s times.", count=n, draw=draw),
        }
        for name, period in LIMITS.items():
            limit = self[name]
            if limit and self._count_plays(member, period) >= limit:
                said = words[name](limit, self.display_name)
                if name == "limit_member":
                    return _("%(said)s More is not possible; nothing was taken.", said=said)
                return _("%(said)s Come back later; nothing was taken.", said=said)
        return ""

    def _count_plays(self, member=None, period="lifetime"):
        """How many plays stand: of everybody, or those that ``member`` paid or was free to play in the current period.

        :rtype: int
        """
        self.ensure_one()
        domain = [("draw_id", "=", self.id), ("state", "!=", "void")]
        if member:
            domain += [("member_id", "in", member.sudo()._get_own_ids()), ("chance_id", "=", False)]
        if period != "lifetime":
            club = self.club_id
            first, end = periods.period_bounds(period, club._get_today(), club.calendar, int(club.week_start or 0))
            start, _end = periods.range_bounds(first, end, club.tz)
            domain.append(("played_at", ">=", start))
        return self.env["club.draw.play"].sudo().search_count(domain)

    def _find_chance(self, member):
        """The free play to use next: the one that ends first; empty if there is none.

        :rtype: club.draw.chance
        """
        self.ensure_one()
        return self.env["club.draw.chance"]._find_usable(member, self)[:1]

    # -- playing -------------------------------------------------------------------------------------

    def _get_price(self):
        """Points of one play, in the club's decimals.

        :rtype: Decimal
        """
        self.ensure_one()
        return engine_lots.quantize(self.points, self.club_id.points_digits)

    def _play(self, member, key, terms=None):
        """Let ``member`` play once. What comes is decided and recorded here; giving it is a step of its own, later.

        :param member: one ``club.member``.
        :param str key: names this click; the same key again returns the first play.
        :param str terms: what the page showed (:meth:`_get_terms_digest`); refused if cost or odds differ by now.
        :return: the ``club.draw.play``, in sudo.
        :raises UserError: with the reason; nothing was taken then.
        """
        self.ensure_one()
        draw, member = self.sudo(), member.sudo()
        known = draw._find_play(member, key)
        if known:
            return known
        draw._lock_for_play()
        member._lock_cards(touch=True)
        known = draw._find_play(member, key)
        if known:
            return known
        draw._check_play(member, terms)
        return draw._charge_play(member, key)._decide()

    def _find_play(self, member, key):
        """The play that this click made before.

        :raises UserError: it was another draw's.
        """
        play = self.env["club.draw.play"].sudo().search([("member_id", "=", member.id), ("key", "=", key)], limit=1)
        if play and play.draw_id != self:
            raise UserError(
                self.env._("This click belongs to %(draw)s. Reload the page.", draw=play.draw_id.display_name)
            )
        return play

    def _check_play(self, member, terms):
        member._check_spender()
        refusal = self._get_refusal(member)
        if refusal:
            raise UserError(refusal)
        if self._get_version().terms != self._get_terms():
            raise UserError(
                self.env._(
                    "%(draw)s was changed and not opened since. Nothing was taken: come back later.",
                    draw=self.display_name,
                )
            )
        self._renew_version()
        if terms is not None and terms != self._get_terms_digest():
            raise UserError(
                self.env._(
                    "What %(draw)s costs or what can be won has changed since you looked. Nothing was taken: look at "
                    "it once more.",
                    draw=self.display_name,
                )
            )

    def _charge_play(self, member, key):
        """The play, paid for but not decided yet; if it cannot be paid, nothing of it stays."""
        chance = self._find_chance(member)
        price = engine_lots.ZERO if chance else self._get_price()
        with self.env.cr.savepoint():
            play = (
                self.env["club.draw.play"]
                .sudo()
                .create({"draw_id": self.id, "member_id": member.id, "key": key, "chance_id": chance.id})
            )
            if price:
                play._settle_points({play.id: price})
        return play
