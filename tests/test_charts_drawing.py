"""Charts are right as text: names cannot act, pages can hold many, dark and right-to-left are not afterthoughts."""

import re
from concurrent.futures import ThreadPoolExecutor

from lxml import etree
from odoo.addons.customer_club.engine import chart_drawing, charts, reporting
from odoo.tests import BaseCase, tagged

NAUGHTY = '"><script>alert(1)</script><g id="x" onload=alert(1) $\\frac{1}{0}$ #010203 &'
SVG = "{http://www.w3.org/2000/svg}"
MONTHS = ["Jan", "Feb", "Mar", "Apr"]


def draw(kind, title="Points", labels=MONTHS, name="Series", **options):
    """One chart of a kind, of a few plain numbers."""
    count = {"forecast": 4, "shares": 1, "funnel": 1}.get(kind, 2)
    series = [charts.Series(f"{name} {i}", [(i + 2) * (j + 3) % 11 for j in range(len(labels))]) for i in range(count)]
    options.setdefault("empty", "Nothing yet")
    if kind == "stacked":
        return charts.bars(title, labels, series, stacked=True, **options)
    return getattr(charts, kind)(title, labels, series, **options)


@tagged("post_install", "-at_install")
class TestEveryKindOfChart(BaseCase):
    def each(self, **options):
        for kind in reporting.CHARTS:
            with self.subTest(chart=kind):
                svg = draw(kind, uid=kind, **options)
                yield kind, svg, etree.fromstring(svg.encode())

    def test_no_name_can_act_or_is_lost(self):
        """abuse 18: a name from a customer ends up as text, whatever is in it, and a dollar is no mathematics."""
        for _kind, svg, tree in self.each(title=NAUGHTY, labels=[NAUGHTY] * 4, name=NAUGHTY):
            self.assertNotIn("<script", svg)
            self.assertFalse([node for node in tree.iter() if any(name.startswith("on") for name in node.attrib)])
            self.assertIn("$\\frac{1}{0}$", "".join(tree.itertext()))
            self.assertIn("#010203 &", "".join(tree.itertext()))

    def test_a_page_can_hold_many(self):
        ids = []
        for _kind, svg, tree in self.each():
            own = [node.get("id") for node in tree.iter() if node.get("id")]
            ids += own
            used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
            self.assertEqual(used, set(own), "every reference within the chart, nothing else named")
            self.assertNotIn("<style", svg, "a rule would hold for the whole page")
        self.assertEqual(len(ids), len(set(ids)))
        first, second = (draw("bars", uid=uid) for uid in ("1", "2"))
        self.assertFalse(set(re.findall(r' id="([^"]+)"', first)) & set(re.findall(r' id="([^"]+)"', second)))

    def test_the_same_numbers_give_the_same_text(self):
        for kind, svg, _tree in self.each():
            for cached in vars(chart_drawing).values():
                if hasattr(cached, "cache_clear"):
                    cached.cache_clear()
            self.assertEqual(draw(kind, uid=kind), svg)

    def test_ink_is_the_pages_and_texts_stay_texts(self):
        for _kind, svg, tree in self.each():
            self.assertIn("currentColor", svg)
            self.assertNotIn("#010203", svg)
            self.assertEqual(tree.get("role"), "img")
            self.assertEqual(tree.findtext(f"{SVG}title"), "Points")
            self.assertIn("viewBox", tree.attrib)
            self.assertIn("Feb", [node.text for node in tree.iter(f"{SVG}text")])

    def test_right_to_left_is_mirrored_and_texts_keep_their_own_direction(self):
        for kind, _svg, tree in self.each(rtl=True, title="امتیاز", labels=["فروردین", "تیر", "مهر", "دی"]):
            self.assertIn("direction: ltr", tree.get("style"), "anchors stay where they were computed for")
            words = [node.text for node in tree.iter(f"{SVG}text")]
            self.assertIn("\u202bامتیاز\u202c", words)
            if kind not in ("hbars", "shares", "funnel"):
                at = {node.text: self.find_x(node) for node in tree.iter(f"{SVG}text")}
                self.assertGreater(at["\u202bفروردین\u202c"], at["\u202bدی\u202c"])

    def find_x(self, node):
        if node.get("x"):
            return float(node.get("x"))
        return float(re.search(r"translate\(([-\d.]+)", node.get("transform"))[1])

    def test_without_values_every_kind_says_so(self):
        for kind in reporting.CHARTS:
            with self.subTest(chart=kind):
                self.assertIn("Nothing yet", draw(kind, labels=[]))

    def test_one_value_and_ten_thousand_can_be_drawn(self):
        for count in (1, 10_000):
            for kind in reporting.CHARTS:
                with self.subTest(chart=kind, count=count):
                    svg = draw(kind, labels=[f"Row {i}" for i in range(count)], more="The first ones")
                    self.assertLess(len(svg), 1_000_000)
                    self.assertIn("Row 0", svg)
                    self.assertEqual("The first ones" in svg, count > 1, "what is left out is told")

    def test_one_value_is_a_bar_and_no_wall_of_one(self):
        svg = charts.lines("Points", ["Jan"], [charts.Series("Open", [7])], empty="")
        words = [node.text for node in etree.fromstring(svg.encode()).iter(f"{SVG}text")]
        self.assertIn("7", words, "it says its value")
        _page, _axes, bar = re.findall(r'd="M ([\d.]+) [\d.]+ L ([\d.]+) [^"]*z', re.sub(r"\s+", " ", svg))
        self.assertLess(float(bar[1]) - float(bar[0]), 100)

    def test_an_axis_of_counts_has_no_halves(self):
        def show(value):
            return f"{value:.0f}" if value == int(value) else ""

        svg = charts.bars("Members", MONTHS, [charts.Series("Joined", [0, 1, 0, 0])], empty="", show=show)
        words = [node.text for node in etree.fromstring(svg.encode()).iter(f"{SVG}text")]
        self.assertEqual([word for word in words if word and word.isdigit()][:3], ["0", "1", "2"])
        self.assertEqual(svg.count("stroke-opacity: 0.18"), 3, "a line for each number, and no other")

    def test_amounts_of_millions_are_not_cut_at_the_rim(self):
        for rtl in (False, True):
            svg = charts.lines(
                "Liability", MONTHS, [charts.Series("a", [5e7, 6e7, 7e7, 6e7])], empty="", rtl=rtl,
                show=lambda value: f"{value:,.2f} rials",
            )  # fmt: skip
            for node in etree.fromstring(svg.encode()).iter(f"{SVG}text"):
                if node.text.endswith("rials"):
                    x, room = self.find_x(node), 6.9 * len(node.text.replace(",", "").replace(".", ""))
                    self.assertGreater(900 - x if rtl else x, room)

    def test_a_step_that_nobody_reached_draws_nothing(self):
        svg = charts.funnel("Ladder", ["One", "Two"], [charts.Series("Members", [3, 0])], empty="")
        self.assertEqual(svg.count("clip-path=\"url"), 1)

    def test_threads_do_not_disturb_each_other(self):
        expected = {kind: draw(kind, title="Calm") for kind in reporting.CHARTS}
        for cached in vars(chart_drawing).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda kind: (kind, draw(kind, title="Calm")), list(reporting.CHARTS) * 3))
        for kind, svg in found:
            self.assertEqual(svg, expected[kind])

    def test_series_differ_without_colour(self):
        """A printer without colours shows the dark and the white with strokes; lines have dashes and marks."""
        self.assertIn("<pattern", draw("bars"))
        self.assertIn("stroke-dasharray", draw("lines"))
