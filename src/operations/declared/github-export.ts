// Files pushed into a new repository at GitHub, with a token that whoever asks brings along.

export interface ExportedFile {
  readonly path: string;
  readonly content: string;
}

export interface GithubExport {
  readonly userId: string;
  /** Used for this and kept nowhere. */
  readonly token: string;
  readonly repositoryName: string;
  readonly files: readonly ExportedFile[];
}

export interface Exported {
  readonly repo_url: string;
  readonly files_pushed: number;
  readonly commit_sha: string;
}

/** Makes the repository. Throws an error of `model/errors.ts`, in which nothing of the token is. */
export type ExportToGithub = (asked: GithubExport) => Promise<Exported>;
