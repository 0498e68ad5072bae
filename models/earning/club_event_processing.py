"""Facts meet the rules: in the order in which they came, once."""

from odoo import api, fields, models
from odoo.tools import SQL

from .event_batch import EventBatch, EventRow

BATCH = 5000


class ClubEvent(models.Model):
    _inherit = "club.event"

    # -- processing ------------------------------------------------------------

    def _process(self):
        """Let the rules earn for these events and mark them as processed; those processed before are left alone.

        :return: the ledger entries. A constant number of queries however many events there are.
        """
        rows = self._read_rows()
        if not rows:
            return self.env["club.point.entry"]
        batch = EventBatch(self.env, rows)
        posts = [
            self._prepare_award_values(row, award, batch)
            for row, evaluation in batch.evaluate()
            for award in evaluation.awards
        ]
        entries = self.env["club.point.entry"].sudo()._post(posts)
        self._mark_processed([row.id for row in rows])
        if batch.follow_ups:
            self.env["club.follow.up"]._schedule(
                [(row, follow_up) for row, follow_up in batch.follow_ups if row.id == row.root]
            )
        return entries

    def _read_rows(self):
        self.flush_model()
        return (
            [
                EventRow(*row)
                for row in self.env.execute_query(
                    SQL(
                        """
            SELECT id, member_id, club_id, type, occurred_at, amount, key, origin_model, origin_id,
                   COALESCE(revises_id, id), payload
              FROM club_event
             WHERE id = ANY(%s) AND processed_at IS NULL
             ORDER BY occurred_at, id
            """,
                        self.ids,
                    )
                )
            ]
            if self.ids
            else []
        )

    @api.model
    def _read_extra(self, rows, needs):
        """What conditions of other rooms ask about the members of a batch: values by name, by member id.

        They stand in ``event.values`` beside the payload. An override reads for the whole batch at once, and only if
        the name of its condition is among ``needs``.

        :param list[EventRow] rows: the batch; a visitor is member 0.
        :param frozenset[str] needs: names of the conditions that any rule of the batch's clubs asks for.
        :rtype: dict[int, dict]
        """
        return {}

    @api.model
    def _read_asked(self, known, rows, rules):
        """Like :meth:`_read_extra`, for conditions of which it matters what value the rules ask for.

        :param dict known: what :meth:`_read_extra` returned; :param list rules: the engine's rules and follow-ups.
        :rtype: dict[int, dict]
        """
        return known

    @api.model
    def _remember_extra(self, known, row, awards):
        """Note in ``known`` what ``row`` has just earned, for the facts after it in the same batch.

        :param dict known: what :meth:`_read_extra` returned.
        """

    @api.model
    def _begin_replay(self, known, memory):
        """Let what rules have given, as far as it stands in ``known``, begin empty, as limits do in a replay.

        :param dict known: what :meth:`_read_extra` returned; :param dict memory: shared by the batches of the replay.
        """

    @api.model
    def _get_award_dates(self, rows):
        """When what facts give is given, by event id, where that is another moment than when they occurred.

        Points expire, and use up the club's budget, as of then. An override reads for the whole batch at once.

        :param list[EventRow] rows: the batch.
        :rtype: dict[int, datetime]
        """
        return {}

    @api.model
    def _prepare_award_values(self, row, award, batch):
        """Values of the ledger entry for an award. An override may make it pending or add a note.

        :param row: the :class:`EventRow`; :param award: the engine's award; :param batch: the :class:`EventBatch`.
        """
        return batch.prepare_entry(row, award)

    def _mark_processed(self, ids):
        """The one change that an event sees; by SQL because ``write`` refuses every change."""
        self.env.execute_query(
            SQL("UPDATE club_event SET processed_at = %s WHERE id = ANY(%s) RETURNING 1", fields.Datetime.now(), ids)
        )
        self.browse(ids).invalidate_recordset(["processed_at"], flush=False)

    @api.model
    def _cron_process(self, batch=BATCH):
        """Process events that nobody has processed yet, oldest first, in batches that may stop anywhere.

        What a batch did is committed with the mark that its events are processed, so a job that is killed loses at
        most a batch that it then does again. An event that fails is left out and logged.
        """
        self.env["club.job"]._work_off(
            "process events", self._find_waiting, lambda ids: self.browse(ids)._process(), size=batch
        )

    @api.model
    def _find_waiting(self, limit, skip=()):
        """Ids of the oldest events that wait, locked: two jobs never process the same event. The ORM cannot lock."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT id FROM club_event WHERE processed_at IS NULL AND id != ALL(%s)
             ORDER BY id LIMIT %s FOR NO KEY UPDATE
            """,
                list(skip),
                limit,
            )
        )
        return [event_id for (event_id,) in rows]
