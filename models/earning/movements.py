"""From plans to the ledger: grant, take back, restore, open, close; collected for many sales, then posted together."""

from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.customer_club.engine import periods, purchase

from .event_batch import decimal
from .sale_history import Entry, Generation, Group

ZERO, MICRO = Decimal(0), Decimal("0.000001")


class Movements:
    """Collects what has to happen and does it with one call of each kind.

    ``again`` holds the sales to look at once more, because what they can spend depends on what was posted.
    """

    def __init__(self, env, now):
        self.env = env
        self.now = now
        self.grants: list[tuple[object, dict, dict]] = []
        self.reversals: dict[int, tuple[str, Decimal]] = {}
        self.openings: list[tuple[int, int, int, Decimal, date, bool]] = []
        self.cuts: dict[int, Decimal] = {}
        self.money: set[int] = set()  # entries among the openings that are on a wallet
        self.again: set[tuple[str, int]] = set()

    # -- deciding ------------------------------------------------------------------

    def grant(self, plan, award, points, batch):
        """Give ``points`` of an award: all of it, or what a sale that has grown earns more."""
        detail = award.detail
        if plan.grown:
            detail = {
                line: (part * (1 - plan.grown[line][0] / plan.net(line))).quantize(MICRO)
                for line, part in detail.items()
                if line in plan.grown
            }
        award = award._replace(points=points, detail=detail)
        values = self.env["club.event"]._prepare_award_values(plan.row, award, batch)
        values.update(date=plan.record["occurred_at"], **self._availability(plan))
        if values["member_id"] == plan.member_id:  # money goes to another account
            values.update(club_id=plan.policy.club_id, card_id=plan.card_id)
        self.grants.append((plan, values, dict(detail)))

    def _availability(self, plan):
        """Whether the points can be spent at once; a hold from the confirmation is left to the ledger's night job."""
        policy = plan.policy
        if policy.when != "confirmed":
            return {"pending": True}
        day = periods.local_date(plan.at, policy.tz) + timedelta(days=policy.hold_days)
        return {"pending": True, "available_on": day} if day > self._today(policy) else {}

    def _today(self, policy):
        return periods.local_date(self.now, policy.tz)

    def adapt(self, plan, group):
        """Take back or restore, in proportion to what the rule counted line by line; then see what may be spent."""
        target = self._target(plan, group, plan.worth)
        # What has expired is gone already: only what was used or is left counts against what the rest is worth.
        held = group.owned - group.gone
        if held > target:
            self._take_back(group, held - target)
        elif held < target:
            self._restore(plan, group, target - held)
        self._open_or_close(plan, group, target)

    def _target(self, plan, group, worth):
        share = purchase.proportion(group.basis, plan.generation.shares(group, worth))
        return purchase.part_of(group.award, share, plan.policy.digits if group.digits is None else group.digits)

    def _take_back(self, group, points):
        for entry in reversed(group.earned):
            part = min(entry.left - entry.expired, points)
            if part > 0:
                self._reverse(entry, part)
                points -= part
                # The ledger takes from what is pending first.
                group.owned -= part
                group.available -= max(part - entry.pending, ZERO)
                entry.pending = max(entry.pending - part, ZERO)

    def _restore(self, plan, group, points):
        """A return that was undone: its reversal is reversed, so that the lots get back what was theirs."""
        for entry in reversed(group.taken):
            part = min(entry.left, points)
            if part > 0:
                self._reverse(entry, part)
                points -= part
                group.owned += part
                self.again.add(plan.document.key)

    def _reverse(self, entry, points):
        self.reversals[entry.id] = (f"{entry.key}:r{entry.reversals + 1}", points)

    def _open_or_close(self, plan, group, owned):
        if group.by_date or plan.document.key in self.again:
            return
        final = min(self._target(plan, group, plan.final), owned)
        change = final - group.available - group.waiting
        if change > 0:
            self._open(plan, group, change)
        elif change < 0:
            self._close(plan, group, -change)

    def _open(self, plan, group, points):
        policy = plan.policy
        today = self._today(policy)
        due = (plan.document.condition_date(policy.when) or today) + timedelta(days=policy.hold_days)
        for entry in group.earned:
            part = min(entry.pending - entry.waiting, points)
            if part > 0:
                self.openings.append((entry.id, plan.member_id, policy.club_id, part, due, due <= today))
                if group.digits is not None:
                    self.money.add(entry.id)
                points -= part

    def _close(self, plan, group, points):
        """The condition ceased to hold: first what still waits, then what was opened becomes pending again.

        Points whose last day has passed stay as they are: they would expire a second time while they wait.
        """
        for entry in reversed(group.earned):
            part = min(entry.waiting, points)
            if part > 0:
                self.cuts[entry.id] = part
                points -= part
        today = self._today(plan.policy)
        if any(entry.expired or (entry.expires_on and entry.expires_on <= today) for entry in group.earned):
            return
        for entry in reversed(group.opened):
            part = min(entry.left, points)
            if part > 0:
                self._reverse(entry, part)
                points -= part

    # -- posting -------------------------------------------------------------------

    def post(self):
        """Post everything.

        :return: the entries of what was earned.
        """
        Ledger = self.env["club.point.entry"]
        entries = Ledger._post([values for _plan, values, _detail in self.grants])
        for (plan, values, detail), entry_id in zip(self.grants, entries.ids, strict=True):
            if values.get("pending") and not values.get("available_on"):
                self._open_new(plan, values, detail, entry_id)
        if self.reversals:
            Ledger.browse(self.reversals)._reverse(
                key=lambda entry: self.reversals[entry.id][0],
                points={entry_id: points for entry_id, (_key, points) in self.reversals.items()},
            )
        self._cut_releases()
        self._open_releases()
        return entries

    def _open_new(self, plan, values, detail, entry_id):
        """What was final before it was earned: paid and invoiced in the same breath as confirmed."""
        if plan.generation is None:
            plan.generation = Generation(plan.record)
        plan.generation.add_event(plan.record)
        group = Group(values["rule_id"], plan.record["id"], values["points"], detail)
        group.digits = values["detail"].get("digits")
        group.owned = values["points"]
        group.earned.append(Entry(entry_id, values["key"], values["points"], pending=values["points"]))
        self._open_or_close(plan, group, group.owned)

    def _cut_releases(self):
        """Lower or remove what waits for the end of the hold."""
        if not self.cuts:
            return
        gone = waiting = self.env["club.earn.release"].search(
            [("entry_id", "in", list(self.cuts)), ("done", "=", False)], order="id desc"
        )
        for release in waiting:
            left = decimal(release.points) - self.cuts[release.entry_id.id]
            self.cuts[release.entry_id.id] = max(-left, ZERO)
            if left > 0:
                release.points = float(left)
                gone -= release
        gone.unlink()

    def _open_releases(self):
        if not self.openings:
            return
        # Money waits for the wallet that it is on, not for the member who bought.
        on_wallet = {entry.id: entry for entry in self.env["club.point.entry"].browse(sorted(self.money))}
        releases = self.env["club.earn.release"].create(
            [
                {
                    "entry_id": entry,
                    "member_id": on_wallet[entry].member_id.id if entry in on_wallet else member,
                    "club_id": on_wallet[entry].club_id.id if entry in on_wallet else club,
                    "points": float(points),
                    "due_on": due,
                }
                for entry, member, club, points, due, _now in self.openings
            ]
        )
        now = [release.id for release, opening in zip(releases, self.openings, strict=True) if opening[-1]]
        releases.browse(now)._open()
