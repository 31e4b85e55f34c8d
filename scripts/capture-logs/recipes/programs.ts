// Shells, small programs, git and ssh, really failing: wordings beside those that the patterns were written after. Read by ../run.ts.
import type { Captured, Route } from '../recipe.ts';

const identity =
  'git config --global user.name app-bot && git config --global user.email app-bot@users.noreply.github.com && git config --global init.defaultBranch main && git config --global advice.detachedHead false';
const repository = `${identity}
git init -q . && echo one > a.txt && git add . && git commit -q -m 'First'`;
const withRemote = `${identity}
git init -q --bare /home/runner/app.git && git init -q . && echo one > a.txt && git add . && git commit -q -m 'First'
git remote add origin /home/runner/app.git && git push -q origin main`;
const git = { needs: ['git'], job: 'release' };
const shell = { needs: ['bash'], job: 'build' };
const python = { needs: ['python3'], job: 'test' };
const node = { needs: ['node'], job: 'test' };
const web = { needs: ['curl', 'openssl'], job: 'test' };
const answer = (status: number, body = '', fault?: Route['fault']): Route[] => [
  {
    host: 'files.example.com',
    path: '/',
    status,
    body,
    headers: { 'content-type': 'text/html' },
    ...(fault === undefined ? {} : { fault }),
  },
];
/** A failure in one step: name, pattern, script, and files of the workspace. */
const one = (
  base: { needs: string[]; job: string },
  name: string,
  pattern: string,
  run: string,
  more: Partial<Captured> = {},
): Captured => ({ ...base, name, pattern, steps: [{ run }], ...more });

