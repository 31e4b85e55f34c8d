// Kinds that the last measurement over freshly reported failures missed, in the tools' own words. Read by ../run.ts.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'numpy-two-removed-a-name',
    'Code uses a name that NumPy 2 removed',
    'python -m shop.report',
    'https://numpy.org/doc/stable/numpy_2_0_migration_guide.html',
    [
      'Traceback (most recent call last):',
      '  File "/home/runner/work/shop/shop/shop/report.py", line 8, in <module>',
      '    total = np.float_(0)',
      '            ^^^^^^^^^',
      '  File "/opt/hostedtoolcache/Python/3.12.4/x64/lib/python3.12/site-packages/numpy/__init__.py", line 397, in __getattr__',
      '    raise AttributeError(',
      'AttributeError: `np.float_` was removed in the NumPy 2.0 release. Use `np.float64` instead.',
    ],
  ],
  [
    'cibuildwheel-only-unknown',
    'cibuildwheel refuses its build selector',
    'python -m cibuildwheel --only cp312_linux',
    'https://cibuildwheel.pypa.io/en/stable/options/',
    ["Invalid --only='cp312_linux', must be a build selector with a known platform"],
  ],
  [
    'mypy-python-version-too-old',
    'mypy does not support this Python version',
    'mypy --python-version 3.7 shop',
    'https://mypy.readthedocs.io/en/stable/config_file.html',
    [
      'usage: mypy [-h] [-v] [-V] [more options; see below]',
      '            [-m MODULE] [-p PACKAGE] [-c PROGRAM_TEXT] [files ...]',
      'mypy: error: argument --python-version: Python 3.7 is not supported (must be 3.9 or higher)',
    ],
  ],
  [
    'pypi-email-not-verified',
    'PyPI: e-mail address of the user not verified',
    'twine upload dist/*',
    'https://pypi.org/help/#verified-email',
    [
      'Uploading distributions to https://upload.pypi.org/legacy/',
      'Uploading shop-1.4.0-py3-none-any.whl',
      'WARNING  Error during upload. Retry with the --verbose option for more details.',
      'ERROR    HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/',
      "         User 'octo-org' does not have a verified primary email address. Please",
      '         add a verified primary email before attempting to upload to PyPI. See',
      '         https://pypi.org/help/#verified-email for more information.',
    ],
  ],
  [
    'ghc-preprocessor-missing',
    'GHC: preprocessor of the source not installed',
    'cabal test',
    'https://hspec.github.io/hspec-discover.html',
    ["Building test suite 'spec' for shop-0.1.0.0...", 'ghc-9.6.6: could not execute: tasty-discover'],
  ],
  [
    'helm-two-and-a-new-chart',
    'Helm too old for this chart',
    'helm dependency update charts/shop',
    'https://helm.sh/docs/topics/charts/#the-apiversion-field',
    ['Error: validation: apiVersion \'v2\' is not valid. The value must be "v1"'],
  ],
];

export const documented = rows.map(toDocumented);
