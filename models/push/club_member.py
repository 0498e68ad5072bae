"""A member's devices: switching them on and off, and what ends with the membership."""

import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.customer_club.engine import errors
from odoo.addons.customer_club.engine import push as engine_push
from odoo.exceptions import UserError
from odoo.tools import SQL

from .club_push_device import MOST_DEVICES

#: Points that expire within so many days are told on the member's devices, once.
DAYS_BEFORE_EXPIRY = 14
LONGEST_NAME = 60


class ClubMember(models.Model):
    _inherit = "club.member"

    push_device_ids = fields.One2many("club.push.device", "member_id", string="Devices", readonly=True)

    def _get_push_devices(self):
        """Devices on which this member may be written to now."""
        self.ensure_one()
        return self.sudo().push_device_ids.filtered(lambda device: device._is_usable())

    def _get_push_page(self, user):
        """What the member's page shows of its devices; ``None`` if the club writes to none.

        :rtype: dict | None
        """
        self.ensure_one()
        Device = self.env["club.push.device"].sudo()
        key = Device._get_vapid_key()
        if not self.club_id.push_active or not key or not self._is_portal_owner(user):
            return None
        devices = Device.search([("member_id", "=", self.id)])
        shared = Device.search([("endpoint", "in", devices.mapped("endpoint")), ("member_id", "!=", self.id)])
        return {"key": key, "devices": devices, "shared": set(shared.mapped("endpoint"))}

    def _digest_endpoint(self, device):
        """By what the page's script finds the row of its own browser, without the secret address in the page."""
        return hashlib.sha256(device.sudo().endpoint.encode()).hexdigest()

    # -- on and off ----------------------------------------------------------------------------------

    def _add_push_device(self, user, endpoint, p256dh, auth, browser="", details=False):
        """Switch notifications on for a browser of this member. The same browser again keeps one row.

        :param user: the login at work, which the device belongs to
        :param str endpoint: the address that the browser's push service gave it; the server will post there
        :param str p256dh, auth: the browser's keys, base64url
        :param bool details: show amounts and codes too
        :return: the ``club.push.device`` (sudo)
        :raise UserError: if that is not a browser's subscription, or another login's
        """
        self.ensure_one()
        refusal = self.env._(
            "This browser's notifications cannot be used here. Nothing was saved: try another browser."
        )
        Message, Device = self.env["club.push.message"], self.env["club.push.device"].sudo()
        if not self.club_id.push_active or not self._is_portal_owner(user):
            raise UserError(
                self.env._("%(club)s does not send notifications. Nothing was saved.", club=self.club_id.name)
            )
        try:
            engine_push.check_endpoint(endpoint, Message._get_services(), Message._make_session().loopback)
        except errors.EndpointError as error:
            raise UserError(refusal) from error
        if not Device._are_keys(p256dh, auth):
            raise UserError(refusal)
        # One at a time for each member, or two requests would both find room for one more. An UPDATE that changes
        # nothing, for whoever waited must see what the other did: PostgreSQL then raises the error that Odoo retries.
        self.env.execute_query(SQL("UPDATE club_member SET number = number WHERE id = %s RETURNING id", self.id))
        known = Device.search([("endpoint", "=", endpoint)])
        if any((device.p256dh, device.auth) != (p256dh, auth) for device in known):
            # A browser's address and keys come together: who knows only the address is not that browser.
            raise UserError(refusal)
        if not known.filtered(lambda device: device.user_id == user and device.member_id == self):
            self.env["club.consent"]._check_pace(self, "push", "portal")  # before anything else is changed
        # Whoever signs in on a shared browser takes it over: the one before gets nothing there any more.
        known.filtered(lambda device: device.user_id != user).unlink()
        mine = known.exists().filtered(lambda device: device.member_id == self)
        vals = {"details": details, "vapid_key": Device._get_vapid_key(), "failures": 0}
        if mine:
            mine.write(vals)
            return mine
        of_member = Device.search([("member_id", "=", self.id)])
        crowd = of_member.sorted(lambda device: (device.last_success_at or device.create_date, device.id))
        crowd[: max(len(of_member) - MOST_DEVICES + 1, 0)].unlink()
        self._record_push_consent(True, "portal")
        return Device.create(
            {
                **vals,
                "member_id": self.id,
                "user_id": user.id,
                "endpoint": endpoint,
                "p256dh": p256dh,
                "auth": auth,
                "browser": " ".join(browser.split())[:LONGEST_NAME],
            }
        )

    def _forget_push_devices(self, devices, source):
        """Switch notifications off on these devices of one member; off already is well."""
        self.ensure_one()
        devices = devices.sudo().exists()
        if devices:
            devices.unlink()
            self._record_push_consent(False, source)

    def _record_push_consent(self, given, source):
        """Write down that members want notifications on one more device, or on one less."""
        self.env["club.consent"].sudo().create(
            [{"member_id": member.id, "kind": "push", "given": given, "source": source} for member in self]
        )

    def _drop_push(self, source):
        """These members' devices are forgotten, because the membership ends."""
        devices = self.env["club.push.device"].sudo().search([("member_id", "in", self.ids)])
        devices.member_id._record_push_consent(False, source)
        devices.unlink()

    # -- leaving, merging, being forgotten -----------------------------------------------------------

    def _leave(self, note=None):
        result = super()._leave(note)
        self._drop_push("leave")
        return result

    def _absorb_into(self, heir):
        """Another person's login may stand behind the devices of the source: they are switched on anew, or not."""
        self._drop_push("merge")
        return super()._absorb_into(heir)

    def _erase_one(self, reason):
        self._drop_push("erase")
        self.env["club.push.message"].sudo().search([("member_id", "=", self.id)]).unlink()
        return super()._erase_one(reason)

    def _get_personal_data(self):
        """Add the member's devices, without the secret by which one writes to them."""
        data = super()._get_personal_data()
        devices = self.env["club.push.device"].sudo().search([("member_id", "in", self._get_own_ids())])
        data["devices"] = [
            {"browser": device.browser, "since": fields.Datetime.to_string(device.create_date)} for device in devices
        ]
        return data

    # -- what is told --------------------------------------------------------------------------------

    def _record_tier_changes(self, moved, reason):
        result = super()._record_tier_changes(moved, reason)
        today = fields.Date.today()
        self.env["club.push.message"]._queue(
            [
                member._prepare_tier_push(self.env["club.tier"].browse(after), today)
                for member, _before, after, decision, _measure in moved
                if decision.reason == "rise"
            ]
        )
        return result

    def _with_push_lang(self, records):
        """Records, to be put into words in this member's language."""
        self.ensure_one()
        return records.with_context(lang=self.partner_id.lang or self.env.lang)

    def _prepare_push_note(self, topic, about, body, detail, **note):
        """A note to this member for ``club.push.message``, under the club's name, that opens the member's page.

        :param str about: what is told, without personal data: makes the note's key
        :param str body: what everybody reads who sees the phone; ``detail``: instead of it, where the member wants
            that; both in the language of the member
        :param note: what is otherwise (``path``), or more (``until``)
        :rtype: dict
        """
        name = self._with_push_lang(self).club_id.name
        return {
            "member": self,
            "topic": topic,
            "key": about,
            "title": name,
            "body": body,
            "details": (name, detail),
            "path": f"/my/club/{self.id}",
            **note,
        }

    def _prepare_tier_push(self, tier, day):
        _ = self._with_push_lang(self).env._
        return self._prepare_push_note(
            "tier",
            f"club.member,{self.id}:tier:{tier.id}:{day}",
            _("You have reached a new tier."),
            _("You have reached %(tier)s.", tier=self._with_push_lang(tier).name),
        )

    @api.model
    def _cron_tell_expiring(self):
        """Every day: members with devices read there that points are about to expire; each day of expiry once.

        :return: number of members that were looked at
        """
        behind = [0]

        def work(ids):
            self.browse(ids)._tell_expiring()
            self.env.cr.flush()  # what fails does so here: then the same members come again
            behind[0] = ids[-1]

        worked, _failed = self.env["club.job"]._work_off(
            "tell members which points expire",
            find=lambda limit, skip: self._find_members_with_devices(behind[0], limit, skip),
            work=work,
        )
        return worked

    @api.model
    def _find_members_with_devices(self, after, limit, skip=()):
        # SQL: distinct members behind the last one; nothing is locked, for the key keeps a repeat from telling twice.
        return [
            member
            for (member,) in self.env.execute_query(
                SQL(
                    "SELECT DISTINCT member_id FROM club_push_device WHERE member_id > %s AND member_id <> ALL(%s)"
                    " ORDER BY 1 LIMIT %s",
                    after,
                    list(skip),
                    limit,
                )
            )
        ]

    def _tell_expiring(self):
        members = self.sudo().filtered(
            lambda member: (
                member.points_expiring > 0
                and member.points_expiring_on
                and member.points_expiring_on <= member.club_id._get_today() + timedelta(days=DAYS_BEFORE_EXPIRY)
            )
        )
        self.env["club.push.message"]._queue([member._prepare_expiring_push() for member in members])

    def _prepare_expiring_push(self):
        member = self._with_push_lang(self)
        _ = member.env._
        return self._prepare_push_note(
            "expiring",
            f"club.member,{self.id}:expiring:{self.points_expiring_on}",
            _("Some of your points are about to expire."),
            _(
                "%(points)s are about to expire, the first on %(day)s.",
                points=member.club_id._show_points(member.points_expiring),
                day=member.club_id._show_day(member.points_expiring_on),
            ),
        )
