"""What the florist's members do with their points besides discounts: prizes, a wheel, a raffle, the café across the
street, wallet money, a gift, a family's pool, a donation.

Each happening goes through the way that people use, on its day; :mod:`florist` calls :meth:`Uses.live` day by day.
"""

import hashlib
import logging
from datetime import datetime, time
from typing import NamedTuple

from odoo import fields
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.fields import Command

_logger = logging.getLogger(__name__)


class Use(NamedTuple):
    """Something that a member did so many days ago; ``what`` is the name of a method of :class:`Uses`."""

    days_ago: int
    what: str
    who: str
    words: tuple = ()


USES = (
    Use(95, "choose_prize", "amara", ("pot",)),
    Use(70, "choose_prize", "customer", ("songs",)),
    Use(41, "choose_prize", "amara", ("care",)),
    Use(2, "choose_prize", "grace", ("pot",)),
    *(Use(days, "play", who) for days, who in ((68, "customer"), (66, "amara"), (49, "chiara"), (30, "customer"))),
    *(Use(days, "play", who) for days, who in ((24, "elif"), (11, "amara"), (6, "customer"))),
    Use(62, "buy_tickets", "customer", ("summer", 3)),
    Use(61, "buy_tickets", "amara", ("summer", 5)),
    Use(60, "enter_free", "ben", ("summer",)),
    Use(59, "enter_free", "farid", ("summer",)),
    Use(58, "buy_tickets", "chiara", ("summer", 2)),
    *(Use(48, "claim", who, ("summer",)) for who in ("customer", "amara", "ben", "chiara", "farid")),
    Use(9, "buy_tickets", "customer", ("winter", 2)),
    Use(4, "enter_free", "leyla", ("winter",)),
    Use(57, "have_breakfast", "amara"),
    Use(35, "have_breakfast", "customer"),
    Use(3, "take_voucher", "customer"),
    Use(31, "convert", "amara", (100,)),
    Use(12, "convert", "customer", (100,)),
    Use(46, "donate", "amara", (40,)),
    Use(26, "donate", "customer", (30,)),
    Use(39, "found_pool", "customer", ("The Lindqvists", ("elif",), 60)),
    Use(18, "send_gift", "amara", ("jonas", 25)),
)

#: Raffles: name, when it opens, closes and is drawn (days from today), what can be won.
RAFFLES = {
    "summer": ("A garden in a day", -64, -50, -49, (("A day with our gardener", 1), ("A bag of tulip bulbs", 3))),
    "winter": ("The long table", -10, 12, 13, (("Flowers for a table of twelve", 1), ("An amaryllis", 5))),
}
#: What the raffles' two parties think of; its hash is given before the list is frozen.
SECRETS = {"the shop": b"roses at the door, 1987", "the café": b"two sugars, no milk, please"}


