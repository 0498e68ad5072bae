"""Every page of the club in the account of a customer and of a partner, at two widths: nothing that axe-core calls
serious or critical, and nothing that scrolls sideways, even where people gave things a long name without a space.

The pages are those that links and harmless forms of the account lead to, so a new page is looked at as soon as
something links to it.
"""

import json
import re
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode

import axe_core_python
from lxml import html
from odoo import fields
from odoo.addons.customer_club.demo import florist
from odoo.addons.customer_club.tests.common import forgive_debian
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL
from odoo.tools.convert import convert_file

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
#: Pages of the club; not what a link downloads.
OURS = re.compile(r"^/(my/club|club/|merchant|raffle)")
DOWNLOADS = re.compile(
    r"(export|/data|\.(pdf|csv|xlsx|svg|png|json|txt|py)|/(pdf|csv|xlsx|qr|proof|list|certificate|slip|picture)\b)"
)
WIDTHS = (1300, 390)
MOST_PAGES = 120
#: What people name: model and field.
NAMED = (
    ("club.club", "name"),
    ("club.tier", "name"),
    ("club.prize", "name"),
    ("club.draw", "name"),
    ("club.draw.prize", "word"),
    ("club.raffle", "name"),
    ("club.raffle.prize", "name"),
    ("club.merchant", "name"),
    ("club.merchant.offer", "name"),
    ("club.cause", "name"),
    ("club.pool", "name"),
    ("club.gift", "message"),
    ("club.contest", "name"),
    ("club.feedback", "subject"),
    ("loyalty.reward", "description"),
    ("product.template", "name"),
    ("survey.survey", "title"),
    ("res.partner", "name"),
)
LONG = "Stromberg-Rosengartenblumengeschäftsjubiläumsgutschein".replace("-", "") * 2

