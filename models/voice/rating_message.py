"""The message that shows a review: hiding or removing it unpublishes the review."""

from odoo import models

#: What of a message decides whether its review can be read, and what it says.
REVIEW_FIELDS = {"is_internal", "body", "model", "res_id", "subtype_id", "message_type", "author_id"}
REVIEWED = ("product.template", "product.product")


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_reviews(self):
        """Ratings of products that stand on these messages.

        :rtype: ``rating.rating`` (sudo)
        """
        messages = self.sudo().filtered(lambda message: message.model in REVIEWED)
        return messages.rating_ids

    def write(self, vals):
        # Most writes of messages concern nobody here, and there are many.
        ratings = self._get_reviews() if REVIEW_FIELDS & vals.keys() else self.env["rating.rating"].sudo()
        result = super().write(vals)
        if ratings:
            ratings._settle_reviews()
        return result

    def unlink(self):
        ratings = self._get_reviews()
        settle = ratings._prepare_review_settlement()
        result = super().unlink()
        settle()
        return result
