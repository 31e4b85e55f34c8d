// The numbers that verdicts rest on, each with where it comes from. Pure.
//
// "LUCI" is Chromium's LUCI Analysis, luci-go, analysis/proto/v1/test_variants.proto, message TestStabilityCriteria: what it
// calls good starting values, and the window that it describes. "Ours" has no such source and may be moved by what is measured.

/** One table for all rules; docs/verdicts.md shows it. */
export const THRESHOLDS = {
  /** LUCI, FailureRateCriteria.consecutive_failure_threshold: so many runs of the base branch in a row that touch the base. */
  brokenInARow: 3,
  /** LUCI, FailureRateCriteria.failure_threshold: so many failures within the sliding window. */
  brokenInWindow: 6,
  /** LUCI, FailureRateCriteria: the runs of the sliding window that holds the base. Fewer runs make it smaller, never its threshold. */
  brokenWindow: 10,
  /** LUCI, FailureRateCriteria: runs of the base branch around the base, ten on each side. */
  runsAround: 20,
  /** LUCI, FlakeRateCriteria: the days of the window; it is widened to `wideWindowDays` when it has fewer verdicts than `flakyVerdicts`. */
  windowDays: 7,
  /** LUCI, FlakeRateCriteria. */
  wideWindowDays: 14,
  /** LUCI, FlakeRateCriteria.min_window. */
  flakyVerdicts: 100,
  /** LUCI, FlakeRateCriteria.flake_threshold: sources with mixed verdicts that make a test flaky. */
  flakySources: 2,
  /** LUCI, FlakeRateCriteria.flake_rate_threshold. */
  flakyRate: 0.01,
  /** LUCI, FlakeRateCriteria.flake_threshold_1wd counts one near the sources; ours: one flake of the base branch in the window, beside the one on the sources themselves. */
  flakesOnBase: 1,
  /** Ours: days with runs and without a flake or failure that make a test healthy again. */
  healthyDays: 7,
  /** LUCI, "one weekday": 24 hours of weekdays in UTC, with any weekend between. */
  weekdayHours: 24,
  /** Ours: other pull requests of other authors that show that something is broken outside. */
  seenElsewhere: 2,
  /** Ours: job keys in which a specific fingerprint may stand for different causes. */
  specificJobKeys: 3,
  /** Ours: words that are no masks, at the least. */
  specificWords: 3,
} as const;
