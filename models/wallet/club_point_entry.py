"""Entries of the wallet in words, and conversions in the history of points."""

from odoo import models

CONVERSION = "club.wallet.conversion"


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == CONVERSION}
        conversions = self.env[CONVERSION].sudo().browse(ids).exists()
        return {**names, **{(CONVERSION, conversion.id): conversion.display_name for conversion in conversions}}

    def _is_topup(self):
        """Whether wallet money was bought by this entry, or taken back by it."""
        first = self.reverses_id or self
        return (
            self.club_id.id in self.env["club.club"]._get_wallet_club_ids()
            and first.kind == "earn"
            and not first.rule_id
            and first.origin_model != CONVERSION
        )

    def _get_portal_subject(self, name):
        _ = self.env._
        if self.origin_model == CONVERSION:
            if self.club_id.kind == "wallet":
                return _("From points")
            return _("Turned into wallet money")
        if self.sudo()._is_topup():
            return _("Top-up (%(name)s)", name=name) if name else _("Top-up")
        subject = super()._get_portal_subject(name)
        if self.rule_id and self.club_id.kind == "wallet":
            return _("Money back, %(what)s", what=subject)
        return subject
