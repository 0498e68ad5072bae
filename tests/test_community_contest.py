"""Contests: who is counted, who is placed, what is frozen, and what the winners get."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.customer_club.models.community import club_contest_award
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import errors


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


@tagged("post_install", "-at_install")
class TestClosing(ContestCase):
    def prepare(self, **values):
        self.contest.prize_ids = [
            Command.create({"place_from": 1, "place_to": 1, "kind": "points", "points": 100}),
            Command.create({"place_from": 1, "place_to": 2, "kind": "gift", "gift": "A bouquet"}),
        ]
        self.contest.write(values)
        self.take_part()
        for day in (2, 3):
            self.fact(self.member, (day, 12))
        self.fact(self.member_2, (4, 12))
        self.fact(self.member_3, (5, 12))

    def test_the_winner_gets_points_through_the_ledger_once(self):
        self.prepare()
        self.close()
        self.assertEarned(100, "contest")
        entry = self.member.entry_ids
        self.assertEqual((entry.kind, entry.rule_id.id, entry.origin_id), ("earn", False, self.contest.id))
        self.assertEqual(entry.event_id.payload, {"contest": self.contest.id, "place": 1})
        self.assertEqual(entry._get_portal_sentences()[0]["text"], "Contest Visits of May: +100 Points")
        self.contest.action_close()
        self.contest.action_give_prizes()
        self.contest._close()
        self.assertEarned(100, "contest")
        self.assertEarned(0, "contest", self.member_2)
        self.assertInvariantsHold()

    def test_a_rule_about_contests_adds_to_the_prize(self):
        self.earn_rule("contest", 5)
        self.prepare()
        self.close()
        self.assertEarned(105, "contest")
        self.assertEarned(5, "contest", self.member_2)

    def test_gifts_wait_for_somebody_to_hand_them_over_and_then_it_is_done(self):
        self.prepare()
        self.close()
        gifts = self.contest.award_ids.filtered(lambda award: award.kind == "gift")
        self.assertEqual((gifts.member_id, self.contest.state), (self.member | self.member_2, "closed"))
        user = new_test_user(self.env, "contest_user", groups="customer_club.group_club_user")
        gifts[0].with_user(user).action_hand_over()
        self.assertEqual((gifts[0].state, gifts[0].given_uid), ("given", user))
        with self.assertRaises(AccessError):
            gifts[1].with_user(user).action_lapse()
        gifts[1].action_lapse()
        gifts[1].action_hand_over()
        self.assertEqual((gifts[1].state, self.contest.state), ("lapsed", "done"))

    def test_points_may_wait_for_a_manager(self):
        self.prepare(auto_prizes=False)
        self.close()
        self.assertEarned(0, "contest")
        self.contest.action_give_prizes()
        self.assertEarned(100, "contest")

    def test_who_left_before_the_points_were_given_gets_none(self):
        self.prepare(auto_prizes=False)
        self.close()
        self.member._leave()
        self.contest.action_give_prizes()
        self.assertEqual(self.contest.award_ids.filtered(lambda award: award.kind == "points").state, "lapsed")
        self.assertEarned(0, "contest")

    def test_who_was_merged_gets_it_as_the_member_it_became(self):
        """never 13"""
        self.prepare(auto_prizes=False)
        self.close()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner | self.partner_4).ids, self.partner_4)
        self.contest.action_give_prizes()
        self.assertEqual(self.member_4.points, 100)
        board = self.member_4._get_contest_board(self.contest)
        self.assertEqual((board["mine"]["rank"], len(board["awards"])), (1, 2))
        self.assertInvariantsHold()

    def test_who_shares_a_place_shares_its_prize_and_skipped_places_win_nothing(self):
        contest = self.make_contest(ties="shared")
        contest.prize_ids = [
            Command.create({"place_from": place, "place_to": place, "points": points})
            for place, points in ((1, 50), (2, 20), (3, 10))
        ]
        contest.action_open()
        self.take_part(contest=contest)
        for member in (self.member, self.member_2):
            self.fact(member, (2, 12))
            self.fact(member, (3, member.id % 20))
        self.fact(self.member_3, (4, 12))
        self.close(contest)
        self.assertEqual([self.members[number].points for number in range(4)], [50, 50, 10, 0])

    def test_late_facts_and_returns_count_until_it_is_closed_and_never_after(self):
        self.prepare()
        self.set_now(datetime(2026, 6, 2))
        late = self.fact(self.member_3, (30, 12)) | self.fact(self.member_3, (31, 12))
        self.assertEqual(self.places()[0], (1, self.member_3.id))
        self.close()
        before = self.places()
        late._revoke("Not there")
        self.fact(self.member_2, (6, 12)), self.fact(self.member_2, (7, 12)), self.fact(self.member_2, (8, 12))
        self.member_3._leave()
        self.club.tz = "Asia/Tehran"
        self.assertEqual(self.places(), before)
        self.assertEqual(self.contest.action_verify()["params"]["type"], "success")

    def test_the_job_closes_after_the_grace_days_in_the_clubs_time(self):
        self.prepare(grace_days=3)
        self.club.tz = "Asia/Tehran"
        for moment, state in ((datetime(2026, 6, 3, 20, 29), "open"), (datetime(2026, 6, 3, 20, 30), "closed")):
            self.set_now(moment)
            self.env.flush_all()
            with self.jobs_in_test():
                self.env["club.contest"]._cron_close()
            self.env.invalidate_all()
            self.assertEqual(self.contest.state, state)
        self.assertEarned(100, "contest")
        with self.jobs_in_test():
            self.assertEqual(self.env["club.contest"]._cron_close(), 0, "nothing is left to do")

    def test_nothing_is_frozen_if_the_prizes_cannot_be_given(self):
        """abuse 22: whoever fails in between leaves an open contest, not half a result."""
        self.prepare()
        self.set_now(datetime(2026, 6, 10))
        self.env.flush_all()
        Award = self.env.registry["club.contest.award"]
        with (
            patch.object(Award, "_give_points", side_effect=UserError("no")),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            self.contest.action_close()
        self.env.invalidate_all()
        self.assertEqual((self.contest.state, len(self.contest.place_ids)), ("open", 0))

    def test_it_is_not_closed_before_its_last_day_is_over(self):
        self.prepare()
        with self.assertRaisesRegex(UserError, "runs until"):
            self.contest.action_close()
        self.set_now(datetime(2026, 5, 31, 23, 59))
        with self.assertRaises(UserError):
            self.contest.action_close()

    def test_a_contest_without_participants_closes_too(self):
        self.close()
        self.assertEqual((self.contest.state, len(self.contest.place_ids)), ("done", 0))
        self.assertEqual(self.contest.action_verify()["params"]["type"], "success")

    def test_a_cancelled_contest_gives_nothing_and_stays_cancelled(self):
        self.prepare()
        self.contest.action_cancel()
        self.set_now(datetime(2026, 6, 10))
        for action in ("action_close", "action_open", "action_give_prizes", "action_verify"):
            with self.subTest(action), self.assertRaises(UserError):
                getattr(self.contest, action)()
        self.assertEqual(self.places(), [])
        self.assertEarned(0, "contest")


@tagged("post_install", "-at_install")
class TestClosedNeverChanges(ContestCase):
    def setUp(self):
        super().setUp()
        self.contest.prize_ids = [Command.create({"points": 10}), Command.create({"kind": "gift", "gift": "Rose"})]
        self.take_part()
        self.fact(self.member, (2, 12))
        self.close()
        self.env.flush_all()

    def test_the_orm_refuses_every_change(self):
        contest, place, award = self.contest, self.contest.place_ids, self.contest.award_ids[0]
        attempts = {
            "name": lambda: contest.write({"name": "x"}),
            "period": lambda: contest.write({"date_to": date(2027, 1, 1)}),
            "state": lambda: contest.write({"state": "open"}),
            "digest": lambda: contest.write({"digest": "x"}),
            "prizes": lambda: contest.write({"prize_ids": [Command.create({"points": 5})]}),
            "a prize": lambda: contest.prize_ids[0].write({"points": 99}),
            "less prizes": lambda: contest.prize_ids.unlink(),
            "types": lambda: contest.type_ids.write({"event_type": "survey"}),
            "exclusion": lambda: contest.participant_ids[0].write({"excluded": True}),
            "place": lambda: place.write({"rank": 2}),
            "places": lambda: place.unlink(),
            "another place": lambda: place.create({"contest_id": contest.id}),
            "award": lambda: award.write({"points": 99}),
            "awards": lambda: award.unlink(),
            "another award": lambda: award.create({"contest_id": contest.id}),
            "deletion": lambda: contest.unlink(),
            "cancel": lambda: contest.action_cancel(),
            "reset": lambda: contest.action_reset(),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(UserError):
                attempt()

    def test_a_context_cannot_forge_what_only_the_buttons_do(self):
        """abuse 5: what we compare with is an object that no RPC can send."""
        for forged in (True, "OURS", {}, repr(club_contest_award.OURS)):
            with self.subTest(forged), self.assertRaises(UserError):
                self.contest.with_context(club_contest=forged).write({"state": "open"})
            with self.subTest(forged), self.assertRaises(UserError):
                self.contest.award_ids.with_context(club_award=forged).write({"state": "to_give"})
        draft = (
            self.env["club.contest"]
            .with_context(default_state="open", default_digest="x")
            .create({"name": "Forged", "club_id": self.club.id, "state": "closed", "digest": "y"})
        )
        self.assertEqual((draft.state, draft.digest), ("draft", False))

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_it_too(self):
        """Design rule 2, for results: plain SQL is refused as well."""
        for statement in (
            "UPDATE club_contest SET date_to = '2027-01-01' WHERE id = %s",
            "UPDATE club_contest SET state = 'open' WHERE id = %s",
            "UPDATE club_contest SET digest = 'x' WHERE id = %s",
            "DELETE FROM club_contest WHERE id = %s",
            "UPDATE club_contest_place SET rank = 2 WHERE contest_id = %s",
            "DELETE FROM club_contest_place WHERE contest_id = %s",
        ):
            with self.subTest(statement), self.assertRaises(errors.RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(statement, (self.contest.id,))

    def test_archiving_is_no_change(self):
        self.contest.active = False
        self.env.flush_all()
        self.assertFalse(self.contest.active)

    def test_verifying_finds_what_a_database_owner_changed(self):
        self.env.cr.execute("ALTER TABLE club_contest_place DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE club_contest_place SET member_id = %s WHERE contest_id = %s", (self.member_2.id, self.contest.id)
        )
        self.env.cr.execute("ALTER TABLE club_contest_place ENABLE TRIGGER USER")
        self.env.invalidate_all()
        self.assertEqual(self.contest.action_verify()["params"]["type"], "danger")


@tagged("post_install", "-at_install")
class TestContestOfManagers(ContestCase):
    def test_an_open_contest_keeps_its_terms_but_not_its_words(self):
        self.contest.write({"name": "Renamed", "grace_days": 5, "description": "Come often"})
        for change in (
            {"date_to": date(2026, 7, 1)},
            {"measure": "days"},
            {"minimum": 5},
            {"ties": "shared"},
            {"type_ids": [Command.create({"event_type": "survey"})]},
        ):
            with self.subTest(change), self.assertRaisesRegex(UserError, "as it is"):
                self.contest.write(change)

    def test_it_goes_back_to_a_draft_only_while_nobody_takes_part(self):
        self.contest.action_reset()
        self.assertEqual(self.contest.state, "draft")
        self.contest.action_open()
        self.take_part(self.member)
        with self.assertRaises(UserError):
            self.contest.action_reset()

    def test_what_makes_no_sense_is_refused(self):
        empty = self.env["club.contest"].create({"name": "Empty", "club_id": self.club.id})
        with self.assertRaisesRegex(UserError, "counts nothing"):
            empty.action_open()
        for prize in ({"points": 0}, {"points": 0.4}, {"kind": "gift", "gift": " "}):
            with self.subTest(prize), self.assertRaises(ValidationError):
                empty.prize_ids = [Command.create(prize)]
        other = self.env["club.club"].create({"name": "Other", "tz": "UTC"})
        rule = self.earn_rule("visit", 1, club_id=other.id)
        with self.assertRaisesRegex(ValidationError, "another club"):
            empty.rule_ids = rule

    def test_it_reads_as_a_sentence(self):
        contest = self.make_contest(("visit", "survey"), minimum=3, ties="shared")
        self.assertEqual(
            contest.sentence,
            "Who does this most often: Visited or Answered a survey, from 1 May 2026 to 31 May 2026, at least 3 times. "
            "Equals share a place.",
        )

    def test_a_copy_is_a_draft_with_the_same_terms_and_nobody_in_it(self):
        self.contest.prize_ids = [Command.create({"points": 10})]
        self.take_part()
        copy = self.contest.copy()
        self.assertEqual((copy.state, copy.type_ids.event_type, copy.prize_ids.points), ("draft", "visit", 10))
        self.assertFalse(copy.participant_ids)

    def test_the_home_page_says_what_is_to_close_and_to_hand_over(self):
        self.contest.prize_ids = [Command.create({"kind": "gift", "gift": "Rose"})]
        self.take_part()
        self.fact(self.member, (2, 12))
        todo = lambda: self.club._get_home_todos(self.club._get_home_figures())[self.club.id]  # noqa: E731
        self.assertNotIn("contests", todo())
        self.set_now(datetime(2026, 6, 1))
        self.assertIn("1", todo()["contests"])
        action = self.club.with_context(club_home="contests").action_open_home()
        self.assertEqual(self.env["club.contest"].search(action["domain"]), self.contest)
        self.close()
        self.assertNotIn("contests", todo())
        self.assertIn("1", todo()["contest_prizes"])
        action = self.club.with_context(club_home="contest_prizes").action_open_home()
        self.assertEqual(self.env["club.contest.award"].search(action["domain"]), self.contest.award_ids)

    def test_the_form_shows_who_leads_now(self):
        self.take_part()
        self.fact(self.member_2, (2, 12))
        self.assertEqual(self.contest.standing_ids.member_id, self.member_2)
        self.assertEqual((self.contest.standing_ids.rank, self.contest.standing_ids.measure), (1, 1))


@tagged("post_install", "-at_install")
class TestContestRights(ContestCase):
    """Every model of the room as each role, as another company's manager and as a customer."""

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may_what(self):
        self.contest.prize_ids = [Command.create({"points": 10})]
        self.take_part()
        self.fact(self.member, (2, 12))
        self.close()
        company = self.env["res.company"].create({"name": "Other"})
        roles = {
            "user": new_test_user(self.env, "c_user", groups="customer_club.group_club_user"),
            "manager": new_test_user(self.env, "c_manager", groups="customer_club.group_club_manager"),
            "foreign": new_test_user(
                self.env,
                "c_foreign",
                groups="customer_club.group_club_manager",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            ),
            "employee": new_test_user(self.env, "c_employee", groups="base.group_user"),
            "portal": new_test_user(self.env, "c_portal", groups="base.group_portal"),
        }
        records = (
            self.contest,
            self.contest.type_ids,
            self.contest.prize_ids,
            self.contest.participant_ids[0],
            self.contest.place_ids,
            self.contest.award_ids,
        )
        writers = {"club.contest", "club.contest.type", "club.contest.prize", "club.contest.participant"}
        for record in records:
            for role, user in roles.items():
                with self.subTest(model=record._name, role=role):
                    mine = record.with_user(user)
                    self.assertEqual(mine.has_access("read"), role in ("user", "manager"))
                    self.assertEqual(mine.has_access("write"), role == "manager" and record._name in writers)
                    self.assertFalse(role != "manager" and mine.has_access("create"))
        with self.assertRaises(AccessError):
            self.contest.with_user(roles["user"]).action_cancel()
        with self.assertRaises(AccessError):
            self.contest.with_user(roles["foreign"]).action_verify()
