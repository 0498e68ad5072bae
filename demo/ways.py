"""What the florist's members do besides buying: they come by, answer, review, suggest, bring friends, keep their days.

Each happening goes through the way that people use, on its day; :mod:`florist` calls :meth:`Ways.live` day by day.
"""

from typing import NamedTuple

from odoo import fields
from odoo.fields import Command


class Happening(NamedTuple):
    """Something that a member did so many days ago; ``what`` is the name of a method of :class:`Ways`."""

    days_ago: int
    what: str
    who: str
    words: tuple = ()


HAPPENINGS = (
    *(Happening(days, "visit", "customer") for days in (176, 150, 96, 61, 55, 48, 27, 20, 13, 5)),
    *(Happening(days, "visit", "amara") for days in (158, 99, 71, 36, 12)),
    *(Happening(days, "visit", "keiko") for days in (43, 30, 14)),
    Happening(130, "answer_survey", "amara", (4,)),
    Happening(96, "answer_survey", "chiara", (2,)),
    Happening(51, "answer_survey", "customer", (4,)),
    Happening(120, "review", "customer", ("roses", 5, "They opened slowly and stood for almost two weeks.")),
    Happening(85, "review", "customer", ("peonies", 4, "Wonderful scent; two of the stems were a little short.")),
    Happening(118, "suggest", "chiara", ("Tulips by colour", "Let us choose the colour of tulips in the web shop.")),
    Happening(45, "suggest", "amara", ("Vases that come back", "Take used vases back and give them a second life.")),
    Happening(34, "complete_profile", "customer"),
    Happening(58, "bring_vase_back", "customer"),
    Happening(21, "bring_vase_back", "amara"),
    Happening(37, "buy_at_cafe", "customer", ("2041", 18.40)),
    Happening(16, "buy_at_cafe", "customer", ("2207", 23.90)),
)

#: Who joined through whose link.
BROUGHT = {"ines": "amara", "jonas": "amara", "leyla": "customer", "marcus": "customer"}

#: Contests: name, from and to (days from today), who takes part under which name.
CONTESTS = (
    ("Who comes by most often?", -75, -35, {"customer": "Rosie", "amara": "Peony", "elif": "Ela"}),
    ("Flowers of the season", -20, 25, {"customer": "Rosie", "amara": "Peony", "leyla": "Lale", "keiko": "Kei"}),
)

#: What is still to be judged today: kind, who, subject, text.
WAITING = (
    ("critique", "hugo", "Closed at noon", "I came at noon twice; the shop was closed, the sign said open."),
    ("suggestion", "elif", "Orchid care evening", "An evening on keeping orchids alive would bring me in."),
    ("request", "ines", "White roses in June", "Will you have white roses on 14 June? I need about sixty."),
)


