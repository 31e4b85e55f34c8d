// Finds the folder that all files of a report are in. Pure.

/** Where images of containers put what they are made for. */
const IN_A_CONTAINER = '/usr/src/app/';

/** The names along the path of the folder that all these paths are in. Paths of the machine itself, which compilers report, are ignored. */
export function enclosingFolder(paths: readonly string[]): readonly string[] {
  let common: readonly string[] | null = null;
  for (const path of paths) {
    if (path.startsWith('/usr/') && !path.startsWith(IN_A_CONTAINER)) continue;
    const names = path.split('/').slice(0, -1);
    common = common === null ? names : sharedStart(common, names);
    if (common.length === 0) break;
  }
  return common ?? [];
}

function sharedStart(one: readonly string[], other: readonly string[]): readonly string[] {
  const end = one.findIndex((name, index) => name !== other[index]);
  return end === -1 ? one : one.slice(0, end);
}
