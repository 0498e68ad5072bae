"""Where public randomness comes from: chains of drand, kept as data."""

import logging

import requests
from odoo import api, fields, models
from odoo.addons.customer_club.engine import beacon as engine_beacon
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)
SECONDS = 5


class ClubRaffleBeacon(models.Model):
    """A chain of rounds whose randomness nobody can know before its time, and everybody can look up after."""

    _name = "club.raffle.beacon"
    _description = "Public Randomness"
    _order = "sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    chain_hash = fields.Char(required=True, help="Names the chain: hexadecimal digits.")
    genesis = fields.Integer(required=True, help="When round 1 took place, in seconds since 1970 (UTC).")
    period = fields.Integer(string="Seconds per Round", required=True)
    url = fields.Char(
        string="Address", help="Rounds are fetched from here: address/chain/public/round. Empty: they are pasted."
    )

    _period_positive = models.Constraint("CHECK(period > 0 AND genesis > 0)", "A chain has a beginning and a period.")
    _chain_unique = models.Constraint("UNIQUE(chain_hash)", "This chain is known already.")

    def _get_chain(self):
        self.ensure_one()
        return engine_beacon.Chain(self.genesis, self.period)

    def _get_round_from(self, moment):
        """The first round at ``moment`` (naive UTC) or later, and when it takes place (naive UTC)."""
        chain = self._get_chain()
        epoch = fields.Datetime.from_string("1970-01-01 00:00:00")
        number = chain.round_from(-int((epoch - moment).total_seconds() // 1))
        return number, fields.Datetime.add(epoch, seconds=chain.time_of(number))

    def _get_round_url(self, round_no):
        self.ensure_one()
        return f"{self.url.rstrip('/')}/{self.chain_hash}/public/{round_no}" if self.url else ""

    @api.model
    def _ask(self, url):
        """What an address answers, as JSON; a method of its own so that it can be replaced where there is a proxy."""
        answer = requests.get(url, timeout=SECONDS, allow_redirects=False)
        answer.raise_for_status()
        return answer.json()

    def _fetch(self, round_no):
        """The round as published, or ``None`` where it cannot be had at the moment: then a person pastes it.

        :return: dict of ``randomness`` and ``signature``, hexadecimal
        """
        self.ensure_one()
        url = self._get_round_url(round_no)
        if not url:
            return None
        try:
            answer = self._ask(url)
            found = {"randomness": str(answer["randomness"]), "signature": str(answer["signature"])}
            if int(answer["round"]) != round_no:
                raise ValueError(f"round {answer['round']} instead of {round_no}")
            engine_beacon.check_randomness(**found)
        except (requests.RequestException, ValueError, KeyError, TypeError, engine_beacon.BeaconError) as error:
            _logger.warning("round %s of %s could not be fetched: %s", round_no, self.name, error)
            return None
        return found

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for record in self:
            if (
                self.env["club.raffle"]
                .sudo()
                .with_context(active_test=False)
                .search_count([("beacon_id", "=", record.id)], limit=1)
            ):
                raise UserError(
                    self.env._("Raffles are drawn with %(beacon)s. Archive it instead of deleting.", beacon=record.name)
                )

    def write(self, vals):
        if {"chain_hash", "genesis", "period"} & vals.keys() and self.env["club.raffle"].sudo().with_context(
            active_test=False
        ).search_count([("beacon_id", "in", self.ids), ("state", "!=", "draft")], limit=1):
            raise UserError(
                self.env._("Raffles that are open are drawn with this chain, so it stays. Make another one.")
            )
        return super().write(vals)
