"""A second, naive ledger to compare the real one with: every single point is an object."""

from odoo.tools import groupby

FOREVER = "9999-12-31"


class Refused(Exception):
    """The movement would overspend."""


class Unit:
    """One point: who owns it, which movement issued it, in which lot it lies, and what became of it."""

    __slots__ = ("available_on", "expires", "issue", "lot", "member", "state", "taken_by")

    def __init__(self, member, issue, lot, expires, pending, available_on=None):
        self.member, self.issue, self.lot, self.expires, self.available_on = member, issue, lot, expires, available_on
        self.state = "pending" if pending else "open"
        self.taken_by = None


class ShadowLedger:
    """Balances by moving single points about. Shares no code with the engine or the ledger."""

    def __init__(self, today):
        self.today = today
        self.units, self.debts, self.merged, self.first_taken = [], {}, {}, {}
        self.lots = self.takings = 0

    # -- reading ----------------------------------------------------------------

    def owner(self, member):
        while member in self.merged:
            member = self.merged[member]
        return member

    def points(self, member):
        return len(self._open(member)) - len(self.debts.get(member, ()))

    def pending(self, member):
        return sum(unit.member == member and unit.state == "pending" for unit in self.units)

    def _open(self, member):
        return [unit for unit in self.units if unit.member == member and unit.state == "open"]

    def _in_order(self, units):
        return sorted(units, key=lambda unit: (unit.expires or FOREVER, unit.lot))

    # -- moving -------------------------------------------------------------------

    def earn(self, member, key, count, pending=False, expires=None, available_on=None):
        member, lot = self.owner(member), self._new_lot()
        units = [Unit(member, key, lot, expires, pending, available_on) for _unit in range(count)]
        self.units += units
        if not pending:
            self._settle(member, units)

    def spend(self, member, key, count, happened=False, first=()):
        member = self.owner(member)
        first = [unit for unit in first if unit.member == member and unit.state in ("open", "pending")]
        expired = self._expire_due(member, {unit.lot for unit in first})
        others = [unit for unit in self._in_order(self._open(member)) if unit not in first]
        if not happened and count > self.points(member):
            for unit in expired:  # a refusal leaves everything as it was
                unit.state = "open"
            raise Refused
        taken = [*first, *others][:count]
        for unit in taken:
            self._take(unit, key)
        self.debts.setdefault(member, []).extend([key] * (count - len(taken)))
        return taken

    def take_back(self, member, issue, key, count):
        """Reverse what ``issue`` brought in: its own points, pending ones first, then others, then debts."""
        owner = self.owner(member)
        own = [unit for unit in self.units if unit.issue == issue and unit.member == owner]
        own.sort(key=lambda unit: (unit.state != "pending", unit.lot))
        # A lot opened from the issue is named too, so it does not expire first.
        lots = {unit.lot for unit in own}
        self._expire_due(owner, lots)
        own = [unit for unit in own if unit.state in ("open", "pending")]
        for unit in own[:count]:
            unit.available_on = unit.available_on if unit.state == "pending" else None
            self._take(unit, key)
        if count > len(own):
            others = self._in_order(self._open(owner))[: count - len(own)]
            for unit in others:
                self._take(unit, key)
            self.debts.setdefault(owner, []).extend([key] * (count - len(own) - len(others)))

    def give_back(self, member, key, count):
        """Reverse what ``key`` took: unpaid debts vanish, then points return to the lots taken last."""
        debts = self.debts.get(member, [])
        vanish = min(debts.count(key), count)
        for _debt in range(vanish):
            debts.remove(key)
        taken = [unit for unit in self.units if unit.taken_by == key]
        taken.sort(key=lambda unit: self.first_taken[key, unit.lot], reverse=True)
        returned = taken[: count - vanish]
        for unit in returned:
            unit.taken_by, unit.state = None, unit.state.removeprefix("taken-")
            if unit.expires and unit.expires <= self.today:
                unit.state = "gone"
            elif unit.state == "open":
                self._settle(member, [unit])
        owner = self.owner(member)
        if owner != member:
            left = [unit for unit in returned if unit.state in ("open", "pending")]
            for _lot, units in groupby(left, key=lambda unit: unit.lot):
                self._move(list(units), owner)

    def open(self, issue, count=None):
        """Make pending points of an issue spendable, wherever they are."""
        waiting = sorted(
            (u for u in self.units if u.issue == issue and u.state == "pending"), key=lambda unit: unit.lot
        )
        self._open_units(waiting if count is None else waiting[:count])

    def open_due(self):
        due = [
            unit
            for unit in self.units
            if unit.state == "pending"
            and unit.available_on
            and unit.available_on <= self.today
            and not (unit.expires and unit.expires <= self.today)
        ]
        self._open_units(sorted(due, key=lambda unit: (unit.member, unit.lot)))

    def expire_due(self):
        for unit in self.units:
            if unit.state in ("open", "pending") and unit.expires and unit.expires <= self.today:
                unit.state = "gone"

    def transfer(self, member, other, key, count):
        member, other = self.owner(member), self.owner(other)
        taken = self.spend(member, key, count)
        self._arrive(taken, other)

    def merge(self, member, other, key):
        member, other = self.owner(member), self.owner(other)
        units = self._in_order(
            unit for unit in self.units if unit.member == member and unit.state in ("open", "pending")
        )
        debts = self.debts.pop(member, [])
        if debts:
            lot = self._new_lot()
            paid = [Unit(member, f"{key}:owed", lot, None, False) for _debt in debts]
            self.units += paid
            for unit, debt in zip(paid, debts, strict=True):
                self._take(unit, debt)
        self._arrive(units, other)
        if debts:
            self.spend(other, f"{key}:owes", len(debts), happened=True)
        self.merged[member] = other

    # -- helpers --------------------------------------------------------------------

    def _new_lot(self):
        self.lots += 1
        return self.lots

    def _take(self, unit, key):
        self.takings += 1
        self.first_taken.setdefault((key, unit.lot), self.takings)
        unit.taken_by, unit.state = key, f"taken-{unit.state}"

    def _settle(self, member, units):
        debts = self.debts.get(member, [])
        for unit in units:
            if debts:
                self._take(unit, debts.pop(0))

    def _expire_due(self, member, besides):
        expired = [
            unit
            for unit in self._open(member)
            if unit.expires and unit.expires <= self.today and unit.lot not in besides
        ]
        for unit in expired:
            unit.state = "gone"
        return expired

    def _arrive(self, units, member):
        """New points like the taken ones, one lot for each lot they came from."""
        for _lot, group in groupby(units, key=lambda unit: unit.lot):
            lot, arrived = self._new_lot(), []
            for unit in group:
                new = Unit(member, unit.issue, lot, unit.expires, unit.state.endswith("pending"), unit.available_on)
                arrived.append(new)
                if unit.taken_by is None:
                    unit.state = "gone"
            self.units += arrived
            if arrived[0].state == "open":
                self._settle(member, arrived)

    def _move(self, units, member):
        for unit in units:
            unit.state = f"moved-{unit.state}"
        for unit in units:
            unit.state = unit.state.removeprefix("moved-")
        self._arrive(units, member)
        for unit in units:
            unit.state = "gone"

    def _open_units(self, units):
        for _lot, group in groupby(units, key=lambda unit: unit.lot):
            lot, opened = self._new_lot(), list(group)
            for unit in opened:
                unit.state = "gone"
            new = [Unit(unit.member, unit.issue, lot, unit.expires, False) for unit in opened]
            self.units += new
            self._settle(new[0].member, new)
