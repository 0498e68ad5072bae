"""A night (expire, open, seal, check) for many members, against bare SQL and against a tenth of them.

For one member in twenty a lot expires, for one in twenty a lot opens. Bare SQL: the same rows into the same tables by
set-based statements, the same hash and one aggregate of each table. Options: ``--members 20000`` (``--full``:
1000000); the small side has a tenth.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, option, quiet, timed, without_commits  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
large = option("--members", 1_000_000 if flag("--full") else 20_000)
bars = Bars(f"a night for {large // 10} and for {large} members")
TABLES = ("res_partner", "loyalty_card", "club_member", "club_point_entry", "club_point_lot", "club_point_allocation")


def populate(count):
    """Members with three entries each, by plain SQL: setting up is not measured."""
    club = make_club(env)
    env.cr.flush()
    values = {
        "club": club.id,
        "company": club.company_id.id,
        "program": club.program_id.id,
        "count": count,
        "uid": env.uid,
    }
    env.cr.execute(
        """
        CREATE TEMP TABLE bench ON COMMIT DROP AS
        SELECT n, nextval('res_partner_id_seq') AS partner, nextval('loyalty_card_id_seq') AS card,
          nextval('club_member_id_seq') AS member
          FROM generate_series(1, %(count)s) n;
        INSERT INTO res_partner (id, name, complete_name, active, autopost_bills, type)
        SELECT partner, 'Bench ' || n, 'Bench ' || n, TRUE, 'ask', 'contact' FROM bench;
        INSERT INTO loyalty_card (id, program_id, company_id, partner_id, code, points, active)
        SELECT card, %(program)s, %(company)s, partner, 'bench-%(club)s-' || n, 20 + CASE WHEN n %% 20 = 1 THEN 0
          ELSE 10 END, TRUE FROM bench;
        INSERT INTO club_member (id, club_id, company_id, partner_id, card_id, number, active, state, source, joined_at)
        SELECT member, %(club)s, %(company)s, partner, card, 'bench-' || n, TRUE, 'active', 'manual', now() FROM bench;
        INSERT INTO club_point_entry (member_id, card_id, club_id, company_id, kind, points, available, date,
          expires_on, available_on, key, user_id)
        SELECT member, card, %(club)s, %(company)s, 'earn', 10, CASE WHEN k = 1 AND n %% 20 = 1 THEN 0 ELSE 10 END,
          now() - interval '30 days',
               CASE WHEN k = 2 AND n %% 20 = 0 THEN current_date WHEN k = 2 THEN current_date + 300 END,
               CASE WHEN k = 1 AND n %% 20 = 1 THEN current_date END, 'bench:%(club)s:' || n || ':' || k, %(uid)s
          FROM bench, generate_series(1, 3) k ORDER BY k, n;
        INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state,
          available_on, expires_on)
        SELECT id, id, member_id, card_id, club_id, points, points, CASE WHEN available = 0 THEN 'pending' ELSE
          'open' END, available_on, expires_on
          FROM club_point_entry WHERE club_id = %(club)s;
        DROP TABLE bench;
        """,
        values,
    )
    for table in TABLES:
        env.cr.execute(f"ANALYZE {table}")
    env.invalidate_all()
    return club


BARE = """
    INSERT INTO club_point_entry (member_id, card_id, club_id, company_id, kind, points, available, date, key, user_id)
    SELECT lot.member_id, lot.card_id, lot.club_id, %(company)s, 'expire', -lot.remaining, -lot.remaining, now(),
      'bare:' || lot.id, %(uid)s
      FROM club_point_lot lot WHERE lot.club_id = %(club)s AND lot.state = 'open' AND lot.expires_on <= current_date;
    INSERT INTO club_point_allocation (lot_id, entry_id, points)
    SELECT lot.id, e.id, lot.remaining FROM club_point_lot lot JOIN club_point_entry e ON e.key = 'bare:' || lot.id
     WHERE lot.club_id = %(club)s AND lot.state = 'open' AND lot.expires_on <= current_date;
    UPDATE loyalty_card card SET points = card.points - lot.points FROM (
           SELECT card_id, SUM(remaining) AS points FROM club_point_lot
            WHERE club_id = %(club)s AND state = 'open' AND expires_on <= current_date GROUP BY card_id) lot
     WHERE card.id = lot.card_id;
    UPDATE club_point_lot SET remaining = 0, state = 'closed' WHERE club_id = %(club)s AND state = 'open' AND
      expires_on <= current_date;
    INSERT INTO club_point_entry (member_id, card_id, club_id, company_id, kind, points, available, date, key, user_id)
    SELECT lot.member_id, lot.card_id, lot.club_id, %(company)s, 'open', 0, lot.remaining, now(), 'bare-open:' ||
      lot.id, %(uid)s
      FROM club_point_lot lot WHERE lot.club_id = %(club)s AND lot.state = 'pending' AND lot.available_on <=
        current_date;
    INSERT INTO club_point_allocation (lot_id, entry_id, points)
    SELECT lot.id, e.id, lot.remaining FROM club_point_lot lot JOIN club_point_entry e ON e.key = 'bare-open:' || lot.id
     WHERE lot.club_id = %(club)s AND lot.state = 'pending' AND lot.available_on <= current_date;
    INSERT INTO club_point_lot (id, entry_id, member_id, card_id, club_id, points, remaining, state)
    SELECT e.id, e.id, lot.member_id, lot.card_id, lot.club_id, lot.remaining, lot.remaining, 'open'
      FROM club_point_lot lot JOIN club_point_entry e ON e.key = 'bare-open:' || lot.id
     WHERE lot.club_id = %(club)s AND lot.state = 'pending' AND lot.available_on <= current_date;
    UPDATE loyalty_card card SET points = card.points + lot.points FROM (
           SELECT card_id, SUM(remaining) AS points FROM club_point_lot
            WHERE club_id = %(club)s AND state = 'pending' AND available_on <= current_date GROUP BY card_id) lot
     WHERE card.id = lot.card_id;
    UPDATE club_point_lot SET remaining = 0, state = 'closed' WHERE club_id = %(club)s AND state = 'pending' AND
      available_on <= current_date;
    SELECT sha256(convert_to(string_agg(e::text, '' ORDER BY id), 'UTF8')) FROM club_point_entry e;
    SELECT card_id, SUM(available) FROM club_point_entry GROUP BY card_id;
    SELECT card_id, SUM(remaining) FROM club_point_lot WHERE state = 'open' GROUP BY card_id;
    SELECT lot_id, SUM(points) FROM club_point_allocation GROUP BY lot_id;
    SELECT entry_id, SUM(points) FROM club_point_allocation GROUP BY entry_id;
