import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceFiles } from '../support/regular-expressions.ts';
import { TOKEN } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

const FOLDER = join(import.meta.dirname, '../../src/store/sqlite');

/** What may be put into a statement as text, by file, and why none of it comes from outside. */
const CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  // 'users' or 'groups', conditions and orders that are written there; values are bound.
  'listing.ts': ['table', 'where', 'orderBy', 'attribute'],
  // Numbers of ours.
  'database.ts': ['index + 1'],
  'open-store.ts': ["Number(db.pragma('user_version', { simple: true }))"],
  // Two words of a type; the name of a table.
  'inspect.ts': ['how', 'entitlements'],
  // Two functions of columns, and tables.
  'people.ts': ['value', "ofAll('max(restriction)')", "ofAll('min(inactive_since)')", 'from'],
  // Names of tables and columns, and the size of a piece.
  'member-sets.ts': ['table', 'column', 'PIECE'],
  'memberships.ts': ['table', 'column', 'members'],
  // ASC or DESC.
  'work.ts': ['direction'],
  // The size of a piece.
  'guard.ts': ['PIECE'],
  // A condition that is written there.
  'journal.ts': ['condition'],
  // Conditions that are written there, and ASC or DESC.
  'page-journal.ts': ['condition', 'bounds', 'by'],
  'page-people.ts': ['IS_FAILING'],
  // A query that is written there.
  'words.ts': ['STATE'],
  // A condition that is written there, and the names of three tables.
  'pages.ts': [
    'condition',
    'table',
    "membersIn('user_members')",
    "membersIn('group_members')",
    "membersIn('unknown_members')",
  ],
};

const STATEMENT =
  /\b(SELECT|INSERT|UPDATE|DELETE|VACUUM|PRAGMA|CREATE|WITH|DROP|ALTER|ATTACH)\b[\s\S]*\b(FROM|INTO|SET|TABLE|IN|AS|WHERE)\b|^(user_version|\$\{how\})/;

/** What stands in the `${…}` of each template that is a statement, or a piece of one. */
function interpolations(program: string): readonly string[] {
  return [...program.matchAll(/`((?:[^`\\]|\\.)*)`/g)].flatMap(([, template = '']) =>
    STATEMENT.test(template)
      ? [...template.matchAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g)].map(([, each = '']) => each)
      : [],
  );
}

describe('a statement of SQL', () => {
  const files = sourceFiles(FOLDER).map((file) => ({
    name: file.slice(FOLDER.length + 1),
    program: readFileSync(file, 'utf8'),
  }));

  it('is put together of constants that are listed, and of nothing else', () => {
    const unknown = files.flatMap(({ name, program }) =>
      interpolations(program)
        .filter((each) => !(CONSTANTS[name] ?? []).includes(each))
        .map((each) => `${name}: ${each}`),
    );
    expect(unknown).toEqual([]);
  });

  it('is looked at in every file, and each constant of the list is there', () => {
    expect(files.length).toBeGreaterThan(25);
    const prepared = files.reduce((sum, { program }) => sum + (program.match(/prepare\b/g) ?? []).length, 0);
    expect(prepared).toBeGreaterThan(80);
    for (const [name, constants] of Object.entries(CONSTANTS)) {
      const found = interpolations(files.find((file) => file.name === name)?.program ?? '');
      for (const each of constants) expect(found, name).toContain(each);
    }
  });

  it('would be found to hold a value', () => {
    expect(interpolations("db.prepare(`SELECT * FROM users WHERE id = '\u0024{id}'`)")).toEqual(['id']);
    expect(interpolations('db.exec(`DROP TABLE \u0024{name}`)')).toEqual(['name']);
    expect(interpolations('`there is no \u0024{thing}`')).toEqual([]);
  });

  it('is never added up of pieces, and only in the folder of the store', () => {
    for (const { name, program } of files) {
      expect(program, name).not.toMatch(/(prepare|exec|pragma)(<[^(]*>)?\([^)]*['"`]\s*\+/);
    }
    const others = sourceFiles().filter((file) => !file.startsWith(FOLDER));
    expect(others.length).toBeGreaterThan(200);
    for (const file of others)
      expect(readFileSync(file, 'utf8'), file).not.toMatch(/from 'better-sqlite3'|\.prepare\(/);
  });
});

describe('a value that is SQL', { timeout: 60_000 }, () => {
  const HOSTILE = [
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "') UNION SELECT value FROM facts --",
    "x' OR 1=1 /*",
    '"; DELETE FROM groups; --',
    '%',
    '_',
    '?1',
    '@source',
    "char(0)||'",
  ];
  let server: ScimServer;
  let before: string;
  const send = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
    const response = await fetch(server.scim + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  beforeAll(async () => {
    server = await startScimServer();
    await send('POST', '/Users', { userName: 'ann', externalId: 'e1', emails: [{ value: 'ann@x.org' }] });
    before = (await send('GET', '/Users')).body.totalResults;
  });
  afterAll(() => server.stop());

  it.each(HOSTILE)('finds nobody and breaks nothing in a filter: %j', async (hostile) => {
    const quoted = JSON.stringify(hostile);
    const attributes = [
      'id',
      'userName',
      'externalId',
      'displayName',
      'emails.value',
      'emails',
      'groups.value',
      'title',
    ];
    let asked = 0;
    for (const attribute of attributes) {
      for (const operator of ['eq', 'co', 'sw', 'ew', 'gt']) {
        const filter = encodeURIComponent(`${attribute} ${operator} ${quoted}`);
        for (const endpoint of ['Users', 'Groups']) {
          const { status, body } = await send('GET', `/${endpoint}?filter=${filter}`);
          expect([200, 400]).toContain(status);
          if (operator === 'eq' && status === 200) expect(body.totalResults).toBe(0);
          asked += 1;
        }
      }
    }
    const member = encodeURIComponent(`members.value eq ${quoted}`);
    expect((await send('GET', `/Groups?filter=${member}`)).body.totalResults).toBe(0);
    for (const parameter of ['sortBy', 'attributes', 'startIndex', 'count', 'sortOrder']) {
      const { status } = await send('GET', `/Users?${parameter}=${encodeURIComponent(hostile)}`);
      expect([200, 400]).toContain(status);
    }
    expect((await send('GET', `/Users/${encodeURIComponent(hostile)}`)).status).toBe(404);
    expect(asked).toBe(80);
    expect((await send('GET', '/Users?filter=userName%20eq%20%22ann%22')).body.totalResults).toBe(1);
  });

  it('is kept as it is in every attribute', async () => {
    for (const hostile of HOSTILE) {
      const user = {
        userName: hostile,
        externalId: hostile,
        displayName: hostile,
        name: { formatted: hostile },
        emails: [{ value: hostile, type: hostile }],
      };
      const created = await send('POST', '/Users', user);
      expect(created.status).toBe(201);
      const group = await send('POST', '/Groups', {
        displayName: hostile,
        externalId: hostile,
        members: [{ value: created.body.id }, { value: hostile }],
      });
      expect(group.status).toBe(201);
      const found = await send(
        'GET',
        `/Users?filter=${encodeURIComponent(`userName eq ${JSON.stringify(hostile)}`)}`,
      );
      expect(found.body.Resources).toEqual([expect.objectContaining(user)]);
      expect((await send('DELETE', `/Groups/${group.body.id}`)).status).toBe(204);
      expect((await send('DELETE', `/Users/${created.body.id}`)).status).toBe(204);
    }
    expect((await send('GET', '/Users')).body.totalResults).toBe(before);
  });
});
