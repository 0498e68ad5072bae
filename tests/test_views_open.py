"""Every menu, view and record page of the club opens in a browser, for the manager who uses it.

A kanban may pass the server and break in the browser; only opening it tells.
"""

import json
from unittest.mock import patch

from odoo.addons.customer_club.demo import florist
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.convert import convert_file

SHOWN = ("list", "kanban", "form", "graph", "pivot", "calendar", "activity")

WALK = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const inTime = (promise) => {
        let timer;
        const late = new Promise((resolve, reject) => {
            timer = setTimeout(() => reject(new Error("it did not open within a minute")), 60000);
        });
        return Promise.race([promise, late]).finally(() => clearTimeout(timer));
    };
    const find = async (selector) => {
        for (let i = 0; i < 400; i++) {
            const found = document.querySelector(selector);
            if (found) return found;
            await sleep(25);
        }
        throw new Error(`${selector} did not appear`);
    };
    let name = "";
    try {
        for (const page of PAGES) {
            name = page.name;
            await inTime(action.doAction(page.action, { clearBreadcrumbs: page.action.target !== "new" }));
            await find(page.selector);
            for (const tab of document.querySelectorAll(".o_notebook .nav-link:not(.active)")) {
                tab.click();
                await sleep(20);
            }
            const broken = document.querySelector(".o_error_dialog");
            if (broken) throw new Error(broken.textContent);
            if (page.action.target === "new") {
                await action.doAction({ type: "ir.actions.act_window_close" });
            }
        }
        console.log("test successful");
    } catch (error) {
        const cause = error.cause || {};
        console.error(`${name}: ${error.message} ${cause.message || ""} ${(cause.data && cause.data.message) || ""}`);
    }
})();
"""


# The web client opens its first page after it is ready, which would end an action that was begun before.
START = "/odoo/action-customer_club.club_member_action"
READY = "odoo.isReady === true && !!document.querySelector('.o_action_manager .o_view_controller')"


@tagged("post_install", "-at_install")
class TestEveryViewOpens(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        some = [visit for visit in florist.VISITS if visit.who in ("customer", "grace")][:6]
        with patch.object(florist, "VISITS", some):
            convert_file(cls.env, "customer_club", "demo/club_demo.xml", {}, "init", noupdate=True)
        cls.env.cr.flush()
        cls.manager = new_test_user(
            cls.env,
            "views_manager",
            groups=(
                "customer_club.group_club_manager,customer_club.group_club_accountant,customer_club.group_club_approver,"
                "sales_team.group_sale_manager,account.group_account_manager"
            ),
        )

    def browse_pages(self, pages):
        pages = [page for page in pages if page]
        self.assertGreater(len(pages), 20)
        self.browser_js(
            START,
            WALK.replace("PAGES", json.dumps(pages)),
            READY,
            login="views_manager",
            timeout=600,
        )

    def get_own(self, model):
        data = self.env["ir.model.data"].search([("module", "=", "customer_club"), ("model", "=", model)])
        return self.env[model].browse(data.mapped("res_id")).exists()

    def get_window_actions(self):
        return self.get_own("ir.actions.act_window").filtered(
            lambda action: (
                self.env[action.res_model].with_user(self.manager).has_access("read")
                and not (action.binding_model_id and action.target == "new")
            )
        )

    def prepare_page(self, action, view_type, view_id=False):
        Model = self.env[action.res_model].with_user(self.manager)
        values = {
            "type": "ir.actions.act_window",
            "name": action.name,
            "res_model": action.res_model,
            "views": [[view_id, view_type]],
            "target": "new" if action.target == "new" else "current",
            "context": {},
        }
        if view_type == "form" and not Model._transient:
            values["res_id"] = Model.search([], limit=1).id
            if not values["res_id"] and not Model.has_access("create"):
                return None  # nothing to show, and nothing may be made
        where = ".modal " if values["target"] == "new" else ".o_action_manager "
        return {
            "name": f"{action.name} ({action.res_model}, {view_type})",
            "action": values,
            "selector": f"{where}.o_{view_type}_view",
        }

    def test_every_view_of_every_window_opens(self):
        pages = []
        for action in self.get_window_actions():
            own = {view.view_mode: view.view_id.id for view in action.view_ids if view.view_id}
            pages += [self.prepare_page(action, mode, own.get(mode, False)) for mode in action.view_mode.split(",")]
        self.browse_pages(pages)

    def test_every_view_that_the_addon_brings_opens(self):
        """Also those that a button opens, and those that no window names."""
        windows = {}
        for action in self.get_window_actions():
            windows.setdefault(action.res_model, action)
        pages = []
        for view in self.get_own("ir.ui.view").filtered(lambda view: view.type in SHOWN and not view.inherit_id):
            Model = self.env.get(view.model)
            if Model is None or not Model.with_user(self.manager).has_access("read"):
                continue
            if Model._transient and view.model not in windows:
                continue
            if Model._abstract and view.model not in windows:
                continue  # a dialog with nothing behind it
            action = windows.get(view.model) or self.env["ir.actions.act_window"].new(
                {"name": view.name, "res_model": view.model, "target": "current"}
            )
            pages.append(self.prepare_page(action, view.type, view.id))
        self.browse_pages(pages)

    def test_every_menu_leads_somewhere(self):
        menus = self.env["ir.ui.menu"].with_user(self.manager).load_menus(False)
        root = menus[self.env.ref("customer_club.club_menu_root").id]
        waiting, dead = [root], []
        while waiting:
            menu = waiting.pop()
            children = [menus[child] for child in menu["children"]]
            waiting += children
            if not children and not menu["action_model"]:
                dead.append(menu["name"])
        self.assertFalse(dead)
        self.assertEqual([menus[child]["name"] for child in root["children"]][:3], ["Home", "Counter", "Members"])

    def test_menus_views_and_filters_can_be_clicked_through(self):
        """Odoo's own robot: each menu, each view, each filter."""
        self.browser_js(
            START,
            "odoo.loader.modules.get('@web/webclient/clickbot/clickbot_loader')"
            ".startClickEverywhere('customer_club.club_menu_root');",
            READY,
            login="views_manager",
            timeout=900,
            success_signal="clickbot test succeeded",
        )
