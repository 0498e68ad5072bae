"""What a member reads about its own membership: balance, tier, rewards, next steps, history."""

from collections import defaultdict
from datetime import date, timedelta

from odoo import models
from odoo.addons.customer_club.engine import periods
from odoo.fields import Domain
from odoo.tools import SQL, float_compare
from odoo.tools.misc import formatLang

HISTORY_PAGE = 30
EXPORT_LIMIT = 10_000
#: What a customer filters by: a name for several kinds of entry.
HISTORY_KINDS = {
    "earned": ("earn", "opening"),
    "opened": ("open",),
    "spent": ("spend",),
    "expired": ("expire",),
    "returned": ("reverse",),
    "other": ("transfer", "adjust"),
}


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- whose pages -----------------------------------------------------------------------------------

    def _get_portal_domain(self, user):
        """The memberships whose pages ``user`` may open: their own, and their company's where the company earns."""
        partner = user.partner_id
        return Domain("state", "=", "active") & (
            Domain("partner_id", "=", partner.id)
            | (Domain("partner_id", "=", partner.commercial_partner_id.id) & Domain("club_id.earner", "=", "company"))
        )

    def _is_portal_owner(self, user):
        """Whether ``user`` is the member in person: who may leave, erase or change consents."""
        self.ensure_one()
        return self.partner_id == user.partner_id

    # -- the page ---------------------------------------------------------------------------------------

    def _get_portal_values(self):
        """What the member's page shows, in a number of queries that does not depend on the history.

        :return: balance and worth, pending lots by day, the next expiry, tier progress, rules, rewards, next steps.
        :rtype: dict
        """
        self.ensure_one()
        club = self.club_id
        worth = self.balance * club._point_worth()
        rewards = self._get_portal_rewards()
        values = {
            "member": self,
            "club": club,
            "worth": club._show_money(worth) if worth > 0 else "",
            "pending": self._get_portal_pending(),
            "expiring": self._get_portal_expiring(),
            "tier": self._get_portal_tier(),
            "rules": club._get_portal_rules(),
            "rewards": rewards[:3],
            "more_rewards": len(rewards) > 3,
            "links": sorted(self._get_portal_links(), key=lambda link: link["rank"]),
        }
        return {**values, "steps": self._get_portal_steps(values, rewards)}

    def _get_portal_pending(self, limit=6):
        """Sentences: how many points open when, nearest first; two queries.

        A lot knows its day where the hold began with the sale; where it begins with the invoice or the payment, the
        waiting list of releases does. What is on neither waits for the purchase to become final.
        """
        _ = self.env._
        club = self.club_id
        lots = dict(
            self.env["club.point.lot"]
            .sudo()
            ._read_group(
                [("card_id", "=", self.card_id.id), ("state", "=", "pending"), ("remaining", ">", 0)],
                ["available_on:day"],
                ["remaining:sum"],
            )
        )
        undated = lots.pop(False, 0)
        releases = (
            self.env["club.earn.release"]
            .sudo()
            ._read_group(
                [("member_id", "=", self.id), ("done", "=", False)],
                ["due_on:day"],
                ["points:sum"],
                order="due_on:day",
            )
        )
        by_day = defaultdict(float, lots)
        for day, points in releases:
            by_day[day] += min(points, undated)
            undated -= min(points, undated)
        sentences = [
            _("%(points)s can be spent from %(day)s", points=club._show_points(points), day=club._show_day(day))
            for day, points in sorted(by_day.items())[:limit]
            if points > 0
        ]
        if undated > 0:
            sentences.append(_("%(points)s wait until the purchase is final", points=club._show_points(undated)))
        return sentences

    def _read_expiring(self, limit):
        """The next days on which points expire, each with how many: ``(day, points)``."""
        return (
            self.env["club.point.lot"]
            .sudo()
            ._read_group(
                [
                    ("card_id", "=", self.card_id.id),
                    ("state", "=", "open"),
                    ("expires_on", "!=", False),
                    ("remaining", ">", 0),
                ],
                ["expires_on:day"],
                ["remaining:sum"],
                order="expires_on:day",
                limit=limit,
            )
        )

    def _get_portal_expiring(self):
        """The next points that expire, as ``(points, first day they cannot be spent)``, or ``None``."""
        rows = self._read_expiring(1)
        return (rows[0][1], rows[0][0]) if rows else None

    def _get_portal_tier(self):
        """The tier, the next one, and in plain words what is missing; ``None`` in a club without tiers.

        :return: ``name``, ``benefits`` (lines), ``percent`` (0 to 100), ``missing`` (a sentence), ``since``.
        :rtype: dict | None
        """
        _ = self.env._
        club = self.club_id
        if not club.tier_ids:
            return None
        following = self.next_tier_id
        sentence = ""
        if following:
            missing = self.tier_missing
            sentence = {
                "points": lambda: _(
                    "Collect %(points)s more to reach %(tier)s.",
                    points=club._show_points(missing),
                    tier=following.name,
                ),
                "amount": lambda: _(
                    "Buy for %(amount)s more to reach %(tier)s.",
                    amount=club._show_money(missing),
                    tier=following.name,
                ),
                "orders": lambda: (
                    _("Order %(count)s more times to reach %(tier)s.", count=int(missing), tier=following.name)
                    if missing > 1
                    else _("Order once more to reach %(tier)s.", tier=following.name)
                ),
            }[club.tier_basis]()
        elif self.tier_id:
            sentence = _("You have the highest tier.")
        return {
            "name": self.tier_id.name or "",
            "since": club._show_day(self.tier_since),
            "benefits": (self.tier_id.benefits or "").splitlines(),
            "multiplier": formatLang(self.env, self.tier_id.multiplier, digits=2).rstrip("0").rstrip(".,٫")
            if self.tier_id and self.tier_id.multiplier != 1
            else "",
            "next": following.name if following else "",
            "percent": int(self.tier_progress),
            "missing": sentence,
        }

    def _get_portal_rewards(self, limit=60):
        """What can be had: affordable first, the dearest of these first, then the nearest of the rest.

        :return: dicts of ``name``, ``cost``, ``affordable``, ``missing`` (points as text), ``percent``, ``url``,
            ``label``, ``note``, ``image``, and ``reward`` where it is one for orders.
        :rtype: list[dict]
        """
        _ = self.env._
        offers = [
            {
                "reward": reward,
                "name": reward.description or reward.display_name,
                "required": reward.required_points,
                "per_point": reward.reward_type == "discount" and reward.discount_mode == "per_point",
                "url": "/shop",
                "label": _("Choose something in the shop, then take it in the cart"),
            }
            for reward in self._get_order_rewards()[:limit]
        ]
        found = [self._prepare_portal_reward(offer) for offer in [*offers, *self._get_portal_reward_rows()]]
        return sorted(
            found,
            key=lambda row: (
                not row["affordable"],
                -row["required"] if row["affordable"] else row["required"],
            ),
        )

    def _get_order_rewards(self):
        """The rewards that this member can have on orders (sudo)."""
        return self.club_id.sudo().reward_ids.filtered("active")._filter_for_member(self)

    def _prepare_portal_reward(self, offer):
        """What a page shows of something that costs points, for this member's balance.

        :param dict offer: see ``_get_portal_reward_rows``.
        """
        club, required = self.club_id, offer["required"]
        short = required - self.balance
        affordable = float_compare(short, 0, precision_digits=2) <= 0
        return {
            "reward": None,
            "per_point": False,
            "note": "",
            "image": "",
            **offer,
            "cost": club._show_points(required),
            "affordable": affordable,
            "missing": "" if affordable else club._show_points(short),
            "percent": 100 if affordable else int(100 * max(0.0, self.balance) / required),
        }

    def _get_portal_steps(self, values, rewards):
        """The three most pressing of the things to do now.

        :return: dicts of ``text``, ``url``, ``label``.
        :rtype: list[dict]
        """
        return sorted(self._get_portal_step_candidates(values, rewards), key=lambda step: step["rank"])[:3]

    def _get_portal_step_candidates(self, values, rewards):
        """Things to do now. A room adds its own in an override.

        :return: dicts of ``rank`` (pressing first: 10 points expire, 20 terms, 30 a reward within reach, 40 the next
            reward, 50 the tier, 60 the profile, 90 the card), ``text``, ``url``, ``label``.
        :rtype: list[dict]
        """
        _ = self.env._
        club, url = self.club_id, f"/my/club/{self.id}"
        steps = []
        if values["expiring"]:
            points, day = values["expiring"]
            if day <= club._get_today() + timedelta(days=30):
                steps.append(
                    {
                        "rank": 10,
                        "text": _(
                            "%(points)s expire on %(day)s.", points=club._show_points(points), day=club._show_day(day)
                        ),
                        "url": f"{url}/rewards",
                        "label": _("Use them"),
                    }
                )
        if club.terms and not self.consent_terms_at:
            steps.append(
                {
                    "rank": 20,
                    "text": _("You have not accepted the club's terms yet."),
                    "url": f"{url}/profile",
                    "label": _("Read them"),
                }
            )
        if rewards and rewards[0]["affordable"]:
            steps.append(
                {
                    "rank": 30,
                    "text": _("You have enough for: %(reward)s.", reward=rewards[0]["name"]),
                    "url": rewards[0]["url"],
                    "label": _("Choose in the shop") if rewards[0]["reward"] else rewards[0]["label"],
                }
            )
        elif rewards:
            steps.append(
                {
                    "rank": 40,
                    "text": _(
                        "%(points)s more for: %(reward)s.", points=rewards[0]["missing"], reward=rewards[0]["name"]
                    ),
                    "url": "/shop",
                    "label": _("Collect in the shop"),
                }
            )
        if values["tier"] and values["tier"]["next"]:
            steps.append({"rank": 50, "text": values["tier"]["missing"], "url": "/shop", "label": _("To the shop")})
        if not self.partner_id.phone:
            steps.append(
                {
                    "rank": 60,
                    "text": _("Add your mobile number, so that we know you at the counter."),
                    "url": f"{url}/profile",
                    "label": _("Add it"),
                }
            )
        steps.append(
            {
                "rank": 90,
                "text": _("Show your card when you buy in person."),
                "url": f"{url}/card",
                "label": _("Show the card"),
            }
        )
        return steps

    def _get_portal_links(self):
        """Pages of the member's club beyond the overview. A room adds its own in an override.

        :return: dicts of ``rank``, ``url``, ``text``, ``icon`` (a Font Awesome class), and ``spend`` (true for pages
            where points are used).
        :rtype: list[dict]
        """
        self.ensure_one()
        return []

    # -- history ----------------------------------------------------------------------------------------

    def _get_history(self, kind="", date_from=None, date_to=None, before=None, limit=HISTORY_PAGE):
        """One page of the history, newest first, each entry with its sentence and the balance after it.

        Pages are found by the id they continue from, never by counting, so the last page costs what the first does.

        :param str kind: a name of ``HISTORY_KINDS``, or empty for all.
        :param date date_from: first day, in the club's calendar days; ``date_to``: last day, included.
        :param int before: the id of the last entry of the page before.
        :return: ``(rows, next id or None)``; a row has ``id, day, kind, points, balance, text, note``.
        :rtype: tuple[list[dict], int | None]
        """
        self.ensure_one()
        Entry = self.env["club.point.entry"].sudo()
        entries = Entry.search(
            self._get_history_domain(kind, date_from, date_to, before), order="id desc", limit=limit + 1
        )
        following = entries[limit - 1].id if len(entries) > limit else None
        entries = entries[:limit]
        balances = self._get_balances_after(entries)
        rows = [
            {
                "id": entry.id,
                "date": entry.date,
                "day": self.club_id._show_day(entry.date),
                "kind": entry.kind,
                "points": entry.points or entry.available,
                "balance": balances[entry.id],
                **sentence,
            }
            for entry, sentence in zip(entries, entries._get_portal_sentences(), strict=True)
        ]
        return rows, following

    def _get_history_domain(self, kind, date_from, date_to, before):
        domain = Domain("member_id", "=", self.id)
        if kind in HISTORY_KINDS:
            domain &= Domain("kind", "in", HISTORY_KINDS[kind])
        if date_from or date_to:
            first, last = periods.range_bounds(
                date_from or date(1970, 1, 1),
                (date_to or date(9000, 1, 1)) + timedelta(days=1),
                self.club_id.tz,
            )
            domain &= Domain("date", ">=", first) & Domain("date", "<", last)
        if before:
            domain &= Domain("id", "<", before)
        return domain

    def _get_balances_after(self, entries):
        """What could be spent after each entry: today's balance less everything that came later.

        One windowed sum from the newest entry down to the oldest asked for; nothing older is read.

        :rtype: dict[int, float]
        """
        if not entries:
            return {}
        # The ORM has no window functions, and a sum per entry would be a query per row.
        rows = self.env.execute_query(
            SQL(
                """SELECT id, later FROM (
                   SELECT id, SUM(available) OVER (ORDER BY id DESC) - available AS later
                     FROM club_point_entry WHERE card_id = %s AND id >= %s
               ) AS newest WHERE id IN %s""",
                self.card_id.id,
                min(entries.ids),
                tuple(entries.ids),
            )
        )
        points = self.sudo().card_id.points
        return {entry_id: round(points - float(later), 2) for entry_id, later in rows}
