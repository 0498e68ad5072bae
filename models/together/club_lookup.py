"""How often a member looked others up by number."""

from odoo import api, fields, models

#: Look-ups that a member may make within an hour.
MOST = 20


class ClubLookup(models.Model):
    """One row per look-up of somebody else's number, so that guessing numbers comes to an end (abuse 13, 14).

    The number itself is not kept.
    """

    _name = "club.lookup"
    _description = "Look-up of a Member Number"
    _order = "id desc"
    _log_access = False

    member_id = fields.Many2one("club.member", required=True, readonly=True, ondelete="cascade")
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _member_idx = models.Index("(member_id, at)")

    @api.model
    def _count_up(self, member):
        """Note a look-up.

        :return: whether the member may look somebody up now.
        :rtype: bool
        """
        Lookup = self.sudo()
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        if Lookup.search_count([("member_id", "=", member.id), ("at", ">=", since)], limit=MOST) >= MOST:
            return False
        Lookup.create({"member_id": member.id})
        return True

    @api.autovacuum
    def _gc_lookups(self):
        old = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.sudo().search([("at", "<", old)], limit=10_000).unlink()
