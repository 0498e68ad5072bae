"""What the benchmarks share: measuring, printing, a club. Nothing is kept: every benchmark rolls back or cleans up."""

import statistics
import sys
import time
from contextlib import contextmanager
from unittest.mock import patch


class Bars:
    """Prints each ratio beside its bar and tells at the end whether all were met."""

    def __init__(self, title):
        self.missed = 0
        print(f"# {title}")

    def ratio(self, what, value, bar, goal=None):
        met = value <= bar
        self.missed += not met
        aim = f", goal {goal:g}" if goal is not None else ""
        print(f"{'met   ' if met else 'MISSED'} {what}: {value:.2f} (bar {bar:g}{aim})")

    def fact(self, what):
        print(f"       {what}")

    def end(self):
        print("all bars met" if not self.missed else f"{self.missed} bar(s) missed")
        sys.stdout.flush()
        if self.missed and "--strict" in sys.argv:
            sys.exit(1)


def option(name, default):
    """The number after ``name`` on the command line."""
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


def flag(name):
    return name in sys.argv


def timed(work):
    """Return (seconds, result)."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def median(values):
    return statistics.median(values)


@contextmanager
def without_commits(env):
    """Let jobs report their progress without committing, so that the benchmark can roll everything back."""

    def commit_progress(cron, processed=0, *, remaining=None, deactivate=False):
        cron.env.cr.flush()
        return float("inf")

    with patch.object(env.registry["ir.cron"], "_commit_progress", commit_progress):
        yield


def quiet(env):
    return env(context=dict(env.context, tracking_disable=True, no_reset_password=True, mail_create_nolog=True))


def make_club(env, **values):
    """A club whose points can be spent at once, with one rule: a point for every unit of currency."""
    club = env["club.club"].create(
        {
            "name": "Bench Club",
            "tz": "UTC",
            "earn_when": "confirmed",
            "hold_days": 0,
            "expiry_policy": "never",
            **values,
        }
    )
    env["club.earn.rule"].create(
        {
            "name": "A point for 1",
            "club_id": club.id,
            "event_type": "purchase",
            "formula": "per_amount",
            "points": 1,
            "per_amount": 1,
        }
    )
    return club
