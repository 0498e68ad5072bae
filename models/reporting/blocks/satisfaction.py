"""Satisfaction: what members say, the share that is content, how fast they were answered."""

from odoo import api, models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.charts import Series
from odoo.tools import SQL

#: Stars (of 5) from which a review is content, and share of points from which a survey is that has no bar of its own.
CONTENT_STARS = 4


class ClubReportBlockSatisfaction(models.AbstractModel):
    _name = "club.report.block.satisfaction"
    _inherit = "club.report.block"
    _description = "Block of a Report: Feedback and Satisfaction"
    _block_sequence = 7

    @api.model
    def _get_label(self):
        return self.env._("Feedback and Satisfaction")

    @api.model
    def _read_block(self, clubs, period, comparison=None):
        _ = self.env._
        found = {(row["part"], row["source"]): row for row in self._read_voices(clubs, period, comparison)}
        sources = {
            "feedback": (_("Feedback"), "club.feedback", "create_date"),
            "review": (_("Product reviews"), "club.review", "published_at"),
            "survey": (_("Surveys with a score"), "club.event", "occurred_at"),
        }
        rows, drill = [], {}
        for source, (name, model, field) in sources.items():
            now, before = (found.get((part, source)) for part in (0, 1))
            if not now and not before:
                continue
            row = {"source": name, **self._make_row(now)}
            if comparison:
                row["before"] = self._share(before["content"], before["judged"]) if before else None
            if now:
                domain = self._get_period_domain(clubs, period, field)
                drill[len(rows)] = (model, [*([("type", "=", "survey")] if source == "survey" else []), *domain])
            rows.append(row)
        total, old = found.get((0, None)), found.get((1, None))
        totals = {"source": _("Together"), **self._make_row(total)}
        before = self._make_row(old)
        share = before["share"] if comparison else None
        if comparison:
            totals["before"] = share
        return reporting.Table(
            title=self._get_label(),
            columns=[
                reporting.Column("source", _("Source")),
                reporting.Column("said", _("Received"), "integer"),
                reporting.Column("judged", _("Content or Not"), "integer"),
                reporting.Column("content", _("Content"), "integer"),
                reporting.Column("share", _("Share Content"), "share"),
                *([reporting.Column("before", _("Share Before"), "share")] if comparison else []),
                reporting.Column("members", _("Members Heard"), "integer"),
                reporting.Column("happy", _("Content Members"), "integer"),
                reporting.Column("answered", _("Decided"), "integer"),
                reporting.Column("days", _("Days Until Decided"), "decimal"),
            ],
            rows=rows,
            totals=totals if rows else None,
            chart=reporting.Chart(
                "hbars",
                [row["source"] for row in rows],
                [Series(_("Share content"), [row["share"] or 0 for row in rows])],
                type="share",
            ),
            drill=drill,
            figures=[
                (_("Content Members"), totals["happy"], "integer", before["happy"] if comparison else None),
                (_("Share Content"), totals["share"], "share", share),
                (_("Days Until Decided"), totals["days"], "decimal", before["days"] if comparison else None),
            ],
            empty=_("No member has said anything in this period. Ask for it: a survey, a question at the counter."),
            note=_(
                "Feedback: praise is content, critique is not; suggestions and requests are neither. Reviews: 4 and 5 "
                "stars are content. Surveys: of those with a score, who reached the survey's own bar. Content members: "
                "who was content in most of what they said in the period. Days until decided: from receiving feedback "
                "to the decision, of what was decided by now."
            ),
        )

    @api.model
    def _make_row(self, values):
        values = values or dict.fromkeys(("said", "judged", "content", "members", "happy", "answered", "seconds"), 0)
        days = self._decimal(values["seconds"]) / 86400 / values["answered"] if values["answered"] else None
        return {
            **{name: values[name] for name in ("said", "judged", "content", "members", "happy", "answered")},
            "share": self._share(values["content"], values["judged"]),
            "days": self._points(days) if days is not None else None,
        }

    @api.model
    def _read_voices(self, clubs, period, comparison):
        """Counts by part and source, and by part over all sources (source empty).

        SQL: three kinds of documents together, and members over all of them once.
        """
        return self._read_rows(
            SQL(
                """
                WITH span AS MATERIALIZED (SELECT * FROM %(windows)s s), voice AS (
                    SELECT w.part, 'feedback' AS source, f.member_id,
                           CASE f.kind WHEN 'praise' THEN 1 WHEN 'critique' THEN 0 END AS content,
                           CASE WHEN f.decided_at >= f.create_date
                                THEN EXTRACT(EPOCH FROM f.decided_at - f.create_date) END AS seconds
                      FROM span w JOIN club_feedback f ON f.club_id = w.club_id AND f.state <> 'withdrawn'
                       AND f.create_date >= w.first AND f.create_date < w.last
                 UNION ALL
                    SELECT w.part, 'review', v.member_id, (r.rating >= %(stars)s)::int, NULL
                      FROM span w JOIN club_review v ON v.club_id = w.club_id
                       AND v.published_at >= w.first AND v.published_at < w.last
                      JOIN rating_rating r ON r.id = v.rating_id AND r.rating > 0
                 UNION ALL
                    SELECT w.part, 'survey', e.member_id, (e.payload->>'passed')::boolean::int, NULL
                      FROM span w JOIN club_event e ON e.club_id = w.club_id AND e.type = 'survey'
                       AND e.revises_id IS NULL AND e.occurred_at >= w.first AND e.occurred_at < w.last
                       AND e.payload->>'passed' IS NOT NULL AND NOT EXISTS (
                           SELECT FROM club_event void
                            WHERE void.revises_id = e.id AND (void.payload->>'void')::boolean)
                ), heard AS (
                    SELECT voice.part, voice.source, who.id, COUNT(*) AS said,
                           COUNT(content) AS judged, COALESCE(SUM(content), 0) AS content,
                           COUNT(seconds) AS answered, COALESCE(SUM(seconds), 0) AS seconds
                      FROM voice JOIN club_member m ON m.id = voice.member_id
                CROSS JOIN LATERAL (SELECT COALESCE(m.merged_into_id, m.id) AS id) who
                     GROUP BY GROUPING SETS ((voice.part, voice.source, who.id), (voice.part, who.id))
                )
                SELECT part, source, SUM(said)::int AS said, SUM(judged)::int AS judged, SUM(content)::int AS content,
                       COUNT(*) AS members, COUNT(*) FILTER (WHERE content * 2 > judged) AS happy,
                       SUM(answered)::int AS answered, SUM(seconds) AS seconds
                  FROM heard GROUP BY part, source
                """,
                windows=self._get_windows(clubs, self._get_parts(period, comparison)),
                stars=CONTENT_STARS,
            )
        )
