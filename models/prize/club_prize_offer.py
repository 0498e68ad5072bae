"""Giving a prize: who may have it, whether any is left, and the one way by which it is given."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.exceptions import UserError
from odoo.tools import SQL

from .club_redemption import OURS


class OutOfStock(UserError):
    """Nothing is left of a prize."""


class ClubPrize(models.Model):
    _inherit = "club.prize"

    # -- stock ---------------------------------------------------------------------------------------

    @api.model
    def _is_stock_known(self):
        """Whether products know what they have on hand (the Inventory app is there)."""
        return "free_qty" in self.env["product.product"]._fields

    def _get_left(self):
        """How many of this prize can still be given; ``None``: there is no limit."""
        self.ensure_one()
        return self._get_lefts()[self.id]

    def _get_lefts(self):
        """How many of each can still be given, in a constant number of queries.

        A code that nobody has yet, and a product on hand that no open request has been promised, count as left.

        :return: dict of prize id → a number, or ``None`` where there is no limit.
        :rtype: dict[int, int | None]
        """
        prizes = self._origin.sudo()
        lefts = dict.fromkeys(prizes.ids)
        coded = prizes.filtered(lambda prize: prize.delivery == "code")
        counted = (prizes - coded).filtered(lambda prize: prize.stock_kind == "own")
        on_hand = (prizes - coded - counted).filtered(lambda prize: prize.stock_kind == "product")
        if coded | counted:
            Redemption = self.env["club.redemption"].sudo()
            held = {
                (prize.id, state): count
                for prize, state, count in Redemption._read_group(
                    [("prize_id", "in", (coded | counted).ids), ("holds_stock", "=", True)],
                    ["prize_id", "state"],
                    ["__count"],
                )
            }
        for prize in counted:
            lefts[prize.id] = prize.stock - sum(count for (owner, _state), count in held.items() if owner == prize.id)
        if coded:
            free = dict(
                self.env["club.prize.code"]
                .sudo()
                ._read_group([("prize_id", "in", coded.ids), ("state", "=", "free")], ["prize_id"], ["__count"])
            )
            for prize in coded:
                promised = sum(
                    count for (owner, state), count in held.items() if owner == prize.id and state != "delivered"
                )
                lefts[prize.id] = free.get(prize, 0) - promised
                if prize.stock_kind == "own":
                    given = sum(count for (owner, _state), count in held.items() if owner == prize.id)
                    lefts[prize.id] = min(lefts[prize.id], prize.stock - given)
        for company, of_company in on_hand.grouped("company_id").items():
            lefts.update(of_company._get_lefts_on_hand(company))
        return lefts

    def _get_lefts_on_hand(self, company):
        """What the products have free, less what was promised by requests whose order reserves nothing yet."""
        products = self.product_id.with_company(company).with_context(warehouse_id=False)
        promised = {
            product.id: count
            for product, count in self.env["club.redemption"]
            .sudo()
            ._read_group(
                [
                    ("product_id", "in", products.ids),
                    ("company_id", "=", company.id),
                    ("holds_stock", "=", True),
                    ("state", "in", ("requested", "approved")),
                ],
                ["product_id"],
                ["__count"],
            )
        }
        if not self._is_stock_known():
            return dict.fromkeys(self.ids, 0)
        products.invalidate_recordset(["free_qty"])
        return {
            prize.id: int(prize.product_id.with_company(company).free_qty) - promised.get(prize.product_id.id, 0)
            for prize in self
        }

    def _lock(self):
        """Lock these prizes in id order, and make whoever waits for one of them start over with a new snapshot.

        Two prizes that give the same product on hand are locked together. Plain FOR NO KEY UPDATE and an UPDATE that
        changes nothing, because a conflict must raise the error that Odoo retries (abuse 22).
        """
        prizes = self.sudo()
        shared = prizes.filtered(lambda prize: prize.stock_kind == "product").product_id
        if shared:
            prizes |= prizes.with_context(active_test=False).search(
                [("stock_kind", "=", "product"), ("product_id", "in", shared.ids)]
            )
        prizes.flush_recordset()
        ids = sorted(prizes.ids)
        self.env.execute_query(SQL("SELECT id FROM club_prize WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", ids))
        self.env.execute_query(SQL("UPDATE club_prize SET active = active WHERE id = ANY(%s) RETURNING id", ids))
        prizes.invalidate_recordset()

    # -- who may have it -----------------------------------------------------------------------------

    def _check_available(self, member):
        """Refuse a member who cannot choose this prize now: not for them, over, none left, had too often, too dear.

        Take :meth:`_lock` before, where the answer must still be true when it is charged.

        :raises UserError: with the prize, the reason and what to do.
        """
        self.ensure_one()
        prize = self.sudo()
        _ = self.env._
        if not prize.active or prize.channel == "won":
            raise UserError(
                _("%(prize)s is not offered any more. Nothing was taken: choose something else.", prize=prize.name)
            )
        self._check_audience(member)
        self._check_left(1)
        self._check_limit(member)
        club = prize.club_id
        short = to_decimal(prize.points) - to_decimal(max(member.sudo().balance, 0))
        if short > 0:
            raise NotEnoughPoints(
                _(
                    "%(prize)s takes %(points)s: %(missing)s more than you can spend. Nothing was taken.",
                    prize=prize.name,
                    points=club._show_points(prize.points),
                    missing=club._show_points(short),
                )
            )

    def _check_left(self, count):
        """Refuse to give more than there is.

        :raises OutOfStock: with what is left.
        """
        self.ensure_one()
        left = self._get_left()
        if left is None or left >= count:
            return
        if left <= 0:
            raise OutOfStock(
                self.env._(
                    "%(prize)s is gone: nothing is left of it. Nothing was taken: choose something else.",
                    prize=self.sudo().name,
                )
            )
        raise OutOfStock(
            self.env._(
                "Only %(left)s are left of %(prize)s, not %(count)s. Nothing was taken.",
                left=left,
                prize=self.sudo().name,
                count=count,
            )
        )

    def _check_limit(self, member):
        """Refuse a member who chose this prize as often as one may."""
        prize = self.sudo()
        if not prize.limit_count or prize._count_chosen_by(member)[prize.id] < prize.limit_count:
            return
        raise UserError(
            self.env._(
                "You have had %(prize)s as often as one may: %(limit)s. Nothing was taken: choose something else.",
                prize=prize.name,
                limit=prize._show_limit(),
            )
        )

    def _show_limit(self):
        """The limit per member in words; empty without one."""
        self.ensure_one()
        if not self.limit_count:
            return ""
        _ = self.env._
        return {
            "day": lambda count: _("%(count)s a day", count=count),
            "week": lambda count: _("%(count)s a week", count=count),
            "month": lambda count: _("%(count)s a month", count=count),
            "year": lambda count: _("%(count)s a year", count=count),
            "ever": lambda count: _("%(count)s in all", count=count),
        }[self.limit_period](self.limit_count)

    def _count_chosen_by(self, member):
        """How often a member chose each of these in the period of its limit; what came to nothing does not count.

        One query per kind of period.

        :rtype: dict[int, int]
        """
        counts = dict.fromkeys(self.ids, 0)
        limited = self.sudo().filtered("limit_count")
        for period, prizes in limited.grouped("limit_period").items():
            domain = [
                ("prize_id", "in", prizes.ids),
                ("member_id", "in", member.sudo()._get_own_ids()),
                ("source", "!=", "won"),
                ("state", "not in", ("cancelled", "refused", "returned")),
            ]
            if period != "ever":
                club = member.sudo().club_id
                first, _last = periods.period_bounds(period, club._get_today(), club.calendar, int(club.week_start))
                domain.append(("requested_at", ">=", periods.day_bounds(first, club.tz)[0]))
            rows = self.env["club.redemption"].sudo()._read_group(domain, ["prize_id"], ["__count"])
            counts.update({prize.id: count for prize, count in rows})
        return counts

    # -- giving --------------------------------------------------------------------------------------

    def _redeem(self, member, key, source="portal"):
        """A member chooses this prize: checked and charged under its lock, then delivered or queued.

        :param member: one ``club.member``.
        :param str key: names this choice; the same key again gives the first redemption and takes nothing.
        :param str source: ``portal`` or ``counter``.
        :return: the ``club.redemption`` (sudo).
        :raises UserError: the prize, the member or the points do not allow it; nothing was taken then.
        """
        self.ensure_one()
        member = member.sudo()
        known = self._find_awarded(member, key, None)
        if known:
            return known
        member._check_spender()
        self._lock()
        if source == "portal" and self.sudo().channel != "portal":
            raise UserError(
                self.env._("%(prize)s is only offered at our counter. Nothing was taken.", prize=self.sudo().name)
            )
        self._check_available(member)
        return self._award(member, None, key, points=self.sudo().points, source=source)

    def _award(self, members, origin, key, points=0, source="won"):
        """Give one of this prize to each member, whoever may choose it: a win of a draw or a raffle, a campaign's gift.

        The prize's row is locked and its stock checked here. Whoever must not fail after a random choice takes
        :meth:`_lock` and :meth:`_get_left` before choosing; delivering never fails then: what cannot be delivered at
        once waits as a redemption for the staff.

        :param members: ``club.member`` records of the prize's club.
        :param origin: the record by which it was given (a play, a raffle's prize), or ``None``.
        :param str key: names the giving; the same key again gives the first redemptions.
        :param points: what each of them pays, a positive number; 0 for what is won.
        :return: ``club.redemption`` records (sudo), in the order of the members.
        :raises OutOfStock: there are not so many left; nothing was given then.
        :raises NotEnoughPoints: a member cannot pay; nothing was given then.
        """
        self.ensure_one()
        members = members.sudo()
        found = {member.id: self._find_awarded(member, key, origin) for member in members}
        missing = members.filtered(lambda member: not found[member.id])
        if missing:
            # A caller that shows the error instead of failing must not keep a prize without its points.
            with self.env.cr.savepoint():
                self._check_members(missing)
                self._lock()
                self._check_left(len(missing))
                redemptions = self._make_redemptions(missing, origin, key, source)
                redemptions._settle_points({redemption.id: to_decimal(points or 0) for redemption in redemptions})
                redemptions._begin()
            found.update({redemption.member_id.id: redemption for redemption in redemptions})
        return self.env["club.redemption"].sudo().union(*(found[member.id] for member in members))

    def _make_redemptions(self, members, origin, key, source):
        prize = self.sudo()
        return (
            self.env["club.redemption"]
            .sudo()
            .with_context(club_redemption=OURS, mail_create_nosubscribe=True)
            .create([prize._prepare_redemption_values(member, origin, key, source) for member in members])
            .with_env(prize.env)
        )

    def _check_members(self, members):
        strangers = members.filtered(lambda member: member.club_id != self.sudo().club_id)
        if strangers:
            raise UserError(
                self.env._(
                    "%(prize)s is a prize of %(club)s, and %(member)s is not its member. Nothing was given.",
                    prize=self.sudo().name,
                    club=self.sudo().club_id.name,
                    member=strangers[:1].display_name,
                )
            )
        members._check_spender()

    def _get_award_key(self, member, key):
        return f"{key}:member,{member.id}"

    def _find_awarded(self, member, key, origin):
        """The redemption that was given under this key already, if any.

        :raises UserError: the key named something else.
        """
        found = self.env["club.redemption"].sudo().search([("key", "=", self._get_award_key(member, key))], limit=1)
        same_origin = (found.origin_model or "", found.origin_id) == ((origin._name, origin.id) if origin else ("", 0))
        if found and (found.prize_id != self or not same_origin):
            raise UserError(
                self.env._(
                    "This request was used for %(prize)s already. Reload the page and choose again; nothing was taken.",
                    prize=found.prize_id.name,
                )
            )
        return found

    def _prepare_redemption_values(self, member, origin, key, source):
        self.ensure_one()
        return {
            "member_id": member.id,
            "prize_id": self.id,
            "delivery": self.delivery,
            "product_id": self.product_id.id if self.delivery == "order_line" else False,
            "money": self.money if source != "won" else 0.0,
            "nature": self.nature,
            "source": source,
            "origin_model": origin._name if origin else False,
            "origin_id": origin.id if origin else 0,
            "key": self._get_award_key(member, key),
            "requested_at": fields.Datetime.now(),
        }

    def _get_unit_cost(self):
        """What one costs the shop now, in the company's currency, without taxes."""
        self.ensure_one()
        prize = self.sudo()
        if prize.cost or not prize.product_id:
            return prize.cost
        return prize.product_id.with_company(prize.company_id).standard_price
