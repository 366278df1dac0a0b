import { expect, it } from 'vitest';
import type { Asked } from '../support/fault-proxy.ts';
import type { Kind } from '../support/faults.ts';
import { expectRight, openStage } from './stage.ts';

/** Ids that stand in paths. */
const IDS = /[!@#][^/?]+/g;
const LATE: readonly Kind[] = [
  'reset in the middle of the answer',
  'reset in place of the answer',
  'no answer to what was done',
  'truncated JSON',
];

it.each(LATE)(
  'does nothing twice and forgets nothing when the first answer to each change is lost: %s',
  async (kind) => {
    const stage = await openStage(1);
    const { proxy, homeserver, usher } = stage;
    const scene = await stage.scene(0);
    const lost = new Set<string>();
    await proxy.inject(({ method, path, body }: Asked) => {
      if (method === 'GET') return undefined;
      const [field = ''] = /"(locked|deactivated|external_ids|threepids)"/.exec(body) ?? [];
      const route = `${method} ${path.replaceAll(IDS, '{}')} ${field}`;
      if (lost.has(route)) return undefined;
      lost.add(route);
      return kind;
    });
    await scene.play();
    usher.service.loop.requestPass();
    await expectRight(stage, scene, 30);
    const changes = [...lost].join('\n');
    for (const part of ['/kick', 'v1/join/', '"locked"', '"external_ids"', 'm.room.power_levels']) {
      expect(changes).toContain(part);
    }
    expect(proxy.injected(kind)).toBe(lost.size);
    expect(homeserver.world.accounts.all().map(({ userId }) => userId)).toHaveLength(7);
  },
);
