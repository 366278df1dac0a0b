/**
 * Lists what Usher brings along when it is installed, by licence, and fails if one of them is not known to go with the
 * MIT licence. Reads package-lock.json for what is installed, and each package for what it says of itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** None asks for more than that its text is passed on; MPL-2.0 would be the first to look at anew. */
const ALLOWED: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
]);

type Package = { readonly name: string; readonly version: string; readonly license: string };

const ROOT = process.argv[2] ?? join(import.meta.dirname, '..');

function readJson(file: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** As it is installed; as the lock says where it is not, such as on another platform. */
function packageAt(path: string, locked: Readonly<Record<string, unknown>>): Package {
  const file = join(path, 'package.json');
  const { version, license, licenses } = existsSync(join(ROOT, file)) ? readJson(file) : locked;
  const said = license ?? licenses ?? 'none';
  return {
    name: path.replace(/^.*node_modules\//, ''),
    version: String(version),
    license: typeof said === 'string' ? said : JSON.stringify(said),
  };
}

/** `(MIT OR GPL-3.0)` is fine, `MIT AND GPL-3.0` is not. */
function isAllowed(license: string): boolean {
  const ways = license.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return ways.some((way) => way.split(' AND ').every((each) => ALLOWED.has(each.trim())));
}

const { packages } = readJson('package-lock.json');
if (!isObject(packages)) throw new Error('package-lock.json has no packages');
const found = Object.entries(packages).flatMap(([path, locked]) => {
  const isOurs = path === '' || !isObject(locked) || locked.dev === true;
  return isOurs ? [] : [packageAt(path, locked)];
});
if (found.length === 0)
  throw new Error('package-lock.json has no production dependencies: nothing was looked at');

for (const [license, some] of Map.groupBy(found, (each) => each.license)) {
  const names = some.map(({ name, version }) => `${name} ${version}`).toSorted();
  process.stdout.write(`${license} (${some.length}): ${names.join(', ')}\n`);
}
const refused = found.filter(({ license }) => !isAllowed(license));
for (const { name, version, license } of refused) {
  process.stdout.write(`NOT ALLOWED: ${name} ${version} has the licence ${license}\n`);
}
process.stdout.write(`${found.length} packages, ${refused.length} not allowed.\n`);
process.exitCode = refused.length === 0 ? 0 : 1;
