"""Prizes on a member's pages, and what a member can have."""

from odoo import models
from odoo.fields import Domain
from odoo.tools import float_compare

REDEMPTIONS, CATALOGUE, REWARD_ROWS = 20, 500, 20


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- what can be had -----------------------------------------------------------------------------

    def _get_prize_domain(self, *channels):
        """Prizes of the member's club that are chosen in these places."""
        self.ensure_one()
        return Domain("club_id", "=", self.club_id.id) & Domain("channel", "in", channels)

    def _get_affordable_prizes(self):
        """The prizes that the member can choose at the counter now, with the reader's rights."""
        self.ensure_one()
        Prize = self.env["club.prize"]
        prizes = Prize.search(self._get_prize_domain("portal", "counter"), limit=500)._filter_for_member(self)
        lefts, chosen = prizes._get_lefts(), prizes._count_chosen_by(self)
        return prizes.filtered(
            lambda prize: (
                (lefts[prize.id] is None or lefts[prize.id] > 0)
                and (not prize.limit_count or chosen[prize.id] < prize.limit_count)
                and float_compare(prize.points, self.balance, precision_digits=2) <= 0
            )
        )

    def action_open_redeem(self):
        """Redeem a prize at the counter."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Redeem a Prize"),
            "res_model": "club.redeem.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    # -- the catalogue -------------------------------------------------------------------------------

    def _get_portal_prizes(self, kind="", only=None):
        """The catalogue as this member sees it: what can be had first, then the nearest, then what cannot be had now.

        :param str kind: a kind of delivery, or empty for all.
        :param only: the prizes to look at; default every prize of the club, ``CATALOGUE`` at most.
        :return: dicts; see :meth:`_prepare_portal_prize`.
        :rtype: list[dict]
        """
        self.ensure_one()
        domain = self._get_prize_domain("portal")
        if kind:
            domain &= Domain("delivery", "=", kind)
        if only is not None:
            domain &= Domain("id", "in", only.ids)
        prizes = self.env["club.prize"].sudo().search(domain, limit=CATALOGUE)
        refusals = prizes._get_audience_refusals(self)
        prizes = prizes.filtered(lambda prize: refusals[prize.id] in ("", "tier"))
        lefts, chosen = prizes._get_lefts(), prizes._count_chosen_by(self)
        rows = [
            self._prepare_portal_prize(prize, lefts[prize.id], chosen[prize.id], refusals[prize.id]) for prize in prizes
        ]
        return sorted(
            rows,
            key=lambda row: (
                not row["possible"],
                not row["affordable"],
                -row["required"] if row["affordable"] else row["required"],
            ),
        )

    def _prepare_portal_prize(self, prize, left, chosen, refusal):
        """One prize for a page: what it takes, what is missing, and in plain words why it cannot be had now.

        ``possible``: nothing but points may be missing; ``why_not``: the reason where it is not.
        """
        _ = self.env._
        club = self.club_id
        row = self._prepare_portal_reward(
            {"name": prize.name, "required": prize.points, "url": prize._get_portal_url(self), "label": _("Look at it")}
        )
        why_not = ""
        if refusal:
            why_not = prize._say_audience_refusal(refusal, self, short=True)
        elif left is not None and left <= 0:
            why_not = _("None left at the moment")
        elif prize.limit_count and chosen >= prize.limit_count:
            why_not = _("You have had it as often as one may: %(limit)s", limit=prize._show_limit())
        notes = []
        if left is not None and 0 < left <= prize.low_stock:
            notes.append(_("only %(count)s left", count=left) if left > 1 else _("the last one"))
        if prize.date_to:
            notes.append(_("until %(day)s", day=club._show_day(prize.date_to)))
        if prize.limit_count and not why_not:
            notes.append(_("at most %(limit)s", limit=prize._show_limit()))
        after = max(self.balance - prize.points, 0)
        return {
            **row,
            "prize": prize,
            "possible": not why_not,
            "why_not": why_not,
            "note": " · ".join(notes),
            "money": club._show_money(prize.money) if prize.money else "",
            "image": prize._get_portal_image(self, "image_256"),
            "after": club._show_points(after),
        }

    def _get_portal_reward_rows(self):
        """The first of the catalogue among everything that can be had for points."""
        rows = super()._get_portal_reward_rows()
        if not self._is_portal_owner(self.env.user):
            return rows
        found = [row for row in self._get_portal_prizes() if row["possible"]][:REWARD_ROWS]
        keys = ("name", "required", "url", "label", "note", "image")
        for row in found:
            if row["money"]:
                money = self.env._("and %(money)s in money", money=row["money"])
                row["note"] = " · ".join(filter(None, (money, row["note"])))
        return rows + [{key: row[key] for key in keys} for row in found]

    def _get_portal_links(self):
        _ = self.env._
        links = super()._get_portal_links()
        if not self._is_portal_owner(self.env.user):
            return links
        url = f"/my/club/{self.id}"
        if self.env["club.prize"].sudo().search_count(self._get_prize_domain("portal"), limit=1):
            links.append({"rank": 5, "url": f"{url}/prizes", "text": _("Prizes"), "icon": "fa-gift", "spend": True})
        if self._find_own_redemptions(limit=1)[0]:
            links.append(
                {"rank": 6, "url": f"{url}/redemptions", "text": _("My prizes"), "icon": "fa-archive", "spend": True}
            )
        return links

    def _get_portal_step_candidates(self, values, rewards):
        _ = self.env._
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self._is_portal_owner(self.env.user):
            return steps
        waiting = (
            self.env["club.redemption"]
            .sudo()
            .search([("member_id", "=", self.id), ("state", "in", ("requested", "approved", "ready"))], limit=20)
        )
        for redemption in waiting:
            url = f"/my/club/{self.id}/redemptions/{redemption.id}"
            if redemption.is_waiting_for_payment:
                text = _(
                    "%(prize)s waits for your payment of %(money)s.",
                    prize=redemption.prize_id.name,
                    money=self.club_id._show_money(redemption.money),
                )
                steps.append({"rank": 11, "text": text, "url": url, "label": _("Pay")})
            elif redemption.state == "ready":
                text = _("%(prize)s is ready for you.", prize=redemption.prize_id.name)
                steps.append({"rank": 15, "text": text, "url": url, "label": _("See how to get it")})
        return steps

    def _find_own_redemptions(self, before=None, limit=REDEMPTIONS):
        """One page of what the member redeemed or won, newest first.

        :param int before: the id that the page before ended with.
        :return: (redemptions in sudo, the id to go on from or ``None``)
        """
        self.ensure_one()
        domain = Domain("member_id", "=", self.id)
        if before:
            domain &= Domain("id", "<", before)
        found = self.env["club.redemption"].sudo().search(domain, order="id desc", limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None
