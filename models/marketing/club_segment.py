"""A segment: members who meet saved conditions."""

import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

#: What conditions may look at: the member and what is its own. Conditions are asked on behalf of members, so they must
#: not reach what their author could not read.
MODELS = frozenset(
    {
        "club.club",
        "club.consent",
        "club.event",
        "club.member",
        "club.occasion",
        "club.point.entry",
        "club.point.lot",
        "club.tier",
        "club.tier.history",
        "product.category",
        "product.product",
        "product.template",
        "res.country",
        "res.country.state",
        "res.lang",
        "res.partner",
        "res.partner.category",
        "sale.order",
        "sale.order.line",
    }
)


class ClubSegment(models.Model):
    """Conditions on members, built without code; whoever meets them now belongs to it."""

    _name = "club.segment"
    _description = "Club Segment"
    _inherit = ["mail.thread", "club.owned"]
    _order = "club_id, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    domain = fields.Char(
        string="Conditions", default="[]", required=True, tracking=True, help="Empty: every member of the club."
    )
    member_count = fields.Integer(string="Members", compute="_compute_member_count")

    @api.depends("domain", "club_id")
    def _compute_member_count(self):
        for segment in self:
            try:
                segment.member_count = self.env["club.member"].search_count(segment._get_domain())
            except (UserError, ValueError):  # noqa: PERF203 - half typed; saving them says what is wrong
                segment.member_count = 0

    @api.constrains("domain", "club_id")
    def _check_domain(self):
        """Conditions must be readable, and on what their author may read: later they are asked on behalf of members."""
        for segment in self:
            try:
                self._check_reach("club.member", segment._get_domain())
                self.env["club.member"].search(segment._get_domain(), limit=1)
            except (ValueError, KeyError) as error:  # noqa: PERF203 - the record must be named
                raise ValidationError(
                    self.env._(
                        "The conditions of %(segment)s cannot be read: %(error)s. Build them with the editor.",
                        segment=segment.name,
                        error=error,
                    )
                ) from error

    def _check_reach(self, model, conditions):
        """Refuse conditions that lead to records which are no part of a membership.

        :raises UserError: with the name of what they lead to; :raises KeyError: there is no such field.
        """
        for condition in Domain(conditions).iter_conditions():
            reached = self.env[model]
            for name in condition.field_expr.split("."):
                field = reached._fields.get(name)
                if field and field.relational and field.comodel_name not in self._get_reachable_models():
                    raise UserError(
                        self.env._(
                            "Conditions of a segment cannot look at %(model)s. Use what the members themselves have.",
                            model=self.env["ir.model"]._get(field.comodel_name).name or field.comodel_name,
                        )
                    )
                if field and field.relational:
                    reached = self.env[field.comodel_name]
            if condition.operator in ("any", "not any"):
                self._check_reach(reached._name, condition.value)

    @api.model
    def _get_reachable_models(self):
        """Names of the models that conditions may look at; an addon adds its own."""
        return MODELS

    def _get_domain(self):
        """The conditions and the club as a domain on ``club.member``.

        :rtype: Domain
        :raises ValueError: the conditions cannot be read.
        """
        self.ensure_one()
        try:
            conditions = ast.literal_eval(self.domain or "[]")
        except SyntaxError as error:
            raise ValueError(self.domain) from error
        if not isinstance(conditions, list):
            raise ValueError(self.domain)
        return Domain("club_id", "=", self.club_id.id) & Domain(conditions)

    def _filter_members(self, members):
        """Those of ``members`` (sudo) who meet the conditions now; one query."""
        self.ensure_one()
        domain = Domain("id", "in", members.ids) & self.sudo()._get_domain()
        return self.env["club.member"].sudo().search(domain)

    def action_open_members(self):
        """Open the members who belong to it now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "club.member",
            "views": [(False, "list"), (False, "form")],
            "domain": list(self._get_domain()),
        }
