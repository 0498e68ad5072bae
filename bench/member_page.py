"""What a member's page reads, with 10,000 entries and with 10. Options: ``--entries 10000``, ``--rounds 30``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _common import Bars, make_club, median, option, quiet, timed  # noqa: E402

env = quiet(env)  # noqa: F821 - given by the launcher
many, rounds = option("--entries", 10_000), option("--rounds", 30)
bars = Bars(f"a member's page with {many} entries and with 10")
club = make_club(env)
few_member, many_member = club._enrol(env["res.partner"].create([{"name": "Few"}, {"name": "Many"}]))
Entry = env["club.point.entry"]
for member, count in ((few_member, 10), (many_member, many)):
    Entry._post(
        [
            {"member_id": member.id, "kind": kind, "points": points, "key": f"bench:{member.id}:{number}:{kind}"}
            for number in range(count // 2)
            for kind, points in (("earn", 10), ("spend", -9))
        ]
    )
env.cr.flush()
for table in ("club_point_entry", "club_point_lot", "club_point_allocation"):
    env.cr.execute(f"ANALYZE {table}")


def page(member):
    values = member._get_portal_values()
    history = member._get_history()
    return values, history


times, queries = {few_member: [], many_member: []}, {}
for round_no in range(rounds + 2):
    for member in (few_member, many_member):
        env.invalidate_all()
        before = env.cr.sql_log_count
        seconds, _result = timed(lambda member=member: page(member))
        queries[member] = env.cr.sql_log_count - before
        if round_no >= 2:
            times[member].append(seconds)
for member in (few_member, many_member):
    bars.fact(f"{member.partner_id.name}: {median(times[member]) * 1000:.1f} ms, {queries[member]} queries")
bars.ratio("many / few entries", median(times[many_member]) / median(times[few_member]), 1.3, 1.0)
env.cr.rollback()
bars.end()
