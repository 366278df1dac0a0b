import { ERROR } from './urns.ts';

/** Which detail keyword may stand beside which status: RFC 7644 §3.12, table 9, and §3.3 for 409. */
const SCIM_TYPES = {
  400: [
    'invalidFilter',
    'tooMany',
    'mutability',
    'invalidSyntax',
    'invalidPath',
    'noTarget',
    'invalidValue',
    'invalidVers',
  ],
  401: [],
  403: ['sensitive'],
  404: [],
  405: [],
  408: [],
  409: ['uniqueness'],
  412: [],
  413: [],
  415: [],
  429: [],
  431: [],
  500: [],
  501: [],
  503: [],
} as const;

export type ScimStatus = keyof typeof SCIM_TYPES;
export type ScimType<Status extends ScimStatus = ScimStatus> = (typeof SCIM_TYPES)[Status][number];

/** An answer to the provider. `detail` is for people and is shown to the client: no secrets, no internals. */
export class ScimError<Status extends ScimStatus = ScimStatus> extends Error {
  override readonly name = 'ScimError';
  readonly status: Status;
  readonly scimType: ScimType<Status> | undefined;

  constructor(status: Status, scimType: ScimType<Status> | undefined, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.status = status;
    this.scimType = scimType;
  }
}

/** The two refusals that readers of bodies have most use for. */
export function invalidSyntax(detail: string, cause?: unknown): ScimError {
  return new ScimError(400, 'invalidSyntax', detail, cause);
}

export function invalidValue(detail: string, cause?: unknown): ScimError {
  return new ScimError(400, 'invalidValue', detail, cause);
}

export type ErrorBody = {
  readonly schemas: readonly [typeof ERROR];
  /** A string, although a number elsewhere (RFC 7644 §3.12). */
  readonly status: string;
  readonly scimType?: ScimType;
  readonly detail: string;
};

export function errorBody({ status, scimType, message }: ScimError): ErrorBody {
  return {
    schemas: [ERROR],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: message,
  };
}

/** Narrows a status that came from elsewhere (the router, the body parser) to one that we answer with. */
export function isScimStatus(status: number): status is ScimStatus {
  return Object.hasOwn(SCIM_TYPES, status);
}
