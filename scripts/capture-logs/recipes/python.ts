// pip, pytest, type checkers and linters of the Python world, failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

/** A wheel is a zip with two files of metadata; this makes one without a build back end. */
export const makeWheel = `cat > /home/runner/wheel.py <<'PY'
import sys, zipfile
name, version, folder, *lines = sys.argv[1:]
info = f'{name}-{version}.dist-info'
with zipfile.ZipFile(f'{folder}/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(f'{name}.py', '')
    wheel.writestr(f'{info}/METADATA', '\\n'.join(['Metadata-Version: 2.1', f'Name: {name}', f'Version: {version}', *lines, '']))
    wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: wheel\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{info}/RECORD', '')
PY
mkdir -p /home/runner/wheels
python3 -m venv --system-site-packages /home/runner/venv
mkdir -p /home/runner/setup/bin
ln -s /home/runner/venv/bin/pip /home/runner/setup/bin/pip`;
export const wheel = (name: string, version: string, ...lines: string[]): string =>
  `python3 /home/runner/wheel.py ${name} ${version} /home/runner/wheels ${lines.map((line) => `'${line}'`).join(' ')}`;
export const localWheels = {
  PIP_NO_INDEX: '1',
  PIP_FIND_LINKS: '/home/runner/wheels',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
};
const pip = { needs: ['python3', 'pip3'], job: 'test' };
const pytest = { needs: ['pytest'], job: 'test' };

