"""What to do next for a club: suggestions from its own numbers, ranked by the money at stake."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from odoo import fields, models
from odoo.addons.customer_club.engine import periods
from odoo.tools.misc import formatLang

#: Who spent much: scores of the behaviour, 1 to 5.
BEST_SCORE = 4
#: From this share of the budget on, its end is near (percent).
BUDGET_SHARE = 80
#: From here on nothing of a budget is left (percent).
USED_UP = 100
#: A rule that gave nothing for so many days is one that nobody uses.
IDLE_DAYS = 90
#: Feedback that waits for an answer longer than this is late.
LATE_DAYS = 3


class Advice(NamedTuple):
    """A thing to do: what it is about, its sentence, how many records, the money at stake, and the records."""

    key: str
    words: str
    count: int
    stake: Decimal
    model: str
    domain: list[Any]


class ClubClub(models.Model):
    _inherit = "club.club"

    def _get_advice(self):
        """What to do next, the most money at stake first; an addon adds its own by extending :meth:`_find_advice`.

        :return: all suggestions; a letter shows the first three.
        :rtype: list[Advice]
        """
        self.ensure_one()
        figures = self._get_home_figures()[self.id]
        found = [advice for advice in self._find_advice(figures) if advice and advice.count]
        return sorted(found, key=lambda advice: (-advice.stake, advice.key))

    def _find_advice(self, figures):
        """Every suggestion, or ``None`` where there is no reason for it.

        :param dict figures: of the home page, for this club.
        :rtype: list[Advice | None]
        """
        return [
            self._advise_win_back(),
            self._advise_expiring(figures),
            self._advise_budget(figures),
            self._advise_feedback(),
            self._advise_prizes(figures),
            self._advise_idle_rules(),
        ]

    def _advise_win_back(self):
        """Good customers who fell silent: one usual purchase of each is at stake."""
        domain = [
            ("club_id", "=", self.id),
            ("member_id.state", "=", "active"),
            ("stage", "in", ("at_risk", "lapsed")),
            ("monetary_score", ">=", BEST_SCORE),
        ]
        [(count, sales, orders)] = self.env["club.behaviour"]._read_group(
            domain, aggregates=["__count", "average_basket:sum", "order_count:sum"]
        )
        if not count or not orders:
            return None
        return Advice(
            "win_back",
            self.env._(
                "Best customers who have fallen silent: %(count)s. One usual purchase of each would be %(money)s. "
                "Invite them back.",
                count=self._write_count(count),
                money=self._show_money(sales),
            ),
            count,
            self._exact(sales),
            "club.behaviour",
            domain,
        )

    def _advise_expiring(self, figures):
        """Points that end within 30 days: what they are worth to their members."""
        if not figures["expiring_members"] or figures["expiring"] <= 0:
            return None
        action = self._get_home_action("expiring")
        worth = figures["expiring"] * figures["worth"]
        words = self.env._(
            "Within 30 days %(points)s expire (members: %(count)s). Remind them while they can still use them.",
            points=self._show_points(figures["expiring"]),
            count=self._write_count(figures["expiring_members"]),
        )
        if worth:
            words += " " + self.env._("They are worth %(money)s.", money=self._show_money(worth))
        return Advice(
            "expiring", words, figures["expiring_members"], self._exact(worth), action["res_model"], action["domain"]
        )

    def _advise_budget(self, figures):
        """A budget that is nearly used up: what a month of points is worth is at stake."""
        share = figures["budget_share"]
        if share is None or share < BUDGET_SHARE:
            return None
        return Advice(
            "budget",
            self._say_budget_end(share),
            1,
            self._exact(figures["given"] * figures["worth"]),
            "club.club",
            [("id", "=", self.id)],
        )

    def _say_budget_end(self, share):
        """That the budget is nearly used up, or is; and what that means for what rules give."""
        _, shown = self.env._, self._show_percent(share)
        return {
            (False, True): _(
                "%(share)s of the budget for points is used. When it ends, rules give nothing more: raise it, or tell "
                "members.",
                share=shown,
            ),
            (False, False): _(
                "%(share)s of the budget for points is used, and rules give on when it ends: raise it, or let them "
                "give less.",
                share=shown,
            ),
            (True, True): _(
                "The budget for points is used up (%(share)s), and rules give nothing more: raise it, or tell members.",
                share=shown,
            ),
            (True, False): _(
                "The budget for points is used up (%(share)s), and rules give on: raise it, or let them give less.",
                share=shown,
            ),
        }[share >= USED_UP, bool(self.budget_stop)]

    def _advise_feedback(self):
        """Feedback that waits for us: a usual purchase of each author is at stake."""
        domain = [
            ("club_id", "=", self.id),
            ("is_open", "=", True),
            ("waiting_for", "=", "staff"),
            ("create_date", "<", fields.Datetime.now() - timedelta(days=LATE_DAYS)),
        ]
        feedback = self.env["club.feedback"].search(domain)
        if not feedback:
            return None
        [(stake,)] = self.env["club.behaviour"]._read_group(
            [("member_id", "in", feedback.member_id.ids)], aggregates=["average_basket:sum"]
        )
        return Advice(
            "feedback",
            self.env._(
                "Members have waited for an answer for more than %(days)s days: %(count)s. Answer them.",
                days=self._write_count(LATE_DAYS),
                count=self._write_count(len(feedback)),
            ),
            len(feedback),
            self._exact(stake or 0),
            "club.feedback",
            domain,
        )

    def _advise_prizes(self, figures):
        """Prizes of which few are left: what members paid for them in points is at stake."""
        prizes = self.env["club.prize"].search([("club_id", "=", self.id)])
        low = prizes.filtered(lambda prize: not prize.is_unlimited and prize.left <= prize.low_stock)
        if not low:
            return None
        stake = sum(low.mapped("points")) * figures["worth"]
        return Advice(
            "prizes",
            self.env._(
                "Prizes that are gone or nearly gone: %(names)s. Restock them, or take them off the page.",
                names=self.env._(", ").join(low[:3].mapped("name")) + ("…" if len(low) > 3 else ""),
            ),
            len(low),
            self._exact(stake),
            "club.prize",
            [("id", "in", low.ids)],
        )

    def _advise_idle_rules(self):
        """Rules that gave nothing for a long time: no money, but a promise that nobody knows of."""
        since = fields.Datetime.now() - timedelta(days=IDLE_DAYS)
        today = periods.local_date(fields.Datetime.now(), self.tz)
        rules = self.env["club.earn.rule"].search(
            [
                ("club_id", "=", self.id),
                ("create_date", "<", since),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", today),
                "|",
                ("date_from", "=", False),
                ("date_from", "<", since.date()),
            ]
        )
        used = self.env["club.point.entry"]._read_group(
            [("club_id", "=", self.id), ("rule_id", "in", rules.ids), ("date", ">=", since)], ["rule_id"]
        )
        idle = rules - rules.browse([rule.id for (rule,) in used])
        if not idle:
            return None
        return Advice(
            "idle_rules",
            self.env._(
                "Rules that gave no points for %(days)s days: %(names)s. Tell members of them, or switch them off.",
                days=self._write_count(IDLE_DAYS),
                names=self.env._(", ").join(idle[:3].mapped("name")) + ("…" if len(idle) > 3 else ""),
            ),
            len(idle),
            Decimal(0),
            "club.earn.rule",
            [("id", "in", idle.ids)],
        )

    def _write_count(self, number):
        return formatLang(self.env, number, digits=0)

    def _exact(self, amount):
        return Decimal(str(round(amount or 0, 2)))
