import type { Config } from '../../config/config.ts';
import { type Finding, ok, warning } from '../../desk/finding.ts';
import { profileOf, type User } from '../../directory/user.ts';
import type { Mas } from '../../mas/mas.ts';
import { localpartOf, type UserId } from '../../matrix/ids.ts';
import { deriveAccount } from '../../plan/localpart.ts';
import type { Store } from '../../store/store.ts';
import { pasted } from '../check-report.ts';
import { counted } from '../texts.ts';

const SUBJECT = 'subjects';
/** How many people are looked at. */
const SAMPLE = 50;
const WHOLE_LIST = { cursor: undefined, limit: SAMPLE };

type Deps = {
  readonly config: Config;
  readonly store: Pick<Store, 'people' | 'pages'>;
  readonly mas: Mas;
  /** The upstream provider. */
  readonly providerId: string;
};

/** Somebody who signed in before Usher linked her, with what MAS has of her. */
type Evidence = {
  readonly account: UserId;
  readonly externalId: string;
  readonly subjects: readonly string[];
};

/**
 * Whether what MAS takes for a subject is what the provider pushes as `externalId`. MAS does not tell its template, but
 * those who signed in by themselves show what came of it.
 */
export async function checkSubjects(deps: Deps): Promise<Finding> {
  const evidence: Evidence[] = [];
  for (const user of await sampleOf(deps.store)) {
    const found = await evidenceOf(user, deps);
    if (found !== undefined) evidence.push(found);
  }
  const wrong = evidence.filter(({ externalId, subjects }) => !subjects.includes(externalId));
  const [first] = wrong;
  if (first === undefined) return ok(SUBJECT, agreement(evidence.length));
  const [subject = ''] = first.subjects;
  return warning(SUBJECT, {
    found: `the subject is not the externalId for ${wrong.length} of ${counted(evidence.length, 'person', 'people')} with a link that Usher did not make: of ${first.account}, the subject is ${kindOf(subject)}, and the externalId ${contrast(first.externalId, subject)}`,
    meaning:
      'unless these are other people of the same names, people who sign in by SSO would not get the accounts that Usher makes.',
    remedy: `have both be the same value. What MAS takes is in its configuration, by default the "sub" of the login:${pasted(`
upstream_oauth2:
  providers:
    - id: ${deps.providerId}
      claims_imports:
        subject:
          template: "{{ user.sub }}"`)}
      What is pushed as externalId is set in the identity provider: docs/matrix-authentication-service.md#who-somebody-is`,
  });
}

function agreement(count: number): string {
  return count === 0
    ? 'nobody has a link that Usher did not make, so there is nothing to compare with the externalId'
    : `of ${counted(count, 'person', 'people')} with a link that Usher did not make, the subject of each is the externalId`;
}

/** Those in conflict first: a wrong template is what may have brought them there. */
async function sampleOf({ pages }: Pick<Store, 'pages'>): Promise<readonly User[]> {
  const failing = await pages.failing({ ...WHOLE_LIST, kind: 'conflict' });
  const inConflict = await pages.users(failing.items.map(({ userId }) => userId));
  const { items: active } = await pages.active(WHOLE_LIST);
  const others = active.filter(({ id }) => !inConflict.has(id));
  return [...inConflict.values(), ...others].slice(0, SAMPLE);
}

async function evidenceOf(
  { id, attributes }: User,
  { config, store, mas, providerId }: Deps,
): Promise<Evidence | undefined> {
  const profile = profileOf(attributes);
  const { externalId } = profile;
  const link = await store.people.link(id);
  const derived = deriveAccount(config.accounts.localpart, profile, config.matrix.serverName);
  const account = link?.account ?? (derived.kind === 'derived' ? derived.account : undefined);
  if (externalId === undefined || account === undefined) return undefined;
  const user = await mas.users.byName(localpartOf(account));
  if (user === undefined) return undefined;
  const links = await mas.links.ofUser(user.id);
  const subjects = links.filter((each) => each.providerId === providerId).map(({ subject }) => subject);
  const others = subjects.filter((subject) => subject !== link?.externalId);
  return others.length === 0 ? undefined : { account, externalId, subjects: others };
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'a UUID'],
  [/^[\da-f]{64}$/i, '64 hexadecimal digits'],
  [/^[\da-f]{32}$/i, '32 hexadecimal digits'],
  [/^\d+$/, 'a number'],
  [/^[^@\s]+@[^@\s]+$/, 'an e-mail address'],
];

/** What a value looks like. It is nobody's business what it is. */
function kindOf(value: string): string {
  const kind = KINDS.find(([pattern]) => pattern.test(value));
  return kind?.[1] ?? `a text of ${counted(value.length, 'letter')}`;
}

function contrast(value: string, other: string): string {
  if (value.toLowerCase() === other.toLowerCase()) return 'the same but for small and capital letters';
  const kind = kindOf(value);
  return kind === kindOf(other) ? `another one, ${kind} too` : kind;
}
