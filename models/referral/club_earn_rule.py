"""What rules about friends ask: which side, which purchase of the friend, how soon after joining."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine.earning_referral import TYPES
from odoo.exceptions import ValidationError


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    referral_side = fields.Selection(
        [("referrer", "The member who brought the friend"), ("friend", "The friend"), ("both", "Both")],
        string="Who Gets the Points",
        default="referrer",
        required=True,
    )
    referral_purchases = fields.Selection(
        [("first", "Only the friend's first purchase"), ("every", "Every purchase of the friend")],
        string="Friend's Purchases",
        default="every",
        required=True,
    )
    referral_days = fields.Integer(
        string="Within Days After Joining",
        help="Only purchases within so many days after the friend joined. 0: as long as the club's window is.",
    )

    _referral_days_positive = models.Constraint(
        "CHECK(referral_days >= 0)", "Days after joining cannot be negative. Use 0 for the club's whole window."
    )

    @api.constrains("event_type", "referral_side")
    def _check_referral_side(self):
        for rule in self:
            if rule.event_type == "referral_click" and rule.referral_side != "referrer":
                raise ValidationError(
                    self.env._(
                        "The rule %(rule)s is about visits, and a visitor has no account to put points on. Choose the "
                        "member who brought the friend, or the event Brought a member.",
                        rule=rule.name,
                    )
                )

    @api.model
    def _get_sentence_fields(self):
        return [*super()._get_sentence_fields(), "referral_days", "referral_purchases", "referral_side"]

    def _get_condition_values(self):
        values = super()._get_condition_values()
        if self.event_type not in TYPES:
            return values
        bought = self.event_type == "referral_purchase"
        return {
            **values,
            "referral_side": self.referral_side,
            "referral_first": True if bought and self.referral_purchases == "first" else None,
            "referral_days": self.referral_days or None if bought else None,
        }

    # -- words -----------------------------------------------------------------------------------------

    def _get_subject(self):
        if self.event_type == "referral_purchase" and self.referral_purchases == "first":
            return self.env._("the first purchase of each friend")
        return super()._get_subject()

    def _get_who_clauses(self):
        _ = self.env._
        clauses = super()._get_who_clauses()
        if self.event_type == "referral_purchase":
            clauses.append(_("once it is paid and can no longer be returned"))
            if self.referral_days:
                clauses.append(_("within %(days)s days after joining", days=self._number(self.referral_days)))
        if self.event_type in TYPES and self.referral_side == "friend":
            clauses.append(_("for your friend") if self._is_for_member() else _("given to the friend"))
        elif self.event_type in TYPES and self.referral_side == "both":
            both = _("for you and your friend") if self._is_for_member() else _("given to the member and to the friend")
            clauses.append(both)
        return clauses

    def _get_invitation_words(self):
        """The rule as the friend reads it, who is invited."""
        self.ensure_one()
        if self.event_type == "referral_join":
            points = self._get_formula_words()
            return self.env._("%(points)s for joining through a friend's link", points=points)
        return self._sentence()

    def _get_reason_sentences(self):
        _ = self.env._
        return {
            **super()._get_reason_sentences(),
            "referral_side": lambda v: (
                _("Only for the member who brought the friend.")
                if v["side"] == "friend"
                else _("Only for the friend, not for the member who brought the friend.")
            ),
            "referral_first": lambda v: _("This is purchase number %(number)s of the friend.", number=v["number"]),
            "referral_days": lambda v: _(
                "The friend bought %(days)s days after joining; at most %(most)s count.", days=v["days"], most=v["most"]
            ),
        }
