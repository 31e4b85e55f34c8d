// Tells which stretch of a log is the step that failed: by GitHub's list of the job's steps, or by the log's own marks. Pure.

import { CLEANUP } from '../log/log-marks.ts';
import type { Tail } from '../log/tail.ts';
import { type Hits, mergeHits, moveHits, type Segment } from './segment.ts';

/** A step as GitHub's API tells it, as far as it matters here. */
export interface JobStep {
  readonly name: string;
  readonly number: number;
  readonly conclusion: string | null;
  /** ISO, by the second. */
  readonly started_at: string | null;
  readonly completed_at: string | null;
}

/** What a log comes to, by where it stands. */
export interface Places {
  /** The step that failed, or what comes nearest to it; null for an empty log. */
  readonly failed: Segment | null;
  readonly failedHits: Hits;
  /** What other steps said. */
  readonly elsewhere: Hits;
  readonly elsewhereAround: Segment['around'];
  /** What was said after the last step, and by service containers. */
  readonly after: Hits;
  /** GitHub's name for the failed step. */
  readonly name: string | null;
  /** Whether GitHub says that every step passed, or the log itself that the job did. */
  readonly hasPassed: boolean;
  /** Whether a log that is complete shows no failure: then little in it can be one. */
  readonly isUnmarked: boolean;
  /** Whether the runner called something an error in another step than the one that failed. */
  readonly hasErrorElsewhere: boolean;
}

export interface StepSorter {
  /** Takes a stretch that is complete; returns a tail that is free again. */
  close(segment: Segment): Tail | undefined;
  /** Whether the log shows errors of the runner that are not its own. */
  end(hasQuotedErrors: boolean): Places;
}

/** The step that failed and when it ran, in seconds. */
interface Window {
  readonly step: JobStep;
  readonly from: number;
  readonly to: number;
  /** Another step ended in the second in which it began. */
  readonly isTight: boolean;
}

/** An action's error stands near the end of its step; behind it come at most its stack and object. */
const NEAR_END = 25;
/** How the log names a step that is an action: `owner/name@v1`, `./.github/actions/name`, `docker://image`. */
const ACTION = /^(?:[\w.-]+\/[\w./-]+@|\.\/\.github\/|docker:\/\/)/;
/** So few lines may all be errors. */
const SPARSE = 10;
/** Steps that tell of a failure, and may fail themselves for want of what they tell of. */
const REPORTING =
  /upload|report|notif|slack|discord|telegram|webhook|payload|comment|artifact|codecov|coveralls|cache|clean|publish.{0,20}test/i;
const OPTION = / -\S+/g;
const PASSED: ReadonlySet<string> = new Set(['success', 'skipped', 'neutral']);
const SETUP = /^(?:Set up job|Initialize containers|Pre |Build |Pull )/;

/** `steps` as GitHub lists them; an empty list leaves it to the marks in the log. */
export function sortSteps(steps: readonly JobStep[]): StepSorter {
  const window = findWindow(steps);
  const hasPassed = steps.length > 0 && steps.every(({ conclusion }) => PASSED.has(conclusion ?? ''));
  const failedName = steps.find(hasFailed)?.name ?? null;
  const elsewhere: Hits = new Map();
  const after: Hits = new Map();
  const state: State = {
    ...{ elsewhere, after, region: null, best: null, bestScore: -1, around: null },
    ...{ last: null, pending: new Map(), hasErrors: false, hasErrorElsewhere: false, isComplete: false },
  };
  return {
    close(segment) {
      state.hasErrors ||= segment.errors > 0;
      state.isComplete ||= segment.kind === 'post' && segment.step?.name === CLEANUP;
      const isAfter = isAfterSteps(segment);
      if (isAfter && segment.hasEndedScript) return goOn(state, segment, window);
      if (isAfter && !(window !== null && belongs(segment, window, state.region))) {
        mergeHits(state.pending, segment.hits);
        return segment.tail;
      }
      forgetPending(state);
      return place(state, segment, window);
    },
    end(hasQuotedErrors) {
      forgetPending(state);
      if (state.region !== null && state.best !== null) passOver(state, state.best);
      const failed = state.region ?? state.best;
      const isUnmarked =
        state.isComplete && !state.hasErrors && !hasQuotedErrors && window === null && failed?.kind === 'step';
      return {
        ...{ failed, failedHits: failed?.hits ?? new Map(), elsewhere, elsewhereAround: state.around, after },
        ...{ name: failedName, hasPassed: hasPassed || (failedName === null && saysPassed(failed)), isUnmarked },
        hasErrorElsewhere: state.hasErrorElsewhere,
      };
    },
  };
}

interface State {
  readonly elsewhere: Hits;
  readonly after: Hits;
  /** The stretches within the window of GitHub's failed step, as one. */
  region: Segment | null;
  /** The stretch that by its own marks is the likeliest. */
  best: Segment | null;
  bestScore: number;
  around: Segment['around'];
  /** The last step, as far as it is kept. */
  last: Segment | null;
  /** What was said since by what looks like the clean-up. */
  pending: Hits;
  hasErrors: boolean;
  hasErrorElsewhere: boolean;
  isComplete: boolean;
}

function isAfterSteps({ kind }: Segment): boolean {
  return kind === 'services' || kind === 'post';
}

