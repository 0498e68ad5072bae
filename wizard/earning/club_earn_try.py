"""Try the rules of a club on a real order or fact: which fire, which do not, and why. Nothing is posted."""

from odoo import Command, api, fields, models
from odoo.addons.customer_club.engine import earning
from odoo.addons.customer_club.models.earning.preview import Preview
from odoo.exceptions import UserError


class ClubEarnTry(models.TransientModel):
    """Evaluates one order or fact with the club's rules as they are now, and with a rule that is still switched off."""

    _name = "club.earn.try"
    _description = "Try Earning Rules"
    _inherit = "club.bounded"

    club_id = fields.Many2one("club.club", required=True, readonly=True)
    company_id = fields.Many2one(related="club_id.company_id")
    rule_id = fields.Many2one("club.earn.rule", readonly=True, help="Tried as if it were switched on.")
    event_type = fields.Selection(related="rule_id.event_type")
    source = fields.Selection(
        [("order", "A sales order"), ("event", "Something that members did")],
        string="Try On",
        required=True,
        default=lambda self: self._default_source(),
    )
    order_id = fields.Many2one(
        "sale.order",
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self._default_order_id(),
        help="Any order: nothing is changed, nothing is posted.",
    )
    event_id = fields.Many2one(
        "club.event",
        string="What Happened",
        domain="[('club_id', '=', club_id), ('revises_id', '=', False)]",
        default=lambda self: self._default_event_id(),
        help="Any recorded fact of the club. What it gave itself does not count against the limits.",
    )
    member_id = fields.Many2one("club.member", compute="_compute_lines")
    points = fields.Float(compute="_compute_lines", digits=(16, 2))
    line_ids = fields.One2many("club.earn.try.line", "try_id", compute="_compute_lines")
    detail_ids = fields.One2many("club.earn.try.detail", "try_id", compute="_compute_lines", string="Line by Line")

    @api.model
    def _default_rule(self):
        return self.env["club.earn.rule"].browse(self.env.context.get("default_rule_id"))

    @api.model
    def _default_source(self):
        rule = self._default_rule()
        if self.env.context.get("default_order_id"):
            return "order"
        about_orders = not rule or rule.event_type == "purchase"
        return "order" if about_orders and (self._default_order_id() or not self._default_event_id()) else "event"

    @api.model
    def _default_order_id(self):
        club = self.env["club.club"].browse(self.env.context.get("default_club_id"))
        company = club.company_id or self.env.company
        return self.env["sale.order"].search(
            [("company_id", "=", company.id), ("state", "=", "sale")], order="id desc", limit=1
        )

    @api.model
    def _default_event_id(self):
        domain = [("club_id", "=", self.env.context.get("default_club_id")), ("revises_id", "=", False)]
        rule = self._default_rule()
        if rule:
            domain.append(("type", "=", rule.event_type))
        return self.env["club.event"].search(domain, limit=1)

    @api.depends("source", "order_id", "event_id", "club_id", "rule_id")
    def _compute_lines(self):
        for trial in self:
            asked = trial.order_id if trial.source == "order" else trial.event_id
            shown = trial._try() if asked and trial.club_id else {}
            trial.member_id = shown.get("member", False)
            trial.points = float(shown.get("points", 0))
            trial.line_ids = [Command.clear(), *(Command.create(values) for values in self._prepare_lines(shown))]
            trial.detail_ids = [Command.clear(), *(Command.create(values) for values in shown.get("details", ()))]

    def _try(self):
        """The evaluation, ready to show; see ``sale.order._club_preview``. ``details``: what was counted of what."""
        self.check_access("read")
        policy = self.env["club.club"]._get_policies().get(self.club_id.id)
        if not policy:
            raise UserError(
                self.env._("The club %(club)s is archived. Activate it to try its rules.", club=self.club_id.name)
            )
        if self.rule_id and self.rule_id.id not in {rule.id for rule in policy.rules}:
            policy = policy._replace(rules=(*policy.rules, self.rule_id._to_engine()))
        preview = Preview(self.env, {policy.club_id: policy})
        found = self._evaluate(preview, policy)
        if not found:
            return {}
        policy, member, row, evaluation = found
        shown = preview.show(policy, member, evaluation)
        names = self._get_line_names(row)
        for line, award in zip(shown["lines"], evaluation.awards, strict=True):
            line["counted"] = self.env["club.earn.rule"]._join(*(names.get(number) for number in award.detail))
        shown["details"] = self._prepare_details(policy, evaluation, names)
        return shown

    def _evaluate(self, preview, policy):
        """(policy, member, row, evaluation), or None if the buyer cannot earn in this club."""
        if self.source == "order":
            self.order_id.check_access("read")
            found = preview.of_order(self.order_id, {policy.club_id})
            return found[0] if found else None
        self.event_id.check_access("read")
        if self.event_id.club_id != self.club_id:
            return None
        row, evaluation = preview.of_events(self.event_id)[self.event_id.id]
        return policy, self.event_id.member_id, row, evaluation

    def _get_line_names(self, row):
        lines = (row.payload or {}).get("lines", ())
        # Who may see the order or the fact may see what was sold.
        products = self.env["product.product"].sudo().browse({line[1] for line in lines if line[1]}).exists()
        names = {product.id: product.with_env(self.env).sudo().display_name for product in products}
        return {line[0]: names.get(line[1], self.env._("Line %(number)s", number=line[0])) for line in lines}

    def _prepare_details(self, policy, evaluation, names):
        """One row for each line and rule that counted it, and one for each line that no rule counted."""
        rules = {rule.id: rule for rule in policy.rules}
        details, counted = [], set()
        for award in evaluation.awards:
            record = self.env["club.earn.rule"].sudo().browse(award.rule_id)
            for number, part in award.detail.items():
                if number not in names:
                    continue
                counted.add(number)
                in_units = earning.basis_of(rules[award.rule_id].formula) == "quantity"
                details.append(
                    {
                        "name": names[number],
                        "rule_id": award.rule_id,
                        "counted": self.env._("%(quantity)s units", quantity=record._number(part))
                        if in_units
                        else record._money(part),
                    }
                )
        details += [
            {"name": name, "rule_id": False, "counted": self.env._("nothing: no rule counts it")}
            for number, name in names.items()
            if number not in counted
        ]
        return details

    def _prepare_lines(self, shown):
        return [
            {
                "rule_id": line["rule"].id,
                "fires": True,
                "points": float(line["points"]),
                "why": line["why"],
                "counted": line["counted"],
            }
            for line in shown.get("lines", ())
        ] + [{"rule_id": line["rule"].id, "fires": False, "why": line["why"]} for line in shown.get("missed", ())]


class ClubEarnTryLine(models.TransientModel):
    _name = "club.earn.try.line"
    _description = "Result of Trying an Earning Rule"
    _inherit = "club.bounded"

    try_id = fields.Many2one("club.earn.try", required=True, ondelete="cascade")
    rule_id = fields.Many2one("club.earn.rule", readonly=True)
    fires = fields.Boolean(readonly=True)
    points = fields.Float(digits=(16, 2), readonly=True)
    why = fields.Char(readonly=True)
    counted = fields.Char(string="Lines Counted", readonly=True)


class ClubEarnTryDetail(models.TransientModel):
    _name = "club.earn.try.detail"
    _description = "Line Counted While Trying Earning Rules"
    _inherit = "club.bounded"

    try_id = fields.Many2one("club.earn.try", required=True, ondelete="cascade")
    name = fields.Char(string="Line", readonly=True)
    rule_id = fields.Many2one("club.earn.rule", string="Counted By", readonly=True)
    counted = fields.Char(string="With", readonly=True)
