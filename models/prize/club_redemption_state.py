"""The steps of a redemption: which states each comes from, and what it does to points, stock and books."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.customer_club.engine import periods
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .club_redemption import OPEN

#: State → the states it may come from.
COMES_FROM = {
    "approved": ("requested",),
    "ready": ("requested", "approved"),
    "delivered": ("ready",),
    "cancelled": OPEN,
    "refused": ("requested",),
    "returned": ("delivered",),
}
#: These end without the member having the prize: the points go back to the lots they came from.
UNDONE = ("cancelled", "refused", "returned")
REASON_LENGTH = 300
MANAGER, USER = "customer_club.group_club_manager", "customer_club.group_club_user"


class ClubRedemption(models.Model):
    _inherit = "club.redemption"

    # -- actions -------------------------------------------------------------------------------------

    def action_approve(self):
        """Approve requests, or try again what could not be delivered, and deliver or queue them. For managers."""
        self._check_staff(MANAGER)
        self._check_not_own()
        self._update_state("approved")
        self._proceed()

    def action_hand_over(self):
        """Note that the members have what is ready for them; one click at the counter."""
        self._check_staff(USER)
        self._update_state("delivered")

    def action_open_close(self):
        """Ask why before something is cancelled, refused or taken back."""
        self.ensure_one()
        self._check_staff(USER)
        return {
            "type": "ir.actions.act_window",
            "name": self.env.context.get("club_close_title") or self.env._("Close the Redemption"),
            "res_model": "club.redemption.close",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_redemption_id": self.id,
                "default_state": self.env.context.get("club_close") or "cancelled",
            },
        }

    def action_view_order(self):
        """Open the order that delivers it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }

    def action_print_slip(self):
        """The slip that goes with the prize."""
        return self.env.ref("customer_club.action_report_redemption_slip").report_action(self)

    def _check_staff(self, group):
        """Buttons are for the club's staff, and for records that they may read."""
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._("This is for the staff of the club, or its managers. Ask one of them to do it.")
            )
        self.check_access("read")

    def _check_not_own(self):
        """Nobody decides about a prize of their own: what was had would come back as points (abuse 3)."""
        if not self.env.su and self.env.user.partner_id in self.sudo().member_id.partner_id:
            raise UserError(self.env._("This prize is your own. Ask a colleague to decide about it."))

    # -- steps ---------------------------------------------------------------------------------------

    def _update_state(self, state, reason=None, restock=True):
        """Take these redemptions to ``state``, under their lock; nothing else changes a state.

        :param str state: a key of ``COMES_FROM``.
        :param str reason: why, for what comes to nothing; the member reads it.
        :param bool restock: what is taken back can be given again.
        :raises UserError: one of them is in a state from which this cannot be done.
        """
        # A caller that shows the error instead of failing must not keep half a step.
        with self.env.cr.savepoint():
            redemptions = self.sudo().sorted("id")
            redemptions._lock()
            for redemption in redemptions:
                redemption._check_step(state)
            redemptions._step({"state": state, **redemptions._prepare_state_values(state, reason, restock)})
            if state in UNDONE:
                redemptions._settle_points({redemption.id: Decimal(0) for redemption in redemptions})
            for redemption in redemptions:
                getattr(redemption, f"_after_{state}", lambda: None)()
            if state not in ("approved", "ready"):
                redemptions.activity_unlink(["customer_club.mail_activity_type_prize"])
            redemptions._notify_member(state)

    def _check_step(self, state):
        if self.state not in COMES_FROM[state]:
            raise UserError(
                self.env._(
                    "%(redemption)s is %(state)s: that cannot be done any more. Reload the page.",
                    redemption=self.display_name,
                    state=self._show_state().lower(),
                )
            )
        if state in ("cancelled", "refused"):
            self._check_not_being_paid()

    def _prepare_state_values(self, state, reason, restock):
        now = fields.Datetime.now()
        if state == "ready":
            return {"ready_at": now}
        if state == "delivered":
            return {"satisfied_at": now, "ended_at": now, "ended_uid": self.env.uid}
        if state in UNDONE:
            return {
                "reason": (reason or "")[:REASON_LENGTH],
                "ended_at": now,
                "ended_uid": self.env.uid,
                "satisfied_at": False,
                "holds_stock": state == "returned" and not restock,
            }
        return {}

    def _after_delivered(self):
        self._step({"unit_cost": self.prize_id._get_unit_cost()})
        self._hand_out()

    def _after_cancelled(self):
        self._undo_delivery()

    _after_refused = _after_cancelled

    def _after_returned(self):
        self._take_back_delivery()

    # -- what the member may cancel ------------------------------------------------------------------

    def _can_member_cancel(self):
        """Whether the member may still cancel: chosen by themselves, not delivered, within the club's days."""
        self.ensure_one()
        return not self._get_cancel_refusal()

    def _get_cancel_refusal(self):
        """Why the member cannot cancel this, in words; empty when they can."""
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        if self.state not in OPEN:
            return _("%(prize)s is %(state)s, so it cannot be cancelled.", prize=self.name, state=self._show_state())
        if self.source == "won":
            return _("%(prize)s was won. If you do not want it, tell us.", prize=self.name)
        last = self._get_cancel_until()
        if not last or club._get_today() > last:
            return _("The days for cancelling %(prize)s are over. Ask us: we look for a way.", prize=self.name)
        if self.money and self.state == "ready":
            return _("%(prize)s is paid. If you do not want it, ask us.", prize=self.name)
        if self.sudo().order_id._club_is_payment_open():
            return _("%(prize)s is being paid at this moment. Wait until the payment has ended.", prize=self.name)
        return ""

    def _get_cancel_until(self):
        """The last day on which the member may cancel; ``None``: never."""
        self.ensure_one()
        days = self.club_id.redemption_cancel_days
        if days <= 0:
            return None
        requested = periods.local_date(self.requested_at, self.club_id.tz)
        return fields.Date.add(requested, days=days - 1)

    def _cancel_by_member(self):
        """The member changes their mind: the points go back to where they came from.

        :raises UserError: it is too late, with the reason.
        """
        self.ensure_one()
        self.sudo()._lock()
        refusal = self._get_cancel_refusal()
        if refusal:
            raise UserError(refusal)
        self._update_state("cancelled", self.env._("Cancelled by the member"))

    def _check_not_being_paid(self):
        """Money that is on its way must find its order."""
        order = self.sudo().order_id
        if order._club_is_payment_open():
            raise UserError(
                self.env._(
                    "The order %(order)s of %(redemption)s is being paid. Wait until the payment has ended, or void it "
                    "first.",
                    order=order.name,
                    redemption=self.display_name,
                )
            )

    # -- what was never paid -------------------------------------------------------------------------

    def _cron_cancel_unpaid(self):
        """Cancel prizes whose part in money was not paid in the club's days; the points go back."""
        return self.env["club.job"]._work_off(
            "cancel unpaid prizes",
            find=lambda limit, skip: self._lock_unpaid(limit, skip),
            work=lambda ids: self.browse(ids)._update_state("cancelled", self.env._("It was not paid in time")),
            size=100,
        )

    def _lock_unpaid(self, limit, skip):
        """Ids of the next redemptions whose days for paying are over and for which no money is on its way, locked.

        SQL because each club has days of its own, and the lock must come with the first statement.
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT r.id, c.tz, c.redemption_unpaid_days, o.create_date
              FROM club_redemption r
              JOIN club_club c ON c.id = r.club_id
              JOIN sale_order o ON o.id = r.order_id AND o.state IN ('draft', 'sent')
             WHERE r.state IN ('requested', 'approved') AND c.redemption_unpaid_days > 0 AND r.id <> ALL(%s)
               AND o.create_date < now() AT TIME ZONE 'UTC' - make_interval(days => c.redemption_unpaid_days - 1)
             ORDER BY r.id
               FOR NO KEY UPDATE OF r
            """,
                list(skip),
            )
        )
        now = fields.Datetime.now()
        due = [
            redemption
            for redemption, tz, days, since in rows
            if periods.local_date(now, tz) >= fields.Date.add(periods.local_date(since, tz), days=days)
        ]
        open_payment = self.browse(due).filtered(lambda redemption: redemption.order_id._club_is_payment_open())
        return [redemption for redemption in due if redemption not in open_payment._ids][:limit]
