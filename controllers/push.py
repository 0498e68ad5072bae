"""Notifications on a member's own device: the worker that shows them, switching on and off."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import file_open
from werkzeug.exceptions import NotFound

from .common import find_member, private

SCOPE = "/my/club/"
WORKER = "customer_club/static/src/push/worker.js"
BROWSERS = {
    "chrome": "Chrome",
    "edge": "Edge",
    "firefox": "Firefox",
    "safari": "Safari",
    "opera": "Opera",
    "samsung": "Samsung Internet",
}
PLATFORMS = {
    "android": "Android",
    "iphone": "iPhone",
    "ipad": "iPad",
    "macos": "macOS",
    "windows": "Windows",
    "linux": "Linux",
}


class ClubPush(http.Controller):
    @http.route(
        f"{SCOPE}push-worker.js",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def push_worker(self, **_ignored):
        """The same script for everybody. Its scope is the member's pages: Odoo's own worker has ``/odoo``."""
        with file_open(WORKER) as script:
            content = script.read()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "text/javascript; charset=utf-8"),
                ("Service-Worker-Allowed", SCOPE),
                ("Cache-Control", "no-cache"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _name_browser(self):
        """What the member recognises the device by: two words of a list, nothing of what the browser sent."""
        agent = request.httprequest.user_agent
        browser = BROWSERS.get(agent.browser or "")
        platform = PLATFORMS.get(agent.platform or "")
        _ = request.env._
        if browser and platform:
            return _("%(browser)s on %(system)s", browser=browser, system=platform)
        return browser or platform or _("A browser")

    @http.route("/my/club/<int:member_id>/push", type="http", auth="user", website=True, methods=["POST"])
    def portal_my_club_push_on(self, member_id, endpoint="", p256dh="", auth="", details=None, **_ignored):
        """Switch on for the browser that asks; the page's script reads the answer."""
        member = find_member(member_id, owner=True)
        try:
            member._add_push_device(
                request.env.user, endpoint[:2000], p256dh[:200], auth[:200], self._name_browser(), bool(details)
            )
        except UserError as error:
            return private(request.make_json_response({"error": str(error)}, status=400))
        request.session["club_message"] = request.env._("Notifications are on for this device.")
        return private(request.make_json_response({"done": True}))

    def _find_device(self, member, device_id):
        device = (
            request.env["club.push.device"]
            .sudo()
            .search([("id", "=", device_id), ("member_id", "=", member.id)], limit=1)
        )
        if not device:
            raise NotFound
        return device

    def _back(self, member, message):
        request.session["club_message"] = message
        return private(request.redirect(f"/my/club/{member.id}/profile#club_push"))

    @http.route(
        "/my/club/<int:member_id>/push/<int:device_id>/off", type="http", auth="user", website=True, methods=["POST"]
    )
    def portal_my_club_push_off(self, member_id, device_id, **_ignored):
        """Switch one device off, whichever browser asks; a device that is gone is as absent as another's."""
        member = find_member(member_id, owner=True)
        member._forget_push_devices(self._find_device(member, device_id), "portal")
        return self._back(member, request.env._("Notifications are off for that device."))

    @http.route(
        "/my/club/<int:member_id>/push/<int:device_id>/details",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_my_club_push_details(self, member_id, device_id, details=None, **_ignored):
        """Whether amounts and codes may stand on that device's lock screen."""
        member = find_member(member_id, owner=True)
        self._find_device(member, device_id).details = bool(details)
        return self._back(member, request.env._("Your choices are saved."))
