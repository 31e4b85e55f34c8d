// The rules of who sees what as plain code, to hold the database against. Times are seconds; `now` is 0, and what was is below it.

export const ACCOUNTS = [0, 1] as const;
export const PEOPLE = [0, 1] as const;
/** Project 3 has no repository, and never gets one. */
export const PROJECTS = [0, 1, 2, 3] as const;
export const REPOSITORIES = [0, 1, 2, 3] as const;
const RANKS = ['collaborator', 'member', 'maintainer', 'admin'];
const HOUR = 3600;

interface Person {
  check: number | null;
  doubted: number;
  memberships: Map<number, { role: string; source: 'hand' | 'github'; at: number }>;
  /** As GitHub said. */
  rights: Map<number, { permission: string; at: number }>;
}
interface Notice {
  readonly kind: 'withdrawn' | 'doubted';
  readonly person: number | null;
  readonly account: number;
  readonly repository: number | null;
  at: number;
}

/** What GitHub says of one account. */
export interface Word {
  readonly account: number;
  readonly role: string;
  readonly rights: Readonly<Record<number, string>>;
}

/** What is known, and what it means. */
export class AccessModel {
  readonly people: Person[] = PEOPLE.map(() => ({
    check: null,
    doubted: -Infinity,
    memberships: new Map(),
    rights: new Map(),
  }));
  readonly projects: { account: number }[] = [{ account: 0 }, { account: 0 }, { account: 1 }, { account: 0 }];
  readonly repositories: { account: number; project: number | null; isPrivate: boolean; since: number }[] = [
    { account: 0, project: 0, isPrivate: true, since: -Infinity },
    { account: 0, project: 0, isPrivate: false, since: -Infinity },
    { account: 0, project: 1, isPrivate: true, since: -Infinity },
    { account: 1, project: 2, isPrivate: true, since: -Infinity },
  ];
  #notices: Notice[] = [];

