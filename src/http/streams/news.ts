// Wakes streams when there is something new for them: one question to the database for all streams of this process, on every home the
// same, and none while no stream is open.
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { Transient } from '../../model/errors.ts';
import { asJson } from '../../model/json.ts';

interface NewsDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** How long it waits between two questions. */
  readonly everyMs: number;
  /** Called when the database does not answer, once until it does again. */
  readonly onFault: (error: unknown) => void;
}

/** What a stream follows: the events of a project, or a job. */
export interface Topic {
  readonly kind: 'project' | 'job';
  readonly id: string;
}

type Wake = () => void;

/** `settled`: all that comes after it is told to whoever follows already. `given`: no event has a later place. */
export interface PlaceOfNow {
  readonly settled: number;
  readonly given: number;
}

const answer = z.object({
  settled: z.int(),
  given: z.int(),
  projects: z.array(z.string()),
  jobs: z.record(z.string(), z.string()),
});

/** The one reader of a process. It says that there is something new, and not what. */
export class News {
  readonly #deps: NewsDeps;
  readonly #projects = new Map<string, Set<Wake>>();
  /** With the version known of each, '' before the first question. */
  readonly #jobs = new Map<string, { readonly wakes: Set<Wake>; version: string }>();
  /** Those who came while a question was under way, which may not have asked for them. */
  #joined = new Set<Wake>();
  #settled: number | null = null;
  #placeAsked: PromiseWithResolvers<PlaceOfNow>[] = [];
  #running: Promise<void> | null = null;
  #isFailing = false;
  #isClosed = false;
  #stopWaiting: Wake = () => {};

  constructor(deps: NewsDeps) {
    this.#deps = deps;
  }

  /** Wakes whenever there may be something new; again and again is fine. Returns what ends that. */
  follow({ kind, id: written }: Topic, wake: Wake): Wake {
    // As the database writes it.
    const id = written.toLowerCase();
    const wakes = kind === 'project' ? this.#wakesOf(id) : this.#jobOf(id).wakes;
    wakes.add(wake);
    this.#joined.add(wake);
    this.#start();
    return () => {
      wakes.delete(wake);
      this.#joined.delete(wake);
      if (wakes.size === 0 && kind === 'project' && this.#projects.get(id) === wakes) this.#projects.delete(id);
      if (wakes.size === 0 && kind === 'job' && this.#jobs.get(id)?.wakes === wakes) this.#jobs.delete(id);
      if (this.#isIdle()) this.#stopWaiting();
    };
  }

  /** Where the history is now. Throws what the database throws. */
  place(): Promise<PlaceOfNow> {
    if (this.#isClosed) return Promise.reject(new Transient('this process is stopping'));
    const asked = Promise.withResolvers<PlaceOfNow>();
    this.#placeAsked.push(asked);
    this.#start();
    this.#stopWaiting();
    return asked.promise;
  }

  /** Resolves when nothing is asked any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWaiting();
    await this.#running;
    for (const one of this.#placeAsked.splice(0)) one.reject(new Transient('this process is stopping'));
  }

  #isIdle(): boolean {
    return this.#isClosed || this.#projects.size + this.#jobs.size + this.#placeAsked.length === 0;
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Whoever came while it was ending.
      if (!this.#isIdle()) this.#start();
    });
  }

  async #run(): Promise<void> {
    // What came while nobody followed is nobody's.
    this.#settled = null;
    while (!this.#isIdle()) {
      await this.#ask();
      if (!this.#isIdle()) await this.#pause();
    }
  }

  async #ask(): Promise<void> {
    const waiting = this.#placeAsked;
    this.#placeAsked = [];
    this.#joined = new Set();
    const jobs = Object.fromEntries([...this.#jobs].map(([id, { version }]) => [id, version]));
    const asked = asJson({ after_event: this.#settled, projects: [...this.#projects.keys()], jobs });
    try {
      const news = answer.parse(await this.#deps.brain.call('stream_news', { asked }));
      this.#isFailing = false;
      // Of what came before the first question it is not known whose it is.
      if (this.#settled === null)
        for (const wakes of this.#projects.values()) for (const wake of wakes) this.#joined.add(wake);
      // What was once settled stays so, also when a later question could not be as sure.
      this.#settled = Math.max(this.#settled ?? 0, news.settled);
      this.#wake(news);
      for (const one of waiting) one.resolve({ settled: this.#settled, given: news.given });
    } catch (thrown) {
      if (!this.#isFailing) this.#deps.onFault(thrown);
      this.#isFailing = true;
      for (const one of waiting) one.reject(thrown);
    }
  }

  #wake({ projects, jobs }: z.output<typeof answer>): void {
    const wakes = new Set(this.#joined);
    for (const id of projects) for (const wake of this.#projects.get(id) ?? []) wakes.add(wake);
    for (const [id, version] of Object.entries(jobs)) {
      const job = this.#jobs.get(id);
      if (job === undefined) continue;
      job.version = version;
      for (const wake of job.wakes) wakes.add(wake);
    }
    for (const wake of wakes) wake();
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#deps.everyMs);
    this.#stopWaiting = () => {
      clearTimeout(timer);
      resolve();
    };
    if (this.#placeAsked.length > 0 || this.#isClosed) this.#stopWaiting();
    return promise;
  }

  #wakesOf(project: string): Set<Wake> {
    const wakes = this.#projects.get(project) ?? new Set();
    this.#projects.set(project, wakes);
    return wakes;
  }

  #jobOf(job: string) {
    const known = this.#jobs.get(job) ?? { wakes: new Set<Wake>(), version: '' };
    this.#jobs.set(job, known);
    return known;
  }
}
