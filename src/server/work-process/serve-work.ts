// The working process's end of the line: takes work, hands it to a pipeline, tells what came of it.
import { type Logger, pino } from 'pino';
import type { Brain } from '../../brain/client.ts';
import type { QuotaName } from '../../brain/quotas.ts';
import { asError } from '../../model/errors.ts';
import type { Pipeline } from '../../pipeline.ts';
import { type FromWork, outcomeOf, settle, type ToWork, takeApart, type Work, type WorkSettings } from './messages.ts';
import { startWatchdog } from './watchdog.ts';

/** What the pipeline of a working process is made of. */
export interface WorkDeps {
  readonly settings: WorkSettings;
  /** Reached through the serving process. */
  readonly brain: Pick<Brain, 'call'>;
  /** Writes into the serving process's log. */
  readonly log: Logger;
  /** Counts in the serving process's metrics. */
  readonly observeQuota: (quota: QuotaName, share: number) => void;
}

/**
 * Does what the serving process asks for until that is gone. Signals to the whole group are the serving process's to
 * answer: it lets work under way come to its end. Throws when it was not started by running-process.ts.
 */
export function serveWork(make: (deps: WorkDeps) => Pipeline): void {
  if (process.send === undefined) throw new Error('This runs as a process that running-process.ts starts.');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.once('disconnect', () => process.exit(0));
  process.once('uncaughtException', (thrown) => {
    process.send?.({ kind: 'broken', thrown: takeApart(asError(thrown)) } satisfies FromWork, () => process.exit(1));
  });
  process.once('message', (first: ToWork) => {
    if (first.kind !== 'settings') throw new Error('the first message has to bring the settings');
    begin(first.settings, make);
  });
}

function begin(settings: WorkSettings, make: (deps: WorkDeps) => Pipeline): void {
  startWatchdog(settings.processorMs);
  const { brain, answered } = brainElsewhere();
  const observeQuota = (quota: QuotaName, share: number) => say({ kind: 'quota', quota, share });
  const pipeline = make({ settings, brain, log: logElsewhere(settings.logLevel), observeQuota });
  process.on('message', (message: ToWork) => {
    if (message.kind === 'answer') return answered(message);
    if (message.kind === 'settings') return;
    const { id, work } = message;
    void outcomeOf(() => doWork(pipeline, work)).then((outcome) => say({ kind: 'done', id, outcome }));
  });
  say({ kind: 'ready' });
}

/** Without the other side nobody listens, and `disconnect` ends the process. */
function say(message: FromWork): void {
  if (process.connected) process.send?.(message);
}

type Answer = Extract<ToWork, { kind: 'answer' }>;

function brainElsewhere(): { brain: Pick<Brain, 'call'>; answered: (answer: Answer) => void } {
  let calls = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const call = (name: string, args: unknown) => {
    const answer = Promise.withResolvers<unknown>();
    calls += 1;
    waiting.set(calls, answer);
    say({ kind: 'call', id: calls, name, args });
    return answer.promise;
  };
  const answered = ({ id, outcome }: Answer) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (answer !== undefined) settle(outcome, answer);
  };
  // Typed at the other end, where it is answered.
  return { brain: { call } as Pick<Brain, 'call'>, answered };
}

function logElsewhere(level: string): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino(
    { level, base: null, timestamp: false, formatters },
    { write: (line: string) => say({ kind: 'log', line }) },
  );
}

async function doWork({ process: record, work, publish }: Pipeline, todo: Work): Promise<unknown> {
  switch (todo.queue) {
    case 'deliveries':
      return record(todo.delivery);
    case 'jobs':
      return work(todo.followUp);
    case 'publications':
      return publish(todo.claimed, todo.worker);
    default:
      throw new Error(`queue ${todo satisfies never} is not known`);
  }
}
