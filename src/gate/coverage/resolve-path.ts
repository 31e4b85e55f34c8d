// Resolves paths of reports that hold `.` and `..`. Pure.

/** The path without `.`, empty names, and `..` after another name. It may still begin with `..`. */
export function plainPath(path: string): string {
  if (!path.startsWith('.') && !path.includes('/.') && !path.includes('//')) return path;
  const names: string[] = [];
  const isFromTop = path.startsWith('/');
  for (const name of path.split('/')) {
    const last = names.at(-1);
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (last === undefined ? !isFromTop : last === '..') names.push(name);
    else names.pop();
  }
  return `${isFromTop ? '/' : ''}${names.join('/')}`;
}

/**
 * Resolves a plain path that begins with `..` to one from the repository's root: from `place`, the folder that the report is about, or
 * from the folder that the report lies in, when only that leads to a `known` file. Other paths stay as they are. Nothing is above the root.
 */
export function pathFrom(place: string, report: string, path: string, known: ReadonlySet<string>): string {
  if (!path.startsWith('../')) return path;
  const fromPlace = below(place, path);
  if (known.has(fromPlace)) return fromPlace;
  const fromReport = below(report.slice(0, Math.max(0, report.lastIndexOf('/'))), path);
  return known.has(fromReport) ? fromReport : fromPlace;
}

function below(folder: string, path: string): string {
  const whole = plainPath(`${folder}/./${path}`);
  // Of no folder the path begins at the top, above which nothing is.
  return whole.startsWith('/') ? whole.slice(1) : whole.slice(upsOf(whole));
}

function upsOf(path: string): number {
  let end = 0;
  while (path.startsWith('../', end)) end += '../'.length;
  return end;
}
