"""A contest in words: the sentence it reads back as, where it is, and what somebody reached."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools.misc import formatLang


class ClubContest(models.Model):
    _inherit = "club.contest"

    def _get_phase(self):
        """Where the contest is, for members and staff."""
        self.ensure_one()
        _ = self.env._
        if self.state != "open":
            return dict(self._fields["state"]._description_selection(self.env)).get(self.state, "")
        start, end = self._get_bounds()
        now, show = fields.Datetime.now(), self.club_id._show_day
        if now < start:
            return _("Begins on %(day)s", day=show(self.date_from))
        if now < end:
            return _("Runs until %(day)s", day=show(self.date_to))
        return _("Over; late facts count until %(day)s", day=show(self._get_closing() - timedelta(seconds=1)))

    def _sentence(self):
        """The contest as one sentence in the reader's language."""
        self.ensure_one()
        _ = self.env._
        what = _(" or ").join(self.type_ids._get_labels()) or _("nothing yet")
        words = {
            "count": lambda: _("Who does this most often: %(what)s", what=what),
            "days": lambda: _("Who does this on most days: %(what)s", what=what),
            "amount": lambda: _("Who reaches the highest amount: %(what)s", what=what),
            "points": lambda: _("Who earns most points: %(what)s", what=what),
        }[self.measure]()
        if self.measure == "points" and self.rule_ids:
            words = _("%(words)s (%(rules)s)", words=words, rules=_(", ").join(self.sudo().rule_ids.mapped("name")))
        show = self.club_id._show_day
        clauses = [
            words,
            _("from %(first)s to %(last)s", first=show(self.date_from), last=show(self.date_to)),
            self.minimum and _("at least %(least)s", least=self._show_reached(self.minimum)),
        ]
        ties = _("Of equals, who was first wins.") if self.ties == "first" else _("Equals share a place.")
        return _("%(sentence)s. %(ties)s", sentence=_(", ").join(clause for clause in clauses if clause), ties=ties)

    def _show_reached(self, measure):
        """A measure with what it counts, as it reads within a sentence: "once", "3 times", "on 2 days"."""
        self.ensure_one()
        _ = self.env._
        words = self._show_measure(measure)
        one = round(float(measure), 4) == 1
        if self.measure == "count":
            return _("once") if one else _("%(number)s times", number=words)
        if self.measure == "days":
            return _("on 1 day") if one else _("on %(number)s days", number=words)
        return words

    def _show_measure(self, measure):
        """A measure in the reader's format."""
        self.ensure_one()
        measure = float(measure)
        if self.measure == "amount":
            return self.club_id._show_money(measure)
        if self.measure == "points":
            return self.club_id._show_points(measure)
        return formatLang(self.env, measure, digits=0)
