"""Way 16: a product review, from the web site to the ledger and back; and whose reviews earn nothing."""

from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import new_test_user, tagged

LONG = "These roses stood on our table for two weeks and smelled of summer."


class ReviewCase(ClubCase):
    """Anna has an account and has bought the roses; Ben has an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.ben = (
            new_test_user(cls.env, login, groups="base.group_portal", partner_id=partner.id, password=login)
            for login, partner in (("club_anna", cls.partner), ("club_ben", cls.partner_2))
        )
        cls.template = cls.product.product_tmpl_id
        cls.template.is_published = True

    def buy(self, partner=None, product=None, quantity=1):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    Command.create({"product_id": (product or self.product).id, "product_uom_qty": quantity})
                ],
            }
        )
        order.action_confirm()
        return order

    def write_review(self, body=LONG, stars=4, user=None, template=None, **values):
        """Post a review as the product page does for who is signed in."""
        thread = (template or self.template).with_user(user or self.anna).sudo()
        message = thread.message_post(
            body=body, rating_value=stars, message_type="comment", subtype_xmlid="mail.mt_comment", **values
        )
        self.env.flush_all()
        return message.rating_ids

    def review(self, member=None):
        return self.env["club.review"].search([("member_id", "=", (member or self.member).id)])


@tagged("post_install", "-at_install")
class TestPublishedReviewsEarn(ReviewCase):
    def setUp(self):
        super().setUp()
        self.rule = self.earn_rule("review", 10)
        self.buy()

    def test_a_published_review_of_what_was_bought_earns(self):
        rating = self.write_review()
        self.assertEarned(10, "review")
        self.assertEqual((self.review().state, self.review().points), ("counts", 10))
        event = self.review().event_id
        self.assertEqual(
            event.payload, {"product": self.template.id, "stars": 4, "length": 54, "verified": True}
        )
        self.assertEqual((event.origin_model, event.origin_id), ("rating.rating", rating.id))
        self.assertInvariantsHold()

    def test_hiding_takes_the_points_back_and_showing_gives_them_again(self):
        rating = self.write_review()
        for _turn in range(2):
            rating.message_id.is_internal = True
            self.assertEarned(0, "review")
            self.assertEqual(self.review().state, "hidden")
            rating.message_id.is_internal = False
            self.assertEarned(10, "review")
        self.assertEqual(self.review().generation, 3)
        self.assertInvariantsHold()

    def test_showing_again_does_not_renew_the_expiry(self):
        """design §2: nothing may launder an expiry."""
        self.rule.expiry_months = 1
        rating = self.write_review()
        first = self.member.entry_ids.filtered("event_id").expires_on
        self.env.cr.execute("UPDATE club_review SET published_at = published_at - interval '20 days'")
        self.env.invalidate_all()
        rating.message_id.is_internal = True
        rating.message_id.is_internal = False
        entry = self.member.entry_ids.filtered(lambda entry: entry.kind == "earn").sorted("id")[-1]
        self.assertLess(entry.expires_on, first)

    def test_deleting_the_review_takes_the_points_back(self):
        for delete in (
            lambda rating: rating.unlink(),
            lambda rating: rating.message_id.unlink(),
            lambda rating: self.template._message_update_content(
                rating.message_id, body="", attachment_ids=[], rating_value=False
            ),
        ):
            rating = self.write_review()
            self.assertEarned(10, "review")
            delete(rating)
            self.assertEarned(0, "review")
            self.assertFalse(rating.exists())
        self.assertEqual(len(self.review()), 1, "one row per member and product, whatever was written")
        self.assertInvariantsHold()

    def test_editing_does_not_earn_again(self):
        rating = self.write_review()
        for stars in (1, 5):
            self.template._message_update_content(rating.message_id, body=f"{LONG} {stars}", rating_value=stars)
        rating.write({"feedback": "Other words", "rating": 3})
        self.assertEarned(10, "review")
        self.assertEqual(self.review().generation, 1)

    def test_a_second_review_of_the_product_earns_nothing_more(self):
        first = self.write_review()
        self.write_review("Even better now than the first time that we had them.")
        self.assertEarned(10, "review")
        first.unlink()
        self.assertEarned(10, "review")
        self.assertInvariantsHold()

    def test_each_product_earns_once(self):
        other = self.env["product.product"].create({"name": "Tulips", "is_published": True, "taxes_id": False})
        self.buy(product=other)
        self.write_review()
        self.write_review(template=other.product_tmpl_id)
        self.assertEarned(20, "review")

    def test_a_review_that_was_too_short_earns_once_it_is_long_enough(self):
        self.rule.review_min_length = 40
        rating = self.write_review("Nice. " + "." * 100)
        self.assertEarned(0, "review")
        self.template._message_update_content(rating.message_id, body=LONG, rating_value=5)
        self.assertEarned(10, "review")

    def test_a_held_key_is_no_text(self):
        self.rule.review_min_length = 10
        self.write_review("a" * 500)
        self.assertEarned(0, "review")

    def test_an_unverified_buyer_earns_only_if_the_rule_does_not_ask(self):
        self.write_review(user=self.ben)
        self.assertEarned(0, "review", self.member_2)
        self.assertEqual(self.review(self.member_2).state, "counts", "it is published, yet the rule asks for a buyer")
        self.earn_rule("review", 2, review_verified=False)
        rating = self.review(self.member_2).rating_id
        self.template._message_update_content(rating.message_id, body=LONG + LONG, rating_value=5)
        self.assertEarned(2, "review", self.member_2)

    def test_returned_goods_verify_nobody(self):
        order = self.buy(self.partner_2)
        invoice = order._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves(cancel=True)
        self.assertEqual(refund.state, "posted")
        self.write_review(user=self.ben)
        self.assertEarned(0, "review", self.member_2)

    def test_who_gives_the_goods_back_gives_back_what_the_review_earned(self):
        """never 1: buy, review, cancel, for every product of the shop."""
        order = self.env["sale.order"].search([("partner_id", "=", self.partner.id)])
        open_to_all = self.earn_rule("review", 3, review_verified=False)
        self.write_review()
        self.env.cr.flush()
        self.assertEarned(13, "review")
        order._action_cancel()
        self.env.cr.flush()
        self.assertEarned(3, "review")
        self.assertFalse(self.review().event_id.payload["verified"])
        order.action_draft()
        order.action_confirm()
        self.env.cr.flush()
        self.assertEarned(3, "review")
        open_to_all.active = False
        self.assertInvariantsHold()

    def test_a_text_that_is_cut_gives_back_what_its_length_earned(self):
        self.rule.review_min_length = 40
        rating = self.write_review()
        self.assertEarned(10, "review")
        for body, points in (("Nice.", 0), (LONG, 10)):
            self.template._message_update_content(rating.message_id, body=body, rating_value=5)
            self.assertEarned(points, "review")
        self.rule.review_min_length = 500
        self.template._message_update_content(rating.message_id, body=f"{LONG}!", rating_value=4)
        self.assertEarned(10, "review")
        self.assertInvariantsHold()

    def test_a_quotation_or_cancelled_order_verifies_nobody(self):
        """never 7."""
        order = self.buy(self.partner_2)
        order._action_cancel()
        order.copy()
        self.write_review(user=self.ben)
        self.assertEarned(0, "review", self.member_2)

    def test_an_invoice_without_an_order_verifies(self):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_2.id,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "quantity": 1, "price_unit": 5})],
            }
        )
        move.action_post()
        self.write_review(user=self.ben)
        self.assertEarned(10, "review", self.member_2)

    def test_limits_hold(self):
        self.rule.write({"limit_member": 15, "limit_period": "month"})
        other = self.env["product.product"].create({"name": "Tulips", "is_published": True, "taxes_id": False})
        self.buy(product=other)
        self.write_review()
        self.write_review(template=other.product_tmpl_id)
        self.assertEarned(15, "review")

    def test_a_rule_reads_back(self):
        self.rule.review_min_length = 40
        for part in ("once per product", "by buyers only", "with at least 40 letters", "10 points"):
            self.assertIn(part, self.rule.sentence)
        sentences = self.rule._get_reason_sentences()
        self.assertIn("3 letters", sentences["review_short"]({"length": 3, "least": 40}))
        for code in ("review_unverified", "review_stars"):
            self.assertTrue(sentences[code]({}))


@tagged("post_install", "-at_install")
class TestOtherReviewsEarnNothing(ReviewCase):
    def setUp(self):
        super().setUp()
        self.earn_rule("review", 10, review_verified=False)
        self.last = self.env["club.event"].search([], order="id desc", limit=1).id

    def assertNothing(self):
        self.env.flush_all()
        self.assertFalse(self.env["club.event"].search([("type", "=", "review"), ("id", ">", self.last)]))

    def test_a_rating_without_a_message(self):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("product.template"),
                "res_id": self.template.id,
                "partner_id": self.partner.id,
                "rating": 5,
            }
        )
        self.assertNothing()
        rating.consumed = True
        self.assertNothing()

    def test_a_hidden_review(self):
        self.write_review(is_internal=True)
        self.assertNothing()

    def test_what_staff_write_in_a_customers_name(self):
        """abuse 3: an employee may make ratings and messages for anybody."""
        employee = new_test_user(self.env, "employee", "base.group_user,sales_team.group_sale_salesman")
        message = self.template.with_user(employee).sudo().message_post(
            body=LONG, message_type="comment", subtype_xmlid="mail.mt_comment", author_id=self.partner.id
        )
        rating = self.env["rating.rating"].with_user(employee).create(
            {
                "res_model_id": self.env["ir.model"]._get_id("product.template"),
                "res_id": self.template.id,
                "partner_id": self.partner.id,
                "rating": 5,
                "consumed": True,
            }
        )
        rating.sudo().message_id = message
        self.assertNothing()

    def test_a_rating_that_staff_move_to_another_customer(self):
        rating = self.write_review()
        self.assertEarned(10, "review")
        rating.partner_id = self.partner_2
        self.assertEarned(0, "review")
        self.assertEarned(0, "review", self.member_2)

    def test_our_own_people(self):
        employee = new_test_user(self.env, "employee", "base.group_user")
        self.club._enrol(employee.partner_id)
        self.write_review(user=employee)
        self.assertNothing()

    def test_a_product_that_nobody_can_see_or_of_another_company(self):
        """never 14."""
        self.template.is_published = False
        self.write_review()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["product.template"].create(
            {"name": "Lilies", "company_id": company.id, "is_published": True}
        )
        self.write_review(template=foreign)
        self.assertNothing()

    def test_another_kind_of_document(self):
        thread = self.partner_2.with_user(self.anna).sudo()
        thread.message_post(body=LONG, rating_value=5, message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertNothing()

    def test_somebody_who_is_no_member(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_portal")
        self.write_review(user=stranger)
        self.assertNothing()

    def test_a_review_from_before_joining(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_portal")
        rating = self.write_review(user=stranger)
        self.env.cr.execute("UPDATE rating_rating SET create_date = create_date - interval '3 days'")
        self.env.invalidate_all()
        self.club._enrol(stranger.partner_id)
        rating.feedback = "Changed"
        self.assertNothing()

    def test_who_left_earns_nothing_and_owes_what_is_taken_back(self):
        rating = self.write_review()
        self.member._leave()
        rating.message_id.is_internal = True
        self.assertEqual(self.review().state, "hidden")
        rating.message_id.is_internal = False
        self.assertEqual(self.review().state, "hidden")
        self.assertEarned(0, "review")
        self.assertInvariantsHold()


@tagged("post_install", "-at_install")
class TestReviewsFollowTheMember(ReviewCase):
    def setUp(self):
        super().setUp()
        self.rule = self.earn_rule("review", 10, review_verified=False)
        self.carl = self.env["res.partner"].create({"name": "Carl"})

    def merge(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.carl).ids, dst_partner=self.carl
        )
        self.env.invalidate_all()

    def test_merged_members_keep_what_their_reviews_earned(self):
        """never 13: editing the review afterwards took the points away."""
        heir = self.club._enrol(self.carl)
        rating = self.write_review()
        self.merge()
        self.assertEqual((self.member.state, heir.points), ("merged", 10))
        self.template._message_update_content(rating.message_id, body=f"{LONG} Still.", rating_value=5)
        self.assertEqual((self.review(heir).state, heir.points), ("counts", 10))
        rating.unlink()
        self.assertEqual(heir.card_id.points, 0)
        self.write_review()
        self.assertEqual(heir.card_id.points, 10)
        self.assertEqual(len(self.review(heir)), 1)
        self.assertInvariantsHold()

    def test_a_product_that_both_have_reviewed_stays_with_each(self):
        heir = self.club._enrol(self.carl)
        self.write_review()
        self.env["club.review"].create(
            {
                "member_id": heir.id,
                "partner_id": self.carl.id,
                "product_tmpl_id": self.template.id,
                "published_at": heir.joined_at,
            }
        )
        self.merge()
        self.assertEqual((len(self.review()), len(self.review(heir))), (1, 1))
        self.assertInvariantsHold()

    def test_an_erased_members_reviews_name_nobody(self):
        """Who has an account keeps the contact, and the list of reviews showed it beside the erased member."""
        self.write_review()
        self.member._erase()
        review = self.review()
        self.assertEqual(review.partner_id, self.member.partner_id)
        self.assertNotEqual(review.partner_id, self.partner)
        self.assertFalse(review.rating_id)
        self.assertEqual(review.product_tmpl_id, self.template)
