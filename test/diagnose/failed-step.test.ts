// Which step of a log decides: by GitHub's list of steps, or by the marks in the log.
import { describe, expect, it } from 'vitest';
import { compilePatterns, type JobStep, type LogMatch } from '../../src/diagnose/patterns/match.ts';
import type { Pattern } from '../../src/model/failure.ts';

const pattern = (name: string, more: Partial<Pattern> = {}): Pattern => ({
  ...{ id: null, name, kind: 'regex', pattern: `^${name}\\b`, category: 'other', severity: 'error' },
  ...{ root_cause: '', recommended_fix: '', docs_url: null, priority: 0, rank: 'cause', pick: 'last' },
  ...more,
});
const matcher = compilePatterns([
  pattern('alpha'),
  pattern('beta'),
  pattern('vague', { rank: 'generic' }),
  pattern('wake', { rank: 'consequence', priority: 99 }),
]);
const EXIT = '##[error]Process completed with exit code 1.';
const run = (name: string, ...lines: string[]) => [`##[group]Run ${name}`, '##[endgroup]', ...lines];
const CLEANUP = ['Post job cleanup.', 'Cleaning up orphan processes'];

/** A line a second, from 12:00:00 on. */
function classify(lines: readonly string[], steps?: readonly JobStep[], withStamps = true): LogMatch {
  const stamp = (at: number) => `${new Date(Date.UTC(2026, 0, 1, 12, 0, at)).toISOString().replace('Z', '1234Z')} `;
  const matching = matcher.start(steps);
  matching.write(Buffer.from(lines.map((line, at) => `${withStamps ? stamp(at) : ''}${line}\n`).join('')));
  return matching.end();
}
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const step = (number: number, name: string, conclusion: string | null, from: number, to: number): JobStep => ({
  ...{ number, name, conclusion },
  started_at: at(from),
  completed_at: at(to),
});
const brief = ({ primary, matches }: LogMatch) =>
  [primary?.pattern.name ?? 'none', ...matches.map((one) => `${one.pattern.name}:${one.line}:${one.demoted}`)].join(
    ' ',
  );

