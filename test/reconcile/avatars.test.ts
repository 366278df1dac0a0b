import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Attributes } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { MAX_PHOTO_BYTES } from '../../src/photos/fetch-photo.ts';
import { GIF, JPEG, PNG } from '../support/images.ts';
import { ANN, scene } from '../support/scene.ts';
import type { Env } from '../support/usher.ts';

type Photo = { readonly status?: number; readonly type?: string; readonly bytes?: Uint8Array };

/** A server with photos by path; `asked` are the paths that it was asked for. */
async function photoServer() {
  const photos = new Map<string, Photo>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://photos');
    asked.push(pathname);
    const { status = 200, type = 'image/png', bytes = PNG } = photos.get(pathname) ?? { status: 404 };
    response.writeHead(status, { 'content-type': type }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { photos, asked, urlOf: (path: string) => `http://127.0.0.1:${port}${path}?token=hush` };
}

const SYNC: Env = { AVATARS: 'sync' };

function ann(photo: string | undefined): Attributes {
  const photos = photo === undefined ? {} : { photos: [{ value: photo, type: 'photo' }] };
  return { userName: 'ann', externalId: 'x1', displayName: 'Ann', active: true, ...photos };
}

/** Ann, who was pushed with a photo at `/a`, in a room for everybody. */
async function stage(photo?: Photo, options = {}) {
  const server = await photoServer();
  if (photo !== undefined) server.photos.set('/a', photo);
  const it = await scene(options);
  const room = await it.owner.createRoom();
  const user = await it.user(ann(server.urlOf('/a')));
  const map = { '*': room };
  return {
    ...it,
    ...server,
    room,
    user,
    sync: (faults: Partial<Homeserver> = {}, settings = SYNC) => it.run(map, faults, settings),
    lookAgain: () => it.store.work.mark([user.id], 'small', Date.now()),
    push: (attributes: Attributes) => it.change(user.id, attributes),
    /** The image that her avatar is. */
    async image() {
      const { avatarUrl } = (await it.account()) ?? {};
      return avatarUrl === undefined ? undefined : Buffer.from((await it.download(avatarUrl)).bytes);
    },
    told: () => it.store.journal.find({ action: 'photo-unusable', limit: 10 }),
    problems: () => it.store.work.failing(10),
  };
}

describe("the provider's photo", () => {
  it('becomes her avatar, by one download and one upload', async () => {
    const it = await stage({});
    await it.sync();
    expect(await it.image()).toEqual(PNG);
    const first = await it.account();
    await it.push({ ...ann(it.urlOf('/a')), displayName: 'Ann Lee' });
    await it.sync();
    expect(await it.account()).toEqual({ ...first, displayName: 'Ann Lee' });
    expect(it.asked).toEqual(['/a']);
    expect(await it.isIn(it.room)).toBe(true);
  });

  it('takes the place of the last one when its address changes', async () => {
    const it = await stage({});
    await it.sync();
    it.photos.set('/b', { type: 'image/gif', bytes: GIF });
    await it.push(ann(it.urlOf('/b')));
    await it.sync();
    expect(await it.image()).toEqual(GIF);
    expect(it.asked).toEqual(['/a', '/b']);
  });

  it('leaves the avatar that she chose, and comes when she has none any more', async () => {
    const it = await stage({});
    await it.sync();
    const herself = await it.person('ann');
    const own = await it.homeserver.upload({ bytes: JPEG, contentType: 'image/jpeg' });
    await herself.setAvatar(own);
    it.photos.set('/b', { type: 'image/gif', bytes: GIF });
    await it.push(ann(it.urlOf('/b')));
    await it.sync();
    expect(await it.image()).toEqual(JPEG);
    expect(it.asked).toEqual(['/a']);
    await herself.setAvatar('');
    await it.lookAgain();
    await it.sync();
    expect(await it.image()).toEqual(GIF);
  });

  it('is not given again to somebody who took it away', async () => {
    const it = await stage({});
    await it.sync();
    await (await it.person('ann')).setAvatar('');
    await it.lookAgain();
    await it.sync();
    expect(await it.image()).toBeUndefined();
  });

  it('stays when the provider takes it away', async () => {
    const it = await stage({});
    await it.sync();
    await it.push(ann(undefined));
    await it.sync();
    expect(await it.image()).toEqual(PNG);
  });

  it('may be the address itself, which is not kept', async () => {
    const it = await stage({});
    await it.push(ann(`data:image/gif;base64,${GIF.toString('base64')}`));
    await it.sync();
    expect(await it.image()).toEqual(GIF);
    expect(it.asked).toEqual([]);
    expect((await it.store.people.link(it.user.id))?.photo).toMatch(/^data:sha256,[0-9a-f]{64}$/);
    const { avatarUrl } = (await it.account()) ?? {};
    await it.lookAgain();
    await it.sync();
    expect((await it.account())?.avatarUrl).toBe(avatarUrl);
  });

  it('is not looked at while avatars are off, and is as soon as they are on', async () => {
    const it = await stage({});
    await it.sync({}, {});
    expect(it.asked).toEqual([]);
    await it.sync();
    expect(await it.image()).toEqual(PNG);
    await it.sync({}, {});
    await it.sync();
    expect(it.asked).toEqual(['/a']);
  });

  it('is given again to an account that the homeserver lost', async () => {
    const it = await stage({});
    await it.sync();
    let isLost = true;
    const faults: Partial<Homeserver> = {
      account: async (id) => (isLost && id === ANN ? undefined : it.homeserver.account(id)),
      async createAccount() {
        isLost = false;
        await it.homeserver.updateAccount(ANN, { avatarUrl: '' });
      },
    };
    it.photos.set('/a', { status: 503 });
    await it.lookAgain();
    await it.sync(faults);
    expect(await it.image()).toBeUndefined();
    it.photos.set('/a', {});
    await it.lookAgain();
    await it.sync();
    expect(await it.image()).toEqual(PNG);
  });
});

describe('a photo that can not be had', () => {
  it.each<[string, Photo, RegExp]>([
    ['not there', { status: 404 }, /answers 404\./],
    ['a page', { type: 'text/html', bytes: Buffer.from('<html>') }, /is not a PNG/],
    ['said to be an image', { bytes: Buffer.from('<svg/>') }, /is not a PNG/],
    ['too large', { bytes: Buffer.concat([PNG, Buffer.alloc(MAX_PHOTO_BYTES)]) }, /is larger than 5 MiB\./],
  ])('since it is %s is told once, until its address changes', async (_title, photo, reason) => {
    const it = await stage(photo);
    await it.sync();
    await it.lookAgain();
    await it.sync();
    expect(it.asked).toEqual(['/a']);
    const told = await it.told();
    expect(told).toMatchObject([{ account: ANN, outcome: 'found', detail: expect.stringMatching(reason) }]);
    expect(await it.problems()).toEqual([]);
    expect(await it.isIn(it.room)).toBe(true);

    it.photos.set('/b', {});
    await it.push(ann(it.urlOf('/b')));
    await it.sync();
    expect(await it.image()).toEqual(PNG);
  });

  it('leaves the avatar that we gave as it is, and ours', async () => {
    const it = await stage({});
    await it.sync();
    await it.push(ann(it.urlOf('/missing')));
    await it.sync();
    expect(await it.image()).toEqual(PNG);
    it.photos.set('/b', { type: 'image/gif', bytes: GIF });
    await it.push(ann(it.urlOf('/b')));
    await it.sync();
    expect(await it.image()).toEqual(GIF);
  });

  it('now is tried again, and keeps her from nothing else', async () => {
    const it = await stage({ status: 503 });
    await it.sync();
    expect(await it.isIn(it.room)).toBe(true);
    expect(await it.problems()).toMatchObject([
      {
        lastError: {
          kind: 'failed',
          message: expect.stringMatching(/^set the avatar of @ann.* answers 503$/),
        },
      },
    ]);
    expect(await it.told()).toEqual([]);
    it.photos.set('/a', {});
    await it.lookAgain();
    await it.sync();
    expect(await it.image()).toEqual(PNG);
    expect(await it.problems()).toEqual([]);
  });

  it.each(['upload', 'updateAccount'] as const)(
    'because the homeserver refuses its %s is told once',
    async (method) => {
      const it = await stage({});
      const refuse = async () => {
        throw new HomeserverError('refused', 'This avatar is not allowed');
      };
      await it.sync({ [method]: refuse });
      await it.lookAgain();
      await it.sync();
      expect(await it.image()).toBeUndefined();
      expect(await it.told()).toMatchObject([
        { detail: expect.stringContaining('the homeserver does not take it (This avatar is not allowed)') },
      ]);
      expect(await it.problems()).toEqual([]);
    },
  );

  it('since it is on this machine is told, and nothing is asked for', async () => {
    const it = await stage({}, { isCareful: true });
    await it.sync();
    expect(it.asked).toEqual([]);
    expect(await it.image()).toBeUndefined();
    expect(await it.told()).toMatchObject([
      { detail: expect.stringContaining('is this machine or link-local') },
    ]);
  });

  it('is told without its address', async () => {
    const it = await stage({ status: 503 });
    await it.sync();
    it.photos.set('/a', { status: 404 });
    await it.lookAgain();
    await it.sync();
    const entries = JSON.stringify(await it.store.journal.find({ limit: 100 }));
    expect(entries).toContain('answers 404');
    expect(entries).not.toContain('hush');
  });
});

describe('an avatar whose setting broke off', () => {
  const brokenOff = () => new HomeserverError('unavailable', 'no answer (ETIMEDOUT)');

  it.each([
    ['was made', true],
    ['was not made', false],
  ])('is ours all the same if it %s, and is replaced by the next photo', async (_title, wasMade) => {
    const it = await stage({});
    await it.sync();
    it.photos.set('/b', { type: 'image/gif', bytes: GIF });
    await it.push(ann(it.urlOf('/b')));
    await it.sync({
      async updateAccount(id, update) {
        if (wasMade) await it.homeserver.updateAccount(id, update);
        throw brokenOff();
      },
    });
    expect(await it.image()).toEqual(wasMade ? GIF : PNG);
    it.photos.set('/c', { type: 'image/jpeg', bytes: JPEG });
    await it.push(ann(it.urlOf('/c')));
    await it.sync();
    expect(await it.image()).toEqual(JPEG);
    const link = await it.store.people.link(it.user.id);
    expect(link?.avatar).toBe((await it.account())?.avatarUrl);
  });
});
