// The rules of verdicts, each where it holds and where it almost does.
import { describe, expect, it } from 'vitest';
import { explainFailure, judgeFailure, RULE_NAMES } from '../../src/verdicts/judge-failure.ts';
import { around, base, evidence, seen, test } from './evidence-of.ts';

const verdictOf = (...over: Parameters<typeof evidence>) => judgeFailure(evidence(...over)).verdict;
const sentenceOf = (...over: Parameters<typeof evidence>) => judgeFailure(evidence(...over)).sentence;
const whyNot = (rule: string, ...over: Parameters<typeof evidence>) =>
  explainFailure(evidence(...over)).find((tried) => tried.rule === rule)?.words;

const passedLater = { own_attempts: [{ attempt: 2, conclusion: 'success', same: false }] };
const outage = { pattern: { name: 'dns', category: 'infra', rank: 'cause' } } as const;
const twoOthers = { base: base('failure'), failure: outage, elsewhere: [seen(12), seen(15)] };

describe('a job that follows another', () => {
  const sibling = { follows: { kind: 'sibling', job_name: 'test (20)', run_url: null } } as const;
  it.each([
    ['its sibling failed', sibling, 'It was cancelled because "test (20)" failed.'],
    [
      'a newer run came',
      { follows: { kind: 'superseded', job_name: null, run_url: null } } as const,
      'It was cancelled because a newer run took its place.',
    ],
  ])('is collateral when it was cancelled because %s', (_, over, sentence) => {
    const judged = judgeFailure(evidence({ ...over, failure: { conclusion: 'cancelled', log: 'missing' } }));
    expect(judged).toEqual({ verdict: 'collateral', rule: 'follows_another', sentence });
  });

  it('is judged by itself when it failed, whatever failed beside it', () => {
    expect(verdictOf(sibling)).toBe('new');
  });

  const needs = { follows: { kind: 'needs', job_name: 'unit', run_url: null } } as const;
  it('is collateral when it sums up what it needs, but not with a failure of its own', () => {
    expect(sentenceOf(needs)).toBe('It only sums up jobs before it, of which "unit" failed.');
    expect(verdictOf({ ...needs, failure: { tests: [test()] } })).toBe('new');
    expect(verdictOf({ ...needs, failure: { files: ['src/a.ts'] } })).toBe('new');
    expect(verdictOf({ ...needs, failure: { tests: null } })).toBe('new');
    expect(verdictOf({ ...needs, failure: { tests_omitted: 2 } })).toBe('new');
  });
});

describe('what GitHub says of its machines', () => {
  const words = 'The hosted runner lost communication with the server.';
  const lost = { runner_lost: { words, told_by: 'annotation' } } as const;

  it('makes it infra, without a log, when the runner was lost before the step ended', () => {
    const judged = judgeFailure(
      evidence({ failure: { ...lost, log: 'missing', step: { name: 'test', is_service: false, ended: false } } }),
    );
    expect(judged).toEqual({ verdict: 'infra', rule: 'told_by_github', sentence: `The runner was lost: ${words}` });
  });

  it('makes it infra when checkout broke before code of the repository ran', () => {
    const step = { name: 'Checkout', is_service: true, ended: true };
    expect(verdictOf({ failure: { step, own_code_ran: false } })).toBe('infra');
    expect(verdictOf({ failure: { step, own_code_ran: true } })).toBe('new');
    expect(verdictOf({ failure: { step, own_code_ran: null } })).toBe('new');
  });

  it.each([
    [
      'the log says it',
      { runner_lost: { words, told_by: 'pattern' }, step: { name: 'x', is_service: false, ended: false } },
    ],
    ['the step came to its end: code printed the annotation', { ...lost }],
    ['nobody knows whether the step ended', { ...lost, step: { name: 'x', is_service: false, ended: null } }],
  ] as const)('is not believed when only %s', (_, failure) => {
    expect(verdictOf({ failure })).toBe('new');
  });

  it('is told with the attempts in which it happened too', () => {
    const step = { name: 'test', is_service: false, ended: false };
    const own_attempts = [{ attempt: 2, conclusion: 'failure', same: true }];
    expect(sentenceOf({ failure: { ...lost, step }, own_attempts })).toContain('Also in 1 other attempt');
  });
});

