"""A campaign in words once it runs: how far it came and what it brought, as a shopkeeper would say it."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import charts, uplift
from odoo.tools.misc import formatLang

#: Narrow, so that a telephone shows the words of a chart large enough to read.
CHART_WIDTH = 600


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    outcome = fields.Text(compute="_compute_outcome")
    verdict = fields.Char(compute="_compute_outcome")
    numbers = fields.Html(compute="_compute_outcome", sanitize=False)

    @api.depends("state", "result")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for campaign in self:
            begun = campaign._origin and campaign.state not in ("draft", "scheduled")
            campaign.outcome = "\n".join(campaign._say_lines()) if begun else False
            campaign.verdict = (campaign.result or {}).get("verdict", False) if campaign.state == "done" else False
            campaign.numbers = campaign._show_numbers() if begun else False

    # -- in words ------------------------------------------------------------------------------------

    def _say_outcome(self):
        """What may be said now, in one paragraph."""
        return " ".join(self._say_lines())

    def _say_lines(self):
        """What may be said now: nothing about the difference before its time, then the verdict and what it rests on.

        :rtype: list[str]
        """
        self.ensure_one()
        _ = self.env._
        if self.state == "stopped":
            return [_("It was stopped by hand, so nothing can be said about what it brought.")]
        if self.state != "done" or not self.result:
            early = _("Too early to say: who looks before the end takes chance for success.")
            if self.stop_reason == "budget":
                return [_("The budget is used up; nobody new gets it."), early]
            return [early]
        result = self.result
        headlines = {
            "better": _("It worked."),
            "worse": _("It did harm."),
            "chance": _("Whether it worked cannot be told from chance."),
        }
        sentences = [headlines.get(result["verdict"]), self._say_verdict(result)]
        if result.get("gain"):
            sentences.append(self._say_gain(result["gain"]))
        if result.get("texts"):
            sentences.append(self._say_texts(result["texts"]))
        if self.stop_reason == "budget":
            sentences.append(_("The budget was used up before everybody had got it."))
        sentences.append(
            _(
                "It cost %(money)s, with %(points)s given.",
                money=self.club_id._show_money(result["cost"]),
                points=self.club_id._show_points(result["points"]),
            )
        )
        return list(filter(None, sentences))

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

    def _say_gain(self, gain):
        """What it was worth: the sales that it brought at the club's usual margin, less its cost; with the interval."""
        show = self.club_id._show_money
        _ = self.env._
        if not gain["rate"]:
            return _(
                "In sales it brought between %(low)s and %(high)s in all.",
                low=show(gain["sales"][1]),
                high=show(gain["sales"][2]),
            )
        said = _(
            "In sales it brought between %(low)s and %(high)s in all; of that %(rate)s of 100 are margin as usual, so "
            "less its cost it left between %(net_low)s and %(net_high)s.",
            low=show(gain["sales"][1]),
            high=show(gain["sales"][2]),
            rate=self._show_share(gain["rate"]),
            net_low=show(gain["net"][1]),
            net_high=show(gain["net"][2]),
        )
        known = gain.get("known", 1)
        if known > 0.995:
            return said
        known = _(
            "What goods cost is known for %(known)s of 100 of the sales; the others are taken to leave as much.",
            known=self._show_share(known),
        )
        return f"{said} {known}"

    def _say_texts(self, texts):
        """Which of the two texts did better, or that chance may have made the difference."""
        _ = self.env._
        first, second = texts["a"], texts["b"]
        if texts["verdict"] == "few":
            return _("Too few got either text to compare them.")
        said = (
            _(
                "Of 100 who were to get the first text, %(first)s did it; of the second, %(second)s.",
                first=self._show_share(first["reached"] / first["members"]),
                second=self._show_share(second["reached"] / second["members"]),
            )
            if self.metric == "share"
            else _(
                "Who was to get the first text spent %(first)s on average; the second, %(second)s.",
                first=self.club_id._show_money(first["amount"] / first["members"]),
                second=self.club_id._show_money(second["amount"] / second["members"]),
            )
        )
        which = {
            "better": _("The first text is the better one."),
            "worse": _("The second text is the better one."),
            "chance": _("Which of them is better cannot be told from chance."),
        }[texts["verdict"]]
        return f"{said} {which}"

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
                "That is %(less)s less, surely between %(low)s and %(high)s.",
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

    # -- in numbers ----------------------------------------------------------------------------------

    def _show_numbers(self):
        """What it brought first, then how far it came, as charts and tables, and why some got nothing."""
        self.ensure_one()
        done = self.state == "done" and self.result
        parts = [self._show_arms(self.result), self._show_months(self.result)] if done else []
        return Markup().join([*parts, self._show_funnel()])

    def _show_funnel(self):
        """How far the messages came; why others were not sent."""
        _ = self.env._
        funnel = self.sudo()._read_funnel()
        rows = [
            (_("Members"), funnel["members"]),
            (_("Control group"), funnel["control"]),
            (_("Sent"), funnel["sent"]),
            (_("Opened"), funnel["opened"]),
            (_("Visited"), funnel["visited"]),
        ]
        reasons = dict(self.env["club.campaign.target"]._fields["reason"]._description_selection(self.env))
        steps = [row for row in rows if row[0] != _("Control group")]
        chart = charts.funnel(
            _("How far it came"),
            [name for name, _count in steps],
            [charts.Series(_("Members"), [count for _name, count in steps])],
            empty=_("Nobody is in it yet."),
            rtl=self.env["res.lang"]._is_club_rtl(),
            show=self._number,
            width=CHART_WIDTH,
        )
        rows += [
            (_("Not sent: %(reason)s", reason=reasons.get(reason, "")), count)
            for reason, count in sorted(funnel["skipped"].items(), key=lambda item: -item[1])
        ]
        return Markup("<div class='o_club_chart'>%s</div><table class='table table-sm w-auto'>%s</table>") % (
            Markup(chart),
            Markup().join(
                Markup("<tr><th scope='row' class='fw-normal'>%s</th><td class='text-end'>%s</td></tr>")
                % (name, self._number(count))
                for name, count in rows
            ),
        )

    def _show_arms(self, result):
        """Both arms beside each other, each text too, with the interval of every share and of the difference."""
        _ = self.env._
        arms = [(_("Were to get it"), result["treated"])]
        if result.get("texts"):
            arms += [(_("… the first text"), result["texts"]["a"]), (_("… the second text"), result["texts"]["b"])]
        arms.append((_("Control group"), result["control"]))
        rows = [
            (name, self._number(arm["members"]), self._show_reached(arm), self._show_average(arm)) for name, arm in arms
        ]
        difference = result["intervals"]
        rows.append(
            (
                _("Difference"),
                "",
                self._show_between(difference["share"], lambda share: self._show_share(share)),
                self._show_between(difference["amount"], self.club_id._show_money),
            )
        )
        head = (_("Who"), _("Members"), _("Did it, of 100 (surely between)"), _("Spent on average"))
        return self._show_table(head, rows)

    def _show_reached(self, arm):
        """A share with its interval (Wilson)."""
        if not arm["members"]:
            return "–"
        low, high = uplift.wilson(arm["reached"], arm["members"])
        return (
            f"{self._show_share(arm['reached'] / arm['members'])} ({self._show_share(low)} – {self._show_share(high)})"
        )

    def _show_average(self, arm):
        return self.club_id._show_money(arm["amount"] / arm["members"]) if arm["members"] else "–"

    def _show_between(self, interval, show):
        if not interval:
            return "–"
        difference, low, high = interval
        return f"{show(difference)} ({show(low)} – {show(high)})"

    def _show_months(self, result):
        """A campaign that goes on: the months in which members came in, both arms; nothing of a single month."""
        months = result.get("months") or []
        if len(months) < 2:
            return Markup()
        _ = self.env._
        names = [self.club_id._show_day(fields.Date.to_date(month["first"])) for month in months]
        shares = {
            arm: [month[arm][1] / month[arm][0] * 100 if month[arm][0] else None for month in months]
            for arm in ("treated", "control")
        }
        chart = charts.lines(
            _("Did it, of 100, by the month in which they came in"),
            names,
            [
                charts.Series(_("Were to get it"), shares["treated"]),
                charts.Series(_("Control group"), shares["control"]),
            ],
            empty=_("Nobody is in it yet."),
            rtl=self.env["res.lang"]._is_club_rtl(),
            show=self._number,
            width=CHART_WIDTH,
        )
        rows = [
            (
                name,
                *(f"{self._number(month[arm][1])} / {self._number(month[arm][0])}" for arm in ("treated", "control")),
            )
            for name, month in zip(names, months, strict=True)
        ]
        head = (_("Month from"), _("Did it, of who were to get it"), _("Did it, of the control group"))
        return Markup("<div class='o_club_chart'>%s</div>%s") % (Markup(chart), self._show_table(head, rows))

    def _show_table(self, head, rows):
        cell = Markup("<td class='text-end'><bdi>%s</bdi></td>")
        return Markup(
            "<div class='table-responsive'><table class='table table-sm w-auto'><thead><tr>%s</tr></thead>"
            "<tbody>%s</tbody></table></div>"
        ) % (
            Markup().join(
                Markup("<th scope='col' class='%s'>%s</th>") % ("text-end" if place else "", name)
                for place, name in enumerate(head)
            ),
            Markup().join(
                Markup("<tr><th scope='row' class='fw-normal'>%s</th>%s</tr>")
                % (name, Markup().join(cell % value for value in values))
                for name, *values in rows
            ),
        )

    # -- helpers -------------------------------------------------------------------------------------

    def _number(self, count):
        return formatLang(self.env, float(count), digits=0)

    def _show_share(self, share):
        """A share as so many of 100, with a decimal where it matters."""
        percent = share * 100
        return formatLang(self.env, percent, digits=0 if abs(percent) >= 10 or percent == round(percent) else 1)
