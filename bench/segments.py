"""Segments of many members: five typical ones asked, then a night of entries and exits, against a tenth of them.

Each member has four facts, a balance and a row of behaviour. The night is measured twice: the first finds all new, the
second, a day later, a twentieth of the members changed. One member is asked too, as a prize or a rule asks: that
must not grow at all. Options: ``--members 100000`` (``--full``: 1000000); the small side has a tenth.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, median, option, quiet, timed, without_commits  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
large = option("--members", 1_000_000 if flag("--full") else 100_000)
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
    for table in TABLES:
        env.cr.execute(f"ANALYZE {table}")
    env.invalidate_all()
    return club


def night(segments):
    """Seconds of the nightly job for these segments."""
    env.cr.execute("UPDATE club_segment SET active = id = ANY(%s)", [segments.ids])
    env.invalidate_all()
    with without_commits(env):
        seconds, done = timed(env["club.segment"]._cron_keep_memberships)
    assert done == len(segments), f"{done} segments kept"
    return seconds


def measure(count):
    club = populate(count)
    segments = env["club.segment"].create(
        [
            {"name": name, "club_id": club.id, "condition_ids": [(0, 0, values) for values in conditions]}
            for name, conditions in SEGMENTS.items()
        ]
    )
    env.flush_all()
    parts = {}
    for segment in segments:
        seconds, size = zip(*(timed(lambda one=segment: len(one._get_members())) for _ in range(3)), strict=True)
        parts[segment.name] = (median(seconds), size[0])
    member = club.member_ids.search([("club_id", "=", club.id)], limit=1)
    for segment in segments:
        segment._filter_members(member)
    alone = median(
        [timed(lambda one=segment: one._filter_members(member))[0] for segment in segments for _ in range(5)]
    )
    first = night(segments)
    env.cr.execute("ANALYZE club_segment_membership")
    # A day later: the notes are of yesterday, and of one member in twenty the facts have changed.
    env.cr.execute(
        "UPDATE club_segment_membership SET entered_on = entered_on - 1 WHERE segment_id IN"
        " (SELECT id FROM club_segment WHERE club_id = %(club)s);"
        "UPDATE club_segment SET kept_on = kept_on - 1 WHERE club_id = %(club)s;"
        "UPDATE club_behaviour SET stage = 'at_risk', recency_score = 5, frequency_score = 5"
        " WHERE club_id = %(club)s AND member_id %% 20 = 0",
        {"club": club.id},
    )
    second = night(segments)
    bars.fact(
        f"{count} members: "
        + ", ".join(f"{name} {seconds * 1000:.0f} ms ({size})" for name, (seconds, size) in parts.items())
    )
    bars.fact(f"{count} members: first night {first:.2f} s, the next {second:.2f} s; one member {alone * 1000:.2f} ms")
    env.cr.rollback()
    env.invalidate_all()
    return sum(seconds for seconds, _size in parts.values()), first, second, alone


small = measure(large // 10)
big = measure(large)
bars.ratio("five segments asked, ten times the members, growth", big[0] / small[0], 12, 10)
bars.ratio("first night, growth", big[1] / small[1], 12, 10)
bars.ratio("an ordinary night, growth", big[2] / small[2], 12, 10)
bars.ratio("one member asked, growth", big[3] / small[3], 1.5, 1)
bars.end()
