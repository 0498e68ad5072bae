"""What a raffle says about itself: steps, what comes next, odds."""

from odoo import fields, models
from odoo.tools.misc import formatLang


class ClubRaffle(models.Model):
    _inherit = "club.raffle"

    def _say_next_step(self):
        """One sentence: what happens next, and when."""
        _, now = self.env._, fields.Datetime.now()
        show = self.club_id._say_moment
        if self.state == "draft":
            return _("Open it when rules and prizes are right: they stay as they are after that.")
        if self.state == "open" and now < self.opens_at:
            return _("Members can enter from %(when)s.", when=show(self.opens_at))
        if self.state == "open" and now < self.closes_at:
            return _("Tickets until %(when)s; then the list is frozen.", when=show(self.closes_at))
        if self.state == "open" and now <= self._get_freeze_end():
            return _("Freeze the list now, before %(when)s.", when=show(self._get_freeze_end()))
        if self.state == "open":
            return _("The list was not frozen in time. Call the raffle off with that reason.")
        if self.state == "frozen" and now < self.round_at:
            return _("It is drawn on %(when)s.", when=show(self.round_at))
        if self.state == "frozen" and now <= self._get_draw_end():
            return _("Draw now, before %(when)s.", when=show(self._get_draw_end()))
        if self.state == "frozen":
            return _("It was not drawn in time. Call the raffle off with that reason.")
        if self.state == "drawn":
            deadlines = self.winner_ids.filtered(lambda winner: winner.state == "called").mapped("deadline")
            return _("Winners confirm their prizes before %(when)s.", when=show(min(deadlines))) if deadlines else ""
        if self.state == "void":
            return _("Called off: %(reason)s", reason=self.void_reason or "")
        return _("It has ended.")

    def _say_step(self, kind, content):
        """What a step of the log did, in the reader's language."""
        _ = self.env._
        if kind == "freeze":
            return (
                _(
                    "The list of %(count)s tickets is frozen; round %(round)s decides",
                    count=formatLang(self.env, content["count"], digits=0),
                    round=content["round"],
                )
                if content["round"]
                else _(
                    "The list of %(count)s tickets is frozen; the parties decide together",
                    count=formatLang(self.env, content["count"], digits=0),
                )
            )
        if kind == "void":
            return _("Called off: %(reason)s", reason=content["reason"])
        if kind in ("claim", "lapse", "call"):
            texts = {
                "claim": _("Place %(place)s confirmed its prize", place=content["place"]),
                "lapse": _("Place %(place)s did not confirm", place=content["place"]),
                "call": _("Place %(place)s, an alternate, was called", place=content["place"]),
            }
            return texts[kind]
        return {
            "open": _("The rules are published"),
            "draw": _("The winners are drawn and the proof is published"),
            "close": _("Every prize is settled"),
        }[kind]

    def _count_prizes(self):
        return sum(self.prize_ids.mapped("quantity"))

    def _get_odds(self, own):
        """``n`` of "1 in n" that one of ``own`` tickets wins a prize now, rounded up; 1 at least.

        Who has none is told what one ticket would do.
        """
        self.ensure_one()
        total = self.list_count or self.ticket_number
        mine, total = (own, total) if own else (1, total + 1)
        return max(1, -(-total // max(1, mine * self._count_prizes())))

    def _get_state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _is_running(self):
        """Whether tickets can be had now."""
        return self.state == "open" and self.opens_at <= fields.Datetime.now() < self.closes_at
