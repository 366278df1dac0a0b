import { Badge } from '../badge.tsx';

export function StandingBadge({ isIn }: { readonly isIn: boolean }) {
  return <Badge kind={isIn ? 'good' : 'plain'}>{isIn ? 'in' : 'not in'}</Badge>;
}
