"""What a member sees of product reviews."""

from odoo import models
from odoo.addons.customer_club.engine import periods
from odoo.fields import Domain

REVIEW_PAGE = 30
#: Where the product page has its reviews.
ANCHOR = "#o_product_page_reviews"


class ClubMember(models.Model):
    _inherit = "club.member"

    def _filter_since_joining(self, records):
        """The records that were created on the day of joining or later, in the club's time zone."""
        self.ensure_one()
        zone = self.club_id.tz
        joined = periods.local_date(self.joined_at, zone)
        return records.filtered(lambda record: periods.local_date(record.create_date, zone) >= joined)

    # -- becoming one, being forgotten -----------------------------------------------------------------------

    def _absorb_into(self, heir):
        self._find_reviews_of().filtered(lambda review: review.member_id != heir)._move_to(heir)
        return super()._absorb_into(heir)

    def _erase_one(self, reason):
        """That a product was reviewed stays; the person and the words do not stand on it any more."""
        reviews = self._find_reviews_of()
        super()._erase_one(reason)
        reviews.write({"partner_id": self.partner_id.id, "rating_id": False})

    def _find_reviews_of(self):
        return self.env["club.review"].sudo().search([("member_id", "in", self.ids)], order="id")

    # -- pages -------------------------------------------------------------------------------------------------

    def _get_portal_links(self):
        links = super()._get_portal_links()
        if self._get_review_rules():
            links.append(
                {
                    "rank": 45,
                    "url": f"/my/club/{self.id}/reviews",
                    "text": self.env._("Product reviews"),
                    "icon": "fa-star-half-o",
                }
            )
        return links

    def _get_review_rules(self):
        """The rules about product reviews that hold today, if the shop shows reviews at all.

        :rtype: ``club.earn.rule`` (sudo)
        """
        self.ensure_one()
        Rule = self.env["club.earn.rule"].sudo()
        if not self.env["website"].sudo().is_view_active("website_sale.product_comment"):
            return Rule
        today = self.club_id._get_today()
        domain = (
            Domain("club_id", "=", self.club_id.id)
            & Domain("event_type", "=", "review")
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", today))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )
        return Rule.search(domain, limit=20)

    def _get_portal_reviews(self, before=None, limit=REVIEW_PAGE):
        """One page of the member's reviews, newest first.

        :param int before: the id of the last review of the page before.
        :return: rows of ``product``, ``url``, ``state`` (in words), ``earned`` (as text); and the id to go on from.
        :rtype: tuple[list[dict], int | None]
        """
        self.ensure_one()
        _ = self.env._
        states = {
            "waiting": _("Waits for approval"),
            "counts": _("Published"),
            "refused": _("Earns no points"),
            "hidden": _("Not published"),
        }
        domain = Domain("member_id", "=", self.id) & (Domain("id", "<", before) if before else Domain.TRUE)
        reviews = self.env["club.review"].sudo().search(domain, order="id desc", limit=limit + 1)
        rows = [
            {
                "product": review.product_tmpl_id.name or _("A product that is gone"),
                "url": self._get_review_url(review.product_tmpl_id),
                "state": states[review.state],
                "earned": self.club_id._show_points(review.points) if review.points > 0 else "",
            }
            for review in reviews[:limit]
        ]
        return rows, reviews[limit - 1].id if len(reviews) > limit else None

    def _get_products_to_review(self, limit=12):
        """What the member has bought and not reviewed yet, the last bought first: ``product`` and ``url``.

        :rtype: list[dict]
        """
        self.ensure_one()
        reviewed = self.env["club.review"].sudo().search([("member_id", "=", self.id)]).product_tmpl_id
        groups = (
            self.env["sale.order.line"]
            .sudo()
            ._read_group(
                [
                    ("order_id.partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "sale"),
                    ("product_uom_qty", ">", 0),
                    ("product_id.product_tmpl_id.is_published", "=", True),
                    ("product_id.product_tmpl_id", "not in", reviewed.ids),
                ],
                ["product_id"],
                ["id:max"],
                order="id:max desc",
                limit=3 * limit,
            )
        )
        products = self.env["product.template"].sudo().union(*(product.product_tmpl_id for product, _last in groups))
        return [{"product": product.name, "url": self._get_review_url(product)} for product in products[:limit]]

    def _get_review_url(self, product):
        return f"{product.website_url}{ANCHOR}" if product.is_published else ""
