"""The engine's rules about members as expressions of the database.

:mod:`engine.behaviour` and :mod:`engine.lifetime` are the specification; their constants and the club's limits are
written into the expressions, and tests compare both over thousands of members at their exact limits.
"""

from odoo.addons.customer_club.engine import behaviour
from odoo.tools import SQL

#: The horizon of what is expected.
WEEKS = 52
#: Beyond this power of e numbers of the database end.
HUGE = 700.0


class BehaviourRules:
    """What figures about members mean in one club.

    :param behaviour.Limits limits: of the stages
    :param int loyal: purchases from which a member is loyal; :param int fan: likewise
    :param dict cuts: where the quintiles begin, by name; empty: nobody is scored
    :param date today: the club's day
    :raise behaviour.BehaviourError: limits that contradict each other
    """

    def __init__(self, limits, loyal, fan, cuts, today):
        behaviour.silence(limits, 0)
        self.limits, self.loyal, self.fan, self.cuts, self.today = limits, loyal, fan, cuts, today

    def judge(self, figures):
        """Query of ``figures`` and what follows from them.

        :param SQL figures: a query with the columns first_purchase_on, last_purchase_on, purchase_days, gap_days,
            order_count, sales, contact_recent, contact_before, visit_recent, visit_before, points, points_before
        :return: the same columns and interval_days, fading, recency_score, frequency_score, monetary_score, rfm,
            rfm_cell, ladder, stage, since
        """
        return SQL(
            """
            SELECT told.*, CASE WHEN recency_score > 0 THEN CONCAT(recency_score, frequency_score, monetary_score) END
                   AS rfm, %(cell)s AS rfm_cell, %(stage)s AS stage, %(since)s AS since
              FROM (SELECT timed.*, %(risk)s AS risk, %(returned)s AS returned
                      FROM (SELECT spaced.*, %(risk_days)s AS risk_days, %(lapsed_days)s AS lapsed_days,
                                   %(usual_days)s AS usual_days
                              FROM (SELECT figures.*, %(every)s AS interval_days, %(usual)s AS usual,
                                           %(today)s - last_purchase_on AS silent,
                                           %(today)s - first_purchase_on < %(new_days)s AS young,
                                           %(fading)s AS fading, %(ladder)s AS ladder,
                                           %(recency)s AS recency_score, %(frequency)s AS frequency_score,
                                           %(monetary)s AS monetary_score
                                      FROM (%(figures)s) figures) spaced) timed) told
            """,
            figures=figures,
            today=self.today,
            new_days=self.limits.new_days,
            every=_per(SQL("last_purchase_on - first_purchase_on"), SQL("purchase_days - 1")),
            usual=_per(SQL("last_purchase_on - first_purchase_on - gap_days"), SQL("purchase_days - 2")),
            fading=self._fading(),
            ladder=self._ladder(),
            recency=self._score("recency", SQL("last_purchase_on - DATE '1970-01-01'")),
            frequency=self._score("frequency", SQL("order_count")),
            monetary=self._score("monetary", SQL("sales")),
            risk_days=self._risk(),
            lapsed_days=self._lapsed(SQL("interval_days")),
            usual_days=self._lapsed(SQL("usual")),
            risk=self._faded(),
            returned=SQL("purchase_days > 1 AND gap_days >= usual_days"),
            cell=self._cell(),
            stage=self._stage(),
            since=self._since(),
        )

    # -- scores -----------------------------------------------------------------------------------------

    def _score(self, name, value):
        begins = [begin for begin in self.cuts.get(name, ()) if begin is not None]
        reached = [SQL("((%s)::float8 >= %s::float8)::integer", value, begin) for begin in begins]
        if not self.cuts:
            return SQL("0")
        return SQL("CASE WHEN last_purchase_on IS NULL THEN 0 ELSE %s END", SQL(" + ").join([SQL("1"), *reached]))

    def _cell(self):
        cells = SQL(", ").join(SQL("ARRAY[%s]", SQL(", ").join(SQL("%s", cell) for cell in row)) for row in _cells())
        return SQL(
            "COALESCE((ARRAY[%s])[recency_score][(frequency_score + monetary_score + 1) / 2], %s)",
            cells,
            behaviour.rfm_cell(0, 0, 0),
        )

    # -- stages -----------------------------------------------------------------------------------------

    def _days(self, factor, every, days):
        """Days of silence by the member's own rhythm, and where it has none, the club's."""
        if not factor:
            return SQL("%s", days)
        return SQL(
            "CASE WHEN %(every)s > 0 THEN GREATEST(1, ROUND(%(factor)s::float8 * %(every)s)::integer) "
            "ELSE %(days)s END",
            every=every,
            factor=factor,
            days=days,
        )

    def _lapsed(self, every):
        limits = self.limits
        return SQL("GREATEST(%s, %s)", self._days(limits.lapsed_factor, every, limits.lapsed_days), limits.floor_days)

    def _risk(self):
        limits = self.limits
        return SQL(
            "GREATEST(%s, %s)",
            self._days(limits.risk_factor, SQL("interval_days"), limits.risk_days),
            limits.floor_days,
        )

    def _faded(self):
        return SQL(
            "CASE WHEN fading AND NOT young THEN GREATEST(1, %s, TRUNC(LEAST(risk_days, lapsed_days) * %s)::integer) "
            "ELSE LEAST(risk_days, lapsed_days) END",
            self.limits.floor_days,
            behaviour.FADING_SHARE,
        )

    def _fading(self):
        habit = behaviour.HABIT
        return SQL(
            "(contact_before >= %s AND 2 * contact_recent <= contact_before)::integer "
            "+ (visit_before >= %s AND 2 * visit_recent <= visit_before)::integer "
            "+ (points_before > 0 AND 2 * points <= points_before)::integer >= 2",
            habit,
            habit,
        )

    def _stage(self):
        return SQL(
            "CASE WHEN last_purchase_on IS NULL THEN 'prospect' WHEN silent >= lapsed_days THEN 'lapsed' "
            "WHEN silent >= risk THEN 'at_risk' WHEN returned AND silent < %s THEN 'won_back' "
            "WHEN young THEN 'new' ELSE 'active' END",
            self.limits.won_back_days,
        )

    def _since(self):
        return SQL(
            "CASE WHEN last_purchase_on IS NULL THEN NULL WHEN silent >= lapsed_days THEN last_purchase_on + "
            "lapsed_days WHEN silent >= risk THEN last_purchase_on + risk "
            "WHEN returned AND silent < %(won_back)s THEN last_purchase_on WHEN young THEN first_purchase_on "
            "WHEN returned THEN LEAST(last_purchase_on + %(won_back)s, %(today)s) "
            "ELSE LEAST(GREATEST(first_purchase_on + %(new)s, CASE WHEN gap_days >= risk THEN last_purchase_on ELSE "
            "first_purchase_on END), %(today)s) END",
            won_back=self.limits.won_back_days,
            new=self.limits.new_days,
            today=self.today,
        )

    def _ladder(self):
        steps = behaviour.LADDER
        return SQL(
            "CASE WHEN order_count >= %s THEN %s WHEN order_count >= %s THEN %s WHEN order_count >= 2 THEN %s "
            "WHEN order_count = 1 THEN %s ELSE %s END",
            self.fan,
            steps[4],
            self.loyal,
            steps[3],
            steps[2],
            steps[1],
            steps[0],
        )


