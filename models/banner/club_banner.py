"""A banner: who sees what, where and when, in the account and in the shop."""

import contextlib

from lxml import etree, html
from odoo import api, fields, models
from odoo.addons.customer_club.engine import banner as engine_banner
from odoo.exceptions import UserError, ValidationError

TITLE_LENGTH, TEXT_LENGTH = 120, 600
#: Places in the order in which they are named; those of the member's own pages come from the server with the page.
PLACES = ("portal", "rewards", "shop", "product", "cart", "snippet")
PUBLIC_PLACES = ("shop", "product", "cart")
#: Attributes of a text that lead somewhere, or load something.
LINKS = ("href", "src", "srcset", "action")
CONDITIONS = ("audience_from_tier_id", "audience_tier_ids", "audience_group_ids", "audience_segment_ids")


class ClubBanner(models.Model):
    """A text with a picture and a link. Of the banners of a place, each person gets the first one that is for them.

    Pages that a cache may keep carry an empty place only; what stands there is asked for by the browser, for its own
    session (abuse 25).
    """

    _name = "club.banner"
    _description = "Club Banner"
    _inherit = ["mail.thread", "club.owned", "club.copied", "club.audience"]
    _order = "sequence, id"
    _rec_name = "title"
    _longest_name = TITLE_LENGTH

    title = fields.Char(required=True, translate=True, tracking=True)
    text = fields.Html(translate=True, sanitize=True, sanitize_overridable=False, strip_style=True, strip_classes=True)
    image = fields.Image(string="Picture", max_width=1920, max_height=1080)
    url = fields.Char(
        string="Leads To",
        tracking=True,
        help="A page of your own site, like /shop, or https:// on a site that the club lists. Empty: no button.",
    )
    button = fields.Char(string="Button Says", translate=True)
    active = fields.Boolean(default=True)
    is_on = fields.Boolean(string="Switched On", tracking=True, copy=False)
    sequence = fields.Integer(default=10, help="Of several banners for the same place, the first one is shown.")
    website_id = fields.Many2one(
        "website", domain="[('company_id', '=', company_id)]", help="Empty: every website of the company."
    )

    # Who: the conditions of an audience, or people who are no members
    who = fields.Selection(
        [
            ("members", "Members"),
            ("strangers", "Everybody who is no member"),
            ("guests", "Visitors who are not signed in"),
            ("everyone", "Everybody"),
        ],
        default="members",
        required=True,
        tracking=True,
    )

    # Where
    at_portal = fields.Boolean(string="Overview in the Account", default=True)
    at_rewards = fields.Boolean(string="Rewards in the Account")
    at_shop = fields.Boolean(string="Top of the Shop")
    at_product = fields.Boolean(string="Product Pages")
    at_cart = fields.Boolean(string="Cart")
    at_snippet = fields.Boolean(
        string="Building Block", help='Wherever the block "Club Banner" of the website builder was dropped.'
    )

    # When, besides the days of the audience
    hour_from = fields.Float(string="From Hour", help="In the club's time zone.")
    hour_to = fields.Float(string="To Hour", default=24.0)
    most_views = fields.Integer(
        string="At Most",
        help="How many visits one member sees it on; then comes the next banner of the place. 0: no limit.",
    )

    sentence = fields.Char(string="In Words", compute="_compute_sentence")
    hint = fields.Char(compute="_compute_hint")

    _hours = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_from <= 24 AND hour_to >= 0 AND hour_to <= 24)",
        "Hours go from 0 to 24.",
    )
    _most_views_positive = models.Constraint(
        "CHECK(most_views >= 0)", "A number of visits cannot be negative. Use 0 for no limit."
    )
    _showing_idx = models.Index("(company_id, sequence, id) WHERE is_on AND active")

    # -- computes ------------------------------------------------------------

    @api.depends(
        "who",
        *CONDITIONS,
        "date_from",
        "date_to",
        "hour_from",
        "hour_to",
        "most_views",
        "is_on",
        "active",
        *(f"at_{place}" for place in PLACES),
    )
    @api.depends_context("lang")
    def _compute_sentence(self):
        for banner in self:
            banner.sentence = banner._say() if banner.club_id else ""

    @api.depends("who", "club_id", "website_id", "is_on", "active", *(f"at_{place}" for place in PUBLIC_PLACES))
    @api.depends_context("lang")
    def _compute_hint(self):
        """A place in the shop keeps its height for everybody, so somebody may see an empty strip."""
        _ = self.env._
        everyone = self.sudo().search([("who", "=", "everyone"), ("company_id", "in", self.company_id.ids)])
        for banner in self:
            empty = [
                label
                for place, label in self._get_place_labels().items()
                if place in PUBLIC_PLACES
                and banner[f"at_{place}"]
                and banner.who != "everyone"
                and not any(
                    other[f"at_{place}"] and other.is_on and other.company_id == banner.company_id for other in everyone
                )
            ]
            banner.hint = (
                _(
                    "Whoever gets no banner sees an empty strip there: %(places)s. A last banner for everybody fills "
                    "it.",
                    places=", ".join(empty),
                )
                if banner.is_on and empty
                else ""
            )

    # -- constrains ----------------------------------------------------------

    @api.constrains("title", "button", "text")
    def _check_length(self):
        for banner in self:
            plain = html.fromstring(f"<div>{banner.text or ''}</div>").text_content()
            if max(len(banner.title or ""), len(banner.button or "")) > TITLE_LENGTH or len(plain) > TEXT_LENGTH:
                raise ValidationError(
                    self.env._(
                        "%(banner)s says too much for its place: at most %(title)s characters in the title and on the "
                        "button, %(text)s in the text. Shorten it and let the link tell the rest.",
                        banner=(banner.title or "")[:TITLE_LENGTH],
                        title=TITLE_LENGTH,
                        text=TEXT_LENGTH,
                    )
                )

    @api.constrains("url", "text", "club_id")
    def _check_links(self):
        for banner in self:
            hosts = banner.club_id.sudo()._get_banner_hosts()
            links = [banner.url] if banner.url else []
            links += [address for _node, _name, address in banner._find_links(banner.text)]
            for address in links:
                if not engine_banner.is_allowed(address, hosts):
                    raise ValidationError(
                        self.env._(
                            "%(banner)s leads to %(address)s. Use a page of your own site, like /shop; or add the host "
                            "to the hosts that banners may lead to, on the page of the club, and write https://.",
                            banner=banner.title,
                            address=address[:200],
                        )
                    )

    @api.constrains("who", *CONDITIONS)
    def _check_who(self):
        for banner in self:
            if banner.who != "members" and any(banner.sudo()[name] for name in CONDITIONS):
                raise ValidationError(
                    self.env._(
                        "%(banner)s is not for members only, so it cannot ask for a tier, a group or a segment. "
                        "Empty these, or show it to members.",
                        banner=banner.title,
                    )
                )

    @api.constrains("website_id", "club_id")
    def _check_website(self):
        for banner in self:
            if banner.website_id and banner.sudo().website_id.company_id != banner.company_id:
                raise ValidationError(
                    self.env._(
                        "%(website)s is of another company than %(club)s. Choose a website of the same company.",
                        website=banner.website_id.name,
                        club=banner.club_id.name,
                    )
                )

    @api.constrains("club_id")
    def _check_club_stays(self):
        """What was counted belongs to the club."""
        for banner in self:
            if (
                banner.sudo()
                .env["club.banner.hit"]
                .search_count([("banner_id", "=", banner.id), ("club_id", "!=", banner.club_id.id)], limit=1)
            ):
                raise ValidationError(
                    self.env._(
                        "%(banner)s was seen in another club already. Duplicate it for %(club)s.",
                        banner=banner.title,
                        club=banner.club_id.name,
                    )
                )

    @api.onchange("who")
    def _onchange_who(self):
        if self.who != "members":
            self.update({name: False for name in CONDITIONS})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_seen(self):
        seen = self.env["club.banner.hit"].sudo().search([("banner_id", "in", self.ids)], limit=1)
        if seen:
            raise UserError(
                self.env._(
                    "%(banner)s was seen already, and its results stay. Archive it.", banner=seen.banner_id.title
                )
            )

    # -- text ----------------------------------------------------------------

    def _find_links(self, text):
        """Addresses in a text, as ``(node, attribute, address)`` of a tree made of it."""
        if not text:
            return []
        found = []
        with contextlib.suppress(etree.ParserError):
            for node in html.fromstring(f"<div>{text}</div>").iter():
                found += [(node, name, node.get(name)) for name in LINKS if node.get(name)]
        return found

    # -- words ---------------------------------------------------------------

    @api.model
    def _get_place_labels(self):
        """``{place: label}`` in the order of the places."""
        return {place: self._fields[f"at_{place}"]._description_string(self.env) for place in PLACES}

    def _say(self):
        """Who sees it, where and when, in one sentence."""
        self.ensure_one()
        _ = self.env._
        places = [label for place, label in self._get_place_labels().items() if self[f"at_{place}"]]
        if not places:
            return _("Nobody sees it: choose a place.")
        parts = [
            _("%(who)s see it here: %(places)s", who=self._say_who(), places=", ".join(places)),
            self._say_days(),
            self._say_hours(),
            _("on at most %(count)s visits each", count=self.most_views) if self.most_views else "",
        ]
        sentence = ", ".join(filter(None, parts)) + "."
        if not self.is_on or not self.active:
            return _("%(sentence)s It is off: nobody sees it yet.", sentence=sentence)
        return sentence

    def _say_who(self):
        _ = self.env._
        if self.who == "strangers":
            return _("All who are no members")
        if self.who == "guests":
            return _("Visitors who are not signed in")
        if self.who == "everyone":
            return _("All")
        banner = self.sudo()
        parts = [
            banner.audience_from_tier_id
            and _("from the tier %(tier)s", tier=banner.audience_from_tier_id.display_name),
            banner.audience_tier_ids and _("with the tier %(tiers)s", tiers=self._names(banner.audience_tier_ids)),
            banner.audience_group_ids and _("of the groups %(groups)s", groups=self._names(banner.audience_group_ids)),
            banner.audience_segment_ids
            and _("of the segments %(segments)s", segments=self._names(banner.audience_segment_ids)),
        ]
        named = ", ".join(filter(None, parts))
        if named:
            return _("Members of %(club)s %(which)s", club=self.club_id.name, which=named)
        return _("Members of %(club)s", club=self.club_id.name)

    def _names(self, records):
        return ", ".join(record.display_name for record in records)

    def _say_days(self):
        _ = self.env._
        club = self.club_id
        first, last = club._show_day(self.date_from), club._show_day(self.date_to)
        if first and last:
            return _("from %(first)s until %(last)s", first=first, last=last)
        if first:
            return _("from %(first)s on", first=first)
        return _("until %(last)s", last=last) if last else ""

    def _say_hours(self):
        if self.hour_from == self.hour_to or (self.hour_from <= 0 and self.hour_to >= engine_banner.DAY_HOURS):
            return ""
        return self.env._(
            "between %(first)s and %(last)s",
            first=engine_banner.show_hour(self.hour_from),
            last=engine_banner.show_hour(self.hour_to),
        )
