"""A person's data is erased; the books keep their entries without a name."""

from odoo import fields
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestErasure(ClubCase):
    """Erasing personal data."""

    def erase(self, member=None):
        (member or self.member)._erase("Asked by letter")

    def run_job(self, name):
        with self.jobs_in_test():
            return getattr(self.env["club.member"], name)()

    def test_a_contact_that_is_only_ours_is_emptied(self):
        self.partner.write(
            {"phone": "+989123456789", "street": "Rose Street 1", "comment": "Likes tulips", "vat": False}
        )
        self.post(40, "e:1")
        number = self.member.number
        self.erase()
        self.assertEqual((self.member.state, self.member.active), ("erased", False))
        self.assertEqual(self.member.partner_id, self.partner)
        self.assertIn(number, self.partner.name)
        for name in ("email", "phone", "street", "comment"):
            self.assertFalse(self.partner[name], name)
        self.assertFalse(self.partner.active)
        self.assertNothingOf("Anna", "anna@example.com", "Rose Street")
        self.assertInvariantsHold()

    def assertNothingOf(self, *words):
        """No stored text of the member, its card or its contact has one of ``words``."""
        self.env.flush_all()
        for record in (self.member, self.member.card_id, self.member.partner_id):
            [row] = record.sudo().with_context(active_test=False).read(load="")
            for name, value in row.items():
                for word in words:
                    self.assertNotIn(word, str(value), f"{record._name}.{name}")
            messages = (
                self.env["mail.message"].sudo().search([("model", "=", record._name), ("res_id", "=", record.id)])
            )
            self.assertFalse(messages.filtered(lambda message: any(word in (message.body or "") for word in words)))

    def test_a_contact_with_orders_stays_and_loses_the_membership(self):
        self.env["sale.order"].create({"partner_id": self.partner.id})
        self.erase()
        self.assertEqual(self.partner.name, "Anna")
        self.assertNotEqual(self.member.partner_id, self.partner)
        self.assertNotEqual(self.member.card_id.partner_id, self.partner)
        self.assertFalse(self.club._get_member(self.partner))
        self.assertEqual(self.env["club.erasure"].search([("member_id", "=", self.member.id)]).method, "detached")

    def test_a_contact_with_a_login_stays(self):
        new_test_user(self.env, "anna-login", "base.group_portal", partner_id=self.partner.id)
        self.assertFalse(self.member._is_partner_ours())

    def test_entries_remain(self):
        entry = self.post(40, "e:1")
        self.erase()
        self.assertTrue(entry.exists())
        self.assertEqual(entry.member_id, self.member)
        self.assertEqual(sum(self.member.with_context(active_test=False).entry_ids.mapped("points")), 0)

    def test_events_keep_no_personal_payload(self):
        self.env.cr.execute(
            """INSERT INTO club_event (member_id, club_id, company_id, type, occurred_at, key, payload)
               VALUES (%s, %s, %s, 'custom', now(), 'e:custom', '{"text": "I am Anna"}'),
                      (%s, %s, %s, 'purchase', now(), 'e:purchase', '{"lines": 3}')""",
            (self.member.id, self.club.id, self.club.company_id.id) * 2,
        )
        self.erase()
        events = self.env["club.event"].search([("member_id", "=", self.member.id), ("key", "like", "e:%")])
        payloads = {event.key: event.payload for event in events}
        self.assertFalse(payloads["e:custom"])
        self.assertEqual(
            payloads["e:purchase"], {"lines": 3}, "what a return needs to know stays: it has no name in it"
        )

    def test_occasions_and_nickname_go(self):
        self.env["club.occasion"].create(
            {"member_id": self.member.id, "kind": "relative", "name": "Sam", "month": 1, "day": 1}
        )
        self.member.nickname = "Rosie"
        self.erase()
        self.assertFalse(
            self.env["club.occasion"].with_context(active_test=False).search([("member_id", "=", self.member.id)])
        )
        self.assertFalse(self.member.nickname)

    def test_a_contact_that_is_a_member_cannot_be_deleted(self):
        with self.assertRaisesRegex(UserError, "erase its personal data"):
            self.partner.unlink()

    def test_who_did_it_and_when_is_logged_for_good(self):
        manager = new_test_user(self.env, "club-manager", "customer_club.group_club_manager,base.group_partner_manager")
        self.member.with_user(manager)._erase("Asked by letter")
        log = self.env["club.erasure"].search([("member_id", "=", self.member.id)])
        self.assertEqual((log.user_id, log.reason, log.number), (manager, "Asked by letter", self.member.number))
        self.assertTrue(log.erased_at)
        with self.assertRaisesRegex(UserError, "never"):
            log.unlink()

    def test_only_a_manager_may_erase(self):
        user = new_test_user(self.env, "club-user", "customer_club.group_club_user")
        with self.assertRaisesRegex(AccessError, "manager"):
            self.member.with_user(user)._erase()

    def test_the_join_bonus_does_not_come_back(self):
        """abuse.md 8: the salted hash of the address survives the erasure."""
        self.partner.email = "anna.new@example.com"  # the address at the time of erasure counts as well
        self.erase()
        for address in ("anna@example.com", "ANNA.NEW@example.com"):
            again = self.env["res.partner"].create({"name": "New account", "email": address})
            member = self.club._enrol(again)
            self.assertNotEqual(member, self.member)
            self.assertFalse(self.env["club.event"].search([("member_id", "=", member.id), ("type", "=", "join")]))

    def test_erasing_a_member_erases_what_was_merged_into_it(self):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner_2
        )
        self.erase(self.member_2)
        self.assertEqual(self.member.state, "erased")
        self.assertEqual(
            self.env["club.erasure"].search_count([("member_id", "in", (self.member | self.member_2).ids)]), 2
        )

    def test_erasing_twice_is_erasing_once(self):
        self.erase()
        self.erase()
        self.assertEqual(self.env["club.erasure"].search_count([("member_id", "=", self.member.id)]), 1)

    def test_points_that_come_late_expire(self):
        self.erase()
        self.post(10, "e:late")
        self.member.sudo().left_at = fields.Datetime.subtract(fields.Datetime.now(), days=400)
        self.run_job("_cron_expire_left")
        self.assertEqual(self.member.card_id.points, 0)
        self.assertInvariantsHold()
