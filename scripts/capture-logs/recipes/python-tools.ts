// Poetry, pipenv, tox, nox, twine, Django, Alembic, type checkers, linters and pre-commit, failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const manage =
  "import os\nimport sys\n\nfrom django.core.management import execute_from_command_line\n\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\nexecute_from_command_line(sys.argv)\n";
const settings =
  "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.contenttypes', 'orders']\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'app.db'}}\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n";
const model = 'from django.db import models\n\n\nclass Order(models.Model):\n    total = models.IntegerField()\n';
const migration = (parent: string): string =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [${parent}]\n    operations = []\n`;
const shop = {
  'manage.py': manage,
  'settings.py': settings,
  'orders/__init__.py': '',
  'orders/models.py': model,
  'orders/migrations/__init__.py': '',
};
const django = { needs: ['python3', 'django-admin'], job: 'test' };

const alembicFiles = {
  'alembic.ini': '[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///app.db\n',
  'migrations/script.py.mako': '',
  'migrations/env.py':
    "from alembic import context\nfrom sqlalchemy import create_engine\n\nwith create_engine('sqlite:///app.db').connect() as connection:\n    context.configure(connection=connection, target_metadata=None)\n    with context.begin_transaction():\n        context.run_migrations()\n",
  'migrations/versions/a_first.py': "revision = '11aa22bb33cc'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n",
};
const revision = (id: string): string =>
  `revision = '${id}'\ndown_revision = '11aa22bb33cc'\n\n\ndef upgrade():\n    pass\n`;
const alembic = { needs: ['alembic'], job: 'test' };

const poetryProject = (python: string): string =>
  `[tool.poetry]\nname = "app"\nversion = "1.0.0"\ndescription = ""\nauthors = []\n\n[tool.poetry.dependencies]\npython = "${python}"\n\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n`;
const poetry = { needs: ['poetry'], job: 'test' };
const commit = 'git init -q\ngit add -A\ngit -c user.name=octo -c user.email=octo@example.com commit -q -m first';
const preCommit = { needs: ['pre-commit', 'git'], job: 'lint' };
const hook = (lines: string): string =>
  `repos:\n  - repo: local\n    hooks:\n      - id: tidy\n        name: tidy text files\n        language: system\n        types: [text]\n${lines}`;

export const captured: Captured[] = [
  {
    ...poetry,
    name: 'poetry-python-not-allowed',
    pattern: "Poetry: Python versions of project and packages don't fit",
    files: { 'pyproject.toml': poetryProject('^3.13') },
    steps: [{ run: 'poetry install --no-root' }],
  },
  {
    ...poetry,
    name: 'poetry-run-missing-command',
    pattern: 'Poetry run: command not installed',
    files: { 'pyproject.toml': poetryProject('^3.9') },
    steps: [{ run: 'poetry run mkdocs-lint' }],
  },
  {
    ...poetry,
    name: 'poetry-unknown-option',
    pattern: 'Poetry command or option does not exist',
    files: { 'pyproject.toml': poetryProject('^3.9') },
    steps: [{ run: 'poetry lock --regenerate' }],
  },
  {
    ...poetry,
    name: 'poetry-no-project',
    pattern: 'Poetry project file missing or invalid',
    steps: [{ run: 'poetry install' }],
  },
  {
    needs: ['pipenv'],
    job: 'test',
    name: 'pipenv-lock-outdated',
    pattern: 'Pipfile.lock out of date',
    files: {
      Pipfile:
        '[[source]]\nurl = "https://pypi.example.com/simple"\nverify_ssl = true\nname = "internal"\n\n[packages]\nacme-core = "*"\n',
      'Pipfile.lock':
        '{"_meta": {"hash": {"sha256": "1f1f"}, "pipfile-spec": 6, "requires": {}, "sources": []}, "default": {}, "develop": {}}\n',
    },
    steps: [{ run: 'pipenv install --deploy' }],
  },
  {
    needs: ['pipenv'],
    job: 'test',
    name: 'pipenv-python-missing',
    pattern: 'pipenv: Python version not installed',
    files: {
      Pipfile:
        '[[source]]\nurl = "https://pypi.example.com/simple"\nverify_ssl = true\nname = "internal"\n\n[packages]\n\n[requires]\npython_version = "3.7"\n',
    },
    steps: [{ run: 'pipenv install --dev' }],
  },
  {
    needs: ['tox'],
    job: 'test',
    name: 'tox-unknown-environment',
    pattern: 'tox environment not defined',
    files: { 'tox.ini': '[tox]\nenvlist = unit\nskipsdist = true\n\n[testenv:unit]\ncommands = python --version\n' },
    steps: [{ run: 'tox -e integration' }],
  },
  {
    needs: ['tox'],
    job: 'test',
    name: 'tox-interpreter-missing',
    pattern: 'tox found no such Python',
    files: { 'tox.ini': '[tox]\nenvlist = py37\nskipsdist = true\n\n[testenv]\ncommands = python --version\n' },
    steps: [{ run: 'tox' }],
  },
  {
    needs: ['tox'],
    job: 'test',
    name: 'tox-command-failed',
    pattern: 'tox command failed',
    files: {
      'tox.ini': '[tox]\nenvlist = check\nskipsdist = true\n\n[testenv:check]\ncommands = python check.py\n',
      'check.py': 'import sys\n\nprint("2 rows are out of order")\nsys.exit(3)\n',
    },
    steps: [{ run: 'tox' }],
  },
  {
    needs: ['nox'],
    job: 'test',
    name: 'nox-session-missing',
    pattern: 'nox session or Python not found',
    files: {
      'noxfile.py':
        'import nox\n\n\n@nox.session(venv_backend="none")\ndef unit(session):\n    session.run("true", external=True)\n',
    },
    steps: [{ run: 'nox -s integration' }],
  },
  {
    needs: ['nox'],
    job: 'test',
    name: 'nox-command-failed',
    pattern: 'nox command failed',
    files: {
      'noxfile.py':
        'import nox\n\n\n@nox.session(venv_backend="none")\ndef rows(session):\n    session.run("python3", "check.py", external=True)\n',
      'check.py': 'import sys\n\nprint("2 rows are out of order")\nsys.exit(3)\n',
    },
    steps: [{ run: 'nox' }],
  },
  ...[
    {
      name: 'twine-file-exists',
      pattern: 'PyPI: file already exists',
      status: 400,
      body: "File already exists ('app-1.0.0-py3-none-any.whl', with blake2_256 hash '1f'). See https://pypi.example.com/help/#file-name-reuse for more information.",
    },
    {
      name: 'twine-forbidden',
      pattern: 'PyPI refused the credentials',
      status: 403,
      body: 'Invalid or non-existent authentication information. See https://pypi.example.com/help/#invalid-auth for more information.',
    },
  ].map(
    ({ name, pattern, status, body }): Captured => ({
      needs: ['twine', 'python3'],
      job: 'publish',
      name,
      pattern,
      prepare: `mkdir dist && python3 - <<'PY'
