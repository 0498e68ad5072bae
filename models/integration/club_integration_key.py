"""Shows a new key once."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubIntegrationKey(models.AbstractModel):
    """A key on the screen; there is no table, and nothing to save.

    A browser that is left with the dialog open tries to save it. The refusal keeps the key out of the server's log,
    where a failed INSERT would put it.
    """

    _name = "club.integration.key"
    _description = "Key of an Integration"

    # The field "id" is needed for the onchange that returns the key from the context's default.
    id = fields.Id()  # noqa: A003
    key = fields.Char(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("A key is shown once and kept nowhere in readable form."))
