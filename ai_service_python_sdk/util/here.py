"""Whether a host is this very computer."""
from contextlib import suppress
from ipaddress import ip_address


def is_here(host: str) -> bool:
    """Whether a host, in lower case, is localhost or a loopback address; no name is looked up."""
    with suppress(ValueError):
        return host == 'localhost' or ip_address(host.split('%')[0]).is_loopback
    return False
