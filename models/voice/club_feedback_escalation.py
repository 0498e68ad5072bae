"""What nobody answers in time is told to somebody else, once for each level."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import feedback as engine
from odoo.tools import SQL


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    @api.model
    def _cron_escalate(self):
        """Daily: escalate what is overdue.

        :return: number of pieces escalated
        """
        done, _failed = self.env["club.job"]._work_off(
            "escalate feedback",
            find=self._lock_overdue,
            work=lambda ids: self.browse(ids)._escalate(),
        )
        return done

    @api.model
    def _lock_overdue(self, limit, skip):
        self.flush_model()
        return [
            feedback_id
            for (feedback_id,) in self.env.execute_query(
                SQL(
                    # The day is that of each club's time zone, and the rows are locked in order.
                    """SELECT f.id FROM club_feedback f JOIN club_club c ON c.id = f.club_id
                        WHERE f.is_open AND NOT f.id = ANY(%s)
                          AND f.escalate_on <= (%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE c.tz)::date
                     ORDER BY f.id LIMIT %s FOR NO KEY UPDATE OF f""",
                    list(skip),
                    fields.Datetime.now(),
                    limit,
                )
            )
        ]

    def _escalate(self):
        """Raise these overdue pieces to the level they have reached, and put them on the list of who is to act."""
        for feedback in self.sudo():
            club = feedback.club_id
            pause = club.feedback_escalation_days
            level = engine.escalation(club._get_today(), feedback.deadline, pause)
            if level > feedback.escalation_level:
                feedback._ask(
                    feedback._get_escalation_user(level),
                    self.env._("Late: nobody has answered (level %(level)s)", level=level),
                    club._get_today(),
                )
            feedback._set(
                {"escalation_level": level, "escalate_on": engine.next_escalation(feedback.deadline, pause, level)}
            )

    def _get_escalation_user(self, level):
        """Who acts at a level: first whom the desk names, then whom the club names; else the supervisor again."""
        self.ensure_one()
        club = self.club_id
        desk = club._get_feedback_desk(self.kind)
        users = (
            [desk.escalation_user_id, club.feedback_escalation_user_id]
            if level == 1
            else [club.feedback_escalation_user_id, desk.escalation_user_id]
        )
        candidates = [user for user in (*users, self.user_id) if user]
        return next(
            (user for user in candidates if club._may_supervise_feedback(user, self.member_id)),
            self.env["res.users"],
        )
