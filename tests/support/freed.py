"""Whether what is let go is freed at once, or waits in a circle for the garbage collector."""
import gc
import weakref

import pytest


def is_gone_when_let_go(kind, call):
    """Make a call that raises an error of a kind; return whether nothing holds the error then."""
    gc.disable()
    try:
        with pytest.raises(kind) as caught:
            call()
        seen = weakref.ref(caught.value)
        del caught
        return seen() is None
    finally:
        gc.enable()
