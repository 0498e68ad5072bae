"""A banner as somebody would see it."""

from odoo import api, fields, models
from odoo.addons.customer_club.models.banner.club_banner import PLACES


class ClubBannerPreview(models.TransientModel):
    _name = "club.banner.preview"
    _description = "Preview of a Banner"
    _inherit = "club.bounded"

    banner_id = fields.Many2one("club.banner", required=True, ondelete="cascade")
    club_id = fields.Many2one(related="banner_id.club_id")
    viewer = fields.Selection(
        [("member", "A member"), ("customer", "Signed in, no member"), ("guest", "Not signed in")],
        string="As",
        required=True,
        default="member",
    )
    member_id = fields.Many2one(
        "club.member", domain="[('club_id', '=', club_id)]", default=lambda self: self._default_member_id()
    )
    verdict = fields.Text(compute="_compute_verdict")
    body = fields.Html(compute="_compute_body", sanitize=False)

    @api.model
    def _default_member_id(self):
        banner = self.env["club.banner"].browse(self.env.context.get("default_banner_id"))
        banner.check_access("read")
        members = self.env["club.member"].search([("club_id", "=", banner.club_id.id)], limit=50)
        fitting = members.filtered(
            lambda member: not banner._get_viewer_refusals({member.sudo().club_id: member.sudo()}, True)[banner.id]
        )
        return fitting[:1] or members[:1]

    @api.depends("banner_id")
    @api.depends_context("lang")
    def _compute_body(self):
        for preview in self:
            preview.banner_id.check_access("read")
            place = next((place for place in PLACES if preview.banner_id[f"at_{place}"]), PLACES[0])
            values = preview.banner_id.sudo()._prepare_showing(place)
            # Staff may look at the picture by their own rights; the page's address asks for the visitor's.
            picture = f"/web/image/club.banner/{preview.banner_id.id}/image" if values["picture"] else ""
            preview.body = self.env["ir.qweb"]._render(
                "customer_club.club_banner_show", {**values, "picture": picture, "link": values["link"] and "#"}
            )

    @api.depends("banner_id", "viewer", "member_id")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for preview in self:
            preview.verdict = preview._judge()

    def _judge(self):
        """Whether the chosen person sees the banner now; if not, every reason."""
        _ = self.env._
        # What follows asks for tiers, tags and segments: only of whom the reader may read anyway.
        self.banner_id.check_access("read")
        self.member_id.check_access("read")
        banner = self.banner_id.sudo()
        member = self.member_id.sudo()
        if self.viewer == "member" and member.club_id != banner.club_id:
            return _("Choose a member of %(club)s.", club=banner.club_id.name)
        members = {banner.club_id: member} if self.viewer == "member" else {}
        refusal = banner._get_viewer_refusals(members, self.viewer != "guest")[banner.id]
        words = {
            "who": _("it is for others"),
            "early": _("its first day is still to come"),
            "over": _("its last day is over"),
            "tier": _("it asks for another tier"),
            "group": _("it asks for another group"),
            "segment": _("it asks for another segment"),
        }
        reasons = [
            words.get(refusal, ""),
            "" if banner.is_on and banner.active else _("it is off"),
            "" if banner._filter_in_hours() else _("it is shown at other hours"),
            "" if banner._filter_fresh(members, "") else _("the member has seen it often enough"),
            "" if any(banner[f"at_{place}"] for place in PLACES) else _("it has no place"),
        ]
        told = ", ".join(filter(None, reasons))
        if told:
            return _("Not shown now: %(reasons)s.", reasons=told)
        before = (
            self.env["club.banner"]
            .sudo()
            .search([("club_id.company_id", "=", banner.company_id.id), ("is_on", "=", True)], limit=60)
        )
        refusals = before._get_viewer_refusals(members, self.viewer != "guest")
        shadowed = [
            label
            for place, label in banner._get_place_labels().items()
            if banner[f"at_{place}"]
            and before.filtered(
                lambda other, place=place: (
                    other[f"at_{place}"]
                    and not refusals[other.id]
                    and other._filter_in_hours()
                    and (not other.website_id or not banner.website_id or other.website_id == banner.website_id)
                )
            )[:1]
            != banner
        ]
        if shadowed:
            return _("Shown now, but another banner comes first here: %(places)s.", places=", ".join(shadowed))
        return _("Shown now.")