/** What looked like the clean-up was it. */
function forgetPending(state: State): void {
  mergeHits(state.after, state.pending);
  state.pending = new Map();
}

/** Makes the stretch part of the failed step, or weighs it against the likeliest so far; returns a tail that is free. */
function place(state: State, segment: Segment, window: Window | null): Tail | undefined {
  if (window !== null && belongs(segment, window, state.region)) {
    const free = extendRegion(state, segment, window);
    state.last = state.region;
    return free;
  }
  state.last = segment;
  const score = scoreOf(segment);
  if (score < state.bestScore) return passOver(state, segment);
  const former = state.best;
  state.best = segment;
  state.bestScore = score;
  return former === null ? undefined : passOver(state, former);
}

/** No clean-up runs a script: whoever printed the words that begin it did so within the step before, which goes on. */
function goOn(state: State, segment: Segment, window: Window | null): Tail | undefined {
  const { pending, last, region, best } = state;
  const step = last?.step ?? null;
  mergeHits(pending, segment.hits);
  moveHits(pending, step);
  state.pending = new Map();
  const rest: Segment = { ...segment, kind: last?.kind ?? 'setup', step, hits: pending };
  if (last === null || (last !== region && last !== best)) return place(state, rest, window);
  mergeHits(last.hits, pending);
  state.last = { ...rest, hits: last.hits };
  if (last === region) state.region = state.last;
  else {
    state.best = state.last;
    state.bestScore = scoreOf(state.last);
  }
  return last.tail;
}

/** The last word of Jenkins and of GitLab. */
function saysPassed(failed: Segment | null): boolean {
  const last = failed?.tail.lines().findLast(({ text }) => text.trim() !== '')?.text;
  return last === 'Finished: SUCCESS' || last?.endsWith('Job succeeded') === true;
}

function passOver(state: State, segment: Segment): Tail {
  mergeHits(state.elsewhere, segment.hits);
  state.hasErrorElsewhere ||= segment.errors > 0;
  state.around = segment.around ?? state.around;
  return segment.tail;
}

function hasFailed({ conclusion }: JobStep): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out';
}

/** The first step that failed: those after it run whatever happened, and often fail in its wake. */
function findWindow(steps: readonly JobStep[]): Window | null {
  const step = steps.find(hasFailed) ?? steps.find(({ conclusion }) => conclusion === 'cancelled');
  if (step === undefined) return null;
  const [from, to] = [seconds(step.started_at), seconds(step.completed_at)];
  if (from === null || to === null || to < from) return null;
  const isTight = steps.some((one) => one.number < step.number && seconds(one.completed_at) === from);
  return { step, from, to, isTight };
}

function seconds(iso: string | null): number | null {
  const time = iso === null ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}

function belongs(segment: Segment, { step, from, to, isTight }: Window, region: Segment | null): boolean {
  if (SETUP.test(step.name)) return segment.kind === 'setup';
  const at = segment.startedAt === null ? null : Math.floor(segment.startedAt / 1000);
  if (segment.kind === 'setup' || at === null || at < from || at > to) return false;
  const isOther = segment.kind === 'services' || (segment.kind === 'post') !== step.name.startsWith('Post ');
  // What was printed before the step failed is no clean-up, whatever its words.
  if (isOther && (segment.kind === 'step' || at === to || !hasFailed(step))) return false;
  // The next step may begin in the second in which this one failed.
  if (region?.hasEnded === true && at >= to) return false;
  const isAnother = isTight && at === from && step.name.startsWith('Run ') && step.name !== `Run ${segment.step?.name}`;
  return !(isAnother && region === null);
}

/** Makes the stretch part of the failed step, which keeps the lines of the one that tells most of the failure. */
function extendRegion(state: State, segment: Segment, { step }: Window): Tail | undefined {
  const { region } = state;
  const begins = region !== null && step.name === `Run ${segment.step?.name}` && scoreOf(region) < 2;
  if (region === null || begins) {
    state.region = segment;
    return region === null ? undefined : passOver(state, region);
  }
  if (scoreOf(segment) < scoreOf(region)) {
    mergeHits(region.hits, segment.hits);
    return segment.tail;
  }
  mergeHits(region.hits, segment.hits);
  state.region = { ...segment, hits: region.hits };
  return region.tail;
}

/** What a command is told by options (`--cov-report=xml`) says nothing of what it is for. */
export function isReporting(name: string): boolean {
  return REPORTING.test(name.replace(OPTION, ' '));
}

/** How much a stretch looks like the step that failed, by the log's own marks. */
function scoreOf(segment: Segment): number {
  const lines = segment.lastLine - (segment.step?.line ?? 0);
  // Where all lines are marked, the runner's own at the beginning too, something else than the runner did it.
  const isWhole = segment.step !== null && segment.errors >= lines;
  const isMarked = segment.errors > 0 && !isWhole && segment.errors * 2 < lines + SPARSE;
  // A script that fails ends with its exit code, or with what stopped it; in one that passed, problem matchers mark errors too.
  const near = ACTION.test(segment.step?.name ?? '') ? NEAR_END : 0;
  const isFinal = segment.hasEnded || (isMarked && segment.lastLine - segment.lastError <= near);
  if (segment.wasCanceled) return 5;
  if (isFinal) return isReporting(segment.step?.name ?? '') ? 3 : 4;
  if (isMarked) return 2;
  return segment.kind === 'step' ? 1 : 0;
}
