"""A raffle of a million tickets, ``--tickets 1000000``: the engine alone, every position; then issued, frozen and drawn
through the models and the database, and proved by the stand-alone verifier. Rolled back at the end.
"""

import hashlib
import json
import resource
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, make_club, option, quiet, timed  # noqa: E402
from freezegun import freeze_time  # noqa: E402
from odoo import Command, fields  # noqa: E402
from odoo.addons.customer_club.clients import verify_raffle  # noqa: E402
from odoo.addons.customer_club.engine import raffle as engine_raffle  # noqa: E402

count = option("--tickets", 1_000_000)
members_count = option("--members", 1_000)
bars = Bars(f"a raffle of {count:,} tickets")


def run_engine():
    tickets = [f"T{number:07d}" for number in range(count)]
    seconds, digest = timed(lambda: engine_raffle.list_hash(tickets))
    seed = engine_raffle.seed("bench", digest, 1, b"bench")
    drawing, positions = timed(lambda: list(engine_raffle.order(seed, count)))
    assert len(set(positions)) == count
    bars.fact(f"engine: frozen in {seconds:.1f} s, every position drawn in {drawing:.1f} s")
    bars.ratio("engine: seconds of 60 per million tickets", (seconds + drawing) * 1e6 / count / 60, 1.0)


run_engine()

# -- through the models --------------------------------------------------------------------------------
env = quiet(env)  # noqa: F821 - the shell's
start = fields.Datetime.now() - timedelta(days=10)
try:
    club = make_club(env)
    partners = env["res.partner"].create([{"name": f"Member {number}"} for number in range(members_count)])
    members = club._enrol(partners)
    env["club.point.entry"]._post(
        [
            {"member_id": member.id, "kind": "earn", "points": count, "key": f"bench,{member.id}", "date": start}
            for member in members
        ]
    )
    beacon = env["club.raffle.beacon"].create(
        {"name": "Bench", "chain_hash": "00" * 32, "genesis": 1000000000, "period": 30}
    )
    raffle = env["club.raffle"].create(
        {
            "club_id": club.id,
            "name": "Bench",
            "ticket_price": 1,
            "max_bought_each": 0,
            "opens_at": start,
            "closes_at": start + timedelta(days=1),
            "draws_at": start + timedelta(days=1, hours=1),
            "beacon_id": beacon.id,
            "alternates": 10,
            "prize_ids": [Command.create({"name": "Prize", "quantity": 20})],
        }
    )
    with freeze_time(start):
        raffle.action_open()

    def issue():
        """As purchases do, a hundred thousand tickets a statement; points are another benchmark's."""
        each, rest = divmod(count, members_count)
        rows = [
            {"member_id": member.id, "source": "points", "count": each + (place < rest)}
            for place, member in enumerate(members)
        ]
        step = max(1, 100_000 // max(each, 1))
        for at in range(0, len(rows), step):
            env["club.raffle.ticket"]._issue(raffle, [row for row in rows[at : at + step] if row["count"]])

    issuing, _nothing = timed(issue)
    bars.fact(f"issued: {issuing:.1f} s")

    def at(moment, work):
        """At another time; the clock that measures goes on."""
        with freeze_time(start + moment):
            work()
            env.flush_all()

    freezing, _nothing = timed(lambda: at(timedelta(days=1), raffle._freeze))
    bars.fact(f"frozen, exclusions, list and hash: {freezing:.1f} s")
    env.invalidate_all()
    signature = bytes(48)
    randomness = hashlib.sha256(signature).hexdigest()
    drawing, _nothing = timed(
        lambda: at(
            timedelta(days=1, hours=1, minutes=1),
            lambda: raffle._draw_beacon(randomness, signature.hex(), "bench"),
        )
    )
    bars.fact(f"drawn, proof written: {drawing:.1f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert raffle.list_count == count
    bars.ratio("models: seconds of 60 per million tickets frozen and drawn", (freezing + drawing) * 1e6 / count / 60, 1)
    bars.ratio("models: memory of 1 GiB", memory / 1024, 1.0)
    proving, winners = timed(
        lambda: verify_raffle.verify(json.loads(raffle._read_file("proof_file")), raffle._read_file("list_file"))
    )
    assert len(winners) == 30
    bars.fact(f"proved by the verifier: {proving:.1f} s")
    looking, position = timed(lambda: raffle._find_in_list(raffle.winner_ids[0].code))
    bars.fact(f"a ticket looked up in the list: {looking * 1000:.0f} ms (position {position:,})")
finally:
    env.cr.rollback()
bars.end()
