"""Counting a contest: what every participant reached, in one statement; and the lock on closed contests."""

from odoo.addons.customer_club.engine.contest import Result
from odoo.tools import SQL

#: Columns of a closed contest that may still change: they say nothing about who won what.
FREE_COLUMNS = ("state", "active", "write_uid", "write_date", "message_main_attachment_id")


def read_results(contest):
    """What the participants of a contest reached, as values of the engine.

    A purchase is one fact with all its revisions, and counts by when it was made; if nothing is left of it, it counts
    nothing, and neither does a fact that was revoked. What merged members did counts for the one they became. Members
    who left, whom a manager excluded, and staff (who have a login that is no customer's) have no result.

    SQL, because a contest may count a hundred thousand facts: the ORM would read each.

    :param contest: one ``club.contest``
    :rtype: list[Result]
    """
    start, end = contest._get_bounds()
    env = contest.env
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """
        WITH taking AS (
            SELECT p.member_id
              FROM club_contest_participant p
              JOIN club_member m ON m.id = p.member_id AND m.active AND m.club_id = %(club)s
             WHERE p.contest_id = %(contest)s AND p.active AND p.excluded IS NOT TRUE
               AND NOT EXISTS (
                   SELECT 1 FROM res_users u WHERE u.partner_id = m.partner_id AND u.active AND NOT u.share)
        ), who AS (
            SELECT member_id AS source, member_id FROM taking
             UNION ALL
            SELECT m.id, t.member_id FROM taking t JOIN club_member m ON m.merged_into_id = t.member_id
        ), fact AS (
            SELECT who.member_id, e.id, e.type, e.occurred_at, e.amount + COALESCE(r.amount, 0) AS amount,
                   r.amount IS NOT NULL AS is_revised
              FROM who
              JOIN club_event e ON e.member_id = who.source
              LEFT JOIN LATERAL (
                   SELECT SUM(amount) AS amount, COUNT(payload->'void') AS voids
                     FROM club_event WHERE revises_id = e.id) r ON true
             WHERE e.type = ANY(%(types)s) AND e.revises_id IS NULL AND COALESCE(r.voids, 0) = 0
               AND e.occurred_at >= %(start)s AND e.occurred_at < %(end)s
        ), worth AS (
            SELECT member_id, id, occurred_at, amount,
                   (occurred_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
              FROM fact
             WHERE (type <> 'purchase' AND NOT is_revised) OR amount > 0
        ), part AS (%(part)s)
        SELECT member_id, SUM(measure), MAX(reached) FROM part WHERE measure > 0 GROUP BY member_id
        """,
            club=contest.club_id.id,
            contest=contest.id,
            types=contest.type_ids.mapped("event_type"),
            start=start,
            end=end,
            tz=contest.club_id.tz,
            part=_part(contest),
        )
    )
    return [Result(member, measure, reached) for member, measure, reached in rows]


def _part(contest):
    """What each fact, or each day, brings to the measure."""
    if contest.measure == "days":
        return SQL("SELECT member_id, 1::numeric AS measure, MIN(occurred_at) AS reached FROM worth GROUP BY 1, day")
    if contest.measure == "amount":
        return SQL("SELECT member_id, ROUND(amount::numeric, 2) AS measure, occurred_at AS reached FROM worth")
    if contest.measure == "points":
        rules = SQL("AND p.rule_id = ANY(%s)", contest.rule_ids.ids) if contest.rule_ids else SQL("")
        return SQL(
            """
            SELECT w.member_id, SUM(p.points)::numeric AS measure, w.occurred_at AS reached
              FROM worth w
              JOIN club_event e ON e.id = w.id OR e.revises_id = w.id
              JOIN club_point_entry p ON p.event_id = e.id AND p.kind IN ('earn', 'reverse') %s
             GROUP BY w.member_id, w.id, w.occurred_at
            """,
            rules,
        )
    return SQL("SELECT member_id, 1::numeric AS measure, occurred_at AS reached FROM worth")


def freeze_closed(env):
    """Let the database refuse every change of a closed contest that could touch its result.

    The ORM cannot declare triggers. What stays free (state, archive) names no place; and only from closed to done.
    """
    env.cr.execute(
        SQL(
            """
        CREATE OR REPLACE FUNCTION club_refuse_contest_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE'
               OR NEW.state NOT IN ('closed', 'done') OR (OLD.state = 'done' AND NEW.state <> 'done')
               OR to_jsonb(OLD) - %(free)s::text[] IS DISTINCT FROM to_jsonb(NEW) - %(free)s::text[] THEN
                RAISE EXCEPTION USING MESSAGE = 'A closed contest never changes.', ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
            free=list(FREE_COLUMNS),
        )
    )
    env.cr.execute(
        SQL(
            """
        CREATE OR REPLACE TRIGGER club_contest_closed_immutable BEFORE UPDATE OR DELETE ON club_contest
        FOR EACH ROW WHEN (OLD.state IN ('closed', 'done')) EXECUTE FUNCTION club_refuse_contest_change()
        """
        )
    )
