"""What a member sees of gifts, pools, causes and the honour roll."""

from odoo import models
from odoo.addons.customer_club.engine import periods, together
from odoo.addons.customer_club.engine.referral import first_name
from odoo.fields import Domain

from .club_pool import SPENDERS

PAGE = 20


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_portal_links(self):
        _ = self.env._
        links = super()._get_portal_links()
        if not self._is_portal_owner(self.env.user):
            return links
        club, url = self.club_id.sudo(), f"/my/club/{self.id}"
        pages = [
            (club.gift_active, 41, "gift", _("Give points"), "fa-gift", True),
            (club.pool_active, 42, "pool", _("Share points in a pool"), "fa-users", True),
            (self._has_causes(), 43, "causes", _("Give to a cause"), "fa-heart", True),
            (club.honour_active, 70, "honour", _("Honour roll"), "fa-certificate", False),
        ]
        links += [
            {"rank": rank, "url": f"{url}/{page}", "text": text, "icon": icon, "spend": spend}
            for on, rank, page, text, icon, spend in pages
            if on
        ]
        return links

    def _has_causes(self):
        return bool(self.env["club.cause"].sudo().search_count([("club_id", "=", self.club_id.id)], limit=1))

    def _get_portal_step_candidates(self, values, rewards):
        _ = self.env._
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self._is_portal_owner(self.env.user):
            return steps
        gift = self.env["club.gift"].sudo().search([("recipient_id", "=", self.id), ("state", "=", "offered")], limit=1)
        if gift:
            steps.append(
                {
                    "rank": 5,
                    "text": _(
                        "%(name)s gives you %(points)s.",
                        name=together.masked(gift.giver_id.partner_id.name),
                        points=self.club_id._show_points(gift.points),
                    ),
                    "url": f"/my/club/{self.id}/gift",
                    "label": _("Accept or decline"),
                }
            )
        place = self._get_places(("invited",))[:1]
        if place:
            steps.append(
                {
                    "rank": 6,
                    "text": _("You are invited to share the pool %(pool)s.", pool=place.pool_id.name),
                    "url": f"/my/club/{self.id}/pool",
                    "label": _("Look at it"),
                }
            )
        return steps

    # -- gifts -----------------------------------------------------------------------------------------

    def _get_gift_rows(self, before=None, limit=PAGE):
        """One page of the gifts that the member sent and got, newest first.

        :param int before: the id that the page before ended with.
        :return: (dicts, the id to go on from or None)
        """
        self.ensure_one()
        Gift = self.env["club.gift"].sudo()
        domain = Gift._get_portal_domain(self)
        if before:
            domain &= Domain("id", "<", before)
        gifts = Gift.search(domain, order="id desc", limit=limit + 1)
        following = gifts[limit - 1].id if len(gifts) > limit else None
        return [self._prepare_gift_row(gift) for gift in gifts[:limit]], following

    def _prepare_gift_row(self, gift):
        sent = gift.giver_id.id in self._get_own_ids()
        other = gift.recipient_id if sent else gift.giver_id
        return {
            "id": gift.id,
            "sent": sent,
            "name": together.masked(other.partner_id.name),
            "points": self.club_id._show_points(gift.points),
            "day": self.club_id._show_day(gift.sent_at),
            "message": gift.message or "",
            "state": self._say_gift_state(gift, sent),
            "can_accept": not sent and gift.state == "offered",
            "can_decline": not sent and gift.state == "offered",
            "can_undo": sent and gift.state in ("held", "offered", "accepted"),
        }

    def _say_gift_state(self, gift, sent):
        _ = self.env._
        show = self.club_id._show_moment
        if gift.state == "returned":
            return dict(gift._fields["returned_because"]._description_selection(self.env)).get(
                gift.returned_because, _("Given back")
            )
        return {
            "held": lambda: _("Our team looks at it first"),
            "offered": lambda: (
                _("Waits to be accepted, until %(moment)s", moment=show(gift.answer_until))
                if sent
                else _("Waits for your answer, until %(moment)s", moment=show(gift.answer_until))
            ),
            "accepted": lambda: (
                _("Arrives on %(moment)s; you can undo it until then", moment=show(gift.spendable_at))
                if sent
                else _("Can be spent from %(moment)s", moment=show(gift.spendable_at))
            ),
            "done": lambda: _("Arrived"),
        }[gift.state]()

    # -- pools -----------------------------------------------------------------------------------------

    def _get_pool_rows(self):
        """The pools this member is in, each with everybody's part.

        :return: dicts of ``pool``, ``place`` (the member's own), ``points``, ``people``, ``may_spend``, ``mine``.
        """
        self.ensure_one()
        return [self._prepare_pool_row(place) for place in self._get_places()]

    def _prepare_pool_row(self, place):
        pool, club = place.pool_id, self.club_id
        parts = pool._get_parts()
        return {
            "pool": pool,
            "place": place,
            "founder": place.role == "founder",
            "points": club._show_points(pool.account_id.card_id.points),
            "may_spend": place.role in SPENDERS,
            "link": pool.link if place.role == "founder" and pool._find_by_link(pool.link) else "",
            "mine": club._show_points(parts[place]["part"]),
            "loss": parts[place]["part"] < 0,
            "people": [
                {
                    "row": row,
                    "me": row == place,
                    "name": row.member_id.nickname or first_name(row.member_id.partner_id.name) or "…",
                    "role": dict(row._fields["role"]._description_selection(self.env))[row.role],
                    "brought": club._show_points(parts[row]["brought"]),
                    "part": club._show_points(parts[row]["part"]),
                    "most": row.month_most,
                }
                for row in pool._get_rows()
            ],
            "invited": [
                {"row": row, "name": together.masked(row.member_id.partner_id.name)}
                for row in pool.member_ids
                if row.state == "invited"
            ]
            if place.role == "founder"
            else [],
        }

    # -- causes ----------------------------------------------------------------------------------------

    def _get_cause_rows(self):
        """Causes that the member may give to today, with what was given so far."""
        club = self.club_id
        return [
            {
                "cause": cause,
                "total": club._show_money(cause.total),
                "goal": club._show_money(cause.goal) if cause.goal else "",
                "percent": min(int(100 * cause.total / cause.goal), 100) if cause.goal else None,
                "worth": self._say_worth(cause),
                "until": club._show_day(cause.date_to),
            }
            for cause in self.env["club.cause"]._get_open(self)
        ]

    def _say_worth(self, cause):
        points = 100 if cause.point_value < 1 else 1
        return self.env._(
            "%(points)s give %(money)s",
            points=self.club_id._show_points(points),
            money=self.club_id._show_money(float(cause._get_worth(points))),
        )

    def _get_donation_rows(self, before=None, limit=PAGE):
        """One page of what the member gave, newest first.

        :return: (dicts, the id to go on from or None)
        """
        domain = Domain("member_id", "in", self._get_own_ids()) & Domain("state", "in", ("given", "cancelled"))
        if before:
            domain &= Domain("id", "<", before)
        donations = self.env["club.donation"].sudo().search(domain, order="id desc", limit=limit + 1)
        following = donations[limit - 1].id if len(donations) > limit else None
        club = self.club_id
        return [
            {
                "id": donation.id,
                "day": club._show_day(donation.given_at),
                "cause": donation.cause_id.name,
                "money": club._show_money(donation.value),
                "points": club._show_points(donation.points),
                "cancelled": donation.state == "cancelled",
            }
            for donation in donations[:limit]
        ], following


class ClubClub(models.Model):
    _inherit = "club.club"

    def _show_moment(self, moment):
        """A naive UTC moment as day and time in the club's time zone."""
        local = periods.local_datetime(moment, self.tz)
        return f"{self._show_day(moment)}, {local:%H:%M}"