"""


def night(club):
    """Seconds by job, and how many members it changed."""
    Job, parts = env["club.ledger.job"], {}
    with without_commits(env):
        parts["expire"], expired = timed(Job._cron_expire)
        parts["inactive"], _none = timed(Job._cron_expire_inactive)
        parts["open"], opened = timed(Job._cron_open)
        parts["seal"], _seals = timed(Job._cron_seal)
        parts["check"], checks = timed(Job._cron_check)
    assert set(checks.mapped("state")) == {"ok"}, checks.mapped("detail")
    return parts, expired + opened


def measure(count):
    club = populate(count)
    savepoint = env.cr.savepoint()
    bare_seconds, _result = timed(
        lambda: env.cr.execute(BARE, {"club": club.id, "company": club.company_id.id, "uid": env.uid})
    )
    savepoint.rollback()
    env.invalidate_all()
    parts, changed = night(club)
    assert changed == count // 20 * 2, f"{changed} members changed"
    seconds = sum(parts.values())
    bars.fact(
        f"{count} members: club {seconds:.2f} s ({', '.join(f'{name} {part:.2f}' for name, part in parts.items())}), "
        f"bare SQL {bare_seconds:.2f} s"
    )
    env.cr.rollback()
    env.invalidate_all()
    return seconds, bare_seconds


small = measure(large // 10)
big = measure(large)
bars.ratio("ten times the members, growth", big[0] / small[0], 12, 10)
bars.ratio("club / bare SQL", big[0] / big[1], 3, 1.5)
bars.end()
