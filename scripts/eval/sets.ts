// The labelled sets: our own fixtures, and what lies in the data folder. A set that is not there is left out.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { fingerprintLine } from '../../src/diagnose/fingerprint.ts';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type Matcher } from '../../src/diagnose/patterns/match.ts';
import { type Diagnosis, diagnose } from './diagnosis.ts';
import { groupingAccuracy, judge, type Row, type Scored, sum } from './score.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/logs');

const said = ({ statement, line, match }: Diagnosis): string =>
  `${statement?.name ?? '–'} · ${match.anchor?.kind ?? '–'} line ${line ?? '–'}: ${match.anchor?.text.slice(0, 100) ?? ''}`;

/** Our own logs: those of failures with their pattern, and those of jobs that passed, which have none. */
export function ownFixtures(matcher: Matcher): Row[] {
  const index = z
    .array(z.object({ file: z.string(), pattern: z.string().nullable() }))
    .parse(parse(readFileSync(path.join(FIXTURES, 'index.yml'), 'utf8')));
  const score = ({ file, pattern }: (typeof index)[number]): Scored => {
    const found = diagnose(matcher, readFileSync(path.join(FIXTURES, file)));
    const name = found.statement?.name ?? null;
    const outcome = name === pattern ? 'right' : name === null ? 'silent' : 'wrong';
    return { file, outcome, evidence: null, said: said(found) };
  };
  return [
    sum('own fixtures', index.filter(({ pattern }) => pattern !== null).map(score)),
    sum('own fixtures, green', index.filter(({ pattern }) => pattern === null).map(score)),
  ];
}

const failures = z.array(
  z.object({ file: z.string(), cause: z.string(), evidence_line: z.number(), words: z.string() }),
);

/** Failures as people reported them; a log that says nothing is right when nothing is said of it. */
export function realFailures(folder: string, matcher: Matcher): Row[] {
  const place = path.join(folder, 'real-failures');
  if (!existsSync(place)) return [];
  const index = failures.parse(JSON.parse(readFileSync(path.join(place, 'index.json'), 'utf8')));
  const cases = index.map(({ file, cause, evidence_line, words }): Scored => {
    const found = diagnose(matcher, readFileSync(path.join(place, file)));
    const outcome = judge(found.statement, new RegExp(words, 'i'));
    const isMute = found.statement === null && /says why|no reason/.test(cause);
    const evidence = found.line !== null && Math.abs(found.line - evidence_line) <= 1;
    return { file, outcome: isMute ? 'right' : outcome, evidence, said: `${said(found)} (marked ${evidence_line})` };
  });
  return [sum('real-failures', cases)];
}

const breakages = z.array(z.object({ name: z.string(), error: z.array(z.tuple([z.number(), z.number()])) }));

/** Breakages with the lines that two annotators marked: the quoted line has to be one of them. */
export function ciDiff(folder: string, matcher: Matcher): Row[] {
  const place = path.join(folder, 'cidiff');
  if (!existsSync(place)) return [];
  const index = breakages.parse(JSON.parse(readFileSync(path.join(place, 'index.json'), 'utf8')));
  const score = ({ name, error }: (typeof index)[number], withGreen: boolean): Scored => {
    const passed = withGreen ? readFileSync(path.join(place, name, 'pass.log')) : undefined;
    const found = diagnose(matcher, readFileSync(path.join(place, name, 'fail.log')), passed);
    const { line } = found;
    const evidence = line !== null && error.some(([first, last]) => first <= line && line <= last);
    // Nobody said what the cause is called: a primary match counts by its line.
    const outcome = found.statement === null ? 'silent' : evidence ? 'right' : 'wrong';
    return { file: name, outcome, evidence, said: `${said(found)} (marked ${error.join(' ')})` };
  };
  return [
    sum(
      'cidiff',
      index.map((one) => score(one, false)),
    ),
    sum(
      'cidiff, with the green log',
      index.map((one) => score(one, true)),
    ),
    sum(
      'cidiff, green',
      index.map(({ name }) => scoreGreen(matcher, name, path.join(place, name, 'pass.log'))),
    ),
  ];
}

/** A log of a run that passed: nothing may be said of it. */
function scoreGreen(matcher: Matcher, file: string, log: string): Scored {
  const found = diagnose(matcher, readFileSync(log));
  return { file, outcome: found.statement === null ? 'right' : 'wrong', evidence: null, said: said(found) };
}

const PYTORCH_IGNORES = {
  ignore: [
    '^##\\[error\\]Process completed with exit code \\d+\\.?$',
    '\\[OSDC\\] Step script exited',
    '^##\\[error\\]Executing the custom container implementation failed',
    "^##\\[error\\]TypeError: Cannot read properties of null \\(reading 'jobPod'\\)",
    '\\[OSDC\\] Step cancelled by GitHub Actions',
  ],
  ignore_between: [
    {
      start: '=================== sccache compilation log ===================',
      stop: '=========== If your build fails, please take a look at the log above for possible reasons ===========',
    },
  ],
};

/** PyTorch's logs under its own rules: line and captures have to be those of its own classifier. */
export function pytorchLogs(folder: string): Row[] {
  const place = path.join(folder, 'pytorch-logs');
  if (!existsSync(place)) return [];
  const rules = parsePatternFile('ruleset.toml', readFileSync(path.join(place, 'ruleset.toml'), 'utf8'));
  const matcher = compilePatterns(rules.patterns, PYTORCH_IGNORES);
  const files = readdirSync(place).filter((name) => name.endsWith('.txt'));
  const cases = files.map((file): Scored => {
    const lines = readFileSync(path.join(place, file), 'utf8').split('\n');
    const marked = lines.filter((line) => !line.startsWith('#=SOURCE=# '));
    const line = marked.findIndex((text) => text.startsWith('#=MATCH=# ')) + 1;
    const spans = [...(marked[line - 1] ?? '').matchAll(/‹([^›]*)›/g)].map(([, span]) =>
      span?.replace(/\x1b\[[0-9;]*m/g, ''),
    );
    const raw = marked.map((text) => text.replace(/^#=MATCH=# /, '').replace(/[‹›]/g, '')).join('\n');
    const found = diagnose(matcher, Buffer.from(raw));
    const primary = found.match.primary;
    const isSame = JSON.stringify([primary?.line ?? 0, primary?.captures ?? []]) === JSON.stringify([line, spans]);
    const outcome = isSame ? 'right' : primary === null ? 'silent' : 'wrong';
    return { file, outcome, evidence: line === 0 ? null : primary?.line === line, said: said(found) };
  });
  return [sum('pytorch-logs', cases)];
}

/** Grouping accuracy of the fingerprints, by system. */
export function loghub(folder: string): { readonly system: string; readonly accuracy: number }[] {
  const place = path.join(folder, 'loghub-2k');
  if (!existsSync(place)) return [];
  const files = readdirSync(place).filter((name) => name.endsWith('.csv'));
  return files.map((file) => {
    const [header = [], ...rows] = parseCsv(readFileSync(path.join(place, file), 'utf8'));
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)] ?? '');
    const accuracy = groupingAccuracy(column('Content').map(fingerprintLine), column('EventId'));
    return { system: file.replace('.csv', ''), accuracy };
  });
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') cell += text[++i];
      else isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else cell += char;
  }
  return cell === '' && row.length === 0 ? rows : [...rows, [...row, cell]];
}
