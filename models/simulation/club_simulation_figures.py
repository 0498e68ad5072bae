"""What a simulation says: tables and charts of its set-ups side by side; screen and spreadsheet show the same."""

from decimal import Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import charts, periods
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools.misc import formatLang


class ClubSimulation(models.Model):
    _inherit = "club.simulation"

    body = fields.Html(compute="_compute_body", sanitize=False)

    @api.depends("setup_ids.result", "setup_ids.name", "ran_at")
    @api.depends_context("lang")
    def _compute_body(self):
        for record in self:
            sections = record._make_sections()
            if not sections:
                record.body = False
                continue
            report = record._get_renderer()
            values = {"report": report, **self.env["res.lang"]._get_club_sides()}
            record.body = Markup().join(
                self.env["ir.qweb"]._render("customer_club.club_book_report_section", {**values, "section": section})
                for section in sections
            )

    def _get_renderer(self):
        """The report whose cells, pictures and sheets look like those of the books."""
        return self.env["club.book.report"].new({"club_id": self.club_id.id})

    def _make_xlsx(self):
        """The figures as a spreadsheet: a sheet per table, of the same numbers as the screen.

        :rtype: bytes
        """
        self.ensure_one()
        club = self.club_id
        report = self._get_renderer()
        return report._make_xlsx(
            {
                "sections": [*self._make_sections(), *self._make_customer_sections()],
                "title": self.name,
                "club": club,
                "period": f"{club._show_day(self.date_from)} – {club._show_day(self.date_to)}",
                "made_at": club._say_moment(fields.Datetime.now()),
                "made_by": self.env.user.name,
                **self.env["res.lang"]._get_club_sides(),
            }
        )

    # -- sections ------------------------------------------------------------

    def _make_sections(self):
        """Sections as ``club.book.report`` has them; nothing before the first run.

        :rtype: list[dict]
        """
        self.ensure_one()
        done = self.setup_ids.filtered("result")
        if not done:
            return []
        return [
            self._make_cost(done),
            self._make_reach(done),
            self._make_months(done),
            self._make_distribution(done),
            *(self._make_histogram(setup) for setup in done),
            *(self._make_rules(setup) for setup in done),
            *([self._make_tiers(done)] if self.club_id.tier_ids else []),
        ]

    def _section(self, title, columns, rows, chart="", total=None, method=()):
        return {
            "title": title,
            "columns": columns,
            "rows": rows,
            "total": total,
            "chart": chart,
            "empty": self.env._("Nothing was given."),
            "method": list(method),
        }

    def _compare(self, setups, values):
        """A row for each set-up, and their difference where there are two. ``values`` reads cells from a result."""
        rows = [[setup.name, *values(setup.result)] for setup in setups]
        if len(rows) == 2:
            first, second = rows[0][1:], rows[1][1:]
            difference = [
                None if one is None or other is None else other - one for one, other in zip(first, second, strict=True)
            ]
            rows.append([self.env._("Difference"), *difference])
        return rows

    def _draw(self, kind, title, labels, series, **options):
        rtl = self.env["res.lang"]._is_club_rtl()
        return getattr(charts, kind)(title, labels, series, empty=self.env._("Nothing was given."), rtl=rtl, **options)

    def _make_cost(self, setups):
        _ = self.env._
        columns = [
            (_("Set-up"), "text"),
            (_("Members Bought"), "money"),
            (_("Points Given"), "points"),
            (_("Taken Back"), "points"),
            (_("Points in All"), "points"),
            (_("Wallet Money"), "money"),
            (_("Cost"), "money"),
            (_("Share of Sales"), "share"),
            (_("Expired by the End"), "points"),
            (_("Left at the End"), "points"),
            (_("Owed at the End"), "money"),
        ]
        names = ("sales", "given", "taken_back", "points", "money", "cost", "share", "expired", "left", "liability")

        def read(result):
            return [None if result[name] is None else _number(result[name]) for name in names]

        return self._section(
            _("What it costs"),
            columns,
            self._compare(setups, read),
            self._draw(
                "bars",
                _("Cost"),
                [setup.name for setup in setups],
                [Series(_("Cost"), [_number(setup.result["cost"]) for setup in setups])],
            ),
            method=[
                _(
                    "Cost: points that stand × %(worth)s a point × %(rate)s %% that will be spent, and wallet money.",
                    worth=formatLang(self.env, self.point_worth, digits=4),
                    rate=formatLang(self.env, self.redemption_rate, digits=1),
                ),
                _("Expired, left and owed as if nothing were spent before the period ends."),
                *self._get_notes(),
            ],
        )

    def _get_notes(self):
        """What the numbers do not say by themselves."""
        _ = self.env._
        notes = [_("People may do more of what earns points than they did before: that is not in these numbers.")]
        if self.source == "facts":
            notes.append(
                _(
                    "Members have the tier that they had at the time, unless the set-up changes what decides about it: "
                    "then they climb by what it gives. Groups and segments are those of today; limits begin empty."
                )
            )
        else:
            notes.append(_("Every customer is a member from the first purchase on, and climbs the tiers by it."))
        if self.source == "assumed":
            notes.append(
                _(
                    "Customers are made up: rates by a gamma distribution, purchases at random times, baskets "
                    "log-normal; the number %(seed)s makes the same ones again.",
                    seed=self.seed,
                )
            )
        return notes

    def _make_reach(self, setups):
        _ = self.env._

        def read(result):
            count = result["customers"]
            reach = Decimal(result["reach"]) / count if count and self.reward_points else None
            earners = Decimal(result["earners"]) / count if count else None
            return [
                Decimal(count),
                Decimal(result["purchases"]),
                Decimal(result["earners"]),
                earners,
                _number(result["per_year"]),
                Decimal(result["entries"]),
                reach,
            ]

        columns = [
            (_("Set-up"), "text"),
            (_("Customers"), "count"),
            (_("Purchases"), "count"),
            (_("Get Something"), "count"),
            (_("Share of Them"), "share"),
            (_("Points a Year"), "points"),
            (_("Entries"), "count"),
            (_("Can Afford a Reward"), "share"),
        ]
        note = (
            _(
                "Can afford: had %(points)s at once at some time, which the cheapest reward costs.",
                points=self.club_id._show_points(self.reward_points),
            )
            if self.reward_points
            else _("No reward has a price of its own, so everybody with a point can use it.")
        )
        return self._section(_("Who gets it"), columns, self._compare(setups, read), method=[note])

    def _make_months(self, setups):
        _ = self.env._
        first = setups[0].result["months"]
        columns = [(_("Month"), "text"), (_("Members Bought"), "money")]
        for setup in setups:
            columns += [(_("Points: %(setup)s", setup=setup.name), "points")]
            columns += [(_("Cost: %(setup)s", setup=setup.name), "money")]
        rows = []
        for index, (month, _points, sales, _cost) in enumerate(first):
            row = [self._show_month(month), _number(sales)]
            for setup in setups:
                row += [_number(setup.result["months"][index][1]), _number(setup.result["months"][index][3])]
            rows.append(row)
        total = [_("Total"), *(sum((row[place] for row in rows), Decimal(0)) for place in range(1, len(columns)))]
        chart = self._draw(
            "lines",
            _("Points by month"),
            [row[0] for row in rows],
            [Series(setup.name, [_number(month[1]) for month in setup.result["months"]]) for setup in setups],
        )
        return self._section(
            _("Month by month"),
            columns,
            rows,
            chart,
            total,
            [_("Points are of the month in which they are given or taken back, sales of that in which was bought.")],
        )

    def _show_month(self, month):
        return periods.format_period("month", fields.Date.to_date(month), self.club_id.calendar)

    def _make_distribution(self, setups):
        _ = self.env._
        most = max(len(setup.result["deciles"]) for setup in setups)
        rows = []
        for place in range(most):
            row = [_("Tenth %(number)s", number=place + 1) if most == 10 else str(place + 1)]
            for setup in setups:
                deciles = setup.result["deciles"]
                row.append(_number(deciles[place]) if place < len(deciles) else None)
            rows.append(row)
        chart = self._draw(
            "bars",
            _("Points by tenth of the customers"),
            [row[0] for row in rows],
            [Series(setup.name, [row[place] for row in rows]) for place, setup in enumerate(setups, start=1)],
        )
        return self._section(
            _("How points are spread"),
            [(_("Customers"), "text"), *((setup.name, "points") for setup in setups)],
            rows,
            chart if rows else "",
            method=[_("The mean points of each tenth of the customers, those with the fewest first.")],
        )

    def _make_histogram(self, setup):
        """How many customers get how many points under one set-up."""
        _ = self.env._
        bins, rows = setup.result["histogram"], []
        for place, (low, high, count) in enumerate(bins):
            last = place == len(bins) - 1
            low, high = (self.env["club.club"]._show_number(end) for end in (low, high))
            name = _("%(low)s and more", low=low) if last else f"{low}–{high}"
            rows.append([name, Decimal(count), Decimal(count) / setup.result["customers"]])
        total = [_("Total"), *(sum((row[place] for row in rows), Decimal(0)) for place in (1, 2))] if rows else None
        return self._section(
            _("Customers by points: %(setup)s", setup=setup.name),
            [(_("Points"), "text"), (_("Customers"), "count"), (_("Share of Them"), "share")],
            rows,
            self._draw(
                "bars",
                _("Customers by points: %(setup)s", setup=setup.name),
                [row[0] for row in rows],
                [Series(_("Customers"), [row[1] for row in rows])],
            )
            if rows
            else "",
            total,
            [_("From the first number on, up to but without the second. What came back is taken off.")],
        )

    def _make_rules(self, setup):
        _ = self.env._
        rules = self.env["club.earn.rule"].with_context(active_test=False)
        names = {rule.id: rule.name for rule in rules.browse([row[0] for row in setup.result["rules"]]).exists()}
        rows = [
            [names.get(rule, _("(removed)")), Decimal(times), _number(points), Decimal(members)]
            for rule, times, points, members, _money in setup.result["rules"]
        ]
        return self._section(
            _("Rules: %(setup)s", setup=setup.name),
            [(_("Rule"), "text"), (_("Times"), "count"), (_("Points"), "points"), (_("Customers"), "count")],
            rows,
            self._draw("bars", setup.name, [row[0] for row in rows], [Series(_("Points"), [row[2] for row in rows])])
            if rows
            else "",
            method=[_("A rule of wallet money counts units of money.")]
            if any(money for *_rest, money in setup.result["rules"])
            else [],
        )

    def _make_tiers(self, setups):
        _ = self.env._
        tiers = self.env["club.tier"].with_context(active_test=False)
        found = [dict(map(tuple, setup.result["tiers"])) for setup in setups]
        ids = list(dict.fromkeys(tier for counts in found for tier in counts))
        names = {tier.id: tier.name for tier in tiers.browse(ids).exists()}
        rows = [[names.get(tier, _("(removed)")), *(Decimal(counts.get(tier, 0)) for counts in found)] for tier in ids]
        return self._section(
            _("Who reaches which tier"),
            [(_("Tier"), "text"), *((setup.name, "count") for setup in setups)],
            rows,
            self._draw(
                "bars",
                _("Customers by tier at the end"),
                [row[0] for row in rows],
                [Series(setup.name, [row[place] for row in rows]) for place, setup in enumerate(setups, start=1)],
            )
            if rows
            else "",
            method=[_("Customers who did anything in the period, by the tier that they have at its end.")],
        )

    def _make_customer_sections(self):
        """A sheet for the customers of each set-up."""
        _ = self.env._
        columns = [
            (_("Customer"), "text"),
            (_("Purchases"), "count"),
            (_("Sales"), "money"),
            (_("Points"), "points"),
            (_("Expired"), "points"),
            (_("Left at the End"), "points"),
        ]
        sections = []
        for setup in self.setup_ids.filtered("result"):
            rows = [
                [
                    row.display_name,
                    Decimal(row.purchases),
                    _number(row.sales),
                    _number(row.points),
                    _number(row.expired),
                    _number(row.left),
                ]
                for row in setup.customer_ids
            ]
            total = [_("Total"), *(sum((row[place] for row in rows), Decimal(0)) for place in range(1, len(columns)))]
            sections.append(self._section(_("Customers: %(setup)s", setup=setup.name), columns, rows, total=total))
        return sections


def _number(value):
    return Decimal(str(value or 0))