describe('without evidence', () => {
  it.each([
    [{ failure: { log: 'expired' } }, "its log is past GitHub's retention"],
    [{ failure: { log: 'missing' } }, 'GitHub has no log of it'],
    [{ failure: { log: 'none' } }, 'its log was not read'],
    [{ failure: { conclusion: null } }, 'GitHub has not said how the job ended'],
    [{ failure: { conclusion: 'cancelled' } }, 'it was cancelled, and nothing says why'],
    [{ failure: { conclusion: 'startup_failure' } }, 'GitHub could not start it'],
    [{ failure: { conclusion: 'action_required' } }, 'it ended as action_required'],
    [{ base: null }, 'neither a result of the base nor a history'],
    [{ base: base(null) }, 'neither a result of the base nor a history'],
  ] as const)('it is unknown, and said: %j', (over, words) => {
    expect(judgeFailure(evidence(over as Parameters<typeof evidence>[0]))).toMatchObject({
      verdict: 'unknown',
      rule: 'no_evidence',
      sentence: expect.stringContaining(words),
    });
  });

  it('it is said what is missing, and why', () => {
    const missing = [{ what: 'base' as const, why: 'GitHub answered 404 for the commit' }];
    expect(sentenceOf({ base: null, missing })).toContain('Missing: the base (GitHub answered 404 for the commit).');
  });

  it('a base that could not be fetched exonerates nobody, however red the branch is (pytorch/test-infra#5028)', () => {
    const red = [-2, -1, 1, 2, 3, 4, 5, 6, 7].map((place) => around(place));
    expect(verdictOf({ base: null, around: red, ...passedLater })).toBe('new');
    expect(verdictOf({ base: null, around: red })).toBe('unknown');
    expect(verdictOf({ base: base(null), around: red })).toBe('unknown');
  });

  it('a cancelled job that found its cause, such as a time limit, is judged', () => {
    const pattern = { name: 'time-limit', category: 'resource', rank: 'cause' } as const;
    expect(verdictOf({ failure: { conclusion: 'cancelled', pattern } })).toBe('new');
    expect(verdictOf({ failure: { conclusion: 'timed_out' } })).toBe('new');
  });
});

describe('a flaky failure', () => {
  const flakyTest = test({ state: 'flaky', failed: 4, base_mixed: true });

  it('failed and passed here, and each failing test flaked on the base branch too', () => {
    expect(judgeFailure(evidence({ ...passedLater, failure: { tests: [flakyTest] } }))).toEqual({
      verdict: 'flaky',
      rule: 'flaky_here_and_on_base',
      sentence:
        '"adds an item" failed in attempt 1 and passed in attempt 2 on aaaaaaa, and flaked on main too (failed in 4 of 120 runs there).',
    });
  });

  it('or the same specific error did, where no test is named', () => {
    expect(sentenceOf({ ...passedLater, base_flakes: 2 })).toBe(
      'It failed in attempt 1 and passed in attempt 2 on aaaaaaa, and the same error failed and passed on 2 commits of main.',
    );
  });

  it.each([
    ['one of its tests never flaked on the base', { failure: { tests: [flakyTest, test({ name: 'pays' })] } }],
    ['nobody knows whether the test flaked there', { failure: { tests: [{ ...flakyTest, base_mixed: null }] } }],
    ['more tests failed than are known', { failure: { tests: [flakyTest], tests_omitted: 3 } }],
    ['the tests are not known', { failure: { tests: null }, base_flakes: 3 }],
    ['the error did not flake on the base', { base_flakes: 0 }],
    ['flakes of the base were not counted', { base_flakes: null }],
    ['its line is generic', { base_flakes: 9, specific: { is_specific: false, job_keys: 1, words: 9 } }],
    ['its line stands in four jobs', { base_flakes: 9, specific: { is_specific: true, job_keys: 4, words: 9 } }],
    ['its line has two words', { base_flakes: 9, specific: { is_specific: true, job_keys: 1, words: 2 } }],
    [
      'a generic pattern knows it',
      { base_flakes: 9, failure: { pattern: { name: 'exit', category: 'other', rank: 'generic' } } },
    ],
  ] as const)("is the author's, as unstable since this change, when %s", (_, over) => {
    const judged = judgeFailure(evidence({ ...passedLater, ...(over as Parameters<typeof evidence>[0]) }));
    expect(judged).toMatchObject({ verdict: 'new', rule: 'passed_before' });
    expect(judged.sentence).toContain('Unstable since this change: failed in attempt 1 and passed in attempt 2');
  });

  it('needs another attempt: a known flaky test alone is told, and excuses nothing', () => {
    expect(judgeFailure(evidence({ failure: { tests: [flakyTest] } }))).toEqual({
      verdict: 'new',
      rule: 'passed_before',
      sentence:
        'New with this change: this job passed on main at bbbbbbb and fails here. Known to be flaky on main: "adds an item", failed in 4 of 120 runs there.',
    });
  });

  it('of a test that fails in every attempt is broken code under a flaky test', () => {
    const own_attempts = [{ attempt: 2, conclusion: 'failure', same: true }];
    expect(verdictOf({ own_attempts, failure: { tests: [flakyTest] } })).toBe('new');
  });

  it('is not made of the attempt itself, told twice', () => {
    const own_attempts = [{ attempt: 1, conclusion: 'success', same: false }];
    expect(verdictOf({ own_attempts, failure: { tests: [flakyTest] } })).toBe('new');
  });

  it("which the change touches is the author's", () => {
    const changed = { files: 1, touched: ['test/cart.test.ts'] };
    const judged = judgeFailure(evidence({ ...passedLater, changed, failure: { tests: [flakyTest] } }));
    expect(judged.verdict).toBe('new');
    expect(judged.sentence).toContain('This change touches "test/cart.test.ts", which the failure depends on.');
  });
});

