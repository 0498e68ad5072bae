"""What the interface for other systems answers when it refuses."""

from odoo.exceptions import UserError

#: Stable codes, with the status that JSON-2 gives them. Integrators rely on the codes, not on the words.
STATUS = {
    "bad_input": 422,
    "unknown_member": 404,
    "ambiguous_member": 409,
    "unknown_code": 422,
    "unknown_key": 404,
    "code_not_valid": 422,
    "code_paused": 422,
    "key_reused": 409,
    "not_enough_points": 422,
    "nothing_left": 422,
    "limit_exceeded": 422,
    "forbidden": 403,
    "refused": 422,
    "busy": 429,
    "rate_limited": 429,
}
#: Seconds after which a caller may try again.
RETRY_AFTER = {"busy": 1, "rate_limited": 10}


class ClubApiError(UserError):
    """A call that is refused: ``code`` for programs, the message for people, ``details`` for both."""

    def __init__(self, code, message, **details):
        super().__init__(message)
        self.code = code
        self.details = details

    def to_dict(self):
        """What the caller gets. XML-RPC knows no null: there is none in it."""
        return {"code": self.code, "message": str(self), **self.details}
