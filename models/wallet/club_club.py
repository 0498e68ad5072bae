"""A club with a wallet, and the technical club that keeps its money."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import wallet as engine_wallet
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import float_round, ormcache

#: What a wallet's club has of the club that it belongs to: field there → field here.
FOLLOWS = ("company_id", "tz", "calendar", "week_start", "earner", "spend_hold_minutes")
#: Only the system sets these.
TECHNICAL = frozenset({"kind", "wallet_club_id"})
# Marks our own writes in the context: an object that no caller from outside can name (abuse 5).
_MINE = object()


class ClubClub(models.Model):
    """Wallet money is kept in the ledger of points, under a club that nobody joins.

    One point of a club of the kind ``wallet`` is one unit of the company's currency, it never expires, and its program
    is Odoo's eWallet. So whatever holds for points (one writer, holds, settlement once per document, returns,
    invariants, seals) holds for money. The wallet's club is archived: no list shows it and nobody can join.
    """

    _inherit = "club.club"

    kind = fields.Selection(
        [("points", "Points of members"), ("wallet", "Money of a wallet")],
        default="points",
        required=True,
        readonly=True,
        copy=False,
    )
    wallet_club_id = fields.Many2one(
        "club.club",
        string="Keeps the Wallet Money",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    has_wallet = fields.Boolean(
        string="Wallet",
        copy=False,
        tracking=True,
        help="Members keep money with you: from points, as money back, or topped up. Switched off, nothing more comes "
        "in; what is there stays theirs and can be spent.",
    )
    wallet_to_money = fields.Boolean(string="Points Can Become Money", default=True)
    wallet_point_value = fields.Float(
        string="Money for One Point", digits=(16, 6), default=0.01, help="In the company's currency."
    )
    wallet_step_points = fields.Float(
        string="In Steps Of",
        digits=(16, 2),
        default=100.0,
        help="Points go in multiples of this, which must be worth a whole number of the currency's smallest units.",
    )
    wallet_least_points = fields.Float(string="At Least", digits=(16, 2), default=100.0)
    wallet_fee = fields.Float(
        string="Fee (%)", digits=(5, 2), help="What you keep of the money, rounded up to the currency's smallest unit."
    )
    wallet_day_points = fields.Float(string="Most a Day", digits=(16, 2), help="Points of one member. 0: no limit.")
    wallet_month_points = fields.Float(string="Most a Month", digits=(16, 2), help="Points of one member. 0: no limit.")
    wallet_back_days = fields.Integer(
        string="Can Be Undone (Days)",
        help="For so many days a member may turn money back into the very points it came from, with their expiry, as "
        "long as none of it was spent. 0: never.",
    )
    wallet_topup = fields.Boolean(string="Members Can Top Up")
    wallet_topup_product_id = fields.Many2one(
        "product.product",
        string="Top-up Product",
        copy=False,
        ondelete="restrict",
        help="What is paid for it becomes wallet money once it is paid. It earns nothing, and only money pays for it.",
    )
    wallet_refundable = fields.Boolean(
        string="Top-ups Are Refundable",
        default=True,
        help="A credit note may take back what of a top-up was not spent.",
    )
    wallet_account_id = fields.Many2one(
        "account.account",
        string="Wallet Liability",
        copy=False,
        ondelete="restrict",
        check_company=True,
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', False)]",
        help="What you owe your members: top-ups and payments with wallet money are booked here, never as income.",
    )

    _wallet_unique = models.UniqueIndex(
        "(wallet_club_id) WHERE wallet_club_id IS NOT NULL", "A wallet belongs to one club only."
    )
    _wallet_archived = models.Constraint(
        "CHECK(kind = 'points' OR active IS NOT TRUE)", "A wallet's club is archived: nobody joins it."
    )
    _wallet_positive = models.Constraint(
        "CHECK(wallet_step_points >= 0 AND wallet_least_points >= 0 AND wallet_day_points >= 0 AND "
        "wallet_month_points >= 0 AND wallet_back_days >= 0 AND wallet_fee >= 0 AND wallet_fee < 100)",
        "Steps, limits and days of a wallet cannot be negative, and its fee is less than 100 percent.",
    )

    # -- constrains ----------------------------------------------------------

    @api.constrains("has_wallet", "wallet_to_money", "wallet_point_value", "wallet_step_points", "points_digits")
    def _check_wallet_rate(self):
        for club in self.filtered(lambda club: club.has_wallet and club.wallet_to_money):
            terms = club._get_wallet_terms()
            if terms.value <= 0 or terms.step <= 0:
                raise ValidationError(
                    self.env._(
                        "%(club)s: say what one point is worth as wallet money, and in which steps points can be "
                        "used, for example 0.01 and 100.",
                        club=club.name,
                    )
                )
            least = engine_wallet.exact_step(terms.value, club.points_digits, terms.digits)
            if not engine_wallet.is_exact(terms.value, terms.step, terms.digits) or not engine_wallet.is_whole(
                terms.step, engine_wallet.unit(club.points_digits)
            ):
                raise ValidationError(
                    self.env._(
                        "%(club)s: %(step)s points would be worth %(worth)s, which %(currency)s cannot pay. Choose "
                        "steps of %(least)s points, or a multiple of that, so that nothing is lost by rounding.",
                        club=club.name,
                        step=club._number(terms.step),
                        worth=terms.step * terms.value,
                        currency=club.currency_id.name,
                        least=club._number(least),
                    )
                )

    @api.constrains("wallet_account_id")
    def _check_wallet_account(self):
        for club in self.filtered("wallet_account_id"):
            account = club.wallet_account_id.with_company(club.company_id)
            if account.account_type != "liability_current" or account.reconcile:
                raise ValidationError(
                    self.env._(
                        "%(account)s cannot keep the wallet money of %(club)s: it must be a current liability that "
                        "is not reconciled. Choose another account, or make one.",
                        account=account.display_name,
                        club=club.name,
                    )
                )

    @api.constrains("has_wallet", "wallet_topup", "wallet_topup_product_id")
    def _check_wallet_topup(self):
        # Also while top-ups are off: the product is booked as what tops up, and its taxes go.
        for club in self.filtered("wallet_topup_product_id"):
            product = club.wallet_topup_product_id
            if product.type != "service" or product.taxes_id.filtered(lambda tax: tax.amount):
                raise ValidationError(
                    self.env._(
                        "%(product)s cannot top up the wallet of %(club)s: it must be a service without taxes. What "
                        "is bought with the money is taxed then.",
                        product=product.display_name,
                        club=club.name,
                    )
                )
            others = (
                self.sudo()
                .with_context(active_test=False)
                .search_count([("wallet_topup_product_id", "=", product.id), ("id", "!=", club.id)], limit=1)
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(product)s tops up the wallet of another club already. Choose a product of its own.",
                        product=product.display_name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody makes a wallet's club by hand, whatever the caller or the context says."""
        own = self.env.context.get("club_wallet") is _MINE
        if not own:
            vals_list = [{**vals, "kind": "points", "wallet_club_id": False} for vals in vals_list]
        clubs = super().create(vals_list)
        clubs.filtered("has_wallet")._make_wallets()
        return clubs

    def write(self, vals):
        if self.env.context.get("club_wallet") is not _MINE:
            self._check_wallet_write(vals)
        result = super().write(vals)
        if vals.keys() & {"has_wallet", "wallet_topup", "wallet_topup_product_id", "wallet_account_id"}:
            self.filtered("has_wallet")._make_wallets()
            self._book_wallet_products()
            self.env.registry.clear_cache()
        follows = {name: vals[name] for name in FOLLOWS if name in vals}
        if follows and self.sudo().wallet_club_id:
            self.sudo().wallet_club_id.with_context(club_wallet=_MINE).write(follows)
        return result

    def _check_wallet_write(self, vals):
        if TECHNICAL & vals.keys():
            raise AccessError(
                self.env._("Which club keeps the wallet money is not typed in. Switch the wallet on instead.")
            )
        wallets = self.filtered(lambda club: club.kind == "wallet") if not self.env.su else self.browse()
        if wallets:
            raise AccessError(
                self.env._(
                    "%(wallet)s keeps wallet money and is not changed by hand. Change the settings of its club.",
                    wallet=wallets[0].name,
                )
            )

    # -- the program ---------------------------------------------------------

    def _get_program_kind(self):
        return ("ewallet", "future") if self.kind == "wallet" else super()._get_program_kind()

    def _prepare_program_values(self):
        values = super()._prepare_program_values()
        return {**values, "active": True} if self.kind == "wallet" else values

    def _prepare_default_reward_values(self):
        values = super()._prepare_default_reward_values()
        if self.kind != "wallet":
            return values
        unit = float(engine_wallet.unit(self.currency_id.decimal_places))
        return {**values, "discount": 1.0, "required_points": unit, "description": self.env._("Wallet money")}

    def _prepare_program_sync_values(self, vals):
        """The wallet's program lives as long as there is money: it does not follow its archived club."""
        values = super()._prepare_program_sync_values(vals)
        if any(club.kind == "wallet" for club in self):
            values.pop("active", None)
        return values

    # -- reading -------------------------------------------------------------

    @api.model
    @ormcache()
    def _get_wallet_club_ids(self):
        """Ids of the clubs that keep money; asked at every sale, so cached.

        :rtype: frozenset[int]
        """
        return frozenset(self.sudo().with_context(active_test=False).search([("kind", "=", "wallet")]).ids)

    @api.model
    @ormcache()
    def _get_wallet_topups(self):
        """Which club a product tops up the wallet of: product id → club id. Cached.

        Also of wallets that were switched off: what was sold before is still owed or taken back.

        :rtype: dict[int, int]
        """
        clubs = self.sudo().with_context(active_test=False).search([("wallet_topup_product_id", "!=", False)])
        return {club.wallet_topup_product_id.id: club.id for club in clubs}

    def _get_points_club(self):
        """The club whose wallet this one keeps; itself, if it keeps points."""
        self.ensure_one()
        if self.kind != "wallet":
            return self
        return self.with_context(active_test=False).search([("wallet_club_id", "=", self.id)], limit=1) or self

    def _get_wallet_terms(self):
        """What points bring as money.

        :rtype: engine.wallet.Terms
        """
        self.ensure_one()
        return engine_wallet.Terms(
            value=Decimal(str(float_round(self.wallet_point_value or 0, precision_digits=6))),
            step=to_decimal(self.wallet_step_points),
            least=to_decimal(self.wallet_least_points),
            fee=to_decimal(self.wallet_fee),
            digits=self.currency_id.decimal_places,
        )

    @api.model
    def _number(self, number):
        """A number without needless zeros."""
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _show_points(self, points, signed=False):
        """One point of a wallet is one unit of money, and shown as such."""
        self.ensure_one()
        if self.kind != "wallet":
            return super()._show_points(points, signed=signed)
        points = float(points or 0)
        sign = "−" if points < 0 else "+" if signed and points else ""
        joiner = "\u2060" if sign else ""  # no line ends between the sign and its amount
        return f"{sign}{joiner}{self._show_money(abs(points))}"

    def _get_point_name(self, points=None):
        if self.kind == "wallet":
            return self.currency_id.symbol or self.currency_id.name
        return super()._get_point_name(points)

    def _show_earnings(self, previews):
        """Money that rules give stands apart, under the wallet's name: it is not added to points."""
        apart = []
        for preview in previews:
            money = [line for line in preview["lines"] if line["rule"].gives == "money"]
            if not money or preview["club"].kind == "wallet":
                apart.append(preview)
                continue
            apart.append({**preview, "lines": [line for line in preview["lines"] if line not in money]})
            apart.append(
                {
                    **preview,
                    "club": preview["club"].sudo().wallet_club_id,
                    "points": preview.get("money", 0),
                    "lines": money,
                }
            )
        return super()._show_earnings(apart)
