"""The pages of partners' offers, of vouchers, and of the counter, as owner, as stranger, as another partner."""

import re

from odoo.addons.customer_club.tests.merchant_common import MerchantCase
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

SCRIPT = "<script>alert(1)</script>"


class MerchantHttpCase(MerchantCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = new_test_user(
            cls.env, "m_anna", groups="base.group_portal", password="m_anna_pw", partner_id=cls.partner.id
        )
        cls.ben = new_test_user(
            cls.env, "m_ben", groups="base.group_portal", password="m_ben_pw", partner_id=cls.partner_2.id
        )
        cls.desk.password = "m_desk_pw"
        cls.books_user = new_test_user(cls.env, "m_books", groups="base.group_portal", password="m_books_pw")
        cls.books = cls.env["club.merchant"].create(
            {
                "partner_id": cls.env["res.partner"].create({"name": "Book Shop", "is_company": True}).id,
                "club_id": cls.club.id,
                "code": "books",
                "user_ids": [(4, cls.books_user.id)],
            }
        )
        cls.url = f"/my/club/{cls.member.id}"

    def as_anna(self):
        self.authenticate("m_anna", "m_anna_pw")

    def as_ben(self):
        self.authenticate("m_ben", "m_ben_pw")

    def as_desk(self):
        self.authenticate("baker", "m_desk_pw")

    def as_books(self):
        self.authenticate("m_books", "m_books_pw")

    def fields_of(self, page, form):
        """The hidden fields of a form by its name."""
        found = re.search(rf'<form[^>]*name="{form}".*?</form>', page.text, re.S)
        self.assertTrue(found, f"the form {form} is on the page")
        names = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found.group(0))
        return dict(names)

    def post_form(self, url, **values):
        """Post as a browser would; a page gives the token against forged requests."""
        token = re.search(r'csrf_token: "(\w+)"', self.url_open("/my").text)
        return self.url_open(url, data={"csrf_token": token.group(1), **values})