describe('the veto', () => {
  const flakyTest = test({ state: 'flaky', failed: 4, base_mixed: true });
  const over = { ...passedLater, failure: { tests: [flakyTest] } };

  it.each([
    ['the changed files are not known', { ...over, changed: { files: null, touched: null } }],
    ['the files that the failure names are not known', { ...over, failure: { ...over.failure, files: null } }],
    ['no report says where the test lies', { ...over, failure: { tests: [{ ...flakyTest, file: null }] } }],
  ])('holds when %s', (_, unknown) => {
    expect(verdictOf(over)).toBe('flaky');
    expect(verdictOf(unknown)).toBe('new');
    expect(explainFailure(evidence(unknown)).map(({ outcome }) => outcome)).toEqual([
      ...['not_held', 'not_held', 'not_held', 'vetoed', 'kept_out', 'kept_out', 'kept_out', 'held'],
    ]);
  });

  it('does not keep a lost runner from being infra', () => {
    const failure = { step: { name: 'Checkout', is_service: true, ended: true }, own_code_ran: false };
    expect(verdictOf({ failure, changed: { files: 1, touched: ['.github/workflows/ci.yml'] } })).toBe('infra');
  });

  it('takes the place in the log for that of the only failing test', () => {
    const failure = { tests: [{ ...flakyTest, file: null }], files: ['src/cart.ts'] };
    expect(verdictOf({ ...passedLater, failure })).toBe('flaky');
  });
});

describe('a broken base', () => {
  it('failed in the same way itself', () => {
    expect(
      judgeFailure(
        evidence({ base: base('failure', { same: true }), around: [around(1), around(2, { conclusion: 'success' })] }),
      ),
    ).toEqual({
      verdict: 'broken_base',
      rule: 'base_is_broken',
      sentence: 'Not this change: main at bbbbbbb fails in the same way, since d100000.',
    });
  });

  it('that has no run fails by three in a row that touch it', () => {
    const rows = (...places: number[]) => ({ base: base('none'), around: places.map((place) => around(place)) });
    expect(verdictOf(rows(1, 2, 3))).toBe('broken_base');
    expect(verdictOf(rows(-1, 1, 2))).toBe('broken_base');
    expect(verdictOf(rows(1, 2))).toBe('unknown');
    // What came after the base is not in it.
    expect(verdictOf(rows(-3, -2, -1))).toBe('unknown');
  });

  it('is told as broken since the first commit of the row, or before', () => {
    expect(sentenceOf({ base: base('none'), around: [around(1), around(2), around(3)] })).toBe(
      'Not this change: 3 runs of main in a row around bbbbbbb fail in the same way, since d300000 or before.',
    );
  });

  it('fails by six of the ten around it', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((place) =>
      around(place, place === 1 ? { conclusion: null, same: null } : {}),
    );
    expect(verdictOf({ base: base('none'), around: ten.slice(0, 7) })).toBe('broken_base');
    expect(verdictOf({ base: base('none'), around: ten.slice(0, 6) })).toBe('unknown');
    expect(verdictOf({ base: base('failure', { same: null }), around: ten })).toBe('broken_base');
  });

  it('counts a commit without a run for nothing, and one whose run is not known as not failing', () => {
    const between = (conclusion: 'none' | null) => [
      around(1),
      around(2, { conclusion, same: null }),
      around(3),
      around(4),
    ];
    expect(verdictOf({ base: base('none'), around: between('none') })).toBe('broken_base');
    expect(verdictOf({ base: base('none'), around: between(null) })).toBe('unknown');
  });

  const red = [1, 2, 3].map((place) => around(place));
  it.each([
    ['fails in another way', { base: base('failure', { same: false }) }],
    ['fails, nobody knows how', { base: base('failure', { same: null }) }],
    ['is still running', { base: base(null) }],
    ['failed and passed', { base: base('failure', { same: true, mixed: true }) }],
    ['was cancelled', { base: base('other') }],
    [
      'fails in the same way, by a generic line',
      { base: base('failure', { same: true }), specific: { is_specific: false, job_keys: 9, words: 3 } },
    ],
    [
      'fails in the same way, and more tests failed here than are known',
      { base: base('failure', { same: true }), failure: { tests: [test()], tests_omitted: 1 } },
    ],
  ] as const)('is none when it %s', (_, over) => {
    expect(verdictOf({ around: red, ...(over as Parameters<typeof evidence>[0]) })).toBe('unknown');
  });

  it('is none when it passed, and the reader is told that the branch broke since', () => {
    const judged = judgeFailure(evidence({ around: [around(-2), around(-1), ...red] }));
    expect(judged.verdict).toBe('new');
    expect(judged.sentence).toContain('2 later runs of main failed in the same way.');
  });

  it('counts a commit that stands twice once, and never the base beside itself', () => {
    const twice = [around(1), around(1), around(2), { ...around(3), sha: 'b'.repeat(40) }];
    expect(verdictOf({ base: base('none'), around: twice })).toBe('unknown');
  });
});

