"""What a draw cost and what could be won from a moment on: dated, with who and why, never changed."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import draw as engine_draw
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.ledger.immutable import make_append_only
from odoo.exceptions import UserError

#: Marks our own writes in the context: an object that no caller from outside can name (abuse 5).
OURS = object()


class ClubDrawVersion(models.Model):
    """``odds`` is a list of [prize id or null for nothing, weight] in the order in which a number chooses; ``terms``
    what a manager had set. Every play names the version under which it was decided."""

    _name = "club.draw.version"
    _description = "Odds of a Draw"
    _order = "id desc"
    _log_access = False

    draw_id = fields.Many2one("club.draw", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="draw_id.company_id")
    date = fields.Datetime(required=True, readonly=True)
    cause = fields.Selection(
        [("opened", "Opened"), ("changed", "Changed"), ("stock", "A prize ran out or came back")],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True, ondelete="restrict")
    terms = fields.Json(readonly=True)
    odds = fields.Json(readonly=True)
    odds_text = fields.Text(string="In Words", compute="_compute_odds_text")

    def init(self):
        make_append_only(self.env, self._table)

    @api.depends("draw_id", "date")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(draw)s from %(day)s", draw=version.draw_id.name, day=version._show_date()
            )

    @api.depends_context("lang")
    def _compute_odds_text(self):
        for version in self:
            chances = version._get_chances()
            whole = engine_draw.total(chances)
            prizes = self.env["club.draw.prize"].sudo()
            version.odds_text = "\n".join(
                f"{prizes.browse(prize)._show() if prize else self.env._('Nothing')}: "
                f"{version.draw_id._show_percent(weight, whole)}"
                for prize, weight in chances
            )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("club_draw_version") is not OURS:
            raise UserError(self.env._("Odds are recorded when a draw opens, not typed in."))
        return super().create(vals_list)

    def write(self, vals):
        raise UserError(self.env._("The odds of a draw as they were never change."))

    def unlink(self):
        raise UserError(self.env._("The odds of a draw as they were are never deleted."))

    @api.model
    def _record(self, vals):
        return self.with_context(club_draw_version=OURS).create({"date": fields.Datetime.now(), **vals})

    def _get_chances(self):
        """The odds as the engine knows them."""
        self.ensure_one()
        return tuple(engine_draw.Chance(prize, weight) for prize, weight in self.odds or [])

    def _show_date(self):
        """The day from which they held, in the club's calendar and time zone."""
        club = self.draw_id.sudo().club_id
        return club._show_day(periods.local_date(self.date, club.tz))

    def _show_change(self):
        """What members read of a change: when and why; empty for the first opening."""
        self.ensure_one()
        day = self._show_date()
        if self.cause == "changed":
            return self.env._("%(day)s: %(reason)s", day=day, reason=self.reason)
        if self.cause == "stock":
            return self.env._("%(day)s: a prize ran out or came back", day=day)
        return ""
