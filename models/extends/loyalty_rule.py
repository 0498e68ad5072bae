"""The anchor: the only rule of a club's points program, which nobody can reach (design rule 5)."""

from odoo import api, models
from odoo.exceptions import ValidationError

from .loyalty_program import ANCHOR_PREFIX


class LoyaltyRule(models.Model):
    _inherit = "loyalty.rule"

    def _is_club_anchor(self):
        """Whether this rule is an anchor: by an unguessable code, for an amount that no order has."""
        self.ensure_one()
        return (
            (self.active or not self.program_id.active)
            and self.mode == "with_code"
            and (self.code or "").startswith(ANCHOR_PREFIX)
            and self.minimum_amount >= 1e9
            and not self.product_ids
        )

    @api.constrains("program_id", "active", "mode", "code", "minimum_amount", "product_ids")
    def _check_club_anchor(self):
        self.program_id._check_club_program()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_club_anchor(self):
        club_programs = self.program_id._filter_club_programs()
        for rule in self.filtered(lambda rule: rule.program_id in club_programs):
            raise ValidationError(
                self.env._(
                    "The technical rule of %(program)s cannot be deleted: without it the till offers no rewards to "
                    "the club's members.",
                    program=rule.program_id.name,
                )
            )

    @api.model
    def _load_pos_data_read(self, records, config):
        """The till offers rewards of automatic rules only, so it alone sees the anchor as one.

        Only the point of sale calls this method; without it, nobody does.
        """
        rows = super()._load_pos_data_read(records, config)
        anchors = {rule.id for rule in records if (rule.code or "").startswith(ANCHOR_PREFIX)}
        for row in rows:
            if row["id"] in anchors:
                row.update(mode="auto", code=False)
        return rows
