"""The health page tells staff whether the ledger holds."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestLedgerHealth(ClubCase):
    def setUp(self):
        super().setUp()
        self.entry = self.post(10, "a")
        self.manager = new_test_user(self.env, "health_manager", "customer_club.group_club_manager")
        self.clerk = new_test_user(self.env, "health_clerk", "customer_club.group_club_user")

    def page(self, user=None):
        Health = self.env["club.health"].with_user(user or self.manager)
        return Health.browse(Health.action_open_page()["res_id"])

    def test_a_page_that_was_never_checked_says_so(self):
        self.env.cr.execute("DELETE FROM club_ledger_check")
        self.assertEqual(self.page().state, "unknown")

    def test_all_is_well_after_a_check(self):
        self.page().action_check_now()
        page = self.page(self.clerk)
        self.assertIn(page.state, ("ok", "attention"))
        self.assertEqual(len(page.check_ids), 5)
        self.assertEqual(page.expired_due_count, 0)

    def test_a_broken_invariant_is_shown_with_its_members(self):
        self.env.cr.execute("UPDATE loyalty_card SET points = points + 1 WHERE id = %s", (self.member.card_id.id,))
        self.page().action_check_now()
        page = self.page()
        self.assertEqual(page.state, "broken")
        broken = page.check_ids.filtered(lambda check: check.state == "broken")
        self.assertEqual(broken.mapped("invariant"), ["I1", "I2"])
        action = broken[0].action_open_broken()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.member)

    def test_the_lots_of_a_broken_invariant_open(self):
        self.env.cr.execute("UPDATE club_point_lot SET remaining = 3 WHERE id = %s", (self.entry.id,))
        checks = self.env["club.ledger.check"]._run_checks()
        action = checks.filtered(lambda check: check.invariant == "I3").action_open_broken()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).ids, self.entry.ids)

    def test_work_that_waits_is_counted(self):
        before = self.page()
        known = before.expired_due_count, before.pending_due_count
        self.post(5, "due", expires_on="2020-01-01")
        self.post(5, "pending", pending=True, available_on="2020-01-01")
        self.post(-3, "happened", member=self.member_2, happened=True)
        self.env["club.ledger.check"]._run_checks()
        page = self.page()
        self.assertEqual((page.expired_due_count - known[0], page.pending_due_count - known[1]), (1, 1))
        self.assertEqual(page.state, "attention")
        action = page.action_open_expired_due()
        self.assertIn("due", self.env[action["res_model"]].search(action["domain"]).entry_id.mapped("key"))
        action = page.action_open_arrears()
        self.assertIn(self.member_2, self.env["club.member"].search(action["domain"]))

    def test_the_seal_chain_is_verified_on_the_page(self):
        with self.jobs_in_test():
            self.env["club.ledger.seal"]._seal()
        page = self.page()
        page.action_verify_seals()
        self.assertEqual((page.verify_state, page.unsealed_count), ("ok", 0))
        self.env.cr.execute("ALTER TABLE club_point_entry DISABLE TRIGGER USER")
        self.env.cr.execute("UPDATE club_point_entry SET note = 'forged' WHERE id = %s", (self.entry.id,))
        page.action_verify_seals()
        self.assertEqual(page.verify_state, "broken")
        self.assertIn("digest", page.verify_result)

    def test_a_clerk_looks_but_does_not_check(self):
        page = self.page(self.clerk)
        self.assertTrue(page.jobs)
        for attempt in (page.action_check_now, page.action_verify_seals):
            with self.assertRaises(AccessError):
                attempt()

    def test_an_entry_opens_its_document(self):
        entry = self.post(1, "order", origin=self.partner)
        action = entry.action_open_origin()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.partner.id))
        with self.assertRaisesRegex(UserError, "no document"):
            self.entry.action_open_origin()

    def test_every_invariant_has_words_for_people_in_their_language(self):
        checks = self.env["club.ledger.check"].with_context(lang="en_US")._run_checks()
        for check in checks:
            self.assertRegex(check.display_name, rf"^{check.invariant}: \w+ ")
            self.assertNotIn("None", check.display_name)
