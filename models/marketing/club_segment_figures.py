"""What a segment's page says: how many, which share, who is new, the chart, the first ten, the overlap."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import charts, segments
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: Days over which entries and exits are counted, weeks that the chart shows, members that the preview names.
RECENT_DAYS, WEEKS, PREVIEW = 30, 13, 10


class ClubSegment(models.Model):
    _inherit = "club.segment"

    member_count = fields.Integer(string="Members", compute="_compute_member_count", help="Now, as the page is read.")
    share = fields.Float(string="Share of the Club", compute="_compute_share", help="Of its active members.")
    kept_count = fields.Integer(
        string="Members When Counted", compute="_compute_kept_count", help="As of the last count, see there."
    )
    entered_count = fields.Integer(string="New in 30 Days", compute="_compute_kept_count")
    left_count = fields.Integer(string="Left in 30 Days", compute="_compute_kept_count")
    chart = fields.Html(compute="_compute_chart", sanitize=False)
    preview_ids = fields.Many2many("club.member", compute="_compute_preview_ids", string="The First Ten")
    compared_id = fields.Many2one(
        "club.segment",
        string="Compare With",
        domain="[('club_id', '=', club_id), ('id', '!=', id)]",
        ondelete="set null",
        copy=False,
        help="How many members belong to both.",
    )
    overlap_count = fields.Integer(string="In Both", compute="_compute_overlap_count")
    overlap_share = fields.Float(string="Share in Both", compute="_compute_overlap_count", help="Of this segment.")

    # -- computes ------------------------------------------------------------

    @api.depends("domain", "club_id", "kind", "match", "condition_ids.sentence", "condition_ids.excludes")
    def _compute_member_count(self):
        for segment in self:
            segment.member_count = segment._count(Domain.TRUE)

    @api.depends("member_count", "club_id")
    def _compute_share(self):
        totals = dict(
            self.env["club.member"]._read_group([("club_id", "in", self.club_id._origin.ids)], ["club_id"], ["__count"])
        )
        for segment in self:
            segment.share = segment.member_count / (totals.get(segment.club_id._origin) or 1)

    @api.depends("membership_ids.left_on")
    def _compute_kept_count(self):
        """One aggregate for all segments. SQL, for three filtered counts of the same rows."""
        since = fields.Date.subtract(fields.Date.today(), days=RECENT_DAYS)
        self.env["club.segment.membership"].flush_model()
        found = {
            segment: counts
            for segment, *counts in self.env.execute_query(
                SQL(
                    """SELECT segment_id, COUNT(*) FILTER (WHERE left_on IS NULL),
                              COUNT(*) FILTER (WHERE entered_on > %(since)s AND left_on IS NULL),
                              COUNT(*) FILTER (WHERE left_on > %(since)s)
                         FROM club_segment_membership
                        WHERE segment_id = ANY(%(ids)s) AND (left_on IS NULL OR left_on > %(since)s)
                        GROUP BY segment_id""",
                    since=since,
                    ids=self._origin.ids,
                )
            )
        }
        for segment in self:
            segment.kept_count, segment.entered_count, segment.left_count = found.get(segment._origin.id, (0, 0, 0))

    @api.depends("member_count", "membership_ids.left_on", "club_id")
    @api.depends_context("lang", "tz")
    def _compute_chart(self):
        for segment in self:
            segment.chart = segment._draw_chart() if segment.club_id else False

    @api.depends("member_count")
    def _compute_preview_ids(self):
        for segment in self:
            found = segment._ask(Domain.TRUE, lambda members, domain: members.search(domain, limit=PREVIEW))
            segment.preview_ids = found.sudo(False)

    @api.depends("member_count", "compared_id")
    def _compute_overlap_count(self):
        for segment in self:
            other = segment.compared_id._origin
            segment.overlap_count = segment._count(other.sudo()._get_domain()) if other else 0
            segment.overlap_share = segment.overlap_count / (segment.member_count or 1)

    # -- helpers -------------------------------------------------------------

    def _ask(self, also, ask):
        """Ask the members of the segment and of ``also``; an empty answer while the conditions are half typed.

        What is saved was checked for its author and is asked for every reader alike; what is being typed is asked with
        the rights of who types it, or the count would tell what they may not read.

        :param ask: function of the model and the domain
        """
        saved = isinstance(self.id, int)
        Member = self.env["club.member"].sudo(saved)
        try:
            domain = (self.sudo() if saved else self)._get_domain() & also
            with self._plan_for_all():
                return ask(Member, domain if self.club_id else Domain.FALSE)
        except (UserError, ValueError, KeyError, TypeError):  # saving them says what is wrong
            return ask(Member, Domain.FALSE)

    def _count(self, also):
        return self._ask(also, lambda members, domain: members.search_count(domain))

    def _get_counts(self, marks):
        """How many belonged to it at the end of each of some days, as they were noted.

        SQL, for the sum of entries and exits by day in one statement.

        :param list marks: days, in order
        :rtype: list[int]
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT day, SUM(step)::int FROM (
                       SELECT entered_on AS day, 1 AS step FROM club_segment_membership WHERE segment_id = %(id)s
                        UNION ALL
                       SELECT left_on, -1 FROM club_segment_membership
                        WHERE segment_id = %(id)s AND left_on IS NOT NULL) change GROUP BY day""",
                id=self._origin.id or 0,
            )
        )
        return segments.cumulate(0, dict(rows), marks)

    def _draw_chart(self):
        """The number of members at the end of each of the last weeks, and now."""
        _ = self.env._
        today = self.club_id._get_today()
        marks = [today - timedelta(days=7 * week) for week in range(WEEKS - 1, 0, -1)]
        counts = [*self._get_counts(marks), self.member_count]
        first = next((number for number, count in enumerate(counts) if count), len(counts) - 1)
        shown = slice(min(first, len(counts) - 2), None)
        return Markup(
            charts.lines(
                _("Members over time"),
                [*map(self.club_id._show_mark, marks), _("now")][shown],
                [charts.Series(_("Members"), counts[shown])],
                empty=_("Nobody belongs to it yet. The line grows week by week."),
                rtl=self.env["res.lang"]._is_club_rtl(),
                show=lambda value: formatLang(self.env, float(value), digits=0) if value == int(value) else "",
            )
        )

    def action_open_memberships(self):
        """Open who entered and left, newest first."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("customer_club.club_segment_membership_action"),
            "domain": [("segment_id", "=", self.id)],
        }
