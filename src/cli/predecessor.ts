import { type Attributes, foldCase, type ResourceId, text } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import { parseUserId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { ScimError } from '../scim/error.ts';
import { readGroup } from '../scim/group-resource.ts';
import { isObject, type JsonObject } from '../scim/json.ts';
import { mendMembers, mendResource, splitMembers } from '../scim/quirks/resource.ts';
import { groupType, userType } from '../scim/schema/resource-type.ts';
import { readUser } from '../scim/user-resource.ts';

/*
 * What synapse-scim leaves in its DATA_DIR. users.json is an object of SCIM users without their ids. A user that was
 * made is there under her externalId, and from her first change on once more under the id that the provider was given:
 * her Matrix id. So the second is the newer one, and who has only the first has an id that only Synapse knows.
 * groups.json has the groups under their externalId, which is their id, too. Nothing was ever deleted from either.
 */

/** A user, and the id that the provider knows her by. */
export type OldUser = {
  readonly place: string;
  /** Undefined: the Matrix id that Synapse has for her externalId, which is there then. */
  readonly id: string | undefined;
  readonly account: UserId | undefined;
  readonly externalId: string | undefined;
  readonly attributes: Attributes;
};

export type OldGroup = {
  readonly place: string;
  readonly id: ResourceId;
  readonly attributes: Attributes;
  readonly members: readonly string[];
};

type Entry = { readonly place: string; readonly key: string | undefined; readonly body: JsonObject };
type Report = (place: string, problem: string) => void;

/** Longer ids are no ids. */
const LONGEST_ID = 1000;

/** What Python makes of a missing externalId as a key: all such entries are under it, the last one stays. */
const NO_KEY = 'null';

/** Reads `users.json`. An entry that is not good is reported and left out. */
export function readOldUsers(
  json: string,
  file: string,
  serverName: string,
  report: Report,
): readonly OldUser[] {
  const users = entriesOf(json, file, report).flatMap((entry) => readOldUser(entry, serverName, report));
  const newest = withoutOlder(users);
  reportTwice(newest, ({ externalId }) => externalId, 'externalId', report);
  reportTwice(newest, ({ id }) => id, 'id', report);
  reportTwice(newest, ({ attributes }) => foldCase(profileOf(attributes).userName), 'userName', report);
  return newest;
}

/** Reads `groups.json`. An entry that is not good is reported and left out. */
export function readOldGroups(json: string, file: string, report: Report): readonly OldGroup[] {
  const groups = entriesOf(json, file, report).flatMap((entry) => readOldGroup(entry, report));
  reportTwice(groups, ({ id }) => id, 'id', report);
  reportTwice(groups, ({ attributes }) => foldCase(String(attributes.displayName)), 'displayName', report);
  return groups;
}

/** An object by id or externalId, as synapse-scim writes it; or a list, if somebody made one of it. */
function entriesOf(json: string, file: string, report: Report): readonly Entry[] {
  let whole: unknown;
  try {
    whole = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (error) {
    report(file, `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
  const isList = Array.isArray(whole);
  if (!isList && !isObject(whole)) {
    report(file, 'is neither an object nor a list');
    return [];
  }
  return Object.entries(whole as object).flatMap(([name, body]) => {
    const place = isList ? `${file}: entry ${Number(name) + 1}` : `${file}: "${name}"`;
    const key = isList || name === NO_KEY ? undefined : text(name);
    if (isObject(body)) return [{ place, key, body }];
    report(place, 'is no object');
    return [];
  });
}

function readOldUser({ place, key, body }: Entry, serverName: string, report: Report): readonly OldUser[] {
  const attributes = tried(place, report, () => readUser(mendResource(body, userType)));
  if (attributes === undefined) return [];
  const named = [text(body.id), key].filter((each) => each !== undefined);
  const account = named.map(parseUserId).find((each) => each !== undefined);
  const externalId = text(attributes.externalId) ?? (account === undefined ? key : undefined);
  const id = account ?? named.find((each) => each !== externalId);
  if (account !== undefined && serverNameOf(account) !== serverName) {
    report(place, `${account} is not on MATRIX_SERVER_NAME, which is ${serverName}`);
  } else if (id === undefined && externalId === undefined) {
    report(place, 'has neither an id nor an externalId, so nobody knows whose it is: delete the entry');
  } else if (id !== undefined && id.length > LONGEST_ID) {
    report(place, `its id is longer than ${LONGEST_ID} characters`);
  } else {
    const whole = externalId === undefined ? attributes : { ...attributes, externalId };
    return [{ place, id, account, externalId, attributes: whole }];
  }
  return [];
}

function readOldGroup({ place, key, body }: Entry, report: Report): readonly OldGroup[] {
  return (
    tried(place, report, () => {
      const { rest, members } = splitMembers(body, groupType);
      const attributes = readGroup(mendResource(rest, groupType));
      const id = key ?? text(body.id) ?? text(attributes.externalId);
      const values = mendMembers(members).map((member) =>
        isObject(member) ? text(member.value) : undefined,
      );
      if (id === undefined || id.length > LONGEST_ID) {
        report(place, `has no id of at most ${LONGEST_ID} characters`);
        return [];
      }
      if (values.includes(undefined)) {
        report(place, 'has a member without a value');
        return [];
      }
      const externalId = text(attributes.externalId) ?? id;
      const known = values.filter((value) => value !== undefined);
      return [{ place, id: id as ResourceId, attributes: { ...attributes, externalId }, members: known }];
    }) ?? []
  );
}

/** Who is there under her externalId as she was made, and under her id as she was changed, is there once. */
function withoutOlder(users: readonly OldUser[]): readonly OldUser[] {
  const changed = new Set(users.filter(({ id }) => id !== undefined).map(({ externalId }) => externalId));
  return users.filter(
    ({ id, externalId }) => id !== undefined || externalId === undefined || !changed.has(externalId),
  );
}

/** Reports who has the key of somebody before. */
export function reportTwice<T extends { readonly place: string }>(
  entries: readonly T[],
  keyOf: (entry: T) => string | undefined,
  attribute: string,
  report: Report,
): void {
  const first = new Map<string, string>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key === undefined) continue;
    const before = first.get(key);
    if (before === undefined) first.set(key, entry.place);
    else {
      report(
        entry.place,
        `has the ${attribute} of ${before}: delete the entry of the one that is not at the provider any more`,
      );
    }
  }
}

function tried<T>(place: string, report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    report(place, error.message);
    return undefined;
  }
}
