"""One club's night: purchases read once, then part by part of the members, each in a transaction of its own."""

from odoo.tools import SQL

from .behaviour_facts import BehaviourReader
from .behaviour_rows import BehaviourRows

#: Kilobytes of memory that a sort or hash of the night's statements may take at least.
MEMORY = 64 * 1024


class BehaviourNight:
    """What is left of the night of one club.

    :param club: one club, sudo.
    """

    def __init__(self, club):
        self.club = club
        self.env = club.env
        self.reader = BehaviourReader(club)
        self.begun = False

    def begin(self):
        """Read everybody's purchases; measure the quintiles once a day and fit the models once a week."""
        self.club.env.flush_all()
        self._set()
        self.reader.gather()
        if self.club.behaviour_cuts_on != self.reader.today:
            self.club._measure_behaviour(self.reader)
            self.club._fit_lifetimes_if_due(self.reader)
        self.begun = True

    def find(self, limit, skip):
        """Ids of the next active members, in their order.

        No lock: the rows are derived, nobody else writes them, and what is recorded meanwhile counts tomorrow.
        """
        after = self.club.behaviour_done_to if self.club.behaviour_done_on == self.reader.today else 0
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM club_member WHERE club_id = %s AND state = 'active' AND id > %s AND id <> ALL(%s) "
                "ORDER BY id LIMIT %s",
                self.club.id,
                after,
                list(skip),
                limit,
            )
        )
        return [member_id for (member_id,) in rows]

    def work(self, ids):
        """Rebuild the rows of these members, and remember that they are done."""
        self._set()
        if not self.reader.has("person"):  # a roll-back took it away
            self.reader.gather()
        BehaviourRows(self.reader, ids).write()
        self.club.write({"behaviour_done_on": self.reader.today, "behaviour_done_to": max(ids)})

    def end(self):
        """Drop the temporary tables, which else would stay as long as the connection."""
        self.reader.forget()

    def _set(self):
        """For this transaction: enough memory, and no compilation, which takes longer than these statements."""
        self.env.execute_query(
            SQL(
                "SELECT set_config('work_mem', GREATEST(setting::bigint, %s) || 'kB', TRUE), "
                "set_config('jit', 'off', TRUE) FROM pg_settings WHERE name = 'work_mem'",
                MEMORY,
            )
        )