@tagged("post_install", "-at_install")
class TestPagesOfAMember(MerchantHttpCase):
    def take(self, form_key=None, offer=None):
        address = f"{self.url}/partners/{(offer or self.offer).id}"
        fields = self.fields_of(self.url_open(address), "club_offer_take")
        return self.url_open(f"{address}/take", data={**fields, **({"form_key": form_key} if form_key else {})})

    def test_a_member_takes_a_voucher_and_sees_its_code(self):
        self.as_anna()
        page = self.url_open(f"{self.url}/partners")
        self.assertIn("Breakfast for two", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        page = self.take()
        voucher = self.env["club.voucher"].search([("member_id", "=", self.member.id)])
        self.assertEqual(page.url.rpartition("/")[2], str(voucher.id))
        self.assertIn(voucher._get_code(), page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertNotIn("/web/assets", page.text, "the page of the code loads nothing else")
        self.assertLess(len(page.content), 100_000)
        self.assertEqual(self.member.points, 400)
        self.assertIn("Breakfast for two", self.url_open(f"{self.url}/vouchers").text)
        self.assertIn("Voucher: Breakfast for two, Corner Bakery", self.url_open(f"{self.url}/history").text)
        self.assertIn("My vouchers", self.url_open(self.url).text)
        self.assertInvariantsHold()

    def test_the_same_form_twice_takes_it_once(self):
        self.as_anna()
        self.assertEqual(self.take("form-key-1").url, self.take("form-key-1").url)
        self.assertEqual(self.member.points, 400)

    def test_a_form_without_its_key_is_no_form(self):
        self.as_anna()
        for key in ("", "x" * 65):
            with mute_logger("odoo.http"):
                answer = self.post_form(f"{self.url}/partners/{self.offer.id}/take", form_key=key)
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.member.points, 500)

    def test_what_is_gone_since_the_view_says_so_and_takes_nothing(self):
        self.offer.stock = 1
        self.as_anna()
        fields = self.fields_of(self.url_open(f"{self.url}/partners/{self.offer.id}"), "club_offer_take")
        self.post(500, "ben", member=self.member_2)
        self.buy(member=self.member_2)
        page = self.url_open(f"{self.url}/partners/{self.offer.id}/take", data=fields)
        self.assertIn("the last one was taken", page.text)
        self.assertEqual(self.member.points, 500)
        self.assertInvariantsHold()

    def test_points_spent_since_the_view_say_so(self):
        self.as_anna()
        fields = self.fields_of(self.url_open(f"{self.url}/partners/{self.offer.id}"), "club_offer_take")
        self.post(-450, "elsewhere")
        page = self.url_open(f"{self.url}/partners/{self.offer.id}/take", data=fields)
        self.assertIn("alert-danger", page.text)
        self.assertEqual(self.member.points, 50)

    def test_a_get_changes_nothing(self):
        """Abuse 19."""
        voucher = self.buy()
        self.as_anna()
        for path in (
            "partners",
            f"partners/{self.offer.id}",
            "vouchers",
            f"vouchers/{voucher.id}",
            "card/code",
            "card",
        ):
            self.assertEqual(self.url_open(f"{self.url}/{path}").status_code, 200, path)
        page = self.url_open(f"{self.url}/vouchers/{voucher.id}/return")
        self.assertEqual((page.status_code, voucher.state, self.member.points), (200, "issued", 400))
        with mute_logger("odoo.http"):
            for path in (f"{self.url}/partners/{self.offer.id}/take", f"/merchant/{self.merchant.id}/redeem"):
                self.assertIn(self.url_open(path).status_code, (404, 405), path)
        self.assertFalse(self.env["club.member.token"].search([("member_id", "=", self.member.id)]))

    @mute_logger("odoo.http")
    def test_a_post_needs_its_token(self):
        self.as_anna()
        answer = self.url_open(f"{self.url}/partners/{self.offer.id}/take", data={"form_key": "x"})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.member.points, 500)

    def test_returned_with_points_back_and_a_second_press_does_nothing(self):
        voucher = self.buy()
        self.as_anna()
        address = f"{self.url}/vouchers/{voucher.id}/return"
        fields = self.fields_of(self.url_open(address), "club_voucher_return")
        for _press in range(2):
            page = self.url_open(address, data=fields)
            self.assertIn("points are yours again", page.text)
        self.assertEqual((voucher.state, self.member.points), ("cancelled", 500))
        self.assertIn("given back", self.url_open(f"{self.url}/vouchers/{voucher.id}").text)
        self.assertInvariantsHold()

    @mute_logger("odoo.http")
    def test_another_member_finds_nothing(self):
        """Abuse 14: the same 404 for absent and for another's."""
        voucher = self.buy()
        own = f"/my/club/{self.member_2.id}"
        self.as_ben()
        for base, number in ((self.url, voucher.id), (own, voucher.id), (own, 10**8)):
            self.assertEqual(self.url_open(f"{base}/vouchers/{number}").status_code, 404)
            self.assertEqual(self.url_open(f"{base}/vouchers/{number}/return").status_code, 404)
            self.assertEqual(self.post_form(f"{base}/vouchers/{number}/return").status_code, 404)
        for path in ("partners", "vouchers", "card/code", f"partners/{self.offer.id}/image"):
            self.assertEqual(self.url_open(f"{self.url}/{path}").status_code, 404)
        self.assertEqual(self.post_form(f"{self.url}/card/code", most_points="10").status_code, 404)
        self.assertEqual(self.post_form(f"{self.url}/partners/{self.offer.id}/take", form_key="k").status_code, 404)
        self.assertEqual(self.url_open(f"{own}/partners/{10**8}").status_code, 404)
        self.assertEqual((voucher.state, self.member.points), ("issued", 400))

    @mute_logger("odoo.http")
    def test_a_form_tells_nothing_of_an_offer_that_was_never_shown(self):
        """Abuse 14: a draft, or one for others, is like absent; one that has ended meanwhile is told."""
        take = f"{self.url}/partners/{self.offer.id}/take"
        self.as_anna()
        group = self.env["res.partner.category"].create({"name": "Press"})
        for hide, show in (
            ({"state": "draft"}, {"state": "open"}),
            ({"audience_group_ids": [(6, 0, group.ids)]}, {"audience_group_ids": [(5,)]}),
            ({"date_from": "2999-01-01"}, {"date_from": False}),
        ):
            self.offer.write(hide)
            with self.subTest(hide):
                answer = self.post_form(take, form_key="k")
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn(self.offer.name, answer.text)
            self.offer.write(show)
        self.offer.state = "closed"
        self.assertIn("not offered any more", self.post_form(take, form_key="k").text)
        self.assertEqual(self.member.points, 500)

    def test_the_code_at_a_partner_is_made_by_a_post_and_shown_until_it_is_over(self):
        self.as_anna()
        page = self.post_form(f"{self.url}/card/code", most_points="\u06f1\u06f0\u06f0")
        token = self.env["club.member.token"]._find_live(self.member)
        self.assertEqual(token.most_points, 100)
        self.assertIn(token._get_code(), page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        for typed, words in (("501", "at most 500"), ("abc", "Type a number"), ("1.5", "Type a number")):
            self.assertIn(words, self.post_form(f"{self.url}/card/code", most_points=typed).text)
        self.assertEqual(self.env["club.member.token"]._find_live(self.member), token)

    def test_text_of_people_stays_text(self):
        """Abuse 18."""
        self.offer.write({"name": SCRIPT, "description": SCRIPT, "shown_value": SCRIPT, "where": SCRIPT})
        self.merchant.partner_id.name = SCRIPT
        voucher = self.buy()
        voucher._redeem(self.desk, "x", SCRIPT)
        shown = self.buy()
        self.as_anna()
        for path in ("partners", f"partners/{self.offer.id}", "vouchers", f"vouchers/{shown.id}", "rewards", "history"):
            page = self.url_open(f"{self.url}/{path}")
            self.assertNotIn(SCRIPT, page.text, path)
            self.assertIn("alert(1)", page.text, path)
        self.as_desk()
        page = self.url_open(f"/merchant/{self.merchant.id}")
        self.assertNotIn(SCRIPT, page.text)
        self.assertIn("alert(1)", page.text)

    def test_pictures_are_shown_to_members_only(self):
        self.offer.image_1920 = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
        )
        self.as_anna()
        answer = self.url_open(f"{self.url}/partners/{self.offer.id}/image")
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "image/png"))

    def test_a_colleague_of_a_company_is_not_led_to_pages_that_are_closed(self):
        company = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        self.club.earner = "company"
        member = self.club._enrol(company)
        self.partner_2.parent_id = company
        self.as_ben()
        page = self.url_open(f"/my/club/{member.id}")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(f"/my/club/{member.id}/partners", page.text)