def expect(figures, fit, growth, digits):
    """Query of ``figures`` and what a fit says of who bought: p_alive, expected_purchases, expected_value.

    The share that needs a hypergeometric function is the engine's, computed once for each number of purchases and first
    day; the rest of equations 5 and 10 is written out here, in the same order.

    :param SQL figures: a query with the columns of :meth:`BehaviourRules.judge` and first_sales and today
    :param fit: ``Fitted``, or ``None``: nothing is expected of anybody
    :param SQL growth: table of (x, first_purchase_on, growth): :func:`engine.lifetime.growth` of each
    """
    if not fit:
        return SQL(
            "SELECT figures.*, NULL::numeric AS p_alive, NULL::numeric AS expected_purchases, NULL::numeric AS "
            "expected_value FROM (%s) figures",
            figures,
        )
    return SQL(
        """
        SELECT likely.*, ROUND(alive::numeric, 4) AS p_alive, ROUND((growth * alive)::numeric, 4) AS
               expected_purchases, ROUND((growth * alive * %(spend)s)::numeric, %(digits)s) AS expected_value
          FROM (SELECT figures.*, growth.growth, %(alive)s AS alive
                  FROM (%(figures)s) figures
             LEFT JOIN %(growth)s growth ON growth.x = figures.purchase_days - 1
                   AND growth.first_purchase_on = figures.first_purchase_on) likely
        """,
        figures=figures,
        growth=growth,
        alive=_alive(fit.purchases),
        spend=_spend(fit.spend),
        digits=digits,
    )


def _alive(fit):
    """Probability that each is still a customer, as :func:`engine.lifetime.p_alive`."""
    return SQL(
        """
        CASE WHEN purchase_days = 1 THEN 1 WHEN purchase_days > 1 THEN
        1 / (1 + EXP(LEAST(%(huge)s::float8, LN(%(a)s::float8) - LN(%(b)s::float8 + purchase_days - 2)
          + (%(r)s::float8 + purchase_days - 1)
          * (LN(%(alpha)s::float8 + GREATEST(%(today)s - figures.first_purchase_on, 0) / 7::float8)
           - LN(%(alpha)s::float8 + (last_purchase_on - figures.first_purchase_on) / 7::float8))))) END
        """,
        huge=HUGE,
        r=fit.r,
        alpha=fit.alpha,
        a=fit.a,
        b=fit.b,
        today=SQL("figures.today"),
    )


def _spend(fit):
    """What each will spend at a time, as :func:`engine.lifetime.expected_spend`; where that has no mean, the own."""
    own = SQL("sales::float8 / NULLIF(purchase_days, 0)")
    if not fit:
        return own
    return SQL(
        """
        CASE WHEN %(p)s::float8 * (purchase_days - 1) + %(q)s::float8 - 1 > 0 THEN
        %(p)s::float8 * (%(gamma)s::float8 + GREATEST(sales - first_sales, 0)::float8)
          / (%(p)s::float8 * (purchase_days - 1) + %(q)s::float8 - 1) ELSE %(own)s END
        """,
        p=fit.p,
        q=fit.q,
        gamma=fit.gamma,
        own=own,
    )


def _per(days, times):
    """Days per time, 0 where there was no time: of one purchase no rhythm follows."""
    return SQL("CASE WHEN %(times)s > 0 THEN (%(days)s)::float8 / (%(times)s) ELSE 0 END", days=days, times=times)


def _cells():
    """The engine's groups by recency (rows), and by frequency and money together (columns)."""
    return [[behaviour.rfm_cell(recency, step, step) for step in range(1, 6)] for recency in range(1, 6)]
