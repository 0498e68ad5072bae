"""Contests: who is counted, who is placed, what is frozen, and what the winners get."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


class ContestCase(ClubCase):
    """A contest of visits in May 2026; it is the 20th of May. Four members, none of whom takes part yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("Cleo", "Dora")
        cls.partner_3, cls.partner_4 = cls.env["res.partner"].create(
            [{"name": name, "email": f"{name.lower()}@example.com"} for name in names]
        )
        cls.member_3, cls.member_4 = (cls.club._enrol(partner) for partner in (cls.partner_3, cls.partner_4))
        cls.members = cls.member | cls.member_2 | cls.member_3 | cls.member_4
        cls.contest = cls.make_contest()
        cls.contest.action_open()

    def setUp(self):
        super().setUp()
        self.set_now(datetime(2026, 5, 20, 12))

    def set_now(self, now):
        """Contests ask ``fields.Datetime.now`` for the time."""
        self.now = now
        for name, value in (("now", now), ("today", now.replace(hour=0))):
            patcher = patch.object(fields.Datetime, name, lambda *_args, value=value: value)
            patcher.start()
            self.addCleanup(patcher.stop)
        patcher = patch.object(fields.Date, "today", lambda *_args: now.date())
        patcher.start()
        self.addCleanup(patcher.stop)

    @classmethod
    def make_contest(cls, types=("visit",), **values):
        return cls.env["club.contest"].create(
            {
                "club_id": cls.club.id,
                "name": "Visits of May",
                "date_from": date(2026, 5, 1),
                "date_to": date(2026, 5, 31),
                "type_ids": [Command.create({"event_type": name}) for name in types],
                **values,
            }
        )

    _facts = 0

    @classmethod
    def fact(cls, member, at, type="visit", amount=0, **values):  # noqa: A002 - the field's name
        """A fact at ``(day, hour)`` of May 2026 or at a moment."""
        ContestCase._facts += 1
        moment = at if isinstance(at, datetime) else datetime(2026, 5, *at)
        return (
            cls.env["club.event"]
            .sudo()
            ._report(
                [
                    {
                        "member_id": member.id,
                        "type": type,
                        "key": f"test,{ContestCase._facts}:{type}",
                        "occurred_at": moment,
                        "amount": amount,
                        **values,
                    }
                ]
            )
        )

    def take_part(self, *members, contest=None):
        for member in members or self.members:
            (contest or self.contest)._opt_in(member, f"Nick {member.id}")

    def places(self, contest=None):
        """(rank, member) of everybody placed, best first."""
        return [(place.rank, place.member) for place in (contest or self.contest)._get_places()]

    def close(self, contest=None, now=datetime(2026, 6, 10)):
        self.set_now(now)
        (contest or self.contest).action_close()


