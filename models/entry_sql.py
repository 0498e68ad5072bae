"""SQL about entries of the ledger that several rooms share. No model: any room may import it, in any order."""

from odoo.tools import SQL

#: What an entry ``e`` reverses (``reversed``), and what that reversed (``origin``): nothing is further away than two
#: steps. Each is looked up by its number (LATERAL, LIMIT): as plain joins, where statistics are from before an import,
#: PostgreSQL joined all entries with all first (seen: minutes instead of milliseconds).
WHAT_IT_REVERSES = SQL(
    """
    LEFT JOIN LATERAL (
         SELECT kind, date, rule_id, event_id, reverses_id FROM club_point_entry WHERE id = e.reverses_id LIMIT 1
    ) reversed ON TRUE
    LEFT JOIN LATERAL (
         SELECT kind, date, rule_id, event_id FROM club_point_entry WHERE id = reversed.reverses_id LIMIT 1
    ) origin ON TRUE
    """
)
