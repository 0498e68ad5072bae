"""Every page of the club in the customer's account, at two widths: nothing that axe-core calls serious or critical.

The pages are those that links of the account lead to, so a new page is looked at as soon as something links to it.
"""

import json
import re
from pathlib import Path
from unittest.mock import patch

import axe_core_python
from lxml import html
from odoo.addons.customer_club.demo import florist
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, tagged
from odoo.tools.convert import convert_file

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
#: Pages of the club; not what a link downloads.
OURS = re.compile(r"^/(my/club|club/|merchant|raffle)")
DOWNLOADS = re.compile(
    r"(export|/data|\.(pdf|csv|xlsx|svg|png|json|txt|py)|/(pdf|qr|proof|list|certificate|slip|picture)\b)"
)
WIDTHS = (1300, 390)
MOST_PAGES = 120

LOOK = """
(async () => {
    const AXE = %(axe)s, PAGES = %(pages)s, WIDTHS = %(widths)s;
    const findings = [];
    for (const width of WIDTHS) {
        const frame = document.createElement("iframe");
        frame.style.cssText = `width: ${width}px; height: 900px; border: 0`;
        document.body.append(frame);
        for (const page of PAGES) {
            await new Promise((resolve) => { frame.onload = resolve; frame.src = page; });
            const view = frame.contentWindow;
            await new Promise((resolve) => {
                const script = view.document.createElement("script");
                script.onload = resolve;
                script.src = AXE;
                view.document.head.append(script);
            });
            const result = await view.axe.run(view.document.querySelector("#wrap, main") || view.document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"],
            });
            for (const found of result.violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
                findings.push(`${page} (${width} px), ${found.id}: ${found.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
            }
            if (view.document.documentElement.scrollWidth > width + 1) {
                findings.push(`${page} (${width} px): ${view.document.documentElement.scrollWidth} px wide, it scrolls sideways`);
            }
        }
        frame.remove();
    }
    if (findings.length) {
        console.error(findings.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""  # noqa: E501 - JavaScript


@tagged("post_install", "-at_install")
class TestTheAccountIsAccessible(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)
        some = [visit for visit in florist.VISITS if visit.who in ("customer", "grace")]
        with patch.object(florist, "VISITS", some):
            convert_file(cls.env, "customer_club", "demo/club_demo.xml", {}, "init", noupdate=True)
        cls.env.cr.flush()

    def find_pages(self):
        """Addresses of the pages, one of each kind: what differs by a number only has the same template."""
        member = self.env.ref("customer_club.demo_member_customer")
        waiting, seen = [f"/my/club/{member.id}", "/my/club"], {}
        while waiting and len(seen) < MOST_PAGES:
            page = waiting.pop(0)
            kind = re.sub(rf"\d+(?<!/my/club/{member.id})", "0", page.split("?")[0])
            if kind in seen:
                continue
            answer = self.url_open(page)
            self.assertEqual(answer.status_code, 200, page)
            seen[kind] = page
            links = html.fromstring(answer.content).xpath("//*[@id='wrap' or self::main]//a/@href")
            waiting += [
                link for link in map(str, links) if OURS.match(link) and not DOWNLOADS.search(link.split("#")[0])
            ]
        return list(seen.values())

    def test_no_page_has_a_serious_finding_or_scrolls_sideways(self):
        self.authenticate("customer", "customer")
        pages = self.find_pages()
        self.assertGreater(len(pages), 15, pages)
        axe = self.env["ir.attachment"].create(
            {"name": "axe.js", "raw": AXE.read_bytes(), "mimetype": "text/javascript", "public": True}
        )
        script = LOOK % {
            "axe": json.dumps(f"/web/content/{axe.id}"),
            "pages": json.dumps(pages),
            "widths": json.dumps(WIDTHS),
        }
        self.browser_js("/my/club", script, login="customer", timeout=600)
