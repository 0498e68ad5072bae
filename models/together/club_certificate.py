"""A certificate on paper: for who gave, for a tier, for an honour."""

from odoo import api, fields, models

KINDS = ("donor", "tier", "honour")


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_certificate(self, kind):
        """What a certificate of a kind says for this member, or nothing where there is nothing to certify.

        :param str kind: ``donor``, ``tier`` or ``honour``.
        :return: ``title``, ``sentence``, ``lines``.
        :rtype: dict | None
        """
        self.ensure_one()
        return {"donor": self._certify_donor, "tier": self._certify_tier, "honour": self._certify_honour}[kind]()

    def _certify_donor(self):
        _, club = self.env._, self.sudo().club_id
        given = (
            self.env["club.donation"]
            .sudo()
            ._read_group(
                [("member_id", "in", self._get_own_ids()), ("state", "=", "given")],
                ["cause_id"],
                ["value:sum"],
                limit=12,
            )
        )
        if not given:
            return None
        return {
            "title": _("Thank you"),
            "sentence": _("gave to others what could have been spent:"),
            "lines": [f"{cause.name}: {club._show_money(value)}" for cause, value in given],
        }

    def _certify_tier(self):
        _, tier = self.env._, self.sudo().tier_id
        if not tier:
            return None
        since = self.sudo().club_id._show_day(self.tier_since)
        return {
            "title": tier.name,
            "sentence": _("is a member of this tier since %(day)s.", day=since) if since else _("is of this tier."),
            "lines": [],
        }

    def _certify_honour(self):
        _ = self.env._
        honours = self._get_honours() if self.honour_opt_in else []
        if not honours:
            return None
        names = self.sudo().club_id._get_honour_names()
        return {
            "title": _("Certificate of honour"),
            "sentence": _("stands on the honour roll:"),
            "lines": [names.get(key, key) for key in honours],
        }


class ReportCertificate(models.AbstractModel):
    """What the printed certificate shows: of the kind asked for, else the first that a member has."""

    _name = "report.customer_club.report_certificate"
    _description = "Certificate"

    @api.model
    def _get_report_values(self, docids, data=None):
        kind = (data or {}).get("kind")
        kinds = [kind] if kind in KINDS else KINDS
        pages = []
        for member in self.env["club.member"].browse(docids):
            lang = member.partner_id.lang or self.env.lang
            member = member.with_context(lang=lang)
            found = next(filter(None, (member._get_certificate(kind) for kind in kinds)), None)
            if found:
                pages.append({**found, "member": member, "lang": lang, **self.env["res.lang"]._get_club_sides(lang)})
        return {"pages": pages, "today": fields.Datetime.now(), "company": self.env.company}
