"""Segments of many members: five typical ones asked, then nights of entries and exits, against a tenth of them.

Both clubs stand in one database, and each round asks the small one and the large one in turn, so that what else the
machine does meets both; a ratio is the median of the rounds' ratios. Each member has four facts, a balance and a row of
behaviour. The first night finds all new; before every other night the facts of a twentieth of the members change. One
member is asked too, as a prize or a rule asks: that must not grow at all. Options: ``--members 100000`` (``--full``:
1000000), ``--rounds 5``, ``--explain`` (the plans of the large club): the small club has a tenth of the members.
"""

import sys
from contextlib import nullcontext
from pathlib import Path

from odoo.fields import Domain
from odoo.tools import SQL

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, median, option, quiet, timed, without_commits  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
large = option("--members", 1_000_000 if flag("--full") else 100_000)
rounds = option("--rounds", 5)
env.cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
(trusted,) = env.cr.fetchone()
bars = Bars(f"segments of {large // 10} and of {large} members")
TABLES = ("res_partner", "loyalty_card", "club_member", "club_event", "club_behaviour", "club_segment_membership")
SEGMENTS = {
    "bought 3 times in 90 days": [{"kind": "event", "value": 3, "days": 90}],
    "never visited": [{"kind": "event", "event_type": "visit", "measure": "never", "window": "ever"}],
    "at risk with points": [{"kind": "stage", "stage": "at_risk"}, {"kind": "points", "value": 60}],
    "champions": [{"kind": "rfm", "recency_from": 4, "frequency_from": 4}],
    "300 this year, not lately": [
        {"kind": "event", "measure": "sum", "value": 300, "window": "ever"},
        {"kind": "event", "value": 1, "days": 30, "excludes": True},
    ],
}


def populate(count):
    """Members with facts, balance and behaviour, by plain SQL: setting up is not measured."""
    club = make_club(env)
    env.flush_all()
    values = {"club": club.id, "company": club.company_id.id, "program": club.program_id.id, "count": count}
    if trusted:  # foreign keys need no check here: nine in ten of the seconds of a large club
        env.cr.execute("SET LOCAL session_replication_role = replica")
    env.cr.execute(
        """
        CREATE TEMP TABLE bench ON COMMIT DROP AS
        SELECT n, nextval('res_partner_id_seq') AS partner, nextval('loyalty_card_id_seq') AS card,
          nextval('club_member_id_seq') AS member FROM generate_series(1, %(count)s) n;
        INSERT INTO res_partner (id, name, complete_name, active, autopost_bills, type)
        SELECT partner, 'Bench ' || n, 'Bench ' || n, TRUE, 'ask', 'contact' FROM bench;
        INSERT INTO loyalty_card (id, program_id, company_id, partner_id, code, points, active)
        SELECT card, %(program)s, %(company)s, partner, 'bench-%(club)s-' || n, n %% 100, TRUE FROM bench;
        INSERT INTO club_member (id, club_id, company_id, partner_id, card_id, number, active, state, source, joined_at)
        SELECT member, %(club)s, %(company)s, partner, card, 'bench-' || n, TRUE, 'active', 'manual', now() FROM bench;
        INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, key, amount, payload, processed_at)
        SELECT member, %(club)s, %(company)s, CASE WHEN k < 4 THEN 'purchase' ELSE 'visit' END,
               now() AT TIME ZONE 'UTC' - ((n * 7 + k * 13) %% 200) * interval '1 day',
               'bench:%(club)s:' || n || ':' || k, CASE WHEN k < 4 THEN n %% 150 + 1 ELSE 0 END, '{"lines": []}', now()
          FROM bench, generate_series(1, 4) k WHERE k < 4 OR n %% 3 = 0 ORDER BY k, n;
        INSERT INTO club_behaviour (member_id, club_id, company_id, recency_score, frequency_score, monetary_score,
               rfm_cell, stage, ladder, order_count)
        SELECT member, %(club)s, %(company)s, n %% 5 + 1, n / 5 %% 5 + 1, 3, 'loyal',
               (ARRAY['new', 'active', 'at_risk', 'lapsed'])[n %% 4 + 1], 'repeat', 3 FROM bench;
        DROP TABLE bench;
        """,
        values,
    )
    if trusted:
        env.cr.execute("SET LOCAL session_replication_role = origin")
    env.invalidate_all()
    segments = env["club.segment"].create(
        [
            {"name": name, "club_id": club.id, "condition_ids": [(0, 0, values) for values in conditions]}
            for name, conditions in SEGMENTS.items()
        ]
    )
    env.flush_all()
    return club, segments


