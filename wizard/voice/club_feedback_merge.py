"""Several members said the same: one piece stands for all."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClubFeedbackMerge(models.TransientModel):
    _name = "club.feedback.merge"
    _description = "Merge Feedback"
    _inherit = "club.bounded"

    feedback_ids = fields.Many2many("club.feedback")
    main_id = fields.Many2one(
        "club.feedback",
        string="Stands for All",
        compute="_compute_main_id",
        store=True,
        readonly=False,
        required=True,
        domain="[('state', 'not in', ('merged', 'withdrawn')), ('club_id', '=', club_id)]",
    )
    club_id = fields.Many2one("club.club", compute="_compute_club_id")
    effect = fields.Text(compute="_compute_effect")

    @api.depends("feedback_ids")
    def _compute_club_id(self):
        for wizard in self:
            wizard.club_id = wizard.feedback_ids._origin.sorted("id")[:1].club_id

    @api.depends("feedback_ids")
    def _compute_main_id(self):
        """The earliest of those chosen; of one alone, another one has to be chosen."""
        for wizard in self:
            pieces = wizard.feedback_ids._origin.sorted("id")
            wizard.main_id = wizard.main_id or (pieces[:1] if len(pieces) > 1 else False)

    @api.depends("feedback_ids", "main_id")
    def _compute_effect(self):
        _ = self.env._
        for wizard in self:
            others = wizard.feedback_ids._origin - wizard.main_id._origin
            rewarded = (
                _("If it is accepted, only the member who said it first is rewarded.")
                if wizard.club_id.feedback_merge_reward == "first"
                else _("If it is accepted, every member who said it is rewarded.")
            )
            wizard.effect = _(
                "%(count)s pieces are closed as saying the same. Their authors are told so, and told of the decision. "
                "%(rewarded)s",
                count=len(others),
                rewarded=rewarded,
            )

    def action_merge(self):
        """Merge, and show what stands for all.

        :raise UserError: there is nothing to merge
        """
        self.ensure_one()
        main, others = self.main_id, self.feedback_ids - self.main_id
        if not others:
            raise UserError(self.env._("Choose the piece that says the same as the one you came from."))
        (main | others)._check_judge()
        others._merge_into(main)
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.feedback",
            "view_mode": "form",
            "res_id": main.id,
        }
