type Part = { readonly mutate: readonly string[]; readonly tests: readonly string[] };

/** What is changed, and the tests that have to notice: those that are near it, and quick. */
export const PARTS = {
  plan: { mutate: ['src/plan/**/*.ts'], tests: ['test/plan/**/*.test.ts'] },
  scim: {
    mutate: [
      'src/scim/patch*.ts',
      'src/scim/filter.ts',
      'src/scim/{evaluate,comparison,path,attribute-path,tokens}.ts',
      'src/scim/quirks/{filter,patch}.ts',
    ],
    tests: ['test/scim/{filter,conditions,patch-attributes,patch-members,quirks}.test.ts'],
  },
  guard: {
    mutate: ['src/reconcile/{guard,judge,tallies,holding,pending,leavers}.ts'],
    tests: [
      'test/reconcile/{guard,guard-*,judge,judge-*,pending,leavers}.test.ts',
      'test/cli/plan-holds.test.ts',
    ],
  },
  people: {
    mutate: [
      'src/reconcile/{person-*,executor,maker,holders,account-finder,steps,avatars}.ts',
      'src/reconcile/{backoff,locks,pauses,signal}.ts',
    ],
    tests: [
      'test/reconcile/{person-*,executor,executor-*,maker,holders,account-finder,steps,avatars}.test.ts',
      'test/reconcile/{backoff,locks,pauses,signal,faults,offboarding,names}.test.ts',
    ],
  },
  rooms: {
    mutate: ['src/reconcile/{room-*,power,problem,house,guests,roster,survey,pass,loop,outage,map-watch}.ts'],
    tests: [
      'test/reconcile/{room-*,power,house,guests,roster,survey,survey-*,pass,pass-*,loop,loop-*}.test.ts',
      'test/reconcile/{outage,map-watch,exclusive-rooms,unusable-rooms,levels,made-rooms,faults,due}.test.ts',
      'test/contract/usher-rooms.test.ts',
    ],
  },
} as const satisfies Readonly<Record<string, Part>>;

export function isPart(name: string): name is keyof typeof PARTS {
  return Object.hasOwn(PARTS, name);
}
