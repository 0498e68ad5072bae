"""The steps of a campaign, and its buttons."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: From which states each is reached.
BEFORE = {
    "draft": ("scheduled",),
    "scheduled": ("draft",),
    "running": ("scheduled",),
    "measuring": ("running",),
    "done": ("measuring",),
    "stopped": ("scheduled", "running", "measuring"),
}


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    def _update_state(self, state, **vals):
        """Take these campaigns a step further, under a lock; the only place that changes the state.

        :raises UserError: one is in a state from which this step is not taken
        """
        self._lock()
        for campaign in self:
            if campaign.state not in BEFORE[state]:
                raise UserError(
                    self.env._(
                        "The campaign %(campaign)s is in the state “%(state)s”: that cannot be done any more. Reload "
                        "the page.",
                        campaign=campaign.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[campaign.state],
                    )
                )
        self._keep(state=state, **vals)

    def _lock(self):
        """Two that start, send or stop the same campaign take turns; a conflict raises the error that Odoo retries."""
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_campaign WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self.invalidate_recordset()

    # -- buttons -------------------------------------------------------------------------------------

    def action_schedule(self):
        """Let it begin on its first day."""
        self.check_access("write")
        for campaign in self:
            campaign._check_ready()
        self._update_state("scheduled")

    def action_reset(self):
        """Back to a draft, before it begins."""
        self.check_access("write")
        self._update_state("draft")

    def action_stop(self):
        """Stop it: nothing more is sent. It has no verdict then, for who stops when it looks good finds chance good."""
        self.check_access("write")
        self._update_state("stopped", stop_reason="manager", ended_at=fields.Datetime.now())
        self._skip_planned("over")
        self.sudo().extra_rule_id.active = False

    def action_run_now(self):
        """Do at once what the job would do within the hour."""
        self.check_access("write")
        for campaign in self.sudo():
            campaign._take_steps(limit=1000)

    def action_read_result(self):
        """Note that the result was read, and take it off the home page."""
        self.check_access("write")
        unread = self.filtered(lambda campaign: campaign.state == "done" and not campaign.read_at)
        unread._keep(read_at=fields.Datetime.now())

    def action_open_targets(self):
        """Open who is in it, and what went out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Members of %(campaign)s", campaign=self.name),
            "res_model": "club.campaign.target",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("campaign_id", "=", self.id)],
            "context": {"search_default_by_state": 1},
        }

    def _check_ready(self):
        """Refuse a campaign that could not do what it promises."""
        self.ensure_one()
        missing = self._find_missing()
        if missing:
            raise UserError(missing)
        self._check_says_something()
        if self.club_id.kind != "points" or not self.club_id.active:
            raise UserError(
                self.env._("%(club)s is no club that members are in now. Choose another.", club=self.club_id.name)
            )
        if self.date_to < self.club_id._get_today():
            raise UserError(
                self.env._("The last day of %(campaign)s has passed. Choose a later one.", campaign=self.name)
            )
        if self.trigger == "expiring" and self.club_id.expiry_policy == "never" and not self._has_expiring():
            raise UserError(
                self.env._(
                    "Points of %(club)s do not expire, so %(campaign)s would reach nobody.",
                    club=self.club_id.name,
                    campaign=self.name,
                )
            )

    def _has_expiring(self):
        return bool(
            self.env["club.point.lot"]
            .sudo()
            .search_count([("club_id", "=", self.club_id.id), ("expires_on", "!=", False)], limit=1)
        )
