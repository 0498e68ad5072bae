"""The purchase history import: CDNOW's real customers, recomputed in plain Python; again, shuffled, with mistakes."""

import base64
import csv
import pathlib
import random
from collections import Counter
from datetime import date

from freezegun import freeze_time
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.addons.customer_club.wizard.imports import club_import, club_import_run
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

CDNOW = pathlib.Path(__file__).parent / "data" / "cdnow_sample.csv"


def cdnow_rows():
    with CDNOW.open(newline="") as stream:
        return [
            (row["customer_id"], date.fromisoformat(row["date"]), row["amount_usd"]) for row in csv.DictReader(stream)
        ]


class HistoryCase(ClubCase):
    @classmethod
    def new_club(cls, **values):
        club = cls.env["club.club"].create(
            {
                "name": "History Club",
                "tz": "UTC",
                "earn_when": "confirmed",
                "hold_days": 0,
                "expiry_policy": "never",
                "points_digits": 0,
                **values,
            }
        )
        cls.env["club.earn.rule"].create(
            {
                "name": "A point per full dollar",
                "club_id": club.id,
                "event_type": "purchase",
                "formula": "per_amount",
                "points": 1,
                "per_amount": 1,
                "use_multiplier": False,
            }
        )
        return club

    @classmethod
    def new_import(cls, club, content, **values):
        content = content if isinstance(content, bytes) else content.encode()
        return cls.env["club.history.import"].create(
            {
                "club_id": club.id,
                "file": base64.b64encode(content),
                "filename": "purchases.csv",
                **values,
            }
        )

    @classmethod
    def run_import(cls, club, content, **values):
        record = cls.new_import(club, content, **values)
        record.action_check()
        record.action_import()
        return record

    def counts(self, club):
        """Members, purchases, entries and lots of a club."""
        return tuple(
            self.env[model].search_count([("club_id", "=", club.id), *domain])
            for model, domain in (
                ("club.member", []),
                ("club.event", [("type", "=", "purchase")]),
                ("club.point.entry", []),
                ("club.point.lot", []),
            )
        )

    def balances(self, club):
        members = self.env["club.member"].search([("club_id", "=", club.id)])
        return {member.partner_id.ref: member.points for member in members}


@tagged("post_install", "-at_install")
class TestCdnowIsImportedToTheLastPoint(HistoryCase):
    def test_every_balance_equals_the_recomputation_and_a_second_import_adds_nothing(self):
        club = self.new_club()
        expected = Counter()
        for customer, _day, amount in cdnow_rows():
            expected[customer] += int(amount.split(".")[0])
        record = self.new_import(club, CDNOW.read_bytes())

        record.action_check()
        tried = record.result["figures"]
        self.assertEqual(self.counts(club), (0, 0, 0, 0), "a dry run leaves nothing behind")
        record.action_import()

        self.assertEqual(record.result["figures"], tried, "the dry run told exactly what the import did")
        self.assertEqual(record.problem_count, 0)
        self.assertEqual(tried["members_new"], 2357)
        self.assertEqual(tried["events_new"], 6919)
        self.assertEqual(tried["points"], sum(expected.values()))
        members, events, entries, _lots = self.counts(club)
        self.assertEqual((members, events), (2357, 6919))
        self.assertEqual(entries, sum(1 for _c, _d, amount in cdnow_rows() if not amount.startswith("0.")))
        self.assertEqual(self.balances(club), dict(expected))
        [(total,)] = self.env["club.point.entry"]._read_group([("club_id", "=", club.id)], [], ["points:sum"])
        self.assertEqual(total, sum(expected.values()))

        before = self.counts(club)
        head, *lines = CDNOW.read_text().splitlines()
        random.Random(5).shuffle(lines)
        for content in (CDNOW.read_bytes(), "\n".join([head, *lines])):
            again = self.run_import(club, content)
            self.assertEqual(self.counts(club), before)
            self.assertEqual(again.result["figures"]["events_known"], 6919)
            self.assertEqual(again.result["figures"]["points"], 0)
        self.assertEqual(self.balances(club), dict(expected))
        self.assertInvariantsHold()

    def test_after_twelve_months_exactly_what_the_recomputation_says_is_left(self):
        today = date(1998, 6, 30)
        club = self.new_club(expiry_policy="months", expiry_months=12)
        left, expired = Counter(), 0
        for customer, day, amount in cdnow_rows():
            points = int(amount.split(".")[0])
            if day.replace(year=day.year + 1) <= today:
                expired += points
                left[customer] += 0
            else:
                left[customer] += points
        with freeze_time(f"{today} 20:00:00"):
            record = self.run_import(club, CDNOW.read_bytes())
            self.assertEqual(record.result["figures"]["points_expired"], expired)
            self.assertEqual(self.balances(club), dict(left))
            again = self.run_import(club, CDNOW.read_bytes())
            self.assertEqual(again.result["figures"]["points_expired"], 0)
            self.assertEqual(self.balances(club), dict(left))
        self.assertInvariantsHold()
        self.assertGreater(expired, 0)
        self.assertGreater(sum(left.values()), 0)