describe('by the marks in the log, the step that decides', () => {
  it('is the one that ends with an exit code', () => {
    const log = [...run('one', 'alpha'), ...run('two', 'beta', EXIT), ...CLEANUP];
    expect(brief(classify(log))).toBe('beta beta:6:null alpha:3:outside-of-failed-step');
  });

  it('is the last of several, for one that may fail goes before', () => {
    const log = [...run('one', 'alpha', EXIT), ...run('two', 'beta', EXIT), ...CLEANUP];
    expect(classify(log).primary?.pattern.name).toBe('beta');
  });

  it('is not one that only tells of the failure and fails itself', () => {
    const log = [
      ...run('one', 'alpha', EXIT),
      ...run('actions/upload-artifact@v4', 'beta', '##[error]No files'),
      ...CLEANUP,
    ];
    expect(classify(log).primary?.pattern.name).toBe('alpha');
  });

  it('is one that tests, though its command writes a report', () => {
    const log = [...run('mypy app', 'alpha', EXIT), ...run('pytest --cov-report=xml', 'beta', EXIT), ...CLEANUP];
    expect(classify(log).primary?.pattern.name).toBe('beta');
  });

  it('is the one during which the job was cancelled, whatever failed behind it', () => {
    const log = [
      ...run('one', 'alpha', '##[error]The operation was canceled.'),
      ...run('two', 'beta', EXIT),
      ...CLEANUP,
    ];
    expect(classify(log).primary?.pattern.name).toBe('alpha');
  });

  it('is one whose action ends with an error of its own', () => {
    const log = [
      ...run('one', 'alpha'),
      ...run('some/action@v1', 'beta', '##[error]it broke', '    at main'),
      ...CLEANUP,
    ];
    expect(classify(log).primary?.pattern.name).toBe('beta');
  });

  it('is not a script that passed, although a problem matcher marked a line near its end', () => {
    const log = [
      ...run('./gradlew lint || true', 'alpha', '##[error]src/A.java:3: error: alpha', '1 error'),
      ...run('Rscript report.R', 'beta', EXIT),
      ...CLEANUP,
    ];
    expect(classify(log).primary?.pattern.name).toBe('beta');
  });

  it('is a script that was stopped', () => {
    const log = [
      ...run('one', 'alpha', '##[error]alpha.go:1:2: x', 'fine'),
      ...run('two', 'beta', "##[error]The action 'Run two' has timed out after 5 minutes."),
      ...CLEANUP,
    ];
    expect(classify(log).primary?.pattern.name).toBe('beta');
  });

  it('is the set-up where no step began', () => {
    expect(classify(['Prepare all required actions', 'alpha', '##[error]Unable to resolve action']).primary?.line).toBe(
      2,
    );
  });

  it('is the whole log where there are no marks', () => {
    expect(brief(classify(['alpha', 'x', 'beta']))).toBe('alpha alpha:1:null beta:3:null');
  });

  it.each(['Post job cleanup.', 'Stop containers', 'Print service container logs', 'Cleaning up orphan processes'])(
    'is not cut short by a tool that prints %j',
    (words) => {
      const broken = run('two', 'x', words, 'alpha', words, 'y', EXIT);
      expect(brief(classify([...run('one', 'beta'), ...broken, ...CLEANUP]))).toBe(
        'alpha alpha:8:null beta:3:outside-of-failed-step',
      );
      const match = classify([...run('one'), ...run('two', 'alpha', words, 'y', EXIT), ...CLEANUP]);
      expect(match.primary).toMatchObject({ line: 5, demoted: null, step: { name: 'two' } });
      const steps = [step(1, 'Run one', 'success', 0, 3), step(2, 'Run two', 'failure', 3, 10)];
      const told = classify([...run('one', 'beta'), ...broken.slice(0, -1), 'z', 'z', ...CLEANUP], steps);
      expect(told.primary).toMatchObject({ line: 8, demoted: null });
    },
  );

  it('is never what is done after the steps', () => {
    const log = [
      ...run('one', 'some words', EXIT),
      ...[
        'Post job cleanup.',
        'alpha',
        'Print service container logs: db_1',
        'beta',
        'Stop and remove container: db_1',
        'beta',
      ],
    ];
    const match = classify(log);
    expect(brief(match)).toBe('none alpha:6:after-the-steps beta:10:after-the-steps');
    expect(match.anchor).toMatchObject({ line: 3, kind: 'exit' });
  });
});

describe('another step speaks', () => {
  it('when the failed one has nothing to say', () => {
    const log = [...run('one', 'alpha'), ...run('two', EXIT), ...CLEANUP];
    expect(classify(log).primary?.pattern.name).toBe('alpha');
  });
  it('not when the failed one has a line that sounds like an error', () => {
    const log = [...run('one', 'alpha'), ...run('two', 'Error: the disk is gone', EXIT), ...CLEANUP];
    expect(classify(log)).toMatchObject({ primary: null, anchor: { line: 6, kind: 'block' } });
  });
  it('not when the failed one has a match that says little', () => {
    const log = [...run('one', 'alpha'), ...run('two', 'vague', EXIT), ...CLEANUP];
    expect(classify(log).primary?.pattern.name).toBe('vague');
  });
  it('though it ended well, not when the failed one said something of its own', () => {
    const log = (...marks: string[]) => [...run('one', 'alpha', ...marks), ...run('two', 'the gate is shut', EXIT)];
    expect(classify([...log(), ...CLEANUP])).toMatchObject({ primary: null, anchor: { line: 6, kind: 'exit' } });
    expect(classify([...log(EXIT), ...CLEANUP]).primary?.pattern.name).toBe('alpha');
  });
  it('before what only follows from the failure', () => {
    const log = [...run('one', 'alpha'), ...run('two', 'wake', EXIT), ...CLEANUP];
    expect(classify(log).primary?.pattern.name).toBe('alpha');
  });
});

