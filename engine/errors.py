"""Named exceptions of the engine. Models turn them into errors for people."""


class EngineError(ValueError):
    """Base of every error that the engine raises."""


class CalendarError(EngineError):
    """The calendar, the kind of period or the policy is not one the club knows."""


class TimeZoneError(EngineError):
    """The time zone is not in the time zone database."""


class DateError(EngineError):
    """A text is not a date, or the day does not exist in its calendar.

    ``reason`` is one of ``empty``, ``unreadable``, ``two_digit_year``, ``year`` (outside what the
    calendar accepts) and ``no_such_day``.
    """

    def __init__(self, message: str, reason: str = "unreadable") -> None:
        super().__init__(message)
        self.reason = reason


class NumberError(EngineError):
    """A text is not a number, or its digits are not grouped as numbers are.

    ``reason`` is one of ``empty``, ``unreadable`` and ``grouping``.
    """

    def __init__(self, message: str, reason: str = "unreadable") -> None:
        super().__init__(message)
        self.reason = reason


class PhoneError(EngineError):
    """A text is not the number of a telephone that can exist.

    ``reason`` is one of ``empty``, ``unreadable``, ``too_short``, ``too_long``, ``country`` and ``invalid``.
    """

    def __init__(self, message: str, reason: str = "invalid") -> None:
        super().__init__(message)
        self.reason = reason


class EmailError(EngineError):
    """A text is not exactly one e-mail address."""


class MemberNumberError(EngineError):
    """A member number cannot be made from these parts."""


class TierError(EngineError):
    """The tiers contradict each other, or a tier is not among them."""


class TableError(EngineError):
    """A file cannot be read as a table of rows and columns.

    ``reason`` is one of ``empty``, ``encoding``, ``spreadsheet``, ``too_large``, ``too_many_rows`` and ``no_rows``.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class EndpointError(EngineError):
    """The server may not post to an address that a device gave."""
