import { describe, expect, it } from 'vitest';
import { check, startSoundMas } from '../support/check-mas/stage.ts';
import type { WithMas } from '../support/homeserver/with-mas.ts';
import { type Env, startUsher } from '../support/usher.ts';

const HASH = '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8';
const UUID = '0b9e5c1e-6f0a-4f43-9c55-0f0c2a7c1d11';

/** Before Usher has linked anybody. */
const AT_FIRST = { DRY_RUN: 'true' };

/** Somebody who signed in by herself, before Usher knew her. */
function signIn({ mas, providerId }: WithMas, name: string, subject: string): void {
  mas.signIn(providerId, { subject, username: name });
}

/** What `usher check` says of subjects, when these people were pushed after that, and Usher did so much. */
async function subjectsOf(
  homeserver: WithMas,
  people: Readonly<Record<string, string>>,
  env: Env = {},
): Promise<string> {
  const running = await startUsher(homeserver, {}, { env });
  for (const [userName, externalId] of Object.entries(people))
    await running.provider.createUser({ userName, externalId });
  await running.settle();
  await running.close();
  const { findings } = await check(homeserver, {}, `${running.dataDir}/..`);
  return findings.filter((finding) => / subjects: /.test(finding)).join('\n');
}

describe('usher check, on what MAS takes for a subject', () => {
  it('is content if who signed in before has her externalId for it', async () => {
    const homeserver = await startSoundMas();
    signIn(homeserver, 'ann', HASH);
    expect(await subjectsOf(homeserver, { ann: HASH, bob: UUID }, AT_FIRST)).toBe(
      'ok    subjects: of 1 person with a link that Usher did not make, the subject of each is the externalId',
    );
  });

  it('tells of what kind each of both is, and neither of them', async () => {
    const homeserver = await startSoundMas();
    signIn(homeserver, 'ann', HASH);
    signIn(homeserver, 'cyd', 'sub-of-cyd');
    expect(
      await subjectsOf(homeserver, { ann: UUID, bob: UUID.replace('0', '1'), cyd: 'sub-of-cyd' }, AT_FIRST),
    ).toBe(
      `warn  subjects: the subject is not the externalId for 1 of 2 people with a link that Usher did not make: of @ann:usher.test, the subject is 64 hexadecimal digits, and the externalId a UUID
      it means: unless these are other people of the same names, people who sign in by SSO would not get the accounts that Usher makes.
      to do:    have both be the same value. What MAS takes is in its configuration, by default the "sub" of the login:
        upstream_oauth2:
          providers:
            - id: PROVIDER
              claims_imports:
                subject:
                  template: "{{ user.sub }}"
      What is pushed as externalId is set in the identity provider: docs/matrix-authentication-service.md#who-somebody-is`,
    );
  });

  it.each([
    [
      HASH,
      HASH.toUpperCase(),
      '64 hexadecimal digits, and the externalId the same but for small and capital letters',
    ],
    [UUID, UUID.replace('0', '1'), 'a UUID, and the externalId another one, a UUID too'],
    ['ann@example.com', '4711', 'an e-mail address, and the externalId a number'],
    ['00u1abcd', HASH.slice(32), 'a text of 8 letters, and the externalId 32 hexadecimal digits'],
  ])('tells %s from %s', async (subject, externalId, said) => {
    const homeserver = await startSoundMas();
    signIn(homeserver, 'ann', subject);
    expect(await subjectsOf(homeserver, { ann: externalId })).toContain(`the subject is ${said}\n`);
  });

  it('does not take its own links, nor those of other providers, for evidence', async () => {
    const homeserver = await startSoundMas();
    const { mas, otherProvider = '' } = homeserver;
    const ann = mas.register('ann');
    mas.upstream.addLink({ providerId: otherProvider, subject: 'x', humanAccountName: undefined }, ann);
    expect(await subjectsOf(homeserver, { ann: HASH, bob: UUID })).toBe(
      'ok    subjects: nobody has a link that Usher did not make, so there is nothing to compare with the externalId',
    );
  });
});
