// The story on one screen: what happens to a delivery, and to the work it leaves behind. Read this after README.md.

import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Probot } from 'probot';
import { z } from 'zod';
import { syncAgents } from './agents/agents.ts';
import { isAsked } from './asked/asked-guid.ts';
import { type Admission, makeAdmission } from './brain/admission.ts';
import type { Brain } from './brain/client.ts';
import { openPatternLibrary } from './brain/pattern-library.ts';
import { makeQuotas, type Quotas } from './brain/quotas.ts';
import { findBypasses } from './bypasses/bypasses.ts';
import { diagnose } from './diagnose/diagnose.ts';
import { keepMatchers } from './diagnose/matchers.ts';
import type { Ignores } from './diagnose/patterns/ignores.ts';
import { collectEvidence } from './evidence/evidence.ts';
import type { GateInput } from './gate/collect/collect.ts';
import { evaluateHeads, evaluatePullRequest, gate } from './gate/gate.ts';
import { readAppSlug } from './github/app.ts';
import { keepFiles } from './github/contents.ts';
import { admittedOctokit, type OctokitFor } from './github/installation.ts';
import { keepPauses, type Pauses } from './github/pauses.ts';
import type { Delivery } from './model/delivery.ts';
import { Transient } from './model/errors.ts';
import { type FollowUp, type FollowUpKind, isFollowUpKind } from './model/follow-up.ts';
import { asJson, type Json } from './model/json.ts';
import { WAIT_DEFAULTS, type WaitSettings } from './model/waits.ts';
import { accountOf } from './normalise/account-of.ts';
import { mayCloseGate } from './normalise/may-close-gate.ts';
import { normalise } from './normalise/normalise.ts';
import { keepRules } from './policy/policy-rules.ts';
import { answerProtection } from './protection/protection.ts';
import type { Outcome } from './publish/outcome.ts';
import { type ClaimedPublication, publishOne } from './publish/publish.ts';
import { report } from './report/report.ts';
import { readReportedCommit } from './report/reported-commit.ts';
import { command } from './slash-commands/command.ts';
import { planSprints } from './specs/specs.ts';
import { judge } from './verdicts/judging/judge.ts';

export interface PipelineDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** Signs in to installations. */
  readonly probot: Pick<Probot, 'auth'>;
  readonly config: {
    readonly appId: number;
    readonly untrustedCheckApps?: readonly string[] | undefined;
    /** Repositories whose agents are everybody's here: `owner/name` in lower case, or ids. */
    readonly agentsRepositories?: readonly string[] | undefined;
    /** The defaults unless given. */
    readonly waits?: WaitSettings | undefined;
  };
  /** Whose deliveries are let in, and for whom GitHub is asked; everybody's unless given. */
  readonly admission?: Admission;
  /** What each installation may use; left out: only the log hears of it. */
  readonly quotas?: Quotas;
  /** What the starter library's files say never counts. */
  readonly ignores: Ignores;
  readonly log: Logger;
  /** Between two writes to an installation; by default the second that GitHub asks for. */
  readonly writeSpacingMs?: number;
}

/** Every function may run twice on the same input: the second time changes nothing. */
export interface Pipeline {
  /** Normalises a delivery and records its facts. Throws `Rejected` when the payload misses what we need. */
  process(delivery: Delivery): Promise<void>;
  /** Does one follow-up and returns what to keep of it. Throws `Transient` to be called again later. */
  work(followUp: FollowUp): Promise<Json>;
  /** Makes a publication, claimed under the worker's name, stand on GitHub, notes the outcome and returns its kind; throws what the brain throws. */
  publish(claimed: ClaimedPublication, worker: string): Promise<Outcome['kind']>;
}

type Step = (followUp: FollowUp) => Promise<Json>;

/** Puts the steps together. */
export function makePipeline(deps: PipelineDeps): Pipeline {
  const { brain, probot, config, log } = deps;
  const { admission = makeAdmission(brain, null, log), quotas = makeQuotas({ brain, log }) } = deps;
  const octokitFor = admittedOctokit(probot, admission, sharedPauses(brain));
  const appSlug = once(() => readAppSlug(probot));
  const app = async () => ({ appId: config.appId, appSlug: await appSlug() });
  const steps = makeSteps({ ...deps, quotas, octokitFor, app });

  return {
    process: (delivery) => processDelivery(delivery, { brain, config, admission, quotas }),
    async work(followUp) {
      const { kind } = followUp;
      // A newer version has queued it, whose worker takes it up.
      if (!isFollowUpKind(kind)) throw new Transient(`this version has no step for follow-ups of kind "${kind}"`);
      return steps[kind](followUp);
    },
    async publish(claimed, worker) {
      const { kind } = await publishOne(claimed, {
        brain,
        worker,
        octokitFor,
        ...(await app()),
        log,
        pause,
        random: Math.random,
      });
      return kind;
    },
  };
}

