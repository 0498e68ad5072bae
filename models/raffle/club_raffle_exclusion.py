"""Tickets that are not in the frozen list, and why."""

from odoo import api, fields, models
from odoo.addons.customer_club.models.ledger.immutable import make_append_only
from odoo.exceptions import UserError
from odoo.tools import SQL

REASONS = [
    ("staff", "Works for the shop"),
    ("merchant", "Works for a partner who gives prizes"),
    ("observer", "Watches or helps to draw"),
    ("named", "Left out by the manager"),
    ("left", "No member any more"),
    ("returned", "What earned it was taken back"),
    ("unpaid", "The purchase that earned it is not paid"),
]


class ClubRaffleExclusion(models.Model):
    """Written when the list is frozen, and never after."""

    _name = "club.raffle.exclusion"
    _description = "Ticket Left Out of a Raffle"
    _order = "raffle_id, ticket_id"
    _log_access = False
    _rec_name = "ticket_id"

    raffle_id = fields.Many2one("club.raffle", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    ticket_id = fields.Many2one("club.raffle.ticket", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one(related="ticket_id.member_id")
    reason = fields.Selection(REASONS, required=True, readonly=True)

    _ticket_unique = models.Constraint("UNIQUE(ticket_id)", "A ticket is left out once.")

    def init(self):
        """Append-only, and only before the list is frozen: a winner cannot be left out afterwards."""
        make_append_only(self.env, "club_raffle_exclusion")
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE TRIGGER club_raffle_exclusion_open AFTER INSERT ON club_raffle_exclusion
            REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION club_check_raffle_tickets()
            """
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Tickets are left out when the list is frozen, by the raffle's rules."))

    def write(self, vals):
        raise UserError(self.env._("What was left out of a frozen list never changes."))

    def unlink(self):
        raise UserError(self.env._("What was left out of a frozen list never changes."))

    @api.model
    def _exclude_people(self, raffle, partners):
        """Leave out the tickets of ``partners`` (dict of partner id → reason) and of who is no member any more.

        SQL, set-based: there may be a million tickets. Who was merged counts as the member it became.
        """
        self.env.execute_query(
            SQL(
                """
            WITH added AS (
            INSERT INTO club_raffle_exclusion (raffle_id, company_id, ticket_id, reason)
            SELECT t.raffle_id, t.company_id, t.id, COALESCE(x.reason, 'left')
              FROM club_raffle_ticket t
              JOIN club_member m ON m.id = t.member_id
              JOIN club_member heir ON heir.id = COALESCE(m.merged_into_id, m.id)
              LEFT JOIN unnest(%s::int[], %s::text[]) AS x(partner_id, reason) ON x.partner_id = heir.partner_id
             WHERE t.raffle_id = %s AND (x.reason IS NOT NULL OR heir.state <> 'active')
            RETURNING 1) SELECT COUNT(*) FROM added
            """,
                list(partners),
                list(partners.values()),
                raffle.id,
            )
        )

    @api.model
    def _exclude_returned(self, raffle):
        """Leave out tickets whose fact holds no more, and of orders that nobody has paid (never 7)."""
        self.env.execute_query(
            SQL(
                """
            WITH added AS (
            INSERT INTO club_raffle_exclusion (raffle_id, company_id, ticket_id, reason)
            SELECT t.raffle_id, t.company_id, t.id,
                   CASE WHEN now.voids > 0 OR (fact.type IN ('purchase', 'merchant_purchase')
                                               AND now.amount < %(least)s) THEN 'returned' ELSE 'unpaid' END
              FROM club_raffle_ticket t
              JOIN club_event fact ON fact.id = t.event_id
             CROSS JOIN LATERAL (SELECT SUM(e.amount) AS amount, COUNT(e.payload->'void') AS voids
                                   FROM club_event e WHERE e.id = fact.id OR e.revises_id = fact.id) now
             WHERE t.raffle_id = %(raffle)s
               AND (now.voids > 0 OR (fact.type IN ('purchase', 'merchant_purchase') AND now.amount < %(least)s)
                    OR (fact.type = 'purchase' AND fact.origin_model = 'sale.order' AND NOT %(paid)s))
               AND NOT EXISTS (SELECT FROM club_raffle_exclusion known WHERE known.ticket_id = t.id)
            RETURNING 1) SELECT COUNT(*) FROM added
            """,
                raffle=raffle.id,
                least=max(raffle.earn_amount, 0.01),
                paid=self._sql_order_is_paid(),
            )
        )

    @api.model
    def _sql_order_is_paid(self):
        """Whether the order ``fact.origin_id`` was paid: a payment that is done, or an invoice that is paid."""
        return SQL(
            """(
            EXISTS (SELECT FROM sale_order_transaction_rel rel
                      JOIN payment_transaction tx ON tx.id = rel.transaction_id
                     WHERE rel.sale_order_id = fact.origin_id AND tx.state = 'done')
            OR EXISTS (SELECT FROM sale_order_line sol
                         JOIN sale_order_line_invoice_rel sr ON sr.order_line_id = sol.id
                         JOIN account_move_line aml ON aml.id = sr.invoice_line_id
                         JOIN account_move am ON am.id = aml.move_id
                        WHERE sol.order_id = fact.origin_id AND am.move_type = 'out_invoice' AND am.state = 'posted'
                          AND am.payment_state IN ('paid', 'in_payment'))
            OR EXISTS (SELECT FROM sale_order o WHERE o.id = fact.origin_id AND o.amount_total = 0))"""
        )
