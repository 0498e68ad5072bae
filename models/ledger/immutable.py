"""Append-only tables, in the database itself."""

from odoo.tools import SQL


def make_append_only(env, *tables):
    """Let the database refuse UPDATE, DELETE and TRUNCATE on ``tables``, from the ORM and from plain SQL alike.

    Called from a model's ``init``: Odoo's ORM cannot declare triggers.
    """
    env.cr.execute(
        SQL(
            """
            CREATE OR REPLACE FUNCTION club_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION USING
                      MESSAGE = 'Rows of ' || TG_TABLE_NAME || ' never change: correct them by a reversing entry.',
                      ERRCODE = 'restrict_violation';
            END $$
            """
        )
    )
    for table in tables:
        env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE TRIGGER %(name)s BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s
                FOR EACH STATEMENT EXECUTE FUNCTION club_refuse_change()
                """,
                name=SQL.identifier(f"{table}_immutable"),
                table=SQL.identifier(table),
            )
        )
