"""A partner merchant: a business at whose counter members earn too."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

COUNTING_STATES = ("recorded", "corrected")


class ClubMerchant(models.Model):
    """A merchant of one club: how much of a purchase there counts, how long its points wait, how many it may give.

    A merchant gains from purchases that never happened (abuse 12): points wait until goods can no longer be returned,
    what exceeds the limits waits for a manager, and the merchant's own people earn nothing there.
    """

    _name = "club.merchant"
    _description = "Partner Merchant"
    _inherit = ["mail.thread", "club.coded"]
    _order = "club_id, name, id"
    _check_company_auto = True

    name = fields.Char(related="partner_id.name", store=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one("res.partner", string="Business", required=True, index=True, ondelete="restrict")
    code = fields.Char(help="Names the merchant towards other systems, e.g. bakery: small letters, digits, hyphens.")
    state = fields.Selection(
        [("active", "Active"), ("suspended", "Suspended")], default="active", required=True, tracking=True
    )
    integration_id = fields.Many2one(
        "club.integration",
        string="Reports By",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('club_ids', 'in', club_id)]",
        help="The integration that may report this merchant's purchases. Empty: only staff do.",
    )
    share = fields.Float(
        string="Counts (%)",
        default=100.0,
        digits=(5, 2),
        required=True,
        tracking=True,
        help="Which part of a purchase here counts for the rules.",
    )
    hold_days = fields.Integer(
        default=14,
        tracking=True,
        help="Days after a purchase is reported before its points can be spent; at least the merchant's return period.",
    )
    points_per_day = fields.Float(
        string="Most Points per Day", digits=(16, 2), tracking=True, help="More waits for a manager. 0: no limit."
    )
    points_per_month = fields.Float(
        string="Most Points per Month", digits=(16, 2), tracking=True, help="More waits for a manager. 0: no limit."
    )
    staff_ids = fields.Many2many(
        "res.partner",
        string="People of the Merchant",
        help="Owners and employees: they earn nothing here. Contacts of the company are known already.",
    )
    touched_at = fields.Datetime(readonly=True, copy=False, help="Two reports at one moment follow one another.")
    purchase_ids = fields.One2many("club.merchant.purchase", "merchant_id")
    purchase_count = fields.Integer(compute="_compute_purchases")
    held_count = fields.Integer(string="Waiting for a Decision", compute="_compute_purchases")
    points_given = fields.Float(compute="_compute_purchases", digits=(16, 2))

    _partner_unique = models.UniqueIndex(
        "(club_id, partner_id) WHERE active", "This company is a merchant of the club already."
    )
    _terms_valid = models.Constraint(
        "CHECK(share > 0 AND share <= 100 AND hold_days >= 0 AND points_per_day >= 0 AND points_per_month >= 0)",
        "A share lies above 0 and up to 100 percent; days and limits cannot be negative.",
    )

    # -- computes ------------------------------------------------------------

    def _compute_purchases(self):
        rows = self.env["club.merchant.purchase"]._read_group(
            [("merchant_id", "in", self.ids)], ["merchant_id", "state"], ["__count", "points:sum"]
        )
        for merchant in self:
            own = [(state, count, points) for found, state, count, points in rows if found == merchant]
            merchant.purchase_count = sum(count for _state, count, _points in own)
            merchant.held_count = sum(count for state, count, _points in own if state == "held")
            merchant.points_given = sum(points for _state, _count, points in own)

    # -- constrains ----------------------------------------------------------

    @api.constrains("club_id", "integration_id", "partner_id")
    def _check_club(self):
        for merchant in self:
            if merchant.integration_id and merchant.club_id not in merchant.integration_id.club_ids:
                raise ValidationError(
                    self.env._(
                        "The integration %(integration)s does not serve the club of %(merchant)s. "
                        "Choose another one, or let it serve %(club)s.",
                        integration=merchant.integration_id.name,
                        merchant=merchant.name,
                        club=merchant.club_id.name,
                    )
                )
            company = merchant.partner_id.company_id
            if company and company != merchant.company_id:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is a contact of %(company)s only. Choose a contact of the club's company.",
                        partner=merchant.partner_id.name,
                        company=company.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    def _is_code_known(self):
        return bool(self.sudo().purchase_ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered(lambda merchant: merchant.sudo().purchase_ids)
        if used:
            raise UserError(
                self.env._("%(merchant)s has reported purchases. Archive it instead.", merchant=used[0].name)
            )

    # -- actions -------------------------------------------------------------

    def action_suspend(self):
        """Stop this merchant at once: what it reports is refused."""
        self.write({"state": "suspended"})

    def action_resume(self):
        self.write({"state": "active"})

    def action_view_purchases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_merchant_purchase_action")
        return {**action, "domain": [("merchant_id", "=", self.id)], "context": {"default_merchant_id": self.id}}

    # -- business ------------------------------------------------------------

    def _get_obstacle(self, member):
        """Why a member cannot earn at this merchant now, as a sentence with the remedy; empty if nothing is in the way.

        An override adds reasons of its own.
        """
        self.ensure_one()
        _ = self.env._
        if self.state != "active" or not self.active:
            return _("%(merchant)s is suspended. A club manager can resume it.", merchant=self.name)
        if member.club_id != self.club_id:
            return _("%(merchant)s is no partner of the club of %(member)s.", merchant=self.name, member=member.number)
        if member.state != "active":
            return _("The member %(member)s is no longer active.", member=member.number)
        if self._is_own(member.partner_id):
            return _(
                "The member %(member)s belongs to %(merchant)s, and nobody earns at their own counter.",
                member=member.number,
                merchant=self.name,
            )
        return ""

    def _is_own(self, partner):
        """Whether somebody is the merchant, or one of its people, also under another contact with the same e-mail or
        phone.
        """
        companies = self.partner_id.commercial_partner_id
        people = self.staff_ids | self.staff_ids.commercial_partner_id.filtered(lambda person: not person.is_company)
        if partner.commercial_partner_id in companies or partner in people:
            return True
        identity = self.env["club.identity"].sudo()
        salt = identity._get_salt()
        mine = set(identity._get_digests(partner, salt))
        known = people | companies | companies.child_ids
        return bool(mine) and any(mine.intersection(identity._get_digests(person, salt)) for person in known)

    def _lock(self, always=False):
        """Let reports of one merchant follow one another where its limits must be counted, or ``always``.

        SQL, because the row must change: a second transaction then starts over with a new snapshot.
        """
        limited = self.filtered(lambda merchant: always or merchant.points_per_day or merchant.points_per_month)
        if limited:
            self.env.execute_query(
                SQL(
                    "UPDATE club_merchant SET touched_at = %s WHERE id IN"
                    " (SELECT id FROM club_merchant WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) RETURNING 1",
                    fields.Datetime.now(),
                    limited.ids,
                )
            )

    def _get_points_left(self):
        """What each merchant may still give, as a list of (limit, what is left, sentence); two queries at most."""
        left = {}
        now = fields.Datetime.now()
        for name, period in (("points_per_day", "day"), ("points_per_month", "month")):
            for club, merchants in self.filtered(name).grouped("club_id").items():
                today = periods.local_date(now, club.tz)
                first, last = periods.period_bounds(period, today, club.calendar, int(club.week_start))
                start, end = periods.range_bounds(first, last, club.tz)
                given = dict(
                    self.env["club.merchant.purchase"]
                    .sudo()
                    ._read_group(
                        [
                            ("merchant_id", "in", merchants.ids),
                            ("state", "in", COUNTING_STATES),
                            ("recorded_at", ">=", start),
                            ("recorded_at", "<", end),
                        ],
                        ["merchant_id"],
                        ["points:sum"],
                    )
                )
                for merchant in merchants:
                    most = engine_lots.to_decimal(round(merchant[name], 2))
                    used = engine_lots.to_decimal(round(given.get(merchant, 0.0), 2))
                    left.setdefault(merchant.id, []).append([most - used, merchant._say_limit(name, most)])
        return left

    def _say_limit(self, name, most):
        points = formatLang(self.env, float(most), digits=0 if most == int(most) else 2)
        if name == "points_per_day":
            return self.env._("More than the %(points)s points that it may give a day.", points=points)
        return self.env._("More than the %(points)s points that it may give a month.", points=points)
