"""The ledger: one immutable row per movement of points."""

import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.exceptions import UserError

from .immutable import make_append_only
from .ledger_batch import LedgerBatch
from .ledger_movement import CREDIT, DEBIT, Movement

VALUES = frozenset(
    {
        "member_id",
        "kind",
        "points",
        "key",
        "pending",
        "date",
        "available_on",
        "expires_on",
        "event_id",
        "rule_id",
        "origin",
        "origin_model",
        "origin_id",
        "happened",
        "note",
        "detail",
        "user_id",
        "lots",
        "only",
        "root_id",
        "club_id",
        "card_id",
    }
)
POSTABLE = frozenset({"earn", "spend", "expire", "transfer", "adjust", "opening"})
ZERO = Decimal(0)
# The sign of the points of each kind; 0: either.
SIGN = {"earn": 1, "opening": 1, "spend": -1, "expire": -1, "transfer": 0, "adjust": 0}


class ClubPointEntry(models.Model):
    """A movement of points, written once by :meth:`_post` and never changed (a trigger in the database sees to it).

    ``points`` is what the movement does to what the member owns, ``available`` what it does to what can be spent:
    points of a sale that is not final yet are (n, 0), their opening is (0, n), a spend is (-n, -n).
    """

    _name = "club.point.entry"
    _description = "Club Point Entry"
    _order = "id desc"
    _log_access = False
    _rec_name = "key"

    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="restrict")
    card_id = fields.Many2one("loyalty.card", required=True, index=True, readonly=True, ondelete="restrict")
    club_id = fields.Many2one("club.club", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("earn", "Earned"),
            ("open", "Became spendable"),
            ("spend", "Spent"),
            ("expire", "Expired"),
            ("transfer", "Transferred"),
            ("adjust", "Adjusted"),
            ("opening", "Opening balance"),
            ("reverse", "Reversed"),
        ],
        required=True,
        readonly=True,
    )
    points = fields.Float(digits=(16, 2), required=True, readonly=True, help="Signed: what the member owns.")
    available = fields.Float(
        string="Spendable",
        digits=(16, 2),
        required=True,
        readonly=True,
        help="Signed: what it does to the points that can be spent.",
    )
    date = fields.Datetime(required=True, readonly=True)
    available_on = fields.Date(readonly=True, help="The day from which pending points may open; empty: not known yet.")
    expires_on = fields.Date(readonly=True, help="The first day on which the points can no longer be spent.")
    key = fields.Char(required=True, readonly=True)
    event_id = fields.Many2one("club.event", readonly=True, index="btree_not_null", ondelete="restrict")
    rule_id = fields.Many2one("club.earn.rule", readonly=True, index="btree_not_null", ondelete="restrict")
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True)
    reverses_id = fields.Many2one("club.point.entry", readonly=True, index="btree_not_null", ondelete="restrict")
    root_id = fields.Many2one(
        "club.point.entry",
        string="Issued By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The entry that first issued these points; empty when this one did. It carries the cohort.",
    )
    happened = fields.Boolean(
        string="Already Happened", readonly=True, help="Told to us after the fact; it may exceed what was available."
    )
    user_id = fields.Many2one("res.users", string="By", readonly=True, ondelete="restrict")
    note = fields.Char(readonly=True)
    detail = fields.Json(readonly=True, help="What an earning rule counted, line by line.")

    lot_ids = fields.One2many("club.point.lot", "entry_id", readonly=True)
    allocation_ids = fields.One2many("club.point.allocation", "entry_id", string="Paid From", readonly=True)
    reversal_ids = fields.One2many("club.point.entry", "reverses_id", string="Reversed By", readonly=True)

    _key_unique = models.Constraint("UNIQUE(key)", "This movement of points is posted already.")
    _member_idx = models.Index("(member_id, id)")
    # A club's budget sums a period at every confirmation: from the index alone, however old the ledger.
    _budget_idx = models.Index("(club_id, date) INCLUDE (points, kind) WHERE rule_id IS NOT NULL")
    _origin_idx = models.Index("(origin_model, origin_id) WHERE origin_id IS NOT NULL")

    def init(self):
        """Make entries and allocations append-only in the database itself, against ORM and plain SQL alike."""
        make_append_only(self.env, "club_point_entry", "club_point_allocation")

    # -- CRUD: only _post writes ---------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._(
                "Points are posted by the club's own documents, not typed into the ledger. Make an adjustment instead."
            )
        )

    def write(self, vals):
        raise UserError(
            self.env._(
                "A ledger entry never changes. Correct it by an adjustment or by reversing the document it came from."
            )
        )

    def unlink(self):
        raise UserError(
            self.env._(
                "A ledger entry is never deleted. Correct it by an adjustment or by reversing the document it came "
                "from."
            )
        )

    # -- actions --------------------------------------------------------------

    def action_open_origin(self):
        """Open the document that this entry comes from.

        :raises UserError: it has none, or it is gone.
        """
        self.ensure_one()
        known = self.origin_model and self.origin_model in self.env
        if not known or not self.env[self.origin_model].browse(self.origin_id).exists():
            raise UserError(
                self.env._("The entry %(key)s has no document to open, or it was deleted since.", key=self.key)
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self.origin_model,
            "res_id": self.origin_id,
            "views": [(False, "form")],
        }

    # -- posting --------------------------------------------------------------

    @api.model
    def _post(self, vals_list):
        """Post movements of points; the only code that creates entries, moves lots and changes club balances.

        A list costs a constant number of SQL statements; call it once with all movements. They are applied in order.

        :param list[dict] vals_list: for each movement ``member_id``, ``kind`` (earn, spend, expire, transfer, adjust,
            opening), ``points`` (signed, in the club's decimals), ``key`` (names the business fact, unique), and where
            it applies ``pending`` (owned but not spendable), ``date`` (UTC, default now), ``available_on``,
            ``expires_on`` (``False``: never; absent: the
            club's policy), ``event_id``, ``rule_id``, ``origin`` (a record),
            ``happened`` (may exceed what is available; the rest becomes arrears), ``note``, ``detail`` (JSON),
            ``lots`` (lot ids to take from first), ``only`` (and from no others), ``root_id`` (who issued the points);
            ``club_id`` and ``card_id`` of a member who was not merged, if the caller has read them in this transaction.
        :return: the entries, in the order of ``vals_list``; for a key posted before, the entry of that time.
        :raises NotEnoughPoints: a spend exceeds what can be spent.
        :raises UserError: a key returns with other content, or a value is impossible. Nothing is posted then.
        """
        return self._run_batch([self._prepare_movement(vals) for vals in vals_list])

    def _run_batch(self, movements):
        if not movements:
            return self.browse()
        ids = LedgerBatch(self, movements).run()
        entries = self.browse(ids)
        self._after_post(entries, movements)
        return entries

    @api.model
    def _after_post(self, entries, movements):
        """Called after entries were posted (or found posted before). To be extended, without a query per entry.

        :param movements: what ``entries`` were made from, in the same order; reading them costs no query.
        """

    @api.model
    def _prepare_movement(self, vals):
        unknown = vals.keys() - VALUES
        if unknown:
            raise ValueError(f"club.point.entry._post does not know {', '.join(sorted(unknown))}")
        kind, points = vals["kind"], engine_lots.to_decimal(vals["points"])
        if kind not in POSTABLE:
            raise ValueError(f"kind {kind!r} is posted by its own method")
        if not points or points * SIGN[kind] < 0:
            raise UserError(
                self.env._(
                    "%(points)s points make no entry of kind %(kind)s (%(key)s).",
                    points=points,
                    kind=kind,
                    key=vals["key"],
                )
            )
        origin = vals.get("origin")
        return Movement(
            member_id=vals["member_id"],
            kind=kind,
            key=vals["key"],
            points=points,
            op=CREDIT if points > 0 else DEBIT,
            date=vals.get("date") or fields.Datetime.now(),
            pending=bool(vals.get("pending")),
            available_on=vals.get("available_on") or None,
            expires_on=vals.get("expires_on"),
            event_id=vals.get("event_id") or None,
            rule_id=vals.get("rule_id") or None,
            origin_model=origin._name if origin else vals.get("origin_model") or None,
            origin_id=origin.id if origin else vals.get("origin_id") or None,
            root_id=vals.get("root_id") or None,
            happened=bool(vals.get("happened")),
            user_id=vals.get("user_id") or self.env.uid,
            note=vals.get("note") or None,
            club_id=vals.get("club_id") or 0,
            card_id=vals.get("card_id") or 0,
            detail=json.dumps(vals["detail"]) if vals.get("detail") else None,
            lots=tuple(vals.get("lots") or ()),
            only=bool(vals.get("only")),
        )

    @api.depends("kind", "points")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = (
                f"{dict(self._fields['kind']._description_selection(self.env)).get(entry.kind)} {entry.points:+g}"
            )
