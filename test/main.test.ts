import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from './support/delivery.ts';
import { completeEnvironment } from './support/settings.ts';

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folders: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codered-main-'));
  folders.push(folder);
});
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

const running = new Set<ChildProcess>();
/** A test that fails leaves nothing running: what has not ended by then is killed by its id. */
afterEach(async () => {
  for (const child of running) {
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  }
});

/** Runs the command line in an empty folder with nothing in its environment but what is given. */
function codered(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [mainFile, ...args], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
  running.add(child);
  child.on('close', () => running.delete(child));
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, said: () => out };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

describe('the command line', () => {
  const commands = [
    'serve',
    'demo',
    'doctor',
    'migrate',
    'replay',
    'prune',
    'erase',
    'classify',
    'fingerprint',
    'patterns',
    'policy',
    'gate',
    'evidence',
    'work',
    'agents',
  ];

  it('lists every command, and says that a missing or unknown one is a misuse', async () => {
    const help = await codered(['--help']).ended;
    expect(help.code).toBe(0);
    for (const name of commands) expect(help.out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(await codered([]).ended).toMatchObject({ code: 2, out: help.out });
    const unknown = await codered(['brew']).ended;
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.err).toContain('codered has no command "brew".');
    expect(unknown.err).toContain('classify');
  });

  it.each(commands)('tells how %s is used', async (name) => {
    const { code, out } = await codered([name, '--help']).ended;
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^codered ${name}\\b`));
  });

  it('tells the same of help and the name of a command, and of one that is not there says so', async () => {
    const { out: told } = await codered(['gate', '--help']).ended;
    expect(await codered(['help', 'gate']).ended).toEqual({ code: 0, out: told, err: '' });
    const { code, out, err } = await codered(['help', 'brew']).ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^codered has no command "brew"\.\n/);
    expect((await codered(['help', 'help']).ended).code).toBe(0);
  });

  it.each(['serve', 'classify'])('of %s says which option was meant', async (name) => {
    const { code, out, err } = await codered([name, '--hlep']).ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      `There is no option --hlep. Did you mean --help?\n\`codered ${name} --help\` says what is accepted.\n`,
    );
  });

  it.each([
    ['an option that is not there', ['serve', '--fast'], /There is no option --fast\./],
    ['arguments that say nothing', ['replay'], /Say which: --dead/],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { code, err } = await codered(args).ended;
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).toContain(`codered ${args[0]} --help`);
  });

  it('names every setting that is wrong and ends with 1, without a stack', async () => {
    const { code, out, err } = await codered(['serve'], { APP_ID: 'x', WEBHOOK_SECRET: 'development' }).ended;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(
      err
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['APP_ID', 'WEBHOOK_SECRET', 'PRIVATE_KEY']);
  });

  it('does not fall back to the set-up page in production', async () => {
    const { code, err } = await codered(['serve'], { NODE_ENV: 'production' }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^APP_ID is missing/);
  });

  it('reads .env, over which the environment wins', async () => {
    writeFileSync(join(folder, '.env'), 'APP_ID=from-file\nPORT=from-file\n');
    const { err } = await codered(['serve'], { PORT: 'from-environment' }).ended;
    expect(err).toContain('APP_ID is "from-file"');
    expect(err).toContain('PORT is "from-environment"');
  });
});

