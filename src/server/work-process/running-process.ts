// One process that does work, seen from the serving one: hands it work, answers what it asks the brain, tells why it ended.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Brain } from '../../brain/client.ts';
import type { QuotaName } from '../../brain/quotas.ts';
import { type FromWork, outcomeOf, settle, type ToWork, type Work, type WorkSettings } from './messages.ts';
import { OVERTIME } from './watchdog.ts';

/** Why a process ended: it was at one thing too long, it needed too much memory, it broke, or it never began. */
export type EndOfProcess = 'processor time' | 'memory' | 'crash' | 'no start';

/** What work that was under way in a process is rejected with when the process ends. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
  readonly end: EndOfProcess;
  constructor(end: EndOfProcess, said: string) {
    super(`the process ended while it was at work: ${said}`);
    this.end = end;
  }
}

export interface RunningProcess {
  /** Does one piece of work; rejects with what it throws, or with `ProcessEnded`. */
  readonly run: (work: Work) => Promise<unknown>;
  /** Whether it takes work. */
  readonly isRunning: () => boolean;
  /** Ends it, whatever it is at; resolves when it is gone. Twice is fine. */
  readonly end: () => Promise<void>;
}

export interface ProcessOptions {
  readonly settings: WorkSettings;
  readonly brain: Pick<Brain, 'call'>;
  readonly log: Logger;
  /** Called when so much in per cent of an installation's quota is used. */
  readonly observeQuota: (quota: QuotaName, share: number) => void;
  /** What runs in it, a file that calls `serveWork`. */
  readonly script?: URL;
}

/** Of what a process wrote to its standard error stream this much is shown, in characters. */
const LAST_WORDS = 2_000;
const WORK_PROCESS = new URL('./work-process.ts', import.meta.url);
/** What is read at once is bounded; V8 would let garbage pile up far beyond that before it collects. */
const V8_LIMITS = ['--max-old-space-size=256', '--max-semi-space-size=8'];

/** Starts a process; it takes work at once and does it when it has begun. */
export function startProcess(options: ProcessOptions): RunningProcess {
  const { settings, script = WORK_PROCESS } = options;
  const child = fork(fileURLToPath(script), [], {
    serialization: 'advanced',
    execArgv: V8_LIMITS,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const underWay = new Map<number, PromiseWithResolvers<unknown>>();
  const gone = Promise.withResolvers<void>();
  const known = { isReady: false, broken: '' };
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (words: string) => {
    lastWords = `${lastWords}${words}`.slice(-LAST_WORDS);
  });
  let ended: ProcessEnded | null = null;
  let works = 0;

  const tell = (message: ToWork) => {
    if (child.connected) child.send(message);
  };
  const finish = (end: EndOfProcess, said: string) => {
    ended ??= new ProcessEnded(known.isReady ? end : 'no start', known.broken || said);
    for (const { reject } of underWay.values()) reject(ended);
    underWay.clear();
    gone.resolve();
  };
  child.on('close', (code, signal) =>
    finish(reasonOf(code, signal, lastWords), `${signal ?? `exit code ${code}`} ${lastWords}`),
  );
  child.on('error', (error) => finish('crash', error.message));
  child.on('message', (message: FromWork) => hear(message, { ...options, known, underWay, tell }));
  tell({ kind: 'settings', settings });

  return {
    run: (work) => {
      if (ended !== null) return Promise.reject(ended);
      const done = Promise.withResolvers<unknown>();
      works += 1;
      underWay.set(works, done);
      tell({ kind: 'do', id: works, work });
      return done.promise;
    },
    isRunning: () => ended === null && child.connected,
    end: async () => {
      if (ended === null) child.kill('SIGKILL');
      await gone.promise;
    },
  };
}

interface Hearing extends Pick<ProcessOptions, 'brain' | 'log' | 'observeQuota'> {
  readonly known: { isReady: boolean; broken: string };
  readonly underWay: Map<number, PromiseWithResolvers<unknown>>;
  readonly tell: (message: ToWork) => void;
}

function hear(message: FromWork, { known, underWay, tell, brain, log, observeQuota }: Hearing): void {
  switch (message.kind) {
    case 'ready':
      known.isReady = true;
      return;
    case 'log':
      relay(message.line, log);
      return;
    case 'quota':
      observeQuota(message.quota, message.share);
      return;
    case 'broken':
      known.broken = message.thrown.message;
      return;
    case 'done': {
      const done = underWay.get(message.id);
      underWay.delete(message.id);
      if (done !== undefined) settle(message.outcome, done);
      return;
    }
    case 'call':
      void outcomeOf(() => answer(brain, message)).then((outcome) => tell({ kind: 'answer', id: message.id, outcome }));
      return;
    default:
      throw new Error(`message ${message satisfies never} is not known`);
  }
}

/** V8 aborts when its heap is full; the kernel's way with a process that eats the machine's memory is SIGKILL. */
function reasonOf(code: number | null, signal: NodeJS.Signals | null, lastWords: string): EndOfProcess {
  if (lastWords.endsWith(OVERTIME)) return 'processor time';
  return signal === 'SIGABRT' || signal === 'SIGKILL' || signal === 'SIGTRAP' || code === 134 ? 'memory' : 'crash';
}

/** The pipeline over there is compiled against the brain's own types: name and arguments are what it was given. */
function answer(brain: Pick<Brain, 'call'>, { name, args }: { name: string; args: unknown }): Promise<unknown> {
  const untyped: { call(name: string, args: unknown): Promise<unknown> } = brain as never;
  return untyped.call(name, args);
}

/** Says in our log what the process has to say, under the same level. */
function relay(line: string, log: Logger): void {
  const { level, msg, ...fields } = JSON.parse(line) as { level: string; msg?: string };
  const method = level in log.levels.values ? (level as 'info') : 'info';
  log[method](fields, msg ?? '');
}
