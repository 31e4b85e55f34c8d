// The pull request for which a policy is looked up. Pure.

/** What decides which policy counts for a commit. */
export interface PolicySubject {
  readonly repository: { readonly id: number; readonly owner: string; readonly name: string };
  readonly pull_request: { readonly number: number; readonly base_ref: string };
  /** The running sprint of the repository's project; null where there is none. */
  readonly sprint: { readonly id: string; readonly label: string; readonly dod_json?: unknown } | null;
}
