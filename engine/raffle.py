"""Raffles that anyone can check: the algorithm ``club-raffle-v1``.

1. The canonical list is every ticket code, in ascending order, UTF-8, each followed by LF. ``L`` is its SHA-256. It is
   published, with the number of tickets and the number ``R`` of a round of public randomness that lies in the future.
2. ``seed = SHA-256("club-raffle-v1" 0x00 raffle_id 0x00 L R randomness)``: raffle_id in UTF-8, L as 32 bytes, R as an
   unsigned 64-bit big-endian number.
3. ``r(n)``: v = HMAC-SHA256(seed, c) as a big-endian number, c an unsigned 64-bit big-endian counter that starts at 0
   and rises by one at every HMAC; v ≥ ⌊2²⁵⁶/n⌋·n is rejected; else v mod n.
4. Forward Fisher–Yates over the positions of the list: for i from 0: j = i + r(n − i), swap i and j. Prizes go down
   that order, then alternates; who has won is skipped where a member may win one prize only.

Nothing here draws randomness: it is an argument, so the same arguments give the same winners for ever.

>>> tickets = ["B2", "A1", "C3"]
>>> positions = order(seed("spring", list_hash(tickets), 42, b"beacon"), 3)
>>> [sorted(tickets)[position] for position in positions]
['B2', 'C3', 'A1']
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from .errors import EngineError

ALGORITHM = "club-raffle-v1"
_NUMBERS = 1 << 256
_ROUNDS = 1 << 64


class RaffleError(EngineError):
    """Tickets or numbers from which no fair draw can be made: a code twice, a line break in one, a negative round."""


class Winner(NamedTuple):
    """A prize, or a place among the alternates, and the position in the canonical list that has it, from 0."""

    place: int
    position: int


# -- the list ------------------------------------------------------------------------------------------


def canonical_list(tickets: Collection[str]) -> bytes:
    """The file that is published: every code once, in ascending order of its bytes, each followed by LF.

    >>> canonical_list(["B2", "A1"])
    b'A1\\nB2\\n'

    :raise RaffleError: for an empty code, one with a line break, or one that comes twice
    """
    codes = sorted(code.encode() for code in tickets)
    for before, code in zip([b"", *codes], codes, strict=False):
        if not code or b"\n" in code or b"\r" in code:
            raise RaffleError(f"{code.decode()!r} cannot be a ticket's code: it is empty or has a line break")
        if code == before:
            raise RaffleError(f"the ticket {code.decode()!r} is in the list twice")
    return b"".join(code + b"\n" for code in codes)


def list_hash(tickets: Collection[str]) -> bytes:
    """``L``: the SHA-256 of the canonical list, 32 bytes.

    :raise RaffleError: as :func:`canonical_list`
    """
    return hashlib.sha256(canonical_list(tickets)).digest()


# -- the draw ------------------------------------------------------------------------------------------


def seed(raffle_id: str, digest: bytes, round_no: int, randomness: bytes) -> bytes:
    """What decides the order: 32 bytes from the raffle, its list, the round and the round's randomness.

    :param digest: ``L``, 32 bytes; :param round_no: ``R``, 0 to 2⁶⁴ − 1
    :param randomness: the round's bytes as published, not their hexadecimal digits
    :raise RaffleError: for a raffle_id that is empty or has a zero byte, an ``L`` of another length, a round out of
        bounds, or no randomness
    """
    if not raffle_id or "\0" in raffle_id:
        raise RaffleError("the raffle needs an identifier without a zero byte")
    if len(digest) != 32:
        raise RaffleError(f"the hash of the list has 32 bytes, not {len(digest)}")
    if not 0 <= round_no < _ROUNDS:
        raise RaffleError(f"{round_no} is no number of a round of randomness")
    if not randomness:
        raise RaffleError("there is no randomness to draw from")
    parts = (ALGORITHM.encode(), b"\0", raffle_id.encode(), b"\0", digest, round_no.to_bytes(8, "big"), randomness)
    return hashlib.sha256(b"".join(parts)).digest()


def commitment(secret: bytes) -> bytes:
    """What a party publishes before the draw where no public beacon can be reached: the SHA-256 of its secret.

    :raise RaffleError: for a secret of less than 16 bytes, which could be guessed
    """
    if len(secret) < 16:
        raise RaffleError("a secret needs 16 bytes at least, or it could be guessed")
    return hashlib.sha256(secret).digest()


def joint_randomness(secrets: Sequence[bytes], commitments: Sequence[bytes]) -> bytes:
    """The randomness of several parties, none of whom could know it alone: the SHA-256 of their secrets' hashes.

    :param secrets: as revealed, in the order of the ``commitments`` that were published.
    :raise RaffleError: with fewer than two parties, two with the same commitment, or a secret that is not the one
        committed to
    """
    if len(commitments) < 2 or len(secrets) != len(commitments) or len(set(commitments)) != len(commitments):
        raise RaffleError("two parties at least must each have committed to a secret of their own and revealed it")
    for number, (secret, published) in enumerate(zip(secrets, commitments, strict=True), 1):
        if not hmac.compare_digest(commitment(secret), published):
            raise RaffleError(f"what party {number} has revealed is not what it had committed to")
    return hashlib.sha256(b"".join(hashlib.sha256(b"reveal\0" + secret).digest() for secret in secrets)).digest()


def numbers(key: bytes) -> Callable[[int], int]:
    """``r``: a function that returns the next number from 0 to n − 1, each equally likely."""
    counter = 0

    def draw(n: int) -> int:
        nonlocal counter
        limit = _NUMBERS - _NUMBERS % n
        while True:
            value = int.from_bytes(hmac.digest(key, counter.to_bytes(8, "big"), "sha256"), "big")
            counter += 1
            if value < limit:
                return value % n

    return draw


def order(key: bytes, count: int) -> Iterator[int]:
    """The positions 0 … count − 1 in the order of the draw; take as many as there are prizes and alternates.

    Only what was swapped is remembered, so a few winners of a million tickets cost next to nothing.

    >>> sorted(order(bytes(32), 5))
    [0, 1, 2, 3, 4]

    :raise RaffleError: for a negative count
    """
    if count < 0:
        raise RaffleError(f"there cannot be {count} tickets")
    draw, moved = numbers(key), {}  # type: tuple[Callable[[int], int], dict[int, int]]
    for here in range(count):
        there = here + draw(count - here)
        chosen = moved.get(there, there)
        moved[there] = moved.pop(here, here)
        yield chosen


def winners(
    positions: Iterable[int],
    prizes: int,
    alternates: int = 0,
    owner: Callable[[int], Hashable] | None = None,
) -> list[Winner]:
    """Who gets the prizes 1 … ``prizes``, and who stands in, places ``prizes`` + 1 and on.

    >>> winners(iter([4, 2, 0, 1]), 2, 1)
    [Winner(place=1, position=4), Winner(place=2, position=2), Winner(place=3, position=0)]
    >>> owners = {4: "Anna", 2: "Anna", 0: "Ben", 1: "Cleo"}
    >>> winners(iter([4, 2, 0, 1]), 2, 1, owners.get)
    [Winner(place=1, position=4), Winner(place=2, position=0), Winner(place=3, position=1)]

    :param positions: in the order of the draw.
    :param owner: of a position, where a member may win once only; without it every ticket stands for itself.
    :return: as many as there are tickets, or members, for.
    :raise RaffleError: for less than one prize, or a negative number of alternates
    """
    if prizes < 1 or alternates < 0:
        raise RaffleError("a raffle has one prize at least, and alternates or none")
    found: list[Winner] = []
    seen: set[Hashable] = set()
    for position in positions:
        if len(found) == prizes + alternates:
            break
        who = owner(position) if owner else position
        if who not in seen:
            seen.add(who)
            found.append(Winner(len(found) + 1, position))
    return found
