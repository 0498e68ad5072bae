"""What a rule asks of a fact from a members' forum."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_forum  # noqa: F401 - registers the conditions


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    forum_what = fields.Selection(
        [
            ("answer", "An answer, once accepted"),
            ("question", "A question, once published"),
            ("votes", "A post that others voted up"),
            ("comment", "A comment that has stood the time for moderation"),
        ],
        string="What Was Written",
        default="answer",
    )
    forum_ids = fields.Many2many("forum.forum", string="Forums", help="Empty: every forum of the club.")

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), "forum_what", "forum_ids"})

    def _get_condition_values(self):
        values = super()._get_condition_values()
        if self.event_type == "forum":
            values["forum_what"] = self.forum_what or None
            values["forums"] = frozenset(self.sudo().forum_ids._origin.ids) or None
        return values

    def _get_event_phrases(self, nth):
        """Say what was written: four kinds of thing, each in the five ways of counting it."""
        phrases = super()._get_event_phrases(nth)
        _ = self.env._
        if self.event_type == "forum" and self.forum_what:
            phrases["forum"] = {
                "answer": (
                    _("every accepted answer in the members' forum"),
                    _("the first accepted answer in the members' forum"),
                    _("the %(nth)s accepted answer in the members' forum", nth=nth),
                    _("every %(nth)s accepted answer in the members' forum", nth=nth),
                    _("every accepted answer in the members' forum from the %(nth)s on", nth=nth),
                ),
                "question": (
                    _("every published question in the members' forum"),
                    _("the first published question in the members' forum"),
                    _("the %(nth)s published question in the members' forum", nth=nth),
                    _("every %(nth)s published question in the members' forum", nth=nth),
                    _("every published question in the members' forum from the %(nth)s on", nth=nth),
                ),
                "votes": (
                    _("every post in the members' forum that others vote up"),
                    _("the first post in the members' forum that others vote up"),
                    _("the %(nth)s post in the members' forum that others vote up", nth=nth),
                    _("every %(nth)s post in the members' forum that others vote up", nth=nth),
                    _("every post in the members' forum that others vote up, from the %(nth)s on", nth=nth),
                ),
                "comment": (
                    _("every comment in the members' forum that moderators let stand"),
                    _("the first comment in the members' forum that moderators let stand"),
                    _("the %(nth)s comment in the members' forum that moderators let stand", nth=nth),
                    _("every %(nth)s comment in the members' forum that moderators let stand", nth=nth),
                    _("every comment in the members' forum that moderators let stand, from the %(nth)s on", nth=nth),
                ),
            }[self.forum_what]
        return phrases

    def _get_what_clauses(self):
        clauses = super()._get_what_clauses()
        if self.event_type == "forum" and self.forum_ids:
            clauses.append(self.env._("in %(forums)s", forums=self._names(self.sudo().forum_ids)))
        return clauses

    def _get_refusal_sentences(self):
        _ = self.env._
        return {
            **super()._get_refusal_sentences(),
            "forum_what": lambda v: _(
                "The rule is about something else: %(what)s.", what=self._label("forum_what").lower()
            ),
            "forums": lambda v: _("It was written in another forum."),
        }
