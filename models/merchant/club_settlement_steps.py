"""The steps of a settlement: confirmed, billed, cancelled, sent, proposed by itself."""

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

ACCOUNTANT = "customer_club.group_club_accountant"


class ClubSettlement(models.Model):
    _inherit = "club.settlement"

    # -- steps ---------------------------------------------------------------

    def _check_accountant(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(ACCOUNTANT):
            raise AccessError(self.env._("Only an accountant of the club settles with merchants."))

    def _check_step(self, *allowed):
        self.ensure_one()
        if self.step not in allowed:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(settlement)s is in the state “%(state)s”, so this cannot be done. Reload the page to see what "
                    "became of it.",
                    settlement=self.name,
                    state=labels[self.state],
                )
            )

    def _confirm(self):
        """Freeze what was previewed, under the merchant's lock.

        :return: whether it was confirmed; not if collecting anew gives something else than the preview.
        :raise UserError: another step, accounts that are missing, or lines that the ledger does not bear out.
        """
        self.ensure_one()
        settlement = self.sudo()
        settlement.merchant_id._lock(always=True)
        settlement.invalidate_recordset()
        settlement._check_step("draft")
        gaps = settlement.merchant_id._get_settlement_gaps()
        if gaps:
            raise UserError(
                "\n".join([self.env._("%(settlement)s cannot be confirmed yet.", settlement=self.name), *gaps])
            )
        if settlement._is_stale():
            settlement._collect()
            return False
        wrong = settlement._check_against_ledger()
        if wrong:
            raise UserError("\n".join([self.env._("%(settlement)s disagrees:", settlement=self.name), *wrong[:10]]))
        settlement.line_ids._set_live(True)
        self._step({"step": "confirmed", "confirmed_at": fields.Datetime.now(), "confirmed_by_id": self.env.uid})
        self._send_statement()
        return True

    def _cancel(self):
        """Only the merchant's last settlement: a later one follows from it.

        :raise UserError: there is a later one, or money was paid already.
        """
        self.ensure_one()
        settlement = self.sudo()
        settlement.merchant_id._lock(always=True)
        settlement.invalidate_recordset()
        settlement._check_step("confirmed", "billed")
        later = settlement._get_others().filtered(lambda other: other.date_from > settlement.date_from)
        if later:
            raise UserError(
                self.env._(
                    "%(settlement)s is followed by %(later)s. Cancel that first, or correct by a dispute.",
                    settlement=settlement.name,
                    later=later[-1].name,
                )
            )
        self._reverse_documents()
        settlement.line_ids._set_live(False)
        self._step({"step": "cancelled"})

    def _send_statement(self):
        """Tell the merchant's people that the statement is there; the link asks them to sign in."""
        template = self.env.ref("customer_club.mail_template_settlement_statement", raise_if_not_found=False)
        for settlement in self.sudo() if template else ():
            people = settlement.merchant_id._get_account_partners().filtered("email")
            if people:
                template.sudo().with_context(statement_url=settlement._get_portal_url()).send_mail(
                    settlement.id, email_values={"recipient_ids": [Command.set(people.ids)]}
                )

    def _get_portal_url(self):
        self.ensure_one()
        return f"{self.get_base_url()}/merchant/{self.merchant_id.id}/statements/{self.id}"

    # -- proposals -----------------------------------------------------------

    @api.model
    def _cron_propose(self):
        """Every day: a draft for each merchant whose period is over and with whom there is something to settle.

        :return: number of drafts made
        """
        done, _failed = self.env["club.job"]._work_off(
            "propose settlements with merchants",
            find=lambda limit, skip: self.env["club.merchant"]._find_settlements_due(limit, skip),
            work=lambda ids: self.create([{"merchant_id": merchant_id} for merchant_id in ids]),
            size=20,
        )
        return done
