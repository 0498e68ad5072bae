"""What is typed or scanned at the counter, read; and a phone shown so that only its owner knows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .text import check_member_number, compact_member_number, normalise, phone_candidates

#: Shorter names would find half of the club.
LEAST_LETTERS = 2
LEAST_DIGITS = 4
#: The end of a phone number that is shown, and enough for people to tell two numbers apart.
SHOWN_DIGITS = 4


@dataclass(frozen=True)
class Search:
    """One field for everything: what it may mean, the surest first.

    :param number: a member number whose check digits fit, or empty.
    :param phones: telephone numbers in E.164 that may be meant, the likeliest first.
    :param digits: the end of a telephone number.
    :param name: a name, or the start of a card's code.
    """

    number: str = ""
    phones: tuple[str, ...] = ()
    digits: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.number or self.phones or self.digits or self.name)


def read_search(typed: str, region: str = "") -> Search:
    """What a person typed or a scanner read, whatever digits and blanks.

    >>> read_search('۰۹۱۲ ۳۴۵ ۶۷۸۹', 'IR').phones, read_search('0000-0195').number, read_search(' Anna  K ').name
    (('+989123456789',), '00000195', 'Anna K')
    >>> read_search('6789').digits, bool(read_search('A')), bool(read_search(' '))
    ('6789', False, False)

    :param region: two letters of the country that a number without country code is from
    """
    clean = " ".join(normalise(typed)[:120].split())
    number = compact_member_number(clean) if check_member_number(clean) else ""
    phones = tuple(phone_candidates(clean, region)) if clean else ()
    bare = re.sub(r"[\s()./+-]", "", clean)
    if bare.isdigit():
        return Search(number, phones, bare if not phones and len(bare) >= LEAST_DIGITS else "")
    return Search(number, phones, "", clean if len(clean) >= LEAST_LETTERS else "")


def mask_phone(phone: str) -> str:
    """A telephone number of which only the end is shown.

    >>> mask_phone('+989123456789'), mask_phone('+49 30 12'), mask_phone('')
    ('•••• 6789', '•••• 3012', '')
    """
    bare = re.sub(r"\D", "", normalise(phone))
    return f"•••• {bare[-SHOWN_DIGITS:]}" if bare else ""
