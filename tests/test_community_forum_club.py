"""The forum of the club: who may write there, and what it shows."""

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from .test_community_forum import ForumCase


@tagged("post_install", "-at_install")
class TestForumOfTheClub(ForumCase):
    def test_switching_it_on_makes_a_forum_for_who_is_signed_in(self):
        self.assertEqual((self.forum.privacy, self.forum.name), ("connected", "Rose Club"))
        self.assertTrue(self.forum.website_id)

    def test_a_manager_without_other_rights_switches_it_on(self):
        club = self.env["club.club"].create({"name": "Second", "tz": "UTC"})
        manager = new_test_user(self.env, "forum_manager", groups="customer_club.group_club_manager")
        club.with_user(manager).forum_active = True
        self.assertTrue(club.forum_id)
        self.assertTrue(club.forum_since)

    def test_a_forum_that_is_chosen_is_kept_as_it_is(self):
        forum = self.env["forum.forum"].create({"name": "Ours", "privacy": "public"})
        club = self.env["club.club"].create({"name": "Third", "tz": "UTC", "forum_active": True, "forum_id": forum.id})
        self.assertEqual((club.forum_id, forum.privacy), (forum, "public"))

    def test_switching_it_off_and_on_keeps_the_forum(self):
        self.club.forum_active = False
        self.club.forum_active = True
        self.assertEqual(self.club.forum_id, self.forum)

    def test_the_members_page_leads_to_it(self):
        links = [link["url"] for link in self.member.with_user(self.anna).sudo()._get_portal_links()]
        self.assertIn(f"/forum/{self.forum.id}", links)
        self.club.forum_active = False
        links = [link["url"] for link in self.member.with_user(self.anna).sudo()._get_portal_links()]
        self.assertNotIn(f"/forum/{self.forum.id}", links)

    def test_votes_and_days_are_not_negative(self):
        with self.assertRaises(ValidationError):
            self.club.forum_votes = -1

    def test_the_menu_that_came_with_the_club_shows_only_with_a_forum_and_to_who_is_signed_in(self):
        website = self.env["website"].search([], limit=1)
        menu = self.env["website.menu"].create({"name": "F", "url": "/forum", "website_id": website.id})
        public = self.env.ref("base.public_user")
        self.assertTrue(menu.with_user(public).is_visible, "a menu of the shop's own is not ours to hide")
        menu.club_forum_menu = True
        self.env.invalidate_all()
        self.assertFalse(menu.with_user(public).is_visible)
        self.assertTrue(menu.with_user(self.anna).is_visible)
        self.env["club.club"].search([]).forum_active = False
        self.env.invalidate_all()
        self.assertFalse(menu.with_user(self.anna).is_visible)

    def test_only_a_fresh_and_unused_forum_is_put_away(self):
        helps = self.env.ref("website_forum.forum_help")
        menus = self.env["website.menu"].search([("url", "=", "/forum")])
        (menus.sudo()).club_forum_menu = False
        helps.active = True
        self.env.flush_all()
        hide = self.env["website.menu"]._club_hide_fresh_forum
        self._pretend_age(helps, menus, "1 minute")

        self.env.registry.updated_modules[:] = []
        hide()
        self.assertFalse(any(menus.mapped("club_forum_menu")), "no installation of the forum, nothing to hide")

        self._pretend_installing()
        self.ask()
        hide()
        self.assertFalse(any(menus.mapped("club_forum_menu")), "a forum with a post is used")
        self.env["forum.post"].search([]).unlink()

        self._pretend_age(helps, menus, "1 month")
        hide()
        self.assertTrue(helps.active, "a forum that was here before us stays")
        self.assertFalse(any(menus.mapped("club_forum_menu")))

        self._pretend_age(helps, menus, "1 minute")
        hide()
        self.assertFalse(helps.active)
        self.assertTrue(all(menus.mapped("club_forum_menu")))

    def _pretend_installing(self):
        self.env.registry.updated_modules[:] = ["website_forum", "customer_club"]
        self.addCleanup(self.env.registry.updated_modules.clear)

    def _pretend_age(self, helps, menus, age):
        self.env.flush_all()
        for table, records in (("forum_forum", helps), ("website_menu", menus)):
            self.env.cr.execute(
                f"UPDATE {table} SET create_date = now() at time zone 'UTC' - %s::interval,"
                " write_date = now() at time zone 'UTC' - %s::interval WHERE id = ANY(%s)",
                (age, age, records.ids),
            )
        self.env.invalidate_all()
