"""Blocks of a large club: the number of statements does not grow with its members, and every drill opens."""

import json
import logging
import time
from datetime import date, datetime

from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.tests.blocks import BlockCase
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

YEAR = reporting.Period(date(2025, 4, 1), date(2026, 3, 31))
BEFORE = reporting.Period(date(2024, 4, 1), date(2025, 3, 31))
#: Statements that a block may need, whatever the size: its own, names, and what a first look at the club reads.
MOST = 15


@tagged("post_install", "-at_install")
class TestALargeClub(BlockCase):
    def grow(self, size):
        """So many further members, each with a purchase, a visit, points earned, made by SQL."""
        order = self.buy(self.partner, datetime(2026, 3, 5, 12), 2)
        self.env.flush_all()
        club, execute = self.club, self.env.cr.execute
        values = {"club": club.id, "company": club.company_id.id, "program": club.program_id.id, "size": size}
        execute(
            """
            CREATE TEMP TABLE crowd ON COMMIT DROP AS
            SELECT n, nextval('res_partner_id_seq')::int AS partner, nextval('loyalty_card_id_seq')::int AS card,
                   nextval('club_member_id_seq')::int AS member, nextval('sale_order_id_seq')::int AS "order",
                   nextval('club_event_id_seq')::int AS event, nextval('club_point_entry_id_seq')::int AS entry,
                   timestamp '2025-04-02 08:00' + (n %% 360) * interval '1 day' AS at
              FROM generate_series(1, %(size)s) n;
            INSERT INTO res_partner (id, name, complete_name, active, autopost_bills, type)
            SELECT partner, 'Crowd ' || n, 'Crowd ' || n, TRUE, 'ask', 'contact' FROM crowd;
            INSERT INTO loyalty_card (id, program_id, company_id, partner_id, code, points, active)
            SELECT card, %(program)s, %(company)s, partner, 'crowd-%(club)s-' || card, 20, TRUE FROM crowd;
            INSERT INTO club_member (id, club_id, company_id, partner_id, card_id, number, active, state, source,
                                     joined_at)
            SELECT member, %(club)s, %(company)s, partner, card, 'crowd-' || card, TRUE, 'active', 'manual', at
              FROM crowd;
            INSERT INTO club_event (id, member_id, club_id, company_id, type, occurred_at, key, amount, processed_at)
            SELECT event, member, %(club)s, %(company)s, 'visit', at, 'crowd:' || event, 0, at FROM crowd;
            INSERT INTO club_point_entry (id, member_id, card_id, club_id, company_id, kind, points, available, date,
                                          key, event_id)
            SELECT entry, member, card, %(club)s, %(company)s, 'earn', 20, 20, at, 'crowd:' || entry, event FROM crowd;
            INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state)
            SELECT entry, entry, member, card, %(club)s, 20, 20, 'open' FROM crowd;
            """,
            values,
        )
        partners = dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id"), SQL("crowd.partner"))
        self.copy(
            order,
            {"id": SQL('crowd."order"'), "name": SQL("'CROWD' || n"), "date_order": SQL("crowd.at"), **partners},
        )
        self.copy(order.order_line, {"id": SQL("DEFAULT"), "order_id": SQL('crowd."order"')})
        execute("DROP TABLE crowd")
        for table in ("club_event", "club_point_entry", "club_point_lot", "club_member", "sale_order_line"):
            execute(SQL("ANALYZE %s", SQL.identifier(table)))
        self.env.invalidate_all()

    def copy(self, record, values):
        """A row like that of ``record`` for each of the crowd, with other values in some columns."""
        self.env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [record._table])
        own = [name for (name,) in self.env.cr.fetchall() if name not in values and name != "access_token"]
        given = {name: value for name, value in values.items() if value.code != "DEFAULT"}
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s t, crowd WHERE t.id = %s",
                SQL.identifier(record._table),
                SQL(", ").join(map(SQL.identifier, [*own, *given])),
                SQL(", ").join([*(SQL.identifier("t", name) for name in own), *given.values()]),
                SQL.identifier(record._table),
                record.id,
            )
        )

    def measure(self):
        """Statements and seconds of each block, read warm."""
        found = {}
        for kind in self.env["club.report.block"]._get_blocks():
            self.read(kind, YEAR, BEFORE)
            self.env.invalidate_all()
            count, start = self.env.cr.sql_log_count, time.monotonic()
            self.read(kind, YEAR, BEFORE)
            found[kind] = self.env.cr.sql_log_count - count, time.monotonic() - start
        return found

    def test_ten_thousand_members_cost_no_further_statements(self):
        self.grow(40)
        small = self.measure()
        self.grow(10_000)
        large = self.measure()
        for kind, (statements, seconds) in large.items():
            with self.subTest(block=kind):
                _logger.info("%s: %d statements, %.3f s for 10,000 members", kind, statements, seconds)
                self.assertLessEqual(statements, MOST)
                self.assertLessEqual(statements, small[kind][0] + 1)
        self.assertEqual(self.read("points_flow", YEAR).totals["earned"], 20 * 10_040)
        self.assertEqual(self.read("repeat_purchase", YEAR).totals["buyers"], 10_041)
        self.assertEqual(self.read("product_tier", YEAR).totals["all"], 20 * 10_042)
        self.assertEqual(self.read("activity", YEAR).totals["active"], 10_040)

    def test_a_manager_opens_what_is_behind_every_row(self):
        self.grow(40)
        self.env["club.segment"].create({"club_id": self.club.id, "name": "Everybody"})
        manager = new_test_user(
            self.env,
            "blocks_manager",
            groups="customer_club.group_club_manager,customer_club.group_club_accountant,"
            "sales_team.group_sale_salesman_all_leads",
        )
        for kind, name in self.env["club.report.block"]._get_blocks().items():
            table = self.env[name].with_user(manager)._make_table(self.club.with_user(manager), YEAR, BEFORE)
            for key, (model, domain) in table.drill.items():
                with self.subTest(block=kind, row=key):
                    json.dumps(domain, default=str)
                    records = self.env[model].with_user(manager).with_context(active_test=False)
                    self.assertGreaterEqual(records.search_count(domain), 0)

    def test_every_total_of_points_and_counts_is_the_sum_of_its_rows(self):
        """Unless the block says otherwise: who is in two rows counts once in the total."""
        self.grow(40)
        self.post(-5, "spent", date=datetime(2026, 3, 7), happened=True)
        sums = {
            "earning_by_way": ("earned", "reversed", "net"),
            "points_flow": ("earned", "reversed", "spent", "expired", "other"),
            "spending_by_channel": ("points", "uses", "cost"),
            "cost": ("sales", "points", "cost"),
            "repeat_purchase": ("buyers", "again", "sales"),
            "top_members": ("orders", "sales", "owned"),
            "weekday_hour": ("all",),
            "tier_movements": ("all", "stay"),
            "stages": ("begin", "end"),
            "product_tier": ("all",),
        }
        for kind, keys in sums.items():
            table = self.read(kind, YEAR, BEFORE)
            for key in keys:
                with self.subTest(block=kind, column=key):
                    self.assertEqual(table.totals[key], sum(row[key] for row in table.rows))
                    self.assertTrue(table.rows)
