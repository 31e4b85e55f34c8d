// Jobs that passed although much in their logs reads like a failure. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const identity =
  'git config --global user.name app-bot && git config --global user.email app-bot@users.noreply.github.com && git config --global init.defaultBranch main && git config --global advice.detachedHead false';
const repository = `${identity}
git init -q . && echo one > a.txt && git add . && git commit -q -m 'First'`;
const passing = { pattern: null, job: 'test' };

export const captured: Captured[] = [
  {
    ...passing,
    name: 'passing/git-probes',
    needs: ['git'],
    prepare: repository,
    steps: [
      {
        run: [
          'git status --short',
          'git describe --tags --always',
          'git rev-parse --verify --quiet refs/tags/v1.0.0 || echo "no tag v1.0.0 yet"',
          'echo two > a.txt',
          'git diff --stat',
          'git commit -am "fix: fatal: errors are not fatal any more"',
          'git log --oneline',
          'git push --dry-run . HEAD:refs/heads/release 2>&1',
        ].join('\n'),
      },
    ],
  },
  {
    ...passing,
    name: 'passing/shell-probes',
    needs: ['jq', 'curl'],
    steps: [
      {
        run: [
          'command -v tool-not-there || echo "tool-not-there: not installed, using the container"',
          'ls dist 2>/dev/null || mkdir dist',
          'rm -f dist/old.txt; rm dist/older.txt || true',
          'grep -q "permission denied" /etc/hostname || echo "no line says permission denied"',
          'tput bold || true',
          'echo \'{"error":null,"errors":[],"failed":0}\' | jq .',
          'timeout 1 sleep 2 || echo "slept long enough"',
          'kill -0 999999 2>/dev/null || echo "no process of that number"',
          'echo "Checksum verified: OK"; echo "0 failures, 0 errors, 12 checks passed"',
          'curl -sS --max-time 2 http://localhost:9/ || echo "server not up yet, retrying"',
        ].join('\n'),
      },
    ],
  },
  {
    ...passing,
    name: 'passing/python-expected-errors',
    needs: ['python3'],
    files: {
      'test_errors.py':
        "import json\nimport logging\nimport unittest\n\n\nclass Errors(unittest.TestCase):\n    def test_connection_refused_is_retried(self):\n        logging.error('connection refused, retrying in 0 s')\n        logging.warning('server answered 503 Service Unavailable')\n\n    def test_missing_file(self):\n        with self.assertRaises(FileNotFoundError):\n            open('no-such-file')\n\n    def test_bad_json(self):\n        try:\n            json.loads('<html>')\n        except json.JSONDecodeError as error:\n            logging.error('not JSON: %s', error)\n\n    def test_killed_and_out_of_memory(self):\n        logging.error('worker said: out of memory')\n",
    },
    steps: [{ run: 'python3 -m unittest -v test_errors.py' }],
  },
  {
    ...passing,
    name: 'passing/node-expected-errors',
    needs: ['node'],
    files: {
      'errors.test.mjs':
        "import assert from 'node:assert/strict';\nimport { readFile } from 'node:fs/promises';\nimport { test } from 'node:test';\n\ntest('says ENOENT: no such file or directory when the config is missing', async () => {\n  const error = await readFile('no-such-file').catch((thrown) => thrown);\n  console.error('expected:', error.message);\n  assert.equal(error.code, 'ENOENT');\n});\n\ntest('retries on HTTP 429 Too Many Requests', () => console.warn('got 429, retry 1 of 3'));\n\ntest('reports permission denied', () => console.error('Upload refused: permission denied (expected)'));\n\ntest('server did not become ready in time is an error', () => console.log('ok'));\n",
    },
    steps: [{ run: 'node --test errors.test.mjs' }],
  },
];
