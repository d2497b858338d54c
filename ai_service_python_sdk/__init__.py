"""The Python SDK of the AI Portrait service (AI写真): check, train, wait, create."""
from .util.exports import export as _export

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from ._version import __version__ as __version__
    from .client import *  # noqa: F403
    from .ledger import Ledger as Ledger
    from .portrait import CreateResult as CreateResult
    from .portrait import Portrait as Portrait
    from .portrait import PortraitStudio as PortraitStudio
    from .portrait import TrainedModel as TrainedModel

_export(__name__, '''
    portrait.CreateResult ledger.Ledger portrait.Portrait portrait.PortraitStudio
    portrait.TrainedModel _version.__version__
''', ('.client',))
