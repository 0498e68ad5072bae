"""Closing a contest: the places are frozen, and what was won is given."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import contest as engine_contest
from odoo.tools import SQL

from .club_contest import OURS

DIGEST_VERSION = 1


class ClubContest(models.Model):
    _inherit = "club.contest"

    @api.model
    def _cron_close(self):
        """Close contests whose grace days are over; may stop anywhere, and two jobs at once close nothing twice.

        :return: number of contests closed
        """
        done, _failed = self.env["club.job"]._work_off(
            "close contests", find=self._lock_due, work=lambda ids: self.browse(ids)._close(), size=10
        )
        return done

    @api.model
    def _lock_due(self, limit, skip):
        self.flush_model()
        locked = self.env.execute_query(
            SQL(
                "SELECT id FROM club_contest WHERE state = 'open' AND date_to <= %s AND NOT id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                fields.Date.add(fields.Date.today(), days=1),
                list(skip) or [0],
            )
        )
        contests = self.browse([contest for (contest,) in locked])
        contests.invalidate_recordset()
        return contests.filtered(lambda contest: contest._get_closing() <= fields.Datetime.now()).ids[:limit]

    def _close(self):
        """Freeze the places and note the prizes won; those closed before are left alone.

        Everything that can fail does so before the transaction ends, and then the contest is still open.
        """
        self._lock()
        for contest in self.filtered(lambda contest: contest.state == "open").sudo():
            start, end = contest._get_bounds()
            places = contest._rank()
            self.env["club.contest.place"]._freeze(contest, places)
            contest.with_context(club_contest=OURS).write(
                {
                    "state": "closed",
                    "closed_at": fields.Datetime.now(),
                    "closed_uid": self.env.uid,
                    "period_start": start,
                    "period_end": end,
                    "digest": engine_contest.digest(contest._get_terms(start, end), places),
                }
            )
            self.env["club.contest.award"]._prepare_awards(contest, places)
            if contest.auto_prizes:
                contest._give_points()
            contest._finish()

    def _get_terms(self, start, end):
        """What the digest says about the contest: what was counted, when, and how."""
        self.ensure_one()
        return {
            "version": DIGEST_VERSION,
            "contest": self.id,
            "club": self.club_id.id,
            "measure": self.measure,
            "types": sorted(self.type_ids.mapped("event_type")),
            "rules": sorted(self.rule_ids.ids),
            "minimum": f"{self.minimum:.2f}",
            "ties": self.ties,
            "start": start.isoformat(),
            "end": end.isoformat(),
        }

    def _compute_digest(self):
        contest = self.sudo()
        terms = contest._get_terms(contest.period_start, contest.period_end)
        return engine_contest.digest(terms, contest._get_frozen_places())

    def _give_points(self):
        """Post the points of prizes that are not given yet; the key of each sees to it that it comes once."""
        self._lock()
        awards = self.sudo().award_ids.filtered(lambda award: award.kind == "points" and award.state == "to_give")
        awards._give_points()
        self._finish()

    def _finish(self):
        """Closed contests with nothing left to give are done."""
        finished = self.sudo().filtered(
            lambda contest: contest.state == "closed" and "to_give" not in contest.award_ids.mapped("state")
        )
        finished.with_context(club_contest=OURS).write({"state": "done"})
