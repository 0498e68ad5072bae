"""One condition of a segment, chosen and filled in without code."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, segments
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

#: Scores of a member from the weakest to the strongest fifth; 0: never bought.
SCORES = range(6)
LEAST_AND_MOST = [("least", "At least"), ("most", "At most")]


class ClubSegmentCondition(models.Model):
    """What members of a segment have in common, or, of an exclusion, what keeps them out.

    Each ``kind`` is a pair of methods: ``_get_<kind>_domain(members)`` says whom it means, as a domain on
    ``club.member`` that becomes a part of one query, and ``_get_<kind>_words()`` says it in words that stand after
    "Members who". To add a kind: ``selection_add`` to ``kind``, the two methods, and its fields in
    :meth:`_get_sentence_fields` and in the form. A kind looks only at what managers of the club may read.
    """

    _name = "club.segment.condition"
    _description = "Condition of a Segment"
    _inherit = "club.bounded"
    _order = "segment_id, excludes, sequence, id"

    segment_id = fields.Many2one("club.segment", required=True, index=True, ondelete="cascade")
    club_id = fields.Many2one(related="segment_id.club_id")
    company_id = fields.Many2one(related="segment_id.company_id")
    currency_id = fields.Many2one(related="segment_id.currency_id")
    sequence = fields.Integer(default=10)
    excludes = fields.Boolean(
        string="Keeps Out", help="Members of whom this is true do not belong to the segment, whatever else is true."
    )
    kind = fields.Selection(
        [
            ("event", "What they did"),
            ("stage", "Stage of life"),
            ("rfm", "Recency, frequency and money"),
            ("ladder", "Rung of the ladder"),
            ("behaviour", "Figures of their behaviour"),
            ("tier", "Tier"),
            ("points", "Points they can spend"),
            ("expiring", "Points that expire soon"),
            ("occasion", "Birthday or other occasion"),
            ("joined", "Joined"),
            ("group", "Groups (tags of the contact)"),
            ("country", "Country"),
            ("language", "Language"),
            ("consent", "Consent to marketing messages"),
            ("segment", "Another segment"),
        ],
        string="About",
        required=True,
        default="event",
    )
    sentence = fields.Char(compute="_compute_sentence", string="Condition")

    # What several kinds ask
    comparison = fields.Selection(LEAST_AND_MOST, default="least", required=True)
    value = fields.Float(string="Amount or Number", digits=(16, 2), default=1)
    days = fields.Integer(default=90)

    # What they did
    event_type = fields.Selection("_get_event_types", default="purchase")
    measure = fields.Selection(
        [
            ("count", "How often"),
            ("sum", "For how much altogether"),
            ("last", "How many days ago, the last time"),
            ("never", "Never"),
        ],
        default="count",
        required=True,
    )
    window = fields.Selection(
        [
            ("ever", "Ever"),
            ("days", "The last days"),
            ("week", "This week"),
            ("month", "This month"),
            ("quarter", "This quarter"),
            ("year", "This year"),
            ("last_week", "Last week"),
            ("last_month", "Last month"),
            ("last_quarter", "Last quarter"),
            ("last_year", "Last year"),
            ("dates", "From one day to another"),
        ],
        string="When",
        default="days",
        required=True,
        help="Weeks, months and years are those of the club's calendar and time zone.",
    )
    date_from = fields.Date(string="From", help="The first day, by the club's time zone. Empty: from the beginning.")
    date_to = fields.Date(string="Until", help="The last day, included. Empty: until today.")
    product_ids = fields.Many2many("product.product", string="Products", help="Empty: of anything.")
    product_categ_ids = fields.Many2many(
        "product.category", string="Categories", help="These and all below them. Empty: of any category."
    )

    # Behaviour
    figure = fields.Selection("_get_figures")
    stage = fields.Selection(lambda self: self._get_behaviour_selection("stage"))
    ladder = fields.Selection(lambda self: self._get_behaviour_selection("ladder"), string="Rung")
    rfm_cell = fields.Selection(
        lambda self: self._get_behaviour_selection("rfm_cell"),
        string="Group of Buyers",
        help="Empty: any, by the scores alone.",
    )
    recency_from = fields.Integer(default=0, help="0: never bought; 1: longest ago; 5: most recent.")
    recency_to = fields.Integer(default=5)
    frequency_from = fields.Integer(default=0, help="0: never bought; 1: seldom; 5: most often.")
    frequency_to = fields.Integer(default=5)
    monetary_from = fields.Integer(string="Money From", default=0, help="0: never bought; 1: least; 5: most.")
    monetary_to = fields.Integer(string="Money To", default=5)

    # Profile
    tier_ids = fields.Many2many("club.tier", string="Tiers", domain="[('club_id', '=', club_id)]")
    group_ids = fields.Many2many("res.partner.category", string="Groups")
    country_ids = fields.Many2many("res.country", string="Countries")
    language = fields.Selection(lambda self: self.env["res.lang"].get_installed())
    occasion_kind = fields.Selection(
        lambda self: self.env["club.occasion"]._fields["kind"]._description_selection(self.env),
        string="Occasion",
        default="birthday",
    )
    occasion_when = fields.Selection(
        [("days", "Within the next days"), ("month", "This month"), ("known", "We know the day")],
        default="month",
    )
    other_id = fields.Many2one(
        "club.segment",
        string="Other Segment",
        domain="[('club_id', '=', club_id), ('id', '!=', segment_id)]",
        ondelete="restrict",
        index="btree_not_null",
    )

    # -- selections ----------------------------------------------------------

    @api.model
    def _get_event_types(self):
        return self.env["club.event"]._fields["type"]._description_selection(self.env)

    @api.model
    def _get_figures(self):
        """Figures of ``club.behaviour`` that a condition may compare with a number: name → label."""
        names = (
            "order_count",
            "sales",
            "average_basket",
            "recency_days",
            "interval_days",
            "days_to_pay",
            "view_count",
            "wishlist_count",
            "cart_count",
            "cart_amount",
            "p_alive",
            "expected_purchases",
            "expected_value",
        )
        known = self.env["club.behaviour"]._fields if "club.behaviour" in self.env else {}
        return [(name, known[name]._description_string(self.env)) for name in names if name in known]

    @api.model
    def _get_behaviour_selection(self, name):
        field = self.env["club.behaviour"]._fields.get(name) if "club.behaviour" in self.env else None
        return field._description_selection(self.env) if field else []

    # -- computes ------------------------------------------------------------

    @api.depends(lambda self: self._get_sentence_fields())
    @api.depends_context("lang")
    def _compute_sentence(self):
        for condition in self:
            condition.sentence = condition._get_words() or ""

    @api.model
    def _get_sentence_fields(self):
        """What a condition is made of; an addon adds the fields of its kinds."""
        return [
            *("segment_id.club_id", "excludes", "kind", "comparison", "value", "days", "event_type", "measure"),
            *("window", "date_from", "date_to", "product_ids", "product_categ_ids", "figure", "stage", "ladder"),
            *("rfm_cell", "recency_from", "recency_to", "frequency_from", "frequency_to", "monetary_from"),
            *("monetary_to", "tier_ids", "group_ids", "country_ids", "language", "occasion_kind", "occasion_when"),
            "other_id",
        ]

    @api.depends("sentence")
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = condition.sentence

    # -- constraints ---------------------------------------------------------

    @api.constrains(lambda self: [name for name in self._get_sentence_fields() if "." not in name] + ["segment_id"])
    def _check_condition(self):
        """A condition asks something, of its own club, that can be answered."""
        for condition in self:
            problem = condition._get_problem()
            if problem:
                raise ValidationError(
                    self.env._(
                        "A condition of %(segment)s is not complete: %(problem)s",
                        segment=condition.segment_id.name or self.env._("the segment"),
                        problem=problem,
                    )
                )
        self.segment_id._check_conditions()

    def _get_problem(self):
        """What is wrong with the condition, with what to do, or an empty text; an addon adds what its kinds need."""
        _ = self.env._
        asked = {
            "tier": self.tier_ids and True,
            "group": self.group_ids and True,
            "country": self.country_ids and True,
            "language": self.language,
            "stage": self.stage,
            "ladder": self.ladder,
            "behaviour": self.figure,
            "segment": self.other_id and True,
            "event": self.event_type,
        }
        if not asked.get(self.kind, True):
            return _("%(kind)s: choose which.", kind=self._label("kind"))
        foreign = (self.tier_ids | self.tier_ids.browse()).filtered(lambda tier: tier.club_id != self.club_id)
        if foreign or self.other_id and self.other_id.club_id != self.club_id:
            return _(
                "%(record)s belongs to another club. Choose one of %(club)s.",
                record=(foreign or self.other_id)[:1].display_name,
                club=self.club_id.name,
            )
        if self._uses_days() and self.days < 1:
            return _("it asks for %(days)s days. Write 1 or more.", days=self.days)
        if self._uses_dates():
            if not (self.date_from or self.date_to):
                return _("it asks from one day to another. Write at least one of the two.")
            if self.date_from and self.date_to and self.date_from > self.date_to:
                return _(
                    "%(first)s comes after %(last)s. Change the days.",
                    first=self._day(self.date_from),
                    last=self._day(self.date_to),
                )
        if self.value < 0:
            return _("it asks for less than nothing. Write 0 or more.")
        if self.kind == "rfm" and not all(
            first in SCORES and last in SCORES and first <= last for first, last in self._get_scores().values()
        ):
            return _("scores go from 0 to 5, the lower first. Correct them.")
        return ""

    def _uses_days(self):
        """Whether the number of days is a part of what is asked."""
        if self.kind == "event":
            return self.measure != "last" and self.window == "days"
        return self.kind in ("joined", "expiring") or self.kind == "occasion" and self.occasion_when == "days"

    def _uses_dates(self):
        """Whether two days of the calendar are a part of what is asked."""
        return self.kind == "event" and self.measure != "last" and self.window == "dates"

    def _get_scores(self):
        """First and last score by field of ``club.behaviour``."""
        return {
            "recency_score": (self.recency_from, self.recency_to),
            "frequency_score": (self.frequency_from, self.frequency_to),
            "monetary_score": (self.monetary_from, self.monetary_to),
        }

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        conditions.segment_id._note_conditions()
        return conditions

    def write(self, vals):
        res = super().write(vals)
        self.segment_id._note_conditions()
        return res

    def unlink(self):
        segment = self.segment_id
        res = super().unlink()
        segment.exists()._note_conditions()
        return res

    # -- what a condition means ----------------------------------------------

    def _get_domain(self, members=None):
        """Whom the condition means, as a domain on ``club.member``.

        :param members: where only these are asked about: what the condition counts it counts for them alone.
        :rtype: Domain
        :raises UserError: nobody knows its kind (any more).
        """
        self.ensure_one()
        read = getattr(self, f"_get_{self.kind}_domain", None)
        if read is None:
            raise UserError(
                self.env._(
                    "The segment %(segment)s has a condition of the kind %(kind)s, which is not installed any more. "
                    "Remove the condition.",
                    segment=self.segment_id.name,
                    kind=self.kind,
                )
            )
        return Domain(read(members))

    def _get_words(self):
        """The condition in words that stand after "Members who", e.g. "bought at least 3 times in the last 90 days"."""
        self.ensure_one()
        words = getattr(self, f"_get_{self.kind}_words", None)
        return words() if words else ""

    def _label(self, name):
        """How the chosen value of a selection is called."""
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    def _get_window(self):
        """The local days in which facts count, half-open."""
        club = self.sudo().club_id
        if self.window == "dates":
            last = self.date_to or club._get_today()
            return self.date_from or periods.LIFETIME_FIRST, last + periods.ONE_DAY
        return segments.window(
            self.window,
            club._get_today(),
            days=max(self.days, 1),
            calendar=club.calendar,
            week_start=int(club.week_start),
        )
