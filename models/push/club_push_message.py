"""What is to be shown on members' devices, and what became of it."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import push as engine_push
from odoo.fields import Domain

#: How long a notice of the club's own may come late.
DAYS_VALID = 3
#: What was sent stays in the list so long, without its words.
DAYS_KEPT = 60


class ClubPushMessage(models.Model):
    """One notification for one device. Its words are forgotten as soon as nothing is left to send."""

    _name = "club.push.message"
    _description = "Notification on a Device"
    _order = "id desc"
    _rec_name = "topic"

    member_id = fields.Many2one("club.member", required=True, readonly=True, index=True, ondelete="cascade")
    club_id = fields.Many2one(related="member_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="club_id.company_id", store=True)
    device_id = fields.Many2one("club.push.device", readonly=True, index=True, ondelete="set null")
    topic = fields.Selection(
        [
            ("campaign", "Campaign"),
            ("prize", "Prize"),
            ("raffle", "Raffle"),
            ("tier", "Tier"),
            ("expiring", "Points about to expire"),
            ("feedback", "Answer to feedback"),
        ],
        required=True,
        readonly=True,
    )
    target_id = fields.Many2one("club.campaign.target", readonly=True, index=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True, groups="base.group_system")
    state = fields.Selection(
        [("queued", "To be sent"), ("sent", "Sent"), ("failed", "Not sent")],
        required=True,
        readonly=True,
        default="queued",
        index=True,
    )
    reason = fields.Selection(
        [
            ("gone", "The device takes no more messages"),
            ("refused", "The push service refused it"),
            ("unreachable", "The push service could not be reached in time"),
            ("consent", "No consent to marketing messages"),
            ("left", "Notifications are off, or no member any more"),
            ("late", "Too late to be of use"),
        ],
        readonly=True,
    )
    due_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    until = fields.Datetime(string="Of Use Until", required=True, readonly=True)
    sent_at = fields.Datetime(readonly=True)
    tries = fields.Integer(readonly=True)
    title = fields.Char(readonly=True, groups="base.group_system")
    body = fields.Char(readonly=True, groups="base.group_system")
    path = fields.Char(readonly=True, groups="base.group_system")

    _once = models.Constraint("UNIQUE(device_id, key)", "A device gets each notification once.")
    _due_idx = models.Index("(due_at, id) WHERE state = 'queued'")

    # -- queueing ------------------------------------------------------------------------------------

    @api.model
    def _queue(self, notes):
        """Write to the devices of members, as far as they have any; each device gets each note once.

        What a note says is for everybody who sees the phone; ``details`` is read only where the member wants that.

        :param list[dict] notes: ``member`` (``club.member``), ``topic``, ``key`` (names what is told, without personal
            data), ``title``, ``body``, ``path`` (a page of our own site), and if wanted ``details`` (title, body),
            ``until`` (UTC), ``target`` (``club.campaign.target``).
        :return: the messages that are new; a constant number of queries.
        """
        notes = [note for note in notes if note["member"].sudo().club_id.push_active]
        if not notes:
            return self.browse()
        members = self.env["club.member"].sudo().union(*(note["member"] for note in notes))
        devices = {member: member._get_push_devices() for member in members}
        known = self._read_known(devices, notes)
        until = fields.Datetime.now() + timedelta(days=DAYS_VALID)
        rows = []
        for note in notes:
            for device in devices[note["member"].sudo()]:
                if (device.id, note["key"]) in known:
                    continue
                known.add((device.id, note["key"]))
                title, body = (device.details and note.get("details")) or (note["title"], note["body"])
                rows.append(
                    {
                        "member_id": note["member"].id,
                        "device_id": device.id,
                        "topic": note["topic"],
                        "key": note["key"],
                        "title": engine_push.shorten(title, engine_push.LONGEST_TITLE),
                        "body": engine_push.shorten(body, engine_push.LONGEST_BODY),
                        "path": note["path"],
                        "until": note.get("until") or until,
                        "target_id": note["target"].id if note.get("target") else False,
                    }
                )
        messages = self.sudo().create(rows)
        if messages:
            self._trigger_sending()
        return messages

    @api.model
    def _read_known(self, devices, notes):
        ids = [device.id for of_member in devices.values() for device in of_member]
        if not ids:
            return set()
        keys = [note["key"] for note in notes]
        return {
            (message.device_id.id, message.key)
            for message in self.sudo().search_fetch(
                [("device_id", "in", ids), ("key", "in", keys)], ["device_id", "key"]
            )
        }

    @api.model
    def _trigger_sending(self, at=None):
        cron = self.env.ref("customer_club.ir_cron_club_push_send", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at)

    @api.autovacuum
    def _gc_messages(self):
        """Forget what was sent long ago."""
        before = fields.Datetime.now() - timedelta(days=DAYS_KEPT)
        domain = Domain("state", "!=", "queued") & Domain("create_date", "<", before)
        old = self.sudo().search(domain, limit=10_000, order="id")
        old.unlink()
        return len(old), self.sudo().search_count(domain, limit=1)
