"""Nobody finds a code by guessing: five wrong ones, then a pause, per user and per address (abuse 13)."""

import hashlib
import hmac
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2 import errors

MOST_TRIES = 5
PAUSE = timedelta(minutes=15)
#: Tries at one moment follow one another; who loses so often is one of very many.
ATTEMPTS = 5
KEPT = timedelta(days=2)


class ClubCodeGuard(models.Model):
    """How often somebody tried codes in vain. Counted in a transaction of its own: no rollback forgets a try.

    A try counts before the code is looked up, and is taken off again when the code was right. So guesses at one moment
    count like guesses one after another, and one right code pays for no other.
    """

    _name = "club.code.guard"
    _description = "Tries of Codes"
    _log_access = False
    _rec_name = "actor"

    actor = fields.Char(required=True, readonly=True, help="A user, an integration, or the digest of an address.")
    tries = fields.Integer(readonly=True)
    since = fields.Datetime(required=True, readonly=True)

    _actor_unique = models.Constraint("UNIQUE(actor)", "Tries are counted once per actor.")
    _since_idx = models.Index("(since)")

    @api.model
    def _try(self, *actors):
        """Count a try of each actor.

        :return: whether it may be made; if not, nothing is to be looked up
        :rtype: bool
        """
        return all(self._add(actor, 1) for actor in sorted(set(filter(None, actors))))

    @api.model
    def _was_right(self, *actors):
        """The code was right: the try no longer counts."""
        for actor in sorted(set(filter(None, actors))):
            self._add(actor, -1)

    @api.model
    def _is_paused(self, *actors):
        """Whether one of the actors has to wait now."""
        return bool(
            self.sudo().search_count(
                [
                    ("actor", "in", list(actors)),
                    ("tries", ">=", MOST_TRIES),
                    ("since", ">", fields.Datetime.now() - PAUSE),
                ],
                limit=1,
            )
        )

    @api.model
    def _name_address(self, address):
        """An address as it is counted: nobody can read from the row who it was."""
        if not address:
            return ""
        secret = self.env["club.code"]._get_secret()
        return "address," + hmac.new(secret, address.encode(), hashlib.sha256).hexdigest()[:32]

    @api.model
    def _add(self, actor, number):
        """Add to an actor's tries within the pause; a try too many is not added, so that the pause ends.

        SQL for one statement that counts and decides; a transaction of its own as one that fails must count too.
        """
        now = fields.Datetime.now()
        query = SQL(
            """
            INSERT INTO club_code_guard AS guard (actor, tries, since)
            VALUES (%(actor)s, GREATEST(%(number)s, 0), %(now)s)
            ON CONFLICT (actor) DO UPDATE SET
                tries = CASE WHEN guard.since <= %(ended)s THEN GREATEST(%(number)s, 0)
                             ELSE LEAST(GREATEST(guard.tries + %(number)s, 0), %(most)s + 1) END,
                since = CASE WHEN guard.since <= %(ended)s THEN %(now)s ELSE guard.since END
            RETURNING tries
            """,
            actor=actor,
            number=number,
            now=now,
            ended=now - PAUSE,
            most=MOST_TRIES,
        )
        results = (self._run_alone(query) for _attempt in range(ATTEMPTS))
        tries = next((tries for tries in results if tries is not None), MOST_TRIES + 1)
        return tries <= MOST_TRIES

    @api.model
    def _run_alone(self, query):
        """Run a query that returns a number in a transaction of its own; ``None`` if another was in the way."""
        try:
            with self._open_cursor() as cr:
                cr.execute(query)
                return cr.fetchone()[0]
        except (errors.SerializationFailure, errors.UniqueViolation):
            return None

    @api.model
    def _open_cursor(self):
        """A cursor whose transaction ends by itself; tests that are one transaction put their own here."""
        return self.env.registry.cursor()

    @api.autovacuum
    def _gc_guards(self):
        """Forget who has not tried for days.

        :return: (actors forgotten, whether there is more)
        """
        old = self.sudo().search([("since", "<", fields.Datetime.now() - KEPT)], limit=10_000)
        old.unlink()
        return len(old), len(old) == 10_000
