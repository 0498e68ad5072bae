"""The letter to the owner: on the first of a month, how the last one was and what to do next."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .club_report import READY_MADE

#: A club of so many days has a month to tell of: from then on the letter is offered.
OFFER_DAYS = 31


class ClubClub(models.Model):
    _inherit = "club.club"

    letter_user_ids = fields.Many2many(
        "res.users",
        string="Monthly Letter To",
        compute="_compute_letter_user_ids",
        inverse="_inverse_letter_user_ids",
        domain="[('share', '=', False)]",
        help="On the first day of every month of the club's calendar they get by e-mail how the last month was, and "
        "the three things to do next; each of them what their own rights allow. Empty: nobody.",
    )
    letter_declined = fields.Boolean(string="No Letter Wanted", copy=False, readonly=True)

    @api.depends_context("uid")
    def _compute_letter_user_ids(self):
        # Who may read the club may know who gets its letter, also who reads no reports.
        letters = {letter.letter_club_id.id: letter for letter in self.sudo()._get_letters()}
        for club in self:
            letter = letters.get(club._origin.id)
            club.letter_user_ids = letter.recipient_ids if letter and letter.schedule == "monthly" else False

    def _inverse_letter_user_ids(self):
        letters = {letter.letter_club_id.id: letter for letter in self._get_letters()}
        for club in self:
            letter, readers = letters.get(club.id), club.letter_user_ids
            if readers and not letter:
                self.env["club.report"].create(club._prepare_letter_values(readers))
            elif letter:
                values = {"recipient_ids": [(6, 0, readers.ids)]}
                schedule = "monthly" if readers else "none"
                if letter.schedule != schedule:
                    values["schedule"] = schedule
                letter.write(values)

    # -- actions -----------------------------------------------------------------

    def action_send_letter_to_me(self):
        """Send the letter of the club to the user every month, besides those who get it."""
        self._check_letter_access()
        for club in self:
            club.letter_user_ids |= self.env.user
        return {"type": "ir.actions.act_window_close"}

    def action_decline_letter(self):
        """Offer the letter no more; the settings of the club have it still."""
        self._check_letter_access()
        self.letter_declined = True
        return {"type": "ir.actions.act_window_close"}

    # -- helpers -------------------------------------------------------------------

    def _check_letter_access(self):
        self.check_access("write")
        if not self.env.user.has_group("customer_club.group_club_manager"):
            raise AccessError(self.env._("The letter to the owner is set up by managers. Ask one of them."))

    def _get_letters(self):
        """The reports that are these clubs' letters."""
        Report = self.env["club.report"].with_context(active_test=False)
        return Report.search([("letter_club_id", "in", self._origin.ids)])

    def _prepare_letter_values(self, readers):
        """The letter of one club: the blocks of the ready-made one, as the shop has it now."""
        self.ensure_one()
        ready = self.env.ref("customer_club.club_report_letter", raise_if_not_found=False)
        kinds = ready.sudo().line_ids.mapped("kind") if ready else []
        kinds = kinds or READY_MADE["club_report_letter"]
        return {
            "name": self.env._("Letter to the Owner: %(club)s", club=self.name),
            "letter_club_id": self.id,
            "shared": True,
            "company_id": self.company_id.id,
            "club_ids": [(6, 0, self.ids)],
            "period_kind": "last_month",
            "schedule": "monthly",
            "recipient_ids": [(6, 0, readers.ids)],
            "line_ids": [(0, 0, {"kind": kind, "sequence": place}) for place, kind in enumerate(kinds, 1)],
        }

    # -- the offer -----------------------------------------------------------------

    def _get_home_todos(self, figures):
        todos = super()._get_home_todos(figures)
        if not self.env.user.has_group("customer_club.group_club_manager"):
            return todos
        since = fields.Datetime.subtract(fields.Datetime.now(), days=OFFER_DAYS)
        old = self.filtered(lambda club: club.create_date and club.create_date < since and not club.letter_declined)
        for club in old - old._get_letters().letter_club_id:
            todos[club.id]["letter"] = self.env._(
                "Would you like the three things to do next by e-mail, on the first of every month?"
            )
        return todos

    def _get_home_action(self, key):
        if key == "letter":
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Letter to the Owner"),
                "res_model": "club.club",
                "res_id": self.id,
                "views": [(self.env.ref("customer_club.club_club_view_form_letter").id, "form")],
                "target": "new",
            }
        return super()._get_home_action(key)
