"""The ledger's scheduled work."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.tools import SQL, split_every

# Cards in a batch: about half a second of work, for as long as a customer may have to wait for his card.
CARDS = 500

#: Facts that come about by themselves: they are no activity of the member, nor is what they earn.
PASSIVE = ("tier", "occasion")

INACTIVITY = [("expiry_policy", "=", "inactivity"), ("expiry_months", ">", 0)]


class ClubLedgerJob(models.AbstractModel):
    """Opens pending points on their day, expires points on theirs, and those of members who stay away.

    Every job takes the clubs' own local day, or a given one for all clubs (tests, late repairs), and posts with the
    first instant of that day. The key of each movement names the lot and how often it was taken from, so that a job
    that is killed and repeated posts nothing twice.
    """

    _name = "club.ledger.job"
    _description = "Club Ledger Jobs"

    # -- jobs -----------------------------------------------------------------

    @api.model
    def _cron_expire(self, day=None):
        """Expire lots, open or pending, whose last day has passed.

        :param date day: the local day of every club; default: today in each.
        :return: number of cards worked off.
        """
        return self._expire_where("expire points", self._get_days(day), self._expired_sql(), self.env._("Expired"))

    @api.model
    def _cron_expire_inactive(self, day=None):
        """Expire what members of clubs with the policy "inactivity" hold, after that many months without any activity.

        Activity is an earning, a spend or any recorded event. Points younger than that live on, whoever holds them, but
        a transfer makes no points younger. Points with an expiry of their own wait for that.

        :param date day: the local day of every club; default: today in each.
        :return: number of cards worked off.
        """
        days, due = self._get_days(day, INACTIVITY), self._inactive_sql()
        return self._expire_where("expire inactive members' points", days, due, self.env._("No activity"))

    @api.model
    def _cron_open(self, day=None):
        """Make pending points spendable whose day has come.

        :param date day: the local day of every club; default: today in each.
        :return: number of cards worked off.
        """
        days = self._get_days(day)
        due = SQL(
            """
            lot.state = 'pending' AND lot.available_on <= clubs.day AND (lot.expires_on IS NULL OR lot.expires_on >
            clubs.day)
            """
        )
        return self._work_off_cards("open pending points", days, due, lambda cards: self._open_due(cards, days, due))

    @api.model
    def _cron_seal(self):
        """Seal everything that was posted since the last seal."""
        return self.env["club.ledger.seal"]._seal()

    @api.model
    def _cron_check(self):
        """Check the invariants and keep the result."""
        return self.env["club.ledger.check"]._run_checks()

    @api.model
    def _expire_now(self, clubs):
        """Expire what is due in these clubs within this transaction: an import's dry run must not commit.

        :param clubs: records of ``club.club``.
        """
        of_clubs = [("id", "in", clubs.ids)]
        for days, due, note in (
            (self._get_days(domain=of_clubs), self._expired_sql(), self.env._("Expired")),
            (self._get_days(domain=[*of_clubs, *INACTIVITY]), self._inactive_sql(), self.env._("No activity")),
        ):
            for cards in split_every(CARDS, self._lock_cards_due(days, due, None, ()), list):
                self._expire_due(cards, days, due, note)

    # -- what is due ----------------------------------------------------------

    def _expired_sql(self):
        return SQL("lot.state IN ('open', 'pending') AND lot.expires_on <= clubs.day")

    def _inactive_sql(self):
        return SQL(
            """
            lot.state IN ('open', 'pending') AND lot.expires_on IS NULL
            AND (SELECT issued.date FROM club_point_entry made JOIN club_point_entry issued ON issued.id =
              COALESCE(made.root_id, made.id)
                  WHERE made.id = lot.entry_id) < clubs.idle_since
            AND NOT EXISTS (
                SELECT FROM club_member m
                  JOIN club_point_entry e ON e.member_id = m.id
                 WHERE (m.id = lot.member_id OR m.merged_into_id = lot.member_id)
                   AND e.kind IN ('earn', 'spend') AND e.date >= clubs.idle_since
                   AND NOT EXISTS (
                       SELECT FROM club_event cause WHERE cause.id = e.event_id AND cause.type IN %(passive)s
                   )
            )
            AND NOT EXISTS (
                SELECT FROM club_member m
                  JOIN club_event event ON event.member_id = m.id
                 WHERE (m.id = lot.member_id OR m.merged_into_id = lot.member_id) AND event.occurred_at >=
                 clubs.idle_since AND event.type NOT IN %(passive)s AND event.payload->'void' IS NULL
            )
            """,
            passive=PASSIVE,
        )

    # -- batches --------------------------------------------------------------

    def _expire_where(self, name, days, due, note):
        return self._work_off_cards(name, days, due, lambda cards: self._expire_due(cards, days, due, note))

    def _work_off_cards(self, name, days, due, work):
        """Work off the cards that hold such lots, from the lowest id upwards: none is looked at twice."""
        behind = [0]

        def work_and_move_on(cards):
            work(cards)
            behind[0] = max(cards)

        done, _failed = self.env["club.job"]._work_off(
            name,
            find=lambda limit, skip: self._lock_cards_due(days, due, limit, skip, behind[0]),
            work=work_and_move_on,
            count=lambda: self._count_cards_due(days, due),
            size=CARDS,
        )
        return done

    def _expire_due(self, card_ids, days, due, note):
        self.env["club.point.entry"].sudo()._post(
            [
                {
                    "member_id": member,
                    "kind": "expire",
                    "points": -engine_lots.to_decimal(remaining),
                    "key": f"lot,{lot}:expire,{times}",
                    "date": days[club]["start"],
                    "lots": (lot,),
                    "only": True,
                    "note": note,
                }
                for lot, member, club, remaining, times in self._read_lots_due(card_ids, days, due)
            ]
        )

    def _open_due(self, card_ids, days, due):
        by_start = {}
        for lot, _member, club, *_rest in self._read_lots_due(card_ids, days, due):
            by_start.setdefault(days[club]["start"], []).append(lot)
        for start, lots in by_start.items():
            self.env["club.point.entry"].sudo()._open_lots(lots, date=start)

    # -- reading: set-based, because a night may have to look at every lot of a million members ----------------

    def _get_days(self, day=None, domain=()):
        """What day it is in each club: ``{club id: {day, start, idle_since}}``; instants in UTC.

        ``idle_since``: who was last active before it has been inactive for the club's months on that day.
        """
        clubs = self.env["club.club"].sudo().with_context(active_test=False).search(list(domain))
        now, days = fields.Datetime.now(), {}
        for club in clubs:
            today = day or periods.local_date(now, club.tz)
            idle_day = self._last_idle_day(today, club.expiry_months, club.calendar)
            days[club.id] = {
                "day": today,
                "start": periods.day_bounds(today, club.tz)[0],
                "idle_since": periods.day_bounds(idle_day, club.tz)[1] if idle_day else None,
            }
        return days

    def _last_idle_day(self, today, months, calendar):
        """The last day of activity that lies the given months back; short months end on their last day."""
        if months < 1:
            return None
        candidate = periods.add_months(today, -months, calendar) + timedelta(days=4)
        while periods.expiry_date("inactivity", candidate, months, calendar=calendar) > today:
            candidate -= timedelta(days=1)
        return candidate

    def _due_sql(self, days, due):
        return SQL(
            """
            club_point_lot lot
              JOIN unnest(%s::int[], %s::date[], %s::timestamp[]) AS clubs(id, day, idle_since)
                ON clubs.id = lot.club_id AND %s
            """,
            list(days),
            [values["day"] for values in days.values()],
            [values["idle_since"] for values in days.values()],
            due,
        )

    def _lock_cards_due(self, days, due, limit, skip, behind=0):
        """Lock the next cards that hold such lots, in id order: the first statement of the batch's transaction.

        :param behind: cards up to this id were worked off in this run.
        """
        if not days:
            return []
        return [
            card
            for (card,) in self.env.execute_query(
                SQL(
                    """
                    SELECT card.id FROM loyalty_card card
                     WHERE card.id IN (
                           SELECT lot.card_id FROM %s
                            WHERE lot.card_id > %s AND NOT lot.card_id = ANY(%s::int[])
                            ORDER BY lot.card_id LIMIT %s
                     )
                     ORDER BY card.id
                       FOR NO KEY UPDATE OF card
                    """,
                    self._due_sql(days, due),
                    behind,
                    list(skip),
                    limit,
                )
            )
        ]

    def _count_cards_due(self, days, due):
        if not days:
            return 0
        [(count,)] = self.env.execute_query(SQL("SELECT COUNT(DISTINCT lot.card_id) FROM %s", self._due_sql(days, due)))
        return count

    def _read_lots_due(self, card_ids, days, due):
        return self.env.execute_query(
            SQL(
                """
                SELECT lot.id, lot.member_id, lot.club_id, lot.remaining,
                       (SELECT COUNT(*) FROM club_point_allocation a WHERE a.lot_id = lot.id)
                  FROM %s
                 WHERE lot.card_id = ANY(%s)
                 ORDER BY lot.card_id, lot.id
                """,
                self._due_sql(days, due),
                list(card_ids),
            )
        )
