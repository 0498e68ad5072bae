"""Whose membership a text message of the club is about: it is of no document, so nothing else would tell."""

from odoo import fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    club_member_id = fields.Many2one("club.member", index="btree_not_null", ondelete="set null")
