"""What the books ask of the wallet: its movements by kind, and whether its balance is what the ledger says."""

from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.addons.customer_club.models.entry_sql import REVERSED
from odoo.tools import SQL

ZERO = Decimal(0)
#: Kinds of movements, each with the side of the books that is not the wallet's liability.
MOVEMENTS = (
    "converted",  # points became money
    "unconverted",  # and points again
    "cashback",  # a rule gave money
    "cashback_back",  # and took it back
    "topup",  # paid for
    "topup_back",  # refunded or cancelled
    "spent",  # paid an order
    "spent_back",  # the order came back
    "adjusted",  # by hand
    "opening",  # brought in
    "moved",  # between wallets of merged contacts: nothing in all
    "other",
)


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_wallet_movements(self, date_from, date_to):
        """What happened to the wallet money of these clubs, for the close.

        :param date date_from: first day, in the club's time zone; ``date_to``: last day, included.
        :return: by club, a Decimal in the company's currency for each of ``MOVEMENTS``, signed as the liability grows.
        :rtype: dict[club.club, dict[str, Decimal]]
        """
        return {club: self._read_wallet_movements(club, date_from, date_to) for club in self if club.wallet_club_id}

    def _read_wallet_movements(self, club, date_from, date_to):
        """One aggregate in SQL: a reversal counts with what it reverses, two steps up at most."""
        start, end = periods.range_bounds(date_from, date_to + timedelta(days=1), club.tz)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT CASE
                         WHEN first.kind = 'spend' THEN CASE WHEN e.points < 0 THEN 'spent' ELSE 'spent_back' END
                         WHEN first.origin_model = 'club.wallet.conversion'
                              THEN CASE WHEN e.points > 0 THEN 'converted' ELSE 'unconverted' END
                         WHEN first.rule_id IS NOT NULL
                              THEN CASE WHEN e.points > 0 THEN 'cashback' ELSE 'cashback_back' END
                         WHEN first.kind = 'earn' THEN CASE WHEN e.points > 0 THEN 'topup' ELSE 'topup_back' END
                         WHEN first.kind = 'adjust' THEN 'adjusted'
                         WHEN first.kind = 'opening' THEN 'opening'
                         WHEN first.kind = 'transfer' THEN 'moved'
                         ELSE 'other'
                       END, SUM(e.points)
                  FROM club_point_entry e
                  %s
                 CROSS JOIN LATERAL (
                       SELECT kind, origin_model, rule_id FROM club_point_entry
                        WHERE id = COALESCE(reversed.reverses_id, e.reverses_id, e.id) LIMIT 1
                 ) first
                 WHERE e.club_id = %s AND e.date >= %s AND e.date < %s AND e.kind <> 'open'
                 GROUP BY 1
                """,
                REVERSED,
                club.sudo().wallet_club_id.id,
                start,
                end,
            )
        )
        found = {kind: to_decimal(amount) for kind, amount in rows}
        return {kind: found.get(kind, ZERO) for kind in MOVEMENTS}

    def _tie_out_wallet(self):
        """Whether wallet money is what the ledger says, by club: ``ledger`` (all entries), ``spendable`` (on cards),
        ``pending`` (waits for a purchase to be final), ``difference`` (0 when all is well), ``of_former`` (what is owed
        to people who are no longer members), as Decimals.

        :rtype: dict[club.club, dict[str, Decimal]]
        """
        result = {}
        for club in self.filtered("wallet_club_id"):
            wallet = club.sudo().wallet_club_id
            # SQL: sums of three tables that the ORM would read in three calls, at one moment.
            ((ledger, spendable, pending, of_former),) = self.env.execute_query(
                SQL(
                    """
                SELECT (SELECT COALESCE(SUM(points), 0) FROM club_point_entry WHERE club_id = %(club)s),
                       (SELECT COALESCE(SUM(points::numeric), 0) FROM loyalty_card WHERE program_id = %(program)s),
                       (SELECT COALESCE(SUM(remaining), 0) FROM club_point_lot
                         WHERE club_id = %(club)s AND state = 'pending'),
                       (SELECT COALESCE(SUM(card.points::numeric), 0)
                          FROM club_member account JOIN loyalty_card card ON card.id = account.card_id
                         WHERE account.club_id = %(club)s AND account.state = 'account' AND NOT EXISTS (
                               SELECT FROM club_member m
                                WHERE m.club_id = %(points)s AND m.partner_id = account.partner_id AND m.active))
                """,
                    club=wallet.id,
                    program=wallet.program_id.id,
                    points=club.id,
                )
            )
            values = {"ledger": ledger, "spendable": spendable, "pending": pending, "of_former": of_former}
            values = {name: to_decimal(round(value, 2)) for name, value in values.items()}
            values["difference"] = values["ledger"] - values["spendable"] - values["pending"]
            result[club] = values
        return result
