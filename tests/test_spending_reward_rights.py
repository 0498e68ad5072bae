"""A club's managers look after its rewards and no others."""

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestWhoMayChangeRewards(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "reward_manager", groups="customer_club.group_club_manager")
        cls.user = new_test_user(cls.env, "reward_user", groups="customer_club.group_club_user")
        cls.seller = new_test_user(
            cls.env, "reward_seller", groups="customer_club.group_club_manager,sales_team.group_sale_manager"
        )
        cls.promotion = cls.env["loyalty.program"].create(
            {
                "name": "Summer",
                "program_type": "promotion",
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 5})],
            }
        )
        cls.reward = cls.club.program_id.reward_ids[:1]

    def test_a_club_manager_adds_changes_archives_and_deletes_rewards_of_the_club(self):
        Reward = self.env["loyalty.reward"].with_user(self.manager).with_context(club_reward=True)
        reward = Reward.create(
            {"program_id": self.club.program_id.id, "reward_type": "shipping", "required_points": 80}
        )
        self.assertTrue(reward.sudo().discount_line_product_id)
        reward.description = "Delivery on us"
        self.assertEqual(reward.sudo().discount_line_product_id.name, "Delivery on us")
        reward.active = False
        self.assertFalse(reward.sudo().discount_line_product_id.active)
        reward.unlink()
        self.assertFalse(reward.exists())

    def test_a_new_reward_belongs_to_the_club_by_itself(self):
        values = (
            self.env["loyalty.reward"]
            .with_user(self.manager)
            .with_context(club_reward=True)
            .default_get(["program_id"])
        )
        programs = self.env["club.club"].search([("company_id", "=", self.env.company.id)]).program_id
        self.assertIn(values["program_id"], programs.ids)

    def test_a_club_manager_cannot_touch_other_programs(self):
        reward = self.promotion.reward_ids.with_user(self.manager)
        for attempt in (
            lambda: reward.write({"discount": 90}),
            reward.unlink,
            lambda: reward.create({"program_id": self.promotion.id, "reward_type": "shipping"}),
            lambda: self.reward.with_user(self.manager).write({"program_id": self.promotion.id}),
            lambda: self.club.program_id.with_user(self.manager).write({"name": "Mine"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
            self.env.invalidate_all()
        self.assertNotIn(reward, self.env["loyalty.reward"].with_user(self.manager).search([]))

    def test_a_club_user_reads_rewards_only(self):
        reward = self.reward.with_user(self.user)
        self.assertTrue(reward.description)
        with self.assertRaises(AccessError):
            reward.write({"required_points": 1})

    def test_a_sales_manager_keeps_the_other_programs(self):
        self.promotion.reward_ids.with_user(self.seller).discount = 7
        self.assertEqual(self.promotion.reward_ids.discount, 7)
