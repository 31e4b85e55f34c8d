// Every command that opens the brain, beside a process that has the embedded database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDirectory } from '../../src/brain/backends/directory-lock.ts';
import { type Brain, openBrain } from '../../src/brain/client.ts';
import { startControl } from '../../src/brain/control/control-server.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';
import { migrateThere } from '../../src/brain/served-schema.ts';
import { command as agents } from '../../src/cli/agents.ts';
import { command as replay } from '../../src/cli/deliveries/replay.ts';
import { checkBrain } from '../../src/cli/doctor/check-brain.ts';
import { checkGate } from '../../src/cli/doctor/check-gate.ts';
import { command as erase } from '../../src/cli/erase.ts';
import { command as gate } from '../../src/cli/gate.ts';
import { command as migrate } from '../../src/cli/migrate.ts';
import { command as prune } from '../../src/cli/prune.ts';
import type { Command } from '../../src/cli/terminal/command.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';
import { useFiles } from '../support/command-run.ts';
import { pullRequestFact, tell } from '../support/fact-rows.ts';

const log = { info: () => {}, warn: () => {} };
const file = useFiles();
let directory: string;
let brain: Brain;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'codered-beside-'));
  brain = await openBrain({ kind: 'embedded', directory }, { log });
  await tell(brain, { pull_requests: [pullRequestFact()] });
});
afterAll(async () => {
  await brain?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function run(command: Command, ...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await command.run({
    args,
    env: { CODERED_DATA_DIR: directory },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stop: new AbortController().signal,
  });
  return { code, out, err };
}

describe('beside a process that has the embedded database', () => {
  it('codered gate simulate evaluates what that one knows', async () => {
    const policy = await file('codered.yml', 'dod: { lint_pass: true }\nevidence: { lint_pass: { job: lint } }\n');
    const { code, out, err } = await run(
      gate,
      'simulate',
      '--repo',
      'octo-org/web-shop',
      '--pr',
      '1',
      '--policy',
      policy,
    );
    expect({ code, err }).toEqual({ code: 1, err: [] });
    expect(out[0]).toMatch(/^octo-org\/web-shop#1 at aaaaaaa by /);
    expect(out).toContainEqual(expect.stringMatching(/^(?:pending|missing) +lint_pass /));
  });

  it('codered migrate has nothing to do', async () => {
    expect(await run(migrate)).toEqual({ code: 0, out: ['nothing to do: the database is up to date'], err: [] });
  });

  it('codered doctor finds it well, with and without --gate', async () => {
    const settings = { kind: 'embedded', directory } as const;
    const found = [...(await checkBrain(settings, ['octo-org'])), ...(await checkGate(settings))];
    expect(found).toContainEqual({ check: 'database', state: 'ok', found: 'the embedded one answers', fix: null });
    expect(found.filter(({ state }) => state === 'failed')).toEqual([]);
  });

  it('codered replay, agents, erase and prune do their work', async () => {
    expect(await run(replay, '--dead')).toMatchObject({ code: 0, out: ['put back into the queue: 0'] });
    expect(await run(replay, '--follow-ups')).toMatchObject({ code: 0, out: ['put back into the queue: 0'] });
    const agent = await file('architect.yml', 'name: ArchitectAgent\nslug: architect\nrole: architect\n');
    expect(await run(agents, 'sync', agent)).toMatchObject({
      code: 0,
      out: ['agents: 1 new, 0 changed, 0 as they were'],
    });
    expect((await run(erase, '--repo', 'octo-org/web-shop', '--dry-run')).code).toBe(0);
    expect((await run(erase, '--org', 'octo-org', '--dry-run')).code).toBe(0);
    expect((await run(prune, '--dry-run')).code).toBe(0);
    expect((await run(prune)).code).toBe(0);
  });
});

describe('beside a process that does not take commands as it should', () => {
  async function beside(call: (name: string) => Promise<unknown>, ask: (place: string) => Promise<unknown>) {
    const place = mkdtempSync(join(tmpdir(), 'codered-beside-'));
    const control = await startControl({ directory: place, call });
    try {
      return await ask(place);
    } finally {
      await control.close();
      rmSync(place, { recursive: true });
    }
  }

  it('codered migrate says that migrations wait for an older one to end, and refuses beside a newer one', async () => {
    const files = await readMigrationFiles();
    const names = files.migrations.map(({ version, name }) => `${version}_${name}`);
    const tried = (migrations: readonly string[]) =>
      beside(
        async () => ({ migrations, seed: '' }),
        (place) => migrateThere(place, files).catch(asError),
      );
    const older = await tried(names.slice(0, -1));
    expect(older).toBeInstanceOf(Misconfigured);
    expect(asError(older).message).toContain(
      `of an older version, and what this one brings waits for it to end: ${names.at(-1)}`,
    );
    expect(asError(await tried(names)).message).toContain('a new supabase/seed.sql');
    expect(asError(await tried([...names, '20991231235959_moon'])).message).toContain(
      'has migrations that this version does not know: 20991231235959_moon',
    );
  });

  it('codered doctor hands on what to do about one that takes none', async () => {
    const place = mkdtempSync(join(tmpdir(), 'codered-beside-'));
    // A living process has it, this one, and no control socket is there.
    const unlock = await lockDirectory(place);
    try {
      for (const check of [
        checkBrain({ kind: 'embedded', directory: place }, null),
        checkGate({ kind: 'embedded', directory: place }),
      ]) {
        const [finding] = await check;
        expect(finding).toMatchObject({
          check: 'database',
          state: 'failed',
          found: expect.stringMatching(
            new RegExp(`^Process ${process.pid}, which has the data directory .*, takes no commands\\.`),
          ),
          fix: expect.stringMatching(/^Do that, then run `codered doctor/),
        });
        expect(finding?.found).not.toMatch(/stop/i);
      }
    } finally {
      unlock();
      rmSync(place, { recursive: true, force: true });
    }
  });
});
