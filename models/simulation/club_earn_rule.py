"""Rules that are copies in a simulation: they never fire. And the way from a rule to its simulation."""

from odoo import fields, models


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    purpose = fields.Selection(
        selection_add=[("simulation", "Copy in a simulation")], ondelete={"simulation": "cascade"}
    )

    def _get_conflicts(self):
        conflicts = super()._get_conflicts()
        if self.purpose == "simulation" and self.active:
            conflicts.append(
                self.env._(
                    "The rule %(rule)s is a copy in a simulation. Make its set-up real to switch it on.",
                    rule=self._called,
                )
            )
        return conflicts

    def write(self, vals):
        result = super().write(vals)
        drafts = self.filtered(lambda rule: rule.purpose == "simulation")
        if drafts:
            self.env["club.simulation.rule"].sudo().search([("rule_id", "in", drafts.ids)]).setup_id._forget()
        return result

    def action_simulate(self):
        """Try this rule on last year: a simulation of the club as it is, and with this rule switched on."""
        self.ensure_one()
        self.env["club.simulation"].check_access("create")
        found = self.env["club.simulation"].create(
            {"name": self.env._("What if: %(rule)s", rule=self.name), "club_id": self.club_id.id}
        )
        draft = found.setup_ids.filtered(lambda setup: setup.kind == "draft")
        if self not in draft.rule_ids.rule_id:
            draft.rule_ids = [fields.Command.create({"rule_id": self.id})]
        found.action_run()
        return {
            "type": "ir.actions.act_window",
            "name": found.name,
            "res_model": found._name,
            "res_id": found.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
