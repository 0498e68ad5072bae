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
        # Both sides of I2 and I5 know an entry's unpaid part: what it made and took, less what lots paid for it.
        unpaid = SQL(
            """
            SELECT e.id, e.card_id, e.kind, e.happened, COALESCE(lot.points, 0) - e.points - COALESCE(paid.points, 0)
              AS points
              FROM club_point_entry e
              LEFT JOIN club_point_lot lot ON lot.entry_id = e.id
              LEFT JOIN (SELECT entry_id, SUM(points) AS points FROM club_point_allocation GROUP BY entry_id) paid ON
                paid.entry_id = e.id
            """,
        )
        return {
            "I1": SQL(
                """
                SELECT 'card ' || card.id || ' holds ' || card.points || ', its entries sum to ' ||
                  COALESCE(entries.available, 0)
                  FROM loyalty_card card
                  JOIN club_member m ON m.card_id = card.id
                  LEFT JOIN (SELECT card_id, SUM(available) AS available FROM club_point_entry GROUP BY card_id)
                    entries ON entries.card_id = card.id
                 WHERE round(COALESCE(card.points, 0)::numeric, 2) <> COALESCE(entries.available, 0)
                """,
            ),
            "I2": SQL(
                """
                SELECT 'card ' || card.id || ' holds ' || card.points || ', its lots ' || COALESCE(lots.remaining, 0)
                  || ', arrears ' || COALESCE(arrears.points, 0)
                  FROM loyalty_card card
                  JOIN club_member m ON m.card_id = card.id
                  LEFT JOIN (
                       SELECT card_id, SUM(remaining) AS remaining FROM club_point_lot WHERE state = 'open' GROUP BY
                         card_id
                  ) lots ON lots.card_id = card.id
                  LEFT JOIN (SELECT card_id, SUM(points) AS points FROM (%s) unpaid WHERE points <> 0 GROUP BY
                    card_id) arrears ON arrears.card_id = card.id
                 WHERE round(COALESCE(card.points, 0)::numeric, 2) <> COALESCE(lots.remaining, 0) -
                 COALESCE(arrears.points, 0)
                """,
                unpaid,
            ),
            "I3": SQL(
                """
                SELECT 'lot ' || lot.id || ' of ' || lot.points || ' has ' || lot.remaining || ' left, ' ||
                  COALESCE(taken.points, 0) || ' taken, state ' || lot.state
                  FROM club_point_lot lot
                  JOIN club_point_entry e ON e.id = lot.entry_id
                  LEFT JOIN (SELECT lot_id, SUM(points) AS points FROM club_point_allocation GROUP BY lot_id) taken
                    ON taken.lot_id = lot.id
                 WHERE lot.points <> lot.remaining + COALESCE(taken.points, 0) OR lot.remaining < 0
                    OR lot.state <> CASE WHEN lot.remaining = 0 THEN 'closed' WHEN e.available <= 0 THEN 'pending'
                    ELSE 'open' END
                    OR lot.points <> CASE WHEN e.points > 0 THEN e.points ELSE ABS(e.available) END
                """,
            ),
            "I4": SQL(
                "SELECT 'key ' || key || ' names ' || COUNT(*) || ' entries' FROM club_point_entry GROUP BY key "
                "HAVING COUNT(*) > 1"
            ),
            "I5": SQL(
                """
                SELECT 'entry ' || id || ' (' || kind || ') took ' || points || ' more than was available'
                  FROM (%s) unpaid WHERE points > 0 AND happened IS NOT TRUE
                """,
                unpaid,
            ),
        }
