// The three kinds of error that somebody treats differently, and how anything thrown becomes an Error. Pure.

/** Worth trying again: the network, a restarting database, a rate limit. */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** How long to wait at the least before the next try, in milliseconds; null when nobody said. */
  readonly retryAfterMs: number | null;
  /** True for what is no trouble but the way of things, such as an event that comes while the one before it is worked on. */
  readonly isExpected: boolean;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | null; isExpected?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isExpected = options.isExpected ?? false;
  }
}

/** Will never succeed, however often it is tried; the message says why and is kept. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  /** The SQLSTATE, HTTP status or code of ours that decided it; null when there is none. */
  readonly code: string | null;
  constructor(message: string, options: { cause?: unknown; code?: string | null } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code ?? null;
  }
}

/** Something the person who runs CodeRed has to set right; the message says what and how. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

/** Turns whatever was thrown into an Error, keeping an Error as it is. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
