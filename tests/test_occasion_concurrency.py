"""Two jobs that meet on the same day record each occasion once (never 6), and what many days cost."""

import time

from odoo.addons.customer_club.tests.committed import CommittedClubCase
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

JOBS = 4


@tagged("post_install", "-at_install")
class TestOccasionsAtOnce(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls._clean_occasions)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            today = club._get_today()
            env["club.earn.rule"].create(
                {
                    "club_id": club.id,
                    "name": "Birthday",
                    "event_type": "occasion",
                    "points": 50,
                    "use_multiplier": False,
                }
            )
            env["club.occasion"].create(
                [
                    {
                        "member_id": member_id,
                        "kind": "birthday",
                        "calendar": "gregorian",
                        "month": today.month,
                        "day": today.day,
                    }
                    for member_id in cls.member_ids
                ]
            )

    @classmethod
    def _clean_occasions(cls):
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM club_occasion WHERE club_id = %s", [cls.ids["club"]])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_jobs_that_meet_record_each_day_once(self):
        def keep(env):
            Occasion = env["club.occasion"]
            club = env["club.club"].browse(self.ids["club"])
            kept = Occasion._list_kept_days(club, -6, 0)
            ids = Occasion._search_kept(
                kept,
                SQL("EXISTS (SELECT FROM club_event e WHERE e.key = 'club.occasion,' || o.id || ':' || k.year)"),
                100,
                [],
            )
            time.sleep(0.2)
            return len(Occasion.browse(ids)._record_kept(kept))

        results, _seconds = self.in_threads([keep] * JOBS)
        self.assertEqual(sum(results), len(self.member_ids), results)
        self.assertEqual(self.balances(*self.member_ids), [50.0] * len(self.member_ids))
        self.assertInvariantsHold()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_of_many_days_added_at_once_no_more_stay_than_the_club_keeps(self):
        """abuse 11, 22: twenty forms sent at once made twenty days, each of which earns."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["club.club"].browse(self.ids["club"]).occasion_limit = 2
            customer = env.ref("base.public_user").id

        def add(number):
            def work(env):
                occasion = env(user=customer, su=True)["club.occasion"].create(
                    {
                        "member_id": self.member_id,
                        "kind": "other",
                        "name": f"Day {number}",
                        "calendar": "gregorian",
                        "month": 5,
                        "day": number + 1,
                    }
                )
                env.flush_all()
                time.sleep(0.2)
                return occasion.id

            return work

        results, _seconds = self.in_threads([add(number) for number in range(JOBS)])
        self.assertEqual(sum(isinstance(result, int) for result in results), 2, results)
        self.assertEqual(sum(isinstance(result, ValidationError) for result in results), JOBS - 2, results)
