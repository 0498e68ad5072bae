"""Setting up the books: what is proposed, what is missing, and what is refused with its remedy."""

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import ClubCase
from .test_accounting_worked_life import AccountingCase

ACCOUNTS = ("liability_account_id", "deferral_account_id", "revenue_account_id")


@tagged("post_install", "-at_install")
class TestWhatIsProposed(ClubCase):
    def test_accounts_and_a_secured_journal_of_the_company(self):
        with freeze_time("2026-10-10 12:00:00"):
            self.club.action_propose_books()
        chosen = [self.club[name] for name in ACCOUNTS]
        self.assertEqual(len(set(chosen)), 3)
        self.assertEqual([account.account_type for account in chosen], ["liability_current", "income", "income"])
        for account in chosen:
            self.assertEqual(account.company_ids, self.club.company_id)
            self.assertFalse(account.reconcile or account.tax_ids or account.currency_id)
            self.assertTrue(account.with_company(self.club.company_id).code)
        self.assertTrue(self.club.close_journal_id.restrict_mode_hash_table)
        self.assertEqual(str(self.club.close_from), "2026-10-01")

    def test_a_second_proposal_changes_nothing_and_keeps_what_was_chosen(self):
        own = self.env["account.account"].create({"name": "Mine", "code": "99601", "account_type": "income"})
        self.club.revenue_account_id = own
        self.club.action_propose_books()
        before = [self.club[name] for name in (*ACCOUNTS, "close_journal_id")]
        self.assertEqual(before[2], own)
        self.club.action_propose_books()
        self.assertEqual([self.club[name] for name in (*ACCOUNTS, "close_journal_id")], before)

    def test_a_club_of_the_same_company_finds_what_the_first_one_made(self):
        self.club.action_propose_books()
        other = self.env["club.club"].create({"name": "Second", "company_id": self.club.company_id.id})
        other.action_propose_books()
        self.assertEqual(other.close_journal_id, self.club.close_journal_id)
        self.assertNotEqual(
            other.liability_account_id, self.club.liability_account_id, "or its tie-out would see both clubs' points"
        )

    def test_a_company_without_a_chart_is_told_so(self):
        company = self.env["res.company"].create({"name": "Bare"})
        club = self.env["club.club"].create({"name": "Bare club", "company_id": company.id})
        with self.assertRaisesRegex(UserError, "Bare has no chart of accounts"):
            club.action_propose_books()

    def test_a_jalali_club_begins_with_a_month_of_its_own(self):
        self.club.calendar = "jalali"
        with freeze_time("2026-10-30 12:00:00"):
            self.club.action_propose_books()
        self.assertEqual(str(self.club.close_from), "2026-10-23", "the first of Aban")

    def test_only_a_manager_who_may_make_accounts_proposes(self):
        user = new_test_user(self.env, "setup_user", groups="customer_club.group_club_user")
        accountant = new_test_user(self.env, "setup_books", groups="customer_club.group_club_accountant")
        manager = new_test_user(self.env, "setup_chief", groups="customer_club.group_club_manager")
        for doer in (user, accountant, manager):
            with self.subTest(doer.login), self.assertRaises(AccessError), self.cr.savepoint():
                self.club.with_user(doer).action_propose_books()
        manager.group_ids += self.env.ref("account.group_account_manager")
        self.club.with_user(manager).action_propose_books()
        self.assertTrue(self.club.liability_account_id)


@tagged("post_install", "-at_install")
class TestTheChecklist(AccountingCase):
    def states(self):
        return [(step["state"], step["words"]) for step in self.club._get_book_steps()]

    def test_it_names_what_is_missing_then_the_preview_then_what_is_closed(self):
        self.assertIn(("todo", "Let somebody approve an estimate"), [(s, w[:32]) for s, w in self.states()])
        self.estimate("2026-01-01", 0.1, 0.8)
        self.assertEqual([state for state, _words in self.states()], ["done", "done", "done", "todo"])
        with freeze_time("2026-02-02 10:00:00"):
            self.close()
        self.assertNotIn("todo", [state for state, _words in self.states()])
        self.assertIn("fa-check-circle", self.club.book_checklist)
        self.assertIn("Done:", self.club.book_checklist, "words, not colour alone")

    def test_a_journal_without_hash_is_warned_of_and_does_not_stop_the_close(self):
        self.club.close_journal_id = self.journal.copy({"restrict_mode_hash_table": False, "code": "PTN"})
        self.estimate("2026-01-01", 0.1, 0.8)
        self.assertIn("warning", [state for state, _words in self.states()])
        with freeze_time("2026-02-02 10:00:00"):
            self.assertEqual(self.close().state, "posted")

    def test_an_account_archived_later_stops_the_close_with_the_remedy(self):
        self.estimate("2026-01-01", 0.1, 0.8)
        self.accounts["411"].active = False
        with freeze_time("2026-02-02 10:00:00"), self.assertRaisesRegex(UserError, "Revenue from points is archived"):
            self.close()

    def test_an_archived_account_is_not_chosen(self):
        old = self.env["account.account"].create({"name": "Old", "code": "99602", "account_type": "income"})
        old.active = False
        with self.assertRaisesRegex(ValidationError, "Old is archived"):
            self.club.revenue_account_id = old

    def test_an_account_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Other"})
        foreign = (
            self.env["account.account"]
            .with_company(company)
            .create(
                {"name": "Foreign", "code": "99603", "account_type": "income", "company_ids": [(6, 0, company.ids)]}
            )
        )
        with self.assertRaisesRegex(UserError, "Foreign"):
            self.club.revenue_account_id = foreign
