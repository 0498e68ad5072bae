"""From facts to rows: what the engine says about members of one club, written in one statement."""

import json
from datetime import date

from odoo import fields
from odoo.addons.customer_club.engine import behaviour, lifetime
from odoo.tools import SQL

#: Columns that are counts: 0 if nothing is known.
COUNTS = (
    "order_count",
    "purchase_days",
    "sales",
    "first_sales",
    "margin",
    "paid_count",
    "call_count",
    "meeting_count",
    "mail_count",
    "contact_minutes",
    "call_recent",
    "call_before",
    "contact_recent",
    "contact_before",
    "visit_recent",
    "visit_before",
    "view_count",
    "wishlist_count",
    "cart_count",
    "cart_amount",
    "points",
    "points_before",
)
#: Columns that stay empty if nothing is known: an average must leave them out.
OTHERS = (
    "average_basket",
    "first_purchase_on",
    "last_purchase_on",
    "recency_days",
    "interval_days",
    "gap_days",
    "days_to_pay",
    "favourite_product_id",
    "favourite_categ_id",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "rfm",
    "rfm_cell",
    "stage",
    "stage_since",
    "ladder",
    "fading",
    "p_alive",
    "expected_purchases",
    "expected_value",
)
COLUMNS = ("member_id", "club_id", "company_id", *COUNTS, *OTHERS, "refreshed_at")
EPOCH = date(1970, 1, 1)
#: The horizon of what is expected.
WEEKS = 52


