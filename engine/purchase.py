"""What a customer really pays for each line, and which share of it is kept and final.

Amounts are ``Decimal`` in the document's currency; shares are ``Fraction`` between 0 and 1, so that a third of
a purchase taken back three times is the whole of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

ZERO = Decimal(0)
ONE = Fraction(1)
NOTHING = Fraction(0)

#: What a line is: goods earn; the other kinds never do, but discounts and money lower what is paid for the goods.
GOODS = "goods"
DISCOUNT = "discount"
DELIVERY = "delivery"
EXCLUDED = "excluded"
MONEY = "money"


class Part(NamedTuple):
    """One line of a document.

    ``amount`` is what the club counts (with or without tax), ``total`` the same line with taxes, both negative for
    a discount or for money already counted; ``taxes`` is whatever tells one tax set from another.
    """

    id: int
    kind: str
    amount: Decimal
    total: Decimal
    taxes: Hashable = ()


def spread(parts: Iterable[Part], unit: Decimal = Decimal("0.01")) -> dict[int, Decimal]:
    """What the customer really pays for each line of goods, in the currency's ``unit``; never negative.

    Discounts and rewards (negative lines) are spread within their tax set in proportion to the lines' amounts, as
    Odoo's ``account.tax._dispatch_global_discount_lines`` does; a discount that finds no goods in its set, or is larger
    than them, goes over all goods; so does what delivery and excluded lines take off in
    all. Money already counted (wallet, gift card) pays for everything, delivery and excluded lines too, so that only
    its share reduces the goods.

    >>> parts = [Part(1, GOODS, Decimal(100), Decimal(100)), Part(2, GOODS, Decimal(50), Decimal(50)),
    ...          Part(3, DISCOUNT, Decimal(-15), Decimal(-15))]
    >>> spread(parts) == {1: Decimal(90), 2: Decimal(45)}
    True
    >>> spread([*parts, Part(4, MONEY, Decimal(-135), Decimal(-135))]) == {1: Decimal(0), 2: Decimal(0)}
    True
    >>> spread([*parts, Part(5, DELIVERY, Decimal(5), Decimal(5)), Part(6, DELIVERY, Decimal(-140), Decimal(-140))])
    {1: Decimal('0.00'), 2: Decimal('0.00')}
    """
    parts = list(parts)
    goods: dict[Hashable, dict[int, Decimal]] = defaultdict(dict)
    discounts: dict[Hashable, Decimal] = defaultdict(lambda: ZERO)
    others: dict[str, Decimal] = defaultdict(lambda: ZERO)
    paid_total = money = ZERO
    for part in parts:
        if part.kind == MONEY:
            money -= part.total
            continue
        paid_total += part.total
        if part.amount < 0 and part.kind in (GOODS, DISCOUNT):
            discounts[part.taxes] -= part.amount
        elif part.kind == GOODS:
            goods[part.taxes][part.id] = part.amount
        else:
            others[part.kind] += part.amount
    net: dict[int, Decimal] = {}
    rest = ZERO
    for taxes, amounts in goods.items():
        discount = discounts.pop(taxes, ZERO)
        taken = min(discount, sum(amounts.values(), ZERO))
        rest += discount - taken
        net.update(_less(amounts, taken, unit))
    rest += sum(discounts.values(), ZERO) - sum((min(amount, ZERO) for amount in others.values()), ZERO)
    if rest:
        net = _less(net, min(rest, sum(net.values(), ZERO)), unit)
    if money > 0 and paid_total > 0:
        whole = sum(net.values(), ZERO)
        share = min(money / paid_total, Decimal(1))
        net = _less(net, (whole * share).quantize(unit, rounding=ROUND_HALF_UP) if share < 1 else whole, unit)
    return net


def _less(amounts: Mapping[int, Decimal], taken: Decimal, unit: Decimal) -> dict[int, Decimal]:
    """``amounts`` less ``taken``, in proportion; the parts add up exactly because cumulative sums are rounded.

    >>> _less({1: Decimal(10), 2: Decimal(10), 3: Decimal(10)}, Decimal(10), Decimal("0.01"))
    {1: Decimal('6.67'), 2: Decimal('6.66'), 3: Decimal('6.67')}
    """
    whole = sum(amounts.values(), ZERO)
    if not taken or not whole:
        return dict(amounts)
    result = {}
    seen = given = ZERO
    for line, amount in amounts.items():
        seen += amount
        upto = taken if seen == whole else (taken * seen / whole).quantize(unit, rounding=ROUND_HALF_UP)
        result[line] = max(amount - (upto - given), ZERO)
        given = upto
    return result


def ratio(part: Decimal | Fraction, whole: Decimal | Fraction) -> Fraction:
    """``part`` of ``whole``, between nothing and all of it.

    >>> ratio(Decimal("0.1"), Decimal("0.3")), ratio(Decimal(5), Decimal(4)), ratio(Decimal(1), Decimal(0))
    (Fraction(1, 3), Fraction(1, 1), Fraction(0, 1))
    """
    if whole <= 0:
        return NOTHING
    return min(max(Fraction(part) / Fraction(whole), NOTHING), ONE)


class Invoiced(NamedTuple):
    """What invoices say of one line, in one measure (amount or quantity); refunds are positive numbers.

    ``complete``: the whole quantity was invoiced, so a smaller amount is not to be followed by the rest.
    """

    invoiced: Fraction = NOTHING
    paid: Fraction = NOTHING
    refunded: Fraction = NOTHING
    complete: bool = False


def kept_share(ordered: Decimal, facts: Invoiced) -> Fraction:
    """Share of a line that the customer keeps: what was credited is gone, unless it was invoiced again.

    So is what a complete invoice left out.

    >>> kept_share(Decimal(3), Invoiced(Fraction(3), Fraction(3), Fraction(1)))  # one of three came back
    Fraction(2, 3)
    >>> kept_share(Decimal(2), Invoiced(Fraction(3), Fraction(3), Fraction(1)))  # the order was lowered first
    Fraction(1, 1)
    >>> kept_share(Decimal(3), Invoiced(Fraction(6), Fraction(3), Fraction(3)))  # credited and invoiced again
    Fraction(1, 1)
    >>> kept_share(Decimal(40), Invoiced(Fraction(30), complete=True))  # the price was lowered on the invoice
    Fraction(3, 4)
    """
    sold = facts.invoiced if facts.complete else max(facts.invoiced, Fraction(ordered))
    return ratio(sold - facts.refunded, ordered)


def final_share(ordered: Decimal, facts: Invoiced, when: str) -> Fraction:
    """Share of a line that is final: ``when`` is ``confirmed``, ``invoiced`` or ``paid``.

    >>> final_share(Decimal(4), Invoiced(Fraction(3), Fraction(1)), "paid")
    Fraction(1, 4)
    """
    kept = kept_share(ordered, facts)
    if when == "confirmed":
        return kept
    done = facts.invoiced if when == "invoiced" else facts.paid
    return min(kept, ratio(done - facts.refunded, ordered))


def paid_share(total: Decimal, residual: Decimal, credited: Decimal) -> Fraction:
    """Share of an invoice that money paid: what a credit note settled is no payment.

    >>> paid_share(Decimal(300), Decimal(200), Decimal(100))
    Fraction(0, 1)
    >>> paid_share(Decimal(300), Decimal(0), Decimal(100)), paid_share(Decimal(300), Decimal(150), Decimal(0))
    (Fraction(1, 1), Fraction(1, 2))
    """
    if residual <= 0 or total <= credited:
        return ONE
    return ratio(total - residual - credited, total - credited)


def proportion(basis: Mapping[int, Decimal], shares: Mapping[int, Fraction]) -> Fraction:
    """Which share of an award stands, from what each line counted (``basis``) and the share of each line that stands.

    A line without a share is gone. Without any basis the award stands while any line does.

    >>> proportion({1: Decimal(10), 2: Decimal(20)}, {1: Fraction(1), 2: Fraction(1, 2)})
    Fraction(2, 3)
    """
    whole = sum((Fraction(amount) for amount in basis.values()), NOTHING)
    if whole <= 0:
        lines = basis or shares
        return ONE if any(shares.get(line, NOTHING) > 0 for line in lines) else NOTHING
    part = sum((Fraction(amount) * shares.get(line, NOTHING) for line, amount in basis.items()), NOTHING)
    return min(max(part / whole, NOTHING), ONE)


def part_of(points: Decimal, share: Fraction, digits: int) -> Decimal:
    """``share`` of ``points``, rounded downwards to ``digits``: parts taken back one by one add up to the whole.

    >>> two_thirds = Fraction(2, 3)
    >>> part_of(Decimal(10), two_thirds, 0), part_of(Decimal(10), two_thirds, 2), part_of(Decimal(10), Fraction(1), 0)
    (Decimal('6'), Decimal('6.66'), Decimal('10'))
    """
    scale = 10**digits
    exact = Fraction(points) * share * scale
    whole: Decimal = Decimal(exact.numerator // exact.denominator).scaleb(-digits)
    return whole


def refund_shares(
    lines: Mapping[int, tuple[int, Decimal]], refunds: Iterable[tuple[int, Decimal]]
) -> dict[int, Fraction]:
    """Kept share of each line of an invoice when its credit notes name only products.

    :param lines: line → (product, amount); :param refunds: (product, amount credited, positive).
    A refund of a product reduces that product's lines; what matches none, or is more than them, reduces all alike.

    >>> refund_shares({1: (7, Decimal(10)), 2: (8, Decimal(30))}, [(7, Decimal(5)), (0, Decimal(7))])
    {1: Fraction(2, 5), 2: Fraction(4, 5)}
    """
    by_product: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for product, amount in refunds:
        by_product[product] += amount
    sold: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for product, amount in lines.values():
        sold[product] += amount
    rest = ZERO
    shares: dict[int, Fraction] = {}
    for product, amount in by_product.items():
        rest += max(amount - sold.get(product, ZERO), ZERO)
    for line, (product, _amount) in lines.items():
        shares[line] = ONE - ratio(by_product.get(product, ZERO), sold[product])
    left = sum((Fraction(amount) * shares[line] for line, (_product, amount) in lines.items()), NOTHING)
    if rest and left > 0:
        factor = max(ONE - Fraction(rest) / left, NOTHING)
        shares = {line: share * factor for line, share in shares.items()}
    return shares
