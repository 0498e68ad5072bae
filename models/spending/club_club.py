"""What a club says about points on orders, and how long a payment that was only begun holds them."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import spending as engine_spending
from odoo.exceptions import ValidationError


class ClubClub(models.Model):
    _inherit = "club.club"

    spend_least_points = fields.Float(
        string="Fewest Points per Order",
        digits=(16, 2),
        help="A discount per point starts with so many points. 0: any number.",
    )
    spend_step_points = fields.Float(
        string="Points in Steps Of",
        digits=(16, 2),
        help="Members choose multiples of this many points for a discount per point. 0: any number.",
    )
    spend_most_percent = fields.Float(
        string="Most of an Order (%)",
        default=100.0,
        digits=(16, 2),
        help="The largest share of an order that points may pay, all discounts for points together: of its goods after "
        "other discounts, taxes included, without what points cannot buy. 100: all of it. Free products and free "
        "shipping do not count.",
    )
    spend_pays_delivery = fields.Boolean(
        string="Points Pay Delivery Too",
        default=True,
        help="A discount on the whole order also takes off the cost of delivery, and the share above includes it.",
    )
    spend_excluded_product_ids = fields.Many2many(
        "product.product",
        "club_club_spend_excluded_product_rel",
        string="Products Points Cannot Buy",
        help="Their part of an order is always paid in money.",
    )
    spend_excluded_category_ids = fields.Many2many(
        "product.category",
        "club_club_spend_excluded_category_rel",
        string="Categories Points Cannot Buy",
        help="With all their subcategories.",
    )
    spend_excluded_tag_ids = fields.Many2many(
        "product.tag", "club_club_spend_excluded_tag_rel", string="Tags Points Cannot Buy"
    )
    spend_hold_minutes = fields.Integer(
        string="Held While Paying (Minutes)",
        default=15,
        help="For how long a payment that was only begun keeps its points from being used elsewhere. A payment that "
        "waits for its provider keeps them until it is decided.",
    )

    @api.constrains("spend_least_points", "spend_step_points", "spend_most_percent", "spend_hold_minutes")
    def _check_spend_policy(self):
        for club in self:
            if not 0 < club.spend_most_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "%(club)s: points pay more than 0 and at most 100 %% of an order, not %(percent)s. To stop "
                        "discounts for points, archive the rewards instead.",
                        club=club.name,
                        percent=club.spend_most_percent,
                    )
                )
            if club.spend_least_points < 0 or club.spend_step_points < 0:
                raise ValidationError(
                    self.env._(
                        "%(club)s: the fewest points and the steps cannot be negative. Write 0 for any number.",
                        club=club.name,
                    )
                )
            if not 1 <= club.spend_hold_minutes <= 1440:
                raise ValidationError(
                    self.env._(
                        "%(club)s: points are held for 1 to 1440 minutes while somebody pays, not %(minutes)s.",
                        club=club.name,
                        minutes=club.spend_hold_minutes,
                    )
                )

    def _get_spend_policy(self):
        """The club's policy for points on an order.

        :rtype: engine.spending.Policy
        """
        self.ensure_one()
        return engine_spending.Policy(
            least=engine_lots.to_decimal(self.spend_least_points),
            step=engine_lots.to_decimal(self.spend_step_points),
            percent=engine_lots.to_decimal(self.spend_most_percent),
        )

    def _has_spend_exclusions(self):
        self.ensure_one()
        return bool(self.spend_excluded_product_ids or self.spend_excluded_category_ids or self.spend_excluded_tag_ids)

    def _filter_points_cannot_buy(self, products):
        """Those of ``products`` that are always paid in money."""
        self.ensure_one()
        if not self._has_spend_exclusions():
            return products.browse()
        categories, tags = set(self.spend_excluded_category_ids.ids), self.spend_excluded_tag_ids
        return products.filtered(
            lambda product: (
                product in self.spend_excluded_product_ids
                or not categories.isdisjoint(
                    int(part) for part in (product.categ_id.parent_path or "").split("/") if part
                )
                or product.all_product_tag_ids & tags
            )
        )

    def _say_share(self):
        """The largest share of an order that points may pay, for members; empty where it is all of it."""
        self.ensure_one()
        if self.spend_most_percent >= 100:
            return ""
        percent = f"{Decimal(str(self.spend_most_percent)).normalize():f}"
        return self.env._("at most %(percent)s %% of the order", percent=percent)
