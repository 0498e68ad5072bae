"""A gift of points from one member to another."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

LONGEST_MESSAGE = 200
WAITING = ("held", "offered", "accepted")


class ClubGift(models.Model):
    """Points on their way from a giver to a recipient.

    The points leave the giver's card at once. Until they arrive they lie on an account of the giver's (a card that
    nobody can spend from), lot by lot; when the gift is declined, undone or not accepted in time they go back into the
    very lots they came from, so waiting neither prolongs nor loses anything. Only the methods here change a gift.
    """

    _name = "club.gift"
    _description = "Club Gift"
    _order = "id desc"
    _rec_name = "id"

    giver_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    recipient_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="giver_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="giver_id.company_id", store=True)
    account_id = fields.Many2one(
        "club.member", readonly=True, ondelete="restrict", help="Where the points are until they arrive."
    )
    points = fields.Float(digits=(16, 2), required=True, readonly=True)
    message = fields.Char(size=LONGEST_MESSAGE, readonly=True)
    state = fields.Selection(
        [
            ("held", "Waits for a manager"),
            ("offered", "Waits for the recipient"),
            ("accepted", "Can still be undone"),
            ("done", "Arrived"),
            ("returned", "Given back"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    returned_because = fields.Selection(
        [
            ("declined", "Declined by the recipient"),
            ("undone", "Undone by the giver"),
            ("late", "Not accepted in time"),
            ("refused", "Refused by a manager"),
            ("left", "One of the two is no member any more"),
            ("expired", "The points expired on the way"),
        ],
        string="Given Back Because",
        readonly=True,
    )
    held_reason = fields.Char(readonly=True)
    sent_at = fields.Datetime(readonly=True, required=True, default=fields.Datetime.now)
    answer_until = fields.Datetime(readonly=True, help="Without an answer the points go back then.")
    spendable_at = fields.Datetime(readonly=True, help="Until then the giver may undo it.")
    ended_at = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    form_key = fields.Char(readonly=True, copy=False, help="Names the form that was sent: the same form gives once.")

    _form_unique = models.UniqueIndex("(giver_id, form_key) WHERE form_key IS NOT NULL", "This gift was sent already.")
    _points_positive = models.Constraint(
        "CHECK(points > 0 AND giver_id <> recipient_id)", "A gift is of at least one point, to somebody else."
    )
    _due_idx = models.Index("(state, answer_until, spendable_at) WHERE state IN ('offered', 'accepted')")

    @api.depends("giver_id", "recipient_id")
    def _compute_display_name(self):
        for gift in self:
            gift.display_name = self.env._("Gift %(id)s", id=gift.id)

    # -- actions ---------------------------------------------------------------------------------------

    def action_release(self):
        """A manager lets gifts that were held go on; of others only."""
        self._check_manager()
        gifts = self.sudo()
        if not self.env.su and self.env.user.partner_id in (gifts.giver_id | gifts.recipient_id).partner_id:
            raise UserError(self.env._("This gift is your own. Ask another manager to decide about it."))
        for gift in self.sudo()._lock().filtered(lambda gift: gift.state == "held"):
            gift.write({"state": "offered", "decided_by_id": self.env.uid, **gift._prepare_waiting()})
            if not gift.club_id.gift_accept:
                gift._accept()

    def action_refuse(self):
        """A manager sends gifts that have not arrived back to their givers."""
        self._check_manager()
        gifts = self.sudo()._lock().filtered(lambda gift: gift.state in WAITING)
        gifts.decided_by_id = self.env.user
        gifts._return("refused")

    def action_view_entries(self):
        """Open what the gift did in the ledger."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "club.point.entry",
            "views": [(False, "list"), (False, "form")],
            "domain": [("origin_model", "=", self._name), ("origin_id", "=", self.id)],
        }

    def _check_manager(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("customer_club.group_club_manager")):
            raise AccessError(self.env._("Only a manager of the club decides about gifts. Ask one of them."))

    # -- steps -----------------------------------------------------------------------------------------

    def _accept(self):
        """The recipient takes the gifts: they arrive at once, or when they can no longer be undone."""
        for gift in self._lock().filtered(lambda gift: gift.state == "offered"):
            gift.state = "accepted"
            if not gift.spendable_at or gift.spendable_at <= fields.Datetime.now():
                gift._deliver()

    def _decline(self):
        """The recipient does not want the gifts."""
        self.filtered(lambda gift: gift.state in ("offered", "held"))._return("declined")

    def _undo(self):
        """The giver takes the gifts back, which is possible until they have arrived.

        :raises UserError: one has arrived.
        """
        for gift in self._lock():
            if gift.state == "done":
                raise UserError(
                    self.env._(
                        "The gift of %(points)s has arrived and belongs to its recipient. Nothing was changed.",
                        points=gift.club_id._show_points(gift.points),
                    )
                )
        self._return("undone")

    def _deliver(self):
        """The points arrive, lot by lot, as far as they have not expired on the way."""
        for gift in self._lock().filtered(lambda gift: gift.state == "accepted"):
            if gift.recipient_id.state not in ("active", "merged"):
                gift._return("left")
                continue
            today = gift.club_id._get_today()
            lots = {lot.id: lot.expires_on for lot in gift._get_lots() if not lot.expires_on or lot.expires_on > today}
            parts = [(lot, points) for _source, lot, points in gift._read_waiting() if lot in lots]
            if not parts:
                gift._return("expired")
                continue
            gift.account_id._transfer_parts(gift.recipient_id, parts, f"club.gift,{gift.id}:deliver", origin=gift)
            gift.write({"state": "done", "ended_at": fields.Datetime.now()})

    def _return(self, because):
        """Gifts that have not arrived go back into the lots they came from.

        :param str because: a value of ``returned_because``.
        """
        for gift in self._lock().filtered(lambda gift: gift.state in WAITING):
            gift.account_id._undo_transfer(gift._get_taking(), f"club.gift,{gift.id}:return")
            gift.write({"state": "returned", "returned_because": because, "ended_at": fields.Datetime.now()})

    @api.model
    def _cron_advance(self):
        """Every quarter of an hour: gifts that cannot be undone any more arrive, unanswered ones go back.

        :return: number of gifts that moved on
        """
        done, _failed = self.env["club.job"]._work_off(
            "gifts of points", find=self._lock_due, work=lambda ids: self.sudo().browse(ids)._advance(), size=50
        )
        return done

    def _advance(self):
        self.filtered(lambda gift: gift.state == "accepted")._deliver()
        self.filtered(lambda gift: gift.state == "offered")._return("late")

    @api.model
    def _lock_due(self, limit, skip):
        now = fields.Datetime.now()
        self.flush_model(["state", "answer_until", "spendable_at"])
        # SQL: the first statement of a batch locks what it works on, in order.
        return [
            gift
            for (gift,) in self.env.execute_query(
                SQL(
                    """SELECT id FROM club_gift
                        WHERE ((state = 'offered' AND answer_until <= %(now)s)
                               OR (state = 'accepted' AND spendable_at <= %(now)s))
                          AND NOT id = ANY(%(skip)s)
                        ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE""",
                    now=now,
                    skip=list(skip),
                    limit=limit,
                )
            )
        ]

    # -- helpers ---------------------------------------------------------------------------------------

    def _prepare_waiting(self):
        """When an answer is due and until when the gift can be undone, counted from now."""
        club, now = self.club_id, fields.Datetime.now()
        return {
            "answer_until": now + timedelta(days=club.gift_accept_days),
            "spendable_at": now
            + timedelta(hours=0 if self.giver_id._has_given_to(self.recipient_id) else club.gift_cooling_hours),
        }

    def _lock(self):
        """Lock these gifts in order and read them anew: two steps at one moment follow one another.

        SQL, because the row must be locked before its state is read; a row changed meanwhile raises a serialization
        error, and Odoo repeats the request.
        """
        gifts = self.sudo()
        gifts.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_gift WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", gifts.ids)
        )
        gifts.invalidate_recordset()
        return gifts

    def _get_taking(self):
        """The entry that took the points from the giver."""
        return self.env["club.point.entry"].sudo().search([("key", "=", f"club.gift,{self.id}:give")], limit=1)

    def _read_waiting(self):
        """What lies on the account: (lot it came from, lot it is in, points)."""
        return self.account_id._read_arrivals(self._get_taking()) if self.account_id else []

    def _get_lots(self):
        return self.env["club.point.lot"].sudo().browse([lot for _source, lot, _points in self._read_waiting()])

    # -- for the two members ---------------------------------------------------------------------------

    @api.model
    def _get_portal_domain(self, member):
        """Gifts that a member may see: those it sent, and those it got or is offered; a held one only its giver."""
        ids = member._get_own_ids()
        return Domain("giver_id", "in", ids) | (Domain("recipient_id", "in", ids) & Domain("state", "!=", "held"))
