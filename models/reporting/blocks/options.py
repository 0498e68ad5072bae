"""Options of a block: only a segment, a tier, a category of products; how many rows are named."""

from dataclasses import replace

from odoo import api, models
from odoo.tools import SQL

KEY = "club_report_options"


class ClubReportBlock(models.AbstractModel):
    """A block says which options it has in ``_block_options``: names of fields of ``club.report.line``.

    What the composer chose comes with the line, whatever shows it: screen, print, spreadsheet, mail. An addon's option
    is a field of its own on the line, named by the blocks that read it with :meth:`_get_option`.
    """

    _inherit = "club.report.block"

    #: Names of the line's fields that this block reads.
    _block_options = ()
    #: Rows that the block names of its own accord, where ``most`` is one of its options.
    _block_most = 0

    @api.model
    def _make_table(self, clubs, period, comparison=None, options=None):
        """See the base. ``options``: values by name, ids for records; those that the block has not are left out."""
        chosen = tuple((name, (options or {}).get(name)) for name in self._block_options if (options or {}).get(name))
        block = self.with_context(**{KEY: chosen})
        table = super(ClubReportBlock, block)._make_table(clubs, period, comparison)
        only = block.sudo()._say_options()
        if not only:
            return table
        problem = block.sudo()._find_option_problem(clubs.sudo())
        words = self.env._("Only %(what)s.", what=", ".join(only))
        return replace(
            table,
            title=f"{table.title} ({', '.join(only)})",
            chart=table.chart and replace(table.chart, title=table.chart.title or table.title),  # has less room
            note=f"{words} {table.note}",
            empty=problem or table.empty,
        )

    @api.model
    def _get_option(self, name):
        """The value of an option, an id for a record; nothing where it was not chosen."""
        return dict(self.env.context.get(KEY, ())).get(name)

    @api.model
    def _get_most(self):
        """How many rows are named."""
        return self._get_option("most") or self._block_most

    @api.model
    def _is_narrowed(self):
        """Whether only some members or products count: a domain of the records behind would be of others too."""
        return any(self._get_option(name) for name in ("segment_id", "tier_id", "categ_id"))

    @api.model
    def _get_option_record(self, name, model):
        return self.env[model].with_context(active_test=False).browse(self._get_option(name) or ()).exists()

    @api.model
    def _say_options(self):
        """What the block is narrowed to, in words."""
        _ = self.env._
        segment = self._get_option_record("segment_id", "club.segment")
        tier = self._get_option_record("tier_id", "club.tier")
        categ = self._get_option_record("categ_id", "product.category")
        return [
            *([_("segment %(name)s", name=segment.name)] if segment else []),
            *([_("tier %(name)s", name=tier.name)] if tier else []),
            *([_("products of %(name)s", name=categ.complete_name)] if categ else []),
        ]

    @api.model
    def _find_option_problem(self, clubs):
        """Why nobody can be counted, in words; empty if members can."""
        segment = self._get_option_record("segment_id", "club.segment")
        tier = self._get_option_record("tier_id", "club.tier")
        for record in (segment, tier):
            if record and record.club_id not in clubs:
                return self.env._(
                    "%(name)s is of the club %(club)s, which this report does not tell of.",
                    name=record.name,
                    club=record.club_id.name,
                )
        if segment and not self._is_readable(segment):
            return self.env._(
                "The conditions of %(name)s can no longer be read. Correct the segment.", name=segment.name
            )
        return ""

    # -- as conditions of SQL ----------------------------------------------------

    @api.model
    def _get_member_condition(self, clubs, alias):
        """The chosen segment and tier as an SQL condition on a member's row.

        :param SQL alias: of ``club_member``.
        """
        if self._find_option_problem(clubs):
            return SQL("FALSE")
        conditions = [SQL("TRUE")]
        segment = self._get_option_record("segment_id", "club.segment")
        if segment:
            conditions.append(SQL("%s.id IN (%s)", alias, segment._get_members().select()))
        if self._get_option("tier_id"):
            conditions.append(SQL("%s.tier_id = %s", alias, self._get_option("tier_id")))
        return SQL(" AND ").join(conditions)

    @api.model
    def _get_product_condition(self, column):
        """The chosen category, and those below it, as an SQL condition on an id of a product."""
        categ = self._get_option_record("categ_id", "product.category")
        if not categ:
            return SQL("TRUE")
        products = (
            self.env["product.product"].with_context(active_test=False)._search([("categ_id", "child_of", categ.id)])
        )
        return SQL("%s IN (%s)", column, products.select())

    @api.model
    def _get_purchase_lines(self, clubs, windows):
        """See the base; only what the options leave."""
        purchases = super()._get_purchase_lines(clubs, windows)
        if not self._is_narrowed():
            return purchases
        whose = self._get_member_condition(clubs, SQL("m"))
        if self._get_option("segment_id") or self._get_option("tier_id"):
            whose = SQL("bought.member_id IN (SELECT m.id FROM club_member m WHERE %s)", whose)
        return SQL(
            "(SELECT * FROM %s bought WHERE %s AND %s)",
            purchases,
            whose,
            self._get_product_condition(SQL("bought.product_id")),
        )