const gitFailures: Captured[] = [
  one(git, 'git-pathspec', 'git path or branch unknown', 'git checkout release/3.x', { prepare: repository }),
  one(git, 'git-patch-failed', 'Patch does not apply', 'git apply fix.patch', {
    prepare: repository,
    files: { 'fix.patch': '--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-two\n+three\n' },
  }),
  one(git, 'git-local-changes', 'git would overwrite local changes', 'git checkout next', {
    prepare: `${repository}\ngit checkout -q -b next && echo two > a.txt && git commit -q -am Next && git checkout -q main && echo three > a.txt`,
  }),
  one(git, 'git-cannot-fast-forward', 'git branches have diverged', 'git pull --ff-only origin main', {
    prepare: `${withRemote}\ngit clone -q /home/runner/app.git /home/runner/other && cd /home/runner/other && echo two > b.txt && git add . && git commit -q -m Other && git push -q origin main && cd - && echo three > c.txt && git add . && git commit -q -m Mine`,
  }),
  one(git, 'git-tag-exists', 'git tag exists already', 'git tag v1.0.0', { prepare: `${repository}\ngit tag v1.0.0` }),
  one(git, 'git-branch-exists', 'git branch or folder exists already', 'git checkout -b bot/update', {
    prepare: `${repository}\ngit branch bot/update`,
  }),
  one(git, 'git-not-a-repository', 'Not a git repository', 'git rev-parse --short HEAD'),
  one(git, 'git-no-names-found', 'No tag to make the version from', 'git describe --tags', { prepare: repository }),
  one(git, 'git-hook-declined', 'Push refused by the remote', 'git push origin main', {
    prepare: `${withRemote}\nprintf '#!/bin/sh\\nexit 1\\n' > /home/runner/app.git/hooks/pre-receive && chmod +x /home/runner/app.git/hooks/pre-receive && echo two > a.txt && git commit -q -am Second`,
  }),
  one(git, 'git-no-src-refspec', 'git has no such branch to push', 'git push origin master', { prepare: withRemote }),
  one(git, 'git-detached-push', 'git has no such branch to push', 'git push', {
    prepare: `${withRemote}\ngit checkout -q --detach`,
  }),
  one(git, 'git-remote-unknown', 'git remote not known', 'git fetch upstream', { prepare: repository }),
  one(git, 'git-index-locked', 'git index locked', 'git add a.txt', {
    prepare: `${repository}\ntouch .git/index.lock`,
  }),
  one(git, 'git-lfs-not-installed', 'git subcommand or option unknown', 'git lfs-not-there pull', {
    prepare: repository,
  }),
  one(git, 'git-object-broken', 'git data broken', 'git log -1 --stat', {
    prepare: `${repository}\nfor f in .git/objects/??/*; do chmod u+w "$f"; : > "$f"; done`,
  }),
  one(git, 'git-file-transport', 'git protocol not allowed', 'git submodule add /home/runner/app.git vendor', {
    prepare: withRemote,
  }),
  one(git, 'git-rebase-conflict', 'git merge conflict', 'git rebase next', {
    prepare: `${repository}\ngit checkout -q -b next && echo two > a.txt && git commit -q -am Next && git checkout -q main && echo three > a.txt && git commit -q -am Mine`,
  }),
  one(git, 'git-unmerged-files', 'git merge conflict', 'git merge --no-edit next', {
    prepare: `${repository}\ngit checkout -q -b next && echo two > a.txt && git commit -q -am Next && git checkout -q main && echo three > a.txt && git commit -q -am Mine; git merge next > /dev/null || true`,
  }),
  one(git, 'git-diff-after-generate', 'Files differ from what is committed', 'echo two > a.txt\ngit diff --exit-code', {
    prepare: repository,
  }),
  one(git, 'git-unrelated-histories', 'git revision not in the clone', 'git merge other/main', {
    prepare: `${repository}\ngit init -q /home/runner/other && cd /home/runner/other && echo x > x.txt && git add . && git commit -q -m Other && cd - && git remote add other /home/runner/other && git fetch -q other`,
  }),
  one(
    git,
    'git-remote-branch-missing',
    'git ref not found on the remote',
    'git clone -b v9 /home/runner/app.git copy',
    {
      prepare: withRemote,
    },
  ),
  one(git, 'ssh-key-format', 'SSH key unreadable', 'ssh-keygen -y -f key', {
    needs: ['ssh-keygen'],
    files: { key: '-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n' },
    prepare: 'chmod 600 key',
  }),
  one(git, 'ssh-connection-refused', 'SSH connection failed', 'ssh -o BatchMode=yes deploy@localhost uptime', {
    needs: ['ssh'],
  }),
  one(git, 'scp-no-route', 'SSH connection failed', 'scp -o BatchMode=yes app.tar deploy@localhost:/srv', {
    needs: ['scp'],
    files: { 'app.tar': 'x' },
  }),
];

