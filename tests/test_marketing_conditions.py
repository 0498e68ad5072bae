"""Conditions of segments, built without code: whom each kind means, and how it reads."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged


class SegmentCase(ClubCase):
    """Anna and Ben, and segments made of conditions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.member | cls.member_2
        cls.env["club.earn.rule"].search([("club_id", "=", cls.club.id)]).active = False

    @classmethod
    def make(cls, *conditions, **values):
        """A segment of these conditions (values of ``club.segment.condition``)."""
        return cls.env["club.segment"].create(
            {
                "name": "Some",
                "club_id": cls.club.id,
                "condition_ids": [Command.create(condition) for condition in conditions],
                **values,
            }
        )

    @classmethod
    def happen(cls, event_type, key, days=0, member=None, **values):
        """A fact about a member (default: Anna), some days ago."""
        return cls.env["club.event"]._record(
            [
                {
                    "member_id": (member or cls.member).id,
                    "type": event_type,
                    "key": f"segment-test:{key}",
                    "occurred_at": fields.Datetime.now() - timedelta(days=days),
                    "processed_at": fields.Datetime.now(),
                    **values,
                }
            ]
        )

    def assertMeans(self, segment, members):
        """Fail unless a segment consists of ``members``, asked for all and for each alone."""
        self.env.flush_all()
        members = members.sudo()
        self.assertEqual(self.env["club.member"].sudo().browse(segment._get_members()), members.sorted())
        for member in self.both:
            self.assertEqual(segment._filter_members(member), member & members, "asked for one alone")
        self.assertEqual(segment._filter_members(self.both), (self.both & members).sorted())
        segment.invalidate_recordset()
        self.assertEqual(segment.member_count, len(members))


