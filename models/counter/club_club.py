"""What the counter of a club works with."""

from odoo import fields, models
from odoo.exceptions import UserError


class ClubClub(models.Model):
    _inherit = "club.club"

    counter_product_id = fields.Many2one(
        "product.product",
        string="Product of an Amount",
        check_company=True,
        domain="[('sale_ok', '=', True)]",
        help="What is sold at the counter when only an amount is typed. Its taxes are contained in the amount. Empty: "
        "a product named Counter Sale is made with the first sale.",
    )
    counter_journal_ids = fields.Many2many(
        "account.journal",
        "club_club_counter_journal_rel",
        string="Ways to Pay",
        check_company=True,
        domain="[('type', 'in', ('cash', 'bank', 'credit'))]",
        help="The journals on which sales at the counter are paid. Empty: all cash and bank journals.",
    )
    counter_undo_minutes = fields.Integer(
        string="Undo Within (Minutes)",
        default=15,
        help="For how long a member of staff can undo what they did last at the counter. 0: not at all.",
    )

    _undo_not_negative = models.Constraint(
        "CHECK(counter_undo_minutes BETWEEN 0 AND 1440)", "Undo at the counter lasts from 0 to 1440 minutes (a day)."
    )

    def _get_counter_journals(self):
        """The journals on which this club's counter takes money (sudo), the cash first.

        :raise UserError: accounting has none.
        """
        self.ensure_one()
        journals = self.sudo().counter_journal_ids.filtered("active")
        if not journals:
            journals = (
                self.env["account.journal"]
                .sudo()
                .search([("company_id", "=", self.company_id.id), ("type", "in", ("cash", "bank"))], limit=6)
            )
        if not journals:
            raise UserError(
                self.env._(
                    "%(company)s has no cash or bank journal, so the counter cannot take money. Nothing was sold: set "
                    "up Invoicing first, then choose the ways to pay in the settings of %(club)s.",
                    company=self.company_id.name,
                    club=self.name,
                )
            )
        return journals.sorted(lambda journal: (journal.type != "cash", journal.sequence, journal.id))

    def _get_counter_product(self):
        """The product that stands for an amount (sudo), made when it is needed first."""
        self.ensure_one()
        club = self.sudo()
        if not club.counter_product_id:
            club.counter_product_id = (
                self.env["product.product"]
                .sudo()
                .with_company(club.company_id)
                .create(
                    {
                        "name": self.env._("Counter Sale"),
                        "type": "service",
                        "invoice_policy": "order",
                        "list_price": 0,
                        "purchase_ok": False,
                        "company_id": club.company_id.id,
                    }
                )
            )
        return club.counter_product_id