@tagged("post_install", "-at_install")
class TestStandings(ContestCase):
    def test_facts_of_the_period_count_whenever_one_joins(self):
        self.fact(self.member, (2, 12))
        self.fact(self.member, (3, 12))
        self.fact(self.member_2, (4, 12))
        self.assertEqual(self.places(), [], "nothing is counted of who did not opt in")
        self.take_part(self.member, self.member_2)
        self.assertEqual(self.places(), [(1, self.member.id), (2, self.member_2.id)])

    def test_the_period_is_in_the_clubs_days(self):
        """abuse 11: the club's time zone says when May begins."""
        contest = self.make_contest()
        self.club.tz = "Asia/Tehran"
        contest.action_open()
        self.take_part(contest=contest)
        self.fact(self.member, datetime(2026, 4, 30, 20, 29))
        self.fact(self.member_2, datetime(2026, 4, 30, 20, 30))
        self.fact(self.member_3, datetime(2026, 5, 31, 20, 29))
        self.fact(self.member_4, datetime(2026, 5, 31, 20, 30))
        self.assertEqual([member for _rank, member in self.places(contest)], [self.member_2.id, self.member_3.id])

    def test_only_the_chosen_behaviour_counts(self):
        self.take_part()
        self.fact(self.member, (2, 12), "survey")
        self.fact(self.member_2, (2, 12))
        self.assertEqual(self.places(), [(1, self.member_2.id)])

    def test_a_revoked_fact_counts_nothing(self):
        self.take_part()
        self.fact(self.member, (2, 12))._revoke("Taken down")
        self.assertEqual(self.places(), [])

    def test_a_purchase_counts_net_of_what_came_back(self):
        """never 1: a return after the period still lowers the place; a purchase returned whole is none."""
        contest = self.make_contest(("purchase",), measure="amount")
        contest.action_open()
        self.take_part(contest=contest)
        first = self.fact(self.member, (2, 12), "purchase", 100)
        whole = self.fact(self.member_2, (3, 12), "purchase", 80)
        self.fact(self.member_3, (4, 12), "purchase", 50)
        self.assertEqual([member for _rank, member in self.places(contest)], self.members[:3].ids)
        self.fact(self.member, datetime(2026, 6, 2), "purchase", -60, revises_id=first.id)
        self.fact(self.member_2, datetime(2026, 6, 2), "purchase", -80, revises_id=whole.id)
        self.assertEqual(self.places(contest), [(1, self.member_3.id), (2, self.member.id)])
        self.assertEqual([place.measure for place in contest._get_places()], [50, 40])

    def test_days_count_once_each(self):
        contest = self.make_contest(measure="days")
        contest.action_open()
        self.take_part(contest=contest)
        for hour in (8, 12, 18):
            self.fact(self.member, (2, hour))
        for day in (2, 3):
            self.fact(self.member_2, (day, 12))
        self.assertEqual(self.places(contest), [(1, self.member_2.id), (2, self.member.id)])

    def test_points_of_rules_count_net_of_what_was_taken_back(self):
        rule = self.earn_rule("visit", 10)
        other = self.earn_rule("visit", 100, tier_ids=False)
        contest = self.make_contest(measure="points", rule_ids=rule.ids)
        contest.action_open()
        self.take_part(contest=contest)
        self.fact(self.member, (2, 12))
        self.fact(self.member, (3, 12))
        self.fact(self.member_2, (2, 12))
        self.assertEqual([place.measure for place in contest._get_places()], [20, 10])
        self.fact(self.member, (4, 12))._revoke("Not there")
        self.assertEqual([place.measure for place in contest._get_places()], [20, 10])
        self.assertTrue(other.points_given)

    def test_real_orders_count_and_a_cancelled_one_does_not(self):
        """never 7: from the sales order to the place; a draft and a cancelled order count nothing."""
        contest = self.make_contest(
            ("purchase",), measure="amount", date_from=date.today(), date_to=date.today() + timedelta(days=1)
        )
        self.set_now(datetime.now())
        contest.action_open()
        self.take_part(contest=contest)
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": quantity})],
                }
                for partner, quantity in ((self.partner, 1), (self.partner_2, 3), (self.partner_3, 2))
            ]
        )
        orders[:2].action_confirm()
        self.env.cr.flush()
        self.assertEqual([member for _rank, member in self.places(contest)], [self.member_2.id, self.member.id])
        orders[1]._action_cancel()
        self.env.cr.flush()
        self.assertEqual([member for _rank, member in self.places(contest)], [self.member.id])

    def test_the_least_to_be_placed(self):
        contest = self.make_contest(minimum=2)
        contest.action_open()
        self.take_part(contest=contest)
        self.fact(self.member, (2, 12))
        for day in (2, 3):
            self.fact(self.member_2, (day, 12))
        self.assertEqual(self.places(contest), [(1, self.member_2.id)])

    def test_of_equals_the_earlier_wins_or_they_share(self):
        shared = self.make_contest(ties="shared")
        shared.action_open()
        self.take_part()
        self.take_part(contest=shared)
        for member, hour in ((self.member, 12), (self.member_2, 9), (self.member_3, 10)):
            self.fact(member, (2, hour))
        self.fact(self.member_4, (1, 12))
        self.fact(self.member_4, (2, 12))
        self.assertEqual([rank for rank, _member in self.places()], [1, 2, 3, 4])
        self.assertEqual(
            [member for _rank, member in self.places()],
            [self.member_4.id, self.member_2.id, self.member_3.id, self.member.id],
        )
        self.assertEqual([rank for rank, _member in self.places(shared)], [1, 2, 2, 2])

    def test_staff_excluded_and_former_members_have_no_place(self):
        self.take_part()
        for member in self.members:
            self.fact(member, (2, 12))
        new_test_user(self.env, "works_here", groups="base.group_user", partner_id=self.partner.id)
        self.contest.participant_ids.filtered(lambda one: one.member_id == self.member_2).excluded = True
        self.member_3._leave()
        self.assertEqual([member for _rank, member in self.places()], [self.member_4.id])

    def test_a_merged_members_facts_count_for_who_it_became(self):
        """never 13"""
        self.take_part(self.member_2, self.member_3)
        self.fact(self.member, (2, 12))
        self.fact(self.member_2, (3, 12))
        self.fact(self.member_3, (4, 12))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner | self.partner_2).ids, self.partner)
        self.assertEqual(self.places(), [(1, self.member.id), (2, self.member_3.id)])
        self.assertEqual(self.contest._get_places()[0].measure, 2)

    def test_another_clubs_member_and_facts_are_not_in_it(self):
        """never 14"""
        club = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        stranger = club._enrol(self.partner)
        with self.assertRaises(UserError):
            self.contest._opt_in(stranger, "Stranger")
        self.take_part(self.member)
        self.fact(stranger, (2, 12))
        self.assertEqual(self.places(), [])

    def test_standings_cost_the_same_queries_whatever_their_number(self):
        self.take_part(self.member)
        self.fact(self.member, (2, 12))
        self.contest._get_places()
        with self.assertQueryCount(1):
            self.contest._get_places()
        self.take_part()
        for member in self.members:
            self.fact(member, (3, 12))
        self.contest._get_places()
        with self.assertQueryCount(1):
            self.assertEqual(len(self.contest._get_places()), 4)


