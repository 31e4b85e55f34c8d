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
  - { name: any error, pattern: 'error (?:zebra|code ERESOLVE).*', category: other, severity: warning, root_cause: R., recommended_fix: F. }
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

  test('reads every sample as a log, and says which pattern comes before its own there', async () => {
    const sampled = PATTERNS.replace('priority: 5', "priority: 5\n    samples: ['npm error code ERESOLVE']").replace(
      "'error (?:zebra|code ERESOLVE).*', category",
      "'error (?:zebra|code ERESOLVE).*', samples: ['error zebra', 'npm error code ERESOLVE', '##[error]Process completed: error zebra'], category",
    );
    const path = await file('p.yml', sampled);
    const { code, out, err } = await runCommand(patterns, 'check', path);
    expect(err).toEqual([
      `${path}: patterns[1] "any error": samples.1: "peer conflict" (patterns[0], rank cause, priority 5) comes first on it`,
      `${path}: patterns[1] "any error": samples.2: an \`ignore\` entry takes it, so the pattern never sees it`,
    ]);
    expect({ code, out }).toEqual({ code: 1, out: [`${path}: 2 patterns can be loaded, 4 samples, 2 problems`] });
  });

  test('says of a name that stands twice where it stood first, across files too', async () => {
    const [one, two] = [await file('one.yml', PATTERNS), await file('two.yml', PATTERNS)];
    const { code, err } = await runCommand(patterns, 'check', one, two);
    expect({ code, err: err[0] }).toEqual({
      code: 1,
      err: `${two}: patterns[0] "peer conflict": patterns[0] of ${one} has the same name`,
    });
  });

  test('notes slashes around a pattern, as other languages have them', async () => {
    const path = await file('p.yml', PATTERNS.replace("'^npm error code (ERESOLVE)$'", '/ERESOLVE/i'));
    const { code, out } = await runCommand(patterns, 'check', path);
    expect({ code, note: out[0] }).toEqual({
      code: 0,
      note: `note: ${path}: patterns[0] "peer conflict": the slashes around the pattern are looked for; leave them out, and write (?i) to ignore case`,
    });
  });

  test('notes a pattern that speaks where nothing failed, and ends with 0', async () => {
    const wide = await file('p.yml', PATTERNS.replace("'error (?:zebra|code ERESOLVE).*'", "'git version .*'"));
    const { code, out } = await runCommand(patterns, 'check', wide);
    expect(code).toBe(0);
    expect(out[0]).toMatch(
      /^note: .*patterns\[1\] "any error": matches in \d+ of \d\d logs of jobs that passed \(fixtures\/logs\/passing\), first in line \d+ of \S+\.log: git version /,
    );
    const json = await runCommand(patterns, 'check', '--json', wide);
    expect(JSON.parse(json.out[0] ?? '')).toMatchObject({ problems: [], notes: [{ index: 1, name: 'any error' }] });
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
        samples: 0,
        problems: [{ section: 'patterns', index: 0, name: 'bad', reason: expect.stringContaining('RE2') }],
        notes: [],
      },
    ]);
  });

  test('without a file checks the starter library, and finds nothing to say against it', async () => {
    const files = await starterFiles();
    const { code, out, err } = await runCommand(patterns, 'check');
    expect({ code, err, files: out.length }).toEqual({ code: 0, err: [], files: files.length });
    expect(out.join('\n')).not.toContain('note:');
  });

  test('alone says what can be done, and which patterns count without a file', async () => {
    const { code, out, err } = await runCommand(patterns);
    expect({ code, err }).toEqual({ code: 2, err: [] });
    expect(out[0]).toContain('codered patterns check [FILE...]');
    expect(out.join(' ')).toMatch(
      /Without a file of your own the starter library counts: \d{2,} patterns in \d+ files/,
    );
  });

  test('of a file that is not there, or a folder, says so in words', async () => {
    const { err } = await runCommand(patterns, 'check', '/nothing/of/that/name.yml', '/');
    expect(err).toEqual(['/nothing/of/that/name.yml: there is no such file', '/: it is a folder; name the file in it']);
  });

  test.each([
    [['chekc', 'x']],
    [['check', '--all']],
    [['list']],
    [['list', '--repo', 'name']],
    [['list', '--repo', 'a/b', 'c']],
  ])('is misused with %j', async (args) => {
    await expect(runCommand(patterns, ...args)).rejects.toThrow(Misused);
  });
});
