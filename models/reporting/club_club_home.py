"""What the home page says about reports."""

from odoo import models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_home_shared_todos(self):
        todo = super()._get_home_shared_todos()
        failed = self.env["club.report.sending"].search_count([("state", "=", "failed")])
        if failed:
            todo["reports"] = self.env._(
                "Reports that could not be sent: %(count)s", count=formatLang(self.env, failed, digits=0)
            )
        return todo

    def _get_home_action(self, key):
        if key == "reports":
            return self._prepare_home_action(
                self.env._("Reports Not Sent"), "club.report.sending", [("state", "=", "failed")]
            )
        return super()._get_home_action(key)