describe('the best rank wins', () => {
  it('whatever the priority, and the others are told after it', () => {
    expect(brief(classify(['wake', 'vague', 'alpha']))).toBe('alpha alpha:3:null vague:2:null wake:1:null');
  });
  it('and a line that says more is quoted where only the consequence is known', () => {
    const match = classify([...run('two', 'Error: the disk is gone', 'wake', EXIT), ...CLEANUP]);
    expect(match).toMatchObject({ primary: { pattern: { name: 'wake' } }, anchor: { line: 3, kind: 'block' } });
  });
  it('and several causes that are no echo of each other are all told', () => {
    const apart = Array.from({ length: 10 }, (_, n) => `line ${n}`);
    const names = (log: string[]) => classify(log).causes.map((one) => one.pattern.name);
    expect(names(['alpha', ...apart, 'beta', ...apart, 'vague'])).toEqual(['alpha', 'beta']);
    expect(names(['alpha', 'beta', ...apart, 'vague'])).toEqual(['alpha']);
    expect(names(['vague'])).toEqual(['vague']);
  });
});

describe("GitHub's steps", () => {
  const log = [...run('one', 'alpha', EXIT), ...run('two', 'beta'), ...CLEANUP];

  it('decide by their times', () => {
    const steps = [
      step(1, 'Set up job', 'success', 0, 0),
      step(2, 'a', 'success', 0, 3),
      step(3, 'b', 'failure', 4, 6),
    ];
    expect(brief(classify(log, steps))).toBe('beta beta:7:null alpha:3:outside-of-failed-step');
  });
  it('decide by their names where they touch in one second', () => {
    const steps = [step(2, 'Run one', 'success', 0, 4), step(3, 'Run two', 'failure', 4, 4)];
    expect(classify(log, steps).primary?.pattern.name).toBe('beta');
  });
  it('make the steps of a composite action one', () => {
    const steps = [step(2, 'Run ./.github/actions/both', 'failure', 0, 9)];
    expect(brief(classify(log, steps))).toBe('alpha alpha:3:null beta:7:null');
  });
  it('point at the first that failed', () => {
    const steps = [step(2, 'a', 'failure', 0, 3), step(3, 'b', 'failure', 4, 9)];
    expect(classify(log, steps).primary?.pattern.name).toBe('alpha');
  });
  it('name the failed step', () => {
    expect(classify(log, [step(2, 'Build it', 'failure', 0, 3)]).failedStep).toBe('Build it');
  });
  it('say that nothing failed where all passed', () => {
    expect(brief(classify(log, [step(2, 'a', 'success', 0, 3), step(3, 'b', 'skipped', 4, 9)]))).toMatch(/^none /);
  });
  it.each<[what: string, steps: JobStep[], withStamps: boolean]>([
    ['lack times', [{ ...step(2, 'a', 'failure', 0, 0), started_at: null, completed_at: null }], true],
    [
      'have times that are none',
      [{ ...step(2, 'a', 'failure', 0, 0), started_at: 'soon', completed_at: 'later' }],
      true,
    ],
    ['end before they begin', [step(2, 'a', 'failure', 9, 1)], true],
    ['lie elsewhere', [step(2, 'a', 'failure', 300, 301)], true],
    ['stand beside a log without stamps', [step(2, 'a', 'failure', 0, 3)], false],
  ])('leave it to the marks where they %s', (_, steps, withStamps) => {
    expect(classify(log, steps, withStamps).primary?.pattern.name).toBe('alpha');
  });
  it('point into the set-up', () => {
    const setUp = ['alpha', ...run('one', 'beta'), ...CLEANUP];
    expect(classify(setUp, [step(1, 'Set up job', 'failure', 0, 1)]).primary?.pattern.name).toBe('alpha');
  });
  it('point at what is done after the steps only by its name', () => {
    const after = [...run('one', 'alpha'), 'Post job cleanup.', 'beta'];
    expect(classify(after, [step(9, 'Post Run actions/cache@v4', 'failure', 3, 9)]).primary?.pattern.name).toBe('beta');
  });
});

