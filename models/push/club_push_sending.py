"""The job that posts to the push services: in small batches, holding no lock while it waits for an answer."""

import json
import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import push as engine_push
from odoo.addons.mail.tools.web_push import DeviceUnreachableError, push_to_end_point
from odoo.tools import SQL

from .push_service import PushGone, PushLater, PushRefused, PushSession

_logger = logging.getLogger(__name__)

BATCH = 25
#: A batch whose job died is tried again after so long; the device shows it once, for the tag is the same.
LEASE = timedelta(minutes=15)
#: No push service keeps a message longer for a device that is off.
LONGEST_LIFE = timedelta(days=2)
PARAMETER = "customer_club.push_services"


class ClubPushMessage(models.Model):
    _inherit = "club.push.message"

    @api.model
    def _cron_send(self):
        """Post what is due. May stop anywhere: what was posted and not yet written down comes again, with its tag."""
        done, _failed = self.env["club.job"]._work_off("send notifications", self._lock_due, self._deliver, size=BATCH)
        following = self.sudo().search([("state", "=", "queued")], order="due_at", limit=1)
        if following:
            self._trigger_sending(max(following.due_at, fields.Datetime.now() + timedelta(minutes=1)))
        return done

    @api.model
    def _lock_due(self, limit, skip):
        self.env.flush_all()
        # In id order under their lock, so that two jobs take turns; the ORM's own lock skips rows.
        return [
            message
            for (message,) in self.env.execute_query(
                SQL(
                    "SELECT id FROM club_push_message WHERE state = 'queued' AND due_at <= %s AND id <> ALL(%s)"
                    " ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE",
                    fields.Datetime.now(),
                    list(skip),
                    limit,
                )
            )
        ]

    def _deliver(self, ids):
        """Claim these, commit that, post them, and write down what became of each."""
        messages = self.sudo().browse(ids)
        messages.invalidate_recordset()
        messages = messages._leave_out()._defer_quiet()
        if not messages:
            return
        parcels = [message._prepare_parcel() for message in messages]
        messages._claim()
        # From here on nothing is locked: a push service may take its time.
        self.env["ir.cron"]._commit_progress()
        outcomes = self._post_all(parcels)
        self._write_down(outcomes)

    def _claim(self):
        """Nobody else sends these for a while. SQL: one statement for rows with different numbers of tries."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE club_push_message SET tries = COALESCE(tries, 0) + 1, due_at = %s WHERE id = ANY(%s)"
                " RETURNING id",
                fields.Datetime.now() + LEASE,
                self.ids,
            )
        )
        self.invalidate_recordset(["tries", "due_at"], flush=False)

    # -- whether and when ----------------------------------------------------------------------------

    def _leave_out(self):
        """Fail those that must not go out any more, with the reason; return the others."""
        now = fields.Datetime.now()
        reasons = defaultdict(self.browse)
        for message in self:
            reason = message._find_reason(now)
            if reason:
                reasons[reason] |= message
        for reason, messages in reasons.items():
            messages._fail(reason)
        return self.filtered(lambda message: message.state == "queued")

    def _find_reason(self, now):
        self.ensure_one()
        if not self.device_id:
            return "gone"
        if not self.device_id._is_usable():
            return "left"
        if self.topic == "campaign" and not self.member_id.consent_marketing:
            return "consent"
        return "late" if self.until <= now else ""

    def _defer_quiet(self):
        """At night no phone rings, whoever writes: these wait for the end of the quiet hours."""
        now = fields.Datetime.now()
        waiting = defaultdict(self.browse)
        for message in self:
            due = message.club_id._get_next_allowed(message.member_id.partner_id, now)
            if due > now:
                waiting[due] |= message
        for due, messages in waiting.items():
            messages.write({"due_at": due})
        return self.filtered(lambda message: message.due_at <= now)

    # -- posting -------------------------------------------------------------------------------------

    @api.model
    def _get_services(self):
        """Hosts of push services that are accepted; a system parameter adds further ones, with commas between."""
        added = self.env["ir.config_parameter"].sudo().get_param(PARAMETER) or ""
        return (*engine_push.SERVICES, *(name.strip().lower() for name in added.split(",") if name.strip(" .")))

    @api.model
    def _make_session(self):
        return PushSession(self._get_services())

    def _prepare_parcel(self):
        """All that posting needs, so that it asks the database nothing."""
        self.ensure_one()
        device = self.device_id
        lang = self.env["res.lang"]._get_data(code=self.member_id.partner_id.lang or "")
        left = min(self.until - fields.Datetime.now(), LONGEST_LIFE)
        return {
            "id": self.id,
            "seconds": max(int(left.total_seconds()), 60),
            "device": {"id": device.id, "endpoint": device.endpoint, "keys": device._get_keys()},
            "base_url": self.club_id.get_base_url(),
            "payload": json.dumps(
                {
                    "title": self.title,
                    "body": self.body,
                    "path": self.path,
                    "tag": f"club-{self.id}",
                    "icon": f"/logo.png?company={self.company_id.id}",
                    "lang": (lang.url_code or "").replace("_", "-"),
                    "dir": lang.direction or "auto",
                },
                ensure_ascii=False,
            ),
        }

    @api.model
    def _post_all(self, parcels):
        """Post each.

        :return: pairs of message id and outcome: ``sent``, ``gone``, ``refused``, or the seconds after which a service
            that did not take it wants to be asked again (0: it did not say).
        """
        parameters = self.env["ir.config_parameter"].sudo()
        private_key = parameters.get_param("mail.web_push_vapid_private_key")
        public_key = parameters.get_param("mail.web_push_vapid_public_key")
        # The parameters were read: end that transaction, too.
        self.env["ir.cron"]._commit_progress()
        session = self._make_session()
        return [(parcel["id"], self._post(parcel, session, private_key, public_key)) for parcel in parcels]

    @api.model
    def _post(self, parcel, session, private_key, public_key):
        session.seconds_to_live = parcel["seconds"]
        try:
            push_to_end_point(
                base_url=parcel["base_url"],
                device=parcel["device"],
                payload=parcel["payload"],
                vapid_private_key=private_key,
                vapid_public_key=public_key,
                session=session,
            )
        except (PushGone, DeviceUnreachableError):
            return "gone"
        except PushRefused as error:
            _logger.warning("a push service refused notification %s: %s", parcel["id"], error)
            return "refused"
        except PushLater as error:
            _logger.info("a push service did not take notification %s: %s", parcel["id"], error)
            return error.asked or 0
        except Exception:
            # Whatever one device has (or our own keys), the others of the batch are to be written down.
            _logger.exception("notification %s could not be made", parcel["id"])
            return 0
        return "sent"

    # -- what became of it ---------------------------------------------------------------------------

    @api.model
    def _write_down(self, outcomes):
        """Note the outcome of each; devices that are gone are forgotten."""
        messages = self.sudo().browse(message for message, _outcome in outcomes).exists()
        found = dict(outcomes)
        now = fields.Datetime.now()
        sent = messages.filtered(lambda message: found[message.id] == "sent")
        sent.write({"state": "sent", "sent_at": now, "reason": False, "title": False, "body": False, "path": False})
        sent.device_id.write({"last_success_at": now, "failures": 0})
        for reason in ("gone", "refused"):
            messages.filtered(lambda message, reason=reason: found[message.id] == reason)._fail(reason)
        messages.filtered(lambda message: isinstance(found[message.id], int))._try_later(found)

    def _try_later(self, asked):
        """These were not taken now: they wait, longer each time, until it is too late or was tried too often."""
        now = fields.Datetime.now()
        lost, waiting = self.browse(), defaultdict(self.browse)
        for message in self:
            wait = engine_push.next_wait(message.tries, asked[message.id])
            if wait is None or now + wait >= message.until:
                lost |= message
            else:
                waiting[now + wait] |= message
        for due, messages in waiting.items():
            messages.write({"due_at": due})
        lost._fail("unreachable")

    def _fail(self, reason):
        """These are not sent any more."""
        if not self:
            return
        self.write({"state": "failed", "reason": reason, "title": False, "body": False, "path": False})
        devices = self.device_id
        if reason == "gone":
            devices.unlink()
        elif reason in ("refused", "unreachable"):
            for failures, of_failures in devices.grouped("failures").items():
                of_failures.write({"failures": failures + 1})
        self._tell_campaign(reason)

    def _tell_campaign(self, reason):
        """A campaign's row whose message reached no device says so, once no device is left that may still take it."""
        targets = self.target_id
        if not targets:
            return
        alive = self.sudo().search([("target_id", "in", targets.ids), ("state", "!=", "failed")]).target_id
        (targets - alive)._note_unreached("consent" if reason == "consent" else "device")
