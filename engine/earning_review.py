"""Conditions of rules about product reviews. The payload holds ``product`` (id of the template), ``categories`` (with
all above), ``length`` of the text in letters and digits, ``stars`` (0: none) and whether it is ``verified`` that the
member bought the product.
"""

from __future__ import annotations

from .earning import Context, Event, History, Why, register_condition


def text_length(text: str) -> int:
    """How much a text says: its letters and digits; blanks and ornaments are no text, nor is a letter held down.

    >>> text_length("So-so :)"), text_length("..........   !"), text_length("گل رز"), text_length("goooood")
    (4, 0, 4, 5)
    """
    length, run, before = 0, 0, ""
    for char in text:
        run = run + 1 if char == before else 1
        before = char
        if char.isalnum() and run <= 3:
            length += 1
    return length


def verified(value: bool, event: Event, history: History, context: Context) -> Why | None:
    """Only reviews by a member who bought the product count."""
    return None if event.values.get("verified") else Why("review_unverified")


def stars(value: bool, event: Event, history: History, context: Context) -> Why | None:
    """Only reviews with stars count, however many: points must not buy good marks."""
    return None if event.values.get("stars") else Why("review_stars")


def length(value: int, event: Event, history: History, context: Context) -> Why | None:
    """Only reviews with a text of some length count."""
    written = event.values.get("length", 0)
    return None if written >= value else Why("review_short", {"length": written, "least": value})


for _name, _condition in (
    ("review_verified", verified),
    ("review_stars", stars),
    ("review_length", length),
):
    register_condition(_name, _condition)
