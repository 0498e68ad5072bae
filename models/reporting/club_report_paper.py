"""How the tables of a report are laid out: columns by what stands in them, and rows by the pages of paper.

Programs that print pages tear rows apart, and forget the heads on the next page, each in its own way. So a table that
is longer than a page is cut into tables here.
"""

import re

from odoo import api, models

#: Lines of text on a page, and letters on a line, in the narrowest of the programs that print; and how many lines the
#: title of the report takes, what stands about a block, and a chart as high as the page is wide.
PAGE_LINES, LINE_LETTERS = 36, 180
TITLE_LINES, BLOCK_LINES, CHART_LINES = 6, 8, 53
#: How much of a page's width (percent) a chart takes at most, and how much of it it may be high.
CHART_WIDTH, CHART_HEIGHT = 85, 52
#: A head takes so many lines at most, where the page has room.
HEAD_LINES = 3
#: So many rows of a table at least stand on a page: fewer below a chart go to the next one, and the last has as many.
FEWEST = 3
#: A column of texts up to so many letters never wraps; one of longer texts counts as at most so long.
SHORT, LONG = 16, 60
#: A head of more letters is wrapped on screen, to so many times the size of its letters at most.
LONG_HEAD, HEAD = 20, 14


class ClubReportPage(models.TransientModel):
    _inherit = "club.report.page"

    @api.model
    def _arrange_columns(self, table, rows):
        """Heads, styles and shares of the page's width (percent) of a section's columns."""
        heads, weights, flexible = [], [], []
        for place, column in enumerate(table.columns):
            longest = max((len(row[place]["words"]) for row in rows), default=0)
            word = max([*map(len, column.label.split()), len(column.label) // HEAD_LINES])
            fixed = column.is_number or longest <= SHORT
            style = "white-space: nowrap" if fixed else f"min-width: {min(longest, LONG) // 3}em"
            # a long head neither makes its column wide nor, on a phone, a tower of words
            room = f"display: inline-block; min-width: {HEAD // 2}em; max-width: {HEAD}em"
            wrap = room if len(column.label) > LONG_HEAD else ""
            heads.append({"label": column.label, "number": column.is_number, "style": style, "wrap": wrap})
            weights.append(max(longest if fixed else min(longest, LONG), word) * 1.1 + 2)
            if not fixed:
                flexible.append(place)
        room = LINE_LETTERS - sum(weight for place, weight in enumerate(weights) if place not in flexible)
        wanted = sum(weights[place] for place in flexible)
        for place in flexible:  # what is short never wraps, so longer texts share what is left
            weights[place] = max(weights[place] * min(1, room / wanted), SHORT)
        whole = sum(weights) or 1
        return {"heads": heads, "shares": [round(100 * weight / whole, 1) for weight in weights]}

    @api.model
    def _break_pages(self, sections):
        """The sections, each with where paper begins a new page (``breaks``), so that none is torn apart.

        Rows of those that are longer than a page are in ``chunks``, one for each page.
        """
        used = TITLE_LINES
        for section in sections:
            section["chart_width"], chart_lines = self._measure_chart(section["svg"])
            rows = section["rows"] if section["show_table"] else []
            lines = [self._count_lines(section, row) for row in rows]
            above = BLOCK_LINES + chart_lines
            fits = used + above + sum(lines) <= PAGE_LINES
            section["breaks"] = used > TITLE_LINES and not fits
            if section["breaks"]:
                used = 0
            section["chunks"] = self._cut(rows, lines, PAGE_LINES - used - above)
            last = len(section["chunks"][-1])
            used = (used + above if len(section["chunks"]) == 1 else BLOCK_LINES) + sum(lines[len(lines) - last :])
        return sections

    @api.model
    def _count_lines(self, section, row):
        """How many lines the row takes on paper at most."""
        return (
            max(
                -(-len(cell["words"]) * 100 // int(max(share * LINE_LETTERS, 100)))
                for cell, share in zip(row, section["shares"], strict=True)
            )
            or 1
        )

    @api.model
    def _measure_chart(self, svg):
        """Percent of a page's width that a chart takes so that its height stays on the page, and its lines."""
        size = re.match(r'<svg [^>]*width="(\d+)" height="(\d+)"', svg)
        if not size:
            return 0, 0
        ratio = int(size[2]) / int(size[1])
        width = min(CHART_WIDTH, int(CHART_HEIGHT / ratio))
        return width, round(width / 100 * ratio * CHART_LINES)

    @api.model
    def _cut(self, rows, lines, first):
        """Rows by page: ``first`` lines on the one that has begun, which may take none, then whole pages."""
        chunks, left = [[]], first if sum(lines[:FEWEST]) <= first else 0
        for row, height in zip(rows, lines, strict=True):
            if height > left and (chunks[-1] or len(chunks) == 1):
                chunks.append([])
                left = PAGE_LINES - 2
            chunks[-1].append(row)
            left -= height
        missing = FEWEST - len(chunks[-1])
        if missing > 0 and len(chunks) > 1 and len(chunks[-2]) > 2 * FEWEST:
            chunks[-1][:0] = chunks[-2][-missing:]
            del chunks[-2][-missing:]
        return chunks
