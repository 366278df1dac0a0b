/** What a version of MAS can do; each was added by the version that is named here. */
export type Features = {
  /** 1.18: `displayname` and `avatar_url` of a new user. */
  readonly profileOfNewUser: boolean;
  /** 1.14: Synapse is told who is locked. */
  readonly tellsLocks: boolean;
  /** 1.5. */
  readonly personalSessions: boolean;
  /** 1.4: `version`, one provider, `finish` of sessions, and `count`. */
  readonly version: boolean;
  /** 1.3: `site-config`, the list of providers, and `filter[search]` of users. */
  readonly siteConfig: boolean;
  /**
   * 0.20: a user is made in Synapse before she is made here, `skip_erase`, and `reactivate`. Before, a deactivation also
   * locked and erased, and `unlock` reactivated.
   */
  readonly reactivation: boolean;
};

/** `version` is like `1.22.0`. */
export function featuresOf(version: string): Features {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const since = (neededMajor: number, neededMinor: number): boolean =>
    major > neededMajor || (major === neededMajor && minor >= neededMinor);
  return {
    profileOfNewUser: since(1, 18),
    tellsLocks: since(1, 14),
    personalSessions: since(1, 5),
    version: since(1, 4),
    siteConfig: since(1, 3),
    reactivation: since(0, 20),
  };
}
