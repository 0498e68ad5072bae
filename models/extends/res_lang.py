"""Which way the reader reads: asked here by whatever draws, prints or writes a spreadsheet."""

from odoo import api, models


class ResLang(models.Model):
    _inherit = "res.lang"

    @api.model
    def _is_club_rtl(self, code=None):
        """Whether a language runs from right to left.

        :param str code: of the language; without one, the one that the reader reads.
        :rtype: bool
        """
        return self._get_data(code=code or self.env.lang or "en_US").direction == "rtl"

    @api.model
    def _get_club_sides(self, code=None):
        """Where lines of a language begin and end, as a page says it.

        :param str code: of the language; without one, the one that the reader reads.
        :return: ``direction`` (``ltr``, ``rtl``), ``begin`` and ``end`` (``left``, ``right``)
        :rtype: dict
        """
        if self._is_club_rtl(code):
            return {"direction": "rtl", "begin": "right", "end": "left"}
        return {"direction": "ltr", "begin": "left", "end": "right"}
