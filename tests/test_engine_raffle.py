"""The raffle: vectors, an implementation written apart from ours, and a proof in which one changed byte shows."""

import hashlib
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import raffle
from odoo.addons.customer_club.engine.raffle import RaffleError, Winner
from odoo.tests import BaseCase, tagged

VERIFIER = Path(__file__).parent.parent / "clients" / "verify_raffle.py"
#: The first positions, and the start of the SHA-256 over all ("p0,p1,…"), of raffle "vector", round 7, 01 02 03.
FROZEN = {
    1: ([0], "5feceb66ffc86f38"),
    2: ([0, 1], "83b97b859aa5f81b"),
    7: ([3, 2, 5, 0, 6], "e1c54857940d74e8"),
    1000: ([153, 132, 675, 234, 498], "10e418cd647c7ad5"),
}


def tickets(count):
    return [f"T{number:07d}" for number in range(count)]


def drawn_apart(raffle_id, codes, round_no, randomness):
    """The same draw by the text of the algorithm: its own HMAC, a whole list, an explicit swap."""
    listing = "".join(f"{code}\n" for code in sorted(codes, key=lambda code: code.encode())).encode()
    material = b"club-raffle-v1" + bytes([0]) + raffle_id.encode("utf-8") + bytes([0])
    material += hashlib.sha256(listing).digest() + b"".join(
        bytes([round_no >> shift & 255]) for shift in range(56, -8, -8)
    )
    key = hashlib.sha256(material + randomness).digest().ljust(64, b"\0")
    inner, outer = bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
    row, counter = list(range(len(codes))), 0
    for i in range(len(row)):
        n = len(row) - i
        top = math.floor(2**256 // n) * n
        while True:
            message = counter.to_bytes(8, "big")
            value = int(hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).hexdigest(), 16)
            counter += 1
            if value < top:
                break
        j = i + value % n
        swap = row[i]
        row[i] = row[j]
        row[j] = swap
    return row


def drawn(raffle_id, codes, round_no, randomness):
    return list(raffle.order(raffle.seed(raffle_id, raffle.list_hash(codes), round_no, randomness), len(codes)))


