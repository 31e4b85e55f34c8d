// What each scope lets a token do, in words for people. Pure.
import type { Scope } from '../model/scopes.ts';

/** The end of a sentence that begins with “It may”. */
export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  read: 'read everything that you may read',
  tasks: 'write tasks, decisions and checkpoints',
  agents: 'queue jobs for agents and work on them',
  gate: 'override and explain gates',
  admin: 'what admins of an organisation may do',
};
