"""What an event earns: conditions, formulas, limits, precedence. A rule that does not fire says why.

Everything is a value; nothing here knows Odoo, a database or the clock. ``event.at`` is the club's local time.

Two registries let another addon add to it without copying anything:

- a *condition* is ``function(value, event, history, context) -> Why | None``: ``None`` lets the rule go on;
- a *line filter* is ``function(value, line, event, history) -> bool``: lines that do not match are not counted;
- a *formula* is ``function(rule, base) -> Decimal``: exact points before multiplier and rounding.

>>> rule = Rule(id=1, formula="per_amount", points=Decimal(1), per_amount=Decimal(10))
>>> event = Event("purchase", datetime(2026, 5, 1, 12), (Line(1, amount=Decimal("99.99")),))
>>> evaluate(event, [rule], History(), Context()).awards[0].points
Decimal('9')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime  # noqa: F401 - for the example
from decimal import ROUND_DOWN, Decimal

from .earning_conditions import CONDITIONS as _CONDITIONS
from .earning_conditions import LINE_FILTERS as _LINE_FILTERS
from .earning_conditions import Condition, LineFilter, When, register_condition, register_line_filter
from .earning_values import (
    NOTHING,
    ONE,
    ZERO,
    Award,
    Base,
    Context,
    EarningError,
    Evaluation,
    Event,
    History,
    Line,
    Missed,
    Rule,
    Step,
    Why,
)

#: All that rooms and other addons may use, wherever it is written.
__all__ = [
    "NOTHING",
    "ONE",
    "ZERO",
    "Award",
    "Base",
    "Condition",
    "Context",
    "EarningError",
    "Evaluation",
    "Event",
    "Formula",
    "History",
    "Line",
    "LineFilter",
    "Missed",
    "Rule",
    "Step",
    "When",
    "Why",
    "basis_of",
    "evaluate",
    "floor",
    "full_amounts",
    "register_condition",
    "register_formula",
    "register_line_filter",
    "remember",
]

_UNITS = {digits: ONE.scaleb(-digits) for digits in range(3)}

Formula = Callable[[Rule, Base], Decimal]

_FORMULAS: dict[str, tuple[Formula, str]] = {}


# -- formulas ------------------------------------------------------------------------------------------


def register_formula(name: str, function: Formula, basis: str = "amount") -> Formula:
    """Add a formula. ``basis`` (``amount`` or ``quantity``) says in what proportion a return takes its points back."""
    _FORMULAS[name] = (function, basis)
    return function


def basis_of(formula: str) -> str:
    """Whether a formula counts ``amount`` or ``quantity``.

    >>> basis_of("per_unit"), basis_of("per_amount")
    ('quantity', 'amount')
    """
    return _FORMULAS[formula][1]


def full_amounts(amount: Decimal, per: Decimal) -> Decimal:
    """How many full ``per`` are in ``amount``; 0 if there is no ``per``.

    >>> full_amounts(Decimal("29.99"), Decimal(10)), full_amounts(Decimal(30), Decimal(10))
    (Decimal('2'), Decimal('3'))
    """
    return amount // per if per > 0 and amount > 0 else ZERO


def _fixed(rule: Rule, base: Base) -> Decimal:
    return rule.points


def _per_amount(rule: Rule, base: Base) -> Decimal:
    return rule.points * full_amounts(base.amount, rule.per_amount)


def _per_unit(rule: Rule, base: Base) -> Decimal:
    return rule.points * base.quantity


def _steps_flat(rule: Rule, base: Base) -> Decimal:
    """The highest step reached counts for the whole amount.

    >>> rule = Rule(1, steps=(Step(Decimal(100), Decimal(5)), Step(Decimal(200), Decimal(20))))
    >>> [_steps_flat(rule, Base(Decimal(amount), ONE, ())) for amount in ("99.99", "100", "199.99", "200")]
    [Decimal('0'), Decimal('5'), Decimal('5'), Decimal('20')]
    """
    reached = [step for step in rule.steps if step.from_amount <= base.amount]
    if not reached:
        return ZERO
    step = max(reached, key=lambda step: step.from_amount)
    return step.points * full_amounts(base.amount, step.per_amount) if step.per_amount else step.points


def _steps_progressive(rule: Rule, base: Base) -> Decimal:
    """Every step counts for its own part of the amount, like the bands of a tax.

    >>> rule = Rule(1, steps=(Step(ZERO, ONE, Decimal(10)), Step(Decimal(100), Decimal(2), Decimal(10))))
    >>> _steps_progressive(rule, Base(Decimal(135), ONE, ()))  # 10 for the first 100, 2 for each full 10 of 35
    Decimal('16')
    """
    steps = sorted(rule.steps, key=lambda step: step.from_amount)
    points = ZERO
    for index, step in enumerate(steps):
        if base.amount < step.from_amount:
            break
        top = base.amount if index + 1 == len(steps) else min(base.amount, steps[index + 1].from_amount)
        points += (
            step.points * full_amounts(top - step.from_amount, step.per_amount) if step.per_amount else step.points
        )
    return points


def _percent(rule: Rule, base: Base) -> Decimal:
    """A percentage of what is paid.

    >>> _percent(Rule(1, points=Decimal("2.5")), Base(Decimal("39.90"), ONE, ()))
    Decimal('0.9975')
    """
    return base.amount * rule.points / 100


for _name, _formula, _basis in (
    ("fixed", _fixed, "amount"),
    ("percent", _percent, "amount"),
    ("per_amount", _per_amount, "amount"),
    ("per_unit", _per_unit, "quantity"),
    ("steps_flat", _steps_flat, "amount"),
    ("steps_progressive", _steps_progressive, "amount"),
):
    register_formula(_name, _formula, _basis)


# -- evaluation ----------------------------------------------------------------------------------------


def floor(points: Decimal, digits: int) -> Decimal:
    """``points`` rounded downwards to the club's digits.

    >>> floor(Decimal("9.99"), 0), floor(Decimal("9.999"), 2)
    (Decimal('9'), Decimal('9.99'))
    """
    return points.quantize(_UNITS[digits], rounding=ROUND_DOWN)


def evaluate(event: Event, rules: Iterable[Rule], history: History, context: Context) -> Evaluation:
    """What ``event`` earns by each rule, rounded once and downwards; and why every other rule gives nothing.

    Order: conditions, lines, thresholds, formula × multiplier, rounding, limits of the event, the member and the rule,
    the best of each group (ties: lower sequence, then lower id), at last the club's budget by sequence.

    Reads ``history`` and ``context`` and changes neither; see :func:`remember`.

    :raises EarningError: a rule has a condition or formula that nobody registered.
    """
    awards: list[tuple[Rule, Award]] = []
    missed: dict[int, Why] = {}
    ordered = sorted(rules, key=lambda rule: (rule.sequence, rule.id))
    for rule in ordered:
        result = _award(rule, event, history, context)
        if isinstance(result, Why):
            missed[rule.id] = result
        else:
            awards.append((rule, result))
    awards = _best_of_groups(awards, missed)
    granted = _within_budget(awards, missed, context)
    return Evaluation(granted, [Missed(rule.id, missed[rule.id]) for rule in ordered if rule.id in missed])


def remember(awards: Iterable[Award], history: History, context: Context) -> None:
    """Count ``awards`` in ``history`` and ``context``, for the next event of a batch."""
    for award in awards:
        history.earned[award.rule_id] = history.earned.get(award.rule_id, ZERO) + award.points
        history.given[award.rule_id] = history.given.get(award.rule_id, ZERO) + award.points
        if context.budget_left is not None and award.money_digits is None:
            context.budget_left -= award.points


def _award(rule: Rule, event: Event, history: History, context: Context) -> Award | Why:
    refused = _refusal(rule, event, history, context)
    if refused:
        return refused
    base = _base(rule, event, history)
    if isinstance(base, Why):
        return base
    if rule.formula not in _FORMULAS:
        raise EarningError(f"rule {rule.id}: nobody registered the formula {rule.formula!r}")
    formula, basis = _FORMULAS[rule.formula]
    points = formula(rule, base)
    why = [Why(rule.formula, {"amount": base.amount, "quantity": base.quantity, "rule": rule})]
    if rule.use_multiplier and context.multiplier != 1:
        points *= context.multiplier
        why.append(Why("multiplier", {"multiplier": context.multiplier}))
    digits = context.digits if rule.money_digits is None else rule.money_digits
    points = floor(points, digits)
    if points <= 0:
        return Why("too_little", {"amount": base.amount})
    capped = _capped(rule, points, history, digits, why)
    if isinstance(capped, Why):
        return capped
    detail = {line.id: line.quantity if basis == "quantity" else line.amount for line in base.lines}
    return Award(rule.id, capped, base.amount, detail, tuple(why), rule.money_digits)


def _refusal(rule: Rule, event: Event, history: History, context: Context) -> Why | None:
    if rule.event_type != event.type:
        return Why("event_type")
    if event.settled and not rule.settles:
        return Why("counted_before")
    for name, value in rule.conditions.items():
        condition = _CONDITIONS.get(name)
        if condition:
            refused = condition(value, event, history, context)
            if refused:
                return refused
        elif name not in _LINE_FILTERS:
            raise EarningError(f"rule {rule.id}: nobody registered the condition {name!r}")
    return None


def _base(rule: Rule, event: Event, history: History) -> Base | Why:
    lines: Sequence[Line] = event.lines
    for name, value in rule.conditions.items():
        line_filter = _LINE_FILTERS.get(name)
        if line_filter:
            lines = [line for line in lines if line_filter(value, line, event, history)]
            if not lines:
                return Why(name)
    if event.type == "purchase":
        lines = [line for line in lines if line.amount > 0]
    amount = sum((line.amount for line in lines), ZERO)
    quantity = sum((line.quantity for line in lines), ZERO)
    if event.type == "purchase" and amount <= 0:
        return Why("nothing_paid")
    if amount < rule.min_amount:
        return Why("min_amount", {"amount": amount, "least": rule.min_amount})
    if quantity < rule.min_quantity:
        return Why("min_quantity", {"quantity": quantity, "least": rule.min_quantity})
    return Base(amount, quantity, tuple(lines))


def _capped(rule: Rule, points: Decimal, history: History, digits: int, why: list[Why]) -> Decimal | Why:
    caps = []
    if rule.limit_event:
        caps.append(("limit_event", rule.limit_event, rule.limit_event))
    if rule.limit_member:
        caps.append(("limit_member", rule.limit_member - history.earned.get(rule.id, ZERO), rule.limit_member))
    if rule.limit_club:
        caps.append(("limit_club", rule.limit_club - history.given.get(rule.id, ZERO), rule.limit_club))
    for code, left, limit in caps:
        left = floor(left, digits)
        if left <= 0:
            return Why(code, {"limit": limit, "period": rule.limit_period})
        if left < points:
            points = left
            why.append(Why(code, {"limit": limit, "period": rule.limit_period}))
    return points


def _best_of_groups(awards: list[tuple[Rule, Award]], missed: dict[int, Why]) -> list[tuple[Rule, Award]]:
    best: dict[tuple[str, bool], tuple[Rule, Award]] = {}
    for rule, award in awards:
        if rule.group is not None:
            key = (rule.group, rule.money_digits is None)  # money competes with money only
            if key not in best or award.points > best[key][1].points:
                best[key] = (rule, award)
    kept = []
    for rule, award in awards:
        winner = rule if rule.group is None else best[rule.group, rule.money_digits is None][0]
        if winner is rule:
            kept.append((rule, award))
        else:
            missed[rule.id] = Why("not_best", {"points": award.points, "rule_id": winner.id})
    return kept


def _within_budget(awards: list[tuple[Rule, Award]], missed: dict[int, Why], context: Context) -> list[Award]:
    if context.budget_left is None:
        return [award for _rule, award in awards]
    left = floor(max(context.budget_left, ZERO), context.digits)
    granted = []
    for rule, award in awards:
        if rule.money_digits is not None:  # a budget counts points; a rule of money has one of its own
            granted.append(award)
            continue
        if left <= 0:
            missed[rule.id] = Why("budget")
            continue
        if left < award.points:
            award = award._replace(points=left, why=(*award.why, Why("budget")))
        left -= award.points
        granted.append(award)
    return granted
