"""The messages of a campaign, sent to oneself before anybody else gets them."""

from odoo import models
from odoo.exceptions import UserError


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def action_send_test(self):
        """Send every text to the person who asks, as the first member would read it; nothing is given, links are inert.

        :raises UserError: nobody would come in, or the person has no address
        """
        self.ensure_one()
        self.check_access("write")
        examples = self.sudo()._make_examples()
        if not examples:
            raise UserError(
                self.env._(
                    "Nobody would come into %(campaign)s today, so there is nothing to show. Choose another segment, "
                    "or try it when somebody is in it.",
                    campaign=self.name,
                )
            )
        # What stands in an account or on a device is read as an e-mail.
        address = getattr(self, f"_send_test_by_{self.channel}", self._send_test_by_email)(examples)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("On its way to %(address)s.", address=address),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _send_test_by_email(self, examples):
        """Queue an e-mail of each text to the person who asks.

        :return: the address
        """
        user = self.env.user
        if not user.email:
            raise UserError(
                self.env._(
                    "%(user)s has no e-mail address. Write one into your profile, then try again.", user=user.name
                )
            )
        mails = (
            self.env["mail.mail"]
            .sudo()
            .create(
                [
                    {
                        "subject": self.env._("[Test] %(subject)s", subject=example.title),
                        "body_html": self.env["ir.qweb"]._render(
                            "customer_club.campaign_test_mail", {"example": example, "lang": example.env.lang}
                        ),
                        "email_to": user.email_formatted,
                        "email_from": self.company_id.email_formatted or user.email_formatted,
                        "auto_delete": True,
                    }
                    for example in examples
                ]
            )
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return mails[:1].email_to

    def _send_test_by_sms(self, examples):
        """Queue an SMS of each text to the number of the person who asks.

        :return: the number
        """
        user = self.env.user
        number = user.partner_id._phone_format(number=user.phone or "", country=user.partner_id.country_id) or ""
        if not number:
            raise UserError(
                self.env._(
                    "%(user)s has no telephone number. Write one into your profile, then try again.", user=user.name
                )
            )
        base = self.club_id.get_base_url()
        self.env["sms.sms"].sudo().create(
            [
                {
                    "number": number,
                    "partner_id": user.partner_id.id,
                    "club_member_id": example.member_id.id,
                    "body": example._join_sms(f"{base}/c/0-test", f"{base}/c/0-stop"),
                }
                for example in examples
            ]
        )
        return number
