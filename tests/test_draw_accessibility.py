"""The pages of draws at two widths: nothing that axe-core calls serious, nothing that scrolls sideways."""

import json

from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.addons.customer_club.tests.draw_common import SMALL, WORD, draw_values, numbers
from odoo.addons.customer_club.tests.test_portal_accessibility import AXE, LOOK, WIDTHS
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestDrawPagesAreAccessible(ClubPortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)

    def test_no_page_of_a_draw_has_a_serious_finding_or_scrolls_sideways(self):
        self.post(100, "start")
        pages = [self.url("/draws")]
        for kind in ("wheel", "scratch", "box"):
            draw = self.env["club.draw"].create(
                draw_values(self.club.id, kind=kind, name="A wheel of roses for all who like flowers", show_left=True)
            )
            draw.action_open()
            pages.append(self.url(f"/draws/{draw.id}"))
            for number in (SMALL, WORD):
                with numbers(number):
                    play = draw._play(self.member, f"{kind} {number}")
                pages.append(self.url(f"/draws/{draw.id}/plays/{play.id}"))
        axe = self.env["ir.attachment"].create(
            {"name": "axe.js", "raw": AXE.read_bytes(), "mimetype": "text/javascript", "public": True}
        )
        script = LOOK % {
            "axe": json.dumps(f"/web/content/{axe.id}"),
            "pages": json.dumps(pages),
            "widths": json.dumps(WIDTHS),
        }
        self.browser_js("/my/club", script, login="club_anna", timeout=300)
