"""Rounds of a public randomness beacon such as drand: when a round takes place, and whether what is said of it fits.

A chain has a genesis (Unix seconds, UTC) and a period: round 1 takes place at the genesis, every further one a period
later. Nothing here asks the network or the clock.

>>> quicknet = Chain(genesis=1692803367, period=3)
>>> quicknet.round_from(1692803368)
2
>>> quicknet.time_of(2)
1692803370
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from .errors import EngineError


class BeaconError(EngineError):
    """A round or its randomness that cannot be what the beacon published."""


class Chain(NamedTuple):
    """A chain of rounds."""

    genesis: int
    period: int

    def round_from(self, moment: int) -> int:
        """The first round that takes place at ``moment`` (Unix seconds) or later.

        >>> Chain(100, 30).round_from(100), Chain(100, 30).round_from(101), Chain(100, 30).round_from(0)
        (1, 2, 1)
        """
        if moment <= self.genesis:
            return 1
        return -(-(moment - self.genesis) // self.period) + 1

    def time_of(self, round_no: int) -> int:
        """When a round takes place, in Unix seconds.

        :raise BeaconError: for a round before the first
        """
        if round_no < 1:
            raise BeaconError(f"there is no round {round_no}: a chain begins with round 1")
        return self.genesis + (round_no - 1) * self.period


def check_randomness(randomness: str, signature: str) -> bytes:
    """The bytes of a round, from the hexadecimal digits that drand publishes.

    drand's randomness is the SHA-256 of the round's signature, so a slip of the pen shows here. That the signature is
    the beacon's own takes its public key and is not checked.

    >>> import hashlib
    >>> check_randomness(hashlib.sha256(bytes(48)).hexdigest(), "00" * 48) == hashlib.sha256(bytes(48)).digest()
    True

    :raise BeaconError: for anything but 32 bytes, or a signature that does not give them
    """
    try:
        value, proof = bytes.fromhex(randomness.strip()), bytes.fromhex(signature.strip())
    except ValueError:
        raise BeaconError("the randomness and the signature are hexadecimal digits") from None
    if len(value) != 32 or not 48 <= len(proof) <= 96:
        raise BeaconError("a round has 32 bytes of randomness and a signature of 48 or 96 bytes")
    if not hmac.compare_digest(hashlib.sha256(proof).digest(), value):
        raise BeaconError("the randomness is not the SHA-256 of the signature, so one of them is wrong")
    return value
