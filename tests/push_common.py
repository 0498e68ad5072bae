"""A push service on this machine, and browsers that can read what it was given."""

import base64
import json
import struct
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from odoo import fields
from odoo.addons.customer_club.models.push.push_service import PushSession
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase


def encode(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Service:
    """A push service on 127.0.0.1: notes every request, and answers 201 or what ``answers`` says for a path."""

    def __init__(self):
        service = self
        self.requests, self.answers = [], {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.requests.append((self.path, dict(self.headers), body))
                status, headers = service.answers.get(self.path, (201, {}))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Browser:
    """A browser's side of RFC 8291: its keys, and reading what was sent to it."""

    def __init__(self, service, path):
        self.service, self.path = service, path
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.secret = b"sixteen bytes..."

    @property
    def subscription(self):
        return {
            "endpoint": f"{self.service.origin}{self.path}",
            "p256dh": encode(self.point),
            "auth": encode(self.secret),
        }

    @property
    def received(self):
        """What was shown, oldest first."""
        return [json.loads(self.decrypt(body)) for path, _headers, body in self.service.requests if path == self.path]

    def decrypt(self, body):
        salt, _size, length = struct.unpack("!16sLB", body[:21])
        sender, content = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))

        def derive(size, salt, info, secret):
            return HKDF(algorithm=hashes.SHA256(), length=size, salt=salt, info=info).derive(secret)

        secret = derive(32, self.secret, b"WebPush: info\x00" + self.point + sender, shared)
        key = derive(16, salt, b"Content-Encoding: aes128gcm\x00", secret)
        nonce = derive(12, salt, b"Content-Encoding: nonce\x00", secret)
        plain = AESGCM(key).decrypt(nonce, content, None)
        if not plain.endswith(b"\x02"):
            raise ValueError("not one whole record")
        return plain[:-1].decode()


def read_vapid(header):
    """The claims of a VAPID header (RFC 8292) and the public key, once the signature was checked."""
    scheme, _space, parts = header.partition(" ")
    found = dict(part.strip().split("=", 1) for part in parts.split(","))
    signed, _dot, signature = found["t"].rpartition(".")
    raw = decode(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(found["k"]))
    key.verify(
        utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        signed.encode(),
        ec.ECDSA(hashes.SHA256()),
    )
    return scheme, json.loads(decode(signed.split(".")[1])), found["k"]


class PushCase(ClubPortalCase):
    """A club that sends notifications, and a push service on this machine; no quiet hours, no limit of messages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"push_active": True, "quiet_from": 0, "quiet_to": 0, "campaign_limit": 0})
        (cls.member | cls.member_2).write({"consent_marketing": True})
        cls.Message = cls.env["club.push.message"]
        cls.Device = cls.env["club.push.device"]

    def setUp(self):
        super().setUp()
        self.service = Service()
        self.addCleanup(self.service.stop)
        self.startPatcher(
            patch.object(self.registry["club.push.message"], "_make_session", lambda _self: PushSession((), True))
        )
        self.phone = Browser(self.service, "/phone")
        self.laptop = Browser(self.service, "/laptop")

    def switch_on(self, subscriber=None, member=None, user=None, **values):
        """The device of a browser, Anna's unless one says otherwise."""
        return (member or self.member)._add_push_device(
            user or self.anna, **(subscriber or self.phone).subscription, **values
        )

    def note(self, key="test", **values):
        return {
            "member": self.member,
            "topic": "prize",
            "key": key,
            "title": "Rose Club",
            "body": "Your prize is ready.",
            "path": f"/my/club/{self.member.id}",
            **values,
        }

    def queue(self, *keys, **values):
        return self.Message._queue([self.note(key, **values) for key in keys or ("test",)])

    def work_off(self):
        with self.jobs_in_test():
            self.Message._cron_send()
        self.env.flush_all()
        self.env.invalidate_all()

    def let_wait_end(self, messages):
        messages.sudo().write({"due_at": fields.Datetime.now() - timedelta(seconds=1)})

    def campaign(self, **values):
        return self.env["club.campaign"].create(
            {
                "club_id": self.club.id,
                "name": "Spring",
                "channel": "push",
                "subject": "Spring is here",
                "body": "Dear {name}, come and see.",
                "control_share": 0,
                "date_to": fields.Date.today() + timedelta(days=5),
                **values,
            }
        )

    def run_campaign(self, campaign):
        campaign.action_schedule()
        with self.jobs_in_test():
            campaign._take_steps()
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["club.campaign.target"].search([("campaign_id", "=", campaign.id)])
