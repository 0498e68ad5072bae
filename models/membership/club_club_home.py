"""The manager's home page: is the club healthy, and what needs me today."""

import json

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.entry_sql import WHAT_IT_REVERSES
from odoo.addons.customer_club.models.sales_sql import WHAT_IS_KEPT
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: Events that happen to a member without the member doing anything.
PASSIVE_EVENTS = ("join", "tier", "occasion")
DAYS = 30


class ClubClub(models.Model):
    _inherit = "club.club"

    home = fields.Text(compute="_compute_home", help="What the home page shows of the club, as JSON.")

    def _compute_home(self):
        """Figures and things to do; the number of queries does not depend on how many clubs there are."""
        figures = self._get_home_figures()
        todos = self._get_home_todos(figures)
        for club in self:
            club.home = json.dumps(
                {
                    "figures": club._show_home_figures(figures[club.id]),
                    "todo": todos[club.id],
                    "calm": not todos[club.id],
                }
            )

    # -- figures -------------------------------------------------------------

    def _get_home_figures(self):
        """What the home page counts, by club id; an addon adds figures of its own.

        Periods are the last 30 days and the 30 before; points are net of what was reversed; money is in the
        company's currency, without taxes.

        :rtype: dict[int, dict]
        """
        figures = {club.id: {} for club in self}
        for rows in (
            self._read_home_members(),
            self._read_home_activity(),
            self._read_home_movements(),
            self._read_home_lots(),
            self._read_home_buyers(),
        ):
            for club_id, values in rows.items():
                figures[club_id].update(values)
        for club in self:
            values = figures[club.id]
            values["worth"] = club._point_worth()
            cost = values["given"] * values["worth"]
            values["cost_share"] = 100 * cost / values["sales"] if values["sales"] else None
            values["budget_share"] = 100 * values["budget_used"] / club.budget_points if club.budget_points else None
        return figures

    def _get_home_times(self):
        """The instants that the figures compare: now less 30 days, and less 60."""
        now = fields.Datetime.now()
        return fields.Datetime.subtract(now, days=DAYS), fields.Datetime.subtract(now, days=2 * DAYS)

    def _fill_home(self, names, rows):
        """Rows of ``(club id, values…)`` as dicts; clubs without a row get zeros."""
        found = {club_id: dict(zip(names, values, strict=True)) for club_id, *values in rows}
        return {club.id: found.get(club.id, dict.fromkeys(names, 0)) for club in self}

    def _read_home_members(self):
        """How many members, new ones, those without tier, those in arrears: one aggregate instead of five counts."""
        since, before = self._get_home_times()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.club_id, COUNT(*), COUNT(*) FILTER (WHERE m.joined_at >= %(since)s),
                       COUNT(*) FILTER (WHERE m.joined_at >= %(before)s AND m.joined_at < %(since)s),
                       COUNT(*) FILTER (WHERE m.tier_id IS NULL), COUNT(*) FILTER (WHERE card.points < 0)
                  FROM club_member m JOIN loyalty_card card ON card.id = m.card_id
                 WHERE m.active AND m.state = 'active' AND m.club_id = ANY(%(ids)s)
                 GROUP BY m.club_id
                """,
                since=since,
                before=before,
                ids=self.ids,
            )
        )
        return self._fill_home(("members", "new", "new_before", "no_tier", "arrears"), rows)

    def _read_home_activity(self):
        """Members who did something: a distinct count over a join, which the ORM would do by a row per member."""
        since, before = self._get_home_times()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.club_id, COUNT(DISTINCT e.member_id) FILTER (WHERE e.occurred_at >= %(since)s),
                       COUNT(DISTINCT e.member_id) FILTER (WHERE e.occurred_at < %(since)s)
                  FROM club_event e JOIN club_member m ON m.id = e.member_id AND m.active AND m.state = 'active'
                 WHERE e.club_id = ANY(%(ids)s) AND e.occurred_at >= %(before)s AND e.type <> ALL(%(passive)s)
                   AND e.revises_id IS NULL AND NOT EXISTS (
                       SELECT FROM club_event void WHERE void.revises_id = e.id AND (void.payload->>'void')::boolean)
                 GROUP BY e.club_id
                """,
                since=since,
                before=before,
                ids=self.ids,
                passive=list(PASSIVE_EVENTS),
            )
        )
        return self._fill_home(("active", "active_before"), rows)

    def _read_home_movements(self):
        """Points by kind in both periods, reversals counted with what they reverse; and the budget's use."""
        since, before = self._get_home_times()
        today = fields.Datetime.now()
        firsts = [
            periods.range_bounds(
                *periods.period_bounds(
                    club.budget_period, periods.local_date(today, club.tz), club.calendar, int(club.week_start)
                ),
                club.tz,
            )[0].replace(tzinfo=None)
            for club in self
        ]
        names = ("given", "given_before", "spent", "spent_before", "expired", "expired_before", "budget_used")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT club.id,
                       COALESCE(SUM(e.points) FILTER (WHERE w.kind = 'earn' AND w.now), 0),
                       COALESCE(SUM(e.points) FILTER (WHERE w.kind = 'earn' AND w.past), 0),
                       COALESCE(-SUM(e.points) FILTER (WHERE w.kind = 'spend' AND w.now), 0),
                       COALESCE(-SUM(e.points) FILTER (WHERE w.kind = 'spend' AND w.past), 0),
                       COALESCE(-SUM(e.points) FILTER (WHERE w.kind = 'expire' AND w.now), 0),
                       COALESCE(-SUM(e.points) FILTER (WHERE w.kind = 'expire' AND w.past), 0),
                       COALESCE(SUM(e.points) FILTER (WHERE w.kind = 'earn' AND w.budget), 0)
                  FROM UNNEST(%(ids)s::int[], %(firsts)s::timestamp[]) club(id, first)
                  JOIN club_point_entry e ON e.club_id = club.id AND e.date >= LEAST(club.first, %(before)s)
                  %(reverses)s
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(origin.kind, reversed.kind, e.kind) AS kind, e.date >= %(since)s AS now,
                              e.date >= %(before)s AND e.date < %(since)s AS past,
                              e.rule_id IS NOT NULL AND COALESCE(origin.date, reversed.date, e.date) >= club.first
                                AS budget
                 ) w
                 GROUP BY club.id
                """,
                since=since,
                before=before,
                ids=self.ids,
                firsts=firsts,
                reverses=WHAT_IT_REVERSES,
            )
        )
        return {
            club_id: {name: float(points) for name, points in values.items()}
            for club_id, values in self._fill_home(names, rows).items()
        }

    def _read_home_lots(self):
        """Points that members own, pending ones, and those that expire soon."""
        today = fields.Datetime.now()
        soon = [fields.Date.add(periods.local_date(today, club.tz), days=DAYS) for club in self]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot.club_id, SUM(lot.remaining),
                       COALESCE(SUM(lot.remaining) FILTER (WHERE lot.state = 'pending'), 0),
                       COALESCE(SUM(lot.remaining) FILTER (WHERE lot.state = 'open' AND lot.expires_on <= soon), 0),
                       COUNT(DISTINCT lot.member_id) FILTER (WHERE lot.state = 'open' AND lot.expires_on <= soon)
                  FROM UNNEST(%(ids)s::int[], %(soon)s::date[]) club(id, soon)
                  JOIN club_point_lot lot ON lot.club_id = club.id AND lot.state != 'closed'
                 GROUP BY lot.club_id
                """,
                ids=self.ids,
                soon=soon,
            )
        )
        rows = [(club_id, *map(float, points), count) for club_id, *points, count in rows]
        return self._fill_home(("outstanding", "pending", "expiring", "expiring_members"), rows)

    def _read_home_buyers(self):
        """Customers with one purchase and with more within a year, members apart from others; and the members' sales.

        Orders less their credit notes, of which nothing is left where all came back; and what members bought without
        one (at the till, on an invoice, imported), which counts by the club's own facts: as reports count it. Counts
        of grouped counts: the ORM would return a row per customer.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH returned AS (
                    SELECT line.order_id, SUM(worth.kept) AS amount, BOOL_OR(worth.kept <> 0) AS kept
                      FROM sale_order_line line
                %(kept)s
                     WHERE line.display_type IS NULL AND line.order_id IN (
                           SELECT back.order_id
                             FROM account_move am
                             JOIN account_move_line aml ON aml.move_id = am.id
                             JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id
                             JOIN sale_order_line back ON back.id = rel.order_line_id
                            WHERE am.move_type = 'out_refund' AND am.state = 'posted'
                              AND am.company_id = ANY(%(companies)s))
                     GROUP BY line.order_id
                ), bought AS (
                    SELECT club.id AS club_id, so.date_order AS at,
                           CASE WHEN club.earner = 'company' THEN p.commercial_partner_id ELSE p.id END AS partner_id,
                           COALESCE(returned.amount, so.amount_untaxed) / COALESCE(NULLIF(so.currency_rate, 0), 1)
                             AS amount
                      FROM club_club club
                      JOIN sale_order so ON so.company_id = club.company_id
                       AND so.state = 'sale' AND so.date_order >= %(year)s
                      JOIN res_partner p ON p.id = so.partner_id
                 LEFT JOIN returned ON returned.order_id = so.id
                     WHERE club.id = ANY(%(ids)s) AND COALESCE(returned.kept, TRUE)
                 UNION ALL
                    SELECT root.club_id, root.occurred_at, m.partner_id,
                           (root.amount + COALESCE(later.amount, 0)) * %(untaxed)s
                      FROM club_event root
                      JOIN club_club club ON club.id = root.club_id
                      JOIN club_member asked ON asked.id = root.member_id
                      JOIN club_member m ON m.id = COALESCE(asked.merged_into_id, asked.id)
                 LEFT JOIN LATERAL (SELECT SUM(e.amount) AS amount FROM club_event e WHERE e.revises_id = root.id) later
                           ON TRUE
                     WHERE root.club_id = ANY(%(ids)s) AND root.type = 'purchase' AND root.revises_id IS NULL
                       AND root.origin_model IS DISTINCT FROM 'sale.order' AND root.occurred_at >= %(year)s
                       AND root.amount + COALESCE(later.amount, 0) > 0
                ),
                buyers AS (
                    SELECT club_id, partner_id, COUNT(*) AS orders, SUM(amount) FILTER (WHERE at >= %(since)s) AS sales
                      FROM bought GROUP BY 1, 2
                )
                SELECT b.club_id,
                       COUNT(*) FILTER (WHERE m.id IS NOT NULL),
                       COUNT(*) FILTER (WHERE m.id IS NOT NULL AND b.orders > 1),
                       COUNT(*) FILTER (WHERE m.id IS NULL),
                       COUNT(*) FILTER (WHERE m.id IS NULL AND b.orders > 1),
                       COALESCE(SUM(b.sales) FILTER (WHERE m.id IS NOT NULL), 0)
                  FROM buyers b
                  -- not "=": a club has so many members that to merge by it is to look at all of them for each buyer
                  LEFT JOIN club_member m
                    ON m.partner_id = b.partner_id AND m.club_id IS NOT DISTINCT FROM b.club_id AND m.active
                 GROUP BY b.club_id
                """,
                since=self._get_home_times()[0],
                year=fields.Datetime.subtract(fields.Datetime.now(), years=1),
                ids=self.ids,
                companies=self.company_id.ids,
                kept=WHAT_IS_KEPT,
                untaxed=self._get_untaxed_share(),
            )
        )
        names = ("buyers", "repeat_buyers", "other_buyers", "other_repeat_buyers", "sales")
        return self._fill_home(names, [(*row[:-1], float(row[-1])) for row in rows])

    @api.model
    def _get_untaxed_share(self, orders=False):
        """What is no tax of the amount of a purchase, as SQL on ``root`` (its fact) and ``club``.

        As its fact says; else by its invoice or its order of the till; 1 in a club that counts without taxes, and for
        what has no document.

        :param bool orders: purchases by an order too.
        """
        ordered = SQL("NULL::numeric")
        if orders:
            ordered = SQL(
                "(SELECT SUM(line.price_subtotal) / NULLIF(SUM(line.price_total), 0) FROM sale_order_line line"
                " WHERE root.origin_model = 'sale.order' AND line.order_id = root.origin_id AND line.price_total > 0"
                " AND line.is_delivery IS NOT TRUE)"
            )
        till = SQL("NULL::numeric")
        if "pos.order" in self.env:
            till = SQL(
                "(SELECT (po.amount_total - po.amount_tax)::numeric / NULLIF(po.amount_total, 0)::numeric"
                " FROM pos_order po WHERE root.origin_model = 'pos.order' AND po.id = root.origin_id)"
            )
        return SQL(
            """
            (CASE WHEN club.earn_tax = 'excluded' THEN 1 ELSE COALESCE((root.payload->>'untaxed')::numeric, (
                  SELECT SUM(line.price_subtotal) / NULLIF(SUM(line.price_total), 0)
                    FROM account_move_line line
                   WHERE root.origin_model = 'account.move' AND line.move_id = root.origin_id AND line.price_total > 0
                     AND line.display_type = 'product'), %s, %s, 1) END)
            """,
            till,
            ordered,
        )

    # -- words ---------------------------------------------------------------

    def _show_home_figures(self, values):
        """The figures of this club as a person reads them: ``value`` and a ``note`` that puts it into proportion."""
        self.ensure_one()
        _ = self.env._
        shown = {
            "active": {
                "value": self._show_count(values["active"]),
                "note": _(
                    "of %(members)s; %(before)s the 30 days before",
                    members=self._show_count(values["members"]),
                    before=self._show_count(values["active_before"]),
                ),
                "trend": self._get_trend(values["active"], values["active_before"]),
            },
            "new": {
                "value": self._show_count(values["new"]),
                "note": _("%(before)s the 30 days before", before=self._show_count(values["new_before"])),
                "trend": self._get_trend(values["new"], values["new_before"]),
            },
            "repeat": {
                "value": self._show_share(values["repeat_buyers"], values["buyers"]),
                "note": _(
                    "of other customers %(share)s",
                    share=self._show_share(values["other_repeat_buyers"], values["other_buyers"]),
                ),
            },
        }
        for name in ("given", "spent", "expired"):
            shown[name] = {
                "value": self._show_count(values[name], self.points_digits),
                "note": _(
                    "%(before)s the 30 days before",
                    before=self._show_count(values[f"{name}_before"], self.points_digits),
                ),
                "trend": self._get_trend(values[name], values[f"{name}_before"]),
            }
        shown["cost"] = {
            "value": self._show_percent(values["cost_share"]),
            "note": self._show_budget(values),
        }
        shown["outstanding"] = {
            "value": self._show_count(values["outstanding"], self.points_digits),
            "note": self._show_liability(values),
        }
        return shown

    def _show_count(self, number, digits=0):
        return formatLang(self.env, number, digits=digits)

    def _show_percent(self, percent):
        return "–" if percent is None else self.env._("%(number)s %%", number=formatLang(self.env, percent, digits=1))

    def _show_share(self, part, whole):
        return self._show_percent(100 * part / whole if whole else None)

    def _get_trend(self, now, before):
        """``up``, ``down`` or empty: what the arrow beside a figure says."""
        if now == before:
            return ""
        return "up" if now > before else "down"

    def _show_budget(self, values):
        if values["budget_share"] is not None:
            period = dict(self._fields["budget_period"]._description_selection(self.env))[self.budget_period]
            return self.env._(
                "budget used: %(share)s (%(period)s)",
                period=period,
                share=self._show_percent(values["budget_share"]),
            )
        if not values["worth"]:
            return self.env._("no reward says what a point is worth")
        if not values["sales"]:
            return self.env._("no sales to members yet")
        return self.env._("of %(sales)s sold to members", sales=self._show_money(values["sales"]))

    def _show_liability(self, values):
        parts = []
        if values["worth"]:
            parts.append(
                self.env._("worth %(amount)s", amount=self._show_money(values["outstanding"] * values["worth"]))
            )
        if values["pending"]:
            parts.append(
                self.env._("%(points)s of them pending", points=self._show_count(values["pending"], self.points_digits))
            )
        return self.env._(", ").join(parts)