  #person(who: number): Person {
    const found = this.people[who];
    if (found === undefined) throw new Error(`nobody is ${who}`);
    return found;
  }

  pass(seconds: number): void {
    for (const person of this.people) {
      if (person.check !== null) person.check -= seconds;
      person.doubted -= seconds;
      for (const one of [...person.memberships.values(), ...person.rights.values()]) one.at -= seconds;
    }
    for (const one of this.#notices) one.at -= seconds;
    for (const one of this.repositories) one.since -= seconds;
  }

  hand(who: number, account: number, role: string | null): void {
    const { memberships } = this.#person(who);
    if (role !== null) memberships.set(account, { role, source: 'hand', at: 0 });
    else if (memberships.get(account)?.source === 'hand') memberships.delete(account);
    this.#followHand();
  }

  record(who: number, words: readonly Word[], asked: number): void {
    const person = this.#person(who);
    if (person.check !== null && person.check > asked) return;
    for (const [account, { source }] of person.memberships) if (source === 'github') person.memberships.delete(account);
    person.rights.clear();
    for (const { account, role, rights } of words) {
      if (!person.memberships.has(account)) person.memberships.set(account, { role, source: 'github', at: asked });
      for (const [repository, permission] of Object.entries(rights)) {
        if (this.repositories[Number(repository)]?.account !== account) continue;
        if (!this.#isByHand(person, Number(repository)))
          person.rights.set(Number(repository), { permission, at: asked });
      }
    }
    for (const notice of this.#notices.filter(
      ({ at, person: about }) => at >= asked && (about === null || about === who),
    )) {
      if (notice.kind === 'withdrawn') this.#withdraw(person, notice, asked);
    }
    person.check = asked;
    for (const { kind, at, person: about, account } of this.#notices) {
      const isTheirs = about === who || (about === null && person.memberships.get(account)?.source === 'github');
      if (kind === 'doubted' && at >= asked && isTheirs) person.doubted = Math.max(person.doubted, at);
    }
  }

  tell(notice: Notice): void {
    this.#notices.push({ ...notice });
    for (const [who, person] of this.people.entries()) {
      const isTheirs =
        notice.person === null ? person.memberships.get(notice.account)?.source === 'github' : notice.person === who;
      if (!isTheirs) continue;
      const isNews = person.check !== null && person.check <= notice.at;
      if (notice.kind === 'doubted' && isNews) person.doubted = Math.max(person.doubted, notice.at);
      if (notice.kind === 'withdrawn') this.#withdraw(person, notice, null);
    }
    this.#followHand();
  }

  /** `asked`: what GitHub was just asked for; else what is known is measured against when the event came. */
  #withdraw(person: Person, { account, repository, at }: Notice, asked: number | null): void {
    const held = person.memberships.get(account);
    if (repository === null && held !== undefined) {
      const isOlder =
        held.source === 'hand' ? asked === null && held.at <= at : (asked ?? person.check ?? -Infinity) <= at;
      if (isOlder) person.memberships.delete(account);
    }
    for (const [number, right] of person.rights) {
      const isMeant = repository === null ? this.repositories[number]?.account === account : number === repository;
      if (isMeant && right.at <= at) person.rights.delete(number);
    }
  }

  show(repository: number, isPrivate: boolean): void {
    const found = this.repositories[repository];
    if (found === undefined) return;
    if (isPrivate && !found.isPrivate) found.since = 0;
    found.isPrivate = isPrivate;
  }

  transfer(repository: number, account: number): void {
    const found = this.repositories[repository];
    if (found === undefined || found.account === account) return;
    const project = found.project === null ? undefined : this.projects[found.project];
    if (project?.account === found.account) {
      const isAlone = this.repositories.filter((one) => one.project === found.project).length === 1;
      if (isAlone) project.account = account;
      else found.project = null;
    }
    found.account = account;
    found.since = 0;
    this.#followHand();
  }

  #isByHand(person: Person, repository: number): boolean {
    const project = this.repositories[repository]?.project ?? null;
    const account = project === null ? undefined : this.projects[project]?.account;
    return account !== undefined && person.memberships.get(account)?.source === 'hand';
  }

  /** A right by hand takes the place of what GitHub said. */
  #followHand(): void {
    for (const person of this.people) {
      for (const repository of REPOSITORIES) if (this.#isByHand(person, repository)) person.rights.delete(repository);
    }
  }

  /** What a person sees. */
  seenBy(who: number) {
    const person = this.#person(who);
    const isCertain = person.check !== null && person.check > -HOUR && person.doubted < person.check;
    const counts = (account: number, least: number) => {
      const held = person.memberships.get(account);
      return held !== undefined && RANKS.indexOf(held.role) >= least && (held.source === 'hand' || isCertain);
    };
    const sure = (repository: number): string | null => {
      const project = this.repositories[repository]?.project ?? null;
      const account = project === null ? undefined : this.projects[project]?.account;
      if (account !== undefined && this.#isByHand(person, repository)) {
        const role = person.memberships.get(account)?.role;
        return role === 'admin' ? 'admin' : role === 'maintainer' ? 'maintain' : 'read';
      }
      const right = person.rights.get(repository);
      const since = Math.max(-HOUR, this.repositories[repository]?.since ?? 0);
      return right !== undefined && isCertain && right.at > since ? right.permission : null;
    };
    const isPublic = (repository: number) => this.repositories[repository]?.isPrivate === false;
    const repositories = REPOSITORIES.filter((one) => sure(one) !== null || (isPublic(one) && person.rights.has(one)));
    const of = (project: number) => REPOSITORIES.filter((one) => this.repositories[one]?.project === project);
    const accountOf = (project: number) => this.projects[project]?.account ?? -1;
    const projects = PROJECTS.filter((project) =>
      of(project).length === 0
        ? counts(accountOf(project), 1)
        : person.memberships.has(accountOf(project)) && of(project).some((one) => repositories.includes(one)),
    );
    const maintained = projects.filter(
      (project) =>
        counts(accountOf(project), 2) ||
        (counts(accountOf(project), 0) &&
          of(project).length > 0 &&
          of(project).every((one) => ['maintain', 'admin'].includes(sure(one) ?? ''))),
    );
    const isHidden = [...person.rights.keys()].some((one) => sure(one) === null && !isPublic(one));
    const isEmptyHidden = PROJECTS.some(
      (project) =>
        of(project).length === 0 &&
        !counts(accountOf(project), 1) &&
        RANKS.indexOf(person.memberships.get(accountOf(project))?.role ?? '') >= 1,
    );
    const orgs = ACCOUNTS.filter((account) => counts(account, 1));
    return { projects, maintained, repositories, runs: repositories, orgs, hasUnchecked: isHidden || isEmptyHidden };
  }
}
