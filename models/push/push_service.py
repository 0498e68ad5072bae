"""Post one message to a browser's push service: only to a public address, without redirects, with little patience.

Odoo's own ``mail.tools.web_push`` encrypts and signs; it takes a session, and this is ours.
"""

import contextlib
import socket
from types import SimpleNamespace

import requests
import urllib3
from odoo.addons.customer_club.engine import errors
from odoo.addons.customer_club.engine import push as engine_push

CONNECT_SECONDS = 3
READ_SECONDS = 5
#: Addresses of one name that are tried.
ADDRESSES = 3


class PushGone(Exception):
    """The device takes no more messages, for ever."""


class PushRefused(Exception):
    """The service does not take this message, and would not later."""


class PushLater(Exception):
    """The service does not take the message now. ``asked``: seconds after which it wants to be asked again."""

    def __init__(self, message, asked=None):
        super().__init__(message)
        self.asked = asked


class PushSession:
    """What ``push_to_end_point`` posts with. Connects to the address that was checked, so that a name cannot lead
    elsewhere a moment later; a service that did not answer is not asked again by the same session.
    """

    def __init__(self, services=engine_push.SERVICES, loopback=False, ca_certs=None):
        self.services = services
        self.loopback = loopback
        self.ca_certs = ca_certs or requests.certs.where()
        self.seconds_to_live = 60
        self.silent = set()

    def post(self, url, headers, data, timeout=None):
        """Post, as ``requests.Session.post`` would.

        :raise PushGone, PushRefused, PushLater: what became of it; otherwise it was taken
        """
        try:
            host, port, target = engine_push.check_endpoint(url, self.services, self.loopback)
        except errors.EndpointError as error:
            raise PushGone(str(error)) from error
        if host in self.silent:
            raise PushLater("no answer a moment ago")
        try:
            status, asked = self._send(url, host, port, target, {**headers, "TTL": str(self.seconds_to_live)}, data)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            self.silent.add(host)
            raise PushLater(type(error).__name__) from error
        return self._judge(status, asked)

    def _judge(self, status, asked):
        if status in (404, 410):
            raise PushGone(str(status))
        if status == 429 or status >= 500:
            raise PushLater(str(status), asked)
        if not 200 <= status < 300:
            raise PushRefused(str(status))
        return SimpleNamespace(status_code=201, text="")

    def _send(self, url, host, port, target, headers, data):
        """The status of the answer, and the seconds after which the service wants to be asked again."""
        headers["Host"] = host if port in (80, 443) else f"{host}:{port}"
        failure = OSError("no address")
        for address in self._resolve(host, port):
            with self._open(url, host, address, port) as pool:
                try:
                    response = pool.urlopen(
                        "POST", target, body=data, headers=headers, redirect=False, retries=False, preload_content=False
                    )
                except urllib3.exceptions.NewConnectionError as error:
                    failure = error
                    continue
                with contextlib.closing(response):
                    asked = response.headers.get("Retry-After", "")
                    return response.status, int(asked) if asked.isascii() and asked.isdigit() else None
        raise failure

    def _resolve(self, host, port):
        """The first public addresses of a host.

        :raise PushGone: if it has others: a push service has not
        """
        found = dict.fromkeys(info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        local = self.loopback and set(found) <= {"127.0.0.1", "::1"}
        if not local and not all(engine_push.is_public(address) for address in found):
            raise PushGone("not a public address")
        return list(found)[:ADDRESSES]

    def _open(self, url, host, address, port):
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        if url.startswith("http:"):
            return urllib3.HTTPConnectionPool(address, port, timeout=timeout)
        return urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=timeout,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self.ca_certs,
        )
