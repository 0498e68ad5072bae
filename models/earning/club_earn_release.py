"""Pending points that wait for the end of the hold."""

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000


class ClubEarnRelease(models.Model):
    """A part of an earn entry whose condition (invoiced, paid) was met, to be opened on ``due_on``.

    Entries never change, so this is where it is remembered. The row is taken back while it waits if the condition
    ceases to hold; once ``done`` it stays, and the settlement closes the points again.
    """

    _name = "club.earn.release"
    _description = "Points Waiting to Become Spendable"
    _order = "due_on, id"
    _log_access = False

    entry_id = fields.Many2one("club.point.entry", required=True, index=True, readonly=True, ondelete="cascade")
    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="cascade")
    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="cascade")
    points = fields.Float(digits=(16, 2), required=True, readonly=True)
    due_on = fields.Date(required=True, readonly=True)
    done = fields.Boolean(readonly=True, default=False)

    _due_idx = models.Index("(due_on) WHERE done IS NOT TRUE")

    @api.model
    def _cron_open_due(self, batch=BATCH):
        """Open what is due, in batches that may stop anywhere. Days are those of each club's time zone."""
        Cron = self.env["ir.cron"]
        while True:
            releases = self._lock_due(batch)
            if not releases:
                break
            releases._open()
            if not Cron._commit_progress(len(releases)):
                break

    def _lock_due(self, batch):
        """Lock first, in the batch's first statement; SQL because the day depends on the club's time zone."""
        self.flush_model()
        return self.browse(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
            SELECT r.id FROM club_earn_release r JOIN club_club c ON c.id = r.club_id
             WHERE r.done IS NOT TRUE AND r.due_on <= (now() AT TIME ZONE c.tz)::date
             ORDER BY r.id LIMIT %s
               FOR NO KEY UPDATE OF r
            """,
                    batch,
                )
            )
        )

    def _open(self):
        """Make the points of these releases spendable: a ledger call, and one for each further part of an entry."""
        rest = self
        while rest:
            entries = self.env["club.point.entry"]
            now = self.browse()
            for release in rest:
                if release.entry_id not in entries:
                    entries |= release.entry_id
                    now |= release
            rest -= now
            # The newest release names the call: every release is in one call only, so no key comes twice.
            entries.sudo()._open(
                key_suffix=f":{max(now.ids)}", points={release.entry_id.id: release.points for release in now}
            )
        self.write({"done": True})
