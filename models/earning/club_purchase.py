"""Marks sales whose points may have to change, and settles them once, when the transaction ends."""

from odoo import api, fields, models
from odoo.tools import SQL

from .settlement import Settlement
from .till_document import resolve_till_orders
from .till_facts import PAID_STATES, TILL

DIRTY = "customer_club.sales"
#: Arguments of ``_settle`` and the models they take.
SOURCES = {"orders": "sale.order", "moves": "account.move", "tills": TILL}
SWEEP_DOMAINS = {
    "sale.order": [("state", "in", ("sale", "cancel"))],
    "account.move": [("move_type", "in", ("out_invoice", "out_refund")), ("posted_before", "=", True)],
    TILL: [("state", "in", (*PAID_STATES, "cancel")), ("partner_id", "!=", False)],
}
#: Sales that the sweep takes at once.
BATCH = 200
#: Days that the sweep looks back.
SWEEP_DAYS = 3


class ClubPurchase(models.AbstractModel):
    """Sales orders and invoices as a source of points.

    Hooks call :meth:`_mark`; they may do so zero, one or many times. At precommit one :class:`Settlement` brings the
    ledger to what the sales should have earned. What a hook missed, the nightly sweep finds.
    """

    _name = "club.purchase"
    _description = "Points of Purchases"

    @api.model
    def _mark(self, records):
        """Remember that these sales orders or invoices changed. Costs no query."""
        ids = [record_id for record_id in records._ids if isinstance(record_id, int)]
        if not ids:
            return
        precommit = self.env.cr.precommit
        if DIRTY not in precommit.data:
            precommit.data[DIRTY] = {}
            precommit.add(self._settle_marked)
        precommit.data[DIRTY].setdefault(records._name, set()).update(ids)

    def _settle_marked(self):
        dirty = self.env.cr.precommit.data.pop(DIRTY, {})
        self._settle(
            **{name: self.env[model].browse(sorted(dirty[model])) for name, model in SOURCES.items() if model in dirty}
        )

    @api.model
    def _settle(self, orders=None, moves=None, tills=None, before_joining=False, clubs=None):
        """Bring the points of sales to what they should be, again and again if need be; a constant number of queries.

        :param orders: sales orders; :param moves: customer invoices and credit notes, of orders or of their own;
            :param tills: orders of the till.
        :param bool before_joining: count sales made before the member joined too (import of past orders).
        :param clubs: the only clubs to look at, default all.
        :return: the entries posted for what was earned.
        """
        if not self.env["club.club"]._get_policies():
            return self.env["club.point.entry"]
        self.env.flush_all()  # what follows reads SQL
        orders, moves = self._resolve(orders or self.env["sale.order"], moves)
        records = {"sale.order": orders, "account.move": moves}
        if tills:
            records[TILL], further = resolve_till_orders(self.sudo().env, tills.ids)
            records["sale.order"] |= further
        settlement = Settlement(self.env, records, before_joining, clubs and clubs.ids)
        entries = settlement.run()
        for model, record_id in settlement.again:
            self._mark(self.env[model].browse(record_id))
        return entries

    @api.model
    def _get_earners(self, policy, partner):
        """Ids of the partners who may earn for what ``partner`` buys, the first who is a member does.

        The buyer or the buyer's company, as the club says; an address of somebody earns for that one.
        """
        if policy.earner == "company":
            return [partner.commercial_partner_id.id]
        return [partner.id] + ([partner.parent_id.id] if partner.type != "contact" and partner.parent_id else [])

    @api.model
    def _get_earning_member(self, policy, partner):
        """The active member of the club who earns for ``partner``, or none."""
        earners = self._get_earners(policy, partner.sudo())
        members = (
            self.env["club.member"]
            .sudo()
            .search(
                [
                    ("club_id", "=", policy.club_id),
                    ("partner_id", "in", earners),
                    ("state", "=", "active"),
                ]
            )
        )
        return members.sorted(lambda member: earners.index(member.partner_id.id))[:1]

    def _resolve(self, orders, moves):
        """Orders that the moves belong to, and invoices with lines of their own; refunds lead to what they refund.

        SQL because ``sale_line_ids`` of many lines of many moves would be read move by move.
        """
        if not moves:
            return orders, self.env["account.move"]
        rows = self.env.execute_query(
            SQL(
                """
            SELECT CASE WHEN am.move_type = 'out_refund' THEN am.reversed_entry_id ELSE am.id END, sol.order_id
              FROM account_move am
              JOIN account_move_line aml ON aml.move_id = am.id AND aml.display_type = 'product'
         LEFT JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id
         LEFT JOIN sale_order_line sol ON sol.id = rel.order_line_id
             WHERE am.id = ANY(%(ids)s) AND am.move_type IN ('out_invoice', 'out_refund')
             UNION
            SELECT NULL, sol.order_id
              FROM account_move refund
              JOIN account_move_line aml ON aml.move_id = refund.reversed_entry_id
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id
              JOIN sale_order_line sol ON sol.id = rel.order_line_id
             WHERE refund.id = ANY(%(ids)s) AND refund.move_type = 'out_refund'
            """,
                ids=moves.ids,
            )
        )
        found = {order for _move, order in rows if order}
        own = {move for move, order in rows if move and not order}
        return orders | orders.browse(sorted(found)), self._of_their_own(moves.browse(sorted(own)))

    def _of_their_own(self, moves):
        """Without invoices of the till, which counts its sales itself."""
        if "pos_order_ids" in moves._fields:
            moves = moves.filtered(lambda move: not move.sudo().pos_order_ids)
        return moves.filtered(lambda move: move.move_type == "out_invoice")

    @api.model
    def _cron_sweep(self, batch=BATCH):
        """Settle the sales of the last days again, in case a hook missed something; resumable, and idempotent."""
        companies = {policy.company_id for policy in self.env["club.club"]._get_policies().values()}
        since = fields.Datetime.subtract(fields.Datetime.now(), days=SWEEP_DAYS)
        Cron = self.env["ir.cron"]
        for name, model in SOURCES.items():
            if model not in self.env:
                continue
            domain = [*SWEEP_DOMAINS[model], ("company_id", "in", list(companies)), ("write_date", ">=", since)]
            records = self.env[model].sudo().search(domain, order="id")
            for start in range(0, len(records), batch):
                part = records[start : start + batch]
                self._settle(**{name: part})
                if not Cron._commit_progress(len(part), remaining=len(records) - start - len(part)):
                    return

    # -- the till, without depending on it ------------------------------------------

    def _register_hook(self):
        """Mark orders of the till as they are paid, where the till is installed.

        The club does not depend on the till, so it cannot inherit the model; it wraps ``write`` of the loaded class, as
        Odoo's automation rules do.
        """
        super()._register_hook()
        if TILL not in self.env:
            return
        Till = type(self.env[TILL])
        if getattr(Till.write, "club_marks", False):
            return

        def write(self, vals):
            result = write.origin(self, vals)
            if "state" in vals:
                self.env["club.purchase"]._mark(self)
            return result

        write.origin, write.club_marks = Till.write, True
        Till.write = write

    # -- points of a document, for its smart button --------------------------------

    @api.model
    def _get_totals_by_origin(self, model, ids):
        """Points that documents earned (net of what was taken back), that still wait, and that they spent, by id.

        :rtype: dict
        """
        totals = {
            record_id: {
                "club_points_earned": 0.0,
                "club_points_pending": 0.0,
                "club_points_spent": 0.0,
                "club_entry_count": 0,
            }
            for record_id in ids
        }
        rows = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [
                    ("origin_model", "=", model),
                    ("origin_id", "in", ids),
                    ("club_id", "not in", list(self.env["club.club"]._get_wallet_club_ids())),  # money is no points
                ],
                ["origin_id", "kind", "rule_id"],
                ["points:sum", "__count"],
            )
        )
        for record_id, kind, rule, points, count in rows:
            values = totals[record_id]
            values["club_entry_count"] += count
            if rule:
                values["club_points_earned"] += points
            elif kind in ("spend", "reverse"):
                values["club_points_spent"] -= points
        # SQL: lots lead to their document only through the entry that issued their points.
        for record_id, points in self.env.execute_query(
            SQL(
                """
            SELECT issued.origin_id, SUM(lot.remaining)
              FROM club_point_entry issued
              JOIN club_point_entry made ON made.id = issued.id OR made.root_id = issued.id
              JOIN club_point_lot lot ON lot.entry_id = made.id AND lot.state = 'pending'
             WHERE issued.origin_model = %s AND issued.origin_id = ANY(%s) AND issued.kind = 'earn'
               AND issued.club_id <> ALL(%s)
             GROUP BY issued.origin_id
            """,
                model,
                list(ids),
                list(self.env["club.club"]._get_wallet_club_ids()),
            )
        ):
            totals[record_id]["club_points_pending"] = points
        return {
            record_id: {name: round(value, 2) if isinstance(value, float) else value for name, value in values.items()}
            for record_id, values in totals.items()
        }

    @api.model
    def _get_origin_action(self, record):
        """Open the entries that come from ``record``."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points of %(document)s", document=record.display_name),
            "res_model": "club.point.entry",
            "view_mode": "list,form",
            "domain": [("origin_model", "=", record._name), ("origin_id", "=", record.id)],
        }
