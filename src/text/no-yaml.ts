// Why the text of a file that people write is no YAML, or no TOML, in a line that says where. Pure.

import { TomlError } from 'smol-toml';

/** For what `parse` of the package yaml throws; `text` is what was parsed. */
export function noYaml(thrown: unknown, text: string): string {
  const looksLikeToml = text
    .split('\n', MOST_LINES)
    .some((line) => line.startsWith('[[') || (line.startsWith('[') && line.trimEnd().endsWith(']')));
  const advice = looksLikeToml ? '; if it is TOML, name it .toml' : '';
  return `is no YAML: ${firstLine(thrown)}${advice}`;
}

/** For what `parse` of the package smol-toml throws. */
export function noToml(thrown: unknown): string {
  const message = firstLine(thrown).replace('Invalid TOML document: ', '');
  const place = thrown instanceof TomlError ? ` at line ${thrown.line}, column ${thrown.column}` : '';
  return `is no TOML: ${message}${place}; if it is YAML, name it .yml`;
}

const MOST_LINES = 20;

/** What follows is a picture of the place. */
function firstLine(thrown: unknown): string {
  const [line = ''] = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1);
  return line.endsWith(':') ? line.slice(0, -1) : line;
}
