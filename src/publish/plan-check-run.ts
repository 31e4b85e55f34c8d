// Decides what has to be sent for a check run to stand as desired. Pure; publish.ts imports it.
import type { CheckAnnotation, DesiredCheckRun } from '../model/publication.ts';

type Content = Pick<DesiredCheckRun, 'status' | 'conclusion' | 'title' | 'summary'>;

/** A check run as GitHub tells it. */
export interface ToldCheckRun {
  readonly status: string;
  readonly conclusion: string | null;
  readonly title: string | null;
  readonly summary: string | null;
}

/** An annotation as GitHub tells it. */
export interface ToldAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly title: string;
  readonly message: string;
}

/** Whether writing would reopen a finished check run, which GitHub does not do: a new one of the same name is made instead. */
export function wouldReopen(standing: ToldCheckRun, desired: Content): boolean {
  return standing.status === 'completed' && desired.status !== 'completed';
}

/** Whether the standing check run already says what is desired, its annotations left aside. */
export function saysSame(standing: ToldCheckRun, desired: Content): boolean {
  return (
    standing.status === desired.status &&
    standing.conclusion === desired.conclusion &&
    standing.title === desired.title &&
    standing.summary === desired.summary
  );
}

/** The desired annotations that do not stand yet: GitHub adds what is sent to what it has, and never takes one away. */
export function missingAnnotations(
  desired: readonly CheckAnnotation[],
  standing: readonly ToldAnnotation[],
): readonly CheckAnnotation[] {
  const there = new Set(standing.map(identity));
  return desired.filter((annotation) => !there.has(identity(annotation)));
}

/** The annotations of each request, at most `size` a request; one empty batch when there are none. */
export function batchesOf(annotations: readonly CheckAnnotation[], size: number): (readonly CheckAnnotation[])[] {
  const count = Math.max(Math.ceil(annotations.length / size), 1);
  return Array.from({ length: count }, (_, index) => annotations.slice(index * size, (index + 1) * size));
}

function identity({ path, start_line, title, message }: ToldAnnotation): string {
  return JSON.stringify([path, start_line, title.trim(), message.trim()]);
}
