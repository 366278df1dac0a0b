import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { diskOrReason } from '../support/crash/disk.ts';
import { userBody } from '../support/crash/requests.ts';
import { answerOf, refusedStart, smallCompany } from '../support/crash/small-company.ts';
import { print } from '../support/crash/tally.ts';

const memory = diskOrReason('tmpfs');
const failing = diskOrReason('ext4');
for (const disks of [memory, failing]) {
  if (typeof disks === 'string') print(`read-only.test.ts: ${disks}`);
}
const MEGABYTE = 2 ** 20;
const WAIT = { timeout: 60_000, interval: 100 };
const ANN = { displayName: 'Ann', formatted: 'Ann', email: 'ann@example.com', active: true };

function mount(disks: typeof memory, bytes: number) {
  if (typeof disks === 'string') throw new Error(disks);
  return disks.mount(bytes);
}

describe.skipIf(typeof memory === 'string')('a file system that is read-only at the start', () => {
  it.each([
    ['without a database', false],
    ['with one', true],
  ])('is refused with what to do, %s', async (_, hasDatabase) => {
    const disk = mount(memory, 16 * MEGABYTE);
    const company = await smallCompany(join(disk.folder, 'data'));
    if (hasDatabase) {
      const usher = await company.start();
      await usher.provider.createUser({ userName: 'ann' });
      await usher.end('SIGKILL');
    }
    disk.mountReadOnly();

    const told = await refusedStart(company.env);

    expect(told).toMatch(
      /^Usher ended with 2:\nusher: .*usher\.db may not be written to \(.*[Rr]ead-?only.*Mount the disk for writing/,
    );
    expect(told).not.toMatch(/\n\s+at /);
    disk.mountWritable();
    const usher = await company.start();
    const { body } = await answerOf(usher, 'GET', '/scim/v2/Users');
    expect(body.totalResults).toBe(hasDatabase ? 1 : 0);
    await usher.end();
  });
});

describe.skipIf(typeof failing === 'string')('a file system that becomes read-only', () => {
  it('lets Usher answer 503 and go on reading; nobody is removed, and after it is mended all goes on', async () => {
    const disk = mount(failing, 32 * MEGABYTE);
    const company = await smallCompany(join(disk.folder, 'data'));
    const usher = await company.start();
    const ann = await usher.provider.createUser({ userName: 'ann' });
    const bob = await usher.provider.createUser({ userName: 'bob' });
    const group = await usher.provider.createGroup('Engineering', 'ext-eng', [ann, bob]);
    await vi.waitFor(async () => expect(await company.inRoom()).toEqual(['ann', 'bob']), WAIT);

    disk.fail();
    const answers = [
      await answerOf(usher, 'POST', '/scim/v2/Users', userBody('cem', ANN)),
      await answerOf(usher, 'PUT', `/scim/v2/Users/${ann}`, userBody('ann', ANN)),
      await answerOf(usher, 'DELETE', `/scim/v2/Groups/${group}`),
      await answerOf(usher, 'DELETE', `/scim/v2/Users/${bob}`),
    ];

    for (const { status, retryAfter, body } of answers) {
      expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: '30' });
      expect(body.detail).toMatch(/^The database of Usher can't be used now: its disk fails|may not be/);
    }
    const { status, body } = await answerOf(usher, 'GET', `/scim/v2/Groups/${group}`);
    expect([status, body.members?.length]).toEqual([200, 2]);
    expect((await answerOf(usher, 'GET', '/healthz')).status).toBe(200);
    const unready = await answerOf(usher, 'GET', '/readyz');
    expect([unready.status, unready.body.components.database.status]).toEqual([503, 'failed']);
    expect(unready.body.components.database.detail).toMatch(/log of the kernel/);
    const told = usher
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    expect(told.map((line) => JSON.parse(line).msg)).toEqual(['database can not be used']);
    expect(company.kicks()).toBe(0);
    await usher.end('SIGKILL');
    expect(await refusedStart(company.env)).toMatch(/^Usher ended with 2:\nusher: .*log of the kernel/);

    disk.mend();
    const again = await company.start();
    const { body: list } = await answerOf(again, 'GET', '/scim/v2/Users');
    expect(list.totalResults).toBe(2);
    await again.provider.removeMembers(group, bob);
    await vi.waitFor(async () => expect(await company.inRoom()).toEqual(['ann']), WAIT);
    await again.end();
    print(`disk failed while running: ${answers.length} requests refused`);
  });
});
