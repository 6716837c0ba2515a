#!/usr/bin/env bash
# Everything that must hold of the browser demo: types, lint, unit tests, and the page in a real
# Chromium against the Python package. PYTHON and CHROMIUM name others than those on the path.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-audit --no-fund
npm run check
npm test
npm run test:e2e
