"""Every member's behaviour rebuilt in a night, against itself with a tenth of the members and against bare SQL.

Members have bought on none to seven days, of one to three lines each; one purchase in ten came back in part, one member
in ten has visits and has looked at products, one in twenty has written, half have earned points. Bare SQL: the same
figures by the aggregates that one would write by hand, into tables with the same columns, indexes and foreign keys;
only what is expected needs the fitted model, of which it gets the parameters and works out who is still a customer. The
club's night measures quintiles, fits the model and writes rows and history; the second night is a day later, when one
member in a hundred has bought since. Options: ``--members 100000`` (``--full``: 1000000); the small side has a tenth.
"""

import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent))
from _behaviour_bare import BARE, BARE_ROWS, BARE_TABLES  # noqa: E402
from _common import Bars, flag, make_club, option, quiet, timed, without_commits  # noqa: E402
from odoo.addons.customer_club.models.behaviour.behaviour_facts import BehaviourReader  # noqa: E402
from odoo.addons.customer_club.models.behaviour.behaviour_rows import BehaviourRows  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
large = option("--members", 1_000_000 if flag("--full") else 20_000)
bars = Bars(f"behaviour of {large // 10} and of {large} members")
TABLES = (
    "res_partner",
    "loyalty_card",
    "club_member",
    "club_event",
    "club_point_entry",
    "mail_message",
    "website_visitor",
    "website_track",
    "club_behaviour",
    "club_stage_change",
)


def populate(count):
    """Members and their purchases over two years, by plain SQL: setting up is not measured."""
    club = make_club(env)
    category = env["product.category"].create({"name": "Flowers"})
    products = env["product.product"].create(
        [{"name": f"Flower {number}", "categ_id": category.id} for number in range(20)]
    )
    env.flush_all()
    env.cr.execute(
        "UPDATE product_product SET standard_price = jsonb_build_object(%s, 4) WHERE id = ANY(%s)",
        [str(club.company_id.id), products.ids],
    )
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
               now() - make_interval(days => (n * 37 + k * (29 + n %% 113)) %% 700 + 1), 5 + (n * 13 + k * 7) %% 90,
               'bench:%(club)s:' || n || ':' || k,
               jsonb_build_object('channel', 'shop', 'lines', (SELECT jsonb_agg(jsonb_build_array(1,
               (%(products)s::integer[])[1 + (n + k * line) %% 20], %(categ)s, '1', '10', '0', '0'))
               FROM generate_series(1, 1 + (n + k) %% 3) line)), now()
          FROM bench, generate_series(1, 7) k WHERE k <= n %% 8 ORDER BY k, n;
        INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, amount, key, revises_id,
          processed_at)
        SELECT e.member_id, e.club_id, e.company_id, e.type, e.occurred_at + interval '1 day', -2, e.key || ':2', e.id,
               now()
          FROM club_event e WHERE e.club_id = %(club)s AND e.id %% 10 = 0;
        INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, key, processed_at)
        SELECT member, %(club)s, %(company)s, 'visit', now() - interval '20 days', 'bench-visit:%(club)s:' || n, now()
          FROM bench WHERE n %% 10 = 0;
        INSERT INTO club_point_entry (member_id, card_id, club_id, company_id, kind, points, available, date, key)
        SELECT member, card, %(club)s, %(company)s, 'earn', 20, 20, now() - make_interval(days => n %% 200),
               'bench:%(club)s:' || n
          FROM bench WHERE n %% 2 = 0;
        INSERT INTO mail_message (author_id, message_type, date, model, res_id, record_company_id)
        SELECT partner, 'email', now() - make_interval(days => n %% 200), 'res.partner', partner, %(company)s
          FROM bench WHERE n %% 20 = 0;
        INSERT INTO website_visitor (partner_id, access_token) SELECT partner, partner::varchar FROM bench
         WHERE n %% 10 = 3;
        INSERT INTO website_track (visitor_id, product_id, visit_datetime)
        SELECT v.id, (%(products)s::integer[])[1 + v.id %% 20], now()
          FROM bench JOIN website_visitor v ON v.partner_id = bench.partner, generate_series(1, 2) WHERE n %% 10 = 3;
        DROP TABLE bench;
        """,
        {
            "club": club.id,
            "company": club.company_id.id,
            "program": club.program_id.id,
            "products": products.ids,
            "categ": category.id,
            "count": count,
        },
    )
    for table in TABLES:
        env.cr.execute(f"ANALYZE {table}")
    env.invalidate_all()
    return club


def bare(club, fit):
    """Seconds of bare SQL for the same rows."""
    today = datetime.combine(club._get_today(), datetime.min.time())
    values = {
        "club": club.id,
        "company": club.company_id.id,
        "company_key": str(club.company_id.id),
        "recent": today - timedelta(days=89),
        "before": today - timedelta(days=179),
        **{name: fit[name] for name in ("r", "alpha", "a", "b")},
    }
    env.cr.execute(BARE_TABLES)
    env.cr.execute("SELECT set_config('work_mem', '64MB', TRUE), set_config('jit', 'off', TRUE)")
    seconds, _result = timed(lambda: (env.cr.execute(BARE, values), env.cr.execute(BARE_ROWS, values)))
    env.cr.execute("SELECT COUNT(*), SUM(order_count), SUM(sales), SUM(margin), SUM(points_before) FROM bare")
    return seconds, env.cr.fetchone()


def night(club):
    """Seconds of the club's night by part, and how many members it did."""
    parts = {}

    def measured(name, method):
        def run(self, *args, **kwargs):
            seconds, result = timed(lambda: method(self, *args, **kwargs))
            part = f"{name} {args[0]}" if name == "keep" else name
            parts[part] = parts.get(part, 0) + seconds
            return result

        return run

    with without_commits(env), ExitStack() as patches:
        for cls, method, name in (
            (env.registry["club.club"], "_measure_behaviour", "quintiles"),
            (env.registry["club.club"], "_fit_lifetimes_if_due", "fit"),
            (BehaviourReader, "keep", "keep"),
            (BehaviourRows, "_write_changes", "history"),
            (BehaviourRows, "_write_rows", "rows"),
        ):
            patches.enter_context(patch.object(cls, method, measured(name, getattr(cls, method))))
        seconds, (done, failed) = timed(club._work_off_behaviour)
    assert not failed, f"{len(failed)} members failed"
    return seconds, parts, done