@tagged("post_install", "-at_install")
class TestTakingPart(ContestCase):
    def test_a_nickname_is_cleaned_and_belongs_to_one(self):
        one = self.contest._opt_in(self.member, "  \u202eRosie   the first ")
        self.assertEqual(one.nickname, "Rosie the first")
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self.contest._opt_in(self.member_2, "ROSIE the  First")
        self.contest._opt_in(self.member, "Rosie")
        self.assertEqual((one.nickname, len(self.contest.participant_ids)), ("Rosie", 1))

    def test_a_nickname_is_seen_and_looks_like_nobody_elses(self):
        """What shows nothing makes neither a nickname nor two of one; nobody is called what the nameless are."""
        self.contest._opt_in(self.member, "Anna")
        for bad in ("\u2060\u2060", "\u00ad\u00ad", "\u3164\u3164", "An\u00adna", "Anna\U000e0041", "a  MEMBER"):
            with self.subTest(bad), self.assertRaises(UserError):
                self.contest._opt_in(self.member_2, bad)
        for good in ("\u0645\u06cc\u200c\u0622\u06cc\u0645", "Rose \U0001f469\u200d\U0001f33e"):
            self.assertEqual(self.contest._opt_in(self.member_2, good).nickname, good)

    def test_managers_change_words_and_exclude_and_nothing_else_of_a_participant(self):
        """Who takes part is the member's own consent."""
        mine = self.contest._opt_in(self.member, "Anna")
        manager = new_test_user(self.env, "words_manager", groups="customer_club.group_club_manager")
        mine.with_user(manager).write({"nickname": "Rose", "excluded": True, "excluded_reason": "cheated"})
        other = self.contest.copy()
        for values in ({"member_id": self.member_2.id}, {"contest_id": other.id}, {"active": False}):
            with self.subTest(values), self.assertRaises(AccessError):
                mine.with_user(manager).write(values)

    def test_a_nickname_tells_nothing_more(self):
        for bad in ("", "x", "anna@example.com", "https://x.example", "www.x.example", "0912 345 67 89", "x" * 31):
            with self.subTest(bad), self.assertRaises(UserError):
                self.contest._opt_in(self.member, bad)
        self.assertFalse(self.contest.participant_ids)

    def test_who_leaves_is_gone_from_the_board_and_may_return(self):
        self.take_part()
        self.fact(self.member, (2, 12))
        self.contest._opt_out(self.member)
        self.assertEqual(self.places(), [])
        self.assertFalse(self.contest._get_participant(self.member))
        self.contest._opt_in(self.member, "Back")
        self.assertEqual(self.places(), [(1, self.member.id)])
        self.assertEqual(len(self.contest.participant_ids), 4)

    def test_who_was_excluded_stays_excluded_after_returning(self):
        self.take_part(self.member)
        self.fact(self.member, (2, 12))
        self.contest.participant_ids.excluded = True
        self.contest._opt_out(self.member)
        self.contest._opt_in(self.member, "Clean slate")
        self.assertEqual(self.places(), [])

    def test_nobody_joins_a_draft_a_contest_that_is_over_or_as_staff(self):
        draft = self.make_contest()
        with self.assertRaises(UserError):
            draft._opt_in(self.member, "Rosie")
        new_test_user(self.env, "works_here", groups="base.group_user", partner_id=self.partner_2.id)
        with self.assertRaisesRegex(UserError, "works here"):
            self.contest._opt_in(self.member_2, "Rosie")
        self.set_now(datetime(2026, 6, 1))
        with self.assertRaisesRegex(UserError, "over"):
            self.contest._opt_in(self.member, "Rosie")

    def test_leaving_the_club_or_being_forgotten_takes_the_nickname_but_no_frozen_place(self):
        self.take_part()
        self.fact(self.member, (2, 12))
        self.fact(self.member_2, (3, 12))
        self.close()
        self.member._leave()
        self.member_2._erase("asked")
        self.assertEqual(self.places(), [(1, self.member.id), (2, self.member_2.id)])
        names = self.contest._get_nicknames([self.member.id, self.member_2.id])
        self.assertEqual(set(names.values()), {"A member"})
        self.assertEqual(self.contest._compute_digest(), self.contest.digest)

    def test_the_member_takes_the_data_along(self):
        self.take_part(self.member)
        data = self.member._get_personal_data()["contests"]
        self.assertEqual(
            [(row["contest"], row["nickname"], row["takes_part"]) for row in data],
            [("Visits of May", f"Nick {self.member.id}", True)],
        )
