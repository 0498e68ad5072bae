"""Checks that the ledger runs on itself; the health page shows the latest."""

import re

from odoo import api, fields, models
from odoo.tools import SQL

INVARIANTS = (
    ("I1", "A card's balance is the sum of its spendable entries"),
    ("I2", "Open lots less arrears are the card's balance"),
    ("I3", "A lot's points are what remains and what was taken"),
    ("I4", "A key names one movement"),
    ("I5", "No spend exceeded what was available, unless it had already happened"),
)

# What I1 and I2 compare a balance with.
NAMES_OF_PARTS = {1: ("available",), 2: ("remaining", "unpaid")}


class ClubLedgerCheck(models.Model):
    """The result of checking one invariant of the ledger once. Every check is kept."""

    _name = "club.ledger.check"
    _description = "Club Ledger Check"
    _order = "id desc"
    _rec_name = "invariant"

    invariant = fields.Selection(list(INVARIANTS), required=True, readonly=True)
    state = fields.Selection([("ok", "Holds"), ("broken", "Broken")], required=True, readonly=True)
    checked_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now, index=True)
    broken_count = fields.Integer(readonly=True)
    detail = fields.Text(readonly=True)

    @api.depends("invariant")
    def _compute_display_name(self):
        words = dict(self._fields["invariant"]._description_selection(self.env))
        for check in self:
            check.display_name = f"{check.invariant}: {words.get(check.invariant)}"

    # What the sentences of a broken invariant name, so that its records can be opened.
    _NAMED = {"card": "loyalty.card", "lot": "club.point.lot", "entry": "club.point.entry"}

    def action_open_broken(self):
        """Open the records that the sentences of this check name: members of cards, lots or entries."""
        self.ensure_one()
        found = re.findall(r"^(card|lot|entry) (\d+) ", self.detail or "", re.MULTILINE)
        what = found[0][0] if found else "entry"
        ids = [int(number) for _what, number in found]
        model, domain = self._NAMED[what], [("id", "in", ids)]
        if what == "card":
            model, domain = "club.member", [("card_id", "in", ids), ("active", "in", (True, False))]
        if self.invariant == "I4":
            keys = re.findall(r"^key (.*) names ", self.detail or "", re.MULTILINE)
            domain = [("key", "in", keys)]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Broken: %(invariant)s", invariant=self.invariant),
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }

    @api.model
    def _run_checks(self):
        """Check every invariant over all clubs and keep the results.

        :return: the five new ``club.ledger.check`` records.
        """
        broken = self._find_broken()
        now = fields.Datetime.now()
        return self.sudo().create(
            [
                {
                    "invariant": invariant,
                    "checked_at": now,
                    "state": "broken" if invariant in broken else "ok",
                    "broken_count": len(broken.get(invariant, ())),
                    "detail": "\n".join(broken.get(invariant, ())[:100]) or False,
                }
                for invariant, _name in INVARIANTS
            ]
        )

    @api.model
    def _find_broken(self):
        """Return what breaks each invariant, as ``{"I1": [sentence, …]}``; empty when all is well.

        Five aggregates in SQL: the ORM would have to read every entry.
        """
        broken = {}
        for invariant, query in self._get_invariant_queries().items():
            rows = self.env.execute_query(query)
            if rows:
                broken[invariant] = [sentence for (sentence,) in rows]
        return broken

    @api.model
    def _get_invariant_queries(self):
        """One query per invariant; each row is a sentence about what breaks it.

        They add up signed parts (UNION ALL, one GROUP BY) instead of joining sums: right after a large import the
        planner still takes the tables for small, and then computes a joined sum anew for every row.
        """
        return {
            "I1": SQL(
                """
                SELECT 'card ' || id || ' holds ' || SUM(balance) || ', its entries sum to ' || SUM(available)
                  FROM (%(balances)s
                        UNION ALL SELECT card_id, 0, available FROM club_point_entry) part
                 GROUP BY id
                HAVING SUM(balance) <> SUM(available)
                """,
                balances=self._get_balances_sql(1),
            ),
            "I2": SQL(
                """
                SELECT 'card ' || id || ' holds ' || SUM(balance) || ', its lots ' || SUM(remaining) ||
                       ', arrears ' || SUM(unpaid)
                  FROM (%(balances)s
                        UNION ALL SELECT card_id, 0, CASE WHEN state = 'open' THEN remaining ELSE 0 END, points
                                    FROM club_point_lot
                        UNION ALL SELECT card_id, 0, 0, -points FROM club_point_entry
                        UNION ALL SELECT e.card_id, 0, 0, -a.points
                                    FROM club_point_allocation a JOIN club_point_entry e ON e.id = a.entry_id) part
                 GROUP BY id
                HAVING SUM(balance) <> SUM(remaining) - SUM(unpaid)
                """,
                balances=self._get_balances_sql(2),
            ),
            "I3": SQL(
                """
                SELECT 'lot ' || id || ' has ' || SUM(points) || ' points that neither remain nor were taken'
                  FROM (SELECT id, points - remaining AS points FROM club_point_lot
                        UNION ALL SELECT lot_id, -points FROM club_point_allocation) part
                 GROUP BY id
                HAVING SUM(points) <> 0
                 UNION ALL
                SELECT 'lot ' || lot.id || ' of ' || lot.points || ' has ' || lot.remaining || ' left, state ' ||
                       lot.state
                  FROM club_point_lot lot
                  JOIN club_point_entry e ON e.id = lot.entry_id
                 WHERE lot.remaining < 0
                    OR lot.state <> CASE WHEN lot.remaining = 0 THEN 'closed' WHEN e.available <= 0 THEN 'pending'
                                         ELSE 'open' END
                    OR lot.points <> CASE WHEN e.points > 0 THEN e.points ELSE ABS(e.available) END
                """,
            ),
            "I4": SQL(
                "SELECT 'key ' || key || ' names ' || COUNT(*) || ' entries' FROM club_point_entry GROUP BY key "
                "HAVING COUNT(*) > 1"
            ),
            # An entry's unpaid part: what it made and took, less what lots paid for it.
            "I5": SQL(
                """
                WITH unpaid AS MATERIALIZED (
                    SELECT id, SUM(points) AS points
                      FROM (SELECT id, -points AS points FROM club_point_entry
                            UNION ALL SELECT entry_id, points FROM club_point_lot
                            UNION ALL SELECT entry_id, -points FROM club_point_allocation) part
                     GROUP BY id
                    HAVING SUM(points) > 0
                )
                SELECT 'entry ' || e.id || ' (' || e.kind || ') took ' || unpaid.points || ' more than was available'
                  FROM unpaid JOIN club_point_entry e ON e.id = unpaid.id
                 WHERE e.happened IS NOT TRUE
                """,
            ),
        }

    @api.model
    def _get_balances_sql(self, others):
        """The members' cards with their balances, and ``others`` columns of zero for the parts that follow."""
        return SQL(
            """
            SELECT card.id, round(COALESCE(card.points, 0)::numeric, 2) AS balance, %s
              FROM loyalty_card card WHERE card.id IN (SELECT card_id FROM club_member)
            """,
            SQL(", ").join(SQL("0::numeric AS %s", SQL.identifier(name)) for name in NAMES_OF_PARTS[others]),
        )
