"""Ratings of products on the web site: a published one is a review."""

from odoo import api, models
from odoo.tools import html2plaintext

from .rating_message import REVIEWED

#: What of a rating decides whether it is a review, and of what.
RATING_FIELDS = {"consumed", "rating", "feedback", "message_id", "partner_id", "res_id", "res_model_id", "is_internal"}


class RatingRating(models.Model):
    _inherit = "rating.rating"

    # -- CRUD: whatever changes, the reviews are settled anew ----------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._settle_reviews()
        return ratings

    def write(self, vals):
        if not RATING_FIELDS & vals.keys():
            return super().write(vals)
        before = self._get_review_pairs()
        result = super().write(vals)
        self.env["club.review"]._settle(before | self._get_review_pairs())
        return result

    def unlink(self):
        settle = self._prepare_review_settlement()
        result = super().unlink()
        settle()
        return result

    # -- reviews -------------------------------------------------------------------------------------------

    def _settle_reviews(self):
        self.env["club.review"]._settle(self._get_review_pairs())

    def _prepare_review_settlement(self):
        """What is to be called once these ratings are gone."""
        pairs = self._get_review_pairs()
        return lambda: self.env["club.review"]._settle(pairs)

    def _get_review_pairs(self):
        """Whose reviews of what these ratings are.

        :return: pairs of partner id and product template id
        :rtype: set
        """
        ratings = self.sudo().filtered(lambda rating: rating.res_model in REVIEWED and rating.partner_id)
        return {(rating.partner_id.id, rating._get_reviewed_product().id) for rating in ratings} if ratings else set()

    def _get_reviewed_product(self):
        """The product template that this rates, archived or not; empty if it is gone.

        :rtype: ``product.template`` (sudo)
        """
        self.ensure_one()
        product = self.env[self.res_model].sudo().browse(self.res_id).exists()
        return product.product_tmpl_id if self.res_model == "product.product" else product

    def _is_published_review(self):
        """Whether everybody can read it, and whether the customer wrote it in person, signed in.

        Staff may create and change ratings and messages in anybody's name, so who is named must also be who wrote
        (``create_uid`` cannot be written).
        """
        self.ensure_one()
        rating = self.sudo()
        message = rating.message_id
        author = message.create_uid.partner_id
        return bool(
            rating.consumed
            and message
            and not message.is_internal
            and not message.subtype_id.internal
            and message.message_type == "comment"
            and message.model == rating.res_model
            and message.res_id == rating.res_id
            and message.author_id == rating.partner_id == author
        )

    def _get_review_text(self):
        """What can be read of the review, as plain text."""
        self.ensure_one()
        return html2plaintext(self.sudo().message_id.body or "") or self.sudo().feedback or ""
