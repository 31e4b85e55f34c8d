// The machine itself: disk, memory, processes, shells, network, TLS and databases, failing. Read by ../run.ts.
import type { Captured, Route } from '../recipe.ts';

const api = (status: number, more: Partial<Route> = {}): Route[] => [
  { host: 'api.octo.example', path: '/', status, ...more },
];
const smoke = 'curl --fail --silent --show-error https://api.octo.example/health';
const curl = { needs: ['curl', 'openssl'], job: 'smoke' };
const postgres = '/usr/lib/postgresql/15/bin';
const startPostgres = `mkdir -p /run/postgresql /opt/pg && chown postgres /run/postgresql /opt/pg
su postgres -s /bin/sh -c "${postgres}/initdb -D /opt/pg/data -A scram-sha-256 --pwfile=<(echo secret)" > /dev/null 2>&1 || su postgres -s /bin/bash -c "${postgres}/initdb -D /opt/pg/data -A scram-sha-256 --pwfile=<(echo secret)" > /dev/null
su postgres -s /bin/sh -c "${postgres}/pg_ctl -D /opt/pg/data -o '-c max_connections=6 -c superuser_reserved_connections=3' -w start" > /dev/null
PGPASSWORD=secret psql -q -h localhost -U postgres -c "create role app login password 'right'"`;
const psql = { needs: ['psql'], job: 'test' };

