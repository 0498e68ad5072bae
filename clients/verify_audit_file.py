#!/usr/bin/env python3
"""Check an audit file of Customer Club by itself: ``verify_audit_file.py audit.jsonl``.

One file, Python's standard library, no network and no database, and nothing shared with the program that made the file:
read it, it is short. An audit file has one JSON value per line, in UTF-8::

    {"format": "customer-club-audit-1", "club": 7, "from": "2026-01-01", "to": "2026-01-31", "seals": 2, …}
    {"seal": 41, "previous": "…", "digest": "…", "entries": [first, last], "count": 900, "total": "5120.00",
     "allocations": [first, last], "allocation_count": 12, …}
    [entry …]           every entry that the seal covers, of all clubs, as the seal's text has it
    [id, lot, entry, "points"]                                                   then every allocation
    …
    {"unsealed": 3}     followed by the club's entries of the period that no seal covers yet
    {"end": {"seals": 2, "lines": 1829}}

A seal's digest is the SHA-256 of the lines ``customer-club-seal-1``, the previous seal's digest (empty for the first),
and the lines of its entries and allocations as they stand in the file, each ended by a line feed.

Who can write to the database can make a new chain that fits. So compare with what was written down before: give a
digest that was printed earlier (``--seal 41=DIGEST``), or a file that was exported earlier (``--against
earlier.jsonl``): then every line that was changed, taken out or put in is named.

Exit status: 0 all holds, 1 it does not, 2 the file cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

FORMAT = "customer-club-audit-1"
#: Values of an entry's line and of an allocation's.
ENTRY, ALLOCATION = 22, 4
CLUB, POINTS = 3, 6


class Unreadable(Exception):
    """The file is no audit file, or is cut off."""


class Seal:
    """One seal as the file tells it, and what is found when its lines are read."""

    def __init__(self, head: dict[str, Any], club: int) -> None:
        self.head, self.club = head, club
        self.number = head["seal"]
        self._hash = hashlib.sha256(f"customer-club-seal-1\n{head['previous']}\n".encode())
        self.lines: dict[tuple[str, int], str] = {}
        self.counts = {"entry": 0, "allocation": 0}
        self.total = self.club_total = Decimal(0)
        self.club_count = 0
        self.problems: list[str] = []
        self._last = {"entry": 0, "allocation": 0}

    def add(self, line: str, keep: bool) -> None:
        """Take the next line into the digest, and look at what can be told of it alone."""
        self._hash.update(line.encode() + b"\n")
        row = read_row(line)
        kind = "entry" if len(row) == ENTRY else "allocation"
        low, high = self.head["entries" if kind == "entry" else "allocations"]
        if not low <= row[0] <= high:
            self.problems.append(f"{kind} {row[0]} is outside of the seal's range {low} to {high}")
        if row[0] <= self._last[kind]:
            self.problems.append(f"{kind} {row[0]} is twice there, or not in order")
        self._last[kind] = row[0]
        self.counts[kind] += 1
        if kind == "entry":
            self.total += Decimal(row[POINTS])
            if row[CLUB] == self.club:
                self.club_total += Decimal(row[POINTS])
                self.club_count += 1
        if keep:
            self.lines[kind, row[0]] = line

    def compare(self) -> list[str]:
        """What does not hold, in words."""
        head, problems = self.head, list(self.problems)
        for words, told, found in (
            ("entries", head["count"], self.counts["entry"]),
            ("points in all", Decimal(head["total"]), self.total),
            ("allocations", head["allocation_count"], self.counts["allocation"]),
            ("entries of this club", head["club_count"], self.club_count),
            ("points of this club", Decimal(head["club_total"]), self.club_total),
        ):
            if told != found:
                problems.append(f"{words}: sealed {told}, found {found}")
        digest = self._hash.hexdigest()
        if digest != head["digest"]:
            problems.append(f"something of it was changed: its digest is {digest}, sealed was {head['digest']}")
        return [f"Seal {self.number} (entries {head['entries'][0]} to {head['entries'][1]}): {p}" for p in problems]


def read_row(line: str) -> list[Any]:
    row = json.loads(line)
    if not isinstance(row, list) or len(row) not in (ENTRY, ALLOCATION):
        raise Unreadable(f"this is neither an entry nor an allocation: {line[:80]}")
    return row


def read_seals(lines: Iterable[str], keep: bool = False) -> Iterator[dict[str, Any] | Seal]:
    """The head of the file, each seal once it is read to its end, and the last line as ``{"end": …, "unsealed": …}``.

    :param keep: remember every line, so that it can be compared.
    :raise Unreadable: for anything that is no audit file, or one that is cut off.
    """
    found = iter(lines)
    head = json.loads(next(found, "null"))
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Unreadable(f"this is no audit file of the format {FORMAT}")
    yield head
    seal: Seal | None = None
    unsealed = count = 0
    told = None
    for number, text in enumerate(found, 2):
        line = text.rstrip("\n")
        if line.startswith("["):
            if seal:
                seal.add(line, keep)
            else:
                read_row(line)
                unsealed += 1
            continue
        value = json.loads(line)
        if seal:
            yield seal
            seal = None
        if "seal" in value:
            seal = Seal(value, head["club"])
            count += 1
        elif "unsealed" in value:
            told = value["unsealed"]
        elif "end" in value:
            if value["end"] != {"seals": count, "lines": number}:
                raise Unreadable(f"the end says {value['end']}, but there are {count} seals and {number} lines")
            yield {"end": value["end"], "unsealed": unsealed, "told": told}
            return
    raise Unreadable("the file is cut off: its last line is missing")


def verify(lines: Iterable[str], known: dict[int, str], say: Any = print) -> list[str]:
    """What does not hold in a file, in words; empty if all does.

    :param known: digests of seals that were written down before.
    """
    problems: list[str] = []
    previous: str | None = None
    entries, seen = 0, set()
    mine, total = 0, Decimal(0)
    for part in read_seals(lines):
        if isinstance(part, Seal):
            problems += part.compare()
            if previous is not None and part.head["previous"] != previous:
                problems.append(f"Seal {part.number}: it is not chained to the one before it")
            previous = part.head["digest"]
            entries += part.counts["entry"]
            seen.add(part.number)
            mine += part.club_count
            total += part.club_total
            if known.get(part.number, previous).lower() != previous:
                problems.append(f"Seal {part.number}: its digest is {previous}, written down was {known[part.number]}")
        elif "format" in part:
            say(f"{part['club_name']}, {part['from']} to {part['to']}")
            first = part.get("previous") or "nothing: it is the first of all"
            say(f"  the first seal is chained to {first}")
        elif part["unsealed"] != part["told"]:
            problems.append(f"entries without a seal: told {part['told']}, found {part['unsealed']}")
        else:
            say(f"  {entries} entries under {len(seen)} seals; {mine} of them, {total} points, are this club's")
            say(f"  {part['unsealed']} entries of the period have no seal yet: nothing proves these")
    problems += [f"Seal {number} was written down, but is not in the file" for number in known.keys() - seen]
    return problems


def compare(lines: Iterable[str], earlier: Iterable[str]) -> list[str]:
    """Lines that differ from an earlier file, seal by seal; seals that only one of the files has are told apart."""
    before = {part.number: part for part in read_seals(earlier, keep=True) if isinstance(part, Seal)}
    problems = []
    common = 0
    for part in read_seals(lines, keep=True):
        old = before.get(part.number) if isinstance(part, Seal) else None
        if not isinstance(part, Seal) or not old:
            continue
        common += 1
        for kind, row_id in sorted(part.lines.keys() | old.lines.keys()):
            was, now = old.lines.get((kind, row_id)), part.lines.get((kind, row_id))
            if was != now:
                problems.append(f"Seal {part.number}, {kind} {row_id}:\n    was {was}\n    is  {now}")
    return problems if common else ["The two files have no seal in common."]


def read_known(words: list[str]) -> dict[int, str]:
    known = {}
    for word in words:
        number, _, digest = word.partition("=")
        known[int(number)] = digest
    return known


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an audit file of Customer Club.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--seal", action="append", default=[], metavar="NUMBER=DIGEST", help="a digest printed earlier")
    parser.add_argument("--against", type=Path, metavar="FILE", help="an audit file that was exported earlier")
    asked = parser.parse_args(arguments)
    try:
        with asked.file.open(encoding="utf-8", newline="\n") as lines:
            problems = verify(lines, read_known(asked.seal))
        if asked.against:
            with asked.file.open(encoding="utf-8") as lines, asked.against.open(encoding="utf-8") as earlier:
                problems += compare(lines, earlier)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation, Unreadable) as error:
        print(f"The file cannot be read: {type(error).__name__} {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(f"WRONG: {problem}")
    if not problems:
        print("RIGHT: every entry and allocation is as it was sealed, and the seals are chained.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
