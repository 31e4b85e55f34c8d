// What a file's name says of it, where no content does. The name is a stranger's: it is looked through once. Pure.

/** Whether `part` stands in the name somewhere before its `ending`. */
export function holdsBefore(name: string, part: string, ending: string): boolean {
  const at = name.indexOf(part);
  return at !== -1 && name.endsWith(ending) && at + part.length <= name.length - ending.length;
}
