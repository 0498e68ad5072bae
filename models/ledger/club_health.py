"""The health page of the ledger: does it hold, who looked when, and what waits."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

JOBS = ("expire", "expire_inactive", "open", "seal", "check")
# A job that has not run for this many of its intervals is late.
LATE = 3


class ClubHealth(models.TransientModel):
    """One look at the ledger. Opening the page makes a new one, so what it shows is as fresh as the page."""

    _name = "club.health"
    _description = "Ledger Health"
    _inherit = "club.bounded"

    state = fields.Selection(
        [("ok", "All is well"), ("attention", "Needs attention"), ("broken", "Broken"), ("unknown", "Not checked yet")],
        compute="_compute_checks",
    )
    summary = fields.Char(compute="_compute_checks")
    check_ids = fields.Many2many("club.ledger.check", compute="_compute_checks", string="Invariants")
    checked_at = fields.Datetime(compute="_compute_checks", string="Last Checked")
    seal_id = fields.Many2one("club.ledger.seal", compute="_compute_seal", string="Last Seal")
    sealed_at = fields.Datetime(related="seal_id.sealed_at", string="Last Sealed")
    seal_count = fields.Integer(compute="_compute_seal", string="Seals")
    unsealed_count = fields.Integer(compute="_compute_seal", string="Entries Since")
    verified_at = fields.Datetime(readonly=True, string="Verified")
    verify_state = fields.Selection([("ok", "The chain holds"), ("broken", "The chain is broken")], readonly=True)
    verify_result = fields.Text(readonly=True)
    pending_due_count = fields.Integer(compute="_compute_counts", string="Pending Lots Due")
    expired_due_count = fields.Integer(compute="_compute_counts", string="Lots to Expire")
    arrears_count = fields.Integer(compute="_compute_counts", string="Members in Arrears")
    incident_count = fields.Integer(compute="_compute_counts", string="Foreign Writes")
    adjustment_count = fields.Integer(compute="_compute_counts", string="Adjustments to Approve")
    jobs = fields.Html(compute="_compute_jobs", sanitize=False)
    late_jobs = fields.Integer(compute="_compute_jobs")

    # -- computes -------------------------------------------------------------

    def _compute_display_name(self):
        self.display_name = self.env._("Ledger Health")

    @api.depends_context("uid")
    def _compute_checks(self):
        latest = self.env["club.ledger.check"].search([], limit=1)
        checks = self.env["club.ledger.check"].search(
            [("checked_at", "=", latest.checked_at)], order="invariant", limit=5
        )
        broken = checks.filtered(lambda check: check.state == "broken")
        for health in self:
            health.check_ids, health.checked_at = checks, latest.checked_at
            if not checks:
                health.state, health.summary = "unknown", self.env._("The ledger was never checked. Check it now.")
            elif broken:
                health.state = "broken"
                health.summary = self.env._(
                    "%(count)s of 5 invariants are broken. Open what is broken before anything else is posted.",
                    count=len(broken),
                )
            elif health.late_jobs or health.expired_due_count or health.pending_due_count:
                health.state = "attention"
                health.summary = self.env._("The ledger holds, but some nightly work is waiting.")
            else:
                health.state, health.summary = (
                    "ok",
                    self.env._("All five invariants hold and the nightly work is done."),
                )

    def _compute_seal(self):
        last = self.env["club.ledger.seal"].search([], limit=1)
        unsealed = self.env["club.point.entry"].sudo().search_count([("id", ">", last.to_id or 0)])
        for health in self:
            health.seal_id, health.seal_count = last, self.env["club.ledger.seal"].search_count([])
            health.unsealed_count = unsealed

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        for health in self:
            health.pending_due_count = self.env["club.point.lot"].search_count(self._get_pending_due_domain())
            health.expired_due_count = self.env["club.point.lot"].search_count(self._get_expired_due_domain())
            health.arrears_count = self.env["club.member"].search_count(self._get_arrears_domain())
            health.incident_count = self.env["club.ledger.incident"].search_count([])
            health.adjustment_count = self.env["club.point.adjustment"].search_count([("state", "=", "to_approve")])

    def _compute_jobs(self):
        now, rows, late = fields.Datetime.now(), [], 0
        for name in JOBS:
            # Staff may not read scheduled actions; when the ledger's own have run is no secret.
            job = self.env.ref(f"customer_club.ir_cron_ledger_{name}", raise_if_not_found=False)
            job = job and job.sudo().with_context(active_test=False)
            if not job:
                continue
            hours = {"hours": 1, "days": 24}.get(job.interval_type, 24) * job.interval_number
            age = (now - job.lastcall).total_seconds() / 3600 if job.lastcall else None
            if not job.active:
                icon, words = "fa-times-circle text-danger", self.env._("Switched off")
            elif age is None:
                icon, words = "fa-clock-o text-muted", self.env._("Has not run yet")
            elif age > LATE * hours or job.failure_count:
                icon, words = "fa-exclamation-triangle text-warning", self.env._("Late or failing")
            else:
                icon, words = "fa-check-circle text-success", self.env._("On time")
            late += "fa-check" not in icon and "fa-clock" not in icon
            run = (
                fields.Datetime.context_timestamp(self, job.lastcall).strftime("%Y-%m-%d %H:%M")
                if job.lastcall
                else "–"
            )
            rows.append(
                Markup(
                    '<tr><th scope="row" class="fw-normal">%s</th><td><i class="fa %s" aria-hidden="true"></i> %s</td>'
                    '<td class="text-end text-nowrap">%s</td></tr>'
                )
                % (job.name.split(":")[-1].strip().capitalize(), icon, words, run)
            )
        table = Markup(
            '<table class="table table-sm"><thead><tr><th scope="col">%s</th><th scope="col">%s</th>'
            '<th scope="col" class="text-end">%s</th></tr></thead><tbody>%s</tbody></table>'
        ) % (self.env._("Job"), self.env._("State"), self.env._("Last Run"), Markup("").join(rows))
        for health in self:
            health.jobs, health.late_jobs = table, late

    # -- domains --------------------------------------------------------------

    def _get_due_domain(self, field):
        """Lots whose day in ``field`` has come, in each club's own time."""
        clubs_by_day = {}
        for club, day in self.env["club.point.lot"]._get_today_by_club().items():
            clubs_by_day.setdefault(day, []).append(club)
        return Domain.OR(
            Domain([("club_id", "in", clubs), (field, "!=", False), (field, "<=", day)])
            for day, clubs in clubs_by_day.items()
        )

    def _get_pending_due_domain(self):
        return Domain("state", "=", "pending") & self._get_due_domain("available_on")

    def _get_expired_due_domain(self):
        return Domain("state", "in", ("open", "pending")) & self._get_due_domain("expires_on")

    def _get_arrears_domain(self):
        members = self.env["club.member"].sudo().with_context(active_test=False).search([("card_id.points", "<", 0)])
        return Domain("id", "in", members.ids) & Domain("active", "in", (True, False))

    # -- actions --------------------------------------------------------------

    @api.model
    def action_open_page(self):
        """Open the page with a fresh look at the ledger."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ledger Health"),
            "res_model": self._name,
            "res_id": self.create({}).id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _check_may_run(self):
        if not (
            self.env.user.has_group("customer_club.group_club_manager")
            or self.env.user.has_group("customer_club.group_club_accountant")
        ):
            raise AccessError(self.env._("Ask a manager or an accountant of the club to check the ledger."))

    def action_check_now(self):
        """Check the invariants now."""
        self._check_may_run()
        self.env["club.ledger.check"]._run_checks()
        return self.action_open_page()

    def action_verify_seals(self):
        """Verify the whole chain of seals and show the result on the page."""
        self._check_may_run()
        seals = self.env["club.ledger.seal"].search([])
        problems = seals._verify() if seals else []
        self.write(
            {
                "verified_at": fields.Datetime.now(),
                "verify_state": "broken" if problems else "ok",
                "verify_result": "\n".join(problems)
                or self.env._("Seals verified: %(count)s. Every entry is as it was sealed.", count=len(seals)),
            }
        )
        return True

    def _open_records(self, name, model, domain):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
        }

    def action_open_pending_due(self):
        return self._open_records(self.env._("Pending Lots Due"), "club.point.lot", self._get_pending_due_domain())

    def action_open_expired_due(self):
        return self._open_records(self.env._("Lots to Expire"), "club.point.lot", self._get_expired_due_domain())

    def action_open_arrears(self):
        self.check_access("read")  # the domain names members
        return self._open_records(self.env._("Members in Arrears"), "club.member", self._get_arrears_domain())

    def action_open_incidents(self):
        return self._open_records(self.env._("Foreign Writes"), "club.ledger.incident", [])

    def action_open_adjustments(self):
        domain = [("state", "=", "to_approve")]
        return self._open_records(self.env._("Adjustments to Approve"), "club.point.adjustment", domain)

    def action_open_seals(self):
        return self._open_records(self.env._("Seals"), "club.ledger.seal", [])
