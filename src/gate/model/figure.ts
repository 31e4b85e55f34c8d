// The result of measuring reports: a figure, and whether it meets the threshold. Pure.

import type { FailCode } from './verdict.ts';

/** The result of measuring readable reports. `measured` is in the unit of the threshold: a share 0..1 or a score 0..100. */
export interface Figure {
  readonly state: 'pass' | 'fail' | 'error';
  readonly measured: number | null;
  readonly reason: string;
  readonly fail_codes: readonly FailCode[];
  /** What to do about it, where it is known better than the code tells. */
  readonly remedy?: string | undefined;
}

/** It was measured, and is not met. */
export const failed = (code: FailCode, reason: string, measured: number | null = null): Figure => ({
  state: 'fail',
  measured,
  reason,
  fail_codes: [code],
});
/** It was measured, and is met. */
export const passed = (reason: string, measured: number | null = null): Figure => ({
  state: 'pass',
  measured,
  reason,
  fail_codes: [],
});
/** It could not be measured. */
export const broken = (code: FailCode, reason: string, remedy?: string): Figure => ({
  state: 'error',
  measured: null,
  reason,
  fail_codes: [code],
  remedy,
});
