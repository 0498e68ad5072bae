"""Members with points of purchases, which may be given, and others, which may not."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase


class TogetherCase(ClubCase):
    """A club with gifts and pools, and a third member. Points given by :meth:`buy` are old enough to be given."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"gift_active": True, "pool_active": True, "honour_active": True})
        cls.partner_3 = cls.env["res.partner"].create({"name": "Cleo", "email": "cleo@example.com"})
        cls.member_3 = cls.club._enrol(cls.partner_3)

    @classmethod
    def buy(cls, points, key, member=None, days=100, type="purchase", **values):  # noqa: A002 - the field's name
        """Points that a purchase brought ``days`` ago."""
        member = member or cls.member
        when = fields.Datetime.now() - timedelta(days=days)
        event = cls.env["club.event"]._record(
            [{"member_id": member.id, "type": type, "key": f"fact:{key}", "occurred_at": when, "amount": points}]
        )
        return cls.post(points, key, member=member, date=when, event_id=event.id, **values)

    def pass_time(self, records, **fields_and_hours):
        """Let moments of documents lie so many hours in the past."""
        for name, hours in fields_and_hours.items():
            records[name] = fields.Datetime.now() - timedelta(hours=hours)
        records.flush_recordset()

    def points_of(self, *members):
        self.env.invalidate_all()
        return [member.points for member in members]

    def cohorts(self):
        """What is left, by the entry that issued it: moving points may change whose they are, never this."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT COALESCE(e.root_id, e.id), e.expires_on, SUM(lot.remaining)
                 FROM club_point_lot lot JOIN club_point_entry e ON e.id = lot.entry_id
                WHERE lot.club_id = %s GROUP BY 1, 2 HAVING SUM(lot.remaining) <> 0 ORDER BY 1, 2""",
            (self.club.id,),
        )
        return self.env.cr.fetchall()
