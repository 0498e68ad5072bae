"""A fact about a member's behaviour, recorded once and never changed."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

#: What must agree when a key comes a second time.
SAME_CONTENT = ("member_id", "type", "amount", "origin_model", "origin_id", "revises_id", "payload")
#: What is recorded, with the types of the database.
COLUMNS = (
    ("member_id", "int"),
    ("club_id", "int"),
    ("company_id", "int"),
    ("type", "text"),
    ("occurred_at", "timestamp"),
    ("key", "text"),
    ("amount", "numeric"),
    ("origin_model", "text"),
    ("origin_id", "int"),
    ("revises_id", "int"),
    ("payload", "jsonb"),
    ("processed_at", "timestamp"),
)
# Written once: putting the text together anew for each sale costs more than the database needs to read it.
NAMES = SQL(", ".join(name for name, _kind in COLUMNS))
VALUES = SQL(", ".join(f"v.{name}::jsonb" if kind == "jsonb" else f"v.{name}" for name, kind in COLUMNS))
ONE = ", ".join(["%s"] * len(COLUMNS))
ARRAYS = ", ".join("%s::text[]" if kind == "jsonb" else f"%s::{kind}[]" for _name, kind in COLUMNS)


class ClubEvent(models.Model):
    """Something a member did, named by a unique ``key``; rules turn it into ledger entries.

    An event only ever gains ``processed_at``. A document that changes records a further event (a
    revision), whose ``amount`` is the difference: the sum over a purchase and its revisions is what it is worth now.

    To add a way to earn: ``selection_add`` to ``type``, then ``_record`` the facts and ``_process`` them, or leave that
    to the cron. A purchase's ``payload`` may hold ``lines`` (lists: line id, product id, category id, quantity, amount
    paid, and what an earlier event counted of amount and quantity), ``rate`` (document currency → company currency),
    ``channel``, ``term``, ``methods``, ``settled``, ``days_to_pay``, ``untaxed`` (the share of the amount that is no
    tax, if it is not all of it); without lines, ``quantity``. Whatever else it holds, conditions of other addons read
    in ``event.values``.
    """

    _name = "club.event"
    _description = "Club Event"
    _order = "occurred_at desc, id desc"
    _log_access = False

    member_id = fields.Many2one("club.member", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    type = fields.Selection(
        [
            ("join", "Joined"),
            ("profile", "Completed the profile"),
            ("visit", "Visited"),
            ("purchase", "Bought"),
            ("survey", "Answered a survey"),
            ("feedback_sent", "Sent feedback"),
            ("feedback", "Gave feedback"),
            ("referral_click", "Brought a visitor"),
            ("referral_join", "Brought a member"),
            ("referral_purchase", "Brought a buyer"),
            ("occasion", "Occasion"),
            ("review", "Reviewed a product"),
            ("tier", "Reached a tier"),
            ("merchant_purchase", "Bought at a partner"),
            ("forum", "Helped other members"),
            ("contest", "Won a place in a contest"),
            ("draw", "Won in a draw"),
            ("custom", "Other"),
        ],
        required=True,
        readonly=True,
    )
    occurred_at = fields.Datetime(required=True, readonly=True, index=True)
    key = fields.Char(required=True, readonly=True)
    amount = fields.Monetary(
        readonly=True, help="In the company's currency, as the club counts amounts; of a revision, the difference."
    )
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(string="Document", model_field="origin_model", readonly=True)
    revises_id = fields.Many2one(
        "club.event",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The first event of the same purchase. Empty: this is the first.",
    )
    payload = fields.Json(readonly=True)
    processed_at = fields.Datetime(readonly=True)
    revoked_at = fields.Datetime(
        compute="_compute_revoked_at",
        search="_search_revoked_at",
        help="Taken back: it earns nothing and does not count as a fact.",
    )
    entry_ids = fields.One2many("club.point.entry", "event_id")
    points = fields.Float(compute="_compute_points", digits=(16, 2))

    _key_unique = models.Constraint("UNIQUE(key)", "This fact is recorded already.")
    _origin_idx = models.Index("(origin_model, origin_id)")
    _waiting_idx = models.Index("(id) WHERE processed_at IS NULL")

    def _compute_points(self):
        points = dict(
            self.env["club.point.entry"]._read_group(
                [("event_id", "in", self.ids), ("kind", "in", ("earn", "reverse"))],
                ["event_id"],
                ["points:sum"],
            )
        )
        for event in self:
            event.points = points.get(event, 0.0)

    def _compute_revoked_at(self):
        roots = {event: event.revises_id or event for event in self}
        voids = self.search([("revises_id", "in", [root.id for root in roots.values()])]).filtered(
            lambda revision: (revision.payload or {}).get("void")
        )
        revoked = {void.revises_id: void.occurred_at for void in voids}
        for event, root in roots.items():
            event.revoked_at = revoked.get(root, False)

    def _search_revoked_at(self, operator, value):
        """Only whether it was taken back at all: the revision that says so has it in its payload, out of a domain's
        reach.
        """
        if operator != "in" or set(value) != {False}:
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """NOT EXISTS (SELECT 1 FROM club_event void WHERE void.revises_id = COALESCE(%s, %s)
                           AND (void.payload->>'void')::boolean)""",
                SQL.identifier(alias, "revises_id"),
                SQL.identifier(alias, "id"),
            )
        )

    @api.depends("type", "member_id")
    def _compute_display_name(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        for event in self:
            event.display_name = f"{labels.get(event.type, '')}: {event.member_id.display_name}"

    # -- CRUD: facts never change ----------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._(
                "Facts are recorded by the club's own documents, not typed in. Make an adjustment of points instead."
            )
        )

    def write(self, vals):
        raise UserError(self.env._("A recorded event never changes. Record a further event instead."))

    def unlink(self):
        raise UserError(self.env._("A recorded event cannot be deleted: the ledger refers to it."))

    # -- recording -------------------------------------------------------------

    @api.model
    def _record(self, vals_list):
        """Record facts once: the same key again returns the first event; with different content it is an error.

        :param list[dict] vals_list: ``member_id``, ``type``, ``key``, ``occurred_at`` (UTC, default now), and where it
            applies ``amount`` (company currency), ``origin`` (a record) or ``origin_model`` and ``origin_id``,
            ``revises_id``, ``payload``, ``processed_at``; ``club_id`` and ``company_id`` of the member, if the caller
            has read them anyway.
        :return: events in the order of ``vals_list``. Three queries at most, however many there are.
        :raises UserError: a key returns with other content, or there is no such member. Nothing is recorded then.
        """
        if not vals_list:
            return self.browse()
        rows = [self._prepare_row(vals) for vals in vals_list]
        self._complete_clubs([row for row in rows if not (row["club_id"] and row["company_id"])])
        ids = self._insert_rows(rows)
        if len(ids) < len(rows):
            ids.update(self._check_known([row for row in rows if row["key"] not in ids], ids, rows))
        return self.browse([ids[row["key"]] for row in rows])

    @api.model
    def _prepare_row(self, vals):
        origin = vals.get("origin")
        return {
            "member_id": vals["member_id"],
            "club_id": vals.get("club_id"),
            "company_id": vals.get("company_id"),
            "type": vals["type"],
            "occurred_at": vals.get("occurred_at") or fields.Datetime.now(),
            "key": vals["key"],
            "amount": float(vals.get("amount") or 0),
            "origin_model": origin._name if origin else vals.get("origin_model") or None,
            "origin_id": origin.id if origin else vals.get("origin_id") or None,
            "revises_id": vals.get("revises_id") or None,
            "payload": json.dumps(vals["payload"], sort_keys=True) if vals.get("payload") else None,
            "processed_at": vals.get("processed_at") or None,
        }

    @api.model
    def _report(self, vals_list):
        """Record facts and let the rules earn for them at once: what a person did is answered while it looks.

        :param list[dict] vals_list: as for :meth:`_record`. Facts reported before earn nothing a second time.
        :return: events in the order of ``vals_list``.
        """
        events = self.sudo()._record(vals_list)
        events._process()
        return events

    def _revoke(self, note):
        """Take back what these facts earned: a review was taken down, a friend's first order came back.

        The facts stay; a further one that revises each says that it no longer holds, so that it does not count as the
        member's third, or as an earlier one. What they have not earned yet they never will; what they earned is
        reversed once, however often this is called; what of it has expired meanwhile is gone and not taken again. So a
        fact that happens anew needs a key of its own (``rating.rating,5:review:2``) and the time of the first one
        (:meth:`_get_first_time`), or points that have expired would come back.

        :param str note: the reason, for the member's history.
        :return: the reversing entries.
        """
        roots = self.sudo().revises_id | self.sudo().filtered(lambda event: not event.revises_id)
        lives = self.sudo().search([("revises_id", "in", roots.ids)])
        events = roots | lives
        events._mark_processed(events.filtered(lambda event: not event.processed_at).ids)
        self.sudo()._record([root._prepare_void_values(lives) for root in roots if not root.revoked_at])
        events.invalidate_recordset(["revoked_at"], flush=False)
        earned = (
            self.env["club.point.entry"]
            .sudo()
            .search([("event_id", "in", events.ids), ("kind", "=", "earn")], order="id")
        )
        return earned._take_back(key=lambda entry: f"{entry.key}:revoked", note=note)

    @api.model
    def _get_first_time(self, key):
        """When a fact that comes back in generations first occurred, for the later ones: coming back renews neither
        expiry nor limits (design §2: nothing may launder an expiry).

        :param str key: of the first generation.
        :rtype: datetime or False, if it has not occurred yet.
        """
        return self.sudo().search([("key", "=", key)]).occurred_at

    def _prepare_void_values(self, revisions):
        """The fact that this one, with its revisions, no longer holds."""
        now = fields.Datetime.now()
        own = revisions.filtered(lambda revision: revision.revises_id == self)
        return {
            "member_id": self.member_id.id,
            "club_id": self.club_id.id,
            "company_id": self.company_id.id,
            "type": self.type,
            "occurred_at": now,
            "key": f"{self.key}:void",
            "amount": -(self.amount + sum(own.mapped("amount"))),
            "origin_model": self.origin_model,
            "origin_id": self.origin_id,
            "revises_id": self.id,
            "payload": {"void": True},
            "processed_at": now,
        }

    def _complete_clubs(self, rows):
        """Write the members' clubs and companies into rows that lack them. SQL, for members are not read otherwise."""
        if not rows:
            return
        clubs = {
            member: (club, company)
            for member, club, company in self.env.execute_query(
                SQL(
                    "SELECT m.id, m.club_id, c.company_id FROM club_member m JOIN club_club c ON c.id = m.club_id"
                    " WHERE m.id = ANY(%s)",
                    list({row["member_id"] for row in rows}),
                )
            )
        }
        for row in rows:
            if row["member_id"] not in clubs:
                raise UserError(self.env._("The event %(key)s names a member who does not exist.", key=row["key"]))
            row["club_id"], row["company_id"] = clubs[row["member_id"]]

    def _insert_rows(self, rows):
        """Insert, skipping known keys; ids by key. SQL because the ORM knows no ON CONFLICT and inserts row by row.

        Under a race PostgreSQL raises a serialization error here, which Odoo answers by a retry.
        """
        if len(rows) == 1:  # plainly: a third of what arrays cost
            (row,) = rows
            query = SQL(
                "INSERT INTO club_event (%s) VALUES (%s) ON CONFLICT (key) DO NOTHING RETURNING key, id",
                NAMES,
                SQL(ONE, *(row[name] for name, _kind in COLUMNS)),
            )
            return dict(self.env.execute_query(query))
        found = self.env.execute_query(
            SQL(
                """
            INSERT INTO club_event (%(names)s)
            SELECT %(values)s FROM unnest(%(arrays)s) WITH ORDINALITY AS v(%(names)s, nr) ORDER BY v.nr
            ON CONFLICT (key) DO NOTHING
            RETURNING key, id
            """,
                names=NAMES,
                values=VALUES,
                arrays=SQL(ARRAYS, *([row[name] for row in rows] for name, _kind in COLUMNS)),
            )
        )
        return dict(found)

    def _check_known(self, known, ids, rows):
        """Ids of events recorded before (or twice in this list), after comparing their content."""
        found = {}
        for vals in self.env.execute_query_dict(
            SQL(
                """
            SELECT id, key, member_id, type, amount, origin_model, origin_id, revises_id, payload
              FROM club_event WHERE key = ANY(%s)
            """,
                [row["key"] for row in rows],
            )
        ):
            found[vals["key"]] = vals
        for row in rows:
            first = found[row["key"]]
            payload = json.loads(row["payload"]) if row["payload"] else None
            same = all(
                (round(float(first[name] or 0), 6) == round(row[name], 6))
                if name == "amount"
                else first[name] == payload
                if name == "payload"
                else first[name] == row[name]
                for name in SAME_CONTENT
            )
            if not same:
                raise UserError(
                    self.env._(
                        "The key %(key)s was used for another fact. A fact that differs needs a key of its own.",
                        key=row["key"],
                    )
                )
        return {row["key"]: found[row["key"]]["id"] for row in known}

    def action_view_origin(self):
        """Open the document that the event comes from."""
        self.ensure_one()
        if not self.origin_model or self.origin_model not in self.env:
            raise UserError(self.env._("This event comes from no document in this system."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.origin_model,
            "res_id": self.origin_id,
            "view_mode": "form",
        }
