"""Earn from many purchases (events, rules, ledger) against bare SQL that inserts the same rows into the same tables.

Batches of both sides take turns. Options: ``--purchases 20000`` (``--full``: 100000), ``--batch 5000``,
``--members 2000``.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, option, quiet, timed  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
total = option("--purchases", 100_000 if flag("--full") else 20_000)
size, people = option("--batch", 5_000), option("--members", 2_000)
bars = Bars(f"earn from {total} purchases in batches of {size}, {people} members")
club = make_club(env)
members = club._enrol(env["res.partner"].create([{"name": f"Bench {number}"} for number in range(people)])).ids
env.cr.flush()
for table in ("res_partner", "loyalty_card", "club_member", "club_event", "club_point_entry", "club_point_lot"):
    env.cr.execute(f"ANALYZE {table}")

start = datetime(2026, 1, 1)
club_seconds = bare_seconds = record_seconds = 0.0
for first in range(0, total, size):
    vals_list = [
        {
            "member_id": members[number % people],
            "type": "purchase",
            "key": f"bench:{number}",
            "amount": 10 + number % 90,
            "occurred_at": start + timedelta(minutes=number),
        }
        for number in range(first, min(first + size, total))
    ]

    def record(vals_list=vals_list):
        events = env["club.event"]._record(vals_list)
        env.cr.flush()
        return events

    seconds, events = timed(record)
    record_seconds += seconds

    def earn(events=events):
        entries = events._process()
        env.cr.flush()
        return entries

    process_seconds, entries = timed(earn)
    club_seconds += seconds + process_seconds
    assert len(entries) == len(vals_list), "every purchase must have earned"
    env.cr.execute(
        """
        CREATE TEMP TABLE bench_event ON COMMIT DROP AS SELECT * FROM club_event WHERE id = ANY(%s);
        CREATE TEMP TABLE bench_entry ON COMMIT DROP AS SELECT * FROM club_point_entry WHERE id = ANY(%s);
        UPDATE bench_event SET key = key || ':bare', id = nextval('club_event_id_seq'), revises_id = NULL;
        UPDATE bench_entry SET key = key || ':bare', id = nextval('club_point_entry_id_seq'),
               event_id = NULL, root_id = NULL;
        UPDATE bench_entry e SET event_id = (SELECT MIN(id) FROM bench_event);
        CREATE TEMP TABLE bench_lot ON COMMIT DROP AS SELECT lot.* FROM club_point_lot lot WHERE lot.id = ANY(%s);
        UPDATE bench_lot lot SET id = e.id, entry_id = e.id FROM (
               SELECT e.id, o.id AS original FROM bench_entry e
                 JOIN club_point_entry o ON o.key || ':bare' = e.key WHERE o.id = ANY(%s)
        ) e WHERE e.original = lot.id;
        """,
        (events.ids, entries.ids, entries.ids, entries.ids),
    )

    def bare():
        env.cr.execute("INSERT INTO club_event SELECT * FROM bench_event")
        env.cr.execute("INSERT INTO club_point_entry SELECT * FROM bench_entry")
        env.cr.execute("INSERT INTO club_point_lot SELECT * FROM bench_lot")
        env.cr.execute(
            """
            UPDATE loyalty_card card SET points = card.points + e.points
              FROM (SELECT card_id, SUM(points) AS points FROM bench_entry GROUP BY card_id) e WHERE e.card_id = card.id
            """
        )

    seconds, _result = timed(bare)
    bare_seconds += seconds
    env.cr.execute("DROP TABLE bench_event, bench_entry, bench_lot")
    env.invalidate_all()

bars.fact(
    f"club {club_seconds / total * 1e6:.0f} µs a purchase (of it recording {record_seconds / total * 1e6:.0f} µs)"
)
bars.fact(f"bare SQL {bare_seconds / total * 1e6:.0f} µs a purchase")
bars.ratio("club / bare SQL", club_seconds / bare_seconds, 4, 2.5)
env.cr.rollback()
bars.end()
