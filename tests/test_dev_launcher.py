"""The launcher's own logic, without Odoo: what it takes from a machine and how it reads outputs."""

import doctest
import os
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from unittest import mock

from ..devtools import console, places, sources, suites


def temporary_folder(case):
    folder = tempfile.TemporaryDirectory()
    case.addCleanup(folder.cleanup)
    return Path(folder.name).resolve()


class TestWhereOdooComesFrom(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = temporary_folder(self)

    def _package(self, path, version):
        package = self.folder / path
        (package / "addons/base").mkdir(parents=True)
        (package / "addons/base/__manifest__.py").touch()
        (package / "release.py").write_text(f"version_info = ({version}, 0, 0, 'final', 0, '')\n")
        return package

    def test_a_checkout_and_an_unpacked_package_are_found(self):
        checkout = self._package("checkout/odoo", 19)
        unpacked = self._package("root/usr/lib/python3/dist-packages/odoo", 19)
        for home, package in (("checkout", checkout), ("root", unpacked)):
            with mock.patch.dict(os.environ, ODOO_HOME=str(self.folder / home)):
                self.assertEqual(sources.ensure(None).package, package)

    def test_another_version_is_refused_with_a_remedy(self):
        self._package("odoo", 18)
        with mock.patch.dict(os.environ, ODOO_HOME=str(self.folder)), self.assertRaises(console.Stop) as caught:
            sources.ensure(None)
        self.assertIn("no Odoo 19", str(caught.exception))
        self.assertTrue(caught.exception.remedy)

    def test_the_main_archive_is_chosen_among_apt_sources(self):
        targets = [
            "http://mirror/debian-security/ bookworm-security",
            "http://mirror/debian/ bookworm",
            "http://mirror/debian/ bookworm-updates",
            "cdrom:[Debian]/ bookworm",
            "",
        ]
        self.assertEqual(sources.choose_mirrors(targets), ["http://mirror/debian/"])


class TestStateLiesOutsideTheCheckout(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = temporary_folder(self)
        self.checkout = self.folder / "my club, second try"
        self.checkout.mkdir()

    def test_a_state_folder_inside_the_checkout_is_refused(self):
        with self.assertRaisesRegex(console.Stop, "inside the checkout"):
            places.Places(self.checkout / "state", self.checkout)

    def test_the_addon_has_its_name_whatever_the_folder_is_called(self):
        state = places.Places(self.folder / "home", self.checkout)
        state.prepare()
        state.prepare()
        self.assertEqual(state.link.name, "customer_club")
        self.assertEqual(state.link.resolve(), self.checkout)

    def test_two_checkouts_share_downloads_and_nothing_else(self):
        other = self.folder / "other"
        one, two = (places.Places(self.folder / "home", path) for path in (self.checkout, other))
        self.assertEqual(one.shared, two.shared)
        self.assertNotEqual(one.state, two.state)

    def test_only_what_an_installation_reads_renews_a_template(self):
        before = places.addon_hash(self.checkout)
        for name in ("tests/test_x.py", "static/x.js", "README.md", "demo/x.xml"):
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        self.assertEqual(places.addon_hash(self.checkout), before)
        self.assertNotEqual(places.addon_hash(self.checkout, with_demo=True), before)
        (self.checkout / "models").mkdir()
        (self.checkout / "models/x.py").write_text("x")
        self.assertNotEqual(places.addon_hash(self.checkout), before)

    def test_a_lock_is_exclusive_and_freed(self):
        state = places.Places(self.folder / "home", self.checkout)
        with state.try_lock("x") as first, state.try_lock("x") as second:
            self.assertTrue(first)
            self.assertFalse(second)
        with state.try_lock("x") as again:
            self.assertTrue(again)


class TestArgumentsAndResults(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.checkout = temporary_folder(self)
        (self.checkout / "tests").mkdir()
        for name in ("test_ledger.py", "test_till_claim.py", "common.py"):
            (self.checkout / "tests" / name).touch()

    def test_paths_are_told_from_options(self):
        options, paths = suites.split_arguments(
            ["-k", "tests", "-x", "tests/test_ledger.py::TestA::test_b", "--maxfail=1"], self.checkout)
        self.assertEqual(options, ["-k", "tests", "-x", "--maxfail=1"])
        self.assertEqual(paths, ["tests/test_ledger.py::TestA::test_b"])

    def test_the_till_has_a_template_of_its_own(self):
        self.assertEqual(
            suites.group_by_template(["tests"], self.checkout),
            {"shop": ["tests/test_ledger.py"], "till": ["tests/test_till_claim.py"]},
        )

    def test_several_runs_are_summed_from_their_closing_lines(self):
        total = Counter()
        for line in (
            "=== 2 failed, 157 passed, 68 subtests passed, 1 error in 141.70s (0:02:21) ===\n",
            "120 passed, 3 skipped in 151.56s (0:02:31)\n",
            "no tests ran in 0.10s\n",
            "FAILED tests/test_x.py - 4 passed in between\n",
        ):
            total += suites.read_closing_line(line)
        self.assertEqual(
            suites.summary(total, 60),
            "========= 2 failed, 277 passed, 3 skipped, 1 errors, 68 subtests passed in 60.00s =========",
        )

    def test_the_suite_is_parted_by_what_its_files_took(self):
        self.assertEqual(
            suites.halve(["a", "b", "c"], {"a": 5, "b": 1, "c": 5}), [["a", "b"], ["c"]],
        )
        self.assertEqual(suites.halve(["a"], {"a": 5}), [["a"]])

    def test_what_went_wrong_is_said_in_words(self):
        for output, word in (
            ("tar: write error: No space left on device", "disk is full"),
            ("Temporary failure resolving 'mirror'\nE: Failed to fetch http://mirror/x", "network"),
            ("The following signatures couldn't be verified: NO_PUBKEY 12", "verified"),
        ):
            stop = console.explain("Downloading", output)
            self.assertIn(word, str(stop))
            self.assertTrue(stop.remedy)

    def test_the_examples_in_the_docstrings_hold(self):
        for module in (sources, suites):
            self.assertEqual(doctest.testmod(module).failed, 0)