@tagged("post_install", "-at_install")
class TestWhatMembersDid(SegmentCase):
    def test_bought_three_times_in_ninety_days(self):
        segment = self.make({"kind": "event", "measure": "count", "value": 3, "window": "days", "days": 90})
        self.assertEqual(segment.sentence, "Members who bought at least 3 times in the last 90 days.")
        for days in (1, 5):
            self.happen("purchase", days, days, amount=10)
        self.happen("purchase", "old", 90, amount=10)
        self.happen("visit", "visit", 2)
        self.assertMeans(segment, self.env["club.member"])
        self.happen("purchase", "third", 89, amount=10)
        self.assertMeans(segment, self.member)

    def test_a_purchase_that_was_taken_back_is_none(self):
        segment = self.make({"kind": "event", "value": 1, "window": "ever"})
        root = self.happen("purchase", "p", 5, amount=10)
        self.assertMeans(segment, self.member)
        self.happen("purchase", "p-back", 1, amount=-10, revises_id=root.id)
        self.assertMeans(segment, self.env["club.member"])

    def test_a_fact_that_was_revoked_is_none(self):
        segment = self.make({"kind": "event", "event_type": "review", "value": 1, "window": "ever"})
        review = self.happen("review", "r", 5)
        self.assertMeans(segment, self.member)
        review._revoke("taken down")
        self.assertMeans(segment, self.env["club.member"])

    def test_a_late_return_does_not_make_an_old_purchase_new(self):
        segment = self.make({"kind": "event", "value": 1, "window": "days", "days": 30})
        root = self.happen("purchase", "p", 60, amount=10)
        self.happen("purchase", "p-less", 3, amount=5, revises_id=root.id)
        self.assertMeans(segment, self.env["club.member"])

    def test_never_and_at_most_mean_those_who_did_nothing_too(self):
        self.happen("purchase", "p", 5, amount=10)
        never = self.make({"kind": "event", "measure": "never", "window": "ever"})
        once = self.make({"kind": "event", "comparison": "most", "value": 1, "window": "ever"})
        self.assertMeans(never, self.member_2)
        self.assertMeans(once, self.both)
        self.happen("purchase", "q", 3, amount=10)
        self.assertMeans(once, self.member_2)
        self.assertEqual(never.sentence, "Members who never bought.")

    def test_amounts_are_net_of_returns(self):
        segment = self.make({"kind": "event", "measure": "sum", "value": 100, "window": "days", "days": 30})
        root = self.happen("purchase", "p", 5, amount=100)
        self.assertMeans(segment, self.member)
        self.happen("purchase", "p-less", 1, amount=-0.01, revises_id=root.id)
        self.assertMeans(segment, self.env["club.member"])

    def test_at_most_an_amount_leaves_nobody_out_who_bought_nothing(self):
        self.happen("purchase", "p", 5, amount=100)
        self.assertMeans(
            self.make({"kind": "event", "measure": "sum", "comparison": "most", "value": 99, "window": "ever"}),
            self.member_2,
        )

    def test_silent_for_long_is_only_who_ever_bought(self):
        silent = self.make({"kind": "event", "measure": "last", "comparison": "least", "value": 60})
        lately = self.make({"kind": "event", "measure": "last", "comparison": "most", "value": 60})
        self.happen("purchase", "p", 59, amount=10)
        self.assertMeans(silent, self.env["club.member"])
        self.assertMeans(lately, self.member)
        self.happen("purchase", "q", 60, member=self.member_2, amount=10)
        self.assertMeans(silent, self.member_2)
        self.assertMeans(lately, self.both)
        self.assertEqual(silent.sentence, "Members who bought for the last time at least 60 days ago.")

    def test_of_products_and_categories_below(self):
        above = self.env["product.category"].create({"name": "Flowers"})
        below = self.env["product.category"].create({"name": "Cut flowers", "parent_id": above.id})
        product, categ = self.product.id, below.id
        self.happen("purchase", "p", 5, amount=30, payload={"lines": [[1, product, categ, "3", "20", "0", "0"]]})
        of_product = self.make({"kind": "event", "window": "ever", "product_ids": [Command.link(product)]})
        of_above = self.make({"kind": "event", "window": "ever", "product_categ_ids": [Command.link(above.id)]})
        self.assertMeans(of_product, self.member)
        self.assertMeans(of_above, self.member)
        other = {"lines": [[1, 0, 0, "3", "30", "0", "0"]]}
        self.happen("purchase", "q", 5, member=self.member_2, amount=30, payload=other)
        self.assertMeans(of_product, self.member)
        # 20 of 30 are the product's; of a half that came back, so is a half.
        dear = {"kind": "event", "measure": "sum", "window": "ever", "product_ids": [Command.link(product)]}
        self.assertMeans(self.make({**dear, "value": 20}), self.member)
        self.assertMeans(self.make({**dear, "value": 20.01}), self.env["club.member"])
        self.happen(
            "purchase",
            "p-less",
            1,
            amount=-15,
            revises_id=self.env["club.event"].search([("key", "=", "segment-test:p")]).id,
            payload={"lines": []},
        )
        self.assertMeans(self.make({**dear, "value": 10}), self.member)
        self.assertMeans(self.make({**dear, "value": 10.01}), self.env["club.member"])

    def test_what_a_merged_member_did_counts_for_the_heir(self):
        segment = self.make({"kind": "event", "value": 2, "window": "ever"})
        self.happen("purchase", "p", 5, amount=10)
        self.happen("purchase", "q", 5, member=self.member_2, amount=10)
        self.member_2._absorb_into(self.member)
        self.assertEqual(segment._filter_members(self.both), self.member)

    def test_from_one_day_to_another(self):
        """Who bought before last New Year, but not for 60 days."""
        self.club.write({"tz": "Asia/Tehran", "calendar": "jalali"})
        with freeze_time("2026-05-20 12:00:00"):
            segment = self.make(
                {"kind": "event", "window": "dates", "date_from": "2026-03-10", "date_to": "2026-03-20"},
                {"kind": "event", "window": "days", "days": 60, "excludes": True},
            )
            self.assertEqual(
                segment.sentence,
                "Members who bought from 1404-12-19 to 1404-12-29; but none who bought in the last 60 days.",
            )
            # The last minute of 20 March in Tehran, and the first of the day after.
            self.happen("purchase", "last", occurred_at="2026-03-20 20:29:00", amount=10)
            self.happen("purchase", "after", occurred_at="2026-03-20 20:30:00", amount=10, member=self.member_2)
            self.assertMeans(segment, self.member)
            self.happen("purchase", "again", 5, amount=10)
            self.assertMeans(segment, self.env["club.member"])

    def test_open_ends_and_days_that_cannot_be(self):
        since = self.make({"kind": "event", "window": "dates", "date_from": "2026-01-01"})
        self.assertEqual(since.sentence, "Members who bought since 1 Jan 2026.")
        until = self.make({"kind": "event", "window": "dates", "date_to": "2026-01-01"})
        self.assertEqual(until.sentence, "Members who bought until 1 Jan 2026.")
        self.happen("purchase", "old", occurred_at="2026-01-01 12:00:00", amount=10)
        self.assertMeans(until, self.member)
        with self.assertRaisesRegex(ValidationError, "at least one of the two"):
            self.make({"kind": "event", "window": "dates"})
        with self.assertRaisesRegex(ValidationError, "2 Jan 2026 comes after 1 Jan 2026"):
            until.condition_ids.date_from = "2026-01-02"

    def test_days_are_those_of_the_club(self):
        """Never by the server's clock: 1 January in Tehran begins on 31 December in UTC; years are the club's."""
        self.club.write({"tz": "Asia/Tehran", "calendar": "jalali"})
        segment = self.make({"kind": "event", "window": "year"})
        condition = segment.condition_ids
        first, end = condition._get_window()
        self.assertTrue(first <= self.club._get_today() < end)
        self.assertEqual(first.month, 3)

    def test_windows_of_no_day_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "Some.*0 days"):
            self.make({"kind": "event", "window": "days", "days": 0})


