"""The member's own timeline: what it did, and what that brought."""

from odoo import models
from odoo.addons.customer_club.models.earning.preview import Preview
from odoo.fields import Domain

TIMELINE_PAGE = 40


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_timeline(self, before=None, limit=TIMELINE_PAGE):
        """One page of what the member did and what it earned, newest first; changes of a purchase are part of it.

        Pages are found by the fact they continue from, never by counting; a constant number of queries.

        :param int before: the id of the last fact of the page before.
        :return: ``(rows, next id or None)``; a row has ``id, day, text, points`` (a number), ``revoked``.
        :rtype: tuple[list[dict], int | None]
        """
        self.ensure_one()
        Event = self.env["club.event"].sudo()
        domain = Domain("member_id", "=", self.id) & Domain("revises_id", "=", False)
        last = Event.search(domain & Domain("id", "=", before)) if before else None
        if last:
            domain &= Domain("occurred_at", "<", last.occurred_at) | (
                Domain("occurred_at", "=", last.occurred_at) & Domain("id", "<", last.id)
            )
        events = Event.search(domain, order="occurred_at desc, id desc", limit=limit + 1)
        following = events[limit - 1].id if len(events) > limit else None
        events = events[:limit]
        given = Preview(self.env)._given(events)
        points = {}
        for (event_id, _rule), part in given.items():
            points[event_id] = points.get(event_id, 0) + part
        phrases = Event._get_customer_phrases()
        labels = dict(Event._fields["type"]._description_selection(self.env))
        rows = [
            {
                "id": event.id,
                "day": self.club_id._show_day(event.occurred_at),
                "text": phrases.get(event.type) or labels.get(event.type, ""),
                "points": float(points.get(event.id, 0)),
                "revoked": bool(event.revoked_at),
            }
            for event in events
        ]
        return rows, following

    def _get_portal_links(self):
        return [
            *super()._get_portal_links(),
            {
                "rank": 90,
                "url": f"/my/club/{self.id}/timeline",
                "text": self.env._("What you did, and what it brought"),
                "icon": "fa-list-ul",
            },
        ]
