"""Another system that may talk to a club: what it may do, how much, and by which technical user."""

import secrets
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

API_GROUP = "customer_club.group_club_api"
ROTATION_HOURS = 24


class ClubIntegration(models.Model):
    """A till, a kiosk, a partner's system. Its technical user can call ``club.api`` and nothing else.

    An API key of Odoo equals its whole user. That is why the user is made here, without a password and with a single
    group, and is never an employee's.
    """

    _name = "club.integration"
    _description = "Club Integration"
    _inherit = ["mail.thread", "club.bounded"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True, help="Which system it is, e.g. Till in the main street.")
    active = fields.Boolean(
        default=True, tracking=True, help="An archived integration is refused at once, whatever key it has."
    )
    club_ids = fields.Many2many(
        "club.club",
        string="Clubs",
        required=True,
        tracking=True,
        default=lambda self: self.env["club.club"].search([("company_id", "=", self.env.company.id)], limit=1),
        help="The only clubs that it can touch; all of one company.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users", string="Technical User", readonly=True, copy=False, ondelete="restrict", index=True
    )
    login = fields.Char(related="user_id.login", string="Login for XML-RPC")
    allow_find = fields.Boolean(
        string="Find Members", default=True, tracking=True, help="By exact number, phone or barcode; and balances."
    )
    allow_record = fields.Boolean(
        string="Record Facts", tracking=True, help="Visits, custom facts, purchases at its merchants."
    )
    allow_spend = fields.Boolean(string="Spend Points", tracking=True)
    allow_reverse = fields.Boolean(string="Take Back", tracking=True, help="Only what this integration did itself.")
    points_per_call = fields.Float(
        string="Most Points per Call",
        digits=(16, 2),
        tracking=True,
        help="What one call may give or spend in all. 0: no limit.",
    )
    points_per_day = fields.Float(
        string="Most Points per Day",
        digits=(16, 2),
        tracking=True,
        help="What it may give and spend together within 24 hours. 0: no limit.",
    )
    calls_per_minute = fields.Integer(default=300, required=True, tracking=True)
    finds_per_minute = fields.Integer(
        string="Searches per Minute",
        default=30,
        required=True,
        tracking=True,
        help="A till looks up a customer now and then; a thief looks up many.",
    )
    max_age_days = fields.Integer(
        string="Oldest Fact (Days)",
        default=30,
        required=True,
        tracking=True,
        help="How long a till may be without a network and still report what happened.",
    )
    key_days = fields.Integer(
        string="A Key Lasts (Days)", default=365, help="0: until it is revoked. A shorter life is safer."
    )
    key_count = fields.Integer(string="Valid Keys", compute="_compute_keys")
    key_expires_on = fields.Datetime(string="Last Key Expires On", compute="_compute_keys")
    call_ids = fields.One2many("club.api.call", "integration_id")
    last_used = fields.Datetime(compute="_compute_usage")
    call_count = fields.Integer(string="Calls in 30 Days", compute="_compute_usage")
    refused_count = fields.Integer(string="Refused in 30 Days", compute="_compute_usage")
    merchant_ids = fields.One2many("club.merchant", "integration_id", string="Merchants")
    touched_at = fields.Datetime(
        readonly=True, copy=False, help="Two calls that move points at one moment follow one another."
    )

    _user_unique = models.Constraint("UNIQUE(user_id)", "A technical user belongs to one integration only.")
    _limits_positive = models.Constraint(
        "CHECK(points_per_call >= 0 AND points_per_day >= 0 AND calls_per_minute > 0 AND finds_per_minute > 0"
        " AND max_age_days > 0 AND key_days >= 0)",
        "Limits of points cannot be negative; calls, searches and days are at least 1.",
    )

    # -- computes ------------------------------------------------------------

    def _compute_keys(self):
        now = fields.Datetime.now()
        keys = self.env["res.users.apikeys"].sudo().search([("user_id", "in", self.sudo().user_id.ids)])
        by_user = keys.grouped("user_id")
        for integration in self:
            own = by_user.get(integration.sudo().user_id, keys.browse()).filtered(
                lambda key: not key.expiration_date or key.expiration_date >= now
            )
            ends = own.mapped("expiration_date")
            integration.key_count = len(own)
            integration.key_expires_on = max(ends) if ends and all(ends) else False

    def _compute_usage(self):
        Call = self.env["club.api.call"].sudo()
        rows = Call._read_group([("integration_id", "in", self.ids)], ["integration_id"], ["__count", "at:max"])
        refused = dict(
            Call._read_group(
                [("integration_id", "in", self.ids), ("code", "!=", "ok")], ["integration_id"], ["__count"]
            )
        )
        usage = {integration: (count, last) for integration, count, last in rows}
        for integration in self:
            integration.call_count, integration.last_used = usage.get(integration, (0, False))
            integration.refused_count = refused.get(integration, 0)

    # -- constrains ----------------------------------------------------------

    @api.constrains("club_ids", "company_id")
    def _check_clubs(self):
        for integration in self:
            if not integration.club_ids:
                raise ValidationError(
                    self.env._("Choose the club that the integration %(name)s may talk to.", name=integration.name)
                )
            if integration.club_ids.company_id != integration.company_id:
                raise ValidationError(
                    self.env._(
                        "The integration %(name)s belongs to %(company)s, and so must all of its clubs. "
                        "Make one integration per company.",
                        name=integration.name,
                        company=integration.company_id.name,
                    )
                )

    @api.constrains("club_ids")
    def _check_merchants(self):
        for integration in self:
            lost = integration.sudo().merchant_ids.filtered(
                lambda merchant, clubs=integration.club_ids: merchant.club_id not in clubs
            )
            if lost:
                raise ValidationError(
                    self.env._(
                        "The merchant %(merchant)s reports by %(name)s to another club. Change the merchant first.",
                        merchant=lost[0].display_name,
                        name=integration.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """An integration begins without a user: an employee's user, whose rights a key would carry, is never bound."""
        return super().create([{**vals, "user_id": False} for vals in vals_list])

    def write(self, vals):
        if "user_id" in vals:
            raise AccessError(self.env._("The technical user is made by the button, never chosen."))
        if "company_id" in vals and any(
            integration.sudo().user_id and integration.company_id.id != vals["company_id"] for integration in self
        ):
            raise UserError(self.env._("An integration with a user stays with its company. Make another one."))
        result = super().write(vals)
        if "active" in vals:
            self.sudo().user_id.write({"active": vals["active"]})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["club.api.request"].sudo().search([("integration_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "The integration %(name)s has moved points, and the ledger names it. Archive it instead.",
                    name=used.integration_id.name,
                )
            )

    def _lock_limit(self):
        """Let calls that move points follow one another where the day's limit must be counted.

        SQL, because the row must change: a second transaction then starts over with a new snapshot, in which the
        first's points are counted.
        """
        self.env.execute_query(
            SQL("UPDATE club_integration SET touched_at = %s WHERE id = %s RETURNING 1", fields.Datetime.now(), self.id)
        )

    # -- actions -------------------------------------------------------------

    @check_identity
    def action_make_key(self):
        """Make a key, and the technical user if there is none; the key is shown this once and stored hashed.

        Keys made before work for another day, so that the other system can change over.
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The Key of %(name)s", name=self.name),
            "res_model": "club.integration.key",
            "views": [(self.env.ref("customer_club.club_integration_key_view_form").id, "form")],
            "target": "new",
            "context": {"default_key": self._make_key()},
        }

    def action_revoke_keys(self):
        """Make every key of this integration worthless at once."""
        self.check_access("write")
        keys = self.env["res.users.apikeys"].sudo().search([("user_id", "in", self.sudo().user_id.ids)])
        keys._remove()
        for integration in self:
            integration.message_post(body=self.env._("All keys were revoked."))

    def action_view_calls(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Calls of %(name)s", name=self.name),
            "res_model": "club.api.call",
            "view_mode": "list,graph,pivot",
            "domain": [("integration_id", "=", self.id)],
        }

    # -- the technical user --------------------------------------------------

    def _make_key(self):
        """:return: a new key, which nobody can read again."""
        self.ensure_one()
        self.check_access("write")
        if not self.active:
            raise UserError(self.env._("The integration %(name)s is archived. Restore it first.", name=self.name))
        user = self._get_user()
        self._end_keys(user)
        ends = fields.Datetime.now() + timedelta(days=self.key_days) if self.key_days else None
        key = self.env["res.users.apikeys"].with_user(user).sudo()._generate(None, self.name, ends)
        self.message_post(body=self.env._("A key was made. Keys made before end within a day."))
        return key

    def _get_user(self):
        """The technical user; made on first use. It is neither an employee nor a customer and has no password."""
        integration = self.sudo()
        if not integration.user_id:
            user = (
                self.env["res.users"]
                .sudo()
                .with_context(no_reset_password=True, mail_create_nolog=True, tracking_disable=True)
                .create(
                    {
                        "name": self.env._("Interface: %(name)s", name=self.name),
                        "login": f"club-api-{secrets.token_hex(6)}",
                        "company_id": self.company_id.id,
                        "company_ids": [Command.set(self.company_id.ids)],
                        "group_ids": [Command.set(self.env.ref(API_GROUP).ids)],
                        "lang": self.env.user.lang,
                        "tz": self.club_ids[:1].tz,
                    }
                )
            )
            super(ClubIntegration, integration).write({"user_id": user.id})
        return integration.user_id

    @api.model
    def _end_keys(self, user):
        """Let the keys that there are end within a day."""
        soon = fields.Datetime.now() + timedelta(hours=ROTATION_HOURS)
        keys = self.env["res.users.apikeys"].sudo().search([("user_id", "=", user.id)])
        keys.filtered(lambda key: not key.expiration_date or key.expiration_date > soon).write(
            {"expiration_date": soon}
        )