class Uses:
    """Ways to spend, and half a year of them.

    :param florist: the florist whose club this is.
    """

    def __init__(self, florist):
        self.florist = florist
        self.env = florist.env
        self.club = florist.club
        self.number = 0

    def get_days(self):
        """The days on which something happens."""
        drawn = {-day for _name, *days, _prizes in RAFFLES.values() for day in days if day <= 0}
        return {use.days_ago for use in USES} | drawn

    # -- setting up ----------------------------------------------------------------

    def set_up(self):
        """What can be had for points; before the first day."""
        self.club.write(
            {
                "has_wallet": True,
                "wallet_topup": True,
                "gift_active": True,
                "pool_active": True,
                "honour_active": True,
            }
        )
        self._make_prizes()
        self._make_draw()
        self._make_offers()
        self.cause = self.env["club.cause"].create(
            {
                "club_id": self.club.id,
                "name": "Wildflowers for the schoolyard",
                "beneficiary_id": self.env["res.partner"].create({"name": "Garden Row School", "is_company": True}).id,
                "point_value": 0.05,
                "goal": 250,
                "is_public": True,
                "story": "A strip of wildflowers along the fence, sown with the children in spring.",
            }
        )
        self.raffles = {}

    def _make_prizes(self):
        common = {"club_id": self.club.id, "user_id": self.env.ref("customer_club.demo_user_manager").id}
        prizes = {
            "pot": {
                "name": "A terracotta pot",
                "description": "Hand-thrown, for a plant of up to 18 cm. Fetch it when you come by.",
                "points": 90,
                "cost": 6.5,
                "stock_kind": "own",
                "stock": 12,
                "service_days": 7,
            },
            "care": {
                "name": "Repotting, with fresh soil",
                "description": "Bring one plant; we repot it and look it over while you wait.",
                "points": 60,
                "cost": 4,
                "nature": "soft",
                "limit_count": 2,
                "limit_period": "year",
            },
            "songs": {
                "name": "Garden songs",
                "description": "An album to listen to among the roses. The code comes at once.",
                "points": 40,
                "cost": 1.5,
                "delivery": "code",
                "code_ids": [Command.create({"code": f"GARDEN-{number:04d}"}) for number in range(4101, 4109)],
            },
            "evening": {
                "name": "A seat in our evening on arranging flowers",
                "description": "On the first Thursday of the month, with tools and flowers.",
                "points": 450,
                "cost": 25,
                "nature": "soft",
                "audience_from_tier_id": self.env.ref("customer_club.demo_tier_bloom").id,
                "stock_kind": "own",
                "stock": 8,
                "needs_approval": True,
            },
            "vase": {
                "name": "Glass vase",
                "description": "Hand-blown, 30 cm high. Fetch it in our shop.",
                "points": 600,
                "delivery": "order_line",
                "product_id": self.env.ref("customer_club.demo_product_vase").id,
                "stock_kind": "own",
                "stock": 12,
                "cost": 9,
            },
            "orchid": {
                "name": "Potted orchid",
                "points": 300,
                "money": 12,
                "delivery": "order_line",
                "product_id": self.env.ref("customer_club.demo_product_orchid").id,
                "cost": 14,
            },
            "coupon": {
                "name": "Ten percent off your next flowers",
                "points": 150,
                "delivery": "coupon",
                "program_id": self._make_coupons().id,
                "coupon_days": 60,
                "cost": 4,
            },
        }
        self.prizes = {name: self.env["club.prize"].create({**common, **vals}) for name, vals in prizes.items()}
        for name, prize in self.prizes.items():
            self.florist._name(prize, f"prize_{name}")

    def _make_coupons(self):
        return self.env["loyalty.program"].create(
            {
                "name": "Ten percent off, once",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": self.club.company_id.id,
                "reward_ids": [Command.create({"reward_type": "discount", "discount": 10, "discount_mode": "percent"})],
            }
        )

    def _make_draw(self):
        self.draw = self.env["club.draw"].create(
            {
                "club_id": self.club.id,
                "name": "The wheel of petals",
                "points": 10,
                "prize_ids": [
                    Command.create({"kind": "points", "points": 60, "weight": 1, "stock": 20}),
                    Command.create({"kind": "points", "points": 15, "weight": 4}),
                    Command.create({"kind": "word", "word": "A kind word, and better luck next time", "weight": 11}),
                ],
            }
        )
        self.draw.fallback_id = self.draw.prize_ids[-1]
        self.draw.action_open()
        self.florist._name(self.draw, "draw_wheel")

    def _make_offers(self):
        cafe = self.env.ref("customer_club.demo_merchant_amelie")
        self.baker = self.env["res.users"].create(
            {
                "name": "Amélie Blanc",
                "login": "merchant",
                "password": "merchant",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        cafe.user_ids = self.baker
        cafe.account_partner_ids = self.baker.partner_id
        self.offer = self.env["club.merchant.offer"].create(
            {
                "merchant_id": cafe.id,
                "name": "Breakfast for one",
                "description": "Coffee or tea, a croissant, jam of the season.",
                "state": "open",
                "points": 70,
                "value": 5.5,
                "cost": 5.5,
                "where": "Café Amélie, across the street",
            }
        )
        self.env["club.merchant.offer"].create(
            {
                "merchant_id": cafe.id,
                "name": "Pay with Petals at the café",
                "state": "open",
                "kind": "per_amount",
                "per_point": 0.05,
            }
        )
        self.florist._name(self.offer, "offer_breakfast")

    # -- the days --------------------------------------------------------------------

    def live(self, day):
        """What happened so many days ago."""
        for name, (_title, opens, closes, draws, _prizes) in RAFFLES.items():
            if opens == -day:
                self._open_raffle(name)
            if closes == -day:
                self.raffles[name].action_close()
            if draws == -day:
                parties = self.raffles[name].party_ids
                self.raffles[name]._draw_parties({party.id: SECRETS[party.name].hex() for party in parties})
        for use in USES:
            if use.days_ago == day:
                member = self.env.ref(f"customer_club.demo_member_{use.who}").sudo()
                self.number += 1
                try:
                    with self.env.cr.savepoint():
                        getattr(self, f"_{use.what}")(member, *use.words)
                except NotEnoughPoints as error:  # what a purchase earned depends on the company's taxes
                    _logger.info("The demo leaves out that %s could %s: %s", use.who, use.what, error)

    def _key(self):
        return f"demo-{self.number}"

    def _choose_prize(self, member, name):
        """By the counter; what is a service is fulfilled at once, except for the newest."""
        redemption = self.prizes[name]._redeem(member, self._key(), "counter")
        if self.prizes[name].delivery == "service" and self.number < len(USES) - 6 and redemption.state == "ready":
            redemption.action_hand_over()

    def _play(self, member):
        if not self.draw._get_refusal(member):
            self.draw._play(member, self._key())._deliver()

    def _open_raffle(self, name):
        title, opens, closes, draws, prizes = RAFFLES[name]
        # Days are lived at two in the afternoon: what closes or is drawn on one must be due by then.
        today = min(self.florist.now, datetime.combine(self.florist.now.date(), time(13)))
        self.raffles[name] = self.env["club.raffle"].create(
            {
                "club_id": self.club.id,
                "name": title,
                "description": "Every ticket has the same chance, bought or free.",
                "legal_note": "Organised by the shop. Entry is free of charge; points buy further tickets.",
                "opens_at": fields.Datetime.now(),
                "closes_at": fields.Datetime.add(today, days=closes),
                "draws_at": fields.Datetime.add(today, days=draws),
                "ticket_price": 15,
                "free_each": 1,
                "alternates": 2,
                "randomness_kind": "parties",
                "party_ids": [
                    Command.create({"name": party, "commitment": hashlib.sha256(secret).hexdigest()})
                    for party, secret in SECRETS.items()
                ],
                "prize_ids": [Command.create({"name": prize, "quantity": count}) for prize, count in prizes],
            }
        )
        self.raffles[name].action_open()
        self.florist._name(self.raffles[name], f"raffle_{name}")

    def _buy_tickets(self, member, name, count):
        self.raffles[name]._buy(member, count, self._key())

    def _enter_free(self, member, name):
        self.raffles[name]._enter_free(member, self._key())

    def _claim(self, member, name):
        """Confirm what was won, in time."""
        for winner in self.raffles[name].winner_ids:
            if winner.state == "called" and winner.member_id == member:
                self.raffles[name]._claim(member, winner.place)

    def _take_voucher(self, member):
        return self.env["club.voucher"]._buy(member, self.offer, self._key())

    def _have_breakfast(self, member):
        self._take_voucher(member)._redeem(self.baker, f"redeem:{self._key()}", f"B-{self.number}")

    def _convert(self, member, points):
        self.env["club.wallet.conversion"]._convert(member, points, self._key())

    def _donate(self, member, points):
        self.cause._give(member, points, show_nickname=True, form_key=self._key())

    def _found_pool(self, member, name, others, points):
        pool = self.env["club.pool"]._found(member, name)
        for other in others:
            pool._invite(member, self.env.ref(f"customer_club.demo_member_{other}").sudo())._accept()
        self.env["club.pool.contribution"]._contribute(pool._get_row(member), points)

    def _send_gift(self, member, other, points):
        recipient = self.env.ref(f"customer_club.demo_member_{other}").sudo()
        if member._get_giveable_points() >= points:
            member._give(recipient, points, "Thank you for watering my orchids", form_key=self._key())

    # -- today -----------------------------------------------------------------------

    def finish(self):
        """A seat that Rosa has won waits for her."""
        winner = self.env.ref("customer_club.demo_member_customer").sudo()
        self.prizes["evening"]._award(winner, self.club, "demo")
