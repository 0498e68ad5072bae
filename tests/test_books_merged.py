"""Two memberships that became one have one history: nothing is the first twice, no limit begins anew."""

from datetime import datetime

from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestWhatAMergedMemberDidCountsForTheHeir(ClubCase):
    """never 13: Anna's membership is merged into Ben's."""

    def report(self, key, member=None, event_type="custom", at=datetime(2026, 1, 1), process=True):
        vals = {"member_id": (member or self.member).id, "type": event_type, "key": key, "occurred_at": at}
        events = self.env["club.event"]
        return events._report([vals]) if process else events._record([vals])

    def merge(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.partner_2).ids, dst_partner=self.partner_2
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def assertHeirHas(self, points):
        self.env.invalidate_all()
        self.assertEqual(self.member_2.points, points)
        self.assertInvariantsHold()

    def buy(self, partner):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [Command.create({"product_id": self.product.id, "price_unit": 5})],
            }
        )
        order.action_confirm()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return order

    def test_the_limit_of_a_member_and_period(self):
        self.earn_rule("custom", 10, limit_member=15, limit_period="lifetime")
        self.report("a")
        self.merge()
        self.report("b", self.member_2)
        self.assertHeirHas(15)

    def test_a_waiting_fact_is_counted_after_those_before_it(self):
        self.earn_rule("visit", 10, nth_mode="exact", nth=1)
        self.report("a", event_type="visit")
        self.report("b", event_type="visit", at=datetime(2026, 1, 2), process=False)
        self.merge()
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertHeirHas(10)

    def test_a_waiting_fact_uses_up_the_heirs_limit(self):
        self.earn_rule("custom", 10, limit_member=15, limit_period="lifetime")
        self.report("a", process=False)
        self.report("b", self.member_2, process=False)
        self.merge()
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertHeirHas(15)

    def test_the_first_purchase_in_a_category(self):
        self.product.categ_id = self.env["product.category"].create({"name": "Roses"})
        self.earn_rule("purchase", 10, categ_ids=self.product.categ_id.ids, first_in_category=True)
        self.buy(self.partner)
        self.merge()
        self.buy(self.partner_2)
        self.assertHeirHas(10)

    def test_a_purchase_that_grows_after_the_merge_is_still_the_second(self):
        self.earn_rule("purchase", 1, formula="per_amount", per_amount=1, nth_mode="exact", nth=1)
        self.buy(self.partner)
        second = self.buy(self.partner)
        self.merge()
        second.order_line.product_uom_qty = 3
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertHeirHas(5)
