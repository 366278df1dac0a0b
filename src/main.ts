import './node-version.js';
import { existsSync } from 'node:fs';
import { run } from './cli/run.ts';

if (process.argv[2] !== 'demo' && existsSync('.env')) process.loadEnvFile('.env');

// Whoever reads the output has seen enough, as "head" does.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
});