const shellFailures: Captured[] = [
  one(shell, 'bash-unbound-variable', 'Shell variable not set', 'set -u\necho "deploying to $DEPLOY_ENV"'),
  one(shell, 'bash-parameter-null', 'Shell variable not set', `echo "$\{API_TOKEN:?must be set}"`),
  one(shell, 'bash-syntax-error', 'Shell syntax error', 'bash build.sh', {
    files: { 'build.sh': 'if [ -n "$CI" ]; then\n  echo building\ndone\n' },
  }),
  one(shell, 'dash-bad-substitution', 'Syntax of another shell', 'sh build.sh', {
    files: { 'build.sh': ['name=app-1', 'echo "$' + '{name//-/_}"', ''].join('\n') },
    needs: ['dash'],
  }),
  one(shell, 'bash-crlf', 'Windows line ends in a script', 'bash build.sh', {
    files: { 'build.sh': 'set -e\r\necho building\r\nmake_it\r\n' },
  }),
  one(shell, 'env-crlf', 'Windows line ends in a script', './build.sh', {
    files: { 'build.sh': '#!/usr/bin/env bash\r\necho building\r\n' },
  }),
  one(shell, 'bash-bad-interpreter', 'Interpreter of a script missing', './tool.sh', {
    files: { 'tool.sh': '#!/usr/local/bin/ruby2.7\nputs 1\n' },
  }),
  one(
    shell,
    'bash-arguments-too-long',
    'Argument list too long',
    '/bin/echo $(seq 1 800000) | wc -c\n/bin/true $(seq 1 800000)',
  ),
  one(shell, 'tar-no-archive', 'Archive is not what it should be', 'tar -xzf tool.tar.gz', {
    files: { 'tool.tar.gz': '<html>Not Found</html>\n' },
  }),
  one(shell, 'tar-unexpected-eof', 'Archive is not what it should be', 'tar -xzf tool.tar.gz', {
    prepare:
      'head -c 200000 /dev/urandom > blob && tar -czf full.tar.gz blob && head -c 90000 full.tar.gz > tool.tar.gz',
  }),
  one(shell, 'unzip-not-a-zip', 'Archive is not what it should be', 'unzip -q tool.zip -d tool', {
    needs: ['unzip'],
    files: { 'tool.zip': 'Not Found\n' },
  }),
  one(shell, 'sha256-mismatch', 'Checksum does not match', 'sha256sum --check tool.sha256', {
    files: { tool: 'new\n', 'tool.sha256': `${'0'.repeat(64)}  tool\n` },
  }),
  one(shell, 'jq-iterate-null', 'jq cannot read the data', "jq '.items[].name' answer.json", {
    needs: ['jq'],
    files: { 'answer.json': '{"message":"Not Found"}\n' },
  }),
  one(shell, 'jq-parse-error', 'jq cannot read the data', "jq -r '.tag_name' answer.json", {
    needs: ['jq'],
    files: { 'answer.json': '<html>\n' },
  }),
  one(
    shell,
    'sed-unknown-option',
    'sed, awk or grep refuses its expression',
    'sed -i "s/VERSION/feature/login/" a.txt',
    {
      files: { 'a.txt': 'VERSION\n' },
    },
  ),
  one(shell, 'awk-syntax-error', 'sed, awk or grep refuses its expression', "awk '{ print $1 ' a.txt", {
    files: { 'a.txt': 'x\n' },
  }),
  one(
    shell,
    'openssl-bad-decrypt',
    'Secret file could not be decrypted',
    'openssl enc -d -aes-256-cbc -pbkdf2 -in secrets.enc -out secrets.json -pass pass:wrong',
    {
      needs: ['openssl'],
      prepare:
        'echo "{}" > secrets.json && openssl enc -aes-256-cbc -pbkdf2 -in secrets.json -out secrets.enc -pass pass:right',
    },
  ),
  one(
    shell,
    'gpg-wrong-passphrase',
    'Secret file could not be decrypted',
    'gpg --quiet --batch --yes --decrypt --passphrase="wrong" --output secrets.json secrets.json.gpg',
    {
      needs: ['gpg'],
      prepare:
        'echo "{}" > secrets.json && gpg --quiet --batch --symmetric --cipher-algo AES256 --passphrase right secrets.json && rm secrets.json; gpgconf --kill all',
    },
  ),
  one(shell, 'gpg-import-nothing', 'GPG key could not be imported', 'printf "%s" "$GPG_KEY" | gpg --batch --import', {
    needs: ['gpg'],
  }),
  one(shell, 'gpg-no-public-key', 'Signature not verified (GPG)', 'gpg --verify a.txt.asc a.txt', {
    needs: ['gpg'],
    files: { 'a.txt': 'x\n' },
    prepare:
      'export GNUPGHOME=$PWD/other && mkdir -m 700 other && gpg --batch --quiet --passphrase "" --quick-gen-key bot@example.com && gpg --batch --armor --detach-sign a.txt; gpgconf --kill all; rm -rf other',
  }),
  one(shell, 'mkdir-permission-denied', 'Permission denied on a file', 'mkdir /usr/local/app'),
  one(shell, 'bash-script-missing', 'File missing (ENOENT)', 'bash scripts/build.sh'),
  one(shell, 'make-no-makefile', 'make has no rule or Makefile', 'make', { needs: ['make'] }),
  one(shell, 'env-command-missing', 'Command not found', '/usr/bin/env golangci-lint run'),
  one(shell, 'timeout-command-missing', 'Command not found', 'timeout 60 actionlint-not-there .'),
  one(shell, 'xargs-command-missing', 'Command not found', 'echo a.yml | xargs yamlfmt-not-there'),
  one(shell, 'source-file-missing', 'File or directory not found', 'cd web\nnpm ci'),
  one(shell, 'env-not-executable', 'Permission denied running a script', 'chmod -x tool.sh\n/usr/bin/env ./tool.sh', {
    files: { 'tool.sh': '#!/bin/sh\n' },
  }),
  one(shell, 'bash-aborted', 'Program aborted by a signal', "bash -c 'kill -ABRT $$'\necho done"),
];

