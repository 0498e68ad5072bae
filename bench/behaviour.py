"""Every member's behaviour rebuilt in a night, against itself with a tenth of the members and against bare SQL.

Each member has bought on four days, an order's lines on each; one in ten has visits. Bare SQL: the plain aggregates of
the same figures over the same rows, written into a table. Options: ``--members 20000`` (``--full``: 1000000); the small
side has a tenth.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, option, quiet, timed, without_commits  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
large = option("--members", 1_000_000 if flag("--full") else 20_000)
bars = Bars(f"behaviour of {large // 10} and of {large} members")
TABLES = ("res_partner", "loyalty_card", "club_member", "club_event", "club_behaviour", "club_stage_change")


def populate(count):
    """Members and their purchases over two years, by plain SQL: setting up is not measured."""
    club = make_club(env)
    product = env["product.product"].create({"name": "Roses", "standard_price": 4})
    env.cr.flush()
    env.cr.execute(
        """
        CREATE TEMP TABLE bench ON COMMIT DROP AS
        SELECT n, nextval('res_partner_id_seq') AS partner, nextval('loyalty_card_id_seq') AS card,
          nextval('club_member_id_seq') AS member
          FROM generate_series(1, %(count)s) n;
        INSERT INTO res_partner (id, name, complete_name, active, autopost_bills, type, commercial_partner_id)
        SELECT partner, 'Bench ' || n, 'Bench ' || n, TRUE, 'ask', 'contact', partner FROM bench;
        INSERT INTO loyalty_card (id, program_id, company_id, partner_id, code, points, active)
        SELECT card, %(program)s, %(company)s, partner, 'bench-%(club)s-' || n, 20, TRUE FROM bench;
        INSERT INTO club_member (id, club_id, company_id, partner_id, card_id, number, active, state, source, joined_at)
        SELECT member, %(club)s, %(company)s, partner, card, 'bench-' || n, TRUE, 'active', 'manual', now() FROM bench;
        INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, amount, key, payload, processed_at)
        SELECT member, %(club)s, %(company)s, 'purchase',
               now() - make_interval(days => (n * 37 + k * 113) %% 700 + 1), 5 + (n * 13 + k * 7) %% 90,
               'bench:%(club)s:' || n || ':' || k,
               jsonb_build_object('lines', jsonb_build_array(jsonb_build_array(1, %(product)s, %(categ)s, '1',
               '10', '0', '0'))), now()
          FROM bench, generate_series(1, 4) k ORDER BY k, n;
        INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, key, processed_at)
        SELECT member, %(club)s, %(company)s, 'visit', now() - interval '20 days', 'bench-visit:%(club)s:' || n, now()
          FROM bench WHERE n %% 10 = 0;
        DROP TABLE bench;
        """,
        {
            "club": club.id,
            "company": club.company_id.id,
            "program": club.program_id.id,
            "product": product.id,
            "categ": product.categ_id.id,
            "count": count,
        },
    )
    for table in TABLES:
        env.cr.execute(f"ANALYZE {table}")
    env.invalidate_all()
    return club


BARE = """
    CREATE TEMP TABLE bare ON COMMIT DROP AS
    WITH sale AS (
        SELECT member_id, COALESCE(revises_id, id) AS root, SUM(amount) AS amount, MIN(occurred_at)::date AS day
          FROM club_event WHERE club_id = %(club)s AND type = 'purchase' GROUP BY 1, 2),
    figures AS (
        SELECT member_id, COUNT(*) AS bought, SUM(amount) AS sales, MIN(day) AS first, MAX(day) AS last,
               COUNT(DISTINCT day) AS days FROM sale GROUP BY 1),
    goods AS (
        SELECT DISTINCT ON (member_id) member_id, (item->>1)::integer AS product
          FROM club_event, jsonb_array_elements(payload->'lines') item
         WHERE club_id = %(club)s AND type = 'purchase'
         GROUP BY 1, 2 ORDER BY 1, COUNT(*) DESC, 2),
    visits AS (
        SELECT member_id, COUNT(*) AS visits FROM club_event WHERE club_id = %(club)s AND type = 'visit' GROUP BY 1)
    SELECT m.id, figures.*, goods.product, visits.visits, card.points,
           NTILE(5) OVER (ORDER BY last) AS r, NTILE(5) OVER (ORDER BY bought) AS f,
           NTILE(5) OVER (ORDER BY sales) AS money
      FROM club_member m JOIN loyalty_card card ON card.id = m.card_id
 LEFT JOIN figures ON figures.member_id = m.id LEFT JOIN goods ON goods.member_id = m.id
 LEFT JOIN visits ON visits.member_id = m.id
     WHERE m.club_id = %(club)s
"""


def measure(count):
    club = populate(count)
    savepoint = env.cr.savepoint()
    bare_seconds, _result = timed(lambda: env.cr.execute(BARE, {"club": club.id}))
    savepoint.rollback()
    env.invalidate_all()
    parts = {}
    with without_commits(env):
        parts["quintiles"], _none = timed(club._measure_behaviour)
        parts["fit"], fit = timed(club._fit_lifetimes)
        parts["rows"], (done, failed) = timed(club._work_off_behaviour)
    assert (done, failed) == (count, []), f"{done} of {count} refreshed, {len(failed)} failed"
    env.cr.execute("ANALYZE club_behaviour")
    seconds = sum(parts.values())
    bars.fact(
        f"{count} members: club {seconds:.2f} s ({', '.join(f'{name} {part:.2f}' for name, part in parts.items())}), "
        f"bare SQL {bare_seconds:.2f} s; fit: {fit.state}"
    )
    env.cr.rollback()
    env.invalidate_all()
    return seconds, bare_seconds


small = measure(large // 10)
big = measure(large)
bars.ratio("ten times the members, growth", big[0] / small[0], 12, 10)
bars.fact(f"club / bare SQL aggregates: {big[0] / big[1]:.2f}")
bars.end()
