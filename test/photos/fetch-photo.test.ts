import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isNotLocal } from '../../src/photos/allowed-host.ts';
import { createPhotoFetcher, MAX_PHOTO_BYTES } from '../../src/photos/fetch-photo.ts';
import { imageTypeOf, isImageType } from '../../src/photos/image-type.ts';
import { GIF, JPEG, PNG, WEBP } from '../support/images.ts';

const PNG_HEADERS = { 'content-type': 'image/png' };

/** A server for photos on loopback; resolves with its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fetchPhoto = createPhotoFetcher({ isAllowed: () => true });

describe('a photo', () => {
  it.each([
    ['image/png', PNG],
    ['image/jpeg', JPEG],
    ['image/gif', GIF],
    ['image/webp', WEBP],
  ])('is fetched as %s', async (contentType, bytes) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-type': contentType }).end(bytes),
    );

    const answer = await fetchPhoto(`${url}/ann?token=hush`);

    expect(answer).toEqual({ kind: 'image', image: { bytes: Buffer.from(bytes), contentType } });
  });

  it.each(['image/jpg', 'Image/JPEG; charset=binary', 'image/png'])(
    'has the type of its bytes when the server calls it %s',
    async (contentType) => {
      const url = await serve((_, response) =>
        response.writeHead(200, { 'content-type': contentType }).end(JPEG),
      );

      expect(await fetchPhoto(url)).toMatchObject({ kind: 'image', image: { contentType: 'image/jpeg' } });
    },
  );

  it('is asked for without credentials, also by a redirect to an address that has some', async () => {
    const seen: IncomingMessage[] = [];
    const url = await serve((request, response) => {
      seen.push(request);
      const location = `http://ann:hush@${request.headers.host}/real`;
      if (request.url === '/') response.writeHead(302, { location, 'set-cookie': 'a=b' }).end();
      else response.writeHead(200, PNG_HEADERS).end(PNG);
    });

    const answer = await fetchPhoto(url.replace('//', '//bob:hush@'));

    expect(answer.kind).toBe('image');
    expect(seen.map((request) => request.url)).toEqual(['/', '/real']);
    for (const { headers } of seen) {
      expect(Object.keys(headers).toSorted()).toEqual(['accept', 'connection', 'host', 'user-agent']);
    }
  });

  it('may be three redirects away, and not four', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(307, { location: `/${left - 1}` }).end();
      else response.writeHead(200, PNG_HEADERS).end(PNG);
    });

    expect(await fetchPhoto(`${url}/3`)).toMatchObject({ kind: 'image' });
    expect(await fetchPhoto(`${url}/4`)).toEqual({
      kind: 'unusable',
      reason: `${new URL(url).host} redirects more than 3 times`,
    });
  });

  it.each([
    ['base64,', 'image'],
    ['charset=utf-8;base64,', 'image'],
    [',', 'unusable'],
  ] as const)('in the address itself (%s) is %s', async (encoding, kind) => {
    const uri = `data:image/png;${encoding}${encodeURIComponent(Buffer.from(PNG).toString('base64'))}`;

    expect(await fetchPhoto(uri)).toMatchObject(
      kind === 'image'
        ? { kind, image: { bytes: Buffer.from(PNG), contentType: 'image/png' } }
        : { kind, reason: 'its address is not an image in base64' },
    );
  });
});

describe('a photo that can not be used', () => {
  const large = Buffer.concat([PNG, Buffer.alloc(MAX_PHOTO_BYTES)]);

  it.each<[string, RequestListener, string, RegExp]>([
    ['is not there', (_, response) => response.writeHead(404).end(), 'unusable', /answers 404$/],
    ['is forbidden', (_, response) => response.writeHead(403).end(), 'unusable', /answers 403$/],
    ['is no content', (_, response) => response.writeHead(204).end(), 'unusable', /answers 204$/],
    [
      'is said to be a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PNG),
      'unusable',
      /is not a PNG, JPEG, GIF or WebP$/,
    ],
    [
      'has no type',
      (_, response) => response.writeHead(200).end(PNG),
      'unusable',
      /is not a PNG, JPEG, GIF or WebP$/,
    ],
    [
      'is a page that is said to be an image',
      (_, response) => response.writeHead(200, PNG_HEADERS).end('<svg onload="alert(1)"/>'),
      'unusable',
      /^it is not a PNG, JPEG, GIF or WebP$/,
    ],
    [
      'is nothing',
      (_, response) => response.writeHead(200, PNG_HEADERS).end(),
      'unusable',
      /^it is not a PNG/,
    ],
    [
      'is announced to be too large',
      (_, response) => response.writeHead(200, { ...PNG_HEADERS, 'content-length': large.length }).end(large),
      'unusable',
      /^it is larger than 5 MiB$/,
    ],
    ['leads to nowhere', (_, response) => response.writeHead(302).end(), 'unusable', /redirects to nowhere$/],
    [
      'leads to a file',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'unusable',
      /^file: is not an address/,
    ],
    [
      'leads to data',
      (_, response) => response.writeHead(302, { location: 'data:image/png;base64,AA==' }).end(),
      'unusable',
      /^data: is not an address/,
    ],
    ['is throttled', (_, response) => response.writeHead(429).end(), 'failed', /answers 429$/],
    ['is out of order', (_, response) => response.writeHead(503).end(), 'failed', /answers 503$/],
    [
      'breaks off before the answer',
      (request) => request.socket.destroy(),
      'failed',
      /does not answer \(ECONNRESET\)$/,
    ],
    [
      'breaks off in the middle',
      (request, response) => {
        response.writeHead(200, { ...PNG_HEADERS, 'content-length': 1000 }).write(PNG);
        setTimeout(() => request.socket.destroy(), 20);
      },
      'failed',
      /does not answer \(\w+\)$/,
    ],
  ])('since it %s', async (_title, answer, kind, reason) => {
    const url = await serve(answer);

    const told = await fetchPhoto(`${url}/ann?token=hush`);

    expect(told).toEqual({ kind, reason: expect.stringMatching(reason) });
    expect(JSON.stringify(told)).not.toContain('hush');
  });

  it('is not read beyond the limit', async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      response.writeHead(200, PNG_HEADERS).write(PNG);
      const block = Buffer.alloc(256 * 1024);
      const more = (): void => {
        if (response.destroyed) return;
        sent += block.length;
        response.write(block, more);
      };
      more();
    });

    expect(await fetchPhoto(url)).toEqual({ kind: 'unusable', reason: 'it is larger than 5 MiB' });
    const atTheEnd = sent;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent - atTheEnd).toBeLessThan(8 * MAX_PHOTO_BYTES);
    expect(sent).toBeLessThan(10 * MAX_PHOTO_BYTES);
  });

  it('takes no longer than the time-out, headers or not', async () => {
    const patient = createPhotoFetcher({ isAllowed: () => true, timeoutMs: 100 });
    const silent = await serve(() => {});
    const slow = await serve((_, response) => response.writeHead(200, PNG_HEADERS).write(PNG));

    for (const url of [silent, slow]) {
      expect(await patient(url)).toEqual({
        kind: 'failed',
        reason: `${new URL(url).host} does not answer (ETIMEDOUT)`,
      });
    }
  });

  it('is one whose server is not there, and it may be later', async () => {
    expect(await fetchPhoto('http://127.0.0.1:1/ann')).toEqual({
      kind: 'failed',
      reason: '127.0.0.1:1 does not answer (ECONNREFUSED)',
    });
  });

  it.each(['nonsense', 'mxc://usher.test/a', 'file:///etc/passwd', 'data:text/html;base64,AA=='])(
    'is %s',
    async (uri) => {
      expect(await fetchPhoto(uri)).toMatchObject({ kind: 'unusable' });
    },
  );

  it('is one in an address that is too long', async () => {
    const uri = `data:image/png;base64,${large.toString('base64')}`;
    expect(await fetchPhoto(uri)).toEqual({ kind: 'unusable', reason: 'it is larger than 5 MiB' });
  });
});

describe('a photo of this machine', () => {
  const careful = createPhotoFetcher({ isAllowed: isNotLocal });

  it('is not fetched, neither by its address nor by a redirect', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(200, PNG_HEADERS).end(PNG);
    });
    const { port } = new URL(url);
    const leading = await serve((_, response) =>
      response.writeHead(302, { location: `http://localhost:${port}/` }).end(),
    );
    const onlyFirst = createPhotoFetcher({ isAllowed: (host) => host === '127.0.0.1' });

    for (const address of [
      url,
      `http://localhost:${port}/`,
      `http://[::1]:${port}/`,
      `http://2130706433:${port}/`,
      `http://0x7f000001:${port}/`,
      `http://0x7f.1:${port}/`,
      `http://0177.0.0.1:${port}/`,
      `http://127.1:${port}/`,
      `http://127.0.0.1.:${port}/`,
      `http://①②⑦.⓪.⓪.①:${port}/`,
      `http://0:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://[::ffff:7f00:1]:${port}/`,
      `http://[64:ff9b::127.0.0.1]:${port}/`,
      `http://LocalHost.:${port}/`,
      `http://ann@127.0.0.1:${port}/`,
      `http://example.com@127.0.0.1:${port}/`,
      `http:\\\\127.0.0.1:${port}/`,
    ]) {
      expect(await careful(address)).toMatchObject({
        kind: 'unusable',
        reason: expect.stringMatching(/is this machine or link-local, and nothing is fetched there$/),
      });
    }
    expect(await onlyFirst(leading)).toMatchObject({ kind: 'unusable' });
    expect(asked).toBe(0);
  });

  it('is not fetched by a name that leads there', async () => {
    const url = await serve((_, response) => response.writeHead(200, PNG_HEADERS).end(PNG));
    const onlyNames = createPhotoFetcher({ isAllowed: (host) => host === 'localhost' });

    expect(await onlyNames(url.replace('127.0.0.1', 'localhost'))).toEqual({
      kind: 'unusable',
      reason: expect.stringMatching(/^localhost:\d+ is this machine or link-local/),
    });
  });

  it('is not fetched by a name that leads there now and led elsewhere before', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(200, { ...PNG_HEADERS, connection: 'close' }).end(PNG);
    });
    const rebound = url.replace('127.0.0.1', 'localhost');
    let isSafe = true;
    const fetcher = createPhotoFetcher({ isAllowed: (host) => host === 'localhost' || isSafe });
    expect(await fetcher(rebound)).toMatchObject({ kind: 'image' });
    isSafe = false;
    const { kind } = await fetcher(rebound);
    expect([kind, asked]).toEqual(['unusable', 1]);
  });

  it.each([
    ['127.0.0.1', false],
    ['127.8.9.1', false],
    ['0.0.0.0', false],
    ['169.254.169.254', false],
    ['::1', false],
    ['::', false],
    ['fe80::1', false],
    ['febf::1', false],
    ['::ffff:7f00:1', false],
    ['::ffff:169.254.169.254', false],
    ['fd00:ec2::254', false],
    ['fe80::1%eth0', false],
    ['::ffff:127.0.0.1', false],
    ['::127.0.0.1', false],
    ['::ffff:0:127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['64:ff9b::169.254.169.254', false],
    ['64:ff9b:1::a9fe:a9fe', false],
    ['2002:7f00:1::', false],
    ['2002:a9fe:a9fe::1', false],
    ['100.100.100.200', false],
    ['168.63.129.16', false],
    ['192.0.0.192', false],
    ['fd20:ce::254', false],
    ['localhost', false],
    ['LOCALHOST.', false],
    ['db.localhost', false],
    ['64:ff9b::8.8.8.8', true],
    ['64:ff9b::10.0.0.1', true],
    ['2002:808:808::1', true],
    ['100.64.0.1', true],
    ['128.0.0.1', true],
    ['10.0.0.1', true],
    ['192.168.1.1', true],
    ['172.16.0.1', true],
    ['fd00::1', true],
    ['2001:db8::1', true],
    ['example.com', true],
    ['notlocalhost', true],
    ['localhost.example.com', true],
  ])('would be at %s: allowed is %s', (host, isAllowed) => {
    expect(isNotLocal(host)).toBe(isAllowed);
  });
});

describe('the type of an image', () => {
  it.each([
    [PNG, 'image/png'],
    [JPEG, 'image/jpeg'],
    [GIF, 'image/gif'],
    [Buffer.from('GIF87a…'), 'image/gif'],
    [WEBP, 'image/webp'],
    [Buffer.from('RIFF\n\n\n\nWEBP', 'latin1'), 'image/webp'],
    [Buffer.from('RIFF0000WAVE'), undefined],
    [Buffer.from('<svg/>'), undefined],
    [Buffer.from(' GIF89a'), undefined],
    [Buffer.from([0xff, 0xd8]), undefined],
    [Buffer.alloc(0), undefined],
  ])('is in the first bytes', (bytes, type) => {
    expect(imageTypeOf(bytes)).toBe(type);
  });

  it.each([
    ['image/png', true],
    ['IMAGE/WEBP; q=1', true],
    ['image/svg+xml', false],
    ['image/pngx', false],
    ['application/octet-stream', false],
    ['', false],
  ])('%j may be said: %s', (contentType, isOne) => {
    expect(isImageType(contentType)).toBe(isOne);
  });
});
