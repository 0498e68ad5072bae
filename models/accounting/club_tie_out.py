"""The tie-outs of a club on one page: does the ledger agree with the cards, the lots, the journal, the merchants, the
wallet; and what is late. Each is green or red, with the records behind it.
"""

from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

ZERO = Decimal(0)
#: Records that a list of what is behind a tie-out shows at most.
MOST = 1000
READERS = (
    "customer_club.group_club_accountant",
    "customer_club.group_club_auditor",
    "customer_club.group_club_manager",
)
STATES = [("ok", "Ties out"), ("red", "Does not tie out"), ("note", "To know")]


class ClubTieOut(models.TransientModel):
    """One look at the books of a club. Opening the page makes a new one, so what it shows is as fresh as the page."""

    _name = "club.tie.out"
    _description = "Tie-Outs of a Club"
    _rec_name = "club_id"

    club_id = fields.Many2one("club.club", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("club.tie.out.line", "page_id", readonly=True)
    state = fields.Selection(STATES[:2], readonly=True, required=True)
    red_count = fields.Integer(string="Red", readonly=True)
    closed_until = fields.Date(readonly=True)
    checked_at = fields.Datetime(readonly=True)
    gaps = fields.Text(string="Missing", readonly=True)

    # -- actions -------------------------------------------------------------

    @api.model
    def action_open_page(self):
        """Look at the clubs of the reader's companies: one page, or a list of pages where there are several clubs.

        :raises AccessError: the reader is neither accountant nor auditor nor manager.
        :raises UserError: there is no club.
        """
        clubs = self.env["club.club"].search(
            [("kind", "=", "points"), ("company_id", "in", self.env.companies.ids)], order="sequence, id"
        )
        if not clubs:
            raise UserError(self.env._("There is no club yet. Set one up under Configuration first."))
        return self._open_pages(clubs)

    def action_refresh(self):
        """Look again."""
        self.check_access("read")
        return self._open_pages(self.club_id)

    # -- helpers -------------------------------------------------------------

    @api.model
    def _open_pages(self, clubs):
        pages = self._make_pages(clubs)
        several = len(pages) > 1
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tie-Outs"),
            "res_model": self._name,
            "res_id": False if several else pages.id,
            "views": [(False, "list"), (False, "form")] if several else [(False, "form")],
            "domain": [("id", "in", pages.ids)],
            "target": "current",
        }

    @api.model
    def _make_pages(self, clubs):
        if not self.env.su and not any(self.env.user.has_group(group) for group in READERS):
            raise AccessError(
                self.env._("Tie-outs are for accountants, auditors and managers of the club. Ask one of them.")
            )
        clubs.check_access("read")
        pages = self.browse()
        for club in clubs:
            lines = self._read_ties(club.sudo())
            red = sum(line["state"] == "red" for line in lines)
            pages += self.sudo().create(
                {
                    "club_id": club.id,
                    "state": "red" if red else "ok",
                    "red_count": red,
                    "closed_until": self.env["club.close"]._get_last(club).date_to,
                    "checked_at": fields.Datetime.now(),
                    "gaps": "\n".join(club.sudo()._get_book_gaps()),
                    "line_ids": [(0, 0, {**line, "sequence": number}) for number, line in enumerate(lines)],
                }
            )
        return pages.with_env(self.env)

    @api.model
    def _read_ties(self, club):
        """Values of every line of a club's page. An addon adds its own.

        :rtype: list[dict]
        """
        self.env.flush_all()
        last = self.env["club.close"]._get_last(club)
        now = self.env["club.close"].new({"club_id": club.id, "date_to": date(9999, 12, 30)})
        return [
            *self._read_point_ties(club),
            self._read_value_tie(club, last),
            *self._read_merchant_ties(club, last, now),
            *self._read_wallet_ties(club, last, now),
            *self._read_notes(club, last),
        ]

    def _prepare_line(self, club, name, left, right, **values):
        """A line that compares two amounts, each as (words, Decimal). ``money``: in the club's currency."""
        money = values.pop("money", True)
        digits = club.currency_id.decimal_places if money else club.points_digits
        show = club._show_money if money else (lambda amount: formatLang(self.env, amount, digits=digits))
        difference = round(left[1] - right[1], digits)
        return {
            "name": name,
            "left": f"{left[0]}: {show(float(left[1]))}",
            "right": f"{right[0]}: {show(float(right[1]))}",
            "difference": show(float(difference)),
            "state": "red" if difference else "ok",
            **values,
        }

    # -- points --------------------------------------------------------------

    def _read_point_ties(self, club):
        """Entries and lots against the cards, card by card: differences of two cards do not cancel out.

        SQL: signed parts of four tables, added up once; the ORM would have to read every entry.
        """
        [(entries, cards, lots, by_entries, by_lots)] = self.env.execute_query(
            SQL(
                """
                WITH part AS (
                    SELECT id AS card_id, round(COALESCE(points, 0)::numeric, 2) AS balance, 0::numeric AS available,
                           0::numeric AS lots
                      FROM loyalty_card WHERE id IN (SELECT card_id FROM club_member WHERE club_id = %(club)s)
                     UNION ALL
                    SELECT card_id, 0, available, points FROM club_point_entry WHERE club_id = %(club)s
                     UNION ALL
                    SELECT card_id, 0, 0, CASE WHEN state = 'open' THEN remaining ELSE 0 END - points
                      FROM club_point_lot WHERE club_id = %(club)s
                     UNION ALL
                    SELECT e.card_id, 0, 0, a.points FROM club_point_allocation a
                      JOIN club_point_entry e ON e.id = a.entry_id WHERE e.club_id = %(club)s
                ), card AS (
                    SELECT card_id, SUM(balance) AS balance, SUM(available) AS available, SUM(lots) AS lots
                      FROM part GROUP BY card_id
                )
                SELECT COALESCE(SUM(available), 0), COALESCE(SUM(balance), 0), COALESCE(SUM(lots), 0),
                       (array_agg(card_id) FILTER (WHERE available <> balance))[:%(most)s],
                       (array_agg(card_id) FILTER (WHERE lots <> balance))[:%(most)s]
                  FROM card
                """,
                club=club.id,
                most=MOST,
            )
        )
        _ = self.env._
        remedy = _("Let the ledger be checked under Ledger Health before anything else is posted.")
        result = []
        for name, words, amount, broken in (
            (_("Entries and balances"), _("Entries"), entries, by_entries),
            (_("Lots and balances"), _("Open lots less arrears"), lots, by_lots),
        ):
            line = self._prepare_line(
                club, name, (words, to_decimal(amount)), (_("Cards"), to_decimal(cards)), money=False
            )
            line["behind"] = {
                "name": _("Members whose card differs") if broken else _("Entries"),
                "model": "club.member" if broken else "club.point.entry",
                "domain": [("card_id", "in", broken), ("active", "in", [True, False])]
                if broken
                else [("club_id", "=", club.id)],
            }
            if broken:
                line.update(state="red", remedy=remedy)
            result.append(line)
        return result

    # -- money ---------------------------------------------------------------

    def _read_balance(self, club, accounts, until=None):
        """What accounts owe, by the posted lines of the club's company until a day."""
        domain = [
            ("account_id", "in", accounts.ids),
            ("company_id", "=", club.company_id.id),
            ("parent_state", "=", "posted"),
            *([("date", "<=", fields.Date.to_string(until))] if until else []),
        ]
        [(balance,)] = self.env["account.move.line"].sudo()._read_group(domain, [], ["balance:sum"])
        return to_decimal(round(-(balance or 0.0), 6)), domain

    def _read_value_tie(self, club, last):
        """What the last close says that points are worth, and what the liability account says of that day."""
        _ = self.env._
        name = _("Ledger value and liability account")
        if not last:
            return {"name": name, "state": "note", "left": _("Nothing is closed yet.")}
        balance, domain = self._read_balance(club, club.liability_account_id, last.date_to)
        line = self._prepare_line(
            club,
            name,
            (_("Last close"), to_decimal(round(last.closing_value, 6))),
            (club.liability_account_id.display_name, balance),
        )
        line["behind"] = {"name": club.liability_account_id.display_name, "model": "account.move.line"}
        line["behind"]["domain"] = domain
        if line["state"] == "red":
            closes = self.env["club.close"].sudo().search([("club_id", "=", club.id), ("move_id", "!=", False)])
            moves = closes.move_id | closes.move_id.reversal_move_ids
            line["behind"]["domain"] = [*domain, ("move_id", "not in", moves.ids)]
            line["remedy"] = _(
                "Something else than the closes is on the account: see the lines. Move it to where it belongs; what a "
                "partner's invoice of a closed month put there, the next close takes up."
            )
        return line

    def _read_merchant_ties(self, club, last, now):
        """What merchants are owed for vouchers that are not billed, and what the clearing accounts owe.

        What was redeemed or undone since the last close is on the accounts with the next one.
        """
        merchants = self.env["club.merchant"].sudo().with_context(active_test=False)
        merchants = merchants.search([("club_id", "=", club.id), ("settle_role", "=", "agent")])
        accounts = self.env["account.account"].union(
            *(merchant._get_settlement_account("settle_clearing_account_id") for merchant in merchants)
        )
        if not accounts or not club.close_from:
            return []
        unsettled = sum(merchants._get_unsettled().values(), ZERO)
        [(confirmed,)] = (
            self.env["club.settlement.line"]
            .sudo()
            ._read_group(
                [
                    ("merchant_id", "in", merchants.ids),
                    ("settlement_id.step", "=", "confirmed"),
                    ("settlement_id.role", "=", "agent"),
                ],
                [],
                ["value:sum"],
            )
        )
        waiting = self._read_waiting(last, now._get_voucher_facts(), "voucher:")
        balance, domain = self._read_balance(club, accounts)
        _ = self.env._
        line = self._prepare_line(
            club,
            _("Vouchers not billed and merchant clearing"),
            (_("Unsettled vouchers"), unsettled + to_decimal(round(confirmed or 0.0, 6))),
            (_("Clearing, and what the next close puts there"), balance + waiting),
        )
        line["behind"] = {"name": _("Merchant Clearing"), "model": "account.move.line", "domain": domain}
        if line["state"] == "red":
            # Neither the closes nor the settlements' own documents: what somebody made by hand.
            closes = self.env["club.close"].sudo().search([("club_id", "=", club.id), ("move_id", "!=", False)])
            moves = closes.move_id | closes.move_id.reversal_move_ids
            line["behind"]["domain"] = [
                *domain,
                ("move_id.club_settlement_id", "=", False),
                ("move_id", "not in", moves.ids),
            ]
            line["remedy"] = _(
                "Something else is on the clearing account: see the lines. A credit note made by hand for a "
                "settlement's bill is reversed; cancel the settlement instead, or decide the voucher's dispute, which "
                "corrects the next one. Vouchers redeemed before the books began: post their value as the account's "
                "opening balance."
            )
        return [line]

    def _read_wallet_ties(self, club, last, now):
        """Wallet money in the ledger, and what its account owes; orders that no invoice bills yet count apart."""
        tie = club._tie_out_wallet().get(club)
        if not tie or not club.wallet_account_id or not club.close_from:
            return []
        balance, domain = self._read_balance(club, club.wallet_account_id)
        waiting = self._read_waiting(last, now._get_wallet_facts(), "wallet", "cashback")
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("coupon_id.program_id", "=", club.wallet_club_id.program_id.id),
                    ("order_id.state", "=", "sale"),
                    ("qty_to_invoice", "!=", 0),
                ]
            )
        )
        paid = to_decimal(round(sum(-line.price_unit * line.qty_to_invoice for line in lines), 6))
        _ = self.env._
        line = self._prepare_line(
            club,
            _("Wallets and their account"),
            (_("Wallets"), tie["ledger"]),
            (_("Account, the next close, orders not billed yet"), balance + waiting - paid),
        )
        line["behind"] = {"name": club.wallet_account_id.display_name, "model": "account.move.line", "domain": domain}
        if tie["difference"]:
            line["state"] = "red"
        if line["state"] == "red":
            line["remedy"] = _(
                "Look for top-ups that are billed and not paid yet, wallet money from before the books began (post it "
                "as the opening balance), and other lines on the account."
            )
        return [line]

    def _read_waiting(self, last, facts, *prefixes):
        """What the next close will post of some channels: what they come to now, less what is posted."""
        posted = (last.channels or {}).get("to_date", {}) if last else {}
        facts = [fact for fact in facts if fact["key"].startswith(prefixes)]
        known = sum((Decimal(amount) for key, amount in posted.items() if key.startswith(prefixes)), ZERO)
        return sum((fact["amount"] for fact in facts), ZERO) - known

    # -- what is late or open ------------------------------------------------

    def _read_notes(self, club, last):
        """What came late for a closed month, and points of sales that no invoice bills yet."""
        _ = self.env._
        notes = []
        if last:
            notes += [
                (
                    _("Came late for a closed month: the next close takes it up"),
                    "club.deferral",
                    last._get_late_deferrals(),
                ),
                (
                    _("Entries of a closed month that were posted later: the next close takes them up"),
                    "club.point.entry",
                    last._get_late_entries(),
                ),
                (
                    _("Points of returned sales that stand without money"),
                    "club.close.cohort",
                    last._get_without_money(),
                ),
            ]
        if club.close_from:
            notes.append(
                (
                    _("Prizes taken back whose part in money no credit note gives back"),
                    "club.redemption",
                    [
                        ("club_id", "=", club.id),
                        ("state", "=", "returned"),
                        ("order_id.order_line", "any", [("price_total", ">", 0), ("qty_invoiced", ">", 0)]),
                        ("order_id.amount_total", ">", 0),
                    ],
                )
            )
            notes.append(
                (_("Points of sales that no invoice bills yet"), "club.point.entry", self._find_unbilled(club))
            )
        result = []
        for name, model, domain in notes:
            count = self.env[model].sudo().search_count(domain)
            result.append(
                {
                    "name": name,
                    "state": "note" if count else "ok",
                    "left": _("Records: %(count)s", count=formatLang(self.env, count, digits=0)),
                    "behind": {"name": name, "model": model, "domain": domain},
                }
            )
        return result

    def _find_unbilled(self, club):
        """SQL: an anti-join over two large tables, cut off where a list would be of no use."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM club_point_entry e
                  JOIN club_event event ON event.id = e.event_id AND event.type = 'purchase'
                 WHERE e.club_id = %s AND e.kind = 'earn' AND e.root_id IS NULL AND e.points > 0 AND e.date >= %s
                   AND NOT EXISTS (SELECT FROM club_deferral d WHERE d.entry_id = e.id)
                 ORDER BY e.id LIMIT %s
                """,
                club.id,
                club.close_from,
                MOST,
            )
        )
        return [("id", "in", [entry_id for (entry_id,) in rows])]
