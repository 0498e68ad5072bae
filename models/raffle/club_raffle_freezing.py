"""Closing: who takes no part is left out, the list is frozen, and a future round is named."""

import base64
import hashlib
import json

from odoo import api, fields, models
from odoo.addons.customer_club.engine import raffle as engine_raffle
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Points of so many purchases are given back at once; more are left to the job.
AT_ONCE = 200


class ClubRaffle(models.Model):
    _inherit = "club.raffle"

    # -- the rules -----------------------------------------------------------------------------------

    def _get_rules_text(self):
        """What is promised, as the JSON that is hashed and published. No personal data."""
        self.ensure_one()
        club = self.club_id
        rules = {
            "algorithm": engine_raffle.ALGORITHM,
            "raffle": self.public_id,
            "name": self.name,
            "description": self.description or "",
            "club": club.name,
            "legal_note": self.legal_note or "",
            "prizes": [{"prize": prize.name, "quantity": prize.quantity} for prize in self.prize_ids.sorted()],
            "alternates": self.alternates,
            "one_prize_per_member": self.one_prize_each,
            "points_per_ticket": self.ticket_price,
            "most_sold": [self.max_bought, self.max_bought_each],
            "most_free": [self.max_free, self.free_each],
            "earned_by": [self.earn_type or "", self.earn_amount, self.max_earned_each],
            "opens": f"{self.opens_at.isoformat()}Z",
            "closes": f"{self.closes_at.isoformat()}Z",
            "draws": f"{self.draws_at.isoformat()}Z",
            "hours_to_draw": self.draw_grace_hours,
            "time_zone": club.tz,
            "days_to_confirm": self.claim_days,
            "randomness": self._get_source_name(),
            "parties": self.party_ids.mapped("name") if self.randomness_kind == "parties" else [],
            "observer": bool(self.observer_id),
            "left_out": ["staff", "observer", "partners' people", "former members", "facts taken back"],
            "also_left_out": len(self.excluded_partner_ids),
            "redraw_of": self.redraw_of_id.public_id or "",
            "redraw_reason": self.redraw_reason or "",
        }
        return json.dumps(rules, ensure_ascii=False, indent=1, sort_keys=True)

    def _get_source_name(self):
        if self.randomness_kind == "parties":
            return "commit-reveal"
        return f"{self.beacon_id.name} {self.beacon_id.chain_hash}"

    @api.model
    def _hash(self, content):
        return hashlib.sha256(content).hexdigest()

    def _log_step(self, kind, content):
        """Log a step and send it to the observer."""
        step = self.env["club.raffle.step"]._log(self, kind, content)
        step._tell_observer()
        return step

    # -- freezing ------------------------------------------------------------------------------------

    def action_close(self):
        """Freeze the list now, without waiting for the job; never before the closing time."""
        self.check_access("write")
        for raffle in self:
            raffle.sudo()._freeze()

    def _freeze(self):
        """Leave out who takes no part, freeze and hash the list, and name the round that will decide.

        :raises UserError: too early, too late (the round would not lie in the future), or nothing to draw from
        """
        self._lock()
        self._check_state("open")
        self._check_freezing()
        round_no, round_at = self._get_round()
        commitments = self._get_commitments()
        Exclusion = self.env["club.raffle.exclusion"].sudo()
        Exclusion._exclude_people(self, self._get_excluded_partners())
        Exclusion._exclude_returned(self)
        listing = self._make_list()
        count = listing.count(b"\n")
        if not count:
            raise UserError(
                self.env._(
                    "There is no ticket in %(raffle)s, so there is nothing to draw. Call it off with that reason.",
                    raffle=self.name,
                )
            )
        digest = self._hash(listing)
        self._set(
            {
                "state": "frozen",
                "frozen_at": fields.Datetime.now(),
                "list_file": base64.b64encode(listing),
                "list_hash": digest,
                "list_count": count,
                "round_no": round_no,
                "round_at": round_at,
            }
        )
        self._log_step(
            "freeze",
            {
                "list_sha256": digest,
                "count": count,
                "left_out": self._count_left_out(),
                "round": round_no,
                "round_at": f"{round_at.isoformat()}Z",
                "round_source": self._get_source_name(),
                "commitments": commitments,
            },
        )
        self.env.registry.clear_cache()
        self._return_excluded()
        self._tell_later()

    def _check_freezing(self):
        now = fields.Datetime.now()
        if now < self.closes_at:
            raise UserError(
                self.env._(
                    "%(raffle)s closes on %(when)s. The list is frozen after that, never before.",
                    raffle=self.name,
                    when=self.club_id._say_moment(self.closes_at),
                )
            )
        if now > self._get_freeze_end():
            raise UserError(
                self.env._(
                    "The list of %(raffle)s had to be frozen before %(when)s, so that nobody could know the "
                    "randomness. It is too late: call the raffle off with that reason; the points go back.",
                    raffle=self.name,
                    when=self.club_id._say_moment(self._get_freeze_end()),
                )
            )

    def _get_freeze_end(self):
        """After this the round that decides would be too near to be unknown."""
        return fields.Datetime.subtract(self.draws_at, minutes=5)

    def _get_round(self):
        """The round that decides and when it takes place; with parties there is none, and R is 0."""
        if self.randomness_kind == "parties":
            return 0, self.draws_at
        return self.beacon_id.sudo()._get_round_from(self.draws_at)

    def _get_commitments(self):
        """What the parties have committed to; all of them must have, before the list is published."""
        if self.randomness_kind != "parties":
            return []
        found = self.sudo().party_ids.sorted().mapped("commitment")
        if len(found) < 2 or not all(found) or len(set(found)) < len(found):
            raise UserError(
                self.env._(
                    "Each party of %(raffle)s must have committed to a secret of its own before the list is frozen. "
                    "Ask those without one.",
                    raffle=self.name,
                )
            )
        return found

    def _make_list(self):
        """The canonical list: the codes that take part, in ascending order of their bytes.

        SQL: the codes of a million tickets, and nothing else of them. The engine checks order and uniqueness.
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT t.code FROM club_raffle_ticket t
             WHERE t.raffle_id = %s AND NOT EXISTS (SELECT FROM club_raffle_exclusion x WHERE x.ticket_id = t.id)
             ORDER BY t.code COLLATE "C"
            """,
                self.id,
            )
        )
        return engine_raffle.canonical_list([code for (code,) in rows])

    def _count_left_out(self):
        return dict(
            self.env["club.raffle.exclusion"].sudo()._read_group([("raffle_id", "=", self.id)], ["reason"], ["__count"])
        )

    def _return_excluded(self):
        """Points of tickets that take no part go back, but not to who has left: theirs are gone with the membership."""
        purchases = (
            self.env["club.raffle.exclusion"]
            .sudo()
            .search(
                [
                    ("raffle_id", "=", self.id),
                    ("reason", "!=", "left"),
                    ("ticket_id.source", "=", "points"),
                ]
            )
            .ticket_id.purchase_id
        )
        purchases._return(self.env._("These tickets took no part in %(raffle)s.", raffle=self.name))

    # -- calling off ---------------------------------------------------------------------------------

    def _void(self, reason):
        """Call it off, before it is drawn: the reason is published, and the points go back.

        :raises UserError: there is no reason, or it is drawn already
        """
        self.ensure_one()
        reason = " ".join((reason or "").split())
        self._lock()
        if self.state not in ("open", "frozen"):
            raise UserError(
                self.env._(
                    "Only a raffle that is open or waits for its draw can be called off, and %(raffle)s is not.",
                    raffle=self.name,
                )
            )
        if len(reason) < 5:
            raise UserError(
                self.env._("Tell why %(raffle)s is called off: everybody can read the reason.", raffle=self.name)
            )
        passed = bool(self.round_at and fields.Datetime.now() >= self.round_at)
        self._set({"state": "void", "void_reason": reason[:300]})
        self._log_step("void", {"reason": reason[:300], "round_had_taken_place": passed})
        self.env.registry.clear_cache()
        self._give_back(AT_ONCE)
        self._tell_later()

    def _give_back(self, limit):
        """Give the points of up to ``limit`` purchases of raffles that were called off back; the ids worked off."""
        purchases = (
            self.env["club.raffle.purchase"]
            .sudo()
            .search([("raffle_id", "in", self.ids), ("state", "=", "open")], order="id", limit=limit)
        )
        for raffle, of_raffle in purchases.grouped("raffle_id").items():
            of_raffle._return(self.env._("%(raffle)s was called off.", raffle=raffle.name))
        return purchases.ids

    def _redraw(self, reason):
        """Another raffle with the same rules, which names this one and why; a draft with new times."""
        self.ensure_one()
        reason = " ".join((reason or "").split())
        if self.state not in ("void", "drawn", "done"):
            raise UserError(self.env._("%(raffle)s is not over. Call it off first, with its reason.", raffle=self.name))
        if len(reason) < 5:
            raise UserError(self.env._("Tell why %(raffle)s is drawn again: everybody can read it.", raffle=self.name))
        now = fields.Datetime.now()
        again = self.copy(
            {
                "name": self.name,
                "opens_at": now,
                "closes_at": fields.Datetime.add(now, days=14),
                "draws_at": fields.Datetime.add(now, days=14, hours=2),
            }
        )
        again._set({"redraw_of_id": self.id, "redraw_reason": reason[:300]})
        return again
