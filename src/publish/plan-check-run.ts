// Decides what has to be sent for a check run to stand as requested. Pure.
import type { CheckAnnotation, RequestedCheckRun } from '../model/publication.ts';

type Content = Pick<RequestedCheckRun, 'status' | 'conclusion' | 'title' | 'summary'>;

/** A check run as GitHub tells it. */
export interface LoadedCheckRun {
  readonly status: string;
  readonly conclusion: string | null;
  readonly title: string | null;
  readonly summary: string | null;
}

/** An annotation as GitHub tells it. */
export interface LoadedAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly title: string;
  readonly message: string;
}

/** Whether writing would reopen a finished check run, which GitHub does not do: a new one of the same name is made instead. */
export function wouldReopen(standing: LoadedCheckRun, requested: Content): boolean {
  return standing.status === 'completed' && requested.status !== 'completed';
}

/** Whether the standing check run already says what is requested, its annotations left aside. */
export function saysSame(standing: LoadedCheckRun, requested: Content): boolean {
  return (
    standing.status === requested.status &&
    standing.conclusion === requested.conclusion &&
    standing.title === requested.title &&
    standing.summary === requested.summary
  );
}

/** The requested annotations that do not stand yet: GitHub adds what is sent to what it has, and never takes one away. */
export function missingAnnotations(
  requested: readonly CheckAnnotation[],
  standing: readonly LoadedAnnotation[],
): readonly CheckAnnotation[] {
  const there = new Set(standing.map(identity));
  return requested.filter((annotation) => !there.has(identity(annotation)));
}

/** The annotations of each request, at most `size` a request; one empty batch when there are none. */
export function batchesOf(annotations: readonly CheckAnnotation[], size: number): (readonly CheckAnnotation[])[] {
  const count = Math.max(Math.ceil(annotations.length / size), 1);
  return Array.from({ length: count }, (_, index) => annotations.slice(index * size, (index + 1) * size));
}

function identity({ path, start_line, title, message }: LoadedAnnotation): string {
  return JSON.stringify([path, start_line, title.trim(), message.trim()]);
}
