"""What a copy is called."""

from odoo import models


class ClubCopied(models.AbstractModel):
    """Copies say that they are, unless whoever copies gives them a name."""

    _name = "club.copied"
    _description = "Copied Under Another Name"
    #: Longer names of copies are cut.
    _longest_name = None

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if self._rec_name in (default or {}):
            return vals_list
        return [
            dict(
                vals,
                **{self._rec_name: self.env._("%(name)s (copy)", name=record[self._rec_name])[: self._longest_name]},
            )
            for record, vals in zip(self, vals_list, strict=True)
        ]
