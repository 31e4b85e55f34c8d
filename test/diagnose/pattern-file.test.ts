import { describe, expect, test } from 'vitest';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';

const ENTRY = 'category: test, severity: error, root_cause: Because., recommended_fix: Do.';

function problemsOf(yaml: string): string[] {
  return parsePatternFile('p.yml', yaml).problems.map(
    ({ section, index, name, reason }) => `${section}[${index}] ${name}: ${reason}`,
  );
}

describe('a YAML file', () => {
  test('gives its patterns in order, with the defaults filled in', () => {
    const file = parsePatternFile(
      'p.yml',
      `
ignore: ['^##\\[error\\]Process completed']
ignore_between: [{ start: '^=+ a', stop: '^=+ b' }]
patterns:
  - name: npm peer dependency conflict
    pattern: '^npm error code ERESOLVE$'
    category: dependency
    severity: error
    root_cause: Two packages disagree.
    recommended_fix: Align them.
    priority: 50
    docs: https://docs.npmjs.com/
  - { name: "a text", kind: literal, pattern: "no (space) left", ${ENTRY} }
`,
    );
    const { entries, ...rest } = file;
    expect(entries.map(({ index, samples, pattern }) => [index, samples, pattern])).toEqual(
      rest.patterns.map((pattern, index) => [index, [], pattern]),
    );
    expect(rest).toEqual({
      ignore: ['^##\\[error\\]Process completed'],
      ignore_between: [{ start: '^=+ a', stop: '^=+ b' }],
      patterns: [
        {
          id: null,
          name: 'npm peer dependency conflict',
          kind: 'regex',
          pattern: '^npm error code ERESOLVE$',
          category: 'dependency',
          severity: 'error',
          root_cause: 'Two packages disagree.',
          recommended_fix: 'Align them.',
          docs_url: 'https://docs.npmjs.com/',
          priority: 50,
          rank: 'cause',
          pick: 'last',
        },
        {
          id: null,
          name: 'a text',
          kind: 'literal',
          pattern: 'no (space) left',
          category: 'test',
          severity: 'error',
          root_cause: 'Because.',
          recommended_fix: 'Do.',
          docs_url: null,
          priority: 0,
          rank: 'cause',
          pick: 'last',
        },
      ],
      problems: [],
    });
  });

  test('says which rank a pattern has and which of its lines counts', () => {
    const { patterns, problems } = parsePatternFile(
      'p.yml',
      `patterns:
  - { name: a, pattern: aa, rank: consequence, pick: first, ${ENTRY} }
  - { name: b, pattern: bb, rank: worst, ${ENTRY} }
  - { name: c, pattern: cc, pick: second, ${ENTRY} }
`,
    );
    expect(patterns).toMatchObject([{ name: 'a', rank: 'consequence', pick: 'first' }]);
    expect(problems.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      expect.stringMatching(/^b: rank: .*cause/),
      expect.stringMatching(/^c: pick: .*last/),
    ]);
  });

  test('that is empty holds nothing and is no problem', () => {
    expect(parsePatternFile('p.yml', '# nothing yet\n')).toEqual({
      patterns: [],
      entries: [],
      ignore: [],
      ignore_between: [],
      problems: [],
    });
  });

  test.each([
    ['p.yml', 'patterns: [', /^is no YAML: Flow sequence [^\n]* at line 1, column 12$/],
    ['p.yml', '[[rule]]\nname = "x"\n', /^is no YAML: [^\n]*; if it is TOML, name it \.toml$/],
    ['p.yml', 'just a text', /^should be keys with values$/],
    ['p.yml', '- a list', /^should be keys with values, not a list; the patterns stand below a line `patterns:`$/],
    [
      'p.toml',
      '[[rule]]\nname = \n',
      /^is no TOML: invalid value at line 2, column \d+; if it is YAML, name it \.yml$/,
    ],
    ['p.toml', '[owner]\nname = "x"\n', /^owner: there is no such key\. Allowed here: rule$/],
  ])('%s that can not be read says so in a line and gives nothing: %j', (file, content, reason) => {
    const { patterns, problems } = parsePatternFile(file, content);
    expect(patterns).toEqual([]);
    expect(problems).toEqual([{ file, section: null, index: null, name: null, reason: expect.stringMatching(reason) }]);
  });

  test('with an unknown key is told so, and what is good in it loads', () => {
    const file = parsePatternFile('p.yml', `pattern: []\npatterns: [{ name: a, pattern: a, ${ENTRY} }]`);
    expect(file.patterns.map(({ name }) => name)).toEqual(['a']);
    expect(file.problems.map(({ reason }) => reason)).toEqual([
      'pattern: there is no such key; did you mean patterns? Allowed here: ignore, ignore_between, patterns',
    ]);
  });

  const refused: readonly [name: string, entry: string, problem: string | RegExp][] = [
    ['not RE2: a look-ahead', `{ name: n, pattern: 'a(?=b)', ${ENTRY} }`, /patterns\[0\] n: not RE2 syntax .*invalid/],
    ['not RE2: a back reference', `{ name: n, pattern: '(a)\\1', ${ENTRY} }`, /patterns\[0\] n: not RE2 syntax/],
    ['empty', `{ name: n, pattern: '', ${ENTRY} }`, 'patterns[0] n: the pattern is empty'],
    [
      'too long',
      `{ name: n, pattern: '${'a'.repeat(1001)}', ${ENTRY} }`,
      'patterns[0] n: the pattern has 1001 characters, at most 1000 are allowed',
    ],
    [
      'matching the empty string',
      `{ name: n, pattern: 'a*', ${ENTRY} }`,
      /patterns\[0\] n: the pattern matches the empty string/,
    ],
    [
      'matching nothing but a place',
      `{ name: n, pattern: '\\b', ${ENTRY} }`,
      /patterns\[0\] n: the pattern matches the empty string/,
    ],
    [
      'a text over several lines',
      `{ name: n, kind: literal, pattern: "a\\nb", ${ENTRY} }`,
      /patterns\[0\] n: the text spans lines/,
    ],
    [
      'an unknown category',
      `{ name: n, pattern: a, category: nope, severity: error, root_cause: x, recommended_fix: y }`,
      /patterns\[0\] n: category: should be one of infra, flaky, /,
    ],
    [
      'an unknown key',
      `{ name: n, pattern: a, prio: 1, ${ENTRY} }`,
      /patterns\[0\] n: prio: there is no such key; did you mean priority\? Allowed here: name, kind, pattern, /,
    ],
    ['no name', `{ pattern: a, ${ENTRY} }`, 'patterns[0] null: name: is missing; it should be a text'],
    [
      'a priority that is no integer',
      `{ name: n, pattern: a, priority: 1.5, ${ENTRY} }`,
      /patterns\[0\] n: priority: /,
    ],
    [
      'an address that is none',
      `{ name: n, pattern: a, docs: 'javascript:alert(1)', ${ENTRY} }`,
      'patterns[0] n: docs: must be an http or https address',
    ],
    ['not even a mapping', 'just text', /patterns\[0\] null: should be keys with values/],
  ];
  test.each(refused)('refuses a pattern that is %s, and loads the rest', (_name, entry, problem) => {
    const yaml = `patterns:\n  - ${entry}\n  - { name: good, pattern: good, ${ENTRY} }\n`;
    expect(parsePatternFile('p.yml', yaml).patterns.map(({ name }) => name)).toEqual(['good']);
    const problems = problemsOf(yaml);
    expect(problems).toHaveLength(1);
    if (typeof problem === 'string') expect(problems[0]).toBe(problem);
    else expect(problems[0]).toMatch(problem);
  });

  test('takes a pattern of exactly 1,000 characters', () => {
    expect(problemsOf(`patterns: [{ name: n, pattern: '${'a'.repeat(1000)}', ${ENTRY} }]`)).toEqual([]);
  });

  test('refuses bad ignores by their place, and keeps the good ones', () => {
    const file = parsePatternFile(
      'p.yml',
      `ignore: ['(', ok]\nignore_between: [{ start: 'a' }, { start: 'b', stop: '' }]`,
    );
    expect(file.ignore).toEqual(['ok']);
    expect(file.ignore_between).toEqual([]);
    expect(file.problems.map(({ section, index }) => `${section}[${index}]`)).toEqual([
      'ignore[0]',
      'ignore_between[0]',
      'ignore_between[1]',
    ]);
  });
});

