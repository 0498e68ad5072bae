"""Feedback that has just come in is a fact too: staff follow it up. Points come when it is accepted."""

from odoo import api, models

SENT = "feedback_sent"


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    def _take_in(self):
        super()._take_in()
        self.env["club.event"]._report(
            [
                {
                    "member_id": feedback.member_id.id,
                    "type": SENT,
                    "key": f"{feedback._name},{feedback.id}:sent",
                    "occurred_at": feedback.create_date,
                    "origin": feedback,
                    "payload": {"kind": feedback.kind, "category": feedback.category_id.id or 0},
                }
                for feedback in self.sudo()
            ]
        )


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    def _get_event_conflicts(self):
        conflicts = super()._get_event_conflicts()
        if self.event_type == SENT and self.purpose == "points":
            conflicts.append(
                self.env._(
                    "Feedback gives points once it is accepted, or everybody would write anything. "
                    "Choose the event Gave feedback for the rule %(rule)s.",
                    rule=self._called,
                )
            )
        return conflicts

    def _get_event_phrases(self, nth):
        phrases = super()._get_event_phrases(nth)
        _, kinds = self.env._, self._feedback_kind_words()
        phrases[SENT] = (
            _("every %(kinds)s", kinds=kinds),
            _("the first %(kinds)s", kinds=kinds),
            _("the %(nth)s %(kinds)s", nth=nth, kinds=kinds),
            _("every %(nth)s %(kinds)s", nth=nth, kinds=kinds),
            _("every %(kinds)s from the %(nth)s on", nth=nth, kinds=kinds),
        )
        return phrases


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _get_customer_phrases(self):
        return {
            **super()._get_customer_phrases(),
            SENT: self.env._("You told us what you think"),
            "feedback": self.env._("What you told us was accepted"),
        }
