import { describe, expect, test } from 'vitest';
import { starterFiles } from '../../src/cli/pattern-files.ts';
import { command as patterns } from '../../src/cli/patterns.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { runCommand, useFiles } from '../support/command-run.ts';

const file = useFiles();
const PATTERNS = `
ignore: ['^##\\[error\\]Process completed']
patterns:
  - name: peer conflict
    pattern: '^npm error code (ERESOLVE)$'
    category: dependency
    severity: error
    root_cause: Two packages disagree.
    recommended_fix: Align them.
    priority: 5
  - { name: any error, pattern: 'error.*', category: other, severity: warning, root_cause: R., recommended_fix: F. }
`;
const BROKEN =
  "patterns: [{ name: bad, pattern: '(', category: other, severity: error, root_cause: R., recommended_fix: F. }]";

describe('codered patterns check', () => {
  test('says of good files how many patterns they hold', async () => {
    const good = await file('p.yml', PATTERNS);
    expect(await runCommand(patterns, 'check', good)).toEqual({
      code: 0,
      out: [`${good}: 2 patterns can be loaded, 0 problems`],
      err: [],
    });
  });

  test('says of every bad pattern where it stands and why, and ends with 1', async () => {
    const { code, err } = await runCommand(
      patterns,
      'check',
      await file('p.yml', PATTERNS),
      await file('bad.yml', BROKEN),
    );
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/bad\.yml: patterns\[0\] "bad": not RE2 syntax/)]);
  });

  test('prints an object a file with --json', async () => {
    const bad = await file('bad.yml', BROKEN);
    const { out } = await runCommand(patterns, 'check', '--json', bad);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        file: bad,
        patterns: 0,
        problems: [{ section: 'patterns', index: 0, name: 'bad', reason: expect.stringContaining('RE2') }],
      },
    ]);
  });

  test('finds nothing to say against the starter library', async () => {
    const files = await starterFiles();
    expect(files.length).toBeGreaterThan(0);
    expect(await runCommand(patterns, 'check', ...files)).toMatchObject({ code: 0, err: [] });
  });

  test('alone says what can be done, and which patterns count without a file', async () => {
    const { code, out, err } = await runCommand(patterns);
    expect({ code, err }).toEqual({ code: 2, err: [] });
    expect(out[0]).toContain('codered patterns check FILE...');
    expect(out.join(' ')).toMatch(/No file is named\. .* the starter library counts: \d{2,} patterns in \d+ files/);
  });

  test('of a file that is not there, or a folder, says so in words', async () => {
    const { err } = await runCommand(patterns, 'check', '/nothing/of/that/name.yml', '/');
    expect(err).toEqual(['/nothing/of/that/name.yml: there is no such file', '/: it is a folder; name the file in it']);
  });

  test.each([[['check']], [['chekc', 'x']]])('is misused with %j', async (args) => {
    await expect(runCommand(patterns, ...args)).rejects.toThrow(Misused);
  });
});
