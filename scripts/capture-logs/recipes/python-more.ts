// More of pip, pytest and its kin, unittest, Hypothesis and Python itself, failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';
import { localWheels, makeWheel, wheel } from './python.ts';

const pip = { needs: ['python3', 'pip3'], job: 'test' };
const pytest = { needs: ['pytest'], job: 'test' };
const python = { needs: ['python3'], job: 'build' };

export const captured: Captured[] = [
  {
    ...pip,
    name: 'pip-hash-missing',
    pattern: 'pip requirement without a hash',
    prepare: `${makeWheel}\n${wheel('ratelimit', '1.2.0')}`,
    files: { 'requirements.txt': 'ratelimit==1.2.0\n' },
    steps: [{ run: 'pip install --require-hashes -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-requirements-missing',
    pattern: 'pip requirements file missing',
    prepare: makeWheel,
    steps: [{ run: 'pip install -r requirements/ci.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-invalid-requirement',
    pattern: 'pip cannot read a requirement',
    prepare: makeWheel,
    files: { 'requirements.txt': 'ratelimit\nacme-core=1.2\n' },
    steps: [{ run: 'pip install -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-wheel-other-platform',
    pattern: 'pip wheel for another platform',
    prepare: `${makeWheel}\ntouch acme_fast-0.4.0-cp312-cp312-win_amd64.whl`,
    steps: [{ run: 'pip install ./acme_fast-0.4.0-cp312-cp312-win_amd64.whl', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-not-installable',
    pattern: 'pip: folder is not an installable project',
    prepare: makeWheel,
    files: { 'src/app/__init__.py': '' },
    steps: [{ run: 'pip install -e .', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-git-dependency',
    pattern: 'pip could not clone a git dependency',
    prepare: `${makeWheel}
git init -q /home/runner/lib && cd /home/runner/lib && touch setup.py && git add -A
git -c user.name=a -c user.email=a@example.com commit -q -m a`,
    files: { 'requirements.txt': 'git+file:///home/runner/lib@v9.1#egg=lib\n' },
    steps: [{ run: 'pip install -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-file-gone',
    pattern: 'pip: file gone from the package index',
    prepare: makeWheel,
    files: { 'requirements.txt': 'https://files.example.com/acme_core-1.4.0-py3-none-any.whl\n' },
    routes: [{ host: 'files.example.com', path: '/', status: 404, body: 'not found' }],
    standIn: 'a file server that has no such file',
    steps: [{ run: 'pip install -r requirements.txt', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-target-not-writable',
    pattern: 'Permission denied on a file',
    prepare: `${makeWheel}\n${wheel('ratelimit', '1.2.0')}`,
    steps: [{ run: 'pip install --target /usr/local/lib/app ratelimit', env: localWheels }],
  },
  {
    ...pip,
    name: 'pip-build-backend-missing',
    pattern: 'Python build back end missing',
    prepare: makeWheel,
    files: {
      'pyproject.toml':
        '[build-system]\nrequires = ["pdm-backend"]\nbuild-backend = "pdm.backend"\n\n[project]\nname = "app"\nversion = "1.0"\n',
    },
    steps: [{ run: 'pip install --no-build-isolation .', env: localWheels }],
  },
  {
    ...python,
    name: 'python-setuptools-missing',
    pattern: 'Python package build: setuptools missing',
    prepare: 'python3 -m venv --without-pip /home/runner/venv',
    files: { 'app/version.py': 'import pkg_resources\n\nprint(pkg_resources.get_distribution("app").version)\n' },
    steps: [{ run: '/home/runner/venv/bin/python app/version.py' }],
  },
  {
    ...python,
    name: 'python-module-removed',
    pattern: 'Python removed a module that is used',
    files: { 'app/report.py': 'import formatter\n\nprint(formatter.NullWriter())\n' },
    steps: [{ run: 'python3 app/report.py' }],
  },
  {
    ...python,
    name: 'python-package-too-old',
    pattern: 'Python package too old for this Python',
    files: {
      'vendor/oldlib/__init__.py':
        'import collections\n\n\ndef is_mapping(value):\n    return isinstance(value, collections.Mapping)\n',
      'app.py': 'from oldlib import is_mapping\n\nprint(is_mapping({}))\n',
    },
    steps: [{ run: 'PYTHONPATH=vendor python3 app.py' }],
  },
  {
    ...pip,
    name: 'setuptools-flat-layout',
    pattern: 'setuptools finds several packages',
    prepare: makeWheel,
    files: {
      'pyproject.toml':
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "app"\nversion = "1.0"\n',
      'app/__init__.py': '',
      'migrations/0001.py': '',
    },
    steps: [{ run: 'pip install --no-build-isolation .', env: localWheels }],
  },
  {
    ...pip,
    name: 'python-metadata-invalid',
    pattern: 'Python project metadata invalid',
    prepare: makeWheel,
    files: {
      'setup.py': "from setuptools import setup\n\nsetup(name='app', version='v1-final')\n",
    },
    steps: [{ run: 'pip install --no-build-isolation .', env: localWheels }],
  },
  {
    needs: ['cython3'],
    job: 'build',
    name: 'cython-compile-error',
    pattern: 'Cython compile error',
    files: {
      'app/fast.pyx':
        'def total(values):\n    cdef long sum = 0\n    for value in values:\n        sum += scale(value)\n    return sum\n',
    },
    steps: [{ run: 'cython3 -3 app/fast.pyx' }],
  },
  {
    ...pytest,
    name: 'pytest-collection-other-error',
    pattern: 'pytest could not collect a test file',
    files: {
      'tests/test_api.py': 'CASES = load_cases()\n\n\ndef test_starts():\n    assert CASES\n',
    },
    steps: [{ run: 'python3 -m pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-import-file-mismatch',
    pattern: 'pytest: two test files of one name',
    files: {
      'tests/api/test_client.py': 'def test_a():\n    assert True\n',
      'tests/cli/test_client.py': 'def test_b():\n    assert True\n',
    },
    steps: [{ run: 'python3 -m pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-fixture-raised',
    pattern: 'pytest fixture failed',
    files: {
      'tests/test_rows.py':
        'import pytest\n\n\n@pytest.fixture\ndef table():\n    raise RuntimeError("no free table")\n\n\ndef test_reads(table):\n    assert table\n',
    },
    steps: [{ run: 'python3 -m pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-xdist-worker-crashed',
    pattern: 'pytest worker crashed',
    files: {
      'tests/test_native.py':
        'import os\n\n\ndef test_small():\n    assert True\n\n\ndef test_loads_image():\n    os._exit(3)\n',
    },
    steps: [{ run: 'python3 -m pytest -n 2 --max-worker-restart=0' }],
  },
  {
    ...pytest,
    name: 'pytest-xdist-different-tests',
    pattern: 'pytest workers collected different tests',
    files: {
      'tests/test_ids.py':
        'import os\n\nimport pytest\n\n\n@pytest.mark.parametrize("code", [f"job-{os.getpid()}"])\ndef test_code(code):\n    assert code\n',
    },
    steps: [{ run: 'python3 -m pytest -n 2' }],
  },
  {
    ...pytest,
    name: 'pytest-option-unknown',
    pattern: 'pytest option unknown',
    files: { 'pytest.ini': '[pytest]\naddopts = --html=report.html --self-contained-html\n' },
    steps: [{ run: 'pytest tests' }],
  },
  {
    ...pytest,
    name: 'pytest-path-not-found',
    pattern: 'pytest file or test named on the command line not found',
    files: { 'tests/test_a.py': 'def test_a():\n    assert True\n' },
    steps: [{ run: 'pytest tests/test_a.py::test_b' }],
  },
  {
    ...pytest,
    name: 'pytest-conftest-error',
    pattern: 'pytest conftest.py cannot be imported',
    files: {
      'tests/conftest.py': 'SETTINGS = {}\nDATABASE = SETTINGS["database"]\n',
      'tests/test_a.py': 'def test_a():\n    assert True\n',
    },
    steps: [{ run: 'pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-plugin-missing',
    pattern: 'pytest plugin cannot be loaded',
    files: { 'tests/test_a.py': 'def test_a():\n    assert True\n' },
    steps: [{ run: 'pytest -p pytest_docker_compose' }],
  },
  {
    ...pytest,
    name: 'pytest-marker-unknown',
    pattern: 'pytest configuration invalid',
    files: {
      'pytest.ini': '[pytest]\naddopts = --strict-markers\n',
      'tests/test_a.py': 'import pytest\n\n\n@pytest.mark.integration\ndef test_a():\n    assert True\n',
    },
    steps: [{ run: 'pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-internal-error',
    pattern: 'pytest internal error',
    files: {
      'conftest.py': 'def pytest_collection_modifyitems(config, items):\n    config.stash_of_ours.add(len(items))\n',
      'tests/test_a.py': 'def test_a():\n    assert True\n',
    },
    steps: [{ run: 'pytest' }],
  },
  {
    ...pytest,
    name: 'pytest-warning-as-error',
    pattern: 'pytest turned a warning into an error',
    files: {
      'tests/test_time.py':
        'import warnings\n\n\ndef stamp():\n    warnings.warn("stamp() goes away, use now()", DeprecationWarning)\n    return 1\n\n\ndef test_stamp():\n    assert stamp()\n',
    },
    steps: [{ run: 'pytest -W error' }],
  },
  {
    ...pytest,
    name: 'coverage-no-data',
    pattern: 'Coverage: no data collected',
    steps: [{ run: 'python3 -m coverage report' }],
  },
  {
    ...pytest,
    name: 'coverage-fail-under',
    pattern: 'coverage.py: total below its limit',
    files: {
      'app.py': 'import sys\n\nif len(sys.argv) > 1:\n    print("one")\n    print("two")\n    print("three")\n',
    },
    steps: [{ run: 'python3 -m coverage run app.py\npython3 -m coverage report --fail-under=90' }],
  },
  {
    ...pytest,
    name: 'hypothesis-deadline',
    pattern: 'Hypothesis deadline exceeded',
    files: {
      'tests/test_slow.py':
        'import time\n\nfrom hypothesis import given, strategies as st\n\n\n@given(st.integers())\ndef test_slow(number):\n    time.sleep(0.5)\n',
    },
    steps: [{ run: 'pytest' }],
  },
  {
    ...pytest,
    name: 'hypothesis-health-check',
    pattern: 'Hypothesis health check failed',
    files: {
      'tests/test_filter.py':
        'from hypothesis import given, strategies as st\n\n\n@given(st.integers().filter(lambda number: number % 9973 == 17))\ndef test_rare(number):\n    assert number\n',
    },
    steps: [{ run: 'pytest' }],
  },
  {
    ...pytest,
    name: 'hypothesis-flaky',
    pattern: 'Hypothesis found a flaky test',
    files: {
      'tests/test_flaky.py':
        'from hypothesis import given, strategies as st\n\nseen = []\n\n\n@given(st.integers())\ndef test_once(number):\n    seen.append(number)\n    assert len(seen) > 1\n',
    },
    steps: [{ run: 'pytest' }],
  },
  {
    ...pytest,
    name: 'hypothesis-falsified',
    pattern: 'Hypothesis falsifying example',
    files: {
      'tests/test_sort.py':
        'from hypothesis import given, strategies as st\n\n\n@given(st.lists(st.integers()))\ndef test_short(values):\n    assert len(values) < 4\n',
    },
    steps: [{ run: 'pytest -rN' }],
  },
  {
    ...python,
    name: 'unittest-import-failed',
    pattern: 'unittest could not import a test module',
    files: {
      'tests/__init__.py': '',
      'tests/test_api.py': 'import unittest\n\nAPI = open_api()\n\n\nclass ApiTest(unittest.TestCase):\n    pass\n',
    },
    steps: [{ run: 'python3 -m unittest discover -v' }],
  },
  {
    ...python,
    name: 'doctest-failed',
    pattern: 'doctest example failed',
    files: { 'price.py': 'def half(number):\n    """\n    >>> half(5)\n    2.5\n    """\n    return number // 2\n' },
    steps: [{ run: 'python3 -m doctest price.py' }],
  },
  {
    ...python,
    name: 'python-circular-import',
    pattern: 'Python circular import',
    files: {
      'app/__init__.py': '',
      'app/orders.py': 'from app.buyers import Buyer\n\n\nclass Order:\n    buyer = Buyer\n',
      'app/buyers.py': 'from app.orders import Order\n\n\nclass Buyer:\n    orders = [Order]\n',
    },
    steps: [{ run: 'python3 -c "import app.orders"' }],
  },
  {
    ...python,
    name: 'python-cannot-import-name',
    pattern: 'Python cannot import a name',
    files: { 'app.py': 'from typing import Mappings\n\nprint(Mappings)\n' },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    ...python,
    name: 'python-no-attribute',
    pattern: 'Python module has no such attribute',
    files: { 'app.py': 'import json\n\nprint(json.load_all("[]"))\n' },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    ...python,
    name: 'python-unexpected-argument',
    pattern: 'Python call does not fit the signature',
    files: {
      'client.py': 'class Client:\n    def __init__(self, url):\n        self.url = url\n',
      'app.py': 'from client import Client\n\nClient("http://localhost", proxies={})\n',
    },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    ...python,
    name: 'python-script-missing',
    pattern: 'Python script not found',
    steps: [{ run: 'python3 tools/make_release.py --dry-run' }],
  },
  {
    ...python,
    name: 'python-file-missing',
    pattern: 'File missing (ENOENT)',
    files: { 'load.py': 'with open("config/app.toml") as file:\n    print(file.read())\n' },
    steps: [{ run: 'python3 load.py' }],
  },
  {
    ...python,
    name: 'python-environment-variable-missing',
    pattern: 'Python: environment variable missing',
    files: { 'settings.py': 'import os\n\nTOKEN = os.environ["ACME_API_TOKEN"]\n' },
    steps: [{ run: 'python3 settings.py' }],
  },
  {
    ...python,
    name: 'python-decode-error',
    pattern: 'Python cannot decode or encode text',
    prepare: "printf 'Zo\\353\\n' > names.txt",
    files: { 'write.py': 'print(open("names.txt", encoding="utf-8").read())\n' },
    steps: [{ run: 'python3 write.py' }],
  },
  {
    ...python,
    name: 'python-interpreter-crashed',
    pattern: 'Python interpreter crashed',
    files: { 'crash.py': 'import ctypes\n\nctypes.string_at(0)\n' },
    steps: [{ run: 'python3 -X faulthandler crash.py' }],
  },
  {
    ...python,
    name: 'python-command-failed',
    pattern: 'Python: command that it ran failed',
    files: { 'release.py': 'import subprocess\n\nsubprocess.run(["false", "--now"], check=True)\n' },
    steps: [{ run: 'python3 release.py' }],
  },
  {
    ...python,
    name: 'python-argparse',
    pattern: 'Command line not understood (argparse)',
    files: {
      'deploy.py':
        'import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument("--stage", choices=["test", "live"])\nparser.parse_args()\n',
    },
    steps: [{ run: 'python3 deploy.py --stage production' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-package-metadata-missing',
    pattern: 'Python package metadata not found',
    files: { 'app/__init__.py': "from importlib.metadata import version\n\n__version__ = version('acme-orders')\n" },
    steps: [{ run: 'python3 -c "import app"' }],
  },
  {
    needs: ['pytest'],
    job: 'test',
    name: 'pytest-verbose-names-only',
    pattern: 'pytest test failed',
    files: { 'tests/test_a.py': 'def test_adds():\n    assert 1 + 1 == 3\n' },
    steps: [{ run: 'pytest -v -rN --tb=no' }],
  },
  {
    needs: ['pytest'],
    job: 'test',
    name: 'pytest-xdist-failed',
    pattern: 'pytest test failed',
    files: {
      'tests/test_a.py': 'def test_adds():\n    assert 1 + 1 == 3\n\n\ndef test_takes():\n    assert 2 - 1 == 1\n',
    },
    steps: [{ run: 'pytest -n 2 -v -rN --tb=line' }],
  },
  {
    needs: ['pytest'],
    job: 'test',
    name: 'pytest-no-names',
    pattern: 'pytest assertion failed',
    files: { 'tests/test_a.py': 'def test_adds():\n    assert 1 + 1 == 3\n' },
    steps: [{ run: 'pytest -q -rN' }],
  },
  {
    needs: ['pytest'],
    job: 'test',
    name: 'pytest-no-tests-deselected',
    pattern: 'pytest ran no tests',
    files: { 'tests/test_a.py': 'def test_adds():\n    assert True\n' },
    steps: [{ run: 'pytest -k integration' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'unittest-error-in-test',
    pattern: 'unittest test failed',
    files: {
      'tests/__init__.py': '',
      'tests/test_rows.py':
        'import unittest\n\n\nclass RowsTest(unittest.TestCase):\n    def test_first(self):\n        self.assertEqual([][0], 1)\n',
    },
    steps: [{ run: 'python3 -m unittest -v tests.test_rows' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-no-module-named-main',
    pattern: 'Python module not found',
    steps: [{ run: 'python3 -m acme_release --tag v1' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-indentation-error',
    pattern: 'Python syntax error',
    files: { 'app.py': 'def run():\nreturn 1\n' },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    needs: ['pytest'],
    job: 'test',
    name: 'passing/pytest-xdist-hypothesis',
    pattern: null,
    files: {
      'tests/test_errors.py':
        'import warnings\n\nfrom hypothesis import given, strategies as st\n\n\n@given(st.integers())\ndef test_error_number(number):\n    warnings.warn("FAILED to look up, using the default")\n    assert number == number\n',
    },
    steps: [{ run: 'pytest -n 2 -v --cov=tests --cov-report=term' }],
  },
  {
    needs: ['pytest'],
    job: 'test',
    name: 'passing/pytest-xfail-shown',
    pattern: null,
    files: {
      'tests/test_errors.py':
        'import logging\n\nimport pytest\n\n\n@pytest.mark.xfail(reason="error 7 is known", strict=True)\ndef test_error():\n    logging.getLogger("app").error("KeyError: \'APP_TOKEN\'")\n    raise ValueError("known")\n\n\n@pytest.mark.skip(reason="FAILED on this machine")\ndef test_skipped():\n    raise SystemExit(1)\n\n\ndef test_logs(caplog):\n    logging.getLogger("app").exception("ModuleNotFoundError: No module named \'x\'")\n',
    },
    steps: [{ run: 'pytest -rA -v --durations=3' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-connection-refused',
    pattern: 'Python: server not reachable',
    files: { 'ping.py': 'import socket\n\nsocket.create_connection(("localhost", 9093), timeout=2)\n' },
    steps: [{ run: 'python3 ping.py' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-not-json',
    pattern: 'JSON file not valid',
    files: { 'read.py': 'import json\n\nprint(json.loads("<html></html>"))\n' },
    steps: [{ run: 'python3 read.py' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-yaml-invalid',
    pattern: 'YAML file not valid',
    files: {
      'read.py': 'import yaml\n\nprint(yaml.safe_load(open("app.yml")))\n',
      'app.yml': 'name: app\n  port: 80\n',
    },
    steps: [{ run: 'python3 read.py' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-name-error',
    pattern: 'Python name not defined',
    files: { 'app.py': 'print(totals)\n' },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-attribute-error',
    pattern: 'Python object has no such attribute',
    files: { 'app.py': 'import re\n\nprint(re.match("a", "b").group(0))\n' },
    steps: [{ run: 'python3 app.py' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'python-http-error',
    pattern: 'Python: server answered with an HTTP error',
    files: { 'fetch.py': "from urllib.request import urlopen\n\nurlopen('http://api.example.com/v1/rates')\n" },
    routes: [{ host: 'api.example.com', path: '/', status: 422, body: 'no' }],
    standIn: 'an HTTP server that refuses the request',
    steps: [{ run: 'sed -i s,http:,https:, fetch.py\npython3 fetch.py' }],
  },
];
