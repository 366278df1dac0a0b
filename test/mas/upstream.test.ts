import { describe, expect, it } from 'vitest';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

/** A MAS with one provider more than the one of the issuer https://idp.example/. */
const ISSUER = 'https://idp.example/';
const by = (issuer: string) => ({ upstream: { kind: 'issuer', issuer } }) as const;

describe('the upstream provider', () => {
  it.each([ISSUER, 'https://idp.example'])('is found by its issuer, written as %s', async (issuer) => {
    const { masFor, simulated } = await openMasDesk();
    simulated.mas.upstream.addProvider({ issuer: 'https://other.example/' });
    expect(await masFor(by(issuer)).providerId()).toBe(simulated.providerId);
  });

  it('is not guessed when none has the issuer, and all are named', async () => {
    const { masFor, simulated } = await openMasDesk();
    const { id } = simulated.mas.upstream.addProvider({ issuer: undefined });
    await expect(masFor(by('https://idp.example/x')).providerId()).rejects.toMatchObject({
      kind: 'unauthorised',
      message: `MAS has no enabled upstream provider with the issuer https://idp.example/x: set MAS_UPSTREAM_PROVIDER_ID to one of ${simulated.providerId} (IdP), ${id} (without a name)`,
    });
  });

  it('is not guessed when two have the issuer', async () => {
    const { masFor, simulated } = await openMasDesk();
    const { id } = simulated.mas.upstream.addProvider({ issuer: ISSUER });
    await expect(masFor(by(ISSUER)).providerId()).rejects.toThrow(
      `MAS has more than one enabled upstream provider with the issuer ${ISSUER}: set MAS_UPSTREAM_PROVIDER_ID to one of ${simulated.providerId} (IdP), ${id} (${ISSUER})`,
    );
    simulated.mas.upstream.disableProvider(id);
    expect(await masFor(by(ISSUER)).providerId()).toBe(simulated.providerId);
  });

  it('is not found by its issuer while it is disabled, and is when it is enabled again', async () => {
    const { masFor, simulated } = await openMasDesk();
    const mas = masFor(by(ISSUER));
    simulated.mas.upstream.disableProvider(simulated.providerId);
    await expect(mas.providerId()).rejects.toThrow('MAS has no enabled upstream provider');
    const provider = simulated.mas.upstream.provider(simulated.providerId);
    if (provider !== undefined) provider.disabledAt = undefined;
    expect(await mas.providerId()).toBe(simulated.providerId);
  });

  it('of the settings is believed by a MAS that can not list its own, and by no other', async () => {
    const upstream = { kind: 'id', id: '01J44RKQYM4G3TNVANTMTDYTX6' } as const;
    expect(await (await openMasDesk({ version: '1.2.0' })).masFor({ upstream }).providerId()).toBe(
      upstream.id,
    );
    await expect((await openMasDesk()).masFor({ upstream }).providerId()).rejects.toMatchObject({
      kind: 'unauthorised',
      message: expect.stringMatching(/^MAS knows no upstream provider 01J44RKQYM4G3TNVANTMTDYTX6: set /),
    });
  });
});
