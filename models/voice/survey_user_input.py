"""A finished survey is a fact for the clubs of who answered."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools import email_normalize

#: The form sends itself when time is up; Odoo takes the answers for so much longer.
SECONDS_OF_GRACE = 10


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    club_email = fields.Char(
        string="Invited Address", readonly=True, copy=False, help="The address to which the invitation was sent."
    )

    def _mark_done(self):
        """Finishing is reported to the clubs; finishing again reports nothing new."""
        finished = self.filtered(lambda answer: answer.state != "done")
        result = super()._mark_done()
        finished._report_to_clubs()
        return result

    # -- facts -------------------------------------------------------------------------------------------

    def _report_to_clubs(self):
        """Record a fact in every club in which who answered is a member.

        Tests and answers to closed surveys are none.

        :return: ``club.event`` records
        """
        clubs = self.env["club.club"].sudo().search([])
        facts = []
        for answer in self.sudo().filtered(lambda answer: answer._is_fact()):
            facts += [answer._prepare_club_fact(member) for member in answer._find_club_members(clubs)]
        return self.env["club.event"]._report(facts)

    def _is_fact(self):
        """Whether this is a real answer, finished, to a survey that is open."""
        self.ensure_one()
        return self.state == "done" and not self.test_entry and self.survey_id.active

    def _find_club_members(self, clubs):
        """The members that answered: the signed-in person, or the only member with the address that was invited.

        A partner stands on an answer only if that person was signed in or invited: Odoo turns everybody else away. An
        address that was typed into the form proves nothing.

        :rtype: list of ``club.member`` (sudo), one per club at most
        """
        self.ensure_one()
        if self.survey_id.club_id:
            clubs &= self.survey_id.club_id
        if self.partner_id:
            members = [club._get_member(self.partner_id) for club in clubs]
        else:
            members = [self._find_invited_member(club) for club in clubs]
        return [member for member in members if member]

    def _find_invited_member(self, club):
        address = email_normalize(self.club_email) if self.club_email else False
        Member = self.env["club.member"].sudo()
        if not address:
            return Member
        members = Member.search(
            [("club_id", "=", club.id), ("state", "=", "active"), ("partner_id.email_normalized", "=", address)],
            limit=2,
        )
        return members if len(members) == 1 else Member

    def _prepare_club_fact(self, member):
        """Values for ``club.event._report``; neither answers nor addresses are in them."""
        self.ensure_one()
        payload = {"survey": self.survey_id.id, "in_time": self._is_in_time()}
        if self.survey_id.scoring_type != "no_scoring":
            payload["score"] = round(self.scoring_percentage, 2)
            payload["passed"] = self.scoring_success
            payload["certified"] = self.scoring_success and self.survey_id.certification
        return {
            "member_id": member.id,
            "type": "survey",
            "key": f"{self._name},{self.id}:survey:{member.club_id.id}",
            "occurred_at": self.end_datetime,
            "origin": self,
            "payload": payload,
        }

    def _is_in_time(self):
        """Whether it was finished before its deadline and within the survey's time limit."""
        end = self.end_datetime or fields.Datetime.now()
        if self.deadline and end > self.deadline:
            return False
        survey = self.survey_id
        if not (survey.is_time_limited and self.start_datetime) or self.is_session_answer:
            return True
        return end <= self.start_datetime + timedelta(minutes=survey.time_limit, seconds=SECONDS_OF_GRACE)

    def _is_over(self):
        """Whether it is too late to begin or go on."""
        self.ensure_one()
        return bool(self.deadline and self.deadline < fields.Datetime.now()) or self.survey_time_limit_reached

    # -- thanks --------------------------------------------------------------------------------------------

    def _get_club_thanks(self):
        """What finishing it earned, for the last page: sentences, one per club that gave points.

        :rtype: list[str]
        """
        self.ensure_one()
        if self.state != "done" or self.test_entry:
            return []
        earned = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    ("event_id.origin_model", "=", self._name),
                    ("event_id.origin_id", "=", self.id),
                    ("kind", "in", ("earn", "reverse")),
                ],
                ["club_id"],
                ["points:sum"],
            )
        )
        return [
            self.env._("You have earned %(points)s in %(club)s.", points=club._show_points(points), club=club.name)
            for club, points in earned
            if points > 0
        ]
