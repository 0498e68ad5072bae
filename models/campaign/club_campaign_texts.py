"""What a new campaign writes until somebody writes something better, and that none only greets."""

from odoo import api, models
from odoo.exceptions import UserError


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    @api.model
    def _get_first_texts(self, trigger, action):
        """Subject and message that fit what it is about, in the reader's language, to be changed at will.

        Without an occasion nobody but the shop knows what there is to say: there the message only greets.

        :rtype: tuple[str, str]
        """
        _ = self.env._
        subject, words = {
            "win_back": (
                _("We miss you, {name}"),
                _("we have not seen you for a while. Come by again: we would be glad to see you."),
            ),
            "unused": (
                _("{points} are waiting for you"),
                _("{points} are waiting on your account. Have a look at what you can get for them."),
            ),
            "expiring": (
                _("Use your points in time, {name}"),
                _("some of your points expire soon. Have a look at what you can get for them, while they are there."),
            ),
            "tier_near": (
                _("{next_tier} is near, {name}"),
                _("only a little is missing to {next_tier}. Your next visit may take you there."),
            ),
            "occasion": (
                _("We are thinking of you, {name}"),
                _("a day that matters to you is near. All of us at {club} wish you a good one."),
            ),
            "welcome": (
                _("Welcome to {club}"),
                _("how good that you are one of us. Your page shows how you collect points and what you get for them."),
            ),
        }.get(trigger, (_("Something for you"), ""))
        offer = "{offer}" if action != "message" or not words else ""
        return subject, "\n\n".join(filter(None, (_("Dear {name},"), words, offer)))

    def _has_first_text(self, name, place):
        """Whether nobody wrote another subject (``place`` 0) or message (1) than a campaign begins with."""
        self.ensure_one()
        triggers = self._fields["trigger"].get_values(self.env)
        known = {
            self._get_first_texts(trigger, action)[place] for trigger in triggers for action in ("message", "points")
        }
        return not self[name] or self[name] in known

    @api.onchange("trigger", "action")
    def _onchange_texts(self):
        """What it writes follows what it is about, until somebody writes something else."""
        texts = self._get_first_texts(self.trigger, self.action)
        for place, name in enumerate(("subject", "body")):
            if self._has_first_text(name, place):
                self[name] = texts[place]

    @api.model
    def _add_first_texts(self, vals):
        """The values of a new campaign with the texts that it begins with, where they have none."""
        given = {name for name in ("subject", "body") if name in vals or f"default_{name}" in self.env.context}
        trigger, action = (
            vals.get(name) or self.env.context.get(f"default_{name}") or first
            for name, first in (("trigger", "once"), ("action", "message"))
        )
        texts = dict(zip(("subject", "body"), self._get_first_texts(trigger, action), strict=True))
        return {**{name: text for name, text in texts.items() if name not in given}, **vals}

    def _check_says_something(self):
        """Refuse a campaign that gives nothing and whose message only greets.

        :raises UserError: with the campaign and what to write
        """
        self.ensure_one()
        if self.action != "message":
            return
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        greetings = {self.with_context(lang=code)._get_first_texts("once", "message")[1] for code in languages}
        greetings = {greeting.replace("{offer}", "").strip() for greeting in greetings}
        written = [(self.subject, self.body)] + ([(self.subject_b, self.body_b)] if self.is_ab else [])
        for _subject, body in written:
            if (body or "").replace("{offer}", "").strip() in ("", *greetings):
                raise UserError(
                    self.env._(
                        "The message of %(campaign)s only greets, and members get nothing with it. Write what you have "
                        "to tell them (what is new, what they can do with their points), or choose what they get.",
                        campaign=self.name,
                    )
                )
