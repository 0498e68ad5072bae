"""Regular contact: a member came to the counter, or opened the account page or the shop."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods


class ClubMember(models.Model):
    _inherit = "club.member"

    @api.model
    def _get_visit_channels(self):
        """Where members can be seen, with the words for it.

        :rtype: dict[str, str]
        """
        _ = self.env._
        return {"counter": _("at the counter"), "portal": _("on the account page"), "shop": _("in the web shop")}

    def _record_visit(self, channel, at=None, origin=None):
        """These members were here: a fact once a day (the club's) and channel, which earns at once.

        Who has left is passed over. After a visit was taken back (``event._revoke``), the same day may have another.

        :param str channel: ``counter``, ``portal`` or ``shop``.
        :param datetime at: when (UTC), default and at the latest now.
        :param origin: the record that it comes from, if any.
        :return: the visits' events, those recorded before included.
        :raise ValueError: for another channel.
        """
        channels = self._get_visit_channels()
        if channel not in channels:
            raise ValueError(f"{channel!r} is not a channel of visits; there are {', '.join(channels)}")
        now = fields.Datetime.now()
        at = min(at or now, now)
        members = self.sudo().filtered(lambda member: member.state == "active" and member.club_id.active)
        known = members._read_visits_on(channel, at)
        vals_list = []
        events = self.env["club.event"].sudo()
        for member in members:
            day = periods.local_date(at, member.club_id.tz)
            today = known.get(member.id, events.browse())
            standing = today.filtered(lambda event: not event.revoked_at)
            if standing:
                events |= standing[:1]
                continue
            generation = f":{len(today) + 1}" if today else ""
            vals_list.append(
                {
                    "member_id": member.id,
                    "type": "visit",
                    "key": f"{member._get_visit_key(channel, day)}{generation}",
                    "occurred_at": at,
                    "origin": origin,
                    "payload": {"channel": channel},
                }
            )
        return events | self.env["club.event"]._report(vals_list).sudo()

    def _get_visit_key(self, channel, day):
        self.ensure_one()
        return f"member,{self.id}:visit:{channel}:{day.isoformat()}"

    def _read_visits_on(self, channel, at):
        """Events of these members' visits on the day of ``at``, revoked ones included, by member id.

        :rtype: dict
        """
        found = defaultdict(self.env["club.event"].sudo().browse)
        for club, members in self.grouped("club_id").items():
            day = periods.local_date(at, club.tz)
            start, end = periods.day_bounds(day, club.tz)
            visits = (
                self.env["club.event"]
                .sudo()
                .search(
                    [
                        ("member_id", "in", members.ids),
                        ("type", "=", "visit"),
                        ("revises_id", "=", False),
                        ("occurred_at", ">=", start),
                        ("occurred_at", "<", end),
                    ],
                    order="id",
                )
            )
            keys = {member.id: member._get_visit_key(channel, day) for member in members}
            for event in visits:
                if event.key == keys[event.member_id.id] or event.key.startswith(f"{keys[event.member_id.id]}:"):
                    found[event.member_id.id] |= event
        return found

    @api.model
    def _record_own_visit(self, user, channel, company):
        """The signed-in customer opened a page: a visit to each of its clubs of the company.

        :return: the events.
        """
        members = self.sudo().search(
            self._get_portal_domain(user) & fields.Domain("club_id.company_id", "=", company.id), limit=20
        )
        return members._record_visit(channel) if members else self.env["club.event"]
