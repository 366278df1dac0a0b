/** As `/api/v1/tokens` answers. Times are RFC 3339. */
export type Token = {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly scopes: readonly string[];
  readonly networks: readonly string[];
  readonly created: string;
  readonly expires: string | null;
  readonly isDisabled: boolean;
  readonly secrets: readonly {
    readonly created: string;
    readonly expires: string | null;
    readonly lastUsed: string | null;
    readonly lastUsedFrom: string | null;
  }[];
};

export type IssuedToken = { readonly token: Token; readonly secret: string };

export const SCOPES = [
  { scope: 'scim', allows: 'push people and groups: for an identity provider' },
  { scope: 'scim:read', allows: 'read them by SCIM' },
  { scope: 'metrics', allows: 'read the metrics: for Prometheus' },
  { scope: 'admin', allows: 'all that can be done here' },
  { scope: 'admin:read', allows: 'look at all that is shown here, and change nothing' },
] as const;

/** The newest use of any of its secrets. */
export function lastUseOf({
  secrets,
}: Token): { readonly at: string; readonly from: string | null } | undefined {
  const uses = secrets.flatMap(({ lastUsed, lastUsedFrom }) =>
    lastUsed === null ? [] : [{ at: lastUsed, from: lastUsedFrom }],
  );
  return uses.toSorted((a, b) => b.at.localeCompare(a.at))[0];
}

export function stateOf({ isDisabled, expires }: Token, now: number): 'good' | 'disabled' | 'expired' {
  if (isDisabled) return 'disabled';
  return expires !== null && Date.parse(expires) <= now ? 'expired' : 'good';
}
