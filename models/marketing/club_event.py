"""What rules for some members ask about a batch: the groups and segments of its members."""

from odoo import api, models


class ClubEvent(models.Model):
    _inherit = "club.event"

    @api.model
    def _read_asked(self, known, rows, rules):
        """Groups and segments as they are now, of the members of the batch; a query per segment that is asked for."""
        known = super()._read_asked(known, rows, rules)
        groups = any("groups" in rule.conditions for rule in rules)
        segments = frozenset().union(*(rule.conditions.get("segments", ()) for rule in rules))
        members = list({row.member_id for row in rows if row.member_id}) if groups or segments else []
        if not members:
            return known
        found = {member: dict(known.get(member, {})) for member in members}
        if groups:
            for member in self.env["club.member"].sudo().browse(members):
                found[member.id]["member_groups"] = frozenset(member.partner_id.category_id.ids)
        if segments:
            of_members = {member: set() for member in members}
            records = self.env["club.segment"].sudo().with_context(active_test=False).browse(sorted(segments)).exists()
            for segment in records:
                for member in segment._filter_members(self.env["club.member"].browse(members)):
                    of_members[member.id].add(segment.id)
            for member, ids in of_members.items():
                found[member]["member_segments"] = frozenset(ids)
        return {**known, **found}
