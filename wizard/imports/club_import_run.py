"""How an import runs: in batches within a request, or in the background, batch after batch committed."""

import copy
import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, split_every

_logger = logging.getLogger(__name__)

BATCH = 1000
#: Tables that an import fills.
ANALYZED = (
    "club_member",
    "loyalty_card",
    "club_event",
    "club_point_entry",
    "club_point_lot",
    "club_point_allocation",
)
#: Problems that are kept with the report; all are counted.
KEPT_PROBLEMS = 5_000
RETRIES = 5


class ClubImport(models.AbstractModel):
    _inherit = "club.import"

    def _run(self):
        """Import everything within this transaction.

        :return: the report: ``items``, ``figures``, ``problems``, ``problem_count``
        :rtype: dict
        """
        self.ensure_one()
        items, problems = self._read_items()
        report = self._new_report(items, problems)
        for number, batch in enumerate(split_every(BATCH, items, list), start=1):
            self._add_to_report(report, *self._import_counted(batch))
            if number & (number - 1) == 0:  # 1, 2, 4, 8 …: as the tables double
                self._refresh_statistics()
        self._refresh_statistics()
        self._import_end(report["figures"])
        return report

    def _refresh_statistics(self):
        """Tell the planner how large the tables have become.

        Autovacuum does so after a commit; within one long transaction PostgreSQL believes that they are empty and joins
        thousands of new rows in loops.
        """
        self.env.flush_all()
        for table in ANALYZED:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    @api.model
    def _new_report(self, items, problems):
        report = {"items": len(items), "figures": {}, "problems": [], "problem_count": 0}
        self._add_to_report(report, {}, problems)
        return report

    @api.model
    def _add_to_report(self, report, figures, problems):
        for name, value in figures.items():
            report["figures"][name] = round(report["figures"].get(name, 0) + value, 2)
        kept = [list(problem) for problem in problems[: max(0, KEPT_PROBLEMS - len(report["problems"]))]]
        report["problems"] = sorted(report["problems"] + kept, key=lambda problem: problem[0])
        report["problem_count"] += len(problems)

    @api.model
    def _cron_run(self):
        """Go on with the imports that run in the background, batch by batch; can be stopped at any point."""
        for model in ("club.history.import", "club.member.import"):
            for record in self.env[model].search([("state", "=", "queued")], order="id"):
                # As the person who asked for it: the ledger says who did it.
                if not record.with_user(record.user_id).with_company(record.company_id)._run_in_background():
                    return

    def _run_in_background(self):
        """Import batch after batch, committing each.

        :return: whether time is left for another import
        """
        try:
            items, problems = self._read_items()
            if not self.position:
                self.result = self._new_report(items, problems)
            while self.position < len(items):
                batch = items[self.position : self.position + BATCH]
                self._run_batch_with_retries(batch)
                if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(items) - self.position):
                    return False
            report = copy.deepcopy(self.result)
            self._import_end(report["figures"])
            self.write({"result": report, "state": "done", "done_at": fields.Datetime.now()})
        except Exception as error:  # the person who waits must see it, and the other imports must go on
            _logger.exception("import %s stopped at item %s", self, self.position)
            self.env.cr.rollback()
            self.write({"state": "failed", "result": dict(self.result or self._new_report([], []), error=str(error))})
        return bool(self.env["ir.cron"]._commit_progress(0))

    def _run_batch_with_retries(self, batch):
        """Crons are not retried by Odoo: a batch that met another transaction starts again."""
        for attempt in range(RETRIES):
            try:
                report = copy.deepcopy(self.result)
                self._add_to_report(report, *self._import_counted(batch))
                self.write({"result": report, "position": self.position + len(batch)})
                self.env.flush_all()
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:  # noqa: PERF203
                self.env.cr.rollback()
                if attempt == RETRIES - 1:
                    raise

    # -- counting ------------------------------------------------------------------------------------

    def _import_counted(self, items):
        """Import a batch and count what came with it: points for joining, higher tiers.

        :return: as :meth:`_import_batch`
        """
        mark = self._get_mark()
        figures, problems = self._import_batch(items)
        self._process_waiting()
        self.env.cr.flush()  # tiers are decided before a commit; a dry run has none
        self._process_waiting()
        risen, points = self._count_since(mark)
        figures["tiers_risen"] = risen
        figures["points_other"] = points - figures["points"]
        return figures, problems

    def _process_waiting(self):
        """Let the rules look at what nobody has processed yet: joining, tiers reached."""
        waiting = [("club_id", "=", self.club_id.id), ("processed_at", "=", False)]
        self.env["club.event"].sudo().search(waiting, order="occurred_at, id")._process()

    def _get_mark(self):
        """The end of the history of tiers and of the ledger, as this transaction sees them."""
        return tuple(
            self.env[model].sudo().search([], order="id desc", limit=1).id or 0
            for model in ("club.tier.history", "club.point.entry")
        )

    def _count_since(self, mark):
        """How many of the club's members rose and how many points were posted in this transaction since a mark."""
        club_id = self.club_id.id
        history, entry = mark
        risen = (
            self.env["club.tier.history"]
            .sudo()
            .search_count(
                [("member_id.club_id", "=", club_id), ("id", ">", history), ("reason", "=", "rise")],
            )
        )
        [(points,)] = (
            self.env["club.point.entry"]
            .sudo()
            ._read_group(
                [("club_id", "=", club_id), ("id", ">", entry)],
                [],
                ["points:sum"],
            )
        )
        return risen, points or 0.0
