"""Seals prove that the ledger is what it was."""

import hashlib
import json

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestLedgerSeal(ClubCase):
    def setUp(self):
        super().setUp()
        self.entry = self.post(10, "گل:a", note='«Rosé» "10"', detail=[{"rule": 1, "why": "گل"}])
        self.post(-4, "s")
        self.seals = self._seal()

    def _seal(self, size=50_000):
        with self.jobs_in_test():
            return self.env["club.ledger.seal"]._seal(size)

    def _tamper(self, statement):
        for table in ("club_point_entry", "club_point_allocation"):
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.env.cr.execute(statement)
        self.env.invalidate_all()
        return self.env["club.ledger.seal"]._verify()

    def test_an_untouched_ledger_verifies(self):
        self.assertTrue(self.seals)
        self.assertEqual(self.env["club.ledger.seal"]._verify(), [])

    def test_nothing_new_makes_no_seal(self):
        self.assertFalse(self._seal())

    def test_each_seal_begins_where_the_last_one_ended(self):
        for number in range(5):
            self.post(1, f"n{number}")
        seals = self._seal(size=2).sorted("id")
        self.assertGreater(len(seals), 2)
        self.assertEqual(sum(seals.mapped("count")), 5)
        for seal in seals:
            self.assertEqual(seal.from_id, seal.previous_id.to_id + 1)
        self.assertEqual(self.env["club.ledger.seal"]._verify(), [])

    def test_anybody_can_recompute_a_seal_from_an_export(self):
        """The text of version 1 is documented on the model; this is an independent reader of it."""
        seal = self.seals[-1]
        lines = ["customer-club-seal-1", seal.previous_id.digest or ""]
        self.env.cr.execute(
            """
            SELECT id, member_id, card_id, club_id, company_id, kind, round(points, 2)::text, round(available, 2)::text,
                   date,
                   available_on, expires_on, key, event_id, rule_id, origin_model, origin_id, reverses_id, root_id,
                   COALESCE(happened, FALSE), user_id, note, detail::text
              FROM club_point_entry WHERE id BETWEEN %s AND %s ORDER BY id
            """,
            (seal.from_id, seal.to_id),
        )
        for row in self.env.cr.fetchall():
            row = list(row)
            row[8] = row[8].strftime("%Y-%m-%dT%H:%M:%S.%f")
            row[9], row[10] = (day and day.isoformat() for day in row[9:11])
            lines.append(json.dumps(row, ensure_ascii=False))
        self.env.cr.execute(
            "SELECT id, lot_id, entry_id, round(points, 2)::text FROM club_point_allocation WHERE id BETWEEN %s AND "
            "%s ORDER BY id",
            (seal.allocation_from_id, seal.allocation_to_id),
        )
        lines += [json.dumps(list(row)) for row in self.env.cr.fetchall()]
        text = "".join(f"{line}\n" for line in lines)
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), seal.digest)

    def test_a_changed_amount_is_named(self):
        problems = self._tamper(f"UPDATE club_point_entry SET points = 11 WHERE id = {self.entry.id}")
        self.assertEqual(len(problems), 1)
        self.assertIn("sum of points", problems[0])
        self.assertIn(str(self.seals[-1].id), problems[0])

    def test_a_changed_word_is_found_by_the_digest(self):
        problems = self._tamper(f"UPDATE club_point_entry SET note = 'x' WHERE id = {self.entry.id}")
        self.assertIn("digest", problems[0])

    def test_a_changed_allocation_is_found(self):
        problems = self._tamper(f"UPDATE club_point_allocation SET points = 3 WHERE lot_id = {self.entry.id}")
        self.assertIn("digest", problems[0])

    def test_a_missing_entry_is_counted(self):
        self.env.cr.execute("ALTER TABLE club_point_allocation DISABLE TRIGGER USER")
        self.env.cr.execute("DELETE FROM club_point_allocation WHERE lot_id = %s", (self.entry.id,))
        self.env.cr.execute("DELETE FROM club_point_lot WHERE id = %s", (self.entry.id,))
        problems = self._tamper(f"DELETE FROM club_point_entry WHERE id = {self.entry.id}")
        self.assertIn("entries", problems[0])

    def test_a_broken_seal_breaks_what_follows_it_when_it_is_recomputed(self):
        """Whoever forges a seal has to forge every later one."""
        self.post(1, "later")
        later = self._seal()
        self.env.cr.execute("ALTER TABLE club_ledger_seal DISABLE TRIGGER USER")
        self.env.cr.execute("UPDATE club_ledger_seal SET digest = repeat('0', 64) WHERE id = %s", (self.seals[-1].id,))
        self.env.invalidate_all()
        problems = self.env["club.ledger.seal"]._verify()
        self.assertTrue(any(str(self.seals[-1].id) in problem for problem in problems))
        self.assertTrue(any(str(later.id) in problem for problem in problems))

    def test_the_result_is_told_in_words(self):
        self.assertEqual(self.seals.action_verify()["params"]["type"], "success")
        self._tamper(f"UPDATE club_point_entry SET points = 11 WHERE id = {self.entry.id}")
        self.assertEqual(self.seals.action_verify()["params"]["type"], "danger")
