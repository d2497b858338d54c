"""One redactor for everything that is printed: signatures, secret headers, passwords in URLs."""
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Tuple

#: What stands in the place of a secret.
MASK = '***'
#: Headers whose value is never shown, in lower case.
SECRET_HEADERS = frozenset(['authorization', 'cookie', 'set-cookie', 'proxy-authorization'])

_SIGNATURE = re.compile(r':[0-9a-f]{64}')
_PASSWORD = re.compile(r'(?<=//)[^/@\s]+@')


def mask_text(text: str) -> str:
    """Return the text with each signature and each password in a URL masked."""
    return mask_url(_SIGNATURE.sub(':' + MASK, text))


def mask_url(url: str) -> str:
    """Return the URL (or a text that holds URLs) without user names and passwords."""
    return _PASSWORD.sub(MASK + '@', str(url))


def mask_headers(headers: "Iterable[Tuple[str, Any]]") -> "Dict[str, Any]":
    """Return the headers as a dict whose secret values are masked."""
    return dict((name, MASK if name.lower() in SECRET_HEADERS else mask_text(str(value)))
                for name, value in headers)