@tagged("post_install", "-at_install")
class TestTheDrawIsTheAlgorithms(BaseCase):
    def test_an_implementation_written_apart_draws_the_same(self):
        for count in (1, 2, 7, 1000, 20_000):
            with self.subTest(tickets=count):
                codes = tickets(count)
                ours = drawn("vector", codes, 7, b"\x01\x02\x03")
                self.assertEqual(ours, drawn_apart("vector", codes, 7, b"\x01\x02\x03"))
                self.assertEqual(sorted(ours), list(range(count)))

    def test_a_million_tickets_draw_the_same_within_a_gibibyte(self):
        script = (
            "import json, resource, sys, types; package = types.ModuleType('engine'); "
            f"package.__path__ = [{str(Path(raffle.__file__).parent)!r}]; sys.modules['engine'] = package; "
            "from engine import raffle; codes = [f'T{n:07d}' for n in range(1_000_000)]; "
            "key = raffle.seed('vector', raffle.list_hash(codes), 7, bytes([1, 2, 3])); "
            "row = list(raffle.order(key, len(codes))); "
            "print(json.dumps([row[:1000], len(set(row)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))"
        )
        result = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True)
        first, different, peak = json.loads(result.stdout)
        self.assertEqual(first, drawn_apart_first(tickets(1_000_000), 1000))
        self.assertEqual(different, 1_000_000)
        self.assertLess(peak, 1024 * 1024 if sys.platform == "linux" else 1024**3, "kibibytes on Linux, else bytes")

    def test_the_vectors_never_change(self):
        """A raffle that was drawn once must be checkable for ever: these numbers are frozen."""
        found = {}
        for count in (1, 2, 7, 1000):
            row = drawn("vector", tickets(count), 7, b"\x01\x02\x03")
            found[count] = (row[:5], hashlib.sha256(",".join(map(str, row)).encode()).hexdigest()[:16])
        self.assertEqual(found, FROZEN)

    def test_every_argument_changes_the_seed(self):
        digest = raffle.list_hash(["A", "B"])
        seeds = {
            raffle.seed("spring", digest, 1, b"x"),
            raffle.seed("spring2", digest, 1, b"x"),
            raffle.seed("spring", raffle.list_hash(["A", "C"]), 1, b"x"),
            raffle.seed("spring", digest, 2, b"x"),
            raffle.seed("spring", digest, 1, b"y"),
        }
        self.assertEqual(len(seeds), 5)

    def test_every_order_of_three_comes_equally_often(self):
        counts = Counter(
            tuple(raffle.order(hashlib.sha256(number.to_bytes(4, "big")).digest(), 3)) for number in range(6000)
        )
        chi_square = sum((count - 1000) ** 2 / 1000 for count in counts.values())
        self.assertEqual(len(counts), 6)
        self.assertLess(chi_square, 20.5, "five degrees of freedom, one in a thousand")

    @given(st.sets(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), min_size=1)))
    def test_the_order_in_which_tickets_come_does_not_matter(self, codes):
        one, other = list(codes), sorted(codes, reverse=True)
        self.assertEqual(raffle.list_hash(one), raffle.list_hash(other))

    def test_persian_codes_are_sorted_by_their_bytes(self):
        codes = ["ب۲", "A1", "الف۱"]
        self.assertEqual(raffle.canonical_list(codes), "A1\nالف۱\nب۲\n".encode())

    def test_lists_and_numbers_that_cannot_be_are_refused(self):
        digest = bytes(32)
        for wrong in (
            lambda: raffle.canonical_list(["A", "A"]),
            lambda: raffle.canonical_list(["A\nB"]),
            lambda: raffle.canonical_list([""]),
            lambda: raffle.seed("", digest, 1, b"x"),
            lambda: raffle.seed("a\0b", digest, 1, b"x"),
            lambda: raffle.seed("a", b"short", 1, b"x"),
            lambda: raffle.seed("a", digest, -1, b"x"),
            lambda: raffle.seed("a", digest, 2**64, b"x"),
            lambda: raffle.seed("a", digest, 1, b""),
            lambda: list(raffle.order(digest, -1)),
            lambda: raffle.winners([], 0),
        ):
            with self.assertRaises(RaffleError):
                wrong()

    def test_winners_once_each_then_alternates(self):
        owners = {3: "Anna", 1: "Anna", 0: "Ben", 2: "Cleo"}
        self.assertEqual(raffle.winners([3, 1, 0, 2], 2), [Winner(1, 3), Winner(2, 1)])
        self.assertEqual(raffle.winners([3, 1, 0, 2], 2, 5, owners.get), [Winner(1, 3), Winner(2, 0), Winner(3, 2)])

    def test_without_a_beacon_no_party_alone_decides(self):
        secrets = [b"the first secret, long", b"the second secret, long"]
        published = [raffle.commitment(secret) for secret in secrets]
        value = raffle.joint_randomness(secrets, published)
        self.assertEqual(value, raffle.joint_randomness(secrets, published))
        self.assertNotEqual(value, raffle.joint_randomness(secrets[::-1], published[::-1]))
        for wrong, seen in (
            ([secrets[0], b"another secret, also long"], published),
            (secrets[:1], published[:1]),
            ([secrets[0]] * 2, [published[0]] * 2),
        ):
            with self.assertRaises(RaffleError):
                raffle.joint_randomness(wrong, seen)
        with self.assertRaises(RaffleError):
            raffle.commitment(b"short")


def drawn_apart_first(codes, count):
    """The first positions only, by a sparse list: the million would take the plain one long."""
    listing = "".join(f"{code}\n" for code in sorted(codes)).encode()
    key = (
        hashlib.sha256(
            b"club-raffle-v1\0vector\0" + hashlib.sha256(listing).digest() + (7).to_bytes(8, "big") + b"\x01\x02\x03"
        )
        .digest()
        .ljust(64, b"\0")
    )
    inner, outer = bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
    row, counter = list(range(len(codes))), 0
    for i in range(count):
        n = len(row) - i
        while True:
            message = counter.to_bytes(8, "big")
            value = int(hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).hexdigest(), 16)
            counter += 1
            if value < 2**256 // n * n:
                break
        j = i + value % n
        row[i], row[j] = row[j], row[i]
    return row[:count]


