"""A pool: points that friends or a family share."""

import secrets
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.models.entry_sql import REVERSED
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

LINK_DAYS = 7
SPENDERS = ("founder", "spender")


class ClubPool(models.Model):
    """Points of several members on one account, which some of them may spend.

    The points lie on the card of an account (a ``club.member`` that is nobody), lot by lot, with their expiry, their
    cohort and who brought them. What is left belongs to those who are in the pool in proportion to what each brought,
    see ``engine/together.py``; :mod:`.club_pool_parting` gives it back.
    """

    _name = "club.pool"
    _description = "Club Pool"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    account_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True, readonly=True)
    member_ids = fields.One2many("club.pool.member", "pool_id", readonly=True)
    member_count = fields.Integer(compute="_compute_member_count", string="Members")
    points = fields.Float(related="account_id.balance", string="Points")
    founder_id = fields.Many2one("club.member", compute="_compute_founder_id")
    contribution_ids = fields.One2many("club.pool.contribution", "pool_id", readonly=True)
    link = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS, help="Secret part of the invitation link.")
    link_until = fields.Datetime(readonly=True, copy=False)
    touched_at = fields.Datetime(readonly=True, copy=False, help="Two steps at one moment follow one another.")
    closed_at = fields.Datetime(readonly=True, copy=False)
    form_key = fields.Char(readonly=True, copy=False)

    _account_unique = models.Constraint("UNIQUE(account_id)", "An account belongs to one pool.")
    _link_unique = models.UniqueIndex("(link) WHERE link IS NOT NULL", "This link exists already.")
    _form_unique = models.UniqueIndex("(club_id, form_key) WHERE form_key IS NOT NULL", "This pool was made already.")

    @api.depends("member_ids.state")
    def _compute_member_count(self):
        for pool in self:
            pool.member_count = len(pool._get_rows())

    @api.depends("member_ids.state", "member_ids.role")
    def _compute_founder_id(self):
        for pool in self:
            pool.founder_id = pool._get_rows().filtered(lambda row: row.role == "founder")[:1].member_id

    # -- actions ---------------------------------------------------------------------------------------

    def action_view_entries(self):
        """Open what happened to the pool's points."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points of %(pool)s", pool=self.name),
            "res_model": "club.point.entry",
            "views": [(False, "list"), (False, "form")],
            "domain": [("member_id", "=", self.account_id.id)],
        }

    def action_close(self):
        """A manager closes pools: what is left goes back to the members."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("customer_club.group_club_manager")):
            raise AccessError(self.env._("Only a manager of the club closes somebody else's pool. Ask one of them."))
        self.sudo()._close()

    # -- making ----------------------------------------------------------------------------------------

    @api.model
    def _found(self, member, name, form_key=None):
        """A new pool of which ``member`` is the founder.

        :param str name: plain text, at most 60 characters are kept.
        :raises UserError: the club has no pools, or the member is in as many as it may be.
        """
        Pool = self.sudo()
        club = member.sudo().club_id
        key = form_key and f"{member.id}:{form_key}"
        known = key and Pool.search([("club_id", "=", club.id), ("form_key", "=", key)], limit=1)
        if known:
            return known
        name = " ".join((name or "").replace("\0", " ").split())[:60]
        if not name:
            raise UserError(self.env._("Give the pool a name, for example your family's. Nothing was changed."))
        member._lock_cards(touch=True)
        member._check_pool_room()
        pool = Pool.create(
            {"name": name, "club_id": club.id, "account_id": club._create_account(name).id, "form_key": key or False}
        )
        self.env["club.pool.member"].sudo().create(
            {"pool_id": pool.id, "member_id": member.id, "role": "founder", "state": "active"}
        )
        return pool

    @api.constrains("club_id", "account_id")
    def _check_account(self):
        for pool in self:
            if pool.account_id.club_id != pool.club_id or pool.account_id.state != "account":
                raise ValidationError(self.env._("The account of %(pool)s is not one of its club.", pool=pool.name))

    def _lock(self):
        """Let steps of one pool follow one another: the later one starts over with what the earlier one did.

        SQL, because the row must be locked and changed before anything of the pool is read.
        """
        pools = self.sudo()
        pools.flush_recordset()
        self.env.execute_query(
            SQL(
                """UPDATE club_pool SET touched_at = %s
                    WHERE id IN (SELECT id FROM club_pool WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
                RETURNING id""",
                fields.Datetime.now(),
                pools.ids,
            )
        )
        pools.invalidate_recordset(["touched_at", "state", "member_ids", "link"])
        pools.member_ids.invalidate_recordset(["state", "role"])
        return pools

    def _check_open(self):
        self.ensure_one()
        if self.state != "open" or not self.club_id.pool_active:
            raise UserError(self.env._("%(pool)s is closed. Nothing was changed.", pool=self.name))

    def _get_rows(self):
        """Those who are in the pool now, in the order of their joining."""
        return self.member_ids.filtered(lambda row: row.state == "active").sorted("id")

    def _get_row(self, member, states=("active",)):
        """The place of ``member`` in this pool, or none."""
        self.ensure_one()
        return self.sudo().member_ids.filtered(lambda row: row.member_id == member and row.state in states)[:1]

    # -- inviting --------------------------------------------------------------------------------------

    def _invite(self, founder, other):
        """Ask another member to share; nothing happens until it accepts.

        :raises UserError: the pool is full, or the other is in it.
        """
        self._lock()
        self._check_open()
        self._check_founder(founder)
        other._check_spender()
        if other.club_id != self.club_id or other == founder:
            raise UserError(self.env._("Choose another member of the same club. Nothing was changed."))
        if self._get_row(other, ("invited", "active")):
            raise UserError(self.env._("This member is invited or in the pool already. Nothing was changed."))
        self._check_room(invited=True)
        return (
            self.env["club.pool.member"]
            .sudo()
            .create({"pool_id": self.id, "member_id": other.id, "role": "spender", "state": "invited"})
        )

    def _check_founder(self, member):
        if self._get_row(member).role != "founder":
            raise UserError(
                self.env._("Only the founder of %(pool)s may do this. Nothing was changed.", pool=self.name)
            )

    def _check_room(self, invited=False):
        states = ("invited", "active") if invited else ("active",)
        count = len(self.sudo().member_ids.filtered(lambda row: row.state in states))
        if count >= self.club_id.pool_members_most:
            raise UserError(
                self.env._(
                    "%(pool)s is full: %(most)s members may share it. Nothing was changed.",
                    pool=self.name,
                    most=self.club_id.pool_members_most,
                )
            )

    def _make_link(self, founder):
        """A new invitation link, good for some days; an older one ends.

        :return: its secret part.
        """
        self._lock()
        self._check_open()
        self._check_founder(founder)
        self.sudo().write(
            {
                "link": secrets.token_urlsafe(18),
                "link_until": fields.Datetime.now() + timedelta(days=LINK_DAYS),
            }
        )
        return self.sudo().link

    @api.model
    def _find_by_link(self, link):
        """The open pool that an invitation link leads to, or none; unknown and ended links look the same."""
        if not link or len(link) > 40:
            return self.sudo().browse()
        return self.sudo().search(
            [("link", "=", link), ("link_until", ">", fields.Datetime.now()), ("state", "=", "open")], limit=1
        )

    def _join_by_link(self, member, link):
        """Whoever has the link joins as one who contributes; the founder may let it spend too."""
        self._lock()
        if self.sudo().link != link:
            raise UserError(self.env._("This invitation has ended. Ask for a new link; nothing was changed."))
        self._check_open()
        if self._get_row(member):
            return self._get_row(member)
        row = self._get_row(member, ("invited",)) or self.env["club.pool.member"].sudo().create(
            {"pool_id": self.id, "member_id": member.id, "role": "contributor", "state": "invited"}
        )
        row._accept()
        return row

    # -- points ----------------------------------------------------------------------------------------

    def _get_free_points(self):
        """What of the pool can be spent or given back now: not what payments hold or what has expired.

        :rtype: Decimal
        """
        self.ensure_one()
        card = self.sudo().account_id.card_id
        held = self.env["club.point.entry"].sudo()._get_held_points({(card.id, None, None)})
        return engine_lots.to_decimal(round(card.points, 2)) - sum(held.values(), Decimal(0))

    @api.model
    def _find_by_card(self, card):
        """The pool whose points are on a card; no query for a card of a person."""
        member = card._club_member()
        if member.state != "account":
            return self.sudo().browse()
        return self.sudo().search([("account_id", "=", member.id)], limit=1)

    def _get_spent_by(self, member, but_order=None):
        """What ``member`` spent of the pool on orders this month, less what was given back.

        SQL because what was given back names the spend that it reverses.

        :rtype: Decimal
        """
        self.ensure_one()
        [(points,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(-SUM(e.points), 0)
                  FROM club_point_entry e %s
                  JOIN sale_order o ON o.id = e.origin_id
                 WHERE e.card_id = %s AND e.origin_model = 'sale.order' AND COALESCE(reversed.kind, e.kind) = 'spend'
                   AND COALESCE(reversed.date, e.date) >= %s AND o.partner_id = ANY(%s) AND o.id <> %s
                """,
                REVERSED,
                self.sudo().account_id.card_id.id,
                self.sudo().club_id._get_period_start("month"),
                member.sudo()._get_buyers().ids,
                but_order.id if but_order and but_order.id else 0,
            )
        )
        return engine_lots.to_decimal(points)

    def _get_promised_to(self, member, but_order):
        """What other orders of ``member`` take of the pool and is not posted yet.

        Orders being paid hold their points, and are not asked for the limit any more once they are paid; orders
        confirmed in one step are all checked before the first of them is posted. SQL because a hold is derived from
        an order's payments, and an order that is posted is known by its entries.

        :rtype: Decimal
        """
        self.ensure_one()
        self.env["sale.order"].flush_model(["state", "partner_id"])
        self.env["sale.order.line"].flush_model(["points_cost", "coupon_id"])
        self.env["payment.transaction"].flush_model(["state"])
        [(points,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(line.points_cost), 0)
                  FROM sale_order_line line JOIN sale_order o ON o.id = line.order_id
                 WHERE line.coupon_id = %(card)s AND line.points_cost > 0 AND o.partner_id = ANY(%(buyers)s)
                   AND o.id <> %(order)s
                   AND ((o.state IN ('draft', 'sent') AND %(paying)s)
                        OR (o.state = 'sale' AND NOT EXISTS (
                            SELECT FROM club_point_entry e
                             WHERE e.origin_model = 'sale.order' AND e.origin_id = o.id AND e.card_id = %(card)s)))
                """,
                card=self.sudo().account_id.card_id.id,
                buyers=member.sudo()._get_buyers().ids,
                order=but_order.id or 0,
                paying=self.env["club.point.entry"].sudo()._get_paying_condition(),
            )
        )
        return engine_lots.to_decimal(round(points, 2))

    def _check_spending(self, order, points):
        """Whether the buyer of an order may use so many of the pool's points on it.

        An order whose money was taken keeps what it was promised (never 22).

        :raises UserError: in words for the buyer.
        """
        self.ensure_one()
        member = self.club_id._get_buyer_member(order.partner_id) if order.company_id == self.company_id else None
        paid = order._club_is_money_taken()
        row = self._get_row(member, ("active", "left") if paid else ("active",)) if member else None
        if not row or (not paid and (row.role not in SPENDERS or not self.club_id.pool_active)):
            raise UserError(
                self.env._(
                    "%(customer)s may not spend the points of the pool used on %(order)s. Remove the reward from the "
                    "order and claim it again with other points.",
                    order=order.name,
                    customer=order.partner_id.display_name,
                )
            )
        if paid or not row.month_most:
            return
        left = engine_lots.to_decimal(row.month_most) - self._get_spent_by(row.member_id, order)
        left -= self._get_promised_to(row.member_id, order)
        if points > left:
            raise UserError(
                self.env._(
                    "%(order)s uses %(points)s of the pool %(pool)s, but only %(left)s more may be spent by this "
                    "member this month. Nothing was taken: use fewer.",
                    order=order.name,
                    points=self.club_id._show_points(points),
                    pool=self.name,
                    left=self.club_id._show_points(max(left, Decimal(0))),
                )
            )
