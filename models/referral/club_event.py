"""Facts about friends: how they become entries."""

import re

from odoo import api, fields, models
from odoo.addons.customer_club.engine.earning_referral import TYPES
from odoo.tools import SQL

#: Key of a fact about a friend: what happened, which time it is reported, for which side.
GENERATION = re.compile(r"^(?P<fact>.+):(?P<number>\d+):(?P<side>referrer|friend)$")


class ClubEvent(models.Model):
    _inherit = "club.event"

    # For the report, which reads these few among very many facts.
    _referral_idx = models.Index("(occurred_at) WHERE type IN ('referral_click', 'referral_join', 'referral_purchase')")

    @api.model
    def _get_award_dates(self, rows):
        """A friend's purchase counts as of its day, weeks later when it is final: the points are of that later day.

        So no closed period gets entries, and the points live as long as any others. What is reported anew, because
        something of it changed, is of the day on which it was given first: nothing renews an expiry.
        """
        dates = super()._get_award_dates(rows)
        friends = [row for row in rows if row.type in TYPES]
        if not friends:
            return dates
        now, first = fields.Datetime.now(), self._read_first_awards(friends)
        return {**dates, **{row.id: first.get(row.id, now) for row in friends}}

    @api.model
    def _read_first_awards(self, rows):
        """When the first report that earned something gave it, by id of the events that report the same anew."""
        earlier = {}
        for row in rows:
            found = GENERATION.match(row.key or "")
            for number in range(1, int(found["number"]) if found else 1):
                earlier[f"{found['fact']}:{number}:{found['side']}"] = row.id
        first = {}
        if earlier:
            # SQL: the keys of thousands of facts at once, with the first entry of each.
            for key, date in self.env.execute_query(
                SQL(
                    """
                    SELECT e.key, MIN(p.date) FROM club_event e JOIN club_point_entry p ON p.event_id = e.id
                     WHERE e.key = ANY(%s) AND p.kind = 'earn' GROUP BY e.key
                    """,
                    list(earlier),
                )
            ):
                first[earlier[key]] = min(date, first.get(earlier[key], date))
        return first
