"""Members are what staff follow up."""

from odoo import models


class ClubMember(models.Model):
    _name = "club.member"
    _inherit = ["club.member", "mail.activity.mixin"]
