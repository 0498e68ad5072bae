"""What a member put into a pool."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import together
from odoo.exceptions import UserError


class ClubPoolContribution(models.Model):
    """Points that a member moved into a pool; the ledger's entries name it, so that each lot knows its contributor."""

    _name = "club.pool.contribution"
    _description = "Contribution to a Club Pool"
    _order = "id desc"
    _rec_name = "place_id"

    place_id = fields.Many2one("club.pool.member", required=True, readonly=True, index=True, ondelete="restrict")
    pool_id = fields.Many2one(related="place_id.pool_id", store=True, index=True)
    member_id = fields.Many2one(related="place_id.member_id", store=True)
    company_id = fields.Many2one(related="pool_id.company_id", store=True)
    points = fields.Float(digits=(16, 2), required=True, readonly=True)
    made_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    form_key = fields.Char(readonly=True, copy=False)

    _form_unique = models.UniqueIndex(
        "(place_id, form_key) WHERE form_key IS NOT NULL", "This was contributed already."
    )

    @api.model
    def _contribute(self, place, points, form_key=None):
        """Move points of a member into its pool, lot by lot; the same form sent twice moves them once.

        :param place: the ``club.pool.member`` of who contributes.
        :param points: positive points in the club's decimals.
        :raises UserError: not in the pool, too many, or too young to be given (abuse 10); nothing was taken.
        """
        place.ensure_one()
        row, Contribution = place.sudo(), self.sudo()
        pool, member = row.pool_id._lock(), row.member_id
        known = form_key and Contribution.search([("place_id", "=", row.id), ("form_key", "=", form_key)], limit=1)
        if known:
            return known
        points = pool.club_id._read_typed_points(points)
        pool._check_open()
        member._check_spender()
        if row.state != "active":
            raise UserError(self.env._("You are not in %(pool)s any more. Nothing was taken.", pool=pool.name))
        member._lock_cards(pool.account_id)
        limit = self._get_limit(member)
        if together.exceeded(points, [limit]):
            raise UserError(
                self.env._(
                    "You can put %(left)s more into pools this month. Nothing was taken: choose less.",
                    left=pool.club_id._show_points(limit.left),
                )
            )
        lots = member._check_giveable(points)
        contribution = Contribution.create({"place_id": row.id, "points": float(points), "form_key": form_key or False})
        member._transfer(
            pool.account_id, points, f"club.pool.contribution,{contribution.id}", origin=contribution, lots=lots
        )
        return contribution

    @api.model
    def _get_limit(self, member):
        """What a member may still contribute this month, to all of its pools.

        :rtype: engine.together.Limit
        """
        club = member.sudo().club_id
        used = Decimal(0)
        if club.pool_most_month:
            [(points,)] = self.sudo()._read_group(
                [
                    ("member_id", "in", member._get_own_ids()),
                    ("made_at", ">=", club._get_period_start("month")),
                ],
                [],
                ["points:sum"],
            )
            used = engine_lots.to_decimal(round(points or 0, 2))
        return together.Limit("month", engine_lots.to_decimal(club.pool_most_month), used)
