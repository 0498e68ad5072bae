"""What a simulated set-up would give to one customer."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import text

from .club_kept import OURS

#: All of a row but its id.
KEPT = frozenset(
    {
        "setup_id",
        "company_id",
        "member_id",
        "partner_id",
        "label",
        "purchases",
        "sales",
        "points",
        "money",
        "expired",
        "left",
        "most",
        "tier_id",
        "reaches",
    }
)


class ClubSimulationCustomer(models.Model):
    """A row of a result; written by the simulation only, and gone with the next one."""

    _name = "club.simulation.customer"
    _description = "Customer in a Simulation"
    _inherit = ["club.kept"]
    _kept_fields = KEPT
    _order = "points desc, id"
    _log_access = False

    setup_id = fields.Many2one("club.simulation.setup", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one("club.member", readonly=True, ondelete="cascade", index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    label = fields.Char(string="Customer", readonly=True)
    purchases = fields.Integer(readonly=True)
    sales = fields.Monetary(readonly=True)
    points = fields.Float(digits=(16, 2), readonly=True, help="Given, less what returns took back.")
    money = fields.Monetary(string="Wallet Money", readonly=True)
    expired = fields.Float(digits=(16, 2), readonly=True, help="If none are spent.")
    left = fields.Float(string="Left at the End", digits=(16, 2), readonly=True, help="If none are spent.")
    most = fields.Float(string="Most at Once", digits=(16, 2), readonly=True)
    tier_id = fields.Many2one("club.tier", string="Tier at the End", readonly=True, ondelete="set null")
    reaches = fields.Boolean(string="Can Afford a Reward", readonly=True)

    @api.depends("member_id", "partner_id", "label")
    def _compute_display_name(self):
        for row in self:
            row.display_name = (
                row.label
                or row.member_id.display_name
                or row.partner_id.display_name
                or self.env._("Somebody who was forgotten")
            )

    @api.model
    def _keep_summary(self, setup, summary):
        """Keep a row for each customer of a result."""
        source = setup.simulation_id.source
        known = set(setup.tier_ids.tier_id.ids if setup.kind == "draft" else setup.club_id.tier_ids.ids)
        vals_list = []
        for customer in summary.customers:
            number = customer["member"]
            vals = {
                "setup_id": setup.id,
                "company_id": setup.company_id.id,
                "tier_id": customer["tier"] if customer["tier"] in known else False,
                "purchases": customer["purchases"],
                "reaches": customer["reaches"],
                **{name: float(customer[name]) for name in ("sales", "points", "money", "expired", "left", "most")},
            }
            if source == "facts":
                vals["member_id"] = number
            elif source == "orders":
                vals["partner_id"] = -number
            elif source == "file":
                vals["label"] = summary.names.get(number)
            else:
                vals["label"] = self.env._("Customer %(number)s", number=-number)
            vals_list.append(vals)
        self.sudo().with_context(club_kept=OURS).create(vals_list)

    def _forget_person(self, company, partner, known):
        """Take a person's contact and name off the rows of every result. In superuser mode."""
        rows = self.search([("company_id", "=", company.id), ("partner_id", "=", partner.id)])
        groups = self._read_group(
            [("company_id", "=", company.id), ("label", "!=", False)], ["label"], ["id:recordset"]
        )
        for label, found in groups:
            if text.search_key(label) in known:
                rows |= found
        rows._keep({"partner_id": False, "label": False})
