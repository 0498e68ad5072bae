"""Who takes part in a contest, and under which nickname."""

import re
import unicodedata
from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.exceptions import AccessError, UserError

LONGEST = 30
#: Letters that show nothing; what shows nothing and is no letter has a Unicode category of its own.
BLANK = "\u115f\u1160\u3164\uffa0"
#: Marks inside words and emoji: they belong to the spelling.
JOINERS = "\u200c\u200d"
#: What managers change of a participant.
BY_MANAGERS = frozenset({"nickname", "excluded", "excluded_reason"})
#: What tells more about a person than a nickname should: an address, a link, a telephone number.
TELLING = re.compile(r"@|://|www\.|(?:\d[\s./-]*){7,}", re.IGNORECASE)


def _leave_out_invisible(nickname):
    """A nickname without what nobody sees: two that look alike would be two, and an empty one would be a nickname."""
    return "".join(
        character
        for character in nickname
        if character in JOINERS or not (character in BLANK or unicodedata.category(character) in ("Cf", "Co", "Cn"))
    ).strip(JOINERS)


class ClubContestParticipant(models.Model):
    """A member who has agreed that others see a nickname and a place. Nothing is shown of anybody else.

    The nickname is no part of a closed contest's result: it can be forgotten at any time, the place stays.
    """

    _name = "club.contest.participant"
    _description = "Club Contest Participant"
    _inherit = "club.bounded"
    _order = "contest_id desc, id"
    _rec_name = "nickname"

    contest_id = fields.Many2one("club.contest", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contest_id.company_id", store=True)
    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="restrict")
    active = fields.Boolean(default=True, readonly=True)
    nickname = fields.Char(help="What other members see. Change it if it offends.")
    nickname_key = fields.Char(compute="_compute_nickname_key", store=True)
    joined_at = fields.Datetime(
        string="Agreed On", default=fields.Datetime.now, required=True, readonly=True, help="When the member opted in."
    )
    excluded = fields.Boolean(help="Has no place, for example after cheating. The member is not told in public.")
    excluded_reason = fields.Char()
    rank = fields.Integer(string="Place", compute="_compute_rank")
    position = fields.Integer(compute="_compute_rank")
    measure = fields.Float(string="Reached", compute="_compute_rank", digits=(16, 2))
    state = fields.Selection(related="contest_id.state")

    _member_unique = models.Constraint("UNIQUE(contest_id, member_id)", "A member takes part once.")
    _nickname_unique = models.UniqueIndex(
        "(contest_id, nickname_key) WHERE active AND nickname_key IS NOT NULL",
        "Somebody else takes part under this nickname. Choose another one.",
    )

    @api.depends("nickname")
    def _compute_nickname_key(self):
        for participant in self:
            participant.nickname_key = text.search_key(participant.nickname or "") or False

    @api.depends("member_id", "excluded", "active", "contest_id.state")
    def _compute_rank(self):
        by_contest = defaultdict(dict)
        for contest in self.contest_id:
            by_contest[contest] = {place.member: place for place in contest._get_places()}
        for participant in self:
            place = by_contest[participant.contest_id].get(participant.member_id.id)
            participant.rank = place.rank if place else 0
            participant.position = place.position if place else 0
            participant.measure = float(place.measure) if place else 0.0

    @api.constrains("nickname")
    def _check_nickname(self):
        for participant in self:
            if participant.nickname and TELLING.search(participant.nickname):
                raise UserError(self._say_telling())

    def write(self, vals):
        """Once the contest is closed, only the nickname can change: the place is what it was.

        Managers change words and exclude; who takes part, and since when, is the member's own consent.
        """
        if not self.env.su and set(vals) - BY_MANAGERS:
            raise AccessError(self.env._("Only members themselves take part in a contest, on their own page."))
        closed = self.contest_id.filtered(lambda contest: contest.state in ("closed", "done"))
        if closed and set(vals) - {"nickname"}:
            raise UserError(
                self.env._(
                    "The contest %(contest)s is closed: only nicknames of participants can still be changed.",
                    contest=closed[0].name,
                )
            )
        return super().write(vals)

    @api.model
    def _prepare_nickname(self, contest, known, nickname):
        """A typed nickname as it is stored.

        :param known: the participant whose it is, perhaps none.
        :raises UserError: empty, too long, telling too much, or taken
        """
        nickname = " ".join(_leave_out_invisible(text.normalise(nickname or "")).split())
        if not 2 <= len(nickname) <= LONGEST:
            raise UserError(
                self.env._("Choose a nickname of 2 to %(longest)s characters. Nothing was saved.", longest=LONGEST)
            )
        if TELLING.search(nickname):
            raise UserError(self._say_telling())
        taken = self.search(
            [
                ("contest_id", "=", contest.id),
                ("nickname_key", "=", text.search_key(nickname)),
                ("active", "=", True),
                ("id", "not in", known.ids),
            ],
            limit=1,
        )
        if taken or text.search_key(nickname) == text.search_key(self._say_nameless()):
            raise UserError(
                self.env._("Somebody else takes part under this nickname. Choose another one; nothing was saved.")
            )
        return {"nickname": nickname}

    @api.model
    def _say_telling(self):
        return self.env._("Everybody can read a nickname: leave out e-mail and web addresses and telephone numbers.")

    def _forget_nickname(self):
        self.write({"nickname": False})

    def _show_nickname(self):
        """The nickname, or words for who has none any more."""
        return self.nickname or self._say_nameless()

    @api.model
    def _say_nameless(self):
        return self.env._("A member")
