// Runs one step as a hosted runner would see it: own mounts, host name, processes and network; user `runner`, working
// directory /home/runner/work/app/app. Nothing of it is left on the machine. Needs root and util-linux.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { Captured, Step } from './recipe.ts';

/** Where a step's world lies on the machine while a recipe runs. */
export interface Sandbox {
  root: string;
  workspace: string;
}

export interface Outcome {
  output: string;
  exit: number;
}

const cgroup = '/sys/fs/cgroup/memory/capture-logs';
const stepLimitMs = 240_000;
/** Stands in the logs where a tool prints the kernel of the machine it was captured on. */
const hostedKernel = '6.11.0-1018-azure';
const nodeVersion = process.version.slice(1);
const toolPath = `/opt/hostedtoolcache/node/${nodeVersion}/x64/bin`;
const standInFile = join(import.meta.dirname, 'stand-in.ts');

/** A fresh home with the recipe's files in its workspace. npm's cache in /tmp/capture-npm-cache is kept between recipes. */
export function openSandbox(recipe: Captured): Sandbox {
  const root = mkdtempSync('/tmp/capture-');
  chmodSync(root, 0o755);
  const workspace = join(root, 'home/work/app/app');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(join(root, 'home/work/_temp'), { recursive: true });
  for (const [name, text] of Object.entries(recipe.files ?? {})) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
  writeFileSync(join(root, 'passwd'), passwd());
  writeFileSync(join(root, 'group'), `${readFileSync('/etc/group', 'utf8')}runner:x:1001:\n`);
  writeFileSync(join(root, 'resolv.conf'), 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n');
  if (recipe.routes) makeCertificates({ root, hosts: hostsOf(recipe), kind: recipe.certificate ?? 'trusted' });
  writeFileSync(join(root, 'routes.json'), JSON.stringify(recipe.routes ?? []));
  return { root, workspace };
}

export function closeSandbox(sandbox: Sandbox): void {
  rmSync(sandbox.root, { recursive: true, force: true });
}

/** Shell that prepares and is not logged; throws with its output when it fails. */
export function prepare(sandbox: Sandbox, recipe: Captured): void {
  const install = recipe.packages
    ? `npm install --no-save --loglevel=error --prefix . ${recipe.packages.join(' ')}`
    : '';
  const run = [install, recipe.prepare ?? ''].filter(Boolean).join('\n');
  if (!run) return;
  const outcome = runStep(sandbox, { ...recipe, network: 'machine', routes: [], before: '', memoryMb: 0 }, { run });
  if (outcome.exit !== 0) throw new Error(`${recipe.name}: preparing ended with ${outcome.exit}:\n${outcome.output}`);
}

/** Output of both streams in the order written, with the step's exit status. */
export function runStep(sandbox: Sandbox, recipe: Captured, step: Step): Outcome {
  const script = '/home/runner/work/_temp/5f0c1d7e-9b1a-4c53-8a55-2f6f0f5c3d21.sh';
  writeFileSync(join(sandbox.root, 'home/work/_temp/5f0c1d7e-9b1a-4c53-8a55-2f6f0f5c3d21.sh'), step.run);
  const names = ['localhost', 'runnervm', ...hostsOf(recipe)];
  writeFileSync(join(sandbox.root, 'hosts'), names.map((name) => `127.0.0.1 ${name}\n`).join(''));
  writeFileSync(join(sandbox.root, 'job.sh'), worldScript(sandbox, recipe, `/usr/bin/bash -e ${script}`));
  const net = recipe.network === 'machine' ? [] : ['--net'];
  const args = [
    '--mount',
    '--uts',
    '--ipc',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    ...net,
    'bash',
    join(sandbox.root, 'job.sh'),
  ];
  const child = spawnSync('nice', ['-n', '10', 'unshare', ...args], {
    env: { ...runnerEnvironment, ...step.env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: stepLimitMs,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (existsSync(cgroup)) rmdirSync(cgroup);
  if (child.status === null) throw new Error(`${recipe.name}: the step did not end within ${stepLimitMs / 1000} s`);
  const output = child.stdout.toString('utf8').replaceAll(release(), hostedKernel);
  return { output, exit: child.status };
}

const runnerEnvironment: Record<string, string> = {
  PATH: `/home/runner/setup/bin:${toolPath}:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin`,
  HOME: '/home/runner',
  USER: 'runner',
  LANG: 'C.UTF-8',
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_WORKSPACE: '/home/runner/work/app/app',
  GITHUB_REPOSITORY: 'octo-org/app',
  GITHUB_RUN_ID: '21530099001',
  NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
  RUNNER_TEMP: '/home/runner/work/_temp',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
  npm_config_update_notifier: 'false',
};

function hostsOf(recipe: Captured): string[] {
  return [...new Set((recipe.routes ?? []).map((route) => route.host))];
}

function worldScript({ root }: Sandbox, recipe: Captured, command: string): string {
  const drop = recipe.asRoot ? '' : 'setpriv --reuid=1001 --regid=1001 --clear-groups --';
  return [
    'set -e',
    'exec 3>&1 >&2',
    'mount --make-rprivate /',
    'hostname runnervm',
    `[ ! -d /sys/class/net/lo ] || ip link set lo up`,
    ...['passwd', 'group', 'hosts', 'resolv.conf'].map((name) => `mount --bind ${root}/${name} /etc/${name}`),
    recipe.network === 'machine' ? 'umount /etc/resolv.conf' : '',
    'mount -t tmpfs tmpfs /home && mount -t tmpfs tmpfs /opt',
    `mkdir -p /home/runner ${toolPath}`,
    `mount --bind ${root}/home /home/runner && chown -R 1001:1001 /home/runner`,
    `mount --bind ${dirname(process.execPath)} ${toolPath}`,
    `mkdir -p /tmp/capture-npm-cache /home/runner/.npm && chown 1001:1001 /tmp/capture-npm-cache`,
    `export npm_config_cache=/home/runner/.npm`,
    `mount --bind /tmp/capture-npm-cache /home/runner/.npm`,
    recipe.routes?.length ? standInLines(root, recipe) : '',
    'cd /home/runner/work/app/app',
    recipe.memoryMb
      ? `mkdir -p ${cgroup}; echo ${recipe.memoryMb}M > ${cgroup}/memory.limit_in_bytes; echo $$ > ${cgroup}/cgroup.procs`
      : '',
    recipe.before ?? '',
    `cd /home/runner/work/app/app`,
    `exec 1>&3 2>&1 3>&-`,
    `${drop} ${command} </dev/null`,
  ]
    .filter(Boolean)
    .join('\n');
}

function standInLines(root: string, recipe: Captured): string {
  const trust = (recipe.certificate ?? 'trusted') === 'trusted';
  return [
    `rm -f ${root}/ready`,
    `node ${standInFile} ${root}/routes.json ${root}/server.key ${root}/server.crt ${root}/ready &`,
    `until [ -e ${root}/ready ]; do sleep 0.1; done`,
    trust ? `cat /etc/ssl/certs/ca-certificates.crt ${root}/ca.crt > ${root}/bundle.crt` : '',
    trust ? `mount --bind ${root}/bundle.crt /etc/ssl/certs/ca-certificates.crt` : '',
  ]
    .filter(Boolean)
    .join('\n');
}

function makeCertificates({ root, hosts, kind }: { root: string; hosts: string[]; kind: string }): void {
  const dates = kind === 'expired' ? '-days -1' : '-days 2';
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  const signed = kind === 'self-signed' ? '-signkey server.key' : '-CA ca.crt -CAkey ca.key -CAcreateserial';
  const script = [
    'openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj "/CN=Capture CA"',
    `openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj "/CN=${hosts[0]}"`,
    `openssl x509 -req -in server.csr ${signed} ${dates} -out server.crt -extfile <(echo "subjectAltName=${names}")`,
  ].join(' && ');
  const made = spawnSync('bash', ['-c', script], { cwd: root });
  if (made.status !== 0) throw new Error(`openssl could not make certificates: ${made.stderr.toString('utf8')}`);
}

function passwd(): string {
  return `${readFileSync('/etc/passwd', 'utf8')}runner:x:1001:1001:,,,:/home/runner:/bin/bash\n`;
}
