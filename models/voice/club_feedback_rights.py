"""Who may manage and judge feedback."""

from odoo import api, models
from odoo.exceptions import AccessError

SUBJECT_LENGTH, TEXT_LENGTH = 120, 4000
MANAGER = "customer_club.group_club_manager"


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    # -- who may judge -------------------------------------------------------------------------------

    @api.model
    def _may_manage(self):
        """Whether the user may judge everything of the clubs that it sees."""
        return self.env.user._is_superuser() or self.env.user.has_group(MANAGER)

    def _is_own(self):
        """Whether the user wrote it, or is (of) the member."""
        self.ensure_one()
        feedback, partner = self.sudo(), self.env.user.partner_id
        if partner in (feedback.author_id, feedback.member_id.partner_id):
            return True
        return feedback.club_id.earner == "company" and (partner.commercial_partner_id == feedback.member_id.partner_id)

    def _may_judge(self):
        self.ensure_one()
        return not self._is_own() and (self._may_manage() or self.sudo().user_id == self.env.user)

    def _check_judge(self):
        """The supervisor or a manager judges, never the member who gains by it.

        :raise AccessError: naming who may
        """
        self.check_access("write")
        for feedback in self | self.sudo().duplicate_ids.with_env(self.env):
            if feedback._is_own():
                raise AccessError(
                    self.env._(
                        "“%(subject)s” is your own: somebody else has to judge it.", subject=feedback.sudo().subject
                    )
                )
        if self._may_manage():
            return
        foreign = self.filtered(lambda feedback: feedback.user_id != self.env.user)
        if foreign:
            raise AccessError(
                self.env._(
                    "“%(subject)s” is for %(user)s to judge. Ask for it to be handed over, or ask a manager.",
                    subject=foreign[0].subject,
                    user=foreign[0].sudo().user_id.name or self.env._("a manager"),
                )
            )
