"""``pprint`` of Python 3.4 prints the same text as later ones, and breaks long lines elsewhere."""
import re
import sys

BREAKS_ELSEWHERE = sys.version_info < (3, 5)
REASON = 'pprint of Python 3.4 breaks a long line elsewhere'


def unbroken(value):
    """Return what was seen, on Python 3.4 without what a break adds to a text or takes away."""
    if not BREAKS_ELSEWHERE:
        return value
    if isinstance(value, str):
        return re.sub(r'[\s\'"]', '', value)
    if isinstance(value, (list, tuple)):
        return [unbroken(item) for item in value]
    if isinstance(value, dict):
        return dict((key, unbroken(item)) for key, item in value.items())
    return value
