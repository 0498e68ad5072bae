"""Reviews that wait for approval, and the page of a product with reviews."""

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_voice_reviews import LONG, ReviewCase


@tagged("post_install", "-at_install")
class TestApproval(ReviewCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.earn_rule("review", 10)
        self.buy()
        self.club.review_when = "approved"
        self.manager = new_test_user(self.env, "club_boss", "customer_club.group_club_manager")
        self.user = new_test_user(self.env, "club_staff", "customer_club.group_club_user")

    def test_a_review_waits_for_a_manager(self):
        self.write_review()
        self.assertEqual(self.review().state, "waiting")
        self.assertEarned(0, "review")
        home = self.club.with_user(self.manager)
        todos = home._get_home_todos(home._get_home_figures())[self.club.id]
        self.assertIn("1", todos["reviews"])
        action = home.with_context(club_home="reviews").action_open_home()
        self.assertEqual(self.env["club.review"].search(action["domain"]), self.review())
        self.review().with_user(self.manager).action_approve()
        self.assertEarned(10, "review")
        self.assertEqual((self.review().state, self.review().decided_by), ("counts", self.manager))

    def test_a_refused_review_earns_nothing_and_may_be_approved_later(self):
        rating = self.write_review()
        review = self.review().with_user(self.manager)
        review.action_refuse()
        rating.feedback = "Changed"
        self.assertEqual(review.state, "refused")
        review.action_approve()
        self.assertEarned(10, "review")
        review.action_refuse()
        self.assertEarned(0, "review")
        self.assertInvariantsHold()

    def test_a_review_that_was_written_anew_waits_anew(self):
        self.write_review()
        self.review().with_user(self.manager).action_approve()
        self.review().rating_id.unlink()
        self.assertEarned(0, "review")
        self.write_review("Quite another text about the same bunch of roses.")
        self.assertEqual(self.review().state, "waiting")
        self.assertEarned(0, "review")

    def test_an_approved_review_that_was_hidden_for_a_while_counts_again(self):
        self.write_review()
        self.review().with_user(self.manager).action_approve()
        message = self.review().rating_id.message_id
        message.is_internal = True
        self.assertEarned(0, "review")
        message.is_internal = False
        self.assertEarned(10, "review")

    def test_what_counted_before_approval_was_asked_for_stays(self):
        self.club.review_when = "published"
        rating = self.write_review()
        self.club.review_when = "approved"
        rating.feedback = "Changed"
        self.assertEarned(10, "review")

    def test_only_managers_decide_and_nobody_writes(self):
        self.write_review()
        review = self.review()
        with self.assertRaises(AccessError):
            review.with_user(self.user).action_approve()
        self.assertEqual(review.with_user(self.user).state, "waiting")
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                review.with_user(user).write({"decision": "approved"})
            with self.assertRaises(AccessError):
                review.with_user(user).unlink()
        with self.assertRaises(AccessError):
            review.with_user(self.anna).read(["state"])

    def test_a_context_approves_nothing(self):
        """abuse 5: who brings a hidden message to light names, as defaults, the approval, the rating and a fact."""
        rating = self.write_review(is_internal=True)
        self.assertFalse(self.review())
        forged = {"default_decision": "approved", "default_rating_id": rating.id, "default_state": "counts"}
        rating.message_id.with_context(**forged).is_internal = False
        self.assertEqual((self.review().state, self.review().decision), ("waiting", False))
        self.assertEarned(0, "review")

    def test_a_context_names_no_fact(self):
        """abuse 5: hiding the review would take back what another member earned."""
        self.earn_rule("custom", 10)
        theirs = self.env["club.event"]._report([{"member_id": self.member_2.id, "type": "custom", "key": "kiosk,1"}])
        rating = self.write_review(is_internal=True)
        message = rating.message_id.with_context(default_event_id=theirs.id)
        message.is_internal = False
        self.assertFalse(self.review().event_id)
        message.is_internal = True
        self.assertEarned(10, "custom", self.member_2)

    def test_another_companys_manager_sees_nothing(self):
        """never 14."""
        self.write_review()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env, "other_boss", "customer_club.group_club_manager", company_id=company.id, company_ids=company.ids
        )
        self.assertFalse(self.env["club.review"].with_user(other).search([]))
        with self.assertRaises(AccessError):
            self.review().with_user(other).action_approve()

    def test_a_review_posted_from_the_product_page_waits(self):
        """The whole way over HTTP, as the page's script does it."""
        self.env.ref("website_sale.product_comment").active = True
        self.authenticate("club_anna", "club_anna")
        post = {"body": LONG, "message_type": "comment", "subtype_xmlid": "mail.mt_comment", "rating_value": 5}
        self.make_jsonrpc_request(
            "/mail/message/post",
            {"thread_model": "product.template", "thread_id": self.template.id, "post_data": post},
        )
        self.assertEqual(self.review().state, "waiting")
        self.assertEqual(self.review().rating, 5)
        self.review().with_user(self.manager).action_approve()
        self.assertEarned(10, "review")


@tagged("post_install", "-at_install")
class TestReviewPage(ReviewCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.ref("website_sale.product_comment").active = True
        self.earn_rule("review", 10)
        self.authenticate("club_anna", "club_anna")
        self.path = f"/my/club/{self.member.id}/reviews"

    def test_it_leads_to_what_was_bought_and_says_what_a_review_earned(self):
        self.assertIn("You have written no review yet", self.url_open(self.path).text)
        self.buy()
        page = self.url_open(self.path)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertIn("Write a review", page.text)
        self.assertIn(f"{self.template.website_url}#o_product_page_reviews", page.text)
        self.write_review()
        page = self.url_open(self.path).text
        self.assertNotIn("Write a review", page)
        self.assertIn("10 Points", page)
        self.assertIn(self.path, self.url_open(f"/my/club/{self.member.id}").text)

    def test_a_long_list_goes_on_where_the_page_before_ended(self):
        """abuse 24."""
        for number in range(3):
            product = self.env["product.template"].create({"name": f"Rose {number}", "is_published": True})
            self.write_review(template=product)
        first, following = self.member._get_portal_reviews(limit=2)
        second, end = self.member._get_portal_reviews(before=following, limit=2)
        self.assertEqual([row["product"] for row in first + second], ["Rose 2", "Rose 1", "Rose 0"])
        self.assertIsNone(end)
        for before in ("x", "0", "9" * 12, "-1"):
            self.assertEqual(self.url_open(f"{self.path}?before={before}").status_code, 200)

    def test_another_members_page_is_not_found(self):
        """abuse 14."""
        for member_id in (self.member_2.id, 10**8):
            self.assertEqual(self.url_open(f"/my/club/{member_id}/reviews").status_code, 404)

    def test_a_shop_without_reviews_says_nothing_of_them(self):
        self.env.ref("website_sale.product_comment").active = False
        self.assertNotIn(self.path, self.url_open(f"/my/club/{self.member.id}").text)
