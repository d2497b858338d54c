"""``python -m ai_service_python_sdk.emulator``: as ``ai-portrait emulator``."""
import sys

from ..cli import main

if __name__ == '__main__':
    sys.exit(main(['emulator'] + sys.argv[1:]))
