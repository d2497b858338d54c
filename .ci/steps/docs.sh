#!/usr/bin/env bash
# The documentation site: built with warnings as errors, every link checked, opened in Chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."

"$DEV/python" -m pip install -q --disable-pip-version-check ".[docs]"
rm -rf build ./*.egg-info
if ! command -v chromedriver > /dev/null; then
    ROOT=$([ "$(id -u)" = 0 ] || echo sudo)
    $ROOT apt-get update -qq
    $ROOT apt-get install -qq -y --no-install-recommends chromium chromium-driver fonts-noto-cjk > /dev/null
fi

# The generator's makers advertise their next program in a box.
export NO_MKDOCS_2_WARNING=1 DOCS_SITE=$WORK/site
"$DEV/mkdocs" build -q --strict -f docs/mkdocs.yml -d "$DOCS_SITE"
"$DEV/mkdocs" build -q --strict -f docs/mkdocs.zh.yml -d "$DOCS_SITE/zh"
"$DEV/python" -m pytest -q -p no:cacheprovider tests/docs/test_built_site.py tests/docs/test_site_in_browser.py tests/docs/test_install.py
