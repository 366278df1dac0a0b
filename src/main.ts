import './node-version.js';
import { existsSync } from 'node:fs';
import { run } from './cli/run.ts';

if (process.argv[2] !== 'demo' && existsSync('.env')) process.loadEnvFile('.env');

process.stdout.on('error', (error) => {
  // Whoever reads the output has seen enough, as "head" does; but a part of a backup is none.
  if ('code' in error && error.code === 'EPIPE') process.exit(process.argv[2] === 'backup' ? 1 : 0);
  process.stderr.write(`usher: the output can't be written: ${error.message}\n`);
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => process.stdin,
});
