import { createTokenDesk } from '../src/desk/tokens.ts';
import { openStoreBeside } from '../src/store/sqlite/open-store.ts';

/** Makes a token for an admin who may only look, beside the service; resolves with its secret. */
export async function issueReader(dataDir: string): Promise<string> {
  const store = openStoreBeside(dataDir);
  try {
    const desk = createTokenDesk({ store, who: 'the benchmark', now: Date.now });
    const request = { name: 'reader', source: 'default', scopes: ['admin:read'], networks: [] } as const;
    return (await desk.create({ ...request, expires: undefined })).secret;
  } finally {
    await store.close();
  }
}
