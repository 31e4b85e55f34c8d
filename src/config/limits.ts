// The only list of numbers that nobody sets.

/** Numbers that nobody sets, each with its reason. */
export const LIMITS = {
  /** docs/github.md#delivery-of-webhooks: "Payloads are capped at 25 MB". */
  bodyBytes: 25 * 1024 * 1024,
  /** Bodies held in memory at once, all requests together; beyond it new ones are asked to come back. */
  bodyBytesInFlight: 100 * 1024 * 1024,
  /** An upload of evidence; each of them has a temporary file of that size at the most. */
  uploadBytes: 64 * 1024 * 1024,
  uploadsAtOnce: 4,
  /** JSON sent to the API, one and all together. */
  apiBodyBytes: 1024 * 1024,
  apiBodyBytesInFlight: 16 * 1024 * 1024,
  /** Requests of people: fewer at once than the pool of a server has connections, as the gate's work uses the same. */
  apiTurns: { together: 6, ofOne: 3, underWay: 20 },
  /**
   * What one person writes through one process: more than people and their agents ever do, and 1.5 GB in a day from who means it ill.
   */
  apiWritten: { burstBytes: 64 * 1024 * 1024, hourBytes: 64 * 1024 * 1024, eachBytes: 2 * 1024, people: 10_000 },
  /**
   * Streams of events that are open in this process, and of one person. `unsentBytes`: what all together wait to send. Their reads are few at
   * once, beside those of `apiTurns` in the same pool.
   */
  streams: {
    together: 2_000,
    ofOne: 20,
    unsentBytes: 64 * 1024 * 1024,
    turns: { together: 2, ofOne: 1, underWay: 100 },
  },
  /** How often a stream shows that it is there, having asked anew for the right to it; how long its reader may take to read. */
  streamHeartbeatMs: 20_000,
  streamUnreadMs: 30_000,
  /** Exports to GitHub that are under way in this process; one of a person. Each holds up to 10 MB of files. */
  exportsAtOnce: 3,
  /** Tokens that let nobody in, from one address. */
  failedTokens: { burst: 30, everyMs: 2_000, unknown: { burst: 1_000, everyMs: 100 }, addresses: 10_000 },
  /** A mail with all its attachments; a spec has 256 KB at the most. */
  mailBytes: 5 * 1024 * 1024,
  mailBytesInFlight: 20 * 1024 * 1024,
  /** How far the time that a mail was signed at may be from ours, and how long its token is remembered; Mailgun tries for 8 hours. */
  mailSignatureMs: 9 * 3_600_000,
  /** Each reads all that is known of a commit, and up to 30 pages of files from GitHub. */
  simulationsAtOnce: 2,
  /** GitHub gives up after 10 s, and Probot hides what happens after 9 s. */
  saveMs: 8_000,
  /** What 503 asks the sender to wait. */
  retryAfterSeconds: 10,
  /** Calls that store deliveries at once: the embedded database does one thing at a time, a server more. */
  storeLanes: { embedded: 1, postgres: 4, supabase: 4 },
  batchRows: 64,
  batchBytes: 8 * 1024 * 1024,
  /** How long a claimed row stays with a worker that is gone before another may take it; one that is at work renews it. */
  leaseSeconds: 20,
  /** How much processor time work may use without its event loop turning, before it is stopped. */
  workProcessorMs: 5_000,
  /** docs/github.md#rate-limits */
  writeSpacingMs: 1_000,
  /**
   * How much of each kind is under way at once. Few deliveries where a process has the database to itself, as the receiver
   * waits behind them; follow-ups mostly wait for GitHub; one write at a time per installation.
   */
  deliveriesAtOnce: { embedded: 4, postgres: 8, supabase: 16 },
  /**
   * The same while deliveries come faster than they are stored: recording takes ten times the processor time that storing takes, and a
   * sender waits for the one only. The embedded database stores before it does anything else.
   */
  deliveriesAtOncePressed: { embedded: 4, postgres: 2, supabase: 4 },
  jobsAtOnce: 8,
  publicationsAtOnce: 8,
  /** How often each queue is asked for work of other processes and for retries. */
  pollMs: { embedded: 250, postgres: 250, supabase: 1_000 },
  /**
   * Lost deliveries: looked for every two minutes, so that one is back within ten; first when a start has settled. `lookMs`: how soon
   * another process takes over from one that died, beside its lease.
   */
  recovery: { firstMs: 15_000, everyMs: 120_000, lookMs: 10_000 },
  /** The sweep: after a start that has settled, every ten minutes; so many questions of one installation in a turn, of its 5,000 an hour. */
  sweep: { firstMs: 120_000, everyMs: 600_000, lookMs: 30_000, mostOfOne: 50 },
  /** Backfills: looked for so often, first when a start has settled. */
  backfill: { firstMs: 20_000, everyMs: 15_000, lookMs: 15_000 },
  /** How long /readyz and /metrics wait for the database. */
  statusMs: 5_000,
  /** How long `codered doctor` waits for GitHub: whoever asks is sitting there. */
  doctorMs: 4_000,
  /** How long a stopping process waits for work that is under way. */
  stopMs: 25_000,
  /** Retention: once a day, first when a start has settled; after a failure sooner. The pause lets others at the database. */
  firstPruneMs: 60_000,
  pruneEveryMs: 24 * 3_600_000,
  pruneAgainMs: 3_600_000,
  prunePauseMs: 100,
  /** How often it is looked for whom GitHub is to be asked what they may see, of how many at a time, and how many at once. */
  accessEveryMs: 60_000,
  accessBatch: 100,
  accessAtOnce: 4,
  /** How often work is ended whose worker is gone, and how much of it at a time. */
  lapsedEveryMs: 60_000,
  lapsedBatch: 50,
  /** At once on the embedded database, where a delivery waits behind the batch. */
  pruneRows: 100,
  /** An erased row may take others along; the embedded database serves nobody else meanwhile. */
  eraseRows: 200,
} as const;
