"""Who changes something stays within their own rights: neither where it goes nor what it names is another's.

Odoo asks its record rules where a record was before a change, never where it goes; and whoever knows a number may name
a record that they cannot read. A constraint, which runs with all rights, would then tell its name in its refusal.
"""

from odoo import Command, api, models
from odoo.exceptions import AccessError

#: What has names that other companies keep to themselves. Cards, accounts and the like are also chosen by our own code,
#: for people who may not read them.
PRIVATE = ("club.", "product.", "res.partner", "res.users")


class ClubBounded(models.AbstractModel):
    """To be inherited by whatever people of the club create or change: what belongs to a club, and its rows."""

    _name = "club.bounded"
    _description = "Changed Within One's Rights"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            defaults = {
                name.removeprefix("default_"): value
                for name, value in self.env.context.items()
                if name.startswith("default_")
            }
            self._check_named([defaults, *vals_list])
        return super().create(vals_list)

    def write(self, vals):
        """Rights were asked where the record was; here they are asked where it is now.

        :raise AccessError: it would be another's now, or it would name what the user may not read
        """
        if self.env.su:
            return super().write(vals)
        self._check_named([vals])
        result = super().write(vals)
        if any(name in self._fields and self._fields[name].type == "many2one" for name in vals):
            self.check_access("write")
        return result

    def _check_named(self, vals_list):
        """Refuse to name what the user may not read; a query for each field at most, however many records it is."""
        for name in {name for vals in vals_list for name in vals if name in self._fields}:
            field = self._fields[name]
            if field.type not in ("many2one", "many2many"):
                continue
            # Odoo stores the number of a record that comes as text, and reads nothing there until later: no check, here
            # or elsewhere, would see it.
            strange = field.type == "many2one" and any(isinstance(vals.get(name), (str, float)) for vals in vals_list)
            if not strange and not field.comodel_name.startswith(PRIVATE):
                continue
            ids = {record_id for vals in vals_list for record_id in self._list_ids(field, vals.get(name))}
            named = self.env[field.comodel_name].browse(sorted(ids))
            hidden = named - named._filtered_access("read")
            if strange or (hidden and hidden.exists()):
                raise AccessError(
                    self.env._(
                        "%(record)s: what was chosen as %(field)s is not yours to see. Nothing was saved: choose "
                        "another one.",
                        record=self.env["ir.model"]._get(self._name).name,
                        field=field._description_string(self.env),
                    )
                )

    @api.model
    def _list_ids(self, field, value):
        """The ids that a value of a relational field names."""
        if field.type == "many2one" or isinstance(value, int):
            value = [value]
        ids = []
        for item in value or ():
            if isinstance(item, (list, tuple)):
                command, number, *rest = (*item, 0, 0)[:3]
                item_ids = rest[0] if command == Command.SET else [number] if command == Command.LINK else []
            else:
                item_ids = [item]
            ids += [found for found in item_ids or () if isinstance(found, int) and found]
        return ids
