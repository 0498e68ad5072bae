"""Rules about product reviews: who bought, how much was written."""

from odoo import api, fields, models

REVIEW_FIELDS = ("review_verified", "review_stars", "review_min_length")


class ClubEarnRule(models.Model):
    _inherit = "club.earn.rule"

    review_verified = fields.Boolean(
        string="Verified Buyers Only", default=True, help="Only if the member has bought the product and kept it."
    )
    review_stars = fields.Boolean(string="With Stars Only", help="However many: points must not buy good marks.")
    review_min_length = fields.Integer(
        string="Least Length", help="Letters and digits that the text needs. 0: not asked."
    )

    _review_length_positive = models.Constraint(
        "CHECK(review_min_length IS NULL OR review_min_length >= 0)",
        "The least length of a review cannot be negative. Use 0 to ask for none.",
    )

    @api.model
    def _get_sentence_fields(self):
        return sorted({*super()._get_sentence_fields(), *REVIEW_FIELDS})

    def _get_condition_values(self):
        values = super()._get_condition_values()
        if self.event_type == "review":
            values |= {
                "review_verified": self.review_verified or None,
                "review_stars": self.review_stars or None,
                "review_length": self.review_min_length or None,
            }
        return values

    def _is_review_short(self, payload):
        """Whether a review lacks something that this rule asks for."""
        self.ensure_one()
        return bool(
            (self.review_verified and not payload.get("verified"))
            or (self.review_stars and not payload.get("stars"))
            or self.review_min_length > payload.get("length", 0)
        )

    def _get_clauses(self):
        clauses = super()._get_clauses()
        if self.event_type != "review":
            return clauses
        _ = self.env._
        return [
            _("once per product"),
            self.review_verified and _("by buyers only"),
            self.review_stars and _("with stars"),
            self.review_min_length and _("with at least %(length)s letters", length=self.review_min_length),
            *clauses,
        ]

    def _get_reason_sentences(self):
        _ = self.env._
        return {
            **super()._get_reason_sentences(),
            "review_unverified": lambda v: _("Only from buyers of the product."),
            "review_stars": lambda v: _("Only with stars."),
            "review_short": lambda v: _(
                "The text has %(length)s letters, %(least)s are needed.", length=v["length"], least=v["least"]
            ),
        }
