"""A credit note takes back of a top-up only what was not spent."""

from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        self.filtered(lambda move: move.move_type == "out_refund")._check_wallet_refund()
        return super()._post(soft=soft)

    def _check_wallet_refund(self):
        """Refuse to refund wallet money that was spent, or that the club does not refund.

        :raises UserError: with the amount that can still be refunded.
        """
        products = self.env["club.club"]._get_wallet_topups()
        if not products:
            return
        for move in self:
            lines = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product" and line.product_id.id in products
            )
            for product, of_product in lines.grouped("product_id").items():
                club = self.env["club.club"].sudo().browse(products[product.id])
                move._check_wallet_refund_of(club, of_product)

    def _check_wallet_refund_of(self, club, lines):
        Topup = self.env["club.wallet.topup"].sudo()
        sources = list(lines.sudo().sale_line_ids.order_id) or list(self.sudo().reversed_entry_id)
        amount = club.company_id.currency_id.round(
            sum(
                line.currency_id._convert(
                    line.price_total, club.currency_id, club.company_id, self.invoice_date or self.date
                )
                for line in lines
            )
        )
        if not sources or amount <= 0:
            return
        credited = any(Topup._read_posted(sources).values())
        if not credited:
            return  # never paid, so nothing was put into the wallet
        if not club.wallet_refundable:
            raise UserError(
                self.env._(
                    "%(club)s does not refund top-ups, so %(move)s cannot take one back. Remove its line, or change "
                    "that in the club's settings.",
                    club=club.name,
                    move=self.display_name,
                )
            )
        left = sum(Topup._get_refundable(source, club) for source in sources)
        if club.currency_id.compare_amounts(amount, float(left)) > 0:
            raise UserError(
                self.env._(
                    "%(move)s would refund %(amount)s of a top-up, but only %(left)s of it was not spent. Lower the "
                    "line to that.",
                    move=self.display_name,
                    amount=club._show_money(amount),
                    left=club._show_money(float(left)),
                )
            )
