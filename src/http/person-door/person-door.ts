// What every form of the operations (REST, MCP) does before and around an operation: knows the person by their token, bounds how much
// they do and write, and has GitHub asked when what they may see is too old. One for all forms, so that nobody has each limit twice.
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Brain } from '../../brain/client.ts';
import { LIMITS } from '../../config/limits.ts';
import type { AskGithub } from '../../operations/declared/ask-github.ts';
import type { ContentLinks } from '../../operations/declared/content-link.ts';
import type { ExportToGithub } from '../../operations/declared/github-export.ts';
import type { Operation } from '../../operations/declared/operation.ts';
import { type Asked, type Outcome, runOperation } from '../../operations/operations.ts';
import type { ApiError } from '../api-error.ts';
import { type AddressOf, nobodysAddress } from '../client-address.ts';
import { type Bearer, bearerOf } from './bearer.ts';
import { FailedTokens } from './failed-tokens.ts';
import { FreshAccess, type RefreshAccess } from './fresh-access.ts';
import { refusalOfOperation } from './problem.ts';
import { Turns } from './turns.ts';
import { Written, type WrittenLimits } from './written.ts';

/** Without `objects` there is no place for what does not fit into a row. */
export type ContentBrain = Pick<Brain, 'call' | 'callAs'> & Partial<Pick<Brain, 'objects'>>;

export interface DoorDeps {
  readonly brain: ContentBrain;
  readonly log: Pick<Logger, 'error'>;
  readonly addressOf?: AddressOf;
  /** Left out: no links to content are made. */
  readonly links?: ContentLinks | undefined;
  /** Has GitHub asked what a person may see, when that was not for too long; without it they have to come back later. */
  readonly refreshAccess?: RefreshAccess | undefined;
  /** Where people sign in again, when GitHub can't be asked for them. */
  readonly signInUrl?: string | undefined;
  /** Left out: what has to be asked of GitHub at that moment is refused. */
  readonly github?: AskGithub | undefined;
  /** Left out: nothing is pushed to GitHub. */
  readonly exportToGithub?: ExportToGithub | undefined;
  /** How much one person may write; left out: as people do. */
  readonly written?: WrittenLimits;
}

export interface PersonDoor {
  /** Who asks, at the resource `audience` where there is OAuth. Throws `ApiError`: what `bearerOf` throws, and 429 for an address with too many tokens that let nobody in. */
  readonly know: (incoming: IncomingMessage, query: URLSearchParams, audience: string | null) => Promise<Bearer>;
  /** Does it as the person, when it is their turn. Throws what `runOperation` throws, and `ApiError` 429. */
  readonly run: (operation: Operation, asked: Omit<Asked, 'links' | 'github' | 'exportToGithub'>) => Promise<Outcome>;
  /** What to answer for something thrown by it; a fault of ours is written down with what was asked. */
  readonly refusalOf: (thrown: unknown, operation: string) => ApiError;
  readonly turns: Turns;
}

/** One for all forms. */
export function makePersonDoor({
  brain,
  log,
  addressOf = nobodysAddress,
  links,
  refreshAccess,
  signInUrl,
  github,
  exportToGithub,
  written: limits = LIMITS.apiWritten,
}: DoorDeps): PersonDoor {
  const onStale = (err: Error) => log.error({ err }, 'GitHub could not be asked what a person may see');
  const fresh = new FreshAccess(refreshAccess, onStale);
  const turns = new Turns(LIMITS.apiTurns);
  const failed = new FailedTokens(LIMITS.failedTokens);
  const written = new Written(limits);
  return {
    turns,
    know: async (incoming, query, audience) => {
      try {
        return await bearerOf(brain, { authorization: incoming.headers.authorization, query }, audience);
      } catch (thrown) {
        throw failed.note(thrown, addressOf(incoming));
      }
    },
    run: async (operation, asked) => {
      const { userId, input } = asked;
      if (!operation.hints.readOnly) written.take(userId, Buffer.byteLength(JSON.stringify(input)));
      // A turn is for the database: what is done beside it keeps nobody waiting.
      const inTurn: Pick<Brain, 'callAs'> = { callAs: (call) => turns.take(userId, () => brain.callAs(call)) };
      return fresh.run(userId, () => runOperation(inTurn, operation, { ...asked, links, github, exportToGithub }));
    },
    refusalOf: (thrown, operation) => {
      const onFault = (err: Error) => log.error({ err, operation }, 'an operation could not be done');
      return refusalOfOperation(thrown, onFault, signInUrl);
    },
  };
}

/** The form of an answer: what a list gives stands in `items`, with how complete it is where it rests on history; a bare word is an id. */
export function bodyOf(
  { output, completeness }: Pick<Outcome, 'output' | 'completeness'>,
  nextCursor: string | null,
): Record<string, unknown> {
  if (Array.isArray(output))
    return { items: output, next_cursor: nextCursor, ...(completeness === undefined ? {} : { completeness }) };
  if (typeof output === 'object' && output !== null) return { ...output };
  return { id: output };
}
