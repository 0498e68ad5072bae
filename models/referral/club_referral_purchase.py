"""Purchases of friends, until they are final and whenever they change afterwards."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, purchase, referral
from odoo.addons.customer_club.models.earning.purchase_document import DocumentReader
from odoo.addons.customer_club.models.earning.settlement import CENT, Plan
from odoo.addons.customer_club.models.earning.till_document import read_till_orders
from odoo.addons.customer_club.models.earning.till_facts import TILL
from odoo.tools import SQL

#: Days after which an unpaid purchase is looked at without being told; payments tell at once.
UNPAID_DAYS = 7


class ClubReferralPurchase(models.Model):
    """A friend's purchase on its way to count: it must be paid, and its return period over (abuse.md 9).

    ``check_on`` says when the scheduled job looks at it next; whatever happens to the sale sets it to today. What it
    is worth is read from the documents, net of what came back, as the club counts amounts.
    """

    _name = "club.referral.purchase"
    _description = "Purchase of a Friend"
    _order = "bought_at desc, id desc"
    _log_access = False

    referral_id = fields.Many2one("club.referral", required=True, readonly=True, index=True, ondelete="cascade")
    club_id = fields.Many2one("club.club", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    event_id = fields.Many2one("club.event", string="Purchase", required=True, readonly=True, ondelete="restrict")
    bought_at = fields.Datetime(string="Bought On", required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waits"),
            ("counted", "Counted"),
            ("returned", "Returned or cancelled"),
            ("outside", "Outside the window"),
            ("replaced", "Confirmed anew"),
        ],
        string="Status",
        required=True,
        readonly=True,
        help="Waits: until it is paid and its return period is over.",
    )
    check_on = fields.Date(string="Looked at Next", readonly=True)
    final_on = fields.Date(readonly=True)
    counted_at = fields.Datetime(readonly=True)
    amount = fields.Monetary(readonly=True, help="In the company's currency, less what came back.")
    number = fields.Integer(readonly=True, help="Which purchase of the friend it was reported as; 0: not reported.")
    reported_amount = fields.Monetary(readonly=True)
    generation = fields.Integer(readonly=True, default=1)

    _event_unique = models.Constraint("UNIQUE(event_id)", "A purchase counts for one referral.")
    _check_idx = models.Index("(check_on) WHERE check_on IS NOT NULL")

    # -- noticing ----------------------------------------------------------------------------------------

    @api.model
    def _notice(self, documents):
        """Something happened to these sales: the job is to look at those that friends made. One statement.

        :param dict documents: ids of sales by model.
        """
        wanted = [
            SQL("(e.origin_model = %s AND e.origin_id = ANY(%s))", model, list(ids))
            for model, ids in documents.items()
            if ids
        ]
        if not wanted:
            return
        self.flush_model()
        self.env["club.referral"].flush_model()
        # SQL: this runs with every sale, and writes what is new and what is known in one go.
        self.env.execute_query(
            SQL(
                """
                WITH sale AS (
                    SELECT e.id, e.member_id, e.club_id, e.company_id, e.occurred_at
                      FROM club_event e WHERE e.type = 'purchase' AND e.revises_id IS NULL AND (%(wanted)s)
                ), known AS (
                    UPDATE club_referral_purchase p SET check_on = %(today)s
                      FROM sale WHERE p.event_id = sale.id RETURNING p.event_id
                )
                INSERT INTO club_referral_purchase
                    (referral_id, club_id, company_id, event_id, bought_at, state, check_on, number, generation)
                SELECT r.id, sale.club_id, sale.company_id, sale.id, sale.occurred_at, 'waiting', %(today)s, 0, 1
                  FROM sale
                  JOIN club_referral r ON r.friend_id = sale.member_id AND r.state IN ('joined', 'bought', 'held')
                 WHERE sale.id NOT IN (SELECT event_id FROM known)
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                wanted=SQL(" OR ").join(wanted),
                today=fields.Date.today(),
            )
        )
        self.invalidate_model()
        self.env["club.referral"].invalidate_model(["purchase_ids"])

    # -- looking -----------------------------------------------------------------------------------------

    @api.model
    def _cron_check(self):
        """Look at the purchases that are due; resumable, and idempotent: the keys of the facts see to that."""
        self.env["club.job"]._work_off(
            "see whether friends' purchases are final",
            find=self._lock_due,
            work=lambda ids: self.browse(ids).sudo()._check(),
            size=200,
        )

    @api.model
    def _lock_due(self, limit, skip):
        """SQL: locks in order, in the first statement of the batch."""
        self.flush_model()
        return [
            row
            for (row,) in self.env.execute_query(
                SQL(
                    "SELECT id FROM club_referral_purchase WHERE check_on <= %s AND NOT id = ANY(%s)"
                    " ORDER BY id LIMIT %s FOR NO KEY UPDATE",
                    fields.Date.today(),
                    list(skip),
                    limit,
                )
            )
        ]

    def _check(self):
        """Bring these purchases to what their documents say, and what they earn with them. A constant number of
        queries for reading, whatever their number.
        """
        self.invalidate_recordset()
        policies = self.env["club.club"]._get_policies()
        documents = self._read_documents()
        newest = self._read_newest()
        for row in self:
            event = row.event_id
            document = documents.get((event.origin_model, event.origin_id))
            replaced = newest[row.club_id.id, event.origin_model, event.origin_id] != event.id
            row.write(row._prepare_check_values(policies.get(row.club_id.id), document, replaced))
        self.referral_id._review()
        self.referral_id._earn_purchases()

    def _read_documents(self):
        """The sales behind these purchases as the settlement sees them, by model and id."""
        records = {}
        for event in self.event_id:
            records.setdefault(event.origin_model, set()).add(event.origin_id)
        records = {
            model: self.env[model].browse(sorted(ids)).exists() for model, ids in records.items() if model in self.env
        }
        reader = DocumentReader(self.env)
        documents = []
        if records.get("sale.order"):
            documents = reader.read_orders(records["sale.order"])
            reader.read_invoices_of(documents)
        if records.get("account.move"):
            documents += reader.read_moves(records["account.move"])
        if records.get(TILL):
            documents += read_till_orders(reader, records[TILL])
        return {document.key: document for document in documents}

    def _read_newest(self):
        """The newest first event of each sale in each club: what was cancelled and confirmed again counts once.

        :rtype: dict[tuple[int, str, int], int]
        """
        events = self.event_id
        rows = (
            self.env["club.event"]
            .sudo()
            ._read_group(
                [
                    ("origin_model", "in", list(set(events.mapped("origin_model")))),
                    ("origin_id", "in", list(set(events.mapped("origin_id")))),
                    ("type", "=", "purchase"),
                    ("revises_id", "=", False),
                ],
                ["club_id", "origin_model", "origin_id"],
                ["id:max"],
            )
        )
        return {(club.id, model, origin): newest for club, model, origin, newest in rows}

    def _prepare_check_values(self, policy, document, replaced):
        """What the documents say about one purchase.

        :param policy: the club's policy, ``None`` if it is archived; :param document: ``None`` if it is gone.
        """
        self.ensure_one()
        if replaced:
            return {"state": "replaced", "amount": 0, "check_on": False}
        if not policy:
            return {"check_on": False}
        lines = document.count(policy.tax) if document else {}
        plan = Plan(document, policy._replace(when="paid"), None, lines, 0) if lines else None
        if not plan or plan.amount <= 0:
            return {"state": "returned", "amount": 0, "check_on": False}
        if not self._is_in_window(policy):
            return {"state": "outside", "amount": 0, "check_on": False}
        # The job's own days, which are later than any club's: what was looked at is not due again today.
        next_day = fields.Date.today() + timedelta(days=1)
        next_week = fields.Date.today() + timedelta(days=UNPAID_DAYS)
        today = periods.local_date(fields.Datetime.now(), policy.tz)
        paid = self._paid_amount(plan)
        if self.state == "counted" and paid > 0:
            # What is bought more later, and is not paid yet, takes nothing back.
            return {"amount": float(paid), "check_on": False if paid == plan.amount else next_week}
        if any(plan.final[line] < worth for line, worth in plan.worth.items()):
            return {
                "state": "waiting",
                "amount": float(plan.amount),
                "final_on": False,
                "check_on": next_week,
            }
        days = max(policy.hold_days, self.club_id.referral_return_days)
        final_on = (document.paid_on or today) + timedelta(days=days)
        if final_on > today:
            return {
                "state": "waiting",
                "amount": float(plan.amount),
                "final_on": final_on,
                "check_on": next_day,
            }
        return {
            "state": "counted",
            "amount": float(plan.amount),
            "final_on": final_on,
            "counted_at": self.counted_at or fields.Datetime.now(),
            "check_on": False,
        }

    def _is_in_window(self, policy):
        joined_at = self.referral_id.joined_at
        return referral.purchase_counts(
            joined_at,
            self.bought_at,
            periods.local_date(joined_at, policy.tz),
            periods.local_date(self.bought_at, policy.tz),
            self.club_id.referral_purchase_days,
        )

    def _paid_amount(self, plan):
        """What of the purchase is paid and kept, in the company's currency.

        :rtype: Decimal
        """
        whole = sum(plan.final.values(), purchase.NOTHING) * Fraction(plan.document.rate)
        return purchase.part_of(CENT, whole / Fraction(CENT), 2) if whole else Decimal(0)

    # -- reporting ---------------------------------------------------------------------------------------

    def _get_reported(self):
        """The facts that these purchases were reported as and that still stand."""
        keys = [
            f"{self._name},{row.id}:{row.generation}:{side}"
            for row in self
            if row.number
            for side in ("referrer", "friend")
        ]
        return self.env["club.event"].sudo().search([("key", "in", keys)], order="id")

    def _forget_reported(self):
        """What they were reported as was taken back; a further report has a key of its own."""
        for row in self.filtered("number"):
            row.write({"number": 0, "reported_amount": 0, "generation": row.generation + 1})