def show(parts):
    return ", ".join(f"{name} {part:.2f}" for name, part in parts.items() if part >= 0.05)


def measure(count):
    club = populate(count)
    first, parts, done = night(club)
    assert done == count, f"{done} of {count} refreshed"
    fit = env["club.lifetime.fit"].search([("club_id", "=", club.id)], limit=1)
    env.cr.execute(
        "SELECT COUNT(*), SUM(order_count), SUM(sales), SUM(margin), SUM(points_before) FROM club_behaviour"
        " WHERE club_id = %s",
        [club.id],
    )
    figures = env.cr.fetchone()
    savepoint = env.cr.savepoint()
    bare_seconds, bare_figures = bare(club, fit)
    savepoint.rollback()
    assert figures == bare_figures, f"{figures} and {bare_figures} of bare SQL"
    # A day later: of one member in a hundred there is a purchase more.
    env.cr.execute("ANALYZE club_behaviour")
    env.cr.execute(
        """
        INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, amount, key, processed_at)
        SELECT id, club_id, company_id, 'purchase', now(), 30, 'bench-next:' || id, now() FROM club_member
         WHERE club_id = %s AND id %% 100 = 0
        """,
        [club.id],
    )
    env.invalidate_all()
    tomorrow = club._get_today() + timedelta(days=1)
    with patch.object(env.registry["club.club"], "_get_today", lambda self, *args, **kwargs: tomorrow):
        second, again, done = night(club)
    assert done == count, f"{done} of {count} refreshed the second night"
    env.cr.execute(
        "SELECT pg_stat_get_xact_tuples_hot_updated(oid)::float / GREATEST(pg_stat_get_xact_tuples_updated(oid), 1), "
        "pg_relation_size(oid) FROM pg_class WHERE relname = 'club_behaviour'"
    )
    hot, size = env.cr.fetchone()
    bars.fact(
        f"{count} members: first night {first:.2f} s, the second {second:.2f} s, bare SQL {bare_seconds:.2f} s; "
        f"fit: {fit.state}; rows updated without an index {hot:.0%}, {size / 1e6:.0f} MB"
    )
    bars.fact(f"first night: {show(parts)}")
    bars.fact(f"second night: {show(again)}")
    env.cr.rollback()
    env.invalidate_all()
    return first, second, bare_seconds


small = measure(large // 10)
big = measure(large)
bars.ratio("first night, ten times the members, growth", big[0] / small[0], 12, 10)
bars.ratio("second night, growth", big[1] / small[1], 12, 10)
bars.ratio("first night / bare SQL", big[0] / big[2], 3, 1.5)
bars.ratio("second night / bare SQL", big[1] / big[2], 3, 1.5)
bars.end()
