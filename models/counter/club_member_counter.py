"""What the counter shows of a member: who, tier, points, and the one thing to say."""

import re

from odoo import fields, models
from odoo.addons.customer_club.engine import counter
from odoo.tools.misc import format_date

#: Days for which an occasion is worth a word in advance.
SOON_DAYS = 6
#: Percent of the way at which a reward or a tier is worth a word.
NEAR = 75


class ClubMember(models.Model):
    _inherit = "club.member"

    def _is_unnamed(self):
        """Whether the member was enrolled by a telephone number alone and has it for a name."""
        self.ensure_one()
        partner = self.sudo().partner_id
        return (
            bool(partner.phone)
            and re.sub(r"\D", "", partner.name or "") == re.sub(r"\D", "", partner.phone)
            and (not re.search(r"[^\W\d_]", partner.name))
        )

    def _show_in_counter_list(self):
        """The member as one line of several."""
        self.ensure_one()
        partner = self.sudo().partner_id
        return {
            "id": self.id,
            "name": partner.name,
            "number": self.number or "",
            "phone": counter.mask_phone(partner.phone or ""),
            "tier": self.tier_id.name or "",
        }

    def _show_at_counter(self, question=True):
        """All that the counter shows of the member.

        :param bool question: ask for the question that is due, too.
        :rtype: dict
        """
        self.ensure_one()
        club = self.club_id
        worth = self.points * club._point_worth()
        due = self.env["club.question"]._get_due(self, "counter") if question else False
        words = min(self._get_counter_words(), default=(0, ""))
        return {
            **self._show_in_counter_list(),
            "unnamed": self._is_unnamed(),
            "points": club._show_points(self.points),
            "owes": self.points < 0,
            "worth": club._show_money(worth) if worth > 0 else "",
            "pending": club._show_points(self.points_pending) if self.points_pending else "",
            "say": words[1],
            "question": due._show() if due else False,
        }

    def _get_counter_words(self):
        """What could be said to the member, the most pressing with the lowest number; the counter shows one.

        A room adds its own in an override: 10 owes points, 20 an occasion, 30 points expire, 40 a reward can be had, 50
        a reward is near, 60 a tier is near, 70 terms are missing, 80 is new.

        :return: pairs of a number and a sentence.
        :rtype: list[tuple[int, str]]
        """
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        words = self._get_occasion_words()
        if self.points < 0:
            words.append(
                (10, _("Owes %(points)s: what is earned next settles it.", points=club._show_points(-self.points)))
            )
        if self.points_expiring:
            words.append(
                (
                    30,
                    _(
                        "%(points)s expire on %(day)s.",
                        points=club._show_points(self.points_expiring),
                        day=club._show_day(self.points_expiring_on),
                    ),
                )
            )
        words += self._get_reward_words()
        if self.next_tier_id and self.tier_progress >= NEAR:
            words.append((60, self._get_portal_tier()["missing"]))
        if club.terms_id and not self.consent_terms_at:
            words.append((70, _("Has not agreed to the club's terms yet.")))
        if self.joined_at and self.joined_at > fields.Datetime.subtract(fields.Datetime.now(), days=1):
            words.append((80, _("New in the club: say welcome.")))
        return words

    def _get_occasion_words(self):
        _ = self.env._
        today = self.club_id._get_today()
        words = []
        for occasion in self.sudo().occasion_ids:
            day = occasion.next_date
            if not day or (day - today).days > SOON_DAYS:
                continue
            what = occasion.display_name
            if day == today:
                sentence = _("%(occasion)s is today!", occasion=what)
            elif (day - today).days == 1:
                sentence = _("%(occasion)s is tomorrow.", occasion=what)
            else:
                weekday = format_date(self.env, day, date_format="EEEE")
                sentence = _("%(occasion)s on %(weekday)s.", occasion=what, weekday=weekday)
            words.append((20, sentence))
        return words

    def _get_reward_words(self):
        _ = self.env._
        rewards = [reward for reward in self._get_portal_rewards() if not reward["per_point"]]
        words = []
        if rewards and rewards[0]["affordable"]:
            words.append((40, _("Has enough for: %(reward)s.", reward=rewards[0]["name"])))
        near = [reward for reward in rewards if not reward["affordable"] and reward["percent"] >= NEAR]
        if near:
            words.append((50, _("%(points)s to: %(reward)s.", points=near[0]["missing"], reward=near[0]["name"])))
        return words