@tagged("post_install", "-at_install")
class TestProfileAndPoints(SegmentCase):
    def test_profile(self):
        tag = self.env["res.partner.category"].create({"name": "Brides"})
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 100})
        self.partner.write({"category_id": [Command.link(tag.id)], "country_id": self.env.ref("base.de").id})
        self.member.sudo().write({"consent_marketing": True})
        self.member.sudo().write({"tier_id": tier.id})
        self.partner.lang, self.partner_2.lang = "en_US", False
        for condition, words in (
            ({"kind": "group", "group_ids": [Command.link(tag.id)]}, "are in the group Brides"),
            ({"kind": "tier", "tier_ids": [Command.link(tier.id)]}, "have the tier Gold"),
            ({"kind": "country", "country_ids": [Command.link(self.env.ref("base.de").id)]}, "live in Germany"),
            ({"kind": "language", "language": "en_US"}, "read English (US)"),
            ({"kind": "consent"}, "agreed to marketing messages"),
        ):
            with self.subTest(kind=condition["kind"]):
                segment = self.make(condition)
                self.assertMeans(segment, self.member)
                self.assertEqual(segment.sentence, f"Members who {words}.")
                segment.condition_ids.excludes = True
                self.assertMeans(segment, self.member_2)
                self.assertEqual(segment.sentence, f"Every member of the club; but none who {words}.")

    def test_joined(self):
        self.env.cr.execute(
            "UPDATE club_member SET joined_at = now() AT TIME ZONE 'UTC' - interval '40 days' WHERE id = %s",
            [self.member.id],
        )
        self.env.invalidate_all()
        old = self.make({"kind": "joined", "comparison": "least", "days": 30})
        new = self.make({"kind": "joined", "comparison": "most", "days": 30})
        self.assertMeans(old, self.member)
        self.assertMeans(new, self.member_2)

    def test_points_and_points_that_expire(self):
        today = self.club._get_today()
        self.post(100, "seg-1", expires_on=today + timedelta(days=10))
        self.post(50, "seg-2", member=self.member_2)
        self.assertMeans(self.make({"kind": "points", "value": 100}), self.member)
        self.assertMeans(self.make({"kind": "points", "comparison": "most", "value": 50}), self.member_2)
        self.assertMeans(self.make({"kind": "expiring", "value": 1, "days": 10}), self.member)
        self.assertMeans(self.make({"kind": "expiring", "value": 1, "days": 9}), self.env["club.member"])
        self.assertMeans(self.make({"kind": "expiring", "comparison": "most", "value": 1, "days": 10}), self.member_2)

    def test_birthdays_this_month_in_either_calendar(self):
        today = self.club._get_today()
        self.env["club.occasion"].create(
            {"member_id": self.member.id, "kind": "birthday", "calendar": "gregorian", "month": today.month, "day": 1}
        )
        segment = self.make({"kind": "occasion", "occasion_kind": "birthday", "occasion_when": "month"})
        self.assertMeans(segment, self.member)
        self.assertMeans(
            self.make({"kind": "occasion", "occasion_kind": "anniversary", "occasion_when": "month"}),
            self.env["club.member"],
        )

    def test_all_any_and_none(self):
        self.post(100, "seg-1")
        self.happen("visit", "v", 1, member=self.member_2)
        rich = {"kind": "points", "value": 100}
        came = {"kind": "event", "event_type": "visit", "window": "days", "days": 30}
        self.assertMeans(self.make(rich, came), self.env["club.member"])
        either = self.make(rich, came, match="any")
        self.assertMeans(either, self.both)
        self.assertEqual(either.sentence, "Members who can spend at least 100 Points, or visited in the last 30 days.")
        self.assertMeans(self.make(rich, {**came, "excludes": True}), self.member)
        self.assertMeans(self.make(rich, {**rich, "excludes": True}), self.env["club.member"])
        self.assertMeans(self.make(rich, domain="[('partner_id.name', '=', 'Ben')]"), self.env["club.member"])
        self.assertMeans(either.copy({"domain": "[('partner_id.name', '=', 'Ben')]"}), self.member_2)

    def test_another_segment(self):
        annas = self.make(domain="[('partner_id.name', '=', 'Anna')]", name="Annas")
        others = self.make({"kind": "segment", "other_id": annas.id, "excludes": True})
        self.assertMeans(others, self.member_2)
        self.assertEqual(others.sentence, "Every member of the club; but none who belong to Annas.")
        with self.assertRaisesRegex(ValidationError, "Annas asks for a segment that asks for it"):
            annas.condition_ids = [Command.create({"kind": "segment", "other_id": others.id})]

    def test_what_belongs_to_another_club_is_refused_by_name(self):
        other = self.env["club.club"].create({"name": "Other"})
        tier = self.env["club.tier"].create({"club_id": other.id, "name": "Foreign Gold", "threshold": 1})
        with self.assertRaisesRegex(ValidationError, "Foreign Gold.*Rose Club"):
            self.make({"kind": "tier", "tier_ids": [Command.link(tier.id)]})
        segment = self.env["club.segment"].create({"name": "Foreign", "club_id": other.id})
        with self.assertRaisesRegex(ValidationError, "Foreign.*Rose Club"):
            self.make({"kind": "segment", "other_id": segment.id})

    def test_a_condition_that_asks_nothing_is_refused(self):
        for kind in ("tier", "group", "country", "language", "segment", "stage", "behaviour", "ladder"):
            with self.subTest(kind=kind), self.assertRaisesRegex(ValidationError, "not complete"):
                self.make({"kind": kind})

    def test_a_kind_that_is_not_installed_any_more_is_named_with_the_remedy(self):
        segment = self.make({"kind": "consent"})
        self.env.cr.execute("UPDATE club_segment_condition SET kind = 'gone' WHERE segment_id = %s", [segment.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "Some.*gone.*Remove"):
            segment._get_members()
        self.assertEqual(segment.member_count, 0)

    def test_the_count_stands_in_the_form_before_anything_is_saved(self):
        self.post(100, "seg-1")
        manager = new_test_user(self.env, "segment_former", groups="customer_club.group_club_manager")
        form = Form(self.env["club.segment"].with_user(manager))
        form.name, form.club_id = "Rich", self.club
        self.assertEqual(form.member_count, 2)
        with form.condition_ids.new() as condition:
            condition.kind = "points"
            condition.value = 100
            self.assertIn("at least 100", condition.sentence)
        self.assertEqual(form.member_count, 1)
        self.assertEqual(form.sentence, "Members who can spend at least 100 Points.")
        self.assertEqual(form.save().preview_ids, self.member)

    def test_one_query_however_many_conditions_and_members(self):
        segment = self.make(
            {"kind": "points", "value": 1},
            {"kind": "event", "window": "ever"},
            {"kind": "occasion"},
            {"kind": "expiring", "comparison": "most"},
        )
        segment._filter_members(self.both)
        self.env.flush_all()
        with self.assertQueryCount(1):
            segment._filter_members(self.both)
