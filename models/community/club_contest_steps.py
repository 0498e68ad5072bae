"""The steps of a contest, and what its form opens."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .club_contest import FROZEN, OURS


class ClubContest(models.Model):
    _inherit = "club.contest"

    # -- actions -------------------------------------------------------------------------------------

    def action_open(self):
        """Let members take part."""
        self.check_access("write")
        for contest in self:
            contest._check_ready()
        self._set_state("open", "draft")

    def action_cancel(self):
        """Call it off; nobody gets anything."""
        self.check_access("write")
        self._set_state("cancelled", "draft", "open")

    def action_reset(self):
        """Back to a draft, as long as nobody takes part."""
        self.check_access("write")
        for contest in self:
            if contest.sudo().with_context(active_test=False).participant_ids:
                raise UserError(
                    self.env._(
                        "Members take part in the contest %(contest)s. Cancel it and duplicate it instead.",
                        contest=contest.name,
                    )
                )
        self._set_state("draft", "open", "cancelled")

    def action_close(self):
        """Freeze the places of contests whose period is over, without waiting for the grace days.

        :raises UserError: one is not open, or not over
        """
        self.check_access("write")
        for contest in self:
            if contest.state == "open" and not contest._is_over():
                raise UserError(
                    self.env._(
                        "The contest %(contest)s runs until %(day)s, that day included. Close it after that.",
                        contest=contest.name,
                        day=contest.club_id._show_day(contest.date_to),
                    )
                )
            if contest.state not in ("open", *FROZEN):
                raise UserError(
                    self.env._("Only an open contest can be closed, and %(contest)s is not.", contest=contest.name)
                )
        self._close()

    def action_give_prizes(self):
        """Give the points that were won and not given yet."""
        self.check_access("write")
        for contest in self:
            if contest.state not in FROZEN:
                raise UserError(self.env._("Close the contest %(contest)s first.", contest=contest.name))
        self._give_points()

    def action_verify(self):
        """Compute the digest anew from the stored places and say whether it is the one of the closing."""
        self.ensure_one()
        if self.state not in FROZEN:
            raise UserError(self.env._("The contest %(contest)s has no digest before it is closed.", contest=self.name))
        holds = self._compute_digest() == self.digest
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if holds else "danger",
                "sticky": not holds,
                "message": self.env._("The places are as they were when the contest closed.")
                if holds
                else self.env._("The places differ from those at the closing: somebody changed the database."),
            },
        }

    def action_open_participants(self):
        """Open who takes part."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Participants of %(contest)s", contest=self.name),
            "res_model": "club.contest.participant",
            "view_mode": "list,form",
            "domain": [("contest_id", "=", self.id)],
            "context": {"default_contest_id": self.id, "active_test": False},
        }

    def action_open_awards(self):
        """Open what was won."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Prizes of %(contest)s", contest=self.name),
            "res_model": "club.contest.award",
            "view_mode": "list,form",
            "domain": [("contest_id", "=", self.id)],
        }

    # -- states --------------------------------------------------------------------------------------

    def _set_state(self, state, *before):
        """Change the state of contests that are in one of the states ``before``, under a lock.

        :raises UserError: one is in another state
        """
        self._lock()
        for contest in self:
            if contest.state not in before:
                raise UserError(
                    self.env._(
                        "The contest %(contest)s is %(state)s: that cannot be done any more. Reload the page.",
                        contest=contest.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[contest.state].lower(),
                    )
                )
        self.with_context(club_contest=OURS).write({"state": state})

    def _lock(self):
        """Lock these contests: two that close, cancel or give at once take turns; the second sees what the first did.

        Plain FOR NO KEY UPDATE, because a conflict must raise the error that Odoo retries.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_contest WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self.invalidate_recordset()

    def _check_ready(self):
        self.ensure_one()
        if not self.type_ids:
            raise UserError(
                self.env._(
                    "The contest %(contest)s counts nothing yet. Choose at least one behaviour.", contest=self.name
                )
            )
