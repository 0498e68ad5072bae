"""Undoing what was done last at the counter, by who did it, while it is fresh."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ClubCounter(models.AbstractModel):
    _inherit = "club.counter"

    @api.model
    def undo_last(self, operation_id=None):
        """Undo the user's own last check-in or sale within the club's minutes. Once, however often it is asked.

        A check-in takes back what it earned. A sale gets a credit note, the money is paid back by the same way, goods
        return to stock, the order is cancelled; points earned go, points spent come back.

        :return: ``member``, ``message``, ``last`` (what may be undone next).
        :raise UserError: why it cannot be undone; nothing was changed.
        """
        self = self._begin()
        operation = self._get_own_operation(operation_id)
        member = operation.member_id
        if not operation.undone_at:
            self._check_undo(operation)
            if operation.kind == "sale":
                self._undo_sale(operation)
            if operation.event_id:
                operation.event_id.sudo()._revoke(self.env._("Undone at the counter"))
            operation.undone_at = fields.Datetime.now()
            self.env["club.purchase"].sudo()._settle_marked()
        member = member.with_env(self.env)
        member.invalidate_recordset()
        message = (
            self.env._(
                "%(order)s is undone: pay back %(amount)s (%(journal)s).",
                order=operation.order_id.name,
                amount=operation.club_id._show_money(operation.amount),
                journal=operation.journal_id.name,
            )
            if operation.kind == "sale"
            else self.env._("The check-in of %(member)s is undone.", member=member.partner_id.name)
        )
        return {
            "member": member._show_at_counter(question=False),
            "message": message,
            "last": self.env["club.counter.operation"]._get_last(self.env.user)._show(),
        }

    def _get_own_operation(self, operation_id):
        """The user's own operation (sudo), locked: two presses of the button come one after the other."""
        operation = self.env["club.counter.operation"].search(
            [("id", "=", self._read_id(operation_id)), ("user_id", "=", self.env.uid)]
        )
        if not operation:
            raise UserError(
                self.env._("There is nothing of yours to undo. Only who did something at the counter can undo it here.")
            )
        # A plain row lock, which raises a serialization error under a race: Odoo repeats the request.
        self.env.execute_query(SQL("SELECT id FROM club_counter_operation WHERE id = %s FOR UPDATE", operation.id))
        operation.invalidate_recordset()
        return operation.sudo()

    def _check_undo(self, operation):
        _ = self.env._
        if operation.kind == "enrol":
            raise UserError(
                _(
                    "An enrolment cannot be undone: %(member)s has agreed and may have points. Let the member leave, "
                    "on the member's page.",
                    member=operation.member_id.display_name,
                )
            )
        if operation != operation._get_last(self.env.user):
            raise UserError(_("Only what you did last can be undone. Nothing was changed."))
        if not operation.event_id and operation.kind == "check_in":
            raise UserError(_("The member had been here today already, so there is nothing to undo."))
        if not operation._get_minutes_left():
            raise UserError(
                _(
                    "%(operation)s is more than %(minutes)s minutes ago. Nothing was changed: ask a colleague with "
                    "rights on sales to make a credit note.",
                    operation=operation.display_name,
                    minutes=operation.club_id.counter_undo_minutes,
                )
            )

    def _undo_sale(self, operation):
        """Credit note, money back, goods back, order cancelled."""
        order = operation.order_id.with_company(operation.company_id)
        if not order or order.state != "sale":
            raise UserError(
                self.env._(
                    "%(order)s was changed in Sales meanwhile. Nothing was undone: ask a colleague who works there.",
                    order=order.name or operation.display_name,
                )
            )
        invoices = order.invoice_ids.filtered(lambda move: move.state == "posted")
        if invoices.filtered(lambda move: move.move_type != "out_invoice" or move.reversal_move_ids):
            raise UserError(
                self.env._(
                    "%(order)s has a credit note already. Nothing was undone: ask your accountant.", order=order.name
                )
            )
        for invoice in invoices:
            self._refund(invoice, operation.journal_id)
        if "picking_ids" in order._fields:
            self._take_back(order.picking_ids)
        if order.locked:
            order.action_unlock()
        order._action_cancel()
        order.message_post(body=self.env._("Undone at the counter by %(user)s.", user=self.env.user.name))

    def _refund(self, invoice, journal):
        reversal = (
            self.env["account.move.reversal"]
            .sudo()
            .with_company(invoice.company_id)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "reason": self.env._("Undone at the counter"),
                    "journal_id": invoice.journal_id.id,
                    "date": fields.Date.context_today(self),
                }
            )
        )
        reversal.reverse_moves()
        credit_note = reversal.new_move_ids
        credit_note.action_post()
        self._pay(credit_note, journal)

    def _take_back(self, pickings):
        """Return what was handed over to stock."""
        for picking in pickings.filtered(lambda picking: picking.state == "done"):
            wizard = (
                self.env["stock.return.picking"]
                .sudo()
                .with_context(active_id=picking.id, active_ids=picking.ids, active_model="stock.picking")
                .create({"picking_id": picking.id})
            )
            returned = wizard.action_create_returns_all()
            self._validate_pickings(picking.browse(returned["res_id"]))
