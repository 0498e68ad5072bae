"""Invite people to a club: each gets a link that works once."""

import re
from urllib.parse import urlencode

from markupsafe import Markup, escape
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize


class ClubInviteWizard(models.TransientModel):
    _name = "club.invite.wizard"
    _description = "Invite to a Club"
    _inherit = "club.bounded"

    club_id = fields.Many2one("club.club", required=True)
    partner_ids = fields.Many2many("res.partner", string="Contacts")
    emails = fields.Text(string="E-mails", help="One a line, or separated by commas.")
    open_links = fields.Integer(
        string="Links for Anybody", help="For a leaflet or a message of your own: each link works once."
    )
    days = fields.Integer(string="Valid for (Days)", required=True, default=30)
    send = fields.Boolean(string="Send by E-mail", default=True)
    state = fields.Selection([("ask", "Ask"), ("done", "Done")], default="ask", required=True)
    result = fields.Html(readonly=True, sanitize=False)

    def action_invite(self):
        """Make the invitations, send them if asked, and show the links: the only time that they can be seen.

        :raise UserError: nobody was named, or an e-mail is none
        """
        self.ensure_one()
        self.club_id.check_access("read")
        self.partner_ids.check_access("read")
        if not 1 <= self.days <= 366:
            raise UserError(self.env._("Invitations last between 1 and 366 days."))
        if not 0 <= self.open_links <= 1000:
            raise UserError(self.env._("Make at most 1,000 links for anybody at a time."))
        people = [*self.partner_ids, *self._read_emails(), *[None] * self.open_links]
        if not people:
            raise UserError(self.env._("Name contacts, e-mails or a number of links for anybody."))
        made = self.env["club.invitation"]._invite(self.club_id, people, days=self.days)
        links = [(invitation, self._get_link(secret)) for invitation, secret in made]
        if self.send:
            self._send(links)
        self.write({"state": "done", "result": self._render_result(links)})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invitations"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read_emails(self):
        texts = [text.strip() for text in re.split(r"[,;\s]+", self.emails or "") if text.strip()]
        for text in texts:
            if not email_normalize(text):
                raise UserError(self.env._("%(text)s is not an e-mail address. Nothing was sent.", text=text))
        return list(dict.fromkeys(email_normalize(text) for text in texts))

    def _get_link(self, secret):
        """The address of the page where an invitation is accepted. The secret is in the query; opening it changes
        nothing.
        """
        return f"{self.club_id.get_base_url()}/club/join/{self.club_id.id}?{urlencode({'token': secret})}"

    def _send(self, links):
        """Put an e-mail to each invited person into Odoo's queue. Names are escaped; no template is rendered."""
        mails = []
        for invitation, link in links:
            to = invitation.email or invitation.partner_id.email
            if to:
                mails.append(
                    {
                        "subject": self.env._("You are invited to %(club)s", club=self.club_id.name),
                        "body_html": Markup("<p>%s</p><p><a href='%s'>%s</a></p><p>%s</p>")
                        % (
                            self.env._(
                                "%(company)s invites you to join %(club)s.",
                                company=self.club_id.company_id.name,
                                club=self.club_id.name,
                            ),
                            link,
                            self.env._("See what you get, and join"),
                            self.env._("The link works once, for %(days)s days.", days=self.days),
                        ),
                        "model": invitation._name,
                        "res_id": invitation.id,
                        "email_to": to,
                        "email_from": self.club_id.company_id.email_formatted or self.env.user.email_formatted,
                        "auto_delete": True,
                    }
                )
        self.env["mail.mail"].sudo().create(mails)

    def _render_result(self, links):
        rows = Markup("").join(
            Markup("<tr><td>%s</td><td><code class='text-break'>%s</code></td></tr>")
            % (
                invitation.partner_id.name or invitation.email or self.env._("Anybody"),
                link,
            )
            for invitation, link in links
        )
        note = escape(self.env._("Copy what you need: these links are not stored and cannot be shown again."))
        return Markup("<p>%s</p><table class='table table-sm'>%s</table>") % (note, rows)
