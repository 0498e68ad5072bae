"""One small club for every test."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tests.common import ChromeBrowser


class ClubCase(TransactionCase):
    """A club of the main company, two members, a product; helpers to post points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.club = cls.env["club.club"].create(
            {
                "name": "Rose Club",
                "tz": "UTC",
                "earn_when": "confirmed",
                "hold_days": 0,
                "expiry_policy": "never",
            }
        )
        cls.partner = cls.env["res.partner"].create({"name": "Anna", "email": "anna@example.com"})
        cls.partner_2 = cls.env["res.partner"].create({"name": "Ben", "email": "ben@example.com"})
        cls.member = cls.club._enrol(cls.partner)
        cls.member_2 = cls.club._enrol(cls.partner_2)
        cls.product = cls.env["product.product"].create(
            {
                "name": "Roses",
                "list_price": 10.0,
                "taxes_id": False,
                "invoice_policy": "order",
            }
        )

    @classmethod
    def post(cls, points, key, kind=None, member=None, **values):
        """Post one movement for ``member`` (default: Anna's) and return its entry."""
        kind = kind or ("earn" if points > 0 else "spend")
        return cls.env["club.point.entry"]._post(
            [
                {"member_id": (member or cls.member).id, "kind": kind, "points": points, "key": key, **values},
            ]
        )

    @classmethod
    def earn_rule(cls, event_type, points=10, **values):
        """A rule that gives fixed points for an event, with neither tier multiplier nor limits unless asked for."""
        return cls.env["club.earn.rule"].create(
            {
                "club_id": cls.club.id,
                "name": f"Points for {event_type}",
                "event_type": event_type,
                "points": points,
                "use_multiplier": False,
                **values,
            }
        )

    def assertEarned(self, points, event_type, member=None):
        """Fail unless facts of a type brought a member (default: Anna) so many points, less what was taken back."""
        self.env.flush_all()
        entries = self.env["club.point.entry"].search(
            [
                ("member_id", "=", (member or self.member).id),
                ("event_id.type", "=", event_type),
                ("kind", "in", ("earn", "reverse")),
            ]
        )
        self.assertEqual(sum(entries.mapped("points")), points, f"points for {event_type}")

    @contextmanager
    def jobs_in_test(self):
        """Let cron methods report progress without committing, as a test's cursor cannot commit."""

        def commit_progress(cron, processed=0, *, remaining=None, deactivate=False):
            cron.env.cr.flush()
            return float("inf")

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit_progress):
            yield

    def assertInvariantsHold(self):
        """Fail with the broken invariants and their records, if any (design §2, I1–I5)."""
        self.env.flush_all()
        broken = self.env["club.ledger.check"]._find_broken()
        self.assertFalse(broken, "the ledger's invariants must hold")



#: Debian's package of Odoo leaves this file out (it blurs video calls); the browser's console says so on every page.
LEFT_OUT_BY_DEBIAN = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def forgive_debian(case_class):
    """Let tours of the backend pass where Debian's package lacks a file. To be called in ``setUpClass``."""
    handle_console = ChromeBrowser._handle_console

    def handle(browser, type, args=None, **details):  # noqa: A002 - the protocol's name
        if not any(LEFT_OUT_BY_DEBIAN in str(arg.get("value")) for arg in args or ()):
            handle_console(browser, type, args=args, **details)

    case_class.startClassPatcher(patch.object(ChromeBrowser, "_handle_console", handle))