import zipfile
with zipfile.ZipFile('dist/app-1.0.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('app-1.0.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: app\\nVersion: 1.0.0\\n')
    wheel.writestr('app-1.0.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\n')
PY`,
      routes: [{ host: 'upload.example.com', path: '/', status, body }],
      standIn: "a package index's answer to an upload",
      steps: [
        {
          run: 'twine upload --verbose --disable-progress-bar --repository-url https://upload.example.com/legacy/ dist/*',
          env: { TWINE_USERNAME: '__token__', TWINE_PASSWORD: '***' },
        },
      ],
    }),
  ),
  {
    needs: ['twine'],
    job: 'publish',
    name: 'twine-no-distribution',
    pattern: 'Python distribution invalid for publishing',
    steps: [{ run: "twine upload --repository-url https://upload.example.com/legacy/ 'dist/*'" }],
  },
  {
    ...django,
    name: 'django-migrations-conflict',
    pattern: 'Django migrations conflict',
    files: {
      ...shop,
      'orders/migrations/0001_initial.py': migration(''),
      'orders/migrations/0002_total.py': migration("('orders', '0001_initial')"),
      'orders/migrations/0002_buyer.py': migration("('orders', '0001_initial')"),
    },
    steps: [{ run: 'python3 manage.py migrate' }],
  },
  {
    ...django,
    name: 'django-migration-missing',
    pattern: 'Django migration missing',
    files: shop,
    steps: [{ run: 'python3 manage.py makemigrations --check --dry-run' }],
  },
  {
    ...django,
    name: 'django-system-check',
    pattern: 'Django system check failed',
    files: { ...shop, 'orders/models.py': `${model}    buyer = models.ForeignKey('buyers.Buyer', models.CASCADE)\n` },
    steps: [{ run: 'python3 manage.py check' }],
  },
  {
    ...django,
    name: 'django-settings-incomplete',
    pattern: 'Django settings incomplete',
    files: { ...shop, 'settings.py': settings.replace(/\{'default.*/, '{}') },
    steps: [{ run: 'python3 manage.py migrate' }],
  },
  {
    ...django,
    name: 'django-apps-not-loaded',
    pattern: 'Django apps not loaded yet',
    files: { ...shop, 'seed.py': 'from orders.models import Order\n\nprint(Order)\n' },
    steps: [{ run: 'DJANGO_SETTINGS_MODULE=settings python3 seed.py' }],
  },
  {
    ...django,
    name: 'django-table-missing',
    pattern: 'Django database table or database missing',
    files: {
      ...shop,
      'seed.py': 'import django\n\ndjango.setup()\nfrom orders.models import Order\n\nprint(Order.objects.count())\n',
    },
    steps: [{ run: 'DJANGO_SETTINGS_MODULE=settings python3 seed.py' }],
  },
  {
    ...alembic,
    name: 'alembic-several-heads',
    pattern: 'Alembic: several migration heads',
    files: {
      ...alembicFiles,
      'migrations/versions/b_second.py': revision('22bb33cc44dd'),
      'migrations/versions/c_third.py': revision('33cc44dd55ee'),
    },
    steps: [{ run: 'alembic upgrade head' }],
  },
  {
    ...alembic,
    name: 'alembic-not-up-to-date',
    pattern: 'Alembic: database or models not up to date',
    files: alembicFiles,
    steps: [{ run: 'alembic revision --autogenerate -m orders' }],
  },
  {
    ...alembic,
    name: 'alembic-revision-missing',
    pattern: 'Alembic: revision not found',
    files: alembicFiles,
    steps: [{ run: 'alembic upgrade 99ff88ee77dd' }],
  },
  {
    needs: ['mypy'],
    job: 'types',
    name: 'mypy-syntax-error',
    pattern: 'mypy: Python syntax error',
    files: { 'app/cells.py': 'def width(cells:\n    return len(cells)\n' },
    steps: [{ run: 'mypy app' }],
  },
  {
    needs: ['mypy'],
    job: 'types',
    name: 'mypy-two-module-names',
    pattern: 'mypy cannot map files to modules',
    files: { 'api/models.py': 'A = 1\n', 'web/models.py': 'B = 1\n' },
    steps: [{ run: 'mypy api web' }],
  },
  {
    needs: ['mypy'],
    job: 'types',
    name: 'mypy-unused-ignore',
    pattern: 'mypy: unused type: ignore',
    files: { 'app/a.py': 'total: int = 1  # type: ignore[assignment]\n' },
    steps: [{ run: 'mypy --warn-unused-ignores app' }],
  },
  {
    needs: ['node'],
    packages: ['pyright@1.1.400'],
    job: 'types',
    name: 'pyright-import-unresolved',
    pattern: 'Pyright: import cannot be resolved',
    files: { 'app/client.py': 'import left_toml\n\nprint(left_toml.loads(""))\n' },
    steps: [{ run: 'npx pyright app' }],
  },
  {
    needs: ['node'],
    packages: ['basedpyright@1.40.1'],
    job: 'types',
    name: 'basedpyright-type-error',
    pattern: 'Pyright type error',
    files: { 'app/price.py': 'def price(cents: int) -> str:\n    return cents / 100\n' },
    steps: [{ run: 'npx basedpyright app' }],
  },
  {
    needs: ['pylint'],
    job: 'lint',
    name: 'pylint-import-error',
    pattern: 'Pylint cannot import a module',
    files: { 'app/client.py': '"""Client."""\nimport left_toml\n\nprint(left_toml)\n' },
    steps: [{ run: 'pylint app/client.py' }],
  },
  {
    needs: ['black'],
    job: 'lint',
    name: 'black-cannot-parse',
    pattern: 'Black cannot parse a file',
    files: { 'app/price.py': 'def price(cents:\n    return cents\n' },
    steps: [{ run: 'black --check app' }],
  },
  {
    needs: ['bandit'],
    job: 'lint',
    name: 'bandit-finding',
    pattern: 'Bandit security finding',
    files: {
      'app/run.py':
        'import hashlib\nimport subprocess\n\n\ndef run(command):\n    subprocess.call(command, shell=True)\n    return hashlib.md5(command)\n',
    },
    steps: [{ run: 'bandit -q -r app' }],
  },
  {
    needs: ['vulture'],
    job: 'lint',
    name: 'vulture-unused',
    pattern: 'Unused Python code (vulture)',
    files: { 'app/price.py': 'import os\n\n\ndef half(cents):\n    return cents / 2\n' },
    steps: [{ run: 'vulture app' }],
  },
  {
    ...preCommit,
    name: 'pre-commit-changed-files',
    pattern: 'pre-commit hook changed files',
    files: { 'notes.txt': 'one  \ntwo\n', '.pre-commit-config.yaml': hook('        entry: sed -i "s/ *$//"\n') },
    prepare: commit,
    steps: [{ run: 'pre-commit run --all-files' }],
  },
  {
    ...preCommit,
    name: 'pre-commit-hook-failed',
    pattern: 'pre-commit hook failed',
    files: {
      'notes.txt': 'one\n',
      'check.sh': '#!/bin/sh\necho "notes.txt has no owner"\nexit 1\n',
      '.pre-commit-config.yaml': hook('        entry: ./check.sh\n'),
    },
    prepare: commit,
    steps: [{ run: 'pre-commit run --all-files' }],
  },
  {
    ...preCommit,
    name: 'pre-commit-executable-missing',
    pattern: 'pre-commit could not set up a hook',
    files: { 'main.txt': 'one\n', '.pre-commit-config.yaml': hook('        entry: terraform-docs check\n') },
    prepare: commit,
    steps: [{ run: 'pre-commit run --all-files' }],
  },
  {
    ...preCommit,
    name: 'passing/pre-commit',
    pattern: null,
    files: { 'errors.txt': 'error: nothing\n', '.pre-commit-config.yaml': hook('        entry: grep -q error\n') },
    prepare: commit,
    steps: [{ run: 'pre-commit run --all-files' }],
  },
  {
    needs: ['tox'],
    job: 'test',
    name: 'passing/tox',
    pattern: null,
    files: {
      'tox.ini':
        '[tox]\nenvlist = unit\nskipsdist = true\n\n[testenv:unit]\nsitepackages = true\nallowlist_externals = python3\ncommands =\n  - python -c "raise SystemExit(1)"\n  python -m unittest -v tests\n',
      'tests.py':
        'import unittest\n\n\nclass ErrorTest(unittest.TestCase):\n    def test_error_is_raised(self):\n        with self.assertRaises(ValueError):\n            int("x")\n\n    @unittest.expectedFailure\n    def test_known_failure(self):\n        self.fail("known")\n',
    },
    steps: [{ run: 'tox' }],
  },
  {
    ...django,
    name: 'passing/django-test',
    pattern: null,
    files: {
      ...shop,
      'orders/tests.py':
        'import logging\n\nfrom django.test import TestCase\n\n\nclass OrderTest(TestCase):\n    def test_error_is_logged(self):\n        logging.getLogger("orders").error("order 7 failed: connection refused")\n        self.assertTrue(True)\n',
    },
    prepare: 'python3 manage.py makemigrations',
    steps: [{ run: 'python3 manage.py migrate' }, { run: 'python3 manage.py test -v 2' }],
  },
  {
    needs: ['mypy'],
    job: 'types',
    name: 'mypy-without-codes',
    pattern: 'mypy type error',
    files: { 'app/price.py': 'def price(cents: int) -> str:\n    return cents\n' },
    steps: [{ run: 'mypy --hide-error-codes --show-column-numbers app' }],
  },
  {
    needs: ['pylint'],
    job: 'lint',
    name: 'pylint-parseable',
    pattern: 'Pylint message',
    files: { 'app/price.py': '"""Prices."""\n\n\ndef price(cents):\n    """In units."""\n    return cent / 100\n' },
    steps: [{ run: 'pylint --output-format=parseable app/price.py' }],
  },
  {
    needs: ['black'],
    job: 'lint',
    name: 'black-diff',
    pattern: 'Black formatting',
    files: { 'app/a.py': "x = { 'a':1 }\n", 'app/b.py': 'y = 1\n' },
    steps: [{ run: 'black --check --diff app' }],
  },
  {
    needs: ['nox'],
    job: 'test',
    name: 'passing/nox',
    pattern: null,
    files: {
      'noxfile.py':
        'import nox\n\n\n@nox.session(venv_backend="none")\ndef unit(session):\n    session.run("false", external=True, success_codes=[0, 1])\n    session.run("echo", "error: none", external=True)\n',
    },
    steps: [{ run: 'nox' }],
  },
  {
    needs: ['mypy', 'pylint'],
    job: 'lint',
    name: 'passing/mypy-pylint',
    pattern: null,
    files: { 'app/errors.py': '"""Errors."""\n\n\nclass AppError(Exception):\n    """Failed."""\n' },
    steps: [{ run: 'mypy --strict app\npylint app/errors.py' }],
  },
];
