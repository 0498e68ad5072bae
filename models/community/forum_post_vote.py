from odoo import api, models


class ForumPostVote(models.Model):
    """A vote may bring a post to the number of votes that counts, or take it below."""

    _inherit = "forum.post.vote"

    @api.model_create_multi
    def create(self, vals_list):
        votes = super().create(vals_list)
        votes.post_id._sync_club_facts(renew=("votes",))
        return votes

    def write(self, vals):
        result = super().write(vals)
        if "vote" in vals:
            self.post_id._sync_club_facts(renew=("votes",))
        return result

    def unlink(self):
        posts = self.post_id
        result = super().unlink()
        posts._sync_club_facts(renew=("votes",))
        return result
