"""Try the rules of a club on a real order: which fire, which do not, and why. Nothing is posted."""

from odoo import Command, api, fields, models
from odoo.addons.customer_club.models.earning.preview import Preview
from odoo.exceptions import UserError


class ClubEarnTry(models.TransientModel):
    """Evaluates one order with the club's rules as they are now, and with a rule that is still switched off."""

    _name = "club.earn.try"
    _description = "Try Earning Rules"

    club_id = fields.Many2one("club.club", required=True, readonly=True)
    company_id = fields.Many2one(related="club_id.company_id")
    rule_id = fields.Many2one("club.earn.rule", readonly=True, help="Tried too, even while it is archived.")
    order_id = fields.Many2one(
        "sale.order",
        required=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self._default_order_id(),
        help="Any order: nothing is changed, nothing is posted.",
    )
    member_id = fields.Many2one("club.member", compute="_compute_lines")
    points = fields.Float(compute="_compute_lines", digits=(16, 2))
    line_ids = fields.One2many("club.earn.try.line", "try_id", compute="_compute_lines")

    @api.model
    def _default_order_id(self):
        club = self.env["club.club"].browse(self.env.context.get("default_club_id"))
        company = club.company_id or self.env.company
        return self.env["sale.order"].search(
            [("company_id", "=", company.id), ("state", "=", "sale")], order="id desc", limit=1
        )

    @api.depends("order_id", "club_id", "rule_id")
    def _compute_lines(self):
        for trial in self:
            shown = trial._try() if trial.order_id and trial.club_id else {}
            trial.member_id = shown.get("member", False)
            trial.points = float(shown.get("points", 0))
            trial.line_ids = [Command.clear(), *(Command.create(values) for values in self._prepare_lines(shown))]

    def _try(self):
        """The evaluation, ready to show; see ``sale.order._club_preview``."""
        self.check_access("read")
        policy = self.env["club.club"]._get_policies().get(self.club_id.id)
        if not policy:
            raise UserError(
                self.env._("The club %(club)s is archived. Activate it to try its rules.", club=self.club_id.name)
            )
        if self.rule_id and self.rule_id.id not in {rule.id for rule in policy.rules}:
            policy = policy._replace(rules=(*policy.rules, self.rule_id._to_engine()))
        preview = Preview(self.env, {policy.club_id: policy})
        found = preview.of_order(self.order_id, {policy.club_id})
        if not found:
            return {}
        ((policy, member, row, evaluation),) = found
        names = {line.id: line.product_id.display_name for line in self.order_id.order_line}
        shown = preview.show(policy, member, evaluation)
        for line, award in zip(shown["lines"], evaluation.awards, strict=True):
            line["counted"] = self.env["club.earn.rule"]._join(*(names.get(number) for number in award.detail))
        return shown

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

    try_id = fields.Many2one("club.earn.try", required=True, ondelete="cascade")
    rule_id = fields.Many2one("club.earn.rule", readonly=True)
    fires = fields.Boolean(readonly=True)
    points = fields.Float(digits=(16, 2), readonly=True)
    why = fields.Char(readonly=True)
    counted = fields.Char(string="Lines Counted", readonly=True)
