"""A contest: who did most within a period, told under nicknames, with prizes; once closed it never changes."""

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import contest as engine_contest
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError, ValidationError

from .contest_standings import freeze_closed, read_results

#: What a contest is about: fixed once it is open, because people take part in it.
TERMS = frozenset({"club_id", "date_from", "date_to", "measure", "type_ids", "rule_ids", "minimum", "ties"})
#: What may still be written once the places are frozen.
FREE = frozenset({"active", "state", "message_main_attachment_id"})
FROZEN = ("closed", "done")
#: Marks our own change of the state in the context: an object that no caller from outside can name (abuse 5).
OURS = object()


class ClubContest(models.Model):
    """Members who opt in under a nickname are ranked by what they did in a period (days of the club's calendar and time
    zone, both included).

    ``measure`` says what is counted of the facts of the chosen types: how many there are, on how many days, their
    amount, or the points that rules gave for them. A purchase is counted with everything that came back since; a fact
    that was revoked counts nothing. Facts of the whole period count, whenever a member opts in. Staff and whom a
    manager excludes have no place. Ties: see :mod:`customer_club.engine.contest`.

    A contest is closed some days after its end, so that late facts and returns count. Its places are then rows that the
    database refuses to change, under a digest that :meth:`action_verify` computes anew.
    """

    _name = "club.contest"
    _description = "Club Contest"
    _inherit = ["mail.thread", "club.owned", "club.copied"]
    _order = "date_to desc, id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="What members read about it: what to do, what to win.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("open", "Open"),
            ("closed", "Closed"),
            ("done", "Prizes given"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=1, days=-1),
    )
    grace_days = fields.Integer(
        default=3, help="Days after the end before it closes by itself: late facts and returns still count."
    )
    measure = fields.Selection(
        [
            ("count", "How often"),
            ("days", "On how many days"),
            ("amount", "The amount"),
            ("points", "The points earned"),
        ],
        string="What Counts",
        default="count",
        required=True,
    )
    type_ids = fields.One2many("club.contest.type", "contest_id", string="Of Which Behaviour", copy=True)
    rule_ids = fields.Many2many(
        "club.earn.rule",
        string="Of the Rules",
        domain="[('club_id', '=', club_id)]",
        help="Only points of these rules, for example of one that rewards certain products. Empty: of every rule.",
    )
    minimum = fields.Float(string="Least to Be Placed", digits=(16, 2), help="0: one is enough.")
    ties = fields.Selection(
        [("first", "Who reached it earlier wins"), ("shared", "They share the place, the next is skipped")],
        default="first",
        required=True,
    )
    show_measure = fields.Boolean(
        string="Show What Others Reached",
        help="Otherwise members see places, nicknames and bars. Amounts of money are never shown to others.",
    )
    auto_prizes = fields.Boolean(
        string="Give Points at Once", default=True, help="When the contest closes. Otherwise a manager gives them."
    )
    prize_ids = fields.One2many("club.contest.prize", "contest_id", copy=True)
    participant_ids = fields.One2many("club.contest.participant", "contest_id")
    place_ids = fields.One2many("club.contest.place", "contest_id", readonly=True)
    award_ids = fields.One2many("club.contest.award", "contest_id", readonly=True)
    participant_count = fields.Integer(compute="_compute_counts")
    award_count = fields.Integer(string="Prizes to Hand Over", compute="_compute_counts")
    standing_ids = fields.One2many(
        "club.contest.participant",
        compute="_compute_standing_ids",
        string="Standings",
        help="As it is now, best first.",
    )
    sentence = fields.Char(string="In Words", compute="_compute_sentence")
    phase = fields.Char(compute="_compute_phase")

    # Written once, when it closes
    closed_at = fields.Datetime(readonly=True, copy=False)
    closed_uid = fields.Many2one("res.users", string="Closed By", readonly=True, copy=False)
    period_start = fields.Datetime(readonly=True, copy=False)
    period_end = fields.Datetime(readonly=True, copy=False)
    digest = fields.Char(readonly=True, copy=False, help="SHA-256 over what was counted and every place.")

    _dates = models.Constraint("CHECK(date_from <= date_to)", "A contest ends on or after the day on which it begins.")
    _not_negative = models.Constraint(
        "CHECK(grace_days >= 0 AND minimum >= 0)", "Days and the least to be placed cannot be negative. Use 0 for none."
    )

    def init(self):
        freeze_closed(self.env)

    # -- computes ------------------------------------------------------------------------------------

    def _compute_counts(self):
        people = dict(
            self.env["club.contest.participant"]._read_group(
                [("contest_id", "in", self.ids)], ["contest_id"], ["__count"]
            )
        )
        awards = dict(
            self.env["club.contest.award"]._read_group(
                [("contest_id", "in", self.ids), ("state", "=", "to_give")], ["contest_id"], ["__count"]
            )
        )
        for contest in self:
            contest.participant_count = people.get(contest._origin, 0)
            contest.award_count = awards.get(contest._origin, 0)

    @api.depends("participant_ids.rank")
    def _compute_standing_ids(self):
        for contest in self:
            placed = contest.participant_ids._origin.filtered("position")
            contest.standing_ids = placed.sorted("position")

    @api.depends("measure", "type_ids.event_type", "rule_ids", "date_from", "date_to", "minimum", "ties", "club_id")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for contest in self:
            contest.sentence = contest._sentence() if contest.club_id and contest.date_from and contest.date_to else ""

    @api.depends("state", "date_from", "date_to", "grace_days", "club_id")
    @api.depends_context("lang")
    def _compute_phase(self):
        for contest in self:
            contest.phase = contest._get_phase()

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("club_id", "rule_ids")
    def _check_rules(self):
        for contest in self:
            if contest.rule_ids.club_id - contest.club_id:
                raise ValidationError(
                    self.env._(
                        "A rule of the contest %(contest)s belongs to another club. Choose rules of %(club)s.",
                        contest=contest.name,
                        club=contest.club_id.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new contest is a draft, whatever a caller or its context says."""
        ours = {"state", "closed_at", "closed_uid", "period_start", "period_end", "digest"}
        vals_list = [{name: value for name, value in vals.items() if name not in ours} for vals in vals_list]
        plain = {name: value for name, value in self.env.context.items() if name.removeprefix("default_") not in ours}
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        return super(ClubContest, self.with_context(plain)).create(vals_list)  # pylint: disable=context-overridden

    def write(self, vals):
        if self.env.context.get("club_contest") is not OURS:
            self._check_change(set(vals))
        return super().write(vals)

    def _check_change(self, names):
        for contest in self:
            if names & {"state", "closed_at", "closed_uid", "period_start", "period_end", "digest"}:
                raise UserError(
                    self.env._("The state of the contest %(contest)s follows from its buttons.", contest=contest.name)
                )
            if contest.state in FROZEN and names - FREE:
                raise UserError(
                    self.env._(
                        "The contest %(contest)s is closed, and a closed contest never changes. Duplicate it for a new "
                        "one.",
                        contest=contest.name,
                    )
                )
            if contest.state != "draft" and names & TERMS:
                raise UserError(
                    self.env._(
                        "Members take part in the contest %(contest)s as it is: its period and what counts stay. "
                        "Cancel it and duplicate it to change them.",
                        contest=contest.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        for contest in self:
            if contest.state != "draft":
                raise UserError(
                    self.env._(
                        "Members have seen the contest %(contest)s, so it is not deleted. Cancel or archive it.",
                        contest=contest.name,
                    )
                )

    # -- the period ----------------------------------------------------------------------------------

    def _get_bounds(self):
        """First instant of the period and first instant after it, in UTC; of a closed contest, those it closed with."""
        self.ensure_one()
        if self.state in FROZEN:
            return self.period_start, self.period_end
        return periods.range_bounds(self.date_from, self.date_to + timedelta(days=1), self.club_id.tz)

    def _is_over(self):
        """Whether the last day of the period has passed in the club's time zone."""
        return fields.Datetime.now() >= self._get_bounds()[1]

    def _get_closing(self):
        """The instant from which the contest closes by itself."""
        return periods.range_bounds(
            self.date_from, self.date_to + timedelta(days=1 + self.grace_days), self.club_id.tz
        )[1]

    # -- places --------------------------------------------------------------------------------------

    def _get_places(self):
        """The places: the frozen ones of a closed contest, else as they are now.

        :rtype: list[engine.contest.Place]
        """
        self.ensure_one()
        if self.state in FROZEN:
            return self._get_frozen_places()
        if self.state == "cancelled" or not self._origin.id:
            return []
        return self._rank()

    def _get_frozen_places(self):
        return [
            engine_contest.Place(
                place.position, place.rank, place.member_id.id, _decimal(place.measure), place.reached_at
            )
            for place in self.sudo().place_ids.sorted("position")
        ]

    def _rank(self):
        """Count and rank who takes part; one query, whatever their number."""
        return engine_contest.rank(read_results(self), self.ties, _decimal(self.minimum))


def _decimal(number):
    """The decimal that a float field shows."""
    return Decimal(str(number or 0))
