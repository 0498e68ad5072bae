"""The member's statement: opening, what came and went, closing, exactly as the ledger has it."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import charts, periods, reporting
from odoo.addons.customer_club.engine import statement as engine_statement
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.tools import SQL

#: Movements that a print tells; the spreadsheet and the CSV have up to ``MOST_ROWS``.
PRINTED_ROWS = 200
MOST_ROWS = 10_000
#: Ways that the chart shows; the table has all.
CHART_WAYS = 8
PERIODS = ("this_year", "last_year", "this_month", "last_month")
ZERO = Decimal(0)


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- what the ledger has -------------------------------------------------

    def _get_statement(self, period, rows=PRINTED_ROWS):
        """A member's statement for some days of the club's calendar. Every figure is a sum of the ledger's entries.

        :param period: ``engine.reporting.Period``
        :param int rows: how many movements it tells, newest first; 0 for none
        :return: ``tables`` (``engine.reporting.Table``), ``opening``, ``closing``, ``spendable``, ``pending`` (points
            at the end of the period, as ``Decimal``), ``movements`` and ``has_more``, ``now`` (sentences), and what a
            page says above it
        :rtype: dict
        :raise StatementError: the period cannot be told
        """
        self.ensure_one()
        member = self.sudo()
        club = member.club_id
        engine_statement.check(period, club.calendar)
        opening, _opening_spendable = member._sum_until(period.first)
        closing, spendable = member._sum_until(period.end)
        groups = member._read_statement_groups(period)
        movements, has_more = member._get_statement_movements(period, rows) if rows else ([], False)
        values = {
            "member": member,
            "club": club,
            "period": period,
            "days": f"{club._show_day(period.first)} – {club._show_day(period.last)}",
            "made_on": club._show_day(fields.Datetime.now()),
            "opening": opening,
            "closing": closing,
            "spendable": spendable,
            "pending": closing - spendable,
            "summary": member._make_statement_summary(groups, opening, closing),
            "earned": member._make_statement_earned(groups),
            "spent": member._make_statement_spent(groups),
            "balance": member._make_statement_balance(period, opening),
            "movements": movements,
            "has_more": has_more,
            "now": member._get_statement_now(),
            **self.env["res.lang"]._get_club_sides(),
        }
        values["tables"] = [values[name] for name in ("summary", "earned", "spent", "balance")]
        return values

    def _sum_until(self, day):
        """What the member owned, and could spend, before a day began in the club's time zone; one query."""
        first, _end = periods.range_bounds(day, day, self.club_id.tz)
        [(points, available)] = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group([("member_id", "=", self.id), ("date", "<", first)], [], ["points:sum", "available:sum"])
        )
        return self._to_points(points), self._to_points(available)

    def _to_points(self, value):
        return round(to_decimal(value or 0), 2)

    def _read_statement_groups(self, period):
        """The period's movements summed by what they are; one statement over the member's own entries.

        :return: list of ``(kind, way, channel, is given back, points)``; ``way`` is a type of event
        """
        first, end = period.bounds(self.club_id.tz)
        # SQL: groups by what an entry reverses are beyond the ORM. Looked up for reversals only: a join of the whole
        # period goes wrong where the database has no statistics yet.
        return [
            (kind, way, channel, back == "spend", self._to_points(points))
            for kind, way, channel, back, points in self.env.execute_query(
                SQL(
                    """
                    SELECT kind, way, COALESCE(split_part(before, ',', 2), channel), split_part(before, ',', 1),
                           SUM(points)
                      FROM (
                    SELECT e.kind, e.points, e.origin_model AS channel,
                           CASE WHEN e.event_id IS NOT NULL THEN (
                               SELECT event.type FROM club_event event WHERE event.id = e.event_id
                           ) END AS way,
                           CASE WHEN e.reverses_id IS NOT NULL THEN (
                               SELECT before.kind || ',' || COALESCE(before.origin_model, e.origin_model, '')
                                 FROM club_point_entry before WHERE before.id = e.reverses_id
                           ) END AS before
                      FROM club_point_entry e
                     WHERE e.member_id = %s AND e.date >= %s AND e.date < %s
                           ) AS told
                  GROUP BY 1, 2, 3, 4, SIGN(points)
                    """,
                    self.id,
                    first,
                    end,
                )
            )
        ]

    def _get_statement_movements(self, period, limit):
        """The newest movements of the period in words, with what the member owned after each.

        :return: (rows, whether there are older ones)
        """
        first, end = period.bounds(self.club_id.tz)
        entries = (
            self.env["club.point.entry"]
            .sudo()
            .search(
                [("member_id", "=", self.id), ("date", ">=", first), ("date", "<", end)],
                order="date desc, id desc",
                limit=limit + 1,
            )
        )
        has_more = len(entries) > limit
        entries = entries[:limit]
        had, _spendable = self._sum_until(period.end)
        rows = []
        for entry, sentence in zip(entries, entries._get_portal_sentences(), strict=True):
            points = self._to_points(entry.points)
            rows.append(
                {
                    "day": self.club_id._show_day(entry.date),
                    "text": sentence["text"],
                    "note": sentence["note"],
                    "points": points,
                    "spendable": self._to_points(entry.available),
                    "balance": had,
                }
            )
            had -= points
        return rows, has_more

    # -- tables --------------------------------------------------------------

    def _make_statement_summary(self, groups, opening, closing):
        """From what one had to what one has; the lines between are everything that moved."""
        _ = self.env._
        sums = {}
        for kind, _way, _channel, given_back, points in groups:
            name = kind
            if kind == "reverse":
                name = "given_back" if given_back else "taken_back"
            elif kind == "transfer":
                name = "received" if points > 0 else "given"
            sums[name] = sums.get(name, ZERO) + points
        labels = {
            "opening": _("Brought along"),
            "earn": _("Earned"),
            "taken_back": _("Taken back after returns and cancellations"),
            "spend": _("Spent"),
            "given_back": _("Given back after returns and cancellations"),
            "expire": _("Expired"),
            "received": _("Received"),
            "given": _("Given away"),
            "adjust": _("Corrections"),
        }
        always = ("earn", "spend", "expire")
        rows = [{"what": _("Balance before"), "points": opening, "_strong": True}]
        rows += [
            {"what": label, "points": sums.get(name, ZERO), "_signed": True}
            for name, label in labels.items()
            if sums.get(name) or name in always
        ]
        rows.append({"what": _("Balance at the end"), "points": closing, "_strong": True})
        return reporting.Table(
            title=_("In Short"),
            columns=[reporting.Column("what", _("What")), reporting.Column("points", _("Points"), "points")],
            rows=rows,
            note=_("Points that wait until a purchase is final are counted when they were earned."),
        ).check()

    def _make_statement_earned(self, groups):
        _ = self.env._
        ways = dict(self.env["club.event"]._fields["type"]._description_selection(self.env))
        sums = {}
        for kind, way, _channel, _back, points in groups:
            if kind == "earn":
                label = ways.get(way) or _("Purchase")
                sums[label] = sums.get(label, ZERO) + points
        return self._make_statement_ranking(
            _("Earned, by Way"),
            _("Way"),
            sums,
            _("Nothing was earned in this period. What brings points stands here: choose a longer period."),
        )

    def _make_statement_spent(self, groups):
        """By channel, less what was given back."""
        _ = self.env._
        channels = dict(self.env["club.spending.report"]._select_channel())
        sums = {}
        for kind, _way, channel, given_back, points in groups:
            if kind == "spend" or (kind == "reverse" and given_back):
                label = channels.get(channel) or channels["other"]
                sums[label] = sums.get(label, ZERO) - points
        return self._make_statement_ranking(
            _("Spent, by What It Was For"),
            _("For what"),
            sums,
            _("Nothing was spent in this period. What points were for stands here: choose a longer period."),
            note=_("Less what was given back."),
        )

    def _make_statement_ranking(self, title, heading, sums, empty, note=""):
        """A table of sums, largest first, with its chart."""
        ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        shown = [item for item in ranked if item[1] > 0][:CHART_WAYS]
        chart = None
        if shown:
            chart = reporting.Chart(
                "hbars",
                [label for label, _points in shown],
                [charts.Series(self.env._("Points"), [points for _label, points in shown])],
                title=title,
                type="points",
            )
        return reporting.Table(
            title=title,
            columns=[reporting.Column("what", heading), reporting.Column("points", self.env._("Points"), "points")],
            rows=[{"what": label, "points": points} for label, points in ranked],
            totals={"what": self.env._("Total"), "points": sum(sums.values(), ZERO)} if sums else None,
            chart=chart,
            empty=empty,
            note=note,
        ).check()

    def _make_statement_balance(self, period, opening):
        _ = self.env._
        club = self.club_id
        first, end = period.bounds(club.tz)
        # A day of the club's time zone: the ORM groups by the reader's.
        movements = self.env.execute_query(
            SQL(
                """
                SELECT (date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date, SUM(points) FROM club_point_entry
                 WHERE member_id = %s AND date >= %s AND date < %s GROUP BY 1
                """,
                club.tz,
                self.id,
                first,
                end,
            )
        )
        days = engine_statement.balances(
            opening,
            [(day, self._to_points(points)) for day, points in movements],
            period,
            club._get_today(),
            club.calendar,
        )
        chart = None
        if any(points for _day, points in days):
            chart = reporting.Chart(
                "lines",
                [periods.format_day(day, club.calendar) for day, _points in days],
                [charts.Series(_("Points"), [points for _day, points in days])],
                title=_("Balance over Time"),
                type="points",
            )
        return reporting.Table(
            title=_("Balance over Time"),
            columns=[
                reporting.Column("day", _("At the end of"), "date"),
                reporting.Column("points", _("Points"), "points"),
            ],
            rows=[{"day": day, "points": points} for day, points in days],
            chart=chart,
            empty=_("This period is still to come."),
            note=_("What you owned at the end of each day, week or month."),
        ).check()

    def _get_statement_now(self):
        """How things stand today, whatever the period: what can be spent, waits, expires, and the tier."""
        _ = self.env._
        club = self.club_id
        sentences = [_("You can spend %(points)s.", points=club._show_points(self.balance))]
        sentences += [_("%(sentence)s.", sentence=sentence) for sentence in self._get_portal_pending()]
        lots = self._read_expiring(5)
        sentences += [
            _("%(points)s expire on %(day)s.", points=club._show_points(points), day=club._show_day(day))
            for day, points in lots
        ]
        if self.tier_id:
            sentences.append(
                _("Your tier: %(tier)s, since %(day)s.", tier=self.tier_id.name, day=club._show_day(self.tier_since))
                if self.tier_since
                else _("Your tier: %(tier)s.", tier=self.tier_id.name)
            )
        return sentences
