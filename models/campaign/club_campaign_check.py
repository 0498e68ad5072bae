"""What a campaign must be before it may begin: complete, of one club, with links that stay on the own site."""

from odoo import api, models
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.exceptions import ValidationError


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for campaign in self:
            if campaign.date_to < campaign.date_from:
                raise ValidationError(
                    self.env._(
                        "The campaign %(campaign)s would end before it begins. Set the last day on or after the first.",
                        campaign=campaign.name,
                    )
                )

    @api.constrains("club_id", "segment_id", "rule_id", "prize_id", "program_id", "mail_template_id")
    def _check_club(self):
        for campaign in self:
            foreign = [
                record
                for record in (campaign.segment_id, campaign.rule_id, campaign.prize_id.sudo())
                if record and record.club_id != campaign.club_id
            ]
            program = campaign.program_id.sudo()
            if program and (
                program.program_type != "coupons" or (program.company_id or campaign.company_id) != campaign.company_id
            ):
                foreign.append(program)
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(other)s cannot be used by the campaign %(campaign)s. Choose one of %(club)s, and a program "
                        "of the type Coupons.",
                        other=foreign[0].display_name,
                        campaign=campaign.name,
                        club=campaign.club_id.name,
                    )
                )
            if campaign.mail_template_id and campaign.mail_template_id.sudo().model != "club.campaign.target":
                raise ValidationError(
                    self.env._(
                        "The template %(template)s is for other documents. Choose one for campaigns.",
                        template=campaign.mail_template_id.sudo().name,
                    )
                )

    @api.constrains(
        *("action", "points", "multiplier", "rule_id", "program_id", "discount", "buy_quantity", "product_id"),
        *("prize_id", "is_ab", "subject_b", "body_b"),
    )
    def _check_action(self):
        for campaign in self:
            missing = campaign._find_missing()
            if missing:
                raise ValidationError(missing)

    def _find_missing(self):
        """What the chosen action lacks, in words; empty if it can be done."""
        self.ensure_one()
        _ = self.env._
        club = self.club_id
        favourite = {
            "discount": 0 < self.discount <= 100,
            "buy_get": self.buy_quantity > 0 and self.get_quantity > 0,
        }
        complete = {
            "message": True,
            "points": bool(club and club._round_down(self.points) > 0),
            "multiplier": self.multiplier > 1 and bool(self.rule_id),
            "coupon": bool(self.program_id),
            "favourite": favourite.get(self.favourite_offer, False),
            "gift": bool(self.product_id),
            "prize": bool(self.prize_id),
        }
        if self.is_ab and not (self.subject_b and self.body_b):
            return _(
                "%(campaign)s tries two texts. Write the second subject and the second message.", campaign=self.name
            )
        if complete[self.action]:
            return ""
        return {
            "points": _("%(campaign)s gives no points. Write how many.", campaign=self.name),
            "multiplier": _(
                "%(campaign)s needs a rule and a number above 1 by which its points are multiplied.", campaign=self.name
            ),
            "coupon": _("%(campaign)s needs a program of coupons.", campaign=self.name),
            "favourite": _(
                "%(campaign)s needs a discount of up to 100 %%, or how many to buy and get.", campaign=self.name
            ),
            "gift": _("%(campaign)s needs the product that is given.", campaign=self.name),
            "prize": _("%(campaign)s needs the prize that is given.", campaign=self.name),
        }[self.action]

    @api.constrains("subject", "body", "subject_b", "body_b", "button")
    def _check_placeholders(self):
        for campaign in self:
            words = (campaign[name] or "" for name in ("subject", "body", "subject_b", "body_b", "button"))
            unknown = engine_campaign.find_unknown(" ".join(words))
            if unknown:
                raise ValidationError(campaign._say_unknown(unknown))

    def _say_unknown(self, unknown):
        return self.env._(
            "The message has {%(unknown)s}, of which nothing is known. Use: %(known)s.",
            unknown=unknown[0],
            known=", ".join(f"{{{name}}}" for name in engine_campaign.PLACEHOLDERS),
        )

    @api.constrains("path")
    def _check_path(self):
        """Links stay on the shop's own site (abuse 20)."""
        for campaign in self:
            path = campaign.path or "/"
            if not path.startswith("/") or path.startswith(("//", "/\\")) or any(sign in path for sign in "\\\r\n\t "):
                raise ValidationError(
                    self.env._(
                        "%(path)s is no page of your own website. Write it from the slash on, like /shop.", path=path
                    )
                )
