"""The club's forum: switched on, created or chosen."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClubClub(models.Model):
    _inherit = "club.club"

    forum_active = fields.Boolean(
        string="Members' Forum", help="Members ask and answer each other on the website, and rules can reward it."
    )
    forum_id = fields.Many2one(
        "forum.forum",
        ondelete="restrict",
        copy=False,
        help="Empty: a forum of the club's own is made, for who is signed in. Moderation and karma are set there.",
    )
    forum_since = fields.Datetime(readonly=True, copy=False, help="What was written before is no fact of the club.")
    forum_votes = fields.Integer(
        string="Votes That Count", default=3, help="A post voted up so often is a fact that a rule may reward. 0: none."
    )
    forum_comment_days = fields.Integer(
        string="Days for Moderating Comments",
        default=3,
        help="A comment counts when it was not taken down for so many days. 0: comments never count.",
    )
    contest_ids = fields.One2many("club.contest", "club_id")

    @api.constrains("forum_votes", "forum_comment_days")
    def _check_forum_numbers(self):
        for club in self:
            if club.forum_votes < 0 or club.forum_comment_days < 0:
                raise ValidationError(
                    self.env._(
                        "Votes and days of the forum of %(club)s cannot be negative. Use 0 for none.", club=club.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        clubs = super().create(vals_list)
        clubs.filtered("forum_active")._open_forum()
        return clubs

    def write(self, vals):
        before = {club: (club.forum_active, club.forum_id) for club in self}
        result = super().write(vals)
        if "forum_active" in vals or "forum_id" in vals:
            self.filtered(
                lambda club: club.forum_active and (not club.forum_id or before[club] != (True, club.forum_id))
            )._open_forum()
            self.env.registry.clear_cache("templates")  # the website's menu
        return result

    def _open_forum(self):
        """Make a forum where none was chosen, and note since when it is the club's. A club manager need not be allowed
        to make forums.
        """
        for club in self:
            values = {"forum_since": fields.Datetime.now()}
            if not club.forum_id:
                values["forum_id"] = self.env["forum.forum"].sudo().create(club._prepare_forum_values()).id
            super(ClubClub, club).write(values)

    def _prepare_forum_values(self):
        """A forum for who is signed in. Karma stays Odoo's, but who may ask may accept an answer, too."""
        self.ensure_one()
        website = self.env["website"].sudo().search([("company_id", "=", self.company_id.id)], limit=1)
        return {
            "name": self.name,
            "privacy": "connected",
            "website_id": website.id,
            "description": self.env._("Members of %(club)s ask and help each other.", club=self.name),
            "karma_answer_accept_own": 3,
        }
