"""What members get for points at a partner merchant."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import periods, vouchers
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: Once a voucher was issued its terms stand; who wants others makes another offer.
TERMS = {"merchant_id", "kind"}


class ClubMerchantOffer(models.Model):
    """A voucher for points, or points as money at the merchant's counter.

    ``voucher``: the member gives ``points`` at once and shows a code at the merchant until the voucher ends.
    ``per_amount``: at the counter a part of the bill is paid with points; each is worth ``per_point``.

    The merchant is owed ``value`` per redeemed voucher, or the amount paid with points, before its commission.
    """

    _name = "club.merchant.offer"
    _description = "Offer of a Partner Merchant"
    _inherit = ["club.audience", "image.mixin", "mail.thread", "club.bounded"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    merchant_id = fields.Many2one("club.merchant", required=True, index=True, ondelete="restrict")
    club_id = fields.Many2one(related="merchant_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="merchant_id.company_id", store=True)
    state = fields.Selection(
        [("draft", "Draft"), ("open", "Offered"), ("closed", "Closed")],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
    )
    kind = fields.Selection(
        [("voucher", "Points for a voucher"), ("per_amount", "Points per amount at the counter")],
        default="voucher",
        required=True,
    )
    description = fields.Text(translate=True, help="What the member gets, and what to know before choosing it.")
    where = fields.Char(translate=True, help="Where it is redeemed, e.g. all branches. Empty: the merchant's address.")
    image_attribution = fields.Char(string="Picture By", help="Named where its owner asks for it.")

    # a voucher
    points = fields.Float(digits=(16, 2), tracking=True, help="What the member gives for one voucher.")
    value = fields.Monetary(
        string="Owed to the Merchant",
        tracking=True,
        help="For each redeemed voucher, before commission, in the club's currency.",
    )
    shown_value = fields.Char(
        string="What It Is Worth",
        translate=True,
        help="In words for the member, e.g. a coffee of your choice. Empty: the amount.",
    )
    stock = fields.Integer(string="Vouchers in All", tracking=True, help="0: no limit.")
    left = fields.Integer(compute="_compute_left", help="How many can still be had.")
    per_member = fields.Integer(string="Most per Member", tracking=True, help="0: no limit.")
    per_member_period = fields.Selection(
        [("day", "Day"), ("week", "Week"), ("month", "Month"), ("year", "Year"), ("lifetime", "In all")],
        string="Counted Per",
        default="lifetime",
        required=True,
        help="In the club's calendar and time zone.",
    )
    valid_days = fields.Integer(
        string="Valid for (Days)",
        default=30,
        tracking=True,
        help="Days on which a voucher can be redeemed, the day it is taken included.",
    )
    expiry = fields.Selection(
        [("give_back", "The points come back"), ("lost", "The points are lost")],
        string="When a Voucher Ends Unused",
        default="give_back",
        required=True,
        tracking=True,
        help="The member is told before choosing. What was agreed stays for vouchers taken before.",
    )
    can_cancel = fields.Boolean(
        string="Can Be Returned", default=True, help="Members may return an unused voucher and get their points back."
    )

    # per amount
    per_point = fields.Float(
        string="One Point Is Worth", digits=(16, 6), tracking=True, help="In the club's currency, e.g. 0.05."
    )
    least_points = fields.Float(string="Least Points per Use", digits=(16, 2), help="0: no limit.")
    most_points = fields.Float(string="Most Points per Use", digits=(16, 2), help="0: no limit.")
    most_points_day = fields.Float(
        string="Most Points per Member and Day", digits=(16, 2), help="0: no limit. The club's time zone counts."
    )

    # both
    undo_minutes = fields.Integer(
        string="The Merchant Can Undo Within (Minutes)",
        default=60,
        help="After a mistake at the counter. Later a club manager can.",
    )
    reversal = fields.Selection(
        [("give_back", "The points come back"), ("keep", "The points stay spent")],
        string="When a Redemption Is Undone",
        default="give_back",
        required=True,
        tracking=True,
    )
    touched_at = fields.Datetime(readonly=True, copy=False, help="Two members taking the last one follow one another.")
    voucher_ids = fields.One2many("club.voucher", "offer_id")
    voucher_count = fields.Integer(compute="_compute_left")

    _terms_valid = models.Constraint(
        "CHECK(points >= 0 AND value >= 0 AND stock >= 0 AND per_member >= 0 AND per_point >= 0 AND least_points >= 0"
        " AND most_points >= 0 AND most_points_day >= 0 AND undo_minutes >= 0)",
        "Points, values and limits of an offer cannot be negative.",
    )
    _voucher_valid = models.Constraint(
        "CHECK(kind != 'voucher' OR (points > 0 AND valid_days > 0))",
        "A voucher costs points and is valid for at least one day. Fill in both.",
    )
    _per_amount_valid = models.Constraint(
        "CHECK(kind != 'per_amount' OR per_point > 0)", "Say what one point is worth at the counter."
    )

    # -- computes ------------------------------------------------------------

    def _compute_left(self):
        rows = self.env["club.voucher"]._read_group([("offer_id", "in", self.ids)], ["offer_id"], ["__count"])
        counts, taken = dict(rows), self._read_taken()
        for offer in self:
            offer.voucher_count = counts.get(offer, 0)
            offer.left = max(offer.stock - taken.get(offer, 0), 0)

    def _read_taken(self):
        """How many vouchers of each limited offer are taken for good: what gave its points back is free again."""
        limited = self.filtered("stock")
        return dict(
            self.env["club.voucher"]
            .sudo()
            ._read_group([("offer_id", "in", limited.ids), ("points", ">", 0)], ["offer_id"], ["__count"])
        )

    # -- constrains ----------------------------------------------------------

    @api.constrains("points", "least_points", "most_points", "most_points_day", "merchant_id", "kind", "per_point")
    def _check_points(self):
        for offer in self:
            digits = offer.club_id.points_digits
            for name in ("points", "least_points", "most_points", "most_points_day"):
                points = engine_lots.to_decimal(round(offer[name], 2))
                if points != engine_lots.quantize(points, digits):
                    raise ValidationError(
                        self.env._(
                            "%(offer)s: %(points)s points cannot be counted in %(club)s, which has %(digits)s "
                            "decimals. Write fewer decimals.",
                            offer=offer.name,
                            points=points,
                            club=offer.club_id.name,
                            digits=digits,
                        )
                    )
            if offer.most_points and offer.least_points > offer.most_points:
                raise ValidationError(
                    self.env._(
                        "%(offer)s asks for more points at least than it takes at most. Lower the first.",
                        offer=offer.name,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    def write(self, vals):
        if TERMS & vals.keys():
            used = self.sudo().filtered("voucher_ids")
            if used:
                raise UserError(
                    self.env._(
                        "Members have vouchers of %(offer)s, so its merchant and its kind stay. "
                        "Close it and make another offer.",
                        offer=used[0].name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.sudo().filtered("voucher_ids")
        if used:
            raise UserError(
                self.env._("Members have vouchers of %(offer)s. Archive it instead of deleting it.", offer=used[0].name)
            )

    # -- actions -------------------------------------------------------------

    def action_open(self):
        """Offer it to members."""
        self.check_access("write")
        for offer in self:
            if not offer.merchant_id._is_open():
                raise UserError(
                    self.env._(
                        "%(merchant)s is suspended or archived, so %(offer)s cannot be offered. Resume it first.",
                        merchant=offer.merchant_id.name,
                        offer=offer.name,
                    )
                )
        self.write({"state": "open"})

    def action_close(self):
        """Offer it no longer; vouchers that members have stay good."""
        self.check_access("write")
        self.write({"state": "closed"})

    def action_view_vouchers(self):
        """Open the vouchers of this offer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_voucher_action")
        return {**action, "domain": [("offer_id", "=", self.id)], "context": {}}

    # -- business ------------------------------------------------------------

    def _lock(self):
        """Let those who take the last one follow one another.

        SQL, because the row must change: a second transaction then starts over with a new snapshot.
        """
        limited = self.filtered("stock")
        if limited:
            self.env.execute_query(
                SQL(
                    "UPDATE club_merchant_offer SET touched_at = %s WHERE id IN (SELECT id FROM"
                    " club_merchant_offer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) RETURNING 1",
                    fields.Datetime.now(),
                    limited.ids,
                )
            )

    def _get_price(self):
        """What one voucher costs.

        :rtype: Decimal
        """
        return engine_lots.to_decimal(round(self.points, 2))

    def _get_per_point(self):
        return engine_lots.to_decimal(round(self.per_point, 6))

    def _get_points_for(self, amount):
        """What an amount of money (Decimal, club's currency) costs at the counter, rounded up.

        :rtype: Decimal
        """
        self.ensure_one()
        return vouchers.points_for(amount, self._get_per_point(), self.club_id.points_digits)

    def _get_obstacle(self, member):
        """Why ``member`` cannot have this now, as a sentence; empty if nothing is in the way. Points are not looked at.

        An override adds reasons of its own.
        """
        self.ensure_one()
        _ = self.env._
        offer = self.sudo()
        if not offer.active or offer.state != "open" or not offer.merchant_id._is_open():
            return _("%(offer)s is not offered any more. Nothing was taken: choose something else.", offer=offer.name)
        if offer.stock and offer.stock <= offer._read_taken().get(offer, 0):
            return _("%(offer)s is gone: the last one was taken. Nothing was taken from you.", offer=offer.name)
        if offer.merchant_id._is_own(member.sudo().partner_id):
            return _(
                "You belong to %(merchant)s, and nobody redeems at their own counter. Nothing was taken.",
                merchant=offer.merchant_id.name,
            )
        if offer.per_member and offer._count_of(member) >= offer.per_member:
            return offer._say_per_member()
        return ""

    def _count_of(self, member):
        """How many of these ``member`` has taken in the period that counts, without those given back."""
        club = self.club_id
        first, last = periods.period_bounds(
            self.per_member_period, club._get_today(), club.calendar, int(club.week_start)
        )
        domain = [("offer_id", "=", self.id), ("member_id", "in", member._get_own_ids()), ("points", ">", 0)]
        if self.per_member_period != "lifetime":
            start, end = periods.range_bounds(first, last, club.tz)
            domain += [("issued_at", ">=", start), ("issued_at", "<", end)]
        return self.env["club.voucher"].sudo().search_count(domain)

    def _say_per_member(self):
        most = formatLang(self.env, self.per_member, digits=0)
        if self.per_member_period == "lifetime":
            return self.env._("You have taken %(offer)s as often as one may: %(most)s.", offer=self.name, most=most)
        return self.env._(
            "You have taken %(offer)s as often as one may (%(most)s) for now. Come back in the next period.",
            offer=self.name,
            most=most,
        )

    def _get_worth(self):
        """What the member gets, in words."""
        self.ensure_one()
        club = self.club_id
        if self.kind == "per_amount":
            return self.env._("%(point)s pays %(amount)s", point=club._show_points(1), amount=self._show_per_point())
        return self.shown_value or (club._show_money(self.value) if self.value else "")

    def _show_per_point(self):
        """What one point is worth, with as many decimals as that takes and no fewer than the currency has."""
        currency = self.currency_id
        decimals = max(-self._get_per_point().normalize().as_tuple().exponent, currency.decimal_places)
        number = formatLang(self.env, self.per_point, digits=decimals)
        symbol = currency.symbol or currency.name
        return (
            f"{symbol}\N{NO-BREAK SPACE}{number}"
            if currency.position == "before"
            else f"{number}\N{NO-BREAK SPACE}{symbol}"
        )

    def _get_place(self):
        """Where it is redeemed, in words."""
        self.ensure_one()
        partner = self.sudo().merchant_id.partner_id
        address = ", ".join(filter(None, (partner.street, partner.city)))
        return self.where or address

    def _get_unit_cost(self, value):
        """What one use costs the shop: what was typed in, else what the merchant is owed."""
        return self.cost if self.kind == "voucher" and self.cost else value

    def _prepare_voucher(self, member, value):
        """What a new voucher remembers of the offer: later changes of the offer do not touch it."""
        offer = self.sudo()
        return {
            "member_id": member.id,
            "offer_id": offer.id,
            "kind": offer.kind,
            "value": float(value),
            "nature": offer.nature,
            "expiry": offer.expiry,
            "reversal": offer.reversal,
            "can_cancel": offer.can_cancel,
            "undo_minutes": offer.undo_minutes,
        }

    def _get_used_today(self, member):
        """Points that ``member`` has used of this offer today, in the club's time zone.

        :rtype: Decimal
        """
        club = self.club_id
        start, end = periods.day_bounds(club._get_today(), club.tz)
        ((used,),) = (
            self.env["club.voucher"]
            .sudo()
            ._read_group(
                [
                    ("offer_id", "=", self.id),
                    ("member_id", "in", member._get_own_ids()),
                    ("issued_at", ">=", start),
                    ("issued_at", "<", end),
                ],
                [],
                ["points:sum"],
            )
        )
        return engine_lots.to_decimal(round(used or 0.0, 2)) or Decimal(0)
