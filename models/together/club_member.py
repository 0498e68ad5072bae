"""Members who share: whose documents these are when they leave, are merged or forgotten."""

from odoo import fields, models


class ClubMember(models.Model):
    _inherit = "club.member"

    gift_sent_ids = fields.One2many("club.gift", "giver_id", readonly=True)
    gift_received_ids = fields.One2many("club.gift", "recipient_id", readonly=True)
    pool_place_ids = fields.One2many("club.pool.member", "member_id", readonly=True)
    donation_ids = fields.One2many("club.donation", "member_id", readonly=True)
    together_count = fields.Integer(compute="_compute_together_count", string="Gifts")

    def _compute_together_count(self):
        Gift = self.env["club.gift"]
        sent = dict(Gift._read_group([("giver_id", "in", self.ids)], ["giver_id"], ["__count"]))
        got = dict(Gift._read_group([("recipient_id", "in", self.ids)], ["recipient_id"], ["__count"]))
        for member in self:
            member.together_count = sent.get(member, 0) + got.get(member, 0)

    def action_open_gifts(self):
        """Open the gifts that the member gave and got."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Gifts of %(member)s", member=self.display_name),
            "res_model": "club.gift",
            "views": [(False, "list"), (False, "form")],
            "domain": ["|", ("giver_id", "=", self.id), ("recipient_id", "=", self.id)],
        }

    def _get_waiting_gifts(self):
        return (
            self.env["club.gift"]
            .sudo()
            .search(
                [
                    "|",
                    ("giver_id", "in", self.ids),
                    ("recipient_id", "in", self.ids),
                    ("state", "in", ("held", "offered", "accepted")),
                ]
            )
        )

    def _leave(self, note=None):
        """Before the points go as the club's rule says: gifts on their way turn back, pools give their part."""
        self._check_not_paying()  # asks pools, too, so before they are left
        members = self.sudo().filtered(lambda member: member.state == "active")
        members._get_waiting_gifts()._return("left")
        for place in members.pool_place_ids:
            if place.state == "active":
                place.pool_id._leave(place)
            elif place.state == "invited":
                place._decline()
        members.write({"honour_opt_in": False, "honour_nickname": False})
        return super()._leave(note)

    def _erase_one(self, reason):
        """What people wrote to each other goes with the person; numbers of points stay."""
        for gift in self.sudo().gift_sent_ids | self.sudo().gift_received_ids:
            gift.message = False
        self.write({"honour_opt_in": False, "honour_nickname": False})
        self.sudo().donation_ids._forget_nickname()
        return super()._erase_one(reason)

    def _absorb_into(self, heir):
        """Gifts on their way and places in pools become the heir's; a gift to oneself turns back."""
        for gift in self._get_waiting_gifts():
            giver = heir if gift.giver_id in self else gift.giver_id
            recipient = heir if gift.recipient_id in self else gift.recipient_id
            if giver == recipient:
                gift._return("left")
            else:
                gift.write({"giver_id": giver.id, "recipient_id": recipient.id})
        for place in self.sudo().pool_place_ids.filtered(lambda place: place.state in ("active", "invited")):
            taken = place.pool_id._get_row(heir, ("active", "invited"))
            if place.state == "invited":
                place._decline() if taken else place.write({"member_id": heir.id})
            elif not taken and heir.state == "active" and heir._has_pool_room():
                place.member_id = heir
            else:
                place.pool_id._leave(place)
        return super()._absorb_into(heir)
