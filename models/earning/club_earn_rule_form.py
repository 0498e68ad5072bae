"""The page of a rule: good defaults for each kind of event, and what its buttons do."""

from odoo import Command, api, models

#: What a new rule begins with, by type of event. Without an entry: 10 fixed points.
DEFAULTS = {
    "purchase": {"formula": "per_amount", "points": 1, "per_amount": 10, "use_multiplier": True},
    "merchant_purchase": {"formula": "per_amount", "points": 1, "per_amount": 10, "use_multiplier": True},
    "join": {"points": 100},
    "profile": {"points": 50},
    "visit": {"points": 5},
    "survey": {"points": 20},
    "feedback": {"points": 50},
    "review": {"points": 30, "limit_member": 300, "limit_period": "month"},
    "referral_click": {"points": 1, "limit_member": 50, "limit_period": "month"},
    "referral_join": {"points": 50, "limit_member": 500, "limit_period": "month"},
    "referral_purchase": {"points": 100, "limit_member": 1000, "limit_period": "month"},
    "occasion": {"points": 100},
    "tier": {"points": 200},
    "forum": {"points": 10, "limit_member": 100, "limit_period": "month"},
    "contest": {"points": 100},
}
#: What every default begins from.
PLAIN = {"formula": "fixed", "points": 10, "use_multiplier": False, "limit_member": 0, "limit_period": "month"}


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    @api.onchange("event_type")
    def _onchange_event_type(self):
        """A new rule gets defaults that make sense for the event; a saved one loses only what cannot be asked of it."""
        if self.event_type not in self._get_amount_types():
            self.update(
                {
                    "product_ids": [Command.clear()],
                    "categ_ids": [Command.clear()],
                    "tag_ids": [Command.clear()],
                    "min_amount": 0,
                    "min_quantity": 0,
                    "formula": "fixed",
                }
            )
        if self.event_type != "purchase":
            self.update({"first_in_category": False, "max_days_to_pay": 0})
        if not self._origin:
            self._set_event_defaults()

    def _set_event_defaults(self):
        given = {name.removeprefix("default_") for name in self.env.context if name.startswith("default_")}
        defaults = {**PLAIN, **self._get_event_defaults().get(self.event_type, {})}
        self.update({name: value for name, value in defaults.items() if name not in given})

    @api.model
    def _get_event_defaults(self):
        """Values that a new rule about a type of event begins with. An override adds types.

        :rtype: dict[str, dict]
        """
        return DEFAULTS

    @api.onchange("tier_from_id")
    def _onchange_tier_from_id(self):
        if self.tier_from_id:
            self.tier_ids = [Command.clear()]

    @api.onchange("club_id")
    def _onchange_club_id(self):
        """Tiers belong to a club."""
        if self.tier_from_id.club_id != self.club_id:
            self.tier_from_id = False
        self.tier_ids = self.tier_ids.filtered(lambda tier: tier.club_id._origin == self.club_id._origin)

    # -- actions -------------------------------------------------------------

    def action_try(self):
        """Try the rules of the club on a real order or event, before anything is switched on."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try It"),
            "res_model": "club.earn.try",
            "view_mode": "form",
            "target": "new",
            "context": {"default_club_id": self[:1].club_id.id, "default_rule_id": self[:1].id},
        }

    def action_switch_on(self):
        """Show what the rule would have cost over the last 12 months, and ask whether to switch it on."""
        self.ensure_one()
        cost = self.env["club.earn.cost"].create({"rule_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Switch On: %(rule)s", rule=self.name),
            "res_model": "club.earn.cost",
            "res_id": cost.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_switch_off(self):
        """Give no further points by these rules; what was given stays."""
        self.active = False
