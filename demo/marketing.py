"""What the florist does with what it knows of the members: segments, campaigns, banners, a simulation, reports.

Segments are counted, stages noted and campaigns taken further on the days on which the nightly jobs would have done
it; :mod:`florist` calls :meth:`Marketing.live` day by day.
"""

from datetime import date, timedelta

from odoo.fields import Command

#: Segments: name, how the conditions are joined, the conditions.
SEGMENTS = {
    "risk": ("Good customers who fall silent", "all", [
        {"kind": "stage", "stage": "at_risk"},
        {"kind": "rfm", "monetary_from": 3, "monetary_to": 5},
    ]),
    "loyal": ("Loyal customers and fans", "any", [
        {"kind": "ladder", "ladder": "loyal"},
        {"kind": "ladder", "ladder": "fan"},
    ]),
    "peonies": ("They love peonies", "all", [
        {"kind": "event", "event_type": "purchase", "measure": "count", "value": 2, "window": "days", "days": 180},
    ]),
    "fair": ("Met at the wedding fair", "all", [
        {"kind": "event", "event_type": "purchase", "measure": "sum", "value": 250, "window": "ever"},
    ]),
}  # fmt: skip
#: The win-back campaign: days ago of its first day and its last, and the days that it has for each member.
WIN_BACK = (63, 50, 14)
WELCOME = 35
#: Of twenty members with the offer so many came back, of twenty without.
BACK_TREATED, BACK_CONTROL = 11, 2


