"""Playing a draw: who may, what it costs, what came out."""

from odoo import models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError

#: Limits of plays per member, by the period that they count in.
LIMITS = {"limit_day": "day", "limit_week": "week", "limit_month": "month", "limit_member": "lifetime"}


class ClubDraw(models.Model):
    _inherit = "club.draw"

    # -- who may play --------------------------------------------------------------------------------

    def _get_refusal(self, member):
        """Why ``member`` cannot play now, in words; empty if it can. Points are not asked here.

        :rtype: str
        """
        self.ensure_one()
        _ = self.env._
        draw, name = self.sudo(), self.sudo().display_name
        if draw.state == "paused":
            return _("%(draw)s has a break. Nothing was taken: come back later.", draw=name)
        if draw.state != "open" or not draw.active:
            return _("%(draw)s is not open. Nothing was taken: choose something else.", draw=name)
        if draw.club_id != member.sudo().club_id:
            return _("%(draw)s is not offered in this club. Nothing was taken.", draw=name)
        reason = draw._get_audience_refusals(member)[draw.id]
        if reason:
            return draw._say_audience_refusal(reason, member)
        if draw.limit_total and draw._count_plays() >= draw.limit_total:
            return _("All plays of %(draw)s are used up. Nothing was taken: choose something else.", draw=name)
        if draw._find_chance(member):
            return ""  # a play that was given stands beside the limits
        return draw._get_limit_refusal(member)

    def _get_limit_refusal(self, member):
        _ = self.env._
        words = {
            "limit_day": lambda n, draw: _("You have played %(draw)s %(count)s times today.", count=n, draw=draw),
            "limit_week": lambda n, draw: _("You have played %(draw)s %(count)s times this week.", count=n, draw=draw),
            "limit_month": lambda n, draw: _(
                "You have played %(draw)s %(count)s times this month.", count=n, draw=draw
            ),
            "limit_member": lambda n, draw: _("You have played %(draw)s %(count)s times.", count=n, draw=draw),
        }
        for name, period in LIMITS.items():
            limit = self[name]
            if limit and self._count_plays(member, period) >= limit:
                said = words[name](limit, self.display_name)
                if name == "limit_member":
                    return _("%(said)s More is not possible; nothing was taken.", said=said)
                return _("%(said)s Come back later; nothing was taken.", said=said)
        return ""

    def _count_plays(self, member=None, period="lifetime"):
        """How many plays stand: of everybody, or those that ``member`` paid or was free to play in the current period.

        :rtype: int
        """
        self.ensure_one()
        domain = [("draw_id", "=", self.id), ("state", "!=", "void")]
        if member:
            domain += [("member_id", "in", member.sudo()._get_own_ids()), ("chance_id", "=", False)]
        if period != "lifetime":
            club = self.club_id
            first, end = periods.period_bounds(period, club._get_today(), club.calendar, int(club.week_start or 0))
            start, _end = periods.range_bounds(first, end, club.tz)
            domain.append(("played_at", ">=", start))
        return self.env["club.draw.play"].sudo().search_count(domain)

    def _find_chance(self, member):
        """The free play to use next: the one that ends first; empty if there is none.

        :rtype: club.draw.chance
        """
        self.ensure_one()
        return self.env["club.draw.chance"]._find_usable(member, self)[:1]

    # -- playing -------------------------------------------------------------------------------------

    def _get_price(self):
        """Points of one play, in the club's decimals.

        :rtype: Decimal
        """
        self.ensure_one()
        return engine_lots.quantize(self.points, self.club_id.points_digits)

    def _play(self, member, key, terms=None):
        """Let ``member`` play once. What comes is decided and recorded here; giving it is a step of its own, later.

        :param member: one ``club.member``.
        :param str key: names this click; the same key again returns the first play.
        :param str terms: what the page showed (:meth:`_get_terms_digest`); refused if cost or odds differ by now.
        :return: the ``club.draw.play``, in sudo.
        :raises UserError: with the reason; nothing was taken then.
        """
        self.ensure_one()
        draw, member = self.sudo(), member.sudo()
        known = draw._find_play(member, key)
        if known:
            return known
        draw._lock_for_play()
        member._lock_cards(touch=True)
        known = draw._find_play(member, key)
        if known:
            return known
        draw._check_play(member, terms)
        return draw._charge_play(member, key)._decide()

    def _find_play(self, member, key):
        """The play that this click made before.

        :raises UserError: it was another draw's.
        """
        play = self.env["club.draw.play"].sudo().search([("member_id", "=", member.id), ("key", "=", key)], limit=1)
        if play and play.draw_id != self:
            raise UserError(
                self.env._("This click belongs to %(draw)s. Reload the page.", draw=play.draw_id.display_name)
            )
        return play

    def _check_play(self, member, terms):
        member._check_spender()
        refusal = self._get_refusal(member)
        if refusal:
            raise UserError(refusal)
        if self._get_version().terms != self._get_terms():
            raise UserError(
                self.env._(
                    "%(draw)s was changed and not opened since. Nothing was taken: come back later.",
                    draw=self.display_name,
                )
            )
        self._renew_version()
        if terms is not None and terms != self._get_terms_digest():
            raise UserError(
                self.env._(
                    "What %(draw)s costs or what can be won has changed since you looked. Nothing was taken: look at "
                    "it once more.",
                    draw=self.display_name,
                )
            )

    def _charge_play(self, member, key):
        """The play, paid for but not decided yet; if it cannot be paid, nothing of it stays."""
        chance = self._find_chance(member)
        price = engine_lots.ZERO if chance else self._get_price()
        with self.env.cr.savepoint():
            play = (
                self.env["club.draw.play"]
                .sudo()
                .create({"draw_id": self.id, "member_id": member.id, "key": key, "chance_id": chance.id})
            )
            if price:
                play._settle_points({play.id: price})
        return play
