// What a stage has to have done, as SQL checks it: outputs, validators over Markdown, constraints, quality checks, guarantees, ceilings.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { runs } from '../support/runs.ts';

interface Check {
  readonly type: string;
  readonly target: string;
  readonly passed: boolean | null;
  readonly severity: string;
  readonly code?: string;
}

describe.each(testBackends)('checks of stages (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain?.close());

  const headings = async (text: string): Promise<readonly string[] | null> => {
    const [row] = await brain.sql('select to_jsonb(codered.markdown_headings($1)) as found', [text]);
    return JSON.parse(row?.found ?? 'null');
  };
  const check = async (name: string, rules: unknown, given: unknown): Promise<readonly Check[]> => {
    const [row] = await brain.sql(
      `select coalesce(jsonb_agg(c), '[]') as found from codered.${name}($1::jsonb, $2::jsonb) as c`,
      [JSON.stringify(rules), JSON.stringify(given)],
    );
    return JSON.parse(row?.found ?? '[]');
  };
  const states = (checks: readonly Check[]) =>
    checks.map(({ target, passed, severity, code }) => [target, passed, severity, ...(code ? [code] : [])].join(' '));
  const document = (content: string) => ({ artifacts: [{ file_path: 'research/CONCEPTS.md', content }] });

  it('finds headings as Markdown has them, and none in code, comments, lists and quotes', async () => {
    const page = [
      '# Core ##',
      '##Not one',
      '####### Not one',
      '   ###   *Related*  ',
      '    # code',
      'Set',
      'under',
      '===',
      'Again',
      '---',
      '',
      '---',
      '```md',
      '# Fenced',
      '~~~',
      '````',
      '# After the fence',
      '~~~~',
      '# Tilde',
      '~~~',
      '```',
      '~~~~~',
      '<!-- # Hidden',
      '# Hidden too -->',
      '> # Quoted',
      '- # Listed',
      '# CRLF\r',
      '#',
      '``` not a `fence`',
      '# Last',
    ].join('\n');
    expect(await headings(page)).toEqual(['core', 'related', 'set under', 'again', 'after the fence', 'crlf', 'last']);
  });

  it('knows no headings of what is too long, and reads what is just short enough', async () => {
    expect(await headings('#'.repeat(1_000_001))).toBeNull();
    expect(await headings('a\n'.repeat(50_001))).toBeNull();
    expect(await headings(`${'`'.repeat(400_000)}\n${'# '.repeat(200_000)}\n${' '.repeat(150_000)}`)).not.toBeNull();
    expect(await headings(`${'>#*- \n'.repeat(40_000)}# End`)).toEqual(['end']);
  });

  it('finds every heading that stands between paragraphs, whatever these say', async () => {
    const words = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8}){0,2}$/);
    const paragraph = fc.stringMatching(/^[a-z#`~<>*_=-]{0,12}$/).map((text) => `x ${text}`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(words, paragraph), { maxLength: 8 }), async (parts) => {
        const page = parts.map(([title, text]) => `## ${title}\n\n${text}\n`).join('\n');
        expect(await headings(page)).toEqual(parts.map(([title]) => title));
      }),
      runs(15),
    );
  });

  it('says of each validator whether it passed, and which severity holds the stage up', async () => {
    const stage = {
      validators: [
        { type: 'file_exists', target: 'CONCEPTS.md' },
        { type: 'file_exists', target: 'SEQUENCE.md' },
        { type: 'contains_headings', target: 'CONCEPTS.md', headings: ['Core', 'Related'], severity: 'warning' },
        { type: 'contains_headings', target: 'research/CONCEPTS.md', headings: ['core'] },
        { type: 'runs_this_regex', target: '(a+)+$' },
        'nonsense',
      ],
    };
    expect(states(await check('check_validators', stage, document('# Core\n')))).toEqual([
      'CONCEPTS.md true error',
      'SEQUENCE.md false error MISSING_ARTIFACT',
      'CONCEPTS.md false warning HEADING_MISMATCH',
      'research/CONCEPTS.md true error',
      expect.stringMatching(/^\{.*\} {2}error UNKNOWN_RULE$/),
      '"nonsense"  error UNKNOWN_RULE',
    ]);
    const elsewhere = { artifacts: [{ file_path: 'CONCEPTS.md', storage_url: 'https://example.test/a' }] };
    const asked = { validators: [{ type: 'contains_headings', target: 'CONCEPTS.md', headings: ['Core'] }] };
    expect(states(await check('check_validators', asked, elsewhere))).toEqual([
      'CONCEPTS.md  error UNREADABLE_ARTIFACT',
    ]);
    expect(states(await check('check_validators', { validators: {} }, document('')))).toEqual([
      'validators  error UNKNOWN_RULE',
    ]);
  });

  it('finds declared outputs in artifacts and in output, and blank ones nowhere', async () => {
    const stage = {
      outputs: [
        { name: 'parsed_intent', type: 'structured' },
        'CONCEPTS.md',
        { name: 'concepts', required: false },
        { name: 'terms' },
      ],
    };
    const given = { ...document('# Core'), output: { parsed_intent: { word: 'a' }, terms: [] } };
    expect(states(await check('check_outputs', stage, given))).toEqual([
      'parsed_intent true error',
      'CONCEPTS.md true error',
      'terms false error MISSING_ARTIFACT',
    ]);
    expect(states(await check('check_outputs', { outputs: ['CONCEPTS'] }, document('# Core')))).toEqual([
      'CONCEPTS true error',
    ]);
    expect(states(await check('check_outputs', { outputs: ['CONCEPTS'] }, document(' ')))).toEqual([
      'CONCEPTS false error MISSING_ARTIFACT',
    ]);
  });

  it('measures "format: structured_json" and tells of other constraints that they are not measured', async () => {
    const stage = { constraints: ['format: structured_json', 'at most three sources'] };
    const of = async (result: unknown) => states(await check('check_constraints', stage, result))[0];
    expect(await check('check_constraints', stage, { output: {} })).toMatchObject([
      { passed: true },
      { passed: null, severity: 'info' },
    ]);
    expect(await of({ output: '[{"[[": "]]\\"\\\\"}]' })).toBe('format: structured_json true error');
    expect(await of({ output: '{"a": 1}' })).toBe('format: structured_json true error');
    for (const output of [
      'prose',
      3,
      '['.repeat(100_000),
      '{"a":['.repeat(90_000),
      '[]'.repeat(100_000),
      '"text"',
      '["\\u0000"]',
    ])
      expect(await of({ output })).toBe('format: structured_json false error FORMAT_MISMATCH');
    expect(await of({ artifacts: [{ file_path: 'a', content: '[]' }] })).toBe('format: structured_json true error');
    expect(await of({ artifacts: [] })).toBe('format: structured_json false error FORMAT_MISMATCH');
  });

  it('holds quality checks by severity, and what nobody reported did not pass', async () => {
    const config = {
      min_pass_rate: 0.9,
      block_on_critical: true,
      checks: [
        { name: 'Citation', severity: 'critical', required: true },
        { name: 'Facts', severity: 'warning', required: true },
        { name: 'Tone', severity: 'info', required: false },
        { name: 'Whole', severity: 'warning', required: true },
      ],
    };
    const passed = (...names: string[]) => names.map((name) => ({ name, passed: true }));
    expect(states(await check('check_quality', config, passed('Citation', 'Facts', 'Tone', 'Whole')))).toEqual([
      'Citation true critical',
      'Facts true warning',
      'Tone true info',
      'Whole true warning',
      'qa_config.min_pass_rate true error',
    ]);
    const mixed = [...passed('Citation', 'Facts'), { name: 'Citation', passed: false, note: 'two are dead' }];
    expect(states(await check('check_quality', config, mixed))).toEqual([
      'Citation false critical QA_CRITICAL',
      'Facts true warning',
      'Tone  info QA_UNREPORTED',
      'Whole  error QA_UNREPORTED',
      'qa_config.min_pass_rate false error QA_PASS_RATE',
    ]);
    const lenient = { checks: [{ name: 'Citation', severity: 'critical' }], block_on_critical: false };
    expect(states(await check('check_quality', lenient, [{ name: 'Citation', passed: false }]))).toEqual([
      'Citation false warning QA_CRITICAL',
    ]);
    expect(states(await check('check_quality', { min_pass_rate: '90%' }, []))).toEqual([
      'qa_config  error UNKNOWN_RULE',
    ]);
    expect(await check('check_quality', {}, [])).toEqual([]);
  });

  it('holds guarantees to their percentage; what nobody measured, or has no percentage, is not known', async () => {
    const promised = [
      { type: 'quality', threshold: '95%' },
      { type: 'structure', threshold: '300%' },
      { type: 'format', threshold: 'all' },
      { type: 'more' },
    ];
    const measured = [
      { type: 'quality', met_percent: 94.9 },
      { type: 'structure', met_percent: 300 },
      { type: 'format', met_percent: 100 },
    ];
    expect(states(await check('check_guarantees', promised, measured))).toEqual([
      'quality false error GUARANTEE_MISSED',
      'structure true error',
      'format  error UNKNOWN_RULE',
      'more  error UNKNOWN_RULE',
    ]);
    expect(states(await check('check_guarantees', [{ type: 'quality', threshold: '95%' }], []))).toEqual([
      'quality  error GUARANTEE_UNMEASURED',
    ]);
  });

  it('writes a report in which what agents wrote makes no cell, link or tag', async () => {
    const checks = await check('check_quality', { checks: [{ name: 'a|b\n# c', severity: 'info' }] }, [
      { name: 'a|b\n# c', passed: false, note: '![x](https://example.test) <img src=x>' },
    ]);
    const [row] = await brain.sql('select codered.quality_report($1::jsonb) as report', [JSON.stringify(checks)]);
    expect(row?.report?.split('\n')).toHaveLength(5);
    expect(row?.report).toContain('| a\\|b \\# c | info | no | \\!\\[x\\]\\(https://example.test\\) \\<img src=x\\> |');
  });
});
