"""A prize of a raffle that waits, on the devices of members who want that."""

from odoo import models


class ClubRaffleWinner(models.Model):
    _inherit = "club.raffle.winner"

    def _tell(self):
        result = super()._tell()
        self.env["club.push.message"]._queue([winner._prepare_push() for winner in self])
        return result

    def _prepare_push(self):
        winner = self.member_id._with_push_lang(self)
        _ = winner.env._
        return self.member_id._prepare_push_note(
            "raffle",
            f"club.raffle.winner,{self.id}",
            _("A prize waits for you. Confirm it in time."),
            _("You have won: %(prize)s. Confirm it in time.", prize=winner.prize_id.name),
            path=f"/my/club/{self.member_id.id}/raffles/{self.raffle_id.id}",
            until=self.deadline,
        )
