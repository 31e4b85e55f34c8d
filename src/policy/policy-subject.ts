// The pull request whose policy is looked for. Pure.

/** Of a commit that is evaluated, what decides which policy counts. */
export interface PolicySubject {
  readonly repository: { readonly id: number; readonly owner: string; readonly name: string };
  readonly pull_request: { readonly number: number; readonly base_ref: string };
  /** The running sprint of the repository's project; null where there is none. */
  readonly sprint: { readonly id: string; readonly label: string; readonly dod_json?: unknown } | null;
}
