"""Close a month of many entries, against bare SQL aggregates over the same rows.

Half of the entries earn (with what was put aside for them, as the nightly job leaves it), three tenths spend, two
tenths expire. Bare SQL: the sums of entries, allocations and deferrals by month, kind and cohort, one statement each.
Options: ``--entries 100000`` (``--full``: 1000000).
"""

import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, median, option, quiet, timed  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
count = option("--entries", 1_000_000 if flag("--full") else 100_000)
bars = Bars(f"close a month of {count} entries")
club = make_club(env, close_from="2026-01-01")
accounts = env["account.account"].create(
    [
        {"code": f"BENCH{number}", "name": f"Bench {number}", "account_type": kind}
        for number, kind in enumerate(("liability_current", "income", "income"))
    ]
)
journal = env["account.journal"].create({"name": "Bench Points", "code": "BNCHP", "type": "general"})
club.write(
    {
        "liability_account_id": accounts[0].id,
        "deferral_account_id": accounts[1].id,
        "revenue_account_id": accounts[2].id,
        "close_journal_id": journal.id,
    }
)
estimate = env["club.estimate"].create(
    {"club_id": club.id, "date_from": "2026-01-01", "point_value": 0.05, "rate": 0.6, "reason": "Bench"}
)
estimate._update_state("proposed", ("draft",), prepared_by_id=1)
estimate._update_state("approved", ("proposed",), approved_by_id=2, approved_at="2026-01-01 00:00:00")
env.cr.flush()
values = {
    "club": club.id,
    "company": club.company_id.id,
    "program": club.program_id.id,
    "estimate": estimate.id,
    "uid": env.uid,
    "members": count // 20,
    "earned": count // 2,
    "spent": count * 3 // 10,
    "expired": count // 5,
}
env.cr.execute(
    """
    CREATE TEMP TABLE bench ON COMMIT DROP AS
    SELECT n, nextval('res_partner_id_seq') AS partner, nextval('loyalty_card_id_seq') AS card,
           nextval('club_member_id_seq') AS member
      FROM generate_series(0, %(members)s - 1) n;
    INSERT INTO res_partner (id, name, complete_name, active, autopost_bills, type)
    SELECT partner, 'Bench ' || n, 'Bench ' || n, TRUE, 'ask', 'contact' FROM bench;
    INSERT INTO loyalty_card (id, program_id, company_id, partner_id, code, points, active)
    SELECT card, %(program)s, %(company)s, partner, 'bench-%(club)s-' || n, 0, TRUE FROM bench;
    INSERT INTO club_member (id, club_id, company_id, partner_id, card_id, number, active, state, source, joined_at)
    SELECT member, %(club)s, %(company)s, partner, card, 'bench-' || n, TRUE, 'active', 'manual', now() FROM bench;
    CREATE TEMP TABLE earned ON COMMIT DROP AS
    SELECT n, nextval('club_event_id_seq') AS event, nextval('club_point_entry_id_seq') AS entry,
           timestamp '2026-01-01 08:00' + (n %% 30) * interval '1 day' AS at
      FROM generate_series(0, %(earned)s - 1) n;
    INSERT INTO club_event (id, member_id, club_id, company_id, type, occurred_at, key, amount, processed_at)
    SELECT event, member, %(club)s, %(company)s, 'purchase', at, 'bench:%(club)s:' || earned.n, 20, at
      FROM earned JOIN bench ON bench.n = earned.n %% %(members)s;
    INSERT INTO club_point_entry (id, member_id, card_id, club_id, company_id, kind, points, available, date, key,
                                  event_id, user_id)
    SELECT entry, member, card, %(club)s, %(company)s, 'earn', 20, 20, at, 'bench:%(club)s:' || earned.n, event,
           %(uid)s
      FROM earned JOIN bench ON bench.n = earned.n %% %(members)s;
    INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state)
    SELECT entry, entry, member, card, %(club)s, 20, 5, 'open'
      FROM earned JOIN bench ON bench.n = earned.n %% %(members)s;
    CREATE TEMP TABLE taken ON COMMIT DROP AS
    SELECT nextval('club_point_entry_id_seq') AS id, entry AS lot, n,
           CASE WHEN n < %(spent)s THEN 'spend' ELSE 'expire' END AS kind, at + interval '1 hour' AS at
      FROM earned WHERE n < %(spent)s + %(expired)s;
    INSERT INTO club_point_entry (id, member_id, card_id, club_id, company_id, kind, points, available, date, key,
                                  user_id)
    SELECT taken.id, member, card, %(club)s, %(company)s, kind, -15, -15, at, 'bench-taken:' || taken.id, %(uid)s
      FROM taken JOIN bench ON bench.n = taken.n %% %(members)s;
    INSERT INTO club_point_allocation (lot_id, entry_id, points) SELECT lot, id, 15 FROM taken;
    INSERT INTO club_deferral (entry_id, club_id, company_id, estimate_id, date, points, basis, allocated, recorded_at,
                               generation)
    SELECT entry, %(club)s, %(company)s, %(estimate)s, at::date, 20, 20, round(20 * 0.6 / 20.6, 6), now(), 1
      FROM earned;
    """,
    values,
)
for table in ("club_event", "club_point_entry", "club_point_lot", "club_point_allocation", "club_deferral"):
    env.cr.execute(f"ANALYZE {table}")
env.invalidate_all()

BARE = (
    """
    SELECT date_trunc('month', e.date), e.kind, event.type, SUM(e.points)
      FROM club_point_entry e LEFT JOIN club_event event ON event.id = e.event_id
     WHERE e.club_id = %(club)s GROUP BY 1, 2, 3
    """,
    """
    SELECT date_trunc('month', source.date), taker.kind, SUM(a.points)
      FROM club_point_allocation a
      JOIN club_point_lot lot ON lot.id = a.lot_id
      JOIN club_point_entry source ON source.id = lot.entry_id
      JOIN club_point_entry taker ON taker.id = a.entry_id
     WHERE taker.club_id = %(club)s GROUP BY 1, 2
    """,
    "SELECT date_trunc('month', date), SUM(points), SUM(allocated) FROM club_deferral WHERE club_id = %(club)s"
    " GROUP BY 1",
)


def bare():
    for query in BARE:
        env.cr.execute(query, values)
        env.cr.fetchall()


close = env["club.close"].create({"club_id": club.id})
assert close.date_to == date(2026, 1, 31)
ours, theirs = [], []
for _round in range(3):
    theirs.append(timed(bare)[0])
    ours.append(timed(close._compute_close)[0])
[row] = close.cohort_ids
assert row.issued == count // 2 * 20, "nothing was recorded twice"
assert -row.redeemed == count * 3 // 10 * 15
bars.fact(f"bare {median(theirs):.2f} s, close {median(ours):.2f} s")
bars.ratio("close / bare aggregates", median(ours) / median(theirs), 3)
env.cr.rollback()
bars.end()
