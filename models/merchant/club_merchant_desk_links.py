from odoo import models
from odoo.fields import Domain


class ClubMerchant(models.Model):
    """From the counter to what the merchant is owed, for those who may see that."""

    _inherit = "club.merchant"

    def _get_desk_links(self):
        links = super()._get_desk_links()
        mine = self._get_account_domain(self.env.user) & Domain("id", "=", self.id)
        if self.sudo().search_count(mine, limit=1):
            links.append(
                {
                    "rank": 10,
                    "url": f"/merchant/{self.id}/statements",
                    "text": self.env._("Statements"),
                    "icon": "fa-file-text-o",
                }
            )
        return links
