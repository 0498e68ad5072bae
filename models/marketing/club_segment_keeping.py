"""Since when members belong to a segment: kept nightly, when a segment is frozen, and by the buttons of a list."""

from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: How PostgreSQL plans while the whole club is asked. Where it guesses too few rows (after an import, say, before its
#: statistics are renewed) it compares every row with every other, which for 100,000 members took ten minutes: so no
#: nested loops, whose price would then make it compile the statement. A hash of a million members in four megabytes
#: would go by way of the disk.
PLANNING = {"enable_nestloop": "off", "jit": "off", "work_mem": "64MB"}


class ClubSegment(models.Model):
    _inherit = "club.segment"

    kept_on = fields.Date(
        string="Counted On",
        readonly=True,
        copy=False,
        help="The last day on which entries and exits were noted. Empty: since the conditions changed they were not.",
    )

    # -- the diff ------------------------------------------------------------

    def _keep_memberships(self):
        """Note who has entered and who has left since the last time, as of today.

        SQL, for the difference of two sets of up to a million members, in one statement each. Who belongs to it now is
        asked once and set aside with its statistics: PostgreSQL cannot tell how many meet some conditions, and where
        it guesses too few it compares every row with every other. The segment's row is locked first: the nightly job,
        a freeze and a change of the list take turns.
        """
        self.ensure_one()
        self._lock()
        query = self._get_members()
        self.env.flush_all()
        # Statements that return no rows, so not by execute_query.
        self.env.cr.execute("CREATE TEMP TABLE IF NOT EXISTS club_segment_found (id integer) ON COMMIT DROP")
        self.env.cr.execute("TRUNCATE club_segment_found")
        with self._plan_for_all():
            self.env.cr.execute(SQL("INSERT INTO club_segment_found (id) %s", query.select()))
            self.env.cr.execute("ANALYZE club_segment_found")
            self._write_difference(self.club_id._get_today())
        self._invalidate_memberships()
        # Plain ORM, and no message: nothing about the segment has changed.
        super().write({"kept_on": self.club_id._get_today()})

    @contextmanager
    def _plan_for_all(self):
        """Ask the whole club by plans whose time grows with its members, not with their square."""
        names = list(PLANNING)
        before = self.env.execute_query(
            SQL("SELECT %s", SQL(", ").join(SQL("current_setting(%s)", name) for name in names))
        )[0]
        # What fails inside takes its settings back with the savepoint.
        with self.env.cr.savepoint(flush=False):
            self._set_planning(PLANNING)
            yield
            self._set_planning(dict(zip(names, before, strict=True)))

    def _set_planning(self, settings):
        """For the rest of the transaction. SQL, as these are PostgreSQL's settings."""
        self.env.execute_query(
            SQL("SELECT %s", SQL(", ").join(SQL("set_config(%s, %s, TRUE)", *pair) for pair in settings.items()))
        )

    def _write_difference(self, today):
        """Close the rows of who is not found any more, open those of who is new; nothing else is written."""
        self.env.execute_query(
            SQL(
                """WITH gone AS (
                       UPDATE club_segment_membership row SET left_on = GREATEST(%(today)s, row.entered_on)
                        WHERE row.segment_id = %(segment)s AND row.left_on IS NULL
                          AND NOT EXISTS (SELECT FROM club_segment_found now_in WHERE now_in.id = row.member_id)
                    RETURNING row.id)
                   SELECT COUNT(*) FROM gone""",
                today=today,
                segment=self.id,
            )
        )
        self._insert_memberships(SQL("SELECT id FROM club_segment_found"))

    def _insert_memberships(self, found):
        """Let members enter who are not in it yet.

        :param SQL found: selects the members' ids.
        :return: number of members who entered
        """
        return self.env.execute_query(
            SQL(
                """WITH entered AS (
                       INSERT INTO club_segment_membership (segment_id, member_id, entered_on)
                       SELECT %(segment)s, now_in.id, %(today)s FROM (%(found)s) now_in
                        WHERE NOT EXISTS (
                              SELECT FROM club_segment_membership row
                               WHERE row.segment_id = %(segment)s AND row.member_id = now_in.id AND row.left_on IS NULL)
                           ON CONFLICT DO NOTHING RETURNING id)
                   SELECT COUNT(*) FROM entered""",
                segment=self.id,
                today=self.club_id._get_today(),
                found=found,
            )
        )[0][0]

    def _lock(self):
        """Take turns with whoever else keeps this segment."""
        self.flush_recordset()
        self.env.execute_query(SQL("SELECT id FROM club_segment WHERE id = %s FOR NO KEY UPDATE", self.id))

    def _invalidate_memberships(self):
        self.env["club.segment.membership"].invalidate_model(flush=False)
        self.env["club.member"].invalidate_model(["segment_ids", "segment_membership_ids"], flush=False)
        self.invalidate_recordset(flush=False)

    def _note_conditions(self):
        """Conditions changed: the next run of the job notes who enters and who leaves by it, tonight at the latest."""
        changed = self.filtered("kept_on")
        if changed:
            super(ClubSegment, changed).write({"kept_on": False})

    # -- lists ---------------------------------------------------------------

    def _add_members(self, members):
        """Put members on the list; who is on it stays since when they were.

        :return: number of members who were not on it
        :raises UserError: this is no list, or a member is not of its club
        """
        self._check_list(members)
        self._lock()
        self.env.flush_all()
        added = self._insert_memberships(SQL("SELECT unnest(%s::int[]) AS id", sorted(members.ids)))
        self._invalidate_memberships()
        return added

    def _remove_members(self, members):
        """Take members off the list.

        :return: number of members who were on it
        :raises UserError: this is no list
        """
        self._check_list(members)
        self._lock()
        return len(self._close_memberships(members, SQL("row.segment_id = %s", self.id)))

    def _check_list(self, members):
        self.ensure_one()
        if self.kind != "static":
            raise UserError(
                self.env._(
                    "%(segment)s is live: who belongs to it follows from its conditions. Freeze it, or change them.",
                    segment=self.name,
                )
            )
        foreign = members.filtered(lambda member: member.club_id != self.club_id or not member.active)
        if foreign:
            raise UserError(
                self.env._(
                    "%(member)s is no active member of %(club)s. Nothing was changed: leave them out.",
                    member=foreign[0].display_name,
                    club=self.club_id.name,
                )
            )

    @api.model
    def _close_memberships(self, members, where=None):
        """End the times in segments of ``members`` today. SQL, as rows are written set-based only.

        :return: pairs of segment and member
        """
        self.env["club.segment.membership"].flush_model()
        closed = self.env.execute_query(
            SQL(
                """UPDATE club_segment_membership row
                      SET left_on = GREATEST((now() AT TIME ZONE club.tz)::date, row.entered_on)
                     FROM club_segment segment JOIN club_club club ON club.id = segment.club_id
                    WHERE segment.id = row.segment_id AND row.member_id = ANY(%s) AND row.left_on IS NULL AND %s
                RETURNING row.segment_id, row.member_id""",
                members.ids,
                where or SQL("TRUE"),
            )
        )
        self._invalidate_memberships()
        return closed

    # -- the job -------------------------------------------------------------

    @api.model
    def _cron_keep_memberships(self):
        """Nightly: note who has entered and who has left each segment. May stop anywhere and goes on there.

        :return: number of segments kept
        """
        done, _failed = self.env["club.job"]._work_off(
            "keep segments",
            find=self._lock_due,
            work=lambda ids: [segment._keep_memberships() for segment in self.browse(ids)],
            size=1,
        )
        return done

    @api.model
    def _lock_due(self, limit, skip):
        """Segments that were not counted on their club's day yet, oldest first, locked."""
        self.flush_model()
        self.env["club.club"].flush_model(["tz"])
        found = self.env.execute_query(
            SQL(
                """SELECT segment.id FROM club_segment segment JOIN club_club club ON club.id = segment.club_id
                    WHERE segment.active AND club.active AND NOT segment.id = ANY(%s)
                      AND (segment.kept_on IS NULL OR segment.kept_on < (now() AT TIME ZONE club.tz)::date)
                    ORDER BY segment.id LIMIT %s FOR NO KEY UPDATE OF segment""",
                list(skip) or [0],
                limit,
            )
        )
        self.invalidate_model(flush=False)
        return [segment for (segment,) in found]

    # -- actions -------------------------------------------------------------

    def action_count(self):
        """Note now who has entered and who has left."""
        self.check_access("write")
        for segment in self:
            segment._keep_memberships()

    def action_freeze(self):
        """Keep those who belong to it now as a list; the conditions stay to be read, and to go back to."""
        self.write({"kind": "static"})

    def action_thaw(self):
        """Let the conditions decide again."""
        self.write({"kind": "live"})
