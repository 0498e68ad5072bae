"""Nothing says who it was once a person is erased: the whole database is searched, not what one thinks of."""

import base64
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.base.models.ir_actions_report import IrActionsReport
from odoo.addons.customer_club.tests.known_common import KnownCase
from odoo.tests import tagged
from odoo.tools import SQL

NAME, NICK, MAIL, PHONE = "Zyxanna Quillfeather", "Zyxie", "zyxanna@quill.example", "+4917612345678"
WORDS = ("zyxanna", "quillfeather", "zyxie", "quill.example", "17612345678")


@tagged("post_install", "-at_install")
class TestTheForgottenAreForgotten(KnownCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forgotten = cls.env["res.partner"].create({"name": NAME, "email": MAIL, "phone": PHONE})
        cls.one = cls.club._enrol(cls.forgotten)
        cls.join(cls.one, datetime(2025, 6, 1, 12))
        cls.one.write({"nickname": NICK, "note": f"{NAME} likes tulips", "consent_marketing": True})

    def find(self):
        """Tables in which a row says one of the words, with the row's id."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT c.table_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN ('character varying', 'text', 'jsonb', 'json')"
        )
        found = {}
        for (table,) in self.env.cr.fetchall():
            row = SQL.identifier(table)
            self.env.cr.execute(
                SQL("SELECT t.* FROM %s t WHERE lower(t::text) ~ %s LIMIT 3", row, "|".join(map(str, WORDS)))
            )
            rows = self.env.cr.dictfetchall()
            if rows:
                found[table] = [
                    {
                        name: value
                        for name, value in row.items()
                        if name == "id" or any(word in str(value).lower() for word in WORDS)
                    }
                    for row in rows
                ]
        return found

    def live(self):
        """All that may remember a member: facts, looks, messages, sheets, simulations, devices, notes."""
        now = fields.Datetime.now()
        for number in range(3):
            self.env["club.event"]._report(
                [
                    {
                        "member_id": self.one.id,
                        "type": "purchase",
                        "amount": 50,
                        "occurred_at": now - timedelta(days=20 * number + 1),
                        "key": f"forgotten:{number}",
                    }
                ]
            )
        self.env["club.occasion"].create(
            {"member_id": self.one.id, "kind": "relative", "name": NAME, "month": 1, "day": 1}
        )
        self.one.message_post(body=f"Spoke to {NAME}")
        self.segment._keep_memberships()
        self.club._refresh_behaviour()
        self.campaign.write({"subject": "Dear {name}", "body": "{name}, {offer}"})
        self.run_campaign()
        static = self.env["club.segment"].create({"club_id": self.club.id, "name": "Some", "kind": "static"})
        self.env["club.segment.fill"].create({"segment_id": static.id, "numbers": self.one.number}).action_fill()
        self.env["club.banner.preview"].create({"banner_id": self.banner.id, "member_id": self.one.id})
        self.banner._count("view", "portal", {self.club: self.one}, True, "visitor", "network")
        people = "customer,date,amount\n" + f"{NAME},{self.today},50\nSomebody,{self.today},20\n"
        simulation = self.env["club.simulation"].create(
            {
                "club_id": self.club.id,
                "name": "A file",
                "source": "file",
                "file": base64.b64encode(people.encode()),
                "filename": "people.csv",
                "date_from": self.today - timedelta(days=30),
                "date_to": self.today,
            }
        )
        simulation.action_run()
        self.simulation.action_run()
        self.page()
        sending = self.send_report()
        with patch.object(IrActionsReport, "_run_wkhtmltopdf", return_value=f"%PDF {NAME}".encode()):
            sending._send_one()
        self.env["club.leave.wizard"].create({"member_id": self.one.id})
        self.env.flush_all()
        return sending

    def test_nothing_in_the_database_says_who_it_was(self):
        self.live()
        before = self.find()
        for table in (
            "res_partner",
            "club_member",
            "club_occasion",
            "club_simulation_customer",
            "mail_message",
            "mail_mail",
        ):
            self.assertIn(table, before, "else nothing is tested")
        self.env["sms.sms"].create(
            {
                "number": PHONE,
                "partner_id": self.forgotten.id,
                "club_member_id": self.one.id,
                "body": f"Dear {NAME}",
            }
        )
        wizard = self.env["club.invite.wizard"].create({"club_id": self.club.id, "emails": MAIL})
        wizard.action_invite()
        self.assertTrue(self.env["mail.mail"].search([("email_to", "=", MAIL)]))
        wizard.unlink()
        [(other, secret)] = self.env["club.invitation"]._invite(self.club, [MAIL.upper()])
        self.one._erase("Asked by letter")
        self.env.invalidate_all()
        self.assertEqual(self.find(), {})
        self.assertEqual(other.state, "cancelled")
        self.assertFalse(
            self.club._find_invitation(self.partner_2, secret), "without a name it is nobody's, not anyone's"
        )
        self.assertInvariantsHold()

    def test_what_waits_for_the_member_goes_and_the_shops_own_letters_stay(self):
        """Also where the contact stays, for it has papers: only the membership is forgotten."""
        order = self.buy(self.forgotten, datetime(2026, 3, 1))
        targets = self.run_campaign()
        target = targets.filtered(lambda target: target.member_id == self.one)
        domain = [("recipient_ids", "in", self.forgotten.ids)]
        letter = self.env["mail.mail"].search([*domain, ("model", "=", target._name), ("res_id", "=", target.id)])
        self.assertEqual(letter.state, "outgoing")
        others = self.env["mail.mail"].search([("model", "=", target._name)]) - letter
        papers = self.env["mail.mail"].create(
            {"model": order._name, "res_id": order.id, "recipient_ids": [(4, self.forgotten.id)], "body_html": "Order"}
        )
        bare = self.env["mail.mail"].create({"email_to": self.forgotten.email, "body_html": "Somebody else's letter"})
        number = {"number": "+32470123456", "partner_id": self.forgotten.id, "body": "Hello"}
        of_club, of_others = self.env["sms.sms"].create([{**number, "club_member_id": self.one.id}, number])
        self.assertTrue(others)
        self.one._erase("Asked by letter")
        self.assertEqual(self.forgotten.name, NAME)
        self.assertFalse(letter.exists() or of_club.exists())
        self.assertEqual((others | papers | bare).exists(), others | papers | bare)
        self.assertEqual(of_others.exists(), of_others)

    def test_text_messages_say_whose_membership_they_are_about(self):
        self.campaign.write({"channel": "sms", "body": "{name}, {offer}"})
        self.one.partner_id.phone = self.one.partner_id.phone or "+32470123456"
        before = self.env["sms.sms"].search([])
        self.run_campaign()
        sent = self.env["sms.sms"].search([]) - before
        self.assertTrue(sent)
        self.assertEqual([sms.club_member_id.partner_id for sms in sent], [sms.partner_id for sms in sent])

    def test_what_a_report_was_mailed_with_goes_with_the_mail(self):
        """The sheet of a month names its top members: it must not lie in the file store for ever."""
        before = self.env["ir.attachment"].search([])
        sending = self.live()
        made = (self.env["ir.attachment"].search([]) - before).filtered(
            lambda attachment: attachment.mimetype == "application/pdf" or (attachment.name or "").endswith("xlsx")
        )
        self.assertEqual(len(made), 2)
        mail = self.env["mail.mail"].search([("model", "=", sending._name), ("res_id", "=", sending.id)])
        self.assertTrue(mail.auto_delete)
        self.assertEqual(mail.attachment_ids, made)
        mail.unlink()
        self.assertFalse(made.exists())
