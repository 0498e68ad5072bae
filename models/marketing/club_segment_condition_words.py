"""Conditions of a segment in words that stand after "Members who"."""

from odoo import models
from odoo.tools import format_date, format_list, formatLang


class ClubSegmentCondition(models.Model):
    _inherit = "club.segment.condition"

    def _names(self, records):
        names = records.mapped(lambda record: record.display_name or "")
        if len(names) > 4:
            names = [*names[:3], self.env._("%(number)s more", number=self._number(len(names) - 3))]
        return format_list(self.env, names, "or")

    def _number(self, value):
        """A number without decimals that say nothing."""
        return formatLang(self.env, value, digits=0 if float(value).is_integer() else 2)

    def _money(self, value):
        return formatLang(self.env, value, currency_obj=self.sudo().club_id.currency_id or self.env.company.currency_id)

    def _compared(self, words):
        """ "at least 3" or "at most 3"."""
        if self.comparison == "least":
            return self.env._("at least %(value)s", value=words)
        return self.env._("at most %(value)s", value=words)

    # -- profile -------------------------------------------------------------

    def _get_tier_words(self):
        return self.tier_ids and self.env._("have the tier %(tiers)s", tiers=self._names(self.tier_ids))

    def _get_group_words(self):
        return self.group_ids and self.env._("are in the group %(groups)s", groups=self._names(self.group_ids))

    def _get_country_words(self):
        return self.country_ids and self.env._("live in %(countries)s", countries=self._names(self.country_ids))

    def _get_language_words(self):
        return self.language and self.env._("read %(language)s", language=self._label("language"))

    def _get_consent_words(self):
        return self.env._("agreed to marketing messages")

    def _get_joined_words(self):
        if self.comparison == "least":
            return self.env._("joined %(days)s days ago or earlier", days=self._number(self.days))
        return self.env._("joined in the last %(days)s days", days=self._number(self.days))

    def _get_segment_words(self):
        return self.other_id and self.env._("belong to %(segment)s", segment=self.other_id.name)

    def _get_occasion_words(self):
        _ = self.env._
        occasion = self._label("occasion_kind")
        if self.occasion_when == "month":
            return _("have an occasion this month (%(occasion)s)", occasion=occasion)
        if self.occasion_when == "days":
            return _(
                "have an occasion within %(days)s days (%(occasion)s)", days=self._number(self.days), occasion=occasion
            )
        return _("told us the day of an occasion (%(occasion)s)", occasion=occasion)

    # -- points --------------------------------------------------------------

    def _get_points_words(self):
        return self.env._("can spend %(compared)s", compared=self._compared(self._points()))

    def _get_expiring_words(self):
        return self.env._(
            "lose %(compared)s within %(days)s days",
            compared=self._compared(self._points()),
            days=self._number(self.days),
        )

    def _points(self):
        club = self.sudo().club_id
        return club._show_points(self.value) if club else self._number(self.value)

    # -- behaviour -----------------------------------------------------------

    def _get_behaviour_words(self):
        if not self.figure:
            return ""
        money = self.env["club.behaviour"]._fields[self.figure].type == "monetary"
        return self.env._(
            "have %(compared)s as “%(figure)s”",
            compared=self._compared(self._money(self.value) if money else self._number(self.value)),
            figure=self._label("figure"),
        )

    def _get_stage_words(self):
        return self.stage and self.env._("are in the stage “%(stage)s”", stage=self._label("stage"))

    def _get_ladder_words(self):
        return self.ladder and self.env._("stand on the rung “%(rung)s”", rung=self._label("ladder"))

    def _get_rfm_words(self):
        _ = self.env._
        names = {"recency_score": _("recency"), "frequency_score": _("frequency"), "monetary_score": _("money")}
        scores = [
            _("%(score)s %(first)s", score=names[name], first=first)
            if first == last
            else _("%(score)s %(first)s to %(last)s", score=names[name], first=first, last=last)
            for name, (first, last) in self._get_scores().items()
            if (first, last) != (0, 5)
        ]
        cell = self.rfm_cell and _("are among the “%(cell)s”", cell=self._label("rfm_cell"))
        score = scores and _("score %(scores)s", scores=format_list(self.env, scores))
        if cell and score:
            return _("%(cell)s and %(score)s", cell=cell, score=score)
        return cell or score or _("have any score")

    # -- what they did -------------------------------------------------------

    def _get_event_words(self):
        _ = self.env._
        what = {"purchase": _("bought"), "visit": _("visited")}.get(self.event_type) or _(
            "have “%(event)s”", event=self._label("event_type")
        )
        if self._asks_goods():
            what = _("%(did)s %(goods)s", did=what, goods=self._names_goods())
        if self.measure == "last":
            days = self._compared(self._number(int(self.value)))
            return _("%(did)s for the last time %(days)s days ago", did=what, days=days)
        if self.measure == "never" or self.measure == "count" and self.comparison == "most" and not self.value:
            what = _("never %(did)s", did=what)
        elif self.measure == "sum":
            what = _("%(did)s for %(amount)s", did=what, amount=self._compared(self._money(self.value)))
        elif self.value != 1:
            what = _("%(did)s %(count)s times", did=what, count=self._compared(self._number(self.value)))
        elif self.comparison == "most":
            what = _("%(did)s at most once", did=what)
        when = self._get_window_words()
        return _("%(did)s %(when)s", did=what, when=when) if when else what

    def _names_goods(self):
        named = [self._names(records) for records in (self.product_ids, self.product_categ_ids) if records]
        return format_list(self.env, named, "or")

    def _day(self, day):
        club = self.sudo().club_id
        return club._show_day(day) if club else format_date(self.env, day)

    def _get_dates_words(self):
        first, last = (day and self._day(day) for day in (self.date_from, self.date_to))
        if first and last:
            return self.env._("from %(first)s to %(last)s", first=first, last=last)
        if first:
            return self.env._("since %(first)s", first=first)
        return last and self.env._("until %(last)s", last=last) or ""

    def _get_window_words(self):
        _ = self.env._
        if self.window == "dates":
            return self._get_dates_words()
        return {
            "ever": "",
            "days": _("in the last %(days)s days", days=self._number(self.days)),
            "week": _("this week"),
            "month": _("this month"),
            "quarter": _("this quarter"),
            "year": _("this year"),
            "last_week": _("last week"),
            "last_month": _("last month"),
            "last_quarter": _("last quarter"),
            "last_year": _("last year"),
        }[self.window or "ever"]