export const captured: Captured[] = [
  {
    needs: [],
    name: 'no-space-left-on-device',
    pattern: 'Disk full',
    job: 'build',
    files: {
      'bundle.sh':
        '#!/bin/bash\nset -e\nfor part in 1 2 3; do\n  echo "writing dist/part-$part.bin"\n  head -c 900000 /dev/zero > dist/part-$part.bin\ndone\n',
    },
    before: 'mkdir -p dist && mount -t tmpfs -o size=2m tmpfs dist && chmod 777 dist',
    steps: [{ run: './bundle.sh' }],
  },
  {
    needs: [],
    name: 'node-enospc',
    pattern: 'Disk full',
    job: 'build',
    files: {
      'bundle.mjs':
        "import { writeFileSync } from 'node:fs';\nfor (let part = 1; part < 4; part++) writeFileSync('dist/part-' + part + '.bin', Buffer.alloc(900_000));\n",
    },
    before: 'mkdir -p dist && mount -t tmpfs -o size=2m tmpfs dist && chmod 777 dist',
    steps: [{ run: 'node bundle.mjs' }],
  },
  {
    needs: ['python3'],
    name: 'out-of-memory-killed',
    pattern: 'Process killed with SIGKILL',
    job: 'build',
    files: { 'train.py': 'rows = []\nwhile True:\n    rows.append(bytearray(1 << 20))\n' },
    memoryMb: 64,
    steps: [{ run: 'python3 train.py' }],
  },
  {
    needs: ['g++'],
    name: 'compiler-killed',
    pattern: 'Compiler killed: out of memory',
    job: 'build',
    files: {
      'main.cpp':
        '#include <algorithm>\n#include <map>\n#include <regex>\n#include <string>\nint main() { std::map<std::string, std::regex> rows; return (int)rows.size(); }\n',
    },
    memoryMb: 24,
    steps: [{ run: 'g++ -O2 -c main.cpp' }],
  },
  {
    needs: ['timeout'],
    name: 'command-timed-out',
    pattern: 'Command stopped by timeout(1) (exit 124)',
    job: 'e2e',
    files: { 'wait-for-app.sh': '#!/bin/bash\nuntil [ -e ready ]; do echo "waiting for the app"; sleep 1; done\n' },
    steps: [{ run: 'timeout 3 ./wait-for-app.sh' }],
  },
  {
    needs: [],
    name: 'process-terminated',
    pattern: 'Process terminated (exit 143)',
    job: 'test',
    files: { 'watchdog.sh': '#!/bin/bash\nsleep 1\nkill -TERM $PPID\n' },
    steps: [{ run: 'bash -c "./watchdog.sh & sleep 20"' }],
  },
  {
    needs: [],
    name: 'command-not-found',
    pattern: 'Command not found',
    job: 'deploy',
    steps: [{ run: 'flyctl deploy --remote-only' }],
  },
  {
    needs: [],
    name: 'script-not-executable',
    pattern: 'Permission denied running a script',
    job: 'build',
    files: { 'scripts/build': '#!/bin/bash\necho built\n' },
    steps: [{ run: './scripts/build' }],
  },
  {
    needs: ['python3'],
    name: 'exec-format-error',
    pattern: 'Binary for another architecture',
    job: 'build',
    prepare:
      "python3 -c \"import struct; open('tool','wb').write(b'\\x7fELF\\x02\\x01\\x01' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 2, 183, 1, 0x400000, 64, 0, 0, 64, 56, 1, 0, 0, 0) + bytes(200))\" && chmod +x tool",
    steps: [{ run: './tool --version' }],
  },
  {
    needs: [],
    name: 'too-many-open-files',
    pattern: 'Too many open files',
    job: 'build',
    files: { 'pack.mjs': "import { openSync } from 'node:fs';\nfor (let i = 0; i < 200; i++) openSync('pack.mjs');\n" },
    steps: [{ run: 'ulimit -n 64\nnode pack.mjs' }],
  },
  {
    needs: [],
    name: 'file-not-found',
    pattern: 'File or directory not found',
    job: 'deploy',
    steps: [{ run: 'cp dist/index.html /home/runner/site/' }],
  },
  {
    needs: ['shellcheck'],
    name: 'shellcheck-finding',
    pattern: 'ShellCheck finding',
    job: 'lint',
    files: { 'deploy.sh': '#!/bin/bash\ntarget=$1\nrm -rf $target/*\n' },
    steps: [{ run: 'shellcheck deploy.sh' }],
  },
  {
    needs: ['yamllint'],
    name: 'yamllint-error',
    pattern: 'yamllint error',
    job: 'lint',
    files: { 'config.yml': 'service:\n   name: app\n  port: 80\n' },
    steps: [{ run: 'yamllint config.yml' }],
  },
  {
    needs: ['apt-get'],
    name: 'apt-package-not-found',
    pattern: 'apt package not found',
    job: 'build',
    asRoot: true,
    steps: [{ run: 'apt-get install -y --no-install-recommends libwebp-toolz' }],
  },
  {
    needs: ['apt-get', 'python3'],
    name: 'apt-lock-held',
    pattern: 'apt or dpkg lock held',
    job: 'build',
    asRoot: true,
    before:
      "mount -t tmpfs tmpfs /var/lib/dpkg/updates; python3 -c \"import fcntl,time,os; f=open('/var/lib/dpkg/lock-frontend','w'); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(20)\" & sleep 1",
    steps: [{ run: 'apt-get install -y libwebp-toolz' }],
  },
  {
    needs: ['apt-get', 'openssl'],
    name: 'apt-fetch-failed',
    pattern: 'apt mirror failed',
    job: 'build',
    asRoot: true,
    before:
      'mount -t tmpfs tmpfs /etc/apt && echo "deb [trusted=yes] http://azure.archive.ubuntu.com/ubuntu noble main" > /etc/apt/sources.list && mount -t tmpfs tmpfs /var/lib/apt && mkdir -p /etc/apt/apt.conf.d /etc/apt/preferences.d /etc/apt/trusted.gpg.d /var/lib/apt/lists/partial',
    routes: [{ host: 'azure.archive.ubuntu.com', path: '/', status: 503, body: 'busy' }],
    steps: [{ run: 'apt-get update --error-on=any' }],
  },
  {
    ...curl,
    name: 'dns-failure',
    pattern: 'DNS lookup failed',
    steps: [{ run: 'curl --fail --silent --show-error https://api.octo.example/health' }],
  },
  {
    needs: [],
    job: 'smoke',
    name: 'node-getaddrinfo',
    pattern: 'DNS lookup failed',
    files: { 'check.mjs': "import { get } from 'node:https';\nget('https://api.octo.example/health');\n" },
    steps: [{ run: 'node check.mjs' }],
  },
  {
    needs: [],
    job: 'e2e',
    name: 'connection-refused',
    pattern: 'Connection refused',
    files: { 'check.mjs': "import { get } from 'node:http';\nget('http://127.0.0.1:8080/health');\n" },
    steps: [{ run: 'node check.mjs' }],
  },
  {
    ...curl,
    name: 'curl-connection-refused',
    pattern: 'Connection refused',
    steps: [{ run: 'curl --fail --silent --show-error http://localhost:8080/health' }],
  },
  {
    ...curl,
    name: 'http-429',
    pattern: 'HTTP 429: too many requests',
    routes: api(429, { headers: { 'retry-after': '60' }, body: 'slow down' }),
    steps: [{ run: smoke }],
  },
  {
    ...curl,
    name: 'http-5xx',
    pattern: 'HTTP error answer to curl (exit 22)',
    routes: api(503),
    steps: [{ run: smoke }],
  },
  {
    ...curl,
    name: 'http-404-download',
    pattern: 'HTTP 404: not found',
    routes: api(404),
    steps: [
      {
        run: 'curl --fail --silent --show-error --location --output tool.tar.gz https://api.octo.example/tool-2.0.0.tar.gz',
      },
    ],
  },
  {
    ...curl,
    name: 'connection-timed-out',
    pattern: 'Connection timed out',
    routes: api(200, { fault: 'stall' }),
    steps: [{ run: `${smoke} --max-time 3` }],
  },
  {
    ...curl,
    name: 'connection-reset',
    pattern: 'Connection reset',
    routes: api(200, { fault: 'reset' }),
    files: { 'check.mjs': "import { get } from 'node:https';\nget('https://api.octo.example/health');\n" },
    steps: [{ run: 'node check.mjs' }],
  },
  {
    ...curl,
    name: 'tls-self-signed',
    pattern: 'TLS certificate not trusted',
    routes: api(200),
    certificate: 'self-signed',
    steps: [{ run: smoke }],
  },
  {
    ...curl,
    name: 'tls-expired',
    pattern: 'TLS certificate expired',
    routes: api(200),
    certificate: 'expired',
    before: `cp /etc/ssl/certs/ca-certificates.crt /opt/bundle.crt; cat "$(dirname $0)/ca.crt" >> /opt/bundle.crt; mount --bind /opt/bundle.crt /etc/ssl/certs/ca-certificates.crt`,
    steps: [{ run: smoke }],
  },
  {
    needs: ['python3', 'openssl'],
    job: 'smoke',
    name: 'python-certificate-verify-failed',
    pattern: 'TLS certificate not trusted',
    routes: api(200),
    certificate: 'self-signed',
    files: {
      'check.py': "from urllib.request import urlopen\n\nprint(urlopen('https://api.octo.example/health').status)\n",
    },
    steps: [{ run: 'python3 check.py' }],
  },
  {
    needs: ['openssl'],
    job: 'smoke',
    name: 'node-self-signed-certificate',
    pattern: 'TLS certificate not trusted',
    routes: api(200),
    certificate: 'self-signed',
    files: { 'check.mjs': "import { get } from 'node:https';\nget('https://api.octo.example/health');\n" },
    steps: [{ run: 'node check.mjs' }],
  },
  {
    ...psql,
    name: 'postgres-connection-refused',
    pattern: 'PostgreSQL refused the connection',
    steps: [{ run: 'psql -h localhost -U app -c "select 1"' }],
  },
  {
    ...psql,
    name: 'postgres-password-authentication',
    pattern: 'PostgreSQL authentication failed',
    before: startPostgres,
    steps: [{ run: 'psql -h localhost -U app -d postgres -c "select 1"', env: { PGPASSWORD: 'wrong' } }],
  },
  {
    ...psql,
    name: 'postgres-database-missing',
    pattern: 'PostgreSQL database, role or table missing',
    before: startPostgres,
    steps: [{ run: 'psql -h localhost -U app -d app_test -c "select 1"', env: { PGPASSWORD: 'right' } }],
  },
  {
    ...psql,
    name: 'postgres-relation-missing',
    pattern: 'PostgreSQL database, role or table missing',
    before: startPostgres,
    steps: [
      {
        run: 'psql -v ON_ERROR_STOP=1 -h localhost -U app -d postgres -c "select * from orders"',
        env: { PGPASSWORD: 'right' },
      },
    ],
  },
  {
    ...psql,
    name: 'postgres-too-many-clients',
    pattern: 'PostgreSQL has no connections left',
    before: startPostgres,
    steps: [
      {
        run: 'for i in 1 2 3 4 5 6; do psql -h localhost -U app -d postgres -c "select pg_sleep(4)" > /dev/null & done\nsleep 1\npsql -h localhost -U app -d postgres -c "select 1"',
        env: { PGPASSWORD: 'right' },
      },
    ],
  },
  {
    needs: ['mysql'],
    job: 'test',
    name: 'mysql-cannot-connect',
    pattern: 'MySQL or MariaDB refused the connection',
    steps: [{ run: 'mysql --host 127.0.0.1 --user app --execute "select 1"' }],
  },
  {
    needs: ['redis-cli'],
    job: 'test',
    name: 'redis-connection-refused',
    pattern: 'Redis refused the connection',
    steps: [{ run: 'redis-cli -h 127.0.0.1 -e set ready yes' }],
  },
  {
    needs: ['curl', 'openssl'],
    job: 'smoke',
    name: 'passing/curl-retries-succeeded',
    pattern: null,
    files: {
      'app.mjs':
        "import { createServer } from 'node:http';\nlet asked = 0;\ncreateServer((_, response) => {\n  response.statusCode = ++asked < 3 ? 503 : 200;\n  response.end(asked < 3 ? 'starting' : 'ok, 0 errors');\n}).listen(8080);\n",
    },
    steps: [
      {
        run: 'node app.mjs &\ncurl --fail --silent --show-error --retry 5 --retry-delay 1 --retry-connrefused http://localhost:8080/health',
      },
    ],
  },
  {
    ...psql,
    name: 'passing/postgres-migrate',
    pattern: null,
    before: startPostgres,
    files: {
      'schema.sql':
        "create table if not exists errors (id int primary key, message text not null);\ninsert into errors values (1, 'connection refused'), (2, 'relation \"orders\" does not exist');\ntable errors;\ndrop table if exists failed_jobs;\n",
    },
    steps: [{ run: 'psql -v ON_ERROR_STOP=1 -h localhost -U postgres -f schema.sql', env: { PGPASSWORD: 'secret' } }],
  },
  {
    needs: ['shellcheck', 'yamllint'],
    job: 'lint',
    name: 'passing/shell-lint',
    pattern: null,
    files: {
      'retry.sh':
        '#!/bin/bash\nuntil grep -q ready state 2>/dev/null; do\n  echo "error: not ready, retrying"\n  echo ready > state\ndone\necho "failed attempts: 1, errors: 0"\n',
      'config.yml': '---\non_error: retry\n',
    },
    steps: [{ run: 'shellcheck retry.sh\nyamllint config.yml\n./retry.sh' }],
  },
];
