"""A proxy before the server that misbehaves as networks do: drops answers, is late, is in the way."""

import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError


class StubProxy:
    """Forwards to ``target``; the first requests are treated as ``plan`` says, one word each, the rest well.

    ``drop``: the server does the work, nobody gets its answer; ``half``: half of the answer; ``late``: the answer comes
    after ``delay`` seconds; ``502``, ``503``, ``429``: never reaches the server.
    """

    def __init__(self, target, plan=(), delay=3.0):
        self.target, self.plan, self.delay = target, list(plan), delay
        self.seen, self.forwarded = 0, threading.Event()
        self._lock, self._never = threading.Lock(), threading.Event()

    def __enter__(self):
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                proxy._handle(self)

            def log_message(self, *args):
                """Tests have nothing to say about each request."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def _next(self):
        with self._lock:
            self.seen += 1
            return self.plan.pop(0) if self.plan else "pass"

    def _handle(self, handler):
        word = self._next()
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if word.isdigit():
            self._answer(handler, int(word), b"<html>in the way</html>", {"Retry-After": "0"})
        else:
            status, answer, headers = self._forward(handler, body)
            self.forwarded.set()
            if word == "late":
                self._never.wait(self.delay)  # not time.sleep, which tests patch
            if word == "half":
                self._answer(handler, status, answer, headers, len(answer) // 2)
            elif word != "drop":
                self._answer(handler, status, answer, headers)
        handler.close_connection = True

    def _forward(self, handler, body):
        kept = ("Authorization", "Content-Type", "X-Odoo-Database")
        headers = {name: handler.headers[name] for name in kept if handler.headers[name]}
        request = urllib.request.Request(self.target + handler.path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read(), dict(response.headers)
        except HTTPError as error:
            with error:
                return error.code, error.read(), dict(error.headers)

    def _answer(self, handler, status, body, headers, length=None):
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", headers.get("Content-Type", "text/html"))
            handler.send_header("Content-Length", str(len(body)))
            if headers.get("Retry-After"):
                handler.send_header("Retry-After", headers["Retry-After"])
            handler.end_headers()
            handler.wfile.write(body if length is None else body[:length])
        except OSError:  # the client has given up waiting
            self.gone = True
