"""A rule in a set-up: one of the club's, or a copy with other numbers that never fires."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ClubSimulationRule(models.Model):
    _name = "club.simulation.rule"
    _description = "Rule of a Simulated Set-up"
    _inherit = "club.simulation.line"
    _order = "setup_id, sequence, id"

    rule_id = fields.Many2one(
        "club.earn.rule",
        required=True,
        ondelete="cascade",
        context={"active_test": False},
        domain="[('club_id', '=', club_id), ('purpose', '=', 'points'), ('active', 'in', (True, False))]",
    )
    sequence = fields.Integer(related="rule_id.sequence", store=True)
    counts = fields.Boolean(default=True, help="Off: the set-up does without this rule.")
    sentence = fields.Char(related="rule_id.sentence", string="In Words")
    replaces_id = fields.Many2one(
        "club.earn.rule", string="Instead Of", readonly=True, ondelete="set null", context={"active_test": False}
    )
    is_copy = fields.Boolean(compute="_compute_is_copy")

    _rule_once = models.Constraint("UNIQUE(setup_id, rule_id)", "A rule stands in a set-up once.")

    @api.depends("rule_id.purpose")
    def _compute_is_copy(self):
        for line in self:
            line.is_copy = line.rule_id.purpose == "simulation"

    @api.constrains("rule_id", "setup_id")
    def _check_club(self):
        for line in self:
            if line.rule_id.club_id != line.setup_id.club_id or line.rule_id.purpose == "follow_up":
                raise ValidationError(
                    self.env._(
                        "The rule %(rule)s is none of the club %(club)s. Choose one of its rules.",
                        rule=line.rule_id.name,
                        club=line.setup_id.club_id.name,
                    )
                )

    @api.constrains("rule_id")
    def _check_own_copy(self):
        """A copy goes with its line, so no other line may use it."""
        for line in self.filtered("is_copy"):
            if self.search_count([("rule_id", "=", line.rule_id.id)], limit=2) > 1:
                raise ValidationError(
                    self.env._(
                        "The copy of %(rule)s belongs to another set-up. Choose the rule itself, and change a copy of "
                        "it.",
                        rule=line.rule_id.name,
                    )
                )

    def copy_data(self, default=None):
        """A line that is copied has a copy of its rule's copy."""
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            if line.is_copy:
                vals["rule_id"] = line._copy_rule().id
        return vals_list

    def _copy_rule(self):
        rule = self.rule_id
        return rule.copy({"name": rule.name, "purpose": "simulation", "active": False})

    def unlink(self):
        """Copies that were never made real go with their line; nothing else refers to them."""
        drafts = self.rule_id.filtered(lambda rule: rule.purpose == "simulation")
        result = super().unlink()
        drafts.unlink()
        return result

    def action_change(self):
        """Open a copy of the rule whose numbers may be changed; the club's own rule stays as it is."""
        self.ensure_one()
        self.setup_id.check_access("write")
        if self.setup_id.applied_at:
            raise UserError(
                self.env._("%(setup)s was made real: its rules are the club's now.", setup=self.setup_id.name)
            )
        if self.rule_id.purpose != "simulation":
            original = self.rule_id
            self.write({"rule_id": self._copy_rule().id, "replaces_id": original.id})
        self.setup_id._forget()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("A copy of %(rule)s", rule=self.rule_id.name),
            "res_model": "club.earn.rule",
            "res_id": self.rule_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def action_drop_copy(self):
        """Take the club's own rule again in the place of the copy."""
        self.ensure_one()
        self.setup_id.check_access("write")
        if self.is_copy and self.replaces_id:
            copy = self.rule_id
            self.write({"rule_id": self.replaces_id.id, "replaces_id": False})
            copy.unlink()
