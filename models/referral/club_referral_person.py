"""What is compared of two persons, and whether somebody bought before."""

import re

from odoo import api, models
from odoo.addons.customer_club.engine import referral as engine
from odoo.addons.customer_club.engine import text
from odoo.addons.customer_club.engine.errors import EngineError
from odoo.addons.customer_club.models.earning.till_facts import PAID_STATES, TILL
from odoo.fields import Domain


class ClubMember(models.Model):
    _inherit = "club.member"

    def _describe_referral_person(self, devices=()):
        """This member as the guards compare it: mailboxes, phones and homes of the contact and its addresses.

        :param devices: opaque marks of browsers.
        :rtype: engine.Person
        """
        self.ensure_one()
        partner = self.sudo().partner_id
        cards = partner | partner.child_ids.filtered(lambda child: child.type != "contact")
        emails = {engine.email_key(email) for email in [*cards.mapped("email"), *partner.user_ids.mapped("login")]}
        return engine.Person(
            partner=partner.id,
            company=partner.commercial_partner_id.id,
            emails=frozenset(emails - {""}),
            phones=frozenset({self._get_phone_key(card) for card in cards} - {""}),
            homes=frozenset(
                {engine.home_key(card.street or "", card.zip or "", card.city or "") for card in cards} - {""}
            ),
            devices=frozenset(devices),
        )

    @api.model
    def _get_phone_key(self, partner):
        """A phone in E.164, or its bare digits where it is no number that can exist; empty without one."""
        if not partner.phone:
            return ""
        country = partner.country_id.code or partner.company_id.country_id.code or self.env.company.country_id.code
        try:
            return text.phone_e164(partner.phone, country or "")
        except EngineError:
            return "".join(character for character in text.digits(partner.phone) if character.isdigit())


class ClubReferral(models.Model):
    _inherit = "club.referral"

    @api.model
    def _was_customer(self, club, partner, before):
        """Whether the person had bought from the club's company before a moment: as this contact, one of its
        addresses, or a guest with the same mailbox or phone.

        :param datetime before: the visit, in UTC.
        """
        partner = partner.sudo().with_context(active_test=False)
        domain = Domain("id", "child_of", partner.id) | self._get_person_domain(partner)
        known = partner.search(domain, limit=50)
        return any(
            self.env[model].sudo().search_count([("partner_id", "in", known.ids), *wanted], limit=1)
            for model, wanted in self._get_purchase_domains(club, before)
        )

    @api.model
    def _get_person_domain(self, partner):
        """Contacts with the mailbox of ``partner``, whatever follows a plus in it, or with the same phone."""
        domain = Domain.FALSE
        if partner.email_normalized:
            local, _at, host = partner.email_normalized.rpartition("@")
            mailbox = local.partition("+")[0]
            escaped = re.sub(r"([\\%_])", r"\\\1", mailbox)
            domain |= Domain("email_normalized", "in", [partner.email_normalized, f"{mailbox}@{host}"])
            domain |= Domain("email_normalized", "=like", f"{escaped}+%@{host}")
        if partner.phone_sanitized:
            domain |= Domain("phone_sanitized", "=", partner.phone_sanitized)
        return domain

    @api.model
    def _has_twin(self, friend):
        """Whether another member of the club is or was the same person, by what is known of the friend now."""
        contacts = friend.sudo().partner_id.with_context(active_test=False)
        contacts = contacts.search(self._get_person_domain(contacts) & Domain("id", "!=", contacts.id), limit=50)
        return bool(contacts) and bool(
            friend.sudo()
            .with_context(active_test=False)
            .search_count(
                [
                    ("club_id", "=", friend.club_id.id),
                    ("partner_id", "in", contacts.ids),
                    ("merged_into_id", "!=", friend.id),
                ],
                limit=1,
            )
        )

    @api.model
    def _get_purchase_domains(self, club, before):
        """Documents that say that somebody bought before a moment, as (model, domain)."""
        company = ("company_id", "=", club.company_id.id)
        domains = [
            ("sale.order", [company, ("state", "=", "sale"), ("date_order", "<", before)]),
            (
                "account.move",
                [
                    company,
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("invoice_date", "<", before.date()),
                ],
            ),
        ]
        if TILL in self.env:
            domains.append((TILL, [company, ("state", "in", PAID_STATES), ("date_order", "<", before)]))
        return domains
