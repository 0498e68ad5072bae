"""Members in campaigns: the notices in their account, and what happens when two become one."""

from odoo import fields, models
from odoo.fields import Domain


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_notice_domain(self):
        """Notices of campaigns that stand in this member's account now."""
        self.ensure_one()
        return (
            Domain("member_id", "=", self.id)
            & Domain("campaign_id.channel", "=", "portal")
            & Domain("campaign_id.state", "in", ("running", "measuring"))
            & Domain("state", "=", "sent")
            & Domain("dismissed_at", "=", False)
            & Domain("ends_at", ">", fields.Datetime.now())
        )

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self._is_portal_owner(self.env.user):
            return steps
        notice = self.env["club.campaign.target"].sudo().search(self._get_notice_domain(), order="id desc", limit=1)
        notice = notice._for_reader()
        if notice:
            steps.append(
                {
                    "rank": 12,
                    "text": notice.title,
                    "url": f"/my/club/{self.id}/notices/{notice.id}",
                    "label": self.env._("Look at it"),
                }
            )
        return steps

    def _absorb_into(self, heir):
        """Of several that were in one campaign, one row counts; see ``club.campaign.target``."""
        self.env.flush_all()
        self.env["club.campaign.target"]._close_merged(self, heir)
        return super()._absorb_into(heir)

    def _get_personal_data(self):
        """Add the messages of campaigns, and whether the member was in a control group."""
        data = super()._get_personal_data()
        targets = self.env["club.campaign.target"].sudo().search([("member_id", "in", self._get_own_ids())])
        data["campaigns"] = [
            {
                "subject": target.campaign_id.subject,
                "state": target.state,
                "sent": fields.Datetime.to_string(target.sent_at) if target.sent_at else None,
                "opened": fields.Datetime.to_string(target.opened_at) if target.opened_at else None,
                "visited": fields.Datetime.to_string(target.visited_at) if target.visited_at else None,
                "points": target.points,
            }
            for target in targets
        ]
        return data
