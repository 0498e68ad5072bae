"""A campaign in words: what it will do, how far it came, and what it brought, as a shopkeeper would say it."""

from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.addons.customer_club.engine import charts
from odoo.tools.misc import formatLang, get_lang


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    sentence = fields.Char(string="In Words", compute="_compute_sentence")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    outcome = fields.Text(compute="_compute_outcome")
    numbers = fields.Html(compute="_compute_outcome", sanitize=False)

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

    @api.depends("state", "result")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for campaign in self:
            begun = campaign._origin and campaign.state not in ("draft", "scheduled")
            campaign.outcome = campaign._say_outcome() if begun else False
            campaign.numbers = campaign._show_numbers() if begun else False

    # -- before --------------------------------------------------------------------------------------

    def _sentence(self):
        """The whole campaign in one sentence."""
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        return _(
            "%(when)s, %(who)s get %(what)s by %(channel)s, from %(first)s until %(last)s; it counts for %(days)s days "
            "each, and %(control)s of 100 get nothing, for comparison.",
            when=self._say_trigger(),
            who=_("members of “%(segment)s”", segment=self.segment_id.name) if self.segment_id else _("members"),
            what=self._say_action(),
            channel=self._say_channel(),
            first=club._show_day(self.date_from),
            last=club._show_day(self.date_to),
            days=self.member_days,
            control=f"{self.control_share:g}",
        )

    def _say_channel(self):
        _ = self.env._
        return {"email": _("e-mail"), "sms": _("SMS"), "portal": _("a notice in their account")}[self.channel]

    def _say_trigger(self):
        _ = self.env._
        days, points = self.trigger_days, self.club_id._show_points(self.trigger_points)
        kinds = dict(self._fields["occasion_kind"]._description_selection(self.env))
        return {
            "once": _("Once"),
            "win_back": _("After %(days)s days without a purchase", days=days),
            "unused": _("When %(points)s or more lie unused for %(days)s days", points=points, days=days),
            "expiring": _("When %(points)s or more expire within %(days)s days", points=points, days=days),
            "tier_near": _("When the next tier is at most %(distance)s away", distance=f"{self.trigger_distance:g}"),
            "occasion": _(
                "%(days)s days before an occasion (%(kind)s)",
                days=days,
                kind=kinds.get(self.occasion_kind or "any", "").lower(),
            ),
            "welcome": _("%(days)s days after joining", days=days),
        }[self.trigger]

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
            return _("%(discount)s %% off their own favourite product", discount=f"{self.discount:g}")
        return {
            "message": _("a message"),
            "points": _("%(points)s as a bonus", points=self.club_id._show_points(self.points)),
            "multiplier": _(
                "%(number)s times the points of “%(rule)s”", number=f"{self.multiplier:g}", rule=self.rule_id.name or ""
            ),
            "coupon": _("a coupon of “%(program)s”", program=self.program_id.sudo().name or ""),
            "gift": _("“%(product)s” as a gift", product=product),
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
            return _("Until %(day)s you get %(number)s times the points.", day=day, number=f"{self.multiplier:g}")
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
                discount=f"{self.discount:g}",
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
                "%(count)s members come in today, before consent and addresses are looked at.",
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

    def _show_example(self):
        """The message as the first member would read it; with nobody to come in, nothing."""
        found = self._find_candidates(1)
        if not found:
            return Markup("<p class='text-muted'>%s</p>") % self.env._("Nobody would come in today.")
        member = self.env["club.member"].sudo().browse(found[0][0])
        products = self._get_favourites(member)
        target = self.env["club.campaign.target"].new(
            {
                "campaign_id": self.id,
                "club_id": self.club_id.id,
                "member_id": member.id,
                "product_id": products.get(member.id),
                "ends_at": fields.Datetime.add(fields.Datetime.now(), days=self.member_days),
            }
        )
        target = target.with_context(lang=member.partner_id.lang or self.env.lang)
        return Markup(
            "<blockquote dir='auto' class='border-start ps-3'><strong>%s</strong>"
            "<p style='white-space: pre-line'>%s</p></blockquote>"
        ) % (
            target.title,
            target.words,
        )

    # -- after ---------------------------------------------------------------------------------------

    def _say_outcome(self):
        """What may be said now: nothing about the difference before its time, then the verdict."""
        self.ensure_one()
        _ = self.env._
        if self.state == "stopped":
            return _("It was stopped by hand, so nothing can be said about what it brought.")
        if self.state != "done" or not self.result:
            early = _("Too early to say: who looks before the end takes chance for success.")
            if self.stop_reason == "budget":
                return _("The budget is used up; nobody new gets it.") + " " + early
            return early
        result = self.result
        sentences = [self._say_verdict(result)]
        if self.stop_reason == "budget":
            sentences.append(_("The budget was used up before everybody had got it."))
        sentences.append(
            _(
                "It cost %(money)s, with %(points)s given.",
                money=self.club_id._show_money(result["cost"]),
                points=self.club_id._show_points(result["points"]),
            )
        )
        return " ".join(sentences)

    def _say_verdict(self, result):
        _ = self.env._
        treated, control = result["treated"], result["control"]
        verdict = result["verdict"]
        if verdict == "no_control":
            return _(
                "Of %(count)s who were to get it, %(done)s did it. Without a control group nobody knows how many would "
                "have done so anyway.",
                count=self._number(treated["members"]),
                done=self._number(treated["reached"]),
            )
        if verdict == "few" or not result["intervals"][self.metric]:
            return _(
                "Too few to say: %(treated)s were to get it, %(control)s were not.",
                treated=self._number(treated["members"]),
                control=self._number(control["members"]),
            )
        first = self._say_shares(treated, control) if self.metric == "share" else self._say_means(treated, control)
        return f"{first} {self._say_difference(verdict, *result['intervals'][self.metric])}"

    def _say_difference(self, verdict, difference, low, high):
        _ = self.env._
        if self.metric == "share":
            digits = 0 if max(abs(low), abs(high)) >= 0.1 else 1
            difference, low, high = (
                _("%(number)s of 100", number=formatLang(self.env, value * 100, digits=digits))
                for value in ((-difference, -high, -low) if verdict == "worse" else (difference, low, high))
            )
        else:
            show = self.club_id._show_money
            difference, low, high = (
                show(value) for value in ((-difference, -high, -low) if verdict == "worse" else (difference, low, high))
            )
        if verdict == "better":
            return _("That is %(more)s more, surely between %(low)s and %(high)s.", more=difference, low=low, high=high)
        if verdict == "worse":
            return _(
                "That is %(less)s less, surely between %(low)s and %(high)s: it did harm.",
                less=difference,
                low=low,
                high=high,
            )
        return _("The difference may be chance: it lies somewhere between %(low)s and %(high)s.", low=low, high=high)

    def _say_shares(self, treated, control):
        _ = self.env._
        words = {
            "purchases": _("Of 100 who were to get it, %(treated)s bought; of 100 who were not, %(control)s."),
            "visits": _("Of 100 who were to get it, %(treated)s visited; of 100 who were not, %(control)s."),
            "joins": _("Of 100 who were to get it, %(treated)s brought somebody; of 100 who were not, %(control)s."),
            "redemption": _("Of 100 who were to get it, %(treated)s used points; of 100 who were not, %(control)s."),
        }[self.goal_kind]
        return words % {
            "treated": self._show_share(treated["reached"] / treated["members"]),
            "control": self._show_share(control["reached"] / control["members"]),
        }

    def _say_means(self, treated, control):
        return self.env._(
            "Who was to get it spent %(treated)s on average; who was not, %(control)s.",
            treated=self.club_id._show_money(treated["amount"] / treated["members"]),
            control=self.club_id._show_money(control["amount"] / control["members"]),
        )

    def _show_numbers(self):
        """How far it came, as a chart and a table, and why some got nothing."""
        self.ensure_one()
        _ = self.env._
        funnel = self.sudo()._read_funnel()
        rows = [
            (_("Members"), funnel["members"]),
            (_("Control group"), funnel["control"]),
            (_("Sent"), funnel["sent"]),
            (_("Opened"), funnel["opened"]),
            (_("Visited"), funnel["visited"]),
        ]
        if self.state == "done" and self.result:
            rows.append((_("Did it, of who were to get it"), self.result["treated"]["reached"]))
        reasons = dict(self.env["club.campaign.target"]._fields["reason"]._description_selection(self.env))
        steps = [row for row in rows if row[0] != _("Control group")]
        chart = charts.funnel(
            _("How far it came"),
            [name for name, _count in steps],
            [charts.Series(_("Members"), [count for _name, count in steps])],
            empty=_("Nobody is in it yet."),
            rtl=get_lang(self.env).direction == "rtl",
            show=self._number,
        )
        rows += [
            (_("Not sent: %(reason)s", reason=reasons.get(reason, "").lower()), count)
            for reason, count in sorted(funnel["skipped"].items(), key=lambda item: -item[1])
        ]
        return Markup("%s<table class='table table-sm w-auto'>%s</table>") % (
            Markup(chart),
            Markup().join(
                Markup("<tr><th scope='row' class='fw-normal'>%s</th><td class='text-end'>%s</td></tr>")
                % (escape(name), self._number(count))
                for name, count in rows
            ),
        )

    def _number(self, count):
        return formatLang(self.env, float(count), digits=0)

    def _show_share(self, share):
        """A share as so many of 100, with a decimal where it matters."""
        percent = share * 100
        return formatLang(self.env, percent, digits=0 if abs(percent) >= 10 or percent == round(percent) else 1)
