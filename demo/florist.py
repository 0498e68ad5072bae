"""Half a year of a florist's club: who joined, bought, spent, returned, and let points expire.

Everything goes through the ways that people use (orders, invoices, payments, rewards), in the order of time, so that
the ledger has the same story as after half a year of work.
"""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.fields import Command

from .clock import Clock
from .marketing import Marketing
from .regulars import Regulars
from .uses import Uses
from .ways import CONTESTS, HAPPENINGS, Ways

PREFIX = "customer_club.demo_"


class Visit(NamedTuple):
    """One purchase: how long ago, who, which products, and what happened to it."""

    days_ago: int
    who: str
    basket: tuple[tuple[str, int], ...]
    reward: str = ""  #: reward to claim: ``money``, ``points:<n>`` or ``vase``
    paid: bool = True
    returned_after: int = 0
    invoiced: bool = True


#: Who joined when (days ago), from where.
JOINED = {
    "customer": (206, "portal"),
    "amara": (204, "manual"),
    "ben": (200, "signup"),
    "chiara": (190, "checkout"),
    "dmitri": (180, "manual"),
    "elif": (170, "portal"),
    "farid": (150, "manual"),
    "grace": (140, "checkout"),
    "hugo": (110, "signup"),
    "ines": (90, "portal"),
    "jonas": (60, "manual"),
    "keiko": (45, "checkout"),
    "leyla": (26, "portal"),
    "marcus": (12, "signup"),
    "noor": (3, "portal"),
}

VISITS = (
    Visit(205, "customer", (("roses", 2), ("vase", 1))),
    Visit(203, "amara", (("peonies", 3),)),
    Visit(199, "ben", (("tulips", 1),)),
    Visit(189, "chiara", (("wedding", 1),)),
    Visit(178, "customer", (("wedding", 1), ("tulips", 2))),
    Visit(172, "dmitri", (("orchid", 2),)),
    Visit(169, "elif", (("roses", 1), ("succulents", 2))),
    Visit(160, "amara", (("wedding", 1),)),
    Visit(149, "farid", (("succulents", 1),)),
    Visit(139, "grace", (("wedding", 1), ("peonies", 1))),
    Visit(128, "customer", (("roses", 1), ("orchid", 1)), reward="money"),
    Visit(121, "chiara", (("tulips", 4),)),
    Visit(109, "hugo", (("roses", 1),)),
    Visit(101, "amara", (("orchid", 3),), reward="points:200"),
    Visit(89, "ines", (("wedding", 1), ("vase", 2))),
    Visit(80, "customer", (("peonies", 2), ("succulents", 1))),
    Visit(72, "elif", (("tulips", 2),)),
    Visit(66, "outsider", (("roses", 1),)),
    Visit(59, "jonas", (("peonies", 1), ("vase", 1))),
    Visit(52, "customer", (("wedding", 2),)),
    Visit(47, "outsider_2", (("tulips", 1),)),
    Visit(44, "keiko", (("orchid", 1),)),
    Visit(40, "grace", (("peonies", 2),), reward="money"),
    Visit(33, "ines", (("roses", 3),), reward="vase"),
    Visit(29, "amara", (("wedding", 3), ("roses", 2))),
    Visit(25, "leyla", (("roses", 2),)),
    Visit(22, "customer", (("roses", 1), ("vase", 1)), reward="points:350"),
    Visit(19, "hugo", (("succulents", 2),)),
    Visit(17, "outsider_3", (("orchid", 1),)),
    Visit(15, "keiko", (("tulips", 3),)),
    Visit(13, "jonas", (("wedding", 1),), paid=False),
    Visit(11, "marcus", (("peonies", 1),)),
    Visit(9, "chiara", (("peonies", 2),), reward="points:400"),
    Visit(6, "elif", (("roses", 2), ("vase", 1))),
    Visit(4, "customer", (("peonies", 1), ("tulips", 1))),
    Visit(2, "leyla", (("succulents", 1),), paid=False),
    Visit(1, "noor", (("roses", 1),), invoiced=False),
)

#: Credit notes: days ago and the visit that is taken back whole.
RETURNS = ((8, 139, "grace"),)


