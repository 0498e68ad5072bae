"""One play of a draw: paid, decided by chance, recorded before anybody sees it, and never decided again."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import draw as engine_draw
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import chance_source

#: What was decided: the database refuses to change it.
OUTCOME = ("draw_id", "member_id", "key", "chance_id", "prize_id", "version_id", "roll", "played_at")


class ClubDrawPlay(models.Model):
    """States: ``playing`` (only within the transaction that decides), then ``won`` while what was won is still to be
    given, ``done`` when nothing is left to do, ``lapsed`` where the member has left before, ``void`` where staff took
    the play back.

    What the points are for is the play itself, so they count as redeemed at once; a prize is the shop's cost
    (``books.md`` rule 8, as for a ticket at the draw). A member cannot take a play back: that would be a free re-roll.
    """

    _name = "club.draw.play"
    _description = "Play of a Draw"
    _inherit = ["club.spending"]
    _order = "id desc"

    _step_fields = frozenset(
        {
            "state",
            "points",
            "satisfied_at",
            "unit_cost",
            "prize_id",
            "version_id",
            "roll",
            "played_at",
            "event_id",
            "redemption_id",
            "given_at",
            "void_reason",
            "void_uid",
            "voided_at",
        }
    )

    draw_id = fields.Many2one("club.draw", required=True, readonly=True, index=True, ondelete="restrict")
    key = fields.Char(required=True, readonly=True, help="Names the click: the same click plays once.")
    chance_id = fields.Many2one(
        "club.draw.chance", string="Free Play", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("playing", "Being decided"),
            ("won", "Prize to give"),
            ("done", "Done"),
            ("lapsed", "Lapsed"),
            ("void", "Taken back"),
        ],
        default="playing",
        required=True,
        readonly=True,
        index=True,
    )
    played_at = fields.Datetime(string="Played On", readonly=True, index=True)
    version_id = fields.Many2one(
        "club.draw.version", string="Odds", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    prize_id = fields.Many2one(
        "club.draw.prize",
        string="Result",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: nothing, because what had this chance had run out.",
    )
    roll = fields.Char(string="Number", readonly=True, help="The number that chose: 0 to below the sum of weights.")
    event_id = fields.Many2one("club.event", readonly=True, ondelete="restrict")
    redemption_id = fields.Many2one("club.redemption", readonly=True, index="btree_not_null", ondelete="restrict")
    given_at = fields.Datetime(string="Given On", readonly=True)
    void_reason = fields.Char(readonly=True)
    void_uid = fields.Many2one("res.users", string="Taken Back By", readonly=True)
    voided_at = fields.Datetime(string="Taken Back On", readonly=True)

    _key_unique = models.Constraint("UNIQUE(member_id, key)", "This click has played already.")

    def init(self):
        """Let the database refuse to change or delete what was decided: the ORM cannot declare triggers."""
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE FUNCTION club_refuse_play_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    RAISE EXCEPTION USING MESSAGE = 'A play is never deleted.', ERRCODE = 'restrict_violation';
                END IF;
                IF %(changed)s THEN
                    RAISE EXCEPTION USING MESSAGE = 'What a play brought never changes.',
                          ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$
            """,
                changed=SQL(" OR ").join(
                    SQL("OLD.%(name)s IS DISTINCT FROM NEW.%(name)s", name=SQL.identifier(name)) for name in OUTCOME
                ),
            )
        )
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE TRIGGER club_draw_play_immutable BEFORE UPDATE OR DELETE ON club_draw_play
            FOR EACH ROW WHEN (OLD.played_at IS NOT NULL) EXECUTE FUNCTION club_refuse_play_change()
            """
            )
        )

    @api.depends("draw_id", "prize_id")
    def _compute_display_name(self):
        for play in self:
            play.display_name = f"{play.draw_id.display_name} ({play.id})"

    def unlink(self):
        raise UserError(self.env._("A play is never deleted. Take it back with a reason instead."))

    # -- the outcome ---------------------------------------------------------------------------------

    def _decide(self):
        """Choose and record what this play brings. Its cost is posted, and everything scarce is locked.

        Whatever may fail comes before the number: an error after it would undo it, and be a free second try
        (abuse 22). So all outcomes are prepared, and what other rooms do before a commit is done.

        :return: itself.
        """
        self.ensure_one()
        version = self.draw_id._get_version()
        chances = version._get_chances()
        outcomes = {chance.prize: self._prepare_outcome(chance.prize, version) for chance in chances}
        whole = engine_draw.total(chances)
        self.env.cr.flush()
        number = chance_source.random_below(whole)
        self._record_outcome({**outcomes[engine_draw.choose(chances, number)], "roll": str(number)})
        return self

    def _prepare_outcome(self, prize_id, version):
        """What is recorded if ``prize_id`` comes (``None``: nothing)."""
        prize = self.env["club.draw.prize"].sudo().browse(prize_id or [])
        now = fields.Datetime.now()
        given = not prize or not prize._needs_delivery()
        return {
            "prize_id": prize.id,
            "version_id": version.id,
            "played_at": now,
            "satisfied_at": now,
            "unit_cost": self.currency_id.round(prize._get_unit_cost()) if prize else 0.0,
            "state": "done" if given else "won",
            "given_at": now if given else False,
        }

    def _record_outcome(self, vals):
        self._step(vals)
        self.flush_recordset()

    # -- giving it -----------------------------------------------------------------------------------

    def action_deliver(self):
        """Give what was won and could not be given before."""
        self.check_access("read")
        self._deliver()

    def _deliver(self):
        """Give what these plays won; to be repeated until it succeeds. The outcome stays whatever happens here.

        Who was merged gets it as the member it became; who left before gets nothing.
        """
        plays = self._lock_won()
        gone = plays.filtered(lambda play: play._get_winner().state != "active")
        if gone:
            gone._step({"state": "lapsed"})
        for play in plays - gone:
            play._step({"state": "done", "given_at": fields.Datetime.now()})
            play._give()

    def _lock_won(self):
        """Those of these whose prize is still to be given, locked.

        SQL, because the ORM cannot lock so; a conflict raises the error that Odoo retries.
        """
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM club_draw_play WHERE id = ANY(%s) AND state = 'won' ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        plays = self.sudo().browse([row[0] for row in rows])
        plays.invalidate_recordset()
        return plays

    def _get_winner(self):
        """The member who gets the prize: of merged ones, the one that remains."""
        self.ensure_one()
        member = self.member_id
        while member.state == "merged" and member.merged_into_id:
            member = member.merged_into_id
        return member

    def _give(self):
        """Give what one play won: points through the ledger, under the fact that something was won."""
        self.ensure_one()
        winner, prize = self._get_winner(), self.prize_id
        event = self.env["club.event"]._report(
            [
                {
                    "member_id": winner.id,
                    "type": "draw",
                    "key": f"{self._name},{self.id}:won",
                    "occurred_at": self.played_at,
                    "origin": self,
                    "payload": {"draw": self.draw_id.id, "prize": prize.id},
                }
            ]
        )
        self._step({"event_id": event.id})
        if prize.kind == "points":
            self.env["club.point.entry"].sudo()._post(
                [
                    {
                        "member_id": winner.id,
                        "kind": "earn",
                        "points": self.club_id._round_down(prize.points),
                        "key": f"{self._name},{self.id}:prize",
                        "event_id": event.id,
                        "origin": self,
                    }
                ]
            )

    @api.model
    def _cron_deliver(self):
        """Give what could not be given at once, and close draws that are over."""
        self.env["club.job"]._work_off(
            "give prizes of draws",
            find=self._find_won,
            work=lambda ids: self.browse(ids)._deliver(),
            count=lambda: self.sudo().search_count([("state", "=", "won")]),
            size=50,
        )
        self.env["club.draw"]._cron_close()

    @api.model
    def _find_won(self, limit, skip):
        """Ids of plays with a prize to give, locked; SQL, because the first statement of a batch must lock."""
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                SELECT id FROM club_draw_play WHERE state = 'won' AND NOT id = ANY(%s)
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE""",
                    list(skip),
                    limit,
                )
            )
        ]

    # -- taking it back ------------------------------------------------------------------------------

    def action_void(self):
        """Ask for the reason why these plays are taken back."""
        self.draw_id.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back"),
            "res_model": "club.draw.void",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_play_ids": self.ids},
        }

    def _void(self, reason):
        """Take plays back: their points go to where they came from, and what was won comes back.

        :param str reason: which the member may read.
        :raises UserError: without a reason, it is one's own, or what was won cannot come back.
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Write why the play is taken back: the member may read it."))
        plays = self.sudo()
        if not self.env.su and self.env.user.partner_id in plays.member_id.partner_id:
            raise UserError(self.env._("You cannot take your own play back. Ask a colleague."))
        plays.draw_id._lock()
        plays.invalidate_recordset()
        for play in plays:
            if play.state not in ("won", "done", "lapsed"):
                raise UserError(self.env._("%(play)s was taken back before.", play=play.display_name))
            if play.state == "done":
                play._take_prize_back(reason)
            play._settle_points({play.id: 0})
            play._step(
                {
                    "state": "void",
                    "void_reason": reason.strip(),
                    "void_uid": self.env.uid,
                    "voided_at": fields.Datetime.now(),
                    "satisfied_at": False,
                }
            )

    def _take_prize_back(self, reason):
        """Undo what was given for one play; a kind of prize adds its own."""
        self.ensure_one()
        if self.event_id:
            self.event_id._revoke(reason)

    # -- how it is told ------------------------------------------------------------------------------

    def _show_result(self):
        """What came out, in words."""
        self.ensure_one()
        return self.prize_id._show() if self.prize_id else self.env._("Nothing this time")

    def _show_date(self):
        """The day of the play, in the club's calendar and time zone."""
        self.ensure_one()
        return self.club_id._show_day(periods.local_date(self.played_at, self.club_id.tz))

    def _is_win(self):
        self.ensure_one()
        return bool(self.prize_id) and self.prize_id.kind != "word"

    def _get_result_values(self):
        """What the page of a play says: the result, what happens with it, the balance.

        :rtype: dict
        """
        self.ensure_one()
        _ = self.env._
        club, win = self.club_id, self._is_win()
        following = ""
        if self.state == "void":
            following = _("This play was taken back: %(reason)s", reason=self.void_reason)
        elif self.state == "lapsed":
            following = _("The membership had ended before it could be given.")
        elif self.state == "won":
            following = _("It is yours. Giving it takes a moment longer: you will have it within minutes.")
        elif win:
            following = self._say_given()
        return {
            "result": self._show_result(),
            "win": win,
            "following": following,
            "paid": club._show_points(self.points) if self.points else "",
            "balance": club._show_points(self._get_winner().balance),
        }

    def _say_given(self):
        """Where the member finds what was given; a kind of prize adds its own."""
        self.ensure_one()
        return self.env._("It is on your account already.")
