/** A route whose variables stand in braces, e.g. `GET /_matrix/client/v3/rooms/{roomId}`, in parts. */
export type Route<Handle> = {
  readonly method: string;
  readonly path: string;
  readonly handle: Handle;
  /** Whether it is the path, which is still encoded. */
  readonly fits: (path: string) => boolean;
  /** What stands in such a path for the variables, decoded. */
  readonly paramsIn: (path: string) => Readonly<Record<string, string>>;
};

/** Keys are a method and a path. */
export function routesOf<Handle>(handlers: Readonly<Record<string, Handle>>): readonly Route<Handle>[] {
  return Object.entries(handlers).map(([route, handle]) => {
    const [method = '', path = ''] = route.split(' ');
    const segments = path.split('/');
    return {
      ...{ method, path, handle },
      fits(given) {
        const parts = given.split('/');
        return (
          parts.length === segments.length &&
          segments.every((segment, index) => isVariable(segment) || segment === parts[index])
        );
      },
      paramsIn(given) {
        const parts = given.split('/');
        const variables = segments.flatMap((segment, index) =>
          isVariable(segment)
            ? [[segment.slice(1, -1), decodeURIComponent(parts[index] ?? '')] as const]
            : [],
        );
        return Object.fromEntries(variables);
      },
    };
  });
}

function isVariable(segment: string): boolean {
  return segment.startsWith('{');
}
