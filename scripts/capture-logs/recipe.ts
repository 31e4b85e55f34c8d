// The shape of a recipe: how one log under fixtures/logs comes about. Only scripts/capture-logs imports this.

/** One step of a captured job; `run` is the script as a workflow would have it. */
export interface Step {
  run: string;
  /** Shown instead of the script when the step stands for an action: its name with version, and its inputs. */
  uses?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

/** What the loopback server answers for one host. The first route whose path prefix fits is taken. */
export interface Route {
  host: string;
  path: string;
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** `reset` breaks the connection, `stall` never answers, `truncate` promises more bytes than it sends. */
  fault?: 'reset' | 'stall' | 'truncate';
}

interface Common {
  /** File name under fixtures/logs without `.log`; `passing/…` for a job that ended green. */
  name: string;
  /** Name of the pattern that must be the primary match; null for a passing job. */
  pattern: string | null;
  job: string;
}

/** A log that comes from really running the tool. */
export interface Captured extends Common {
  needs: string[];
  /** npm packages, with version, put into node_modules before the job starts. */
  packages?: string[];
  files?: Record<string, string>;
  /** Shell run before the job and not logged, as the runner's user, with the machine's network. */
  prepare?: string;
  /** Shell run as root in the job's own namespaces before each step, not logged. */
  before?: string;
  steps: Step[];
  /** `none`: loopback only, the default. `machine`: npm's registry can be reached. */
  network?: 'none' | 'machine';
  routes?: Route[];
  /** `self-signed` and `expired` answer with such a certificate; without it the job trusts the server. */
  certificate?: 'trusted' | 'self-signed' | 'expired';
  /** Memory cgroup of the step, in MiB. */
  memoryMb?: number;
  asRoot?: boolean;
  /** One sentence: whose answer a stand-in plays, where the words on the wire are not the tool's own. */
  standIn?: string;
}

/** A log written from a message that the tool or GitHub documents. */
export interface Documented extends Common {
  /** Public page or source file that has the message. */
  source: string;
  step: Step;
  /** What the step printed, as it stands in the raw log. */
  output: string;
  /** The closing `##[error]Process completed …` is left out where the runner never got to write it. */
  exit: number | null;
  /** The runner was gone: no tear-down either. */
  noTearDown?: boolean;
  /** How long nothing came before the step's last line. */
  silentMinutes?: number;
  /** Stands before the checkout: what failed is the job's own set-up. */
  beforeSteps?: boolean;
}

/** What is installed for the job. */
export function needsOf({ needs, packages }: Captured): readonly string[] {
  return packages === undefined ? needs : [...needs, 'npm'];
}
