#!/usr/bin/env python3
"""Check a raffle of Customer Club from its published files alone: ``verify_raffle.py proof.json tickets.txt``.

One file, Python's standard library, no network, and nothing shared with the program that drew: read it, it is short.
The list ``tickets.txt`` has every ticket's code, in ascending order, each followed by a line feed. ``proof.json``::

    {"algorithm": "club-raffle-v1", "raffle": "spring-2026",
     "list": {"count": 3, "sha256": "…"},
     "randomness": {"source": "drand quicknet", "round": 42, "hex": "…"},
     "seed": "…", "prizes": 2, "alternates": 1,
     "winners": [{"place": 1, "ticket": "B2"}, …],
     "skipped": [{"ticket": "A1", "winner": 1}]}

``skipped`` names tickets that were drawn but belong to somebody who had won already (place ``winner``). Where several
parties revealed secrets, ``randomness`` has ``commitments`` and ``secrets`` (hexadecimal, in order) besides.

Exit status: 0 the draw is right, 1 it is not, 2 the files cannot be read. With ``--ticket CODE`` it also says whether
that ticket was in the list and what became of it.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CANNOT_CHECK = (
    "Not checked here: that the randomness is what the named source published in that round (look it up there), that "
    "the list and the round were published before the round took place, and that a skipped ticket belongs to an "
    "earlier winner (that winner knows)."
)


class Wrong(Exception):
    """The published files contradict each other, or the algorithm."""


def verify(proof: dict[str, Any], listing: bytes) -> list[str]:
    """The winning tickets in order of their places.

    :param proof: what ``proof.json`` holds; :param listing: the bytes of ``tickets.txt``.
    :raises Wrong: with the first thing that does not hold, in words.
    """
    if proof["algorithm"] != "club-raffle-v1":
        raise Wrong(f"unknown algorithm {proof['algorithm']!r}: this program checks club-raffle-v1")
    tickets = check_list(proof["list"], listing)
    seed = make_seed(proof["raffle"], hashlib.sha256(listing).digest(), proof["randomness"])
    if seed.hex() != proof["seed"].lower():
        raise Wrong(f"the seed is {seed.hex()}, not {proof['seed']}")
    return check_winners(proof, tickets, shuffle(seed, len(tickets)))


def check_list(published: dict[str, Any], listing: bytes) -> list[bytes]:
    digest = hashlib.sha256(listing).hexdigest()
    if digest != published["sha256"].lower():
        raise Wrong(f"the list of tickets was changed: its SHA-256 is {digest}, published was {published['sha256']}")
    if listing and not listing.endswith(b"\n"):
        raise Wrong("the list's last line is not complete")
    tickets = listing.split(b"\n")[:-1]
    if len(tickets) != published["count"]:
        raise Wrong(f"the list has {len(tickets)} tickets, published were {published['count']}")
    for before, ticket in zip(tickets, tickets[1:], strict=False):
        if before >= ticket:
            raise Wrong(f"the list is not in order, or has a ticket twice, at {ticket.decode(errors='replace')}")
    return tickets


def make_seed(raffle: str, digest: bytes, randomness: dict[str, Any]) -> bytes:
    value = bytes.fromhex(randomness["hex"])
    if "commitments" in randomness:
        check_commitments(randomness, value)
    elif not value:
        raise Wrong("there is no randomness")
    seed = hashlib.sha256(b"club-raffle-v1\x00" + raffle.encode() + b"\x00" + digest)
    seed.update(int(randomness["round"]).to_bytes(8, "big"))
    seed.update(value)
    return seed.digest()


def check_commitments(randomness: dict[str, Any], value: bytes) -> None:
    """Every secret is the one whose hash was published before, and together they give the randomness."""
    secrets = [bytes.fromhex(secret) for secret in randomness["secrets"]]
    commitments = [bytes.fromhex(digest) for digest in randomness["commitments"]]
    if len(secrets) != len(commitments) or len(set(commitments)) < 2:
        raise Wrong("two parties at least must have committed to a secret of their own, and revealed it")
    for party, (secret, digest) in enumerate(zip(secrets, commitments, strict=True), 1):
        if hashlib.sha256(secret).digest() != digest:
            raise Wrong(f"what party {party} revealed is not what it had committed to")
    together = hashlib.sha256(b"".join(hashlib.sha256(b"reveal\x00" + secret).digest() for secret in secrets)).digest()
    if together != value:
        raise Wrong("the randomness does not follow from the revealed secrets")


def shuffle(seed: bytes, count: int) -> Iterator[int]:
    """Positions in the order of the draw: forward Fisher–Yates over 0 … count − 1."""
    places = list(range(count))
    counter = 0
    for i in range(count):
        n = count - i
        bound = (2**256 // n) * n
        while True:
            value = int.from_bytes(hmac.new(seed, counter.to_bytes(8, "big"), hashlib.sha256).digest(), "big")
            counter += 1
            if value < bound:
                break
        j = i + value % n
        places[i], places[j] = places[j], places[i]
        yield places[i]


def check_winners(proof: dict[str, Any], tickets: list[bytes], drawn: Iterator[int]) -> list[str]:
    won = {row["place"]: row["ticket"] for row in proof["winners"]}
    places = int(proof["prizes"]) + int(proof["alternates"])
    if sorted(won) != list(range(1, len(proof["winners"]) + 1)) or len(won) > places:
        raise Wrong("the winners' places are not 1, 2, 3 … up to prizes and alternates")
    skipped = {row["ticket"]: row["winner"] for row in proof.get("skipped", ())}
    place = 0
    for position in drawn:
        if place == len(won) == places:
            break
        ticket = tickets[position].decode()
        if ticket in skipped:
            if not 1 <= skipped.pop(ticket) <= place:
                raise Wrong(f"ticket {ticket} was skipped for somebody who had not won yet")
            continue
        place += 1
        if won.get(place) != ticket:
            raise Wrong(f"place {place} belongs to ticket {ticket}, published is {won.get(place, 'nobody')}")
    if skipped:
        raise Wrong(f"ticket {min(skipped)} is named as skipped but was never drawn")
    if place < len(won):
        raise Wrong("there are more winners than tickets")
    return [won[number] for number in range(1, place + 1)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a raffle of Customer Club from its published files.")
    parser.add_argument("proof", type=Path, help="proof.json")
    parser.add_argument("tickets", type=Path, help="tickets.txt")
    parser.add_argument("--ticket", help="say also what became of this ticket")
    asked = parser.parse_args(arguments)
    try:
        proof, listing = json.loads(asked.proof.read_bytes()), asked.tickets.read_bytes()
        winners = verify(proof, listing)
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        print(f"The files cannot be read as a proof and its list: {type(error).__name__} {error}", file=sys.stderr)
        return 2
    print(f"RIGHT: {proof['list']['count']} tickets, {len(winners)} places, as the algorithm draws them.")
    for place, ticket in enumerate(winners, 1):
        kind = "prize" if place <= proof["prizes"] else "alternate"
        print(f"  {place}. {kind}: {ticket}")
    if asked.ticket:
        inside = asked.ticket.encode() in listing.split(b"\n")
        print(f"Ticket {asked.ticket} {'was' if inside else 'was NOT'} in the list.")
    print(CANNOT_CHECK)
    return 0


if __name__ == "__main__":
    sys.exit(main())
