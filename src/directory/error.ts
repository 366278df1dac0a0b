/** Another resource of the same source already has this unique value: SCIM 409 `uniqueness`. */
export class DirectoryConflict extends Error {
  override readonly name = 'DirectoryConflict';
  readonly attribute: 'userName' | 'displayName';

  constructor(attribute: 'userName' | 'displayName') {
    super(`${attribute} is already taken`);
    this.attribute = attribute;
  }
}

/** No such resource in this source: SCIM 404. */
export class NotFound extends Error {
  override readonly name = 'NotFound';

  constructor(kind: 'User' | 'Group', id: string) {
    super(`${kind} ${id} not found`);
  }
}
