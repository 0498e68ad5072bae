"""Comments in a members' forum: a fact once moderators have had their time, revoked when they are taken down."""

from odoo import api, fields, models
from odoo.tools import SQL

KEY = "mail.message,%s:comment:%s"


class MailMessage(models.Model):
    _inherit = "mail.message"

    def unlink(self):
        comments = self.sudo().filtered(lambda message: message.model == "forum.post")
        comments._revoke_club_comments(self.env._("The comment was deleted"))
        return super().unlink()

    def _revoke_club_comments(self, note):
        """Take back what these comments earned; one query where they earned nothing."""
        if self:
            self.env["club.event"].sudo().search(
                [("origin_model", "=", "mail.message"), ("origin_id", "in", self.ids)]
            )._revoke(note)

    @api.model
    def _cron_report_club_comments(self):
        """Nightly: comments that have stood the days which the club gives its moderators become facts.

        One comment for each member and question counts, on somebody else's post. What was looked at is behind the
        job's bookmark, so a comment that makes no fact is met once a night.

        :return: number of comments looked at
        """
        bookmark = [0]

        def work(ids):
            self.browse(ids)._report_club_comments()
            bookmark[0] = max(ids)

        done, _failed = self.env["club.job"]._work_off(
            "report comments in members' forums",
            find=lambda limit, skip: self._find_club_comments(limit, skip, bookmark[0]),
            work=work,
        )
        return done

    @api.model
    def _find_club_comments(self, limit, skip, after=0):
        """The first comment of each author on each question that nobody has reported; SQL, because messages are many.

        Who is no member of the club, or of the same company as the post's author, is left out at once. The moment is
        that of the database: a message's own date is what its sender says.
        """
        return [
            message
            for (message,) in self.env.execute_query(
                SQL(
                    """
                SELECT first.id FROM (
                    SELECT DISTINCT ON (c.id, member.id, COALESCE(post.parent_id, post.id)) message.id, c.id AS club,
                           message.create_date + c.forum_comment_days * INTERVAL '1 day' AS due, member.id AS member
                      FROM club_club c
                      JOIN forum_post post ON post.forum_id = c.forum_id AND post.active AND post.state = 'active'
                      JOIN forum_post question ON question.id = COALESCE(post.parent_id, post.id)
                       AND question.active AND question.state = 'active'
                      JOIN mail_message message ON message.model = 'forum.post' AND message.res_id = post.id
                       AND message.message_type = 'comment' AND message.create_date >= c.forum_since
                      JOIN res_partner author ON author.id = message.author_id
                      JOIN res_users asker ON asker.id = post.create_uid
                      JOIN res_partner other ON other.id = asker.partner_id
                       AND other.commercial_partner_id <> author.commercial_partner_id
                      JOIN club_member member ON member.club_id = c.id AND member.active
                       AND member.joined_at <= message.create_date
                       AND member.partner_id
                           = CASE c.earner WHEN 'company' THEN author.commercial_partner_id ELSE author.id END
                     WHERE c.forum_active AND c.forum_comment_days > 0
                     ORDER BY c.id, member.id, COALESCE(post.parent_id, post.id), message.id
                ) AS first
                 WHERE first.due <= %(now)s AND first.id > %(after)s AND NOT first.id = ANY(%(skip)s)
                   AND NOT EXISTS (
                       SELECT 1 FROM club_event e
                        WHERE e.key = 'mail.message,' || first.id || ':comment:' || first.member)
                 ORDER BY first.id
                 LIMIT %(limit)s
                """,
                    skip=list(skip) or [0],
                    after=after,
                    now=fields.Datetime.now(),
                    limit=limit,
                )
            )
        ]

    def _report_club_comments(self):
        """Record these comments as facts of the clubs whose forum they are in."""
        posts = self.env["forum.post"].sudo().browse(self.mapped("res_id"))
        clubs = (
            self.env["club.club"].sudo().search([("forum_active", "=", True), ("forum_id", "in", posts.forum_id.ids)])
        )
        facts = []
        for message in self.sudo():
            post = posts.browse(message.res_id)
            for club in clubs.filtered(lambda club, post=post: club.forum_id == post.forum_id):
                member = club._get_member(message.author_id)
                if member and not post._is_one_person(post.create_uid.partner_id, message.author_id):
                    facts.append(
                        {
                            "member_id": member.id,
                            "type": "forum",
                            "key": KEY % (message.id, member.id),
                            "occurred_at": message.create_date,
                            "origin_model": "mail.message",
                            "origin_id": message.id,
                            "payload": {"what": "comment", "forum": post.forum_id.id},
                        }
                    )
        self.env["club.event"]._report(facts)
