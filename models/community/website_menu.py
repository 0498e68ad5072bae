"""The forum's entry in the website's menu: shown where a club has a forum, not because this addon brought one."""

from datetime import timedelta

from odoo import api, fields, models

#: A menu that is older than this was there before us.
FRESH = timedelta(hours=3)


class WebsiteMenu(models.Model):
    _inherit = "website.menu"

    club_forum_menu = fields.Boolean(
        string="Only With a Members' Forum",
        help="This entry came with the customer club: it is shown to who is signed in, as soon as a club has a forum.",
    )

    @api.depends_context("uid")
    def _compute_visible(self):
        super()._compute_visible()
        ours = self.filtered(lambda menu: menu.sudo().club_forum_menu)
        if ours:
            shown = not self.env.user._is_public() and self.env["club.club"].sudo().search_count(
                [("forum_active", "=", True)], limit=1
            )
            if not shown:
                ours.is_visible = False

    @api.model
    def _club_hide_fresh_forum(self):
        """Odoo's forum came with this very installation: put away its menu and its empty public forum.

        Called by every installation and update, and does nothing unless the forum's module was installed with it and
        nobody has touched or used what it brought: a shop that has a forum keeps it as it is. Nothing is deleted: a
        club's switch shows the menu, and the forum can be taken out of the archive.
        """
        if "website_forum" not in self.env.registry.updated_modules:
            return
        since = fields.Datetime.now() - FRESH
        posts = self.env["forum.post"].with_context(active_test=False)
        if posts.search_count([], limit=1):
            return
        menus = self.search([("url", "=", "/forum"), ("create_date", ">=", since)])
        menus.filtered(lambda menu: menu.create_date == menu.write_date).club_forum_menu = True
        helps = self.env.ref("website_forum.forum_help", raise_if_not_found=False)
        if helps and helps.create_date >= since and helps.create_date == helps.write_date:
            helps.active = False
