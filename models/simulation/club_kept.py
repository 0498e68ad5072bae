"""Fields that only the addon's own code writes: what was counted, and who did what when."""

from odoo import api, models
from odoo.exceptions import UserError

#: Marks our own change in the context: an object that no caller from outside can name (abuse 5).
OURS = object()


class ClubKept(models.AbstractModel):
    """Refuses writing :attr:`_kept_fields`, whoever asks and with whatever rights; :meth:`_keep` is the way for us."""

    _name = "club.kept"
    _description = "Fields That Nobody Types"

    #: Fields that follow from what the addon did.
    _kept_fields = frozenset()

    @property
    def _is_ours(self):
        return self.env.context.get("club_kept") is OURS

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not self._is_ours:
            # Looked at afterwards: a default in the context writes as well as a value does.
            records._refuse_typed({name for name in self._kept_fields for record in records if record[name]})
        return records

    def write(self, vals):
        if not self._is_ours:
            self._refuse_typed(self._kept_fields & vals.keys())
        return super().write(vals)

    def _refuse_typed(self, names):
        if names:
            raise UserError(
                self.env._(
                    "%(record)s: %(fields)s cannot be typed in, it follows from what was counted or done. Count or run "
                    "it again instead.",
                    record=self.env["ir.model"]._get(self._name).name,
                    fields=", ".join(sorted(self._fields[name]._description_string(self.env) for name in names)),
                )
            )

    def _keep(self, vals):
        """Write what follows from the addon's own steps, past the rights of who took them."""
        return self.sudo().with_context(club_kept=OURS).write(vals)
