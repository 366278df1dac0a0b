import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it, vi } from 'vitest';
import { createStage } from '../support/properties/stage.ts';
import { inShort, type Story, stories } from '../support/properties/story.ts';
import { tell } from '../support/properties/tell.ts';
import { FUZZ_TIMEOUT, fuzzed } from '../support/scim/fuzz.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function happened(story: Story): Promise<readonly string[]> {
  vi.setSystemTime(1_700_000_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'usher-story-'));
  const stage = await createStage(folder, story);
  try {
    return await tell(stage, story);
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('any story', () => {
  it(
    'ends as the directory and the map say, and nothing is done on the way that must not be',
    async () => {
      await fc.assert(
        fc.asyncProperty(stories, async (story) => {
          const wrong = await happened(story);
          if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${inShort(story)}`);
        }),
        fuzzed(40),
      );
    },
    FUZZ_TIMEOUT,
  );
});
