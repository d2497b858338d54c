"""The client of the service: settings, operations, models, errors."""
from ..util.exports import export as _export

TYPE_CHECKING = bool()  # type: bool
if TYPE_CHECKING:
    from .api import *  # noqa: F403
    from .api_client import ApiClient as ApiClient
    from .configuration import Configuration as Configuration
    from .exceptions import *  # noqa: F403
    from .job_waiter import FinishedJob as FinishedJob
    from .job_waiter import JobWaiter as JobWaiter
    from .models import *  # noqa: F403
    from .retry import RetryPolicy as RetryPolicy
    from .workers import ClientFactory as ClientFactory

_export(__name__, '''
    api_client.ApiClient configuration.Configuration job_waiter.FinishedJob job_waiter.JobWaiter
    retry.RetryPolicy workers.ClientFactory
''', ('.models', '.api', '.exceptions'))
