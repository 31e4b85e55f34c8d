// Which jobs of a workflow may have made an artifact, and whether they have run again. Pure.

import type { Report, Signal } from '../model/evidence-model.ts';
import { wordsOf } from './name-words.ts';
import { carries, type Matrix, matricesOf, type Part, tokensOf } from './sibling-jobs.ts';
import { hints, type Work } from './work-names.ts';
import { TESTING } from './work-words.ts';

/** The jobs of one workflow, looked into once for all of its artifacts. */
export interface Makers {
  /** Whether all jobs that ran in that attempt or later ended well. */
  readonly allEndedWell: (since: number) => boolean;
  /** The jobs whose value of a matrix is among the tokens of a name, those first that it says more of. */
  readonly ofValue: (tokens: readonly string[]) => readonly Signal[];
  /** Whether a job that may have made an artifact of such a name has not run in that attempt or later. */
  readonly rests: (tokens: readonly string[], since: number) => boolean;
  /** Whether a job's value of a matrix is one of these. */
  readonly isValue: (values: readonly string[]) => boolean;
}

const WORKS: readonly Work[] = ['lint', 'types', 'e2e'];
const OF_ANY = 'artifact artifacts report reports result results'.split(' ');

/** The jobs that may have made the artifacts of a report's workflow. */
export function makersOf({ workflow, foreign_event }: Report, signals: readonly Signal[]): Makers {
  const jobs = signals.filter(
    (job) => job.kind === 'job' && job.origin === workflow && (job.foreign_event ?? null) === (foreign_event ?? null),
  );
  const matrices = matricesOf(jobs);
  const values = new Set(matrices.flatMap(({ parts }) => parts.flatMap(({ own }) => own)));
  const named = jobs.map((job) => ({ job, ...wordsOfJob(job) }));
  const likely = remember((tokens) => likelyOf(named, tokens));
  const lastBad = Math.max(0, ...jobs.filter((job) => !hasEndedWell(job)).map(({ attempt }) => attempt));
  return {
    allEndedWell: (since) => lastBad < since,
    ofValue: remember((tokens) => partsOfValue(matrices, tokens).map(({ job }) => job)),
    rests: (tokens, since) =>
      likely(tokens).some(({ attempt }) => attempt < since) ||
      // What failed and was not run again may have made anything.
      jobs.some((job) => job.attempt < since && !hasEndedWell(job)),
    isValue: (wanted) => wanted.some((value) => values.has(value)),
  };
}

function remember<Result>(find: (tokens: readonly string[]) => Result): (tokens: readonly string[]) => Result {
  const known = new Map<string, Result>();
  return (tokens) => {
    const key = tokens.join('-');
    const found = known.get(key) ?? find(tokens);
    known.set(key, found);
    return found;
  };
}

function partsOfValue(matrices: readonly Matrix[], tokens: readonly string[]): Part[] {
  const partsOf = ({ parts }: Matrix) => parts.filter(({ own }) => carries(tokens, own));
  const named = matrices.filter(({ words }) => words.some((word) => tokens.includes(word))).flatMap(partsOf);
  return named.length > 0 ? named : matrices.flatMap(partsOf);
}

interface JobWords {
  readonly job: Signal;
  readonly tokens: ReadonlySet<string>;
  readonly works: readonly Work[];
  readonly isTest: boolean;
}

function wordsOfJob({ name }: Signal): Omit<JobWords, 'job'> {
  const words = wordsOf(name);
  return {
    tokens: new Set(tokensOf(name).filter((token) => !/^\d+$/.test(token) && !OF_ANY.includes(token))),
    works: WORKS.filter((work) => hints(name, work)),
    isTest: words.some((word) => TESTING.has(word)),
  };
}

/** Those that are named for the same; all of them where none is. */
function likelyOf(jobs: readonly JobWords[], tokens: readonly string[]): readonly Signal[] {
  const works = WORKS.filter((work) => hints(tokens.join(' '), work));
  const isOfCode = works.some((work) => work !== 'e2e');
  const isLikely = (one: JobWords) =>
    tokens.some((token) => one.tokens.has(token)) ||
    one.works.some((work) => works.includes(work)) ||
    (!isOfCode && (one.isTest || one.works.includes('e2e')));
  const likely = jobs.filter(isLikely);
  return (likely.length > 0 ? likely : jobs).map(({ job }) => job);
}

function hasEndedWell({ conclusion }: Signal): boolean {
  return conclusion === 'success' || conclusion === 'skipped';
}
