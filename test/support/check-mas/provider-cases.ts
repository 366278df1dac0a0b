import { byHand, type Case, type Spoil } from './stage.ts';

const UNKNOWN = '01HFVBY12TMNTYTBV8W921M5FA';

const NO_LINKS = `
      it means: accounts can not be linked to the people of the identity provider, so Usher makes none; who signs in would get another one.`;

const byIssuer: Spoil = (homeserver) => ({
  ...byHand(homeserver),
  ...{ MAS_UPSTREAM_PROVIDER_ID: '', MAS_UPSTREAM_ISSUER: 'https://idp.example' },
});

/** The upstream provider of the settings. */
export const PROVIDER: readonly Case[] = [
  {
    title: 'MAS 1.2, and the provider by its issuer',
    options: { version: '1.2.0' },
    spoil: byIssuer,
    said: [
      `FAIL  MAS_UPSTREAM_ISSUER: MAS (between 0.20 and 1.2) does not tell which upstream providers it has, as it does from 1.3 on${NO_LINKS}
      to do:    set MAS_UPSTREAM_PROVIDER_ID to the "id" in its configuration, in place of MAS_UPSTREAM_ISSUER.`,
    ],
  },
  {
    title: 'the id of the provider is unknown',
    spoil: (homeserver) => ({ ...byHand(homeserver), MAS_UPSTREAM_PROVIDER_ID: UNKNOWN }),
    said: [
      `FAIL  MAS_UPSTREAM_PROVIDER_ID: MAS knows no upstream provider ${UNKNOWN}${NO_LINKS}
      to do:    set MAS_UPSTREAM_PROVIDER_ID (and not MAS_UPSTREAM_ISSUER) to the id of one of these:
        PROVIDER (IdP, issuer https://idp.example/)
        OTHER (Another, without an issuer)`,
    ],
  },
  {
    title: 'the provider is disabled',
    spoil(homeserver) {
      homeserver.mas.upstream.disableProvider(homeserver.providerId);
      return byHand(homeserver);
    },
    said: [
      `FAIL  MAS_UPSTREAM_PROVIDER_ID: PROVIDER (IdP, issuer https://idp.example/) is disabled in MAS
      it means: nobody can sign in by it, and so to the accounts that Usher makes.
      to do:    put it into the configuration of MAS again with all that it had, or set "enabled", and restart MAS:
        upstream_oauth2:
          providers:
            - id: PROVIDER
              enabled: true
      If another provider has taken its place, set MAS_UPSTREAM_PROVIDER_ID to the id of that one.`,
    ],
  },
  {
    title: 'the provider that is to be found by its issuer has none',
    options: { provider: { humanName: 'Authentik' } },
    spoil: byIssuer,
    said: [
      `FAIL  MAS_UPSTREAM_ISSUER: MAS has no enabled upstream provider with the issuer https://idp.example${NO_LINKS}
      to do:    set MAS_UPSTREAM_PROVIDER_ID (and not MAS_UPSTREAM_ISSUER) to the id of one of these:
        PROVIDER (Authentik, without an issuer)
        OTHER (Another, without an issuer)`,
    ],
  },
];
