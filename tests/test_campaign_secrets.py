"""Codes are money: the member reads them, and nobody of the staff, whatever way they look."""

from odoo.addons.customer_club.models.campaign import club_campaign_message
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestCodesAreTheMembersOwn(CampaignCase):
    """abuse 13; never 23."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        program = cls.env["loyalty.program"].create(
            {"name": "Ten off", "program_type": "coupons", "company_id": cls.env.company.id}
        )
        cls.made = cls.campaign(
            action="coupon", program_id=program.id, subject="Code {code}", body="{code} and {offer}", unit_cost=5
        )
        cls.user, cls.manager = (
            new_test_user(cls.env, f"secret_{name}", groups=f"customer_club.group_club_{name}")
            for name in ("user", "manager")
        )

    def setUp(self):
        super().setUp()
        self.run_campaign(self.made)
        self.target = self.targets(self.made, member_id=self.member.id)
        self.code = self.target.sudo().coupon_id.code
        self.assertGreater(len(self.code), 12)

    def test_the_member_gets_the_whole_code(self):
        mail = self.mails(self.made).filtered(lambda mail: mail.recipient_ids == self.partner)
        self.assertIn(self.code, mail.subject)
        self.assertIn(self.code, mail.body_html)

    def test_staff_read_the_words_with_the_last_four_signs(self):
        for person in (self.user, self.manager):
            seen = self.target.with_user(person)
            for text in (seen.title, seen.words, str(seen.read(["title", "words", "button"]))):
                with self.subTest(person=person.login, text=text):
                    self.assertNotIn(self.code, text)
                    self.assertIn(f"•••• {self.code[-4:]}", text)

    def test_no_context_from_outside_opens_them(self):
        """abuse 5."""
        for value in (True, 1, "READER", repr(club_campaign_message.READER)):
            seen = self.target.with_user(self.manager).with_context(club_reader=value)
            self.assertNotIn(self.code, f"{seen.title} {seen.words}")
        for field in ("coupon_id", "coupon_id.code"):
            with self.assertRaises(AccessError):
                self.target.with_user(self.manager).search([(field, "!=", False)])

    def test_the_messages_that_went_out_are_for_nobody_of_the_staff(self):
        """Neither by the document, nor as who ran the campaign: an author may read a message."""
        self.made.with_user(self.manager).copy({"name": "Mine"}).action_schedule()
        mine = self.env["club.campaign"].search([("name", "=", "Mine")])
        mine.with_user(self.manager).action_run_now()
        for campaign in (self.made, mine):
            messages = self.mails(campaign).mail_message_id
            self.assertEqual(len(messages), 20)
            for person in (self.user, self.manager):
                Message = self.env["mail.message"].with_user(person)
                self.assertFalse(Message.search([("id", "in", messages.ids)]), person.login)
                self.assertFalse(Message.search([("model", "=", "club.campaign.target")]), person.login)
                for message in messages[:2].with_user(person):
                    with self.assertRaises(AccessError):
                        message.read(["body"])
                for model in ("mail.mail", "sms.sms"):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(person).search([], limit=1)
        self.assertNotIn(self.manager.partner_id, self.mails(mine).author_id)

    def test_an_administrator_of_the_system_may(self):
        admin = new_test_user(self.env, "secret_admin", groups="base.group_system,customer_club.group_club_manager")
        messages = self.mails(self.made).mail_message_id
        self.assertTrue(self.env["mail.message"].with_user(admin).search([("id", "in", messages.ids)]))

    def test_the_member_reads_it_in_the_account(self):
        notice = self.made.copy({"channel": "portal"})
        self.run_campaign(notice)
        target = self.targets(notice, member_id=self.member.id)
        self.assertIn(target.sudo().coupon_id.code, target.sudo()._for_reader().words)
        self.assertNotIn(target.sudo().coupon_id.code, target.sudo().words)
