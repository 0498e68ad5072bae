"""Taking part in a contest, under a nickname; leaving it."""

from odoo import fields, models
from odoo.exceptions import UserError


class ClubContest(models.Model):
    _inherit = "club.contest"

    def _get_joining_error(self, member):
        """Why ``member`` cannot take part now; empty if nothing is in the way.

        :rtype: str
        """
        self.ensure_one()
        if self.state != "open" or self._is_over() or member.club_id != self.club_id:
            return self.env._("%(contest)s takes nobody any more: it is over.", contest=self.name)
        if member.state != "active" or member.sudo().partner_id.user_ids.filtered(lambda user: not user.share):
            return self.env._("%(contest)s is for customers; who works here takes no part.", contest=self.name)
        return ""

    def _opt_in(self, member, nickname):
        """Let a member take part under a nickname, or change it.

        :return: the ``club.contest.participant``
        :raises UserError: it is too late, or the nickname will not do
        """
        error = self._get_joining_error(member)
        if error:
            raise UserError(error)
        Participant = self.env["club.contest.participant"].sudo().with_context(active_test=False)
        known = Participant.search([("contest_id", "=", self.id), ("member_id", "=", member.id)])
        values = {**Participant._prepare_nickname(self, known, nickname), "active": True}
        if not known.active:
            values["joined_at"] = fields.Datetime.now()
        if known:
            known.write(values)
            return known
        return Participant.create({"contest_id": self.id, "member_id": member.id, **values})

    def _opt_out(self, member):
        """Take a member off the board; of a closed contest the place stays, without a nickname."""
        Participant = self.env["club.contest.participant"].sudo()
        mine = Participant.search([("contest_id", "=", self.id), ("member_id", "in", member._get_own_ids())])
        mine._forget_nickname()
        if self.state == "open":
            mine.active = False

    def _get_participant(self, member):
        """The member as it takes part now, perhaps nobody."""
        return (
            self.env["club.contest.participant"]
            .sudo()
            .search([("contest_id", "=", self.id), ("member_id", "in", member._get_own_ids())], limit=1)
        )

    def _get_nicknames(self, member_ids):
        """What others may read, by member id; one query."""
        self.ensure_one()
        participants = (
            self.env["club.contest.participant"]
            .sudo()
            .with_context(active_test=False)
            .search([("contest_id", "=", self.id), ("member_id", "in", member_ids)])
        )
        names = {participant.member_id.id: participant._show_nickname() for participant in participants}
        return {member: names.get(member) or self.env._("A member") for member in member_ids}
