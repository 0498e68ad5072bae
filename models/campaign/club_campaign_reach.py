"""Whom a campaign may write to, and when: consent, address, blacklist, frequency, quiet hours."""

from collections import Counter
from datetime import timedelta

from odoo import fields, models
from odoo.addons.customer_club.engine import periods
from odoo.tools import email_normalize


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def _find_reasons(self, members):
        """Why some of these members cannot be written to now: a constant number of queries.

        :rtype: dict of ``club.member`` to the reason
        """
        reasons = {}
        addresses = {member: self._get_address(member) for member in members}
        refused = set()
        if self.channel in ("email", "sms"):
            model, field = {"email": ("mail.blacklist", "email"), "sms": ("phone.blacklist", "number")}[self.channel]
            known = [address for address in addresses.values() if address]
            refused = set(self.env[model].sudo().search([(field, "in", known)]).mapped(field))
        tired = self._find_tired(members)
        for member in members:
            if member.state != "active":
                reasons[member] = "left"
            elif self.channel != "portal" and not member.consent_marketing:
                reasons[member] = "consent"
            elif not addresses[member]:
                reasons[member] = "address"
            elif addresses[member] in refused:
                reasons[member] = "blacklist"
            elif member.id in tired:
                reasons[member] = "frequency"
        return reasons

    def _get_address(self, member):
        """Where the message goes, in the form that the blacklists keep; empty if there is no such place."""
        partner = member.partner_id
        if self.channel == "email":
            return email_normalize(partner.email or "")
        if self.channel == "sms":
            country = partner.country_id or self.company_id.country_id
            return partner._phone_format(number=partner.phone, country=country) or ""
        return "portal"

    def _find_tired(self, members):
        """Ids of members who had as many messages as the club allows, of all its campaigns together; what contacts
        that were merged into them had counts with it.
        """
        club = self.club_id
        if self.channel == "portal" or not club.campaign_limit or not members:
            return set()
        since = fields.Datetime.now() - timedelta(days=club.campaign_limit_days)
        sources = self.env["club.member"].sudo().with_context(active_test=False)
        sources = sources.search([("merged_into_id", "in", members.ids)])
        counts = Counter()
        for member, count in (
            self.env["club.campaign.target"]
            .sudo()
            ._read_group(
                [
                    ("member_id", "in", [*members.ids, *sources.ids]),
                    ("state", "=", "sent"),
                    ("sent_at", ">", since),
                    ("campaign_id.channel", "!=", "portal"),
                ],
                ["member_id"],
                ["__count"],
            )
        ):
            counts[(member.merged_into_id or member).id] += count
        return {member for member, count in counts.items() if count >= club.campaign_limit}

    def _get_due(self, member, now):
        """The first moment from ``now`` on at which the member may be written to, by its own clock; UTC.

        A member without a time zone lives in the club's.
        """
        if self.channel == "portal":
            return now
        return self.club_id._get_next_allowed(member.partner_id, now)

    def _find_returning(self, members):
        """Those of these who joined since the campaign's first day and had been members before, erased and come back:
        a campaign that gives something gives it once per person (abuse 8).

        Whoever joins for the first time has a fact of it, which the hashed identity that survives erasure refuses to
        who was here before; an adopted program's customers have none either, but are known by where they came from.
        """
        start = periods.day_bounds(self.date_from, self.club_id.tz)[0]
        new = members.filtered(lambda member: member.source != "adopt" and member.joined_at >= start)
        if self.action == "message" or not new:
            return members.browse()
        joined = (
            self.env["club.event"]
            .sudo()
            ._read_group([("member_id", "in", new.ids), ("type", "=", "join")], ["member_id"])
        )
        return new.browse(set(new.ids) - {member.id for (member,) in joined})
