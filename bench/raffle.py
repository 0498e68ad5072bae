"""Freeze and draw a raffle of a million tickets: every position, list and hash included. ``--tickets 1000000``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, option, timed  # noqa: E402
from odoo.addons.customer_club.engine import raffle  # noqa: E402

count = option("--tickets", 1_000_000)
bars = Bars(f"a raffle of {count:,} tickets")
tickets = [f"T{number:07d}" for number in range(count)]
seconds, digest = timed(lambda: raffle.list_hash(tickets))
bars.fact(f"freeze: {seconds:.1f} s")
drawing, positions = timed(lambda: list(raffle.order(raffle.seed("bench", digest, 1, b"bench"), count)))
bars.fact(f"draw: {drawing:.1f} s")
assert len(set(positions)) == count
bars.ratio("seconds of 60 per million tickets", (seconds + drawing) * 1e6 / count / 60, 1.0)
bars.end()
