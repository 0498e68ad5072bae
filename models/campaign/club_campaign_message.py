"""What a member reads: the campaign's words with the member's own values, by e-mail, SMS or in its account.

Words that people typed are only ever values of a template that ships with the addon (abuse 17): placeholders are
replaced once, by text that is escaped wherever it is shown (abuse 18).
"""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.addons.customer_club.engine import campaign as engine_campaign

#: In the context of who sends, and of the member's own pages: an object that no caller from outside can name (abuse 5).
#: Everybody else reads the words with the codes masked, for codes are money.
READER = object()


class ClubCampaignTarget(models.Model):
    _inherit = "club.campaign.target"

    title = fields.Char(compute="_compute_words", compute_sudo=True)
    words = fields.Text(compute="_compute_words", compute_sudo=True)
    button = fields.Char(compute="_compute_words", compute_sudo=True)

    @api.depends("campaign_id", "step_id", "member_id", "coupon_id", "variant")
    @api.depends_context("lang", "club_reader")
    def _compute_words(self):
        for target in self:
            words = (*target._get_texts(), target.campaign_id.button or "")
            values = target._get_values(
                {name for name in engine_campaign.PLACEHOLDERS if f"{{{name}}}" in "".join(words)}
            )
            target.title, target.words, target.button = (engine_campaign.fill(text, values) for text in words)

    def _get_texts(self):
        """Subject and message as they were typed, of the text that chance gave this member.

        :rtype: tuple[str, str]
        """
        self.ensure_one()
        campaign, step = self.campaign_id, self.step_id
        if step:
            return step.subject or "", step.body or ""
        if self.variant == "b":
            return campaign.subject_b or "", campaign.body_b or ""
        return campaign.subject or "", campaign.body or ""

    def _get_values(self, names):
        """The values of these placeholders for one member, in the reader's language.

        :rtype: dict[str, str]
        """
        self.ensure_one()
        member, club, code = self.member_id, self.club_id, self.coupon_id.code or ""
        if self.env.context.get("club_reader") is not READER:
            code = engine_campaign.mask(code)
        read = {
            "name": lambda: self.partner_id.name,
            "points": lambda: club._show_points(member.points),
            "expiring": lambda: club._show_points(member.points_expiring),
            "tier": lambda: member.tier_id.name,
            "next_tier": lambda: member.next_tier_id.name,
            "product": lambda: (
                self.product_id.display_name
                or self.campaign_id.product_id.display_name
                or self.campaign_id.prize_id.sudo().name
            ),
            "code": lambda: code,
            "offer": lambda: self.campaign_id._say_offer(self.product_id, code, self.ends_at),
            "until": lambda: club._show_day(self.ends_at),
            "club": lambda: club.name,
        }
        return {name: read[name]() or "" for name in names}

    def _for_reader(self):
        """These as the member reads them, with its codes; only to send them, or on its own pages."""
        return self.with_context(club_reader=READER)

    # -- sending -------------------------------------------------------------------------------------

    def _send_by_email(self):
        """Queue an e-mail for each; its headers let the member's mail program unsubscribe with one click (RFC 8058).

        The system writes them: who writes a message may read it, and whoever ran the campaign is not to read codes.
        """
        template = self.campaign_id.mail_template_id or self.env.ref("customer_club.mail_template_campaign")
        template = template.with_user(SUPERUSER_ID).with_context(club_reader=self.env.context.get("club_reader"))
        mails = template.send_mail_batch(self.ids, email_layout_xmlid="mail.mail_notification_light")
        for mail in mails:
            target = self.browse(mail.res_id)
            mail.headers = repr(
                {
                    "List-Unsubscribe": f"<{target._get_link('unsubscribe')}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    "X-Auto-Response-Suppress": "OOF",
                }
            )

    def _send_by_sms(self):
        """Queue an SMS for each, in the member's language."""
        self.env["sms.sms"].sudo().create(
            [
                {
                    "number": target.campaign_id._get_address(target.member_id),
                    "partner_id": target.partner_id.id,
                    "club_member_id": target.member_id.id,
                    "body": target.with_context(lang=target.partner_id.lang or self.env.lang)._get_sms_body(),
                }
                for target in self
            ]
        )

    def _get_sms_body(self):
        self.ensure_one()
        return self._join_sms(self._get_short_link("go"), self._get_short_link("stop"))

    def _join_sms(self, go, stop):
        """The words of an SMS with the links to follow and to stop."""
        return "\n".join((self.words.strip(), go, self.env._("Stop: %(link)s", link=stop)))

    def _send_by_portal(self):
        """Nothing leaves the house: the notice stands in the member's account from now on."""

    # -- unsubscribing -------------------------------------------------------------------------------

    def _unsubscribe(self):
        """The member wants no more of this: its consent to marketing messages ends, wherever it was given."""
        member = self.sudo().member_id
        member = member.merged_into_id or member
        if member.consent_marketing:
            member._record_consent("marketing", False, "unsubscribe")