describe('a first look', () => {
  it.each([['--version'], ['-v'], ['version']])('%s says which one this is', async (asked) => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    const { code, out, err } = await codered([asked]).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(`codered ${version} (Node ${process.versions.node})\n`);
  });

  it.each([
    ['policy', 'check FILE..., or schema'],
    ['gate', 'simulate --repo OWNER/NAME'],
    ['agents', 'sync FOLDER|FILE...'],
  ])('of %s alone says what it can do', async (name, expected) => {
    const { code, err } = await codered([name]).ended;
    expect(code).toBe(2);
    expect(err).toContain(`\`codered ${name}\` wants to be told what to do: ${expected}`);
  });

  it('of a mistyped command says which one was meant', async () => {
    const { code, err } = await codered(['doktor']).ended;
    expect(code).toBe(2);
    expect(err).toMatch(/^codered has no command "doktor"\. Did you mean doctor\?\n/);
  });

  it('of a mistyped setting says which one was meant', async () => {
    const { code, err } = await codered(['serve'], { ...completeEnvironment, CODERED_APIKEYS: 'x' }).ended;
    expect({ code, err }).toEqual({ code: 1, err: 'CODERED_APIKEYS is no setting; did you mean CODERED_API_KEYS?\n' });
  });

  it.each([['classify lines.txt lines.txt --json'], ['fingerprint lines.txt'], ['--help'], ['policy schema']])(
    'says nothing of a pipe that is closed: %s | head -1',
    (args) => {
      writeFileSync(join(folder, 'lines.txt'), 'npm error code 1\n'.repeat(20_000));
      const shell = spawnSync('sh', ['-c', `"$NODE" "$MAIN" ${args} | head -1`], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, NODE: process.execPath, MAIN: mainFile },
      });
      expect({ code: shell.status, err: shell.stderr }).toEqual({ code: 0, err: '' });
      expect(shell.stdout.trimEnd().split('\n')).toHaveLength(1);
    },
  );

  it('says how far it is on a terminal alone', async () => {
    writeFileSync(join(folder, 'long.txt'), 'npm error code 1\n'.repeat(500_000));
    expect(await codered(['classify', 'long.txt']).ended).toMatchObject({ code: 0, err: '' });
  });

  it('ends in good order when whoever reads its output stops reading', async () => {
    writeFileSync(join(folder, 'lines.txt'), 'npm error code 1\n'.repeat(50_000));
    const { child, ended } = codered(['fingerprint', 'lines.txt']);
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, err: '' });
  });

  it('is ended by the first Ctrl-C where nothing has to be put in order', async () => {
    const { child, ended, said } = codered(['classify', '-', 'missing.log']);
    child.stdin.write('npm error\n');
    // A folder that is no log is told at once, so that the test knows that the command is at work.
    const second = codered(['classify', folder, '-']);
    await once(second.child.stderr, 'data');
    second.child.kill('SIGINT');
    expect((await second.ended).code).toBe(1);
    child.stdin.end();
    expect((await ended).code).toBe(1);
    expect(said()).toContain('-: no pattern knows');
  });

  it('of a file .env that can not be read says so without a stack', async () => {
    mkdirSync(join(folder, '.env'));
    const { code, err } = await codered(['migrate']).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^The file \.env in this folder can't be read: [^\n]*\n$/);
  });
});

describe('the first file, on any Node', () => {
  const firstFile = fileURLToPath(new URL('../src/codered.js', import.meta.url));
  const older =
    'data:text/javascript,' +
    encodeURIComponent(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });",
    );

  function run(file: string, args: readonly string[], execArgv: readonly string[] = []) {
    const child = spawnSync(process.execPath, [...execArgv, file, ...args], { cwd: folder, encoding: 'utf8' });
    return { code: child.status, out: child.stdout, err: child.stderr };
  }

  it('starts the command line', () => {
    expect(run(firstFile, ['--version'])).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^codered /) });
    expect(run(firstFile, ['replay'])).toMatchObject({ code: 2 });
  });

  it('on an older Node hands over to the one of the packages, with arguments and exit code', () => {
    expect(run(firstFile, ['replay'], ['--import', older])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Say which: --dead'),
    });
  });

  it('before `npm ci` says to run it', () => {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    copyFileSync(firstFile, join(folder, 'src', 'codered.js'));
    const { code, err } = run(join(folder, 'src', 'codered.js'), ['serve']);
    expect({ code, lines: err.trimEnd().split('\n') }).toEqual({
      code: 1,
      lines: [expect.stringContaining('Run `npm ci`')],
    });
  });

  it('on an older Node without that package names the version that is needed', () => {
    mkdirSync(join(folder, 'src'));
    mkdirSync(join(folder, 'node_modules', 'zod'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'zod', 'package.json'), '{}');
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    copyFileSync(firstFile, join(folder, 'src', 'codered.js'));
    const { code, err } = run(join(folder, 'src', 'codered.js'), ['serve'], ['--import', older]);
    expect({ code, lines: err.trimEnd().split('\n') }).toEqual({
      code: 1,
      lines: [expect.stringContaining('CodeRed needs Node 24 or later, and this is 20.20.2.')],
    });
  });

  it('is what every way to start it names', () => {
    const { bin, scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(bin.codered).toBe('src/codered.js');
    for (const name of ['start', 'demo', 'codered']) expect(scripts[name]).toMatch(/^node src\/codered\.js\b/);
  });
});

