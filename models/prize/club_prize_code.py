"""Digital codes: bought or made elsewhere, given to one member each."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

CODE_LENGTH = 500
#: Marks our own writes in the context: an object that no caller from outside can name (abuse 5).
OURS = object()


class ClubPrizeCode(models.Model):
    """One code of a prize. Managers and the member who has it can read it; lists show its last characters only."""

    _name = "club.prize.code"
    _description = "Club Prize Code"
    _inherit = "club.bounded"
    _order = "prize_id, id"
    _rec_name = "hint"

    prize_id = fields.Many2one("club.prize", required=True, index=True, ondelete="restrict", readonly=True)
    club_id = fields.Many2one(related="prize_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="prize_id.company_id", store=True)
    code = fields.Char(required=True, copy=False, groups="customer_club.group_club_manager")
    hint = fields.Char(compute="_compute_hint", string="Ends With", compute_sudo=True)
    state = fields.Selection(
        [("free", "Free"), ("given", "Given"), ("void", "Void")],
        default="free",
        required=True,
        readonly=True,
        index=True,
    )
    redemption_id = fields.Many2one("club.redemption", readonly=True, index="btree_not_null", ondelete="restrict")
    member_id = fields.Many2one(related="redemption_id.member_id", string="Has It")
    given_at = fields.Datetime(readonly=True)

    _code_unique = models.UniqueIndex("(prize_id, code)", "This code is on the list of the prize already.")
    _redemption_unique = models.UniqueIndex(
        "(redemption_id) WHERE redemption_id IS NOT NULL", "A redemption has one code."
    )
    _free_idx = models.Index("(prize_id, id) WHERE state = 'free'")

    @api.depends("code")
    def _compute_hint(self):
        for code in self:
            text = code.code or ""
            code.hint = f"…{text[-3:]}" if len(text) > 6 else "…"

    @api.model_create_multi
    def create(self, vals_list):
        """Codes begin free, and belong to nobody."""
        first = {"state": "free", "redemption_id": False, "given_at": False}
        return super().create([{**vals, **first} for vals in vals_list])

    def write(self, vals):
        if self.env.context.get("club_prize_code") is not OURS:
            raise AccessError(
                self.env._("Codes are not changed: void what must not be given any more, and add new ones.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_free_only(self):
        if any(code.state == "given" for code in self):
            raise UserError(self.env._("A code that a member has is kept: it proves what was given."))

    # -- actions -------------------------------------------------------------------------------------

    def action_void(self):
        """Take codes that nobody has off the list, for example because they ran out."""
        self.prize_id.check_access("write")
        self.prize_id._lock()
        self.invalidate_recordset()
        if any(code.state == "given" for code in self):
            raise UserError(self.env._("A code that a member has cannot be taken off the list. Choose free ones only."))
        self._mark({"state": "void"})

    # -- giving --------------------------------------------------------------------------------------

    def _mark(self, vals):
        self.sudo().with_context(club_prize_code=OURS).write(vals)

    @api.model
    def _take(self, redemption):
        """The oldest free code of a redemption's prize becomes its own; empty if there is none.

        A plain lock, because ``SKIP LOCKED`` raises the same serialization error on a row that changed since the
        snapshot, and would hide a code from who could have it.
        """
        self.flush_model()
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM club_prize_code WHERE prize_id = %s AND state = 'free' ORDER BY id LIMIT 1 "
                "FOR NO KEY UPDATE",
                redemption.prize_id.id,
            )
        )
        code = self.sudo().browse([row[0] for row in found])
        if code:
            code._mark({"state": "given", "redemption_id": redemption.id, "given_at": fields.Datetime.now()})
        return code
