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
  reconcile: { mutate: ['src/reconcile/**/*.ts'], tests: ['test/reconcile/**/*.test.ts'] },
} as const satisfies Readonly<Record<string, Part>>;

export function isPart(name: string): name is keyof typeof PARTS {
  return Object.hasOwn(PARTS, name);
}