@tagged("post_install", "-at_install")
class TestTheVerifierFindsEveryChange(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        codes = tickets(60)
        self.listing = raffle.canonical_list(codes)
        digest = raffle.list_hash(codes)
        key = raffle.seed("spring", digest, 42, b"\x07\x08")
        owners = {position: position % 5 for position in range(60)}
        positions = list(raffle.order(key, 60))
        found = raffle.winners(positions, 2, 2, owners.get)
        last = positions.index(found[-1].position)
        place_of = {owners[winner.position]: winner.place for winner in found}
        skipped = [place for place in positions[:last] if place not in {winner.position for winner in found}]
        self.assertTrue(skipped, "the example has a skipped ticket")
        self.proof = {
            "algorithm": raffle.ALGORITHM,
            "raffle": "spring",
            "list": {"count": 60, "sha256": digest.hex()},
            "randomness": {"source": "test", "round": 42, "hex": "0708"},
            "seed": key.hex(),
            "prizes": 2,
            "alternates": 2,
            "winners": [{"place": winner.place, "ticket": codes[winner.position]} for winner in found],
            "skipped": [{"ticket": codes[place], "winner": place_of[owners[place]]} for place in skipped],
        }

    def run_verifier(self, proof=None, listing=None, *options):
        (self.folder / "proof.json").write_text(json.dumps(proof or self.proof), encoding="utf-8")
        (self.folder / "tickets.txt").write_bytes(self.listing if listing is None else listing)
        return subprocess.run(
            [sys.executable, "-I", VERIFIER, self.folder / "proof.json", self.folder / "tickets.txt", *options],
            capture_output=True,
            text=True,
            check=False,
        )

    def test_a_right_draw_is_right_and_it_says_what_it_cannot_check(self):
        result = self.run_verifier(None, None, "--ticket", "T0000003")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("RIGHT", result.stdout)
        self.assertIn("Not checked here", result.stdout)
        self.assertIn("T0000003 was in the list", result.stdout)

    def test_one_changed_ticket_order_round_or_byte_is_found(self):
        lines = self.listing.splitlines(keepends=True)
        listings = (
            self.listing.replace(b"T0000007", b"T0000107"),
            b"".join([lines[1], lines[0], *lines[2:]]),
            b"".join(lines[:-1]),
            self.listing[:-1],
            self.listing + b"T9999999\n",
        )
        for listing in listings:
            self.assertEqual(self.run_verifier(None, listing).returncode, 1)
            rehashed = {**self.proof, "list": {"count": 60, "sha256": hashlib.sha256(listing).hexdigest()}}
            self.assertEqual(self.run_verifier(rehashed, listing).returncode, 1, "nor with a new hash")
        winners = self.proof["winners"]
        changes = (
            {"randomness": {**self.proof["randomness"], "round": 43}},
            {"randomness": {**self.proof["randomness"], "hex": "0709"}},
            {"raffle": "spring2"},
            {"seed": "00" + self.proof["seed"][2:]},
            {"algorithm": "club-raffle-v2"},
            {"winners": [{**winners[1], "place": 1}, {**winners[0], "place": 2}, *winners[2:]]},
            {"winners": winners[:-1]},
            {"winners": [{**winners[0], "ticket": "T0000000"}, *winners[1:]]},
            {"skipped": []},
            {"skipped": [{**row, "winner": 4} for row in self.proof["skipped"]]},
            {"skipped": [*self.proof["skipped"], {"ticket": winners[0]["ticket"], "winner": 1}]},
            {"prizes": 1},
        )
        for change in changes:
            with self.subTest(change=change):
                result = self.run_verifier({**self.proof, **change})
                self.assertEqual(result.returncode, 1, result.stdout)
                self.assertIn("WRONG", result.stdout)

    def test_files_that_are_no_proof_are_said_to_be_unreadable(self):
        self.assertEqual(self.run_verifier({"algorithm": "club-raffle-v1"}).returncode, 2)

    def test_revealed_secrets_are_checked_too(self):
        secrets = [b"the first secret, long", b"the second secret, long"]
        published = [raffle.commitment(secret) for secret in secrets]
        value = raffle.joint_randomness(secrets, published)
        codes = tickets(60)
        key = raffle.seed("spring", raffle.list_hash(codes), 0, value)
        first = next(raffle.order(key, 60))
        proof = {
            **self.proof,
            "randomness": {
                "source": "three parties",
                "round": 0,
                "hex": value.hex(),
                "commitments": [digest.hex() for digest in published],
                "secrets": [secret.hex() for secret in secrets],
            },
            "seed": key.hex(),
            "prizes": 1,
            "alternates": 0,
            "skipped": [],
            "winners": [{"place": 1, "ticket": codes[first]}],
        }
        self.assertEqual(self.run_verifier(proof).returncode, 0)
        proof["randomness"]["secrets"][0] = (b"x" * 20).hex()
        self.assertEqual(self.run_verifier(proof).returncode, 1)
