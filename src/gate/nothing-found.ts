// Says why a criterion is still waited for, and what there is instead, the most likely thing first. Pure.

import type { Criterion } from '../policy/schema/criteria.ts';
import type { Source } from '../policy/schema/policy.ts';
import { closestName } from '../text/closest-name.ts';
import type { Evidence } from './find-evidence.ts';
import { WAITING } from './model/evaluation.ts';
import type { EvidenceModel, Signal } from './model/evidence-model.ts';
import { REMEDY } from './model/remedies.ts';
import { hintingStep } from './names/step-names.ts';
import { hints, type Work, workOf } from './names/work-names.ts';

const MOST_NAMES = 5;
const MOST_CHARACTERS = 60;

/** The reason `waiting for …`; once anything of a run is known, with what is there instead. */
export function waitingFor(criterion: Criterion, { wanted, set_aside }: Evidence, model: EvidenceModel): string {
  return [`${WAITING}${wanted}`, set_aside, hereInstead(criterion, model)].filter((part) => part !== null).join('; ');
}

/** What to do once it is missing, by what is there instead; undefined when nothing is. */
export function remedyFor({ key, source }: Criterion, { signals, reports, runs }: EvidenceModel): string | undefined {
  const own = signals.filter(({ foreign_event }) => (foreign_event ?? null) === null);
  if (source === null && workOf(key) !== null)
    return own.some(({ kind }) => kind === 'job') ? REMEDY.notPlain : undefined;
  if (source === null || 'artifact' in source) {
    if (reports.length > 0) return REMEDY.otherArtifact;
    return runs.length > 0 && runs.every(({ is_over }) => is_over) ? REMEDY.noArtifact : undefined;
  }
  const kind = 'job' in source ? 'job' : 'check' in source ? 'check' : 'status';
  const wanted = 'job' in source ? source.job : 'check' in source ? source.check : source.status;
  const same = own.filter((signal) => signal.kind === kind);
  if (placeOf(source) !== null && same.some(({ name }) => name === wanted)) return REMEDY.otherPlace;
  return same.length > 0 ? REMEDY.otherName : undefined;
}

function hereInstead({ key, source }: Criterion, { signals, reports, runs }: EvidenceModel): string | null {
  const own = signals.filter(({ foreign_event }) => (foreign_event ?? null) === null);
  if (source === null) {
    const work = workOf(key);
    if (work === null) return artifactsHere(null, reports, runs);
    const name = reports.find(({ artifact }) => artifact !== '')?.artifact;
    if (name === undefined) return namedNone(work, own);
    const how = `to name one: evidence: { ${key}: { artifact: ${JSON.stringify(cut(name))} } }`;
    return [namedNone(work, own), artifactsHere(null, reports, []), how].filter((part) => part !== null).join('; ');
  }
  if ('artifact' in source) return artifactsHere(source.artifact, reports, runs);
  const kind = 'job' in source ? 'job' : 'check' in source ? 'check' : 'status';
  const wanted = 'job' in source ? source.job : 'check' in source ? source.check : source.status;
  const names = namesOf(own.filter((signal) => signal.kind === kind));
  if (names.length === 0) return null;
  const of = placeOf(source);
  const elsewhere = own.find((signal) => signal.kind === kind && signal.name === wanted);
  if (of !== null && elsewhere !== undefined) return `${kind} ${cut(wanted)} is of ${elsewhere.origin}, not of ${of}`;
  const where = of === null ? '' : ` in ${of}`;
  return `no ${kind} of that name${where}; ${listed(wanted, kind === 'status' ? 'statuses here' : `${kind}s here`, names)}`;
}

/** The workflow or App that a signal has to be of; null: any. */
function placeOf(source: Source): string | null {
  if ('workflow' in source) return source.workflow ?? null;
  return 'app' in source ? (source.app ?? null) : null;
}

/** What artifacts there are is known once a run is over and read. */
function artifactsHere(
  wanted: string | null,
  reports: EvidenceModel['reports'],
  runs: EvidenceModel['runs'],
): string | null {
  const names = [...new Set(reports.map(({ artifact }) => artifact))];
  if (names.length > 0) return listed(wanted, 'artifacts here', names);
  return runs.length > 0 && runs.every(({ is_over }) => is_over) ? 'no run here left a report that can be read' : null;
}

const WHAT: Readonly<Record<Work, string>> = {
  lint: 'a linter',
  types: 'a type checker',
  e2e: 'for end-to-end tests',
};
const KEYS: Readonly<Record<Work, string>> = { lint: 'lint_pass', types: 'type_check', e2e: 'e2e_pass' };

/** No job is plainly it: those first that may be meant, by their names, or by a step. */
function namedNone(work: Work, signals: readonly Signal[]): string | null {
  const jobs = signals.filter(({ kind }) => kind === 'job');
  if (jobs.length === 0) return null;
  const byStep = jobs.find(({ steps }) => hintingStep(steps ?? [], work) !== null);
  const likely = jobs.find(({ name }) => hints(name, work)) ?? byStep;
  const names = namesOf(likely === undefined ? jobs : [likely, ...jobs]);
  const step = likely === undefined ? null : hintingStep(likely.steps ?? [], work);
  const ofStep = step === null ? '' : `; job ${likely?.name} has a step ${cut(step)}`;
  const job = JSON.stringify(cut(likely?.name ?? '…'));
  return `no job here is plainly ${WHAT[work]}; name it: evidence: { ${KEYS[work]}: { job: ${job} } }${ofStep}; jobs here: ${bounded(names)}`;
}

function namesOf(signals: readonly Signal[]): string[] {
  return [...new Set(signals.map(({ name }) => name))];
}

function listed(wanted: string | null, what: string, names: readonly string[]): string {
  const close = wanted === null ? null : closestName(wanted, names);
  if (close === null) return `${what}: ${bounded(names)}`;
  const others = names.filter((name) => name !== close);
  return `${what}: ${bounded([close, ...others])}; did you mean ${cut(close)}?`;
}

function bounded(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(cut).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function cut(name: string): string {
  return name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS - 1)}…` : name;
}
