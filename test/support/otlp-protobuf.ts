/** A span as it was sent; ids in hex. */
export type ReceivedSpan = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
};

type Field = { readonly no: number; readonly number: number; readonly bytes: Buffer };

/** The fields of a message (Protocol Buffers, "Encoding"). */
function fieldsOf(message: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const no = Math.floor(key / 8);
    const type = key % 8;
    if (type === 0) fields.push({ no, number: varint(), bytes: Buffer.alloc(0) });
    else if (type === 1) fields.push({ no, number: Number.NaN, bytes: take(8) });
    else if (type === 2) fields.push({ no, number: Number.NaN, bytes: take(varint()) });
    else if (type === 5) fields.push({ no, number: Number.NaN, bytes: take(4) });
    else throw new Error(`no Protocol Buffers: field of type ${type}`);
  }
  return fields;
}

const all = (message: Buffer, no: number): readonly Buffer[] =>
  fieldsOf(message).flatMap((field) => (field.no === no ? [field.bytes] : []));
const first = (message: Buffer, no: number): Buffer => all(message, no)[0] ?? Buffer.alloc(0);
const hex = (message: Buffer, no: number): string => first(message, no).toString('hex');

/** `KeyValue` and `AnyValue`: text, truth and whole numbers; others are there, as their bytes. */
function attributesIn(message: Buffer, no: number): Readonly<Record<string, unknown>> {
  const contentOf = ([value]: readonly Field[]): unknown => {
    if (value?.no === 1) return value.bytes.toString();
    if (value?.no === 2) return value.number === 1;
    return value?.no === 3 ? value.number : value?.bytes;
  };
  const entries = all(message, no).map((pair) => [
    first(pair, 1).toString(),
    contentOf(fieldsOf(first(pair, 2))),
  ]);
  return Object.fromEntries(entries);
}

const KINDS: readonly ReceivedSpan['kind'][] = ['other', 'internal', 'server', 'client'];

/** The spans of an `ExportTraceServiceRequest` (opentelemetry-proto, `trace.proto`). */
export function spansIn(request: Buffer): readonly ReceivedSpan[] {
  return all(request, 1).flatMap((ofResource) => {
    const resource = attributesIn(first(ofResource, 1), 1);
    const spans = all(ofResource, 2).flatMap((ofScope) => all(ofScope, 2));
    return spans.map((span) => ({
      name: first(span, 5).toString(),
      traceId: hex(span, 1),
      spanId: hex(span, 2),
      parentId: hex(span, 4),
      kind: KINDS[fieldsOf(span).find(({ no }) => no === 6)?.number ?? 0] ?? 'other',
      isFailed: fieldsOf(first(span, 15)).some(({ no, number }) => no === 3 && number === 2),
      attributes: attributesIn(span, 9),
      resource,
      links: all(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    }));
  });
}
