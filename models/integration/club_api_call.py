"""Which integration called what, and whether it was answered: no personal data, kept for a month."""

from datetime import timedelta

from odoo import api, fields, models

KEPT_DAYS = 30
PURGED_AT_ONCE = 100_000


class ClubApiCall(models.Model):
    _name = "club.api.call"
    _description = "Call of an Integration"
    _order = "id desc"
    _log_access = False
    _rec_name = "method"

    integration_id = fields.Many2one("club.integration", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="integration_id.company_id")
    at = fields.Datetime(required=True, readonly=True)
    method = fields.Char(required=True, readonly=True)
    code = fields.Char(string="Answer", required=True, readonly=True, help="ok, or the code of the refusal.")
    items = fields.Integer(readonly=True, help="How many facts a call brought.")
    milliseconds = fields.Integer(readonly=True, aggregator="avg")

    # Every call counts the last minute's calls.
    _rate_idx = models.Index("(integration_id, at)")

    @api.autovacuum
    def _gc_calls(self):
        """Forget calls older than a month, some at a time.

        :return: (calls forgotten, whether there is more)
        """
        old = self.sudo().search(
            [("at", "<", fields.Datetime.now() - timedelta(days=KEPT_DAYS))], order="id", limit=PURGED_AT_ONCE
        )
        old.unlink()
        return len(old), len(old) == PURGED_AT_ONCE

    @api.model
    def _count_recent(self, integration, most, method=None):
        """Calls of the last minute, those refused for their number left out; counts no further than ``most``."""
        domain = [
            ("integration_id", "=", integration.id),
            ("at", ">", fields.Datetime.now() - timedelta(minutes=1)),
            ("code", "!=", "rate_limited"),
        ]
        if method:
            domain.append(("method", "=", method))
        return self.sudo().search_count(domain, limit=most)
