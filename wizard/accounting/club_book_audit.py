"""The audit file: every entry of a club and period with its seal, so that anybody can compute the seals again."""

from decimal import Decimal
from typing import NamedTuple

from odoo import fields, models
from odoo.addons.customer_club.engine import charts
from odoo.exceptions import UserError
from odoo.tools import SQL

CENT = Decimal("0.01")


class Sealed(NamedTuple):
    """A seal, and how much of what it covers is the club's."""

    seal: object
    count: int
    total: Decimal


class ClubBookReport(models.TransientModel):
    """Seals are over the entries of all clubs together, in the order in which they were posted. So the audit file of a
    club and period has every line of every seal from the first to the last one that has an entry of theirs: less could
    not be computed again. The list of entries (CSV) has the club's and the period's alone, each with its seal.
    """

    _inherit = "club.book.report"

    kind = fields.Selection(selection_add=[("audit", "Audit File")], ondelete={"audit": "cascade"})

    # -- actions -------------------------------------------------------------

    def action_export_audit(self):
        """Everything that the seals of the period cover, to be computed again with ``clients/verify_audit_file.py``.

        :raises UserError: the seals cover points of companies that the reader does not work in, with the remedy.
        """
        self._check_reader()
        self.sudo()._check_whole_seals()
        return {"type": "ir.actions.act_url", "url": f"/customer_club/books/{self.id}/audit.jsonl", "target": "self"}

    def action_export_entries(self):
        """The club's entries of the period as CSV, each with its seal; however many there are."""
        self._check_reader()
        return {"type": "ir.actions.act_url", "url": f"/customer_club/books/{self.id}/entries.csv", "target": "self"}

    def action_view_entries(self):
        """Open the club's entries of the period."""
        self._check_reader()
        first, end = self.sudo()._get_bounds()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries"),
            "res_model": "club.point.entry",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("club_id", "=", self.club_id.id),
                ("date", ">=", fields.Datetime.to_string(first)),
                ("date", "<", fields.Datetime.to_string(end)),
            ],
        }

    # -- what is read ----------------------------------------------------------

    def _read_seals(self):
        """The seals from the first to the last one that covers an entry of the club and period, oldest first.

        SQL: sums over ranges of ids, which no relation of the ORM tells.

        :rtype: list[Sealed]
        """
        self.env["club.point.entry"].flush_model()
        first, end = self._get_bounds()
        rows = self.env.execute_query(
            SQL(
                """
                WITH bounds AS (
                    SELECT MIN(id) AS low, MAX(id) AS high FROM club_point_entry
                     WHERE club_id = %(club)s AND date >= %(first)s AND date < %(end)s
                )
                SELECT seal.id, COUNT(e.id), COALESCE(SUM(round(e.points, 2)), 0)
                  FROM bounds
                  JOIN club_ledger_seal seal ON seal.to_id >= bounds.low AND seal.from_id <= bounds.high
                  LEFT JOIN club_point_entry e ON e.id BETWEEN seal.from_id AND seal.to_id AND e.club_id = %(club)s
                 GROUP BY seal.id ORDER BY seal.id
                """,
                club=self.club_id.id,
                first=first,
                end=end,
            )
        )
        Seal = self.env["club.ledger.seal"].sudo()
        return [Sealed(Seal.browse(seal_id), count, self._to_points(total)) for seal_id, count, total in rows]

    def _to_points(self, number):
        """A number of the database as exact points."""
        return Decimal(str(number)).quantize(CENT)

    def _count_foreign(self, seals):
        """How many entries under these seals are of companies that the reader does not work in."""
        if not seals:
            return 0
        [(count,)] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM club_point_entry WHERE id BETWEEN %s AND %s AND company_id NOT IN %s",
                seals[0].seal.from_id,
                seals[-1].seal.to_id,
                tuple(self.env.user.company_ids.ids) or (0,),
            )
        )
        return count

    def _check_whole_seals(self):
        """May the reader see every line that these seals cover?

        :raises UserError: with what to do instead.
        """
        foreign = self._count_foreign(self._read_seals())
        if foreign:
            raise UserError(
                self.env._(
                    "The seals of this period cover all clubs, also %(count)s entries of companies that you do not "
                    "work in, and cannot be computed again without these. Take the list of entries (CSV), whose seals "
                    "are verified on this page; or ask somebody who works in all companies for the audit file.",
                    count=foreign,
                )
            )

    def _count_unsealed(self, seals):
        """How many of the club's entries of the period no seal covers yet."""
        first, end = self._get_bounds()
        domain = [("club_id", "=", self.club_id.id), ("date", ">=", first), ("date", "<", end)]
        return self.env["club.point.entry"].search_count([*domain, ("id", ">", self._get_horizon())])

    def _get_horizon(self):
        """The last entry that any seal covers."""
        return self.env["club.ledger.seal"].sudo().search([], limit=1).to_id or 0

    # -- sections --------------------------------------------------------------

    def _make_audit(self):
        """What the period moved, the seals that prove it, and the files with all of it."""
        seals = self._read_seals()
        problems = [problem for sealed in seals for problem in sealed.seal._find_differences()]
        return [
            self._make_movements(),
            self._make_seals(seals, problems),
            self._make_digests(seals),
            self._make_files(seals),
        ]

    def _make_movements(self):
        """Entries and points of the club and period by kind."""
        _ = self.env._
        first, end = self._get_bounds()
        kinds = dict(self.env["club.point.entry"]._fields["kind"]._description_selection(self.env))
        self.env["club.point.entry"].flush_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT kind, COUNT(*), COALESCE(SUM(points) FILTER (WHERE points > 0), 0),
                       COALESCE(SUM(points) FILTER (WHERE points < 0), 0)
                  FROM club_point_entry WHERE club_id = %s AND date >= %s AND date < %s GROUP BY kind
                """,
                self.club_id.id,
                first,
                end,
            )
        )
        sums = {kind: (count, self._to_points(plus), self._to_points(minus)) for kind, count, plus, minus in found}
        rows = [[name, *sums[kind], sums[kind][1] + sums[kind][2]] for kind, name in kinds.items() if kind in sums]
        return {
            "title": _("Entries of the period"),
            "columns": [
                (_("Kind"), "text"),
                (_("Entries"), "count"),
                (_("Points added"), "points"),
                (_("Points taken"), "points"),
                (_("Together"), "points"),
            ],
            "rows": rows,
            "total": self._add_up(rows, 1),
            "chart": charts.bars(
                _("Points by kind of entry"),
                [row[0] for row in rows],
                [
                    charts.Series(_("Points added"), [row[2] for row in rows]),
                    charts.Series(_("Points taken"), [row[3] for row in rows]),
                ],
                empty=_("Nothing to show in this period"),
                rtl=self.env["res.lang"]._is_club_rtl(),
                show=lambda value: self._show(value, "points"),
            ),
            "empty": _("The ledger of this club has no entry of this period."),
            "method": [
                _(
                    "Every entry of the ledger whose day lies in the period, in the time zone of the club. “Became "
                    "spendable” moves no points that the member did not own before."
                )
            ],
        }

    def _make_seals(self, seals, problems):
        """How much each seal covers, of all clubs and of this one, and whether it still holds."""
        _ = self.env._
        broken = {sealed.seal.id for sealed in seals if sealed.seal._find_differences()} if problems else set()
        rows = [
            [
                f"{sealed.seal.id}",
                self.club_id._say_moment(sealed.seal.sealed_at),
                f"{sealed.seal.from_id}–{sealed.seal.to_id}",
                sealed.seal.count,
                self._to_points(sealed.seal.total),
                sealed.count,
                sealed.total,
                _("Broken") if sealed.seal.id in broken else _("Holds"),
            ]
            for sealed in seals
        ]
        unsealed = self._count_unsealed(seals)
        return {
            "title": _("Seals of the period"),
            "columns": [
                (_("Seal"), "text"),
                (_("Made on"), "text"),
                (_("Entries no."), "text"),
                (_("Entries, all clubs"), "count"),
                (_("Points, all clubs"), "points"),
                (_("Entries, this club"), "count"),
                (_("Points, this club"), "points"),
                (_("Chain"), "text"),
            ],
            "rows": rows,
            "total": [_("Total"), None, None, *(sum(row[place] for row in rows) for place in range(3, 7)), None]
            if rows
            else [],
            "chart": "",
            "empty": _("No seal covers an entry of this club and period yet. Seals are made every night."),
            "method": [
                *(problems or ([_("Computed again for this report: all seals of the period hold.")] if seals else [])),
                _(
                    "A seal is the SHA-256 of every entry and allocation that was posted since the one before it, of "
                    "all clubs together, and of the seal before it. Entries of other days that were posted between "
                    "those of this period are under the same seals."
                ),
                _(
                    "Entries of this club and period that no seal covers yet: %(count)s.",
                    count=self._show(unsealed, "count"),
                ),
            ],
        }

    def _make_digests(self, seals):
        """The digests in full, so that a print kept by an auditor proves what the ledger was."""
        _ = self.env._
        return {
            "title": _("Digests"),
            "columns": [(_("Seal"), "text"), (_("Digest"), "text"), (_("Digest of the seal before"), "text")],
            "rows": [[f"{s.seal.id}", s.seal.digest, s.seal.previous_id.digest or _("none")] for s in seals],
            "total": [],
            "chart": "",
            "empty": _("No seal covers an entry of this club and period yet. Seals are made every night."),
            "method": [
                _(
                    "Keep this page: whoever could write to the database could also make a new chain that fits, but "
                    "not one with these digests."
                )
            ],
        }

    def _make_files(self, seals):
        """The files with every entry, and their SHA-256 where the report is printed or exported."""
        _ = self.env._
        first, end = self._get_bounds()
        count = self.env["club.point.entry"].search_count(
            [("club_id", "=", self.club_id.id), ("date", ">=", first), ("date", "<", end)]
        )
        foreign = self._count_foreign(seals)
        complete = self.env.context.get("club_book_complete")
        waits = _("computed when printed")
        rows = [
            [
                self._get_audit_name("csv"),
                _("Every entry of the club and period, with its seal"),
                count,
                self._hash(self._write_entries()) if complete else waits,
            ]
        ]
        if not foreign:
            lines = sum(s.seal.count + s.seal.allocation_count for s in seals) + self._count_unsealed(seals)
            rows.append(
                [
                    self._get_audit_name("jsonl"),
                    _("Every entry and allocation under the seals, to be computed again"),
                    lines,
                    self._hash(self._write_audit()) if complete else waits,
                ]
            )
        return {
            "title": _("Files"),
            "columns": [
                (_("File"), "text"),
                (_("What is in it"), "text"),
                (_("Records"), "count"),
                ("SHA-256", "text"),
            ],
            "rows": rows,
            "total": [],
            "chart": "",
            "empty": "",
            "method": [
                _(
                    "Whoever has the audit file (JSON lines) checks it without this system: python3 "
                    "verify_audit_file.py FILE, a program of one page that comes with this addon. It computes every "
                    "seal again; with a file that was kept from before, it names each entry that was changed."
                ),
                *(
                    [
                        _(
                            "The seals cover %(count)s entries of companies that you do not work in; the audit file "
                            "needs them, so somebody who works in all companies can make it.",
                            count=foreign,
                        )
                    ]
                    if foreign
                    else []
                ),
            ],
        }
