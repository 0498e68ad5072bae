"""Questions and answers of members: what of them stands is a fact of the club, what does not any more is revoked."""

from odoo import api, fields, models

#: Fields whose change may make a post count, or count no more.
DECISIVE = frozenset({"active", "state", "is_correct", "parent_id", "forum_id", "closed_reason_id"})
#: For which of Odoo's reasons the closing of a question takes its answers' points, too.
BAD_REASONS = ("website_forum.reason_7", "website_forum.reason_8")
KINDS = ("question", "answer", "votes")


class ForumPost(models.Model):
    """A post in a club's forum tells the club three kinds of fact: a question was published, an answer was accepted, a
    post was voted up.

    Each is a target that is compared with what was reported: ``club_facts`` keeps per member and kind how often the
    fact was reported, negative while it is revoked. An answer that is accepted again after it was refused is a further
    fact, with a key of its own. Karma is Odoo's business.
    """

    _inherit = "forum.post"

    club_facts = fields.Json(copy=False, readonly=True, groups="base.group_system")
    club_accepted_uid = fields.Many2one(
        "res.users", string="Accepted By", copy=False, readonly=True, groups="base.group_system"
    )

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._without_club_fields(vals) for vals in vals_list]
        posts = super().create(vals_list)
        posts._sync_club_facts()
        return posts

    def write(self, vals):
        vals = self._without_club_fields(vals)
        accepted = self.filtered(lambda post: not post.is_correct) if vals.get("is_correct") else self.browse()
        result = super().write(vals)
        if accepted:
            super(ForumPost, accepted.sudo()).write({"club_accepted_uid": self.env.uid})
        if DECISIVE.intersection(vals):
            self._sync_club_facts()
        return result

    def unlink(self):
        # The database deletes the answers with their question, and messages with their post.
        posts = self.sudo().with_context(active_test=False)
        posts |= posts.search([("parent_id", "in", self.ids)])
        posts._revoke_club_facts(self.env._("The post was deleted"))
        posts._get_club_comments()._revoke_club_comments(self.env._("The post was deleted"))
        return super().unlink()

    @api.model
    def _without_club_fields(self, vals):
        """Who wrote and who accepted is for the server to say, whatever an RPC sends."""
        return {name: value for name, value in vals.items() if name not in ("club_facts", "club_accepted_uid")}

    # -- facts ---------------------------------------------------------------------------------------

    def _sync_club_facts(self):
        """Report what has begun to hold of these posts and of the answers to them, and revoke what holds no more."""
        posts = self.sudo().with_context(active_test=False)
        posts |= posts.search([("parent_id", "in", posts.ids)])
        clubs = self.env["club.club"].sudo().search([("forum_active", "=", True), ("forum_id", "!=", False)])
        for post in posts:
            known = dict(post.club_facts or {})
            wanted = post._get_club_facts(clubs.filtered(lambda club, post=post: club.forum_id == post.forum_id))
            for name in {*wanted, *known}:
                count = known.get(name, 0)
                if name in wanted and count <= 0:
                    known[name] = 1 - count
                    post._report_club_fact(name, known[name])
                elif name not in wanted and count > 0:
                    post._revoke_club_fact(name, count, self.env._("The post counts no more"))
                    known[name] = -count
            if known != (post.club_facts or {}):
                super(ForumPost, post).write({"club_facts": known})

    def _get_club_facts(self, clubs):
        """What holds of this post now, as names ``<member id>:<kind>``.

        :param clubs: those whose forum it is in.
        :rtype: set[str]
        """
        self.ensure_one()
        facts = set()
        for club in clubs:
            member = club._get_member(self.create_uid.partner_id)
            # What was written before one joined, or before the forum was the club's, is no fact of the club.
            if member and self.create_date >= max(member.joined_at, club.forum_since or self.create_date):
                facts |= {f"{member.id}:{kind}" for kind in KINDS if getattr(self, f"_is_club_{kind}")(club)}
        return facts

    def _is_club_question(self, club):
        return not self.parent_id and self.active and self.state == "active"

    def _is_club_answer(self, club):
        """Accepted by somebody else, to somebody else's question."""
        return (
            bool(self.parent_id)
            and self.is_correct
            and self._is_club_post()
            and not self._is_by_the_same(self.parent_id.create_uid)
            and not self._is_by_the_same(self.club_accepted_uid)
        )

    def _is_club_votes(self, club):
        """Voted up by enough people who are not the author under another name."""
        if not club.forum_votes or not self._is_club_post():
            return False
        votes = self.vote_ids.filtered(lambda vote: not self._is_by_the_same(vote.user_id))
        return sum(int(vote.vote) for vote in votes) >= club.forum_votes

    def _is_club_post(self):
        """Whether the post and its question are published; a harmless closing leaves answers what they are worth."""
        question = self.parent_id or self
        bad = [self.env.ref(reason, raise_if_not_found=False) for reason in BAD_REASONS]
        return (
            self.active
            and question.active
            and self.state == "active"
            and (question.state == "active" or (question.state == "close" and question.closed_reason_id not in bad))
        )

    def _is_by_the_same(self, user):
        """Whether the author and ``user`` are one person or one company."""
        self.ensure_one()
        return self._is_one_person(self.create_uid.partner_id, user.partner_id)

    @api.model
    def _is_one_person(self, author, other):
        """Whether two contacts are one: the same contact or company, or one e-mail or phone."""
        if not (author and other):
            return False
        if author.commercial_partner_id == other.commercial_partner_id:
            return True
        identity = self.env["club.identity"].sudo()
        return bool({*identity._get_digests(author)} & {*identity._get_digests(other)})

    def _get_club_key(self, name, count):
        member, kind = name.split(":")
        return f"forum.post,{self.id}:{kind}:{member}:{count}"

    def _report_club_fact(self, name, count):
        member, kind = name.split(":")
        self.env["club.event"]._report(
            [
                {
                    "member_id": int(member),
                    "type": "forum",
                    "key": self._get_club_key(name, count),
                    "origin_model": "forum.post",
                    "origin_id": self.id,
                    "payload": {"what": kind, "forum": self.forum_id.id},
                }
            ]
        )

    def _revoke_club_fact(self, name, count, note):
        self.env["club.event"].sudo().search([("key", "=", self._get_club_key(name, count))])._revoke(note)

    def _revoke_club_facts(self, note):
        """Take back everything that these posts earned."""
        for post in self.sudo():
            standing = {name: count for name, count in (post.club_facts or {}).items() if count > 0}
            for name, count in standing.items():
                post._revoke_club_fact(name, count, note)

    # -- comments ------------------------------------------------------------------------------------

    def _get_club_comments(self):
        return (
            self.env["mail.message"]
            .sudo()
            .search([("model", "=", "forum.post"), ("res_id", "in", self.ids), ("message_type", "=", "comment")])
        )
