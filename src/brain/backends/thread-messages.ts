// What the main thread and the thread of the embedded database say to each other. Answers come as text, which costs little to hand over.

import type { Statement, TextRow, TransactOptions } from './sql-backend.ts';

/** How the thread begins; sent as its `workerData`. */
export interface ThreadStart {
  /** Of the database's files; null keeps it in memory. */
  readonly files: string | null;
  readonly dump: Blob | null;
}

/** `begin` lends the connection to one session until `end`; `query` and `script` belong to it. */
export type Question =
  | ({ readonly kind: 'transact'; readonly statements: readonly Statement[] } & TransactOptions)
  | { readonly kind: 'begin' }
  | { readonly kind: 'query'; readonly statement: Statement }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'dump' }
  | { readonly kind: 'close' };

/** An error of the database as it goes through the port. */
export interface ThrownThere {
  readonly message: string;
  readonly code: string;
  readonly detail: string | null;
  readonly hint: string | null;
}

export type Answered = string | null | readonly TextRow[] | Blob | undefined;

export type FromThread =
  | { readonly kind: 'ready' }
  /** The last message: why the thread ends. */
  | { readonly kind: 'ends'; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answered }
  | { readonly kind: 'error'; readonly id: number; readonly thrown: ThrownThere };

export interface ToThread {
  readonly id: number;
  readonly question: Question;
}
