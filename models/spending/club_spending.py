"""What every document shares by which members get something for their points."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.models.entry_sql import REVERSED
from odoo.exceptions import AccessError
from odoo.tools import SQL


class ClubSpending(models.AbstractModel):
    """To be inherited by a redemption, a play, a voucher, a donation: whatever takes a member's points.

    The points are what the ledger says: :meth:`_settle_points` posts what a document should have taken less what it
    took, so it may be called any number of times. ``satisfied_at`` is when the member got what the points were for:
    from then on they count as redeemed in the books (IFRS 15), until then they are owed.

    What only the document's own steps may set stands in ``_step_fields``; forms and RPC never write it.
    """

    _name = "club.spending"
    _description = "Something Got for Points"

    #: Set by :meth:`_step` only; a create by a caller or a context's default gets the field's own default instead.
    _step_fields = frozenset({"state", "points", "satisfied_at", "unit_cost"})

    member_id = fields.Many2one("club.member", required=True, index=True, ondelete="restrict", readonly=True)
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="member_id.company_id", store=True)
    currency_id = fields.Many2one(related="club_id.currency_id")
    points = fields.Float(
        digits=(16, 2), readonly=True, copy=False, help="Taken from the member, less what was given back."
    )
    unit_cost = fields.Monetary(
        string="Cost", readonly=True, copy=False, help="What it costs the shop, as it was known at the time."
    )
    nature = fields.Selection([("hard", "Hard"), ("soft", "Soft")], default="hard", readonly=True)
    satisfied_at = fields.Datetime(
        string="Provided On", readonly=True, copy=False, help="When the member got what the points were for."
    )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """What the steps set begins with its default, whatever the caller or the context says."""
        return super().create([{**vals, **self._get_first_values()} for vals in vals_list])

    def write(self, vals):
        if self._step_fields & vals.keys():
            raise AccessError(
                self.env._(
                    "%(record)s: its state and its points are not typed in. Use its buttons.",
                    record=self[:1].display_name,
                )
            )
        return super().write(vals)

    @api.model
    def _get_first_values(self):
        """Step fields with their own defaults: what every new document begins with."""
        values = {}
        for name in self._step_fields:
            default = self._fields[name].default
            values[name] = default(self) if default else False
        return values

    def _step(self, vals):
        """Set what only the steps set."""
        return super(ClubSpending, self.sudo()).write(vals)

    # -- points --------------------------------------------------------------

    def _settle_points(self, targets, happened=False, note=None):
        """Make the ledger agree with what these documents should have taken; safe to repeat.

        :param targets: dict of document id → points (Decimal, not negative) that it should have taken by now.
        :param bool happened: it is told after the fact: what is not there becomes arrears.
        :raises NotEnoughPoints: the member cannot spend so much; nothing was posted then.
        """
        documents = self.sudo()
        posted = documents._read_posted_points()
        spends = []
        for document in documents:
            target = engine_lots.to_decimal(targets[document.id])
            was, count = posted.get(document.id, (Decimal(0), 0))
            if target > was:
                spends.append(
                    {
                        "member_id": document.member_id.id,
                        "kind": "spend",
                        "points": was - target,
                        "origin": document,
                        "key": f"{document._name},{document.id}:spend:{count + 1}",
                        "happened": happened,
                        "note": note,
                    }
                )
            elif target < was:
                document._get_spend_entries()._give_back(was - target, f"{document._name},{document.id}:give-back")
            document._step({"points": float(target)})
        self.env["club.point.entry"].sudo()._post(spends)

    def _get_spend_entries(self):
        """The entries by which these documents took points."""
        return (
            self.env["club.point.entry"]
            .sudo()
            .search([("origin_model", "=", self._name), ("origin_id", "in", self.ids), ("kind", "=", "spend")])
        )

    def _read_posted_points(self):
        """By document: points taken less given back, and how many entries took them. One query.

        SQL because what was given back names the spend that it reverses, whatever origin it has itself.
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT e.origin_id, -SUM(e.points), COUNT(*) FILTER (WHERE e.kind = 'spend')
              FROM club_point_entry e %s
             WHERE e.origin_model = %s AND e.origin_id = ANY(%s) AND COALESCE(reversed.kind, e.kind) = 'spend'
             GROUP BY e.origin_id
            """,
                REVERSED,
                self._name,
                self.ids,
            )
        )
        return {document: (engine_lots.to_decimal(points), count) for document, points, count in rows}

    @api.model
    def _get_reported_cost(self):
        """What a document (``doc``) adds to the report of spending, as SQL: nothing of what another document bears."""
        return SQL("doc.unit_cost")

    def action_view_entries(self):
        """Open the ledger's entries of this document."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points of %(document)s", document=self.display_name),
            "res_model": "club.point.entry",
            "views": [(False, "list"), (False, "form")],
            "domain": [("origin_model", "=", self._name), ("origin_id", "=", self.id)],
        }
