"""SQL about entries of the ledger that several rooms share. No model: any room may import it, in any order."""

from odoo.tools import SQL

#: What an entry ``e`` reverses (``reversed``; all empty if nothing). Looked up by its number (LATERAL, LIMIT): as a
#: plain join, where statistics are from before an import, PostgreSQL joined all entries with all first (seen: minutes
#: instead of milliseconds).
REVERSED = SQL(
    """
    LEFT JOIN LATERAL (
         SELECT kind, key, date, rule_id, event_id, origin_model, reverses_id
           FROM club_point_entry WHERE id = e.reverses_id LIMIT 1
    ) reversed ON TRUE
    """
)
#: That, and what it reversed itself (``origin``): nothing is further away than two steps.
WHAT_IT_REVERSES = SQL(
    """
    %s
    LEFT JOIN LATERAL (
         SELECT kind, date, rule_id, event_id FROM club_point_entry WHERE id = reversed.reverses_id LIMIT 1
    ) origin ON TRUE
    """,
    REVERSED,
)