const programFailures: Captured[] = [
  one(python, 'python-enoent', 'Python script not found', 'python3 scripts/report.py'),
  one(python, 'python-json-decode', 'JSON file not valid', 'python3 -c "import json; json.load(open(\'a.json\'))"', {
    files: { 'a.json': '<html>' },
  }),
  one(python, 'python-bad-zip', 'Archive is not what it should be', 'python3 -m zipfile -l a.zip', {
    files: { 'a.zip': 'no' },
  }),
  one(python, 'python-ascii-codec', 'Locale not installed', 'python3 -c "print(\'✓ done\')"', {
    steps: [{ run: 'python3 -c "print(\'✓ done\')"', env: { PYTHONIOENCODING: 'ascii' } }],
  }),
  one(python, 'python-permission', 'Permission denied on a file', "python3 -c \"open('/etc/app.json', 'w')\""),
  one(
    python,
    'python-subprocess-timeout',
    'A limit of the script ran out',
    "python3 -c \"import subprocess; subprocess.run(['sleep', '60'], timeout=1)\"",
  ),
  one(node, 'node-enoent', 'File missing (ENOENT)', "node -e \"require('fs').readFileSync('dist/index.html')\""),
  one(
    node,
    'node-spawn-enoent',
    'Command not found',
    "node -e \"require('child_process').spawn('imagemin', ['a.png'])\"",
  ),
  one(node, 'json-parse-html', 'Answer is a web page instead of JSON', 'node -e "JSON.parse(\'<!DOCTYPE html>\')"'),
  one(node, 'node-eacces', 'Permission denied on a file', "node -e \"require('fs').mkdirSync('/usr/app')\""),
  one(
    web,
    'curl-403',
    'HTTP 401 or 403: access refused',
    'curl -fsSL https://files.example.com/tool.tar.gz -o tool.tar.gz',
    {
      routes: answer(403),
    },
  ),
  one(
    web,
    'wget-missing-file',
    'HTTP 404: not found',
    'wget -q --no-hsts https://files.example.com/a || wget --no-hsts https://files.example.com/a',
    {
      needs: ['wget', 'openssl'],
      routes: answer(404),
    },
  ),
  one(
    web,
    'python-http-503',
    'HTTP 5xx: server failed',
    'python3 -c "import urllib.request; urllib.request.urlopen(\'https://files.example.com/a\')"',
    {
      needs: ['python3', 'openssl'],
      routes: answer(503),
    },
  ),
  one(web, 'fetch-cut-off', 'Connection reset', 'node -e "fetch(\'https://files.example.com/a\')"', {
    routes: answer(200, '', 'reset'),
  }),
  one(
    web,
    'archive-is-html',
    'Archive is not what it should be',
    'curl -sSL https://files.example.com/tool.tgz | tar xz',
    {
      routes: answer(200, '<html>Moved</html>'),
    },
  ),
  one(web, 'docker-no-daemon', 'Docker daemon not reachable', 'docker build -t app .', {
    needs: ['docker'],
    files: { Dockerfile: 'FROM scratch\n' },
  }),
];

export const captured: Captured[] = [...gitFailures, ...shellFailures, ...programFailures];
