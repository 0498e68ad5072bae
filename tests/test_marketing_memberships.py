"""Entries and exits of segments, dated; lists; figures; ready-made segments; who may do what."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .test_marketing_conditions import SegmentCase


class KeptCase(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.annas = cls.make(domain="[('partner_id.name', '=', 'Anna')]", name="Annas")

    def rows(self, segment, member=None):
        """(member, entered on, left on) in the order of entry."""
        found = segment.membership_ids.sorted("id")
        if member:
            found = found.filtered(lambda row: row.member_id == member)
        return [(row.member_id, row.entered_on, row.left_on or None) for row in found]

    def night(self):
        with self.jobs_in_test():
            done = self.env["club.segment"]._cron_keep_memberships()
        self.env.invalidate_all()
        return done


@tagged("post_install", "-at_install")
class TestEntriesAndExits(KeptCase):
    def test_the_nightly_job_dates_entries_and_exits(self):
        today = self.club._get_today()
        self.night()
        self.assertEqual(self.rows(self.annas), [(self.member, today, None)])
        self.partner.name, self.partner_2.name = "Ann", "Anna"
        self.annas.action_count()
        self.assertEqual(self.rows(self.annas), [(self.member, today, today), (self.member_2, today, None)])
        self.partner.name = "Anna"
        self.annas.action_count()
        self.assertEqual(self.rows(self.annas, self.member), [(self.member, today, today), (self.member, today, None)])

    def test_a_segment_is_kept_once_a_day_and_again_when_its_conditions_change(self):
        self.night()
        self.assertEqual(self.annas.kept_on, self.club._get_today())
        self.assertEqual(self.night(), 0)
        self.annas.domain = "[('partner_id.name', '=', 'Ben')]"
        self.assertFalse(self.annas.kept_on)
        self.assertEqual(self.night(), 1)
        self.annas.condition_ids = [Command.create({"kind": "consent"})]
        self.assertFalse(self.annas.kept_on)

    def test_the_whole_club_is_asked_without_nested_loops_and_the_settings_come_back(self):
        """After an import PostgreSQL guesses too few and would compare every member with every other."""

        def planning():
            self.env.cr.execute("SELECT current_setting('enable_nestloop'), current_setting('work_mem')")
            return self.env.cr.fetchone()

        before, asked = planning(), []
        write = type(self.annas)._write_difference
        with patch.object(
            type(self.annas), "_write_difference", lambda one, day: (asked.append(planning()), write(one, day))
        ):
            self.annas._keep_memberships()
        self.assertEqual(asked, [("off", "64MB")])
        self.assertEqual(planning(), before)
        with self.assertRaises(ZeroDivisionError), self.annas._plan_for_all():
            raise ZeroDivisionError
        self.assertEqual(planning(), before)

    def test_an_ordinary_night_writes_only_what_changed(self):
        self.annas._keep_memberships()
        (row,) = self.annas.membership_ids
        self.env.cr.execute("SELECT xmin::text, ctid::text FROM club_segment_membership WHERE id = %s", [row.id])
        before = self.env.cr.fetchone()
        self.partner_2.name = "Anna"
        self.annas._keep_memberships()
        self.assertEqual(len(self.annas.membership_ids), 2)
        self.env.cr.execute("SELECT xmin::text, ctid::text FROM club_segment_membership WHERE id = %s", [row.id])
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_saving_conditions_asks_nobody_of_the_club(self):
        """Else saving would take as long as the club is large."""
        asked = []
        search = type(self.env["club.member"])._search

        def note(model, domain, *args, **kwargs):
            asked.append(str(domain))
            return search(model, domain, *args, **kwargs)

        segment = self.make({"kind": "event", "value": 3})
        with patch.object(type(self.env["club.member"]), "_search", note):
            segment._check_conditions()
        self.assertEqual(len(asked), 1)
        self.assertIn("-1", asked[0])

    def test_one_broken_segment_does_not_stop_the_others(self):
        broken = self.make({"kind": "consent"}, name="Broken")
        self.env.cr.execute("UPDATE club_segment_condition SET kind = 'gone' WHERE segment_id = %s", [broken.id])
        self.env.invalidate_all()
        # In a test a rollback would take the segments along: the errors are what is looked at.
        with self.assertRaises(UserError):
            broken._keep_memberships()
        self.annas._keep_memberships()
        self.assertTrue(self.annas.kept_on)

    def test_counts_and_chart_come_from_the_rows(self):
        self.annas._keep_memberships()
        self.env.cr.execute(
            "UPDATE club_segment_membership SET entered_on = entered_on - 60 WHERE segment_id = %s", [self.annas.id]
        )
        self.partner_2.name = "Anna"
        self.annas._keep_memberships()
        self.env.invalidate_all()
        self.assertEqual((self.annas.kept_count, self.annas.entered_count, self.annas.left_count), (2, 1, 0))
        today = self.club._get_today()
        self.assertEqual(
            self.annas._get_counts([today - timedelta(days=61), today - timedelta(days=60), today]), [0, 1, 2]
        )
        self.partner.name = "Ann"
        self.annas._keep_memberships()
        self.env.invalidate_all()
        self.assertEqual((self.annas.kept_count, self.annas.entered_count, self.annas.left_count), (1, 1, 1))
        self.assertIn("<svg", self.annas.chart)
        self.assertEqual(self.annas.share, 0.5)

    def test_the_weeks_under_the_chart_are_of_the_clubs_calendar(self):
        day = date(2026, 1, 31)
        self.assertEqual(self.annas.club_id._show_mark(day), "31 Jan")
        self.club.calendar = "jalali"
        self.assertEqual(self.annas.club_id._show_mark(day), "11-11")

    def test_an_empty_segment_has_a_chart_that_says_so(self):
        nobody = self.make(domain="[('partner_id.name', '=', 'Nobody')]")
        self.assertIn("Nobody belongs to it yet", nobody.chart)

    def test_a_name_cannot_break_out_of_the_chart(self):
        """abuse 18."""
        self.annas.name = "<script>alert(1)</script>"
        self.assertNotIn("<script>", self.annas.chart)

    def test_overlap(self):
        self.annas.compared_id = self.make(name="Everybody")
        self.assertEqual((self.annas.overlap_count, self.annas.overlap_share), (1, 1))
        self.annas.compared_id = self.make(domain="[('partner_id.name', '=', 'Ben')]", name="Bens")
        self.assertEqual(self.annas.overlap_count, 0)

    def test_members_are_found_by_their_segment(self):
        found = self.env["club.member"].search([("segment_ids", "in", self.annas.ids)])
        self.assertEqual(found, self.member)
        self.assertEqual(self.env["club.member"].search([("segment_ids", "=", self.annas.id)]), self.member)
        self.assertEqual(self.env["club.member"].search([("segment_ids", "ilike", "anna")]), self.member)
        self.assertIn(self.member_2, self.env["club.member"].search([("segment_ids", "not in", self.annas.ids)]))
        self.assertNotIn(self.member, self.env["club.member"].search([("segment_ids", "not in", self.annas.ids)]))
        self.annas._keep_memberships()
        self.env.invalidate_all()
        self.assertEqual(self.member.segment_ids, self.annas)
        self.assertFalse(self.member_2.segment_ids)
        action = self.annas.action_open_members()
        self.assertEqual(self.env["club.member"].search(action["domain"]), self.member)

    def test_rows_are_not_written_by_hand(self):
        self.annas._keep_memberships()
        row = self.annas.membership_ids
        for forge in (lambda: row.write({"left_on": False}), row.unlink, lambda: row.copy()):
            with self.assertRaises(UserError):
                forge()

    def test_today_is_the_clubs_day(self):
        self.club.tz = "Asia/Tokyo"
        with freeze_time("2026-05-01 20:00:00"):
            self.annas._keep_memberships()
        self.assertEqual(self.rows(self.annas)[0][1], fields.Date.to_date("2026-05-02"))


@tagged("post_install", "-at_install")
class TestLists(KeptCase):
    def test_freezing_keeps_who_belongs_now(self):
        self.annas.action_freeze()
        self.assertEqual(self.annas.kind, "static")
        self.partner.name, self.partner_2.name = "Ann", "Anna"
        self.assertMeans(self.annas, self.member)
        self.night()
        self.assertMeans(self.annas, self.member)
        self.annas.action_thaw()
        self.assertMeans(self.annas, self.member_2)
        self.night()
        self.assertEqual(
            [(member, bool(left)) for member, _entered, left in self.rows(self.annas)],
            [(self.member, True), (self.member_2, False)],
        )

    def test_a_list_is_filled_and_emptied_by_hand_and_by_numbers(self):
        chosen = self.make(name="Chosen", kind="static")
        self.assertMeans(chosen, self.env["club.member"])
        Fill = self.env["club.segment.fill"]
        chosen_in_list = {"active_model": "club.member", "active_ids": self.member.ids}
        fill = Fill.with_context(**chosen_in_list).create({"segment_id": chosen.id})
        self.assertEqual(fill.member_ids, self.member)
        fill.action_fill()
        self.assertMeans(chosen, self.member)
        fill.action_fill()
        self.assertEqual(len(chosen.membership_ids), 1, "who is on the list stays since when they were")
        numbers = f" {self.member_2.number.lower()} \n\n{self.member.number}"
        Fill.create({"segment_id": chosen.id, "numbers": numbers}).action_fill()
        self.assertMeans(chosen, self.both)
        anna = [Command.set(self.member.ids)]
        Fill.create({"segment_id": chosen.id, "removes": True, "member_ids": anna}).action_fill()
        self.assertMeans(chosen, self.member_2)

    def test_a_new_list_is_made_of_chosen_members(self):
        Fill = self.env["club.segment.fill"].with_context(active_model="club.member", active_ids=self.both.ids)
        with self.assertRaisesRegex(UserError, "No list was named"):
            Fill.create({"name": " "}).action_fill()
        with self.assertRaisesRegex(UserError, "No list was named"):
            Fill.create({"name": "New", "removes": True}).action_fill()
        action = Fill.create({"name": "Guests "}).action_fill()
        made = self.env["club.segment"].browse(action["params"]["next"]["res_id"])
        self.assertEqual((made.name, made.kind, made.club_id), ("Guests", "static", self.club))
        self.assertMeans(made, self.both)
        other = self.env["club.club"].create({"name": "Other"})._enrol(self.partner)
        with self.assertRaisesRegex(UserError, "no active member of"):
            Fill.create({"name": "Mixed", "member_ids": [Command.set((self.member | other).ids)]}).action_fill()

    def test_a_campaign_begins_with_the_segment(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_segment_action_campaign")
        context = {"default_segment_id": self.annas.id, "default_club_id": self.club.id}
        campaign = Form(self.env[action["res_model"]].with_context(**context))
        self.assertEqual((campaign.segment_id, campaign.club_id), (self.annas, self.club))

    def test_members_of_a_segment_are_exported_from_the_members_list(self):
        user = new_test_user(self.env, "segment_export", groups="customer_club.group_club_user,base.group_allow_export")
        action = self.annas.with_user(user).action_open_members()
        found = self.env[action["res_model"]].with_user(user).search(action["domain"])
        self.assertEqual(found.export_data(["number", "partner_id/name"])["datas"], [[self.member.number, "Anna"]])

    def test_an_erased_or_merged_member_leaves_lists_that_are_kept_as_before(self):
        """never 13: what a list was stays told, by whom it was made of."""
        chosen = self.make(name="Chosen", kind="static")
        chosen._add_members(self.both)
        self.member._erase("asked")
        self.assertEqual(self.env["club.member"].sudo().browse(chosen._get_members()), self.member_2)
        self.assertEqual([bool(left) for _member, _entered, left in self.rows(chosen)], [True, False])
        with self.assertRaisesRegex(UserError, "no active member"):
            chosen._add_members(self.member)

    def test_many_numbers_are_compared_in_one_pass(self):
        """Twenty thousand of them, each looked for in a set of its own, would take minutes."""
        chosen, asked = self.make(name="Chosen", kind="static"), []
        Member = self.registry["club.member"]
        mapped = Member.mapped

        def count(members, name):
            asked.append(name)
            return mapped(members, name)

        numbers = "\n".join(self.both.mapped("number"))
        fill = self.env["club.segment.fill"].create({"segment_id": chosen.id, "numbers": numbers})
        with patch.object(Member, "mapped", count):
            self.assertEqual(fill._find_numbers(), self.both)
        self.assertEqual(asked.count("number"), 1)

    def test_an_unknown_number_changes_nothing_and_is_named(self):
        chosen = self.make(name="Chosen", kind="static")
        with self.assertRaisesRegex(UserError, "no-such.*Nothing was changed"):
            self.env["club.segment.fill"].create(
                {"segment_id": chosen.id, "numbers": f"{self.member.number}\nno-such"}
            ).action_fill()
        self.assertFalse(chosen.membership_ids)
        with self.assertRaisesRegex(UserError, "Nobody was named"):
            self.env["club.segment.fill"].create({"segment_id": chosen.id, "numbers": " \n"}).action_fill()

    def test_a_live_segment_is_not_filled_by_hand(self):
        with self.assertRaisesRegex(UserError, "Annas is live"):
            self.annas._add_members(self.member_2)

    def test_members_of_another_club_never_come_onto_a_list(self):
        chosen = self.make(name="Chosen", kind="static")
        other = self.env["club.club"].create({"name": "Other"})._enrol(self.partner)
        with self.assertRaisesRegex(UserError, "no active member of Rose Club"):
            chosen._add_members(other)
        with self.assertRaisesRegex(UserError, "no active member with the number"):
            self.env["club.segment.fill"].create({"segment_id": chosen.id, "numbers": "x" + other.number}).action_fill()

    def test_a_segment_with_members_does_not_change_its_club(self):
        self.annas._keep_memberships()
        with self.assertRaisesRegex(ValidationError, "members of another club"):
            self.annas.club_id = self.env["club.club"].create({"name": "Other"})

    def test_who_leaves_the_club_leaves_lists_and_comes_back_without_them(self):
        chosen = self.make(name="Chosen", kind="static")
        chosen._add_members(self.both)
        self.member._leave()
        self.assertMeans(chosen, self.member_2)
        self.assertEqual(self.rows(chosen, self.member)[0][2], self.club._get_today())
        self.member._rejoin()
        self.assertMeans(chosen, self.member_2)

    def test_the_heir_of_a_merged_member_takes_its_place_on_lists(self):
        """never 13."""
        chosen = self.make(name="Chosen", kind="static")
        chosen._add_members(self.member_2)
        live = self.make(domain="[('partner_id.name', '=', 'Ben')]", name="Bens")
        live._keep_memberships()
        self.member_2._absorb_into(self.member)
        self.assertEqual(self.env["club.member"].browse(chosen._get_members()), self.member)
        self.assertEqual([bool(left) for _member, _entered, left in self.rows(live)], [True])
        self.night()
        self.assertEqual(len(self.rows(chosen)), 2)

    def test_merging_two_who_are_on_the_list_leaves_one(self):
        chosen = self.make(name="Chosen", kind="static")
        chosen._add_members(self.both)
        self.member_2._absorb_into(self.member)
        self.assertEqual(self.env["club.member"].browse(chosen._get_members()), self.member)
        self.assertEqual(len(chosen.membership_ids.filtered(lambda row: not row.left_on)), 1)

    def test_an_erased_member_is_in_no_segment_and_the_past_counts_stay(self):
        self.annas._keep_memberships()
        self.member._erase("asked")
        self.assertFalse(self.annas._filter_members(self.member))
        self.assertEqual(self.rows(self.annas), [(self.member, self.club._get_today(), self.club._get_today())])
        self.night()
        self.assertEqual(len(self.annas.membership_ids), 1)


@tagged("post_install", "-at_install")
class TestReadyMade(KeptCase):
    def test_the_chosen_ones_are_made_and_only_they(self):
        offer = self.env["club.segment.offer"].create({"club_id": self.club.id, "points": 50})
        self.assertIn("Never bought", offer.line_ids.mapped("name"))
        with self.assertRaisesRegex(UserError, "Tick"):
            offer.action_make()
        for key in ("single", "never", "points"):
            offer.line_ids.filtered(lambda line, key=key: line.key == key).chosen = True
        before = self.env["club.segment"].search([])
        offer.action_make()
        made = self.env["club.segment"].search([]) - before
        self.assertEqual(sorted(made.mapped("name")), ["Never bought", "One purchase only", "Unused points"])
        single, never, points = (
            made.filtered(lambda s, n=name: s.name == n)
            for name in ("One purchase only", "Never bought", "Unused points")
        )
        self.happen("purchase", "p", 5, amount=10)
        self.post(50, "seg-50", member=self.member_2)
        self.assertMeans(single, self.member)
        self.assertMeans(never, self.member_2)
        self.assertMeans(points, self.member_2)
        self.happen("purchase", "q", 5, amount=10)
        self.assertMeans(single, self.env["club.member"])

    def test_every_ready_made_segment_can_be_asked(self):
        offer = self.env["club.segment.offer"].create({"club_id": self.club.id})
        offer.line_ids.chosen = True
        offer.action_make()
        for segment in self.env["club.segment"].search([("club_id", "=", self.club.id)]):
            self.assertGreaterEqual(len(segment._get_members()), 0)
            self.assertTrue(segment.sentence)


@tagged("post_install", "-at_install")
class TestWhoMayDoWhat(KeptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.annas.write({"condition_ids": [Command.create({"kind": "points", "value": 0})]})
        cls.annas._keep_memberships()
        cls.users = {
            name: new_test_user(cls.env, f"segment_{name}", groups=groups)
            for name, groups in (
                ("user", "customer_club.group_club_user"),
                ("manager", "customer_club.group_club_manager"),
                ("employee", "base.group_user"),
                ("portal", "base.group_portal"),
            )
        }

    def test_a_user_reads_and_changes_nothing(self):
        annas = self.annas.with_user(self.users["user"])
        self.assertEqual((annas.member_count, annas.preview_ids), (1, self.member))
        self.assertTrue(annas.condition_ids.sentence)
        for change in (
            annas.action_freeze,
            annas.action_count,
            lambda: annas.write({"match": "any"}),
            lambda: annas.condition_ids.write({"value": 5}),
            lambda: annas.condition_ids.unlink(),
            lambda: self.env["club.segment.fill"].with_user(self.users["user"]).create({"segment_id": annas.id}),
            lambda: self.env["club.segment.offer"].with_user(self.users["user"]).create({"club_id": self.club.id}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_a_manager_builds_freezes_and_fills(self):
        manager = self.users["manager"]
        segment = self.env["club.segment"].with_user(manager).create({"name": "Mine", "club_id": self.club.id})
        segment.condition_ids = [Command.create({"kind": "event", "measure": "never", "window": "ever"})]
        segment.action_freeze()
        self.assertEqual(segment.member_count, 2)
        self.env["club.segment.fill"].with_user(manager).create(
            {"segment_id": segment.id, "removes": True, "member_ids": [Command.set(self.member.ids)]}
        ).action_fill()
        self.assertEqual(segment.member_count, 1)
        with self.assertRaises(AccessError):
            segment.membership_ids.with_user(manager).check_access("write")

    def test_employees_and_customers_see_nothing(self):
        for name in ("employee", "portal"):
            user = self.users[name]
            for record in (self.annas, self.annas.condition_ids, self.annas.membership_ids):
                with self.subTest(user=name, model=record._name), self.assertRaises(AccessError):
                    record.with_user(user).read([])
            with self.assertRaises(AccessError):
                self.env["club.member"].with_user(user).search([("segment_ids", "in", self.annas.ids)])

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "segment_stranger",
            groups="customer_club.group_club_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for record in (self.annas, self.annas.condition_ids, self.annas.membership_ids):
            self.assertFalse(record.with_user(stranger).search([("id", "in", record.ids)]))
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])
        Member = self.env["club.member"].with_user(stranger)
        self.assertFalse(Member.search([("segment_ids", "in", self.annas.ids)]))

    def test_conditions_do_not_look_at_other_segments_or_beyond_the_member(self):
        manager = self.users["manager"]
        for conditions in (
            "[('segment_ids', 'in', [1])]",
            "[('segment_membership_ids.segment_id.name', '=', 'x')]",
            "[('event_ids.member_id.partner_id.user_ids', '!=', False)]",
        ):
            with self.subTest(conditions=conditions), self.assertRaisesRegex(UserError, "cannot look at"):
                self.annas.with_user(manager).domain = conditions
