"""Sending a gift: who may, how much, and to whom."""

from datetime import timedelta
from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import text, together
from odoo.exceptions import UserError
from odoo.tools import SQL

from .club_gift import LONGEST_MESSAGE

ALERT_DAYS = 30


class ClubMember(models.Model):
    _inherit = "club.member"

    gift_account_id = fields.Many2one(
        "club.member", readonly=True, copy=False, ondelete="restrict", help="Where given points wait to arrive."
    )

    # -- what can be given -----------------------------------------------------------------------------

    def _get_giveable_lots(self):
        """Lots whose points this member may give or pool: aged points of purchases, next to expire first (abuse 10).

        :return: :class:`~engine.together.Source`, in the order in which they are given.
        """
        self.ensure_one()
        member = self.sudo()
        club, now = member.club_id, fields.Datetime.now()
        # SQL: a lot's story is in the entries that made and first issued it.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot.id, lot.remaining, COALESCE(fact.type, ''), issued.date,
                       CASE WHEN made.origin_model = 'club.gift' THEN made.date END, lot.expires_on
                  FROM club_point_lot lot
                  JOIN club_point_entry made ON made.id = lot.entry_id
                  JOIN club_point_entry issued ON issued.id = COALESCE(made.root_id, made.id)
                  LEFT JOIN club_event fact ON fact.id = issued.event_id
                 WHERE lot.card_id = %s AND lot.state = 'open'
                 ORDER BY lot.id
                """,
                member.card_id.id,
            )
        )
        return together.givable(
            [
                together.Source(lot, engine_lots.to_decimal(left), fact, issued, gift, expires)
                for lot, left, fact, issued, gift, expires in rows
            ],
            now - timedelta(days=club.gift_age_days),
            now - timedelta(days=club.gift_again_days),
            club._get_today(),
            club._get_giveable_facts(),
        )

    def _get_giveable_points(self):
        """How many points this member could give now: what its lots allow and no payment holds.

        :rtype: Decimal
        """
        self.ensure_one()
        card = self.sudo().card_id
        lots = sum((source.remaining for source in self._get_giveable_lots()), Decimal(0))
        free = engine_lots.to_decimal(card.points)
        held = self.env["club.point.entry"].sudo()._get_held_points({(card.id, None, None)})
        free -= sum(held.values(), Decimal(0))
        return engine_lots.quantize(max(min(lots, free), Decimal(0)), self.sudo().club_id.points_digits)

    def _check_giveable(self, points):
        """The lots from which so many points may be given.

        :raises UserError: there are not so many.
        """
        lots = self._get_giveable_lots()
        if sum((source.remaining for source in lots), Decimal(0)) < points:
            club = self.sudo().club_id
            raise UserError(
                self.env._(
                    "You can give %(most)s, not %(points)s. Nothing was taken. Only points of your own purchases can "
                    "be given, from %(days)s days after the purchase.",
                    most=club._show_points(self._get_giveable_points()),
                    points=club._show_points(points),
                    days=club.gift_age_days,
                )
            )
        return [source.lot for source in lots]

    # -- to whom ---------------------------------------------------------------------------------------

    def _find_other_member(self, number):
        """The active member of the same club with exactly this number; one answer for whatever else was typed.

        :param str number: as somebody typed it: other digits, blanks and hyphens are fine.
        :raises UserError: unknown, left or another club's; or too many look-ups within an hour.
        """
        self.ensure_one()
        if not self.env["club.lookup"]._count_up(self):
            raise UserError(self.env._("You have looked up many numbers. Nothing was changed: try again in an hour."))
        number = text.compact_member_number((number or "")[:40])
        other = (
            self.env["club.member"]
            .sudo()
            .search(
                [("club_id", "=", self.sudo().club_id.id), ("number", "=", number), ("state", "=", "active")], limit=1
            )
            if number
            else self.env["club.member"]
        )
        if not other:
            raise UserError(
                self.env._(
                    "There is no member with this number here. Nothing was changed: ask your friend for the number on "
                    "the card, or for the code to scan."
                )
            )
        return other

    def _check_other_person(self, other):
        """Refuse oneself, and other memberships that are oneself by another name (same address or telephone).

        :raises UserError: in words that say what to do.
        """
        mine, theirs = self.sudo().partner_id, other.sudo().partner_id
        same = mine == theirs or any(
            name in mine._fields and mine[name] and mine[name] == theirs[name]
            for name in ("email_normalized", "phone_sanitized")
        )
        if same:
            raise UserError(
                self.env._("This is your own membership. Nothing was changed: choose somebody else's number.")
            )

    def _has_given_to(self, other):
        """Whether a gift of this member has arrived with ``other`` before."""
        self.ensure_one()
        domain = [("giver_id", "=", self.id), ("recipient_id", "=", other.id), ("state", "=", "done")]
        return bool(self.env["club.gift"].sudo().search_count(domain, limit=1))

    # -- how much --------------------------------------------------------------------------------------

    def _get_gift_limits(self, recipient=None):
        """What a gift must keep to.

        :return: :class:`~engine.together.Limit`
        """
        self.ensure_one()
        club = self.sudo().club_id
        sides = [
            ("gift", club.gift_most, None, None),
            ("day", club.gift_most_day, "day", ("giver_id", self)),
            ("month", club.gift_most_month, "month", ("giver_id", self)),
            ("year", club.gift_most_year, "year", ("giver_id", self)),
        ]
        if recipient:
            sides.append(("received", club.gift_most_received, "month", ("recipient_id", recipient)))
        return [
            together.Limit(
                name,
                engine_lots.to_decimal(most),
                self._sum_gifts(*side, club._get_period_start(period)) if most and period else Decimal(0),
            )
            for name, most, period, side in sides
        ]

    def _sum_gifts(self, field, member, since):
        [(points,)] = (
            self.env["club.gift"]
            .sudo()
            ._read_group(
                [(field, "in", member._get_own_ids()), ("state", "!=", "returned"), ("sent_at", ">=", since)],
                [],
                ["points:sum"],
            )
        )
        return engine_lots.to_decimal(round(points or 0, 2))

    def _check_gift_limits(self, recipient, points):
        club = self.sudo().club_id
        limit = together.exceeded(points, self._get_gift_limits(recipient))
        if not limit:
            return
        left = club._show_points(limit.left)
        _ = self.env._
        raise UserError(
            {
                "gift": _("A gift is of %(left)s at most. Nothing was taken: give less.", left=left),
                "day": _("You can give %(left)s more today. Nothing was taken: give less, or come back.", left=left),
                "month": _("You can give %(left)s more this month. Nothing was taken: give less.", left=left),
                "year": _("You can give %(left)s more this year. Nothing was taken: give less.", left=left),
                "received": _(
                    "This member cannot be given so many points this month. Nothing was taken: give less, or next "
                    "month."
                ),
            }[limit.name]
        )

    # -- sending ---------------------------------------------------------------------------------------

    def _check_gift(self, recipient, points):
        """Whether this gift could be sent; changes nothing.

        :return: the lots it would come from, in order.
        :raises UserError: in words for the giver.
        """
        self.ensure_one()
        club = self.sudo().club_id
        if not club.gift_active:
            raise UserError(self.env._("%(club)s has no gifts at the moment. Nothing was taken.", club=club.name))
        self._check_spender()
        self._check_transfer(recipient, points)
        self._check_other_person(recipient)
        recipient._check_spender()
        lots = self._check_giveable(points)
        self._check_gift_limits(recipient, points)
        return lots

    def _give(self, recipient, points, message="", form_key=None):
        """Give points to another member.

        The same form sent twice gives once. Two gifts at one moment follow one another: the giver's card is locked
        before anything is counted (never 19).

        :param recipient: the ``club.member`` found by :meth:`_find_other_member`.
        :param points: positive points in the club's decimals.
        :param str message: plain text, at most 200 characters are kept.
        :return: the ``club.gift`` (sudo).
        :raises UserError: nothing was taken.
        """
        self.ensure_one()
        Gift = self.env["club.gift"].sudo()
        known = form_key and Gift.search([("giver_id", "=", self.id), ("form_key", "=", form_key)], limit=1)
        if known:
            return known
        club = self.sudo().club_id
        points = club._read_typed_points(points)
        self._lock_cards(recipient, touch=True)
        lots = self._check_gift(recipient, points)
        gift = Gift.create(
            {
                "giver_id": self.id,
                "recipient_id": recipient.id,
                "points": float(points),
                "message": " ".join((message or "").replace("\0", " ").split())[:LONGEST_MESSAGE] or False,
                "form_key": form_key or False,
                "state": "offered",
            }
        )
        gift.write(gift._prepare_waiting())
        givers = self._count_givers(recipient)
        if club.gift_alert_givers and givers >= club.gift_alert_givers:
            gift.write(
                {
                    "state": "held",
                    "held_reason": self.env._(
                        "%(count)s members gave to this one within %(days)s days.", count=givers, days=ALERT_DAYS
                    ),
                }
            )
        gift.account_id = self._get_gift_account()
        self._transfer(gift.account_id, points, f"club.gift,{gift.id}:give", origin=gift, lots=lots)
        if gift.state == "offered" and not club.gift_accept:
            gift._accept()
        return gift

    def _get_gift_account(self):
        """Where this member's gifts wait: a card of its own, so that givers do not wait for each other."""
        member = self.sudo()
        if not member.gift_account_id:
            member.gift_account_id = member.club_id._create_account()
        return member.gift_account_id

    def _count_givers(self, recipient):
        """How many members gave to ``recipient`` lately, this gift included."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=ALERT_DAYS)
        [(count,)] = (
            self.env["club.gift"]
            .sudo()
            ._read_group(
                [
                    ("recipient_id", "in", recipient._get_own_ids()),
                    ("sent_at", ">=", since),
                    ("returned_because", "not in", ("declined", "undone", "late")),
                ],
                [],
                ["giver_id:count_distinct"],
            )
        )
        return count