@tagged("post_install", "-at_install")
class TestTheCounterOnAPhone(MerchantHttpCase):
    def check(self, code, merchant=None):
        return self.post_form(f"/merchant/{(merchant or self.merchant).id}/check", code=code)

    def test_looked_at_redeemed_and_undone(self):
        voucher = self.buy()
        self.as_desk()
        page = self.url_open("/merchant")
        self.assertTrue(page.url.endswith(f"/merchant/{self.merchant.id}"))
        self.assertIn("Nothing is redeemed today yet", page.text)
        page = self.check(voucher._get_code())
        self.assertIn("Nothing is redeemed yet", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(voucher.state, "issued")
        fields = {**self.fields_of(page, "club_merchant_redeem"), "reference": "R-9"}
        for _press in range(2):
            page = self.url_open(f"/merchant/{self.merchant.id}/redeem", data=fields)
            self.assertIn("Give it to the customer", page.text)
        self.assertEqual((voucher.state, voucher.reference), ("redeemed", "R-9"))
        self.assertNotIn("Anna", page.text, "the counter learns nothing of the customer")
        page = self.url_open(
            f"/merchant/{self.merchant.id}/undo/{voucher.id}", data=self.fields_of(page, "club_merchant_undo")
        )
        self.assertIn("You are owed nothing for it", page.text)
        self.assertEqual((voucher.state, self.member.points), ("reversed", 500))
        self.assertInvariantsHold()

    def test_five_wrong_codes_and_the_answer_is_429(self):
        """Abuse 13: counted over HTTP, by the user and by the address."""
        voucher = self.buy()
        self.as_desk()
        answers = [self.check(f"AAAA-BBBB-CC0{number}") for number in range(6)]
        self.assertEqual([answer.status_code for answer in answers], [200] * 5 + [429])
        self.assertIn("This code is not valid here now", answers[4].text)
        self.assertEqual(self.check(voucher._get_code()).status_code, 429)
        self.as_books()
        self.assertEqual(self.check("AAAA-BBBB-CC09", self.books).status_code, 429, "the address waits too")

    @mute_logger("odoo.http")
    def test_another_merchants_user_finds_nothing(self):
        """Abuse 14 and never 14."""
        voucher, done = self.buy(), self.buy()
        done._redeem(self.desk, "x")
        self.as_books()
        address = f"/merchant/{self.merchant.id}"
        self.assertEqual(self.url_open(address).status_code, 404)
        self.assertEqual(self.url_open(f"/merchant/{10**8}").status_code, 404)
        self.assertEqual(self.check(voucher._get_code()).status_code, 404)
        for step in ("redeem", "use"):
            answer = self.post_form(f"{address}/{step}", code=voucher._get_code(), form_key="k")
            self.assertEqual(answer.status_code, 404)
        for merchant in (self.merchant, self.books):
            self.assertEqual(self.post_form(f"/merchant/{merchant.id}/undo/{done.id}").status_code, 404)
        page = self.check(voucher._get_code(), self.books)
        self.assertIn("This code is not valid here now", page.text)
        page = self.post_form(f"/merchant/{self.books.id}/redeem", code=voucher._get_code(), form_key="k")
        self.assertIn("This code is not valid here now", page.text)
        self.assertEqual((voucher.state, done.state), ("issued", "redeemed"))

    @mute_logger("odoo.http")
    def test_customers_and_visitors_have_no_counter(self):
        self.as_anna()
        self.assertEqual(self.url_open("/merchant").status_code, 404)
        self.assertNotIn("Our counter", self.url_open("/my").text)
        self.logout()
        self.assertIn("/web/login", self.url_open("/merchant").url)

    def test_several_counters_are_chosen_from(self):
        self.books.user_ids += self.desk
        self.as_desk()
        page = self.url_open("/merchant")
        self.assertIn("At which counter are you?", page.text)
        self.assertIn("Book Shop", page.text)
        self.assertIn("Our counter", self.url_open("/my").text)

    def test_a_members_code_pays_a_part_and_reports_the_rest(self):
        self.earn_rule("merchant_purchase", 1, formula="per_amount", per_amount=10)
        self.merchant.hold_days = 0
        token = self.env["club.member.token"]._make_for(self.member, 200)
        code = token._get_code()
        self.as_desk()
        page = self.check(code)
        self.assertIn("The customer lets you take up to", page.text)
        self.assertNotIn("Anna", page.text)
        self.assertNotIn("500 Points", page.text, "nor the balance")
        fields = self.fields_of(page, "club_merchant_use")
        address = f"/merchant/{self.merchant.id}/use"
        page = self.url_open(address, data={**fields, "bill": "50", "paid": "60", "reference": "R-1"})
        self.assertIn("more than the bill", page.text)
        self.assertIn('value="50"', page.text, "what was typed stays")
        page = self.url_open(address, data={**fields, "bill": "ten", "reference": "R-1"})
        self.assertIn("Type the amounts as numbers", page.text)
        typed = {**fields, "bill": "\u06f5\u06f0", "paid": "10", "reference": "R-1"}
        for _press in range(2):
            page = self.url_open(address, data=typed)
            self.assertIn("The purchase is reported", page.text)
        self.assertEqual(self.member.points, 500 - 200 + 4)
        purchase = self.env["club.merchant.purchase"].search([("reference", "=", "R-1")])
        take_back = f"/merchant/{self.merchant.id}/take-back/{purchase.id}"
        back = self.fields_of(page, "club_merchant_take_back")
        page = self.url_open(address, data={**typed, "form_key": "other"})
        self.assertIn("This code is not valid here now", page.text)
        for _press in range(2):
            self.assertIn("What it earned is gone", self.url_open(take_back, data=back).text)
        self.assertEqual((purchase.state, self.member.points), ("reversed", 300))
        self.as_books()
        with mute_logger("odoo.http"):
            for merchant in (self.merchant, self.books):
                answer = self.post_form(f"/merchant/{merchant.id}/take-back/{purchase.id}")
                self.assertEqual(answer.status_code, 404, "abuse 14")
        self.assertInvariantsHold()

    def test_a_closed_counter_says_so(self):
        self.merchant.action_suspend()
        self.as_desk()
        page = self.url_open(f"/merchant/{self.merchant.id}")
        self.assertIn("This counter is closed by the club", page.text)
        self.assertNotIn("club_merchant_check", page.text)
