import type { Group, GroupChange } from '../../directory/group.ts';
import type { Attributes, Resource } from '../../directory/resource.ts';
import type { User } from '../../directory/user.ts';
import { inPieces } from '../../pieces.ts';
import { presentGroup, presentMember, readGroup } from '../../scim/group-resource.ts';
import type { JsonObject } from '../../scim/json.ts';
import type { MatrixSide } from '../../scim/matrix-resource.ts';
import type { Locate } from '../../scim/meta.ts';
import type { Operation } from '../../scim/patch.ts';
import { patchAttributes } from '../../scim/patch-attributes.ts';
import { memberValues, patchGroup } from '../../scim/patch-members.ts';
import { includes, type Projection, projectWithin } from '../../scim/projection.ts';
import { mendMembers, mendResource, splitMembers } from '../../scim/quirks/resource.ts';
import { type Representation, represent } from '../../scim/representation.ts';
import { groupType, type ResourceType, userType } from '../../scim/schema/resource-type.ts';
import { MATRIX_GROUP, MATRIX_USER } from '../../scim/urns.ts';
import { presentUser, readUser } from '../../scim/user-resource.ts';
import type { NewGroup, ResourceStore, Store } from '../../store/store.ts';

/** What the endpoints need to know about users or about groups. */
export type ResourceKind<R extends Resource, New, Change> = {
  readonly type: ResourceType;
  readonly store: ResourceStore<R, New, Change>;
  /** Of POST. Rejects with `ScimError` 400. */
  readonly created: (body: unknown) => Promise<New>;
  /** Of PUT. Rejects with `ScimError` 400. */
  readonly replaced: (body: unknown) => Promise<Change>;
  readonly patched: (current: R, operations: readonly Operation[]) => Change;
  /** What clients see; what the projection leaves out is not read. */
  readonly present: (
    resources: readonly R[],
    projection: Projection,
    locate: Locate,
  ) => Promise<readonly Representation[]>;
  /** Whether a PATCH is answered by the resource rather than by 204. */
  readonly showsPatched: (resource: R, projection: Projection) => Promise<boolean>;
};

/** Members. With more, an answer to PATCH costs more than the change itself. */
const MAX_SHOWN_MEMBERS = 1000;

export function userKind(store: Store, matrix: MatrixSide): ResourceKind<User, Attributes, Attributes> {
  const read = async (body: unknown): Promise<Attributes> => readUser(mendResource(body, userType));
  return {
    type: userType,
    store: store.users,
    created: read,
    replaced: read,
    patched: (current, operations) => patchAttributes(current.attributes, operations, userType),
    async present(users, projection, locate) {
      const idsIf = (name: string) => (includes(projection, name) ? users.map(({ id }) => id) : []);
      const groups = await store.groups.ofUsers(idsIf('groups'));
      const sides = await matrix.users(idsIf(MATRIX_USER));
      return users.map((user) => {
        const view = { groups: groups.get(user.id), matrix: sides.get(user.id), locate };
        return represent(presentUser(user, view), projection, undefined);
      });
    },
    showsPatched: async () => true,
  };
}

export function groupKind(
  { groups: store }: Store,
  matrix: MatrixSide,
): ResourceKind<Group, NewGroup, GroupChange> {
  const read = async (body: unknown): Promise<NewGroup> => {
    const { rest, members } = splitMembers(body, groupType);
    const attributes = readGroup(mendResource(rest, groupType));
    const values = new Set<string>();
    for await (const some of inPieces(members)) {
      for (const value of memberValues(mendMembers(some))) values.add(value);
    }
    return { attributes, members: [...values] };
  };
  async function* presentMembers(
    group: Group,
    projection: Projection,
    locate: Locate,
  ): AsyncGenerator<readonly JsonObject[]> {
    for await (const members of store.members(group.id)) {
      yield members.map((member) => projectWithin(presentMember(member, locate), projection, 'members'));
    }
  }
  return {
    type: groupType,
    store,
    created: read,
    async replaced(body) {
      const { attributes, members } = await read(body);
      return { attributes, members: [{ kind: 'replace', values: members }] };
    },
    patched: (current, operations) => patchGroup(current.attributes, operations),
    async present(groups, projection, locate) {
      const sides = await matrix.groups(includes(projection, MATRIX_GROUP) ? groups : []);
      const showsMembers = includes(projection, 'members');
      return groups.map((group) => {
        const whole = presentGroup(group, { matrix: sides.get(group.id), locate });
        const members = showsMembers ? presentMembers(group, projection, locate) : undefined;
        return represent(whole, projection, members);
      });
    },
    // Who asks for attributes has to get them (RFC 7644 §3.5.2).
    showsPatched: async ({ id }, projection) =>
      projection.kind === 'only' ||
      !includes(projection, 'members') ||
      !(await store.isLargerThan(id, MAX_SHOWN_MEMBERS)),
  };
}
