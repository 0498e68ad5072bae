"""A settlement's own documents: they follow it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    club_settlement_id = fields.Many2one(
        "club.settlement",
        string="Settlement with a Merchant",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Documents of a settlement are made by its accountant's buttons."""
        given = any(vals.get("club_settlement_id") for vals in vals_list)
        if given or self.env.context.get("default_club_settlement_id"):
            self._check_settling("customer_club.group_club_accountant")
        return super().create(vals_list)

    def write(self, vals):
        if "club_settlement_id" in vals:
            self._check_settling()
        return super().write(vals)

    def _check_settling(self, *groups):
        if not self.env.su and not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(
                self.env._("Which settlement a document belongs to follows from its buttons and is not typed in.")
            )

    def button_draft(self):
        self._check_no_settlement()
        return super().button_draft()

    def button_cancel(self):
        self._check_no_settlement()
        return super().button_cancel()

    def _check_no_settlement(self):
        """The statement that the merchant has stands on these documents: they are reversed, not changed."""
        for move in self:
            if move.club_settlement_id and move.state == "posted":
                raise UserError(
                    self.env._(
                        "%(document)s belongs to the settlement %(settlement)s, so it is not changed. Cancel the "
                        "settlement: that reverses it.",
                        document=move.name,
                        settlement=move.sudo().club_settlement_id.name,
                    )
                )
