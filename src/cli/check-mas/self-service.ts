import { type Finding, ok, warning } from '../../desk/finding.ts';
import { isAtLeast, type Release, SINCE } from '../../mas/release.ts';
import { readSiteConfig, type SiteConfig } from '../../mas/site-config.ts';
import type { RestClient } from '../../rest/client.ts';
import { pasted } from '../check-report.ts';

const SUBJECT = 'self-service';

type Freedom = { readonly may: string; readonly meaning: string; readonly setting: string };

/** What people may do to their own accounts in MAS that undoes what Usher does. */
export async function* checkSelfService(client: RestClient, release: Release): AsyncGenerator<Finding> {
  if (!isAtLeast(release, SINCE.providers)) {
    yield ok(SUBJECT, "it can't be looked at, for MAS before 1.3 does not tell what people may change");
    return;
  }
  const freedoms = freedomsIn(await readSiteConfig(client));
  if (freedoms.length === 0) {
    yield ok(SUBJECT, 'people can not delete their accounts in MAS, nor change names and e-mail addresses');
    return;
  }
  yield warning(SUBJECT, {
    found: `in MAS, people may ${freedoms.map(({ may }) => may).join(', ')}`,
    meaning: freedoms.map(({ meaning }) => meaning).join(' '),
    remedy: `put this into the configuration of MAS, and restart it:${pasted(`
account:
${freedoms.map(({ setting }) => `  ${setting}: false`).join('\n')}`)}`,
  });
}

function freedomsIn({ mayDeactivate, mayChangeDisplayName, mayChangeEmail }: SiteConfig): readonly Freedom[] {
  return [
    ...(mayDeactivate
      ? [
          {
            may: 'delete their accounts',
            meaning: 'Usher gives no account back that somebody else deactivated.',
            setting: 'account_deactivation_allowed',
          },
        ]
      : []),
    ...(mayChangeDisplayName
      ? [
          {
            may: 'change their display names',
            meaning: 'A name is set back at the next full pass.',
            setting: 'displayname_change_allowed',
          },
        ]
      : []),
    ...(mayChangeEmail
      ? [
          {
            may: 'change their e-mail addresses',
            meaning: 'An address is put right only when Usher looks at her for another reason.',
            setting: 'email_change_allowed',
          },
        ]
      : []),
  ];
}
