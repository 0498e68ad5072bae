"""Products for members only, or for members first."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_datetime


class ProductTemplate(models.Model):
    _inherit = "product.template"

    club_members_only = fields.Boolean(string="Members Only", help="Only members of a club may buy this product.")
    club_ids = fields.Many2many(
        "club.club",
        "club_product_template_rel",
        "product_tmpl_id",
        "club_id",
        string="Of These Clubs",
        help="Whose members may buy, or buy early. Empty: any club's.",
    )
    club_tier_ids = fields.Many2many(
        "club.tier",
        "club_tier_product_template_rel",
        "product_tmpl_id",
        "tier_id",
        string="Of These Tiers",
        help="Only members who have one of these tiers may buy, or buy early. Empty: any tier.",
    )
    club_public_from = fields.Datetime(
        string="Opens On",
        help="Until then, only members whose tier has early access may buy.",
    )
    club_early_access_from = fields.Datetime(
        string="Not Before",
        help="No member may buy before this, whatever the hours of the tier. Empty: the tier's hours alone count.",
    )

    @api.constrains("club_public_from", "club_early_access_from")
    def _check_club_access_dates(self):
        for product in self:
            early, public = product.club_early_access_from, product.club_public_from
            if early and not public:
                raise ValidationError(
                    self.env._(
                        "%(product)s has a first day for members but no day on which it opens to everybody. Set "
                        "Opens On as well.",
                        product=product.name,
                    )
                )
            if early and early > public:
                raise ValidationError(
                    self.env._(
                        "%(product)s would open to members after it opens to everybody. Set Not Before earlier than "
                        "Opens On.",
                        product=product.name,
                    )
                )

    @api.constrains("club_ids", "club_tier_ids")
    def _check_club_tiers(self):
        for product in self:
            foreign = product.club_tier_ids.filtered(
                lambda tier, product=product: product.club_ids and tier.club_id not in product.club_ids
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(product)s: the tier %(tier)s belongs to another club than those chosen. Choose its club "
                        "too, or another tier.",
                        product=product.name,
                        tier=foreign[0].name,
                    )
                )

    def _get_club_refusals(self, partner, at=None):
        """Why ``partner`` may not buy these products now, and from when. No query where nothing is restricted.

        :param partner: a ``res.partner``; empty or a public user's for a visitor
        :param datetime at: the instant that counts, UTC; default now
        :return: a dict per refused product: ``reason``, a sentence for the customer, and ``opens_at``, UTC or False
        :rtype: dict of ``product.template`` to dict
        """
        at = at or fields.Datetime.now()
        products = self.sudo()
        restricted = products.filtered(
            lambda product: product.club_members_only or (product.club_public_from and product.club_public_from > at)
        )
        if not restricted:
            return {}
        members = self._get_club_memberships(partner)
        refusals = {}
        for product in restricted:
            refusal = product._get_club_refusal(members, at)
            if refusal:
                refusals[self.browse(product.id)] = refusal
        return refusals

    @api.model
    def _get_club_memberships(self, partner):
        """The active memberships that count for ``partner``: its own, and its company's where the company earns."""
        Member = self.env["club.member"].sudo()
        partner = partner.sudo()
        if not partner:
            return Member
        return Member.search(
            [
                ("state", "=", "active"),
                "|",
                ("partner_id", "in", partner.ids),
                "&",
                ("club_id.earner", "=", "company"),
                ("partner_id", "in", partner.commercial_partner_id.ids),
            ]
        )

    def _get_club_refusal(self, members, at):
        """Why holders of ``members`` may not buy this product at an instant; None if they may."""
        self.ensure_one()
        allowed = members.filtered(
            lambda member: (
                (not self.club_ids or member.club_id in self.club_ids)
                and (not self.club_tier_ids or member.tier_id in self.club_tier_ids)
            )
        )
        if self.club_members_only and not allowed:
            return {"reason": self._get_members_only_reason(), "opens_at": False}
        opens = self.club_public_from
        if not opens or opens <= at:
            return None
        openings = [
            member.tier_id._get_opening(opens, self.club_early_access_from, member.joined_at)
            for member in allowed
            if member.tier_id
        ]
        first = min(openings, default=opens)
        if first <= at:
            return None
        return {
            "reason": self.env._(
                "%(product)s can be bought from %(when)s.",
                product=self.name,
                when=self._format_club_instant(first, members),
            ),
            "opens_at": first,
        }

    def _get_members_only_reason(self):
        self.ensure_one()
        if self.club_tier_ids:
            return self.env._(
                "%(product)s is for members of %(tiers)s only.",
                product=self.name,
                tiers=", ".join(self.club_tier_ids.mapped("name")),
            )
        if self.club_ids:
            return self.env._(
                "%(product)s is for members of %(clubs)s only.",
                product=self.name,
                clubs=", ".join(self.club_ids.mapped("name")),
            )
        return self.env._("%(product)s is for members of our customer club only.", product=self.name)

    def _format_club_instant(self, instant, members):
        tz = members[:1].club_id.tz or self.club_ids[:1].tz or self.env.user.tz or "UTC"
        return f"{format_datetime(self.env, instant, tz=tz, dt_format='medium')} ({tz})"
