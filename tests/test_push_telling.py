"""What members are told on their devices, by the club's own notices and by campaigns."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.tests.push_common import PushCase
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestWhatIsTold(PushCase):
    def topics(self):
        return self.Message.search([("member_id", "=", self.member.id)]).mapped("topic")

    def test_a_new_tier_is_told(self):
        self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 100})
        self.switch_on()
        self.switch_on(self.laptop, details=True)
        self.post(150, "rise")
        self.member._review_tiers("rise")
        self.member._review_tiers("rise")
        self.work_off()
        self.assertEqual([shown["body"] for shown in self.phone.received], ["You have reached a new tier."])
        self.assertEqual([shown["body"] for shown in self.laptop.received], ["You have reached Gold."])

    def test_points_about_to_expire_are_told_once(self):
        self.switch_on()
        self.switch_on(self.laptop, details=True)
        self.post(30, "soon", expires_on=fields.Date.today() + timedelta(days=10))
        self.post(70, "later", expires_on=fields.Date.today() + timedelta(days=25))
        for _day in range(2):
            with self.jobs_in_test():
                self.env["club.member"]._cron_tell_expiring()
        self.work_off()
        self.assertEqual([shown["body"] for shown in self.phone.received], ["Some of your points are about to expire."])
        # Only what people read: a path and a tag have numbers of records, which may be these.
        words = [(shown["title"], shown["body"]) for shown in self.phone.received]
        self.assertNotRegex(str(words), r"\b(30|100)\b")
        self.assertIn("100", self.laptop.received[0]["body"])
        self.assertInvariantsHold()

    def test_points_that_expire_later_are_not_told_yet(self):
        self.switch_on()
        self.post(70, "later", expires_on=fields.Date.today() + timedelta(days=25))
        with self.jobs_in_test():
            self.assertTrue(self.env["club.member"]._cron_tell_expiring())
        self.assertFalse(self.topics())

    @mute_logger("odoo.addons.customer_club.models.ledger.club_job")
    def test_a_member_who_cannot_be_told_stops_nobody_else(self):
        self.switch_on()
        self.switch_on(self.laptop, member=self.member_2, user=self.ben)
        for member in (self.member, self.member_2):
            day = fields.Date.today() + timedelta(days=10)
            self.post(30, f"soon {member.id}", member=member, expires_on=day)
        Member, Job = self.registry["club.member"], self.registry["club.job"]
        prepare, find, asked = Member._prepare_expiring_push, Member._find_members_with_devices, []

        def fail(member):
            if member == self.member:
                raise ValueError("bad")
            return prepare(member)

        def find_some(members, *args):
            asked.append(args)
            self.assertLess(len(asked), 20, "it goes on for ever")
            return find(members, *args)

        with (
            self.jobs_in_test(),
            patch.object(Job, "_roll_back", lambda _job: None),
            patch.object(Member, "_prepare_expiring_push", fail),
            patch.object(Member, "_find_members_with_devices", find_some),
        ):
            self.assertEqual(self.env["club.member"]._cron_tell_expiring(), 1)
        self.assertEqual(self.Message.search([("topic", "=", "expiring")]).member_id, self.member_2)

    def test_a_prize_that_is_ready_is_told(self):
        prize = self.env["club.prize"].create(
            {"club_id": self.club.id, "name": "Vase", "points": 50, "delivery": "service"}
        )
        self.switch_on()
        self.post(100, "prize")
        redemption = prize._redeem(self.member, "push-test-key-0001")
        self.assertEqual(redemption.state, "ready")
        self.work_off()
        shown = self.phone.received[-1]
        self.assertEqual((shown["body"], shown["path"]), (
            "Your prize is ready.", f"/my/club/{self.member.id}/redemptions",
        ))  # fmt: skip
        self.assertNotIn("Vase", str(self.phone.received))
        self.assertInvariantsHold()

    def test_an_answer_to_feedback_is_told(self):
        feedback = self.env["club.feedback"].sudo().create(
            {"member_id": self.member.id, "author_id": self.partner.id, "subject": "Bouquets", "text": "More of them"}
        )  # fmt: skip
        self.switch_on()
        feedback._tell_authors("accepted")
        self.work_off()
        self.assertEqual(self.phone.received[0]["body"], "There is an answer to what you wrote.")
        self.assertNotIn("Bouquets", str(self.phone.received))


@tagged("post_install", "-at_install")
class TestACampaignByNotification(PushCase):
    def target(self, campaign, member=None):
        return self.env["club.campaign.target"].search(
            [("campaign_id", "=", campaign.id), ("member_id", "=", (member or self.member).id)]
        )

    def test_it_reaches_who_has_a_device_and_says_why_others_are_not(self):
        self.switch_on()
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.work_off()
        (shown,) = self.phone.received
        self.assertEqual((shown["title"], shown["body"]), ("Spring is here", "Dear Anna, come and see."))
        target = self.target(campaign)
        self.assertEqual(target.state, "sent")
        other = self.target(campaign, self.member_2)
        self.assertEqual((other.state, other.reason, other.arm), ("skipped", "device", False))
        self.assertIn("notification", campaign.sentence)

    def test_who_clicks_it_has_opened_and_visited(self):
        self.switch_on()
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.work_off()
        path = self.phone.received[0]["path"]
        self.assertTrue(path.startswith("/club/m/"))
        target = self.target(campaign)
        self.assertFalse(target.opened_at)
        self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 303)
        target.invalidate_recordset()
        self.assertTrue(target.opened_at and target.visited_at)

    def test_points_and_codes_stay_off_the_lock_screen(self):
        self.switch_on()
        self.switch_on(self.laptop, details=True)
        self.post(731, "points")
        self.run_campaign(self.campaign(subject="{points} wait", body="{name}: {points}, {offer}"))
        self.work_off()
        self.assertEqual(self.phone.received[0]["title"], "Rose Club")
        self.assertNotIn("731", f"{self.phone.received[0]['title']} {self.phone.received[0]['body']}")
        self.assertIn("731", self.laptop.received[0]["title"])

    def test_the_text_that_chance_gave_decides_what_is_personal(self):
        self.switch_on()
        words = {"subject": "Spring", "body": "Come", "subject_b": "Spring", "body_b": "Come"}
        for text in ("a", "b"):
            campaign = self.campaign(
                is_ab=True, **{**words, ("body" if text == "a" else "body_b"): "You have {points}"}
            )
            self.run_campaign(campaign)
            self.work_off()
            open_words = self.target(campaign).variant != text
            self.assertEqual(self.phone.received[-1]["body"] == "Come", open_words)
            self.assertNotIn("You have", str(self.phone.received))

    def test_codes_of_coupons_reach_only_devices_whose_owner_wants_them(self):
        self.switch_on()
        self.switch_on(self.laptop, details=True)
        program = self.env["loyalty.program"].create({"name": "Spring", "program_type": "coupons"})
        campaign = self.campaign(action="coupon", program_id=program.id, body="{name}: {code}")
        self.run_campaign(campaign)
        self.work_off()
        code = self.target(campaign).sudo().coupon_id.code
        self.assertTrue(code)
        self.assertNotIn(code, str(self.phone.received))
        self.assertEqual(self.laptop.received[0]["body"], f"Anna: {code}")

    def test_consent_withdrawn_between_queue_and_sending_holds(self):
        self.switch_on()
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.member._record_consent("marketing", False, "unsubscribe")
        self.work_off()
        self.assertFalse(self.service.requests)
        target = self.target(campaign)
        self.assertEqual((target.state, target.reason, target.arm), ("skipped", "consent", "treated"))
        self.queue()
        self.work_off()
        self.assertEqual(len(self.phone.received), 1, "the club's own notices are another consent")

    def test_without_consent_to_marketing_nobody_is_chosen(self):
        self.switch_on()
        self.member._record_consent("marketing", False, "portal")
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.assertEqual(self.target(campaign).reason, "consent")

    def test_a_row_whose_devices_are_all_gone_says_so(self):
        self.switch_on()
        self.switch_on(self.laptop)
        self.service.answers["/phone"] = (410, {})
        campaign = self.campaign()
        self.run_campaign(campaign)
        self.work_off()
        self.assertEqual(self.target(campaign).state, "sent", "the laptop took it")
        self.service.answers["/laptop"] = (410, {})
        second = self.campaign(name="Second")
        self.run_campaign(second)
        self.work_off()
        self.assertEqual((self.target(second).state, self.target(second).reason), ("skipped", "device"))
        self.assertEqual(self.target(second).arm, "treated", "who was to get it counts as such")

    def test_points_that_were_given_count_though_the_message_was_lost(self):
        self.switch_on()
        self.service.answers["/phone"] = (410, {})
        campaign = self.campaign(action="points", points=40, budget_points=100)
        self.run_campaign(campaign)
        self.work_off()
        target = self.target(campaign)
        self.assertEqual((target.state, target.reason, target.points), ("sent", "device", 40))
        self.assertEqual(self.member.points, 40)
        self.assertInvariantsHold()

    def test_frequency_limits_count_notifications_too(self):
        self.switch_on()
        self.club.write({"campaign_limit": 1, "campaign_limit_days": 30})
        self.run_campaign(self.campaign())
        second = self.campaign(name="Second")
        self.run_campaign(second)
        self.assertEqual(self.target(second).reason, "frequency")

    def test_a_club_without_notifications_has_no_such_campaign(self):
        self.club.push_active = False
        with self.assertRaisesRegex(ValidationError, "does not write to members' devices"):
            self.campaign()