def build(env):
    """Make the club and its half year; does nothing if the club is there already."""
    if env.ref(PREFIX + "club", raise_if_not_found=False):
        return
    Florist(
        env(context={**env.context, "tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True})
    ).run()


class Florist:
    """The florist's half year, lived through day by day."""

    def __init__(self, env):
        self.env = env
        self.clock = Clock()
        self.company = env.ref("base.main_company")
        self.now = fields.Datetime.now()
        self.journal = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        self.sales = env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        self.orders = {}

    def run(self):
        """Set up the club, then live through the days."""
        self.club = self._make_club()
        self.ways = Ways(self)
        self.ways.set_up()
        self.uses = Uses(self)
        self.uses.set_up()
        self.regulars = Regulars(self)
        self.regulars.set_up()
        self.marketing = Marketing(self)
        self.marketing.set_up()
        days = {days for days, _source in JOINED.values()}
        days |= {visit.days_ago for visit in VISITS} | {days for days, *_rest in RETURNS} | set(range(0, 210, 7))
        days |= {happening.days_ago for happening in HAPPENINGS} | {-first for _name, first, *_rest in CONTESTS}
        days |= self.uses.get_days() | self.marketing.get_days()
        with self.clock.running():
            for day in sorted(days, reverse=True):
                self._live(day)
            self.clock.moment = None
            self._finish()

    # -- the club --------------------------------------------------------------

    def _make_club(self):
        wizard = self.env["club.setup.wizard"].create(
            {"template": "florist", "typical": 50, "company_id": self.company.id}
        )
        wizard.action_next()
        wizard.write({"name": "Rose Club", "point_name": "Petals", "expiry_months": 6, "terms": TERMS})
        club = wizard._create_club()
        club.write(
            {
                "point_name_one": "Petal",
                "member_number_prefix": "R",
                "budget_period": "month",
                "leave_policy": "keep",
                "tz": self.env.ref("base.user_admin").tz or "UTC",
            }
        )
        self._name(club, "club")
        self._make_tiers(club)
        self._make_rewards(club)
        self._make_rules(club)
        return club

    def _make_tiers(self, club):
        bud, bloom, bouquet = club.tier_ids.sorted("threshold")
        bud.benefits = "A birthday card with a voucher for a single rose"
        bloom.benefits = "Flowers wrapped as a gift, free of charge\nFirst look at the seasonal collection"
        bouquet.benefits = "Everything of Bloom\nA seat in our evening course on arranging flowers, once a year"
        for tier, name in ((bud, "tier_bud"), (bloom, "tier_bloom"), (bouquet, "tier_bouquet")):
            self._name(tier, name)

    def _make_rewards(self, club):
        vase = self.env.ref(PREFIX + "product_vase")
        reward = self.env["loyalty.reward"].create(
            {
                "program_id": club.program_id.id,
                "reward_type": "product",
                "reward_product_id": vase.id,
                "reward_product_qty": 1,
                "required_points": 250,
                "description": "A glass vase as a present",
            }
        )
        self._name(reward, "reward_vase")
        self.rewards = {"vase": reward}
        for reward in club.reward_ids.filtered(lambda reward: reward.reward_type == "discount"):
            self.rewards["points" if reward.discount_mode == "per_point" else "money"] = reward

    def _make_rules(self, club):
        plants = self.env.ref(PREFIX + "category_plants")
        rule = self.env["club.earn.rule"].create(
            {
                "name": "Green weeks: plants count double",
                "club_id": club.id,
                "event_type": "purchase",
                "categ_ids": [Command.set(plants.ids)],
                "formula": "per_amount",
                "points": 1,
                "per_amount": 1,
                "date_from": fields.Date.subtract(fields.Date.today(), days=40),
                "date_to": fields.Date.add(fields.Date.today(), days=9),
            }
        )
        self._name(rule, "rule_green_weeks")

    def _name(self, record, name):
        self.env["ir.model.data"].create(
            {
                "module": "customer_club",
                "name": f"demo_{name}",
                "model": record._name,
                "res_id": record.id,
                "noupdate": True,
            }
        )

    # -- the days ----------------------------------------------------------------

    def _live(self, day):
        """What happened on one day: points open and expire first, as at night; then people come."""
        date = (self.now - timedelta(days=day)).date()
        self._set(date, 3)
        self._open_and_expire(date)
        self._set(date, 9)
        self._join([who for who, (days, _source) in JOINED.items() if days == day])
        for visit in VISITS:
            if visit.days_ago == day:
                self._set(date, 11 if day else 1)
                self._buy(visit)
        self._set(date, 14)
        self.ways.live(day)
        self.uses.live(day)
        for days, visit_day, who in RETURNS:
            if days == day:
                self._take_back(self.orders[visit_day, who])
        self._set(date, 17)
        self.regulars.live(day)
        self.marketing.live(day)

    def _set(self, date, hour):
        self.env.cr.flush()
        self.clock.moment = min(datetime.combine(date, time(hour)), self.now)

    def _open_and_expire(self, date):
        """What the nightly jobs do; they would commit, and half a demo is no demo."""
        waiting = self.env["club.point.lot"].search(
            [("club_id", "=", self.club.id), ("state", "=", "pending"), ("available_on", "<=", date)]
        )
        self.env["club.point.entry"]._open_lots(waiting.ids)
        self.env["club.referral.purchase"].sudo().search(
            [("club_id", "=", self.club.id), ("check_on", "<=", date)]
        )._check()
        due = self.env["club.earn.release"].search(
            [("done", "=", False), ("due_on", "<=", date), ("club_id", "=", self.club.id)]
        )
        due._open()
        lots = self.env["club.point.lot"].search(
            [("club_id", "=", self.club.id), ("state", "=", "open"), ("expires_on", "<=", date)]
        )
        self.env["club.point.entry"]._post(
            [
                {
                    "member_id": lot.member_id.id,
                    "kind": "expire",
                    "points": -lot.remaining,
                    "key": f"lot,{lot.id}:expire,0",
                    "lots": lot.ids,
                    "only": True,
                }
                for lot in lots
            ]
        )

    def _join(self, people):
        for who in people:
            source = JOINED[who][1]
            member = self.club._join(
                self._partner(who),
                consent_terms=True,
                consent_marketing=who in ("customer", "amara", "elif", "ines"),
                source=source,
                **self.ways.find_referral(who),
            )
            if who == "customer":
                member.nickname = "Rosie"
            self._name(member, f"member_{who}")
        self.env["club.event"].search([("club_id", "=", self.club.id), ("processed_at", "=", False)])._process()

    def _partner(self, who):
        return self.env.ref(f"{PREFIX}partner_{who}")

    def _buy(self, visit):
        order = self.env["sale.order"].create(
            {
                "partner_id": self._partner(visit.who).id,
                "company_id": self.company.id,
                "date_order": fields.Datetime.now(),
                "order_line": [
                    Command.create(
                        {"product_id": self.env.ref(f"{PREFIX}product_{name}").id, "product_uom_qty": quantity}
                    )
                    for name, quantity in visit.basket
                ],
            }
        )
        if visit.reward:
            self._claim(order, visit.reward)
        order.action_confirm()
        self.orders[visit.days_ago, visit.who] = order
        if visit.invoiced and self.sales:
            invoice = order._create_invoices()
            invoice.invoice_date = fields.Date.today()
            invoice.action_post()
            if visit.paid and self.journal:
                self._pay(invoice)

    def _claim(self, order, reward):
        """Use points, if there are enough of them: the amounts depend on the company's taxes."""
        card = (
            self.env["club.member"]
            .search([("partner_id", "=", order.partner_id.id), ("club_id", "=", self.club.id)])
            .card_id
        )
        name, _colon, points = reward.partition(":")
        reward = self.rewards[name]
        order._update_programs_and_rewards()
        if name == "points":
            order._club_apply_points(card, reward, min(int(points), int(card.points)))
        elif card.points >= reward.required_points:
            order._apply_program_reward(reward, card)
            order._update_programs_and_rewards()

    def _pay(self, invoice):
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"journal_id": self.journal.id, "payment_date": fields.Date.today()}
        )._create_payments()

    def _take_back(self, order):
        invoice = order.invoice_ids
        if not invoice:
            return
        credit_note = invoice._reverse_moves([{"invoice_date": fields.Date.today()}])
        credit_note.action_post()
        if self.journal:
            self._pay(credit_note)

    # -- today -------------------------------------------------------------------

    def _finish(self):
        """What waits for somebody today, and the night's checks."""
        self.env.cr.flush()
        self._quiet_odoobot()
        self._ask_for_adjustment()
        self.ways.finish()
        self.uses.finish()
        self.club._fit_lifetimes()
        self.club._refresh_behaviour()
        self.marketing.finish()
        self.env["club.ledger.check"]._run_checks()

    def _quiet_odoobot(self):
        """Its greeting would cover the first page on a phone."""
        for name in ("manager", "accountant", "approver", "auditor"):
            user = self.env.ref(f"{PREFIX}user_{name}")
            if "odoobot_state" in user._fields:
                user.odoobot_state = "disabled"

    def _ask_for_adjustment(self):
        """A member's complaint that waits for a second person."""
        adjustment = (
            self.env["club.point.adjustment"]
            .with_user(self.env.ref(PREFIX + "user_manager"))
            .create(
                {
                    "member_id": self.env.ref(PREFIX + "member_amara").id,
                    "points": 150,
                    "reason": "The wedding flowers came an hour late",
                }
            )
        )
        adjustment.action_submit()


TERMS = """
<p>Welcome to the Rose Club of our flower shop.</p>
<ul>
    <li>You earn Petals on what you really pay. You can spend them a week after the purchase is paid.</li>
    <li>Petals expire six months after you earned them. Nothing else takes them, except that you return flowers.</li>
    <li>You can leave the club at any time, and ask us to erase what we know about you.</li>
</ul>
"""
