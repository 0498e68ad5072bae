"""A raffle whose life lies in the past, so that the database's own clock is always after it."""

import hashlib
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase

VERIFIER = Path(__file__).parent.parent / "clients" / "verify_raffle.py"
OPENS, CLOSES, DRAWS = timedelta(0), timedelta(days=7), timedelta(days=7, hours=2)
#: While tickets are given; when the list is frozen; when it is drawn; after the deadline of the prizes.
DURING, AFTER = timedelta(days=1), timedelta(days=7, minutes=5)
DRAWN, LATER = timedelta(days=7, hours=2, minutes=1), timedelta(days=30)


def signature(number=0):
    """What a beacon would publish: a signature, and the randomness that follows from it; hexadecimal."""
    value = number.to_bytes(48, "big")
    return {"randomness": hashlib.sha256(value).hexdigest(), "signature": value.hex()}


class RaffleCase(ClubCase):
    """Anna and Ben have 1,000 points each; a raffle opened 60 days ago has a bicycle and two vases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = count()
        cls.start = fields.Datetime.now().replace(microsecond=0) - timedelta(days=60)
        (cls.member | cls.member_2).joined_at = cls.start - timedelta(days=1)
        with freeze_time(cls.start):
            cls.post(1000, "start,1")
            cls.post(1000, "start,2", member=cls.member_2)
        cls.observer = cls.env["res.partner"].create({"name": "Notary", "email": "notary@example.com"})
        cls.beacon = cls.env["club.raffle.beacon"].create(
            {"name": "Test Beacon", "chain_hash": "ab" * 32, "genesis": 1000000000, "period": 30}
        )
        cls.raffle = cls.make_raffle()

    @classmethod
    def make_raffle(cls, **values):
        return cls.env["club.raffle"].create(
            {
                "club_id": cls.club.id,
                "name": "Spring Raffle",
                "opens_at": cls.start + OPENS,
                "closes_at": cls.start + CLOSES,
                "draws_at": cls.start + DRAWS,
                "ticket_price": 10,
                "alternates": 2,
                "beacon_id": cls.beacon.id,
                "observer_id": cls.observer.id,
                "prize_ids": [
                    Command.create({"name": "Bicycle", "cost": 90}),
                    Command.create({"name": "Vase", "quantity": 2, "cost": 5}),
                ],
                **values,
            }
        )

    @contextmanager
    def at(self, moment):
        with freeze_time(self.start + moment):
            self.env.invalidate_all()
            yield

    @classmethod
    def enrol(cls, number):
        """Further members with 1,000 points each."""
        partners = cls.env["res.partner"].create(
            [{"name": f"Member {row}", "email": f"member{row}@example.com"} for row in range(number)]
        )
        with freeze_time(cls.start):
            members = cls.club._enrol(partners)
            for member in members:
                cls.post(1000, f"start,{member.id}", member=member)
        return members

    def open(self, raffle=None):
        with self.at(OPENS):
            (raffle or self.raffle).action_open()
        return raffle or self.raffle

    def buy(self, quantity=1, member=None, raffle=None, key=None, when=DURING):
        with self.at(when):
            return (raffle or self.raffle)._buy(member or self.member, quantity, key or f"key-{next(self.keys)}")

    def freeze(self, raffle=None, when=AFTER):
        with self.at(when):
            (raffle or self.raffle).action_close()

    def draw(self, raffle=None, number=0, when=DRAWN):
        with self.at(when):
            (raffle or self.raffle)._draw_beacon(**signature(number), source="https://example.com/round")

    def play(self, raffle=None, **tickets):
        """From opening to the draw, with 5 tickets of Anna's and 5 of Ben's unless told otherwise."""
        raffle = self.open(raffle)
        for member, quantity in ((self.member, tickets.get("anna", 5)), (self.member_2, tickets.get("ben", 5))):
            if quantity:
                self.buy(quantity, member, raffle)
        self.freeze(raffle)
        self.draw(raffle)
        return raffle

    def verify(self, proof, listing, *arguments):
        """Run the stand-alone verifier on two files, in a process of its own: (exit status, what it said)."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / "proof.json", Path(folder) / "tickets.txt"]
            files[0].write_bytes(proof if isinstance(proof, bytes) else json.dumps(proof).encode())
            files[1].write_bytes(listing)
            done = subprocess.run(
                [sys.executable, "-I", str(VERIFIER), *map(str, files), *arguments],
                capture_output=True,
                text=True,
                check=False,
            )
        return done.returncode, done.stdout + done.stderr
