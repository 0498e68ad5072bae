"""Who sees the ledger, and what nobody may do to it over RPC."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged

LEDGER = ("club.point.entry", "club.point.lot", "club.point.allocation", "club.ledger.seal", "club.ledger.check")
# What the ledger's models offer over RPC beyond what every Odoo model does (abuse.md 15).
ACTIONS = {
    "club.point.adjustment": {"action_submit", "action_approve", "action_refuse"},
    "club.point.entry": {"action_open_origin"},
    "club.ledger.check": {"action_open_broken"},
    "club.ledger.seal": {"action_verify"},
}


@tagged("post_install", "-at_install")
class TestLedgerAccess(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entry = cls.post(10, "a")
        cls.post(-4, "s")
        cls.club_user = new_test_user(cls.env, "ledger_user", "customer_club.group_club_user")
        cls.manager = new_test_user(cls.env, "ledger_manager", "customer_club.group_club_manager")
        cls.accountant = new_test_user(cls.env, "ledger_accountant", "customer_club.group_club_accountant")
        cls.employee = new_test_user(cls.env, "ledger_employee", "base.group_user")

    def test_staff_read_the_ledger_and_change_nothing(self):
        for user in (self.club_user, self.manager, self.accountant):
            for name in LEDGER:
                model = self.env[name].with_user(user)
                with self.subTest(user=user.login, model=name):
                    self.assertTrue(model.has_access("read"))
                    for operation in ("create", "write", "unlink"):
                        self.assertFalse(model.has_access(operation), operation)

    def test_an_employee_without_the_club_reads_nothing(self):
        for name in (*LEDGER, "club.point.adjustment", "club.ledger.incident"):
            with self.subTest(model=name), self.assertRaises(AccessError):
                self.env[name].with_user(self.employee).search([])

    def test_never_14_another_companys_ledger_is_invisible(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "ledger_stranger",
            "customer_club.group_club_manager,customer_club.group_club_accountant",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        adjustment = self.env["club.point.adjustment"].create({"member_id": self.member.id, "points": 1, "reason": "x"})
        for record in (
            self.entry,
            self.env["club.point.lot"].browse(self.entry.id),
            self.env["club.point.allocation"].search([("lot_id", "=", self.entry.id)]),
            adjustment,
        ):
            with self.subTest(model=record._name):
                self.assertTrue(record)
                found = self.env[record._name].with_user(stranger).search([("id", "in", record.ids)])
                self.assertFalse(found)
                with self.assertRaises(AccessError):
                    record.with_user(stranger).read(["points"])

    def test_a_customer_sees_the_own_entries_only(self):
        customer = new_test_user(self.env, "ledger_customer", "base.group_portal")
        self.partner_2.user_ids = customer
        customer.partner_id = self.partner_2
        own = self.post(7, "own", member=self.member_2)
        found = self.env["club.point.entry"].with_user(customer).search([])
        self.assertEqual(found, own)
        for name in ("club.point.lot", "club.point.allocation", "club.point.adjustment", "club.ledger.seal"):
            with self.subTest(model=name), self.assertRaises(AccessError):
                self.env[name].with_user(customer).search([])

    def test_abuse_5_no_context_lets_anybody_write(self):
        context = {
            name: True for name in ("club_bypass", "install_mode", "tracking_disable", "loyalty_no_mail", "force")
        }
        entry = self.entry.with_user(self.manager).with_context(**context)
        with self.assertRaises(UserError):
            entry.write({"points": 1000})
        with self.assertRaises(UserError):
            entry.create({"member_id": self.member.id, "kind": "earn", "points": 5, "key": "x"})

    def test_abuse_15_nothing_that_posts_is_callable_over_rpc(self):
        for name in (*LEDGER, "club.point.adjustment", "club.ledger.job", "club.job", "club.ledger.incident"):
            model = self.env[name]
            for attribute in dir(type(model)):
                if attribute.startswith("_") or not callable(getattr(type(model), attribute, None)):
                    continue
                module = getattr(getattr(type(model), attribute), "__module__", "") or ""
                if not module.startswith("odoo.addons.customer_club"):
                    continue
                if attribute in {"create", "write", "unlink", "init", "onchange"} | ACTIONS.get(name, set()):
                    continue
                with self.subTest(method=f"{name}.{attribute}"):
                    self.assertFalse(self._is_public(model, attribute))

    def _is_public(self, model, name):
        try:
            get_public_method(model, name)
        except (AttributeError, AccessError):
            return False
        return True

    def test_what_a_button_needs_is_callable(self):
        for name, methods in ACTIONS.items():
            for method in methods:
                self.assertTrue(self._is_public(self.env[name], method))
