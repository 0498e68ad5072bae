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
            dict(vals, **{self._rec_name: record._get_copied_name()})
            for record, vals in zip(self, vals_list, strict=True)
        ]

    def copy_translations(self, new, excluded=()):
        """In every language: otherwise who reads another one than who copied finds two of the same name."""
        super().copy_translations(new, excluded)
        field = self._fields[self._rec_name]
        if field.name in excluded or not field.translate:
            return
        known = {"en_US", *dict(self.env["res.lang"].get_installed())} - {self.env.lang or "en_US"}
        codes = known & set(field._get_stored_translations(self) or ())
        names = {code: self.with_context(lang=code)._get_copied_name() for code in sorted(codes)}
        new.update_field_translations(field.name, names)

    def _get_copied_name(self):
        """What a copy of this is called, in the reader's language."""
        name = self[self._rec_name]
        said = self.env._("%(name)s (copy)", name=name)
        if self._longest_name and len(said) > self._longest_name:  # the name is cut, not that it is a copy
            said = self.env._("%(name)s (copy)", name=name[: self._longest_name - len(said)].rstrip())
        return said
