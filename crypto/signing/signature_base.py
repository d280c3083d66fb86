"""Writes the signature base of our profile: RFC 9421, section 2.5, for components that we chose ourselves.

A component is named as it is spelled there, with its quotes and with `;req` where it is of the request that an answer
answers (section 2.4). The values are those of sections 2.1 (fields), 2.2.1 (@method), 2.2.2 (@target-uri) and 2.2.9
(@status); none is repaired: a value outside the form of its component is refused.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from crypto.errors import SignatureRefused

METHOD: Final = '"@method"'
TARGET_URI: Final = '"@target-uri"'
STATUS: Final = '"@status"'

# RFC 9110, 5.5, in ASCII: visible characters, with spaces and tabs between them. No line break can add a line here.
_FIELD_VALUE: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_METHOD: Final = re.compile(r"[A-Z][A-Z-]*")
_STATUS: Final = re.compile(r"[1-5][0-9]{2}")
# RFC 3986, sections 3.1 to 3.4, without user information, without a fragment, and with a path: what a server is asked.
_CHARACTER: Final = r"[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}"
_TARGET_URI: Final = re.compile(
    r"https?://(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?"
    rf"/(?:{_CHARACTER}|/)*(?:\?(?:{_CHARACTER}|[/?])*)?"
)
_FORMS: Final = {METHOD: _METHOD, TARGET_URI: _TARGET_URI, STATUS: _STATUS}
_OF_REQUEST: Final = ";req"


def of_field(name: str) -> str:
    """Name the component of a field whose name is in lower case."""
    return f'"{name}"'


def of_request(component: str) -> str:
    """Name a component of the request in the signature of its answer."""
    return component + _OF_REQUEST


def signature_base(components: Iterable[str], values: Mapping[str, str], parameters: str) -> bytes:
    """Write the base: a line for each component in this order, then the parameters as Signature-Input has them.

    Raises SignatureRefused `invalid` for a value that its component cannot have.
    """
    lines = [f"{component}: {_checked(component, values[component])}" for component in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def _checked(component: str, value: str) -> str:
    form = _FORMS.get(component.removesuffix(_OF_REQUEST), _FIELD_VALUE)
    written = value.strip(" \t") if form is _FIELD_VALUE else value
    if form.fullmatch(written) is None:
        raise SignatureRefused("invalid", f"the value of {component} cannot be signed")
    return written