class Marketing:
    """Segments, campaigns and what else rests on knowing the members.

    :param florist: the florist whose club this is.
    """

    def __init__(self, florist):
        self.florist = florist
        self.env = florist.env
        self.club = florist.club
        self.manager = self.env.ref("customer_club.demo_user_manager")
        self.reacted = set()

    def get_days(self):
        """The days on which something happens."""
        first, last, days = WIN_BACK
        return {first, first - 1, last, last - days - 1, WELCOME, *range(0, WELCOME, 7)}

    # -- setting up ------------------------------------------------------------------

    def set_up(self):
        """The budget and the segments; before the first day."""
        self.club.write({"budget_kind": "share", "budget_share": 5, "budget_stop": False})
        peonies = self.env.ref("customer_club.demo_product_peonies")
        self.segments = {}
        for key, (name, match, conditions) in SEGMENTS.items():
            extra = {"product_ids": [Command.set(peonies.ids)]} if key == "peonies" else {}
            self.segments[key] = self.env["club.segment"].create(
                {
                    "club_id": self.club.id,
                    "name": name,
                    "match": match,
                    "condition_ids": [Command.create({**vals, **extra}) for vals in conditions],
                }
            )
            self.florist._name(self.segments[key], f"segment_{key}")

    # -- the days --------------------------------------------------------------------

    def live(self, day):
        """What the jobs of that night did, and what members did with the messages."""
        if day % 7 == 0:
            self.club._refresh_behaviour()
            self.env["club.budget"]._refresh(self.club)
            self.env["club.budget"]._finish_last(self.club)
            for segment in self.env["club.segment"].search([("club_id", "=", self.club.id)]):
                segment._keep_memberships()
        if day == WIN_BACK[1]:
            self.segments["fair"].action_freeze()
        if day == WIN_BACK[0]:
            self.win_back = self._start("win_back", self._prepare_win_back())
        if day == WELCOME:
            self.welcome = self._start("welcome", self._prepare_welcome())
        for campaign in self.env["club.campaign"].search(
            [("club_id", "=", self.club.id), ("state", "in", ("scheduled", "running", "measuring"))]
        ):
            campaign._take_steps(limit=1000)
            self._react(campaign, day)

    def _start(self, name, values):
        campaign = self.env["club.campaign"].create({"club_id": self.club.id, "user_id": self.manager.id, **values})
        self.florist._name(campaign, f"campaign_{name}")
        campaign.action_schedule()
        return campaign

    def _prepare_win_back(self):
        first, last, days = WIN_BACK
        return {
            "name": "We miss you: 25 Petals on the house",
            "goal": "Members who have not come for six weeks come back.",
            "hypothesis": "A third of them only forgot us. A few Petals that do not last are reason enough to come by.",
            "trigger": "win_back",
            "trigger_days": 42,
            "date_from": self._day(first),
            "date_to": self._day(last),
            "member_days": days,
            "control_share": 35,
            "action": "points",
            "points": 25,
            "points_days": 30,
            "subject": "We miss you, {name}",
            "body": "Dear {name},\n\nthe shop smells of peonies, and you are not here. {offer}",
            "button": "See what is fresh",
            "path": "/shop",
        }

    def _prepare_welcome(self):
        return {
            "name": "Welcome to the Rose Club",
            "goal": "New members come a second time.",
            "hypothesis": "Who knows within a week what Petals are for comes back sooner.",
            "trigger": "welcome",
            "trigger_days": 1,
            "date_from": self._day(WELCOME),
            "date_to": self._day(-60),
            "member_days": 30,
            "control_share": 20,
            "action": "points",
            "points": 10,
            "subject": "Welcome, {name}",
            "body": "Dear {name},\n\nhow good that you are one of us. {offer}",
            "step_ids": [
                Command.create(
                    {
                        "after_days": 7,
                        "subject": "Three things to do with {points}",
                        "body": "Dear {name},\n\nturn the wheel, choose a prize, or pay with them: {points} are yours.",
                    }
                )
            ],
        }

    def _react(self, campaign, day):
        """Mails that went out leave the queue; some of them are opened; some of both arms come back."""
        targets = self.env["club.campaign.target"].search([("campaign_id", "=", campaign.id)], order="id")
        mails = [("model", "=", targets._name), ("res_id", "in", targets.ids), ("state", "=", "outgoing")]
        self.env["mail.mail"].sudo().search(mails).write({"state": "sent"})
        for number, target in enumerate(targets.filtered(lambda target: target.state == "sent")):
            if target.id not in self.reacted:
                self.reacted.add(target.id)
                if number % 20 < 13:
                    target._count_opening()
                if number % 20 < 8:
                    target._count_visit()
                if campaign.trigger == "win_back" and number % 20 < BACK_TREATED:
                    self.florist.regulars.come_back(target.member_id, day - 2 - number % 5)
        for number, target in enumerate(targets.filtered(lambda target: target.state == "control")):
            if target.id not in self.reacted:
                self.reacted.add(target.id)
                if campaign.trigger == "win_back" and number % 20 < BACK_CONTROL:
                    self.florist.regulars.come_back(target.member_id, day - 3 - number % 5)

    def _day(self, ago):
        return self.florist.now.date() - timedelta(days=ago)

    # -- today -----------------------------------------------------------------------

    def finish(self):
        """What the manager prepares today; after the night's refresh of behaviour."""
        self.club.budget_user_id = self.manager
        self.env["club.budget"]._refresh(self.club)
        for segment in self.env["club.segment"].search([("club_id", "=", self.club.id)]):
            segment._keep_memberships()
        self._prepare_norooz()
        self._make_banners()
        self._simulate()
        self._compose_report()

    def _prepare_norooz(self):
        """A draft for the next Norooz (20 March), two weeks before it."""
        today = self.florist.now.date()
        norooz = date(today.year + (today > date(today.year, 3, 1)), 3, 20)
        campaign = self.env["club.campaign"].create(
            {
                "club_id": self.club.id,
                "user_id": self.manager.id,
                "name": "Norooz: hyacinths for the table",
                "goal": "Loyal customers order their flowers for Norooz with us.",
                "hypothesis": "Twenty percent off what one likes best brings more than Petals do.",
                "segment_id": self.segments["loyal"].id,
                "trigger": "once",
                "date_from": norooz - timedelta(days=14),
                "date_to": norooz - timedelta(days=3),
                "control_share": 20,
                "action": "favourite",
                "discount": 20,
                "subject": "Norooz is near, {name}",
                "body": "Dear {name},\n\nhyacinths, tulips, a table full of spring. {offer}",
                "path": "/shop",
            }
        )
        self.florist._name(campaign, "campaign_norooz")

    def _make_banners(self):
        rewards = {
            "title": "The long table: flowers for twelve",
            "text": "<p>One free ticket for every member. Ten days are left.</p>",
            "url": "/my/club",
            "button": "Take my ticket",
            "at_portal": True,
            "who": "members",
            "audience_from_tier_id": self.env.ref("customer_club.demo_tier_bud").id,
        }
        shop = {
            "title": "Every bouquet brings you closer to the next",
            "text": "<p>Members collect Petals with each purchase. Joining takes one step.</p>",
            "url": "/my/club",
            "button": "See the Rose Club",
            "at_portal": False,
            "at_shop": True,
            "who": "everyone",
            "sequence": 20,
        }
        for name, values in (("portal", rewards), ("shop", shop)):
            banner = self.env["club.banner"].create({"club_id": self.club.id, "is_on": True, **values})
            self.florist._name(banner, f"banner_{name}")
            self._count(banner, name)

    def _count(self, banner, place):
        """Who saw it in the last two weeks, and who followed it."""
        members = list(self.florist.regulars.members.values())
        for number in range(60):
            self.florist.clock.moment = self.florist.now - timedelta(days=number % 14, hours=1)
            known = place == "portal" or number % 3 == 0
            viewer = {self.club: members[number * 5 % len(members)]} if known and members else {}
            banner._count("view", place, viewer, bool(viewer), f"demo {place} {number}")
            if number % 7 == 0:
                banner._count("click", place, viewer, bool(viewer), f"demo {place} {number}")
        self.florist.clock.moment = None

    def _simulate(self):
        """Half a year under two set-ups: as it is, and with Petals that last a year and a stronger Bloom."""
        simulation = self.env["club.simulation"].create(
            {
                "club_id": self.club.id,
                "name": "Petals for a year, more for Bloom",
                "date_from": self._day(206),
                "date_to": self._day(1),
            }
        )
        other = simulation.setup_ids.filtered(lambda setup: setup.kind == "draft")
        other.write({"name": "A year, and a stronger Bloom", "expiry_policy": "months", "expiry_months": 12})
        bloom = self.env.ref("customer_club.demo_tier_bloom")
        other.tier_ids.filtered(lambda line: line.tier_id == bloom).multiplier = 1.5 * bloom.multiplier
        simulation.with_user(self.manager).action_run()
        self.florist._name(simulation, "simulation_year")
        self.florist._name(other, "simulation_setup_year")

    def _compose_report(self):
        report = self.env["club.report"].create(
            {
                "name": "Monday morning",
                "description": "Who came, who is about to leave, and what our messages brought.",
                "user_id": self.manager.id,
                "company_id": self.club.company_id.id,
                "shared": True,
                "club_ids": [Command.set(self.club.ids)],
                "period_kind": "last_month",
                "line_ids": [
                    Command.create({"kind": kind, "sequence": place})
                    for place, kind in enumerate(("activity", "stages", "campaigns", "segments", "weekday_hour"), 1)
                ],
                "schedule": "weekly",
                "recipient_ids": [Command.set(self.manager.ids)],
            }
        )
        self.florist._name(report, "report_monday")
        letter = self.env.ref("customer_club.club_report_letter", raise_if_not_found=False)
        if letter:
            letter.write({"schedule": "monthly", "recipient_ids": [Command.set(self.manager.ids)]})
