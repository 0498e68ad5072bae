"""An entry of the ledger in words that its member understands."""

from collections import defaultdict

from odoo import models

#: Documents whose number a member may read, and the word before it.
ORIGINS = ("sale.order", "account.move", "pos.order")


class ClubPointEntry(models.Model):
    _inherit = "club.point.entry"

    def _get_portal_sentences(self):
        """A sentence for each entry, in the order of the entries; a query per kind of document, whatever their number.

        :return: dicts of ``text`` (what happened, with the points) and ``note`` (when it can be spent or expires).
        :rtype: list[dict]
        """
        names = self._get_origin_names()
        days = self._get_opening_days()
        return [
            {
                "text": entry._get_portal_text(names.get((entry.origin_model, entry.origin_id), "")),
                "note": entry._get_portal_note(days),
            }
            for entry in self
        ]

    def _get_opening_days(self):
        """``{entry id: day or False}`` of the entries that still wait: the day they can be spent from, if known."""
        waiting = [entry.id for entry in self if entry.points > 0 and not entry.available]
        if not waiting:
            return {}
        lots = self.env["club.point.lot"].sudo().search([("entry_id", "in", waiting), ("state", "=", "pending")])
        days = {lot.entry_id.id: lot.available_on for lot in lots}
        releases = (
            self.env["club.earn.release"]
            .sudo()
            ._read_group([("entry_id", "in", list(days)), ("done", "=", False)], ["entry_id"], ["due_on:max"])
        )
        for entry, day in releases:
            days[entry.id] = days[entry.id] or day
        return days

    def _get_origin_names(self):
        """``{(model, id): number}`` of the documents behind the entries."""
        ids = defaultdict(set)
        for entry in self:
            if entry.origin_model in ORIGINS and entry.origin_model in self.env:
                ids[entry.origin_model].add(entry.origin_id)
        return {
            (model, record.id): record.name
            for model, found in ids.items()
            for record in self.env[model].sudo().browse(found).exists()
        }

    def _get_portal_subject(self, name):
        """What the entry is about: the document's number, else what the member did."""
        self.ensure_one()
        _ = self.env._
        if name and self.origin_model == "account.move":
            return _("Invoice %(name)s", name=name)
        if name:
            return _("Order %(name)s", name=name)
        if self.event_id:
            return dict(self.event_id._fields["type"]._description_selection(self.env))[self.event_id.type]
        return _("Purchase")

    def _get_portal_text(self, name):
        """The sentence of one entry. Another addon adds kinds by extending the dictionary of patterns."""
        self.ensure_one()
        _ = self.env._
        values = {
            "what": self._get_portal_subject(name),
            "points": self.club_id._show_points(self.points or self.available, signed=True),
        }
        if self.kind == "reverse":
            if self.points < 0:
                return _("%(what)s, returned or cancelled: %(points)s", **values)
            return _("%(what)s, given back: %(points)s", **values)
        if self.kind == "transfer":
            return _("Received: %(points)s", **values) if self.points > 0 else _("Given away: %(points)s", **values)
        return {
            "earn": lambda: _("%(what)s: %(points)s", **values),
            "open": lambda: _("%(what)s: %(points)s can be spent now", **values),
            "spend": lambda: _("%(what)s, spent: %(points)s", **values),
            "expire": lambda: _("Expired: %(points)s", **values),
            "adjust": lambda: _("Correction: %(points)s", **values),
            "opening": lambda: _("Opening balance: %(points)s", **values),
        }[self.kind]()

    def _get_portal_note(self, opening_days):
        """When the entry's points can be spent, and until when.

        :param dict opening_days: see :meth:`_get_opening_days`.
        """
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        parts = []
        if self.id in opening_days:
            day = opening_days[self.id]
            if day:
                parts.append(_("Can be spent from %(day)s.", day=club._show_day(day)))
            else:
                parts.append(_("Can be spent once the purchase is final."))
        if self.points > 0 and self.expires_on:
            parts.append(_("Expires on %(day)s.", day=club._show_day(self.expires_on)))
        return " ".join(parts)
