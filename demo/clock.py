"""A clock for demo data: what happens inside happened on another day."""

import threading
from contextlib import contextmanager
from datetime import date, datetime
from unittest.mock import patch

from odoo.orm import fields_temporal


class _AsReal(type):
    """Real dates are dates of the replaced class too."""

    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1])


class Clock:
    """Sets Odoo's ``fields.Datetime.now`` and ``fields.Date.today`` back, in this thread only.

    The ledger never changes an entry, so a past that is to be looked at has to be lived through in the right order.
    """

    def __init__(self):
        self.moment = None
        self._thread = threading.get_ident()

    def get_moment(self):
        """The moment set, or ``None`` for the real time (also in other threads)."""
        return self.moment if threading.get_ident() == self._thread else None

    @contextmanager
    def running(self):
        """Replace the time until the end of the block; set :attr:`moment` (naive UTC) inside."""
        clock = self

        class DatetimeOfClock(datetime, metaclass=_AsReal):
            @classmethod
            def now(cls, tz=None):
                moment = clock.get_moment()
                if moment is None:
                    return datetime.now(tz)
                return moment if tz is None else moment.astimezone(tz)

        class DateOfClock(date, metaclass=_AsReal):
            @classmethod
            def today(cls):
                moment = clock.get_moment()
                return date.today() if moment is None else moment.date()

        with (
            patch.object(fields_temporal, "datetime", DatetimeOfClock),
            patch.object(fields_temporal, "date", DateOfClock),
        ):
            yield self
