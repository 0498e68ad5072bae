"""Who shares a pool."""

from odoo import fields, models
from odoo.exceptions import UserError

ROLES = ("spender", "contributor")


class ClubPoolMember(models.Model):
    """A member's place in a pool, from the invitation to the parting."""

    _name = "club.pool.member"
    _description = "Member of a Club Pool"
    _order = "pool_id desc, id"
    _rec_name = "member_id"

    pool_id = fields.Many2one("club.pool", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="pool_id.company_id", store=True)
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    role = fields.Selection(
        [("founder", "Founder"), ("spender", "May spend"), ("contributor", "Contributes only")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("invited", "Invited"), ("active", "In the pool"), ("left", "Left"), ("declined", "Declined")],
        required=True,
        readonly=True,
    )
    month_most = fields.Float(
        string="Most to Spend per Month", digits=(16, 2), readonly=True, help="On orders. 0: no limit."
    )
    joined_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    left_at = fields.Datetime(readonly=True)
    contribution_ids = fields.One2many("club.pool.contribution", "place_id", readonly=True)

    _once = models.UniqueIndex(
        "(pool_id, member_id) WHERE state IN ('invited', 'active')", "This member is in the pool already."
    )
    _one_founder = models.UniqueIndex(
        "(pool_id) WHERE state = 'active' AND role = 'founder'", "A pool has one founder."
    )

    def _accept(self):
        """The invited member shares the pool from now on.

        :raises UserError: the pool is closed or full, or the member is in as many pools as it may be.
        """
        self.ensure_one()
        row = self.sudo()
        row.pool_id._lock()
        row.member_id._lock_cards(touch=True)
        row.invalidate_recordset(["state"])
        if row.state != "invited":
            return
        row.pool_id._check_open()
        row.pool_id._check_room()
        row.member_id._check_pool_room()
        row.write({"state": "active", "joined_at": fields.Datetime.now()})

    def _decline(self):
        """The invited member does not want to, or the founder takes the invitation back."""
        row = self.sudo()
        row.pool_id._lock()
        row.filtered(lambda row: row.state == "invited").write({"state": "declined", "left_at": fields.Datetime.now()})

    def _set_terms(self, founder, role, month_most):
        """The founder says whether this member may spend, and how much in a month.

        :param str role: ``spender`` or ``contributor``; the founder's own stays.
        :param month_most: points, 0 for no limit.
        """
        self.ensure_one()
        row = self.sudo()
        row.pool_id._lock()
        row.pool_id._check_founder(founder)
        if role not in ROLES or month_most < 0:
            raise UserError(self.env._("Choose what this member may do. Nothing was changed."))
        row.write({"month_most": float(month_most), **({"role": role} if row.role != "founder" else {})})
