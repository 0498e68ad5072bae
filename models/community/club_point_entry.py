from odoo import models


class ClubPointEntry(models.Model):
    """Points that a contest brought say which one."""

    _inherit = "club.point.entry"

    def _get_origin_names(self):
        names = super()._get_origin_names()
        ids = {entry.origin_id for entry in self if entry.origin_model == "club.contest"}
        contests = self.env["club.contest"].sudo().with_context(active_test=False).browse(ids)
        return {**names, **{("club.contest", contest.id): contest.name for contest in contests}}

    def _get_portal_subject(self, name):
        if name and self.origin_model == "club.contest":
            return self.env._("Contest %(name)s", name=name)
        return super()._get_portal_subject(name)
