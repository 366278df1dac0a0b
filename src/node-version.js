// Plain JavaScript, and imported before anything else: older versions of Node can't read TypeScript, and
// better-sqlite3 crashes under them.
const NEEDED = 24;
const found = process.versions.node;

if (Number.parseInt(found, 10) < NEEDED) {
  process.stderr.write(
    `usher: this is Node ${found}, and Usher needs Node ${NEEDED} or newer.\n` +
      'In a checkout, "npm ci" brings it along: use "npm start" or "npm run usher -- COMMAND".\n' +
      `Elsewhere, install Node ${NEEDED}, or use the container image.\n`,
  );
  process.exit(2);
}
