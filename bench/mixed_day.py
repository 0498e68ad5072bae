"""A day of mixed facts (all types, in the shares of a busy club) against bare SQL that inserts the same rows.

Facts are recorded and processed in batches; batches of both sides take turns. Every type has a rule, some of them with
counters and limits, as a club would have them. Options: ``--events 20000`` (``--full``: 100000), ``--batch 5000``,
``--members 5000``, ``--plain`` (rules without counters and limits).
"""

import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, option, quiet, timed  # noqa: E402

#: Type → how many of a thousand facts.
SHARES = {
    "visit": 350,
    "purchase": 300,
    "referral_click": 100,
    "forum": 50,
    "review": 40,
    "merchant_purchase": 40,
    "survey": 30,
    "custom": 30,
    "occasion": 15,
    "feedback": 10,
    "profile": 8,
    "join": 8,
    "tier": 7,
    "referral_join": 6,
    "referral_purchase": 4,
    "contest": 2,
}
#: What some rules ask beside the event.
DEMANDS = {
    "visit": {"limit_member": 50, "limit_period": "month"},
    "referral_click": {"limit_member": 20, "limit_period": "day"},
    "review": {"nth_mode": "from", "nth": 1},
    "custom": {"limit_club": 10_000_000},
}

env = quiet(env)  # noqa: F821 - given by the launcher
total = option("--events", 100_000 if flag("--full") else 20_000)
size, people = option("--batch", 5_000), option("--members", 5_000)
bars = Bars(f"a day of {total} mixed facts in batches of {size}, {people} members")
club = env["club.club"].create(
    {"name": "Bench Club", "tz": "UTC", "earn_when": "confirmed", "hold_days": 0, "expiry_policy": "never"}
)
Rule = env["club.earn.rule"]
for event_type in SHARES:
    asked = {} if flag("--plain") else DEMANDS.get(event_type, {})
    vals = {"name": event_type, "club_id": club.id, "event_type": event_type, "points": 5, "use_multiplier": False}
    if event_type in ("purchase", "merchant_purchase"):
        vals |= {"formula": "per_amount", "points": 1, "per_amount": 1}
    for name in ("review_verified", "survey_in_time"):  # the bench's facts carry no such details
        if name in Rule._fields:
            vals[name] = False
    Rule.create({**vals, **asked})
members = club._enrol(env["res.partner"].create([{"name": f"Bench {number}"} for number in range(people)])).ids
product = env["product.product"].create({"name": "Bench"})
env.flush_all()
for table in ("res_partner", "loyalty_card", "club_member", "club_event", "club_point_entry", "club_point_lot"):
    env.cr.execute(f"ANALYZE {table}")

chance = random.Random(20260501)
types = chance.choices(list(SHARES), SHARES.values(), k=total)
start = datetime(2026, 5, 1)


def fact(number):
    event_type = types[number]
    vals = {
        "member_id": members[chance.randrange(people)],
        "type": event_type,
        "key": f"bench:{number}",
        "occurred_at": start + timedelta(milliseconds=number * 864e5 / total),
    }
    if event_type in ("purchase", "merchant_purchase", "referral_purchase"):
        vals["amount"] = 10 + number % 90
    if event_type == "purchase":
        amount = str(vals["amount"])
        vals["payload"] = {"channel": "pos", "lines": [[1, product.id, None, "1", amount, "0", "0"]]}
    elif event_type == "visit":
        vals["payload"] = {"channel": "counter"}
    elif event_type == "survey":
        vals["payload"] = {"survey": 1 + number}
    elif event_type == "forum":
        vals["payload"] = {"what": "answer"}
    return vals


COPY = """
CREATE TEMP TABLE bench_event ON COMMIT DROP AS SELECT * FROM club_event WHERE id = ANY(%(events)s);
CREATE TEMP TABLE bench_entry ON COMMIT DROP AS SELECT * FROM club_point_entry WHERE id = ANY(%(entries)s);
UPDATE bench_event SET key = key || ':bare', id = nextval('club_event_id_seq'), revises_id = NULL;
UPDATE bench_entry SET key = key || ':bare', id = nextval('club_point_entry_id_seq'), event_id = NULL, root_id = NULL;
UPDATE bench_entry SET event_id = (SELECT MIN(id) FROM bench_event);
CREATE TEMP TABLE bench_lot ON COMMIT DROP AS SELECT lot.* FROM club_point_lot lot WHERE lot.id = ANY(%(entries)s);
UPDATE bench_lot lot SET id = e.id, entry_id = e.id
  FROM (SELECT e.id, o.id AS original FROM bench_entry e
          JOIN club_point_entry o ON o.key || ':bare' = e.key WHERE o.id = ANY(%(entries)s)) e
 WHERE e.original = lot.id;
"""


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


recording = processing = inserting = 0.0
earned = 0
for first in range(0, total, size):
    vals_list = [fact(number) for number in range(first, min(first + size, total))]

    def record(vals_list=vals_list):
        events = env["club.event"]._record(vals_list)
        env.cr.flush()
        return events

    def earn(events):
        entries = events._process()
        env.cr.flush()
        return entries

    seconds, events = timed(record)
    recording += seconds
    seconds, entries = timed(lambda events=events: earn(events))
    processing += seconds
    earned += len(entries)
    env.cr.execute(COPY, {"events": events.ids, "entries": entries.ids})
    seconds, _result = timed(bare)
    inserting += seconds
    env.cr.execute("DROP TABLE bench_event, bench_entry, bench_lot")
    env.invalidate_all()

assert earned > total * 0.5, "most facts must have earned"
bars.fact(f"{earned} of {total} facts earned points")
bars.fact(
    f"club {(recording + processing) / total * 1e6:.0f} µs a fact (of it recording {recording / total * 1e6:.0f} µs)"
)
bars.fact(f"bare SQL {inserting / total * 1e6:.0f} µs a fact")
bars.ratio("club / bare SQL", (recording + processing) / inserting, 4, 2.5)
env.cr.rollback()
bars.end()