LOOK = """
(async () => {
    const AXE = %(axe)s, PAGES = %(pages)s, WIDTHS = %(widths)s;
    const findings = [];
    for (const width of WIDTHS) {
        const frame = document.createElement("iframe");
        frame.style.cssText = `width: ${width}px; height: 900px; border: 0`;
        document.body.append(frame);
        for (const page of PAGES) {
            const loaded = await new Promise((resolve) => {
                frame.onload = () => resolve(true);
                setTimeout(resolve, 60000); // a download, for one, never loads
                frame.src = page;
            });
            if (!loaded) {
                findings.push(`${page} did not load within a minute`);
                break;
            }
            const view = frame.contentWindow;
            if (AXE) await new Promise((resolve) => {
                const script = view.document.createElement("script");
                script.onload = resolve;
                script.src = AXE;
                view.document.head.append(script);
            });
            const result = !AXE ? {violations: []} : await view.axe.run(view.document.querySelector("#wrap, main") || view.document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"],
            });
            for (const found of result.violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
                findings.push(`${page} (${width} px), ${found.id}: ${found.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
            }
            if (view.document.documentElement.scrollWidth > width + 1) {
                const wide = [...view.document.querySelectorAll("#wrap *, main *")].filter(
                    (node) => !node.children.length && node.getBoundingClientRect().right > width + 1);
                findings.push(`${page} (${width} px): ${view.document.documentElement.scrollWidth} px wide, it scrolls sideways: ${wide.slice(0, 3).map((n) => n.parentElement.outerHTML.slice(0, 200)).join(" | ")}`);
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

    def find_pages(self, *starts):
        """Addresses of the pages, one of each kind: what differs by a number only has the same template."""
        waiting, seen = list(starts), {}
        while waiting and len(seen) < MOST_PAGES:
            page = waiting.pop(0)
            kind = page if page in starts else re.sub(rf"\d+(?<!{starts[0]})", "0", page.split("?")[0])
            if kind in seen:
                continue
            answer = self.url_open(page)
            self.assertEqual(answer.status_code, 200, page)
            seen[kind] = page
            tree = html.fromstring(answer.content)
            links = list(map(str, tree.xpath("//*[@id='wrap' or self::main]//a/@href")))
            for form in tree.xpath("//*[@id='wrap' or self::main]//form[@method='get'][@action]"):
                given = {key: value for key, value in form.form_values() if value}
                links.append(f"{form.get('action')}?{urlencode(given)}")
            waiting += [link for link in links if OURS.match(link) and not DOWNLOADS.search(link.split("#")[0])]
        return list(seen.values())

    def find_customer_pages(self):
        self.authenticate("customer", "customer")
        member = self.env.ref("customer_club.demo_member_customer")
        raffles = [self.env.ref(f"customer_club.demo_raffle_{name}").id for name in ("summer", "winter")]
        pages = self.find_pages(
            f"/my/club/{member.id}", "/my/club", *(f"/my/club/{member.id}/raffles/{raffle}" for raffle in raffles)
        )
        self.assertGreater(len(pages), 15, pages)
        for kind in ("/raffle/", "/club/cause/", "/pool/", "/buy?"):
            self.assertTrue(any(kind in page for page in pages), f"{kind} is not among the pages: {pages}")
        return pages

    def find_partner_pages(self):
        """The café's counter and its statements; it may apply once more."""
        merchant = self.env.ref("customer_club.demo_merchant_amelie")
        merchant.club_id.partner_apply = True
        journal = self.env["account.journal"].create({"name": "Bills", "code": "CCBP", "type": "purchase"})
        merchant.club_id.write(
            {
                "settle_bill_journal_id": journal.id,
                "settle_clearing_account_id": self.env["account.account"]
                .create({"name": "Clearing", "code": "999123", "account_type": "liability_current", "reconcile": True})
                .id,
            }
        )
        settlement = self.env["club.settlement"].create(
            {
                "merchant_id": merchant.id,
                "date_from": fields.Date.today() - timedelta(days=90),
                "date_to": fields.Date.today() - timedelta(days=1),
            }
        )
        self.assertTrue(settlement.line_ids)
        self.assertTrue(settlement._confirm())
        self.authenticate("merchant", "merchant")
        number = settlement.line_ids.voucher_id[:1].number
        pages = self.find_pages(
            f"/merchant/{merchant.id}", "/club/partner/apply", f"/merchant/{merchant.id}/dispute?number={number}"
        )
        self.assertIn(f"/merchant/{merchant.id}/statements/{settlement.id}", pages)
        return pages

    def look(self, pages, login, axe=True, widths=WIDTHS):
        if axe:
            attachment = self.env["ir.attachment"].create(
                {"name": "axe.js", "raw": AXE.read_bytes(), "mimetype": "text/javascript", "public": True}
            )
            axe = f"/web/content/{attachment.id}"
        script = LOOK % {"axe": json.dumps(axe), "pages": json.dumps(pages), "widths": json.dumps(widths)}
        self.browser_js("/my", script, login=login, timeout=600)

    def lengthen_names(self):
        """Behind the back of the models: names are long from the start, also where they cannot be changed any more."""
        self.env.flush_all()
        for model, name in NAMED:
            field = self.env[model]._fields[name]
            value = SQL("jsonb_build_object('en_US', %s)", LONG) if field.translate else SQL("%s", LONG)
            table, column = SQL.identifier(self.env[model]._table), SQL.identifier(name)
            self.env.cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", table))
            self.env.cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s IS NOT NULL", table, column, value, column))
            self.env.cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", table))
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_no_page_of_the_customer_has_a_serious_finding_or_scrolls_sideways(self):
        self.look(self.find_customer_pages(), "customer")

    def test_no_page_of_a_partner_has_a_serious_finding_or_scrolls_sideways(self):
        self.look(self.find_partner_pages(), "merchant")

    def test_no_long_name_makes_a_page_of_the_customer_scroll_sideways(self):
        pages = self.find_customer_pages()
        self.lengthen_names()
        self.look(pages, "customer", axe=False, widths=(390,))

    def test_no_long_name_makes_a_page_of_a_partner_scroll_sideways(self):
        pages = self.find_partner_pages()
        self.lengthen_names()
        self.look(pages, "merchant", axe=False, widths=(390,))
