"""Simulate a rule, limits and tiers over many purchases, against the same rules earning for real on the same purchases.

Options: ``--purchases 20000`` (``--full``: 100000), ``--members 2000``.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, option, quiet, timed  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
total, people = option("--purchases", 100_000 if flag("--full") else 20_000), option("--members", 2_000)
bars = Bars(f"simulate {total} purchases of {people} members")
club = make_club(env)
members = club._enrol(env["res.partner"].create([{"name": f"Bench {number}"} for number in range(people)])).ids
env.cr.flush()
start = datetime(2026, 1, 1)
events = env["club.event"]._record(
    [
        {
            "member_id": members[number % people],
            "type": "purchase",
            "key": f"bench:{number}",
            "amount": 10 + number % 90,
            "occurred_at": start + timedelta(minutes=number),
        }
        for number in range(total)
    ]
)
env.cr.flush()
earn_seconds = 0.0
for first in range(0, total, 5_000):
    part = events[first : first + 5_000]
    seconds, _entries = timed(lambda part=part: (part._process(), env.cr.flush()))
    earn_seconds += seconds
record = env["club.simulation"].create({"club_id": club.id, "date_from": "2026-01-01", "date_to": "2026-12-31"})
setup = record.setup_ids[0]
sim_seconds, summary = timed(lambda: record._measure(setup))
keep_seconds, _nothing = timed(lambda: (setup._keep_summary(summary), env.cr.flush()))
env.cr.execute("SELECT SUM(points) FROM club_point_entry WHERE club_id = %s AND kind = 'earn'", [club.id])
(posted,) = env.cr.fetchone()
bars.fact(f"earned for real: {1e6 * earn_seconds / total:.0f} µs a purchase")
bars.fact(f"simulated: {1e6 * sim_seconds / total:.0f} µs a purchase, {sim_seconds:.1f} s; kept: {keep_seconds:.1f} s")
bars.fact(f"points posted {posted}, simulated {summary.values['points']}")
bars.ratio("simulating against earning for real", sim_seconds / earn_seconds, 1.5, 1.0)
env.cr.rollback()
bars.end()
