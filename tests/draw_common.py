"""One draw for every test of draws."""

import random
from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_club.models.draw import chance_source
from odoo.addons.customer_club.tests.common import ClubCase


@contextmanager
def numbers(*chosen):
    """Let these numbers be drawn, one after the other; then there is none left, and that fails."""
    left = list(chosen)
    with patch.object(chance_source, "random_below", lambda count: left.pop(0)):
        yield left


@contextmanager
def seeded(seed):
    """An honest source that always draws the same."""
    source = random.Random(seed)
    with patch.object(chance_source, "random_below", source.randrange):
        yield


def draw_values(club_id, **values):
    """A play for 10 points: 1 in 10 wins 50 points of which there are two, 3 in 10 wins 5, else a word."""
    return {
        "club_id": club_id,
        "name": "Wheel of Roses",
        "points": 10,
        "prize_ids": [
            Command.create({"kind": "points", "points": 50, "weight": 1, "stock": 2}),
            Command.create({"kind": "points", "points": 5, "weight": 3}),
            Command.create({"kind": "word", "word": "Better luck next time", "weight": 6}),
        ],
        **values,
    }


#: What a number below 10 chooses in the draw above.
BIG, SMALL, WORD = 0, 1, 9


class DrawCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw = cls.env["club.draw"].create(draw_values(cls.club.id))
        cls.big, cls.small, cls.word = cls.draw.prize_ids
        cls.draw.fallback_id = cls.word
        cls.draw.action_open()

    def play(self, number, member=None, key=None, draw=None, deliver=True):
        """Play once with the number that comes, and give what was won."""
        member = member or self.member
        with numbers(number):
            play = (draw or self.draw)._play(member, key or f"click {self.env['club.draw.play'].search_count([])}")
        if deliver:
            play._deliver()
        self.env.flush_all()
        self.env.invalidate_all()
        return play
