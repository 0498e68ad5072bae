"""Feedback as its author sees it on the portal: what can be said, where it stands, and what happens next."""

from odoo import api, models
from odoo.addons.customer_club.engine import feedback as engine
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from .club_feedback import KINDS, SUBJECT_LENGTH, TEXT_LENGTH

PAGE = 20
REPLIES_A_DAY = 20
REPLY_LENGTH = 2000
#: Badges of Bootstrap; the word beside them says the same.
BADGES = {
    "new": "border bg-info-subtle text-info-emphasis",
    "review": "border bg-info-subtle text-info-emphasis",
    "accepted": "border bg-success-subtle text-success-emphasis",
    "done": "border bg-success-subtle text-success-emphasis",
    "declined": "border bg-secondary-subtle text-secondary-emphasis",
    "merged": "border bg-info-subtle text-info-emphasis",
    "withdrawn": "border bg-secondary-subtle text-secondary-emphasis",
}


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    # -- writing -------------------------------------------------------------------------------------

    @api.model
    def _submit(self, member, author, vals):
        """Take in what ``author`` writes on the portal for ``member``. The same words twice are one piece.

        :param dict vals: ``kind``, ``subject``, ``text``, and if wished ``category_id``, ``order_id``, ``product_id``
            (whatever is none of the member's is refused).
        :return: the piece, in sudo
        :raise UserError: it says too little or too much, or there was too much of it today; nothing was saved then
        """
        subject, text = engine.clean(vals.get("subject") or ""), engine.clean(vals.get("text") or "")
        member.club_id._check_feedback_open()
        self._check_words(subject, text)
        choices = member._get_feedback_choices()
        kind = vals.get("kind")
        if kind not in dict(choices["kinds"]):
            raise UserError(self.env._("Choose what it is: a critique, a suggestion, a request or praise."))
        written = self.sudo().search(
            [*self._get_portal_domain(member, author), ("create_date", ">=", member._get_feedback_today())]
        )
        same = written.filtered(
            lambda piece: piece.is_open and (piece.kind, piece.subject, piece.text) == (kind, subject, text)
        )
        if same:
            return same[0]
        limit = member.club_id.feedback_daily_limit
        if len(written) >= limit:
            raise UserError(
                self.env._(
                    "You have written %(count)s times today, which is the most for a day. Nothing was sent: please "
                    "come back tomorrow, or reply in what you have written already.",
                    count=len(written),
                )
            )
        return self.sudo().create(
            {
                "member_id": member.id,
                "author_id": author.id,
                "source": "portal",
                "kind": kind,
                "subject": subject,
                "text": text,
                **{
                    name: self._pick(vals.get(name), choices[names])
                    for name, names in (
                        ("category_id", "categories"),
                        ("order_id", "orders"),
                        ("product_id", "products"),
                    )
                },
            }
        )

    @api.model
    def _check_words(self, subject, text):
        _ = self.env._
        if not subject or not text:
            raise UserError(_("Write a subject and what you want to tell us. Nothing was sent yet."))
        if len(subject) > SUBJECT_LENGTH or len(text) > TEXT_LENGTH:
            raise UserError(
                _(
                    "A subject has at most %(subject)s characters and a text %(text)s. Nothing was sent: please say it "
                    "in fewer words.",
                    subject=SUBJECT_LENGTH,
                    text=TEXT_LENGTH,
                )
            )

    @api.model
    def _pick(self, typed, offered):
        """The id that was chosen, if it was among those offered."""
        typed = str(typed or "")
        return next((record.id for record in offered if str(record.id) == typed), False)

    def _reply_from_portal(self, author, text):
        """The author's answer in the thread.

        :raise UserError: it is empty or too long, or there were too many today
        """
        self.ensure_one()
        _ = self.env._
        text = engine.clean(text)
        if not text:
            raise UserError(_("Write your answer first. Nothing was sent."))
        if len(text) > REPLY_LENGTH:
            raise UserError(
                _("An answer has at most %(most)s characters. Nothing was sent: please shorten it.", most=REPLY_LENGTH)
            )
        if self.state == "withdrawn":
            raise UserError(_("You have withdrawn this. Write a new one if you want to say more."))
        since = self.member_id._get_feedback_today()
        today = [("author_id", "=", author.id), ("model", "=", self._name), ("date", ">=", since)]
        if self.env["mail.message"].sudo().search_count(today, limit=REPLIES_A_DAY) >= REPLIES_A_DAY:
            raise UserError(_("You have written a lot today. Nothing was sent: please go on tomorrow."))
        last = self._get_public_messages(1)
        body = plaintext2html(text)
        if last.author_id == author and last.body == body:
            return last  # the button was pressed twice
        return self._reply(author, body)

    def _withdraw_from_portal(self):
        """The author takes it back while nobody has decided."""
        self.ensure_one()
        self._update_state("withdrawn")

    # -- reading -------------------------------------------------------------------------------------

    @api.model
    def _get_portal_domain(self, member, author):
        """What a page of ``member`` may show to ``author``: what they wrote themselves."""
        return Domain("member_id", "=", member.id) & Domain("author_id", "=", author.id)

    @api.model
    def _get_portal_page(self, member, author, before=None, limit=PAGE):
        """A page of the author's pieces, newest first, found by the id it continues from.

        :return: ``(pieces, next id or None)``
        """
        domain = self._get_portal_domain(member, author)
        if before:
            domain &= Domain("id", "<", before)
        found = self.sudo().search(domain, order="id desc", limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def _get_portal_values(self):
        """Where it stands, in words for its author: ``state`` (a word), ``badge``, ``status`` and ``next`` (sentences).

        Of a merged piece, where the one that stands for all is; never what others wrote.
        """
        self.ensure_one()
        _ = self.env._
        leading = self.merged_into_id or self
        day = self.club_id._show_day(leading.deadline)
        status, following = {
            "new": (_("We have received it."), _("Somebody reads it and answers by %(day)s.", day=day)),
            "review": (_("We are looking at it."), _("You get an answer by %(day)s.", day=day)),
            "accepted": (
                _("We have accepted it. Thank you!"),
                _("We carry it out and tell you when it is done, by %(day)s.", day=day)
                if self.kind == "request"
                else _("Nothing more is needed from you. We may write to you here when something comes of it."),
            ),
            "done": (_("It is done."), _("If something is missing, write to us below.")),
            "declined": (
                _("We have read it, and are not going to follow it."),
                _("You find the answer below, and may reply to it."),
            ),
            "withdrawn": (_("You have withdrawn it."), _("Nothing happens any more.")),
        }[leading.state if leading.state != "merged" else "review"]
        if self.merged_into_id:
            status = _("Others said the same, so it is looked at together. %(status)s", status=status)
        if leading.is_overdue:
            following = _("Our answer is late, for which we are sorry. Somebody has been reminded.")
        if self.is_open and self.waiting_for == "member":
            following = _("We have written to you: please answer.")
        return {
            "state": dict(self._fields["state"]._description_selection(self.env))[leading.state],
            "badge": BADGES[leading.state],
            "status": status,
            "next": following,
            "asks": self.is_open and self.waiting_for == "member",
            "may_withdraw": self.state in ("new", "review"),
            "may_reply": self.state != "withdrawn",
        }

    def _get_portal_thread(self):
        """The conversation for its author: dicts of ``mine``, ``name``, ``day``, ``body`` and ``files``."""
        self.ensure_one()
        return [
            {
                "mine": message.author_id == self.author_id,
                "name": message.author_id.name or self.company_id.name,
                "day": self.club_id._show_day(message.date),
                "body": message.body,
                "files": message.attachment_ids,
            }
            for message in self._get_public_messages()
        ]

    def _get_portal_files(self):
        """The files that the author may open: their own, and those of messages to them."""
        self.ensure_one()
        return self.sudo().file_ids | self._get_public_messages().attachment_ids


class ClubMember(models.Model):
    _inherit = "club.member"

    def _get_feedback_today(self):
        """The instant at which the day began in the club's time zone."""
        club = self.club_id
        return periods.day_bounds(club._get_today(), club.tz)[0]

    def _get_feedback_choices(self):
        """What the form offers: kinds, the club's categories, the member's newest orders and what was bought in them.

        :rtype: dict
        """
        self.ensure_one()
        club = self.club_id
        partner = (
            Domain("partner_id.commercial_partner_id", "=", self.partner_id.id)
            if club.earner == "company"
            else Domain("partner_id", "=", self.partner_id.id)
        )
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                partner & Domain([("company_id", "=", club.company_id.id), ("state", "=", "sale")]),
                order="date_order desc",
                limit=20,
            )
        )
        lines = orders.order_line.filtered(
            lambda line: (
                line.product_id and not line.display_type and not line.is_reward_line and not line.is_delivery
                if "is_delivery" in line._fields
                else line.product_id and not line.display_type and not line.is_reward_line
            )
        )
        return {
            "kinds": self._get_feedback_kinds(),
            "categories": self.env["club.feedback.category"]
            .sudo()
            .search(["|", ("club_id", "=", False), ("club_id", "=", club.id)], limit=50),
            "orders": orders,
            "products": lines.product_id[:50],
        }

    def _get_feedback_kinds(self):
        labels = dict(self.env["club.feedback"]._fields["kind"]._description_selection(self.env))
        return [(kind, labels[kind]) for kind, _label in KINDS]

    # -- the overview --------------------------------------------------------------------------------

    def _get_portal_links(self):
        links = super()._get_portal_links()
        if self.club_id.feedback_portal:
            links.append(
                {
                    "rank": 60,
                    "url": f"/my/club/{self.id}/feedback",
                    "text": self.env._("Tell us"),
                    "icon": "fa-comments-o",
                }
            )
        return links

    def _get_portal_step_candidates(self, values, rewards):
        """An answer of ours that waits for the member comes before most other things."""
        steps = super()._get_portal_step_candidates(values, rewards)
        Feedback = self.env["club.feedback"].sudo()
        waiting = Feedback.search(
            Feedback._get_portal_domain(self, self.env.user.partner_id)
            & Domain([("is_open", "=", True), ("waiting_for", "=", "member")]),
            order="id desc",
            limit=1,
        )
        if waiting:
            steps.append(
                {
                    "rank": 15,
                    "text": self.env._("We have answered you: %(subject)s", subject=waiting.subject),
                    "url": waiting.portal_path,
                    "label": self.env._("Read it"),
                }
            )
        return steps


class ClubClub(models.Model):
    _inherit = "club.club"

    def _check_feedback_open(self):
        """:raise UserError: members of this club do not write on the portal"""
        self.ensure_one()
        if not self.feedback_portal:
            raise UserError(
                self.env._(
                    "%(club)s takes no feedback on this page at the moment. Tell our staff, please.", club=self.name
                )
            )
