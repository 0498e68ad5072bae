"""The places that README and CHANGELOG name are in the menu."""

import pathlib
import re

from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged

ROOT = pathlib.Path(__file__).parent.parent


@tagged("post_install", "-at_install")
class ReadmeNamesMenus(ClubCase):
    def _find_missing(self, document):
        """Paths such as *Marketing → Segments* whose steps are no menus, as far as there are menus below."""
        root = self.env.ref("customer_club.club_menu_root").with_context(
            **{"ir.ui.menu.full_list": True, "lang": "en_US"}
        )
        missing = []
        for path in re.findall(r"\*([^*]+→[^*]+)\*", (ROOT / document).read_text(encoding="utf-8")):
            steps, menu = [" ".join(step.split()) for step in path.split("→")], root
            if steps[0] == root.name:
                steps.pop(0)
            if steps[0] not in root.child_id.mapped("name"):
                continue  # a page of a form, or a place of another addon
            for step in steps:
                if not menu.child_id:
                    break  # a list: what follows is a button, a record or a page of its form
                menu = menu.child_id.filtered(lambda child, step=step: child.name == step)
                if not menu:
                    missing.append(path)
                    break
        return missing

    def test_every_menu_that_the_documents_name_is_there(self):
        """A reader who looks for *Spending → Raffles* under a menu that was regrouped finds nothing."""
        for document in ("README.md", "CHANGELOG.md"):
            with self.subTest(document=document):
                self.assertEqual(self._find_missing(document), [])

    def test_a_path_that_leads_nowhere_is_found(self):
        menu = self.env.ref("customer_club.club_menu_raffles")
        menu.parent_id = self.env.ref("customer_club.club_menu_spending")
        self.assertIn("Spending → Draws and Raffles → Raffles", self._find_missing("README.md"))

    def test_the_contents_name_every_chapter_once(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        chapters = re.findall(r"^## (.+)$", readme, re.MULTILINE)
        links = re.findall(r"\[([^\]]+)\]\(#([^)]+)\)", readme.partition("## ")[0])
        self.assertEqual(sorted(name for name, _anchor in links), sorted(chapters))
        for name, anchor in links:
            self.assertEqual(anchor, re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-"))
