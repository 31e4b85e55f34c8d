import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { command as classify } from '../../src/cli/classify.ts';
import { command as fingerprint } from '../../src/cli/fingerprint.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { runCommand, useFiles } from '../support/command-run.ts';

const file = useFiles();
const STAMP = '2026-07-30T19:16:42.3027598Z ';
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
const log = `${STAMP}##[group]Run npm ci\n${STAMP}npm error code ERESOLVE\r\n${STAMP}\x1b[31merror\x1b[0m: x\n${STAMP}##[error]Process completed with exit code 1.\n`;

describe('what is no log', () => {
  const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n';
  test.each([
    [
      'a zip archive, as GitHub hands logs out',
      'PK\x03\x04logs',
      /no log: it is a zip archive.*unpack it and name the file of the job/,
    ],
    ['what gzip wrote', Buffer.from([0x1f, 0x8b, 8, 0]), /no log: it is compressed by gzip; gunzip -c FILE/],
    ['UTF-16', Buffer.from('\ufeffnpm error', 'utf16le'), /no log: it is UTF-16.*iconv -f UTF-16 -t UTF-8/],
    ['a program', '\x7fELF\x02\x01', /no log: it is a program/],
    ['any other binary', Buffer.from([1, 2, 0, 0, 65, 66, 3, 4]), /no log: it is a binary; a log is text/],
    ['a private key', `\n${KEY}`, /no log: it is a private key; nothing of it was looked at or is shown/],
  ])('is told to be %s, and nothing of it is shown', async (_, content, expected) => {
    const path = await file('a.log', content);
    for (const command of [classify, fingerprint]) {
      const { code, out, err } = await runCommand(command, path);
      expect({ code, out }).toEqual({ code: 1, out: [] });
      expect(err).toEqual([expect.stringMatching(expected)]);
      expect(err.join()).not.toContain('MIIE');
    }
  });

  test('is told to be a folder', async () => {
    const { code, err } = await runCommand(classify, path.dirname(await file('a.log', '')));
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^cannot read .*: it is a folder; name the file in it$/)]);
  });

  test('is not a log with colours, progress and a stray NUL, nor one that shows a key further down', async () => {
    const colours = `\x1b[31mnpm error code ERESOLVE\x1b[0m\n10 %\b\b\b\b20 %\0\n${KEY}`;
    expect(await runCommand(classify, await file('a.log', colours))).toMatchObject({ code: 0, err: [] });
    expect(await runCommand(classify, await file('empty.log', ''))).toMatchObject({ code: 0, err: [] });
  });
});

