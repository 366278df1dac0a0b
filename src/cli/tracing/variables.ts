/** How many of the traces are kept, decided where a trace begins. */
export type Sampling = {
  /** From 0 to 1. */
  readonly ratio: number;
  /** Whether what somebody else decided, or what caused it, goes first. */
  readonly isParentBased: boolean;
};

/** What the batch processor is told; undefined: its default, which is that of the specification. */
export type Batching = {
  readonly scheduledDelayMillis: number | undefined;
  readonly exportTimeoutMillis: number | undefined;
  readonly maxQueueSize: number | undefined;
  readonly maxExportBatchSize: number | undefined;
};

export type TracingSettings = {
  readonly sampling: Sampling;
  readonly batching: Batching;
  /** Whether a `traceparent` is taken and given. */
  readonly propagates: boolean;
};

type Environment = Readonly<Record<string, string | undefined>>;

const SAMPLERS: Readonly<Record<string, 'on' | 'off' | 'ratio'>> = {
  always_on: 'on',
  always_off: 'off',
  traceidratio: 'ratio',
};
const PARENT_BASED = 'parentbased_';

/**
 * Reads the variables that OpenTelemetry gives all programs, as far as nobody else does: where to send and by which headers is
 * read by the exporter, what to say of ourselves by the SDK. `settings` is undefined if nobody asked for traces. As the
 * specification wants it, what can't be used is told (`notices`) and stops nothing.
 */
export function readTracing(env: Environment): {
  readonly settings: TracingSettings | undefined;
  readonly notices: readonly string[];
} {
  const notices: string[] = [];
  const of = (name: string): string => (env[name] ?? '').trim();
  const tell: Tell = (name, problem) => {
    // The value of an endpoint may hold a password.
    const isSecret = name.endsWith('_ENDPOINT');
    notices.push(isSecret ? `${name}: ${problem}` : `${name} is ${of(name)}: ${problem}`);
  };
  const settings = isWanted(of, tell)
    ? { sampling: samplingIn(of, tell), batching: batchingIn(of, tell), propagates: propagatesIn(of, tell) }
    : undefined;
  return { settings, notices };
}

type Of = (name: string) => string;
type Tell = (name: string, problem: string) => void;

/** The first of the names that has a value; the one for traces goes before the one for everything. */
function given(of: Of, ...names: readonly string[]): string | undefined {
  return names.find((name) => of(name) !== '');
}

function isWanted(of: Of, tell: Tell): boolean {
  if (of('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  const exporters = listIn(of('OTEL_TRACES_EXPORTER') || 'otlp');
  const others = exporters.filter((each) => each !== 'otlp' && each !== 'none');
  if (others.length > 0)
    tell('OTEL_TRACES_EXPORTER', 'Usher has only otlp and none. The others are ignored.');
  if (!exporters.includes('otlp')) return false;
  const endpoint = given(of, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === undefined) {
    if (of('OTEL_TRACES_EXPORTER') !== '')
      tell('OTEL_TRACES_EXPORTER', 'no trace is sent without OTEL_EXPORTER_OTLP_ENDPOINT. Set it.');
    return false;
  }
  if (!isHttp(of(endpoint))) {
    tell(endpoint, 'it is to be a URL that begins with http:// or https://. No trace is sent.');
    return false;
  }
  const protocol = given(of, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol === undefined || of(protocol) === 'http/protobuf') return true;
  const isHttpToo = of(protocol) === 'http/json';
  const outcome = isHttpToo
    ? 'It is used, as who takes the one takes the other.'
    : `No trace is sent. Set ${protocol}=http/protobuf, and the endpoint to that of OTLP/HTTP (port 4318).`;
  tell(protocol, `Usher speaks http/protobuf. ${outcome}`);
  return isHttpToo;
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function listIn(text: string): readonly string[] {
  return text.split(',').map((each) => each.trim());
}

function samplingIn(of: Of, tell: Tell): Sampling {
  const name = of('OTEL_TRACES_SAMPLER') || `${PARENT_BASED}always_on`;
  const isParentBased = name.startsWith(PARENT_BASED);
  const bare = isParentBased ? name.slice(PARENT_BASED.length) : name;
  const sampler = Object.hasOwn(SAMPLERS, bare) ? SAMPLERS[bare] : undefined;
  if (sampler === undefined) {
    const known = Object.keys(SAMPLERS).join(', ');
    tell('OTEL_TRACES_SAMPLER', `it may be ${known}, each also after ${PARENT_BASED}. All traces are kept.`);
    return { ratio: 1, isParentBased: true };
  }
  if (sampler !== 'ratio') return { ratio: sampler === 'on' ? 1 : 0, isParentBased };
  const argument = of('OTEL_TRACES_SAMPLER_ARG');
  const ratio = argument === '' ? 1 : Number(argument);
  if (ratio >= 0 && ratio <= 1) return { ratio, isParentBased };
  tell('OTEL_TRACES_SAMPLER_ARG', 'it is a number from 0 to 1. All traces are kept.');
  return { ratio: 1, isParentBased };
}

function batchingIn(of: Of, tell: Tell): Batching {
  const count = (name: string): number | undefined => {
    const text = of(name);
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    if (text !== '') tell(name, 'it is a whole number above 0. The default is used.');
    return undefined;
  };
  return {
    scheduledDelayMillis: count('OTEL_BSP_SCHEDULE_DELAY'),
    exportTimeoutMillis: count('OTEL_BSP_EXPORT_TIMEOUT'),
    maxQueueSize: count('OTEL_BSP_MAX_QUEUE_SIZE'),
    maxExportBatchSize: count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
  };
}

function propagatesIn(of: Of, tell: Tell): boolean {
  const propagators = listIn(of('OTEL_PROPAGATORS') || 'tracecontext,baggage');
  const others = propagators.filter((each) => !['tracecontext', 'baggage', 'none'].includes(each));
  if (others.length > 0) tell('OTEL_PROPAGATORS', 'Usher has only tracecontext. The others are ignored.');
  return propagators.includes('tracecontext');
}
