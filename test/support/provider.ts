/** An identity provider in small: pushes users and groups as Authentik does. */
export type Provider = ReturnType<typeof createProvider>;

export type PushedUser = {
  readonly userName: string;
  readonly externalId?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly active?: boolean;
  readonly photo?: string;
};

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export function createProvider(baseUrl: string, token: string) {
  const send = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/scim+json',
        'content-type': 'application/scim+json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };
  const idOf = (resource: Record<string, unknown>): string => String(resource.id);
  const patch = (group: string, ...operations: readonly object[]) =>
    send('PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations: operations });

  return {
    createUser: async (user: PushedUser) => idOf(await send('POST', '/Users', userBody(user))),
    putUser: (id: string, user: PushedUser) => send('PUT', `/Users/${id}`, { id, ...userBody(user) }),
    readUser: (id: string) => send('GET', `/Users/${id}`),
    readGroup: (id: string) => send('GET', `/Groups/${id}`),
    deleteUser: (id: string) => send('DELETE', `/Users/${id}`),
    createGroup: async (displayName: string, externalId: string, members: readonly string[] = []) => {
      const group = idOf(
        await send('POST', '/Groups', { schemas: [`${CORE}:Group`], displayName, externalId }),
      );
      if (members.length > 0) await patch(group, ...members.map(addition));
      return group;
    },
    putGroup: (id: string, group: object) =>
      send('PUT', `/Groups/${id}`, { id, schemas: [`${CORE}:Group`], ...group }),
    patchGroup: patch,
    deleteGroup: (id: string) => send('DELETE', `/Groups/${id}`),
    addMembers: (group: string, ...users: readonly string[]) => patch(group, ...users.map(addition)),
    removeMembers: (group: string, ...users: readonly string[]) =>
      patch(group, ...users.map((value) => ({ op: 'remove', path: `members[value eq "${value}"]` }))),
  };
}

function addition(value: string): object {
  return { op: 'add', path: 'members', value: [{ value }] };
}

function userBody({
  userName,
  externalId = `uid-${userName}`,
  displayName = userName,
  email,
  active = true,
  photo,
}: PushedUser) {
  return {
    schemas: [`${CORE}:User`],
    userName,
    externalId,
    displayName,
    name: { formatted: displayName },
    active,
    ...(photo === undefined ? {} : { photos: [{ value: photo, type: 'photo', primary: true }] }),
    emails: email === undefined ? [] : [{ value: email, type: 'other', primary: true }],
  };
}
