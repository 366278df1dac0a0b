import { Page } from '../page.tsx';
import { to } from '../places.ts';
import { Empty } from '../states.tsx';

export function NotFoundPage(_: { readonly default?: boolean }) {
  return (
    <Page title="There is no such page">
      <Empty>
        The address leads nowhere. <a href={to('')}>The overview</a> leads everywhere.
      </Empty>
    </Page>
  );
}
