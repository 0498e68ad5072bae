"""Writes to a club card that the club did not make, and what the ledger made of them."""

from odoo import api, fields, models


class ClubLedgerIncident(models.Model):
    """One foreign write: how many points somebody's code wanted to move, and how many the ledger posted."""

    _name = "club.ledger.incident"
    _description = "Club Ledger Incident"
    _order = "id desc"
    _rec_name = "card_id"

    card_id = fields.Many2one("loyalty.card", required=True, readonly=True, index=True, ondelete="cascade")
    member_id = fields.Many2one("club.member", readonly=True, index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    wanted = fields.Float(
        digits=(16, 2), readonly=True, help="Points that the other code added (or took, if negative)."
    )
    posted = fields.Float(digits=(16, 2), readonly=True, help="Points that the ledger posted for it.")
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True)
    note = fields.Char(readonly=True)

    @api.model
    def _settle_foreign_writes(self, writes):
        """Post what other code did to club cards, as far as it may be believed.

        Points taken were spent already, so they are posted as having happened, but no more than the document's own
        lines say that they cost. Points added are believed only as the give-back of what the same document, or the
        one that it refunds, had spent. Whatever has no document, and what is not believed, is kept as an incident.

        :param writes: list of ``(card, member or None, points, (model, id, description))``.
        """
        spent = self._read_spent(writes)
        spends, incidents = [], []
        for card, member, points, (model, res_id, description) in writes:
            posted = 0.0
            if member and points < 0:
                posted = -self._bound_by_lines(card, model, res_id, -points, spent)
            if posted:
                number = len(spent.get((card.id, model, res_id), ())) + 1
                spends.append(
                    {
                        "member_id": member.id,
                        "kind": "spend" if model else "adjust",
                        "points": posted,
                        "happened": True,
                        "origin_model": model,
                        "origin_id": res_id,
                        "note": description or self.env._("Unknown origin"),
                        "key": f"{model},{res_id}:spend:{number}:card,{card.id}",
                    }
                )
            elif member and model and points > 0:
                posted = self._give_back(card, model, res_id, points)
            if not model or posted != points:
                incidents.append(
                    (
                        {
                            "card_id": card.id,
                            "member_id": member.id if member else False,
                            "wanted": points,
                            "posted": posted,
                            "origin_model": model,
                            "origin_id": res_id,
                            "note": description,
                        },
                        spends[-1] if posted and not model else None,
                    )
                )
        records = self.sudo().create([values for values, _spend in incidents])
        for record, (_values, spend) in zip(records, incidents, strict=True):
            if spend:
                spend["key"] = f"{self._name},{record.id}:foreign"
        self.env["club.point.entry"].sudo()._post(spends)

    def _read_spent(self, writes):
        """Entries that the documents behind these writes have posted before, by card and document."""
        models_known = {origin[0] for *_rest, origin in writes if origin[0]}
        if not models_known:
            return {}
        entries = (
            self.env["club.point.entry"]
            .sudo()
            .search(
                [
                    ("card_id", "in", [card.id for card, *_rest in writes]),
                    ("origin_model", "in", list(models_known)),
                    ("origin_id", "in", [origin[1] for *_rest, origin in writes if origin[1]]),
                ]
            )
        )
        return entries.grouped(lambda entry: (entry.card_id.id, entry.origin_model, entry.origin_id))

    def _bound_by_lines(self, card, model, res_id, points, spent):
        """At most what the lines of a till's order cost the card and was not posted yet: whoever works at a till may
        name any card there.
        """
        document = self.env[model].sudo().browse(res_id).exists() if model and model in self.env else None
        lines = document["lines"] if document and "lines" in document._fields else None
        if lines is None or not {"points_cost", "coupon_id"} <= lines._fields.keys():
            return points
        lines = lines.filtered(lambda line: line.coupon_id == card and line.points_cost > 0)
        before = -sum(
            entry.points
            for entry in spent.get((card.id, model, res_id), ())
            if "spend" in (entry.kind, entry.reverses_id.kind)
        )
        return round(min(points, max(sum(lines.mapped("points_cost")) - before, 0.0)), 2)

    def _give_back(self, card, model, res_id, points):
        """Reverse spends of the document, or of the one that it refunds, by at most ``points``; return how many."""
        document = self.env[model].sudo().browse(res_id).exists() if model in self.env else None
        if not document:
            return 0.0
        sources = document
        for name in ("refunded_order_id", "reversed_entry_id"):
            if name in document._fields:
                sources |= document[name]
        Entry = self.env["club.point.entry"].sudo()
        spends = Entry.search(
            [
                ("card_id", "=", card.id),
                ("kind", "=", "spend"),
                ("origin_model", "=", model),
                ("origin_id", "in", sources.ids),
            ]
        )
        return sum(spends._give_back(points, f"{model},{res_id}:give-back").mapped("points"))
