"""After the draw: prizes are confirmed, or go on to the alternates; and the jobs that make each step at its time."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class ClubRaffle(models.Model):
    _inherit = "club.raffle"

    # -- confirming ----------------------------------------------------------------------------------

    def _get_deadline(self):
        """The first instant at which a prize that is called now can no longer be confirmed: the end of the last day in
        the club's time zone.
        """
        self.ensure_one()
        today = periods.local_date(fields.Datetime.now(), self.club_id.tz)
        return periods.day_bounds(today + timedelta(days=self.claim_days), self.club_id.tz)[1]

    def _claim(self, member, place):
        """The winner confirms a prize; confirming again changes nothing.

        :raises UserError: the deadline has passed, or the prize is another's
        """
        self.ensure_one()
        raffle = self.sudo()
        raffle._lock()
        winner = raffle.winner_ids.filtered(
            lambda winner: winner.place == place and winner.member_id.id in member.sudo()._get_own_ids()
        )
        if not winner or winner.state in ("waiting", "lapsed"):
            raise UserError(
                self.env._(
                    "There is no prize of %(raffle)s that waits for you. Nothing was changed.", raffle=raffle.name
                )
            )
        if winner.state != "called":
            return winner
        member._check_spender()
        if fields.Datetime.now() >= winner.deadline:
            raise UserError(
                self.env._(
                    "The prize of %(raffle)s had to be confirmed before %(when)s, so it goes to an alternate.",
                    raffle=raffle.name,
                    when=raffle.club_id._say_moment(winner.deadline),
                )
            )
        winner._set({"state": "claimed", "claimed_at": fields.Datetime.now()})
        raffle._log_step("claim", {"place": winner.place, "ticket": winner.ticket_id.code})
        if winner.prize_id._award(winner):
            winner._set({"state": "given", "given_at": fields.Datetime.now(), "given_uid": self.env.uid})
        raffle._finish()
        return winner

    def _lapse(self, winners, why):
        """These prizes were not confirmed: the next alternates are called, in the order of the draw.

        :param str why: ``late`` or ``left``, for the log
        """
        self.ensure_one()
        for winner in winners.sorted("place"):
            winner._set({"state": "lapsed"})
            self._log_step("lapse", {"place": winner.place, "ticket": winner.ticket_id.code, "why": why})
            self._call_alternate(winner.prize_id)
        self._finish()

    def _call_alternate(self, prize):
        """Call the next alternate who is still a member for a prize; those who are not are passed over, in the log."""
        waiting = self.winner_ids.filtered(lambda winner: winner.state == "waiting").sorted("place")
        for alternate in waiting:
            member = alternate.member_id.merged_into_id or alternate.member_id
            content = {"place": alternate.place, "ticket": alternate.ticket_id.code}
            if member.state != "active":
                alternate._set({"state": "lapsed"})
                self._log_step("lapse", {**content, "why": "left"})
                continue
            alternate._set({"state": "called", "prize_id": prize.id, "deadline": self._get_deadline()})
            self._log_step("call", {**content, "prize": prize.name})
            alternate._tell()
            return

    def _finish(self):
        """A drawn raffle ends when no prize waits to be confirmed."""
        if self.state == "drawn" and "called" not in self.winner_ids.mapped("state"):
            self._set({"state": "done"})
            self._log_step(
                "close", {"confirmed": len(self.winner_ids.filtered(lambda w: w.state in ("claimed", "given")))}
            )

    # -- jobs ----------------------------------------------------------------------------------------

    @api.model
    def _cron_steps(self):
        """Freeze, draw, and let prizes go on, each at its time. What cannot be done waits on the home page."""
        self._run_steps("freeze raffles", self._find_to_freeze, lambda raffle: raffle._freeze())
        self._run_steps("draw raffles", self._find_to_draw, lambda raffle: raffle._draw_if_published())
        self._run_steps("let unclaimed prizes go on", self._find_to_lapse, lambda raffle: raffle._lapse_late())

    def _run_steps(self, name, find, work):
        def lock(limit, skip):
            raffles = find() - self.browse(skip + seen)
            # SQL: the first statement that touches the row locks it, and the batch then sees what was committed.
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM club_raffle WHERE id = ANY(%s) ORDER BY id LIMIT 1 FOR NO KEY UPDATE",
                    raffles.ids,
                )
            )
            return [row[0] for row in rows]

        def one(ids):
            raffle = self.sudo().browse(ids)
            try:
                with self.env.cr.savepoint():
                    work(raffle)
            except UserError as error:
                # A step that is refused, e.g. because it is late, is a person's to decide; others go on.
                _logger.warning("%s: %s: %s", name, raffle.public_id, error)
            seen.extend(ids)

        seen = []
        return self.env["club.job"]._work_off(name, lock, one, size=1)

    def _find_to_freeze(self):
        now = fields.Datetime.now()
        return self.sudo().search(
            [
                ("state", "=", "open"),
                ("closes_at", "<=", now),
                ("draws_at", ">", fields.Datetime.add(now, minutes=5)),
            ],
            order="id",
        )

    def _find_to_draw(self):
        raffles = self.sudo().search(
            [
                ("state", "=", "frozen"),
                ("round_at", "<=", fields.Datetime.now()),
                ("randomness_kind", "=", "beacon"),
                ("beacon_id.url", "!=", False),
            ],
            order="id",
        )
        return raffles.filtered(lambda raffle: fields.Datetime.now() <= raffle._get_draw_end())

    def _find_to_lapse(self):
        return (
            self.env["club.raffle.winner"]
            .sudo()
            .search([("state", "=", "called"), ("deadline", "<=", fields.Datetime.now())], order="raffle_id, id")
            .raffle_id
        )

    def _draw_if_published(self):
        found = self.beacon_id._fetch(self.round_no)
        if found:
            self._draw_beacon(found["randomness"], found["signature"], self._get_round_address())

    def _lapse_late(self):
        self._lock()
        now = fields.Datetime.now()
        self._lapse(
            self.winner_ids.filtered(lambda winner: winner.state == "called" and winner.deadline <= now), "late"
        )

    @api.model
    def _cron_follow(self):
        """Give points of raffles that were called off back, and tell the members what was published."""
        purchases = self.env["club.raffle.purchase"]
        domain = [("state", "=", "open"), ("raffle_id.state", "=", "void")]
        self.env["club.job"]._work_off(
            "give points of raffles back",
            find=lambda limit, skip: (
                purchases.sudo().search([*domain, ("id", "not in", skip)], order="id", limit=limit).ids
            ),
            work=lambda ids: purchases.sudo().browse(ids)._return(self.env._("The raffle was called off.")),
            size=100,
        )
        Entrant = self.env["club.raffle.entrant"].sudo()
        for told, states in (("told_freeze", ("frozen",)), ("told_result", ("drawn", "done", "void"))):
            self.env["club.job"]._work_off(
                "tell members about raffles",
                find=lambda limit, skip, told=told, states=states: (
                    Entrant.search(
                        [(told, "=", False), ("raffle_id.state", "in", states), ("id", "not in", skip)],
                        order="id",
                        limit=limit,
                    ).ids
                ),
                work=lambda ids, told=told: Entrant.browse(ids)._tell(told),
                size=100,
            )

    def _tell_later(self):
        """Let the job that tells the members run as soon as this is committed."""
        cron = self.env.ref("customer_club.ir_cron_club_raffle_follow", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()


class ClubRaffleEntrant(models.Model):
    _inherit = "club.raffle.entrant"

    def _tell(self, told):
        """Write to these members once: what was published at the freeze, or the result."""
        template = self.env.ref(f"customer_club.mail_template_raffle_{told.removeprefix('told_')}", False)
        people = self.filtered(lambda entrant: entrant.member_id.state == "active" and entrant.partner_id.email)
        if template and people:
            template.sudo().send_mail_batch(people.ids)
        self._set({told: True})


class ClubRaffleWinner(models.Model):
    _inherit = "club.raffle.winner"

    def _tell(self):
        """Write to winners that a prize waits for them."""
        template = self.env.ref("customer_club.mail_template_raffle_won", False)
        people = self.filtered(lambda winner: winner.partner_id.email)
        if template and people:
            template.sudo().send_mail_batch(people.ids)


class ClubRaffleStep(models.Model):
    _inherit = "club.raffle.step"

    def _tell_observer(self):
        """Send a step to the observer, with everything that was published in it."""
        template = self.env.ref("customer_club.mail_template_raffle_step", False)
        for step in self.filtered(lambda step: step.raffle_id.sudo().observer_id.email):
            if template:
                template.sudo().send_mail(step.id)
