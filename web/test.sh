#!/usr/bin/env bash
# All checks of the browser demo: types, lint, unit tests, and the page in Chromium against the
# Python package. Set PYTHON or CHROMIUM to use others than those on the path.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-audit --no-fund
npm run check
npm test
npm run test:e2e