describe('codered classify', () => {
  test('prints one JSON object a line per log, exactly as pattern-file.md has it', async () => {
    const [file1, file2] = [await file('a.log', log), await file('b.log', 'all is well')];
    const { code, out, err } = await runCommand(
      classify,
      '--json',
      '--patterns',
      await file('p.yml', PATTERNS),
      file1,
      file2,
    );
    const peer = {
      pattern: 'peer conflict',
      line: 2,
      text: 'npm error code ERESOLVE',
      captures: ['ERESOLVE'],
      category: 'dependency',
      severity: 'error',
      root_cause: 'Two packages disagree.',
      recommended_fix: 'Align them.',
      rank: 'cause',
      step: 'npm ci',
      others: { count: 0, lines: [] },
      demoted: null,
    };
    const any = {
      pattern: 'any error',
      line: 3,
      text: 'error: x',
      captures: ['error: x'],
      category: 'other',
      severity: 'warning',
      root_cause: 'R.',
      recommended_fix: 'F.',
      rank: 'cause',
      step: 'npm ci',
      others: { count: 1, lines: [{ line: 2, text: 'npm error code ERESOLVE' }] },
      demoted: null,
    };
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        file: file1,
        match: peer,
        matches: [peer, any],
        causes: ['peer conflict'],
        evidence: { line: 2, text: 'npm error code ERESOLVE', first_line: 2, last_line: 3, why: 'match' },
        step: 'npm ci',
      },
      {
        file: file2,
        match: null,
        matches: [],
        causes: [],
        evidence: { line: 1, text: 'all is well', first_line: 1, last_line: 1, why: 'tail' },
        step: null,
      },
    ]);
    expect({ code, err }).toEqual({ code: 0, err: [] });
  });

  test('passes over what a green log of the same job also says', async () => {
    const patterns = await file('p.yml', PATTERNS);
    const green = await file('green.log', `${STAMP}npm error code ERESOLVE\n${STAMP}error: 7\n`);
    const a = await file(
      'a.log',
      `${STAMP}##[group]Run npm ci\n${STAMP}npm error code ERESOLVE\n${STAMP}the disk is gone\n${STAMP}##[error]Process completed with exit code 1.\n`,
    );
    const { out } = await runCommand(classify, '--json', '--patterns', patterns, '--green', green, a);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      match: null,
      evidence: { line: 3, text: 'the disk is gone', why: 'exit' },
      matches: [
        { pattern: 'peer conflict', demoted: 'in-green-log' },
        { pattern: 'any error', demoted: 'in-green-log' },
      ],
    });
    const words = (await runCommand(classify, '--patterns', patterns, '--green', green, a)).out.join();
    expect(words).toContain('the green log has it too');
  });

  test('looks into the step that GitHub says failed', async () => {
    const step = (number: number, name: string, conclusion: string, at: number) => ({
      ...{ number, name, conclusion },
      started_at: `2026-07-30T19:16:${at}Z`,
      completed_at: `2026-07-30T19:16:${at + 5}Z`,
    });
    const jobs = {
      jobs: [
        { name: 'build', conclusion: 'failure', steps: [step(1, 'one', 'success', 10), step(2, 'two', 'failure', 20)] },
      ],
    };
    const stamp = (at: number) => `2026-07-30T19:16:${at}.1000000Z `;
    const a = await file(
      'a.log',
      `${stamp(11)}##[group]Run one\n${stamp(12)}npm error code ERESOLVE\n${stamp(13)}##[error]Process completed with exit code 1.\n${stamp(21)}##[group]Run two\n${stamp(22)}error: two\n`,
    );
    const steps = await file('jobs.json', JSON.stringify(jobs));
    const { out } = await runCommand(
      classify,
      '--json',
      '--patterns',
      await file('p.yml', PATTERNS),
      '--steps',
      steps,
      a,
    );
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      match: { pattern: 'any error', line: 5 },
      matches: [{ pattern: 'any error' }, { pattern: 'peer conflict', demoted: 'outside-of-failed-step', step: 'one' }],
      step: 'two',
    });
    const bad = await runCommand(classify, '--steps', await file('bad.json', '{}'), a);
    expect(bad).toMatchObject({ code: 1, err: [expect.stringContaining("is not GitHub's answer")] });
  });

  test('says it in words without --json', async () => {
    const a = await file('a.log', log);
    const { out } = await runCommand(classify, '--patterns', await file('p.yml', PATTERNS), a);
    expect(out.join('\n')).toBe(
      `${a}:2: peer conflict (dependency, error)\n  npm error code ERESOLVE\n  Root cause: Two packages disagree.\n  Fix: Align them.\n  Failed step: npm ci\n  also line 3: any error`,
    );
  });

  test('shows nothing that moves the cursor, turns the text around or hides it; a parser of the JSON reads what stood there', async () => {
    const odd = 'npm error \u009b2Jgone\u202e\u200b\u{e0041}\b\x07\u2028';
    const rules = await file('p.yml', PATTERNS.replace('[ERESOLVE]', '.').replace('^npm error code', '^npm error'));
    const a = await file(
      'a.log',
      `##[group]Run x\u009b1m\u202e\n${odd}\n##[error]Process completed with exit code 1.\n`,
    );
    const words = (await runCommand(classify, '--patterns', rules, a)).out.join('\n');
    expect(words).toContain('npm error');
    expect(words).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u);
    const [json = ''] = (await runCommand(classify, '--patterns', rules, '--json', a)).out;
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(JSON.parse(json)).toMatchObject({ match: { text: odd }, step: 'x\u009b1m\u202e' });
    const bad = await file('bad.yml', `${PATTERNS}\n  - { name: "\u202ex\u009b2J", pattern: '(', category: other }\n`);
    const { err } = await runCommand(classify, '--patterns', bad, a, `${a}\u202e`);
    expect(err.join('')).toContain('cannot read');
    expect(err.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('names the first three of the others of a kind', async () => {
    const errors = ['one', 'two', 'three', 'four', 'five'].map((name) => `error ${name}\n`).join('');
    const { out } = await runCommand(
      classify,
      ...['--patterns', await file('p.yml', PATTERNS)],
      await file('a.log', errors),
    );
    expect(out.join('\n')).toContain(
      '  and 4 more of this kind, the first of them:\n    line 1: error one\n    line 2: error two\n    line 3: error three\n',
    );
  });

  test('says of a step that printed nothing that no line says why, not that its exit does', async () => {
    const a = await file(
      'a.log',
      `${STAMP}##[group]Run ./x.sh\n${STAMP}##[endgroup]\n${STAMP}##[error]Process completed with exit code 1.\n`,
    );
    const { out } = await runCommand(classify, a);
    expect(out.join('\n')).toContain('No line says why: the step printed nothing before it ended (line 3).');
  });

  test('goes on after a log that cannot be read, and ends with 1', async () => {
    const b = await file('b.log', 'x');
    const { code, out, err } = await runCommand(
      classify,
      '--patterns',
      await file('p.yml', PATTERNS),
      '/no/such.log',
      b,
    );
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringContaining('there is no such file')]);
    expect(out).toEqual([`${b}: no pattern knows what is in this line\n  No line says why.`]);
  });

  test('tells a bad pattern and goes on with the rest', async () => {
    const rules = await file('p.yml', PATTERNS.replace("'error.*'", "'('"));
    const { code, out, err } = await runCommand(classify, '--json', '--patterns', rules, await file('a.log', log));
    expect(code).toBe(0);
    expect(err).toEqual([expect.stringContaining('p.yml: patterns[1] "any error": not RE2 syntax')]);
    expect(JSON.parse(out[0] ?? '').match.pattern).toBe('peer conflict');
  });

  test.each(['patterns: [', 'nonsense: true'])(
    'ends with 1 when the pattern file is broken as a whole: %s',
    async (content) => {
      const { code, out } = await runCommand(
        classify,
        '--patterns',
        await file('p.yml', content),
        await file('a.log', log),
      );
      expect({ code, out }).toEqual({ code: 1, out: [] });
    },
  );

  test.each([
    ['holds nothing', ''],
    ['has an empty list', 'patterns: []'],
    ['has only what is left out', "ignore: ['^#']"],
    ['is a text', 'no space left on device'],
    ['has other keys', 'rules: []'],
    ['has none that is good', 'patterns: [{ name: x }]'],
  ])('of a pattern file that %s says what to write, and ends with 1', async (_, content) => {
    const rules = await file('p.yml', content);
    const { code, out, err } = await runCommand(classify, '--patterns', rules, await file('a.log', log));
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err.at(-1)).toContain(
      `${rules}: no pattern can be loaded. Below \`patterns:\` each begins with \`- name:\``,
    );
    expect(err.join('\n')).not.toMatch(/Invalid|Unrecognized|expected|received/);
  });

  test('says of a long log how much is read, to who watches alone', async () => {
    const rules = await file('p.yml', PATTERNS);
    const seen = async (name: string, content: string) => {
      const glances: string[] = [];
      const said: string[] = [];
      const say = (line: string) => void said.push(line);
      const args = ['--patterns', rules, await file(name, content)];
      const stop = new AbortController().signal;
      await classify.run({ args, env: {}, out: say, err: say, glance: (line) => glances.push(line), stop });
      expect(said).toHaveLength(1);
      return glances;
    };
    expect(await seen('short.log', log)).toEqual([]);
    const [first, ...others] = await seen('long.log', 'nothing of note\n'.repeat(600_000));
    expect(first).toMatch(/long\.log: 4 MB read$/);
    expect(others).toHaveLength(1);
  });

  test('knows the starter library when no patterns are named', async () => {
    expect((await runCommand(classify, '--json', await file('a.log', 'nothing'))).code).toBe(0);
  });

  test.each([[[]], [['-', '-']]])('is misused with %j', async (args) => {
    await expect(runCommand(classify, ...args)).rejects.toThrow(Misused);
  });

  test('reads standard input as -', async () => {
    const main = path.resolve(import.meta.dirname, '../../src/main.ts');
    const rules = await file('p.yml', PATTERNS);
    const output = await new Promise<string>((resolve, reject) => {
      const child = execFile(
        process.execPath,
        [main, 'classify', '--json', '--patterns', rules, '-'],
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      );
      child.stdin?.end(log);
    });
    expect(JSON.parse(output)).toMatchObject({ file: '-', match: { line: 2, pattern: 'peer conflict' } });
  });
});

