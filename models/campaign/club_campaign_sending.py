"""A campaign at work: members come in with their arm, messages go out in batches, each once."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import campaign as engine_campaign
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 500
PRIZE_BATCH = 50
CHOOSING = 10_000


class ClubCampaign(models.Model):
    _inherit = "club.campaign"

    @api.model
    def _cron_run(self):
        """Take every campaign as far as it can go now; may stop anywhere, and sends nothing twice."""
        domain = [("state", "in", ("scheduled", "running", "measuring")), ("club_id.active", "=", True)]
        for campaign in self.sudo().search(domain, order="id"):
            try:
                campaign._take_steps()
            except Exception:  # noqa: BLE001 - whatever one campaign has, the others must not wait for it
                self.env["club.job"]._roll_back()
                _logger.exception("campaign %s was left out", campaign.id)
            self.env["ir.cron"]._commit_progress(1)

    def _take_steps(self, limit=None):
        """Begin, let members in, send, end, measure: whatever is due. In a request (``limit``) within its transaction;
        else in batches that are committed one by one.
        """
        self.ensure_one()
        today = self.club_id._get_today()
        if self.state == "scheduled" and self.date_from <= today:
            self._begin()
        if self.state == "running":
            self._work("choose members of campaign", self._lock_candidates, self._choose, CHOOSING, limit)
            self._work("write further messages of campaign", self._lock_steps, self._choose_steps, CHOOSING, limit)
            self._work("send campaign", self._lock_due, self._send, self._get_batch(), limit)
            self._end_sending()
        if self.state == "measuring" and self._is_over():
            self._finish()

    def _work(self, name, find, work, size, limit):
        """Work off what ``find`` finds; see ``club.job``."""
        if self.state != "running":
            return
        if limit is None:
            self.env["club.job"]._work_off(f"{name} {self.id}", find, work, size=size)
            return
        ids = find(limit, ())
        if ids:
            work(ids)

    def _get_batch(self):
        """How many messages go out in one transaction; fewer prizes, for each may be an order of its own."""
        return PRIZE_BATCH if self.action == "prize" else BATCH

    def _begin(self):
        """The first day has come: what the campaign needs is made."""
        self._update_state("running", started_at=fields.Datetime.now())
        self._prepare_action()
        self._make_link()

    def _make_link(self):
        """A UTM campaign and a tracked link of Odoo's, so that its own statistics count the clicks too."""
        utm = self.env["utm.campaign"].sudo().create({"title": self.name, "user_id": self.user_id.id or self.env.uid})
        name = "utm.utm_medium_email" if self.channel == "email" else "utm.utm_medium_website"
        medium = self.env.ref(name, raise_if_not_found=False)
        link = (
            self.env["link.tracker"]
            .sudo()
            .create(
                {
                    "url": f"{self.club_id.get_base_url()}{self.path or '/my/club'}",
                    "title": self.name,
                    "campaign_id": utm.id,
                    "medium_id": medium and medium.id,
                }
            )
        )
        self._keep(utm_campaign_id=utm.id, link_id=link.id)

    # -- choosing ------------------------------------------------------------------------------------

    def _lock_candidates(self, limit, skip):
        """Who comes in next, as pairs of member and period. The campaign is locked first: two jobs take turns."""
        self._lock()
        over = self.stop_reason or self.date_to < self.club_id._get_today()
        if self.state != "running" or over or (self.trigger == "once" and self.enrolled_at):
            return []
        found = self._find_candidates(limit, [member for member, _period in skip])
        if self.trigger == "once" and not found:
            self._keep(enrolled_at=fields.Datetime.now())
        return found

    def _choose(self, pairs):
        """Let members in: the reason why one cannot be reached, or else the arm that chance gives; all before sending.

        Both arms are of those who can be reached, so they differ by chance alone.
        """
        found = dict(pairs)
        members = self.env["club.member"].sudo().browse(list(found))
        reasons, products = self._find_reasons(members), self._get_favourites(members)
        for member in members:
            if self.action == "favourite" and member not in reasons and not products.get(member.id):
                reasons[member] = "product"
        reasons = {**dict.fromkeys(self._find_returning(members), "returned"), **reasons}
        known = self._read_known(members)
        now = fields.Datetime.now()
        ends = now + timedelta(days=self.member_days)
        rows = []
        for member in members:
            row = {
                "campaign_id": self.id,
                "club_id": self.club_id.id,
                "company_id": self.company_id.id,
                "member_id": member.id,
                "period": found[member.id],
                "is_first": False,
                "product_id": products.get(member.id) or None,
                "variant": None,
                "starts_at": now,
                "ends_at": ends,
            }
            if member in reasons:
                row.update(state="skipped", reason=reasons[member])
            else:
                arm = known.get(member.id) or engine_campaign.arm(self.salt, member.id, self.control_share)
                row.update(arm=arm, is_first=member.id not in known, state="control")
                if arm == engine_campaign.TREATED:
                    text = engine_campaign.variant(self.salt, member.id) if self.is_ab else None
                    row.update(state="planned", due_at=self._get_due(member, now), variant=text)
            rows.append(row)
        return self.env["club.campaign.target"]._insert(rows)

    def _read_known(self, members):
        """The arms that these members have in this campaign already, they themselves or a contact merged into them.

        SQL, for who was merged is found by its heir; the row that counts comes first.

        :rtype: dict[int, str]
        """
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (COALESCE(m.merged_into_id, m.id)) COALESCE(m.merged_into_id, m.id), t.arm
                      FROM club_campaign_target t JOIN club_member m ON m.id = t.member_id
                     WHERE t.campaign_id = %(campaign)s AND t.arm IS NOT NULL AND t.step_id IS NULL
                       AND t.member_id IN (SELECT id FROM club_member
                                            WHERE id = ANY(%(members)s) OR merged_into_id = ANY(%(members)s))
                  ORDER BY COALESCE(m.merged_into_id, m.id), t.is_first DESC, t.id
                    """,
                    campaign=self.id,
                    members=members.ids,
                )
            )
        )

    def _lock_steps(self, limit, skip):
        """Ids of sent first messages after which a further one is due."""
        self._lock()
        if self.state != "running" or not self.step_ids:
            return []
        self.env.flush_all()
        return [
            target
            for (target,) in self.env.execute_query(
                SQL(
                    """
                SELECT DISTINCT t.id FROM club_campaign_target t
                  JOIN club_campaign_step s ON s.campaign_id = t.campaign_id
                 WHERE t.campaign_id = %s AND t.step_id IS NULL AND t.state = 'sent'
                   AND t.sent_at + s.after_days * interval '1 day' <= %s
                   AND NOT EXISTS (SELECT FROM club_campaign_target f WHERE f.campaign_id = t.campaign_id
                          AND f.member_id = t.member_id AND f.period = t.period AND f.step_id = s.id)
                   AND t.id <> ALL(%s)
              ORDER BY t.id LIMIT %s
                    """,
                    self.id,
                    fields.Datetime.now(),
                    list(skip),
                    limit,
                )
            )
        ]

    def _choose_steps(self, ids):
        """Write the further messages that are due after these, to be sent."""
        now = fields.Datetime.now()
        targets = self.env["club.campaign.target"].sudo().browse(ids)
        return self.env["club.campaign.target"]._insert(
            [
                {
                    "campaign_id": self.id,
                    "club_id": self.club_id.id,
                    "company_id": self.company_id.id,
                    "member_id": target.member_id.id,
                    "period": target.period,
                    "step_id": step.id,
                    "is_first": False,
                    "arm": "treated",
                    "state": "planned",
                    "due_at": self._get_due(target.member_id, now),
                    "starts_at": target.starts_at,
                    "ends_at": target.ends_at,
                    "product_id": target.product_id.id or None,
                }
                for target in targets
                for step in self.step_ids
                if target.sent_at + timedelta(days=step.after_days) <= now
            ]
        )

    # -- sending -------------------------------------------------------------------------------------

    def _lock_due(self, limit, skip):
        """Ids of messages to send now, locked; the campaign first, so that its budget is one job's at a time."""
        self._lock()
        if self.state != "running":
            return []
        self.env.flush_all()
        return [
            target
            for (target,) in self.env.execute_query(
                SQL(
                    "SELECT id FROM club_campaign_target WHERE campaign_id = %s AND state = 'planned' AND due_at <= %s"
                    " AND id <> ALL(%s) ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE",
                    self.id,
                    fields.Datetime.now(),
                    list(skip),
                    limit,
                )
            )
        ]

    def _send(self, ids):
        """Give and write to these, each once: the mark that it is sent is committed with the message itself."""
        targets = self.env["club.campaign.target"].sudo().browse(ids)
        targets.invalidate_recordset()
        targets = self._skip_unreachable(targets.filtered(lambda target: target.state == "planned"))
        targets = self._defer_quiet(targets)
        targets = self._keep_in_stock(targets)
        targets = self._keep_in_budget(targets)
        if not targets:
            return
        targets._note(state="sent", sent_at=fields.Datetime.now())
        targets -= self._give_or_skip(targets.filtered(lambda target: not target.step_id))
        getattr(targets._for_reader(), f"_send_by_{self.channel}")()

    def _give_or_skip(self, targets):
        """Give these what the campaign promises; who cannot get it is left out with the reason, and the others get it.

        :return: those who were left out; they stay in their arm
        """
        try:
            with self.env.cr.savepoint():
                self._give(targets)
            return targets.browse()
        except UserError:
            _logger.info("campaign %s gives one by one, for one of %s cannot get it", self.id, len(targets))
        return targets.filtered(lambda target: not self._give_one(target))

    def _give_one(self, target):
        """Whether this member got it; if not, its row says so."""
        try:
            with self.env.cr.savepoint():
                self._give(target)
        except UserError as error:
            _logger.info("campaign %s: row %s cannot get it: %s", self.id, target.id, error)
            target._note(state="skipped", reason="refused", sent_at=False)
            return False
        return True

    def _skip_unreachable(self, targets):
        """Whom nobody may write to any more, since the arms were drawn; they stay in their arm."""
        reasons = self._find_reasons(targets.member_id)
        silent = targets.filtered(lambda target: target.step_id.only_silent)
        bought = self._find_buyers(silent)
        for target in targets:
            reason = reasons.get(target.member_id) or (target in bought and "bought")
            if reason:
                target._note(state="skipped", reason=reason)
        return targets.filtered(lambda target: target.state == "planned")

    def _defer_quiet(self, targets):
        """A batch that was late, or was put off, does not go out at night."""
        now = fields.Datetime.now()
        for target in targets:
            due = self._get_due(target.member_id, now)
            if due > now:
                target._note(due_at=due)
        return targets.filtered(lambda target: target.due_at <= now)

    def _skip_planned(self, reason):
        for campaign in self:
            self.env["club.campaign.target"].sudo().search(
                [("campaign_id", "=", campaign.id), ("state", "=", "planned")]
            )._note(state="skipped", reason=reason)

    # -- the end -------------------------------------------------------------------------------------

    def _end_sending(self):
        """After the last day, or at the budget's end, once nothing is left to send, only measuring goes on."""
        self._lock()
        if self.state != "running" or not (self.stop_reason or self.date_to < self.club_id._get_today()):
            return
        if self._is_waiting():
            return
        self._skip_planned("over")
        self._update_state("measuring", sending_ended_at=fields.Datetime.now())

    def _is_waiting(self):
        """Whether messages are still to go out: put off by quiet hours, or further ones of those who had the first.

        Two days after the last day that was due for them nobody waits any longer.
        """
        now = fields.Datetime.now()
        after = timedelta(days=max(self.step_ids.mapped("after_days"), default=0))
        Target = self.env["club.campaign.target"].sudo()
        recent = now - after - timedelta(days=2)
        planned = [("state", "=", "planned"), ("due_at", ">", now - timedelta(days=2))]
        followed = [("state", "=", "sent"), ("step_id", "=", False), ("sent_at", ">", recent)]
        waiting = [("campaign_id", "=", self.id), *planned]
        if Target.search_count(waiting, limit=1):
            return True
        return bool(after) and bool(Target.search_count([("campaign_id", "=", self.id), *followed], limit=1))

    def _is_over(self):
        """Whether the time of every member has passed."""
        self.ensure_one()
        running = [("campaign_id", "=", self.id), ("arm", "!=", False), ("ends_at", ">", fields.Datetime.now())]
        return not self.env["club.campaign.target"].sudo().search_count(running, limit=1)
