"""A shop with banners, and three people who look at it."""

import re

from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.http import Request


class BannerCase(ClubPortalCase):
    """Anna is gold and Ben is silver; a third customer is no member."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The database may have a shop with banners of its own.
        cls.env["club.banner"].search([]).is_on = False
        cls.website = cls.env["website"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.silver, cls.gold = cls.env["club.tier"].create(
            [
                {"club_id": cls.club.id, "name": "Silver", "threshold": 0, "sequence": 1},
                {"club_id": cls.club.id, "name": "Gold", "threshold": 1000, "sequence": 2},
            ]
        )
        cls.member.tier_id = cls.gold
        cls.member_2.tier_id = cls.silver

    @classmethod
    def make_banner(cls, title, **values):
        return cls.env["club.banner"].create(
            {"title": title, "club_id": cls.club.id, "is_on": True, "at_shop": True, "url": "/shop", **values}
        )

    @classmethod
    def make_gold_banner(cls, **values):
        return cls.make_banner("Only for gold", audience_tier_ids=[cls.gold.id], **values)

    def ask(self, place="shop", status=200):
        """What this session's browser gets for a place."""
        response = self.url_open("/club/banner/show", data={"csrf_token": Request.csrf_token(self), "place": place})
        self.assertEqual(response.status_code, status)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        return response.json()["html"]

    def read_token(self, place="shop"):
        """The mark in the block that this session gets for a place; empty without a block."""
        found = re.search(r'data-club-token="(\w+)"', self.ask(place))
        return found[1] if found else ""

    def go(self, banner, place="shop", token=None, **kwargs):
        """Follow the link of the block that this session got."""
        token = self.read_token(place) if token is None else token
        return self.url_open(f"/club/banner/{banner.id}/go?place={place}&token={token}", **kwargs)

    def tell(self, banner, place="shop", token=None, **headers):
        """This session's browser says that it has shown a banner, with the mark that came with it."""
        token = self.read_token(place) if token is None else token
        response = self.url_open(
            "/club/banner/seen",
            data={
                "csrf_token": Request.csrf_token(self),
                "banner": str(getattr(banner, "id", banner)),
                "place": place,
                "token": token,
            },
            headers=headers or None,
        )
        self.assertEqual((response.status_code, response.text), (204, ""))

    def hits(self, banner, kind="view"):
        return self.env["club.banner.hit"].search([("banner_id", "=", banner.id), ("kind", "=", kind)])
