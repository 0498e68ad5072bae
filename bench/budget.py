"""What a purchase asks of a budget that is a share of sales, with many purchases in the period.

Adding up the whole period, as the hourly count does, against reading the sums that it kept and adding what came since;
and what an index that covers the sum would cost and bring instead. Options: ``--purchases 200000`` (``--full``:
1000000), ``--since 2000`` (purchases since the last count).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, median, option, quiet, timed  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
total, since = option("--purchases", 1_000_000 if flag("--full") else 200_000), option("--since", 2_000)
bars = Bars(f"a share budget with {total} purchases in its period, {since} of them since the last count")
club = make_club(env)
club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
    {"discount_mode": "per_point", "discount": 0.01}
)
club.write({"budget_kind": "share", "budget_share": 5, "budget_period": "year"})
first, last = club._get_budget_period()
members = club._enrol(env["res.partner"].create([{"name": f"Bench {number}"} for number in range(1_000)]))
env.flush_all()


def fill(name, count):
    """Purchases and what they earned, spread over the days of the period until now; straight into the tables."""
    seconds, _nothing = timed(
        lambda: env.cr.execute(
            """
            WITH bought AS (
                INSERT INTO club_event (member_id, club_id, company_id, type, key, occurred_at, amount, processed_at)
                SELECT (%(members)s)[1 + number %% %(people)s], %(club)s, %(company)s, 'purchase', %(name)s || number,
                       GREATEST(NOW() - number * INTERVAL '1 second' * %(step)s, %(first)s::timestamp),
                       10 + number %% 90, NOW()
                  FROM generate_series(1, %(count)s) number
             RETURNING id, member_id, occurred_at, amount)
            INSERT INTO club_point_entry (member_id, card_id, club_id, company_id, kind, key, points, available, date,
                                          event_id, rule_id)
            SELECT bought.member_id, m.card_id, %(club)s, %(company)s, 'earn', %(name)s || bought.id, bought.amount,
                   bought.amount, bought.occurred_at, bought.id, %(rule)s
              FROM bought JOIN club_member m ON m.id = bought.member_id
            """,
            {
                "members": members.ids,
                "people": len(members),
                "club": club.id,
                "company": club.company_id.id,
                "rule": club.rule_ids.id,
                "name": name,
                "count": count,
                "first": first,
                "step": max((club._get_today() - first).days, 1) * 86_400 / max(total, 1),
            },
        )
    )
    return seconds


def ask():
    env.invalidate_all()
    return club._get_budget_points(first, last) - club._read_budget_used(first, last)


def measure(times=7):
    found = [timed(ask) for _time in range(times)]
    return median([seconds for seconds, _left in found]), found[0][1]


fill("old ", total - since)
env.cr.execute("ANALYZE club_event, club_point_entry")
for _time in range(2):  # a mark is taken, and used by the next count; in one transaction it would wait for ever
    seconds, row = timed(lambda: env["club.budget"]._refresh(club))
    row._keep({"mark_number": "1"})
env.flush_all()
bars.fact(f"the hourly count itself: {seconds:.2f} s")
fill("new ", since)
kept, left = measure()
row._keep({"event_mark": 0, "entry_mark": 0, "counted_sales": 0, "counted_points": 0})
env.flush_all()
whole, same = measure(3)
bars.fact(f"adding up everything: {1e3 * whole:.1f} ms; from what was kept: {1e3 * kept:.1f} ms")
bars.ratio("kept sums against adding up everything", kept / whole, 0.5, 0.1)
bars.ratio("points that differ between the two", abs(left - same), 0)
bare = fill("bare ", 20_000)
env.cr.execute(
    "CREATE INDEX bench_sales ON club_event (club_id, occurred_at) INCLUDE (amount, revises_id) WHERE type = 'purchase'"
)
env.cr.execute("SELECT pg_relation_size('bench_sales')")
(size,) = env.cr.fetchone()
covered, _left = measure(3)
indexed = fill("indexed ", 20_000)
bars.fact(
    f"with a covering index instead: {1e3 * covered:.1f} ms, {size / 2**20:.0f} MB; rows written in "
    f"{1e6 * indexed / 20_000:.0f} µs instead of {1e6 * bare / 20_000:.0f} µs"
)
env.cr.rollback()
bars.end()
