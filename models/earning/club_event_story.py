"""What each fact earned and why not: the timeline of a member's behaviour."""

from odoo import api, fields, models

from .preview import Preview


class ClubEvent(models.Model):
    _inherit = "club.event"

    earned_words = fields.Text(string="Earned", compute="_compute_story")
    missed_words = fields.Text(
        string="Why Not",
        compute="_compute_story",
        help="Why the other rules gave nothing, by the rules of today: what was earned is stored, reasons are not.",
    )

    @api.depends_context("lang")
    def _compute_story(self):
        """What was earned is read from the ledger; reasons are found by looking at the facts once more."""
        earned = self._read_earned_by_rule()
        evaluations = Preview(self.env).of_events(self)
        ids = {rule for rules in earned.values() for rule in rules}
        for _row, evaluation in evaluations.values():
            ids |= {outcome.rule_id for outcome in (*evaluation.awards, *evaluation.missed)}
        # Browsed together, they are read together.
        rules = {rule.id: rule for rule in self.env["club.earn.rule"].sudo().browse(ids)}
        for event in self:
            of_event = earned.get(event.id, {})
            event.earned_words = "\n".join(event._tell_earned(of_event, rules)) or False
            _row, evaluation = evaluations.get(event.id, (None, None))
            event.missed_words = "\n".join(event._tell_missed(of_event, evaluation, rules)) or False

    def _read_earned_by_rule(self):
        """Points by event and rule, less what was taken back; one query."""
        earned = {}
        for event, rule, points in (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [("event_id", "in", self.ids), ("rule_id", "!=", False), ("kind", "in", ("earn", "reverse"))],
                ["event_id", "rule_id"],
                ["points:sum"],
            )
        ):
            earned.setdefault(event.id, {})[rule.id] = points
        return earned

    def _tell_earned(self, earned, rules):
        _ = self.env._
        return [
            _("%(points)s: %(rule)s", points=rules[rule_id]._points(points), rule=rules[rule_id].name)
            if points
            else _("taken back: %(rule)s", rule=rules[rule_id].name)
            for rule_id, points in earned.items()
        ]

    def _tell_missed(self, earned, evaluation, rules):
        """Reasons, each with its rule; a rule that was changed after the fact was processed is marked."""
        _ = self.env._
        if not self.processed_at:
            return [_("It waits to be processed.")]
        if self.revises_id:
            return []
        if self.revoked_at:
            return [_("It was taken back on %(date)s.", date=self.club_id._show_day(self.revoked_at))]
        if not evaluation:
            return []
        told = [
            self._tell_reason(rules[miss.rule_id], rules[miss.rule_id]._explain(miss.why))
            for miss in evaluation.missed
            if miss.rule_id not in earned
        ]
        told += [
            _(
                "%(rule)s: would give %(points)s by today's rules.",
                rule=rules[award.rule_id].name,
                points=rules[award.rule_id]._points(award.points),
            )
            for award in evaluation.awards
            if award.rule_id not in earned
        ]
        return told or ([] if earned else [_("No rule is about this.")])

    def _tell_reason(self, rule, why):
        # Processing is known to the second.
        if rule.write_date and self.processed_at and rule.write_date.replace(microsecond=0) > self.processed_at:
            return self.env._("%(rule)s: %(why)s (by today's rule)", rule=rule.name, why=why)
        return self.env._("%(rule)s: %(why)s", rule=rule.name, why=why)

    # -- for the member ------------------------------------------------------

    @api.model
    def _get_customer_phrases(self):
        """What happened, said to the member; an override adds the types of its addon.

        :rtype: dict[str, str]
        """
        _ = self.env._
        return {
            "join": _("You joined the club"),
            "profile": _("You completed your profile"),
            "visit": _("You visited us"),
            "purchase": _("You bought something"),
            "survey": _("You answered a survey"),
            "feedback": _("You told us what you think"),
            "referral_click": _("Somebody came through your link"),
            "referral_join": _("A friend joined through you"),
            "referral_purchase": _("A friend of yours bought something"),
            "occasion": _("You had a special day"),
            "review": _("You reviewed a product"),
            "tier": _("You reached a tier"),
            "merchant_purchase": _("You bought something at a partner"),
            "forum": _("You helped other members"),
            "contest": _("You won a place in a contest"),
            "custom": _("Something else happened"),
        }
