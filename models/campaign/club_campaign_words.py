"""A campaign in words before it begins: what it will do, for whom, and what it may cost."""

from markupsafe import Markup
from odoo import api, fields, models


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    sentence = fields.Char(string="In Words", compute="_compute_sentence")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends(
        "segment_id",
        "trigger",
        "trigger_days",
        "trigger_points",
        "trigger_distance",
        "occasion_kind",
        "action",
        "points",
        "multiplier",
        "rule_id",
        "program_id",
        "favourite_offer",
        "discount",
        "buy_quantity",
        "get_quantity",
        "product_id",
        "prize_id",
        "channel",
        "control_share",
        "date_from",
        "date_to",
        "member_days",
        "club_id",
    )
    @api.depends_context("lang")
    def _compute_sentence(self):
        for campaign in self:
            campaign.sentence = campaign._sentence() if campaign.club_id and campaign.date_to else ""

    @api.depends("state", "control_share", "action", "segment_id", "trigger")
    @api.depends_context("lang")
    def _compute_preview(self):
        for campaign in self:
            saved = campaign._origin and campaign.state in ("draft", "scheduled")
            campaign.preview = campaign._origin._preview() if saved else False

    # -- before --------------------------------------------------------------------------------------

    def _sentence(self):
        """The whole campaign in one sentence."""
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        return _(
            "%(when)s, %(who)s get %(what)s by %(channel)s, from %(first)s until %(last)s; it counts for %(days)s "
            "each, and %(control)s of 100 get nothing, for comparison.",
            when=self._say_trigger(),
            who=_("members of “%(segment)s”", segment=self.segment_id.name) if self.segment_id else _("members"),
            what=self._say_action(),
            channel=self._say_channel(),
            first=club._show_day(self.date_from),
            last=club._show_day(self.date_to),
            days=self._say_days(self.member_days),
            control=club._show_number(self.control_share),
        )

    def _say_channel(self):
        _ = self.env._
        return {"email": _("e-mail"), "sms": _("SMS"), "portal": _("a notice in their account")}[self.channel]

    def _say_trigger(self):
        _ = self.env._
        days, points = self._say_days(self.trigger_days), self.club_id._show_points(self.trigger_points)
        kinds = dict(self._fields["occasion_kind"]._description_selection(self.env))
        return {
            "once": _("Once"),
            "win_back": _("After %(days)s without a purchase", days=days),
            "unused": _("When %(points)s or more lie unused for %(days)s", points=points, days=days),
            "expiring": _("When %(points)s or more expire within %(days)s", points=points, days=days),
            "tier_near": _(
                "When the next tier is at most %(distance)s away",
                distance=self.club_id._show_number(self.trigger_distance),
            ),
            "occasion": _(
                "%(days)s before an occasion (%(kind)s)",
                days=days,
                kind=kinds.get(self.occasion_kind or "any", ""),
            ),
            "welcome": _("%(days)s after joining", days=days) if self.trigger_days else _("After joining"),
        }[self.trigger]

    def _say_days(self, days):
        """So many days, as they stand within a sentence."""
        return self.env._("1 day") if days == 1 else self.env._("%(days)s days", days=self._number(days))

    def _say_action(self):
        _ = self.env._
        product = self.product_id.display_name or ""
        if self.action == "favourite":
            if self.favourite_offer == "buy_get":
                return _(
                    "“buy %(buy)s, get %(free)s free” on their own favourite product",
                    buy=self.buy_quantity,
                    free=self.get_quantity,
                )
            return _(
                "%(discount)s %% off their own favourite product", discount=self.club_id._show_number(self.discount)
            )
        return {
            "message": _("a message"),
            "points": _("%(points)s as a bonus", points=self.club_id._show_points(self.points)),
            "multiplier": _(
                "%(number)s times the points of “%(rule)s”",
                number=self.club_id._show_number(self.multiplier),
                rule=self.rule_id.name or "",
            ),
            "coupon": _("a coupon of “%(program)s”", program=self.program_id.sudo().name or ""),
            "gift": _("“%(product)s” as a gift", product=product),
            "prize": _("the prize “%(prize)s”", prize=self.prize_id.sudo().name or ""),
        }[self.action]

    def _say_offer(self, product, code, until):
        """What the member is told it gets."""
        self.ensure_one()
        _ = self.env._
        club, day = self.club_id, self.club_id._show_day(until)
        name = product.display_name or self.product_id.display_name or ""
        if self.action == "points":
            return _("%(points)s are on your account.", points=club._show_points(self.points))
        if self.action == "multiplier":
            return _(
                "Until %(day)s you get %(number)s times the points.",
                day=day,
                number=club._show_number(self.multiplier),
            )
        if self.action == "prize":
            return _("%(prize)s is yours: you find it in your account.", prize=self.prize_id.sudo().name or "")
        if self.action == "coupon":
            return _("Your coupon %(code)s is valid until %(day)s.", code=code or "", day=day)
        if self.action == "gift":
            return _(
                "%(product)s is a gift for you: use the code %(code)s until %(day)s.", product=name, code=code, day=day
            )
        if self.action == "favourite" and self.favourite_offer == "buy_get":
            return _(
                "Buy %(buy)s of %(product)s and get %(free)s free, with the code %(code)s until %(day)s.",
                buy=self.buy_quantity,
                product=name,
                free=self.get_quantity,
                code=code or "",
                day=day,
            )
        if self.action == "favourite":
            return _(
                "%(discount)s %% off %(product)s, with the code %(code)s until %(day)s.",
                discount=club._show_number(self.discount),
                product=name,
                code=code or "",
                day=day,
            )
        return ""

    def _preview(self):
        """Who, how many, what it costs at most, and an example: before anything happens."""
        self.ensure_one()
        _ = self.env._
        campaign = self.sudo()
        count = campaign._count_candidates()
        treated = count - round(count * self.control_share / 100)
        points, money = campaign._get_unit()
        lines = [
            _(
                "Members who come in today, before consent and addresses are looked at: %(count)s.",
                count=self._number(count),
            ),
            _("About %(count)s of them get it; the others are the control group.", count=self._number(treated))
            if self.control_share
            else _("There is no control group: nobody will know what it brought."),
        ]
        if points or money:
            limits = [
                _("%(points)s", points=self.club_id._show_points(self.budget_points)) if self.budget_points else "",
                self.club_id._show_money(self.budget_money) if self.budget_money else "",
            ]
            lines.append(
                _(
                    "It costs at most %(points)s and %(money)s (points at their worth, as if every coupon were used).",
                    points=self.club_id._show_points(points * treated),
                    money=self.club_id._show_money(float(money * treated)),
                )
            )
            if any(limits):
                lines.append(_("It stops at %(limits)s.", limits=_(", ").join(filter(None, limits))))
        if count and treated < 50:
            lines.append(_("With so few members only a very large difference can be told from chance."))
        return Markup("<ul>%s</ul>%s") % (
            Markup().join(Markup("<li>%s</li>") % line for line in lines),
            campaign._show_example(),
        )

    def _make_examples(self):
        """Each text as the first member would read it; nothing is written, and nobody gets it.

        :return: new ``club.campaign.target`` records; of a campaign that nobody would come into today, none.
        """
        self.ensure_one()
        Target = self.env["club.campaign.target"]
        found = self._find_candidates(1)
        if not found:
            return Target
        member = self.env["club.member"].sudo().browse(found[0][0])
        values = {
            "campaign_id": self.id,
            "club_id": self.club_id.id,
            "member_id": member.id,
            "product_id": self._get_favourites(member).get(member.id),
            "ends_at": fields.Datetime.add(fields.Datetime.now(), days=self.member_days),
        }
        texts = [{"variant": text} for text in ("ab" if self.is_ab else "a")]
        texts += [{"step_id": step.id} for step in self.step_ids]
        Target = Target.with_context(lang=member.partner_id.lang or self.env.lang)
        return Target.union(*(Target.new({**values, **text}) for text in texts))

    def _show_example(self):
        """The messages as the first member would read them; with nobody to come in, nothing."""
        examples = self._make_examples()
        if not examples:
            return Markup("<p class='text-muted'>%s</p>") % self.env._("Nobody would come in today.")
        return Markup().join(
            Markup(
                "<blockquote dir='auto' class='border-start ps-3'><strong>%s</strong>"
                "<p style='white-space: pre-line'>%s</p></blockquote>"
            )
            % (example.title, example.words)
            for example in examples
        )
