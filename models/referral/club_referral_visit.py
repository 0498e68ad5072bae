"""Visits through members' links: counted once per visitor, hashed, and forgotten after the window."""

from odoo import api, fields, models
from odoo.tools import SQL

PURGED = 1000


class ClubReferralVisit(models.Model):
    """A human visit that counted. It holds salted hashes only and is deleted once the club's window is over.

    Odoo's link tracker counts every hit that is no known bot; here counts what a rendered page has confirmed, once per
    browser within the window, once per network address and kind of browser a day, and so many a day per member.
    """

    _name = "club.referral.visit"
    _description = "Visit Through a Member's Link"
    _log_access = False

    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="cascade")
    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="cascade")
    seen_at = fields.Datetime(required=True, readonly=True, index=True)
    day = fields.Date(required=True, readonly=True)
    slot = fields.Integer(required=True, readonly=True, help="Which visit of the day it is.")
    visitor = fields.Char(required=True, readonly=True, help="Salted hash of the browser's random mark.")
    device = fields.Char(required=True, readonly=True, help="Salted hash of network address, browser and day.")

    _visitor_unique = models.Constraint("UNIQUE(member_id, visitor)", "A visitor counts once.")
    _device_unique = models.Constraint("UNIQUE(member_id, device)", "A device counts once a day.")
    _slot_unique = models.Constraint("UNIQUE(member_id, day, slot)", "Visits of a day are numbered.")

    @api.model
    def _count(self, member, visitor, device):
        """Count a confirmed visit through ``member``'s link, unless it was counted or the day is full.

        The unique indexes decide: of simultaneous confirmations one is written, the others raise a serialization error
        that Odoo retries, and then find it counted. The fact is left to the scheduled job, so that visitors do not
        wait for the referrer's card.

        :param str visitor: hash of the browser's mark; :param str device: hash of address, browser and day.
        :return: whether it counted
        :rtype: bool
        """
        club = member.club_id
        now = fields.Datetime.now()
        self._forget_before(club, now, member, visitor)
        # SQL: the slot is the number of the day's visits at the very moment, and the ORM knows no ON CONFLICT.
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO club_referral_visit (club_id, member_id, seen_at, day, slot, visitor, device)
                SELECT %(club)s, %(member)s, %(now)s, %(day)s, COUNT(*) + 1, %(visitor)s, %(device)s
                  FROM club_referral_visit WHERE member_id = %(member)s AND day = %(day)s
                HAVING %(most)s = 0 OR COUNT(*) < %(most)s
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                club=club.id,
                member=member.id,
                now=now,
                day=club._get_today(),
                visitor=visitor,
                device=device,
                most=club.referral_visits_day,
            )
        )
        if not found:
            return False
        self.env["club.event"].sudo()._record(
            [
                {
                    "member_id": member.id,
                    "type": "referral_click",
                    "key": f"club.referral.visit,{found[0][0]}:click",
                    "occurred_at": now,
                    "origin": member,
                    "payload": {"side": "referrer"},
                }
            ]
        )
        return True

    def _forget_before(self, club, now, member, visitor):
        """A visitor whose last visit is longer ago than the window counts anew."""
        self.env.execute_query(
            SQL(
                "DELETE FROM club_referral_visit WHERE member_id = %s AND visitor = %s AND seen_at < %s RETURNING id",
                member.id,
                visitor,
                fields.Datetime.subtract(now, days=club.referral_window_days),
            )
        )

    @api.model
    def _cron_purge(self):
        """Nightly: delete visits whose window is over, and with it every trace of visitors who never joined."""
        self.env["club.job"]._work_off(
            "forget visits through members' links",
            find=self._lock_old,
            work=lambda ids: self.browse(ids).sudo().unlink(),
            size=PURGED,
        )
        self.env["club.referral"].sudo()._expire()

    @api.model
    def _lock_old(self, limit, skip):
        self.env["club.club"].flush_model(["referral_window_days"])
        return [
            visit
            for (visit,) in self.env.execute_query(
                SQL(
                    # Each club has a window of its own, and the rows are locked in order.
                    """SELECT visit.id FROM club_referral_visit visit JOIN club_club club ON club.id = visit.club_id
                        WHERE visit.seen_at < %s - club.referral_window_days * interval '1 day'
                          AND NOT visit.id = ANY(%s)
                     ORDER BY visit.id LIMIT %s FOR UPDATE OF visit""",
                    fields.Datetime.now(),
                    list(skip),
                    limit,
                )
            )
        ]
