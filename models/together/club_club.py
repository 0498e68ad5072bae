"""What a club allows members to do together."""

from decimal import Decimal, InvalidOperation

from odoo import fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError


class ClubClub(models.Model):
    _inherit = "club.club"

    # Gifts
    gift_active = fields.Boolean(string="Gifts between Members", help="Members may give points to each other.")
    gift_age_days = fields.Integer(
        string="Youngest Points to Give",
        default=30,
        help="Days since the purchase that brought them. Only points of purchases can be given or pooled: an account "
        "that was made for its welcome gift is worth nothing to anybody else.",
    )
    gift_again_days = fields.Integer(
        string="Received Points Stay", default=90, help="Days for which points received as a gift cannot be passed on."
    )
    gift_most = fields.Float(string="Most per Gift", digits=(16, 2), help="0: no limit.")
    gift_most_day = fields.Float(string="Most Given per Day", digits=(16, 2), help="0: no limit.")
    gift_most_month = fields.Float(string="Most Given per Month", digits=(16, 2), help="0: no limit.")
    gift_most_year = fields.Float(string="Most Given per Year", digits=(16, 2), help="0: no limit.")
    gift_most_received = fields.Float(
        string="Most Received per Month", digits=(16, 2), help="From everybody together. 0: no limit."
    )
    gift_accept = fields.Boolean(
        string="Recipients Accept", default=True, help="Points arrive only when the recipient has accepted them."
    )
    gift_accept_days = fields.Integer(
        string="Days to Accept", default=7, help="After that the points go back to the giver."
    )
    gift_cooling_hours = fields.Integer(
        string="Hours to Undo",
        default=24,
        help="A gift to somebody who never got one from this member can be spent only after so many hours, and can be "
        "undone until then. 0: at once.",
    )
    gift_alert_givers = fields.Integer(
        string="Many Givers",
        default=5,
        help="A gift waits for a manager when its recipient was given to by so many members within 30 days. 0: never.",
    )

    # Pools
    pool_active = fields.Boolean(string="Pools of Friends or Family", help="Members may share points in a pool.")
    pool_members_most = fields.Integer(string="Members per Pool", default=6)
    pool_per_member = fields.Integer(string="Pools per Member", default=1)
    pool_most_month = fields.Float(
        string="Most into a Pool per Month", digits=(16, 2), help="What one member may contribute. 0: no limit."
    )

    # Honour roll
    honour_active = fields.Boolean(
        string="Honour Roll", help="Members who agree stand on it with their nickname, without amounts or dates."
    )
    honour_donors = fields.Boolean(string="Honour Who Gave", default=True, help="Members who donated to a cause.")
    honour_helpers = fields.Boolean(
        string="Honour Who Helped", default=True, help="Members whose feedback was taken up."
    )
    honour_tier_id = fields.Many2one(
        "club.tier",
        string="Honour from Tier",
        ondelete="set null",
        help="Members of this tier and above. Empty: nobody for the tier alone.",
    )

    account_partner_id = fields.Many2one("res.partner", readonly=True, copy=False, ondelete="restrict")

    _together_valid = models.Constraint(
        "CHECK(gift_age_days >= 0 AND gift_again_days >= 0 AND gift_most >= 0 AND gift_most_day >= 0 AND "
        "gift_most_month >= 0 AND gift_most_year >= 0 AND gift_most_received >= 0 AND gift_accept_days >= 1 AND "
        "gift_cooling_hours >= 0 AND gift_alert_givers >= 0 AND pool_members_most >= 2 AND pool_per_member >= 1 AND "
        "pool_most_month >= 0)",
        "Limits of gifts and pools cannot be negative; a recipient has at least a day to accept, a pool at least two "
        "members.",
    )

    def _get_giveable_facts(self):
        """Types of facts whose points members may give away. To be extended with care: see abuse 10."""
        return ("purchase",)

    def _get_point_step(self):
        """The smallest part of a point that this club counts."""
        self.ensure_one()
        return Decimal(1).scaleb(-self.points_digits)

    def _read_typed_points(self, points):
        """Points that somebody typed, exactly as many as were meant.

        :raises UserError: it is no positive number with the club's decimals.
        """
        self.ensure_one()
        try:
            number = engine_lots.exact(points, self.points_digits)
        except (engine_lots.InexactPointsError, InvalidOperation):
            number = Decimal(0)
        if number <= 0:
            raise UserError(
                self.env._(
                    '"%(typed)s" is not a number of points here. Nothing was taken: type a number like 50.',
                    typed=str(points)[:20],
                )
            )
        return number

    def _get_period_start(self, kind):
        """The moment (UTC) at which the club's day, month or year began.

        :param str kind: ``day``, ``month`` or ``year``.
        """
        self.ensure_one()
        first, last = periods.period_bounds(kind, self._get_today(), self.calendar)
        return periods.range_bounds(first, last, self.tz)[0]
