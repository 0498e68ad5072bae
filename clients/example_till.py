#!/usr/bin/env python3
"""A till that uses the club: greet a member, record a fact, let points be spent, take a spend back, work offline.

Against the demo of ``./dev run`` (README, section Integrators, says how to get the key)::

    export CLUB_URL=http://127.0.0.1:8069 CLUB_KEY=…
    python3 clients/example_till.py MEMBER_NUMBER

Run it twice with the same receipt (``--receipt``): nothing counts a second time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from club_client import ClubClient, ClubError, Journal, NotEnoughPoints, UnknownCode


def greet(club: ClubClient, number: str) -> str:
    """Find the member by the number on the card and say what can be spent."""
    member = club.find(number=number)
    balance = club.balance(member.member)
    tier = f", {balance.tier}" if balance.tier else ""
    print(f"Hello {member.name}{tier}: {balance.points} points to spend, {balance.pending} on their way.")
    return member.member


def record(club: ClubClient, member: str, receipt: str, code: str) -> None:
    """Tell the club a fact. The receipt's number is the key, so that sending it again counts nothing twice."""
    try:
        fact = club.record(member, "custom", code=code, key=f"{receipt}/{code}")
    except UnknownCode as error:
        print(f"Not recorded: {error}")
        return
    print(f"{code}: {fact.points} points{' (recorded before)' if fact.replayed else ''}.")


def spend(club: ClubClient, member: str, receipt: str, points: int) -> None:
    """Spend points for the receipt, and take them back as if the sale were cancelled."""
    try:
        spent = club.spend(member, points, key=f"{receipt}/spend", note=f"Receipt {receipt}")
    except NotEnoughPoints as error:
        print(f"Not spent: {error}")
        return
    print(f"Spent {spent.points}, {spent.balance} left.")
    back = club.reverse(spent.key, key=f"{receipt}/spend-back")
    print(f"Sale cancelled: {back.points} points given back, {back.balance} to spend.")


def work_offline(club: ClubClient, member: str, receipt: str, folder: Path) -> None:
    """Keep a visit in a file while the network is away, and send it when it is back."""
    journal = Journal(folder / "facts.journal", club)
    journal.add(member, "visit", key=f"{receipt}/visit", occurred_at=datetime.now(timezone.utc))
    print(f"Waiting in the journal: {len(journal.waiting())}")
    delivery = journal.send()
    print(f"Sent {delivery.sent}, refused {delivery.refused}, waiting {delivery.waiting}. {delivery.error or ''}")


def main() -> int:
    parser = argparse.ArgumentParser(description="A till that uses the club.")
    parser.add_argument("number", help="a member's number, for example from Members in the backend")
    parser.add_argument("--receipt", default=f"demo-{datetime.now():%Y%m%d%H%M%S}")
    parser.add_argument("--code", default="packaging-returned", help="of a custom fact")
    parser.add_argument("--points", type=int, default=10)
    options = parser.parse_args()
    try:
        club = ClubClient(
            os.environ.get("CLUB_URL", "http://127.0.0.1:8069"),
            os.environ.get("CLUB_DATABASE", ""),
            os.environ.get("CLUB_KEY", ""),
        )
        member = greet(club, options.number)
        record(club, member, options.receipt, options.code)
        spend(club, member, options.receipt, options.points)
        with tempfile.TemporaryDirectory() as folder:
            work_offline(club, member, options.receipt, Path(folder))
    except (ClubError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
