"""Draws on the member's pages, and what a member takes along of them."""

from odoo import fields, models
from odoo.fields import Domain

DRAWS = 20
PLAYS = 10


class ClubMember(models.Model):
    _inherit = "club.member"

    draw_play_ids = fields.One2many("club.draw.play", "member_id", string="Plays")
    draw_chance_ids = fields.One2many("club.draw.chance", "member_id", string="Free Plays")

    # -- the portal ----------------------------------------------------------------------------------

    def _get_draw_domain(self):
        """Draws that the member may see: those of its club that can be or could be played."""
        return Domain("club_id", "=", self.club_id.id) & (
            Domain("state", "in", ("open", "paused"))
            | Domain("play_ids", "any", [("member_id", "in", self._get_own_ids())])
        )

    def _find_draws(self, before=None, limit=DRAWS):
        """One page of the draws for this member, newest first; one that a higher tier could play is told too.

        :param int before: the id that the page before ended with.
        :return: (draws in sudo, the id to go on from or ``None``)
        """
        self.ensure_one()
        domain = self._get_draw_domain()
        if before:
            domain &= Domain("id", "<", before)
        draws = self.env["club.draw"].sudo().search(domain, order="id desc", limit=limit + 1)
        following = draws[limit - 1].id if len(draws) > limit else None
        draws = draws[:limit]
        mine = draws.filtered(lambda draw: draw.state == "closed")
        shown = (draws - mine)._filter_for_member(self, also=("tier", "early"))
        return draws.filtered(lambda draw: draw in shown or draw in mine), following

    def _get_open_draws(self, limit=DRAWS):
        """Draws that this member can play today, limits and points aside."""
        self.ensure_one()
        domain = Domain("club_id", "=", self.club_id.id) & Domain("state", "=", "open")
        return self.env["club.draw"].sudo().search(domain, limit=limit)._filter_for_member(self)

    def _count_free_plays(self, draws):
        """How many free plays the member can use, by draw.

        :rtype: dict[club.draw, int]
        """
        chances = self.env["club.draw.chance"]._find_usable(self, draws)
        return {
            draw: sum(chances.filtered(lambda chance, draw=draw: chance.draw_id == draw).mapped("left"))
            for draw in draws
        }

    def _get_draw_values(self, draw):
        """What the page of a draw shows of cost, odds and what stands in the way.

        :rtype: dict
        """
        self.ensure_one()
        club = self.club_id
        free = self._count_free_plays(draw)[draw]
        price = draw._get_price()
        rows = draw._get_odds_rows() if draw.state in ("open", "paused") else []
        refusal = draw._get_refusal(self)
        short = not free and float(price) > self.balance
        return {
            "free": free,
            "price": price,
            "cost": "" if free or not price else club._show_points(price),
            "after": club._show_points(self.balance - (0 if free else float(price))),
            "missing": club._show_points(float(price) - self.balance) if short else "",
            "refusal": refusal,
            "odds": rows,
            "changes": [
                change for change in (version._show_change() for version in draw.sudo().version_ids[:5]) if change
            ],
            "terms": "" if refusal else draw._get_terms_digest(),
        }

    def _find_plays(self, draw, before=None, limit=PLAYS):
        """One page of the member's plays of a draw, newest first.

        :return: (plays in sudo, the id to go on from or ``None``)
        """
        self.ensure_one()
        domain = [("draw_id", "=", draw.id), ("member_id", "in", self._get_own_ids()), ("played_at", "!=", False)]
        if before:
            domain.append(("id", "<", before))
        plays = self.env["club.draw.play"].sudo().search(domain, order="id desc", limit=limit + 1)
        following = plays[limit - 1].id if len(plays) > limit else None
        return plays[:limit], following

    def _get_portal_links(self):
        links = super()._get_portal_links()
        if self._is_portal_owner(self.env.user) and self._find_draws(limit=1)[0]:
            links.append(
                {
                    "rank": 25,
                    "url": f"/my/club/{self.id}/draws",
                    "text": self.env._("Draws"),
                    "icon": "fa-pie-chart",
                    "spend": True,
                }
            )
        return links

    def _get_portal_reward_rows(self):
        rows = super()._get_portal_reward_rows()
        if not self._is_portal_owner(self.env.user):
            return rows
        for draw in self._get_open_draws():
            if draw._get_price() and not draw._get_refusal(self):
                rows.append(
                    {
                        "name": draw.name,
                        "required": float(draw._get_price()),
                        "url": f"/my/club/{self.id}/draws/{draw.id}",
                        "label": self.env._("See what can be won"),
                        "note": self.env._("A play of a draw: what you win is a matter of luck"),
                        "image": f"/my/club/{self.id}/draws/{draw.id}/image" if draw.image_128 else "",
                    }
                )
        return rows

    def _get_portal_step_candidates(self, values, rewards):
        steps = super()._get_portal_step_candidates(values, rewards)
        if not self._is_portal_owner(self.env.user):
            return steps
        draws = self._get_open_draws()
        for draw, free in self._count_free_plays(draws).items():
            if free and not draw._get_refusal(self):
                steps.append(
                    {
                        "rank": 15,
                        "text": self.env._("You have a free play of %(draw)s.", draw=draw.name)
                        if free == 1
                        else self.env._("You have %(count)s free plays of %(draw)s.", count=free, draw=draw.name),
                        "url": f"/my/club/{self.id}/draws/{draw.id}",
                        "label": self.env._("Play"),
                    }
                )
                break
        return steps

    # -- what is taken along -------------------------------------------------------------------------

    def _get_personal_data(self):
        """Add the plays of draws and what they brought."""
        data = super()._get_personal_data()
        plays = self.env["club.draw.play"].sudo().search([("member_id", "in", self._get_own_ids())])
        data["draws"] = [
            {
                "draw": play.draw_id.name,
                "played": fields.Datetime.to_string(play.played_at),
                "points": play.points,
                "result": play._show_result(),
                "state": play.state,
            }
            for play in plays
        ]
        return data
