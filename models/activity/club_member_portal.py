"""What a member sees of its profile and its visits."""

from odoo import fields, models
from odoo.addons.customer_club.engine import earning_activity
from odoo.addons.customer_club.models.earning.event_batch import EventBatch, EventRow

#: Rank of the profile among the things to do now: after a reward within reach.
STEP_RANK = 35


class ClubMember(models.Model):
    _inherit = "club.member"

    def _preview_earning(self, event_type, payload, known=None, rule_id=None):
        """What a fact of now would earn this member by the rules and limits as they are; nothing is recorded.

        :param dict payload: the fact's; :param dict known: what conditions would read about the member.
        :param int rule_id: what this rule alone gives.
        :rtype: Decimal
        """
        self.ensure_one()
        row = EventRow(0, self.id, self.club_id.id, event_type, fields.Datetime.now(), 0.0, "", None, None, 0, payload)
        batch = EventBatch(self.env, [row])
        if known:
            batch.known = {self.id: {**batch.known.get(self.id, {}), **known}}
        return sum(
            award.points
            for _row, evaluation in batch.evaluate()
            for award in evaluation.awards
            if rule_id == award.rule_id or (rule_id is None and award.money_digits is None)
        )

    # -- the overview ----------------------------------------------------------------

    def _get_portal_values(self):
        values = super()._get_portal_values()
        return {**values, "profile": self._get_portal_profile(), "streaks": self._get_portal_streaks()}

    def _get_portal_profile(self):
        """The meter, for the member: ``percent``, ``missing`` (questions), ``prizes`` (sentences) and ``url``.

        :rtype: dict or None
        """
        self.ensure_one()
        _ = self.env._
        profile = self._get_profiles()[self]
        if profile["percent"] is None:
            return None
        club = self.club_id
        prizes = self._get_profile_prizes(profile["percent"]) if profile["percent"] < 100 else []
        return {
            **profile,
            "prizes": [
                _("%(points)s when it is complete", points=club._show_points(prize["points"], signed=True))
                if prize["percent"] == 100
                else _(
                    "%(points)s when %(percent)s%% is filled in",
                    points=club._show_points(prize["points"], signed=True),
                    percent=prize["percent"],
                )
                for prize in prizes
            ],
            "url": f"/my/club/{self.id}/complete",
        }

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        # Colleagues see the company's points; what the club knows of the member in person is not theirs to fill in.
        profile = self._get_portal_profile() if self._is_portal_owner(self.env.user) else None
        if not profile or profile["percent"] == 100:
            return steps
        _ = self.env._
        if "phone" in profile["missing"].mapped("kind"):
            # The profile asks for the number too: one line about it is enough.
            steps = [step for step in steps if step["rank"] != 60]
        prize = profile["prizes"][:1]
        words = {"percent": profile["percent"], "prize": prize and prize[0]}
        steps.append(
            {
                "rank": STEP_RANK,
                "text": _("Your profile is %(percent)s%% complete: %(prize)s.", **words)
                if prize
                else _("Your profile is %(percent)s%% complete.", **words),
                "url": profile["url"],
                "label": _("Go on"),
            }
        )
        return steps

    # -- streaks ---------------------------------------------------------------------

    def _get_portal_streaks(self):
        """The member's visits in a row, for the streaks that the club rewards.

        :return: sentences such as "4 weeks in a row on the account page; one more for 50 Points".
        :rtype: list[str]
        """
        self.ensure_one()
        club = self.sudo().club_id
        policy = club._get_policies().get(club.id)
        rules = [rule for rule in (policy.rules if policy else ()) if "visit_streak" in rule.conditions]
        if not rules:
            return []
        visits = self.env["club.event"].sudo()._read_visits({self.id: policy})[self.id]
        today = club._get_today()
        sentences = []
        for rule in rules:
            streak = rule.conditions["visit_streak"]
            now = earning_activity.standing(
                visits, today, streak.period, streak.channel, policy.calendar, policy.week_start
            )
            points = self._preview_streak(rule, streak)
            if points:
                sentences.append(self._word_streak(streak, now, points))
        return sentences

    def _preview_streak(self, rule, streak):
        """What the next full streak would give, if it were full now."""
        known = {"streaks": _Full(streak.times)}
        return self.sudo()._preview_earning("visit", {"channel": streak.channel}, known, rule.id)

    def _word_streak(self, streak, now, points):
        _ = self.env._
        club = self.club_id
        left = earning_activity.missing(now.length, streak.times)
        words = {
            "count": now.length,
            "left": left,
            "points": club._show_points(points),
            "where": self._get_visit_channels().get(streak.channel, _("with us")),
        }
        names = {
            "day": (
                _("1 day"),
                _("%(count)s days in a row", **words),
                _("one more day"),
                _("%(left)s more days", **words),
            ),
            "week": (
                _("1 week"),
                _("%(count)s weeks in a row", **words),
                _("one more week"),
                _("%(left)s more weeks", **words),
            ),
            "month": (
                _("1 month"),
                _("%(count)s months in a row", **words),
                _("one more month"),
                _("%(left)s more months", **words),
            ),
        }[streak.period]
        words["more"] = names[2] if left == 1 else names[3]
        if not now.length:
            return _("Be %(where)s: %(more)s in a row for %(points)s.", **{**words, "more": self._word_goal(streak)})
        words["run"] = names[0] if now.length == 1 else names[1]
        return _("%(run)s %(where)s; %(more)s for %(points)s.", **words)

    def _word_goal(self, streak):
        _ = self.env._
        return {
            "day": _("%(count)s days", count=streak.times),
            "week": _("%(count)s weeks", count=streak.times),
            "month": _("%(count)s months", count=streak.times),
        }[streak.period]


class _Full(earning_activity.Streaks):
    """A streak that is full at any visit, to ask what it would give."""

    def __init__(self, count):
        super().__init__([])
        self.count = count

    def length(self, visit, period, channel=""):
        return self.count
