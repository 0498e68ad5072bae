"""The answer before the figures: what each set-up would cost and bring, in one small table; and the print."""

from decimal import Decimal

from odoo import api, fields, models


class ClubSimulation(models.Model):
    _inherit = "club.simulation"

    answer = fields.Html(compute="_compute_answer", sanitize=False)

    @api.depends("setup_ids.result", "setup_ids.name", "ran_at")
    @api.depends_context("lang")
    def _compute_answer(self):
        for record in self:
            answer = record._make_answer()
            record.answer = answer and self.env["ir.qweb"]._render(
                "customer_club.club_simulation_answer", {"answer": answer, **record.env["res.lang"]._get_club_sides()}
            )

    def action_print(self):
        """The result as PDF."""
        self.ensure_one()
        self.check_access("read")
        return self.env.ref("customer_club.action_report_club_simulation").report_action(self)

    def _make_answer(self):
        """Questions with a cell for each set-up, and the difference of two, as people read them; ``None`` before a run.

        :rtype: dict | None
        """
        self.ensure_one()
        done = self.setup_ids.filtered("result")
        if not done:
            return None
        report = self._get_renderer()
        rows = []
        for question, kind, read in self._get_questions(done):
            values = [read(setup.result) for setup in done]
            cells = ["–" if value is None else report._show(value, kind) for value in values]
            if len(values) == 2:
                cells.append(self._show_difference(report, *values, kind))
            rows.append((question, cells))
        heads = [*done.mapped("name"), *([self.env._("Difference")] if len(done) == 2 else [])]
        return {"heads": heads, "rows": rows}

    def _show_difference(self, report, one, other, kind):
        if one is None or other is None:
            return ""
        shown = report._show(other - one, kind)
        return f"+{shown}" if other > one else shown

    def _get_questions(self, setups):
        """(question, kind of the answer, function that reads it from a result), the most important first."""
        _ = self.env._
        end = self.club_id._show_day(self.date_to)

        def plain(name):
            return lambda result: None if result[name] is None else Decimal(str(result[name]))

        def part(name):
            return lambda result: Decimal(result[name]) / result["customers"] if result["customers"] else None

        def ends_in(tier):
            return lambda result: Decimal(dict(map(tuple, result["tiers"])).get(tier, 0))

        questions = [
            (_("What would it have cost?"), "money", plain("cost")),
            (_("As a share of sales"), "share", plain("share")),
            (_("What would a customer get in a year, on average?"), "points", plain("per_year")),
            (_("How many would get anything?"), "share", part("earners")),
        ]
        if self.reward_points:
            price = self.club_id._show_points(self.reward_points)
            questions.append(
                (_("How many could ever afford the cheapest reward (%(price)s)?", price=price), "share", part("reach"))
            )
        questions.append((_("What would the club owe on %(day)s?", day=end), "money", plain("liability")))
        ids = list(dict.fromkeys(tier for setup in setups for tier, _count in setup.result["tiers"]))
        tiers = self.env["club.tier"].with_context(active_test=False).browse(ids).exists()
        questions += [(_("Customers who end in %(tier)s", tier=tier.name), "count", ends_in(tier.id)) for tier in tiers]
        return questions

    def _get_print_values(self):
        """What the print expects besides the record.

        :rtype: dict
        """
        self.ensure_one()
        club, report = self.club_id, self._get_renderer()
        return {
            "report": report,
            "sections": self._make_sections(),
            "answer": self._make_answer(),
            "period": f"{club._show_day(self.date_from)} – {club._show_day(self.date_to)}",
            "source": dict(self._fields["source"]._description_selection(self.env))[self.source],
            "made_at": club._say_moment(fields.Datetime.now()),
            "made_by": self.env.user.name,
            **self.env["res.lang"]._get_club_sides(),
        }
