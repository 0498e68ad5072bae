"""A club whose rules earn for real, to be compared with its simulation."""

from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from freezegun import freeze_time

from .test_earning_invoices import InvoiceCase

START = datetime(2030, 1, 2, 9)


class SimulationCase(InvoiceCase):
    """Time stands still but for :meth:`later`; rules are made by :meth:`rules`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time(START)
        cls.clock = cls.startClassPatcher(freezer)
        cls.rule.active = False
        (cls.member | cls.member_2).joined_at = START - timedelta(days=1)
        cls.env["club.tier.history"].search([("member_id", "in", (cls.member | cls.member_2).ids)]).unlink()
        cls.env.flush_all()

    @classmethod
    def startClassPatcher(cls, patcher):  # noqa: N802 - unittest's name
        mock = patcher.start()
        cls.addClassCleanup(patcher.stop)
        return mock

    def later(self, **delta):
        self.settle()
        self.clock.tick(timedelta(**(delta or {"hours": 5})))

    def rules(self, *vals_list):
        return self.env["club.earn.rule"].create(
            [
                {"club_id": self.club.id, "name": f"Rule {number}", "event_type": "purchase", **vals}
                for number, vals in enumerate(vals_list, 1)
            ]
        )

    def simulation(self, **values):
        return self.env["club.simulation"].create(
            {
                "club_id": self.club.id,
                "date_from": START.date() - timedelta(days=3),
                "date_to": self.club._get_today(),
                **values,
            }
        )

    def simulate(self, record=None, kind="live"):
        record = record or self.simulation()
        setup = record.setup_ids.filtered(lambda setup: setup.kind == kind)
        self.env.flush_all()
        with self.read_only():
            return record._simulate(setup)[0]

    @contextmanager
    def read_only(self):
        """Whatever writes within fails."""
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            yield

    def read_ledger(self, since=START):
        """What rules gave and what was taken back of it, as the ledger has it."""
        earned, reversed_ = [], defaultdict(Decimal)
        entries = self.env["club.point.entry"].search(
            [("rule_id", "!=", False), ("kind", "in", ("earn", "reverse")), ("points", "!=", 0), ("date", ">=", since)]
        )
        for entry in entries:
            member = entry.event_id.member_id.id
            points = Decimal(str(entry.points)).quantize(Decimal("0.01"))
            if entry.kind == "earn":
                earned.append((member, entry.rule_id.id, entry.date, points, entry.expires_on or None))
            else:
                reversed_[member, entry.rule_id.id, entry.date] += points
        return sorted(earned, key=str), {key: points for key, points in reversed_.items() if points}

    def read_simulated(self, simulator):
        earned, reversed_ = [], defaultdict(Decimal)
        for entry in simulator.entries:
            points = entry.points.quantize(Decimal("0.01"))
            if entry.kind == "earn":
                earned.append((entry.member, entry.rule, entry.at, points, entry.expires_on))
            else:
                reversed_[entry.member, entry.rule, entry.at] += points
        return sorted(earned, key=str), {key: points for key, points in reversed_.items() if points}

    def assertSimulated(self, record=None, kind="live", least=1):
        """Fail unless the simulation gives, entry by entry, what the ledger has."""
        self.settle()
        earned, reversed_ = self.read_ledger()
        self.assertGreaterEqual(len(earned), least, "the test must give something")
        simulated = self.read_simulated(self.simulate(record, kind))
        self.assertEqual(simulated[0], earned)
        self.assertEqual(simulated[1], reversed_)
        self.assertInvariantsHold()
