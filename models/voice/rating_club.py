"""When product reviews earn, and what waits for approval."""

from odoo import fields, models
from odoo.tools.misc import formatLang


class ClubClub(models.Model):
    _inherit = "club.club"

    review_when = fields.Selection(
        [("published", "When published"), ("approved", "After approval")],
        string="Reviews Earn",
        default="published",
        required=True,
        help="After approval: each published review waits until a manager of the club approves it.",
    )

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        waiting = self.env["club.review"]._read_group(
            [("club_id", "in", self.ids), ("state", "=", "waiting")], ["club_id"], ["__count"]
        )
        for club, count in waiting:
            todos[club.id]["reviews"] = self.env._(
                "Product reviews that wait for approval: %(count)s", count=formatLang(self.env, count, digits=0)
            )
        return todos

    def _get_home_action(self, key):
        if key == "reviews":
            domain = [("club_id", "=", self.id), ("state", "=", "waiting")]
            return self._prepare_home_action(self.env._("Reviews to Approve"), "club.review", domain)
        return super()._get_home_action(key)
