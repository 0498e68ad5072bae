"""What a call with a key did, so that the same key again gets the first result, for ever."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .api_error import ClubApiError

COLUMNS = (
    ("key", "text"),
    ("integration_id", "int"),
    ("user_id", "int"),
    ("member_id", "int"),
    ("event_id", "int"),
    ("method", "text"),
    ("digest", "text"),
    ("points", "numeric"),
    ("result", "jsonb"),
    ("at", "timestamp"),
)


class ClubApiRequest(models.Model):
    """One idempotency key of one technical user, with a fingerprint of what was asked and the answer given.

    Only what was done is kept: a refused call leaves nothing, and its key may be sent again. Rows never change.
    """

    _name = "club.api.request"
    _description = "Request of an Integration"
    _order = "id desc"
    _log_access = False
    _rec_name = "key"

    key = fields.Char(required=True, readonly=True)
    integration_id = fields.Many2one("club.integration", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="integration_id.company_id")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    member_id = fields.Many2one("club.member", readonly=True, index="btree_not_null", ondelete="restrict")
    event_id = fields.Many2one(
        "club.event", readonly=True, ondelete="restrict", help="The fact that this very request recorded, if it did."
    )
    method = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    points = fields.Float(digits=(16, 2), readonly=True, help="Points given or spent, unsigned.")
    result = fields.Json(readonly=True)
    at = fields.Datetime(required=True, readonly=True)

    _key_unique = models.Constraint("UNIQUE(key)", "This request was answered already.")
    _day_idx = models.Index("(integration_id, at) INCLUDE (points)")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Requests are kept by the interface itself, not typed in."))

    def write(self, vals):
        raise UserError(self.env._("A request that was answered never changes. The same key must get the same answer."))

    def unlink(self):
        raise UserError(self.env._("A request that was answered is kept: without it a retry could count twice."))

    @api.model
    def _prefix(self, key, user=None):
        """The key as the server keeps it: nobody can name another user's (abuse 6)."""
        return f"api,{(user or self.env.user).id}:{key}"

    @api.model
    def _find(self, keys):
        """Requests by the caller's own keys, in one query."""
        wanted = {self._prefix(key): key for key in keys}
        return {wanted[row.key]: row for row in self.sudo().search([("key", "in", list(wanted))])}

    def _check_same(self, method, digest):
        """The first result, if this is the same request again.

        :raise ClubApiError: ``key_reused``
        """
        if (self.method, self.digest) != (method, digest):
            raise ClubApiError(
                "key_reused",
                self.env._(
                    "The key %(key)s was used for another request. Make a new key for whatever is new.",
                    key=self.key.partition(":")[2],
                ),
            )
        return {**self.result, "replayed": True}

    @api.model
    def _keep(self, integration, rows):
        """Remember what was done. SQL for ON CONFLICT: of two calls with one key at the same moment one raises a
        serialization error, and Odoo repeats it, which then finds the other's result.

        :param list[dict] rows: ``key`` (the caller's), ``method``, ``digest``, ``result``, ``points``, ``member_id``,
            ``event_id``.
        """
        now = fields.Datetime.now()
        complete = [
            {
                **row,
                "key": self._prefix(row["key"]),
                "integration_id": integration.id,
                "user_id": self.env.uid,
                "result": json.dumps(row["result"]),
                "at": now,
            }
            for row in rows
        ]
        if not complete:
            return
        names = SQL(", ").join(SQL.identifier(name) for name, _kind in COLUMNS)
        values = SQL(", ").join(
            SQL("v.%s::jsonb" if kind == "jsonb" else "v.%s", SQL.identifier(name)) for name, kind in COLUMNS
        )
        arrays = SQL(", ").join(
            SQL("%s::%s[]", [row[name] for row in complete], SQL("text" if kind == "jsonb" else kind))
            for name, kind in COLUMNS
        )
        self.env.execute_query(
            SQL(
                """
            INSERT INTO club_api_request (%(names)s)
            SELECT %(values)s FROM unnest(%(arrays)s) AS v(%(names)s)
            ON CONFLICT (key) DO NOTHING RETURNING id
            """,
                names=names,
                values=values,
                arrays=arrays,
            )
        )
