"""The timeline of a member: every fact with what it earned and why not; for the member, what it brought."""

from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged

from .test_earning_orders import EarningCase


class TimelineCase(EarningCase):
    def report(self, event_type, *days, member=None, **values):
        member = member or self.member
        return self.env["club.event"]._report(
            [
                {
                    "member_id": member.id,
                    "type": event_type,
                    "key": f"line:{event_type}:{member.id}:{day}",
                    "occurred_at": datetime(2026, 5, 1, 12) + timedelta(days=day),
                    **values,
                }
                for day in days
            ]
        )


@tagged("post_install", "-at_install")
class TestWhyAndWhyNot(TimelineCase):
    def test_what_was_earned_and_why_other_rules_gave_nothing(self):
        self.earn_rule("visit", 3, name="A visit")
        self.earn_rule("visit", 50, name="Fifth", nth_mode="every", nth=5)
        self.earn_rule("review", 7, name="Review")
        event = self.report("visit", 1)
        self.assertEqual(event.earned_words, "3 points: A visit")
        self.assertEqual(event.missed_words, "Fifth: This is number 1 of the member; every 5th counts.")

    def test_a_rule_made_later_says_that_it_speaks_of_today(self):
        event = self.report("visit", 1)
        self.assertEqual(event.missed_words, "No rule is about this.")
        event.invalidate_recordset()
        self.env.cr.execute("UPDATE club_event SET processed_at = '2026-05-02' WHERE id = %s", (event.id,))
        self.earn_rule("visit", 3, name="Later")
        self.earn_rule("visit", 3, name="Hours", hour_from=1, hour_to=2)
        self.assertIn("Later: would give 3 points by today's rules.", event.missed_words)
        self.assertIn("Hours: Only between 1:00 and 2:00. (by today's rule)", event.missed_words)

    def test_a_limit_that_others_used_up_is_told_and_its_own_points_do_not_count(self):
        self.earn_rule("visit", 3, name="Once", limit_member=3, limit_period="lifetime")
        first, second = self.report("visit", 1, 2)
        self.assertEqual((first.earned_words, first.missed_words), ("3 points: Once", False))
        self.assertEqual(second.earned_words, False)
        self.assertIn("limit of 3 is reached", second.missed_words)

    def test_what_was_taken_back_and_what_waits(self):
        self.earn_rule("visit", 3, name="A visit")
        event = self.report("visit", 1)
        event._revoke("undone")
        event.invalidate_recordset()
        self.assertEqual(event.earned_words, "taken back: A visit")
        self.assertIn("taken back on", event.missed_words)
        waiting = self.env["club.event"]._record(
            [{"member_id": self.member.id, "type": "visit", "key": "line:waits", "occurred_at": datetime(2026, 5, 3)}]
        )
        self.assertEqual(waiting.missed_words, "It waits to be processed.")

    def test_a_purchase_and_its_changes(self):
        order = self.sell((self.product, 3, 10.0))
        self.settle()
        order.order_line.product_uom_qty = 2
        self.settle()
        events = self.env["club.event"].search(
            [("member_id", "=", self.member.id), ("type", "=", "purchase")], order="id"
        )
        self.assertTrue(events[0].earned_words)
        self.assertFalse(events[0].missed_words)

    def test_the_number_of_queries_does_not_grow_with_the_page(self):
        self.earn_rule("visit", 3, nth_mode="from", nth=1, limit_member=10)
        self.earn_rule("visit", 5, nth_mode="every", nth=7)
        events = self.report("visit", *range(60))
        events[:5].mapped("missed_words")
        counts = []
        for size in (10, 60):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            events[:size].mapped("missed_words")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_the_button_on_the_member_opens_its_timeline(self):
        self.report("visit", 1)
        action = self.member.action_open_events()
        self.assertEqual(action["views"][0][0], self.env.ref("customer_club.club_event_view_timeline").id)
        self.assertEqual(len(self.env["club.event"].search(action["domain"])), self.member.event_count)


@tagged("post_install", "-at_install")
class TestTheMembersTimeline(TimelineCase, HttpCase):
    def test_pages_meet_without_gap_or_overlap_also_at_the_same_instant(self):
        self.report("visit", *range(7))
        for number in range(5):
            self.env["club.event"]._report(
                [
                    {
                        "member_id": self.member.id,
                        "type": "review",
                        "key": f"same:{number}",
                        "occurred_at": datetime(2026, 5, 3, 12),
                    }
                ]
            )
        seen, before = [], None
        while True:
            rows, before = self.member._get_timeline(before, limit=4)
            seen += [row["id"] for row in rows]
            if not before:
                break
        every = self.env["club.event"].search([("member_id", "=", self.member.id), ("revises_id", "=", False)])
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(set(seen), set(every.ids))
        self.assertFalse(self.member._get_timeline(before=seen[-1])[0])

    def test_the_page_tells_the_member_and_nobody_else(self):
        self.earn_rule("visit", 3)
        user = new_test_user(self.env, "line_portal", groups="base.group_portal")
        stranger = new_test_user(self.env, "line_stranger", groups="base.group_portal")
        member = self.club._enrol(user.partner_id)
        self.report("visit", 1, member=member)
        revoked = self.report("visit", 2, member=member)
        revoked._revoke("undone")
        self.authenticate("line_portal", "line_portal")
        url = f"/my/club/{member.id}/timeline"
        page = self.url_open(url)
        self.assertEqual(page.status_code, 200)
        self.assertIn("You visited us", page.text)
        self.assertIn("taken back", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])
        for odd in ("?before=abc", "?before=-1", "?before=999999999999", "?before=٣"):
            self.assertEqual(self.url_open(url + odd).status_code, 200, odd)
        self.assertIn(url, self.url_open(f"/my/club/{member.id}").text)
        self.authenticate("line_stranger", "line_stranger")
        self.assertEqual(self.url_open(url).status_code, 404)
        self.assertTrue(stranger)
