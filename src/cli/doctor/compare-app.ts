// Compares how the App is registered with what app.yml asks for. Pure.
import { type Finding, failed, ok, warning } from './finding.ts';

/** The rights of an App: permissions with their levels, and the events that it gets. */
export interface AppRights {
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

/** Permissions that the App uses when it has them and does not need: docs/policy.md#merges-past-the-gate. */
const OPTIONAL_PERMISSIONS: Readonly<Record<string, string>> = { administration: 'read' };

/** Compares the rights in app.yml with those that GitHub granted: one finding about permissions, one about events. `settingsUrl` is where to change them. */
export function compareApp(wanted: AppRights, granted: AppRights, settingsUrl: string): Finding[] {
  return [permissionFinding(wanted, granted, settingsUrl), eventFinding(wanted, granted, settingsUrl)];
}

function permissionFinding(wanted: AppRights, granted: AppRights, settingsUrl: string): Finding {
  const levels = ['none', 'read', 'write', 'admin'];
  const level = (rights: AppRights, name: string) => levels.indexOf(rights.permissions[name] ?? 'none');
  const missing = Object.entries(wanted.permissions).filter(([name]) => level(granted, name) < level(wanted, name));
  const useful = { ...OPTIONAL_PERMISSIONS, ...wanted.permissions };
  const surplus = Object.entries(granted.permissions).filter(
    ([name]) => level(granted, name) > levels.indexOf(useful[name] ?? 'none'),
  );
  if (missing.length > 0) {
    const fix = `Grant them at ${settingsUrl}; every owner of an installation then has to accept that.`;
    return failed('permissions', `missing: ${missing.map(([name, what]) => `${name}: ${what}`).join(', ')}`, fix);
  }
  if (surplus.length > 0) {
    const names = surplus.map(([name, what]) => `${name}: ${what}`).join(', ');
    return warning('permissions', `more than is used: ${names}`, `Take them away at ${settingsUrl}.`);
  }
  return ok('permissions', 'as app.yml asks');
}

function eventFinding(wanted: AppRights, granted: AppRights, settingsUrl: string): Finding {
  const missing = wanted.events.filter((event) => !granted.events.includes(event));
  const surplus = granted.events.filter((event) => !wanted.events.includes(event));
  if (missing.length > 0) {
    return failed('events', `not subscribed: ${missing.join(', ')}`, `Subscribe to them at ${settingsUrl}.`);
  }
  if (surplus.length > 0) {
    const fix = `They are stored and ignored; unsubscribe at ${settingsUrl}.`;
    return warning('events', `nobody reads: ${surplus.join(', ')}`, fix);
  }
  return ok('events', 'as app.yml asks');
}
