"""A campaign: to whom, when, what, and against which control group its effect is measured."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Marks our own change of what nobody types, in the context: an object that no caller from outside can name (abuse 5).
OURS = object()
#: Set by the campaign itself.
KEPT = frozenset(
    {
        "state",
        "salt",
        "started_at",
        "enrolled_at",
        "sending_ended_at",
        "ended_at",
        "stop_reason",
        "result",
        "read_at",
        "extra_rule_id",
        "utm_campaign_id",
        "link_id",
    }
)
#: What may be changed once members are chosen: a result means something only if the question was asked before.
FREE = frozenset({"name", "active", "message_main_attachment_id", "user_id"})
#: How long a new campaign lets members in, unless one says otherwise.
DAYS = 28


class ClubCampaign(models.Model):
    """Members of a segment (or those to whom something happens) get an offer, and a random share of them does not.

    Who can be reached is found first: consent, address, blacklist and frequency limit the campaign, each with its
    reason. Chance (a salt drawn at the beginning, :func:`engine.campaign.arm`) then puts each of those who are left
    into an arm, before anything is sent. Who was to get the offer counts as such, whatever happened on the way:
    comparing only those who opened it would compare different people.

    ``member_days`` is the time that the campaign has for each member: the offer holds so long, and what the member does
    in it counts, in both arms alike. The verdict is given once, when that time is over for all
    (:mod:`engine.uplift`); until then nobody sees the arms apart.
    """

    _name = "club.campaign"
    _description = "Club Campaign"
    _inherit = ["mail.thread", "club.owned", "club.copied"]
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, help="For yourself: members never read it.")
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user, domain="[('share', '=', False)]"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("scheduled", "Scheduled"),
            ("running", "Running"),
            ("measuring", "Being Measured"),
            ("done", "Done"),
            ("stopped", "Stopped"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )

    # Why
    goal = fields.Char(help="What it is to bring, in your words.")
    goal_kind = fields.Selection(
        [
            ("purchases", "Members buy"),
            ("visits", "Members visit"),
            ("joins", "Members bring new members"),
            ("redemption", "Members use their points"),
        ],
        string="What Counts",
        required=True,
        default="purchases",
    )
    hypothesis = fields.Text(help="What you expect and why, written down before you know.")
    metric = fields.Selection(
        [("share", "The share of members who do it"), ("amount", "What a member spends on average")],
        string="Judged By",
        required=True,
        default="share",
        help="Chosen beforehand: who looks at many measures finds a success by chance.",
    )
    control_share = fields.Float(
        string="Control Group (%)",
        default=20.0,
        digits=(16, 1),
        help="So many of 100 members, chosen by chance, get nothing: they show what would have happened anyway.",
    )

    # Who and when
    segment_id = fields.Many2one(
        "club.segment", domain="[('club_id', '=', club_id)]", ondelete="restrict", help="Empty: all members."
    )
    trigger = fields.Selection(
        [
            ("once", "Once, to all of them"),
            ("win_back", "After so many days of silence"),
            ("unused", "When points lie unused"),
            ("expiring", "Before points expire"),
            ("tier_near", "When a tier is within reach"),
            ("occasion", "Before an occasion"),
            ("welcome", "After joining"),
        ],
        string="When",
        required=True,
        default="once",
    )
    trigger_days = fields.Integer(string="Days", default=60)
    trigger_points = fields.Float(string="From Points", digits=(16, 2), default=100.0)
    trigger_distance = fields.Float(
        string="Missing at Most", digits=(16, 2), default=100.0, help="In what the club's tiers count."
    )
    occasion_kind = fields.Selection(
        [
            ("any", "Any occasion"),
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("relative", "A relative's day"),
            ("other", "Other"),
        ],
        default="birthday",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=DAYS - 1),
        help="Last day on which members come in, included.",
    )
    member_days = fields.Integer(
        string="Days per Member",
        required=True,
        default=14,
        help="The offer holds so long for each member, and what the member does in it counts.",
    )

    # What
    action = fields.Selection(
        [
            ("message", "Only the message"),
            ("points", "Bonus points"),
            ("multiplier", "More points for what they do"),
            ("coupon", "A coupon"),
            ("favourite", "A coupon for each one's favourite product"),
            ("gift", "A product as a gift"),
            ("prize", "A prize of the catalogue"),
        ],
        string="They Get",
        required=True,
        default="message",
    )
    points = fields.Float(string="Bonus Points", digits=(16, 2))
    points_days = fields.Integer(string="Bonus Valid (Days)", help="0: as the club says.")
    multiplier = fields.Float(string="Times the Points", default=2.0, digits=(16, 2))
    rule_id = fields.Many2one(
        "club.earn.rule", string="Of the Rule", domain="[('club_id', '=', club_id)]", ondelete="restrict"
    )
    extra_rule_id = fields.Many2one("club.earn.rule", readonly=True, copy=False, ondelete="restrict")
    program_id = fields.Many2one(
        "loyalty.program",
        string="Coupon Program",
        domain="[('program_type', '=', 'coupons'), ('company_id', 'in', [company_id, False])]",
        ondelete="restrict",
    )
    favourite_offer = fields.Selection(
        [("discount", "A discount"), ("buy_get", "Buy so many, get some free")], default="discount"
    )
    discount = fields.Float(string="Discount (%)", default=20.0, digits=(16, 2))
    buy_quantity = fields.Integer(string="Buy", default=2)
    get_quantity = fields.Integer(string="Get Free", default=1)
    product_id = fields.Many2one("product.product", string="Gift", domain="[('sale_ok', '=', True)]")
    prize_id = fields.Many2one(
        "club.prize",
        domain="[('club_id', '=', club_id)]",
        ondelete="restrict",
        help="It costs the members nothing. Each gets it as the prize says: at the counter, by an order, as a code.",
    )
    unit_cost = fields.Monetary(string="Cost of One", help="What one coupon or gift costs you when it is used.")
    budget_points = fields.Float(
        string="Most Points", digits=(16, 2), help="Nothing more is sent when they are given. 0: no limit."
    )
    budget_money = fields.Monetary(
        string="Most Money", help="Points at their worth, and coupons as if all were used. 0: no limit."
    )

    # How
    channel = fields.Selection(
        [("email", "E-mail"), ("sms", "SMS"), ("portal", "Notice in the member's account")],
        required=True,
        default="email",
    )
    subject = fields.Char(translate=True, required=True, default=lambda self: self._default_text(0))
    body = fields.Text(
        string="Message",
        translate=True,
        required=True,
        default=lambda self: self._default_text(1),
        help="{name}, {points}, {expiring}, {tier}, {next_tier}, {product}, {code}, {offer}, {until}, {club} "
        "are replaced for each member.",
    )
    is_ab = fields.Boolean(
        string="Try Two Texts", help="Chance gives each member one of two; in the end you see which brought more."
    )
    subject_b = fields.Char(string="Second Subject", translate=True)
    body_b = fields.Text(string="Second Message", translate=True)
    button = fields.Char(translate=True, default=lambda self: self.env._("Look at it"))
    path = fields.Char(
        string="Leads To", help="A page of your own website, e.g. /shop. Empty: the member's page in the club."
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Look of the E-mail",
        domain="[('model', '=', 'club.campaign.target')]",
        ondelete="restrict",
        default=lambda self: self.env.ref("customer_club.mail_template_campaign", raise_if_not_found=False),
    )
    step_ids = fields.One2many("club.campaign.step", "campaign_id", string="Further Messages", copy=True)

    # What becomes of it
    salt = fields.Char(readonly=True, copy=False, groups="base.group_system")
    started_at = fields.Datetime(readonly=True, copy=False)
    enrolled_at = fields.Datetime(readonly=True, copy=False)
    sending_ended_at = fields.Datetime(readonly=True, copy=False)
    ended_at = fields.Datetime(readonly=True, copy=False)
    stop_reason = fields.Selection(
        [("manager", "Stopped by hand"), ("budget", "The budget was used up")], readonly=True, copy=False
    )
    result = fields.Json(readonly=True, copy=False)
    read_at = fields.Datetime(string="Result Read", readonly=True, copy=False)
    utm_campaign_id = fields.Many2one("utm.campaign", string="UTM Campaign", readonly=True, copy=False)
    link_id = fields.Many2one("link.tracker", readonly=True, copy=False)
    link_count = fields.Integer(string="Clicks on the Link", related="link_id.count")
    target_ids = fields.One2many("club.campaign.target", "campaign_id")
    target_count = fields.Integer(string="Members", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")

    _numbers = models.Constraint(
        "CHECK(control_share >= 0 AND control_share <= 90 AND member_days > 0 AND member_days <= 365"
        " AND trigger_days >= 0 AND budget_points >= 0 AND budget_money >= 0 AND unit_cost >= 0 AND points_days >= 0)",
        "The control group is 0 to 90 of 100 members, a campaign lasts 1 to 365 days for each, and budgets, costs and "
        "days are not negative.",
    )

    # -- defaults ------------------------------------------------------------------------------------

    @api.model
    def _default_text(self, place):
        asked = (self.env.context.get(f"default_{name}") for name in ("trigger", "action"))
        trigger, action = (value or first for value, first in zip(asked, ("once", "message"), strict=True))
        return self._get_first_texts(trigger, action)[place]

    # -- computes ------------------------------------------------------------------------------------

    def _compute_counts(self):
        counts = {}
        for campaign, state, count in self.env["club.campaign.target"]._read_group(
            [("campaign_id", "in", self.ids), ("step_id", "=", False)], ["campaign_id", "state"], ["__count"]
        ):
            counts.setdefault(campaign.id, {})[state] = count
        for campaign in self:
            found = counts.get(campaign.id, {})
            campaign.target_count = sum(found.values())
            campaign.sent_count = found.get("sent", 0)

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new campaign is a draft, whatever a caller or its context says; its salt is drawn here."""
        vals_list = [
            self._add_first_texts({name: value for name, value in vals.items() if name not in KEPT})
            for vals in vals_list
        ]
        plain = {name: value for name, value in self.env.context.items() if name.removeprefix("default_") not in KEPT}
        # The whole context is replaced on purpose: merging would leave the forged defaults in it.
        campaigns = super(ClubCampaign, self.with_context(plain)).create(  # pylint: disable=context-overridden
            vals_list
        )
        for campaign in campaigns:
            campaign._keep(salt=secrets.token_hex(16))
        return campaigns.with_env(self.env)

    def write(self, vals):
        if self.env.context.get("club_campaign") is not OURS:
            self._check_change(set(vals))
        return super().write(vals)

    def _check_change(self, names):
        for campaign in self:
            if names & KEPT:
                raise UserError(
                    self.env._(
                        "The state of the campaign %(campaign)s follows from its buttons.", campaign=campaign.name
                    )
                )
            if campaign.state != "draft" and names - FREE and not all(name.startswith("message_") for name in names):
                raise UserError(
                    self.env._(
                        "The campaign %(campaign)s is no draft any more: what it asks stays as it is, or its result "
                        "would mean nothing. Take it back to a draft before it runs, or duplicate it.",
                        campaign=campaign.name,
                    )
                )

    def _keep(self, **vals):
        """Write what follows from the campaign's own steps."""
        self.sudo().with_context(club_campaign=OURS).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        for campaign in self:
            if campaign.state not in ("draft", "scheduled"):
                raise UserError(
                    self.env._(
                        "The campaign %(campaign)s has begun, and members got something of it. Archive it instead.",
                        campaign=campaign.name,
                    )
                )
