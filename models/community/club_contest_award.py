"""What was won: points that are posted to the ledger, and things that somebody hands over."""

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Marks our own writes in the context: an object that no caller from outside can name (abuse 5).
OURS = object()


class ClubContestAward(models.Model):
    """A prize that a member won. Points come through the ledger's one writer, under the fact that the place was won."""

    _name = "club.contest.award"
    _description = "Club Contest Award"
    _order = "contest_id desc, rank, id"

    contest_id = fields.Many2one("club.contest", required=True, readonly=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="contest_id.club_id", store=True)
    company_id = fields.Many2one(related="contest_id.company_id", store=True)
    prize_id = fields.Many2one("club.contest.prize", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    rank = fields.Integer(string="Place", readonly=True)
    kind = fields.Selection(related="prize_id.kind", store=True)
    points = fields.Float(digits=(16, 2), readonly=True)
    gift = fields.Char(related="prize_id.gift")
    state = fields.Selection(
        [("to_give", "To give"), ("given", "Given"), ("lapsed", "Lapsed")],
        default="to_give",
        required=True,
        readonly=True,
    )
    event_id = fields.Many2one("club.event", readonly=True, ondelete="restrict")
    given_at = fields.Datetime(readonly=True)
    given_uid = fields.Many2one("res.users", string="Given By", readonly=True)

    _prize_unique = models.Constraint("UNIQUE(prize_id, member_id)", "A member wins each prize once.")

    @api.depends("prize_id", "member_id")
    def _compute_display_name(self):
        for award in self:
            award.display_name = f"{award.prize_id.display_name}: {award.member_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("club_award") is not OURS:
            raise UserError(self.env._("Prizes are won when a contest closes, not typed in."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("club_award") is not OURS:
            raise UserError(self.env._("What was won never changes. Use the buttons to hand it over."))
        return super().write(vals)

    def unlink(self):
        raise UserError(self.env._("What was won is never deleted."))

    # -- actions -------------------------------------------------------------------------------------

    def action_hand_over(self):
        """Note that the winners got what they won."""
        self.check_access("read")
        for award in self:
            if award.kind != "gift":
                raise UserError(self.env._("Points are given by the contest: open it and choose Give Points."))
        self._settle("given")

    def action_lapse(self):
        """Note that a prize is not given: the winner did not come for it."""
        self.contest_id.check_access("write")
        self._settle("lapsed")

    def _settle(self, state):
        """Give or lapse what waits, under the lock of the contest; what was settled before is left alone."""
        self.contest_id._lock()
        waiting = self.sudo()
        waiting.invalidate_recordset()
        waiting = waiting.filtered(lambda award: award.state == "to_give")
        waiting._mark(state)
        waiting.contest_id._finish()

    def _mark(self, state):
        self.with_context(club_award=OURS).write(
            {"state": state, "given_at": fields.Datetime.now(), "given_uid": self.env.uid}
        )

    # -- winning -------------------------------------------------------------------------------------

    @api.model
    def _prepare_awards(self, contest, places):
        """Note what the places of a contest win, and record for each winner the fact that a place was won."""
        won = [
            (place, prize)
            for place in places
            for prize in contest.prize_ids
            if prize.place_from <= place.rank <= prize.place_to
        ]
        if not won:
            return self.browse()
        winners = list({place.member: place for place, _prize in won}.values())
        events = self.env["club.event"]._report(
            [
                {
                    "member_id": place.member,
                    "type": "contest",
                    "key": f"club.contest,{contest.id}:place:{place.member}",
                    "origin_model": "club.contest",
                    "origin_id": contest.id,
                    "payload": {"contest": contest.id, "place": place.rank},
                }
                for place in winners
            ]
        )
        event_ids = dict(zip((place.member for place in winners), events.ids, strict=True))
        return (
            self.sudo()
            .with_context(club_award=OURS)
            .create(
                [
                    {
                        "contest_id": contest.id,
                        "prize_id": prize.id,
                        "member_id": place.member,
                        "rank": place.rank,
                        "points": float(contest.club_id._round_down(prize.points)) if prize.kind == "points" else 0.0,
                        "event_id": event_ids[place.member],
                    }
                    for place, prize in won
                ]
            )
        )

    def _give_points(self):
        """Post the points of these prizes: one list, no rule, each under the fact of the place, with a key of its own.

        Who left the club since gets nothing; who was merged gets it as the member it became.
        """
        present = self.filtered(lambda award: award.member_id.state in ("active", "merged"))
        self.env["club.point.entry"].sudo()._post(
            [
                {
                    "member_id": (award.member_id.merged_into_id or award.member_id).id,
                    "kind": "earn",
                    "points": award.club_id._round_down(award.points),
                    "key": f"club.contest,{award.contest_id.id}:prize:{award.id}",
                    "event_id": award.event_id.id,
                    "origin_model": "club.contest",
                    "origin_id": award.contest_id.id,
                }
                for award in present
            ]
        )
        present._mark("given")
        (self - present)._mark("lapsed")