describe('a log that shows no failure', () => {
  it('has none by chance', () => {
    const filler = Array.from({ length: 20 }, (_, n) => `line ${n}`);
    expect(brief(classify([...run('one', 'alpha', ...filler), ...CLEANUP]))).toBe('none alpha:3:no-failure-near');
    expect(classify([...run('one', ...filler, 'alpha'), ...CLEANUP]).primary?.pattern.name).toBe('alpha');
  });
  it('has none in a script, for the runner marks every script that fails', () => {
    const script = ['##[group]Run one', 'shell: /usr/bin/bash -e {0}', '##[endgroup]', 'alpha', ...CLEANUP];
    expect(brief(classify(script))).toBe('none alpha:4:no-failure-near');
  });
  it('has none in a step that only reports', () => {
    expect(brief(classify([...run('codecov/codecov-action@v4', 'alpha'), ...CLEANUP]))).toBe(
      'none alpha:3:no-failure-near',
    );
  });
  it('has none where its last words are of success', () => {
    const done = [
      ...run('some/action@v1', 'alpha', '✅ Successfully executed commands to all host.', '====='),
      ...CLEANUP,
    ];
    expect(brief(classify(done))).toBe('none alpha:3:no-failure-near');
  });
  it.each(['Finished: SUCCESS', '\x1b[32;1mJob succeeded'])('by its own last words %j has none', (words) => {
    expect(brief(classify(['alpha', words]))).toBe('none alpha:1:null');
    // GitHub knows better.
    expect(classify(['alpha', words], [step(1, 'Run x', 'failure', 0, 9)]).primary?.line).toBe(1);
  });
});

it('others of the same kind are counted, and the first three named', () => {
  const lines = Array.from({ length: 12 }, (_, n) => `alpha ${n}`);
  expect(classify(lines).primary).toMatchObject({
    line: 12,
    others: { count: 11, lines: [1, 2, 3].map((line) => ({ line, text: `alpha ${line - 1}` })) },
  });
  const first = compilePatterns([pattern('alpha', { pick: 'first' })]).start();
  first.write(Buffer.from(lines.join('\n')));
  expect(first.end().primary).toMatchObject({
    line: 1,
    others: { count: 11, lines: [{ line: 2 }, { line: 3 }, { line: 4 }] },
  });
});

describe('what has not failed', () => {
  it('is what the runner shows of a script before it runs it', () => {
    const log = ['##[group]Run one', '\u001b[36;1malpha\u001b[0m', '##[endgroup]', 'fine', EXIT, ...CLEANUP];
    expect([brief(classify(log)), brief(classify(log, undefined, false))]).toEqual(['none', 'none']);
  });

  it('is a value that a test runner shows as expected or received', () => {
    const wide = compilePatterns([pattern('alpha', { pattern: 'alpha' })]).start();
    wide.write(Buffer.from([...run('one', '+   "alpha",', "-   'alpha',", 'wrong', EXIT), ...CLEANUP, ''].join('\n')));
    expect(brief(wide.end())).toBe('none');
  });

  it('is any step of a whole log without a mark of a failure', () => {
    const log = [...run('one', 'alpha'), ...run('two', ...Array.from({ length: 20 }, () => 'fine')), ...CLEANUP];
    expect(brief(classify(log))).toBe('none alpha:3:no-failure-near');
  });

  it('is what the step went on after for long, before it surely went wrong', () => {
    const filler = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);
    const log = (first: number, last: number) =>
      classify([
        ...run('one', 'alpha', ...filler(first), 'Error: the disk is gone', ...filler(last), EXIT),
        ...CLEANUP,
      ]);
    expect(log(90, 20)).toMatchObject({ primary: null, anchor: { line: 94, kind: 'block' } });
    expect(brief(log(90, 20))).toBe('none alpha:3:no-failure-near');
    expect(log(20, 20).primary?.pattern.name).toBe('alpha');
    expect(log(20, 200).primary?.pattern.name).toBe('alpha');
  });

  it('is not what a compiler says first', () => {
    const first = compilePatterns([pattern('alpha', { pick: 'first' })]).start();
    const filler = Array.from({ length: 200 }, (_, n) => `line ${n}`);
    first.write(Buffer.from([...run('one', 'alpha', ...filler, 'Error: other', EXIT), ...CLEANUP].join('\n')));
    expect(first.end().primary?.pattern.name).toBe('alpha');
  });
});
