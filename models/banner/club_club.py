"""Hosts that a club's banners may lead to."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import banner as engine_banner
from odoo.exceptions import ValidationError


class ClubClub(models.Model):
    _inherit = "club.club"

    banner_hosts = fields.Text(
        string="Banners May Lead To",
        help="Hosts besides your own site, one per line, like www.example.com. Links to them begin with https://.",
    )

    @api.constrains("banner_hosts")
    def _check_banner_hosts(self):
        for club in self:
            try:
                engine_banner.parse_hosts(club.banner_hosts)
            except engine_banner.BannerError as error:  # noqa: PERF203 - the record must be named
                raise ValidationError(
                    self.env._(
                        "%(host)s, which banners of %(club)s may lead to, is no host. Write names like "
                        "www.example.com, one per line, without https:// and without a path.",
                        host=str(error)[:100],
                        club=club.name,
                    )
                ) from error

    def _get_banner_hosts(self):
        """Names of the hosts that links of banners may lead to.

        :rtype: tuple[str, ...]
        """
        self.ensure_one()
        return engine_banner.parse_hosts(self.banner_hosts or "")