describe('codered serve', () => {
  it('serves with the settings that the set-up page writes, and ends in good order at a signal', {
    tags: ['slow'],
  }, async () => {
    const { APP_ID, PRIVATE_KEY, WEBHOOK_SECRET } = completeEnvironment;
    const key = PRIVATE_KEY.replaceAll('\n', '\\n');
    writeFileSync(join(folder, '.env'), `APP_ID=${APP_ID}\nPRIVATE_KEY="${key}"\nWEBHOOK_SECRET=${WEBHOOK_SECRET}`);
    const port = await freePort();
    const run = codered(['serve'], { PORT: String(port), HOST: '127.0.0.1', LOG_FORMAT: 'json' });
    const url = `http://127.0.0.1:${port}`;
    await expect
      .poll(
        () =>
          fetch(`${url}/readyz`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 240_000, interval: 200 },
      )
      .toBe(200);
    const sent = await deliver(url, { event: 'ping', guid: randomUUID(), body: '{"zen":"Speak like a human."}' });
    expect(sent.status).toBe(202);
    run.child.kill('SIGTERM');
    const { code, out, err } = await run.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('"msg":"stopping"');
  });
});

describe('a database that is not there', () => {
  it.each([['serve'], ['migrate'], ['replay', '--dead']])(
    'is told by %s in one line, with what to do',
    async (...args) => {
      const DATABASE_URL = `postgresql://codered:hunter2@127.0.0.1:${await freePort()}/brain`;
      const { code, out, err } = await codered(args, { ...completeEnvironment, DATABASE_URL }).ended;
      expect({ code, out }).toEqual({ code: 1, out: '' });
      const { host } = new URL(DATABASE_URL);
      expect(err.trimEnd().split('\n')).toEqual([
        expect.stringContaining(`The Postgres server at ${host} can't be reached: connect ECONNREFUSED ${host}`),
      ]);
      expect(err).toContain('See that DATABASE_URL is right and that the server runs.');
      expect(err).not.toContain('hunter2');
    },
  );
});

describe('codered demo', () => {
  const titles = ['Use React 19', 'Correct the prices </details> @everyone', 'Cache the catalogue'];

  it('plays the story without settings, prints what stands on each pull request, and ends by itself', async () => {
    const { code, out } = await codered(['demo']).ended;
    expect(code).toBe(0);
    for (const [index, title] of titles.entries()) expect(out).toContain(`Pull request ${index + 1}: ${title}`);
    expect(out).toContain('Deployment to `production`');
    expect(out).toContain('no pattern knows this');
    expect(out.match(/Check run "CodeRed": (?:success|failure)/g)).toHaveLength(3);
    expect(out).toContain('Where to look further');
  });

  it('stays with --keep until a signal comes', { tags: ['slow'] }, async () => {
    const { child, ended, said } = codered(['demo', '--keep']);
    const deadlineMs = Date.now() + 240_000;
    while (!said().includes('Ctrl-C') && Date.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const address = /curl (http:\S+\/readyz)/.exec(said())?.[1] ?? '';
    expect((await fetch(address)).status).toBe(200);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });
});

describe('npm start without settings', () => {
  it('prints the link to the page that makes the App, and opens nothing to who has it not', async () => {
    const port = await freePort();
    const { child, ended, said } = codered(['serve'], { PORT: String(port) });
    const deadlineMs = Date.now() + 240_000;
    while (!said().includes('/setup?token=') && Date.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const link = /http:\S+\/setup\?token=\S+/.exec(said())?.[0] ?? '';
    expect(new URL(link).host).toBe(`localhost:${port}`);
    expect(await (await fetch(link)).text()).toContain('Where GitHub reaches this CodeRed');
    expect((await fetch(new URL('/setup', link))).status).toBe(403);
    expect((await fetch(new URL('/probot', link))).status).toBe(404);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('with any other setting names APP_ID and opens no page', async () => {
    const { code, err } = await codered(['serve'], { WEBHOOK_SECERT: 'mistyped' }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^APP_ID is missing/);
  });
});
