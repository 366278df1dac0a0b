import type { RestClient } from '../rest/client.ts';
import { flag, object, text } from '../rest/read.ts';

/** What an admin chose in the configuration of MAS (MAS 1.3 and later). */
export type SiteConfig = {
  readonly serverName: string;
  /** Whether people may delete their own accounts. */
  readonly mayDeactivate: boolean;
  readonly mayChangeDisplayName: boolean;
  readonly mayChangeEmail: boolean;
};

export async function readSiteConfig(client: RestClient): Promise<SiteConfig> {
  const found = object(
    await client.call({ method: 'GET', route: '/api/admin/v1/site-config' }),
    'site-config',
  );
  return {
    serverName: text(found.server_name, 'server_name'),
    mayDeactivate: flag(found.account_deactivation_allowed, 'account_deactivation_allowed'),
    mayChangeDisplayName: flag(found.displayname_change_allowed, 'displayname_change_allowed'),
    mayChangeEmail: flag(found.email_change_allowed, 'email_change_allowed'),
  };
}
