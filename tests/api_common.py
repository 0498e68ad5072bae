"""An integration that may do everything, and calls as its technical user."""

from odoo.addons.customer_club.tests.common import ClubCase


class ApiCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.integration = cls.env["club.integration"].create(
            {
                "name": "Till",
                "club_ids": cls.club.ids,
                "allow_record": True,
                "allow_spend": True,
                "allow_reverse": True,
                "calls_per_minute": 10000,
                "finds_per_minute": 10000,
            }
        )
        cls.user = cls.integration._get_user()
        cls.packaging = cls.env["club.custom.fact"].create(
            {"club_id": cls.club.id, "name": "returned packaging", "code": "packaging"}
        )

    def api(self, user=None, **context):
        return self.env["club.api"].with_user(user or self.user).with_context(**context)

    def call(self, method, user=None, **values):
        return getattr(self.api(user), method)(**values)

    def spend(self, points="100", key="spend-1", **values):
        return self.call("spend", **{"member": self.member.number, "points": points, "key": key, **values})

    def fact(self, key="fact-1", **values):
        return {"member": self.member.number, "type": "custom", "code": "packaging", "key": key, **values}

    def record(self, key="fact-1", **values):
        return self.call("record_event", **self.fact(key, **values))

    def assertRefused(self, code, answer):
        self.assertEqual(answer.get("error", {}).get("code"), code, answer)
        self.assertTrue(answer["error"]["message"])
