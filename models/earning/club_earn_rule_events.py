"""What has to happen, in words: every kind of event, counted in every way that a rule can count.

Whole phrases, not nouns that are put into sentences: "every", "the first" and "the 5th" agree with what they count in
most languages.
"""

from odoo import api, models

#: How a phrase counts: :meth:`ClubEarnRule._get_event_phrases` has one for each.
FORMS = ("every", "first", "exact", "each", "from")


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    def _get_subject(self):
        """What has to happen, as it stands after "10 points for": "every purchase", "the first review".

        :rtype: str
        """
        self.ensure_one()
        return self._get_event_phrase(self.event_type, self._get_count_form(), self._ordinal(self.nth))

    def _get_count_form(self):
        if self.nth_mode == "exact":
            return "first" if self.nth == 1 else "exact"
        if self.nth_mode == "every":
            return "every" if self.nth == 1 else "each"
        return "from" if self.nth_mode == "from" and self.nth > 1 else "every"

    @api.model
    def _get_event_phrase(self, event_type, form="every", nth=""):
        phrases = self._get_event_phrases(nth).get(event_type)
        if phrases:
            return dict(zip(FORMS, phrases, strict=False)).get(form, phrases[0])
        label = dict(self._fields["event_type"]._description_selection(self.env)).get(event_type, "")
        return {
            "every": self.env._("each time: %(event)s", event=label),
            "first": self.env._("the first time: %(event)s", event=label),
            "exact": self.env._("the %(nth)s time: %(event)s", nth=nth, event=label),
            "each": self.env._("every %(nth)s time: %(event)s", nth=nth, event=label),
            "from": self.env._("each time from the %(nth)s on: %(event)s", nth=nth, event=label),
        }[form]

    @api.model
    def _get_event_phrases(self, nth):
        """Type of event → its phrases in the order of :data:`FORMS`; what happens once only has but one.

        An override adds the types of its addon. A type without phrases reads with its label.

        :param str nth: the ordinal, such as "5th".
        :rtype: dict[str, tuple[str, ...]]
        """
        return {**self._get_buying_phrases(nth), **self._get_doing_phrases(nth), **self._get_bringing_phrases(nth)}

    @api.model
    def _get_buying_phrases(self, nth):
        _ = self.env._
        return {
            "purchase": (
                _("every purchase"),
                _("the first purchase"),
                _("the %(nth)s purchase", nth=nth),
                _("every %(nth)s purchase", nth=nth),
                _("every purchase from the %(nth)s on", nth=nth),
            ),
            "merchant_purchase": (
                _("every purchase at a partner"),
                _("the first purchase at a partner"),
                _("the %(nth)s purchase at a partner", nth=nth),
                _("every %(nth)s purchase at a partner", nth=nth),
                _("every purchase at a partner from the %(nth)s on", nth=nth),
            ),
            "referral_purchase": (
                _("every purchase of a friend"),
                _("the first purchase of a friend"),
                _("the %(nth)s purchase of friends", nth=nth),
                _("every %(nth)s purchase of friends", nth=nth),
                _("every purchase of friends from the %(nth)s on", nth=nth),
            ),
        }

    @api.model
    def _get_doing_phrases(self, nth):
        _ = self.env._
        return {
            "join": (_("joining the club"),),
            "profile": (_("completing the profile"),),
            "tier": (
                _("reaching a tier"),
                _("reaching a tier for the first time"),
                _("reaching a tier for the %(nth)s time", nth=nth),
                _("reaching a tier every %(nth)s time", nth=nth),
                _("reaching a tier from the %(nth)s time on", nth=nth),
            ),
            "visit": (
                _("every visit"),
                _("the first visit"),
                _("the %(nth)s visit", nth=nth),
                _("every %(nth)s visit", nth=nth),
                _("every visit from the %(nth)s on", nth=nth),
            ),
            "survey": (
                _("every survey answered"),
                _("the first survey answered"),
                _("the %(nth)s survey answered", nth=nth),
                _("every %(nth)s survey answered", nth=nth),
                _("every survey answered from the %(nth)s on", nth=nth),
            ),
            "feedback": (
                _("every piece of feedback"),
                _("the first piece of feedback"),
                _("the %(nth)s piece of feedback", nth=nth),
                _("every %(nth)s piece of feedback", nth=nth),
                _("every piece of feedback from the %(nth)s on", nth=nth),
            ),
            "review": (
                _("every review"),
                _("the first review"),
                _("the %(nth)s review", nth=nth),
                _("every %(nth)s review", nth=nth),
                _("every review from the %(nth)s on", nth=nth),
            ),
            "occasion": (
                _("every occasion"),
                _("the first occasion"),
                _("the %(nth)s occasion", nth=nth),
                _("every %(nth)s occasion", nth=nth),
                _("every occasion from the %(nth)s on", nth=nth),
            ),
            "custom": (
                _("every other fact"),
                _("the first other fact"),
                _("the %(nth)s other fact", nth=nth),
                _("every %(nth)s other fact", nth=nth),
                _("every other fact from the %(nth)s on", nth=nth),
            ),
        }

    @api.model
    def _get_bringing_phrases(self, nth):
        _ = self.env._
        return {
            "referral_click": (
                _("every visitor through the member's link"),
                _("the first visitor through the member's link"),
                _("the %(nth)s visitor through the member's link", nth=nth),
                _("every %(nth)s visitor through the member's link", nth=nth),
                _("every visitor through the member's link from the %(nth)s on", nth=nth),
            ),
            "referral_join": (
                _("every friend who joins"),
                _("the first friend who joins"),
                _("the %(nth)s friend who joins", nth=nth),
                _("every %(nth)s friend who joins", nth=nth),
                _("every friend who joins from the %(nth)s on", nth=nth),
            ),
            "forum": (
                _("every contribution to the forum"),
                _("the first contribution to the forum"),
                _("the %(nth)s contribution to the forum", nth=nth),
                _("every %(nth)s contribution to the forum", nth=nth),
                _("every contribution to the forum from the %(nth)s on", nth=nth),
            ),
            "contest": (
                _("every place won in a contest"),
                _("the first place won in a contest"),
                _("the %(nth)s place won in a contest", nth=nth),
                _("every %(nth)s place won in a contest", nth=nth),
                _("every place won in a contest from the %(nth)s on", nth=nth),
            ),
        }

    @api.model
    def _ordinal(self, number):
        """The number as an ordinal; English ends it in four ways, other languages translate the general one."""
        if (self.env.lang or "en").startswith("en") and number % 100 not in (11, 12, 13) and number % 10 in (1, 2, 3):
            return f"{number}{('st', 'nd', 'rd')[number % 10 - 1]}"
        return self.env._("%(number)sth", number=number)
