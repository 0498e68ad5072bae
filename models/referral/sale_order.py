"""A guest who agrees at checkout to join, and came through a member's link."""

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _note_club_referral(self, club, carried):
        """Keep whose link the guest came through until the account exists, perhaps on another device.

        :param dict carried: what the browser carries, see ``club.referral._find_touch``.
        """
        self.ensure_one()
        Referral = self.env["club.referral"].sudo()
        touch = Referral._choose_touch(club, Referral._read_touches(club, carried))
        if touch:
            Referral._note_visit(club, touch, order=self)

    def _forget_club_consent(self):
        self.env["club.referral"].sudo().search([("order_id", "in", self.ids), ("state", "=", "visited")]).unlink()
        return super()._forget_club_consent()
