"""A customer's whole way in a real browser: join, buy, wait, rise, claim, return."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import HttpCase, new_test_user, tagged


class ClubTourCase(ClubCase, HttpCase):
    """A shop that sells roses for 100.00, takes the demo provider's money and invoices by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.website.auth_signup_uninvited = "b2c"
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        cls.env["payment.provider"].search([]).filtered(lambda provider: provider.code != "demo").state = "disabled"
        demo = cls.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        demo.write({"state": "test", "is_published": True})
        # The database may have a shop and clubs of its own: the tours are to meet ours only.
        cls.env["product.template"].search([("is_published", "=", True)]).is_published = False
        cls.env["club.club"].search([("id", "!=", cls.club.id)]).active = False
        cls.product.write({"name": "Tour Roses", "list_price": 100, "type": "service", "is_published": True})
        cls.club.write({"earn_when": "paid", "hold_days": 14, "terms": "<p>Our terms</p>"})
        cls.env["club.earn.rule"].create(
            {
                "club_id": cls.club.id,
                "name": "A point per 1",
                "formula": "per_amount",
                "points": 1,
                "per_amount": 1,
                "use_multiplier": False,
            }
        )
        cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": "Bud", "threshold": 0, "sequence": 1},
                {"club_id": cls.club.id, "name": "Bloom", "threshold": 100, "sequence": 2},
            ]
        )
        cls.club.program_id.reward_ids[:1].write({"discount": 0.05})

    @classmethod
    def give_address(cls, partner):
        partner.write(
            {
                "street": "Main 1",
                "city": "Berlin",
                "zip": "10115",
                "country_id": cls.env.ref("base.de").id,
                "phone": "+4930123456",
            }
        )

    def let_time_pass(self, member):
        """The hold is over: its days are taken off the waiting list, and the nightly job runs."""
        self.env.cr.flush()
        releases = self.env["club.earn.release"].sudo().search([("member_id", "=", member.id), ("done", "=", False)])
        self.assertTrue(releases, "the payment has started the hold")
        self.assertEqual(set(releases.mapped("due_on")), {self.club._get_today() + timedelta(days=14)})
        releases.due_on = self.club._get_today()
        self.env.flush_all()
        with self.jobs_in_test():
            self.env["club.earn.release"]._cron_open_due()
        self.env.invalidate_all()
        self.assertEqual(member.points, 100)


@tagged("post_install", "-at_install")
class TestTourCustomer(ClubTourCase):
    def test_a_new_customer_joins_buys_rises_and_claims(self):
        self.start_tour("/web/signup", "club_sign_up_and_join")
        user = self.env["res.users"].search([("login", "=", "rosa@example.com")])
        member = self.club._get_member(user.partner_id)
        self.assertEqual((member.source, member.consent_marketing), ("signup", False))
        self.assertTrue(member.consent_terms_at)
        self.give_address(user.partner_id)

        self.start_tour("/shop", "club_buy_and_see_pending_points", login="rosa@example.com")
        order = self.env["sale.order"].search([("partner_id", "=", user.partner_id.id)])
        self.assertEqual(order.invoice_ids.payment_state, "paid")
        self.let_time_pass(member)

        self.start_tour("/my/club", "club_rise_and_claim", login="rosa@example.com")
        member.invalidate_recordset()
        self.assertEqual(member.points, 60)
        spent = member.entry_ids.filtered(lambda entry: entry.kind == "spend")
        self.assertEqual(spent.points, -40)
        self.assertInvariantsHold()

    def test_a_credit_note_takes_back_its_share(self):
        user = new_test_user(
            self.env,
            "club_rosa",
            groups="base.group_portal",
            password="club_rosa",
            name="Rosa",
            email="rosa2@example.com",
        )
        member = self.club._enrol(user.partner_id)
        self.club.hold_days = 0
        order = self.env["sale.order"].create(
            {
                "partner_id": user.partner_id.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 1, "tax_ids": False})],
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move",
            active_ids=invoice.ids,
        ).create({}).action_create_payments()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual(member.points, 100)

        reversal = (
            self.env["account.move.reversal"]
            .with_context(
                active_model="account.move",
                active_ids=invoice.ids,
            )
            .create({"reason": "A quarter came back", "journal_id": invoice.journal_id.id, "date": fields.Date.today()})
        )
        refund = self.env["account.move"].browse(reversal.reverse_moves()["res_id"])
        refund.invoice_line_ids.price_unit = 25
        refund.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move",
            active_ids=refund.ids,
        ).create({}).action_create_payments()
        self.env.cr.flush()
        self.start_tour("/my/club", "club_return_takes_points_back", login="club_rosa")
        self.assertInvariantsHold()
