"""The files that a raffle has published."""

from odoo import models

PUBLISHED = ("list_file", "proof_file")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _has_field_access(self, field, operation):
        """What a raffle has published is written by its steps; neither changed nor deleted as an attachment."""
        if operation == "write" and not self.env.su and field.model_name == "club.raffle" and field.name in PUBLISHED:
            return False
        return super()._has_field_access(field, operation)
