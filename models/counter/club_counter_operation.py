"""What was done at the counter, once per press of a button."""

import hashlib
import json
import re

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL

TOKEN = re.compile(r"[A-Za-z0-9-]{16,64}")


class ClubCounterOperation(models.Model):
    """One enrolment, check-in or sale at the counter, named by the token that the page drew before it asked.

    A double tap, and a page that repeats what it does not know the end of, come with the same token and get the first
    result (design rule 3). Rows are written by :class:`ClubCounter` only; staff read them.
    """

    _name = "club.counter.operation"
    _description = "Club Counter Operation"
    _order = "id desc"
    _log_access = False

    token = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, help="Of what was asked: another request needs another token.")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("enrol", "Enrolment"), ("check_in", "Check-in"), ("sale", "Sale")], required=True, readonly=True
    )
    done_at = fields.Datetime(string="On", required=True, readonly=True, index=True)
    undone_at = fields.Datetime(string="Undone On", readonly=True)
    member_id = fields.Many2one("club.member", readonly=True, index="btree_not_null", ondelete="restrict")
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    event_id = fields.Many2one("club.event", string="Visit", readonly=True, ondelete="restrict")
    journal_id = fields.Many2one("account.journal", string="Paid By", readonly=True, ondelete="set null")
    amount = fields.Monetary(readonly=True)

    _token_unique = models.Constraint("UNIQUE(user_id, token)", "This was done already.")

    @api.depends("kind", "member_id", "done_at")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for operation in self:
            operation.display_name = f"{kinds[operation.kind]}: {operation.member_id.display_name or ''}"

    @api.model
    def _begin(self, club, kind, token, content):
        """Claim a token for one thing to do.

        :param content: what is asked, as JSON can carry it.
        :return: the operation (sudo), and whether it is new; an old one was done before and is not to be done again.
        :raise UserError: the token is none, or was used for something else.
        """
        if not TOKEN.fullmatch(str(token or "")):
            raise UserError(self.env._("The page is out of date. Nothing was done: load it again."))
        digest = hashlib.sha256(json.dumps([kind, club.id, content], sort_keys=True, default=str).encode()).hexdigest()
        self.env["club.club"].flush_model()
        rows = self.env.execute_query(
            SQL(
                # The ORM knows no ON CONFLICT. Under a race the second request waits here for the first, then meets a
                # serialization error, which Odoo answers by a retry that finds the first's row.
                """INSERT INTO club_counter_operation (token, digest, user_id, club_id, company_id, kind, done_at)
                   VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (user_id, token) DO NOTHING RETURNING id""",
                token,
                digest,
                self.env.uid,
                club.id,
                club.company_id.id,
                kind,
                fields.Datetime.now(),
            )
        )
        operations = self.sudo()
        if rows:
            return operations.browse(rows[0][0]), True
        operation = operations.search([("user_id", "=", self.env.uid), ("token", "=", token)], limit=1)
        if not operation:
            raise ConcurrencyError(self.env._("The same request is being worked on at this moment."))
        if operation.digest != digest:
            raise UserError(
                self.env._(
                    "This button was pressed before for something else. Nothing was done now: search for the member "
                    "again, and see what was done last."
                )
            )
        return operation, False

    def _get_last(self, user):
        """What ``user`` did last at the counter and has not undone, in their companies; maybe none.

        A check-in of somebody who had been here today did nothing, so it does not count.
        """
        return self.sudo().search(
            [
                ("user_id", "=", user.id),
                ("company_id", "in", self.env.companies.ids),
                ("undone_at", "=", False),
                "|",
                ("kind", "!=", "check_in"),
                ("event_id", "!=", False),
            ],
            limit=1,
            order="id desc",
        )

    def _get_minutes_left(self):
        """For how many minutes it can still be undone; 0: no longer, or never."""
        self.ensure_one()
        if self.undone_at or self.kind == "enrol" or (self.kind == "check_in" and not self.event_id):
            return 0
        passed = (fields.Datetime.now() - self.done_at).total_seconds() / 60
        return max(0, round(self.club_id.counter_undo_minutes - passed + 0.499))

    def action_open_order(self):
        """Open the sales order."""
        self.ensure_one()
        self.check_access("read")
        if not self.order_id:
            raise UserError(self.env._("%(operation)s has no sales order.", operation=self.display_name))
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "form",
            "res_id": self.order_id.id,
        }

    def _show(self):
        """The operation as the page shows it, for the undo button; False for none."""
        if not self:
            return False
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.env._(
                "%(what)s: %(member)s", what=labels[self.kind], member=self.sudo().member_id.partner_id.name or ""
            ),
            "order": self.order_id.name or "",
            "amount": self.club_id._show_money(self.amount) if self.kind == "sale" else "",
            "minutes": self._get_minutes_left(),
        }
