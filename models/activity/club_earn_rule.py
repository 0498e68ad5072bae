"""Rules about joining, profiles, visits and tiers: what they ask, how it reads, why it refuses."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_activity

#: What the sentence is made of, beside the fields of every rule.
ACTIVITY_FIELDS = frozenset(
    {
        "profile_percent",
        "streak_count",
        "streak_period",
        "join_source",
        "reached_tier_ids",
        "tier_again",
    }
)


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    profile_percent = fields.Integer(
        string="Filled In at Least",
        default=100,
        help="The rule pays once, when a member's profile reaches this percent for the first time.",
    )
    streak_count = fields.Integer(
        string="Visits in a Row",
        help="Pays when a member has come in so many days, weeks or months in a row, and at each further multiple. "
        "0: each visit pays.",
    )
    streak_period = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months")],
        string="In a Row By",
        default="week",
        required=True,
        help="In the club's calendar and time zone.",
    )
    join_source = fields.Selection(selection="_select_join_source", string="How They Joined", default="any")
    reached_tier_ids = fields.Many2many(
        "club.tier",
        "club_earn_rule_reached_tier_rel",
        string="Tiers Reached",
        domain="[('club_id', '=', club_id)]",
        help="Empty: whichever tier is reached by rising. Who skips a tier reaches the one where the rise ends.",
    )
    tier_again = fields.Selection(
        [
            ("once", "Once per tier and member"),
            ("year", "Once per tier, member and 12 months"),
            ("always", "Every time"),
        ],
        string="Reached Again",
        default="once",
        required=True,
        help="Who falls and rises again reaches the same tier another time.",
    )

    @api.model
    def _select_join_source(self):
        sources = self.env["club.member"]._fields["source"]._description_selection(self.env)
        return [("any", self.env._("However they joined")), *sources]

    # -- constrains ----------------------------------------------------------

    @api.constrains("profile_percent", "streak_count", "reached_tier_ids", "club_id", "event_type")
    def _check_activity(self):
        self._check_conflicts()

    def _get_conflicts(self):
        return [*super()._get_conflicts(), *self._get_activity_conflicts()]

    def _get_activity_conflicts(self):
        _, called = self.env._, self._called
        conflicts = []
        if self.event_type == "profile" and not 1 <= self.profile_percent <= 100:
            conflicts.append(
                _(
                    "The rule %(rule)s asks for a profile of %(percent)s%%. Set 1 to 100.",
                    rule=called,
                    percent=self.profile_percent,
                )
            )
        if self.streak_count < 0:
            conflicts.append(
                _(
                    "The rule %(rule)s cannot ask for fewer than no visits in a row. Set 2 or more, or 0 for none.",
                    rule=called,
                )
            )
        if any(tier.club_id._origin != self.club_id._origin for tier in self.reached_tier_ids):
            conflicts.append(
                _(
                    "A tier that the rule %(rule)s asks for belongs to another club. Choose tiers of %(club)s.",
                    rule=called,
                    club=self.club_id.name,
                )
            )
        return conflicts

    @api.onchange("club_id")
    def _onchange_club_id_activity(self):
        """Tiers belong to a club."""
        club = self.club_id._origin
        self.reached_tier_ids = self.reached_tier_ids.filtered(lambda tier: tier.club_id._origin == club)

    # -- the engine's values -------------------------------------------------

    def _get_condition_values(self):
        return {**super()._get_condition_values(), **self._get_activity_values()}

    def _get_activity_values(self):
        """What this rule asks of its own kind of event; nothing of another's, so that it costs no other rule."""
        if self.event_type == "profile":
            return {"profile_percent": self.profile_percent}
        if self.event_type == "visit":
            streak = earning_activity.Streak(self.streak_period, self.streak_count, self._get_channel_value() or "")
            return {"visit_streak": streak if self.streak_count else None}
        if self.event_type == "join":
            return {"join_source": self.join_source if self.join_source not in (False, "any") else None}
        if self.event_type == "tier":
            return {
                "reached_tiers": frozenset(self.reached_tier_ids.ids) or None,
                "tier_again": earning_activity.Again(self.tier_again, self.club_id.calendar),
            }
        return {}

    # -- words ---------------------------------------------------------------

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), *ACTIVITY_FIELDS})

    def _get_subject(self):
        words = {
            "join": self._get_join_words,
            "profile": self._get_profile_words,
            "visit": self._get_streak_words,
            "tier": self._get_reached_words,
        }.get(self.event_type)
        return words and words() or super()._get_subject()

    def _get_join_words(self):
        _ = self.env._
        if self.join_source in (False, "any"):
            return ""
        known = {
            "manual": _("joining through our staff"),
            "portal": _("joining in the customer's account"),
            "signup": _("joining while signing up"),
            "checkout": _("joining at the checkout"),
            "counter": _("joining at the counter"),
            "api": _("joining through another system"),
            "import": _("joining by an import"),
        }
        return known.get(self.join_source) or _("joining the club (%(how)s)", how=self._label("join_source"))

    def _get_profile_words(self):
        if self.profile_percent >= 100:
            return ""
        return self.env._("filling in %(percent)s%% of the profile", percent=self.profile_percent)

    def _get_streak_words(self):
        _ = self.env._
        if not self.streak_count:
            return ""
        count = self._number(self.streak_count)
        return {
            "day": _("visits on %(count)s days in a row", count=count),
            "week": _("visits in %(count)s weeks in a row", count=count),
            "month": _("visits in %(count)s months in a row", count=count),
        }[self.streak_period or "week"]

    def _get_reached_words(self):
        if not self.reached_tier_ids or self.nth_mode != "no":
            return ""
        return self.env._("reaching %(tiers)s", tiers=self._names(self.reached_tier_ids))

    def _get_clauses(self):
        return [*self._get_activity_clauses(), *super()._get_clauses()]

    def _get_activity_clauses(self):
        _ = self.env._
        if self.event_type == "tier":
            again = {"once": _("once per tier"), "year": _("once per tier and 12 months")}.get(self.tier_again)
            named = self.reached_tier_ids and not self._get_reached_words()
            return [named and _("if it is %(tiers)s", tiers=self._names(self.reached_tier_ids)), again]
        return []

    def _get_reason_sentences(self):
        _, date = self.env._, self._date
        return {
            **super()._get_reason_sentences(),
            "profile_percent": lambda v: _(
                "The profile has %(percent)s%% of the %(asked)s%% asked for.", percent=v["percent"], asked=v["asked"]
            ),
            "profile_before": lambda v: _("The profile had reached %(asked)s%% before.", asked=v["asked"]),
            "visit_again": lambda v: {
                "day": _("It is not the first such visit of the day."),
                "week": _("It is not the first such visit of the week."),
                "month": _("It is not the first such visit of the month."),
            }[v["period"]],
            "visit_streak": lambda v: _(
                "Visit number %(length)s in a row; every %(count)s pay.", length=v["length"], count=v["count"]
            ),
            "join_source": lambda v: _("Only who joined so: %(how)s.", how=self._label("join_source")),
            "reached_tiers": lambda v: _("Only for reaching %(tiers)s.", tiers=self._names(self.reached_tier_ids)),
            "tier_once": lambda v: _("The member had reached this tier before, on %(day)s.", day=date(v["last"])),
            "tier_year": lambda v: _(
                "The member had reached this tier on %(day)s; it pays again after 12 months.", day=date(v["last"])
            ),
        }
