"""The one normaliser at every door where a person types: digits, names, phones, amounts, member numbers.

>>> normalise(' علي ۱۲ '), phone_e164('۰۹۱۲ ۳۴۵ ۶۷۸۹', 'IR'), parse_decimal('۱٬۲۳۴٫۵')
('علی 12', '+989123456789', Decimal('1234.5'))
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

import phonenumbers

from .errors import EmailError, MemberNumberError, NumberError, PhoneError

_PERSIAN, _ARABIC, _WIDE = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"
_DIGITS = str.maketrans(_PERSIAN + _ARABIC + _WIDE, "0123456789" * 3)
#: Arabic yeh, alef maksura and kaf as a Persian keyboard writes them.
_LETTERS = str.maketrans("\u064a\u0649\u0643", "\u06cc\u06cc\u06a9")
#: Marks that steer the direction of a line and are pasted along unseen; byte order mark; zero-width space.
_INVISIBLE = dict.fromkeys(
    # control characters but tab and line ends, then what formats
    [
        *(*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F),
        *(0x200B, 0x200E, 0x200F, 0x061C, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    ]
)
#: Half-space (zero-width non-joiner) and joiner, tatweel, vowel signs: written or not as people like.
_OPTIONAL = dict.fromkeys([0x200C, 0x200D, 0x0640, 0x0670, *range(0x064B, 0x0653)])


def digits(text: str) -> str:
    """The text with Persian, Arabic and full-width digits as 0–9; everything else as it was.

    >>> digits('۱۴۰۳/۱۲/٣٠')
    '1403/12/30'
    """
    return text.translate(_DIGITS)


def normalise(text: str) -> str:
    """The text as it is stored: composed, with Persian yeh and kaf, plain digits, trimmed.

    The half-space stays, for it is spelling. Applying it twice changes nothing.

    >>> normalise('\u200fكريمي ۷ ') == 'کریمی 7'
    True

    Nor do control characters stay, of which a database refuses some.

    >>> normalise('Ro\\x00se\\x1b')
    'Rose'
    """
    composed = unicodedata.normalize("NFC", text or "")
    return composed.translate(_INVISIBLE).translate(_LETTERS).translate(_DIGITS).strip()


def keep_sign(amount: str) -> str:
    """A written amount whose minus stays at the left of its number, also beside a sign that runs from right to left.

    >>> keep_sign("-5.00 €"), keep_sign("5 ریال"), keep_sign("-5 ریال") == "\u200f\u200e-5 ریال"
    ('-5.00 €', '5 ریال', True)
    """
    if "-" not in amount or not any(unicodedata.bidirectional(char) in ("R", "AL") for char in amount):
        return amount
    return "\u200f" + amount.replace("-", "\u200e-")  # the line runs as it did; the number, from left to right


def search_key(text: str) -> str:
    """The text as it is compared: normalised, without case, half-spaces, vowel signs and doubled blanks.

    >>> search_key('Ali  REZA'), search_key('علي\u200cرضا') == search_key('علیرضا')
    ('ali reza', True)
    """
    folded = unicodedata.normalize("NFC", normalise(text).translate(_OPTIONAL).casefold())
    return " ".join(folded.split())


# -- phones ------------------------------------------------------------------------------------------

_PHONE_REASONS = {
    phonenumbers.ValidationResult.TOO_SHORT: "too_short",
    phonenumbers.ValidationResult.TOO_LONG: "too_long",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "country",
}
_PHONE_WORDS = {
    "empty": "is empty",
    "unreadable": "is not a telephone number",
    "too_short": "is too short for a telephone number",
    "too_long": "is too long for a telephone number",
    "country": "has no country code that exists, and no country to assume one",
    "invalid": "is not a number that is in use; are digits missing, or too many?",
}


def phone_candidates(text: str, default_region: str = "") -> list[str]:
    """All telephone numbers, in E.164, that a person may have meant; the likeliest first; empty for none.

    Read as typed from the region; with 00 for +; and as an international number that lost its + in a spreadsheet.

    >>> phone_candidates('0098 912 345 6789', 'DE'), phone_candidates('989123456789', 'IR')
    (['+989123456789'], ['+989123456789'])
    >>> phone_candidates('+98912', 'IR')
    []

    :param default_region: two letters of the country that a number without country code is from
    """
    found: list[str] = []
    for reading, region in _phone_readings(text, default_region):
        parsed = _parse_phone(reading, region)
        if parsed is not None and phonenumbers.is_valid_number(parsed):
            number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            if number not in found:
                found.append(number)
    return found


def phone_e164(text: str, region: str = "") -> str:
    """The telephone number in E.164, whatever digits, blanks and prefixes it was typed with.

    >>> {phone_e164(typed, 'IR') for typed in ('۰۹۱۲۳۴۵۶۷۸۹', '0912-345 6789', '00989123456789', '+989123456789')}
    {'+989123456789'}
    >>> phone_e164('0912', 'IR')  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    PhoneError: '0912' is not a number that is in use; are digits missing, or too many?

    :param region: two letters of the country that a number without country code is from
    :raise PhoneError: saying why it is none (see its ``reason``)
    """
    candidates = phone_candidates(text, region)
    if candidates:
        return candidates[0]
    reason = _phone_reason(text, region)
    raise PhoneError(f"{text!r} {_PHONE_WORDS[reason]}", reason)


def _phone_readings(text: str, region: str) -> list[tuple[str, str | None]]:
    clean = normalise(text)
    region = (region or "").upper()
    readings: list[tuple[str, str | None]] = [(clean, region or None)]
    bare = re.sub(r"\D", "", clean)
    if clean.startswith("00"):
        readings.append(("+" + bare[2:], None))
    elif bare and not clean.startswith(("+", "0")):
        readings.append(("+" + bare, None))
    return readings


def _parse_phone(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    # Letters would become digits (1-800-FLOWERS): a name beside a number is a mistake here, an extension is not.
    if re.search(r"[^\W\d_]", re.sub(r"(?i)\b(?:tel|ext|x)\b", "", text)):
        return None
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _phone_reason(text: str, region: str) -> str:
    clean = normalise(text)
    if not clean:
        return "empty"
    if not re.search(r"\d", clean):
        return "unreadable"
    if _parse_phone(clean, "US") is None and re.search(r"[^\W\d_]", clean):
        return "unreadable"
    try:
        parsed = phonenumbers.parse(clean, (region or "").upper() or None)
    except phonenumbers.NumberParseException as error:
        return {
            phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "country",
            phonenumbers.NumberParseException.NOT_A_NUMBER: "unreadable",
            phonenumbers.NumberParseException.TOO_LONG: "too_long",
        }.get(error.error_type, "too_short")
    return _PHONE_REASONS.get(phonenumbers.is_possible_number_with_reason(parsed), "invalid")


# -- e-mail ------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\.]+(?:\.[^@\s<>,;:\"()\[\]\\.]+)+")


def email_key(text: str) -> str:
    """The address by which a person is found: plain, without display name, in small letters.

    >>> email_key(' Anna@Example.COM ')
    'anna@example.com'

    :raise EmailError: for anything that is not exactly one address
    """
    clean = normalise(text)
    if not _EMAIL.fullmatch(clean):
        raise EmailError(f"{text!r} is not an e-mail address; write it like anna@example.com")
    return clean.lower()


# -- amounts -----------------------------------------------------------------------------------------

_GROUPED = re.compile(r"\d{1,3}(?:_\d{3})+")
_GROUPED_INDIAN = re.compile(r"\d{1,2}(?:_\d{2})*_\d{3}")
_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")


def parse_decimal(text: str) -> Decimal:
    """The exact number that a person or another program wrote.

    - any digits; ``٬`` and ``،`` group thousands, ``٫`` is the decimal sign; blanks and apostrophes group too;
    - with both a comma and a point, the later one is the decimal sign;
    - several commas, or several points, group thousands (and must do so correctly);
    - one comma groups if exactly three digits follow one to three that do not begin with 0 (``1,234``), else it is the
      decimal sign (``12,5``);
    - one point is always the decimal sign (``1.234`` is less than two);
    - a minus before or behind, or brackets as accountants write them, make it negative.

    >>> [str(parse_decimal(t)) for t in ('1,234', '12,5', '1.234', '1.234,50', '1,234.50', '1.234.567', '(7)', '۰٫۰')]
    ['1234', '12.5', '1.234', '1234.50', '1234.50', '1234567', '-7', '0.0']

    :raise NumberError: saying what is wrong; nothing is ever guessed from letters, exponents or signs of currencies
    """
    clean = normalise(text)
    if not clean:
        raise NumberError("the number is empty", "empty")
    negative, body = _sign(clean.replace("\u2212", "-"))
    body = re.sub(r"[\s'\u2019\u066c\u060c](?=\d{3}(?!\d))", "_", body)  # can only group
    body = _decimal_point(body, text)
    if not _NUMBER.fullmatch(body):
        raise NumberError(f"{text!r} is not a number")
    value = Decimal(body)
    return -value if negative else value


def _sign(text: str) -> tuple[bool, str]:
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    if text.startswith(("-", "+")):
        return text[0] == "-", text[1:].strip()
    if text.endswith("-"):
        return True, text[:-1].strip()
    return False, text


def _decimal_point(body: str, text: str) -> str:
    """The text with a point for its decimal sign and nothing for its grouping signs."""
    commas, points = body.count(","), body.count(".")
    if "\u066b" in body:
        body = body.replace(",", "_").replace(".", "_").replace("\u066b", ".", 1)
    elif commas and points:
        decimal_sign, grouping_sign = sorted(",.", key=body.rfind, reverse=True)
        body = body.replace(grouping_sign, "_").replace(decimal_sign, ".")
    elif points > 1:
        body = body.replace(".", "_")
    elif commas > 1 or re.fullmatch(r"[1-9]\d{0,2},\d{3}", body):
        body = body.replace(",", "_")
    whole, point, fraction = body.replace(",", ".").partition(".")
    if "_" in whole and not (_GROUPED.fullmatch(whole) or _GROUPED_INDIAN.fullmatch(whole)):
        raise NumberError(f"the digits of {text!r} are not grouped by thousands", "grouping")
    return whole.replace("_", "") + point + fraction


# -- member numbers ----------------------------------------------------------------------------------


def member_number(sequence: int, prefix: str = "") -> str:
    """A member's number: prefix, at least six digits, and two check digits after ISO 7064, MOD 97-10.

    The system of IBANs (ISO 13616): letters count as 10 to 35 and the whole leaves remainder 1 when divided by 97. It
    detects every wrong character and every swap of neighbours, which is what people do at a counter. The number says
    who a member claims to be; it authorises nothing.

    >>> member_number(1), member_number(123456, 'ROSE')
    ('00000195', 'ROSE12345680')

    :param sequence: from 1
    :param prefix: letters A–Z and digits, at most 8
    :raise MemberNumberError: for another sequence or prefix
    """
    start = normalise(prefix).upper()
    if not re.fullmatch(r"[A-Z0-9]{0,8}", start):
        raise MemberNumberError(f"the prefix {prefix!r} may have at most eight letters A–Z and digits")
    if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 1:
        raise MemberNumberError(f"a member number counts from 1, not from {sequence!r}")
    body = f"{start}{sequence:06d}"
    return f"{body}{98 - _mod97(body + '00'):02d}"


def compact_member_number(text: str) -> str:
    """The number as it is stored: plain digits, capitals, no blanks or hyphens. Checks nothing.

    >>> compact_member_number(' rose-۱۲۳۴۵۶ 80 ')
    'ROSE12345680'
    """
    return re.sub(r"[\s\u200c._-]", "", normalise(text)).upper()


def check_member_number(text: str) -> bool:
    """Whether the check digits fit, however the number was typed.

    >>> check_member_number('rose ۱۲۳۴۵۶-80'), check_member_number('ROSE12345608'), check_member_number('')
    (True, False, False)
    """
    number = compact_member_number(text)
    return bool(re.fullmatch(r"[A-Z0-9]{0,8}[0-9]{8,}", number)) and _mod97(number) == 1


def _mod97(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97


# -- exports -----------------------------------------------------------------------------------------

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> Any:
    """A value that a spreadsheet shows and never runs: a text that begins like a formula gets an apostrophe.

    Numbers, dates and everything that is no text pass as they are: pass numbers as numbers.

    >>> safe_cell('=HYPERLINK("x")'), safe_cell(' @SUM(1)'), safe_cell('Rose'), safe_cell(-5)
    ('\\'=HYPERLINK("x")', "' @SUM(1)", 'Rose', -5)
    """
    if isinstance(value, str) and (value.startswith(_FORMULA_STARTS) or value.lstrip().startswith(_FORMULA_STARTS)):
        return "'" + value
    return value
