// What a Postgres server that is not there, or lets nobody in, means to the person who starts CodeRed. Pure.
import { Misconfigured, Transient } from '../../model/errors.ts';
import { refusalAdvice } from './server-refusal.ts';
import { SqlError } from './sql-backend.ts';

const ADVICE: Readonly<Record<string, string>> = {
  // Classes of SQLSTATE: resources, the server's operator.
  '53': 'Free some of its connections or raise its limits, then start again.',
  '57': 'Start again when it is ready.',
};

/** One line that names the server and says what to do. `server`: its host and port; any other error is given back as it is. */
export function startError(thrown: unknown, server: string): unknown {
  if (!(thrown instanceof SqlError)) return thrown;
  const kind = thrown.code.slice(0, 2);
  const said = [thrown.message, thrown.hint].filter((part) => part !== null).join('. ');
  const known = refusalAdvice(thrown.code, thrown.message);
  if (kind === '08' && known === null) return new Transient(oneLine(said), { cause: thrown });
  const advice = known ?? ADVICE[kind] ?? 'See that DATABASE_URL is right and that its user may do this.';
  const line = oneLine(`The Postgres server at ${server} refused: ${said} (${thrown.code}). ${advice}`);
  const isPassing = kind === '53' || kind === '57';
  return isPassing ? new Transient(line, { cause: thrown }) : new Misconfigured(line, { cause: thrown });
}

function oneLine(text: string): string {
  return text.replaceAll('\r', ' ').replaceAll('\n', ' ');
}
