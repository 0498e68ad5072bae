"""Product reviews of members: which one counts, whether it is approved, and what it earned."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import earning_review
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import clean_context

from .rating_message import REVIEWED


class ClubReview(models.Model):
    """What a member wrote about a product, as far as the club is concerned: one row per member and product.

    The rating itself may be edited, unpublished, deleted and written anew. Points follow it: :meth:`_settle` may run
    any number of times and brings them to what they should be. A review counts as of the day it was first published,
    so that taking it down and putting it up again renews neither expiry nor limits.
    """

    _name = "club.review"
    _description = "Product Review of a Member"
    _order = "published_at desc, id desc"

    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", string="Written By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_tmpl_id = fields.Many2one("product.template", string="Product", readonly=True, ondelete="set null")
    rating_id = fields.Many2one(
        "rating.rating", string="Review", readonly=True, index="btree_not_null", ondelete="set null"
    )
    rating = fields.Float(related="rating_id.rating", string="Stars")
    feedback = fields.Text(related="rating_id.feedback", string="Text")
    state = fields.Selection(
        [("waiting", "To approve"), ("counts", "Counts"), ("refused", "Refused"), ("hidden", "Not published")],
        required=True,
        readonly=True,
        default="hidden",
        index=True,
    )
    decision = fields.Selection([("approved", "Approved"), ("refused", "Refused")], readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(string="Decided On", readonly=True)
    published_at = fields.Datetime(string="First Published On", required=True, readonly=True)
    generation = fields.Integer(readonly=True, help="How many times it was published or improved.")
    event_id = fields.Many2one("club.event", string="Fact", readonly=True, ondelete="restrict")
    points = fields.Float(related="event_id.points", string="Earned")

    _product_unique = models.UniqueIndex(
        "(member_id, product_tmpl_id) WHERE product_tmpl_id IS NOT NULL",
        "A member reviews a product once.",
    )

    @api.depends("product_tmpl_id", "member_id")
    def _compute_display_name(self):
        for review in self:
            review.display_name = self.env._(
                "%(product)s, by %(member)s",
                product=review.sudo().product_tmpl_id.display_name or self.env._("A product that was deleted"),
                member=review.member_id.display_name,
            )

    # -- actions -------------------------------------------------------------------------------------------

    def action_approve(self):
        """Let these reviews count. For managers of the club."""
        self._decide("approved")

    def action_refuse(self):
        """Let these reviews not count, and take back what they earned. They stay published. For managers."""
        self._decide("refused")

    def action_open_product(self):
        """Open the product page with the review on the web site."""
        self.ensure_one()
        product = self.product_tmpl_id
        if not product:
            raise UserError(self.env._("The product of this review was deleted, so there is no page to open."))
        return {"type": "ir.actions.act_url", "url": f"{product.website_url}#o_product_page_reviews", "target": "new"}

    def _decide(self, decision):
        if not self.env.user.has_group("customer_club.group_club_manager"):
            raise AccessError(self.env._("Only a manager of the club decides about reviews. Ask one of them."))
        self.check_access("read")
        self.sudo().write({"decision": decision, "decided_by": self.env.uid, "decided_at": fields.Datetime.now()})
        self.sudo()._bring_to_target({review: review.rating_id for review in self.sudo()})

    # -- settling ------------------------------------------------------------------------------------------

    @api.model
    def _schedule_settlement(self, members):
        """Settle the reviews of ``members`` once, at the end of the transaction: their purchases changed. Costs no
        query now.
        """
        if not members:
            return
        data = self.env.cr.precommit.data
        waiting = data.setdefault("club.review.members", set())
        if not waiting:
            self.env.cr.precommit.add(self.sudo()._run_scheduled_settlement)
        waiting.update(members)

    @api.model
    def _run_scheduled_settlement(self):
        members = self.env.cr.precommit.data.pop("club.review.members", set())
        reviews = self.search([("member_id", "in", sorted(members)), ("event_id", "!=", False)])
        self._settle({(review.partner_id.id, review.product_tmpl_id.id) for review in reviews})

    @api.model
    def _settle(self, pairs):
        """Bring the reviews of these people about these products to what is published now.

        :param set pairs: (partner id, product template id)
        """
        pairs = {(partner, product) for partner, product in pairs if partner}
        if not pairs:
            return
        reviews = self.sudo()._find_reviews(pairs)
        published = self.sudo()._find_published(pairs)
        known = {(review.partner_id.id, review.product_tmpl_id.id, review.club_id.id) for review in reviews}
        reviews |= self.sudo()._create_missing(published, known)
        reviews._bring_to_target(
            {
                review: review._choose(published.get((review.partner_id.id, review.product_tmpl_id.id)))
                for review in reviews
            }
        )

    def _find_reviews(self, pairs):
        """The rows that there are; also those whose product or rating has just gone."""
        partners, products = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        reviews = self.search(
            [("partner_id", "in", list(partners)), ("product_tmpl_id", "in", [*filter(None, products), False])]
        )
        return reviews.filtered(
            lambda review: not review.product_tmpl_id or (review.partner_id.id, review.product_tmpl_id.id) in pairs
        )

    def _find_published(self, pairs):
        """Published ratings, oldest first, by partner and product.

        :rtype: dict[tuple, ``rating.rating``]
        """
        products = self.env["product.template"].browse({pair[1] for pair in pairs if pair[1]})
        variants = products.with_context(active_test=False).product_variant_ids
        ratings = self.env["rating.rating"].search(
            [
                ("partner_id", "in", list({pair[0] for pair in pairs})),
                ("consumed", "=", True),
                "|",
                *["&", ("res_model", "=", REVIEWED[0]), ("res_id", "in", products.ids)],
                *["&", ("res_model", "=", REVIEWED[1]), ("res_id", "in", variants.ids)],
            ],
            order="id",
        )
        templates = {variant.id: variant.product_tmpl_id.id for variant in variants}
        found = {}
        for rating in ratings.filtered(lambda rating: rating._is_published_review()):
            product = rating.res_id if rating.res_model == REVIEWED[0] else templates[rating.res_id]
            pair = (rating.partner_id.id, product)
            found[pair] = found.get(pair, rating.browse()) | rating
        return found

    def _create_missing(self, published, known):
        """Rows for what was published by members for the first time."""
        vals_list = []
        clubs = self.env["club.club"].search([])
        for (partner_id, product_id), ratings in published.items():
            partner = self.env["res.partner"].browse(partner_id)
            product = self.env["product.template"].browse(product_id)
            for club in clubs:
                if (partner_id, product_id, club.id) in known or not self._is_customer(partner):
                    continue
                member = club._get_member(partner) if self._is_sold_by(product, club) else None
                since = member._filter_since_joining(ratings) if member else None
                if since:
                    vals_list.append(
                        {
                            "member_id": member.id,
                            "partner_id": partner_id,
                            "product_tmpl_id": product_id,
                            "published_at": since[0].create_date,
                        }
                    )
        taken = {
            (review.member_id.id, review.product_tmpl_id.id)
            for review in self.search(
                [
                    ("member_id", "in", [vals["member_id"] for vals in vals_list]),
                    ("product_tmpl_id", "in", [vals["product_tmpl_id"] for vals in vals_list]),
                ]
            )
        }
        # The context is the caller's: its defaults must neither approve a review nor name its fact (abuse 5). It is
        # replaced on purpose, as merging would leave them in it.
        cleaned = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        # A colleague of the same company member, or the partner that was merged into it, reviewed it before.
        return cleaned.create(
            [vals for vals in vals_list if (vals["member_id"], vals["product_tmpl_id"]) not in taken]
        ).with_env(self.env)

    @api.model
    def _is_customer(self, partner):
        """Our own people's reviews earn nothing."""
        return all(user.share for user in partner.with_context(active_test=False).user_ids)

    @api.model
    def _is_sold_by(self, product, club):
        """Whether customers find the product in a shop of the club's company."""
        return product.is_published and product.company_id in (club.company_id, product.company_id.browse())

    def _move_to(self, heir):
        """Give these reviews to the member that theirs was merged into; a product that it has reviewed stays with it,
        for a person reviews a product once.
        """
        taken = self.search([("member_id", "=", heir.id)]).product_tmpl_id
        for review in self:
            if not review.product_tmpl_id or review.product_tmpl_id not in taken:
                taken |= review.product_tmpl_id
                review.member_id = heir

    def _choose(self, ratings):
        """Of several published reviews of the product the one that counts: the one that did before, or the first."""
        ratings = self.member_id._filter_since_joining(ratings or self.env["rating.rating"])
        return self.rating_id if self.rating_id in ratings else ratings[:1]

    def _bring_to_target(self, ratings):
        """Record, or take back, what the reviews are worth.

        :param dict ratings: the published rating by review, empty where there is none.
        """
        facts, revoked = {}, self.env["club.event"]
        for review, rating in ratings.items():
            vals = {}
            if rating and rating != review.rating_id:
                vals = {"rating_id": rating.id, "decision": False, "decided_by": False, "decided_at": False}
                review.write(vals)
            state = review._find_state(rating)
            if state == "counts" and review._is_to_be_recorded(rating):
                revoked |= review.event_id  # it has earned nothing, and must not count as a second review
                vals["generation"] = review.generation + 1
                facts[review] = review._prepare_fact(rating, vals["generation"])
            elif state != "counts" and review.event_id:
                revoked |= review.event_id
                vals["event_id"] = False
            if vals or state != review.state:
                review.write({**vals, "state": state})
        revoked._revoke(self.env._("The review is not published or does not count any more."))
        events = self.env["club.event"]._report(list(facts.values()))
        for review, event in zip(facts, events, strict=True):
            review.event_id = event

    def _find_state(self, rating):
        if not rating or self.member_id.state != "active":
            return "hidden"
        if self.decision == "refused":
            return "refused"
        if self.decision == "approved" or self.club_id.review_when == "published" or self.event_id:
            return "counts"
        return "waiting"

    def _is_to_be_recorded(self, rating):
        """Once; again after it was changed if it has earned nothing, for editing does not earn twice; and again if it
        falls short of what a rule paid for: the text was cut, or what was bought was given back.
        """
        self.ensure_one()
        if not self.event_id:
            return True
        before, now = self.event_id.payload or {}, self._prepare_payload(rating)
        entries = self.env["club.point.entry"].search([("event_id", "=", self.event_id.id), ("kind", "=", "earn")])
        return before != now and (
            not entries or any(rule._is_review_short(now) > rule._is_review_short(before) for rule in entries.rule_id)
        )

    def _prepare_fact(self, rating, generation):
        self.ensure_one()
        return {
            "member_id": self.member_id.id,
            "type": "review",
            "key": f"{self._name},{self.id}:review:{generation}",
            "occurred_at": self.published_at,
            "origin": rating,
            "payload": self._prepare_payload(rating),
        }

    def _prepare_payload(self, rating):
        """What conditions read; the text itself stays where it is."""
        self.ensure_one()
        return {
            "product": self.product_tmpl_id.id,
            "stars": int(rating.rating),
            "length": earning_review.text_length(rating._get_review_text()),
            "verified": self._is_verified(),
        }

    # -- who really bought -----------------------------------------------------------------------------------

    def _is_verified(self):
        """Whether the member bought the product from the club's company and kept some of it."""
        self.ensure_one()
        return any(quantity > 0 for quantity in self._read_bought_quantities())

    def _read_bought_quantities(self):
        """Quantities bought less returned: by sales orders, by invoices of none, and an addon's own in an override.

        :rtype: list[float]
        """
        partners = self._get_buyer_domain()
        product = ("product_id.product_tmpl_id", "=", self.product_tmpl_id.id)
        company = ("company_id", "=", self.company_id.id)
        lines = self.env["sale.order.line"].search(
            [("order_id.partner_id", *partners), product, company, ("state", "=", "sale")]
        )
        invoiced = self.env["account.move.line"].search(
            [
                ("move_id.partner_id", *partners),
                product,
                company,
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "in", ("out_invoice", "out_refund")),
            ]
        )
        loose = invoiced.filtered(lambda line: not line.sale_line_ids)
        returned = (lines.invoice_lines & invoiced).filtered(lambda line: line.move_id.move_type == "out_refund")
        quantities = [
            sum(lines.mapped("product_uom_qty")) - sum(returned.mapped("quantity")),
            sum(line.quantity if line.move_id.move_type == "out_invoice" else -line.quantity for line in loose),
        ]
        if "pos.order.line" in self.env:
            taken = self.env["pos.order.line"].search(
                [
                    ("order_id.partner_id", *partners),
                    product,
                    company,
                    ("order_id.state", "in", ("paid", "done", "invoiced")),
                ]
            )
            quantities.append(sum(taken.mapped("qty")))
        return quantities

    def _get_buyer_domain(self):
        """Operator and value: who may have bought for the review to be verified."""
        if self.club_id.earner == "company":
            return "child_of", self.member_id.partner_id.id
        return "in", (self.partner_id | self.member_id.partner_id).ids
