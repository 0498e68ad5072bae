"""A prize of a raffle that waits, on the devices of members who want that."""

from odoo import models


class ClubRaffleWinner(models.Model):
    _inherit = "club.raffle.winner"

    def _tell(self):
        result = super()._tell()
        self.env["club.push.message"]._queue([winner._prepare_push() for winner in self])
        return result

    def _prepare_push(self):
        self.ensure_one()
        winner = self.with_context(lang=self.member_id.partner_id.lang or self.env.lang)
        _ = winner.env._
        return {
            "member": self.member_id,
            "topic": "raffle",
            "key": f"club.raffle.winner,{self.id}",
            "title": winner.raffle_id.club_id.name,
            "body": _("A prize waits for you. Confirm it in time."),
            "details": (
                winner.raffle_id.club_id.name,
                _("You have won: %(prize)s. Confirm it in time.", prize=winner.prize_id.name),
            ),
            "path": f"/my/club/{self.member_id.id}/raffles/{self.raffle_id.id}",
            "until": self.deadline,
        }
