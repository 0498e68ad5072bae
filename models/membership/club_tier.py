"""Tiers of a club."""

from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError


class ClubTier(models.Model):
    """A level of membership: what it asks, and what it gives.

    The lowest tier with threshold 0 is the starter tier: members have its benefits from the moment they join.
    """

    _name = "club.tier"
    _description = "Club Tier"
    _inherit = "club.bounded"
    _order = "club_id, threshold, sequence, id"
    _check_company_auto = True

    club_id = fields.Many2one("club.club", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    tier_basis = fields.Selection(related="club_id.tier_basis")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    threshold = fields.Float(
        digits=(16, 2),
        help="Points, amount or orders within the window, as the club says, from which the tier is deserved.",
    )
    multiplier = fields.Float(string="Earn Multiplier", digits=(6, 2), default=1.0)
    pricelist_id = fields.Many2one(
        "product.pricelist",
        check_company=True,
        help="Members of this tier buy at these prices, unless their contact has a pricelist of its own.",
    )
    early_access_hours = fields.Integer(
        string="Early Access (Hours)",
        help="Members of this tier may buy products that open later this many hours before.",
    )
    precedence_since = fields.Date(
        string="Early Access for Members Since",
        help="If set, only those who joined on or before this day may buy early: older members keep precedence over "
        "new ones.",
    )
    priority = fields.Integer(help="Higher goes first in request queues and reserved stock.")
    benefits = fields.Text(translate=True, help="Other benefits, in words, a line each.")
    color = fields.Integer()
    member_count = fields.Integer(compute="_compute_member_count")

    _threshold_unique = models.UniqueIndex(
        "(club_id, threshold) WHERE active",
        "Two tiers of a club cannot need the same: raise the threshold of one of them.",
    )
    _sane = models.Constraint(
        "CHECK(threshold >= 0 AND multiplier > 0 AND early_access_hours >= 0)",
        "A tier's threshold and early hours cannot be negative, and its multiplier must be more than 0 (1 changes "
        "nothing).",
    )

    def _compute_member_count(self):
        counts = dict(self.env["club.member"]._read_group([("tier_id", "in", self.ids)], ["tier_id"], ["__count"]))
        for tier in self:
            tier.member_count = counts.get(tier, 0)

    @api.constrains("club_id")
    def _check_club_change(self):
        for tier in self:
            if (
                self.env["club.member"]
                .sudo()
                .with_context(active_test=False)
                .search_count(
                    [("tier_id", "=", tier.id), ("club_id", "!=", tier.club_id.id)],
                    limit=1,
                )
            ):
                raise ValidationError(
                    self.env._("The tier %(tier)s has members: it cannot move to another club.", tier=tier.name)
                )

    @api.constrains("active")
    def _check_archive(self):
        for tier in self.filtered(lambda tier: not tier.active):
            count = self.env["club.member"].sudo().search_count([("tier_id", "=", tier.id)])
            if count:
                raise ValidationError(
                    self.env._(
                        "%(count)s members have the tier %(tier)s. Raise its threshold and let a review move them, "
                        "then archive it.",
                        count=count,
                        tier=tier.name,
                    )
                )

    # -- create and write ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        self.env.registry.clear_cache()
        tiers.club_id._mark_tiers_for_check()
        return tiers

    def write(self, vals):
        result = super().write(vals)
        if set(vals) & {"threshold", "active", "club_id", "sequence", "pricelist_id", "priority"}:
            self.env.registry.clear_cache()
        if set(vals) & {"threshold", "active", "club_id"}:
            self.club_id._mark_tiers_for_check()
        if "pricelist_id" in vals:
            self.env["res.partner"].invalidate_model(["property_product_pricelist"])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        history = self.env["club.tier.history"].sudo()
        for tier in self:
            if history.search_count(["|", ("from_tier_id", "=", tier.id), ("to_tier_id", "=", tier.id)], limit=1):
                raise UserError(
                    self.env._(
                        "Members have had the tier %(tier)s: archive it, so that its history stays.", tier=tier.name
                    )
                )

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # -- business ------------------------------------------------------------------------------------

    def action_open_members(self):
        """Open the members who have this tier."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_member_action")
        return dict(action, domain=[("tier_id", "=", self.id)], context={})

    @api.model
    @tools.ormcache("company_id", "benefit")
    def _is_given(self, company_id, benefit):
        """Whether any tier of a company's clubs gives a benefit; asked by every order, so cached.

        :param str benefit: the name of the tier's field, such as ``priority`` or ``pricelist_id``
        :rtype: bool
        """
        # Cached, so without the archived tiers that the caller's context may ask for.
        domain = [("company_id", "=", company_id), ("club_id.active", "=", True), ("active", "=", True)]
        tiers = self.sudo().search(domain)
        return any(tiers.mapped(benefit))

    def _get_opening(self, public_from, early_from, joined_at):
        """When a member of this tier may buy a product that opens to everybody at ``public_from``.

        :param datetime public_from: when everybody may buy, UTC
        :param early_from: no member may buy before this instant (UTC), or False
        :param datetime joined_at: when the member joined, UTC
        :rtype: datetime
        """
        self.ensure_one()
        if self.precedence_since and joined_at.date() > self.precedence_since:
            return public_from
        if not self.early_access_hours:
            return min(early_from, public_from) if self.precedence_since and early_from else public_from
        opening = public_from - timedelta(hours=self.early_access_hours)
        return max(opening, early_from) if early_from else opening
