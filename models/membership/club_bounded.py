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
            defaults = self._get_named_defaults()
            self._check_named([{**defaults, **vals} for vals in vals_list])
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

    def onchange(self, values, field_names, fields_spec):
        """Odoo shows an unsaved record with all rights: names, and whatever fields are related to what is named.

        :raise AccessError: it would name what the user may not read
        """
        if not self.env.su:
            self._check_shown([{**self._get_named_defaults(), **values}])
        return super().onchange(values, field_names, fields_spec)

    def _check_shown(self, vals_list):
        """Refuse to name what the user may not read, in rows that are not yet saved either."""
        self._check_named(vals_list)
        for name in {name for vals in vals_list for name in vals if name in self._fields}:
            field = self._fields[name]
            if field.type not in ("one2many", "many2many"):
                continue
            rows = [
                item[2]
                for vals in vals_list
                for item in vals.get(name) or ()
                if isinstance(item, (list, tuple)) and item[0] in (Command.CREATE, Command.UPDATE)
            ]
            check = getattr(self.env[field.comodel_name], "_check_shown", None)
            if rows and check:
                check(rows)

    @api.model
    def _get_named_defaults(self):
        """What a caller may have set for fields that are not named: everybody may keep defaults of their own."""
        context = {
            name.removeprefix("default_"): value
            for name, value in self.env.context.items()
            if name.startswith("default_")
        }
        return {**self.env["ir.default"]._get_model_defaults(self._name), **context}

    def _check_named(self, vals_list):
        """Refuse to name what the user may not read; a query for each field at most, however many records it is."""
        for name in {name for vals in vals_list for name in vals if name in self._fields}:
            field = self._fields[name]
            if field.type not in ("many2one", "many2many"):
                continue
            ids = {record_id for vals in vals_list for record_id in self._list_ids(field, vals.get(name))}
            # Odoo stores the number of a record that comes as text, and reads nothing there until later: no check, here
            # or elsewhere, would see it.
            strange = any(not isinstance(record_id, int) for record_id in ids)
            if not strange and not field.comodel_name.startswith(PRIVATE):
                continue
            named = self.env[field.comodel_name].browse([] if strange else sorted(ids))
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
        """The ids that a value of a relational field names, as they were written; nothing for what is made anew."""
        if field.type == "many2one" or not isinstance(value, (list, tuple)):
            value = [value]
        ids = []
        for item in value:
            item_ids = [item]
            if field.type == "many2many" and isinstance(item, (list, tuple)):
                command, number, rest = (*item, 0, 0)[:3]
                item_ids = rest if command == Command.SET else [number] if command == Command.LINK else []
            for found in item_ids or ():
                if isinstance(found, models.BaseModel):
                    ids += found.ids
                elif isinstance(found, dict):
                    ids.append(found.get("id"))
                elif isinstance(found, (list, tuple)):
                    ids += found[:1]
                else:
                    ids.append(found)
        return [found for found in ids if found and not isinstance(found, api.NewId)]
