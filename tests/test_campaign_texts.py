"""The texts that a campaign begins with: one for each occasion, none that only greets."""

from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.addons.customer_club.tests.campaign_common import CampaignCase
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

#: What begins with an occasion.
TRIGGERS = ("win_back", "unused", "expiring", "tier_near", "occasion", "welcome")


@tagged("post_install", "-at_install")
class TestTheTextsThatACampaignBeginsWith(CampaignCase):
    def make(self, **values):
        """A campaign without texts of its own."""
        return self.env["club.campaign"].create({"club_id": self.club.id, "name": "New", "control_share": 0, **values})

    def test_each_occasion_has_one_that_says_something_and_may_begin(self):
        self.club.write({"expiry_policy": "months", "expiry_months": 12})
        texts = set()
        for trigger in TRIGGERS:
            with self.subTest(trigger=trigger):
                campaign = self.make(trigger=trigger)
                self.assertFalse(engine_campaign.find_unknown(f"{campaign.subject} {campaign.body}"))
                self.assertNotIn("{offer}", campaign.body, "there is none to speak of")
                self.assertGreater(len(campaign.body.split()), 12)
                texts.add(campaign.body)
                campaign.action_schedule()
                self.assertEqual(campaign.state, "scheduled")
        self.assertEqual(len(texts), len(TRIGGERS))

    def test_where_members_get_something_it_says_what(self):
        for trigger in ("once", *TRIGGERS):
            campaign = self.make(trigger=trigger, action="points", points=50)
            self.assertTrue(campaign.body.endswith("{offer}"), trigger)

    def test_one_that_only_greets_is_refused_with_what_to_write(self):
        greeting = self.make()
        for values in ({}, {"body": "Dear {name},"}, {"body": "{offer}"}, {"body": " Dear {name},\n\n{offer}\n"}):
            greeting.write(values)
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "only greets.*Write what you have"):
                greeting.action_schedule()
        self.assertEqual(greeting.state, "draft")
        greeting.write({"body": "Dear {name}, peonies are here.", "is_ab": True, "subject_b": "x", "body_b": "{offer}"})
        with self.assertRaisesRegex(UserError, "only greets"):
            greeting.action_schedule()
        greeting.body_b = "Peonies!"
        greeting.action_schedule()

    def test_the_greeting_of_another_language_is_one_too(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.patch(
            type(self.env["club.campaign"]),
            "_get_first_texts",
            lambda campaign, trigger, action: (
                "x",
                "Bonjour {name}," if campaign.env.lang == "fr_FR" else "Dear {name},",
            ),
        )
        with self.assertRaisesRegex(UserError, "only greets"):
            self.make(body="Bonjour {name},").action_schedule()

    def test_on_the_form_the_text_follows_the_occasion_until_somebody_writes_another(self):
        with Form(self.env["club.campaign"]) as form:
            form.name = "Typed"
            form.club_id = self.club
            form.trigger = "win_back"
            self.assertEqual(form.subject, "We miss you, {name}")
            self.assertIn("glad to see you", form.body)
            form.trigger = "welcome"
            self.assertIn("one of us", form.body)
            form.body = "My own words."
            form.trigger = "unused"
            self.assertEqual((form.subject, form.body), ("{points} are waiting for you", "My own words."))
        self.assertEqual(form.record.body, "My own words.")

    def test_who_gives_texts_keeps_them(self):
        campaign = self.make(trigger="welcome", subject="Mine", body="Mine too")
        self.assertEqual((campaign.subject, campaign.body), ("Mine", "Mine too"))
        opened = self.env["club.campaign"].with_context(default_body="From a button", default_trigger="win_back")
        campaign = opened.create({"club_id": self.club.id, "name": "New"})
        self.assertEqual((campaign.subject, campaign.body), ("We miss you, {name}", "From a button"))
