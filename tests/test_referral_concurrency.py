"""Many at one moment: confirmations of one visit, the last places of a day, the same person joining twice."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests import committed
from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.tests import tagged

CLEANED = (
    ("club_referral_visit", "club_id = %(club)s"),
    ("club_referral_purchase", "club_id = %(club)s"),
    ("club_referral", "club_id = %(club)s"),
    ("club_referral_identity", "club_id = %(club)s"),
    ("club_identity", "club_id = %(club)s"),
    ("club_consent", "member_id IN (SELECT id FROM club_member WHERE club_id = %(club)s)"),
)


@tagged("post_install", "-at_install")
class TestManyAtOnce(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        cls.classPatch(committed, "CLEANED", (*CLEANED, *committed.CLEANED))
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            club.write({"referral_visits_day": 5, "referral_joins_day": 0, "referral_joins_week": 0})
            for event_type in ("referral_click", "referral_join"):
                env["club.earn.rule"].create(
                    {
                        "club_id": club.id,
                        "name": event_type,
                        "event_type": event_type,
                        "points": 10,
                        "use_multiplier": False,
                    }
                )
            env["club.member"].browse(cls.member_id)._make_referral_links()
            partners = env["res.partner"].create(
                [{"name": "Twin One", "email": "twin@example.net"}, {"name": "Twin Two", "email": "twin@example.net"}]
            )
            cls.ids["partners"] += partners.ids
            cls.twin_ids = partners.ids

    @classmethod
    def _clean(cls):
        with cls.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM link_tracker WHERE id IN (SELECT referral_tracker_id FROM club_member WHERE club_id = %s)",
                (cls.ids["club"],),
            )
        super()._clean()

    def count(self, env, visitor, device):
        return env["club.referral.visit"]._count(env["club.member"].browse(self.member_id), visitor, device)

    def test_twenty_confirmations_of_one_visit_count_once_and_a_flood_stops_at_the_days_limit(self):
        """never 19 and 20, abuse 9."""
        results, seconds = self.in_threads([lambda env: self.count(env, "same", "same")] * 20)
        self.assertEqual(sorted(map(str, results)), ["False"] * 19 + ["True"])
        self.assertLess(seconds, 30)
        works = [lambda env, n=number: self.count(env, f"v{n}", f"d{n}") for number in range(8)]
        results, _seconds = self.in_threads(works)
        self.assertEqual(results.count(True), 4, results)
        events = self.in_transaction(
            lambda env: env["club.event"].search_count(
                [("member_id", "=", self.member_id), ("type", "=", "referral_click")]
            )
        )
        self.assertEqual(events, 5)

    def test_the_same_person_joining_twice_at_one_moment_counts_once(self):
        """never 20."""

        def join(env, partner_id):
            club = env["club.club"].browse(self.ids["club"])
            touch = env["club.member"].browse(self.member_id)._prepare_referral_touch()
            club._join(
                env["res.partner"].browse(partner_id), consent_terms=True, referral={"touches": [touch]}
            )
            return True

        results, _seconds = self.in_threads([lambda env, p=partner: join(env, p) for partner in self.twin_ids])
        self.assertEqual(results, [True, True])
        states = self.in_transaction(
            lambda env: sorted(env["club.referral"].search([("referrer_id", "=", self.member_id)]).mapped("state"))
        )
        self.assertEqual(states, ["joined", "rejected"])
        earned = self.in_transaction(
            lambda env: sum(
                env["club.point.entry"]
                .search(
                    [
                        ("member_id", "=", self.member_id),
                        ("event_id.type", "=", "referral_join"),
                        ("date", ">=", fields.Datetime.now() - timedelta(hours=1)),
                    ]
                )
                .mapped("points")
            )
        )
        self.assertEqual(earned, 10)
        self.assertInvariantsHold()

    def test_friends_who_join_at_one_moment_keep_to_the_days_limit(self):
        """abuse 9: also where a joining earns nothing yet, so that no card makes them take turns."""

        def limit(env, most, when):
            env["club.club"].browse(self.ids["club"]).write({"referral_joins_day": most, "referral_join_when": when})

        def prepare(env):
            limit(env, 1, "bought")
            friends = env["res.partner"].create(
                [{"name": f"Friend {number}", "email": f"friend{number}@example.net"} for number in range(4)]
            )
            return friends.ids, env["club.member"].browse(self.member_ids[2])._make_referral_links()

        friend_ids, _none = self.in_transaction(prepare)
        self.ids["partners"] += friend_ids
        self.addCleanup(self.in_transaction, lambda env: limit(env, 0, "joined"))

        def join(friend_id):
            def work(env):
                referrer = env["club.member"].browse(self.member_ids[2])
                friend = referrer.club_id._join(
                    env["res.partner"].browse(friend_id),
                    consent_terms=True,
                    source="portal",
                    referral={"touches": [referrer._prepare_referral_touch()]},
                )
                return env["club.referral"].search([("friend_id", "=", friend.id)]).state

            return work

        results, _seconds = self.in_threads([join(friend_id) for friend_id in friend_ids])
        self.assertEqual(sorted(map(str, results)), ["held"] * 3 + ["joined"])
