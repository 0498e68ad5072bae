"""What the database refuses: changing what a raffle has published, and steps out of order or before their time."""

from odoo.tools import SQL

#: Set by each step, and never again.
SET_BY = {
    "open": ("opened_at", "rules_text", "rules_hash"),
    "frozen": ("frozen_at", "list_hash", "list_count", "round_no", "round_at"),
    "drawn": ("drawn_at", "randomness", "randomness_source", "seed"),
    "void": ("void_reason",),
}
#: Free at any time.
FREE = ("active", "write_uid", "write_date", "message_main_attachment_id", "state")
COUNTED = ("ticket_number", "bought_number", "earned_number", "free_number")


def guard_raffles(env):
    """Triggers for ``club_raffle`` and its prizes; the ORM cannot declare them.

    A manager with every right in Odoo, or plain SQL, can then neither change the rules of an open raffle, nor its list
    or round once frozen, nor its randomness once drawn; nor freeze before the closing, nor draw before the round
    (abuse 23). Who owns the database can switch a trigger off: that is what the published hashes are for.
    """
    env.cr.execute(
        SQL(
            """
        CREATE OR REPLACE FUNCTION club_check_raffle() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            moved text := OLD.state || ' ' || NEW.state;
            before jsonb;
            after jsonb;
            changed text[];
            allowed text[];
        BEGIN
            IF OLD.state = 'draft' AND NEW.state = 'draft' THEN
                RETURN NEW;
            END IF;
            IF OLD.state <> NEW.state AND moved NOT IN ('draft open', 'open frozen', 'frozen drawn', 'drawn done',
                                                        'open void', 'frozen void') THEN
                RAISE EXCEPTION USING MESSAGE = 'A raffle goes from step to step, never back: ' || moved,
                      ERRCODE = 'restrict_violation';
            END IF;
            before := to_jsonb(OLD);
            after := to_jsonb(NEW);
            SELECT array_agg(key) INTO changed FROM jsonb_each(after) WHERE before->key IS DISTINCT FROM value;
            allowed := %(free)s::text[];
            IF OLD.state = 'draft' THEN
                allowed := allowed || changed;
            ELSIF OLD.state = 'open' AND NEW.state = 'open' THEN
                allowed := allowed || %(counted)s::text[];
                IF NEW.ticket_number < OLD.ticket_number
                   OR NEW.ticket_number <> NEW.bought_number + NEW.earned_number + NEW.free_number THEN
                    RAISE EXCEPTION USING MESSAGE = 'Tickets of a raffle are only ever added.',
                          ERRCODE = 'restrict_violation';
                END IF;
            ELSIF moved = 'open frozen' THEN
                allowed := allowed || %(frozen)s::text[];
                IF (now() AT TIME ZONE 'UTC') < OLD.closes_at OR NEW.list_hash IS NULL OR NEW.round_at IS NULL
                   OR NEW.round_at < NEW.draws_at THEN
                    RAISE EXCEPTION USING MESSAGE = 'A raffle is frozen after its closing, with list and round.',
                          ERRCODE = 'restrict_violation';
                END IF;
            ELSIF moved = 'frozen drawn' THEN
                allowed := allowed || %(drawn)s::text[];
                IF (now() AT TIME ZONE 'UTC') < OLD.round_at OR NEW.randomness IS NULL OR NEW.seed IS NULL THEN
                    RAISE EXCEPTION USING MESSAGE = 'A raffle is drawn after its round, with its randomness.',
                          ERRCODE = 'restrict_violation';
                END IF;
            ELSIF NEW.state = 'void' THEN
                allowed := allowed || %(void)s::text[];
            END IF;
            IF NOT changed <@ allowed THEN
                RAISE EXCEPTION USING MESSAGE = 'What a raffle has published never changes: '
                      || (SELECT string_agg(name, ', ') FROM unnest(changed) AS name WHERE name <> ALL(allowed)),
                      ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
            free=list(FREE),
            counted=list(COUNTED),
            frozen=list(SET_BY["frozen"]),
            drawn=list(SET_BY["drawn"]),
            void=list(SET_BY["void"]),
        )
    )
    env.cr.execute(
        SQL(
            """
        CREATE OR REPLACE FUNCTION club_keep_raffle() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION USING MESSAGE = 'What members have seen of a raffle is kept.',
                  ERRCODE = 'restrict_violation';
        END $$
        """
        )
    )
    for statement in (
        SQL(
            "CREATE OR REPLACE TRIGGER club_raffle_steps BEFORE UPDATE ON club_raffle"
            " FOR EACH ROW EXECUTE FUNCTION club_check_raffle()"
        ),
        SQL(
            "CREATE OR REPLACE TRIGGER club_raffle_kept BEFORE DELETE ON club_raffle"
            " FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION club_keep_raffle()"
        ),
        SQL(
            "CREATE OR REPLACE TRIGGER club_raffle_new BEFORE INSERT ON club_raffle"
            " FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION club_keep_raffle()"
        ),
    ):
        env.cr.execute(statement)


def guard_winners(env):
    """Place, ticket and member of a winner never change, and no row goes."""
    env.cr.execute(
        SQL(
            """
        CREATE OR REPLACE FUNCTION club_check_raffle_winner() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NOT EXISTS (SELECT FROM club_raffle r WHERE r.id = NEW.raffle_id AND r.state = 'frozen') THEN
                    RAISE EXCEPTION USING MESSAGE = 'Winners of a raffle are made by its draw.',
                          ERRCODE = 'restrict_violation';
                END IF;
            ELSIF TG_OP = 'DELETE' OR (OLD.raffle_id, OLD.place, OLD.ticket_id, OLD.member_id)
                    IS DISTINCT FROM (NEW.raffle_id, NEW.place, NEW.ticket_id, NEW.member_id) THEN
                RAISE EXCEPTION USING MESSAGE = 'What a raffle has drawn never changes.',
                      ERRCODE = 'restrict_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        END $$
        """
        )
    )
    env.cr.execute(
        SQL(
            "CREATE OR REPLACE TRIGGER club_raffle_winner_kept BEFORE INSERT OR UPDATE OR DELETE ON club_raffle_winner"
            " FOR EACH ROW EXECUTE FUNCTION club_check_raffle_winner()"
        )
    )
