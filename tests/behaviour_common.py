"""A club with facts to derive behaviour from."""

from datetime import date, datetime, time

from odoo.addons.customer_club.models.behaviour.behaviour_facts import BehaviourReader

from .common import ClubCase


class BehaviourCase(ClubCase):
    """Records purchases as facts, and reads the derived rows back."""

    TODAY = date(2026, 6, 1)

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(cls.freeze(cls.TODAY))  # before the members join
        super().setUpClass()
        cls.number = 0

    @classmethod
    def freeze(cls, day):
        from freezegun import freeze_time  # noqa: PLC0415

        return freeze_time(datetime.combine(day, time(12)))

    @classmethod
    def buy(cls, member, at, amount=10, root=None, lines=None, **values):
        """Record a purchase (``at``: UTC, or a day at noon), or with ``root`` what changed about one."""
        cls.number += 1
        at = at if isinstance(at, datetime) else datetime.combine(at, time(12))
        return cls.env["club.event"]._record(
            [
                {
                    "member_id": member.id,
                    "type": "purchase",
                    "key": f"test,behaviour:{cls.number}",
                    "occurred_at": at,
                    "amount": amount,
                    "revises_id": root.id if root else None,
                    "payload": {"lines": lines} if lines else None,
                    "processed_at": datetime.combine(cls.TODAY, time(12)),
                    **values,
                }
            ]
        )

    @classmethod
    def people(cls, count, club=None):
        partners = cls.env["res.partner"].create([{"name": f"Person {number}"} for number in range(count)])
        return (club or cls.club)._enrol(partners)

    def refresh(self, members=None, club=None):
        (club or self.club)._refresh_behaviour(members)

    def row(self, member=None):
        """The derived row, exactly one."""
        found = self.env["club.behaviour"].search([("member_id", "=", (member or self.member).id)])
        self.assertEqual(len(found), 1)
        return found

    def reader(self, club=None):
        self.env.flush_all()
        return BehaviourReader(club or self.club)
