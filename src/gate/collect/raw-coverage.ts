// What tools keep for themselves beside the report that they make of it: the same run once more, before it was put together.
// Pure.

interface Placed {
  readonly path: string;
  readonly measurement: { readonly kind: string; readonly format?: string | null };
}

/** Folders of nyc, c8 and Vitest; what lies in them is put together in the report beside them. */
const RAW_FOLDERS: ReadonlySet<string> = new Set(['.nyc_output', '.c8_output', '.coverage', '.v8-coverage']);

/** The reports without raw coverage data that has a finished report beside it. Raw data without one stays, because there is nothing else. */
export function withoutRawData<One extends Placed>(reports: readonly One[]): readonly One[] {
  const finished = reports.filter(({ path, measurement }) => measurement.kind === 'coverage' && rawIn(path) === null);
  return reports.filter(({ path }) => {
    const place = rawIn(path);
    return place === null || !finished.some((report) => report.path.startsWith(place));
  });
}

/** The folder that a folder of raw data is in, with a slash unless it is the outermost; null: the file is in none. */
function rawIn(path: string): string | null {
  const folders = path.split('/').slice(0, -1);
  const at = folders.findIndex((folder) => RAW_FOLDERS.has(folder));
  return at === -1
    ? null
    : folders
        .slice(0, at)
        .map((folder) => `${folder}/`)
        .join('');
}
