import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TokenKeeper } from '../mas/synapse-tokens.ts';
import { writeSafely } from '../store/sqlite/files.ts';

const FILE = 'synapse-token.json';

const Kept = z.object({
  sessionId: z.string(),
  token: z.string(),
  issuedAt: z.number(),
  expiresAt: z.number(),
});

/** Keeps the bot's token for Synapse in a file that only the service's user can read; it is in no backup. */
export function keepToken(dataDir: string): TokenKeeper {
  const file = join(dataDir, FILE);
  return {
    read() {
      try {
        return Kept.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
      } catch {
        return undefined;
      }
    },
    write: (token) => writeSafely(file, `${JSON.stringify(token)}\n`),
  };
}
