"""The documents of a settlement: a vendor bill for what the club owes, a customer invoice for what the merchant owes.

The commission is an invoice of its own and no negative line of the bill. It is the club's sale to the merchant: an
agent's revenue is its fee or commission (IFRS 15.B36), and a sale wants the seller's own invoice with output tax
(Directive 2006/112/EC, Article 220), which a line of a vendor bill would report as less input tax.

Negative totals become a credit note of either side: it stays open on the merchant's account and lowers what is paid
next. Nothing is carried forward outside of the books.
"""

from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

from .club_settlement_collect import exact


class ClubSettlement(models.Model):
    _inherit = "club.settlement"

    # -- what is posted ------------------------------------------------------

    def _get_documents(self):
        """The documents that are not zero throughout, each as ``what``, ``move_type``, ``journal``, ``sign`` and
        ``lines`` (``name``, ``amount``, ``account``, ``taxes``); amounts from the club's view of the document.
        """
        self.ensure_one()
        club = self.club_id.sudo()
        kinds = (
            ("bill", "in", club.settle_bill_journal_id, self._prepare_bill_lines()),
            ("invoice", "out", club.settle_invoice_journal_id, self._prepare_invoice_lines()),
        )
        documents = []
        for what, direction, journal, lines in kinds:
            lines = [line for line in lines if not self.currency_id.is_zero(line["amount"])]
            if lines:
                sign = -1 if sum(line["amount"] for line in lines) < 0 else 1
                documents.append(
                    {
                        "what": what,
                        "move_type": f"{direction}_{'refund' if sign < 0 else 'invoice'}",
                        "journal": journal,
                        "sign": sign,
                        "lines": lines,
                    }
                )
        return documents

    def _prepare_bill_lines(self):
        """What the club owes: one line per offer, and one for what was taken back or decided of it.

        As an agent against merchant clearing, where the close of the points puts their liability; as a principal as
        cost, with the tax that the merchant charges.
        """
        principal = self.role == "principal"
        get = self.merchant_id._get_settlement_account
        account = get("settle_cost_account_id") if principal else get("settle_clearing_account_id")
        taxes = self._map_taxes(get("settle_cost_tax_ids")) if principal else self.env["account.tax"]
        _ = self.env._
        words = {"voucher": _("Redeemed"), "reversal": _("Taken back"), "dispute": _("After disputes")}
        return [
            {
                "name": _(
                    "%(what)s: %(offer)s, %(count)s pieces",
                    what=words[row["kind"]],
                    offer=row["offer"].name or "",
                    count=row["count"],
                ),
                "amount": row["value"],
                "account": account,
                "taxes": taxes,
            }
            for row in self._get_offer_totals()
        ]

    def _prepare_invoice_lines(self):
        """What the merchant owes: the commission; points that it gave, at their fair value to the liability towards
        members, the rest as service.
        """
        get = self.merchant_id._get_settlement_account
        taxes, commission = self._map_taxes(get("settle_tax_ids")), get("settle_commission_account_id")
        service = self.currency_id.round(self.issued_total - self.issued_liability)
        points = formatLang(self.env, self.issued_points, digits=self.club_id.points_digits)
        _ = self.env._
        return [
            {
                "name": _("Commission of %(period)s", period=self._get_period_name()),
                "amount": self.commission_total,
                "account": commission,
                "taxes": taxes,
            },
            {
                "name": _("Points given to members: %(points)s", points=points),
                "amount": self.issued_liability,
                "account": get("settle_points_account_id"),
                "taxes": self._map_taxes(get("settle_points_tax_ids")),
            },
            {
                "name": _("Service for points given: %(points)s", points=points),
                "amount": service,
                "account": get("settle_service_account_id") or commission,
                "taxes": taxes,
            },
        ]

    def _map_taxes(self, taxes):
        """The taxes as the merchant's fiscal position has them."""
        position = (self.env["account.fiscal.position"].sudo().with_company(self.company_id))._get_fiscal_position(
            self.partner_id
        )
        return position.map_tax(taxes)

    def _get_offer_totals(self):
        """The lines of vouchers summed per kind and offer, in the order of the statement."""
        self.ensure_one()
        rows = {}
        for line in self.line_ids.filtered("voucher_id"):
            key = (line.kind_order, line.offer_id.id)
            row = rows.setdefault(
                key,
                {
                    "kind": line.kind,
                    "offer": line.offer_id,
                    "count": 0,
                    "points": exact(0.0),
                    "value": exact(0.0),
                    "commission": exact(0.0),
                },
            )
            row["count"] += 1
            for name in ("points", "value", "commission"):
                row[name] += exact(line[name])
        return [
            {**row, **{name: float(row[name]) for name in ("points", "value", "commission")}}
            for _key, row in sorted(rows.items())
        ]

    # -- preview -------------------------------------------------------------

    def _get_preview(self):
        """The entries as they will be posted, by Odoo's own computation of taxes; where accounts are missing too.

        :return: dicts of ``what``, ``title``, ``total`` (with taxes, signed) and ``rows``: ``account``, ``name``,
            ``debit``, ``credit``.
        """
        self.ensure_one()
        titles = {
            "in_invoice": self.env._("Vendor bill"),
            "in_refund": self.env._("Vendor credit note"),
            "out_invoice": self.env._("Customer invoice"),
            "out_refund": self.env._("Customer credit note"),
        }
        return [
            {
                "what": document["what"],
                "title": titles[document["move_type"]],
                **self._get_preview_rows(document),
            }
            for document in self._get_documents()
        ]

    def _get_preview_rows(self, document):
        Tax = self.env["account.tax"].sudo().with_company(self.company_id)
        side = 1 if document["what"] == "bill" else -1
        bases = [
            Tax._prepare_base_line_for_taxes_computation(
                {},
                tax_ids=line["taxes"],
                price_unit=line["amount"] * document["sign"],
                quantity=1.0,
                currency_id=self.currency_id,
                partner_id=self.partner_id,
                account_id=line["account"],
                sign=side * document["sign"],
                is_refund=document["sign"] < 0,
                rate=1.0,
            )
            for line in document["lines"]
        ]
        Tax._add_tax_details_in_base_lines(bases, self.company_id)
        Tax._round_base_lines_tax_details(bases, self.company_id)
        Tax._add_accounting_data_in_base_lines_tax_details(bases, self.company_id)
        amounts = [(line["account"], line["name"], side * line["amount"]) for line in document["lines"]]
        for tax in Tax._prepare_tax_lines(bases, self.company_id)["tax_lines_to_add"]:
            repartition = self.env["account.tax.repartition.line"].browse(tax["tax_repartition_line_id"])
            account = self.env["account.account"].browse(tax["account_id"])
            amounts.append((account, repartition.tax_id.name, tax["balance"]))
        total = self.currency_id.round(sum(amount for _account, _name, amount in amounts))
        partner = self.partner_id.sudo().with_company(self.company_id)
        name = "property_account_payable_id" if side > 0 else "property_account_receivable_id"
        amounts.append((partner[name], partner.display_name, -total))
        return {
            "total": side * total,
            "rows": [
                {
                    "account": account.display_name or self.env._("(missing)"),
                    "name": label,
                    "debit": max(self.currency_id.round(amount), 0.0),
                    "credit": max(-self.currency_id.round(amount), 0.0),
                }
                for account, label, amount in amounts
            ],
        }

    # -- posting -------------------------------------------------------------

    def _bill(self):
        """Post the documents, dated as the settlement says; never moved to another day.

        :raise UserError: not confirmed, accounts missing, a locked period, or totals that disagree.
        """
        self.ensure_one()
        settlement = self.sudo()
        settlement.merchant_id._lock(always=True)
        settlement.invalidate_recordset()
        settlement._check_step("confirmed")
        gaps = settlement.merchant_id._get_settlement_gaps()
        if gaps:
            raise UserError(
                "\n".join([self.env._("%(settlement)s cannot be billed yet.", settlement=self.name), *gaps])
            )
        documents = settlement._get_documents()
        self._check_books(documents)
        moves = self.env["account.move"].with_company(settlement.company_id)
        if documents:
            moves = moves.create([settlement._prepare_move(document) for document in documents])
            moves._post(soft=False)
        self._step({"step": "billed", "billed_at": fields.Datetime.now()})
        moved = moves.filtered(lambda move: move.date != settlement.accounting_date or move.state != "posted")
        wrong = settlement._check_against_ledger()
        if moved or wrong:
            raise UserError(
                "\n".join(
                    [
                        self.env._(
                            "The documents of %(settlement)s could not be posted as confirmed. Nothing was posted.",
                            settlement=settlement.name,
                        ),
                        *(self.env._("Odoo would date it %(day)s.", day=move.date) for move in moved),
                        *wrong[:10],
                    ]
                )
            )
        return moves

    def _check_books(self, documents):
        """Whether this user may post, and on that day."""
        if not self.env.su and not self.env["account.move"].has_access("create"):
            raise AccessError(
                self.env._(
                    "%(settlement)s: you may not post bills and invoices. Ask for the right “Invoicing” in accounting.",
                    settlement=self.name,
                )
            )
        for document in documents:
            has_tax = any(line["taxes"] for line in document["lines"])
            locks = self.company_id._get_violated_lock_dates(self.accounting_date, has_tax, document["journal"])
            if locks:
                raise UserError(
                    self.env._(
                        "%(settlement)s: the books are locked up to %(lock)s, and its documents are of %(day)s. Choose "
                        "a later accounting date, or let the period be opened.",
                        settlement=self.name,
                        lock=self.club_id._show_day(max(lock for lock, _field in locks)),
                        day=self.club_id._show_day(self.accounting_date),
                    )
                )

    def _prepare_move(self, document):
        bill = document["what"] == "bill"
        return {
            "move_type": document["move_type"],
            "club_settlement_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "journal_id": document["journal"].id,
            "invoice_date": self.accounting_date,
            "date": self.accounting_date,
            "invoice_payment_term_id": self.merchant_id._get_settlement_account("settle_term_id").id,
            "ref": self.name,
            "invoice_origin": self.name,
            "narration": self._get_self_billing_note() if bill else False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": line["name"],
                        "quantity": 1.0,
                        "price_unit": line["amount"] * document["sign"],
                        "account_id": line["account"].id,
                        "tax_ids": [Command.set(line["taxes"].ids)],
                    }
                )
                for line in document["lines"]
            ],
        }

    def _get_self_billing_note(self):
        if self.role == "principal":
            return self.env._(
                "Self-billing: made out by %(company)s for %(merchant)s as agreed, by the statement %(statement)s.",
                company=self.company_id.name,
                merchant=self.partner_id.name,
                statement=self.name,
            )
        return self.env._(
            "Settlement of vouchers that %(merchant)s redeemed, by the statement %(statement)s. No supply between "
            "%(merchant)s and %(company)s: %(merchant)s accounts for the taxes on its own sales.",
            merchant=self.partner_id.name,
            company=self.company_id.name,
            statement=self.name,
        )

    # -- reversing -----------------------------------------------------------

    def _reverse_documents(self):
        """Reverse what was posted and not reversed yet, on the same day, or today where that is locked.

        :raise UserError: money was paid already.
        """
        documents = self.sudo().move_ids.filtered(lambda move: not move.reversed_entry_id)
        paid = documents.filtered(
            lambda move: move.amount_total and move.payment_state in ("paid", "in_payment", "partial")
        )
        if paid:
            raise UserError(
                self.env._(
                    "%(document)s of %(settlement)s is paid. Undo the payment first, or correct by a dispute in the "
                    "next settlement.",
                    document=paid[0].name,
                    settlement=self.name,
                )
            )
        open_ = documents.filtered(lambda move: move.state == "posted" and move.payment_state != "reversed")
        if not open_:
            return
        self._check_books([])
        today = self.club_id._get_today()
        defaults = []
        for move in open_:
            locked = self.company_id._get_violated_lock_dates(move.date, True, move.journal_id)
            day = today if locked else move.date
            defaults.append(
                {
                    "date": day,
                    "invoice_date": day,
                    "ref": self.env._("Reversal of %(document)s", document=move.name),
                    "club_settlement_id": self.id,
                }
            )
        open_.with_env(self.env)._reverse_moves(defaults, cancel=True)