describe("PyTorch's TOML", () => {
  const RULES = `
[[rule]]
name = 'GHA error'
pattern = '^##\\[error\\](.*)'

[[rule]]
name = 'bad'
pattern = '('

[[rule]]
name = 'first'
pattern = 'x+'
priority = 7
`;

  test.each(['ruleset.toml', 'ruleset', 'ruleset.txt'])('is known in a file named %s', (name) => {
    const { patterns, problems } = parsePatternFile(name, RULES);
    expect(patterns.map((one) => [one.name, one.pattern, one.priority, one.category, one.severity])).toEqual([
      ['GHA error', '^##\\[error\\](.*)', 0, 'other', 'error'],
      ['first', 'x+', 7, 'other', 'error'],
    ]);
    expect(problems).toMatchObject([{ file: name, section: 'patterns', index: 1, name: 'bad' }]);
  });

  test('may say rank and pick', () => {
    const { patterns, problems } = parsePatternFile(
      'r.toml',
      "[[rule]]\nname = 'n'\npattern = 'x+'\nrank = 'generic'\npick = 'first'\n",
    );
    expect(problems).toEqual([]);
    expect(patterns).toMatchObject([{ rank: 'generic', pick: 'first' }]);
  });

  test('that is broken says so', () => {
    expect(parsePatternFile('r.toml', '[[rule').problems).toMatchObject([{ section: null, index: null }]);
  });
});