export const captured: Captured[] = [
  {
    ...pip,
    name: 'pip-no-matching-distribution',
    pattern: 'pip found no matching distribution',
    prepare: `${makeWheel}\n${wheel('ratelimit', '1.2.0')}`,
    files: { 'requirements.txt': 'ratelimit==2.0.0\n' },
    steps: [{ run: 'pip install -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-resolution-impossible',
    pattern: 'pip conflicting requirements',
    prepare: [
      makeWheel,
      wheel('alpha', '1.0.0', 'Requires-Dist: shared (<2)'),
      wheel('beta', '1.0.0', 'Requires-Dist: shared (>=2)'),
      wheel('shared', '1.5.0'),
      wheel('shared', '2.1.0'),
    ].join('\n'),
    files: { 'requirements.txt': 'alpha==1.0.0\nbeta==1.0.0\n' },
    steps: [{ run: 'pip install -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-externally-managed',
    pattern: 'pip refused by the system Python',
    steps: [{ run: '/usr/bin/pip3 install requests' }],
  },
  {
    ...pip,
    name: 'pip-hash-mismatch',
    pattern: 'pip hash mismatch',
    prepare: `${makeWheel}\n${wheel('ratelimit', '1.2.0')}`,
    files: { 'requirements.txt': `ratelimit==1.2.0 --hash=sha256:${'1f'.repeat(32)}\n` },
    steps: [{ run: 'pip install --require-hashes -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-build-failed',
    pattern: 'Python package build: C extension does not compile',
    prepare: makeWheel,
    files: {
      'requirements.txt': './native\n',
      'native/setup.py':
        "from setuptools import Extension, setup\nsetup(name='native', version='0.3.0', ext_modules=[Extension('native', ['native.c'])])\n",
      'native/native.c': '#include <libpq-missing.h>\n',
    },
    steps: [{ run: 'pip install --no-build-isolation -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-requires-different-python',
    pattern: 'Package needs another Python version',
    prepare: `${makeWheel}\n${wheel('modern', '1.0.0', 'Requires-Python: >=3.13')}`,
    steps: [{ run: 'pip install /home/runner/wheels/modern-1.0.0-py3-none-any.whl', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-index-unreachable',
    pattern: 'pip could not reach the package index',
    prepare: makeWheel,
    files: { 'requirements.txt': 'requests==2.32.5\n' },
    steps: [{ run: 'pip install --retries 1 -r requirements.txt', env: { PIP_DISABLE_PIP_VERSION_CHECK: '1' } }],
  },
  {
    ...pytest,
    name: 'pytest-assertion',
    pattern: 'pytest test failed',
    files: {
      'app/price.py': 'def price(cents):\n    return cents // 100\n',
      'app/__init__.py': '',
      'tests/test_price.py':
        'from app.price import price\n\n\ndef test_whole_amount():\n    assert price(200) == 2\n\n\ndef test_keeps_the_cents():\n    assert price(250) == 2.5\n',
    },
    steps: [{ run: 'python3 -m pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-collection-error',
    pattern: 'Python cannot import a name',
    files: {
      'tests/test_api.py': 'from app.server import create_app\n\n\ndef test_starts():\n    assert create_app()\n',
      'app/__init__.py': '',
      'app/server.py': 'def make_app():\n    return 1\n',
    },
    steps: [{ run: 'python3 -m pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-fixture-not-found',
    pattern: 'pytest fixture not found',
    files: { 'tests/test_db.py': 'def test_reads_a_row(database):\n    assert database\n' },
    steps: [{ run: 'python3 -m pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-no-tests',
    pattern: 'pytest ran no tests',
    files: { 'tests/check_price.py': 'def test_price():\n    assert True\n' },
    steps: [{ run: 'python3 -m pytest tests' }],
  },
  {
    needs: ['pytest', 'python3'],
    job: 'test',
    name: 'pytest-coverage-fail-under',
    pattern: 'Coverage below its threshold',
    files: {
      'app/price.py':
        'def price(cents):\n    if cents < 0:\n        raise ValueError(cents)\n    return cents / 100\n\n\ndef free():\n    return 0\n',
      'app/__init__.py': '',
      'tests/test_price.py': 'from app.price import price\n\n\ndef test_price():\n    assert price(100) == 1\n',
    },
    steps: [{ run: 'python3 -m pytest --cov=app --cov-fail-under=90' }],
  },
  {
    ...pytest,
    name: 'pytest-timeout',
    pattern: 'pytest test timed out',
    files: { 'tests/test_queue.py': 'import time\n\n\ndef test_drains():\n    time.sleep(30)\n' },
    steps: [{ run: 'python3 -m pytest --timeout=1' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-unittest-failed',
    pattern: 'unittest test failed',
    files: {
      'tests/__init__.py': '',
      'tests/test_price.py':
        'import unittest\n\n\nclass PriceTest(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(2 - 3, 5)\n',
    },
    steps: [{ run: 'python3 -m unittest discover' }],
  },
  {
    needs: ['python3'],
    job: 'build',
    name: 'python-module-not-found',
    pattern: 'Python module not found',
    files: { 'manage.py': 'import celery_tasks\n\ncelery_tasks.run()\n' },
    steps: [{ run: 'python3 manage.py migrate' }],
  },
  {
    needs: ['python3'],
    job: 'build',
    name: 'python-syntax-error',
    pattern: 'Python syntax error',
    files: { 'app.py': 'def run(:\n    return 1\n' },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    needs: ['python3'],
    job: 'build',
    name: 'python-uncaught-exception',
    pattern: 'Python exception',
    files: { 'seed.py': 'rows = {"a": 1}\nprint(rows["b"])\n' },
    steps: [{ run: 'python3 seed.py' }],
  },
  {
    needs: ['mypy'],
    job: 'types',
    name: 'mypy-error',
    pattern: 'mypy type error',
    files: { 'app/price.py': 'def price(cents: int) -> str:\n    return cents / 100\n\n\ntotal: int = price("12")\n' },
    steps: [{ run: 'mypy app' }],
  },
  {
    needs: ['mypy'],
    job: 'types',
    name: 'mypy-missing-stubs',
    pattern: 'mypy has no types for an import',
    files: { 'app/client.py': 'import left_toml\nfrom app.missing import row\n\nprint(left_toml, row)\n' },
    steps: [{ run: 'mypy app' }],
  },
  {
    needs: ['flake8'],
    job: 'lint',
    name: 'flake8-violation',
    pattern: 'flake8 violation',
    files: { 'app/price.py': 'import os\n\ndef price(cents):\n    return cents/100 \n' },
    steps: [{ run: 'flake8 app' }],
  },
  {
    needs: ['black'],
    job: 'lint',
    name: 'black-would-reformat',
    pattern: 'Black formatting',
    files: { 'app/price.py': "def price( cents ):\n    return {'a':cents}\n" },
    steps: [{ run: 'black --check app' }],
  },
  {
    needs: ['isort'],
    job: 'lint',
    name: 'isort-imports',
    pattern: 'isort import order',
    files: { 'app/price.py': 'import sys\nimport os\n\nprint(os, sys)\n' },
    steps: [{ run: 'isort --check-only --diff app' }],
  },
  {
    needs: ['pylint'],
    job: 'lint',
    name: 'pylint-message',
    pattern: 'Pylint message',
    files: { 'app/price.py': '"""Prices."""\n\n\ndef price(cents):\n    """In units."""\n    return cent / 100\n' },
    steps: [{ run: 'pylint app/price.py' }],
  },
  {
    ...pytest,
    name: 'passing/pytest',
    pattern: null,
    files: {
      'tests/test_errors.py':
        'import pytest\n\n\ndef test_handles_errors():\n    print("ERROR: connection refused, retrying")\n    with pytest.raises(ValueError):\n        raise ValueError("bad input")\n\n\n@pytest.mark.parametrize("code", [500, 502])\ndef test_failed_request_is_retried(code):\n    assert code >= 500\n\n\n@pytest.mark.xfail(reason="known failure")\ndef test_known_failure():\n    assert False\n',
    },
    steps: [{ run: 'python3 -m pytest -v -rA' }],
  },
  {
    needs: ['mypy', 'flake8', 'black', 'isort'],
    job: 'lint',
    name: 'passing/python-lint',
    pattern: null,
    files: {
      'app/errors.py':
        'class AppError(Exception):\n    """An error that the user can mend."""\n\n\ndef fail(reason: str) -> None:\n    raise AppError(reason)\n',
    },
    steps: [
      { run: 'mypy app' },
      { run: 'flake8 --count app' },
      { run: 'black --check app' },
      { run: 'isort --check-only app' },
    ],
  },
  {
    ...pip,
    name: 'passing/pip-install',
    pattern: null,
    prepare: [makeWheel, wheel('alpha', '1.0.0', 'Requires-Dist: errorhandler'), wheel('errorhandler', '2.0.1')].join(
      '\n',
    ),
    files: {
      'requirements.txt': 'alpha\n',
      'import_errors.py':
        "try:\n    import missing_module\nexcept ModuleNotFoundError as error:\n    print(f'optional dependency absent: {error}')\n",
    },
    steps: [{ run: 'pip install -r requirements.txt\npython3 import_errors.py', env: localWheels }],
  },
];