class Ways:
    """Rules for what is no purchase, and half a year of it.

    :param florist: the florist whose club this is.
    """

    def __init__(self, florist):
        self.florist = florist
        self.env = florist.env
        self.club = florist.club

    # -- setting up ----------------------------------------------------------------

    def set_up(self):
        """The rules, and what they are about; before the first day."""
        self.club.feedback_user_id = self.env.ref("customer_club.demo_user_manager")
        self.club.action_ask_usual()
        self.survey = self._make_survey()
        self.vase_back = self.env["club.custom.fact"].create(
            {"club_id": self.club.id, "name": "brought a vase back", "code": "vase-back"}
        )
        self.cafe = self._make_cafe()
        self._make_question()
        self.env["club.occasion.reminder"].create(
            {
                "club_id": self.club.id,
                "kind": "any",
                "days_before": 7,
                "offer": "Order until the day before, and we wrap it as a gift.",
            }
        )
        self.env["club.follow.up"].create(
            {
                "club_id": self.club.id,
                "name": "A good customer complained",
                "event_type": "feedback",
                "feedback_critique": True,
                "tier_from_id": self.env.ref("customer_club.demo_tier_bloom").id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.env.ref("customer_club.demo_user_manager").id,
                "deadline_days": 1,
            }
        )
        self.env.ref("website_sale.product_comment").active = True  # the shop's pages show reviews, and take them
        for vals in self._get_rules():
            self.env["club.earn.rule"].create({"club_id": self.club.id, "use_multiplier": False, **vals})

    def _get_rules(self):
        return [
            {"name": "Come by", "event_type": "visit", "points": 2, "limit_member": 10, "limit_period": "month"},
            {
                "name": "Four weeks in a row",
                "event_type": "visit",
                "points": 30,
                "streak_count": 4,
                "streak_period": "week",
            },
            {"name": "Profile complete", "event_type": "profile", "points": 50},
            {
                "name": "Tell us about your last bouquet",
                "event_type": "survey",
                "points": 20,
                "survey_ids": [Command.set(self.survey.ids)],
            },
            {"name": "Review what you bought", "event_type": "review", "points": 15, "limit_member": 60},
            {"name": "A friend joins", "event_type": "referral_join", "points": 25, "referral_side": "both"},
            {
                "name": "A friend's first purchase",
                "event_type": "referral_purchase",
                "points": 50,
                "referral_purchases": "first",
            },
            {"name": "A step up", "event_type": "tier", "points": 50},
            {
                "name": "A purchase near a birthday",
                "points": 25,
                "near_kind": "birthday",
                "near_before": 7,
                "near_after": 7,
                "limit_member": 25,
                "limit_period": "year",
            },
            {
                "name": "A vase that comes back",
                "event_type": "custom",
                "points": 5,
                "custom_fact_ids": [Command.set(self.vase_back.ids)],
            },
            {
                "name": "Coffee across the street",
                "event_type": "merchant_purchase",
                "merchant_ids": [Command.set(self.cafe.ids)],
                "formula": "per_amount",
                "points": 1,
                "per_amount": 2,
            },
            {"name": "A suggestion that we accept", "event_type": "feedback", "points": 40},
        ]

    def _make_survey(self):
        survey = self.env["survey.survey"].create(
            {
                "title": "Your last bouquet",
                "access_mode": "public",
                "users_login_required": True,
                "club_id": self.club.id,
                "question_and_page_ids": [
                    Command.create(
                        {
                            "title": "How did you like it?",
                            "question_type": "simple_choice",
                            "suggested_answer_ids": [
                                Command.create({"value": value}) for value in ("Not at all", "Well", "Very much")
                            ],
                        }
                    ),
                ],
            }
        )
        self.florist._name(survey, "survey_bouquet")
        return survey

    def _make_cafe(self):
        business = self.env["res.partner"].create({"name": "Café Amélie", "is_company": True})
        cafe = self.env["club.merchant"].create(
            {"club_id": self.club.id, "partner_id": business.id, "code": "amelie", "points_per_month": 500}
        )
        self.florist._name(cafe, "merchant_amelie")
        return cafe

    def _make_question(self):
        """What the counter asks at a purchase; an anniversary is kept."""
        choices = (("A birthday", "birthday"), ("Our anniversary", "anniversary"), ("Just so", False))
        self.env["club.question"].create(
            {
                "club_id": self.club.id,
                "name": "What is the occasion?",
                "moment": "sale",
                "repeat": "always",
                "choice_ids": [
                    Command.create({"name": name, "occasion_kind": kind, "sequence": number})
                    for number, (name, kind) in enumerate(choices)
                ],
            }
        )

    # -- the days --------------------------------------------------------------------

    def live(self, day):
        """What happened so many days ago."""
        for happening in HAPPENINGS:
            if happening.days_ago == day:
                member = self.env.ref(f"customer_club.demo_member_{happening.who}").sudo()
                getattr(self, f"_{happening.what}")(member, *happening.words)
        for name, first, last, people in CONTESTS:
            if first == -day:
                self._make_contest(name, first, last, people)

    def _visit(self, member):
        member._record_visit("counter")

    def _answer_survey(self, member, choice):
        question = self.survey.question_ids[:1]
        answer = self.survey.sudo()._create_answer(partner=member.partner_id, check_attempts=False)
        answer._mark_in_progress()
        answer._save_lines(question, str(question.suggested_answer_ids[min(choice, 2)].id))
        answer._mark_done()

    def _review(self, member, product, stars, words):
        """As the member in person, signed in: nobody else's review counts."""
        user = member.partner_id.user_ids[:1]
        template = self.env.ref(f"customer_club.demo_product_{product}").product_tmpl_id
        template.with_user(user).sudo().message_post(
            body=words, rating_value=stars, message_type="comment", subtype_xmlid="mail.mt_comment"
        )

    def _suggest(self, member, subject, text):
        piece = self._write(member, "suggestion", subject, text)
        piece.usefulness = "4"
        piece.with_user(self.env.ref("customer_club.demo_user_manager")).action_accept()

    def _write(self, member, kind, subject, text):
        return (
            self.env["club.feedback"]
            .sudo()
            .create({"member_id": member.id, "kind": kind, "subject": subject, "text": text, "source": "portal"})
        )

    def _complete_profile(self, member):
        """Rosa writes down what the club still asks for; her birthday is in five days."""
        member.partner_id.write(
            {"street": "4 Garden Row", "city": "Springfield", "zip": "62701", "country_id": self.env.ref("base.us").id}
        )
        soon = fields.Date.add(self.florist.now.date(), days=5)
        later = fields.Date.add(self.florist.now.date(), days=19)
        common = {"member_id": member.id, "calendar": "gregorian"}
        self.env["club.occasion"].create(
            [
                {**common, "kind": "birthday", "month": soon.month, "day": min(soon.day, 28), "year": 1988},
                {
                    **common,
                    "kind": "relative",
                    "name": "My mother's birthday",
                    "month": later.month,
                    "day": min(later.day, 28),
                },
            ]
        )
        self.env.cr.flush()

    def _bring_vase_back(self, member):
        report = self.env["club.custom.fact.wizard"].create({"member_id": member.id, "fact_id": self.vase_back.id})
        report.action_report()

    def _buy_at_cafe(self, member, receipt, amount):
        self.env["club.merchant.purchase"].create(
            {
                "merchant_id": self.cafe.id,
                "member_id": member.id,
                "reference": receipt,
                "amount": amount,
                "occurred_at": fields.Datetime.now(),
            }
        ).action_record()

    def find_referral(self, who):
        """How somebody joined who came through a member's link two days before; nothing for anybody else."""
        if who not in BROUGHT:
            return {}
        referrer = self.env.ref(f"customer_club.demo_member_{BROUGHT[who]}").sudo()
        referrer._make_referral_links()
        self.env["club.referral.visit"].sudo()._count(referrer, f"demo browser of {who}", f"demo device of {who}")
        return {"referral": {"touches": [referrer._prepare_referral_touch()]}}

    # -- today -----------------------------------------------------------------------

    def finish(self):
        """What waits for somebody today."""
        self.env["club.contest"].search([("club_id", "=", self.club.id)]).filtered(
            lambda contest: contest.date_to < self.florist.now.date()
        ).action_close()
        for kind, who, subject, text in WAITING:
            self._write(self.env.ref(f"customer_club.demo_member_{who}").sudo(), kind, subject, text)

    def _make_contest(self, name, first, last, people):
        today = self.florist.now.date()
        contest = self.env["club.contest"].create(
            {
                "club_id": self.club.id,
                "name": name,
                "date_from": fields.Date.add(today, days=first),
                "date_to": fields.Date.add(today, days=last),
                "measure": "count",
                "type_ids": [Command.create({"event_type": "visit" if last < 0 else "purchase"})],
                "prize_ids": [
                    Command.create({"kind": "gift", "gift": "A bouquet of the season"}),
                    Command.create({"place_from": 2, "place_to": 3, "points": 40}),
                ],
            }
        )
        contest.action_open()
        for who, nickname in people.items():
            contest._opt_in(self.env.ref(f"customer_club.demo_member_{who}").sudo(), nickname)
