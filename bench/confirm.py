"""Confirm an order of two lines: a member of a club, Odoo's own loyalty program, and no program at all.

One order per call, the card exists, flush and precommit included; the three sides take turns in one run and the medians
are compared. The bars are for a warm cache, as the design measured; ``--cold`` empties it before each order, as a new
request would find it. Options: ``--orders 60`` (per side), ``--trace`` (print the queries of one order of each side).
"""

import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, flag, make_club, median, option, quiet, timed  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
count = option("--orders", 60)
bars = Bars(f"confirm an order: {count} per side, interleaved")

env["loyalty.program"].search(
    [("program_type", "in", ("loyalty", "promotion", "buy_x_get_y", "next_order_coupons"))]
).active = False
env["club.club"].search([]).active = False
club = make_club(env)
products = env["product.product"].create(
    [
        {
            "name": f"Bench {number}",
            "list_price": 10 + number,
            "taxes_id": False,
            "type": "service",
            "invoice_policy": "order",
        }
        for number in range(2)
    ]
)
partners = env["res.partner"].create(
    [{"name": name, "email": f"{name}@example.com"} for name in ("none", "odoo", "club")]
)
nobody, stranger, member = partners
club._enrol(member)
# Odoo's program is bound to a pricelist, so that nothing has to be switched on and off between the sides.
plain, special = env["product.pricelist"].create([{"name": "Plain"}, {"name": "With Odoo's program"}])
program = env["loyalty.program"].create(
    {
        "name": "Odoo's own",
        "program_type": "loyalty",
        "trigger": "auto",
        "applies_on": "both",
        "pricelist_ids": [(6, 0, special.ids)],
        "rule_ids": [(5, 0, 0), (0, 0, {"reward_point_amount": 1, "reward_point_mode": "money"})],
        "reward_ids": [
            (5, 0, 0),
            (0, 0, {"reward_type": "discount", "discount_mode": "per_point", "discount": 0.01, "required_points": 1e9}),
        ],
    }
)
env["loyalty.card"].create({"program_id": program.id, "partner_id": stranger.id, "points": 10})


def orders(partner, pricelist):
    return env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "pricelist_id": pricelist.id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2}) for product in products],
            }
            for _order in range(count + 3)
        ]
    )


sides = {"none": orders(nobody, plain), "odoo": orders(stranger, special), "club": orders(member, plain)}
env.cr.flush()
times, queries = {name: [] for name in sides}, {name: [] for name in sides}
for position in range(count + 3):
    for name, side in sides.items():
        env.cr.flush()
        if flag("--cold"):
            env.invalidate_all()
        order = side[position]
        if flag("--trace") and position == count:
            logging.getLogger("odoo.sql_db").setLevel(logging.DEBUG)
            print(f"## {name}")
        before = env.cr.sql_log_count

        def confirm(order=order):
            order.action_confirm()
            env.cr.flush()

        seconds, _result = timed(confirm)
        logging.getLogger("odoo.sql_db").setLevel(logging.WARNING)
        if position >= 3:  # the first ones fill caches
            times[name].append(seconds)
            queries[name].append(env.cr.sql_log_count - before)

entries = env["club.point.entry"].search_count([("member_id.partner_id", "=", member.id), ("kind", "=", "earn")])
assert entries == count + 3, f"every order must have earned, {entries} did"
card = env["loyalty.card"].search([("program_id", "=", program.id), ("partner_id", "=", stranger.id)])
assert card.points > 10, "Odoo's program must have earned too"
for name in sides:
    bars.fact(f"{name}: {median(times[name]) * 1000:.1f} ms, {median(queries[name]):.0f} queries")
bars.ratio("club / Odoo's loyalty, time", median(times["club"]) / median(times["odoo"]), 1.0, 0.85)
bars.ratio("club / Odoo's loyalty, queries", median(queries["club"]) / median(queries["odoo"]), 1.0, 0.85)
env.cr.rollback()
bars.end()
