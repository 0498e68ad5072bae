"""The odds of a draw at this moment, what a play costs the shop, and the versions that plays name."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import draw as engine_draw
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang


class ClubDraw(models.Model):
    _inherit = "club.draw"

    sentence = fields.Text(string="In Words", compute="_compute_expectations")
    warning = fields.Text(compute="_compute_expectations", help="What is allowed, but perhaps not meant.")
    expected_points = fields.Float(
        string="Points Won per Play", compute="_compute_expectations", digits=(16, 2), help="On average."
    )
    expected_cost = fields.Monetary(
        string="Cost per Play", compute="_compute_expectations", help="What a play costs the shop on average."
    )
    income = fields.Monetary(
        string="Worth of the Points Taken", compute="_compute_expectations", help="Per play, as a discount."
    )
    returned_points = fields.Float(
        string="Points Returned", compute="_compute_expectations", help="Of 100 points paid, won on average."
    )
    returned_money = fields.Float(
        string="Money Returned", compute="_compute_expectations", help="Cost of the prizes for 100 of points taken."
    )

    # -- computes ------------------------------------------------------------------------------------

    @api.depends(
        "points",
        "club_id",
        "fallback_id",
        "prize_ids.kind",
        "prize_ids.points",
        "prize_ids.weight",
        "prize_ids.stock",
        "prize_ids.word",
        "prize_ids.unit_cost",
    )
    @api.depends_context("lang")
    def _compute_expectations(self):
        for draw in self:
            values = dict.fromkeys(("expected_points", "expected_cost", "returned_points", "returned_money"), 0.0)
            values.update(sentence="", warning="", income=0.0)
            if draw.club_id and draw.prize_ids:
                values["income"] = float(draw.points) * float(draw.club_id._point_worth())
                try:
                    values.update(draw._expect(values["income"]))
                except UserError as error:
                    values["warning"] = str(error)
            draw.update(values)

    def _expect(self, income):
        """What a play brings and costs on average, with the remarks of it."""
        prizes = list(self.prize_ids)
        chances = self._get_chances(numbered=True)
        points = engine_draw.expected(
            chances,
            {
                number: engine_lots.to_decimal(prize.points)
                for number, prize in enumerate(prizes)
                if prize.kind == "points"
            },
        )
        cost = engine_draw.expected(
            chances, {number: engine_lots.to_decimal(prize.unit_cost) for number, prize in enumerate(prizes)}
        )
        price, income = engine_lots.to_decimal(self.points), engine_lots.to_decimal(income)
        return {
            "expected_points": float(points),
            "expected_cost": float(cost),
            "returned_points": float(engine_draw.returned(price, points) or 0),
            "returned_money": float(engine_draw.returned(income, cost) or 0),
            "warning": "\n".join(self._get_warnings(price, points, income, cost)),
            "sentence": self._sentence(chances, points, cost),
        }

    def _get_warnings(self, price, points, income, cost):
        _ = self.env._
        club, warnings = self.club_id, []
        if price and points > price:
            warnings.append(
                _(
                    "Members win %(won)s on average for the %(paid)s of a play: whoever plays often gets richer.",
                    won=club._show_points(points),
                    paid=club._show_points(price),
                )
            )
        if income and cost > income:
            warnings.append(
                _(
                    "A play costs %(cost)s on average, more than the %(income)s that its points are worth.",
                    cost=club._show_money(float(cost)),
                    income=club._show_money(float(income)),
                )
            )
        if price and cost and not income:
            warnings.append(
                _(
                    "A play costs %(cost)s on average. No reward says what a point is worth, so it cannot be compared.",
                    cost=club._show_money(float(cost)),
                )
            )
        if not price and cost and not (self.limit_day or self.limit_week or self.limit_month or self.limit_member):
            warnings.append(
                _(
                    "Playing is free, costs %(cost)s on average, and has no limit per member.",
                    cost=club._show_money(float(cost)),
                )
            )
        return warnings

    def _sentence(self, chances, points, cost):
        """The draw as members and managers read it."""
        _ = self.env._
        club, prizes, whole = self.club_id, list(self.prize_ids), engine_draw.total(chances)
        paid = (
            _("A play costs %(points)s", points=club._show_points(self.points)) if self.points else _("Playing is free")
        )
        won = [
            _("%(prize)s (1 in %(plays)s)", prize=prizes[prize]._show(), plays=self._show_one_in(weight, whole))
            for prize, weight in chances
            if prize is not None and prizes[prize].kind != "word"
        ]
        if not won:
            return _("%(paid)s. There is nothing to win at the moment.", paid=paid)
        return _(
            "%(paid)s. To be won: %(prizes)s. On average a play brings %(points)s and costs the shop %(cost)s.",
            paid=paid,
            prizes=_(", ").join(won),
            points=club._show_points(points),
            cost=club._show_money(float(cost)),
        )

    # -- the odds ------------------------------------------------------------------------------------

    def _get_chances(self, numbered=False):
        """What can be won at this moment, as the engine knows it.

        :param bool numbered: name prizes by their place in ``prize_ids`` (they may not be saved yet), not by id.
        :rtype: tuple[engine.draw.Chance]
        :raises UserError: there is no weight, or an impossible one.
        """
        self.ensure_one()
        prizes = list(self.prize_ids)
        names = {prize: number if numbered else prize.id for number, prize in enumerate(prizes)}
        fallback, lefts = self.fallback_id, self.prize_ids._get_lefts()
        try:
            return engine_draw.in_force(
                [engine_draw.Slot(names[prize], prize.weight, lefts[prize]) for prize in prizes],
                next((names[prize] for prize in prizes if fallback and prize._origin == fallback._origin), None),
            )
        except EngineError as error:
            raise UserError(
                self.env._(
                    "The odds of the draw %(draw)s make no sense yet. Give its prizes weights of 0 or more, at least "
                    "one above 0.",
                    draw=self.name or "",
                )
            ) from error

    def _show_odds(self):
        """The odds in force in words, by prize; empty while they make no sense yet: opening says what is wrong.

        :rtype: dict[club.draw.prize, str]
        """
        self.ensure_one()
        try:
            chances = self._get_chances(numbered=True)
        except UserError:
            return {}
        whole, prizes = engine_draw.total(chances), list(self.prize_ids)
        return {
            prizes[number]: self.env._(
                "1 in %(plays)s (%(percent)s)",
                plays=self._show_one_in(weight, whole),
                percent=self._show_percent(weight, whole),
            )
            for number, weight in chances
            if number is not None
        }

    def _show_percent(self, weight, whole):
        share = engine_draw.percent(weight, whole)
        return self.env._("%(number)s %%", number=formatLang(self.env, float(share), digits=-share.as_tuple().exponent))

    def _show_one_in(self, weight, whole):
        plays = engine_draw.one_in(weight, whole)
        return formatLang(self.env, float(plays), digits=-plays.as_tuple().exponent)

    # -- versions ------------------------------------------------------------------------------------

    def _get_version(self):
        """The version in force, empty before the first opening."""
        self.ensure_one()
        return self.env["club.draw.version"].sudo().search([("draw_id", "=", self.id)], order="id desc", limit=1)

    def _get_terms(self):
        """What a manager decides about a play, as JSON: a change of it needs a reason."""
        self.ensure_one()
        return {
            "price": float(self._get_price()),
            "fallback": self.fallback_id.id,
            "limits": [self.limit_day, self.limit_week, self.limit_month, self.limit_member, self.limit_total],
            "prizes": [prize._get_terms() for prize in self.prize_ids.sorted("id")],
        }

    def _get_terms_digest(self):
        """Names what a page shows of cost and odds: a play that was asked for under another name is refused.

        :rtype: str
        """
        self.ensure_one()
        return engine_draw.digest(
            {"terms": self._get_terms(), "odds": [list(chance) for chance in self._get_chances()]}
        )

    def _check_reason(self):
        """Refuse to open a draw that was changed without a reason."""
        self.ensure_one()
        before = self._get_version()
        if before and before.terms != self._get_terms() and not (self.change_reason or "").strip():
            raise UserError(
                self.env._(
                    "Cost, odds, stock or limits of the draw %(draw)s have changed. Write why: members read it.",
                    draw=self.name,
                )
            )

    def _make_version(self, cause):
        """Record cost and odds from now on, if they differ from those in force.

        :param str cause: ``opened`` by a manager, or ``stock``: a prize ran out or came back.
        """
        self.ensure_one()
        before = self._get_version()
        terms, odds = self._get_terms(), [list(chance) for chance in self._get_chances()]
        if before and before.terms == terms and before.odds == odds:
            return before
        changed = before and before.terms != terms
        reason = (self.change_reason or "").strip()
        version = (
            self.env["club.draw.version"]
            .sudo()
            ._record(
                {
                    "draw_id": self.id,
                    "cause": "changed" if changed else cause if not before else "stock",
                    "reason": reason if changed else False,
                    "user_id": self.env.uid if changed or not before else False,
                    "terms": terms,
                    "odds": odds,
                }
            )
        )
        if reason:
            self.with_context(tracking_disable=True).change_reason = False
        return version

    def _renew_version(self):
        """A prize may have run out or come back since the last play: then these are other odds."""
        if self.prize_ids.filtered(lambda prize: prize._is_limited()):
            self._make_version("stock")
