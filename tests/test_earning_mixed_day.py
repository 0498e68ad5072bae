"""A day of mixed facts, processed by a job that is killed in the middle, gives what an undisturbed day gives."""

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import odoo
from odoo.tests import tagged
from odoo.tools import config

from .committed import CommittedClubCase

FACTS = 3_000
BATCH = 150
#: Commits after which the job is killed, each time in the middle of the next batch.
KILLS = (2, 3)
TYPES = ("visit", "visit", "visit", "purchase", "purchase", "feedback", "forum", "custom", "contest", "tier")
#: The job as the cron runs it, in a process of its own: it says when it has committed a batch.
JOB = """
import sys
from odoo.modules.registry import Registry
from odoo.tools import config
from odoo import SUPERUSER_ID, api
config.parse_config(sys.argv[2:])
registry = Registry(config["db_name"][0] if isinstance(config["db_name"], list) else config["db_name"])
Cron = registry["ir.cron"]
commit = Cron._commit_progress
def committed(cron, processed=0, **kwargs):
    left = commit(cron, processed, **kwargs)
    if processed:
        print("committed", processed, flush=True)
    return left
Cron._commit_progress = committed
with registry.cursor() as cr:
    env = api.Environment(cr, SUPERUSER_ID, {})
    print("begins", flush=True)
    env["club.event"]._cron_process(batch=int(sys.argv[1]))
print("done", flush=True)
"""


@tagged("post_install", "-at_install")
class TestAKilledDay(CommittedClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            partners = env["res.partner"].create([{"name": f"Day {number}"} for number in range(12)])
            cls.ids["partners"] += partners.ids
            members = club._enrol(partners).ids
            cls.killed, cls.twins = members[:6], members[6:]
            rules = [
                {"event_type": "visit", "points": 7, "nth_mode": "every", "nth": 3},
                {"event_type": "visit", "points": 1, "limit_member": 40, "limit_period": "month"},
                {"event_type": "purchase", "formula": "per_amount", "points": 1, "per_amount": 10},
                {"event_type": "purchase", "points": 25, "frequency_count": 2, "frequency_period": "day"},
                {"event_type": "feedback", "points": 1, "limit_member": 15, "limit_period": "day"},
                {"event_type": "forum", "points": 3, "stacking": "best", "stacking_group": "forum"},
                {"event_type": "forum", "points": 2, "stacking": "best", "stacking_group": "forum"},
                {"event_type": "custom", "points": 4, "within_days": 1},
                {"event_type": "tier", "points": 5, "nth_mode": "exact", "nth": 2},
            ]
            env["club.earn.rule"].create(
                [
                    {"name": f"Rule {number}", "club_id": club.id, "use_multiplier": False, **rule}
                    for number, rule in enumerate(rules)
                ]
            )

    def record(self, members):
        """The same day of facts, whoever lives it."""
        chance = random.Random(3)
        start = datetime(2026, 5, 1)
        vals_list = []
        for number in range(FACTS):
            event_type = chance.choice(TYPES)
            vals_list.append(
                {
                    "member_id": members[chance.randrange(len(members))],
                    "type": event_type,
                    "key": f"day:{members[0]}:{number}",
                    "occurred_at": start + timedelta(seconds=number * 40),
                    "amount": chance.randrange(1, 90) if event_type == "purchase" else 0,
                }
            )
        self.in_transaction(lambda env: env["club.event"]._record(vals_list).ids)

    def start_job(self):
        arguments = [
            f"--database={self.registry.db_name}",
            f"--addons-path={','.join(map(str, odoo.addons.__path__))}",
            f"--data-dir={config['data_dir']}",
            *(f"--{name}={config[name]}" for name in ("db_host", "db_port", "db_user", "db_password") if config[name]),
            "--log-level=error",
        ]
        job = subprocess.Popen(
            [sys.executable, "-c", JOB, str(BATCH), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            text=True,
        )
        self.addCleanup(self._end, job)
        return job

    @staticmethod
    def _end(job):
        with contextlib.suppress(ProcessLookupError):
            job.kill()
        job.wait()
        job.stdout.close()

    def lines(self, job, seconds=120):
        """What the job says, until it ends."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if select.select([job.stdout], [], [], 1)[0]:
                line = job.stdout.readline()
                if not line:
                    return
                yield line.split()[0]
        self.fail("the job took too long")

    def waiting(self):
        return self.in_transaction(
            lambda env: env["club.event"].search_count(
                [("club_id", "=", self.ids["club"]), ("processed_at", "=", False)]
            )
        )

    def entries(self, members):
        """What the ledger says about these members, without what only names rows."""

        def read(env):
            found = env["club.point.entry"].search([("member_id", "in", members)])
            return sorted(
                (
                    members.index(entry.member_id.id),
                    entry.key.replace(f"day:{members[0]}:", ""),
                    entry.kind,
                    entry.points,
                    entry.date,
                    entry.rule_id.id,
                    str(entry.detail),
                )
                for entry in found
            )

        return self.in_transaction(read)

    def test_a_job_killed_in_the_middle_resumes_with_the_same_result(self):
        self.record(self.killed)
        before = self.waiting()
        self.assertEqual(before, FACTS)
        for commits in KILLS:
            job = self.start_job()
            seen = 0
            for line in self.lines(job):
                seen += line == "committed"
                if seen == commits:
                    break
            time.sleep(0.03)  # into the next batch
            job.send_signal(signal.SIGKILL)
            self.assertEqual(job.wait(30), -signal.SIGKILL, "it was killed, not finished")
            left = self.waiting()
            self.assertLess(left, before)
            self.assertGreater(left, 0)
            self.assertFalse((before - left) % BATCH, "whole batches only")
            before = left
        job = self.start_job()
        self.assertEqual(list(self.lines(job))[-1], "done")
        self.assertEqual(job.wait(30), 0)
        self.assertEqual(self.waiting(), 0)

        self.record(self.twins)
        self.in_transaction(
            lambda env: env["club.event"]
            .search([("club_id", "=", self.ids["club"]), ("processed_at", "=", False)])
            ._process()
        )
        killed = self.entries(self.killed)
        self.assertEqual(killed, self.entries(self.twins))
        self.assertGreater(len(killed), FACTS / 3)
        self.assertInvariantsHold()
