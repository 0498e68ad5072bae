"""Questions and answers of members: what of them stands is a fact of the club, what does not any more is revoked."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: Fields whose change may make a post count, or count no more.
DECISIVE = frozenset({"active", "state", "is_correct", "parent_id", "forum_id", "closed_reason_id"})
#: For which of Odoo's reasons the closing of a question takes its answers' points, too.
BAD_REASONS = ("website_forum.reason_7", "website_forum.reason_8")
#: Fields that only the server writes.
OURS = frozenset({"club_facts", "club_accepted_uid"})
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
        # Neither an RPC nor its context's defaults say who accepted, or what was counted.
        context = {name: value for name, value in self.env.context.items() if name.removeprefix("default_") not in OURS}
        plain = self.with_context(context)  # pylint: disable=context-overridden
        posts = super(ForumPost, plain).create([self._without_ours(vals) for vals in vals_list]).with_env(self.env)
        posts._sync_club_facts()
        return posts

    def write(self, vals):
        vals = self._without_ours(vals)
        accepted = self.filtered(lambda post: not post.is_correct) if vals.get("is_correct") else self.browse()
        result = super().write(vals)
        if accepted:
            super(ForumPost, accepted.sudo()).write({"club_accepted_uid": self.env.uid})
        if DECISIVE.intersection(vals):
            self._sync_club_facts(renew=("answer",) if "is_correct" in vals else ())
        return result

    def unlink(self):
        # The database deletes the answers with their question, and messages with their post.
        posts = self.sudo().with_context(active_test=False)
        posts |= posts.search([("parent_id", "in", self.ids)])
        posts._revoke_club_facts(self.env._("The post was deleted"))
        posts._get_club_comments()._revoke_club_comments(self.env._("The post was deleted"))
        return super().unlink()

    def reopen(self):
        """In a club's forum, what was closed as spam or offensive is opened again by who may close, and nobody else.

        Odoo leaves that to its buttons: a call would bring the points back that a moderator took.
        """
        bad = self._get_bad_reasons()
        for post in self.filtered(lambda post: post.closed_reason_id in bad and post.sudo()._get_forum_clubs()):
            if not (self.env.user._is_admin() or self.env.user.karma >= post.forum_id.karma_close_all):
                raise AccessError(
                    self.env._("A moderator has closed %(post)s. Ask one to open it again.", post=post.name)
                )
        return super().reopen()

    @api.model
    def _without_ours(self, vals):
        return {name: value for name, value in vals.items() if name not in OURS}

    # -- facts ---------------------------------------------------------------------------------------

    def _sync_club_facts(self, renew=()):
        """Report what has begun to hold of these posts and of the answers to them, and revoke what holds no more.

        :param renew: kinds of fact that what was just done may bring back after it was revoked; other kinds come back
            by somebody else than the author only.
        """
        posts = self.sudo().with_context(active_test=False)
        posts |= posts.search([("parent_id", "in", posts.ids)])
        for post in posts:
            known = dict(post.club_facts or {})
            post._revoke_fallen(known)
            post._report_risen(known, renew)
            if known != (post.club_facts or {}):
                super(ForumPost, post).write({"club_facts": known})

    def _revoke_fallen(self, known):
        """Revoke facts that hold no more of the post itself; that their member left since changes nothing of them."""
        for name, count in known.items():
            member, kind = self._read_club_name(name)
            if count > 0 and not getattr(self, f"_is_club_{kind}")(member.club_id):
                self._revoke_club_fact(name, count, self.env._("The post counts no more"))
                known[name] = -count

    def _report_risen(self, known, renew):
        """Report what holds now and is not reported; of merged members, what one of them was credited with stands."""
        standing = {
            (member.merged_into_id or member, kind)
            for name, count in known.items()
            if count > 0
            for member, kind in [self._read_club_name(name)]
        }
        for club in self._get_forum_clubs():
            member = club._get_member(self.create_uid.partner_id)
            # What was written before one joined, or before the forum was the club's, is no fact of the club.
            if not member or self.create_date < max(member.joined_at, club.forum_since or self.create_date):
                continue
            for kind in KINDS:
                name = f"{member.id}:{kind}"
                count = known.get(name, 0)
                if (
                    (member, kind) not in standing
                    and getattr(self, f"_is_club_{kind}")(club)
                    and self._may_rise(kind, count, renew)
                ):
                    known[name] = 1 - count
                    self._report_club_fact(name, known[name])

    def _may_rise(self, kind, count, renew):
        """Whether who is acting may make the post count: the author alone may not put right what moderators did, nor
        publish what they should have seen first.
        """
        actor, author = self.env.user, self.create_uid
        if actor != author or actor._is_admin() or actor.karma >= self.forum_id.karma_moderate or kind in renew:
            return True
        if count:
            return False
        return kind != "question" or author.karma >= self.forum_id.karma_post

    def _get_forum_clubs(self):
        """The clubs whose forum this post is in."""
        self.ensure_one()
        return self.env["club.club"].sudo().search([("forum_active", "=", True), ("forum_id", "=", self.forum_id.id)])

    def _read_club_name(self, name):
        member, kind = name.split(":")
        return self.env["club.member"].sudo().browse(int(member)), kind

    @api.model
    def _get_bad_reasons(self):
        reasons = [self.env.ref(reason, raise_if_not_found=False) for reason in BAD_REASONS]
        return self.env["forum.post.reason"].union(*filter(None, reasons))

    def _is_club_question(self, club):
        return not self.parent_id and self.active and self.state == "active"

    def _is_club_answer(self, club):
        """Accepted by somebody else, to somebody else's question."""
        return (
            bool(self.parent_id)
            and self.is_correct
            and bool(self.club_accepted_uid)  # a post that was created as correct was accepted by nobody
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
        bad = self._get_bad_reasons()
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
        """Report what a post did for the time number ``count``; it counts as of the first, so that accepting anew
        renews neither expiry nor limits.
        """
        member, kind = name.split(":")
        Event = self.env["club.event"]
        Event._report(
            [
                {
                    "member_id": int(member),
                    "type": "forum",
                    "occurred_at": Event._get_first_time(self._get_club_key(name, 1)) if count > 1 else None,
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