describe('what `gh run view --log` prints', () => {
  const columns = (job: string, step: string, text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `${job}\t${step}\t${line}\n`)
      .join('');
  const both = columns('build (24)', 'UNKNOWN STEP', log) + columns('test', 'Run npm test', `${STAMP}all is well\n`);

  test('is read without its columns, job by job, and lines have the numbers of the file', async () => {
    const rules = await file('p.yml', PATTERNS);
    const { out } = await runCommand(classify, '--json', '--patterns', rules, await file('gh.log', both));
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { job: 'build (24)', match: { pattern: 'peer conflict', line: 2, step: 'npm ci' } },
      { job: 'test', match: null, evidence: { line: 5, text: 'all is well' } },
    ]);
  });

  test('is the same cut anywhere, with a byte order mark, and without an end of its last line', async () => {
    const { withoutColumns } = await import('../../src/cli/classify/gh-log.ts');
    const bytes = Buffer.from(both.replace(STAMP, `\ufeff${STAMP}`).trimEnd());
    for (const size of [1, 7, 100, 10_000]) {
      const seen: Record<string, string> = {};
      const reader = withoutColumns((chunk, job) => {
        seen[`${job}`] = `${seen[`${job}`] ?? ''}${Buffer.from(chunk)}`;
      });
      reader.write(bytes.subarray(0, 100));
      for (let at = 100; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size));
      reader.end();
      expect(seen).toEqual({ 'build (24)': `\ufeff${log}`, test: `${STAMP}all is well` });
    }
  });

  test('says in words of which job it speaks', async () => {
    const a = await file('gh.log', both);
    const { out } = await runCommand(classify, '--patterns', await file('p.yml', PATTERNS), a);
    expect(out[0]).toContain(`${a}:2: job build (24): peer conflict (dependency, error)`);
    expect(out[1]).toContain(`${a}: job test: no pattern knows`);
  });

  test('has the steps of the job that it names', async () => {
    const steps = [{ number: 1, name: 'one', conclusion: 'failure', started_at: null, completed_at: null }];
    const others = { name: 'other', conclusion: 'failure', steps: [{ ...steps[0], name: 'another' }] };
    const jobs = { jobs: [others, { name: 'build (24)', conclusion: 'failure', steps }] };
    const told = ['--steps', await file('jobs.json', JSON.stringify(jobs))];
    const { out } = await runCommand(classify, '--json', ...told, await file('gh.log', both));
    expect(JSON.parse(out[0] ?? '').step).toBe('one');
  });

  test('is not what has tabs by itself', async () => {
    const { out } = await runCommand(classify, '--json', await file('a.log', 'ok\tpkg\t0.1s\nFAIL\tpkg/b\t0.2s\n'));
    expect(JSON.parse(out[0] ?? '')).not.toHaveProperty('job');
    expect(out[0]).toContain('FAIL\\tpkg/b');
  });
});
