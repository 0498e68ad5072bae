"""Gifts, pools and donations in a member's history."""

from collections import defaultdict

from odoo import models
from odoo.addons.customer_club.engine import together

OURS = ("club.gift", "club.pool.contribution", "club.pool.member", "club.donation")


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names, ids = super()._get_origin_names(), defaultdict(set)
        for entry in self:
            if entry.origin_model in OURS:
                ids[entry.origin_model].add(entry.origin_id)
        for model, found in ids.items():
            for record in self.env[model].sudo().with_context(active_test=False).browse(found).exists():
                names[model, record.id] = self._get_together_name(record)
        return names

    def _get_together_name(self, record):
        if record._name == "club.donation":
            return record.cause_id.name
        if record._name == "club.gift":  # who reads it decides whose name it is; both are read here, at once
            return " ".join(filter(None, (record.giver_id | record.recipient_id).partner_id.mapped("name"))) or "…"
        return record.pool_id.name

    def _get_portal_subject(self, name):
        _ = self.env._
        if name and self.origin_model == "club.gift":
            gift = self.env["club.gift"].sudo().browse(self.origin_id)
            if gift.giver_id.id in self.member_id._get_own_ids():
                return _("Gift to %(name)s", name=together.masked(gift.recipient_id.partner_id.name))
            return _("Gift from %(name)s", name=together.masked(gift.giver_id.partner_id.name))
        if name and self.origin_model == "club.pool.contribution":
            return _("Into the pool %(name)s", name=name)
        if name and self.origin_model == "club.pool.member":
            return _("Back from the pool %(name)s", name=name)
        if name and self.origin_model == "club.donation":
            return _("Donation to %(name)s", name=name)
        return super()._get_portal_subject(name)

    def _get_portal_text(self, name):
        if self.kind == "transfer" and self.origin_model in OURS:
            values = {
                "what": self._get_portal_subject(name),
                "points": self.club_id._show_points(self.points, signed=True),
            }
            return self.env._("%(what)s: %(points)s", **values)
        return super()._get_portal_text(name)
