"""Who may do what with what is known of the members: every role, every model, and another company's manager."""

from odoo import Command
from odoo.addons.customer_club.tests.known_common import KnownCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

ROOMS = (
    "club.behaviour",
    "club.stage.change",
    "club.lifetime.fit",
    "club.segment",
    "club.campaign",
    "club.banner",
    "club.simulation",
    "club.budget",
    "club.report",
    "club.push",
)
ROLES = {
    "user": "customer_club.group_club_user",
    "manager": "customer_club.group_club_manager",
    "accountant": "customer_club.group_club_accountant",
    "auditor": "customer_club.group_club_auditor",
    "approver": "customer_club.group_club_approver",
    "seller": "sales_team.group_sale_manager",
    "till": "point_of_sale.group_pos_manager",
    "designer": "website.group_website_designer",
    "employee": "base.group_user",
    "portal": "base.group_portal",
}
#: Model → what the roles of the club may do: create, read, write, delete. Nobody else may do anything.
#: user (and who approves adjustments), manager, accountant.
EXPECTED = {
    "club.behaviour": ("r", "r", "r"),
    "club.stage.change": ("r", "r", "r"),
    "club.lifetime.fit": ("r", "r", "r"),
    "club.segment": ("r", "crwd", "r"),
    "club.segment.condition": ("r", "crwd", "r"),
    "club.segment.membership": ("r", "r", "r"),
    "club.segment.fill": ("", "crwd", ""),
    "club.segment.offer": ("", "crwd", ""),
    "club.segment.offer.line": ("", "crwd", ""),
    "club.campaign": ("r", "crwd", "r"),
    "club.campaign.step": ("r", "crwd", "r"),
    "club.campaign.target": ("r", "r", "r"),
    "club.banner": ("r", "crwd", "r"),
    "club.banner.hit": ("r", "r", "r"),
    "club.banner.preview": ("crwd", "crwd", "crwd"),
    "club.simulation": ("", "crwd", ""),
    "club.simulation.setup": ("", "crwd", ""),
    "club.simulation.rule": ("", "crwd", ""),
    "club.simulation.tier": ("", "crwd", ""),
    "club.simulation.customer": ("", "r", ""),
    "club.budget": ("", "rw", "r"),
    "club.report": ("crwd", "crwd", "crwd"),
    "club.report.line": ("crwd", "crwd", "crwd"),
    "club.report.page": ("crwd", "crwd", "crwd"),
    "club.report.sending": ("r", "r", "r"),
    "club.push.device": ("", "rd", ""),
    "club.push.message": ("", "r", ""),
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "d": "unlink"}
#: What is in these rooms for the administrator of the server only.
SECRETS = {
    "club.push.device": ("endpoint", "p256dh", "auth", "vapid_key"),
    "club.push.message": ("title", "body", "path", "key"),
}


@tagged("post_install", "-at_install")
class TestEachRole(KnownCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(cls.env, f"role_{name}", groups=group)
            for name, group in ROLES.items()
            if cls.env.ref(group, raise_if_not_found=False)
        }
        cls.users["public"] = cls.env.ref("base.public_user")
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            "role_stranger",
            groups="customer_club.group_club_manager,customer_club.group_club_accountant",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_every_model_of_these_rooms_is_in_the_table(self):
        found = {
            name
            for name, model in self.env.items()
            if name.startswith(ROOMS) and not model._abstract and name != "club.report.block"
        }
        self.assertEqual(found, set(EXPECTED))

    def test_every_role_may_do_what_the_table_says_and_nothing_more(self):
        places = {"user": 0, "approver": 0, "manager": 1, "accountant": 2}
        for role, user in self.users.items():
            for name, expected in EXPECTED.items():
                allowed = expected[places[role]] if role in places else ""
                model = self.env[name].with_user(user)
                has = "".join(letter for letter, operation in OPERATIONS.items() if model.has_access(operation))
                with self.subTest(role=role, model=name):
                    self.assertEqual(has, allowed)

    def make_everything(self):
        """Records of every model of the table, by model."""
        self.run_campaign()
        self.env["club.banner.preview"].create({"banner_id": self.banner.id, "member_id": self.member.id})
        self.env["club.segment.fill"].create({"segment_id": self.segment.id, "numbers": "1"})
        self.env["club.segment.offer"].create({"club_id": self.club.id})
        self.page()
        self.send_report()
        device = self.env["club.push.device"].create(
            {
                "member_id": self.member.id,
                "user_id": self.manager.id,
                "endpoint": "https://fcm.googleapis.com/x",
                **dict.fromkeys(("p256dh", "auth", "vapid_key"), "x"),
            }
        )
        self.env["club.push.message"].create(
            {"member_id": self.member.id, "device_id": device.id, "topic": "tier", "key": "k", "until": self.today}
        )
        self.banner._count("view", "portal", {self.club: self.member}, True, "visitor", "network")
        self.club._fit_lifetimes()
        self.env.flush_all()
        found = {}
        for name in EXPECTED:
            model = self.env[name].with_context(active_test=False)
            if "club_id" in model._fields and model._fields["club_id"].store:
                found[name] = model.search([("club_id", "=", self.club.id)])
            else:
                found[name] = model.search([])
        return found

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_another_companys_manager_sees_and_changes_none_of_it(self):
        """abuse 14."""
        for name, records in self.make_everything().items():
            with self.subTest(model=name):
                ours = records
                if name == "club.report":
                    ours = self.report
                elif name == "club.report.line":
                    ours = self.report.line_ids
                self.assertTrue(ours, "else nothing is tested")
                theirs = ours.with_user(self.stranger)
                self.assertFalse(theirs.search([("id", "in", ours.ids)]))
                for operation in OPERATIONS.values():
                    self.assertFalse(theirs[0].has_access(operation), operation)
                with self.assertRaises(AccessError):
                    theirs[0].read(["display_name"])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_secrets_are_for_nobodys_eyes(self):
        found = self.make_everything()
        for name, fields in SECRETS.items():
            for field in fields:
                with self.subTest(model=name, field=field):
                    records = found[name].with_user(self.users["manager"])
                    self.assertTrue(records)
                    with self.assertRaises(AccessError):
                        records.read([field])
                    with self.assertRaises(AccessError):
                        records.search([(field, "like", "x")])
                    with self.assertRaises(AccessError):
                        records._read_group([], [field])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_colleague_reads_no_report_that_is_not_shared(self):
        self.report.write({"shared": False, "user_id": self.manager.id})
        page = self.page()
        for record in (self.report, self.report.line_ids[0], page):
            with self.subTest(model=record._name):
                self.assertTrue(record.with_user(self.manager).has_access("read"))
                for operation in OPERATIONS.values():
                    self.assertFalse(record.with_user(self.users["user"]).has_access(operation), operation)
                    self.assertFalse(record.with_user(self.users["manager"]).has_access(operation), operation)
