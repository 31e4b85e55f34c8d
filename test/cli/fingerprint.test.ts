import { describe, expect, test } from 'vitest';
import { command as fingerprint } from '../../src/cli/fingerprint.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { runCommand, useFiles } from '../support/command-run.ts';

const file = useFiles();
const STAMP = '2026-07-30T19:16:42.3027598Z ';

describe('codered fingerprint', () => {
  test('prints one fingerprint per line, equal for the same message', async () => {
    const { code, out } = await runCommand(fingerprint, await file('a.log', 'took 1s\n\ntook 7 ms\nother'));
    expect(code).toBe(0);
    expect(out).toHaveLength(4);
    expect(out[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(out[0]).toBe(out[2]);
    expect(new Set(out).size).toBe(3);
  });

  test('says with --json what it compared', async () => {
    const { out } = await runCommand(fingerprint, '--json', await file('a.log', `${STAMP}took 1s`));
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { line: 1, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/), message: 'took <*>' },
    ]);
  });

  test('ends with 1 when the file cannot be read', async () => {
    expect(await runCommand(fingerprint, '/no/such.log')).toMatchObject({ code: 1, out: [] });
  });

  test('is misused without a file', async () => {
    await expect(runCommand(fingerprint)).rejects.toThrow(Misused);
  });
});