def analyze():
    for table in TABLES:
        env.cr.execute(f"ANALYZE {table}")


def change(club, number):
    """A day has passed, and of one member in twenty the facts have changed since yesterday."""
    env.cr.execute(
        """
        UPDATE club_segment SET kept_on = kept_on - 1 WHERE club_id = %(club)s;
        UPDATE club_behaviour SET stage = CASE WHEN stage = 'at_risk' THEN 'active' ELSE 'at_risk' END,
               recency_score = 6 - recency_score, frequency_score = 6 - frequency_score
         WHERE club_id = %(club)s AND member_id %% 20 = %(number)s;
        """,
        {"club": club.id, "number": number % 20},
    )


def night(segments):
    """Seconds of the nightly job for these segments."""
    env.cr.execute("UPDATE club_segment SET active = id = ANY(%s)", [segments.ids])
    env.invalidate_all()
    with without_commits(env):
        seconds, done = timed(env["club.segment"]._cron_keep_memberships)
    assert done == len(segments), f"{done} segments kept"
    return seconds


def ask(segments):
    """Seconds and size by segment, as its page counts it."""

    def count(segment):
        segment.invalidate_recordset()
        return segment.member_count

    return {one.name: timed(lambda one=one: count(one)) for one in segments}


def ask_one(club, segments):
    member = club.member_ids.search([("club_id", "=", club.id)], limit=1)
    for segment in segments:
        segment._filter_members(member)
    return median([timed(lambda one=one: one._filter_members(member))[0] for one in segments for _ in range(3)])


def explain(club, segments):
    """Print how PostgreSQL goes about it, for all and for one."""
    member = club.member_ids.search([("club_id", "=", club.id)], limit=1)
    for segment in segments:
        one = env["club.member"]._search(Domain("id", "in", member.ids) & segment._get_domain(member))
        for query in (segment._get_members(), one):
            with segment._plan_for_all() if query is not one else nullcontext():
                plan = env.execute_query(SQL("EXPLAIN (ANALYZE) %s", query.select()))
            print(f"## {segment.name}", *(line for (line,) in plan), sep="\n")


prepared, sides = timed(lambda: [populate(large // 10), populate(large)])
analyze()
bars.fact(f"prepared in {prepared:.0f} s")
if flag("--explain"):
    explain(*sides[1])

asked = [[ask(segments) for _club, segments in sides] for _ in range(rounds)]
alone = [[ask_one(club, segments) for club, segments in sides] for _ in range(rounds)]
first = [night(segments) for _club, segments in sides]
env.cr.execute("ANALYZE club_segment_membership")
nights = []
for number in range(rounds):
    nights.append([])
    for club, segments in sides:
        change(club, number)
        nights[-1].append(night(segments))

for side, (members, name) in enumerate(((large // 10, "a tenth"), (large, "all"))):
    shown = ", ".join(
        f"{one} {median(found[side][one][0] for found in asked) * 1000:.0f} ms ({asked[0][side][one][1]})"
        for one in SEGMENTS
    )
    bars.fact(f"{name}, {members} members: {shown}")
    bars.fact(
        f"{name}: first night {first[side]:.2f} s, an ordinary one {median(pair[side] for pair in nights):.2f} s, "
        f"one member {median(pair[side] for pair in alone) * 1000:.2f} ms"
    )
for one in SEGMENTS:
    bars.fact(f"growth of “{one}”: {median(pair[1][one][0] / pair[0][one][0] for pair in asked):.1f}")


def total(found):
    return sum(seconds for seconds, _size in found.values())


def growth(pairs):
    return median(pair[1] / pair[0] for pair in pairs)


totals = [[total(found) for found in pair] for pair in asked]
bars.ratio("five segments asked, ten times the members, growth", growth(totals), 12, 10)
bars.ratio("first night, growth", first[1] / first[0], 12, 10)
bars.ratio("an ordinary night, growth", growth(nights), 12, 10)
bars.ratio("one member asked, growth", growth(alone), 1.5, 1)
spread = sorted(pair[1] / pair[0] for pair in nights)
bars.fact(f"an ordinary night's growth was between {spread[0]:.1f} and {spread[-1]:.1f}")
bars.end()
env.cr.rollback()
