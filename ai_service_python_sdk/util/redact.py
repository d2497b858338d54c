"""One redactor for everything that is printed: signatures, secret headers, passwords in URLs."""
import re

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Dict, Iterable, Match, Tuple

#: What stands in the place of a secret.
MASK = '***'
#: Headers whose value is never shown, in lower case.
SECRET_HEADERS = frozenset(['authorization', 'cookie', 'set-cookie', 'proxy-authorization'])

# `re` compiles and keeps each expression at its first use: all of them together would take a
# twentieth of a script to its first answer, which needs none.

#: Characters of a signature, all hexadecimal digits.
SIGNATURE_LENGTH = 64
_SIGNATURE = '[0-9a-f]{%d}' % SIGNATURE_LENGTH
#: Every eighth character of a text with a signature has 8 digits in a row: cheap to look for.
_STEP = 8
_SIGNATURE_AT_STEPS = '[0-9a-f]{%d}' % (SIGNATURE_LENGTH // _STEP)
#: A secret header inside a text: of a log, of JSON, of a printed dict or pair.
_HEADER_LINE = ('(?ia)(' + '|'.join(sorted(SECRET_HEADERS)) + r')(["\']?\s*[:=,]\s*["\']?)'
                r'[^\r\n"\']+')
#: Scheme and path of a URL in a text; what stands between and behind is a secret.
#: (The limit on the scheme keeps the search of a long text without any from going quadratic.)
#: An apostrophe, as in O'Brien, belongs to it unless it closes a quotation; so does a bracket.
#: Chinese punctuation ends a query too, and so does the bracket of a Markdown link.
_END = r'\s"<>，。；：、！？）】」'
_TO_ITS_END = (r'[^' + _END + r']*?(?=[\')\]}]{1,8}[,;:.]?(?:[' + _END + r']|\Z)|\]\(|[' + _END
               + r']|\Z)')
#: A password with a slash: a colon that no port follows.
_SLASHED = r'[^/@:?#\s"\'<>\[]*:(?![0-9]{1,5}/)[^@?#\s"\'<>]{0,200}@'
_URL = (r'(?i)([a-z][a-z0-9+.-]{0,30}://)(?:[^/?#\s"\'<>]*@|' + _SLASHED + r')?'
        r'((?:[^?#\s"\'<>]|\'(?=\w))*)(?:[?#]' + _TO_ITS_END + ')?')
#: The query of an address without a scheme, or with blanks in its path.
_QUERY = r'(?<=[\w/])\?[\w.%~-]+=' + _TO_ITS_END
#: What signs, wherever a blank has torn it off its URL; Go writes the & of JSON as \u0026.
#: A short value that follows no & is a word about it: token=None.
_NAME = r'(?:x-[a-z]+-|q-)?(?:signature|sig|sign|(?:security-|access_)?token|auth_key{})='
_VALUE = r'[^' + _END + r'&\'`)\]},;\\]'
_SIGNED = r'(?i)((?:(?<=&)|(?<=u0026)){0}(?={1})|(?<!\w){0}(?={1}{{8}})){1}+'.format(
    _NAME.format(''), _VALUE)
#: What makes a query one that is taken off also without a scheme before it.
_SIGNING = r'(?i)(?:(?<!\w)|(?<=u0026))' + _NAME.format(
    '|auth|policy|credential|(?:oss|aws)?accesskeyid')
_AT_START = r'\A' + _SLASHED
_PASSWORD = r'(?<=//)(?:[^/@\s]+@|' + _SLASHED + ')'


def mask_text(text: str) -> str:
    """Return the text with signatures, secret headers and passwords in URLs masked."""
    # Most texts hold no secret, and looking for a word is far cheaper than a regular expression.
    if len(text) >= SIGNATURE_LENGTH and re.search(_SIGNATURE_AT_STEPS, text[::_STEP]):
        text = re.sub(_SIGNATURE, MASK, text)
    lowered = text.lower()
    if 'authorization' in lowered or 'cookie' in lowered:
        text = re.sub(_HEADER_LINE, r'\1\2' + MASK, text)
    return re.sub(_PASSWORD, MASK + '@', text) if '@' in text else text


def mask_user(address: str) -> str:
    """Return the address of a host or proxy, with or without a scheme, without its user."""
    scheme, mark, rest = str(address).rpartition('://')
    user, at, place = rest.rpartition('@')
    return scheme + mark + (MASK + at if at else '') + (place if at else rest)


def mask_headers(headers: "Iterable[Tuple[str, object]]") -> "Dict[str, object]":
    """Return the headers as a dict whose secret values are masked."""
    return dict((name, MASK if str(name).lower() in SECRET_HEADERS else mask_text(str(value)))
                for name, value in headers)


def bare_url(url: str) -> str:
    """Return one URL cut to scheme, host and path, whatever blanks and quotes are in it."""
    scheme, mark, rest = url.partition('?')[0].partition('#')[0].partition('://')
    host, slash, path = re.sub(_AT_START, '', rest).partition('/')
    return scheme + mark + host.rpartition('@')[2] + slash + path


def bare_urls(text: str) -> str:
    """Return the text with every URL in it cut to scheme, host and path.

    A signed URL is a key to what it names; the key is in its user info, query or fragment.
    """
    if '://' in text:
        text = re.sub(_URL, r'\1\2', text)
    if '=' in text:
        text = re.sub(_SIGNED, r'\1' + MASK, re.sub(_QUERY, _unless_it_signs, text))
    return text


def _unless_it_signs(query: "Match[str]") -> str:
    return '' if re.search(_SIGNING, query.group()) else query.group()


def without_secrets(text: str) -> str:
    """Return the text as it may be shown: masked, and with its URLs cut."""
    return bare_urls(mask_text(text))


def bare_name(photo: str) -> str:
    """Return what may be shown of a photo, which is one URL or one path."""
    return bare_url(photo) if '://' in photo else bare_urls(photo)
