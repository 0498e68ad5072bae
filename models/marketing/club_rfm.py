"""The page of recency, frequency and money: how many members stand where, by scores and by the groups' names."""

from collections import Counter

from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

#: Scores, the best first.
SCORES = (5, 4, 3, 2, 1)


class ClubRfm(models.AbstractModel):
    """What the page asks of the server, with the reader's own rights: figures of one club, a segment of one cell.

    :meth:`_read_places` is where every grid comes from: the page and the block of the reports.
    """

    _name = "club.rfm"
    _description = "Recency, Frequency and Money"

    @api.model
    def _read_places(self, clubs):
        """How many members stand where; one aggregate, whatever the size of the clubs.

        :return: (club, recency, frequency, group, members, their sales in company currency, refreshed at), scores 0 and
            group ``none`` of who never bought
        :rtype: list[tuple]
        """
        return self.env["club.behaviour"]._read_group(
            [("club_id", "in", clubs.ids), ("member_id.state", "=", "active")],
            ["club_id", "recency_score", "frequency_score", "rfm_cell"],
            ["__count", "sales:sum", "refreshed_at:max"],
        )

    @api.model
    def read_grid(self, club_id=False):
        """The grid of a club: for each recency (rows, the most recent first) and frequency the number of members and
        their average sales; one aggregate, whatever the size of the club.

        :param club_id: default the reader's first club
        :return: ``clubs``, ``club``, ``rows`` of ``cells``, ``groups`` with a name, ``never`` (members without a
            purchase) and ``never_said``, ``refreshed``
        :rtype: dict
        """
        clubs = self.env["club.club"].search([("company_id", "in", self.env.companies.ids)])
        club = clubs.filtered(lambda club: club.id == club_id) or clubs[:1]
        counts, money, grouped, group_money, refreshed = Counter(), Counter(), Counter(), Counter(), []
        for _club, recency, frequency, group, count, sales, at in self._read_places(club):
            counts[recency, frequency] += count
            money[recency, frequency] += sales or 0
            grouped[group] += count
            group_money[group] += sales or 0
            refreshed.append(at)
        refreshed = max(filter(None, refreshed), default=False)
        never = sum(count for (recency, _frequency), count in counts.items() if not recency)
        most = max((count for (recency, _frequency), count in counts.items() if recency), default=0)
        return {
            "clubs": [{"id": one.id, "name": one.name} for one in clubs],
            "club": club.id,
            "rows": [
                {
                    "recency": recency,
                    "cells": [
                        self._show_cell(club, place, counts[place], money[place], most)
                        for place in ((recency, frequency) for frequency in reversed(SCORES))
                    ],
                }
                for recency in SCORES
            ],
            "groups": [
                {
                    "group": group,
                    "name": name,
                    "shown": formatLang(self.env, grouped[group], digits=0),
                    "money": self._show_average(club, grouped[group], group_money[group]),
                    "make": self.env._("Make a segment of “%(group)s”", group=name),
                }
                for group, name in self._get_groups().items()
                if grouped[group]
            ],
            "never": never,
            "never_said": self.env._(
                "Not bought yet, so in no field: %(count)s.", count=formatLang(self.env, never, digits=0)
            ),
            "refreshed": club._say_moment(refreshed) if refreshed else "",
            "manager": self.env.user.has_group("customer_club.group_club_manager"),
        }

    @api.model
    def _get_groups(self):
        """Groups of who bought, by key: what the cells of the grid are called."""
        names = dict(self.env["club.behaviour"]._fields["rfm_cell"]._description_selection(self.env))
        return {group: name for group, name in names.items() if group != "none"}

    def _show_average(self, club, count, sales):
        return formatLang(self.env, sales / count, digits=0, currency_obj=club.currency_id) if count else ""

    def _show_cell(self, club, place, count, sales, most):
        recency, frequency = place
        return {
            "recency": recency,
            "frequency": frequency,
            "count": count,
            "shown": formatLang(self.env, count, digits=0),
            "money": self._show_average(club, count, sales),
            "heat": round(count / most, 3) if most else 0,
            "title": self.env._(
                "Recency %(recency)s, frequency %(frequency)s. Members: %(count)s",
                recency=recency,
                frequency=frequency,
                count=formatLang(self.env, count, digits=0),
            ),
            "make": self.env._(
                "Make a segment of recency %(recency)s, frequency %(frequency)s", recency=recency, frequency=frequency
            ),
        }

    @api.model
    def open_cell(self, club_id=False, recency=False, frequency=False, group=False):
        """The members of a cell, or of a group of cells by its key, as an action.

        :raises UserError: there is no such cell
        """
        club, name, asked, _values = self._get_cell(club_id, recency, frequency, group)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "club.member",
            "views": [(False, "list"), (False, "form")],
            "domain": [("club_id", "=", club.id), ("behaviour_ids", "any", asked)],
        }

    @api.model
    def make_segment(self, club_id=False, recency=False, frequency=False, group=False):
        """A live segment of a cell, or of a group of cells, as an action that opens it; only for managers.

        :raises UserError: there is no such cell
        :raises AccessError: the reader may not make segments
        """
        if not self.env.user.has_group("customer_club.group_club_manager"):
            raise AccessError(self.env._("Only managers of the club make segments. Ask one of them."))
        club, name, _asked, values = self._get_cell(club_id, recency, frequency, group)
        segment = self.env["club.segment"].create(
            {"name": name, "club_id": club.id, "condition_ids": [Command.create({"kind": "rfm", **values})]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": segment.name,
            "res_model": "club.segment",
            "res_id": segment.id,
            "views": [(False, "form")],
        }

    def _get_cell(self, club_id=False, recency=False, frequency=False, group=False):
        """Club, name, domain on ``club.behaviour`` and values of a condition, of a cell or a group."""
        groups = self._get_groups()
        known = group in groups if group else recency in SCORES and frequency in SCORES
        club = self.env["club.club"].search([("id", "=", club_id)]) if known and isinstance(club_id, int) else False
        if not club:
            raise UserError(self.env._("There is no such cell. Open the page again."))
        if group:
            return club, groups[group], [("rfm_cell", "=", group)], {"rfm_cell": group}
        recency, frequency = int(recency), int(frequency)
        name = self.env._("Recency %(recency)s, Frequency %(frequency)s", recency=recency, frequency=frequency)
        asked = [("recency_score", "=", recency), ("frequency_score", "=", frequency)]
        scores = {"recency": recency, "frequency": frequency}
        return club, name, asked, {f"{of}_{end}": score for of, score in scores.items() for end in ("from", "to")}
