"""Facts of campaigns: that a member got a bonus, and what rules ask about whom a campaign reached."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods


class ClubEvent(models.Model):
    _inherit = "club.event"

    type = fields.Selection(
        selection_add=[("campaign", "Got a bonus of a campaign"), ("custom",)],
        ondelete={"campaign": "cascade"},
    )

    @api.model
    def _get_customer_phrases(self):
        return {**super()._get_customer_phrases(), "campaign": self.env._("You got a bonus")}

    @api.model
    def _read_asked(self, known, rows, rules):
        """Campaigns that rules ask for and that reached members of the batch, with the time that each has.

        What a contact was promised that has been merged into a member since is kept for that member.
        """
        known = super()._read_asked(known, rows, rules)
        campaigns = frozenset().union(*(rule.conditions.get("campaigns", ()) for rule in rules))
        members = {row.member_id for row in rows if row.member_id} if campaigns else set()
        if not members:
            return known
        sources = self.env["club.member"].sudo().with_context(active_test=False)
        sources = sources.search([("merged_into_id", "in", sorted(members))])
        targets = (
            self.env["club.campaign.target"]
            .sudo()
            .search_fetch(
                [
                    ("campaign_id", "in", sorted(campaigns)),
                    ("member_id", "in", [*sorted(members), *sources.ids]),
                    ("state", "=", "sent"),
                ],
                ["campaign_id", "member_id", "sent_at", "ends_at"],
            )
        )
        found = {member: {**known.get(member, {}), "member_campaigns": ()} for member in members}
        zones = {club_id: policy.tz for club_id, policy in self.env["club.club"]._get_policies().items()}
        for target in targets:
            tz = zones.get(target.club_id.id, "UTC")
            span = (
                target.campaign_id.id,
                periods.local_datetime(target.sent_at, tz),
                periods.local_datetime(target.ends_at, tz),
            )
            member = target.member_id
            found[(member.merged_into_id or member).id]["member_campaigns"] += (span,)
        return {**known, **found}