@tagged("post_install", "-at_install")
class TestAHistoryWithMistakes(HistoryCase):
    def test_rows_with_problems_are_named_and_the_import_waits_for_a_decision(self):
        club = self.new_club()
        record = self.new_import(club, "customer;date;amount\nA;2025-01-02;12,50\nB;soon;5\n;2025-01-02;1\n")
        record.action_check()
        self.assertEqual([problem[:2] for problem in record.result["problems"]], [[3, "date"], [4, "customer"]])
        self.assertIn("soon", record.result_html)
        with self.assertRaisesRegex(UserError, "2 rows"):
            record.action_import()
        self.assertEqual(self.counts(club)[1], 0)
        record.skip_problems = True
        record.action_import()
        self.assertEqual(self.balances(club), {"A": 12})

    def test_a_corrected_file_adds_only_what_was_missing(self):
        club = self.new_club()
        self.run_import(club, "customer,date,amount\nA,2025-01-02,10\nA,soon,5\n", skip_problems=True)
        record = self.run_import(club, "customer,date,amount\nA,2025-01-03,5\nA,2025-01-02,10\nA,2025-01-02,10.00\n")
        self.assertEqual(record.result["figures"]["events_new"], 2)
        self.assertEqual(self.balances(club), {"A": 25})

    def test_columns_with_unknown_names_are_chosen_by_hand(self):
        club = self.new_club()
        record = self.new_import(club, "who,when,much\nA,2025-01-02,10\n")
        with self.assertRaisesRegex(UserError, "Customer"):
            record.action_check()
        for column, field in zip(record.column_ids, ("customer", "date", "amount"), strict=True):
            column.field = field
        record.action_check()
        self.assertEqual(record.result["figures"]["points"], 10)

    def test_two_columns_for_one_thing_are_refused(self):
        record = self.new_import(self.new_club(), "customer,date,amount,other\nA,2025-01-02,10,1\n")
        record.column_ids[-1].field = "amount"
        with self.assertRaisesRegex(UserError, "Two columns"):
            record.action_check()

    def test_a_file_that_is_no_table_says_so_when_chosen_and_when_tried(self):
        for content, words in ((b"\x00\x01", "UTF-8"), (b"customer,date\n", "no rows"), (b"PK\x03\x04x", "damaged")):
            record = self.new_import(self.new_club(), content)
            self.assertIn(words, record._onchange_file()["warning"]["message"])
            with self.assertRaisesRegex(UserError, words):
                record.action_check()

    def test_nothing_can_be_imported_before_it_was_tried(self):
        record = self.new_import(self.new_club(), "customer,date,amount\nA,2025-01-02,10\n")
        with self.assertRaisesRegex(UserError, "Try the import first"):
            record.action_import()

    def test_a_reference_of_two_contacts_is_ambiguous_and_who_left_stays_away(self):
        club = self.new_club()
        self.env["res.partner"].create([{"name": "One", "ref": "AA"}, {"name": "Two", "ref": "AA"}])
        gone = self.env["res.partner"].create({"name": "Gone", "ref": "GG"})
        member = club._enrol(gone)
        member.sudo().write({"state": "left", "active": False})
        record = self.new_import(club, "customer,date,amount\nAA,2025-01-02,10\nGG,2025-01-02,10\n")
        record.action_check()
        self.assertEqual([problem[3] for problem in record.result["problems"]], ["ambiguous", "left"])
        self.assertEqual(record.result["figures"]["events_new"], 0)

    def test_an_amount_of_nothing_is_a_purchase_and_equal_ones_are_separate(self):
        club = self.new_club()
        record = self.run_import(club, "customer,date,amount\nA,2025-01-02,0.00\nA,2025-01-02,3\nA,2025-01-02,3\n")
        self.assertEqual(record.result["figures"]["events_new"], 3)
        self.assertEqual(self.balances(club), {"A": 6})

    def test_points_are_dated_at_noon_of_the_clubs_day(self):
        club = self.new_club(tz="Asia/Tehran", calendar="jalali", expiry_policy="months", expiry_months=1200)
        self.run_import(club, "مشتری,تاریخ,مبلغ\nA,۱۴۰۳/۱۲/۳۰,۷\n")
        entry = self.env["club.point.entry"].search([("club_id", "=", club.id), ("kind", "=", "earn")])
        self.assertEqual(str(entry.date), "2025-03-20 08:30:00")
        self.assertEqual(entry.points, 7)

    def test_the_list_of_problems_never_runs_as_a_formula(self):
        record = self.new_import(self.new_club(), 'customer,date,amount\nA,"=HYPERLINK(""http://x"")",5\n')
        record.action_check()
        content = base64.b64decode(record.problem_file).decode("utf-8-sig")
        row = list(csv.reader(content.splitlines()))[1]
        self.assertTrue(row[2].startswith("'="), row)
        self.assertNotIn("<script", self._report_of("<script>alert(1)</script>"))

    def _report_of(self, typed):
        record = self.new_import(self.new_club(), f"customer,date,amount\nA,{typed},5\n")
        record.action_check()
        return record.result_html

    def test_only_managers_import(self):
        user = new_test_user(self.env, "club_user_import", groups="customer_club.group_club_user")
        record = self.new_import(self.new_club(), "customer,date,amount\nA,2025-01-02,10\n")
        for action in ("action_check", "action_import"):
            with self.assertRaises(AccessError):
                getattr(record.with_user(user), action)()

    def test_another_companys_imports_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        boss = new_test_user(
            self.env,
            "boss_elsewhere",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        record = self.new_import(self.new_club(), "customer,date,amount\nA,2025-01-02,10\n")
        self.assertFalse(self.env["club.history.import"].with_user(boss).search([]))
        with self.assertRaises(AccessError):
            record.with_user(boss).action_check()

    def test_what_was_tried_is_what_is_imported(self):
        record = self.new_import(self.new_club(), "customer,date,amount\nA,2025-01-02,10\n")
        record.action_check()
        with self.assertRaisesRegex(UserError, "Start over"):
            record.file = base64.b64encode(b"customer,date,amount\nA,2025-01-02,99\n")

    def test_joining_and_tiers_count_in_the_dry_run_as_in_the_import(self):
        club = self.new_club(tier_basis="points", tier_window="lifetime")
        self.env["club.tier"].create(
            [
                {"club_id": club.id, "name": "Base", "threshold": 0},
                {"club_id": club.id, "name": "High", "threshold": 100, "sequence": 20},
            ]
        )
        for event_type, points in (("join", 5), ("tier", 50)):
            self.env["club.earn.rule"].create(
                {
                    "name": event_type,
                    "club_id": club.id,
                    "event_type": event_type,
                    "formula": "fixed",
                    "points": points,
                    "use_multiplier": False,
                }
            )
        record = self.new_import(club, "customer,date,amount\nA,2025-01-02,99\nB,2025-01-02,100\n")
        record.action_check()
        tried = record.result["figures"]
        self.assertEqual((tried["tiers_risen"], tried["points"], tried["points_other"]), (2, 199, 110))
        self.assertFalse(self.counts(club)[0])
        record.action_import()
        self.assertEqual(record.result["figures"], tried)
        self.assertEqual(self.balances(club), {"A": 99 + 5 + 50, "B": 100 + 5 + 50})

    def test_an_import_that_has_run_stays(self):
        record = self.run_import(self.new_club(), "customer,date,amount\nA,2025-01-02,10\n")
        with self.assertRaisesRegex(UserError, "stays"):
            record.unlink()
        with self.assertRaisesRegex(UserError, "stays"):
            record.action_reset()

    def test_queries_do_not_grow_with_the_rows(self):
        club = self.new_club()

        def cost(count, prefix):
            lines = "\n".join(f"{prefix}{number},2025-01-02,10" for number in range(count))
            record = self.new_import(club, f"customer,date,amount\n{lines}\n")
            record.action_check()
            start = self.env.cr.sql_log_count
            record.action_import()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        cost(2, "warm")
        few, many = cost(5, "few"), cost(200, "many")
        self.assertLessEqual(many, few + 20, "195 rows more cost a handful of queries more")


@tagged("post_install", "-at_install")
class TestLargeImportsRunInTheBackground(HistoryCase):
    def test_a_background_run_can_stop_at_any_batch_and_goes_on(self):
        club = self.new_club()
        lines = "\n".join(f"C{number % 7},2025-01-{1 + number % 28:02d},{number}" for number in range(50))
        record = self.new_import(club, f"customer,date,amount\n{lines}\n")
        record.action_check()
        self.patch(club_import, "BACKGROUND_ITEMS", 10)
        self.patch(club_import_run, "BATCH", 20)
        left = iter([0, 60, 0, 60, 60, 60])
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: next(left))
        record.action_import()
        self.assertEqual(record.state, "queued")
        with self.assertRaisesRegex(UserError, "background"):
            record.action_import()
        self.env["club.import"]._cron_run()
        self.assertEqual((record.state, record.position), ("queued", 20))
        self.env["club.import"]._cron_run()
        self.env["club.import"]._cron_run()
        self.assertEqual(record.state, "done")
        self.assertEqual(record.result["figures"]["events_new"], 50)
        self.assertEqual(sum(self.balances(club).values()), sum(range(50)))