describe('samples', () => {
  const sampled = (samples: string) =>
    problemsOf(`patterns: [{ name: a, pattern: '^tool: (\\S+) is missing$', samples: ${samples}, ${ENTRY} }]`);

  test('are lines that the pattern has to match, bare or behind what wrappers put before them', () => {
    expect(sampled(`['tool: x is missing', '##[error]tool: y is missing']`)).toEqual([]);
    expect(sampled(`['tool: x is missing', 'tool: x is there']`)).toEqual([
      'patterns[0] a: samples.1: the pattern does not match "tool: x is there"',
    ]);
    expect(sampled(`tool`)).toHaveLength(1);
  });

  test('of a literal are searched for it', () => {
    expect(
      problemsOf(`patterns: [{ name: a, kind: literal, pattern: lost, samples: [all is lost, fine], ${ENTRY} }]`),
    ).toEqual(['patterns[0] a: samples.1: the pattern does not match "fine"']);
  });

  test('are cleaned as the lines of a log are, and this is said where only the raw line matches', () => {
    const stamp = '2026-07-30T19:16:42.3027598Z ';
    expect(sampled(`['${stamp}tool: x is missing', "\\e[31mtool: y is missing\\e[0m"]`)).toEqual([]);
    expect(
      problemsOf(`patterns: [{ name: a, pattern: '^2026-.*Z lost', samples: ['${stamp}lost'], ${ENTRY} }]`),
    ).toEqual([
      'patterns[0] a: samples.0: the pattern does not match "lost"; GitHub\'s time and colours are removed before patterns are tried',
    ]);
  });

  test('keep the blanks that they begin with', () => {
    const indented = (sample: string) =>
      problemsOf(`patterns: [{ name: a, pattern: '^  lost', samples: ['${sample}'], ${ENTRY} }]`);
    expect(indented('  lost')).toEqual([]);
    expect(indented('lost')).toHaveLength(1);
  });

  test('are one line each', () => {
    expect(sampled(`["tool: x is missing\\nmore"]`)).toEqual([
      'patterns[0] a: samples.0: is more than one line; patterns are tried on one line at a time',
    ]);
  });
});

describe('a pattern that can match no line', () => {
  const reasons = (pattern: string) => problemsOf(`patterns: [{ name: a, pattern: '${pattern}', ${ENTRY} }]`).join();

  test.each(['error: a\\n  at b', '(?s)error.*\\r?\\n.*done', 'a(?:\\n|\\n\\n)b', 'a[\\n]b', 'a\\n+b', 'a\\x0ab'])(
    'because it needs a line end is refused: %s',
    (pattern) => expect(reasons(pattern)).toContain('needs a line end, but patterns are tried on one line at a time'),
  );

  test('because it needs colours is refused', () => {
    expect(reasons('\\x1b\\[31merror')).toContain('needs the escape character of colours');
  });

  test.each(['a[^\\n]*b', 'a\\s+b', 'a\\n?b', 'a(?:\\n|;)b', '(?s)a.*b', 'a\\\\nb'])(
    'is not one that may do without: %s',
    (pattern) => expect(reasons(pattern)).toBe(''),
  );
});
