"""The page of recency, frequency and money: how many members stand where."""

from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang

#: Scores, the best first.
SCORES = (5, 4, 3, 2, 1)


class ClubRfm(models.AbstractModel):
    """What the page asks of the server, with the reader's own rights: figures of one club, a segment of one cell."""

    _name = "club.rfm"
    _description = "Recency, Frequency and Money"

    @api.model
    def read_grid(self, club_id=False):
        """The grid of a club: for each recency (rows, the most recent first) and frequency the number of members and
        their average sales; one aggregate, whatever the size of the club.

        :param club_id: default the reader's first club
        :return: ``clubs``, ``club``, ``rows`` of ``cells``, ``never`` (members without a purchase), ``refreshed``
        :rtype: dict
        """
        clubs = self.env["club.club"].search([("company_id", "in", self.env.companies.ids)])
        club = clubs.filtered(lambda club: club.id == club_id) or clubs[:1]
        Behaviour = self.env["club.behaviour"]
        found = {
            (recency, frequency): (count, sales, refreshed)
            for recency, frequency, count, sales, refreshed in Behaviour._read_group(
                [("club_id", "=", club.id)],
                ["recency_score", "frequency_score"],
                ["__count", "sales:avg", "refreshed_at:max"],
            )
        }
        most = max((values[0] for (recency, _f), values in found.items() if recency), default=0)
        refreshed = max((values[2] for values in found.values() if values[2]), default=False)
        return {
            "clubs": [{"id": one.id, "name": one.name} for one in clubs],
            "club": club.id,
            "rows": [
                {
                    "recency": recency,
                    "cells": [
                        self._show_cell(club, recency, frequency, found.get((recency, frequency)), most)
                        for frequency in reversed(SCORES)
                    ],
                }
                for recency in SCORES
            ],
            "never": sum(count for (recency, _f), (count, _s, _r) in found.items() if not recency),
            "refreshed": format_datetime(self.env, refreshed) if refreshed else "",
            "manager": self.env.user.has_group("customer_club.group_club_manager"),
        }

    def _show_cell(self, club, recency, frequency, values, most):
        count, sales, _refreshed = values or (0, 0, False)
        money = formatLang(self.env, sales or 0, digits=0, currency_obj=club.currency_id) if count else ""
        return {
            "recency": recency,
            "frequency": frequency,
            "count": count,
            "shown": formatLang(self.env, count, digits=0),
            "money": money,
            "heat": round(count / most, 3) if most else 0,
            "title": self.env._(
                "Recency %(recency)s, frequency %(frequency)s: %(count)s members",
                recency=recency,
                frequency=frequency,
                count=formatLang(self.env, count, digits=0),
            ),
        }

    @api.model
    def open_cell(self, club_id=False, recency=False, frequency=False):
        """The members of a cell, as an action.

        :raises UserError: there is no such cell
        """
        club, recency, frequency = self._get_cell(club_id, recency, frequency)
        cell = [("recency_score", "=", recency), ("frequency_score", "=", frequency)]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recency %(recency)s, Frequency %(frequency)s", recency=recency, frequency=frequency),
            "res_model": "club.member",
            "views": [(False, "list"), (False, "form")],
            "domain": [("club_id", "=", club.id), ("behaviour_ids", "any", cell)],
        }

    @api.model
    def make_segment(self, club_id=False, recency=False, frequency=False):
        """A live segment of a cell, as an action that opens it; only for managers.

        :raises UserError: there is no such cell
        :raises AccessError: the reader may not make segments
        """
        if not self.env.user.has_group("customer_club.group_club_manager"):
            raise AccessError(self.env._("Only managers of the club make segments. Ask one of them."))
        club, recency, frequency = self._get_cell(club_id, recency, frequency)
        segment = self.env["club.segment"].create(
            {
                "name": self.env._(
                    "Recency %(recency)s, Frequency %(frequency)s", recency=recency, frequency=frequency
                ),
                "club_id": club.id,
                "condition_ids": [
                    Command.create(
                        {
                            "kind": "rfm",
                            "recency_from": recency,
                            "recency_to": recency,
                            "frequency_from": frequency,
                            "frequency_to": frequency,
                        }
                    )
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": segment.name,
            "res_model": "club.segment",
            "res_id": segment.id,
            "views": [(False, "form")],
        }

    def _get_cell(self, club_id=False, recency=False, frequency=False):
        known = isinstance(club_id, int) and recency in SCORES and frequency in SCORES
        club = self.env["club.club"].search([("id", "=", club_id)]) if known else self.env["club.club"]
        if not club:
            raise UserError(self.env._("There is no such cell. Open the page again."))
        return club, int(recency), int(frequency)
