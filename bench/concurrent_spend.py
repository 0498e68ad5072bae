"""Twenty threads spend the last 100 points, each in its own transaction, with Odoo's own retry and its sleeps.

Commits, and removes everything afterwards. Options: ``--threads 20``, ``--rounds 3``.
"""

import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, make_club, median, option, timed  # noqa: E402
from odoo import SUPERUSER_ID, api  # noqa: E402
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints  # noqa: E402
from odoo.addons.customer_club.tests.committed import APPEND_ONLY, CLEANED  # noqa: E402
from odoo.service.model import retrying  # noqa: E402

logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)  # losing a race is what this is about
registry = env.registry  # noqa: F821 - given by the launcher
threads, rounds = option("--threads", 20), option("--rounds", 3)
bars = Bars(f"{threads} threads spend the last 100 points, {rounds} times")


def in_transaction(work):
    with registry.cursor() as cr:
        mine = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        return retrying(partial(work, mine), mine)


def set_up(mine):
    club = make_club(mine)
    partner = mine["res.partner"].create({"name": "Bench"})
    return club.id, club.program_id.id, partner.id, club._enrol(partner).id


def clean(club, program, partner):
    with registry.cursor() as cr:
        for table in APPEND_ONLY:
            cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, where in CLEANED:
            cr.execute("SELECT to_regclass(%s)", (table,))
            if cr.fetchone()[0]:
                cr.execute(
                    f"DELETE FROM {table} WHERE {where}", {"club": club, "program": program, "partners": [partner]}
                )
        for table in APPEND_ONLY:
            cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def post(mine, kind, points, key):
    return mine["club.point.entry"]._post([{"member_id": member, "kind": kind, "points": points, "key": key}]).id


club, program, partner, member = in_transaction(set_up)
try:
    durations, winners, wrong = [], [], 0
    for round_no in range(rounds):
        in_transaction(lambda mine, key=f"bench:{round_no}": post(mine, "earn", 100, key))
        barrier = threading.Barrier(threads)

        def spend(number, round_no=round_no, barrier=barrier):
            barrier.wait()
            try:
                return in_transaction(lambda mine: post(mine, "spend", -100, f"bench:{round_no}:{number}"))
            except NotEnoughPoints:
                return None

        with ThreadPoolExecutor(threads) as pool:
            seconds, results = timed(lambda: list(pool.map(spend, range(threads))))
        durations.append(seconds)
        winners.append(sum(result is not None for result in results))
        wrong += in_transaction(lambda mine: mine["club.member"].browse(member).points) != 0
    broken = in_transaction(lambda mine: mine["club.ledger.check"]._find_broken())
finally:
    clean(club, program, partner)
bars.fact(
    f"winners {winners}, seconds {', '.join(f'{part:.2f}' for part in durations)}, broken invariants {len(broken)}"
)
bars.ratio("rounds without exactly one winner", sum(count != 1 for count in winners) + wrong + len(broken), 0)
bars.ratio("seconds (goal; Odoo's retry sleeps up to 2 s)", median(durations), 4, 2.5)
bars.end()