class BehaviourRows:
    """The rows of some members of one club.

    :param reader: the :class:`BehaviourReader` of the club
    """

    def __init__(self, reader, member_ids):
        self.reader, self.env, self.club = reader, reader.env, reader.club
        self.member_ids = list(member_ids)
        self.today = reader.today
        self.limits = self.club._get_behaviour_limits()
        self.cuts = self.club.behaviour_cuts or {}  # read once: the field copies its value each time
        self.loyal, self.fan = self.club.behaviour_loyal, self.club.behaviour_fan
        self.ids = {"club_id": self.club.id, "company_id": self.club.company_id.id}

    def write(self):
        """Read the facts, work out what follows, and write rows and history. Idempotent."""
        if not self.member_ids:
            return
        self.before = self._read_before()
        facts = self.reader.read(self.member_ids)
        rows, changes = [], []
        for member_id in self.member_ids:
            row = self._complete(member_id, facts[member_id])
            changes += self._changes(row)
            rows.append(row)
        self._expect(rows)
        self._save(rows)
        self._save_changes(changes)
        self.env["club.behaviour"].invalidate_model()
        self.env["club.member"].invalidate_model(["behaviour_ids"])

    def _read_before(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT member_id, stage, stage_since, ladder FROM club_behaviour WHERE member_id = ANY(%s)",
                self.member_ids,
            )
        )
        return {member_id: values for member_id, *values in rows}

    # -- one member -------------------------------------------------------------------------------------

    def _complete(self, member_id, facts):
        row = {name: facts.get(name) or 0 for name in COUNTS}
        row.update({name: facts.get(name) for name in OTHERS})
        row.update(self.ids, member_id=member_id)
        row["steps"] = facts.get("steps") or [None] * 4
        self._place_in_time(row, facts)
        self._score(row)
        self._stage(row)
        return row

    def _place_in_time(self, row, facts):
        last, previous = row["last_purchase_on"], facts.get("previous_on")
        row["gap_days"] = (last - previous).days if previous else 0
        row["purchases"] = behaviour.Purchases(
            row["first_purchase_on"], last, row["purchase_days"], row["gap_days"]
        )
        if last:
            row["recency_days"] = (self.today - last).days
            row["average_basket"] = round(row["sales"] / row["order_count"], self.reader.digits)
            row["interval_days"] = behaviour.interval(row["purchases"]) or None

    def _score(self, row):
        cuts, last = self.cuts, row["last_purchase_on"]
        scores = (0, 0, 0)
        if last and cuts:
            values = ((last - EPOCH).days, row["order_count"], row["sales"])
            scores = tuple(
                behaviour.score(float(value), cuts[name])
                for name, value in zip(("recency", "frequency", "monetary"), values, strict=True)
            )
        row["recency_score"], row["frequency_score"], row["monetary_score"] = scores
        row["rfm"] = "".join(map(str, scores)) if scores[0] else None
        row["rfm_cell"] = behaviour.rfm_cell(*scores)

    def _stage(self, row):
        row["fading"] = behaviour.fades(
            behaviour.Trend(
                row["contact_recent"],
                row["contact_before"],
                row["visit_recent"],
                row["visit_before"],
                row["points"],
                row["points_before"],
            )
        )
        row["stage"], since = behaviour.stage(row["purchases"], self.today, self.limits, row["fading"])
        row["ladder"] = behaviour.ladder(row["order_count"], self.loyal, self.fan)
        old = self.before.get(row["member_id"])
        if not old:
            row["stage_since"] = since
        elif old[0] == row["stage"]:
            row["stage_since"] = old[1]
        else:
            row["stage_since"] = max(filter(None, (since, old[1])), default=self.today)

    def _changes(self, row):
        """Rows of history. Steps up the ladder have the day of the purchase that made them, steps down today's."""
        _old = self.before.get(row["member_id"]) or ("prospect", None, "none")
        old_stage, _since, old_step = _old
        changes = []
        if row["stage"] != old_stage:
            changes.append((row["member_id"], "stage", old_stage, row["stage"], row["stage_since"] or self.today))
        rank = behaviour.LADDER.index
        if rank(row["ladder"]) < rank(old_step):
            changes.append((row["member_id"], "ladder", old_step, row["ladder"], self.today))
        for place in range(rank(old_step) + 1, rank(row["ladder"]) + 1):
            step = behaviour.LADDER[place]
            day = row["steps"][place - 1] or self.today
            changes.append((row["member_id"], "ladder", behaviour.LADDER[place - 1], step, day))
        return changes

    # -- what is expected -------------------------------------------------------------------------------

    def _expect(self, rows):
        """What the club's newest fit says of who bought; empty without a fit."""
        fit = self.club._get_lifetime_fit()
        buyers = [row for row in rows if row["purchase_days"]]
        if not fit or not buyers:
            return
        import numpy as np  # noqa: PLC0415 - heavy; a club without a fit need not have it

        known = lifetime.customers(
            [
                (
                    row["purchase_days"] - 1,
                    (row["last_purchase_on"] - row["first_purchase_on"]).days / 7,
                    max((self.today - row["first_purchase_on"]).days, 0) / 7,
                    1,
                )
                for row in buyers
            ]
        )
        alive = lifetime.p_alive(fit.purchases, known)
        number = lifetime.expected_purchases(fit.purchases, known, WEEKS)
        repeated = np.array([float(max(row["sales"] - row["first_sales"], 0)) for row in buyers])
        means = repeated / np.maximum(known.x, 1)
        spend = own = np.array([float(row["sales"]) / row["purchase_days"] for row in buyers])
        if fit.spend:
            spend = lifetime.expected_spend(fit.spend, known.x, means)
            spend = np.where(np.isfinite(spend), spend, own)  # where the model has no mean, the member's own
        for place, row in enumerate(buyers):
            row["p_alive"] = round(float(alive[place]), 4)
            row["expected_purchases"] = round(float(number[place]), 4)
            row["expected_value"] = round(float(number[place] * spend[place]), self.reader.digits)

    # -- writing ----------------------------------------------------------------------------------------

    def _save(self, rows):
        """One statement for thousands of rows: the ORM would write them one by one."""
        now = fields.Datetime.now()
        names = self.env["club.behaviour"]._fields
        values = [{**{name: row.get(name) for name in COLUMNS}, "refreshed_at": now} for row in rows]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO club_behaviour (%(columns)s)
                SELECT %(columns)s FROM json_to_recordset(%(rows)s) AS given (%(typed)s)
                ON CONFLICT (member_id) DO UPDATE SET (%(columns)s) = ROW(%(excluded)s)
                """,
                columns=SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
                typed=SQL(", ").join(
                    SQL("%s %s", SQL.identifier(name), SQL(names[name].column_type[1])) for name in COLUMNS
                ),
                excluded=SQL(", ").join(SQL.identifier("excluded", name) for name in COLUMNS),
                rows=json.dumps(values, default=str),
            )
        )

    def _save_changes(self, changes):
        if not changes:
            return
        columns = [list(column) for column in zip(*changes, strict=True)]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO club_stage_change (member_id, club_id, company_id, field, old, new, date)
                SELECT member_id, %s, %s, field, old, new, date
                  FROM unnest(%s, %s, %s, %s, %s::date[]) AS t(member_id, field, old, new, date)
                """,
                self.club.id,
                self.club.company_id.id,
                *columns,
            )
        )
        self.env["club.stage.change"].invalidate_model()
