"""A club keeps its members' behaviour up to date: limits, quintiles, the nightly job."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import behaviour
from odoo.exceptions import ValidationError
from odoo.tools import SQL, split_every

from .behaviour_facts import BehaviourReader
from .behaviour_night import BehaviourNight
from .behaviour_purchases import read_cuts
from .behaviour_rows import BehaviourRows

#: Members that are refreshed at once: enough that the database reads whole tables, few enough to lose little by a kill.
BATCH = 100_000
#: Days after which the model of lifetimes is fitted again.
FIT_DAYS = 7


class ClubClub(models.Model):
    _inherit = "club.club"

    behaviour_new_days = fields.Integer(
        string="New for (Days)", default=30, help="Days after the first purchase for which a customer counts as new."
    )
    behaviour_risk_days = fields.Integer(
        string="At Risk after (Days)", default=90, help="Days of silence, for who has no rhythm of purchases yet."
    )
    behaviour_lapsed_days = fields.Integer(
        string="Lapsed after (Days)", default=365, help="Days of silence, for who has no rhythm of purchases yet."
    )
    behaviour_risk_factor = fields.Float(
        string="At Risk after (Intervals)",
        default=2.0,
        digits=(16, 1),
        help="Multiples of the days between the member's own purchases. 0: the days count for everybody.",
    )
    behaviour_lapsed_factor = fields.Float(
        string="Lapsed after (Intervals)",
        default=6.0,
        digits=(16, 1),
        help="Multiples of the days between the member's own purchases. 0: the days count for everybody.",
    )
    behaviour_floor_days = fields.Integer(
        string="At Risk Never before (Days)", default=14, help="Two purchases on following days are no rhythm."
    )
    behaviour_won_back_days = fields.Integer(
        string="Won Back for (Days)", default=90, help="Days after the purchase that ended a long silence."
    )
    behaviour_loyal = fields.Integer(string="Loyal from (Purchases)", default=4)
    behaviour_fan = fields.Integer(string="Fan from (Purchases)", default=10)
    behaviour_cuts = fields.Json(readonly=True, copy=False)
    behaviour_cuts_on = fields.Date(readonly=True, copy=False)
    behaviour_done_on = fields.Date(readonly=True, copy=False, help="The day whose rows are being rebuilt, or are.")
    behaviour_done_to = fields.Integer(
        readonly=True, copy=False, help="The database's number of the last member whose row was rebuilt that day."
    )

    _behaviour_days = models.Constraint(
        "CHECK(behaviour_new_days >= 0 AND behaviour_risk_days >= 1 AND behaviour_won_back_days >= 0 "
        "AND behaviour_floor_days >= 0 AND behaviour_risk_factor >= 0 AND behaviour_lapsed_factor >= 0)",
        "Days and multiples of the stages cannot be negative, and at risk begins after one day at the earliest.",
    )

    @api.constrains(
        "behaviour_risk_days",
        "behaviour_lapsed_days",
        "behaviour_risk_factor",
        "behaviour_lapsed_factor",
        "behaviour_loyal",
        "behaviour_fan",
    )
    def _check_behaviour_limits(self):
        for club in self:
            both = club.behaviour_risk_factor and club.behaviour_lapsed_factor
            if club.behaviour_risk_days > club.behaviour_lapsed_days or (
                both and club.behaviour_risk_factor > club.behaviour_lapsed_factor
            ):
                raise ValidationError(
                    self.env._(
                        "Members of %(club)s would lapse before they are at risk. Let them lapse later.",
                        club=club.name,
                    )
                )
            if not 2 < club.behaviour_loyal < club.behaviour_fan:
                raise ValidationError(
                    self.env._(
                        "The ladder of %(club)s climbs from the second purchase to loyal and then to fan: loyal needs "
                        "three purchases or more, and fan more than loyal.",
                        club=club.name,
                    )
                )

    def _get_behaviour_limits(self):
        """The limits as the engine wants them."""
        self.ensure_one()
        return behaviour.Limits(
            new_days=self.behaviour_new_days,
            risk_days=self.behaviour_risk_days,
            lapsed_days=self.behaviour_lapsed_days,
            won_back_days=self.behaviour_won_back_days,
            risk_factor=self.behaviour_risk_factor,
            lapsed_factor=self.behaviour_lapsed_factor,
            floor_days=self.behaviour_floor_days,
        )

    # -- keeping it up to date --------------------------------------------------------------------------

    def _refresh_behaviour(self, members=None):
        """Rebuild the behaviour of ``members`` of these clubs, default of all; some fifty statements per 100,000.

        The quintiles are measured again only when everybody is refreshed: a few members are placed among those of the
        last night.
        """
        self.env.flush_all()
        for club in self.sudo():
            reader = BehaviourReader(club)
            if members is None:
                reader.gather()
                club._measure_behaviour(reader)
                ids = club._get_behaviour_member_ids()
            else:
                if not club.behaviour_cuts:
                    club._measure_behaviour()
                ours = members.sudo().filtered(lambda member, club=club: member.club_id == club)
                ids = ours.filtered(lambda member: member.state == "active").ids
                reader.gather(ids)
            for part in split_every(BATCH, sorted(ids), list):
                BehaviourRows(reader, part).write()
            reader.forget()

    def _get_behaviour_member_ids(self):
        self.ensure_one()
        domain = [("club_id", "=", self.id), ("state", "=", "active")]
        return list(self.env["club.member"].sudo().search(domain, order="id")._ids)

    def _measure_behaviour(self, reader=None):
        """Measure where the quintiles of this club begin, and drop the rows of who is no active member any more.

        :param BehaviourReader reader: with everybody's purchases gathered, default one of its own.
        """
        self.ensure_one()
        self.env.flush_all()
        own = reader or BehaviourReader(self)
        if not reader:
            own.gather()
        self.sudo().write({"behaviour_cuts": read_cuts(own), "behaviour_cuts_on": own.today})
        if not reader:
            own.forget()
        # One statement for whoever left by a way that told nobody.
        self.env.cr.execute(
            SQL(
                "DELETE FROM club_behaviour b USING club_member m WHERE m.id = b.member_id AND m.club_id = %s "
                "AND m.state <> 'active'",
                self.id,
            )
        )
        self.env["club.behaviour"].invalidate_model()

    @api.model
    def _cron_refresh_behaviour(self):
        """Nightly: club by club, measure the quintiles, fit the models once a week, and rebuild every member's row.

        The club remembers the day and the last member that was done, so the job goes on where it stopped.
        """
        for club in self.sudo().search([], order="id"):
            club._work_off_behaviour()

    def _work_off_behaviour(self):
        """Do what is left of the club's night.

        Purchases are read once for quintiles, fit and rows. If that fails, this club keeps its rows of the day before;
        a member whose facts cannot be read keeps its own.

        :return: (number of members refreshed, ids of those that failed)
        """
        self.ensure_one()
        Job, night = self.env["club.job"], BehaviourNight(self)
        if not night.find(1, ()):
            return 0, []
        _done, failed = Job._work_off(
            f"purchases of {self.name}",
            find=lambda limit, skip: [] if night.begun or skip else self.ids,
            work=lambda ids: night.begin(),
            size=1,
        )
        if failed or not night.begun:
            return 0, []
        result = Job._work_off(f"behaviour of {self.name}", find=night.find, work=night.work, size=BATCH)
        night.end()
        return result

    # -- the ladder -------------------------------------------------------------------------------------

    def _get_climbs(self, first, last):
        """The share of members who climbed each step of the ladder from ``first`` to ``last``, both included.

        Of a step's people are those who stood on it when the period began and those who came to it during the period;
        climbed has who of them came to a higher step within it. Members without a row of history stand on ``none``.

        :param date first: local day of the club; :param date last: likewise
        :return: a dict per step below the highest: ``step``, ``standing``, ``climbed``, ``share`` (0 to 1)
        :rtype: list[dict]
        """
        rank = {step: place for place, step in enumerate(behaviour.LADDER)}
        # SQL: who stands where on a day follows from each member's last row before it.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, NULL, COALESCE((
                       SELECT c.new FROM club_stage_change c
                        WHERE c.member_id = m.id AND c.field = 'ladder' AND c.date < %(first)s
                        ORDER BY c.date DESC, c.id DESC LIMIT 1),
                       CASE WHEN (m.joined_at AT TIME ZONE 'UTC' AT TIME ZONE club.tz)::date <= %(last)s
                            THEN 'none' END)
                  FROM club_member m JOIN club_club club ON club.id = m.club_id
                 WHERE m.club_id IN %(clubs)s AND m.state IN ('active', 'left', 'erased')
                 UNION ALL
                SELECT c.member_id, c.id, c.new FROM club_stage_change c
                 WHERE c.club_id IN %(clubs)s AND c.field = 'ladder' AND c.date BETWEEN %(first)s AND %(last)s
                 ORDER BY 1, 2 NULLS FIRST
                """,
                clubs=tuple(self.ids) or (0,),
                first=first,
                last=last,
            )
        )
        standing, climbed = dict.fromkeys(rank, 0), dict.fromkeys(rank, 0)
        paths = {}
        for member_id, _change, step in rows:
            if step:
                paths.setdefault(member_id, []).append(step)
        for path in paths.values():
            for step in set(path):
                standing[step] += 1
                climbed[step] += any(rank[later] > rank[step] for later in path[path.index(step) :])
        return [
            {
                "step": step,
                "standing": standing[step],
                "climbed": climbed[step],
                "share": climbed[step] / standing[step] if standing[step] else 0.0,
            }
            for step in behaviour.LADDER[:-1]
        ]

    # -- the models of lifetime -------------------------------------------------------------------------

    def _fit_lifetimes_if_due(self, reader=None):
        """Fit again once a week."""
        self.ensure_one()
        last = self.env["club.lifetime.fit"].sudo().search([("club_id", "=", self.id)], limit=1)
        if not last or last.fitted_on <= self._get_today() - timedelta(days=FIT_DAYS):
            self._fit_lifetimes(reader)

    def _fit_lifetimes(self, reader=None):
        """Fit the models to this club's history as it is, and keep the result, also if there is none.

        :param BehaviourReader reader: with everybody's purchases gathered, default one of its own.
        :return: the new ``club.lifetime.fit``
        """
        self.ensure_one()
        self.env.flush_all()
        return self.env["club.lifetime.fit"].sudo()._fit(self, reader=reader)

    def _get_lifetime_fit(self):
        """The parameters in use: those of the newest fit that has some; ``None`` without any.

        :rtype: Fitted or None
        """
        self.ensure_one()
        fit = self.env["club.lifetime.fit"].sudo()
        return fit.search([("club_id", "=", self.id), ("state", "=", "fitted")], limit=1)._get_fitted()
