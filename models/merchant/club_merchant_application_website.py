"""A partner applies on the website: cleaned, limited, found again by its token."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import consteq

from .club_merchant_application import LENGTHS


class ClubMerchantApplication(models.Model):
    _inherit = "club.merchant.application"

    # -- from the website ----------------------------------------------------

    @api.model
    def _clean(self, club, vals):
        """What an applicant typed, in the form in which it is kept and compared.

        :raise UserError: for what is missing or unreadable, with words for the applicant.
        """
        _ = self.env._
        clean = {name: text.normalise(str(vals.get(name) or "").strip())[:length] for name, length in LENGTHS.items()}
        if not clean["name"] or not clean["contact_name"]:
            raise UserError(_("Write the name of your company and your own. Nothing was sent yet."))
        try:
            clean["email"] = text.email_key(clean["email"])
        except EngineError:
            raise UserError(
                _("Your e-mail address cannot be read. Write it like name@example.com. Nothing was sent yet.")
            ) from None
        if clean["phone"]:
            try:
                clean["phone"] = text.phone_e164(clean["phone"], club.company_id.country_id.code or "")
            except EngineError:
                raise UserError(
                    _("Your phone number cannot be read. Write it with its country, like +49 30 123, or leave it out.")
                ) from None
        clean["vat"] = re.sub(r"[\s./-]", "", clean["vat"]).upper()
        return clean

    @api.model
    def _apply(self, club, vals, form_key, address, partner=None, terms=False):
        """Take in what an applicant sent; the same form once, however often it is sent.

        :param club: which one (sudo); :param vals: the typed texts; :param form_key: names the form.
        :param address: the network address; only a keyed hash of it is kept.
        :param partner: who is signed in, if anybody; :param terms: whether the terms were accepted.
        :return: the application (sudo)
        :raise UserError: what is missing, in words for the applicant.
        """
        applications = self.sudo()
        key = f"{club.id}:{form_key}"[:100]
        found = applications.search([("form_key", "=", key)], limit=1)
        if found:
            return found
        clean = self._clean(club, vals)
        if club.partner_terms and not terms:
            raise UserError(self.env._("To apply, please accept the terms for partners. Nothing was sent yet."))
        same = applications.search(
            [
                ("club_id", "=", club.id),
                ("state", "=", "submitted"),
                ("email", "=", clean["email"]),
                ("name", "=ilike", clean["name"].replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")),
            ],
            limit=1,
        )
        digest, slot = applications._take_slot(club, address)
        if same:
            return same
        try:
            with self.env.cr.savepoint():
                made = applications.with_context(mail_create_nosubscribe=True).create(
                    {
                        **clean,
                        "club_id": club.id,
                        "applicant_id": partner.id if partner else False,
                        "terms_accepted_at": fields.Datetime.now(),
                        "terms_accepted": club.partner_terms,
                        "form_key": key,
                        "access_token": secrets.token_urlsafe(24),
                        "address_digest": digest,
                        "address_slot": slot,
                    }
                )
                self.env.flush_all()
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(self.env._("This form is being sent at this moment.")) from error
        made._update_state("submitted", ("draft",))
        made._tell("customer_club.mail_template_application_received")
        return made

    @api.model
    def _take_slot(self, club, address):
        """The number of this address's application today, as (hash of the address and day, number).

        The unique index lets one of two at the same moment through; Odoo repeats the other (abuse 15, 19).

        :raise UserError: when the address has sent as many as it may.
        """
        now = fields.Datetime.now()
        salt = self.env["club.identity"]._get_salt()
        digest = hmac.new(salt, f"partner-apply:{club.id}:{address}".encode(), hashlib.sha256).hexdigest()
        recent = self.search_count([("address_digest", "=", digest), ("create_date", ">=", now - timedelta(days=1))])
        if recent >= club.partner_applications_day:
            raise UserError(
                self.env._("So many applications came from your network today. Please try again tomorrow, or call us.")
            )
        last = self.search([("address_digest", "=", digest)], order="address_slot desc", limit=1).address_slot
        return digest, last + 1

    @api.model
    def _find_by_token(self, application_id, token):
        """The application that a link names, or nothing; absent and another's are alike (abuse 14)."""
        found = self.sudo().search([("id", "=", application_id), ("access_token", "!=", False)], limit=1)
        right = found and consteq(found.access_token.encode(), (token or "").encode())
        return found if right else found.browse()

    def _get_status_url(self):
        self.ensure_one()
        application = self.sudo()
        if not application.access_token:
            super(ClubMerchantApplication, application).write({"access_token": secrets.token_urlsafe(24)})
        return (
            f"{application.get_base_url()}/club/partner/application/{application.id}?token={application.access_token}"
        )

    def _tell(self, template):
        """Send the applicant what happened; the template holds nothing that a stranger typed, only staff's answer."""
        template = self.env.ref(template, raise_if_not_found=False)
        for application in self.sudo() if template else ():
            # Without Odoo's layout, which shows the record's name: a stranger typed that, and the address.
            template.sudo().with_context(status_url=application._get_status_url()).send_mail(application.id)
