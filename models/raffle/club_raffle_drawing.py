"""The draw: the named round decides, once."""

import base64
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

from odoo import fields, models
from odoo.addons.customer_club.clients import verify_raffle
from odoo.addons.customer_club.engine import beacon as engine_beacon
from odoo.addons.customer_club.engine import raffle as engine_raffle
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.exceptions import UserError
from odoo.tools import SQL

from .club_raffle import OURS

VERIFIER = Path(__file__).parents[2] / "clients" / "verify_raffle.py"


class ClubRaffle(models.Model):
    _inherit = "club.raffle"

    def action_draw(self):
        """Fetch the round and draw; where it cannot be fetched, ask a person to paste it.

        :return: the form to paste it, or nothing
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state("frozen")
        self._check_drawing()
        if self.randomness_kind == "beacon":
            found = self.sudo().beacon_id._fetch(self.round_no)
            if found:
                self.sudo()._draw_beacon(found["randomness"], found["signature"], self._get_round_address())
                return None
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Draw %(raffle)s", raffle=self.name),
            "res_model": "club.raffle.draw",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_raffle_id": self.id},
        }

    def _get_round_address(self):
        return self.sudo().beacon_id._get_round_url(self.round_no)

    def _check_drawing(self):
        """Neither before the round nor long after it.

        :raises UserError: with when the draw may take place
        """
        now, show = fields.Datetime.now(), self.club_id._say_moment
        if now < self.round_at:
            raise UserError(
                self.env._(
                    "%(raffle)s is drawn on %(when)s, when its randomness comes into being, never before.",
                    raffle=self.name,
                    when=show(self.round_at),
                )
            )
        if now > self._get_draw_end():
            raise UserError(
                self.env._(
                    "%(raffle)s had to be drawn before %(when)s. It is too late: call it off with that reason; the "
                    "points go back.",
                    raffle=self.name,
                    when=show(self._get_draw_end()),
                )
            )

    def _get_draw_end(self):
        return fields.Datetime.add(self.round_at or self.draws_at, hours=self.draw_grace_hours)

    # -- randomness ----------------------------------------------------------------------------------

    def _draw_beacon(self, randomness, signature, source):
        """Draw with a round of the beacon, as it was published.

        :param str randomness: hexadecimal; :param str signature: of the same round, hexadecimal
        :param str source: where it was read
        """
        self._check_kind("beacon")
        try:
            value = engine_beacon.check_randomness(randomness, signature)
        except engine_beacon.BeaconError as error:
            raise UserError(
                self.env._(
                    "This is not round %(round)s of %(beacon)s: %(reason)s. Nothing was drawn: copy both values again.",
                    round=self.round_no,
                    beacon=self.beacon_id.name,
                    reason=str(error),
                )
            ) from error
        self._draw(
            value,
            {
                "source": self._get_source_name(),
                "read_at": (source or "")[:200],
                "signature": signature.strip().lower(),
            },
        )

    def _draw_pasted(self, randomness, signature, source):
        """Draw with what a person copied; where the beacon can be asked after all, it must say the same (abuse 23)."""
        self._check_kind("beacon")
        found = self.sudo().beacon_id._fetch(self.round_no) if self.state == "frozen" else None
        if found and found["randomness"].lower() != (randomness or "").strip().lower():
            raise UserError(
                self.env._(
                    "%(beacon)s says something else about round %(round)s. Nothing was drawn: close this and draw "
                    "again, the round can be fetched now.",
                    beacon=self.beacon_id.name,
                    round=self.round_no,
                )
            )
        self._draw_beacon(randomness or "", signature or "", source)

    def _draw_parties(self, secrets):
        """Draw with what the parties reveal.

        :param dict secrets: party id → secret, hexadecimal
        """
        self._check_kind("parties")
        parties = self.sudo().party_ids.sorted()
        try:
            revealed = [bytes.fromhex((secrets.get(party.id) or "").strip()) for party in parties]
            commitments = [bytes.fromhex(party.commitment or "") for party in parties]
            value = engine_raffle.joint_randomness(revealed, commitments)
        except (ValueError, EngineError) as error:
            raise UserError(
                self.env._(
                    "Nothing was drawn: %(reason)s. Each party reveals exactly the secret whose hash it gave.",
                    reason=str(error),
                )
            ) from error
        for party, secret in zip(parties, revealed, strict=True):
            party.with_context(club_raffle=OURS).write({"secret": secret.hex()})
        self._draw(
            value,
            {
                "source": "commit-reveal",
                "parties": parties.mapped("name"),
                "commitments": [digest.hex() for digest in commitments],
                "secrets": [secret.hex() for secret in revealed],
            },
        )

    def _check_kind(self, kind):
        if self.randomness_kind != kind:
            raise UserError(self.env._("%(raffle)s is drawn as its rules say, in no other way.", raffle=self.name))

    # -- the draw ------------------------------------------------------------------------------------

    def _draw(self, randomness, source):
        """Draw winners and alternates, publish the proof, and call the winners.

        The same list and randomness give the same winners for ever, so an error after this point, which takes
        everything back, is no second try (abuse 22).

        :param bytes randomness: of the named round; :param dict source: what the proof says about it
        """
        self.ensure_one()
        self._lock()
        self._check_state("frozen")
        self._check_drawing()
        listing = self._read_file("list_file")
        if self._hash(listing) != self.list_hash:
            raise UserError(
                self.env._(
                    "The stored list of %(raffle)s is not the one that was published, so it cannot be drawn. Restore "
                    "the file, or call the raffle off with that reason.",
                    raffle=self.name,
                )
            )
        codes = listing.decode().splitlines()
        prizes = [prize for prize in self.prize_ids.sorted() for _one in range(prize.quantity)]
        seed = engine_raffle.seed(self.public_id, bytes.fromhex(self.list_hash), self.round_no, randomness)
        winners, skipped = self._find_winners(codes, seed, len(prizes))
        proof = self._make_proof(codes, prizes, winners, skipped, seed, {**source, "hex": randomness.hex()})
        self._add_winners([(winner.place, codes[winner.position]) for winner in winners], prizes)
        self._set(
            {
                "state": "drawn",
                "drawn_at": fields.Datetime.now(),
                "randomness": randomness.hex(),
                "randomness_source": source.get("read_at") or source["source"],
                "seed": seed.hex(),
                "proof_file": base64.b64encode(proof),
            }
        )
        self._log_step(
            "draw",
            {
                "randomness": randomness.hex(),
                "round": self.round_no,
                "seed": seed.hex(),
                "proof_sha256": self._hash(proof),
                "winners": [codes[winner.position] for winner in winners],
            },
        )
        self._satisfy_purchases(prizes)
        self.winner_ids.filtered(lambda winner: winner.state == "called")._tell()
        self._tell_later()
        self._finish()

    def _find_winners(self, codes, seed, prizes):
        """Winners as the engine draws them, and drawn tickets of who had won before: (winners, {position: place})."""
        drawn = []

        def positions():
            for position in engine_raffle.order(seed, len(codes)):
                drawn.append(position)
                yield position

        owners = self._read_owners() if self.one_prize_each else range(len(codes))
        winners = engine_raffle.winners(positions(), prizes, self.alternates, owners.__getitem__)
        places = {owners[winner.position]: winner.place for winner in winners}
        won = {winner.position for winner in winners}
        # The engine stops at the first position after the last place: that one was not asked for.
        full = len(winners) == prizes + self.alternates
        asked = drawn[: drawn.index(winners[-1].position) + 1] if full else drawn
        return winners, {position: places[owners[position]] for position in asked if position not in won}

    def _read_owners(self):
        """The members of the list's tickets, in the list's order; who was merged counts as the member it became.

        SQL: numbers only, for there may be a million.
        """
        return [
            owner
            for (owner,) in self.env.execute_query(
                SQL(
                    """
            SELECT COALESCE(m.merged_into_id, m.id)
              FROM club_raffle_ticket t JOIN club_member m ON m.id = t.member_id
             WHERE t.raffle_id = %s AND NOT EXISTS (SELECT FROM club_raffle_exclusion x WHERE x.ticket_id = t.id)
             ORDER BY t.code COLLATE "C"
            """,
                    self.id,
                )
            )
        ]

    def _make_proof(self, codes, prizes, winners, skipped, seed, randomness):
        """``proof.json`` as ``clients/verify_raffle.py`` reads it; ticket codes only."""
        randomness["round"] = self.round_no
        proof = {
            "algorithm": engine_raffle.ALGORITHM,
            "raffle": self.public_id,
            "name": self.name,
            "rules": {"sha256": self.rules_hash},
            "list": {"count": len(codes), "sha256": self.list_hash, "frozen_at": f"{self.frozen_at.isoformat()}Z"},
            "randomness": randomness,
            "seed": seed.hex(),
            "prizes": len(prizes),
            "alternates": self.alternates,
            "winners": [{"place": winner.place, "ticket": codes[winner.position]} for winner in winners],
            "skipped": [{"ticket": codes[position], "winner": place} for position, place in skipped.items()],
            "steps": [{"digest": step.digest, "content": step._read_content()} for step in self.step_ids.sorted("id")],
        }
        return json.dumps(proof, ensure_ascii=False, indent=1).encode()

    def _add_winners(self, places, prizes):
        """Rows of the winners, called until the deadline, and of the alternates, who wait."""
        tickets = (
            self.env["club.raffle.ticket"]
            .sudo()
            .search([("raffle_id", "=", self.id), ("code", "in", [code for _place, code in places])])
        )
        by_code = {ticket.code: ticket for ticket in tickets}
        deadline = self._get_deadline()
        self.env["club.raffle.winner"].sudo().with_context(club_raffle=OURS).create(
            [
                {
                    "raffle_id": self.id,
                    "company_id": self.company_id.id,
                    "place": place,
                    "ticket_id": by_code[code].id,
                    "member_id": (by_code[code].member_id.merged_into_id or by_code[code].member_id).id,
                    **(
                        {"prize_id": prizes[place - 1].id, "state": "called", "deadline": deadline}
                        if place <= len(prizes)
                        else {"state": "waiting"}
                    ),
                }
                for place, code in places
            ]
        )

    def _satisfy_purchases(self, prizes):
        """The points are redeemed now (books 8), and each purchase bears its tickets' share of the prizes' cost.

        SQL: one statement for any number of purchases.
        """
        # What comes from the catalogue is a redemption, which bears its cost itself.
        own = [Decimal(str(prize.cost)) for prize in prizes if not prize.prize_id]
        cost = sum(own, Decimal(0)) / self.list_count
        self.env["club.raffle.purchase"].flush_model()
        self.env.execute_query(
            SQL(
                """
            UPDATE club_raffle_purchase
               SET state = 'drawn', satisfied_at = %s, unit_cost = ROUND(quantity * %s, %s)
             WHERE raffle_id = %s AND state = 'open'
            RETURNING id
            """,
                fields.Datetime.now(),
                cost,
                self.company_id.currency_id.decimal_places,
                self.id,
            )
        )
        self.env["club.raffle.purchase"].invalidate_model()

    # -- files ---------------------------------------------------------------------------------------

    def _read_file(self, name):
        """The bytes of a published file, without the detour through base64."""
        self.ensure_one()
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", name)], limit=1)
        )
        return attachment.raw or b""

    def _get_published_file(self, name):
        """A file of the proof page as (bytes, type), or ``None`` while it is not published.

        :param str name: ``rules.json``, ``tickets.txt``, ``proof.json`` or ``verify_raffle.py``
        """
        self.ensure_one()
        if name == "verify_raffle.py":
            return VERIFIER.read_bytes(), "text/x-python; charset=utf-8"
        if name == "rules.json" and self.rules_text:
            return self.rules_text.encode(), "application/json; charset=utf-8"
        if name == "tickets.txt" and self.list_hash:
            return self._read_file("list_file"), "text/plain; charset=utf-8"
        if name == "proof.json" and self.drawn_at:
            return self._read_file("proof_file"), "application/json; charset=utf-8"
        return None

    def _find_in_list(self, code):
        """The position (from 1) of a ticket in the published list, or 0; a code that is no ticket's reads no file."""
        known = self.env.execute_query(
            SQL(
                # SQL: the index keeps codes in the order of their bytes, which the ORM cannot ask for.
                'SELECT id FROM club_raffle_ticket WHERE raffle_id = %s AND code COLLATE "C" = %s',
                self.id,
                code,
            )
        )
        if not known:
            return 0
        listing = b"\n" + self._read_file("list_file")
        at = listing.find(b"\n" + code.encode() + b"\n")
        return listing.count(b"\n", 0, at + 1) if at >= 0 else 0

    def action_verify(self):
        """Check the stored rules, list, proof and steps against what was published, with the stand-alone verifier."""
        self.ensure_one()
        problem = self.sudo()._find_problem()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problem else "success",
                "sticky": bool(problem),
                "message": problem or self.env._("Rules, list, draw and steps are as they were published."),
            },
        }

    def _find_problem(self):
        _ = self.env._
        if not self.opened_at:
            return _("Nothing is published before the raffle is open.")
        if self._hash(self.rules_text.encode()) != self.rules_hash or not self.step_ids._is_chained():
            return _("The stored rules or steps are not those that were published.")
        if self.list_hash and self._hash(self._read_file("list_file")) != self.list_hash:
            return _("The stored list is not the one that was published.")
        if not self.drawn_at:
            return ""
        try:
            verify_raffle.verify(json.loads(self._read_file("proof_file")), self._read_file("list_file"))
        except (verify_raffle.Wrong, ValueError, KeyError) as error:
            return _("The draw cannot be proved: %(reason)s", reason=str(error))
        winners = Counter(self.winner_ids.mapped("ticket_id.code"))
        published = Counter(row["ticket"] for row in json.loads(self._read_file("proof_file"))["winners"])
        return "" if winners == published else _("The stored winners are not those of the proof.")
