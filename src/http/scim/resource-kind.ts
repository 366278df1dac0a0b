import type { Group, GroupChange } from '../../directory/group.ts';
import type { Attributes, Resource } from '../../directory/resource.ts';
import type { User } from '../../directory/user.ts';
import { groupDocument, presentGroup, readGroup } from '../../scim/group-resource.ts';
import type { JsonObject } from '../../scim/json.ts';
import type { Locate } from '../../scim/meta.ts';
import type { Operation } from '../../scim/patch.ts';
import { patchAttributes } from '../../scim/patch-attributes.ts';
import { patchGroup } from '../../scim/patch-members.ts';
import { includes, type Projection, project } from '../../scim/projection.ts';
import { groupType, type ResourceType, userType } from '../../scim/schema/resource-type.ts';
import { presentUser, readUser, userDocument } from '../../scim/user-resource.ts';
import type { NewGroup, ResourceStore, Store } from '../../store/store.ts';

/** What the handlers need to know about users or about groups. */
export type ResourceKind<R extends Resource, New, Change> = {
  readonly type: ResourceType;
  readonly store: ResourceStore<R, New, Change>;
  /** Of POST. Throws `ScimError` 400. */
  readonly created: (body: unknown) => New;
  /** Of PUT. Throws `ScimError` 400. */
  readonly replaced: (body: unknown) => Change;
  readonly patched: (current: R, operations: readonly Operation[]) => Change;
  /** What filters see. */
  readonly document: (resource: R) => JsonObject;
  /** What clients see; what the projection leaves out is not read. */
  readonly present: (
    resources: readonly R[],
    projection: Projection,
    locate: Locate,
  ) => Promise<readonly JsonObject[]>;
  /** Whether a PATCH is answered by the resource rather than by 204. */
  readonly showsPatched: (resource: R, projection: Projection) => Promise<boolean>;
};

/** Members. With more, an answer to PATCH costs more than the change itself. */
const MAX_SHOWN_MEMBERS = 1000;

export function userKind(store: Store): ResourceKind<User, Attributes, Attributes> {
  return {
    type: userType,
    store: store.users,
    created: readUser,
    replaced: readUser,
    patched: (current, operations) => patchAttributes(current.attributes, operations, userType),
    document: userDocument,
    async present(users, projection, locate) {
      const shown = includes(projection, 'groups') ? users.map(({ id }) => id) : [];
      const groups = await store.groups.containing(shown);
      return users.map((user) => project(presentUser(user, groups.get(user.id), locate), projection));
    },
    showsPatched: async () => true,
  };
}

export function groupKind({ groups: store }: Store): ResourceKind<Group, NewGroup, GroupChange> {
  return {
    type: groupType,
    store,
    created: readGroup,
    replaced(body) {
      const { attributes, members } = readGroup(body);
      return { attributes, members: [{ kind: 'replace', values: members }] };
    },
    patched: (current, operations) => patchGroup(current.attributes, operations),
    document: groupDocument,
    async present(groups, projection, locate) {
      const shown = includes(projection, 'members') ? groups.map(({ id }) => id) : [];
      const members = await store.members(shown);
      return groups.map((group) => project(presentGroup(group, members.get(group.id), locate), projection));
    },
    showsPatched: async ({ id }, projection) =>
      !includes(projection, 'members') || !(await store.isLargerThan(id, MAX_SHOWN_MEMBERS)),
  };
}
