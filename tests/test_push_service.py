"""The connection to a push service: encrypted, to whom the certificate names, and given up in time."""

import datetime
import socket
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from odoo.addons.customer_club.models.push import push_service
from odoo.addons.customer_club.models.push.push_service import PushGone, PushLater, PushRefused, PushSession
from odoo.addons.customer_club.tests.push_common import Service
from odoo.tests import BaseCase, tagged


def make_certificate(folder, name):
    """The path of a file with a key and its certificate for a host; who trusts it trusts only it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = Path(folder) / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    return str(path)


@tagged("post_install", "-at_install")
class TestThePushService(BaseCase):
    def setUp(self):
        super().setUp()
        self.service = Service()
        self.addCleanup(self.service.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def encrypt(self, name):
        """Let the service speak TLS as a host of this name; returns whom one must trust."""
        path = make_certificate(self.folder, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self.service.server.socket = context.wrap_socket(self.service.server.socket, server_side=True)
        return path

    def post(self, scheme="https", path="/phone", **options):
        session = PushSession((), loopback=True, **options)
        return session.post(f"{scheme}://localhost:{self.service.server.server_port}{path}", {}, b"sealed")

    def test_it_speaks_tls_with_whom_the_certificate_names(self):
        trusted = self.encrypt("localhost")
        self.assertEqual(self.post(ca_certs=trusted).status_code, 201)
        ((path, headers, body),) = self.service.requests
        self.assertEqual((path, body), ("/phone", b"sealed"))
        self.assertEqual(headers["Host"], f"localhost:{self.service.server.server_port}")

    def test_a_certificate_that_nobody_vouches_for_gets_nothing(self):
        self.encrypt("localhost")
        with self.assertRaises(PushLater):
            self.post()
        self.assertFalse(self.service.requests)

    def test_a_certificate_of_another_host_gets_nothing(self):
        trusted = self.encrypt("push.example.com")
        with self.assertRaises(PushLater):
            self.post(ca_certs=trusted)
        self.assertFalse(self.service.requests)

    def test_what_the_answer_means(self):
        for status, expected in (
            (200, None),
            (201, None),
            (202, None),
            (301, PushRefused),
            (400, PushRefused),
            (403, PushRefused),
            (404, PushGone),
            (410, PushGone),
            (413, PushRefused),
            (429, PushLater),
            (500, PushLater),
            (503, PushLater),
        ):
            self.service.answers["/phone"] = (status, {"Location": "/inside"})
            with self.subTest(status=status):
                if expected:
                    with self.assertRaises(expected):
                        self.post("http")
                else:
                    self.assertEqual(self.post("http").status_code, 201)
        self.assertEqual({path for path, *_rest in self.service.requests}, {"/phone"})

    def test_a_service_that_says_nothing_is_left(self):
        self.patch(push_service, "READ_SECONDS", 0.2)
        session = PushSession((), loopback=True)
        listening = socket.socket()
        self.addCleanup(listening.close)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/phone"
        with self.assertRaisesRegex(PushLater, "Timeout"):
            session.post(url, {}, b"")
        with self.assertRaisesRegex(PushLater, "moment ago"):
            session.post(url, {}, b"")
