"""Vouchers that end unused: returned by the member, or over."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ClubVoucher(models.Model):
    _inherit = "club.voucher"

    def _get_cancel_obstacle(self):
        """Why the member cannot return it, as a sentence; empty if nothing is in the way."""
        self.ensure_one()
        _ = self.env._
        voucher = self.sudo()
        if voucher.state != "issued" or fields.Datetime.now() >= voucher.valid_until:
            return _("%(number)s is no longer open, so it cannot be returned.", number=voucher.number)
        if not voucher.can_cancel and voucher.merchant_id._is_open():
            return _("%(number)s cannot be returned, as was said when you took it.", number=voucher.number)
        return ""

    def _cancel(self, force=False):
        """Unused vouchers are returned and their points come back to the lots that they came from. Once.

        :param bool force: a manager decides, whatever was agreed
        :raises UserError: it was used or has ended, or cannot be returned
        """
        for voucher in self.sudo().sorted("id"):
            voucher._lock_rows()
            obstacle = voucher._get_cancel_obstacle()
            if obstacle and not (force and voucher.state == "issued"):
                raise UserError(obstacle)
            voucher._settle_points({voucher.id: 0})
            voucher._step({"state": "cancelled", "ended_at": fields.Datetime.now()})

    def _expire(self):
        """What is over ends; its points come back or are lost, as was agreed. Idempotent.

        Where the merchant is gone or suspended meanwhile, the points come back whatever was agreed: nobody could have
        redeemed the voucher.
        """
        now = fields.Datetime.now()
        due = self.sudo().filtered(lambda voucher: voucher.state == "issued" and voucher.valid_until <= now)
        back = due.filtered(lambda voucher: voucher.expiry == "give_back" or not voucher.merchant_id._is_open())
        for voucher in due:
            lost = {} if voucher in back else {"satisfied_at": voucher.valid_until}
            voucher._step({"state": "expired", "ended_at": now, **lost})
        back._settle_points(dict.fromkeys(back.ids, 0))

    @api.model
    def _cron_expire(self):
        """Every hour: vouchers whose time is over end.

        :return: number of vouchers that ended
        """
        done, _failed = self.env["club.job"]._work_off(
            "end vouchers of partners",
            find=self._lock_due,
            work=lambda ids: self.browse(ids)._expire(),
        )
        return done

    @api.model
    def _lock_due(self, limit, skip):
        self.flush_model(["state", "valid_until"])
        return [
            voucher_id
            for (voucher_id,) in self.env.execute_query(
                SQL(
                    # Locked in order by the first statement, as a job is not retried like a request.
                    """SELECT id FROM club_voucher WHERE state = 'issued' AND valid_until <= %s AND NOT id = ANY(%s)
                     ORDER BY id LIMIT %s FOR NO KEY UPDATE""",
                    fields.Datetime.now(),
                    list(skip),
                    limit,
                )
            )
        ]
