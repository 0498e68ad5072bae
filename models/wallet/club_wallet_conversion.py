"""Points that a member turned into wallet money."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.engine import wallet as engine_wallet
from odoo.exceptions import UserError
from odoo.tools import SQL

ZERO = Decimal(0)


class ClubWalletConversion(models.Model):
    """One conversion: points taken from the member and money put into the wallet, in one transaction.

    Back again means undoing this very conversion: the points return to the lots they came from, with their expiry (what
    has expired meanwhile expires again), and only as long as none of the money was spent. So going to and fro neither
    gains a cent nor renews a day (never 10, design §2).
    """

    _name = "club.wallet.conversion"
    _description = "Points Turned Into Wallet Money"
    _inherit = ["club.spending"]
    _order = "id desc"

    _step_fields = frozenset(
        {"state", "points", "satisfied_at", "unit_cost", "money", "fee", "point_value", "back_until", "undone_at"}
    )

    account_id = fields.Many2one("club.member", string="Wallet", required=True, readonly=True, ondelete="restrict")
    state = fields.Selection([("done", "Done"), ("undone", "Undone")], default="done", required=True, readonly=True)
    asked = fields.Float(string="Points Turned", digits=(16, 2), required=True, readonly=True)
    money = fields.Monetary(readonly=True)
    fee = fields.Monetary(readonly=True)
    point_value = fields.Float(string="Money for One Point", digits=(16, 6), readonly=True)
    back_until = fields.Date(string="Can Be Undone Until", readonly=True)
    undone_at = fields.Datetime(string="Undone On", readonly=True)
    form_key = fields.Char(required=True, readonly=True)

    _form_unique = models.Constraint("UNIQUE(member_id, form_key)", "This form was sent already.")
    _member_day_idx = models.Index("(member_id, create_date) WHERE state = 'done'")

    @api.depends("member_id", "asked")
    def _compute_display_name(self):
        for conversion in self:
            conversion.display_name = self.env._(
                "%(points)s turned into %(money)s",
                points=conversion.sudo().club_id._show_points(conversion.asked),
                money=conversion.sudo().club_id._show_money(conversion.money),
            )

    # -- what it would bring -------------------------------------------------

    @api.model
    def _quote(self, club, points):
        """What ``points`` bring as money, or why they cannot.

        :rtype: engine.wallet.Quote
        :raises UserError: too few points, no whole step, or the fee takes everything.
        """
        terms = club._get_wallet_terms()
        try:
            return engine_wallet.quote(points, terms)
        except engine_wallet.WalletError as error:
            least = max(terms.least, terms.step)
            raise UserError(
                self.env._(
                    "Choose at least %(least)s, in steps of %(step)s. Nothing was changed.",
                    least=club._show_points(least),
                    step=club._show_points(terms.step),
                )
            ) from error

    @api.model
    def _get_allowance(self, member):
        """Points that the limits still let this member turn into money today; ``None``: no limit."""
        club = member.club_id
        today = club._get_today()
        left = []
        for limit, period in ((club.wallet_day_points, "day"), (club.wallet_month_points, "month")):
            if limit:
                first, last = periods.period_bounds(period, today, club.calendar, int(club.week_start))
                since, _until = periods.range_bounds(first, last, club.tz)
                done = self.sudo()._read_group(
                    [
                        ("member_id", "in", member._get_own_ids()),
                        ("state", "=", "done"),
                        ("create_date", ">=", since),
                    ],
                    [],
                    ["asked:sum"],
                )[0][0]
                left.append(max(engine_lots.to_decimal(limit) - engine_lots.to_decimal(done or 0), ZERO))
        return min(left) if left else None

    # -- there ---------------------------------------------------------------

    @api.model
    def _convert(self, member, points, form_key):
        """Turn points of a member into wallet money. The same form key again returns the first conversion.

        :param Decimal points: positive, a whole number of the club's steps.
        :raises UserError: the club does not offer it, a limit, no whole steps, or the key came with other points.
        :raises NotEnoughPoints: the member cannot spend so many.
        """
        member = member.sudo()
        points = engine_lots.to_decimal(points)
        known = self.sudo().search([("member_id", "=", member.id), ("form_key", "=", form_key)])
        if known:
            if engine_lots.to_decimal(known.asked) != points:
                raise UserError(
                    self.env._(
                        "This form was used for %(points)s already. Nothing more was changed: open the page again.",
                        points=member.club_id._show_points(known.asked),
                    )
                )
            return known
        member._check_spender()
        club = member.club_id
        if not (club.has_wallet and club.wallet_to_money):
            raise UserError(
                self.env._("%(club)s does not turn points into money. Nothing was changed.", club=club.name)
            )
        account = member._get_wallet(create=True)
        member._lock_cards(account)
        quote = self._quote(club, points)
        self._check_allowance(member, points)
        conversion = self.sudo().create(
            {"member_id": member.id, "account_id": account.id, "asked": float(points), "form_key": form_key}
        )
        conversion._settle_points({conversion.id: points})
        conversion._post_money(quote.money)
        today = club._get_today()
        conversion._step(
            {
                "money": float(quote.money),
                "fee": float(quote.fee),
                "point_value": float(club.wallet_point_value),
                "unit_cost": float(quote.money),
                "satisfied_at": fields.Datetime.now(),
                "back_until": fields.Date.add(today, days=club.wallet_back_days) if club.wallet_back_days else False,
            }
        )
        return conversion

    def _check_allowance(self, member, points):
        allowance = self._get_allowance(member)
        if allowance is not None and points > allowance:
            raise UserError(
                self.env._(
                    "You can turn %(left)s more into money for now, not %(asked)s. Nothing was changed: choose fewer, "
                    "or come back later.",
                    left=member.club_id._show_points(allowance),
                    asked=member.club_id._show_points(points),
                )
            )

    def _post_money(self, money):
        return (
            self.env["club.point.entry"]
            .sudo()
            ._post(
                [
                    {
                        "member_id": self.account_id.id,
                        "kind": "earn",
                        "points": money,
                        "key": f"{self._name},{self.id}:money",
                        "origin": self,
                        "expires_on": False,
                    }
                ]
            )
        )

    # -- and back ------------------------------------------------------------

    def _get_money_entries(self):
        return (
            self.env["club.point.entry"]
            .sudo()
            .search([("key", "in", [f"{conversion._name},{conversion.id}:money" for conversion in self])])
        )

    def _get_unspent(self):
        """What of this conversion's money is left, unspent and not held by a payment, as a Decimal."""
        self.ensure_one()
        entry = self._get_money_entries()
        # SQL because the money may have moved on with a merged contact, lot by lot.
        ((left,),) = self.env.execute_query(
            SQL(
                """
                SELECT SUM(lot.remaining) FROM club_point_entry e JOIN club_point_lot lot ON lot.entry_id = e.id
                 WHERE (e.id = %(entry)s OR e.root_id = %(entry)s) AND lot.state = 'open'
                """,
                entry=entry.id,
            )
        )
        account = self.account_id.merged_into_id or self.account_id
        card = account.sudo().card_id
        held = self.env["club.point.entry"].sudo()._get_held_points({(card.id, None, None)})
        free = engine_lots.to_decimal(card.points) - sum(held.values(), ZERO)
        return max(min(engine_lots.to_decimal(left or 0), free), ZERO)

    def _get_undo_refusal(self):
        """Why this conversion cannot be undone, in words for the member; empty if it can."""
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        if self.state != "done":
            return _("It was undone already.")
        if not self.back_until or self.back_until < club._get_today():
            return _("The time in which it could be undone is over.")
        if self._get_unspent() < engine_lots.to_decimal(self.money):
            return _("Some of the money was spent, or a payment is using it.")
        return ""

    def _undo(self):
        """Take the money out of the wallet and give the points back to where they came from. Once.

        :raises UserError: it is too late, or some of the money was spent.
        """
        self.ensure_one()
        conversion = self.sudo()
        member = conversion.member_id.merged_into_id or conversion.member_id
        member._check_spender()
        member._lock_cards(conversion.account_id)
        # Whoever undid it at this moment has changed the cards: Odoo repeats this request, which then sees it.
        conversion.invalidate_recordset(["state"])
        if conversion.state == "undone":
            return
        refusal = conversion._get_undo_refusal()
        if refusal:
            raise UserError(
                self.env._("This cannot be turned back into points. %(reason)s Nothing was changed.", reason=refusal)
            )
        conversion._get_money_entries()._reverse(key=lambda entry: f"{entry.key}:undone")
        conversion._settle_points({conversion.id: ZERO})
        conversion._step({"state": "undone", "undone_at": fields.Datetime.now(), "satisfied_at": False})
