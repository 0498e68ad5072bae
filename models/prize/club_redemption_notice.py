"""What a member is told about a redemption: a receipt of what they asked for, so it needs no consent."""

import logging

import psycopg2
from odoo import models

_logger = logging.getLogger(__name__)

#: State → its template, and for which kinds of delivery.
TEMPLATES = {
    "ready": ("customer_club.mail_template_redemption_ready", ("order_line", "service")),
    "delivered": ("customer_club.mail_template_redemption_delivered", ("coupon", "code")),
    "refused": ("customer_club.mail_template_redemption_refused", None),
    "cancelled": ("customer_club.mail_template_redemption_cancelled", None),
    "returned": ("customer_club.mail_template_redemption_cancelled", None),
}


class ClubRedemption(models.Model):
    _inherit = "club.redemption"

    def _notify_member(self, state):
        """Queue the message about a step, where the member has an address. Never holds codes: they stand in the portal.

        A template that a manager deleted is not missed, and one that a manager broke stops nobody's prize: the log
        says so.
        """
        if state not in TEMPLATES:
            return
        xmlid, kinds = TEMPLATES[state]
        template = self.env.ref(xmlid, raise_if_not_found=False)
        told = self.filtered(
            lambda redemption: (
                redemption.member_id.partner_id.email
                and redemption.member_id.state == "active"
                and (not kinds or redemption.delivery in kinds)
            )
        )
        if not template or not told:
            return
        try:
            with self.env.cr.savepoint():
                template.sudo().send_mail_batch(told.ids, email_layout_xmlid="mail.mail_notification_light")
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction: Odoo begins the whole request again
        except Exception:
            _logger.exception("no message about %s: the template %s is broken", told.mapped("name"), template.name)

    def _get_portal_url(self):
        """The page of the member with everything they redeemed, for links in messages."""
        self.ensure_one()
        return f"{self.club_id.get_base_url()}/my/club/{self.member_id.id}/redemptions"
