"""What a draw brought so far, and whether that agrees with its odds."""

from collections import defaultdict

from odoo import fields, models
from odoo.addons.customer_club.engine import draw as engine_draw
from odoo.tools.misc import formatLang

#: With fewer plays nothing can be said.
LEAST_PLAYS = 50


class ClubDraw(models.Model):
    _inherit = "club.draw"

    play_count = fields.Integer(compute="_compute_results")
    points_taken = fields.Float(compute="_compute_results", digits=(16, 2))
    points_won = fields.Float(compute="_compute_results", digits=(16, 2))
    cost_given = fields.Monetary(
        string="Cost of What Was Won", compute="_compute_results", help="As it was known at each play."
    )
    result_ids = fields.One2many("club.draw.prize", compute="_compute_result_ids", string="Results by Prize")
    fairness = fields.Char(string="Do the Results Agree With the Odds?", compute="_compute_fairness")

    def _compute_results(self):
        rows = {
            draw: figures
            for draw, *figures in self.env["club.draw.play"]._read_group(
                [("draw_id", "in", self.ids), ("state", "!=", "void")],
                ["draw_id"],
                ["__count", "points:sum", "unit_cost:sum"],
            )
        }
        won = defaultdict(float)
        for prize, count in self.env["club.draw.play"]._read_group(
            [("draw_id", "in", self.ids), ("state", "!=", "void"), ("prize_id.kind", "=", "points")],
            ["prize_id"],
            ["__count"],
        ):
            won[prize.draw_id] += count * prize.points
        for draw in self:
            draw.play_count, draw.points_taken, draw.cost_given = rows.get(draw._origin, (0, 0.0, 0.0))
            draw.points_won = won[draw._origin]

    def _compute_result_ids(self):
        for draw in self:
            draw.result_ids = draw.prize_ids._origin

    def _compute_fairness(self):
        for draw in self:
            draw.fairness = draw._say_fairness(*draw._test_fairness())

    def _test_fairness(self):
        """Compare all results, also those taken back, with the odds under which each was decided.

        :return: (plays, statistic, degrees of freedom); see :func:`engine.draw.chi_square`.
        """
        self.ensure_one()
        observed, versions = defaultdict(dict), {}
        for version, prize, count in self.env["club.draw.play"]._read_group(
            [("draw_id", "=", self._origin.id), ("version_id", "!=", False)], ["version_id", "prize_id"], ["__count"]
        ):
            observed[version.id][prize.id or None] = count
            versions[version.id] = version
        rows = [(counts, versions[version].sudo()._get_chances()) for version, counts in observed.items()]
        plays = sum(sum(counts.values()) for counts, _chances in rows)
        return plays, *engine_draw.chi_square(rows)

    def _say_fairness(self, plays, statistic, freedom):
        """The test in words: how often chance alone strays as far from the odds."""
        _ = self.env._
        if plays < LEAST_PLAYS or not freedom:
            return _(
                "Too few plays to say: there are %(plays)s, and it takes %(least)s with several possible results.",
                plays=plays,
                least=LEAST_PLAYS,
            )
        p = engine_draw.p_value(statistic, freedom)
        values = {
            "plays": formatLang(self.env, plays, digits=0),
            "percent": formatLang(self.env, 100 * p, digits=1 if p >= 0.001 else 4),
            "statistic": formatLang(self.env, statistic, digits=2),
            "freedom": freedom,
        }
        if p >= 0.05:
            return _(
                "The results of %(plays)s plays agree with the odds: chance strays at least so far in %(percent)s %% "
                "of cases (chi-square %(statistic)s, %(freedom)s degrees of freedom).",
                **values,
            )
        if p >= 0.001:
            return _(
                "The results of %(plays)s plays are somewhat unusual: chance strays so far in %(percent)s %% of cases "
                "(chi-square %(statistic)s, %(freedom)s degrees of freedom). One in twenty honest draws looks so.",
                **values,
            )
        return _(
            "The results of %(plays)s plays do not agree with the odds: chance strays so far in only %(percent)s %% of "
            "cases (chi-square %(statistic)s, %(freedom)s degrees of freedom). Pause the draw and look into it.",
            **values,
        )