interface FollowUpDeps extends PipelineDeps {
  readonly quotas: Quotas;
  readonly octokitFor: OctokitFor;
  readonly app: () => Promise<{ readonly appId: number; readonly appSlug: string }>;
}

/** One step for each kind of follow-up. */
function makeSteps(deps: FollowUpDeps): Readonly<Record<FollowUpKind, Step>> {
  const { brain, config, ignores, log, writeSpacingMs = 1_000, quotas, octokitFor, app } = deps;
  const matcherFor = keepMatchers(openPatternLibrary(brain), ignores, log);
  const readFile = keepFiles();
  const rules = keepRules({ brain, readFile, now: Date.now });
  const { waits = WAIT_DEFAULTS } = config;
  const evaluating = {
    ...{ brain, octokitFor, readFile, learnRules: rules.learn },
    ...{ untrustedApps: config.untrustedCheckApps, waits, now: Date.now },
  };
  const evaluateFor = (head: GateInput) => evaluatePullRequest(head, evaluating);
  return {
    diagnose: ({ input, attempts }) =>
      diagnose(input, { brain, octokitFor, matcherFor, appId: config.appId, attempts, quotas, log }),
    artifacts: ({ input }) => collectEvidence(input, { brain, octokitFor, quotas }),
    plan_sprint: ({ input }) =>
      planSprints(input, {
        ...{ brain, octokitFor, learnRules: rules.learnAt },
        syncAgents: (pushed) => syncAgents(pushed, { brain, repositories: config.agentsRepositories ?? [] }),
      }),
    command: ({ input }) => command(input, { brain, octokitFor, evaluateFor, app, pause, writeSpacingMs }),
    bypasses: ({ input }) => findBypasses(input, { brain, octokitFor }),
    protection: ({ input }) => answerProtection(input, { brain, octokitFor, now: Date.now }),
    async report({ input }) {
      await judge(input, { brain, octokitFor });
      const read = await readReportedCommit(input, { brain, octokitFor });
      if ('nothing' in read) return read.nothing;
      const { commit } = read;
      const verdict = await gate(commit, evaluating);
      const at_other_heads = await evaluateHeads(commit.other_heads, evaluating);
      return report(commit, { ...verdict, at_other_heads }, { brain, octokitFor, waits });
    },
  };
}

const sharedBudget = z
  .object({
    pause_ms: z.number().nullable(),
    left: z.object({ limit: z.int(), remaining: z.int(), resets_ms: z.number() }).nullable(),
  })
  .transform(({ pause_ms: pauseMs, left }) => ({
    pauseMs,
    left: left && { limit: left.limit, remaining: left.remaining, resetsMs: left.resets_ms },
  }));

/** Rate limits as every process on this brain knows them. */
export function sharedPauses(brain: Pick<Brain, 'call'>): Pauses {
  return keepPauses({
    read: async (installation_id) => sharedBudget.parse(await brain.call('read_budget', { installation_id })),
    write: (installation_id, pause_ms) => brain.call('pause_installation', { installation_id, pause_ms }),
    note: (installation_id, { limit: request_limit, remaining, resetsMs: resets_ms }) =>
      brain.call('note_budget', { installation_id, request_limit, remaining, resets_ms }),
  });
}

/** What takes installations and repositories away, or brings them, is never held back; nor is what we asked for ourselves. */
const UNCOUNTED: readonly string[] = ['installation', 'installation_repositories', 'installation_target', 'repository'];

async function processDelivery(
  delivery: Delivery,
  {
    brain,
    config,
    admission,
    quotas,
  }: Pick<PipelineDeps, 'brain' | 'config'> & { readonly admission: Admission; readonly quotas: Quotas },
): Promise<void> {
  const { app_id, guid, event, payload, claim } = delivery;
  const account = accountOf(event, payload);
  const keptOut = await admission.reasonToKeepOut(account);
  if (keptOut !== null) return brain.call('keep_out_delivery', { app_id, guid, claim, reason: keptOut });
  const normalised = normalise(delivery, { appId: config.appId });
  if (normalised.kind === 'ignored')
    return brain.call('ignore_delivery', { app_id, guid, claim, reason: normalised.reason });
  const { facts } = normalised;
  const { installation_id: installation } = account;
  const counted = installation !== null && delivery.attempts === 1 && !UNCOUNTED.includes(event) && !isAsked(guid);
  const held = counted ? await quotas.takeDelivery(installation, mayCloseGate(facts)) : null;
  if (held === null) {
    await brain.call('record_delivery', { app_id, guid, claim, facts: asJson(facts) });
    return;
  }
  const reason = `put off until ${held.until}: the installation has used up its ${held.allowed} deliveries of the day (table quotas)`;
  await brain.call('put_off_delivery', { app_id, guid, claim, until: held.until, reason });
}

/** Asks at most once, unless asking fails. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = null;
      throw error;
    });
    return answer;
  };
}