describe('a failure that is seen elsewhere', () => {
  it('is infra when the pattern says so and it stands on two pull requests of others', () => {
    expect(judgeFailure(evidence(twoOthers))).toEqual({
      verdict: 'infra',
      rule: 'seen_elsewhere',
      sentence: 'Not this change: the same error stands on #12, #15, of other authors, within a working day.',
    });
  });

  it.each([
    ['one pull request is seen twice', { elsewhere: [seen(12), seen(12, { author: 'c' })] }],
    ['one is its own', { elsewhere: [seen(12), seen(7)] }],
    ['one is of its author', { elsewhere: [seen(12), seen(15, { author: 'OctoCat' })] }],
    ['one author is not known', { elsewhere: [seen(12), seen(15, { author: null })] }],
    ["one is a stranger's", { elsewhere: [seen(12), seen(15, { trusted: false })] }],
    ['one is two working days old', { elsewhere: [seen(12), seen(15, { at: '2026-03-02T11:00:00Z' })] }],
    ['one has no time', { elsewhere: [seen(12), seen(15, { at: 'yesterday' })] }],
    ['its own author is not known', { failure: { ...outage, author: null } }],
    ['its pattern is of another category', { failure: { pattern: { ...outage.pattern, category: 'dependency' } } }],
    ['no pattern knows it', { failure: { pattern: null } }],
    ['its line is generic', { specific: { is_specific: true, job_keys: 5, words: 9 } }],
    ['tests failed', { failure: { ...outage, tests: [test()] } }],
    ['the change touches how jobs run', { changed: { files: 1, touched: ['.github/workflows/ci.yml'] } }],
  ] as const)('is not excused when %s', (_, over) => {
    expect(verdictOf({ ...twoOthers, ...(over as Parameters<typeof evidence>[0]) })).toBe('unknown');
  });

  it('counts a weekend for nothing', () => {
    const monday = { ...outage, at: '2026-03-09T08:00:00Z' };
    const elsewhere = [seen(12, { at: '2026-03-06T09:00:00Z' }), seen(15, { at: '2026-03-07T22:00:00Z' })];
    expect(verdictOf({ ...twoOthers, failure: monday, elsewhere })).toBe('infra');
    const older = [seen(12, { at: '2026-03-06T07:00:00Z' }), seen(15, { at: '2026-03-07T22:00:00Z' })];
    expect(verdictOf({ ...twoOthers, failure: monday, elsewhere: older })).toBe('unknown');
  });
});

describe('a new failure', () => {
  it('passed on the base, or on an earlier commit', () => {
    expect(sentenceOf()).toBe('New with this change: this job passed on main at bbbbbbb and fails here.');
    const earlier_pass = { sha: '9'.repeat(40), at: null, where: 'pull_request' } as const;
    expect(sentenceOf({ base: null, earlier_pass })).toBe(
      'New with this change: this job passed on its earlier commit 9999999 and fails here.',
    );
    expect(sentenceOf({ base: base('none'), earlier_pass: { ...earlier_pass, where: 'base' } })).toBe(
      'New with this change: this job passed on main at 9999999 and fails here.',
    );
  });
});

describe('the explanation', () => {
  it('names each rule until one holds, and why those before did not', () => {
    const tried = explainFailure(evidence({ base: base('failure', { same: false }) }));
    expect(tried.map(({ rule }) => rule)).toEqual(RULE_NAMES);
    expect(tried.map(({ outcome }) => outcome)).toEqual([...Array.from({ length: 8 }, () => 'not_held'), 'held']);
    expect(tried.every(({ words }) => words.length > 10)).toBe(true);
    expect(tried.at(-1)?.words).toBe(judgeFailure(evidence({ base: base('failure', { same: false }) })).sentence);
    expect(whyNot('base_is_broken', { base: base('failure', { same: false }) })).toBe(
      'this job failed on main at bbbbbbb, but is not known to have failed in the same way; 0 in a row and 0 of 10 around it fail in the same way',
    );
  });
});
