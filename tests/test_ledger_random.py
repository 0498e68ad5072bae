"""Thousands of random movements against a second, naive ledger."""

import random
from datetime import date, timedelta

from freezegun import freeze_time
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.addons.customer_club.tests.shadow_ledger import Refused, ShadowLedger
from odoo.tests import tagged

START = date(2030, 1, 1)
MOVES = 600
SEEDS = (1, 2, 3, 4)


@tagged("post_install", "-at_install")
class TestLedgerRandom(ClubCase):
    """Whatever happens in whatever order, the invariants hold and no point is lost or invented.

    never.md 2, 6, 8, 13 and 24 in one: 2,400 movements, each compared with :class:`ShadowLedger`. Points with two
    decimals are hundredths of the shadow's units.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.points_digits = 2
        partners = cls.env["res.partner"].create([{"name": f"Member {number}"} for number in range(6)])
        cls.club._enrol(partners)
        cls.people = {member.id: member for member in cls.club.member_ids}
        cls.env.flush_all()

    def test_random_movements_keep_the_ledger_and_its_shadow_equal(self):
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint, freeze_time(str(START)) as clock:
                self._play(seed, clock)
                savepoint.rollback()
            self.env.invalidate_all()

    def _play(self, seed, clock):
        self.random, self.clock = random.Random(seed), clock
        self.day, self.shadow = START, ShadowLedger(str(START))
        self.earned, self.spent, self.returned, self.opened = [], [], [], []
        self.left, self.refusals = {}, 0
        self.active = list(self.people)
        acts = {
            self.earn: 24,
            self.spend: 20,
            self.spend_after_the_fact: 6,
            self.give_back_a_spend: 9,
            self.take_back: 9,
            self.undo_a_return: 4,
            self.open: 7,
            self.transfer: 7,
            self.adjust: 5,
            self.a_day_passes: 6,
            self.merge: 1,
        }
        for number in range(MOVES):
            self.key = f"random:{seed}:{number}"
            act = self.random.choices(list(acts), list(acts.values()))[0]
            act()
            if number % 20 == 19:
                self._compare(f"seed {seed}, movement {number}, {act.__name__}")
            if number % 100 == 99:
                self.assertInvariantsHold()
        self.assertGreater(self.refusals, 5, "overspending must have been tried")

    def _compare(self, where):
        self.env.invalidate_all()
        for member in self.people.values():
            self.assertEqual(
                (round(member.points * 100), round(member.points_pending * 100)),
                (self.shadow.points(member.id), self.shadow.pending(member.id)),
                f"{where}: member {member.id}",
            )

    # -- movements ---------------------------------------------------------------------

    def _someone(self):
        return self.people[self.random.choice(self.active)]

    def _amount(self, most=30):
        return self.random.randint(1, most)

    def earn(self):
        member, count = self.people[self.random.choice(list(self.people))], self._amount(60)
        pending = self.random.random() < 0.3
        expires = self.random.choice([None, None, self.day + timedelta(days=self.random.randint(1, 40))])
        available_on = (
            self.day + timedelta(days=self.random.randint(1, 9)) if pending and self.random.random() < 0.5 else None
        )
        entry = self.post(
            count / 100,
            self.key,
            member=member,
            pending=pending,
            expires_on=expires or False,
            available_on=available_on,
        )
        self.shadow.earn(
            member.id,
            self.key,
            count,
            pending,
            expires and str(expires),
            available_on and str(available_on),
        )
        self.earned.append(entry)
        self.left[entry] = count

    def spend(self, happened=False, kind="spend"):
        member, count = self._someone(), self._amount()
        try:
            with self.env.cr.savepoint():
                entry = self.post(-count / 100, self.key, kind=kind, member=member, happened=happened)
        except NotEnoughPoints:
            self.refusals += 1
            with self.assertRaises(Refused):
                self.shadow.spend(member.id, self.key, count)
            return
        self.shadow.spend(member.id, self.key, count, happened)
        self.spent.append(entry)
        self.left[entry] = count

    def spend_after_the_fact(self):
        self.spend(happened=True)

    def adjust(self):
        if self.random.random() < 0.5:
            return self.spend(kind="adjust")
        member, count = self._someone(), self._amount()
        entry = self.post(count / 100, self.key, kind="adjust", member=member, expires_on=False)
        self.shadow.earn(member.id, self.key, count)
        self.earned.append(entry)
        self.left[entry] = count
        return None

    def _pick(self, entries):
        entries = [entry for entry in entries if self.left[entry]]
        if not entries:
            return None, 0
        entry = self.random.choice(entries)
        return entry, self.random.choice([self.left[entry], self.random.randint(1, self.left[entry])])

    def give_back_a_spend(self):
        entry, count = self._pick(self.spent)
        if entry:
            entry._reverse(key=self.key, points=count / 100)
            self.shadow.give_back(entry.member_id.id, entry.key, count)
            self.left[entry] -= count

    def take_back(self):
        entry, count = self._pick(self.earned)
        if entry:
            reversal = entry._reverse(key=self.key, points=count / 100)
            self.shadow.take_back(entry.member_id.id, entry.key, self.key, count)
            self.left[entry] -= count
            self.returned.append(reversal)
            self.left[reversal] = count

    def undo_a_return(self):
        entry, count = self._pick(self.returned)
        if entry:
            entry._reverse(key=self.key, points=count / 100)
            self.shadow.give_back(entry.member_id.id, entry.key, count)
            self.left[entry] -= count
            self.left[entry.reverses_id] += count

    def open(self):
        entry = self.random.choice(self.earned) if self.earned else None
        if entry:
            count = self.random.choice([None, self._amount(20)])
            entry._open(f":{self.key}", points=count and count / 100)
            self.shadow.open(entry.key, count)

    def transfer(self):
        member, other = self.random.sample(self.active, 2)
        count = self._amount(15)
        try:
            with self.env.cr.savepoint():
                self.people[member]._transfer(self.people[other], count / 100, self.key)
        except NotEnoughPoints:
            self.refusals += 1
            with self.assertRaises(Refused):
                self.shadow.spend(member, self.key, count)
            return
        self.shadow.transfer(member, other, self.key, count)

    def merge(self):
        if len(self.active) > 3:
            member, other = self.random.sample(self.active, 2)
            self.people[member]._merge_into(self.people[other], self.key)
            self.shadow.merge(member, other, self.key)
            self.active.remove(member)

    def a_day_passes(self):
        days = self.random.randint(1, 6)
        self.clock.tick(timedelta(days=days))
        self.day += timedelta(days=days)
        self.shadow.today = str(self.day)
        if self.random.random() < 0.7:  # otherwise the night's jobs did not run
            with self.jobs_in_test():
                self.env["club.ledger.job"]._cron_expire()
                self.env["club.ledger.job"]._cron_open()
            self.shadow.expire_due()
            self.shadow.open_due()
