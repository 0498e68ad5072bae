"""Tests that need committed data: real threads, each with its own transaction."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL

# What a committed club leaves behind, children first, with the column that names the club, its members or its cards.
CLEANED = (
    ("club_point_allocation", "lot_id IN (SELECT id FROM club_point_lot WHERE club_id = %(club)s)"),
    ("club_point_lot", "club_id = %(club)s"),
    ("club_point_adjustment", "club_id = %(club)s"),
    ("club_ledger_incident", "card_id IN (SELECT id FROM loyalty_card WHERE program_id = %(program)s)"),
    ("club_point_entry", "club_id = %(club)s AND reverses_id IS NOT NULL"),
    ("club_point_entry", "club_id = %(club)s AND root_id IS NOT NULL"),
    ("club_point_entry", "club_id = %(club)s"),
    ("club_event", "club_id = %(club)s"),
    ("club_tier_history", "member_id IN (SELECT id FROM club_member WHERE club_id = %(club)s)"),
    ("club_member", "club_id = %(club)s"),
    ("club_tier", "club_id = %(club)s"),
    ("club_earn_rule", "club_id = %(club)s"),
    ("club_club", "id = %(club)s"),
    ("loyalty_card", "program_id = %(program)s"),
    ("loyalty_reward", "program_id = %(program)s"),
    ("loyalty_rule", "program_id = %(program)s"),
    ("loyalty_program", "id = %(program)s"),
    ("res_partner", "id = ANY(%(partners)s)"),
)
APPEND_ONLY = ("club_point_entry", "club_point_allocation")


class CommittedClubCase(BaseCase):
    """A committed club with members, and threads that work on it like requests; everything is removed afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean)
        cls.ids = {"club": 0, "program": 0, "partners": []}
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].create({"name": "Committed Club", "tz": "UTC", "expiry_policy": "never"})
            partners = env["res.partner"].create([{"name": f"Committed {number}"} for number in range(4)])
            cls.ids = {"club": club.id, "program": club.program_id.id, "partners": partners.ids}
            cls.member_ids = [club._enrol(partner).id for partner in partners]
        cls.member_id, cls.other_id = cls.member_ids[:2]

    @classmethod
    def _env(cls, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})

    @classmethod
    def _clean(cls):
        """The ledger refuses to be emptied; the cleaning of a test switches that off, in its own transaction only."""
        with cls.registry.cursor() as cr:
            for table in APPEND_ONLY:
                cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", SQL.identifier(table)))
            for table, where in CLEANED:
                cr.execute("SELECT to_regclass(%s)", (table,))
                if cr.fetchone()[0]:
                    cr.execute(f"DELETE FROM {table} WHERE {where}", cls.ids)  # pylint: disable=sql-injection
            for table in APPEND_ONLY:
                cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", SQL.identifier(table)))
        cls.registry.clear_cache()

    def in_transaction(self, work):
        """Run ``work(env)`` as a request would be run: committed, and repeated on serialization errors."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            return retrying(partial(work, env), env)

    def in_threads(self, works):
        """Run every ``work(env)`` at the same moment in a thread of its own.

        :return: (results or exceptions in order, seconds).
        """
        barrier = threading.Barrier(len(works))

        def run(work):
            barrier.wait(timeout=30)
            try:
                return self.in_transaction(work)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error

        started = time.monotonic()
        with ThreadPoolExecutor(max_workers=len(works)) as pool:
            results = list(pool.map(run, works))
        return results, time.monotonic() - started

    def post(self, *vals_list):
        return self.in_transaction(lambda env: env["club.point.entry"]._post(list(vals_list)).ids)

    def balances(self, *member_ids):
        return self.in_transaction(lambda env: [env["club.member"].browse(member).points for member in member_ids])

    def assertInvariantsHold(self):
        broken = self.in_transaction(lambda env: env["club.ledger.check"]._find_broken())
        self.assertFalse(broken, "the ledger's invariants must hold")
