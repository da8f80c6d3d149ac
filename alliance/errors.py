"""The few kinds of refusal, and the one table that gives each its HTTP status."""

from typing import Any


class Refused(Exception):
    """Something that will not be done, with a stable code and a sentence that names the field and the remedy.

    `code` is the feed's refusal code and the problem document's `code`; `detail` is for a person to read.
    """

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        if code not in STATUS:
            raise ValueError(f"unknown refusal code {code!r}")
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.extra = extra

    @property
    def status(self) -> int:
        return STATUS[self.code]


STATUS = {
    "bad_message": 400,
    "bad_request": 400,
    "not_signed_in": 401,
    "wrong_password": 401,
    "forbidden": 403,
    "not_yours": 403,
    "no_consent": 403,
    "csrf": 403,
    "not_found": 404,
    "unknown_assignment": 404,
    "unknown_key": 404,
    "method_not_allowed": 405,
    "off_duty": 409,
    "out_of_order": 409,
    "conflict": 409,
    "rule_broken": 409,
    "stale_version": 412,
    "too_early": 409,
    "too_late": 409,
    "clock_ahead": 409,
    "too_large": 413,
    "bad_media": 415,
    "version_needed": 428,
    "too_many": 429,
    "internal": 500,
    "unavailable": 503,
}


def not_found(what: str, key: object) -> Refused:
    return Refused("not_found", f"no {what} {key} in this district that you may see")