@tagged("post_install", "-at_install")
class TestThisOdoosOwnOrders(HistoryCase):
    def new_order(self, partner, day, price, confirm=True):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": price})],
            }
        )
        if confirm:
            order.action_confirm()
        order.date_order = f"{day} 10:00:00"
        return order

    def test_past_orders_make_members_and_earn_once(self):
        club = self.new_club()
        self.club.active = False
        buyers = self.env["res.partner"].create([{"name": "Old Customer"}, {"name": "Other Customer"}])
        self.new_order(buyers[0], "2024-03-01", 12.5)
        self.new_order(buyers[0], "2024-04-01", 30)
        self.new_order(buyers[1], "2024-05-01", 7)
        self.new_order(buyers[1], "2024-06-01", 100, confirm=False)
        self.new_order(buyers[1], "2020-01-01", 100)
        self.env.flush_all()
        values = {"club_id": club.id, "source": "orders", "date_from": "2024-01-01", "date_to": "2024-12-31"}
        record = self.env["club.history.import"].create(values)
        record.action_check()
        self.assertEqual(record.result["figures"]["members_new"], 2)
        self.assertEqual(self.counts(club)[:2], (0, 0))
        record.action_import()
        members = self.env["club.member"].search([("club_id", "=", club.id)])
        self.assertEqual({member.partner_id: member.points for member in members}, {buyers[0]: 42, buyers[1]: 7})
        before = self.counts(club)
        again = self.env["club.history.import"].create(values)
        again.action_check()
        again.action_import()
        self.assertEqual(self.counts(club), before)
