"""What leaving, merging and erasing mean for who brought whom, and what staff see of it."""

from odoo import api, fields, models

from .club_referral import FALLEN


class ClubMember(models.Model):
    _inherit = "club.member"

    referral_ids = fields.One2many("club.referral", "referrer_id", string="Friends Brought")
    referral_in_ids = fields.One2many("club.referral", "friend_id", string="Brought By")
    referred_by_id = fields.Many2one("club.member", string="Brought by Member", compute="_compute_referred_by_id")
    referral_count = fields.Integer(string="Friends", compute="_compute_referral_counts")
    referral_visit_count = fields.Integer(string="Visits Through the Link", compute="_compute_referral_counts")

    @api.depends("referral_in_ids.state")
    def _compute_referred_by_id(self):
        for member in self:
            standing = member.referral_in_ids.filtered(lambda referral: referral.state not in FALLEN)
            member.referred_by_id = standing[:1].referrer_id

    def _compute_referral_counts(self):
        friends = dict(
            self.env["club.referral"]._read_group(
                [("referrer_id", "in", self.ids), ("joined_at", "!=", False), ("state", "not in", FALLEN)],
                ["referrer_id"],
                ["__count"],
            )
        )
        visits = dict(
            self.env["club.event"]._read_group(
                [("member_id", "in", self.ids), ("type", "=", "referral_click"), ("revises_id", "=", False)],
                ["member_id"],
                ["__count"],
            )
        )
        for member in self:
            member.referral_count = friends.get(member._origin, 0)
            member.referral_visit_count = visits.get(member._origin, 0)

    def action_open_referrals(self):
        """Open the friends that the member has brought."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Friends of %(member)s", member=self.display_name),
            "res_model": "club.referral",
            "view_mode": "list,form",
            "domain": [("referrer_id", "=", self.id)],
        }

    # -- merging ---------------------------------------------------------------------------------------

    def _absorb_into(self, heir):
        """Friends and referrers go with the member. Who turns out to have brought oneself loses what that earned."""
        super()._absorb_into(heir)
        Referral = self.env["club.referral"].sudo()
        Referral.search([("referrer_id", "in", self.ids)]).write({"referrer_id": heir.id})
        brought = Referral.search([("friend_id", "in", self.ids)], order="joined_at, id")
        standing = Referral.search([("friend_id", "=", heir.id), ("state", "not in", FALLEN)], limit=1)
        for referral in brought:
            if referral.state not in FALLEN and standing:
                referral._reject(["twice"])
            elif referral.state not in FALLEN:
                standing = referral
            referral.friend_id = heir
        mine = Referral.search([("referrer_id", "=", heir.id), ("friend_id", "=", heir.id)])
        for referral in mine.filtered(lambda referral: referral.state not in FALLEN):
            referral._reject(["oneself"])

    # -- erasure ---------------------------------------------------------------------------------------

    def _erase(self, reason=None):
        """With the person go the link, whom it might name, and the marks of visitors; what was earned stays."""
        members = self.sudo() | self.sudo().with_context(active_test=False).merged_ids
        partners = members.partner_id
        super()._erase(reason)
        members.referral_tracker_id.unlink()
        members.with_context(tracking_disable=True).write({"referral_code": False})
        self.env["club.referral.visit"].sudo().search([("member_id", "in", members.ids)]).unlink()
        Referral = self.env["club.referral"].sudo()
        Referral.search([("friend_id", "in", members.ids)]).write({"device": False, "order_id": False})
        Referral.search(
            [("partner_id", "in", partners.ids), ("club_id", "in", members.club_id.ids), ("state", "=", "visited")]
        ).unlink()
