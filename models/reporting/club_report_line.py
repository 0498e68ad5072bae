"""A block of a report: which one, how much of it is shown, and what it is narrowed to."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

ROWS = 50
#: Rows that a block can be asked to name.
MOST = 500
#: Blocks of one report: each is computed every time that somebody opens it.
MOST_BLOCKS = 60


class ClubReportLine(models.Model):
    _name = "club.report.line"
    _description = "Block of a Report, Chosen"
    _inherit = "club.bounded"
    _order = "sequence, id"

    report_id = fields.Many2one("club.report", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(selection="_select_kind", string="Block", required=True)
    title = fields.Char(translate=True, help="Empty: the block's own name.")
    show_chart = fields.Boolean(string="Chart", default=True)
    show_table = fields.Boolean(string="Table", default=True)
    row_limit = fields.Integer(
        string="Rows", default=ROWS, help="Rows of the table on screen and paper; the spreadsheet has all of them."
    )
    options = fields.Char(compute="_compute_options", help="Names of the options that the block has.")
    segment_id = fields.Many2one(
        "club.segment",
        string="Only Segment",
        index="btree_not_null",
        ondelete="restrict",
        help="Only members who belong to it when the report is made.",
    )
    tier_id = fields.Many2one(
        "club.tier",
        string="Only Tier",
        index="btree_not_null",
        ondelete="restrict",
        help="Only members who have it when the report is made.",
    )
    categ_id = fields.Many2one(
        "product.category",
        string="Only Products Of",
        index="btree_not_null",
        ondelete="restrict",
        help="Only products of this category and of those below it.",
    )
    most = fields.Integer(string="How Many", help="How many the block names, the first ones. 0: as many as it does.")

    _row_limit_positive = models.Constraint("CHECK(row_limit > 0)", "A block shows at least one row of its table.")
    _most_possible = models.Constraint(f"CHECK(most BETWEEN 0 AND {MOST})", f"A block names at most {MOST} rows.")

    @api.depends("kind")
    def _compute_options(self):
        for line in self:
            line.options = ",".join(line._get_option_names())

    @api.constrains("segment_id", "tier_id", "report_id")
    def _check_options(self):
        for line in self.sudo():
            clubs = line.report_id.club_ids
            for chosen in (line.segment_id, line.tier_id):
                if chosen and clubs and chosen.club_id not in clubs:
                    raise ValidationError(
                        self.env._(
                            "%(chosen)s is of the club %(club)s, which %(report)s does not tell of. Choose one of its "
                            "own clubs.",
                            chosen=chosen.name,
                            club=chosen.club_id.name,
                            report=line.report_id.name,
                        )
                    )

    @api.constrains("report_id")
    def _check_number(self):
        """Every block asks the database; a page without a limit keeps the server from others (abuse 24)."""
        domain, too_many = [("report_id", "in", self.report_id.ids)], [("__count", ">", MOST_BLOCKS)]
        for (report,) in self.sudo()._read_group(domain, ["report_id"], having=too_many):
            raise ValidationError(
                self.env._(
                    "%(report)s has more than %(most)s blocks. Make two reports of it.",
                    report=report.name,
                    most=MOST_BLOCKS,
                )
            )

    @api.model
    def _select_kind(self):
        return self.env["club.report.block"]._select_kinds()

    def _get_option_names(self):
        """The names of the options that the line's block has."""
        self.ensure_one()
        block = self.env["club.report.block"]._get_block(self.kind) if self.kind else None
        return block._block_options if block is not None else ()

    def _get_options(self):
        """What was chosen, as :meth:`club.report.block._make_table` takes it: ids for records.

        Past the reader's rights: a narrowed block must not become a wide one because its segment may not be read.
        """
        line = self.sudo()
        values = {name: line[name] for name in line._get_option_names()}
        return {name: getattr(value, "id", value) for name, value in values.items() if value}
