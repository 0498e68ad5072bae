"""When two contacts become one, so do their memberships: nothing is lost and nothing doubles."""

from odoo import api, models

from .club_occasion import OURS


class ClubMember(models.Model):
    _inherit = "club.member"

    @api.model
    def _merge_partners(self, src_partners, dst_partner):
        """Before Odoo merges contacts: where several of them are members of a club, one member remains.

        The points of the others go to it lot by lot, with their expiry; the better tier, the earlier joining day and
        the occasions stay. The others are archived as merged; their entries remain theirs, so the books
        keep their story.

        :param src_partners: contacts that disappear
        :param dst_partner: the contact that remains
        """
        members = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("partner_id", "in", (src_partners | dst_partner).ids),
                    ("state", "in", ["active", "left"]),
                ]
            )
        )
        for of_club in members.grouped("club_id").values():
            if len(of_club) > 1:
                heir = of_club.sorted(
                    lambda member: (
                        member.state != "active",
                        member.partner_id != dst_partner,
                        member.joined_at,
                        member.id,
                    )
                )[0]
                (of_club - heir)._absorb_into(heir)

    def _absorb_into(self, heir):
        """Give everything these members have to ``heir``, of the same club, and archive them as merged."""
        before = heir.tier_id
        best = max(self.tier_id | heir.tier_id, key=lambda tier: (tier.threshold, tier.id), default=before)
        since = (self | heir).filtered(lambda member: member.tier_id == best).mapped("tier_since")
        vals = {"joined_at": min((self | heir).mapped("joined_at"))}
        for source in self.sorted("id"):
            source._merge_into(heir, f"member,{source.id}:merge:{heir.id}")
        if heir.state == "active" and best and best != before:
            vals.update(tier_id=best.id, tier_since=min(filter(None, since), default=False), tier_grace_until=False)
            self.env["club.tier.history"].sudo().create(
                {
                    "member_id": heir.id,
                    "from_tier_id": before.id,
                    "to_tier_id": best.id,
                    "reason": "merge",
                }
            )
        self._end_tier("merge")
        heir.with_context(tracking_disable=True).write(vals)
        self._move_occasions(heir)
        self.write({"state": "merged", "active": False})
        self.card_id.active = False
        heir.message_post(
            body=self.env._(
                "Contacts were merged: the points of %(numbers)s are here now.",
                numbers=", ".join(self.mapped("number")),
            )
        )
        self.env.flush_all()
        heir._review_tiers("merge")
        heir._after_tier_change()

    def _move_occasions(self, heir):
        """Occasions of a kind that ``heir`` has keep the heir's; the others move."""
        occasions = (
            self.env["club.occasion"].sudo().with_context(active_test=False).search([("member_id", "in", self.ids)])
        )
        single = ("birthday", "anniversary")
        taken = set(heir.occasion_ids.filtered(lambda occasion: occasion.kind in single).mapped("kind"))
        for occasion in occasions:
            vals = {"member_id": heir.id}
            if occasion.kind in taken:
                vals["active"] = False
            elif occasion.kind in single and occasion.active:
                taken.add(occasion.kind)
            occasion.with_context(club_occasion=OURS).write(vals)
