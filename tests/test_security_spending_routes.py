"""Every page of the ways to spend, by whoever types an address: nobody else's, and no input that breaks it."""

import importlib
import inspect
import re
from datetime import timedelta

from odoo import Command, fields
from odoo.addons.customer_club.tests.draw_common import draw_values
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

ROOMS = ("prize", "draw", "raffle", "merchant", "merchant_account", "voucher", "wallet", "gift", "pool", "donation")
PARAMETER = re.compile(r"<[^<>]*?(\w+)>")
#: What browsers and attackers send where a number, a code or a key is expected.
ODD = ("\x00", "9" * 400)


@tagged("post_install", "-at_install")
class TestRoutesOfSpending(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.company_id.club_raffles = True
        cls.club.write(
            {
                "gift_active": True,
                "pool_active": True,
                "honour_active": True,
                "honour_donors": True,
                "partner_apply": True,
                "has_wallet": True,
            }
        )
        now = fields.Datetime.now()
        cls.post(1000, "start")
        cls.prize = cls.env["club.prize"].create({"name": "Mug", "club_id": cls.club.id, "points": 1})
        cls.draw = cls.env["club.draw"].create(draw_values(cls.club.id))
        cls.draw.action_open()
        cls.raffle = cls.env["club.raffle"].create(
            {
                "club_id": cls.club.id,
                "name": "Raffle",
                "opens_at": now - timedelta(hours=1),
                "closes_at": now + timedelta(days=5),
                "draws_at": now + timedelta(days=5, hours=1),
                "ticket_price": 1,
                "prize_ids": [Command.create({"name": "Bicycle"})],
            }
        )
        cls.raffle.action_open()
        cls.merchant = cls.env["club.merchant"].create(
            {
                "partner_id": cls.env["res.partner"].create({"name": "Bakery", "is_company": True}).id,
                "club_id": cls.club.id,
                "code": "bakery",
                "user_ids": [Command.link(cls.anna.id)],
                "account_partner_ids": [Command.link(cls.partner.id)],
            }
        )
        cls.other_merchant = cls.env["club.merchant"].create(
            {"partner_id": cls.env["res.partner"].create({"name": "Cafe"}).id, "club_id": cls.club.id, "code": "cafe"}
        )
        cls.offer = cls.env["club.merchant.offer"].create(
            {"name": "Breakfast", "merchant_id": cls.other_merchant.id, "state": "open", "points": 1, "value": 1.0}
        )
        cls.cause = cls.env["club.cause"].create(
            {"name": "Trees", "club_id": cls.club.id, "point_value": 0.01, "beneficiary_id": cls.partner_2.id}
        )
        cls.pool = cls.env["club.pool"]._found(cls.member, "Family")
        cls.voucher = cls.env["club.voucher"]._buy(cls.member, cls.offer, "v")
        cls.redemption = cls.prize._redeem(cls.member, "r")
        cls.env["club.code.guard"].search([]).unlink()
        cls.values = {
            "member_id": cls.member.id,
            "prize_id": cls.prize.id,
            "picture_id": 0,
            "redemption_id": cls.redemption.id,
            "draw_id": cls.draw.id,
            "raffle_id": cls.raffle.id,
            "merchant_id": cls.merchant.id,
            "offer_id": cls.offer.id,
            "voucher_id": cls.voucher.id,
            "cause_id": cls.cause.id,
            "pool_id": cls.pool.id,
            "club_id": cls.club.id,
            "public_id": cls.raffle.public_id,
            "number": cls.member_2.number,
            "size": "image_128",
            "kind": "tier",
            "how": "leave",
            "answer": "accept",
            "name": "rules.json",
            "ending": "xlsx",
            "link": "abc",
        }

    def _routes(self):
        """(path, its parameters, methods, fields of the form) of the controllers of these rooms."""
        for room in ROOMS:
            module = importlib.import_module(f"odoo.addons.customer_club.controllers.{room}")
            for _name, controller in inspect.getmembers(module, inspect.isclass):
                if controller.__module__ != module.__name__:
                    continue
                for function in vars(controller).values():
                    routing = getattr(function, "original_routing", None)
                    for path in (routing or {}).get("routes") or ():
                        names = PARAMETER.findall(path)
                        fields_ = inspect.signature(inspect.unwrap(function)).parameters.values()
                        typed = [
                            field.name
                            for field in fields_
                            if field.kind == field.POSITIONAL_OR_KEYWORD and field.name not in (*names, "self")
                        ]
                        yield path, names, routing.get("methods") or ["GET"], typed

    def _build(self, path, **values):
        return PARAMETER.sub(lambda found: str(values.get(found[1], self.values.get(found[1], 1))), path)

    def _send(self, method, path, **data):
        if method == "GET":
            return self.url_open(path, params=data, allow_redirects=False)
        return self.url_open(path, data={"csrf_token": Request.csrf_token(self), **data}, allow_redirects=False)

    def test_nobody_but_the_owner_finds_anything(self):
        """abuse 14: the same 404 on every page, whatever is in the form."""
        self.authenticate("club_ben", "club_ben")
        asked = 0
        with mute_logger("odoo.http"):
            for path, _names, methods, typed in self._routes():
                if not path.startswith(("/my/club/<", "/merchant/<")):
                    continue
                for method in methods:
                    asked += 1
                    form = {name: "1" for name in typed} if method == "POST" else {}
                    with self.subTest(method=method, path=path):
                        self.assertEqual(self._send(method, self._build(path), **form).status_code, 404)
        self.assertGreater(asked, 60)

    def test_no_input_breaks_a_page(self):
        """What a database or a conversion would refuse is an answer in words, not an error of the server."""
        self.authenticate("club_anna", "club_anna")
        with mute_logger("odoo.http", "odoo.sql_db"):
            for path, _names, methods, typed in self._routes():
                for odd in ODD if "POST" in methods and typed else ():
                    answer = self._send("POST", self._build(path), **{name: odd for name in typed})
                    with self.subTest(path=path, odd=odd[:10]):
                        self.assertLess(answer.status_code, 500)
        self.assertInvariantsHold()
